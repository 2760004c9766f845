//! Filters, functions and methods that templates written for Jinja use.
//! The results are those of Jinja 3.1, but for `&quot;` and `&#39;`, which it writes as numbers.

use super::*;

#[test]
fn filters_and_methods_do_what_they_do_in_jinja() {
    let pages = Pages::new(&[]);
    for (expression, expected) in [
        ("'Hello wide world' | truncate(11)", "Hello wide world"),
        ("'Hello wide world' | truncate(11, true)", "Hello wide world"),
        ("'Hello wide world' | truncate(length=11, end='…', leeway=0)", "Hello…"),
        ("'Hello wide' | truncate(8)", "Hello wide"),
        ("'Hello' | truncate(3, true, '', 0)", "Hel"),
        ("('<b>bold</b> word word' | safe) | truncate(13)", "<b>bold</b..."),
        ("'a long line of words' | wordwrap(7)", "a long\nline of\nwords"),
        ("'a long line' | wordwrap(width=4, wrapstring='|')", "a|long|line"),
        ("'abcdefgh ij' | wordwrap(3)", "abc\ndef\ngh\nij"),
        ("'abcdefgh ij' | wordwrap(3, false)", "abcdefgh\nij"),
        ("'<p>a  &lt; <b>b</b></p>' | striptags", "a &lt; b"),
        ("'a < b' | striptags", "a &lt; b"),
        ("'1 <2 <b>x</b> <- y' | striptags", "1 &lt;2 x &lt;- y"),
        ("'<!-- <p>no</p> -->a<br>&eacute;&#38;<i class=\"a>b\">c</i>' | striptags", "aé&amp;c"),
        ("'Hello, world! x_y' | wordcount", "3"),
        ("1000 | filesizeformat", "1.0 kB"),
        ("1234567 | filesizeformat", "1.2 MB"),
        ("1234567 | filesizeformat(true)", "1.2 MiB"),
        ("'2048' | filesizeformat(binary=true)", "2.0 KiB"),
        ("1 | filesizeformat", "1 Byte"),
        ("('<b>' | safe) | forceescape", "&lt;b&gt;"),
        ("'<a>' | forceescape", "&lt;a&gt;"),
        (
            "{'class': 'a b', 'title': '<\"x\">', 'n': none, 'm': 1} | xmlattr",
            " class=\"a b\" title=\"&lt;&quot;x&quot;&gt;\" m=\"1\"",
        ),
        ("{'class': 'a'} | xmlattr(false)", "class=\"a\""),
        ("{} | xmlattr", ""),
        (
            "'see https://example.com/a?b=c, and www.example.org.' | urlize",
            "see <a href=\"https://example.com/a?b=c\" rel=\"noopener\">https://example.com/a?b=c</a>, and <a href=\"https://www.example.org\" rel=\"noopener\">www.example.org</a>.",
        ),
        (
            "'(http://example.com/a_(b)) example.com example.xyz' | urlize",
            "(<a href=\"http://example.com/a_(b)\" rel=\"noopener\">http://example.com/a_(b)</a>) <a href=\"https://example.com\" rel=\"noopener\">example.com</a> example.xyz",
        ),
        (
            "'me@example.com mailto:a@b.org x@y <b> http://1.2.3.4:80/x' | urlize",
            "<a href=\"mailto:me@example.com\">me@example.com</a> <a href=\"mailto:a@b.org\">a@b.org</a> x@y &lt;b&gt; <a href=\"http://1.2.3.4:80/x\" rel=\"noopener\">http://1.2.3.4:80/x</a>",
        ),
        (
            "'http://example.com/long/path' | urlize(15, true)",
            "<a href=\"http://example.com/long/path\" rel=\"nofollow noopener\">http://example....</a>",
        ),
        (
            "'http://example.com' | urlize(target='_blank', rel='me')",
            "<a href=\"http://example.com\" rel=\"me noopener\" target=\"_blank\">http://example.com</a>",
        ),
        (
            "'tel:123 ftp://x' | urlize(extra_schemes=['tel:'])",
            "<a href=\"tel:123\" rel=\"noopener\">tel:123</a> ftp://x",
        ),
        (
            "'http://localhost http:// www.x https://a.b' | urlize",
            "<a href=\"http://localhost\" rel=\"noopener\">http://localhost</a> http:// www.x https://a.b",
        ),
        (
            "'a\"b http://x.com/\"onload=' | urlize",
            "a&quot;b <a href=\"http://x.com/&quot;onload=\" rel=\"noopener\">http://x.com/&quot;onload=</a>",
        ),
        ("'a b'.split() | join('-')", "a-b"),
        ("'a,b,,c'.split(',') | length", "4"),
        ("' x '.strip() ~ '|'", "x|"),
        ("'xxaxx'.strip('x')", "a"),
        ("'xxa'.lstrip('x') ~ 'axx'.rstrip('x')", "aa"),
        ("'abc'.replace('b', 'x')", "axc"),
        ("'aaa'.replace('a', 'b', 2)", "bba"),
        (
            "'abc'.upper() ~ 'ABC'.lower() ~ 'abc def'.title() ~ 'abc'.capitalize()",
            "ABCabcAbc DefAbc",
        ),
        ("'abc'.startswith('a')", "True"),
        ("'abc'.endswith(('b', 'c'))", "True"),
        ("'abcabc'.count('b')", "2"),
        ("'abc'.find('c')", "2"),
        ("'abcb'.rfind('b')", "3"),
        ("', '.join(['a', 'b'])", "a, b"),
        ("'{0} and {1}{x}'.format('a', 'b', x=1)", "a and b1"),
        ("'{:>5}|{:.2f}'.format('a', 1.5)", "    a|1.50"),
        ("'a\\nb'.splitlines() | length", "2"),
        ("'12'.isdigit()", "True"),
        ("'ab'.isalpha()", "True"),
        ("{'a': 1}.get('a')", "1"),
        ("{'a': 1}.get('b', 2)", "2"),
        ("{'a': 1}.get('b') is none", "True"),
        ("{'a': 1}.items() | list | length", "1"),
        ("{'a': 1}.keys() | join", "a"),
        ("{'a': 1, 'b': 2}.values() | sum", "3"),
        ("[1, 2, 1].count(1)", "2"),
        ("'y' if {'a': 1}.get('b') else 'n'", "n"),
        ("{'a': 1}.get('b') or 'c'", "c"),
        ("1 | pluralize ~ 2 | pluralize ~ '1' | pluralize ~ '2' | pluralize", "ss"),
        ("[1] | pluralize('y', 'ies') ~ [] | pluralize(plural='ies')", "yies"),
        (
            "(12 | wordcount) ~ (12345 | truncate(4, true, '', 0)) ~ (123 | wordwrap(2))",
            "1123412\n3",
        ),
    ] {
        pages.write("a.html", format!("{{{{ {expression} }}}}"));
        assert_eq!(pages.get("/a").body, expected, "{expression}");
    }
}

