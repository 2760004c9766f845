//! Templates and values without end, and how deep both may be.

use super::*;

#[test]
fn a_template_without_end_ends_in_a_report() {
    let pages = Pages::new(&[
        ("_b.html", "{% extends '_c.html' %}"),
        ("_c.html", "{% block x %}{% include 'a.html' %}{% endblock %}"),
    ]);
    let parentheses = format!("{{{{ {}1 }}}}", "(".repeat(5000));
    let ifs = "{% if 1 %}".repeat(5000);
    with_render_stack(|| {
        for source in [
            "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
            "{% macro a() %}{% include 'a.html' %}{% endmacro %}{{ a() }}",
            "{% macro a() %}{{ caller() }}{% call a() %}{{ a() }}{% endcall %}{% endmacro %}{{ a() }}",
            "{% block a %}{{ self.a() }}{% endblock %}",
            "{% block a %}{% for x in [1] %}{{ self.a() }}{% endfor %}{% endblock %}",
            "{% include '_b.html' %}",
            "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
            "{% set x = 'a' * 1000000000 %}",
            &parentheses,
            &ifs,
        ] {
            pages.write("a.html", source);
            assert_eq!(pages.get("/a").status(), 500, "{source:.80}");
        }
    });
}

#[test]
fn a_value_without_end_ends_in_a_report() {
    let pages = Pages::new(&[]);
    let circle = "{% set ns = namespace() %}{% set ns.a = ns %}";
    let deep = "{% set ns = namespace(a=[]) %}\
                {% for n in range(500) %}{% set ns.a = [ns.a] %}{% endfor %}";
    let wide = "{% set ns = namespace(a=[]) %}\
                {% for n in range(90) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}";
    for (source, message) in [
        (circle, "a value contains itself, or others more than 100 deep"),
        (deep, "a value contains itself, or others more than 100 deep"),
        (wide, "this page does more work than `templates.fuel` allows"),
    ] {
        for printed in [
            "ns",
            "[1, ns.a]",
            "{'a': {'b': ns}}",
            "ns | string",
            "ns | tojson",
            "ns | pprint",
            "ns | escape",
            "ns | e",
            "[ns] | join",
            "[1, 2] | join(ns)",
            "[ns] | map('string') | join",
            "ns | upper",
            "ns | lower",
            "ns | title",
            "ns | capitalize",
            "ns | trim",
            "ns | safe",
            "'%s' | format(ns)",
            "{'a': ns} | urlencode",
            "debug(ns)",
            "debug()",
        ] {
            pages.write("a.html", format!("{source}{{{{ {printed} }}}}"));
            let body = pages.get("/a").body;
            assert!(body.starts_with(&format!("error: {message}\n")), "{printed}: {body:.200}");
        }
    }
}

#[test]
fn more_code_than_can_be_compiled_ends_in_a_report() {
    let pages = Pages::new(&[("user.html", "\n{% include 'a.html' %}"), ("_nav.html", "")]);
    for link in ["|e", "~1", ".a", " and 1", " }}{% elif 0 %}{{ 1"] {
        let chain = link.repeat(1_000_000 / link.len());
        pages.write("a.html", format!("{{{{ a{chain} }}}}"));
        let body = pages.get("/a").body;
        assert!(
            body.starts_with(
                "error: the tags of `a.html` hold more than a template may (32 KiB in one, 256 KiB \
                 in all)\n --> a.html:1:"
            ),
            "{link}: {body}"
        );
        assert!(
            body.ends_with(
                "help: move parts of it into files of their own and `{% include %}` these, or name \
                 it in `templates.exclude`\n"
            ),
            "{link}: {body}"
        );
    }
    let body = pages.get("/user").body;
    assert!(body.contains(" --> a.html:1:") && body.contains("\n --> user.html:2:4\n"), "{body}");
    let text = "text without tags, { or }".repeat(40_000);
    pages.write("a.html", format!("{{{{ 1 }}}}{text}"));
    assert_eq!(pages.get("/a").body.len(), 1 + text.len());
}

#[test]
fn what_does_not_close_is_shown_where_it_opens() {
    let pages = Pages::new(&[("user.html", "\n{% include 'a.html' %}")]);
    let prose = "\n<p>don't worry, it's \"text\"</p>".repeat(44);
    let style = "\nnav a:hover{color:red;}".repeat(40 * 1024 / 23 + 1);
    for after in [&prose, &style] {
        for (line, column, tag) in [
            (2, 5, "{{ b <i>"),
            (2, 5, "{{ b"),
            (2, 5, "{% if b"),
            (2, 5, "{# b"),
            (2, 5, "{% raw %}"),
            (2, 5, "{% if 1 %}"),
            (2, 8, "{{ \"b }}"),
        ] {
            pages.write("a.html", format!("<a>\n<b> {tag}{after}"));
            for body in [pages.get("/a").body, pages.get("/user").body] {
                let place = format!(" is not closed\n --> a.html:{line}:{column}\n");
                assert!(body.starts_with("error: syntax error: `"), "{tag}: {body:.300}");
                assert!(body.contains(&place), "{tag}: {body:.300}");
            }
        }
    }
}

#[test]
fn allows_values_a_hundred_deep() {
    let pages = Pages::new(&[]);
    let (half, nested) = ("[".repeat(50), format!("{}1{}", "[".repeat(100), "]".repeat(100)));
    let other_half = "]".repeat(50);
    for printed in ["x", "x | tojson", "x | string", "x | safe"] {
        let set = |value| format!("{{% set x = {half}{value}{other_half} %}}");
        pages.write("a.html", format!("{}{}{{{{ {printed} }}}}", set("1"), set("x")));
        assert_eq!(pages.get("/a").body, nested, "{printed}");
    }
    for (source, printed) in [
        (
            "{{ {'a': [1, '<']} | tojson(indent=2) }}",
            "{\n  \"a\": [\n    1,\n    \"\\u003c\"\n  ]\n}",
        ),
        ("{{ [1, '<'] | join('&') }}", "1&amp;&lt;"),
        ("{{ [{'a': 1}, {'a': 2}] | join('-', attribute='a') }}", "1-2"),
        ("{{ {'a': 'b c'} | urlencode }}", "a=b%20c"),
        ("{{ '<' | e }}{{ '<' | escape }}{{ 1 | string | length }}", "&lt;&lt;1"),
        ("{{ debug(1, 'a') | length }}", "19"),
        ("{{ 'a <' | upper }}{{ 'A' | lower }}{{ 'a b' | title }}", "A &lt;aA B"),
        ("{{ 'ab' | capitalize }}{{ ' a ' | trim }}{{ '<' | safe }}", "Aba<"),
        ("{{ '%s-%d' | format('a', 2) }}", "a-2"),
        ("{{ 'a' | pprint }}", "&#39;a&#39;"),
    ] {
        pages.write("a.html", source);
        assert_eq!(pages.get("/a").body, printed, "{source}");
    }
}

#[test]
fn allows_includes_fourteen_deep() {
    let source =
        "{% if part.n %}{% set part = {'n': part.n - 1} %}{% include '_p.html' %}{% endif %}x";
    let pages = Pages::new(&[
        ("a.html", "{% set part = {'n': 13} %}{% include '_p.html' %}"),
        ("_p.html", source),
    ]);
    with_render_stack(|| assert_eq!(pages.get("/a").body, "x".repeat(14)));
}
