//! The first and the last line of each report: what is wrong, and what to do.

use super::*;
use crate::site::report::vocabulary::{FILTERS, TESTS};

/// A page, how the first line of its report begins, and the last line.
type Case = (&'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    let files = [("_nav.html", ""), ("_macros.html", "{% macro greet() %}{% endmacro %}")];
    let pages = Pages::new(&files);
    for (source, first, last) in cases {
        pages.write("a.html", source);
        let answer = with_render_stack(|| pages.get("/a?name=x"));
        assert_eq!(answer.status(), 500, "{source}");
        let mut lines = answer.body.lines();
        assert!(lines.next().unwrap().starts_with(first), "{source}\n{}", answer.body);
        assert_eq!(lines.next_back(), Some(*last), "{source}\n{}", answer.body);
        assert!(answer.body.contains("--> a.html:"), "{source}\n{}", answer.body);
    }
}

/// Names that are nearly one that is known.
const NAMES: &[Case] = &[
    ("{{ reqest.path }}", "error: `reqest` is undefined", "help: did you mean `request`?"),
    ("{{ page.fiel }}", "error: `page.fiel` is undefined", "help: did you mean `page.file`?"),
    (
        "{{ request.query.nme }}",
        "error: `request.query.nme` is undefined",
        "help: did you mean `request.query.name`?",
    ),
    (
        "{% set colour = 1 %}{{ color }}",
        "error: `color` is undefined",
        "help: did you mean `colour`?",
    ),
    (
        "{% for item in [1] %}{{ itme }}{% endfor %}",
        "error: `itme` is undefined",
        "help: did you mean `item`?",
    ),
    ("{{ 'a' | uper }}", "error: unknown filter: `uper`", "help: did you mean `upper`?"),
    ("{% if 1 is evn %}{% endif %}", "error: unknown test: `evn`", "help: did you mean `even`?"),
    ("{{ rnge(3) }}", "error: unknown function: `rnge`", "help: did you mean `range`?"),
    (
        "{% from '_macros.html' import greet %}{{ gret() }}",
        "error: unknown function: `gret`",
        "help: did you mean `greet`?",
    ),
    (
        "{% include '_nva.html' %}",
        "error: `_nva.html` does not exist",
        "help: did you mean `_nav.html`?",
    ),
    (
        "{% extends './_nva.html' %}",
        "error: `_nva.html` does not exist",
        "help: did you mean `_nav.html`?",
    ),
    (
        "{% endblok %}",
        "error: syntax error: unknown statement endblok",
        "help: did you mean `{% endblock %}`?",
    ),
];

#[test]
fn a_report_names_what_may_be_meant() {
    check(NAMES);
}

/// Tags that cannot be read.
const SYNTAX: &[Case] = &[
    (
        "{% endif %}",
        "error: syntax error: unknown statement endif",
        "help: `{% endif %}` stands here without the tag that it belongs to",
    ),
    (
        "{% if 1 %}\n",
        "error: syntax error: `{% if %}` is not closed",
        "help: close it with `{% endif %}`",
    ),
    (
        "{% for a in [] %}\n{% if a %}\n{% endfor %}",
        "error: syntax error: `{% if %}` is not closed",
        "help: close it with `{% endif %}` before the `{% endfor %}` of line 3",
    ),
    (
        "{% for a in [] %}{% else %}{% endblock %}",
        "error: syntax error: unknown statement endblock",
        "help: `{% endblock %}` stands here without the tag that it belongs to",
    ),
    (
        "{{ a(1 }}",
        "error: syntax error: `(` is not closed",
        "help: close it with `)` before the tag ends",
    ),
    (
        "{% %}",
        "error: syntax error: unknown end of block, expected statement",
        "help: `{%` needs the name of a statement, such as `{% if … %}`; text that holds it goes between `{% raw %}` and `{% endraw %}`",
    ),
    (
        "{{ a = 1 }}",
        "error: syntax error: unexpected `=`",
        "help: `{% set name = 1 %}` gives a name its value, and `==` compares",
    ),
    (
        "a {{ b",
        "error: syntax error: `{{` is not closed",
        "help: `{{` begins a tag here that nothing ends: close it with `}}`; braces of another tool go \
         between `{% raw %}` and `{% endraw %}`, or the whole file into `templates.exclude = \
         [\"a.html\"]`",
    ),
    (
        "{% if 1 %}{% for x in",
        "error: syntax error: `{%` is not closed",
        "help: `{%` begins a tag here that nothing ends: close it with `%}`; braces of another tool go \
         between `{% raw %}` and `{% endraw %}`, or the whole file into `templates.exclude = \
         [\"a.html\"]`",
    ),
    (
        "{% raw %}{{ x",
        "error: syntax error: `{% raw %}` is not closed",
        "help: `{% raw %}` needs its end tag `{% endraw %}`",
    ),
    (
        "{% block a %}{% endblock %}{% block a %}{% endblock %}",
        "error: syntax error: block 'a' defined twice",
        "help: give each `{% block %}` of a file a name of its own; `{{ self.name() }}` shows one again",
    ),
    (
        "{{ ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1",
        "error: syntax error: template exceeds",
        "help: give a part of it a name with `{% set %}`, or move it into a file of its own and `{% include %}` that",
    ),
];

