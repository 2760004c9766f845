//! Tests of the marks in sources.

use super::*;

/// A marked source with readable marks.
fn readable(marked: &str) -> String {
    let marks = [
        (marks::FILE, "<file "),
        (marks::BODY, "<body "),
        (marks::PART, "<part "),
        (marks::LINE, "<line "),
        (marks::NAMED, ">"),
        (marks::END, "<end>"),
        (marks::HTML, "<html>"),
        (marks::APART, "<>"),
    ];
    marks.iter().fold(marked.to_owned(), |text, (mark, name)| text.replace(*mark, name))
}

#[test]
fn marks_tell_where_text_is_from() {
    for (source, expected) in [
        ("a", "<file a>a<end>"),
        ("a\n{{ b }}", "<file a>a\n<line 2:0>{{ b }}<end>"),
        ("`{{ a }}` {#b}\n", "<file a>`{<>{ a }}` {<>#b}\n<end>"),
        (
            "{% call a() %}b{% endcall %}",
            "<file a><line 1:0>{% call a() %}<body a>b<end>{% endcall %}<end>",
        ),
        ("{%- if a -%}\n\n  b\nc [d]", "<file a>{%- if a -%}\n\n  b\n<line 4:0>c [d]<end>"),
        (
            "{% if a %}\n    b\n{% endif %}",
            "<file a><line 1:0>{% if a %}\n<line 2:4>    b\n<line 3:0>{% endif %}<end>",
        ),
        ("{% raw %}{{ a }}{% endraw %}", "<file a><line 1:0>{% raw %}{<>{ a }}{% endraw %}<end>"),
    ] {
        assert_eq!(readable(&mark_markdown("a", source)), expected, "{source}");
    }
    for (source, expected) in [
        ("a", "<html>a<end>"),
        ("{% macro a() %}b{% endmacro %}", "<html>{% macro a() %}<html>b<end>{% endmacro %}<end>"),
        ("{% extends 'a' %}b", "{% extends 'a' %}b"),
    ] {
        assert_eq!(readable(&mark_html(source)), expected, "{source}");
    }
}

#[test]
fn places_lead_back() {
    let source = "# A {#b}\n\n`{{ a }}` {{ b }}\n{% if c %}\n    [d](e) {{ f }}\n{% endif %}\n{% macro g() %}x{% endmacro %}";
    let marked = mark_markdown("a.md", source);
    for part in ["# A", "{{ b }}", "{{ f }}", "{% endif %}", "{% endmacro %}", " b "] {
        let at = marked.find(part).unwrap();
        let (text, range) = restored(&marked, at..at + part.len());
        assert_eq!((&*text, &source[range]), (source, part));
    }
}

/// A file may be of any size and shape: each of these took no longer than its length asks for.
#[test]
fn no_file_takes_long() {
    for text in [
        "a *b* `c` [d](/e)\n\n",
        "{{ a }}",
        "{{",
        "{% if a %}\n",
        "`{{ `",
        "{#a ",
        "`",
        "[",
        "- ",
        "> ",
        "*",
        "{% call a() %}",
        "{{ '`' }}`",
        "{# ` #} `",
        "www.a",
        "http://_",
        "a@",
        "<",
        "![[",
        "{% if a %}    - b\n",
        "```\n{{ a }}\n",
        "|a",
        "{#a}\n",
        "\\",
    ] {
        let source = text.repeat(100_000 / text.len());
        let began = std::time::Instant::now();
        let marked = mark_markdown("a", &source);
        let took = began.elapsed();
        eprintln!("{text:?}: {took:?} {}", marked.len());
        assert!(took.as_secs() < 20, "{text:?}: {took:?}");
    }
}

#[test]
fn blocks_that_never_end_are_passed_over_once() {
    for text in ["{% if a %}{% endfor %}", "{% if a %}{% for a in b %}{% endif %}{% end1 %}"] {
        let source = text.repeat(2_000_000 / text.len());
        let began = std::time::Instant::now();
        for marked in [mark_markdown("a", &source), mark_html(&source)] {
            assert!(marked.len() > source.len());
        }
        let took = began.elapsed();
        assert!(took.as_secs() < 20, "{text:?}: {took:?}");
    }
}
