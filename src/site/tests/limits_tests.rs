//! Templates that do more than they may, most of them by a number out of the request.

use super::*;
use crate::site::templates::{context, limits};

const FUEL_MESSAGE: &str = "this page does more work than `templates.fuel` allows";
const NUMBER_MESSAGE: &str = "a number in text is larger than 1000000";
const INDENT_MESSAGE: &str = "an indent is wider than 100 spaces";
const TIME_MESSAGE: &str = "this page takes longer than `templates.render_timeout_secs` allows";

/// The page `a.html`, asked for with this query. On a busy machine, too, its fuel ends
/// before its time.
fn answer_of(source: &str, query: &str) -> String {
    let fuel = SiteOptions::default().fuel;
    let pages = Pages::with(&[("a.html", source)], |options| {
        options.fuel = fuel;
        options.render_timeout = std::time::Duration::from_secs(600);
    });
    with_render_stack(|| pages.get(&format!("/a?{query}")).body)
}

#[test]
fn a_number_that_a_visitor_chooses_ends_in_a_report() {
    for (expression, queries, message) in [
        ("[1, 2] | tojson(indent=q.n | int)", &["n=101", "n=999999"][..], INDENT_MESSAGE),
        ("[1, 2] | tojson(q.n | int)", &["n=101"], INDENT_MESSAGE),
        ("'a' | indent(q.n | int)", &["n=101", "n=1000000"], INDENT_MESSAGE),
        ("'a' | indent(width=q.n | int, first=true)", &["n=101"], INDENT_MESSAGE),
        ("[0] * (q.n | int)", &["n=1000001", "n=4000000000", "n=1e300", "n=-1e9"], NUMBER_MESSAGE),
        ("[0] * (q.n | float)", &["n=1000001", "n=inf", "n=-inf"], NUMBER_MESSAGE),
        ("[0] * (q.n | int(base=36))", &["n=zzzzzz"], NUMBER_MESSAGE),
        ("[0] * (q.n | int)", &["n=1000000"], FUEL_MESSAGE),
        ("[[0] * (q.n | int)] | tojson", &["n=1000000"], FUEL_MESSAGE),
        ("[[0] * (q.n | int)] | string", &["n=1000000"], FUEL_MESSAGE),
        ("{'a': [0] * (q.n | int)} | urlencode", &["n=1000000"], FUEL_MESSAGE),
        ("[0] * (q.n | int) is eq([0] * (q.n | int))", &["n=1000000"], FUEL_MESSAGE),
        ("1 is in([0] * (q.n | int))", &["n=1000000"], FUEL_MESSAGE),
        (
            "([q.t] * (q.n | int)) | join",
            &["n=1000000&t=aaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
            FUEL_MESSAGE,
        ),
        ("([q.t * 9000] * (q.n | int)) | join", &["n=20000&t=a"], FUEL_MESSAGE),
        ("([1] * (q.n | int)) | join(q.t * 9000)", &["n=20000&t=a"], FUEL_MESSAGE),
        ("([q.t * 9000] * (q.n | int)) | sort", &["n=2000&t=a"], FUEL_MESSAGE),
        ("([q.t * 9000] * (q.n | int)) | unique", &["n=2000&t=a"], FUEL_MESSAGE),
        ("([q.t * 9000] * (q.n | int)) | sum(start='')", &["n=2000&t=a"], FUEL_MESSAGE),
        ("([[1]] * (q.n | int)) | sum(start=[])", &["n=5000"], FUEL_MESSAGE),
        ("[1] | batch(q.n | int, 0)", &["n=1000000"], FUEL_MESSAGE),
        ("[1] | slice(q.n | int)", &["n=1000000"], FUEL_MESSAGE),
        ("q.t * (q.n | int) * 9", &["n=1000000&t=aaaaaaaa"], FUEL_MESSAGE),
        ("(q.t * (q.n | int)) | split(q.t)", &["n=1000000&t=,"], FUEL_MESSAGE),
        ("(q.t * (q.n | int)) | split", &["n=1000000&t=a+"], FUEL_MESSAGE),
        ("(q.t * (q.n | int)) | lines", &["n=1000000&t=%0A"], FUEL_MESSAGE),
        ("(q.t * (q.n | int)) | trim('bc' * 100)", &["n=1000000&t=a"], FUEL_MESSAGE),
        ("(q.t * (q.n | int)) | replace('', 'b' * 100)", &["n=1000000&t=a"], FUEL_MESSAGE),
        ("('%s' * (q.n | int)) | format(*([q.t * 9000] * 99))", &["n=9000&t=a"], FUEL_MESSAGE),
        ("([0] * (q.n | int)) | chain([1])", &["n=1000000"], FUEL_MESSAGE),
        ("[1] | chain([0] * (q.n | int)) | length", &["n=1000000"], FUEL_MESSAGE),
        ("[1] | chain(q.t * (q.n | int))", &["n=1000000&t=a"], FUEL_MESSAGE),
        ("{[q.t * 900000]: 1} | chain(*([{[q.t * 900000]: 1}] * 99))", &["t=a"], FUEL_MESSAGE),
        ("([0] * (q.n | int)) | zip([1])", &["n=1000000"], FUEL_MESSAGE),
        ("[1] | zip([0] * (q.n | int))", &["n=1000000"], FUEL_MESSAGE),
        ("q.t | select(['aaaaaaa' * 100] * (q.n | int))", &["n=999999&t=a"], FUEL_MESSAGE),
        ("q.t | rejectattr([q.t * 9000] * (q.n | int))", &["n=9000&t=a"], FUEL_MESSAGE),
        ("q.f | format(1)", &["f=%25999999999d", "f=%25.999999999f"], FUEL_MESSAGE),
        ("lipsum(q.n | int)", &["n=1000000"], FUEL_MESSAGE),
        ("lipsum(9999999999999, max=99999999999999)", &[""], FUEL_MESSAGE),
        ("(q.t * 90000) | wordwrap(1, wrapstring=q.t * 9000)", &["t=a"], FUEL_MESSAGE),
        ("(q.t * (q.n | int)) | wordwrap(1)", &["n=1000000&t=a"], FUEL_MESSAGE),
        ("(q.t * (q.n | int)) | wordwrap", &["n=999999&t=a+", "n=999999&t=a-"], FUEL_MESSAGE),
        ("(q.t * 9000) | urlize(rel=q.t * 9000)", &["t=a+"], FUEL_MESSAGE),
        ("([0] * (q.n | int)) | random | string * 9", &["n=1000000"], FUEL_MESSAGE),
        ("{'a': q.t * 999999} | xmlattr * 99", &["t=%27aaaaaaaaaaaaaa"], FUEL_MESSAGE),
        ("'{:999999999}'.format(1)", &[""], FUEL_MESSAGE),
        ("q.t.format(1.0)", &["t={:.999999999f}", "t={:0=99999999999999999999}"], FUEL_MESSAGE),
        ("('{0}' * 9000).format(q.t * 9000)", &["t=a"], FUEL_MESSAGE),
        ("q.t.join([0] * (q.n | int))", &["n=1000000&t=,"], FUEL_MESSAGE),
        ("(q.t * 9000).join([1] * 20000)", &["t=a"], FUEL_MESSAGE),
        ("(q.t * 1000000).replace('', 'b' * 100)", &["t=a"], FUEL_MESSAGE),
        ("(q.t * 1000000).split(q.t)", &["t=,"], FUEL_MESSAGE),
        ("(q.t * 1000000).splitlines()", &["t=%0A"], FUEL_MESSAGE),
        ("(q.t * 1000000).strip('bc' * 100)", &["t=a"], FUEL_MESSAGE),
        ("(([q.t * 9000] * 5000) | list).count(q.t * 9000)", &["t=a"], FUEL_MESSAGE),
        ("q.t.startswith(['b'] * (q.n | int))", &["n=1000000&t=a"], FUEL_MESSAGE),
        ("[{}.get([q.t * 9000] * 9000)]", &["t=a"], FUEL_MESSAGE),
        ("range(q.n | int)", &["n=100001"], "range has too many elements"),
        (
            "range(9000000000000000000, -9000000000000000000, -1)",
            &[""],
            "range has too many elements",
        ),
    ] {
        for query in queries {
            let body =
                answer_of(&format!("{{% set q = request.query %}}\n{{{{ {expression} }}}}"), query);
            let report = body.lines().take(2).collect::<Vec<_>>().join("\n");
            assert!(
                report.contains(&format!("error: {message}\n")) && report.contains("--> a.html:2:"),
                "{expression} of {query}: {body:.300}"
            );
        }
    }
}

#[test]
fn a_number_that_a_visitor_chooses_may_be_ordinary() {
    for (expression, query, expected) in [
        ("[1, 2] | tojson(indent=q.n | int)", "n=1", "[\n 1,\n 2\n]"),
        ("[1] | tojson(indent=true)", "", "[\n  1\n]"),
        ("'a\nb' | indent(q.n | int, true)", "n=3", "   a\n   b"),
        ("[0] * (q.n | int)", "n=3", "[0, 0, 0]"),
        ("([0] * (q.n | int)) | length", "n=1000000", "1000000"),
        ("q.n | int", "n=-1000000", "-1000000"),
        ("q.n | int(max=9999999999)", "n=1732650000", "1732650000"),
        ("q.n | int(-1)", "n=1732650000", "-1"),
        ("q.n | int(default=7)", "n=1732650000", "7"),
        ("q.n | int(default=5000000)", "n=x", "5000000"),
        ("q.n | float(max=1e9)", "n=2e6", "2000000.0"),
        ("q.n | float(0)", "n=2e6", "0"),
        ("q.n | int(base=16)", "n=ff", "255"),
        ("q.n | int(0, 2)", "n=101", "5"),
        ("5000000 | int", "", "5000000"),
        ("5000000.5 | int", "", "5000000"),
        ("q.n | float", "n=2.5", "2.5"),
        ("'x' * (q.n | int)", "n=3", "xxx"),
        ("q.t | replace('a', 'b', 2)", "t=aaaa", "bbaa"),
        ("q.t | replace('a', '<b>' | safe, count=1)", "t=aa%26", "<b>a&amp;"),
        ("q.t | replace('', '-', 2)", "t=ab", "-a-b"),
        ("q.t | replace('a', 'b', 0)", "t=a", "a"),
        ("q.t | replace('a', 'b', -1)", "t=aa", "bb"),
        ("[3, 1, 2] | sort | join(',')", "", "1,2,3"),
        (
            "[{'a': {'b': 2}}, {'a': {'b': 1}}] | sort(attribute='a.b, c') | map(attribute='a.b') | join",
            "",
            "12",
        ),
        ("{'b': 1, 'a': 2} | dictsort(by='value') | length", "", "2"),
        ("[[1], [2]] | sum(start=[])", "", "[1, 2]"),
        ("'a,b' | split(',') | last", "", "b"),
        ("range(5)[2]", "", "2"),
        ("range(3)", "", "[0, 1, 2]"),
        ("range(3) | reverse | list", "", "[2, 1, 0]"),
        ("range(3, -3, -2) | list", "", "[3, 1, -1]"),
        ("4 is divisibleby(2)", "", "True"),
        ("dict(a=1) | items | list", "", "[(&#x27;a&#x27;, 1)]"),
        ("{'b': 1, 'c': 1} | chain({'a': 2, 'c': 2}) | items | list | length", "", "3"),
        ("({'b': 1, 'c': 1} | chain({'a': 2, 'c': 2})).c", "", "2"),
        ("{'b': 1} | chain({'a': 2}) | join", "", "ab"),
        ("[1] | chain([2], [3])", "", "[1, 2, 3]"),
        ("([1] | chain([2], [3]))[1]", "", "2"),
        ("[1] | chain({'a': 2}, 'b', range(2)) | join", "", "1ab01"),
        ("[1, 2] | zip('ab') | list | length", "", "2"),
        ("range(3) | zip([1, 2]) | length", "", "2"),
    ] {
        let body =
            answer_of(&format!("{{% set q = request.query %}}{{{{ {expression} }}}}"), query);
        assert_eq!(body, expected, "{expression} of {query}");
    }
    let lengths =
        "{% for n in range(3) %}{{ loop.index }}/{{ loop.length }}{{ loop.last }} {% endfor %}";
    assert_eq!(answer_of(lengths, ""), "1/3False 2/3False 3/3True ");
}

/// What is put into itself, or into another such, takes no more time than one such list.
#[test]
fn a_list_or_map_that_grows_in_a_loop_takes_fuel_for_each_step() {
    const DEPTH_MESSAGE: &str = "a value contains itself, or others more than 100 deep";
    let looped = |start: &str, step: &str, n: usize, end: &str| {
        let source = format!(
            "{{% set ns = namespace(d={start}) %}}\
             {{% for x in range({n}) %}}{{% set ns.d = {step} %}}{{% endfor %}}{{{{ {end} }}}}"
        );
        answer_of(&source, "")
    };
    for (start, step, n, end, expected) in [
        ("{}", "ns.d | chain({x: 1})", 500, "ns.d | length", "500"),
        ("{}", "ns.d | chain({x: 1})", 100_000, "ns.d | length", FUEL_MESSAGE),
        ("{}", "{x: 1} | chain(ns.d)", 100_000, "ns.d | length", FUEL_MESSAGE),
        ("{'a': 1}", "ns.d | chain(ns.d)", 90, "ns.d", "{&#x27;a&#x27;: 1}"),
        ("{'a': 1}", "ns.d | chain(ns.d)", 90, "ns.d.b is defined", "False"),
        ("{'a': 1}", "ns.d | chain(ns.d)", 90, "ns.d | items | list | length", "1"),
        ("{'a': 1}", "[ns.d] | map('chain', ns.d) | first", 90, "ns.d | length", "1"),
        ("[]", "ns.d | chain([x])", 100_000, "ns.d | length", FUEL_MESSAGE),
        ("[1]", "ns.d | chain(ns.d)", 90, "ns.d | length", FUEL_MESSAGE),
        ("'a'", "ns.d | chain([x])", 100_000, "ns.d | list", FUEL_MESSAGE),
        ("'a'", "ns.d | chain(ns.d)", 90, "ns.d | list", FUEL_MESSAGE),
        ("[1]", "ns.d | zip(ns.d)", 90, "ns.d | length", "1"),
        ("[1]", "ns.d | zip(ns.d)", 90, "ns.d", FUEL_MESSAGE),
        ("[1]", "ns.d | zip", 300, "ns.d | length", "1"),
        ("[1]", "ns.d | zip", 300, "ns.d", DEPTH_MESSAGE),
        ("[1]", "ns.d | reverse", 300, "ns.d", "[1]"),
        ("{'a': 1}", "dict(ns.d)", 300, "ns.d | length", "1"),
        ("{'a': 1}", "{x: ns.d}.values()", 300, "ns.d", DEPTH_MESSAGE),
        ("1", "joiner(ns.d)", 99_000, "ns.d", "joiner"),
        ("1", "cycler(ns.d)", 99_000, "ns.d", "cycler"),
        ("[[1]]", "ns.d | batch(2) | slice(2) | first", 90, "ns.d | length", "1"),
    ] {
        let body = with_render_stack(|| looped(start, step, n, end));
        let is_expected = body == expected || body.starts_with(&format!("error: {expected}\n"));
        assert!(is_expected, "{step}, {n} times, {end}: {body:.300}");
    }
}

/// What the engine refuses of an undefined value, its other forms do not.
#[test]
fn an_undefined_value_is_still_an_error() {
    for filter in [
        "count",
        "dictsort",
        "first",
        "groupby('a')",
        "items",
        "last",
        "length",
        "list",
        "reverse",
        "sort",
        "sum",
        "upper",
        "join",
        "map('upper')",
        "string",
        "int",
    ] {
        let body = answer_of(&format!("{{{{ site.gone | {filter} }}}}"), "");
        assert!(
            body.starts_with("error: `site.gone` is undefined\n --> a.html:1:"),
            "{filter}: {body}"
        );
    }
    let body = answer_of("{{ 4 is divisibleby(0) }}", "");
    assert!(body.starts_with("error: unable to calculate 4 % 0\n"), "{body}");
}

#[test]
fn each_limit_says_which_setting_or_argument_moves_it() {
    for (source, message, help) in [
        (
            "{{ '1000001' | int }}",
            NUMBER_MESSAGE,
            "`| int(max=9999999999)` allows for larger numbers, and `| int(default=1)` takes \
             another in their place",
        ),
        (
            "{{ '51' | float(max=50) }}",
            "a number in text is larger than 50",
            "`| int(max=9999999999)` allows for larger numbers, and `| int(default=1)` takes \
             another in their place",
        ),
        ("{{ [1] | tojson(101) }}", INDENT_MESSAGE, "indent by fewer spaces, such as `indent=2`"),
        (
            "{{ [1] * 100000000 }}",
            FUEL_MESSAGE,
            "look for a loop that runs too long, or raise `templates.fuel`",
        ),
        (
            "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}",
            "a value contains itself, or others more than 100 deep",
            "look for a `{% set %}` that puts a `namespace` or a list into itself, and print its parts",
        ),
    ] {
        let body = answer_of(&format!("\n{source}"), "");
        assert!(body.starts_with(&format!("error: {message}\n --> a.html:2:")), "{source}: {body}");
        assert!(body.ends_with(&format!("help: {help}\n")), "{source}: {body}");
    }
}

#[test]
fn a_name_that_is_looked_for_again_and_again_ends_in_a_report() {
    let report = "error: this page looks for more files than a page may\n --> a.html:1:";
    let help = "help: look for an `{% include %}` in a loop whose file is missing\n";
    for source in [
        "{% for n in [0] * (request.query.n | int) %}{% include request.query.a ignore missing %}{% endfor %}",
        "{% include [request.query.a] * (request.query.n | int) ignore missing %}",
    ] {
        let body = answer_of(source, &format!("n=1000000&a={}", "a".repeat(5000)));
        assert!(body.starts_with(report) && body.ends_with(help), "{source}: {body:.400}");
    }
}

#[test]
fn a_page_ends_at_its_deadline() {
    // The page itself is loaded in time, since its deadline is not set before.
    let pages = Pages::with(&[("a.html", "{{ 1 }}")], |options| {
        options.render_timeout = std::time::Duration::ZERO;
    });
    let body = pages.get("/a").body;
    let help = "help: look for a loop that goes through too much, or raise `templates.render_timeout_secs`\n";
    assert_eq!(body, format!("error: {TIME_MESSAGE}\n--> a.html\n{help}"));
}

/// Renders a template, compiled before, whose deadline has passed.
fn rendered_late(source: &str) -> Result<String, minijinja::Error> {
    let mut environment = minijinja::Environment::new();
    environment.set_debug(true);
    environment.set_formatter(|out, state, value| {
        limits::check_output(state, value)?;
        builtin::format_html(out, state, value)
    });
    limits::register(&mut environment);
    environment.add_template_owned("a.html", format!("\n{source}")).unwrap();
    let request = RequestHead::get("/?n=1", "h");
    let pages = Pages::new(&[]);
    let context = pages.site.with_request(&request, SystemTime::now(), |asked| {
        context::of_page(
            "a.html",
            context::request(asked.request, asked.path, context::KnownRequest::All),
            &Arc::default(),
            &pages.site.library,
            &pages.site.data,
            asked.folder,
        )
    });
    let template = environment.get_template("a.html").unwrap();
    limits::within(std::time::Duration::ZERO, || template.render(context.unwrap()))
}

#[test]
fn whatever_a_loop_does_it_ends_at_the_deadline() {
    let list = format!("[{}]", "1,".repeat(100));
    for inner in [
        "{{ n }}",
        "{{ 'a' }}",
        "{{ page.file }}",
        "{% set x = n | default(1) %}",
        "{% if n is odd %}{% endif %}",
        "{% set x = range(1) %}",
        "{% set x = dict() %}",
        "{% set x = request %}",
        "{% set x = request.query.n %}",
        "{% set x = site %}",
        "{% set x %}{{ n }}{% endset %}",
        "{% filter upper %}a{% endfilter %}",
        "{% macro m() %}{{ n }}{% endmacro %}{% set x = m() %}",
        "{% set x = [1] | map('abs') %}",
        "{% set x = [1] | select('odd') %}",
        "{% set x = [n] | sort %}",
    ] {
        let error =
            rendered_late(&format!("{{% for n in {list} %}}{inner}{{% endfor %}}")).unwrap_err();
        assert!(error.to_string().contains(TIME_MESSAGE), "{inner}: {error}");
        assert_eq!(error.line(), Some(2), "{inner}");
    }
    let error = rendered_late("{% for n in range(100) %}{% endfor %}").unwrap_err();
    assert!(error.to_string().contains(TIME_MESSAGE), "{error}");
    assert_eq!(
        rendered_late(&format!("{{% for n in {list} %}}a{{% endfor %}}")).unwrap().len(),
        101
    );
}

#[test]
fn an_include_is_found_before_the_deadline_alone() {
    let pages = Pages::with(&[("_b.html", "b")], |options| {
        // Passed once the page is loaded, and long after a page would be rendered.
        options.render_timeout = std::time::Duration::from_secs(1);
    });
    // Compares lists until the deadline, with nothing in between that checks it.
    pages.write(
        "a.html",
        "{% set a = [[0] * 100000] %}{% set b = [[0] * 100000] %}\
        {% for n in [0] * 10000 %}{% if a == b %}{% include '_b.html' %}{% endif %}{% endfor %}",
    );
    let body = pages.get("/a").body;
    assert!(body.starts_with(&format!("error: {TIME_MESSAGE}\n")), "{body:.300}");
}