#[test]
fn a_report_says_how_a_tag_is_written() {
    check(SYNTAX);
}

/// Includes, layouts, blocks, macros and loops.
const PARTS: &[Case] = &[
    (
        "{% include 'a\0' %}",
        "error: `a\\x00` does not exist",
        "help: names start at the folder of pages; write `./name` for a file beside this one",
    ),
    (
        "{% include 'zzz/yyy.html' %}",
        "error: `zzz/yyy.html` does not exist",
        "help: names start at the folder of pages; write `./name` for a file beside this one",
    ),
    (
        "{% include 'a.html' %}",
        "error: a file includes itself",
        "help: an included file may not include the one that includes it, unless an \
         `{% if %}` ends that",
    ),
    (
        "{{ super() }}",
        "error: cannot super outside of block",
        "help: `super()` shows what the layout has in a block: it belongs into a `{% block %}`",
    ),
    (
        "{% block a %}{{ super() }}{% endblock %}",
        "error: no parent block exists",
        "help: `super()` shows what the layout has in a block: no layout of this page has this block",
    ),
    (
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "error: recursion limit exceeded",
        "help: what calls itself needs an `{% if %}` around the call that ends it",
    ),
    (
        "{% block a %}{{ self.a() }}{% endblock %}",
        "error: recursion limit exceeded",
        "help: what calls itself needs an `{% if %}` around the call that ends it",
    ),
    (
        "{% extends 'a.html' %}",
        "error: cycle in template inheritance",
        "help: a layout may extend neither itself nor what extends it",
    ),
    (
        "{{ loop.index }}",
        "error: `loop` is undefined",
        "help: `loop` is known between `{% for … %}` and its `{% endfor %}` alone",
    ),
    (
        "{{ loop([1]) }}",
        "error: unknown function: `loop`",
        "help: `loop` is known between `{% for … %}` and its `{% endfor %}` alone",
    ),
    (
        "{% import '_macros.html' as m %}{{ m.great() }}",
        "error: map has no method named great",
        "help: the file imported as `m` has no macro of this name",
    ),
];

#[test]
fn a_report_says_how_parts_go_together() {
    check(PARTS);
}

/// What is not there, and what is done with it.
const ABSENT: &[Case] = &[
    (
        "{% if nope == 1 %}{% endif %}",
        "error: `nope` is undefined",
        "help: write `nope is defined and …` if it may be missing, or put `{% raw %}` … \
         `{% endraw %}` around braces of another tool",
    ),
    (
        "{% if page.fiel == 1 %}{% endif %}",
        "error: `page.fiel` is undefined",
        "help: did you mean `page.file`? write `page.fiel is defined and …` if it may be missing",
    ),
    (
        "{% for a in nope %}{% endfor %}",
        "error: `nope` is undefined",
        "help: write `{% for … in nope | default([]) %}` if it may be missing, or put `{% raw %}` \
         … `{% endraw %}` around braces of another tool",
    ),
    (
        "{{ nope | upper }}",
        "error: `nope` is undefined",
        "help: write `{{ nope | default(\"\") }}` if it may be missing, or put `{% raw %}` … \
         `{% endraw %}` around braces of another tool",
    ),
    (
        "{{ [1, [page.fiel]] }}",
        "error: `page.fiel` is undefined",
        "help: did you mean `page.file`?",
    ),
    (
        "{{ 1 + nope }}",
        "error: tried to use + operator on unsupported types number and undefined (`nope` is undefined)",
        "help: write `{{ nope | default(\"\") }}` if it may be missing, or put `{% raw %}` … \
         `{% endraw %}` around braces of another tool",
    ),
    (
        "{{ [('a' if nope)] }}",
        "error: a part of this value is undefined",
        "help: `{{ debug(name) }}` shows what a name stands for",
    ),
];

#[test]
fn a_report_allows_for_what_is_not_there() {
    check(ABSENT);
}