#[test]
fn cyclers_and_joiners_change_with_each_use() {
    let pages = Pages::new(&[]);
    for (source, expected) in [
        (
            "{% set row = cycler('odd', 'even') %}{% for n in range(3) %}{{ row.next() }} {% endfor %}\
             {{ row.current }} {{ row.reset() }}{{ row.next() }}",
            "odd even odd even odd",
        ),
        (
            "{% set comma = joiner() %}{% for n in range(3) %}{{ comma() }}{{ n }}{% endfor %}",
            "0, 1, 2",
        ),
        ("{% set bar = joiner(sep='|') %}{{ bar() }}a{{ bar() }}b", "a|b"),
        ("{{ joiner('<') }}{{ cycler([1] * 100000000) }}{{ [cycler(1)] }}", "joinercycler[cycler]"),
    ] {
        pages.write("a.html", source);
        assert_eq!(pages.get("/a").body, expected, "{source}");
    }
}

#[test]
fn a_macro_comes_before_a_method_of_its_name() {
    let files = [(
        "_m.html",
        "{% macro get(a) %}get {{ a }}{% endmacro %}{% macro items() %}all{% endmacro %}",
    )];
    let pages = Pages::new(&files);
    pages.write("a.html", "{% import '_m.html' as m %}{{ m.get(1) }} {{ m.items() }}");
    assert_eq!(pages.get("/a").body, "get 1 all");
}

#[test]
fn what_get_did_not_find_is_not_shown() {
    let pages = Pages::new(&[]);
    for (source, is_error) in [
        ("{{ request.query.get('a') }}", true),
        ("{% set a = {}.get('a') %}{% if a %}{% endif %}{{ a }}", true),
        ("{{ site.get('a') }}", true),
        ("{{ request.query.get('a', '-') }}", false),
        ("{{ request.query.get('a') or '-' }}", false),
        ("{% if request.query.get('a') is none %}-{% endif %}", false),
        ("{% if request.query.get('a') == 'b' %}{% else %}-{% endif %}", false),
        ("{{ none }}", false),
        ("{{ {}.get('a') | string }}", true),
        ("{{ {}.get('a') | upper }}", true),
        ("{{ ['b', {}.get('a')] | join }}", true),
        ("{{ ''.join([{}.get('a')]) }}", true),
        ("{{ '%s' | format({}.get('a')) }}", true),
        ("{{ '{}'.format({}.get('a')) }}", true),
        ("{{ ('<b>' | safe) ~ {}.get('a') }}", true),
        ("{{ '-' | replace('b', 'c') if {}.get('a') is none }}", false),
        ("{% if {}.get('a') %}{% endif %}{{ '-' | truncate(5, end=none) }}", false),
        ("{% if {}.get('a') %}{% endif %}{{ [none] | tojson }}", false),
    ] {
        pages.write("a.html", source);
        let body = pages.get("/a").body;
        let message =
            "error: `.get(…)` found nothing, and there is nothing to show\n --> a.html:1:";
        assert_eq!(body.starts_with(message), is_error, "{source}: {body}");
        assert!(is_error || matches!(body.as_str(), "-" | "None" | "[null]"), "{source}: {body}");
    }
}

