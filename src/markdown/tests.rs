//! Tests of Markdown: tables of text and HTML.

use super::*;

/// The HTML of Markdown without marks.
fn html(markdown: &str) -> String {
    of_file(markdown).html
}

fn of_file(markdown: &str) -> Resolved {
    let marked = format!("{}a.md{}{markdown}{}", marks::FILE, marks::NAMED, marks::END);
    resolve(&marked, &mut |_| None)
}

fn value(text: &str) -> String {
    format!("{}{}{}", marks::VALUE, pieces::escaped(text), marks::END)
}

#[test]
fn markdown_as_github_has_it() {
    for (markdown, expected) in [
        (
            "a *b* **c** ~~d~~ `e`",
            "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>\n",
        ),
        (
            "|a|b|\n|:-|-:|\n|1|2|\n|3|\n",
            "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"right\">b</th>\n</tr>\n\
             </thead>\n<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"right\">2</td>\n</tr>\n\
             <tr>\n<td align=\"left\">3</td>\n<td align=\"right\"></td>\n</tr>\n</tbody>\n</table>\n",
        ),
        ("|a|\n|-|\n", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n</table>\n"),
        (
            "- [x] a\n- [ ] b",
            "<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\na</li>\n\
             <li><input disabled=\"\" type=\"checkbox\"/>\nb</li>\n</ul>\n",
        ),
        (
            "> [!NOTE]\n> a",
            "<div class=\"markdown-alert markdown-alert-note\">\n<p class=\"markdown-alert-title\">Note</p>\n\
             <p>a</p>\n</div>\n",
        ),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        (
            "# A b\n## A b\n## C {#d .e}",
            "<h1 id=\"a-b\">A b</h1>\n<h2 id=\"a-b-1\">A b</h2>\n<h2 id=\"d\" class=\"e\">C</h2>\n",
        ),
        ("```js x\n<a>\n```", "<pre><code class=\"language-js\">&lt;a&gt;\n</code></pre>\n"),
        ("a<br>b\n\n<div>\n\n*c*\n\n</div>\n", "<p>a<br>b</p>\n<div>\n<p><em>c</em></p>\n</div>\n"),
        (
            "See https://a.example/b_c_d. And www.e.example, f@g.example.",
            "<p>See <a href=\"https://a.example/b_c_d\">https://a.example/b_c_d</a>. And \
             <a href=\"http://www.e.example\">www.e.example</a>, \
             <a href=\"mailto:f@g.example\">f@g.example</a>.</p>\n",
        ),
        (
            "[https://a.example](/b) `https://a.example`",
            "<p><a href=\"/b\">https://a.example</a> <code>https://a.example</code></p>\n",
        ),
        (
            "![a *b* `c` https://d.example](/e \"f\")",
            "<p><img src=\"/e\" alt=\"a b c https://d.example\" title=\"f\" /></p>\n",
        ),
        ("", ""),
        ("a\r\nb\r\n\r\n- c\r\n", "<p>a\nb</p>\n<ul>\n<li>c</li>\n</ul>\n"),
    ] {
        assert_eq!(html(markdown), expected, "{markdown}");
    }
}

#[test]
fn footnotes_are_numbered_by_use_and_stand_at_the_end() {
    let markdown =
        "a[^x] b[^y] c[^x] [^none]\n\n[^y]: *Y*\n\n[^x]: X[^y]\n\n    - z\n\n[^unused]: u\n\nend";
    let back = |id: &str| {
        format!(
            " <a href=\"#{id}\" class=\"footnote-backref\" aria-label=\"Back to the text\">\u{21a9}</a>"
        )
    };
    let refer = |id: &str, reference: &str, number: u8| {
        format!(
            "<sup class=\"footnote-ref\"><a href=\"#{id}\" id=\"{reference}\">{number}</a></sup>"
        )
    };
    let expected = format!(
        "<p>a{} b{} c{} [^none]</p>\n<p>end</p>\n<section class=\"footnotes\">\n<ol>\n\
         <li id=\"fn-1\">\n<p>X{}</p>\n<ul>\n<li>z</li>\n</ul>\n{}{}</li>\n\
         <li id=\"fn-2\">\n<p><em>Y</em>{}{}</p>\n</li>\n</ol>\n</section>\n",
        refer("fn-1", "fnref-1", 1),
        refer("fn-2", "fnref-2", 2),
        refer("fn-1", "fnref-1-1", 1),
        refer("fn-2", "fnref-2-1", 2),
        back("fnref-1"),
        back("fnref-1-1"),
        back("fnref-2"),
        back("fnref-2-1"),
    );
    assert_eq!(html(markdown), expected);
}

#[test]
fn a_value_is_never_markup() {
    let v = value;
    for (markdown, expected) in [
        (
            v("*a* _b_ [x](javascript:1) <b> | `c`"),
            "<p>*a* _b_ [x](javascript:1) &lt;b&gt; | `c`</p>\n",
        ),
        (v("# a"), "<p># a</p>\n"),
        (v("1. a"), "<p>1. a</p>\n"),
        (v("a\n\n    b\n- c"), "<p>a\n\n    b\n- c</p>\n"),
        (v("https://a.example"), "<p>https://a.example</p>\n"),
        (format!("# {}", v("A *b*")), "<h1 id=\"a-b\">A *b*</h1>\n"),
        (format!("**{}**", v("")), "<p><strong></strong></p>\n"),
        (format!("a**{}**b", v("*")), "<p>a<strong>*</strong>b</p>\n"),
        (format!("- {}\n- {}", v("- a"), v("")), "<ul>\n<li>- a</li>\n<li></li>\n</ul>\n"),
        (
            format!("|{}|\n|-|\n|{}|", v("a|b"), v("c\n|d")),
            "<table>\n<thead>\n<tr>\n<th>a|b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>c\n|d</td>\n</tr>\n</tbody>\n</table>\n",
        ),
        (format!("[{}]({})", v("a](b"), v("/c d)\"")), "<p><a href=\"/c%20d)%22\">a](b</a></p>\n"),
        (
            format!("[a](/b \"{}\")", v("\" onclick=\"c")),
            "<p><a href=\"/b\" title=\"&quot; onclick=&quot;c\">a</a></p>\n",
        ),
        (format!("![{}](/c)", v("\"<a>")), "<p><img src=\"/c\" alt=\"&quot;&lt;a&gt;\" /></p>\n"),
        (
            format!("<a title=\"{}\">b</a>", v("\"><script>")),
            "<p><a title=\"&quot;&gt;&lt;script&gt;\">b</a></p>\n",
        ),
        (format!("<div>{}</div>", v("<b>\n\n*c*")), "<div>&lt;b&gt;\n\n*c*</div>"),
        (format!("`{}`", v("<b>`")), "<p><code>&lt;b&gt;`</code></p>\n"),
        (format!("[{}]\n\n[a]: /b", v("a")), "<p>[a]</p>\n"),
        (
            format!("https://a.example/{}", v("b c")),
            "<p><a href=\"https://a.example/b%20c\">https://a.example/b c</a></p>\n",
        ),
        (format!("{}. a", v("1")), "<p>1. a</p>\n"),
        (format!("a {{#{}}}", v("b")), "<p>a {#b}</p>\n"),
        (format!("# a {{#{} x={}}}", v("b"), v("\"")), "<h1 id=\"b\" x=\"&quot;\">a</h1>\n"),
    ] {
        assert_eq!(html(&markdown), expected, "{markdown}");
    }
}

#[test]
fn an_address_of_a_value_is_of_few_schemes() {
    for (address, expected) in [
        ("https://a.example/?b&c", "https://a.example/?b&amp;c"),
        ("/a", "/a"),
        ("a b", "a%20b"),
        ("javascript:alert(1)", "#"),
        ("java\tscript:alert(1)", "#"),
        ("data:text/html,a", "#"),
    ] {
        for (markdown, before, after) in [
            (format!("[t]({})", value(address)), "<p><a href=\"", "\">t</a></p>\n"),
            (format!("[t][u]\n\n[u]: {}", value(address)), "<p><a href=\"", "\">t</a></p>\n"),
            (format!("![]({})", value(address)), "<p><img src=\"", "\" alt=\"\" /></p>\n"),
        ] {
            let resolved = of_file(&markdown);
            assert_eq!(resolved.html, format!("{before}{expected}{after}"), "{markdown}");
            assert_eq!(resolved.warnings.len(), usize::from(expected == "#"));
        }
    }
    let html_of = |address| html(&format!("<a href=\"{}\">t</a>", value(address)));
    assert_eq!(html_of("javascript:1"), "<p><a href=\"#\">t</a></p>\n");
    assert_eq!(html_of("/a b"), "<p><a href=\"/a b\">t</a></p>\n");
    assert_eq!(html("[t](javascript:1)"), "<p><a href=\"javascript:1\">t</a></p>\n");
}

#[test]
fn a_value_in_brackets_is_a_link() {
    for (text, expected) in [
        ("https://a.example/b", "<a href=\"https://a.example/b\">https://a.example/b</a>"),
        ("a@b.example", "<a href=\"mailto:a@b.example\">a@b.example</a>"),
        ("javascript:alert(1)", "<a href=\"#\">javascript:alert(1)</a>"),
        ("/a\"><script>", "<a href=\"/a%22%3E%3Cscript%3E\">/a&quot;&gt;&lt;script&gt;</a>"),
        ("int", "&lt;int&gt;"),
        ("script src=x", "&lt;script src=x&gt;"),
    ] {
        assert_eq!(html(&format!("<{}>", value(text))), format!("<p>{expected}</p>\n"), "{text}");
    }
    assert_eq!(
        html(&format!("- <{}>\n**x**", value("/a"))),
        "<ul>\n<li><a href=\"/a\">/a</a>\n<strong>x</strong></li>\n</ul>\n"
    );
    assert_eq!(html(&format!("\\<{}>", value("/a"))), "<p>&lt;/a&gt;</p>\n");
}

#[test]
fn html_is_left_alone() {
    let card = marks::html("<div>\n\n    *a*\n</div>");
    let icon = marks::html("<svg></svg>");
    for (markdown, expected) in [
        (card.clone(), "<div>\n\n    *a*\n</div>\n".to_owned()),
        (format!("{icon}\n"), "<svg></svg>\n".to_owned()),
        (format!("a {icon} b"), "<p>a <svg></svg> b</p>\n".to_owned()),
        (format!("a\n{icon}\nb"), "<p>a\n<svg></svg>\nb</p>\n".to_owned()),
        (format!("*a*\n{card}\nb\n{card}{card}"), "<p><em>a</em></p>\n<div>\n\n    *a*\n</div>\n<p>b</p>\n<div>\n\n    *a*\n</div><div>\n\n    *a*\n</div>\n".to_owned()),
        (format!("*a\n{card}\nb*"), "<p><em>a\n<div>\n\n    *a*\n</div>\nb</em></p>\n".to_owned()),
        (format!("- {card}\n- b"), "<ul>\n<li><div>\n\n    *a*\n</div></li>\n<li>b</li>\n</ul>\n".to_owned()),
        (format!("- a\n\n  {card}\n\n- b"), "<ul>\n<li>\n<p>a</p>\n<div>\n\n    *a*\n</div>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n".to_owned()),
        (format!("|a|\n|-|\n|{icon}|"), "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td><svg></svg></td>\n</tr>\n</tbody>\n</table>\n".to_owned()),
        (format!("[{icon}](/a \"{icon}\") ![{icon}](/b)"), "<p><a href=\"/a\"><svg></svg></a> <img src=\"/b\" alt=\"\" /></p>\n".to_owned()),
    ] {
        assert_eq!(html(&markdown), expected, "{markdown}");
    }
}

#[test]
fn parts_and_bodies() {
    let part = |file: &str, text: &str| {
        format!("{}{file}{}{text}{}", marks::PART, marks::NAMED, marks::END)
    };
    let body = |text: &str| format!("{}a.md{}{text}{}", marks::BODY, marks::NAMED, marks::END);
    for (markdown, expected) in [
        (
            format!(
                "{0}1:0{1}{2}\n{0}2:0{1}{3}\n",
                marks::LINE,
                marks::NAMED,
                part("a.md", "\n- a\n\u{fdd7}9:0\u{fdd5}"),
                part("a.md", "- *b*")
            ),
            "<ul>\n<li>a</li>\n<li><em>b</em></li>\n</ul>\n",
        ),
        (
            format!("{}{}", part("a.md", "- a\n"), part("a.md", "- b\n")),
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n",
        ),
        (format!("a {}", part("b.md", "- b")), "<p>a <ul>\n<li>b</li>\n</ul>\n</p>\n"),
        (format!("{}<b>{}</b>{}", marks::HTML, body("*c*"), marks::END), "<b><em>c</em></b>\n"),
        (
            format!("{}<div>{}</div>{}", marks::HTML, body("*c*\n"), marks::END),
            "<div><p><em>c</em></p>\n</div>\n",
        ),
        (format!("{}<div>{}</div>{}", marks::HTML, value("<"), marks::END), "<div>&lt;</div>\n"),
    ] {
        assert_eq!(html(&markdown), expected, "{markdown}");
    }
    // Outside of Markdown all is HTML.
    let page = format!("<p>*a*</p>{}{}", part("b.md", "*c*"), value("d"));
    assert_eq!(resolve(&page, &mut |_| None).html, "<p>*a*</p><em>c</em>d");
}

#[test]
fn marks_without_an_end_do_no_harm() {
    for marked in [
        "\u{fdd0}a",
        "\u{fdd1}*a*",
        "\u{fdd2}a",
        "\u{fdd2}a\u{fdd5}*b*\u{fdd0}c",
        "\u{fdd6}\u{fdd6}a",
        "\u{fdd7}1",
        "\u{fde0}9\u{fde1}\u{fde0}",
    ] {
        let html = resolve(marked, &mut |_| None).html;
        assert!(!html.contains('\u{fdd0}'), "{marked:?}: {html:?}");
    }
}

#[test]
fn a_page_has_contents_and_a_title() {
    let contents = marks::CONTENTS;
    let document =
        of_file(&format!("# A\n\n{contents}\n\nfirst[^a] *p*\n\n## B & c\n\nsecond\n\n[^a]: x"))
            .document
            .unwrap();
    assert_eq!(document.title.as_deref(), Some("A"));
    assert_eq!(document.contents, "<ul>\n<li><a href=\"#b--c\">B &amp; c</a></li>\n</ul>\n");
    assert!(document.html.contains("</h1>\n<ul>\n<li><a href=\"#b--c\">"), "{}", document.html);
}

#[test]
fn links_are_rewritten_with_their_place() {
    let marked = format!(
        "{0}a/b.md{1}{2}1:0{1}[x](c.md#d) ![y](e.png)\n{2}7:0{1}[z](https://f.example) <https://g.example>{3}",
        marks::FILE,
        marks::NAMED,
        marks::LINE,
        marks::END
    );
    let mut seen = Vec::new();
    let mut links = |link: Destination<'_>| {
        seen.push((
            link.file.to_owned(),
            link.spot.map(|spot| spot.line),
            link.address.to_owned(),
            link.is_image,
        ));
        link.address.strip_suffix("#d").map(|_| "/h".to_owned())
    };
    let html = resolve(&marked, &mut links).html;
    assert!(html.starts_with("<p><a href=\"/h\">x</a> <img src=\"e.png\" alt=\"y\" />"), "{html}");
    let expected = [
        ("c.md#d", 1, false),
        ("e.png", 1, true),
        ("https://f.example", 7, false),
        ("https://g.example", 7, false),
    ];
    let expected = expected.map(|(address, line, is_image)| {
        ("a/b.md".to_owned(), Some(line), address.to_owned(), is_image)
    });
    assert_eq!(seen, expected);
}

#[test]
fn a_line_of_tags_is_none_and_loses_the_space_of_the_template() {
    for (marked, expected) in [
        ("a\n⟨1:0⟩  \n⟨2:0⟩b", "<p>a\nb</p>\n"),
        ("a\n⟨1:0⟩ \r\n⟨2:0⟩\r\nb", "<p>a\nb</p>\n"),
        ("a\n⟨1:0⟩\n\nb", "<p>a</p>\n<p>b</p>\n"),
        ("⟨1:4⟩    # a\n⟨2:2⟩    b\n⟨3:4⟩\tc", "<h1 id=\"a\">a</h1>\n<p>b\nc</p>\n"),
        ("⟨1:0⟩x⟨2:4⟩    y", "<p>x    y</p>\n"),
    ] {
        let marked = marked.replace('⟨', "\u{fdd7}").replace('⟩', "\u{fdd5}");
        assert_eq!(html(&marked), expected, "{marked}");
    }
}
