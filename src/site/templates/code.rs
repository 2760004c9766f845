//! The tags of a template, and the amount of code in them.
//!
//! The engine compiles each link of a chain such as `a|b|c` inside the one before:
//! a long chain takes all of a thread's stack, which ends the process, and time
//! that grows with the square of its length.

/// The code in all tags of a template, in bytes. A chain of tags is one of
/// `{% elif %}`, which takes more bytes a link than one in a tag.
const MAX_CODE_BYTES: usize = 256 * 1024;
/// The code in one tag, in bytes.
const MAX_TAG_BYTES: usize = 32 * 1024;

/// A tag of a template, `{{ … }}` or `{% … %}`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag<'a> {
    /// What opens it.
    pub(crate) opening: &'static str,
    /// What stands between its braces.
    pub(crate) code: &'a str,
    /// Whether its braces close.
    pub(crate) is_closed: bool,
}

/// Whether the engine can compile code of this size.
pub(crate) fn is_within_limits(source: &str) -> bool {
    let mut code_bytes = 0;
    tags(source).all(|tag| {
        code_bytes += tag.code.len();
        tag.code.len() <= MAX_TAG_BYTES && code_bytes <= MAX_CODE_BYTES
    })
}

/// The tags of a source, but for comments and what stands in `{% raw %}`.
pub(crate) fn tags(source: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = source;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('{')?;
            rest = after;
            if let Some(comment) = rest.strip_prefix('#') {
                rest = comment.split_once("#}").map_or("", |(_, after)| after);
                continue;
            }
            let (opening, open, closing) = if let Some(open) = rest.strip_prefix('{') {
                ("{{", open, "}}")
            } else if let Some(open) = rest.strip_prefix('%') {
                ("{%", open, "%}")
            } else {
                continue;
            };
            let (code, after) = open.split_at(tag_len(open, closing));
            rest = if is_raw(code) { after_raw(after) } else { after };
            return Some(Tag { opening, code, is_closed: !after.is_empty() });
        }
    })
}

/// The bytes before the `closing` braces, which may also stand in quotes, or
/// while a bracket is open.
fn tag_len(open: &str, closing: &str) -> usize {
    let mut quote = None;
    let mut brackets = 0_isize;
    let mut chars = open.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote.is_some() => drop(chars.next()),
            _ if quote.is_some() => quote = quote.filter(|&opening| opening != c),
            '"' | '\'' => quote = Some(c),
            _ if brackets == 0 && open[at..].starts_with(closing) => return at,
            '(' | '[' | '{' => brackets += 1,
            ')' | ']' | '}' => brackets -= 1,
            _ => {}
        }
    }
    open.len()
}

fn is_raw(tag: &str) -> bool {
    tag.trim_matches(['-', '+']).trim() == "raw"
}

fn after_raw(source: &str) -> &str {
    source.split_once("endraw").map_or("", |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_tags_of_a_source() {
        for (source, expected) in [
            ("", &[] as &[&str]),
            ("<p>a { b } c }} %}</p>", &[]),
            ("{{ a }}", &[" a "]),
            ("x{%- if a -%}text{{b}}text{% endif %}text}}", &["- if a -", "b", " endif "]),
            ("{{ '}}' | c }}", &[" '}}' | c "]),
            ("{{ \"\\\"}}'\" | c }}", &[" \"\\\"}}'\" | c "]),
            ("{{ {'a': {}} }}}}", &[" {'a': {}} "]),
            ("{{ '{{' }}{% b %}", &[" '{{' ", " b "]),
            ("{# {{ a }} don't #}{{ b }}", &[" b "]),
            ("{%- raw +%}{{ don't }}{% endraw %}{{ b }}", &["- raw +", " b "]),
            ("{{ a", &[" a"]),
            ("{{ 'a }}", &[" 'a }}"]),
            ("{# a", &[]),
            ("{", &[]),
        ] {
            let code: Vec<&str> = tags(source).map(|tag| tag.code).collect();
            assert_eq!(code, expected, "{source}");
        }
    }

    #[test]
    fn a_tag_may_lack_its_end() {
        for (source, expected) in [
            ("{{ a }}{% b", ("{%", false)),
            ("{% a %}{{ '}}' ", ("{{", false)),
            ("{{ a }}{% b %} }}", ("{%", true)),
        ] {
            let last = tags(source).last().unwrap();
            assert_eq!((last.opening, last.is_closed), expected, "{source}");
        }
    }

    #[test]
    fn limits_the_code_and_not_the_text() {
        for (source, is_within) in [
            ("text } ".repeat(1_000_000), true),
            (format!("{{{{{}}}}}", "x".repeat(MAX_TAG_BYTES)), true),
            (format!("{{{{{}}}}}", "x".repeat(MAX_TAG_BYTES + 1)), false),
            ("{% elif 0 %}".repeat(MAX_CODE_BYTES / 8), true),
            ("{% elif 0 %}".repeat(MAX_CODE_BYTES / 8 + 1), false),
        ] {
            assert_eq!(is_within_limits(&source), is_within, "{source:.20}, {}", source.len());
        }
    }
}
