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
