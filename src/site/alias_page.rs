//! The answer for a path that neither a file nor a row has: a redirect to the page that had it
//! once, else the fallback.

use std::sync::Arc;

use minijinja::{Error, Value};

use crate::{
    diagnostic::{Diagnostic, Place},
    http::{purpose::Purpose, url_path::UrlPath},
    site::{
        Site,
        aliases::{Alias, Table, paths},
        collection::page_set::PageSet,
        each::missing::MissingRow,
        fallback,
        files::{
            folder::{Folder, OpenFile},
            listing::Listed,
        },
        metadata::keys,
        page::FailedPage,
        request_context::RequestContext,
        resolution::{Kind, Resolution},
        routes,
        templates::{explained::error, recorder::Recording, source::read_text},
    },
};

/// The aliases of one page that are compared with files.
const MAX_COMPARED: usize = 100;

impl Site {
    /// Answers where neither a file nor a row has the path, which may be that of a row that is
    /// `missing`: with a redirect to the page that had it once, else with the fallback.
    pub(crate) fn without_row(
        &self,
        missing: Option<&MissingRow>,
        asked: RequestContext<'_>,
    ) -> Resolution {
        // No image was a page once.
        let is_for_page = !Purpose::of(asked.request.headers).needs_the_file();
        let Some(path) = asked.path.filter(|_| is_for_page) else {
            return self.fallback(missing, asked);
        };
        let mut reads = Recording::default();
        let table = self.aliases.current(asked.folder, asked.now, || {
            let (pages, read) = self.all_pages(asked);
            reads = read;
            pages
        });
        let files = table.as_ref().map(|table| table.files(path)).unwrap_or_default();
        // A redirect would tell that there is a draft.
        let is_shown = |file: &&Arc<str>| !self.hides_name(file, asked);
        let files: Vec<Arc<str>> = files.iter().filter(is_shown).cloned().collect();
        let Some(file) = files.first() else {
            let mut made = self.fallback(missing, asked);
            if asked.is_followed {
                made.dependencies.extend(&reads.dependencies);
            }
            return made;
        };
        let mut dependencies = self.candidates(asked);
        dependencies.extend(&reads.dependencies);
        match self.naming.path_of(file) {
            Some(page) if files.len() == 1 => {
                let location = self.base_path.with(&page.encoded());
                let response = fallback::redirect(location, asked.request.target.query());
                Resolution::once(response, Kind::Other, dependencies)
            }
            _ => {
                let context = self.context_of(file, None, &self.moment(asked), asked);
                let page = FailedPage { name: file, item: None, context: &context, key: None };
                let claimed = error(two_pages(path, &files, asked.folder));
                self.failed(&claimed, &page, &reads, dependencies, asked).for_this_request()
            }
        }
    }

    /// All pages, with what was looked up for them.
    fn all_pages(&self, asked: RequestContext<'_>) -> (Result<Arc<PageSet>, Error>, Recording) {
        let listed = Listed { folder: "".into(), is_deep: true, has_rows: false };
        let moment = self.moment(asked);
        self.templates.run(asked.folder, moment, None, |_| self.library.pages(&listed))
    }

    /// The name of the file that answers `path` for visitors, or that it redirects to.
    fn file_at(&self, path: &UrlPath, asked: RequestContext<'_>) -> Option<String> {
        let is_hidden = |name: &str| self.hides_name(name, asked);
        routes::file_at(&self.naming, asked.folder, path, is_hidden)
    }

    /// The warnings of the page `file` for those of its `aliases` that lead to another file, or
    /// to a row for which one stands.
    pub(crate) fn lost_aliases(
        &self,
        file: &str,
        aliases: Option<&Value>,
        asked: RequestContext<'_>,
    ) -> Vec<String> {
        if self.production || aliases.is_none() {
            return Vec::new();
        }
        let taken = paths(aliases).take(MAX_COMPARED).filter_map(|path| {
            let other = self.file_at(&path, asked).or_else(|| self.file_of_row(&path, asked))?;
            (other != file).then(|| {
                let Diagnostic { message, help, .. } = lost(file, &path, &other, asked.folder);
                format!("warning: {message}: {help}")
            })
        });
        taken.collect()
    }

    /// The aliases of all pages in order of their paths, and what is wrong with some.
    pub(crate) fn all_aliases(&self, asked: RequestContext<'_>) -> (Vec<Alias>, Vec<Diagnostic>) {
        let pages = match self.all_pages(asked).0 {
            Ok(pages) => pages,
            Err(error) => return (Vec::new(), vec![unknown(&error)]),
        };
        let (mut aliases, mut problems) = (Vec::new(), Vec::new());
        for (path, mut files) in Table::of(pages).by_path {
            files.retain(|file| !self.hides_name(file, asked));
            let (Some(path), Some(file)) =
                (UrlPath::of_name(path.trim_matches('/'), false), files.first())
            else {
                continue;
            };
            if files.len() > 1 {
                problems.push(two_pages(&path, &files, asked.folder));
            } else if let Some(other) = self.file_at(&path, asked) {
                problems.extend((other != **file).then(|| lost(file, &path, &other, asked.folder)));
            } else if let Some(other) = self.file_of_row(&path, asked) {
                problems.push(lost(file, &path, &other, asked.folder));
            } else if let Some(target) = self.naming.path_of(file) {
                aliases.push(Alias { path, file: file.to_string(), target });
            }
        }
        aliases.sort_by(|one, other| one.path.as_str().cmp(other.path.as_str()));
        problems.sort_unstable_by(|one, other| one.message.cmp(&other.message));
        (aliases, problems)
    }
}

/// The report where the aliases are not known.
fn unknown(error: &Error) -> Diagnostic {
    let (message, help) = (error.to_string(), "no alias was looked for".to_owned());
    Diagnostic { message, places: Vec::new(), notes: Vec::new(), help }
}

/// The report of an alias that leads to another file.
fn lost(file: &str, path: &UrlPath, other: &str, folder: &Folder) -> Diagnostic {
    let alias = path.as_str();
    Diagnostic {
        message: format!("`{file}` has the alias `{alias}`, which is the path of `{other}`"),
        places: vec![place_of(file, path, folder)],
        notes: Vec::new(),
        help: "leave it out".to_owned(),
    }
}

/// Where the alias `path` of the page `file` is written.
fn place_of(file: &str, path: &UrlPath, folder: &Folder) -> Place {
    let opened: Option<OpenFile> = folder.open_file(file).ok().and_then(|it| it.into_file());
    let text = opened.and_then(|open| read_text(&open).ok());
    let is_it =
        |value: &Value| paths(Some(&Value::from(vec![value.clone()]))).any(|it| it == *path);
    let place = text.and_then(|text| keys::place_of_item(file, &text, "aliases", is_it));
    place.unwrap_or_else(|| Place::of_file(file))
}

/// The report of a path that two pages claim.
fn two_pages(path: &UrlPath, files: &[Arc<str>], folder: &Folder) -> Diagnostic {
    let names: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    Diagnostic {
        message: format!("{} have the same alias `{}`", names.join(" and "), path.as_str()),
        places: files.iter().map(|file| place_of(file, path, folder)).collect(),
        notes: Vec::new(),
        help: "leave it out of one of them".to_owned(),
    }
}
