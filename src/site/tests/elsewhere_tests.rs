//! Help for names of other template languages and of Python, row by row.

use super::*;
use crate::site::report::{
    elsewhere::{self, Row},
    forms, vocabulary,
};

/// The source of a page that uses a name.
type Source = fn(&str) -> String;

/// A site with a template of its own, whose page `a.html` fails with this help.
fn check(pages: &Pages, source: &str, help: &str) {
    pages.write("a.html", source);
    let answer = pages.get("/a");
    assert_eq!(answer.status(), 500, "{source}");
    assert_eq!(answer.body.lines().next_back(), Some(&*format!("help: {help}")), "{source}");
}

#[test]
fn each_name_of_another_language_gets_its_help() {
    let pages = Pages::new(&[("_nav.html", "")]);
    let tables: [(&[Row], Source); 6] = [
        (elsewhere::FILTERS, |name| format!("{{{{ 'a' | {name} }}}}")),
        (elsewhere::TESTS, |name| format!("{{% if 1 is {name} %}}{{% endif %}}")),
        (elsewhere::FUNCTIONS, |name| format!("{{{{ {name}(1) }}}}")),
        (elsewhere::METHODS, |name| format!("{{{{ [].{name}(1) }}}}")),
        (elsewhere::STATEMENTS, |name| format!("{{% {name} %}}")),
        (elsewhere::NAMES, |name| format!("{{{{ {name} }}}}")),
    ];
    for (rows, source) in tables {
        for (names, help) in rows {
            for name in *names {
                check(&pages, &source(name), help);
            }
        }
    }
    check(&pages, "{% if 1 %}{% endunless %}", "here it is `{% if not value %}` … `{% endif %}`");
    for (part, filter) in elsewhere::PARTS {
        let help = format!("here it is `{{{{ list | {filter} }}}}`");
        check(&pages, &format!("{{% set list = [1] %}}{{{{ list.{part} }}}}"), &help);
    }
}

#[test]
fn a_filter_is_told_from_a_function_and_a_method() {
    let pages = Pages::new(&[("_nav.html", "")]);
    for (source, help) in [
        (
            "{% macro m() %}{{ len([1]) }}{% endmacro %}{{ m() }}",
            "here it is `{{ list | length }}`",
        ),
        (
            "{{ nosuch() }}",
            "define it with `{% macro nosuch() %}` … `{% endmacro %}`, or put `{% raw %}` … \
             `{% endraw %}` around braces of another tool",
        ),
        (
            "{% macro m(a) %}{{ a.get('b') }}{% endmacro %}{{ m() }}",
            "what stands before the dot is not there: ask for it with `{% if name is defined %}`",
        ),
        ("{{ max([1]) }}", "here it is a filter: `{{ value | max }}`"),
        ("{{ [1].join(', ') }}", "here it is a filter: `{{ value | join }}`"),
        ("{{ 'a'.trim() }}", "here it is a filter: `{{ value | trim }}`"),
        ("{{ 3 | range }}", "here it is a function: `{{ range(…) }}`"),
        ("{{ 'a'.uper() }}", "did you mean `.upper(…)`?"),
        ("{{ {}.itms() }}", "did you mean `.items(…)`?"),
        (
            "{{ 'a'.nosuch() }}",
            "text, lists and maps have some methods of Python, such as `.get(…)` and `.split(…)`; \
             filters do the rest: `{{ name | upper }}`",
        ),
        (
            "{% for i in (1..5) %}{% endfor %}",
            "here it is `{{ range(1, 6) }}`, which ends before the 6",
        ),
        ("{% set users = 1 %}{{ user }}", "did you mean `users`?"),
        ("{{ '%s' % 1 }}", "`{{ \"%s\" | format(value) }}` puts values into a text"),
        (
            "{% include nav.html %}",
            "the name of a file stands in quotes: `{% include \"_nav.html\" %}`",
        ),
        (
            "{% extends base %}",
            "the name of a file stands in quotes: `{% include \"_nav.html\" %}`",
        ),
        ("{{ now.year }}", "`now` is a function: its value has parts, as in `{{ now().year }}`"),
        ("{{ page.og-image }}", "a key with a hyphen stands in quotes: `{{ page[\"og-image\"] }}`"),
        (
            "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
            "`caller()` is known in a macro that is called by `{% call name() %}` … `{% endcall %}`",
        ),
        ("{{ site.data.team }}", "here it is `data`, which holds the files of the folder `_data`"),
        ("{% endraw %}", "`{% endraw %}` stands here without the tag that it belongs to"),
        (
            "{% block a %}{% endblock b %}",
            "`{% endblock %}` needs no name, or that of its `{% block %}`",
        ),
        ("{% include 1 %}", "the name of a file stands in quotes: `{% include \"_nav.html\" %}`"),
    ] {
        check(&pages, source, help);
    }
}

