//! The configuration of Caddy under which it answers as the server does.
//!
//! Sources: caddyserver.com/docs/caddyfile (matchers, route, redir, file_server, error).
//! The matchers of a set run in any order, so that none may need what another one found.

use std::fmt::Write;

use super::{
    header::Header,
    nginx::{pattern_of, pattern_of_paths, pattern_of_redirect},
    redirect::Redirect,
    told::Told,
};

/// Routing as in `site/naming.rs`: a file, a page, else a redirect to where one is.
const ROUTING: &str = r"		@hidden {
			path_regexp /[._]
			not path /.well-known/*
		}
		error @hidden 404
		@page {
			not path */
			not file {path}
			file {path}.html
		}
		rewrite @page {http.matchers.file.relative}
		@index {
			path */
			file {path}index.html
		}
		rewrite @index {http.matchers.file.relative}
		@slash path_regexp slash ^(.+)/$
		route @slash {
			@other file {re.slash.1}.html
			route @other {
				@bare vars_regexp bare {http.request.orig_uri} ^(/[^?]*)/(\?.*)?$
				redir @bare {re.bare.1}{re.bare.2} 301
			}
		}
		@folder file {path}/index.html
		route @folder {
			@whole vars_regexp whole {http.request.orig_uri} ^(/[^?]*)(\?.*)?$
			redir @whole {re.whole.1}/{re.whole.2} 301
		}
";

/// A site of a Caddyfile.
pub(super) fn snippet(told: &Told<'_>) -> String {
    let mut text = "example.com {\n".to_owned();
    let _ = writeln!(text, "\troot * {}\n\troute {{", quoted(&told.out.display().to_string()));
    let prefix = told.base_path.prefix();
    if !prefix.is_empty() {
        let _ = writeln!(text, "\t\tredir / {prefix}/ 301\n\t\tredir {prefix} {prefix}/ 301");
        let _ = writeln!(text, "\t\t@outside not path {prefix}/*\n\t\terror @outside 404");
    }
    for (idx, header) in told.headers.iter().enumerate() {
        add_header(header, idx + 1, prefix, &mut text);
    }
    for (idx, redirect) in told.redirects.iter().enumerate() {
        add_redirect(redirect, idx + 1, prefix, &mut text);
    }
    if !prefix.is_empty() {
        let _ = writeln!(text, "\t\turi strip_prefix {prefix}");
    }
    text.push_str(ROUTING);
    if let Some(file) = told.fallback_name() {
        let _ = writeln!(
            text,
            "\t\t@missing not file {{path}}\n\t\trewrite @missing {}",
            quoted(&file)
        );
    }
    add_types(told, &mut text);
    let precompressed = if told.is_compressed { "\n\t\t\tprecompressed br zstd gzip" } else { "" };
    let _ = writeln!(
        text,
        "\t\tfile_server {{\n\t\t\tdisable_canonical_uris\n\t\t\tindex .none{precompressed}\n\t\t}}\n\t}}"
    );
    text.push_str(
        "\thandle_errors {\n\t\trewrite * /404.html\n\t\theader -Cache-Control\n\t\theader -Expires\n\
         \t\theader Content-Type \"text/html; charset=utf-8\"\n\t\tfile_server {\n\
         \t\t\tdisable_canonical_uris\n\t\t}\n\t}\n}\n",
    );
    text
}

fn add_redirect(redirect: &Redirect, number: usize, prefix: &str, text: &mut String) {
    let (pattern, names) = pattern_of_redirect(redirect);
    let matcher = format!("redirect{number}");
    let mut to = redirect.to.replace('{', "%7B").replace('}', "%7D");
    for (idx, name) in names.iter().enumerate() {
        to = to.replace(&format!(":{name}"), &format!("{{re.{matcher}.{}}}", idx + 1));
    }
    let query = match to.contains('?') {
        true => String::new(),
        false => format!("{{re.{matcher}.{}}}", names.len() + 1),
    };
    let to = match to.split_once('#') {
        Some((path, fragment)) => format!("{path}{query}#{fragment}"),
        None => format!("{to}{query}"),
    };
    let prefix = pattern_of(prefix);
    let _ = writeln!(
        text,
        "\t\t@{matcher} vars_regexp {matcher} {{http.request.orig_uri}} `^{prefix}{pattern}(\\?.*)?$`\n\
         \t\tredir @{matcher} {} {}",
        quoted(&to),
        redirect.status
    );
}

fn add_header(header: &Header, number: usize, prefix: &str, text: &mut String) {
    let pattern = format!("^{}{}", pattern_of(prefix), pattern_of_paths(&header.paths));
    let _ = writeln!(
        text,
        "\t\t@header{number} vars_regexp {{http.request.orig_uri}} `{pattern}`\n\
         \t\theader @header{number} {{"
    );
    for name in &header.remove {
        let _ = writeln!(text, "\t\t\t-{name}");
    }
    for (name, value) in &header.set {
        let _ = writeln!(text, "\t\t\t{name} {}", quoted(value));
    }
    text.push_str("\t\t}\n");
}

fn add_types(told: &Told<'_>, text: &mut String) {
    for (extension, value) in told.types_by_extension() {
        let pattern = match extension {
            "" => "/[^./]*$".to_owned(),
            extension => format!("{}$", pattern_of(&format!(".{extension}"))),
        };
        let matcher = if extension.is_empty() {
            "extensionless".to_owned()
        } else {
            format!("type_{extension}")
        };
        let _ = writeln!(
            text,
            "\t\t@{matcher} path_regexp `{pattern}`\n\t\theader @{matcher} Content-Type {}",
            quoted(value)
        );
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
