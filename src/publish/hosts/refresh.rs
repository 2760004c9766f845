//! Redirects where the host has none: a page that sends the browser on.

use std::collections::HashSet;

use super::{
    redirect::Redirect,
    told::{self, HostFile},
};
use crate::{
    http::url_path::UrlPath,
    publish::{host::Host, names::Name, problems::Problems, routes::NOT_FOUND},
    site,
};

/// A page for each of `redirects`, which are from one path each. `file_of` gives its name in the
/// output for a path without an extension.
pub(super) fn pages<'a>(
    redirects: impl IntoIterator<Item = &'a Redirect>,
    host: Host,
    file_of: impl Fn(&str) -> String,
    problems: &mut Problems,
) -> Vec<HostFile> {
    let (mut pages, mut taken) = (Vec::new(), HashSet::new());
    for redirect in redirects {
        match page_name(redirect, &file_of) {
            // The first rule answers.
            Ok(file) if !taken.insert(file.clone()) => {}
            Ok(file) => {
                let origin = format!("the page for {} on {}", redirect.origin, host.shown());
                let (name, text) = (Name::new(file, origin), site::refresh_page(&redirect.to));
                pages.push(HostFile { name, text });
            }
            Err(why) => {
                let error = format!(
                    "{} cannot be said to {}, which has no redirects but pages that send the \
                     browser on: {why}",
                    redirect.origin,
                    host.shown()
                );
                // An alias is two, with and without a slash at its end.
                if problems.errors.last() != Some(&error) {
                    problems.error(error);
                }
            }
        }
    }
    pages
}

/// The index of a folder, which answers with and without a slash at the end.
pub(super) fn index_of(name: &str) -> String {
    format!("{name}/index.html")
}

fn page_name(
    redirect: &Redirect,
    file_of: &impl Fn(&str) -> String,
) -> Result<String, &'static str> {
    let from = redirect.fixed_from();
    let from = from.ok_or("it is from more than one path")?;
    let path = UrlPath::parse(&from).ok_or("no file can have its name")?;
    let name = path.relative();
    let name = match told::extension(name) {
        "html" => name.to_owned(),
        _ if name.is_empty() => "index.html".to_owned(),
        "" if !path.is_folder() => file_of(name),
        // Of a name such as `old.php`, a page gets its type as the index of a folder alone.
        _ => index_of(name),
    };
    match name == NOT_FOUND {
        true => Err("`404.html` is the page for what is not there"),
        false => Ok(name),
    }
}
