//! Small models of how hosts route, each written from the host's documentation.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::{common::program::Folder, files};

/// What a host answers: a status, and a file or where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Content(u16, String),
    Redirect(u16, String),
}

/// How a host answers a path.
pub(super) type Model = fn(&Uploaded, &str) -> Answer;

/// The files of an output, as a host has them.
pub(super) struct Uploaded(pub(super) BTreeMap<String, String>);

impl Uploaded {
    pub(super) fn new(folder: &Folder) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let files = files(&folder.path("dist")).into_iter();
        Self(files.map(|(name, bytes)| (name, text(bytes))).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<Answer> {
        self.0.contains_key(name).then(|| Answer::Content(200, name.to_owned()))
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    fn has_folder(&self, name: &str) -> bool {
        self.0.keys().any(|file| file.starts_with(&format!("{name}/")))
    }

    pub(super) fn not_found(&self) -> Answer {
        Answer::Content(404, "404.html".to_owned())
    }
}

/// One line of `_redirects`: splats and placeholders as `rules-engine.ts` of Cloudflare's
/// workers-sdk has them, and docs.netlify.com/manage/routing/redirects/redirect-options.
fn redirect_of(line: &str, path: &str) -> Option<(u16, String)> {
    let [from, to, status] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let mut captured = Vec::new();
    let mut rest = path.split('/');
    let mut segments = from.split('/');
    loop {
        match (segments.next(), rest.next()) {
            (None, None) => break,
            // Not the folder itself.
            (Some("*"), Some(part)) => {
                let parts: Vec<&str> = [part].into_iter().chain(rest).collect();
                captured.push((":splat".to_owned(), parts.join("/")));
                break;
            }
            (Some(name), Some(part)) if name.starts_with(':') && !part.is_empty() => {
                captured.push((name.to_owned(), part.to_owned()));
            }
            (Some(text), Some(part)) if text == part => {}
            _ => return None,
        }
    }
    let to = captured.iter().fold(to.to_owned(), |to, (name, part)| to.replace(name, part));
    Some((status.trim_end_matches('!').parse().unwrap(), to))
}

/// What the rules of `_redirects` come to for a path. One with status 200 answers with a file.
pub(super) fn redirected(uploaded: &Uploaded, path: &str) -> Option<Answer> {
    answer_of_rules(uploaded, path, |_| true)
}

/// The same of the rules whose line `is_asked`.
fn answer_of_rules(
    uploaded: &Uploaded,
    path: &str,
    is_asked: impl Fn(&&str) -> bool,
) -> Option<Answer> {
    let lines = uploaded.0.get("_redirects")?.lines().filter(is_asked);
    let (status, to) = lines.into_iter().find_map(|line| redirect_of(line, path))?;
    match status {
        200 => uploaded.get(&decoded(&to)),
        _ => Some(Answer::Redirect(status, to)),
    }
}

/// The fields of `_headers` for a path: all blocks that match.
pub(super) fn fields(uploaded: &Uploaded, path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_for_path = false;
    for line in uploaded.0.get("_headers").map_or("", String::as_str).lines() {
        match line.strip_prefix("  ") {
            None => {
                let (before, after) = line.split_once('*').unwrap_or((line, "\0"));
                is_for_path = line == path
                    || (path.starts_with(before) && path.ends_with(after) && after != "\0");
            }
            Some(field) if is_for_path => match field.strip_prefix("! ") {
                Some(name) => found.retain(|field| !field.starts_with(&format!("{name}:"))),
                None => found.push(field.to_owned()),
            },
            Some(_) => {}
        }
    }
    found
}

/// developers.cloudflare.com/pages/configuration/serving-pages, and `html_handling:
/// auto-trailing-slash` of Workers. Rules come before files, as in `handler.ts` of the asset
/// worker: one with status 200 puts its target in the place of the path.
pub(super) fn cloudflare(uploaded: &Uploaded, path: &str) -> Answer {
    let mut lines = uploaded.0.get("_redirects").map_or("", String::as_str).lines();
    match lines.find_map(|line| redirect_of(line, path)) {
        Some((200, to)) => cloudflare_file(uploaded, &to),
        Some((status, to)) => Answer::Redirect(status, to),
        None => cloudflare_file(uploaded, path),
    }
}

fn cloudflare_file(uploaded: &Uploaded, path: &str) -> Answer {
    let name = decoded(path);
    let bare = name.trim_end_matches('/');
    let index =
        if bare.is_empty() { "index.html".to_owned() } else { format!("{bare}/index.html") };
    if let Some(page) = path.strip_suffix("/index.html").or(path.strip_suffix("/index")) {
        return Answer::Redirect(307, format!("{page}/"));
    }
    if let Some(page) = path.strip_suffix(".html") {
        return Answer::Redirect(307, page.to_owned());
    }
    let found = if path.ends_with('/') {
        let page = uploaded.get(&format!("{bare}.html"));
        uploaded.get(&index).or(page.map(|_| Answer::Redirect(307, slashless(path))))
    } else {
        let folder = uploaded.get(&index).map(|_| Answer::Redirect(307, format!("{path}/")));
        uploaded.get(&name).or(uploaded.get(&format!("{name}.html"))).or(folder)
    };
    // Without a page for what is missing, the site is taken for an application of one page.
    let whole = || uploaded.get("404.html").is_none().then(|| uploaded.get("index.html")).flatten();
    found.or_else(whole).unwrap_or_else(|| uploaded.not_found())
}

/// docs.netlify.com/manage/routing/redirects: rules with `!` first, then files, with
/// pretty URLs, and then the other rules.
pub(super) fn netlify(uploaded: &Uploaded, path: &str) -> Answer {
    if let Some(answer) = answer_of_rules(uploaded, path, |line| line.ends_with('!')) {
        return answer;
    }
    let name = decoded(path);
    let bare = name.trim_end_matches('/');
    let page = uploaded.get(&format!("{bare}.html"));
    let index =
        if bare.is_empty() { "index.html".to_owned() } else { format!("{bare}/index.html") };
    let found = match path.ends_with('/') {
        true if page.is_some() => Some(Answer::Redirect(301, slashless(path))),
        true => uploaded.get(&index),
        false => {
            let folder = uploaded.get(&index).map(|_| Answer::Redirect(301, format!("{path}/")));
            uploaded.get(&name).or(page).or(folder)
        }
    };
    let found = found.or_else(|| redirected(uploaded, path));
    found.unwrap_or_else(|| uploaded.not_found())
}

/// docs.github.com/en/pages; what its nginx does: a file, a page without its extension, and
/// a folder behind its slash alone.
pub(super) fn github(uploaded: &Uploaded, path: &str) -> Answer {
    let name = decoded(path);
    let found = match path.ends_with('/') {
        true => uploaded.get(&format!("{name}index.html")),
        false => {
            let is_folder = uploaded.has_folder(&name);
            let folder = is_folder.then(|| Answer::Redirect(301, format!("{path}/")));
            uploaded.get(&name).or(uploaded.get(&format!("{name}.html"))).or(folder)
        }
    };
    found.unwrap_or_else(|| uploaded.not_found())
}

/// docs.gitlab.com/user/project/pages: files win over `_redirects`; a folder of the name
/// hides the page beside it.
pub(super) fn gitlab(uploaded: &Uploaded, path: &str) -> Answer {
    let name = decoded(path);
    let found = match path.ends_with('/') {
        true => uploaded.get(&format!("{name}index.html")),
        false if uploaded.has_folder(&name) => {
            let index = uploaded.get(&format!("{name}/index.html"));
            index.map(|_| Answer::Redirect(302, format!("{path}/")))
        }
        false => uploaded.get(&name).or(uploaded.get(&format!("{name}.html"))),
    };
    let found = found.or_else(|| redirected(uploaded, path));
    found.unwrap_or_else(|| uploaded.not_found())
}

/// docs.aws.amazon.com/AmazonS3/latest/userguide/IndexDocumentSupport.html: an object, or a
/// folder with an index document, with a redirect to its slash.
pub(super) fn s3(uploaded: &Uploaded, path: &str) -> Answer {
    let name = decoded(path);
    let found = match path.ends_with('/') {
        true => uploaded.get(&format!("{name}index.html")),
        false => {
            let index = uploaded.get(&format!("{name}/index.html"));
            uploaded.get(&name).or(index.map(|_| Answer::Redirect(302, format!("{path}/"))))
        }
    };
    found.unwrap_or_else(|| uploaded.not_found())
}

pub(super) fn decoded(path: &str) -> String {
    percent_decode_str(path.trim_start_matches('/')).decode_utf8().unwrap().into_owned()
}

pub(super) fn slashless(path: &str) -> String {
    path.trim_end_matches('/').to_owned()
}

/// Where a browser ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Visit {
    /// At a status, and a file or the bytes of one.
    Content(u16, String),
    /// On another host.
    Away(String),
}

/// What a browser follows is a redirect, or a page that sends it on. With the last path.
pub(super) fn visit(host: Model, uploaded: &Uploaded, path: &str) -> (Visit, String) {
    let mut path = path.to_owned();
    for _ in 0..6 {
        let to = match host(uploaded, &path) {
            Answer::Redirect(_, to) => to,
            Answer::Content(status, file) => match sent_on(&uploaded.text(&file)) {
                Some(to) => to,
                None => return (Visit::Content(status, file), path),
            },
        };
        if !to.starts_with('/') {
            return (Visit::Away(to), path);
        }
        path = to.split(['?', '#']).next().unwrap().to_owned();
    }
    panic!("{path} never ends");
}

/// Where a page sends browsers on to.
fn sent_on(page: &str) -> Option<String> {
    let (_, to) = page.split_once("content=\"0; url=")?;
    Some(to.split('"').next().unwrap().to_owned())
}
