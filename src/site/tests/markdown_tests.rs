//! Pages of Markdown.

use super::*;

/// A layout that is nothing but the text of the page.
const BARE: (&str, &str) = ("_layout.html", "{% block content %}{% endblock %}");

/// What the page `a.md` with this text becomes, beside `files`.
fn html_with(files: &[(&str, &str)], markdown: &str) -> String {
    let pages = Pages::with(&[BARE, ("a.md", markdown)], |options| {
        // One of 1 MiB takes a while in an unoptimised build.
        options.render_timeout = std::time::Duration::from_mins(2);
    });
    for (name, text) in files {
        pages.write(name, text);
    }
    let answer = pages.get("/a?v=*x*");
    assert_eq!(answer.status(), 200, "{markdown:.200}\n{:.2000}", answer.message());
    assert!(!answer.body.contains(crate::markdown::marks::is_mark), "{markdown}\n{}", answer.body);
    answer.body
}

fn html(markdown: &str) -> String {
    html_with(&[], markdown)
}

#[test]
fn loops_and_conditions_make_one_list_or_table() {
    for (markdown, expected) in [
        (
            "{% for x in [1, 2] %}\n- {{ x }}\n{% endfor %}\n",
            "<ul>\n<li>1</li>\n<li>2</li>\n</ul>\n",
        ),
        ("{% for x in [1, 2] %}- {{ x }}\n{% endfor %}", "<ul>\n<li>1</li>\n<li>2</li>\n</ul>\n"),
        (
            "{%- for x in [1, 2] %}\n- {{ x }}\n{%- endfor %}\n",
            "<ul>\n<li>1</li>\n<li>2</li>\n</ul>\n",
        ),
        (
            "  {% for x in [1, 2] %}\n  - {{ x }}\n  {% endfor %}\n- 3\n",
            "<ul>\n<li>1</li>\n<li>2</li>\n<li>3</li>\n</ul>\n",
        ),
        (
            "- a\r\n{% for x in [1] %}\r\n- {{ x }}\r\n{% endfor %}\r\n- b\r\n",
            "<ul>\n<li>a</li>\n<li>1</li>\n<li>b</li>\n</ul>\n",
        ),
        (
            "| a |\n|---|\n{% for x in [1, 2] %}\n| {{ x }} |\n{% endfor %}\n\nb",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n\
             <tr>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n<p>b</p>\n",
        ),
        (
            "{% for x in ['A', 'B'] %}\n## {{ x }}\n\nabout *{{ x }}*\n\n{% endfor %}",
            "<h2 id=\"a\">A</h2>\n<p>about <em>A</em></p>\n<h2 id=\"b\">B</h2>\n<p>about <em>B</em></p>\n",
        ),
        (
            "{% for x in [1, 2] %}\n- {{ x }}\n  {% for y in [3, 4] %}\n  - {{ y }}\n  {% endfor %}\n{% endfor %}",
            "<ul>\n<li>1\n<ul>\n<li>3</li>\n<li>4</li>\n</ul>\n</li>\n<li>2\n<ul>\n<li>3</li>\n<li>4</li>\n</ul>\n</li>\n</ul>\n",
        ),
        (
            "- a\n{% if false %}\n- b\n{% endif %}\n{% if true %}\n- c\n{% else %}\n- d\n{% endif %}\n- e",
            "<ul>\n<li>a</li>\n<li>c</li>\n<li>e</li>\n</ul>\n",
        ),
        ("- a\n{% if false %}- b{% endif %}\n- c", "<ul>\n<li>a</li>\n<li>c</li>\n</ul>\n"),
        ("a\n{# note #}\n{% set x = 1 %}\nb", "<p>a\nb</p>\n"),
        ("a\n{# a note\n\n  over lines #}\nb", "<p>a\nb</p>\n"),
        ("{% set x = [\n  1,\n\n  2\n] %}\n- {{ x[1] }}\n", "<ul>\n<li>2</li>\n</ul>\n"),
        (
            "{% macro item(x) %}\n- **{{ x }}**\n{% endmacro %}\n{{ item('a') }}\n{{ item('*') }}\n",
            "<ul>\n<li><strong>a</strong></li>\n<li><strong>*</strong></li>\n</ul>\n",
        ),
        (
            "{% macro row(x) %}| {{ x }} |{% endmacro %}\n| a |\n|---|\n{% for x in [1, 2] %}\n{{ row(x) }}\n{% endfor %}",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n\
             <tr>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n",
        ),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn the_indent_of_a_template_makes_no_code() {
    for (markdown, expected) in [
        ("{% if true %}\n    # a\n\n    b\n{% endif %}", "<h1 id=\"a\">a</h1>\n<p>b</p>\n"),
        ("{% if true %}\n\t# a\n{% endif %}", "<h1 id=\"a\">a</h1>\n"),
        (
            "{% for x in [1, 2] %}\n    {% if true %}\n        - {{ x }}\n    {% endif %}\n{% endfor %}",
            "<ul>\n<li>1</li>\n<li>2</li>\n</ul>\n",
        ),
        (
            "intro\n\n{% for x in [1] %}\n  {% for y in [2] %}\n    - {{ y }}\n  {% endfor %}\n{% endfor %}",
            "<p>intro</p>\n<ul>\n<li>2</li>\n</ul>\n",
        ),
        // A part of the item around it.
        (
            "- a\n{% for x in [1] %}\n    - {{ x }}\n{% endfor %}",
            "<ul>\n<li>a\n<ul>\n<li>1</li>\n</ul>\n</li>\n</ul>\n",
        ),
        (
            "1. a\n\n   {% if true %}\n       b\n   {% endif %}",
            "<ol>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ol>\n",
        ),
        // More than the body is indented by is code all the same.
        (
            "{% if true %}\n  a\n\n      {{ b }}\n{% endif %}",
            "<p>a</p>\n<pre><code>{{ b }}\n</code></pre>\n",
        ),
        (
            "{% if true %}\n    ```\n    {{ a }}\n      b\n    ```\n{% endif %}",
            "<pre><code>{{ a }}\n  b\n</code></pre>\n",
        ),
        (
            "<ul>\n    {% for x in [1] %}\n    <li>{{ x }}</li>\n    {% endfor %}\n</ul>\n",
            "<ul>\n    <li>1</li>\n</ul>\n",
        ),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn code_is_literal() {
    for (markdown, expected) in [
        ("`{{ x }}` {{ 1 }}", "<p><code>{{ x }}</code> 1</p>\n"),
        ("``{% raw %}`{{ x }}`` {{ 1 }}", "<p><code>{% raw %}`{{ x }}</code> 1</p>\n"),
        ("`{#` a `#}` {{ 1 }}", "<p><code>{#</code> a <code>#}</code> 1</p>\n"),
        (
            "`{{` opens, {{ 1 }} prints, `}}` closes",
            "<p><code>{{</code> opens, 1 prints, <code>}}</code> closes</p>\n",
        ),
        ("`{%` and `%}`", "<p><code>{%</code> and <code>%}</code></p>\n"),
        (
            "```jinja\n{% for x in y %}\n{{ x }}\n{% endfor %}\n```\n{{ 1 }}",
            "<pre><code class=\"language-jinja\">{% for x in y %}\n{{ x }}\n{% endfor %}\n</code></pre>\n<p>1</p>\n",
        ),
        ("~~~\n{{ x\n~~~\n{{ 1 }}", "<pre><code>{{ x\n</code></pre>\n<p>1</p>\n"),
        (
            "a\n\n    {{ x }}\n    {% raw %}\n\n{{ 1 }}",
            "<p>a</p>\n<pre><code>{{ x }}\n{% raw %}\n</code></pre>\n<p>1</p>\n",
        ),
        (
            "a\n\n    {% for x in y %}\n    - {{ x }}\n    {% endfor %}\n\n{{ 1 }}",
            "<p>a</p>\n<pre><code>{% for x in y %}\n- {{ x }}\n{% endfor %}\n</code></pre>\n<p>1</p>\n",
        ),
        (
            "- ```\n  {{ x }}\n  ```\n- {{ 1 }}",
            "<ul>\n<li>\n<pre><code>{{ x }}\n</code></pre>\n</li>\n<li>1</li>\n</ul>\n",
        ),
        ("> `{{ x }}`\n> {{ 1 }}", "<blockquote>\n<p><code>{{ x }}</code>\n1</p>\n</blockquote>\n"),
        ("{{ '`' }}a{{ '`' }} `{{ x }}`", "<p>`a` <code>{{ x }}</code></p>\n"),
        ("it`s {{ 'a`b' | replace('`', '') }}", "<p>it`s ab</p>\n"),
        ("{# ```\n #}\n{{ 1 }}\n{# ``` #}", "<p>1</p>\n"),
        (
            "{% raw %}{{ x }} `{{ y }}`{% endraw %} {{ 1 }}",
            "<p>{{ x }} <code>{{ y }}</code> 1</p>\n",
        ),
        ("<script>let a = `{{ 1 }}`;</script>\n", "<script>let a = `1`;</script>\n"),
        (
            "`{{ x }}` in a {% if true %}`{% if %}`{% endif %}",
            "<p><code>{{ x }}</code> in a <code>{% if %}</code></p>\n",
        ),
        (
            "{% for x in [1, 2] %}\n- `{{ x }}` {{ x }}\n{% endfor %}",
            "<ul>\n<li><code>{{ x }}</code> 1</li>\n<li><code>{{ x }}</code> 2</li>\n</ul>\n",
        ),
        (
            "## A {#b}\n\n{# c #}\n\n### D {#e .f}",
            "<h2 id=\"b\">A</h2>\n<h3 id=\"e\" class=\"f\">D</h3>\n",
        ),
        ("\\`{{ 1 }}\\`", "<p>`1`</p>\n"),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn a_value_is_not_markup_wherever_it_stands() {
    const VALUES: [&str; 16] = [
        "*a* **b** _c_",
        "[x](javascript:1)",
        "<b>x</b>",
        "<script>alert(1)</script>",
        "a | b",
        "a\nb",
        "a\n\n    b\n\nc",
        "# a",
        "1. a",
        "- a",
        "> a",
        "`a`",
        "&lt;",
        "\\",
        "![x](y)",
        "</p><img src=x onerror=y>",
    ];
    let escaped = |value: &str| {
        let text = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;")
    };
    let encode = |value: &str| value.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    for (markdown, before, after) in [
        ("{{ request.query.v }}", "<p>", "</p>\n"),
        ("a {{ request.query.v }} b", "<p>a ", " b</p>\n"),
        ("**{{ request.query.v }}**", "<p><strong>", "</strong></p>\n"),
        ("- {{ request.query.v }}", "<ul>\n<li>", "</li>\n</ul>\n"),
        (
            "| {{ request.query.v }} |\n|---|",
            "<table>\n<thead>\n<tr>\n<th>",
            "</th>\n</tr>\n</thead>\n</table>\n",
        ),
        ("[{{ request.query.v }}](/b)", "<p><a href=\"/b\">", "</a></p>\n"),
        ("<i title=\"{{ request.query.v }}\">a</i>", "<p><i title=\"", "\">a</i></p>\n"),
        ("<div>{{ request.query.v }}</div>\n", "<div>", "</div>\n"),
        ("{{ request.query.v | e }}", "<p>", "</p>\n"),
        ("{{ request.query.v | string | trim }}", "<p>", "</p>\n"),
        ("{{ [request.query.v] | join('-') }}", "<p>", "</p>\n"),
        ("{{ [request.query.v, '' | safe] | join }}", "<p>", "</p>\n"),
        ("{{ 'a' | safe | replace('a', request.query.v) }}", "<p>", "</p>\n"),
        ("{{ '%s' | safe | format(request.query.v) }}", "<p>", "</p>\n"),
        ("{% set x = request.query.v %}{{ x }}", "<p>", "</p>\n"),
        ("{% set x %}{{ request.query.v }}{% endset %}{{ x }}", "<p>", "</p>\n"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(request.query.v) }}", "<p>", "</p>\n"),
        (
            "{% filter upper %}{% endfilter %}{% with x = request.query.v %}{{ x }}{% endwith %}",
            "<p>",
            "</p>\n",
        ),
    ] {
        let pages = Pages::new(&[BARE, ("a.md", markdown)]);
        for value in VALUES {
            let answer = pages.get(&format!("/a?v={}", encode(value)));
            let expected = format!("{before}{}{after}", escaped(value));
            assert_eq!(answer.body, expected, "{markdown}: {value}");
        }
    }
    let pages = Pages::new(&[BARE, ("a.md", "# {{ request.query.v }}\n\n{{ page.toc }}")]);
    for value in VALUES {
        let answer = pages.get(&format!("/a?v={}", encode(value)));
        assert!(answer.body.contains(&format!("\">{}</h1>", escaped(value))), "{}", answer.body);
    }
}

#[test]
fn an_address_of_a_value_leads_to_no_script() {
    for markdown in [
        "[t]({{ request.query.v }})",
        "[t](<{{ request.query.v }}>)",
        "[t][u]\n\n[u]: {{ request.query.v }}",
        "![t]({{ request.query.v }})",
        "<{{ request.query.v }}>",
        "<a href=\"{{ request.query.v }}\">t</a>",
    ] {
        let pages = Pages::new(&[BARE, ("a.md", markdown)]);
        for (value, expected) in [
            ("javascript:alert(1)", "\"#\""),
            ("JAVASCRIPT:alert(1)", "\"#\""),
            ("%0ajava%09script:alert(1)", "\"#\""),
            ("data:text/html,x", "\"#\""),
            ("https://a.example/b", "\"https://a.example/b\""),
            ("mailto:a@b.example", "\"mailto:a@b.example\""),
            ("/b", "\"/b\""),
        ] {
            let answer = pages.get(&format!("/a?v={value}"));
            if markdown.starts_with('<') && value.starts_with('%') {
                assert!(!answer.body.contains("href=\"\njava"), "{}", answer.body);
                continue;
            }
            assert!(answer.body.contains(expected), "{markdown}: {value}: {}", answer.body);
            assert_eq!(answer.message().contains("may not be"), expected == "\"#\"", "{value}");
        }
    }
}

#[test]
fn what_other_files_put_out_is_left_alone() {
    const CARD: &str = "<div class=\"card\">\n\n    <p>*{{ 1 }}*</p>\n\n</div>\n";
    const CARD_HTML: &str = "<div class=\"card\">\n\n    <p>*1*</p>\n\n</div>";
    let macros = "{% macro card(t) %}<div>\n\n    *{{ t }}*\n\n</div>{% endmacro %}\
                  {% macro box() %}<b>{{ caller() }}</b>{% endmacro %}";
    let files = [
        ("_card.html", CARD),
        ("_i.svg", "<svg>\n\n    *a*\n</svg>"),
        ("i.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='2'/>"),
        ("_m.html", macros),
        ("x.png", ""),
        ("_part.md", "*part* [x](x.png)\n\n- a\n"),
        ("_m.md", "{% macro li(x) %}\n- *{{ x }}*\n{% endmacro %}"),
        ("_ext.html", "{% extends '_base.html' %}{% block b %}*{{ 1 }}*{% endblock %}"),
        ("_base.html", "<i>{% block b %}{% endblock %}</i>"),
    ];
    for (markdown, expected) in [
        ("{% include '_card.html' %}", format!("{CARD_HTML}\n")),
        ("{{ '_i.svg' | inline }}", "<svg>\n\n    *a*\n</svg>\n".to_owned()),
        (
            "a {{ image('i.svg', alt='*b*') }}",
            "<p>a <img src=\"/i.svg\" width=\"1\" height=\"2\" alt=\"*b*\"></p>".to_owned(),
        ),
        ("a\n\n{% include '_card.html' %}\n\nb", format!("<p>a</p>\n{CARD_HTML}\n<p>b</p>\n")),
        ("a\n{% include '_card.html' %}\nb", format!("<p>a</p>\n{CARD_HTML}\n<p>b</p>\n")),
        (
            "- {% include '_card.html' %}\n- b",
            format!("<ul>\n<li>{CARD_HTML}</li>\n<li>b</li>\n</ul>\n"),
        ),
        (
            "- a\n\n  {% include '_card.html' %}\n\n- b",
            format!("<ul>\n<li>\n<p>a</p>\n{CARD_HTML}\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n"),
        ),
        ("{% if true %}\n    {% include '_card.html' %}\n{% endif %}", format!("{CARD_HTML}\n")),
        (
            "{% from '_m.html' import card %}\n{{ card('<') }}",
            "<div>\n\n    *&lt;*\n\n</div>\n".to_owned(),
        ),
        (
            "{% import '_m.html' as m %}a {{ m.card('*') }} b",
            "<p>a <div>\n\n    ***\n\n</div> b</p>\n".to_owned(),
        ),
        (
            "{% from '_m.html' import box %}{% call box() %}*a* {{ '*' }}{% endcall %} b",
            "<p><b><em>a</em> *</b> b</p>\n".to_owned(),
        ),
        (
            "{% from '_m.html' import box %}\n{% call box() %}\n*a*\n\n- b\n{% endcall %}\n",
            "<b><p><em>a</em></p>\n<ul>\n<li>b</li>\n</ul>\n</b>\n".to_owned(),
        ),
        (
            "{% include '_part.md' %}\n",
            "<p><em>part</em> <a href=\"/x.png\">x</a></p>\n<ul>\n<li>a</li>\n</ul>\n\n".to_owned(),
        ),
        (
            "{% from '_m.md' import li %}{{ li('a') }}",
            "<ul>\n<li><em>a</em></li>\n</ul>\n\n".to_owned(),
        ),
        ("a {% include '_ext.html' %}", "<p>a <i>*1*</i></p>\n".to_owned()),
        ("{{ '**a**' | markdown }}", "<p><strong>a</strong></p>\n\n".to_owned()),
        (
            "a {{ '**b** <i>' | markdown(inline=true) }}",
            "<p>a <strong>b</strong> &lt;i&gt;</p>\n".to_owned(),
        ),
        (
            "{{ 'a < b\\n' | code('js') }}",
            "<pre><code class=\"language-js\">a &lt; b\n</code></pre>\n\n".to_owned(),
        ),
        ("{{ '**a**' | safe }}", "<p><strong>a</strong></p>\n".to_owned()),
        ("{{ {'a': '*<'} | tojson }}", "<p>{\"a\": \"*\\u003c\"}</p>\n".to_owned()),
        (
            "{{ 'see https://a.example *x*' | urlize }}",
            "<p>see <a href=\"https://a.example\" rel=\"noopener\">https://a.example</a> *x*</p>\n"
                .to_owned(),
        ),
    ] {
        let found = html_with(&files, markdown);
        assert_eq!(found.trim_end(), expected.trim_end(), "{markdown}");
    }
}

#[test]
fn pages_of_html_show_files_of_markdown() {
    let pages = Pages::new(&[
        ("a.html", "<p>*a*</p>{% include '_b.md' %}<p>{{ '<' }}</p>{{ '*x* <b>' | markdown }}\n"),
        ("_b.md", "---\ntitle: B\n---\n*{{ request.query.v }}*\n"),
    ]);
    for value in ["1", "<"] {
        let expected = value.replace('<', "&lt;");
        let answer = pages.get(&format!("/a?v={value}"));
        let html = format!(
            "<p>*a*</p><p><em>{expected}</em></p><p>&lt;</p><p><em>x</em> &lt;b&gt;</p>\n\n"
        );
        assert_eq!(answer.body, html);
        assert_eq!(answer.source(), "a.html + _b.md");
    }
}

#[test]
fn a_page_is_known_without_its_extension() {
    let pages = Pages::new(&[
        BARE,
        ("about.md", "a"),
        ("index.md", "i"),
        ("docs/index.md", "d"),
        ("both.html", "h"),
        ("both.md", "m"),
        ("_private.md", "p"),
    ]);
    for (target, expected) in [
        ("/about", "about.md + _layout.html"),
        ("/about.md", "-> /about"),
        ("/about.md?x", "-> /about?x"),
        ("/about/", "-> /about"),
        ("/", "index.md + _layout.html"),
        ("/index.md", "-> /"),
        ("/docs", "-> /docs/"),
        ("/docs/", "docs/index.md + _layout.html"),
        ("/docs/index.md", "-> /docs/"),
        ("/_private", "echo"),
        ("/_private.md", "echo"),
        ("/both", "500"),
        ("/about.html", "about.md + _layout.html"),
        ("/about.html?x", "about.md + _layout.html"),
        ("/about.html/", "echo"),
        ("/about.html.html", "echo"),
        ("/index.html", "index.md + _layout.html"),
        ("/docs/index.html", "docs/index.md + _layout.html"),
        ("/docs.html", "echo"),
        ("/docs/.html", "echo"),
        ("/_private.html", "echo"),
        ("/both.html", "500"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
    let message = pages.get("/both").message().to_owned();
    assert!(message.contains("`both.html` and `both.md` both make `/both`"), "{message}");
    std::fs::remove_file(pages.path("both.md")).unwrap();
    assert_eq!(route(&pages, "/both"), "both.html");
    pages.write("both.md", "m");
    assert_eq!(route(&pages, "/both"), "500");
    std::fs::remove_file(pages.path("both.html")).unwrap();
    assert_eq!(route(&pages, "/both"), "both.md + _layout.html");
}

#[test]
fn markdown_that_is_no_template_is_sent_as_it_is() {
    for is_plain in [true, false] {
        let pages = Pages::with(&[("README.md", "# {{ a }}")], |options| {
            options.is_plain = is_plain;
            options.exclude = vec!["*.md".to_owned()];
        });
        let answer = pages.get("/README.md");
        assert_eq!((answer.status(), answer.body.as_str()), (200, "# {{ a }}"));
        assert!(answer.field("Content-Type").starts_with("text/"));
        assert_eq!(route(&pages, "/README"), "echo");
    }
}

#[test]
fn a_page_stands_in_the_nearest_layout_with_the_block() {
    let pages = Pages::new(&[
        (
            "_layout.html",
            "<title>{{ page.title }}</title>{{ page.toc }}{% block content %}{% endblock %}",
        ),
        ("a.md", "# T *t*\n\n## {{ 1 + 1 }}\n"),
        ("blog/_layout.html", "{% block other %}{% endblock %}"),
        ("blog/b.md", "---\ntitle: B\n---\nb"),
        ("docs/_layout.html", "{% extends '_layout.html' %}"),
        ("docs/deep/c.md", "# {{ 1 }}"),
        ("none.md", "---\nlayout: false\n---\n*n*"),
        ("_own.html", "<i>{% block content %}{% endblock %}</i>"),
        ("own.md", "---\nlayout: _own.html\n---\n*o*"),
    ]);
    for (target, expected) in [
        (
            "/a",
            "<title>T t</title><ul>\n<li><a href=\"#2\">2</a></li>\n</ul>\n<h1 id=\"t-t\">T t</h1>\n<h2 id=\"2\">2</h2>\n",
        ),
        ("/blog/b", "<title>B</title><p>b</p>\n"),
        ("/docs/deep/c", "<title>C</title><h1 id=\"1\">1</h1>\n"),
        ("/none", "<p><em>n</em></p>\n"),
        ("/own", "<i><p><em>o</em></p>\n</i>"),
    ] {
        let body = pages.get(target).body.replace("T <em>t</em>", "T t");
        assert_eq!(body, expected, "{target}");
    }
    let message = pages.get("/blog/b").message().to_owned();
    let expected =
        "warning: blog/b.md: `blog/_layout.html` has no block `content`: `_layout.html` is used";
    assert_eq!(message, expected);
    pages.write("blog/_layout.html", "<b>{% block content %}{% endblock %}</b>");
    assert_eq!(pages.get("/blog/b").body, "<b><p>b</p>\n</b>");
    pages.write("docs/deep/_layout.html", "<u>{% block content %}{% endblock %}</u>");
    assert_eq!(pages.get("/docs/deep/c").body, "<u><h1 id=\"1\">1</h1>\n</u>");
    let plain = Pages::new(&[("a.md", "# T & U\n\n*a*")]);
    let body = plain.get("/a").body;
    assert!(
        body.starts_with("<!doctype html>") && body.contains("<title>T &amp; U</title>"),
        "{body}"
    );
    assert!(
        body.contains("<main>\n<h1 id=\"t--u\">T &amp; U</h1>\n<p><em>a</em></p>\n</main>"),
        "{body}"
    );
}

#[test]
fn a_layout_knows_the_summary_of_the_text_and_all_else_of_its_page() {
    let layout = "{{ page.summary }}|{{ page.summary }}|{{ page.title }}|{{ page.nothing is defined }}|\
                  {{ page | list | sort | join(' ') }}|{% block content %}{% endblock %}";
    for (markdown, summary) in [
        ("# T\n\nfirst *p* {{ 1 }}\n\nsecond", "<p>first <em>p</em> 1</p>"),
        ("# T\n\na\n\nb\n\n<!-- more -->\n\nc", "<h1 id=\"t\">T</h1>\n<p>a</p>\n<p>b</p>"),
        ("# T", ""),
    ] {
        let body = html_with(&[("_layout.html", layout)], markdown);
        let keys =
            "aliases date description draft file layout order summary tags title toc updated url";
        let expected = format!("{summary}|{summary}|T|False|{keys}|");
        assert!(body.starts_with(&expected), "{body}\n{expected}");
    }
}

#[test]
fn the_table_of_contents_can_be_printed_in_the_text() {
    let contents = "<ul>\n<li><a href=\"#b\">B</a></li>\n</ul>\n";
    for markdown in [
        "# A\n\n{{ page.toc }}\n\n## B",
        "# A\n\n{% set toc = page.toc %}{{ toc }}\n\n## B",
        "# A\n\n{% include '_toc.html' %}\n\n## B",
    ] {
        let html = html_with(&[("_toc.html", "{{ page.toc }}")], markdown);
        assert_eq!(html, format!("<h1 id=\"a\">A</h1>\n{contents}\n<h2 id=\"b\">B</h2>\n"));
    }
    for markdown in [
        "a\n{% if page.toc %}x{% endif %}",
        "a\n{{ page.toc | length }}",
        "a\n{{ page.toc ~ 'x' }}",
    ] {
        let pages = Pages::new(&[BARE, ("a.md", markdown)]);
        let answer = pages.get("/a");
        assert_eq!(answer.status(), 500, "{markdown}: {}", answer.body);
        assert!(answer.message().contains("a.md:2"), "{}", answer.message());
    }
}

#[test]
fn links_lead_from_file_to_file() {
    let pages = Pages::new(&[
        BARE,
        ("docs/b.md", "b"),
        ("docs/index.md", "i"),
        ("cat.png", "c"),
        ("docs/x.html", "x"),
        ("ü b.txt", "t"),
        (
            "docs/a.md",
            "[1](b.md#y) [2](../docs/index.md) ![3](../cat.png) [4](x.html?q)\n[5](https://e.example/b.md) [6](#t) [7](/docs/b.md) [8](other) [9](/raw.html) [10](<../ü b.txt>)\n\n[11](gone.md)\n![12](gone.png)",
        ),
    ]);
    let answer = pages.get("/docs/a");
    for expected in [
        "<a href=\"/docs/b#y\">1</a>",
        "<a href=\"/docs/\">2</a>",
        "<img src=\"/cat.png\" alt=\"3\" />",
        "<a href=\"/docs/x?q\">4</a>",
        "<a href=\"https://e.example/b.md\">5</a>",
        "<a href=\"#t\">6</a>",
        "<a href=\"/docs/b\">7</a>",
        "<a href=\"other\">8</a>",
        "<a href=\"/raw.html\">9</a>",
        "<a href=\"/%C3%BC%20b.txt\">10</a>",
        "<a href=\"/docs/gone\">11</a>",
    ] {
        assert!(answer.body.contains(expected), "{expected}: {}", answer.body);
    }
    let expected = "warning: docs/a.md:4: the link `gone.md` leads to nothing: there is no such file\n\
                    warning: docs/a.md:5: the image `gone.png` leads to nothing: there is no such file";
    assert_eq!(answer.message(), expected);
    pages.write("docs/gone.md", "g");
    assert!(!pages.get("/docs/a").message().contains("gone.md"));
}

#[test]
fn errors_lead_to_the_file_of_markdown() {
    for (markdown, place) in [
        ("# A\n\n`{{ x }}` {{ page.titel.x }}", "a.md:3:19"),
        (
            "---\ntitle: A\n---\n- [x](b)\n{% if true %}\n    {{ page.titel.x }}\n{% endif %}",
            "a.md:6:13",
        ),
        ("`{{` a\n{% fro %}", "a.md:2:4"),
        ("a\n\n{{ 1 | nope }}", "a.md:3"),
        ("a\n{% extends '_layout.html' %}", "a.md:2:1"),
        ("a\n  {% block content %}{% endblock %}", "a.md:2:3"),
        ("```\n{{ x\n```\n{{ y", "a.md:4:1"),
        ("---\ntitle: [\n---\n", "a.md:"),
        ("{% include 'gone.md' %}", "a.md:1"),
    ] {
        let pages = Pages::new(&[BARE, ("a.md", markdown)]);
        let answer = pages.get("/a");
        assert_eq!(answer.status(), 500, "{markdown}");
        assert!(answer.message().contains(place), "{markdown}: {}", answer.message());
        assert!(
            !answer.message().contains(crate::markdown::marks::is_mark),
            "{}",
            answer.message()
        );
        assert!(!answer.body.contains(crate::markdown::marks::is_mark));
    }
}

#[test]
fn any_file_of_markdown_is_a_page() {
    let large = "a *b* `c` [d](/e)\n\n".repeat((1 << 20) / 19);
    for (markdown, expected) in [
        ("", ""),
        ("\u{feff}a", "<p>a</p>\n"),
        ("---\r\ntitle: \"a --- b\"\r\n---\r\n{{ page.title }}\r\n", "<p>a --- b</p>\n"),
        ("\u{feff}---\ntitle: T\n---\n\n{{ page.title }}", "<p>T</p>\n"),
        ("+++\ntitle = 'T'\n+++\n{{ page.title }}", "<p>T</p>\n"),
        ("a\u{fdd0}b\u{fdd6}", "<p>a\u{fffd}b\u{fffd}</p>\n"),
        (&large, ""),
    ] {
        let found = html(markdown);
        if expected.is_empty() && !markdown.is_empty() {
            assert!(found.len() > markdown.len());
        } else {
            assert_eq!(found, expected, "{markdown}");
        }
    }
}

#[test]
fn a_save_shows_in_the_next_answer() {
    let pages = Pages::new(&[BARE, ("a.md", "*1*")]);
    assert_eq!(pages.get("/a").body, "<p><em>1</em></p>\n");
    pages.write("a.md", "*22*");
    assert_eq!(pages.get("/a").body, "<p><em>22</em></p>\n");
    pages.write("_layout.html", "<b>{% block content %}{% endblock %}</b>");
    assert_eq!(pages.get("/a").body, "<b><p><em>22</em></p>\n</b>");
}
