//! Pages: files that are templates, rendered; or the report of why they cannot be.

use std::{cell::RefCell, error::Error as _, iter, sync::Arc};

use minijinja::{Error, Value};

use crate::http::date::HttpDate;
use crate::site::{
    Site,
    cache::{Entry, Kept},
    content_type,
    each::{
        item::Item,
        store::{RowOfPage, with_row},
    },
    files::{dependencies::Dependencies, folder::OpenFile, missed, names::Name},
    metadata::keys,
    naming::FileKind,
    preparation::no_room,
    rebase::rebase,
    report::{self, failure::Failure, help::Circumstances},
    representation::{cache_control, compress::Effort, stored::StoredRepresentation},
    request_context::RequestContext,
    resolution::{Content, Kind, Recipe, Resolution},
    templates::{
        context,
        load_error::LoadError,
        recorder::Recording,
        source::{PlainText, Source, read_text},
    },
    trace,
};

/// A page that cannot be made.
#[derive(Debug)]
pub(crate) struct FailedPage<'a> {
    pub(crate) name: &'a str,
    pub(crate) item: Option<&'a Arc<Item>>,
    /// What its template saw.
    pub(crate) context: &'a Value,
    /// The key of its front matter that was being evaluated.
    pub(crate) key: Option<&'static str>,
}

impl Site {
    /// Makes of a page what it is served as: its text, what it renders to, or the report of
    /// why it cannot be rendered.
    pub(crate) fn page(
        &self,
        file: OpenFile,
        row: Option<RowOfPage>,
        mut dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let is_markdown = self.naming.kind(&file.name) == FileKind::Markdown;
        let aliases = match Source::of(&file, &self.searched) {
            Source::Plain(text) if is_markdown => text.aliases,
            Source::Plain(text)
                if text.is_sent_from_disk()
                    && !self.is_edited()
                    && self.base_path.is_root()
                    && self.naming.is_page(&file.name) =>
            {
                // A long page is sent from the disk like any other large file.
                return self.asset(file, dependencies, asked).if_settled(&text.read);
            }
            Source::Plain(PlainText { html, read, aliases, .. }) => {
                let mut reads = with_row(Recording::of(&read), row.as_ref());
                reads.warnings = self.lost_aliases(&file.name, aliases.as_ref(), asked);
                return self.rendered(file.name, row, html, &reads, dependencies, asked);
            }
            Source::Foreign(reason, read) => {
                return self.untemplated(file, &reason, dependencies, asked).if_settled(&read);
            }
            Source::Template(aliases) => aliases,
        };
        let item = row.as_ref().map(|row| &row.item);
        let moment = self.moment(asked);
        let context = self.context_of(&file.name, item, &moment, asked);
        let (rendered, reads) =
            self.templates.render(asked.folder, &file.name, context.clone(), moment, None);
        let mut reads = with_row(reads, row.as_ref());
        reads.warnings.extend(self.lost_aliases(&file.name, aliases.as_ref(), asked));
        let error = match rendered {
            Ok(_) if reads.enumerates_request => context::not_known("request"),
            Ok(html) => return self.rendered(file.name, row, html, &reads, dependencies, asked),
            Err(error) => error,
        };
        dependencies.extend(&reads.dependencies);
        // Without a line it is the page itself that could not be loaded.
        let load_error = error.source().and_then(|source| source.downcast_ref::<LoadError>());
        match load_error.filter(|_| error.line().is_none()) {
            Some(LoadError::Unreadable(unreadable)) => {
                self.unreadable(unreadable, dependencies, asked)
            }
            // It went away since its route was found.
            _ if reads.dependencies.used().next().is_none()
                && reads.dependencies.missed().eq([file.name.as_str()]) =>
            {
                self.nothing(None, dependencies, asked)
            }
            _ => {
                let page = FailedPage { name: &file.name, item, context: &context, key: None };
                self.failed(&error, &page, &reads, dependencies, asked)
            }
        }
    }

