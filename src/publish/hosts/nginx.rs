//! The configuration of nginx under which it answers as the server does.
//!
//! Sources: nginx.org/en/docs/http/{ngx_http_core_module,ngx_http_rewrite_module}.

use std::fmt::Write;

use super::{
    header::{Header, Paths},
    redirect::{Redirect, SPLAT, Segment},
    told::Told,
};

/// The fields of content, which only answers with content get.
const OF_CONTENT: [&str; 3] = ["cache-control", "expires", "content-language"];

/// Routing as in `site/naming.rs`: a file, a page, else a redirect to where one is.
const ROUTING: &str = r#"if ($request_uri ~ "^(?<path>[^?]*?)/?(?<query>\?.*)?$") { set $is_read 1; }
location ~ "/[._](?!well-known/)" { return 404; }
location = / { try_files /index.html =404; }
location ~ "^(?<page>.+)/$" { try_files "${uri}index.html" @page; }
location / { try_files $uri $uri.html @folder; }
location @folder {
    if (-f "$document_root$uri/index.html") { return 301 $path/$query; }
    NOTHING
}
location @page {
    if (-f "$document_root$page.html") { return 301 $path$query; }
    NOTHING
}
"#;

/// What [`ROUTING`] has where there is no file.
const NOTHING: &str = "NOTHING";

/// What stands in `server { … }`.
pub(super) fn snippet(told: &Told<'_>) -> String {
    let mut text = format!("root {};\n", quoted(&told.out.display().to_string()));
    text.push_str("error_page 404 /404.html;\nabsolute_redirect off;\n");
    if told.is_compressed {
        // A cache between it and its clients has to know that there are two forms.
        text.push_str("gzip_static on;\ngzip_vary on;\n");
    }
    add_types(told, &mut text);
    let prefix = told.base_path.prefix();
    if !prefix.is_empty() {
        let pattern = pattern_of(prefix);
        let _ =
            writeln!(text, "if ($request_uri ~ \"^({pattern}|/)$\") {{ return 301 {prefix}/; }}");
        let _ = writeln!(text, "if ($request_uri !~ \"^{pattern}/\") {{ return 404; }}");
    }
    add_headers(&told.headers, prefix, &mut text);
    told.redirects.iter().for_each(|redirect| add_redirect(redirect, prefix, &mut text));
    if !prefix.is_empty() {
        let _ = writeln!(text, "rewrite \"^{}(/.*)$\" $1;", pattern_of(prefix));
    }
    let fallback = told.fallback_name();
    let fallback = fallback.map(|file| format!("rewrite ^ {} last;", quoted(&file)));
    text.push_str(&ROUTING.replace(NOTHING, fallback.as_deref().unwrap_or("return 404;")));
    text
}

fn add_types(told: &Told<'_>, text: &mut String) {
    let types = told.types_by_extension();
    text.push_str("types {\n");
    for (extension, value) in types.iter().filter(|(extension, _)| !extension.is_empty()) {
        let _ = writeln!(text, "    {} {extension};", quoted(value));
    }
    let other = types.get("").unwrap_or(&"application/octet-stream");
    let _ = writeln!(text, "}}\ndefault_type {};", quoted(other));
}

fn add_redirect(redirect: &Redirect, prefix: &str, text: &mut String) {
    let (pattern, names) = pattern_of_redirect(redirect);
    let mut to = redirect.to.replace('$', "%24");
    for (idx, name) in names.iter().enumerate() {
        to = to.replace(&format!(":{name}"), &format!("${}", idx + 1));
    }
    // The query of the request, unless it has one of its own.
    let query = if to.contains('?') { String::new() } else { format!("${}", names.len() + 1) };
    let to = match to.split_once('#') {
        Some((path, fragment)) => format!("{path}{query}#{fragment}"),
        None => format!("{to}{query}"),
    };
    let prefix = pattern_of(prefix);
    let status = redirect.status;
    let _ = writeln!(
        text,
        "if ($request_uri ~ \"^{prefix}{pattern}(\\?.*)?$\") {{ return {status} {}; }}",
        quoted_value(&to)
    );
}

/// The pattern of encoded paths, and the names of its groups.
pub(super) fn pattern_of_redirect(redirect: &Redirect) -> (String, Vec<&str>) {
    let (mut pattern, mut names) = (String::new(), Vec::new());
    for segment in &redirect.from {
        match segment {
            Segment::Text(text) => pattern.push_str(&format!("/{}", pattern_of(text))),
            Segment::Name(name) => {
                names.push(name.as_str());
                pattern.push_str("/([^/?]+)");
            }
            Segment::Rest => {
                names.push(SPLAT);
                // Of the folder itself, too, but for the root, which has no name.
                pattern.push_str(if pattern.is_empty() { "/([^?]*)" } else { "(?:/([^?]*))?" });
            }
        }
    }
    (pattern, names)
}

/// Fields in the order of the rules: the last one that matches a path has the word.
fn add_headers(headers: &[Header], prefix: &str, text: &mut String) {
    let mut names: Vec<String> = Vec::new();
    for header in headers {
        // Not of `$uri`, which is `/404.html` where nothing is found.
        let pattern = format!("^{}{}", pattern_of(prefix), pattern_of_paths(&header.paths));
        let removed = header.remove.iter().map(|name| (name, ""));
        let set = header.set.iter().map(|(name, value)| (name, value.as_str()));
        for (name, value) in removed.chain(set) {
            let variable = variable_of(name);
            if !names.contains(name) {
                names.push(name.clone());
                let _ = writeln!(text, "set ${variable} \"\";");
            }
            let _ = writeln!(
                text,
                "if ($request_uri ~ \"{pattern}\") {{ set ${variable} {}; }}",
                quoted(value)
            );
        }
    }
    for name in names {
        let always =
            if OF_CONTENT.contains(&name.to_ascii_lowercase().as_str()) { "" } else { " always" };
        let _ = writeln!(text, "add_header {name} ${}{always};", variable_of(&name));
    }
}

fn variable_of(name: &str) -> String {
    format!(
        "field_{}",
        name.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")
    )
}

/// The pattern of encoded paths, to stand after the beginning of the path.
pub(super) fn pattern_of_paths(paths: &Paths) -> String {
    const END: &str = r"(\?|$)";
    match paths {
        Paths::All => "/".to_owned(),
        Paths::One(path) => format!("{}{END}", pattern_of(path)),
        Paths::Below(folder) => format!("{}/", pattern_of(folder)),
        Paths::Extension(extension) => format!("[^?]*{}{END}", pattern_of(extension)),
    }
}

/// A regular expression that matches `text` alone.
pub(super) fn pattern_of(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            pattern.push('\\');
        }
        // A quote ends the string that it stands in.
        match c {
            '"' => pattern.push_str(r"\x22"),
            '`' => pattern.push_str(r"\x60"),
            c => pattern.push(c),
        }
    }
    pattern
}

/// A string without variables.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A string with variables.
fn quoted_value(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "%22"))
}
