//! Files whose names are in the way of a page: several that would make the same, such as
//! `about.html` and `about.md`, and one with a day before its name that no calendar has.

use std::sync::Arc;

use crate::{
    diagnostic::{Diagnostic, Place},
    http::url_path::UrlPath,
    site::{
        Site,
        files::{dated, dependencies::Dependencies, folder::OpenFile},
        report::{self, failure::Failure},
        request_context::RequestContext,
        resolution::{Content, Kind, Recipe, Resolution},
        routes, trace,
    },
};

impl Site {
    /// Another file that would make the page `name` just as well, and is not hidden. In
    /// production the first one counts.
    pub(crate) fn rival(
        &self,
        name: &str,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> Option<String> {
        if self.production && !self.is_static {
            return None;
        }
        let same_name = self.naming.rivals(name).into_iter().find(|rival| {
            dependencies.add_missed(rival, asked.folder);
            let stamp = dependencies.stamp(rival).flatten();
            stamp.is_some_and(|stamp| stamp.is_file()) && !self.hides_name(rival, asked)
        });
        same_name.or_else(|| self.dated_rival(name, dependencies, asked))
    }

    /// The same among files with a day before their own names.
    fn dated_rival(
        &self,
        name: &str,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> Option<String> {
        let undated = self.naming.undated(name);
        let page = undated.as_deref().or_else(|| self.naming.page_name(name))?;
        if !self.naming.may_be_dated(page) {
            return None;
        }
        // An excluded page is none, and Markdown that is excluded no page at all.
        if undated.is_none() && !self.naming.is_page(name) {
            return None;
        }
        dependencies.add_name(&dated::others_than(name), asked.folder);
        let mut rivals = routes::dated(page, &self.naming, asked.folder).into_iter();
        let is_file = |rival: &String| asked.folder.stamp(rival).is_some_and(|it| it.is_file());
        rivals.find(|rival| *rival != name && is_file(rival) && !self.hides_name(rival, asked))
    }

    /// Answers with the report that two files make the same page.
    pub(crate) fn claimed_twice(
        &self,
        name: &str,
        rival: &str,
        dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let path = self.naming.path_of(name);
        let path = path.as_ref().map_or("", UrlPath::as_str);
        let report = Diagnostic {
            message: format!("`{name}` and `{rival}` both make `{path}`"),
            places: [name, rival].map(Place::of_file).into(),
            notes: Vec::new(),
            help: "rename one of them, or remove it".to_owned(),
        };
        self.refused(&report, &format!("{name} + {rival}"), dependencies, asked)
    }

    /// The report on a file with a day before its name that no calendar has, and no date in its
    /// front matter.
    pub(crate) fn impossible_day(&self, file: &OpenFile) -> Option<Arc<Diagnostic>> {
        self.naming.undated(&file.name)?;
        let described = self.metadata.of_open(file);
        let problem = described.metadata.problem.as_ref();
        // What is wrong in the front matter is found again where that is read.
        problem.filter(|problem| problem.places.iter().all(|place| place.line.is_none())).cloned()
    }

    /// Answers with the report of why there is no page, of the files `source`.
    pub(crate) fn refused(
        &self,
        report: &Diagnostic,
        source: &str,
        dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        trace::failed(report);
        let html = (!self.production)
            .then(|| report::html(report, asked.folder.path(), self.editor.as_deref()));
        let text = format!("error: {report}\n");
        let failure = Failure { text, html, source: Some(source.to_owned()) };
        let response = failure.response(asked.request.headers.wants_html());
        let content = Content::Response(response, Some(Recipe::Failure(failure)));
        Resolution::new(content, Kind::Error, dependencies)
    }
}
