//! Unclosed parts of a template: tags, quotes, brackets, and statements
//! without their end tag.
//!
//! The engine notices it where something else stands in the way, often at the end of the
//! file. To say where it opens takes a guess, which is made only of a source that the
//! engine cannot read.

use std::ops::Range;

use crate::{
    diagnostic::line_and_column,
    site::templates::code::{self, Tag, TagKind},
};

/// The statements that go up to an end tag, and that.
const BODIES: [(&str, &str); 9] = [
    ("autoescape", "endautoescape"),
    ("block", "endblock"),
    ("call", "endcall"),
    ("filter", "endfilter"),
    ("for", "endfor"),
    ("if", "endif"),
    ("macro", "endmacro"),
    ("set", "endset"),
    ("with", "endwith"),
];

/// Something that opens and does not close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unclosed {
    pub(crate) opened: Opened,
    /// What opens it, in bytes of the source.
    pub(crate) range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    Tag(TagKind),
    Quote(char),
    Bracket(char),
    Statement {
        name: &'static str,
        end: &'static str,
        /// The tag that comes where its end is missing, and its line.
        before: Option<(String, usize)>,
    },
}

impl Opened {
    /// What is wrong.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Tag(TagKind::Raw) => "`{% raw %}` is not closed".to_owned(),
            Self::Tag(kind) => format!("`{}` is not closed", kind.opening()),
            Self::Quote(quote) => format!("`{quote}` is not closed"),
            Self::Bracket(bracket) => format!("`{bracket}` is not closed"),
            Self::Statement { name, .. } => format!("`{{% {name} %}}` is not closed"),
        }
    }

    /// What to do about it, or about braces of another tool, if it is that.
    pub(crate) fn help(&self, foreign: &str) -> String {
        match self {
            Self::Tag(TagKind::Comment) => {
                format!("close the comment with `#}}`, or write `{{ #` in CSS; {foreign}")
            }
            Self::Tag(TagKind::Raw) => "`{% raw %}` needs its end tag `{% endraw %}`".to_owned(),
            Self::Tag(kind) => {
                let (opening, closing) = (kind.opening(), kind.closing());
                format!(
                    "`{opening}` begins a tag here that nothing ends: close it with `{closing}`; \
                     {foreign}"
                )
            }
            Self::Quote(_) => format!("the text lacks its closing quote; {foreign}"),
            Self::Bracket(bracket) => {
                let closing = closing_bracket(*bracket);
                format!("close it with `{closing}` before the tag ends")
            }
            Self::Statement { end, before: None, .. } => {
                format!("close it with `{{% {end} %}}`")
            }
            Self::Statement { end, before: Some((tag, line)), .. } => {
                format!("close it with `{{% {end} %}}` before the `{{% {tag} %}}` of line {line}")
            }
        }
    }
}

/// What does not close, where that is why the engine says `detail` of the byte `at`.
pub(crate) fn find(source: &str, at: usize, detail: &str) -> Option<Unclosed> {
    // It has not read on to where it might close.
    if detail.contains("recursion limit") {
        return None;
    }
    let tag = code::tags(source).take_while(|tag| tag.range.start <= at).last();
    let tag = tag.filter(|tag| at < tag.range.end || !tag.is_closed);
    if let Some(unclosed) = tag.as_ref().and_then(|tag| in_tag(source, tag)) {
        return Some(unclosed);
    }
    if detail.starts_with("unexpected end of input") {
        return innermost(open_statements(source, source.len()), None);
    }
    let tag = tag?;
    let open = open_statements(source, tag.range.start);
    if detail.contains("block tags in macros") {
        let is_closed = statements(source).any(|tag| first_word(tag.code) == "endmacro");
        return open.into_iter().find(|open| open.name == "macro" && !is_closed)?.unclosed(None);
    }
    let line = line_and_column(source, tag.range.start).0;
    if let Some(rest) = detail.strip_prefix("mismatching name on block. Got `") {
        let name = rest.split('`').next()?;
        let is_meant = open.iter().any(|open| is_block(&source[open.range.clone()], name));
        let before = (format!("endblock {name}"), line);
        return if is_meant { innermost(open, Some(before)) } else { None };
    }
    let name = detail.strip_prefix("unknown statement ")?;
    let is_meant = open.iter().any(|open| open.takes(name));
    let before = (name.to_owned(), line);
    if is_meant { innermost(open, Some(before)) } else { None }
}

