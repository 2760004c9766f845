//! The globs of the configuration, over paths: `*` stays within a segment, `**` does not.

use globset::{Error, Glob, GlobBuilder};

/// Compiles a glob.
///
/// # Errors
/// Where it is malformed.
pub(crate) fn compile(glob: &str) -> Result<Glob, Error> {
    GlobBuilder::new(glob).literal_separator(true).build()
}

/// The glob that matches `text` alone, a segment of a path; no name of a segment either.
pub(crate) fn escape(text: &str) -> String {
    let escaped = globset::escape(text);
    match escaped.strip_prefix(':') {
        Some(rest) => format!("[:]{rest}"),
        None => escaped,
    }
}

/// The text that `glob` matches alone. `None` where it matches several.
pub(crate) fn literal(glob: &str) -> Option<String> {
    let mut text = String::with_capacity(glob.len());
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '*' | '?' | '{' | '}' => return None,
            '\\' => chars.next()?,
            '[' => {
                let only = chars.next().filter(|c| !matches!(c, '!' | '^'))?;
                chars.next().filter(|end| *end == ']')?;
                only
            }
            c => c,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_and_matches_alone() {
        for text in ["a b", "a*b", ":name", "{a}", "a[1]", "?", "**", "é!", "a:b", "]"] {
            let glob = escape(text);
            assert_eq!(literal(&glob).as_deref(), Some(text), "{glob}");
            let matcher = compile(&glob).unwrap().compile_matcher();
            assert!(matcher.is_match(text) && !matcher.is_match("ab"), "{glob}");
        }
    }

    #[test]
    fn what_matches_several_is_no_text() {
        for (glob, text) in [
            ("*", None),
            ("a/**", None),
            ("a?", None),
            ("{a,b}", None),
            ("[ab]", None),
            ("[!a]", None),
            ("[a-c]", None),
            (r"a\*", Some("a*")),
            ("a/b", Some("a/b")),
        ] {
            assert_eq!(literal(glob).as_deref(), text, "{glob}");
        }
    }
}