    /// Answers another request for a page whose files have just been checked: renders it, or
    /// answers with its failure. `None` where the page has to be resolved again: it cannot be
    /// loaded, or no longer reads the request or the clock.
    pub(crate) fn page_again(
        &self,
        entry: &Entry,
        asked: RequestContext<'_>,
    ) -> Option<Resolution> {
        let mut dependencies = match asked.is_followed {
            true => (*entry.dependencies).clone(),
            false => Dependencies::default(),
        };
        let page = match &entry.kept {
            Kept::Recipe(Recipe::Template(page)) => page,
            Kept::Recipe(Recipe::Failure(failure)) => {
                let response = failure.response(asked.request.headers.wants_html());
                return Some(Resolution::once(response, Kind::Error, dependencies));
            }
            Kept::Shared(_) => return None,
        };
        if !page.may_fit(&self.preparation.memory) {
            return Some(Resolution::once(no_room(), Kind::Other, dependencies));
        }
        let (name, item) = (&page.name, page.item.as_ref());
        let known = Arc::clone(&entry.dependencies);
        let moment = self.moment(asked);
        let ((context, (rendered, reads)), missed) = missed::record(|| {
            let context = self.context_of(name, item, &moment, asked);
            let templates = &self.templates;
            (context.clone(), templates.render(asked.folder, name, context, moment, Some(known)))
        });
        if asked.folder.has_any(&missed)
            || !self.is_of_one_state(&reads.dependencies, &entry.dependencies, asked)
        {
            return None;
        }
        if asked.is_followed {
            dependencies.extend(&reads.dependencies);
        }
        let made = match rendered {
            Ok(html) if !reads.is_for_all() => {
                page.came_to(html.len() as u64);
                let mut stored = self.store_page(name, html, &reads);
                self.mark_unpublished(
                    name,
                    &reads.dependencies,
                    &mut stored,
                    &mut dependencies,
                    asked,
                );
                Resolution::stored_once(stored, dependencies)
            }
            Err(error) if reads.dependencies.used().next().is_some() => {
                let page = FailedPage { name, item, context: &context, key: None };
                self.failed(&error, &page, &reads, dependencies, asked)
            }
            Ok(_) | Err(_) => return None,
        };
        // It is kept already.
        Some(made.for_this_request())
    }

    /// Whether a page is wholly of the state of the files that was seen as `known`. It is not
    /// where a file was replaced meanwhile, and another page has loaded the new one.
    fn is_of_one_state(
        &self,
        reads: &Dependencies,
        known: &Dependencies,
        asked: RequestContext<'_>,
    ) -> bool {
        // What was not seen then was looked up now, and production looks once a second.
        reads.is_part_of(known)
            || [reads, known].iter().all(|dependencies| {
                dependencies.are_unchanged(asked.now, |name| asked.folder.stamp(name))
            })
    }

    /// Makes a resolution of a page: `html`, of the files in `reads`. One that has read nothing
    /// of the request, and not the clock, is the same for every request, as long as its files stay. Other kinds
    /// of pages come here as well.
    pub(crate) fn rendered(
        &self,
        page: String,
        row: Option<RowOfPage>,
        html: String,
        reads: &Recording,
        mut dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let mut stored = self.store_page(&page, html, reads);
        dependencies.extend(&reads.dependencies);
        self.mark_unpublished(&page, &reads.dependencies, &mut stored, &mut dependencies, asked);
        if !reads.is_for_all() {
            let content =
                Content::Stored(stored, Some(Recipe::template(page, row.map(|row| row.item))));
            let made = Resolution::new(content, Kind::Page, dependencies);
            return Resolution { is_of_moment: reads.uses_clock, ..made };
        }
        let modified = reads.dependencies.last_modified();
        stored.last_modified = modified
            .and_then(|modified| HttpDate::of_last_modification(modified, HttpDate::at(asked.now)));
        Resolution::for_all(stored, dependencies)
    }