/// What does not close in a tag that the engine cannot read, where that is what is wrong.
pub(crate) fn in_tag(source: &str, tag: &Tag<'_>) -> Option<Unclosed> {
    let start = tag.range.start;
    let unclosed = |opened, at: usize, len| Some(Unclosed { opened, range: at..at + len });
    let tag_itself = || unclosed(Opened::Tag(tag.kind), start, tag.kind.opening().len());
    match tag.kind {
        TagKind::Raw if !tag.is_closed => {
            return unclosed(Opened::Tag(tag.kind), start, tag.code_range.start - start);
        }
        TagKind::Comment if !tag.is_closed => return tag_itself(),
        TagKind::Raw | TagKind::Comment => return None,
        TagKind::Expression | TagKind::Statement => {}
    }
    let mut brackets: Vec<(usize, char)> = Vec::new();
    let mut from = tag.code_range.start;
    let (mut is_first_line, mut is_line_start) = (true, false);
    while let Some(c) = source[from..].chars().next() {
        let (at, rest) = (from, &source[from..]);
        from += c.len_utf8();
        match c {
            '<' if is_line_start && rest[1..].starts_with(char::is_alphabetic) => {
                return tag_itself();
            }
            '\'' if !is_first_line && source[..at].ends_with(char::is_alphabetic) => {
                return tag_itself();
            }
            '"' | '\'' => match quote(rest, tag.kind.closing(), tag.is_closed) {
                Quote::Ends(len) => from = at + len,
                Quote::IsOpen => return unclosed(Opened::Quote(c), at, 1),
                Quote::IsText => return tag_itself(),
            },
            _ if brackets.is_empty() && rest.starts_with(tag.kind.closing()) => return None,
            // Another tag, or an element of the page.
            _ if ["{{", "{%", "{#", "</", "<!"].iter().any(|next| rest.starts_with(next)) => {
                return tag_itself();
            }
            '(' | '[' | '{' => brackets.push((at, c)),
            ')' | ']' | '}' => match brackets.pop() {
                Some((_, open)) if closing_bracket(open) == c => {}
                Some((at, open)) => return unclosed(Opened::Bracket(open), at, 1),
                // One brace where there should be two, or those of another kind of tag.
                None if c == '}' => return tag_itself(),
                None => return None,
            },
            _ => {}
        }
        is_first_line &= c != '\n';
        is_line_start = c == '\n' || is_line_start && c.is_whitespace();
    }
    tag_itself()
}

enum Quote {
    /// After so many bytes.
    Ends(usize),
    IsOpen,
    /// It is an apostrophe in the text of the page.
    IsText,
}

/// What becomes of the quote that `rest` begins with.
fn quote(rest: &str, closing: &str, is_tag_closed: bool) -> Quote {
    let mut is_escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = !is_escaped && rest.starts_with(*c);
        is_escaped = !is_escaped && *c == '\\';
        ends
    });
    let line = rest.lines().next().unwrap_or_default();
    match end {
        Some((at, _)) if at < line.len() => Quote::Ends(at + 1),
        _ if line.contains(closing) => Quote::IsOpen,
        Some((at, _)) if is_tag_closed => Quote::Ends(at + 1),
        _ => Quote::IsText,
    }
}

fn closing_bracket(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// A statement whose end tag has not come yet.
struct Open {
    name: &'static str,
    end: &'static str,
    range: Range<usize>,
}

impl Open {
    /// Whether a tag of this name may stand in it, or ends it.
    fn takes(&self, name: &str) -> bool {
        match name {
            "else" => matches!(self.name, "if" | "for"),
            "elif" => self.name == "if",
            _ => self.end == name,
        }
    }

    fn unclosed(self, before: Option<(String, usize)>) -> Option<Unclosed> {
        let opened = Opened::Statement { name: self.name, end: self.end, before };
        Some(Unclosed { opened, range: self.range })
    }
}

fn innermost(mut open: Vec<Open>, before: Option<(String, usize)>) -> Option<Unclosed> {
    open.pop()?.unclosed(before)
}

/// The statements that are open at the byte `until`, the innermost last.
fn open_statements(source: &str, until: usize) -> Vec<Open> {
    let mut open: Vec<Open> = Vec::new();
    for tag in statements(source).take_while(|tag| tag.range.start < until) {
        let word = first_word(tag.code);
        if open.last().is_some_and(|open| open.end == word) {
            open.pop();
        } else if let Some((name, end)) = BODIES.iter().find(|(name, _)| *name == word)
            && (word != "set" || is_set_of_body(tag.code))
        {
            open.push(Open { name, end, range: tag.range });
        }
    }
    open
}

fn statements(source: &str) -> impl Iterator<Item = Tag<'_>> {
    code::tags(source).filter(|tag| tag.kind == TagKind::Statement)
}