/// What the page `/a` of this source shows in 20 answers, of a site with this seed.
fn answers(source: &str, seed: Option<u64>) -> Vec<String> {
    let files = [("a.html", source), ("b.html", source)];
    let pages = Pages::with(&files, |options| options.seed = seed);
    (0..20).map(|_| pages.get("/a").body).chain([pages.get("/b").body]).collect()
}

#[test]
fn what_is_random_differs_for_each_request_or_has_a_seed() {
    let pages = Pages::new(&[("a.html", "{{ range(9999) | random }}")]);
    let (_, reads) = pages.render("a.html");
    assert!(reads.uses_chance && !reads.uses_request && !reads.is_for_all());
    for source in [
        "{{ range(1, 9999) | random }}",
        "{% macro m() %}{{ range(9999) | random }}{% endmacro %}{{ m() }}",
        "{{ lipsum(n=1) }}",
    ] {
        let mut random = answers(source, None);
        random.sort();
        random.dedup();
        assert!(random.len() > 10, "{source}: {random:?}");
        let with_seed = answers(source, Some(0));
        assert!(with_seed[..20].iter().all(|answer| *answer == with_seed[0]), "{source}");
        assert_ne!(with_seed[0], with_seed[20], "{source}");
        assert_eq!(with_seed, answers(source, Some(0)), "{source}");
        assert_ne!(with_seed, answers(source, Some(1)), "{source}");
    }
    let pages = Pages::new(&[("a.html", "{% set RAND_SEED = 7 %}{{ 'abc' | random }}")]);
    let (_, reads) = pages.render("a.html");
    assert!(reads.is_for_all());
}

#[test]
fn lipsum_makes_paragraphs() {
    let pages = Pages::new(&[]);
    for (call, paragraphs, is_html) in [
        ("lipsum()", 5, true),
        ("lipsum(2)", 2, true),
        ("lipsum(n=3, html=false)", 3, false),
        ("lipsum(1, false, 2, 4)", 1, false),
        ("lipsum(min=9, max=3)", 5, true),
        ("lipsum(1, true, 0, 0)", 1, true),
    ] {
        pages.write("a.html", format!("{{{{ {call} }}}}"));
        let body = pages.get("/a").body;
        assert_eq!(body.trim_end().split("\n\n").count(), paragraphs, "{call}: {body}");
        assert_eq!(body.matches("<p>").count(), if is_html { paragraphs } else { 0 }, "{call}");
    }
    pages.write("a.html", "{% set RAND_SEED = 0 %}{{ lipsum() }}");
    assert!(pages.get("/a").body.starts_with("error: `RAND_SEED` cannot be 0\n"));
}

/// Where it is not as in Jinja, as the guide says.
#[test]
fn differences_to_jinja_are_those_of_the_guide() {
    let pages = Pages::new(&[("_m.html", "{% macro m() %}{{ x }}{% endmacro %}")]);
    for (source, expected) in [
        ("{% for a in [1, 2] %}{% block b %}{{ a }}{% endblock %}{% endfor %}", "12"),
        ("{% set x = 1 %}{% import '_m.html' as m %}{{ m.m() }}", "1"),
        ("{{ {'a': 'b c', 'd': '&'} | urlencode }}", "a=b%20c&amp;d=%26"),
        (
            "{% macro m(a) %}{{ kwargs is defined }}{{ varargs is defined }}{% endmacro %}{{ m(1) }}",
            "FalseFalse",
        ),
        ("{% for a in missing[1:] %}{% else %}none{% endfor %}", "none"),
        ("{{ {}.get('a') ~ '' }}", "None"),
        ("{{ [missing] ~ '' }}", "[undefined]"),
        ("{{ 'a < b > c' | striptags }}", "a &lt; b &gt; c"),
    ] {
        pages.write("a.html", source);
        assert_eq!(pages.get("/a").body, expected, "{source}");
    }
}
