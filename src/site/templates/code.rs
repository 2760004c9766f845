//! The tags of a template, with their places, and the amount of code in them.
//!
//! The engine compiles each link of a chain such as `a|b|c` inside the one before:
//! a long chain takes all of a thread's stack, which ends the process, and time
//! that grows with the square of its length.

use std::ops::Range;

/// The code in all tags of a template, in bytes. A chain of tags is one of
/// `{% elif %}`, which takes more bytes a link than one in a tag.
const MAX_CODE_BYTES: usize = 256 * 1024;
/// The code in one tag, in bytes.
const MAX_TAG_BYTES: usize = 32 * 1024;

/// What may stand within the braces of a tag, next to them, for the space around it.
const SIGNS: [char; 2] = ['-', '+'];

/// A part of a template that is not sent as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    pub(crate) kind: TagKind,
    /// All of it in the source, in bytes, with its braces.
    pub(crate) range: Range<usize>,
    /// What stands between its braces, but for the signs of whitespace control. In a raw
    /// region, the text between its two tags.
    pub(crate) code: &'a str,
    /// Where `code` stands in the source.
    pub(crate) code_range: Range<usize>,
    /// Whether its braces close. One that does not close goes to the end of the source.
    pub(crate) is_closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagKind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Statement,
    /// `{# … #}`
    Comment,
    /// `{% raw %}` … `{% endraw %}`, which the page shows without its two tags.
    Raw,
}

impl TagKind {
    fn of_opening(second: u8) -> Option<Self> {
        match second {
            b'{' => Some(Self::Expression),
            b'%' => Some(Self::Statement),
            b'#' => Some(Self::Comment),
            _ => None,
        }
    }

    /// The braces that open it.
    pub(crate) fn opening(self) -> &'static str {
        match self {
            Self::Expression => "{{",
            Self::Statement | Self::Raw => "{%",
            Self::Comment => "{#",
        }
    }

    /// The braces that close it.
    pub(crate) fn closing(self) -> &'static str {
        match self {
            Self::Expression => "}}",
            Self::Statement | Self::Raw => "%}",
            Self::Comment => "#}",
        }
    }
}

/// The first tag up to which a source holds more code than the engine can compile.
pub(crate) fn beyond_limits(source: &str) -> Option<Tag<'_>> {
    let mut code_bytes = 0;
    let is_code = |tag: &Tag<'_>| matches!(tag.kind, TagKind::Expression | TagKind::Statement);
    tags(source).filter(is_code).find(|tag| {
        code_bytes += tag.code.len();
        tag.code.len() > MAX_TAG_BYTES || code_bytes > MAX_CODE_BYTES
    })
}

/// All tags of a source, from its start on. What stands between them is text.
pub(crate) fn tags(source: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let tag = next_tag(source, from)?;
        from = tag.range.end;
        Some(tag)
    })
}

/// Whether a template fills the blocks of a layout.
pub(crate) fn extends(source: &str) -> bool {
    tags(source).any(|tag| {
        tag.kind == TagKind::Statement && tag.code.split_whitespace().next() == Some("extends")
    })
}

/// Where the first braces stand in `source`, at the byte `from` or after it, that open a tag.
pub(crate) fn opening(source: &str, from: usize) -> Option<usize> {
    let bytes = source.as_bytes().get(from..)?;
    let opens = |pair: &[u8]| pair[0] == b'{' && TagKind::of_opening(pair[1]).is_some();
    Some(from + bytes.windows(2).position(opens)?)
}

/// The first tag that opens in `source` at the byte `from` or after it.
pub(crate) fn next_tag(source: &str, from: usize) -> Option<Tag<'_>> {
    let start = opening(source, from)?;
    let kind = TagKind::of_opening(*source.as_bytes().get(start + 1)?)?;
    let opened = start + kind.opening().len();
    let opened = opened + usize::from(source[opened..].starts_with(SIGNS));
    if kind == TagKind::Statement
        && let Some(len) = simple_tag_len(&source[opened..], "raw")
    {
        return Some(raw_region(source, start, opened + len));
    }
    let len = match kind {
        TagKind::Comment => source[opened..].find(kind.closing()),
        _ => tag_len(&source[opened..], kind.closing()),
    };
    let code_end = len.map_or(source.len(), |len| opened + len);
    let end = len.map_or(source.len(), |_| code_end + kind.closing().len());
    let code = &source[opened..code_end];
    let code = code.strip_suffix(SIGNS).filter(|_| len.is_some()).unwrap_or(code);
    Some(Tag {
        kind,
        range: start..end,
        code,
        code_range: opened..opened + code.len(),
        is_closed: len.is_some(),
    })
}

