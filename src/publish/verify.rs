//! The output, served again and compared with what the site answers.

use std::path::Path;

use crate::{
    http::{StatusCode, prepared::Prepared},
    parallel,
    publish::{
        answers::{self, Content},
        finish::Finish,
        options::BuildOptions,
        problems::Problems,
        summary::BuildError,
    },
    site::{Fallback, RENDER_STACK_BYTES, Site, SiteOptions},
};

/// Compares the answers from the output `out` with those of `site`.
///
/// # Errors
/// All that differs; where it `is_stopped`, that it did not come to its end.
pub(super) fn verify(
    site: &Site,
    out: &Path,
    contents: &[Content],
    options: &BuildOptions,
    finish: &Finish,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Result<(), BuildError> {
    let unequal = |errors| BuildError::Unequal(Problems { errors, warnings: Vec::new() });
    let served = Site::open(out, options_of_output(options));
    let served = served.map_err(|error| unequal(vec![error.to_string()]))?;
    let compare = |content: &Content| match is_stopped() {
        true => None,
        false => difference(site, &served, content, options, finish),
    };
    let found = parallel::map(contents, options.threads, RENDER_STACK_BYTES, compare);
    if is_stopped() {
        return Err(BuildError::Unverified);
    }
    let differences: Vec<String> = found.into_iter().flatten().collect();
    if differences.is_empty() { Ok(()) } else { Err(unequal(differences)) }
}

/// The output as a site whose files are served as they are.
fn options_of_output(options: &BuildOptions) -> SiteOptions {
    SiteOptions {
        production: true,
        fallback: Fallback::NotFound,
        is_plain: true,
        types: options.rules.types.clone(),
        cache_max_bytes: 0,
        ..SiteOptions::default()
    }
}

/// What of a route is answered otherwise from the output.
fn difference(
    site: &Site,
    served: &Site,
    content: &Content,
    options: &BuildOptions,
    finish: &Finish,
) -> Option<String> {
    let route = content.route();
    let is_folder = route.path.is_folder() || route.file.ends_with("/index.html");
    let path_there = route.path.with_folder(is_folder && route.is_page);
    let expected = answers::ask(site, &route.path, options)?;
    let found = answers::ask(served, &path_there, options)?;
    let finished = finish.finished(&route, &expected).ok();
    let bytes = finished.and_then(|body| body.read().ok());
    let content_type = |answer: &Prepared| answer.get("Content-Type").map(str::to_owned);
    let what = match () {
        () if found.status != StatusCode::OK => format!("status {}", found.status.as_str()),
        () if content_type(&found) != content_type(&expected) => {
            format!("the type `{}`", content_type(&found).unwrap_or_default())
        }
        () if found.body.read().ok() != bytes => "other bytes".to_owned(),
        () => return None,
    };
    Some(format!("`{}` has {what} in the output", route.path.as_str()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, time::SystemTime};

    use crate::{
        http::url_path::UrlPath,
        publish::{
            host::{Host, Rules},
            options::Layout,
            routes::Route,
        },
    };

    use super::*;

    /// The differences of an output with these files from a site with a page `/a`, a folder
    /// `/docs/` and a style, written in this layout.
    fn differences(layout: Layout, files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: String, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for (name, text) in [
            ("a.html", "<a href=b>{{ page.url }}</a>"),
            ("docs/index.html", "docs"),
            ("p.css", "p {}"),
            ("n.md2", "notes"),
        ] {
            write(format!("pages/{name}"), text);
        }
        files.iter().for_each(|(name, text)| write(format!("out/{name}"), text));
        let site_options = SiteOptions {
            types: BTreeMap::from([("md2".to_owned(), "text/markdown".to_owned())]),
            is_static: true,
            ..SiteOptions::default()
        };
        let site = Site::open(&folder.path().join("pages"), site_options).unwrap();
        let options = BuildOptions {
            out: folder.path().join("out"),
            host: Host::Plain,
            layout: Some(layout),
            keep: Vec::new(),
            // Without the type of `md2`: a host that has not been told of it.
            rules: Rules::default(),
            is_compressed: false,
            verifies: true,
            threads: 1,
            now: SystemTime::now(),
        };
        let routes = [("/a", true), ("/docs/", true), ("/p.css", false), ("/n.md2", false)];
        let routes = routes.map(|(path, is_page)| {
            let path = UrlPath::parse(path).unwrap();
            let file = layout.file_of(&path, is_page);
            let source = Layout::Files.file_of(&path, is_page);
            Route { path, file, source, is_page }
        });
        let content = |Route { path, file, source, is_page }: Route| Content {
            path,
            file,
            source,
            is_page,
            content_type: String::new(),
            bytes: 0,
        };
        let finish = Finish::new(&options, &routes);
        let contents: Vec<Content> = routes.into_iter().map(content).collect();
        match verify(&site, &options.out, &contents, &options, &finish, &|| false) {
            Ok(()) => Vec::new(),
            Err(BuildError::Unequal(problems)) => problems.errors,
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn each_difference_is_named() {
        let notes = "`/n.md2` has the type `text/plain; charset=utf-8` in the output";
        let page = ("a.html", "<a href=b>/a</a>");
        let (docs, style) = (("docs/index.html", "docs"), ("p.css", "p {}"));
        for (files, expected) in [
            (vec![page, docs, style], vec!["`/n.md2` has status 404 in the output"]),
            (vec![page, docs, style, ("n.md2", "notes")], vec![notes]),
            (
                vec![("a.html", "<a href=b>/b</a>"), docs, ("p.css", "p { }"), ("n.md2", "notes")],
                vec![
                    "`/a` has other bytes in the output",
                    "`/p.css` has other bytes in the output",
                    notes,
                ],
            ),
            (
                vec![page, ("docs.html", "docs"), style, ("n.md2", "notes")],
                vec!["`/docs/` has status 301 in the output", notes],
            ),
        ] {
            assert_eq!(differences(Layout::Files, &files), expected, "{files:?}");
        }
        // Where a page is the index of a folder, its links are others.
        let moved = ("a/index.html", "<a href=../b>/a</a>");
        let files = [moved, docs, style, ("n.md2", "notes")];
        assert_eq!(differences(Layout::Folders, &files), [notes]);
        let files = [("a/index.html", page.1), docs, style, ("n.md2", "notes")];
        let links = "`/a` has other bytes in the output";
        assert_eq!(differences(Layout::Folders, &files), [links, notes]);
    }

    #[test]
    fn an_output_that_cannot_be_read_is_one_difference() {
        let found = differences(Layout::Files, &[]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("/out"), "{found:?}");
    }
}