#[test]
fn each_sign_of_another_language_gets_its_help() {
    let pages = Pages::new(&[("_nav.html", "")]);
    let sources = [
        "{% if a contains 'b' %}{% endif %}",
        "{% if a starts with 'b' %}{% endif %}",
        "{% if a ends with 'b' %}{% endif %}",
        "{{ a ?? b }}",
        "{{ a ?: b }}",
        "{{ a?.b }}",
        "{{ a ? b : c }}",
        "{% if a === b %}{% endif %}",
        "{% if a !== b %}{% endif %}",
        "{{ a && b }}",
        "{{ a || b }}",
        "{% set n += 1 %}",
        "{{ n++ }}",
        "{% for i in (a..b) %}{% endfor %}",
        "{% macro m(a, **kwargs) %}{% endmacro %}",
        "{% macro m(*args) %}{% endmacro %}",
        "{% if a <> b %}{% endif %}",
        "{% for a in list reversed %}{% endfor %}",
        "{{ list | map(lambda x: x) }}",
        "{% if a %}{% else if b %}{% endif %}",
        "{% for a in list limit:3 %}{% endfor %}",
        "{{ [x for x in list] }}",
        "{% for a of list %}{% endfor %}",
    ];
    assert_eq!(sources.len(), elsewhere::SIGNS.len());
    let others = [
        (
            "{{ a | date: '%Y' }}",
            "a filter takes its arguments in parentheses: `{{ value | default(\"none\") }}`",
        ),
        (
            "{{ a|default:\"b\" }}",
            "a filter takes its arguments in parentheses: `{{ value | default(\"none\") }}`",
        ),
        ("{{ .Title }}", "here `.Title` is `{{ page.title }}`"),
        ("{{ print $page }}", "here `.Title` is `{{ page.title }}`"),
        (
            "{{ a | append: 'b' }}",
            "`{{ text ~ more }}` joins texts, and `{{ list + [item] }}` lists",
        ),
        ("{% if !a %}{% endif %}", "here it is `{{ not a }}`"),
    ];
    let signs = sources.into_iter().zip(elsewhere::SIGNS.iter().map(|(_, help)| *help));
    for (source, help) in signs.chain(others) {
        let foreign = "braces of another tool go between `{% raw %}` and `{% endraw %}`, or the \
                       whole file into `templates.exclude = [\"a.html\"]`";
        check(&pages, source, &format!("{foreign}; for a template: {help}"));
    }
}

#[test]
fn each_action_of_go_gets_its_help() {
    let pages = Pages::new(&[("_nav.html", "")]);
    let foreign = "braces of another tool go between `{% raw %}` and `{% endraw %}`, or the whole \
                   file into `templates.exclude = [\"a.html\"]`; for a template: ";
    for (names, help) in forms::ACTIONS {
        for name in *names {
            // With a field the engine takes most of them for a name with a part.
            check(&pages, &format!("{{{{ {name} \"a\" . }}}}"), &format!("{foreign}{help}"));
            check(&pages, &format!("{{{{ {name} .A }}}}"), help);
        }
    }
    let help = "here it is `{% for item in list %}` … `{% endfor %}`";
    check(&pages, "{{ range $i, $e := .L }}", &format!("{foreign}{help}"));
    check(&pages, "{{ else }}", "here it is `{% if page.name %}` … `{% endif %}`");
    // A value may have such a name.
    pages.write("a.html", "{% set index = 1 %}{% set len = 2 %}{{ index }}{{ len + index }}");
    assert_eq!(pages.get("/a").body, "13");
}

#[test]
fn each_statement_says_how_it_is_written() {
    let pages = Pages::new(&[("_nav.html", "")]);
    let sources = [
        "{% block \"a\" %}{% endblock %}",
        "{% extends \"a\" b %}",
        "{% for a list %}{% endfor %}",
        "{% from \"a\" %}",
        "{% if a then %}{% endif %}",
        "{% import \"a\" %}",
        "{% include \"a\" with b=1 %}",
        "{% macro a %}{% endmacro %}",
        "{% set a 1 %}",
        "{% with a=1 b=2 %}{% endwith %}",
    ];
    assert_eq!(sources.len(), forms::FORMS.len());
    for (source, (_, help)) in sources.into_iter().zip(forms::FORMS) {
        let foreign = "braces of another tool go between `{% raw %}` and `{% endraw %}`, or the \
                       whole file into `templates.exclude = [\"a.html\"]`";
        check(&pages, source, &format!("{foreign}; for a template: {help}"));
    }
}

/// The tags that help writes out, between its backquotes.
fn tags_of(help: &str) -> impl Iterator<Item = &str> {
    help.split('`').skip(1).step_by(2).filter(|code| code.starts_with(['{']) && !code.contains('…'))
}

#[test]
fn what_help_writes_out_is_code() {
    let mut environment = minijinja::Environment::new();
    crate::site::templates::limits::register(&mut environment);
    let rows = [
        elsewhere::FILTERS,
        elsewhere::TESTS,
        elsewhere::FUNCTIONS,
        elsewhere::METHODS,
        elsewhere::STATEMENTS,
        elsewhere::NAMES,
        forms::ACTIONS,
        forms::FORMS,
    ];
    let signs = elsewhere::SIGNS.iter().map(|(_, help)| *help);
    for help in rows.into_iter().flatten().map(|(_, help)| *help).chain(signs) {
        for tag in tags_of(help) {
            let word = tag.trim_start_matches(['{', '%', '-', ' ']).split(' ').next().unwrap();
            let source = match word {
                _ if tag.starts_with("{% end") => continue,
                _ if tag.contains("{% end") => tag.to_owned(),
                "if" | "for" | "block" | "macro" | "filter" | "with" | "call" => {
                    format!("{tag}{{% end{word} %}}")
                }
                "elif" => format!("{{% if 1 %}}{tag}{{% endif %}}"),
                "else" => format!("{{% for a in [] %}}{tag}{{% endfor %}}"),
                "set" if !tag.contains('=') => format!("{tag}{{% endset %}}"),
                word if word.starts_with("end") || word == "raw" => continue,
                _ => tag.to_owned(),
            };
            let error = environment.template_from_str(&source).err();
            assert!(error.is_none(), "{tag}: {error:?}");
            for filter in tag.split('|').skip(1) {
                let name = filter.trim().split(|c: char| !c.is_alphanumeric()).next().unwrap();
                assert!(vocabulary::FILTERS.contains(&name), "{tag}: {name}");
            }
        }
    }
}