/// The raw region that opens at the byte `start`, and whose text begins at `opened`.
fn raw_region(source: &str, start: usize, opened: usize) -> Tag<'_> {
    let end_tag = source[opened..].match_indices("{%").find_map(|(at, braces)| {
        let tag = opened + at + braces.len();
        let tag = tag + usize::from(source[tag..].starts_with(SIGNS));
        Some((opened + at, tag + simple_tag_len(&source[tag..], "endraw")?))
    });
    let (text_end, end) = end_tag.unwrap_or((source.len(), source.len()));
    Tag {
        kind: TagKind::Raw,
        range: start..end,
        code: &source[opened..text_end],
        code_range: opened..text_end,
        is_closed: end_tag.is_some(),
    }
}

/// The bytes to the end of a tag of nothing but a `name`, where `open` is one, from after
/// its opening on.
fn simple_tag_len(open: &str, name: &str) -> Option<usize> {
    let is_space = |c: char| c.is_ascii_whitespace();
    let rest = open.trim_start_matches(is_space).strip_prefix(name)?.trim_start_matches(is_space);
    let rest = rest.strip_prefix(SIGNS).unwrap_or(rest).strip_prefix("%}")?;
    Some(open.len() - rest.len())
}

/// The bytes before the `closing` braces, which may also stand in quotes, or
/// while a bracket is open.
fn tag_len(open: &str, closing: &str) -> Option<usize> {
    let mut quote = None;
    let mut brackets = 0_isize;
    let mut chars = open.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote.is_some() => drop(chars.next()),
            _ if quote.is_some() => quote = quote.filter(|&opening| opening != c),
            '"' | '\'' => quote = Some(c),
            _ if brackets == 0 && open[at..].starts_with(closing) => return Some(at),
            '(' | '[' | '{' => brackets += 1,
            ')' | ']' | '}' => brackets -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_tags_of_a_source() {
        for (source, expected) in [
            ("", &[] as &[&str]),
            ("<p>a { b } c }} %}</p>", &[]),
            ("{{ a }}", &["{{ a }}"]),
            ("x{%- if a -%}y{{b}}z{% endif %}}}", &["{% if a %}", "{{b}}", "{% endif %}"]),
            ("{{-a+}}{{-}}{{ -1 - }}{#-#}", &["{{a}}", "{{}}", "{{ -1 - }}", "{##}"]),
            ("{{ '}}' | c }}", &["{{ '}}' | c }}"]),
            ("{{ \"\\\"}}'\" | c }}", &["{{ \"\\\"}}'\" | c }}"]),
            ("{{ {'a': {}} }}}}", &["{{ {'a': {}} }}"]),
            ("{{ '{{' }}{% b %}", &["{{ '{{' }}", "{% b %}"]),
            ("{# {{ a }} don't #}{{ é }}", &["{# {{ a }} don't #}", "{{ é }}"]),
            ("{%- raw +%}{{ don't }}{%-endraw%}{{ b }}", &["raw {{ don't }}", "{{ b }}"]),
            ("{%raw%}endraw {% x %}{%\nendraw -%}", &["raw endraw {% x %}"]),
            ("{% rawer %}{% raw x %}", &["{% rawer %}", "{% raw x %}"]),
            ("{{ a", &["{{ a …"]),
            ("{{ 'a }}", &["{{ 'a }} …"]),
            ("{% a -", &["{% a - …"]),
            ("{# a", &["{# a …"]),
            ("{#}", &["{#} …"]),
            ("{% raw %}{% endraw", &["raw {% endraw …"]),
            ("{", &[]),
        ] {
            let mut end = 0;
            let shown = |tag: Tag<'_>| {
                assert_eq!(tag.code, &source[tag.code_range.clone()], "{source}");
                assert!(end <= tag.range.start && tag.code_range.end <= tag.range.end);
                end = tag.range.end;
                assert!(source[tag.range.clone()].starts_with(tag.kind.opening()), "{source}");
                let closing = tag.kind.closing();
                assert!(!tag.is_closed || source[..end].ends_with(closing), "{source}");
                assert!(tag.is_closed || end == source.len(), "{source}");
                let (opening, closing) = match tag.kind {
                    TagKind::Raw => ("raw ", ""),
                    kind => (kind.opening(), closing),
                };
                format!("{opening}{}{}", tag.code, if tag.is_closed { closing } else { " …" })
            };
            assert_eq!(tags(source).map(shown).collect::<Vec<_>>(), expected, "{source}");
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
            assert_eq!(
                beyond_limits(&source).is_none(),
                is_within,
                "{source:.20}, {}",
                source.len()
            );
        }
    }
}