fn first_word(code: &str) -> &str {
    let code = code.trim_start();
    code.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// Whether a tag begins the block `name`.
fn is_block(tag: &str, name: &str) -> bool {
    let mut words = tag.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
    words.next() == Some("block") && words.next() == Some(name)
}

/// Whether a `set` takes what follows up to its end tag, as it does without a `=` before
/// its filters.
fn is_set_of_body(code: &str) -> bool {
    code.find(['=', '|']).is_none_or(|at| code[at..].starts_with('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that opens, and does not close, of what the engine says of `source`.
    fn found(source: &str) -> Option<String> {
        let mut environment = minijinja::Environment::new();
        environment.set_debug(true);
        let error = environment.render_str(source, ()).unwrap_err();
        let at = error.range().map_or(0, |range| range.start);
        let unclosed = find(source, at, error.detail().unwrap_or_default())?;
        let (line, column) = line_and_column(source, unclosed.range.start);
        Some(format!("{line}:{column} {}", &source[unclosed.range]))
    }

    #[test]
    fn finds_what_does_not_close() {
        let many_lines = "\n<p>don't worry, it's \"text\"</p>".repeat(44);
        for (source, expected) in [
            ("a\n{{ b", "2:1 {{"),
            ("a {{ b <i>c</i>", "1:3 {{"),
            ("a {{ b }", "1:3 {{"),
            ("a {{ b } c {{ d }}", "1:3 {{"),
            ("a {{ b %}", "1:3 {{"),
            ("a {{ b\n{{ c }}", "1:3 {{"),
            ("a {{ b\n{# c #}", "1:3 {{"),
            ("a {{ {'b': 1 }} c", "1:3 {{"),
            ("{% if 1 }}{% endif %}", "1:1 {%"),
            ("{% if 1 }", "1:1 {%"),
            ("{% if 1\n<b>{% endif %}", "1:1 {%"),
            ("{% set a = {'b': 1} ", "1:1 {%"),
            ("{# a {{ b }}", "1:1 {#"),
            ("<style>@media print{#nav{color:red}}</style>{{ b }}", "1:20 {#"),
            ("{{ a }}{% raw %}{{ b", "1:8 {% raw %}"),
            ("{%- raw -%}{% endraw", "1:1 {%- raw -%}"),
            ("{{ 'b }}", "1:4 '"),
            ("{{ \"b }}\n{{ \"c\" }}", "1:4 \""),
            ("{{ b('c) }}\n{{ d }}", "1:6 '"),
            ("{{ b(1 }}", "1:5 ("),
            ("{{ b([1) }}", "1:6 ["),
            ("{{ b[1 }}\n{{ c }}", "1:5 ["),
            ("{% if 1 %}\n", "1:1 {% if 1 %}"),
            ("{% for a in [] %}{%- if a -%}\n{% endfor %}", "1:18 {%- if a -%}"),
            ("{% for a in [] %}{% if a %}", "1:18 {% if a %}"),
            (
                "{% if 1 %}{% for a in [] %}{% else %}{% elif 2 %}{% endif %}",
                "1:11 {% for a in [] %}",
            ),
            ("{% block a %}{% if 1 %}{% endif %}", "1:1 {% block a %}"),
            ("{% if 1 %}{% with a = 1 %}{% endif %}", "1:11 {% with a = 1 %}"),
            (
                "{% set a %}{% set b = 1 %}{% set c | replace('=', '') %}{% endset %}",
                "1:1 {% set a %}",
            ),
            ("{% macro a() %}{% block b %}{% endblock %}", "1:1 {% macro a() %}"),
            ("{% call a() %}{% filter upper %}{% endcall %}", "1:15 {% filter upper %}"),
            ("{% autoescape false %}", "1:1 {% autoescape false %}"),
            ("a {{ b\n<p>don't {{ c }}", "1:3 {{"),
            ("a {{ b\n  <p title='c'>{{ d }}", "1:3 {{"),
            ("a {{ b\nit's {{ c }}", "1:3 {{"),
            ("{% if a\n<p>don't</p>{% endif %}", "1:1 {%"),
            ("{% block a %}{% block b %}{% endblock a %}", "1:14 {% block b %}"),
        ] {
            assert_eq!(found(source).as_deref(), Some(expected), "{source}");
            // So it is with more text after it, unless that closes it.
            let source = format!("{source}{many_lines}");
            assert_eq!(found(&source).as_deref(), Some(expected), "{source:.60}");
        }
    }

    #[test]
    fn leaves_other_errors_where_the_engine_sees_them() {
        for source in [
            "{{ a b }}",
            "{{ a) }}",
            "{% endif %}",
            "{% for a in [] %}{% endif %}{% endfor %}",
            "{% if 1 %}{% endfro %}{% endif %}",
            "{% if 1 %}{% nosuch %}{% endif %}",
            "{% macro a() %}{% block b %}{% endblock %}{% endmacro %}",
            "{{ a(b,\n  'c }} d') e }}",
            "{{ 'a\n b' c }}",
            "{{ '{{' a }}",
            "{{#if a}}x{{/if}}",
            "{{{ html }}}",
            "{{ a ? b : c }}",
            "<div style={{color: 'red'}}>",
            "{% block a %}{% endblock %}{% block a %}{% endblock %}",
            "{% block a %}{% endblock b %}",
        ] {
            assert_eq!(found(source), None, "{source}");
        }
    }
}