#[test]
fn what_is_not_there_may_only_be_asked_for() {
    let pages = Pages::new(&[("a.html", "")]);
    for (source, expected) in [
        ("{% if nope %}a{% else %}b{% endif %}", "b"),
        ("{% if not nope and not page.nope %}b{% endif %}", "b"),
        ("{{ 'a' if nope else 'b' }}", "b"),
        ("{{ 'a' if nope }}", ""),
        ("{{ nope or page.nope or 'b' }}", "b"),
        ("{% for a in page.nope or [] %}{% else %}b{% endfor %}", "b"),
        ("{{ nope | default('b') }}{{ page.nope is defined }}", "bFalse"),
        ("{{ nope is undefined }}{{ nope is none }}{{ nope is string }}", "TrueFalseFalse"),
        ("{% set a = nope %}{% if a %}{% endif %}b", "b"),
    ] {
        pages.write("a.html", source);
        assert_eq!(pages.get("/a").body, expected, "{source}");
    }
    for expression in [
        "nope",
        "page.nope",
        "nope.a",
        "nope ~ 'a'",
        "[nope]",
        "{'a': [nope]}",
        "[nope] | tojson",
        "[nope] | join",
        "nope == 1",
        "1 != nope",
        "nope < 1",
        "1 < nope < 2",
        "1 in nope",
        "nope in [1]",
        "nope is eq 1",
        "1 is ne(nope)",
        "nope is in [1]",
        "nope is even",
        "nope is odd",
        "nope is divisibleby 2",
        "nope is startingwith 'a'",
        "nope is lower",
        "nope + 1",
        "-nope",
        "nope()",
        "nope.a()",
        "range(nope)",
        "nope or page.nope",
    ] {
        pages.write("a.html", format!("{{{{ {expression} }}}}"));
        assert_eq!(pages.get("/a").status(), 500, "{expression}");
    }
    for filter in FILTERS {
        pages.write("a.html", format!("{{{{ nope | {filter} }}}}"));
        let is_default = matches!(filter, "d" | "default");
        let answer = pages.get("/a");
        assert_eq!(answer.status(), if is_default { 200 } else { 500 }, "{filter}");
        assert!(
            is_default || answer.body.contains("`nope` is undefined"),
            "{filter}: {}",
            answer.body
        );
    }
}

#[test]
fn what_is_not_there_is_no_argument() {
    let pages = Pages::new(&[("blog/a.html", "")]);
    let filters = FILTERS.iter().filter(|name| !matches!(**name, "d" | "default" | "inline"));
    let filters = filters.filter(|name| **name != "versioned");
    let calls = filters
        .flat_map(|name| [format!("[1] | {name}(nope)"), format!("[1] | {name}(1, key=nope)")]);
    let tests = TESTS.iter().map(|name| format!("1 is {name}(nope)"));
    let functions = [
        "pages(nope)",
        "pages('blog/', limit=nope)",
        "pages('blog/', sort=nope)",
        "tags(nope)",
        "range(1, nope)",
        "lipsum(nope)",
        "lipsum(n=nope)",
        "joiner(nope)",
        "cycler(1, nope)",
        "now(nope)",
        "'a'.split(nope)",
        "'{a}'.format(a=nope)",
        "{'a': 1}.get('a', nope)",
        "[1, nope] | sum",
    ];
    for expression in calls.chain(tests).chain(functions.map(str::to_owned)) {
        pages.write("a.html", format!("{{{{ {expression} }}}}"));
        let answer = pages.get("/a");
        let says_it = answer.body.starts_with("error: `nope` is undefined\n");
        assert!(says_it, "{expression}: {}", answer.body);
    }
    // A map may hold it, and what stands in for another value is not always needed.
    for (expression, expected) in [
        ("dict(a=nope).a is defined", "False"),
        ("namespace(a=nope).a is defined", "False"),
        ("'a' | default(nope)", "a"),
        ("{'a': nope, 'b': 1} | xmlattr", " b=\"1\""),
    ] {
        pages.write("a.html", format!("{{{{ {expression} }}}}"));
        assert_eq!(pages.get("/a").body, expected, "{expression}");
    }
}

