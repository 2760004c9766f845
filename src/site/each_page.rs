//! The page of a row, where no file has the path that is asked for: found by the name of a
//! file such as `[id].html`, and by the list that its front matter names.

use std::{sync::Arc, time::SystemTime};

use minijinja::Error;

use crate::{
    diagnostic::{Diagnostic, Place},
    http::{request_head::RequestHead, url_path::UrlPath},
    site::{
        Site,
        each::{
            item::Item,
            missing::MissingRow,
            pattern::{self, Pattern},
            rows::{Row, Rows},
            store::{Found, RowOfPage},
        },
        fallback,
        files::{
            dependencies::Dependencies,
            folder::{OpenFile, Opening},
        },
        metadata::{keys::Each, store::Described},
        naming::Naming,
        page::FailedPage,
        request_context::RequestContext,
        resolution::{Content, Kind, Resolution},
        templates::{
            explained::{error, error_here},
            recorder::{self, Recording},
        },
    },
};

/// A file that stands for many pages, with what it says of itself.
struct Claim<'a> {
    pattern: &'a Pattern,
    described: Described,
    /// The parameter that the path has for it.
    id: &'a str,
}

impl Claim<'_> {
    fn each(&self) -> Option<&Each> {
        self.described.metadata.keys.each.as_deref()
    }
}

impl Site {
    /// Whether a file is that of many pages, and so no page by its own name.
    pub(crate) fn stands_for_many(&self, file: &OpenFile) -> bool {
        Pattern::of(&file.name, &self.naming).is_some()
            && self.metadata.of_open(file).metadata.keys.each.is_some()
    }

    /// Answers where no file has the path: with the page of a row, else with the page that had
    /// it once, else with the fallback.
    pub(crate) fn without_file(&self, asked: RequestContext<'_>) -> Resolution {
        let Some(path) = asked.path.filter(|path| !self.naming.is_private(path.relative())) else {
            return self.fallback(None, asked);
        };
        let written = self.page_written_as(path).filter(|page| {
            self.file_of_row(path, asked).is_none() && self.file_of_row(page, asked).is_some()
        });
        let path = written.as_ref().unwrap_or(path);
        let (folder, segment) = pattern::split(path.relative());
        let folder = folder.trim_end_matches('/');
        let patterns = self.patterns.of(folder, asked.folder, &self.naming);
        let mut passed = Dependencies::default();
        let claims = self.claims(&patterns, segment, &mut passed, asked);
        let Some(claim) = claims.first() else { return self.without_row(None, asked) };
        let mut dependencies = Dependencies::default();
        // What stands there and is hidden was noted when it was passed over.
        for name in self.naming.files_for(path) {
            if !self.hides_name(&name, asked) {
                dependencies.add_missed(&name, asked.folder);
            }
        }
        dependencies.extend(&passed);
        dependencies.add_name(folder, asked.folder);
        match self.row_of(&claims, asked) {
            Ok(found) => self.page_of_row(claim, found, path, dependencies, asked),
            Err(failed) => {
                let (error, reads) = *failed;
                dependencies.extend(&reads.dependencies);
                self.failed_rows(claim.pattern, &error, &reads, dependencies, asked)
            }
        }
    }

    /// The path of the page for which a build writes a file that answers `path`.
    pub fn page_written_as(&self, path: &UrlPath) -> Option<UrlPath> {
        let page = Naming::page_written_as(path.relative()).filter(|_| !path.is_folder())?;
        UrlPath::of_name(page, false).filter(|_| !self.naming.is_plain())
    }

    /// The file that stands for the row at `path`, where no file is, if there is such a row.
    pub(crate) fn file_of_row(&self, path: &UrlPath, asked: RequestContext<'_>) -> Option<String> {
        let (folder, segment) = pattern::split(path.relative());
        let patterns = self.patterns.of(folder.trim_end_matches('/'), asked.folder, &self.naming);
        let claims = self.claims(&patterns, segment, &mut Dependencies::default(), asked);
        let claim = claims.first()?;
        let found = self.row_of(&claims, asked).ok()?;
        found.rows.get(claim.id).map(|_| claim.pattern.file.clone())
    }

    /// Answers with the report of why a file has no rows.
    fn failed_rows(
        &self,
        pattern: &Pattern,
        error: &Error,
        reads: &Recording,
        dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let context = self.context_of(&pattern.file, None, &self.moment(asked), asked);
        let (name, context) = (pattern.file.as_str(), &context);
        let page = FailedPage { name, item: None, context, key: Some("each") };
        self.failed(error, &page, reads, dependencies, asked)
    }

    /// The paths of the rows for which a file stands at `now`, in their order, or the report
    /// of why it has none. `None` where it is a page like others.
    pub(crate) fn paths_of_rows(
        &self,
        pattern: &Pattern,
        now: SystemTime,
    ) -> Option<Result<Vec<UrlPath>, String>> {
        let head = RequestHead::get("/", "localhost");
        self.with_request(&head, now, |asked| {
            let stamp = asked.folder.stamp(&pattern.file);
            let described = self.metadata.get(&pattern.file, stamp, asked.folder)?;
            let each = described.metadata.keys.each.as_deref()?;
            let path = |row: &Row| pattern.path_of(&row.id, &self.naming);
            Some(match self.rows_of(pattern, each, &described, asked) {
                Ok(found) => Ok(found.rows.iter().filter_map(path).collect()),
                Err(failed) => {
                    let (error, reads) = *failed;
                    let none = Dependencies::default();
                    match self.failed_rows(pattern, &error, &reads, none, asked).content {
                        Content::Response(response, _) => {
                            Err(response.note.message.unwrap_or_default())
                        }
                        _ => Err(error.to_string()),
                    }
                }
            })
        })?
    }

