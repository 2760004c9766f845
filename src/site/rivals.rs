//! Files that would make the same page, such as `about.html` and `about.md`: an error that
//! names both.

use crate::{
    diagnostic::{Diagnostic, Place},
    http::url_path::UrlPath,
    site::{
        Site,
        files::dependencies::Dependencies,
        report::{self, failure::Failure},
        request_context::RequestContext,
        resolution::{Content, Kind, Recipe, Resolution},
        trace,
    },
};

impl Site {
    /// Another file that would make the page `name` just as well. In production the first one
    /// counts.
    pub(crate) fn rival(
        &self,
        name: &str,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> Option<String> {
        if self.production && !self.is_static {
            return None;
        }
        self.naming.rivals(name).into_iter().find(|rival| {
            dependencies.add_missed(rival, asked.folder);
            dependencies.stamp(rival).flatten().is_some_and(|stamp| stamp.is_file())
        })
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
        trace::failed(&report);
        let html = (!self.production)
            .then(|| report::html(&report, asked.folder.path(), self.editor.as_deref()));
        let source = Some(format!("{name} + {rival}"));
        let failure = Failure { text: format!("error: {report}\n"), html, source };
        let response = failure.response(asked.request.headers.wants_html());
        let content = Content::Response(response, Some(Recipe::Failure(failure)));
        Resolution::new(content, Kind::Error, dependencies)
    }
}
