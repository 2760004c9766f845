//! From a request to a resolution: which file answers it, and what that is made into.

use std::sync::Arc;

use crate::{
    http::StatusCode,
    site::{
        Site,
        builtin::status_page,
        each::pattern,
        fallback,
        files::{
            dependencies::Dependencies,
            folder::{OpenFile, Unreadable},
            missed,
        },
        naming::FileKind,
        request_context::RequestContext,
        resolution::{Kind, Resolution},
        routes::{self, Route},
    },
};

/// How often an answer is made whose files are replaced meanwhile each time.
const MAX_TRIES: usize = 4;

impl Site {
    /// Makes what answers a request from one state of the files, and gives it to `then`,
    /// with the folder in which it was found. Where releases were switched meanwhile, by
    /// the root's name or by a link below it, what was made may mix both, or miss what is
    /// no longer there; and a file may have been away for a moment: it is made again.
    pub(crate) fn resolve_whole<T>(
        &self,
        asked: RequestContext<'_>,
        then: impl FnOnce(Resolution, RequestContext<'_>) -> T,
    ) -> T {
        let mut folder = Arc::clone(asked.folder);
        let (mut made, mut missed) = missed::record(|| self.look_up(asked));
        for tries in 1.. {
            let is_of_one_file = made.kind == Kind::Page
                && made.dependencies.count() == 1
                && made.dependencies.file().is_some();
            let current = if is_of_one_file { Arc::clone(&folder) } else { self.root.check() };
            let is_of_one_state = || {
                let stamp = |name: &Arc<str>| current.stamp(name);
                current.number() == folder.number()
                    && made.dependencies.are_of_one_state(asked.now, stamp)
            };
            let is_whole = !current.has_any(&missed) && (is_of_one_file || is_of_one_state());
            if is_whole || tries == MAX_TRIES {
                if !is_whole || missed.is_disturbed() {
                    made = made.for_this_request();
                }
                break;
            }
            folder = current;
            let asked = RequestContext { folder: &folder, ..asked };
            (made, missed) = missed::record(|| self.look_up(asked));
        }
        then(made, RequestContext { folder: &folder, ..asked })
    }

    /// Finds what answers a request in the folder that it has, and makes it.
    pub(crate) fn resolve(&self, asked: RequestContext<'_>) -> Resolution {
        let (mut made, mut missed) = missed::record(|| self.look_up(asked));
        for _ in 1..MAX_TRIES {
            if !asked.folder.has_any(&missed) {
                break;
            }
            (made, missed) = missed::record(|| self.look_up(asked));
        }
        made
    }

    fn look_up(&self, asked: RequestContext<'_>) -> Resolution {
        let mut passed = Dependencies::default();
        let is_hidden = |file: &OpenFile| self.passes_over(file, &mut passed, asked);
        let route = match asked.path {
            Some(path) => routes::find(&self.naming, asked.folder, path, is_hidden),
            None => Ok(Route::Nothing),
        };
        let mut made = match route {
            Ok(Route::File { file, missed }) => self.at_file(file, &missed, asked),
            Ok(Route::Redirect(path)) => {
                let location = self.base_path.with(&path.encoded());
                let response = fallback::redirect(location, asked.request.target.query());
                Resolution::once(response, Kind::Other, self.candidates(asked))
            }
            Ok(Route::Nothing) => self.without_file(asked),
            Err(unreadable) => self.unreadable(&unreadable, self.candidates(asked), asked),
        };
        made.dependencies.extend(&passed);
        made
    }

    /// Makes what answers where a file has the path, unless another claims it too; the names
    /// that were `missed` would have come before it.
    fn at_file(&self, file: OpenFile, missed: &[String], asked: RequestContext<'_>) -> Resolution {
        let mut dependencies = Dependencies::default();
        let page = self.naming.coded_template(&file.name).map(str::to_owned);
        for name in missed.iter().chain(&page) {
            dependencies.add_missed(name, asked.folder);
        }
        if let Some(rival) = self.rival(&file.name, &mut dependencies, asked) {
            return self.claimed_twice(&file.name, &rival, dependencies, asked);
        }
        if let Some(report) = self.impossible_day(&file) {
            dependencies.add_name(&file.name, asked.folder);
            return self.refused(&report, &file.name, dependencies, asked);
        }
        if let Some(template) = self.naming.template_of(&file.name) {
            let stamp = asked.folder.stamp(&template);
            let is_there = stamp.is_some_and(|stamp| stamp.is_file());
            if is_there && !self.passes_over_name(&template, stamp, &mut dependencies, asked) {
                dependencies.add_name(&template, asked.folder);
                return self.claimed_twice(&file.name, &template, dependencies, asked);
            }
            // In production a template that comes later counts when the file changes.
            if !is_there && !self.production && self.naming.content_type(&file.name).is_text {
                dependencies.add_missed(&template, asked.folder);
            }
        }
        match page.and_then(|page| dependencies.stamp(&page)?) {
            Some(stamp) if stamp.is_file() => self.fallback(None, asked),
            _ if self.stands_for_many(&file) => self.without_file(asked),
            _ => self.make_of(file, dependencies, asked),
        }
    }

    /// The names of all files that would answer, where they count.
    pub(crate) fn candidates(&self, asked: RequestContext<'_>) -> Dependencies {
        let mut dependencies = Dependencies::default();
        for path in asked.path.into_iter().filter(|_| asked.is_followed) {
            for name in self.naming.files_for(path) {
                dependencies.add_name(&name, asked.folder);
            }
            // A file such as `[id].html` may come, or one with a day before its name.
            if !self.naming.is_private(path.relative()) {
                let (folder, _) = pattern::split(path.relative());
                dependencies.add_name(folder.trim_end_matches('/'), asked.folder);
            }
        }
        dependencies
    }

    /// Makes of a file what it is served as: rendered where it is a page, else as
    /// it is.
    pub(crate) fn make_of(
        &self,
        file: OpenFile,
        dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        match self.naming.kind(&file.name) {
            FileKind::Template | FileKind::Markdown => self.page(file, None, dependencies, asked),
            FileKind::Asset => self.asset(file, dependencies, asked),
        }
    }

    /// Answers where a file is there but cannot be read.
    pub(crate) fn unreadable(
        &self,
        unreadable: &Unreadable,
        dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let status = match unreadable {
            _ if unreadable.is_out_of_descriptors() => StatusCode::SERVICE_UNAVAILABLE,
            _ if unreadable.is_permission() => StatusCode::FORBIDDEN,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let message = unreadable.to_string();
        let reason = (!self.production).then_some(message.as_str());
        let mut response = status_page(status, reason, asked.request.headers.wants_html());
        response.note.message = Some(message);
        Resolution::once(response, Kind::Other, dependencies)
    }
}