    /// The files that stand for `segment` and fix most of it: more than one is an error. Those
    /// that are hidden claim nothing, and are noted in `passed`.
    fn claims<'a>(
        &self,
        patterns: &'a [Pattern],
        segment: &'a str,
        passed: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> Vec<Claim<'a>> {
        let claims = patterns.iter().filter_map(|pattern| {
            let id = pattern.id_in(segment)?;
            let stamp = asked.folder.stamp(&pattern.file);
            let described = self.metadata.get(&pattern.file, stamp, asked.folder)?;
            let metadata = &described.metadata;
            let is_claim = metadata.keys.each.is_some() || metadata.problem.is_some();
            if !is_claim || self.passes_over_page(&described, passed, asked) {
                return None;
            }
            Some(Claim { pattern, described, id })
        });
        let mut claims: Vec<Claim<'_>> = claims.collect();
        let most = claims.iter().map(|claim| claim.pattern.fixed_bytes()).max();
        claims.retain(|claim| Some(claim.pattern.fixed_bytes()) == most);
        claims
    }

    /// The rows of the one file that stands for a path.
    fn row_of(
        &self,
        claims: &[Claim<'_>],
        asked: RequestContext<'_>,
    ) -> Result<Found, Box<(Error, Recording)>> {
        let read = |claim: &Claim<'_>| {
            let mut reads = Recording::default();
            reads.dependencies.add_refused(&claim.described.file);
            reads
        };
        match claims {
            [claim] => match (claim.each(), &claim.described.metadata.problem) {
                (Some(each), _) => self.rows_of(claim.pattern, each, &claim.described, asked),
                (None, Some(problem)) => Err(Box::new((error((**problem).clone()), read(claim)))),
                (None, None) => {
                    Err(Box::new((error_here("`each` is missing", "write it"), read(claim))))
                }
            },
            claims => {
                let mut reads = Recording::default();
                for claim in claims {
                    reads.dependencies.extend(&read(claim).dependencies);
                }
                Err(Box::new((two_files(claims), reads)))
            }
        }
    }

    /// The rows that a file stands for, as they were when what they are made from was as now.
    pub(crate) fn rows_of(
        &self,
        pattern: &Pattern,
        each: &Each,
        described: &Described,
        asked: RequestContext<'_>,
    ) -> Result<Found, Box<(Error, Recording)>> {
        let is_current =
            |known: &Dependencies| known.are_unchanged(asked.now, |name| asked.folder.stamp(name));
        if let Some(found) = self.rows.get(&pattern.file, is_current) {
            return Ok(found);
        }
        let moment = self.moment(asked);
        let context = self.context_of(&pattern.file, None, &moment, asked);
        let (rows, reads) = self.templates.run(asked.folder, moment, None, |environment| {
            recorder::note(|looked| looked.add_refused(&described.file));
            recorder::set_context(&context);
            Rows::of(environment, each, pattern, context, &self.naming, self.shows_unpublished)
        });
        let rows = match rows {
            Err(error) => return Err(Box::new((error, reads))),
            Ok(_) if reads.uses_request => return Err(Box::new((reads_request(each), reads))),
            Ok(rows) => rows,
        };
        let found = Found {
            rows: Arc::new(rows),
            uses_clock: reads.uses_clock,
            dependencies: Arc::new(reads.dependencies),
        };
        if asked.folder.misses_nothing() {
            self.rows.keep(&pattern.file, found.clone());
        }
        Ok(found)
    }

    /// Makes the page of the row that `claim` names, at `path`.
    fn page_of_row(
        &self,
        claim: &Claim<'_>,
        found: Found,
        path: &UrlPath,
        dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let Some(each) = claim.each() else { return self.fallback(None, asked) };
        let Some(row) = found.rows.get(claim.id) else {
            let (pattern, naming) = (claim.pattern, &self.naming);
            let missing = MissingRow::of(claim.id, pattern, each, &found, naming, dependencies);
            return self.without_row(Some(&missing), asked);
        };
        if path.is_folder() {
            let location = self.base_path.with(&path.with_folder(false).encoded());
            let response = fallback::redirect(location, asked.request.target.query());
            return Resolution::once(response, Kind::Other, dependencies);
        }
        let file = match asked.folder.open_file(&claim.pattern.file).map(Opening::into_file) {
            Ok(Some(file)) => file,
            Ok(None) => return self.fallback(None, asked),
            Err(unreadable) => return self.unreadable(&unreadable, dependencies, asked),
        };
        let keys = &claim.described.metadata.keys;
        let item = Arc::new(Item::new(row, claim.pattern, each, keys, path));
        self.page(file, Some(RowOfPage { item, found }), dependencies, asked)
    }
}

fn reads_request(each: &Each) -> Error {
    let message = format!("`{}` reads the request", each.list);
    error_here(message, "name a list that is the same for every request, such as `data.products`")
}

/// The error of a path that two files stand for.
fn two_files(claims: &[Claim<'_>]) -> Error {
    let names: Vec<String> =
        claims.iter().map(|claim| format!("`{}`", claim.pattern.file)).collect();
    error(Diagnostic {
        message: format!("{} stand for the same pages", names.join(" and ")),
        places: claims.iter().map(|claim| Place::of_file(&claim.pattern.file)).collect(),
        notes: Vec::new(),
        help: "keep one of them, or move the other into a folder of its own".to_owned(),
    })
}
