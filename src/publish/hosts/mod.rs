//! The hosts that a site is written for, one file each: in which words they take rules, and
//! what they cannot do.

mod caddy;
mod cloudflare;
mod github;
mod gitlab;
mod header;
mod netlify;
mod nginx;
mod plain;
mod redirect;
mod refresh;
mod s3;
mod told;
mod underscore;
mod vercel;

use std::path::Path;

pub(super) use self::told::{HostFile, HostFiles};
use self::{header::Header, redirect::Redirect, told::Told};
use super::{
    answers::Content,
    host::{Host, Rule},
    options::BuildOptions,
    problems::Problems,
    routes::NOT_FOUND,
};
use crate::{http::url_path::UrlPath, rules::HeaderRule, site::Alias};

/// What the host gets besides `contents` and so many `compressed` forms of them, with the `aliases`
/// of its pages; what it cannot be told is added to `problems`.
pub(super) fn files(
    options: &BuildOptions,
    out: &Path,
    contents: &[Content],
    compressed: usize,
    aliases: &[Alias],
    problems: &mut Problems,
) -> HostFiles {
    let (host, rules) = (options.host, &options.rules);
    let mut redirects = Vec::new();
    for Rule { rule, origin } in &rules.redirects {
        match Redirect::new(rule, origin, &rules.base_path) {
            Ok(redirect) => redirects.push(redirect),
            Err(why) => problems.error(format!(
                "{origin} cannot be said to {}: `{}` {why}",
                host.shown(),
                rule.from
            )),
        }
    }
    // What answers there answers all that is not there, too.
    let for_missing = format!("/{NOT_FOUND}");
    let is_for_missing =
        |redirect: &&Redirect| redirect.fixed_from().as_ref() == Some(&for_missing);
    for Redirect { origin, .. } in redirects.iter().filter(is_for_missing) {
        problems.error(format!(
            "{origin} leads away from `{NOT_FOUND}`, the page for what is not there: leave it out"
        ));
    }
    let is_written = |alias: &&Alias| contents.iter().any(|content| content.source == alias.file);
    // Behind the rules, as the server asks them.
    redirects.extend(
        aliases.iter().filter(is_written).flat_map(|alias| Redirect::of(alias, &rules.base_path)),
    );
    let header = |rule: &Rule<HeaderRule>| Header::read(&rule.rule, &rule.origin, contents);
    let headers = rules.headers.iter().flat_map(header).collect();
    let (types, base_path) = (&rules.types, &rules.base_path);
    let is_compressed = options.is_compressed;
    let fallback = fallback(options, contents, problems);
    let told = Told {
        contents,
        compressed,
        redirects,
        headers,
        types,
        base_path,
        fallback,
        out,
        is_compressed,
    };
    told.warn_of_extensionless(problems);
    match host {
        Host::Plain => plain::files(&told, problems),
        Host::Cloudflare => cloudflare::files(&told, problems),
        Host::Netlify => netlify::files(&told, problems),
        Host::Github => github::files(&told, problems),
        Host::Gitlab => gitlab::files(&told, problems),
        Host::Vercel => vercel::files(&told, problems),
        Host::S3 => s3::files(&told, problems),
    }
}

/// The path of the file in the output that answers in place of all pages that are missing.
fn fallback(
    options: &BuildOptions,
    contents: &[Content],
    problems: &mut Problems,
) -> Option<String> {
    let named = options.rules.fallback.as_ref()?;
    let written = contents.iter().find(|content| content.source == named.relative());
    // Of a page with an error, that is told.
    if written.is_none() && problems.errors.is_empty() {
        problems.error(format!(
            "`fallback` names `{}`, which is not written: name a page of the site, or leave it out",
            named.as_str()
        ));
    }
    UrlPath::of_name(&written?.file, false).map(|path| path.encoded())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::publish::host::Rules;

    /// What `host` is said of a site of so many files, and so many compressed forms.
    fn problems(host: Host, count: usize, compressed: usize) -> Problems {
        let options = BuildOptions {
            out: "out".into(),
            host,
            layout: None,
            keep: Vec::new(),
            rules: Rules::default(),
            is_compressed: false,
            verifies: false,
            threads: 1,
            now: SystemTime::UNIX_EPOCH,
        };
        let content = |number: usize| {
            let file = format!("{number}.css");
            Content {
                path: UrlPath::of_name(&file, false).unwrap(),
                source: file.clone(),
                file,
                is_page: false,
                content_type: "text/css".to_owned(),
                bytes: 1,
            }
        };
        let contents: Vec<Content> = (0..count).map(content).collect();
        let mut problems = Problems::default();
        files(&options, Path::new("out"), &contents, compressed, &[], &mut problems);
        problems
    }

    #[test]
    fn more_files_than_a_host_takes_are_a_warning() {
        let warning = "Cloudflare takes 20000 files without a paid plan, and there are 20001";
        // Cloudflare reads one of its own.
        for (host, count, compressed, warnings) in [
            (Host::Cloudflare, 20_000, 0, &[warning][..]),
            (Host::Cloudflare, 7_000, 13_000, &[warning]),
            (Host::Cloudflare, 19_999, 0, &[]),
            (Host::Netlify, 20_001, 0, &[]),
        ] {
            let found = problems(host, count, compressed);
            assert_eq!(
                (found.errors.len(), found.warnings),
                (0, warnings.iter().map(|w| (*w).to_owned()).collect())
            );
        }
    }
}