/// Values, and what is done with them.
const VALUES: &[Case] = &[
    (
        "{{ [] | first }}",
        "error: `[] | first` is undefined",
        "help: write `| default(\"\")` after it if it may be missing",
    ),
    (
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}",
        "error: `a` is undefined",
        "help: write `| default(\"\")` after it if it may be missing",
    ),
    (
        "{{ [{'a': 1}] | map(attribute='b') | list }}",
        "error: a part of this value is undefined",
        "help: `{{ debug(name) }}` shows what a name stands for",
    ),
    (
        "{{ [{'a': 1}] | sum(attribute='b') }}",
        "error: a part of this value is undefined",
        "help: `{{ debug(name) }}` shows what a name stands for",
    ),
    (
        "{{ [1][5] }}",
        "error: `(...)[5]` is undefined",
        "help: write `| default(\"\")` after it if it may be missing",
    ),
    (
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "error: this page does more work than `templates.fuel` allows",
        "help: look for a loop that runs too long, or raise `templates.fuel`",
    ),
    (
        "{{ 1 + 'a' }}",
        "error: tried to use + operator",
        "help: numbers go with numbers: `| int` makes one of text, and `~` joins values as text",
    ),
    (
        "{{ 1() }}",
        "error: value of type number is not callable",
        "help: only functions and macros take parentheses: write the name alone to show its value",
    ),
    (
        "{{ 'a' | int }}",
        "error: invalid float literal",
        "help: `| int(0)` and `| float(0)` give 0 for text that is no number",
    ),
    (
        "{{ '' | float }}",
        "error: ",
        "help: `| int(0)` and `| float(0)` give 0 for text that is no number",
    ),
    (
        "{% for x in 3 %}{% endfor %}",
        "error: number is not iterable",
        "help: a loop goes through a list or a map; to count, write `{% for n in range(3) %}`",
    ),
    (
        "{{ 'a' | upper(1, 2) }}",
        "error: too many arguments",
        "help: leave out what it does not take",
    ),
    (
        "{{ 'a' | replace }}",
        "error: missing argument",
        "help: add what it lacks between its parentheses",
    ),
    (
        "{{ range(1000000) }}",
        "error: range has too many elements",
        "help: a range holds at most 100,000 numbers",
    ),
    (
        "{{ 1 // 0 }}",
        "error: unable to calculate 1 // 0",
        "help: look for a division by zero, or a number that grows too large",
    ),
    (
        "{{ 1 % 0 }}",
        "error: ",
        "help: look for a division by zero, or a number that grows too large",
    ),
    (
        "{% set m = {} %}{{ m.great() }}",
        "error: map has no method named great",
        "help: text, lists and maps have some methods of Python, such as `.get(…)` and `.split(…)`; \
         filters do the rest: `{{ name | upper }}`",
    ),
    (
        "{% set request.a = 1 %}",
        "error: can only assign to namespaces",
        "help: only a namespace takes a value for a part: `{% set ns = namespace(count=0) %}`",
    ),
    (
        "{% for a, b in [[1]] %}{% endfor %}",
        "error: ",
        "help: name as many as each of the values has parts",
    ),
    ("{{ 'a' | round }}", "error: ", "help: `{{ debug(name) }}` shows what a name stands for"),
];

#[test]
fn a_report_says_what_a_value_may_do() {
    check(VALUES);
}

#[test]
fn a_report_says_what_to_do_with_braces_of_another_tool() {
    const HELP: &str = "help: braces of another tool go between `{% raw %}` and `{% endraw %}`, or \
                        the whole file into `templates.exclude = [\"a.html\"]`";
    for (source, first) in [
        ("{{#if a}}x{{/if}}", "error: syntax error: unexpected character"),
        ("{{{ html }}}", "error: syntax error: unexpected `}`"),
        ("<div style={{color: 'red'}}>", "error: syntax error: unexpected `:`"),
        ("{% liquid %}", "error: syntax error: unknown statement liquid"),
    ] {
        check(&[(source, first, HELP)]);
    }
    check(&[(
        "{{ \"abc }}",
        "error: syntax error: `\"` is not closed",
        "help: the text lacks its closing quote; braces of another tool go between `{% raw %}` and \
         `{% endraw %}`, or the whole file into `templates.exclude = [\"a.html\"]`",
    )]);
    for source in ["{#each items as item}", "<style>@media print{#nav{color:red}}</style>"] {
        check(&[(
            source,
            "error: syntax error: `{#` is not closed",
            "help: close the comment with `#}`, or write `{ #` in CSS; braces of another tool go \
             between `{% raw %}` and `{% endraw %}`, or the whole file into `templates.exclude = \
             [\"a.html\"]`",
        )]);
    }
}

#[test]
fn escaping_is_not_turned_off_by_a_word_of_another_language() {
    for (tag, place) in [
        ("<p>{% autoescape on %}", Some("a.html:1:4")),
        ("\n{%- autoescape off -%}", Some("a.html:2:1")),
        ("{% autoescape %}", Some("a.html:1:1")),
        ("{% autoescape none %}", Some("a.html:1:1")),
        ("{% set on = true %}{% autoescape (on) %}", Some("a.html:1:20")),
        ("{%-autoescape true-%}", None),
        ("{% autoescape True %}", None),
    ] {
        let text = format!("{tag}{{{{ '<b>' }}}}{{% endautoescape %}}");
        let pages = Pages::new(&[("a.html", &text), ("b.html", "{% include 'a.html' %}")]);
        for target in ["/a", "/b"] {
            let answer = pages.get(target);
            let Some(place) = place else {
                assert!(answer.body.contains("&lt;b&gt;"), "{tag}: {}", answer.body);
                continue;
            };
            assert_eq!(answer.status(), 500, "{tag}");
            let message = answer.message();
            assert!(message.contains(place), "{message}");
            assert!(message.contains("here it is `{% autoescape true %}`"), "{message}");
        }
    }
}