    /// Stores what the template `name` has made: HTML, or a text of the type that its name says.
    fn store_page(
        &self,
        name: &str,
        mut html: String,
        reads: &Recording,
    ) -> Box<StoredRepresentation> {
        let content_type = match self.naming.text_of(name) {
            Some(_) => self.naming.content_type(name).for_bytes(html.as_bytes()).value,
            None => content_type::of_html(html.as_bytes(), true),
        };
        let language = self.language_to_rebase(&content_type);
        let rebased = language.map(|language| rebase(&html, language, &self.base_path));
        let rebased = rebased.unwrap_or_default();
        let source = reads.dependencies.source();
        let warning = rebased.warning(source.as_deref().unwrap_or_default(), &self.base_path);
        if let Some(rebased) = rebased.text {
            html = rebased;
        }
        let effort = if reads.is_for_all() { Effort::Kept } else { Effort::Once };
        let mut stored =
            Box::new(StoredRepresentation::new(content_type, html.into_bytes(), true, effort));
        (stored.note.source, stored.note.message) = (source, reads.message_with(warning));
        stored.cache_control = cache_control::of_page(reads.uses_request, self.production);
        stored
    }

    /// Serves a page as it is that holds no tags and cannot be a template, with a message
    /// at the terminal.
    fn untemplated(
        &self,
        file: OpenFile,
        reason: &LoadError,
        dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let what = match reason {
            LoadError::NotUtf8 { .. } => "save it as UTF-8",
            _ => "make it smaller",
        };
        let message = format!(
            "warning: {reason}: it is served as it is, and not as a template; {what}, or name it \
             in `templates.exclude`"
        );
        let mut made = self.asset(file, dependencies, asked);
        made.say(message);
        made
    }

    /// Answers with the report of the error that rendering a page ended in. That is the same
    /// for every request unless the render read the request or the clock.
    pub(crate) fn failed(
        &self,
        error: &Error,
        page: &FailedPage<'_>,
        reads: &Recording,
        mut dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let listed = RefCell::new(None);
        let template_names = |name: &str| {
            let names = self.names.templates(asked.folder, name, asked.now);
            *listed.borrow_mut() = Some(Arc::clone(&names));
            names
        };
        let missing = reads.dependencies.missed().next_back();
        let place_of_key = |key: &str| {
            let file = asked.folder.open_file(page.name).ok()?.into_file()?;
            keys::place_of(page.name, &read_text(&file).ok()?, key)
        };
        let has_partials = || {
            let uses_another = reads.dependencies.used().nth(1).is_some();
            let is_partial = |name: &Name| self.naming.is_partial(&name.file);
            uses_another || template_names(page.name).names().iter().any(is_partial)
        };
        let circumstances = Circumstances {
            context: page.context,
            missing,
            evaluated: page.key,
            place_of_key: &place_of_key,
            template_names: &template_names,
            has_partials: &has_partials,
        };
        let report = report::explain(error, page.name, &circumstances);
        trace::failed(&report);
        let html = (!self.production)
            .then(|| report::html(&report, asked.folder.path(), self.editor.as_deref()));
        let text = format!("error: {report}\n");
        let failure = Failure { text, html, source: reads.dependencies.source() };
        // In development the names that it suggests are current, too.
        let names = listed.take().filter(|_| !self.production);
        let are_names_known = names.is_none_or(|names| names.add_folders(&mut dependencies));
        let is_lasting = !reads.is_late && !is_of_the_moment(error) && are_names_known;
        let response = failure.response(asked.request.headers.wants_html());
        let recipe = match reads.is_for_all() {
            // What failed before there was a page is asked for anew.
            false if page.key.is_some() => None,
            false => Some(Recipe::template(page.name.to_owned(), page.item.cloned())),
            true => is_lasting.then_some(Recipe::Failure(failure)),
        };
        Resolution::new(Content::Response(response, recipe), Kind::Error, dependencies)
    }
}

/// Whether a file could not be read, which may pass without a change of the file: there
/// was no descriptor left for it.
fn is_of_the_moment(error: &Error) -> bool {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    let mut load_errors = causes.filter_map(|cause| cause.downcast_ref::<LoadError>());
    load_errors.any(|error| matches!(error, LoadError::Unreadable(_)))
}
