//! Redirects where the host has none: a page that sends the browser on.

use std::collections::BTreeMap;

use super::{redirect::Redirect, told::Told};
use crate::{
    publish::{host::Host, problems::Problems, routes::NOT_FOUND},
    site,
};

/// A page for each of `redirects`, which are from one path each, by its name in the output.
/// `file_of` gives the name for a path without an extension.
pub(super) fn pages<'a>(
    redirects: impl IntoIterator<Item = &'a Redirect>,
    told: &Told<'_>,
    host: Host,
    file_of: impl Fn(&str) -> String,
    problems: &mut Problems,
) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for redirect in redirects {
        match page_name(told, redirect, &file_of) {
            Ok(name) => {
                // The first rule answers.
                pages.entry(name).or_insert_with(|| site::refresh_page(&redirect.to));
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
    told: &Told<'_>,
    redirect: &Redirect,
    file_of: &impl Fn(&str) -> String,
) -> Result<String, String> {
    let from = redirect.fixed_from();
    let from = from.ok_or("it is from more than one path")?;
    let path = crate::http::url_path::UrlPath::parse(&from).ok_or("no file can have its name")?;
    let name = path.relative();
    let name = match super::told::extension(name) {
        "html" => name.to_owned(),
        _ if name.is_empty() => "index.html".to_owned(),
        "" if !path.is_folder() => file_of(name),
        // Of a name such as `old.php`, a page gets its type as the index of a folder alone.
        _ => index_of(name),
    };
    match told.contents.iter().find(|content| content.file == name) {
        Some(content) => Err(format!("`{}` stands there", content.source)),
        None if name == NOT_FOUND => Err(format!("`{name}` is the page for what is not there")),
        None => Ok(name),
    }
}
