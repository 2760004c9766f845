//! URLs in HTML and CSS, with the bytes that they are written in.

use super::*;

/// The URLs of a text, each with what it is written as, where that differs.
fn described(text: &str, references: &[Reference]) -> String {
    let one = |reference: &Reference| {
        let written = &text[reference.range.clone()];
        let url = &reference.url;
        if written == url { url.clone() } else { format!("{url} ({written})") }
    };
    references.iter().map(one).collect::<Vec<_>>().join(" | ")
}

#[test]
fn finds_the_urls_of_a_page() {
    for (html, expected) in [
        ("<a href=\"/a\">", "/a"),
        ("<a href='/a'><a href=/a?b><A HREF = /c >", "/a | /a?b | /c"),
        ("<a href=\" /a \n\">", "/a"),
        ("<a href>", ""),
        ("<a href=''>", ""),
        ("<a href=\"/a?b&amp;c&d=e\">", "/a?b&c&d=e (/a?b&amp;c&d=e)"),
        ("<a href=\"&#47;a&#x2f;b\">", "/a/b (&#47;a&#x2f;b)"),
        ("<a href=\"&nbsp;/a\">", "\u{a0}/a (&nbsp;/a)"),
        ("<a href=\"/a?x&lt=1&copy;\">", "/a?x&lt=1© (/a?x&lt=1&copy;)"),
        ("<a href=\"&#32;&#9;/a&#10;\">", "/a"),
        ("<a href=/a href=/b>", "/a"),
        ("<a title='<a href=/b>' href=/a>", "/a"),
        (
            "<!-- <a href=/a> --><script>\"<a href=/b>\"</script><textarea><a href=/c></textarea>",
            "",
        ),
        ("<img src=a.png srcset='/b.png 1x, /c.png 2x'>", "a.png | /b.png | /c.png"),
        (
            "<img srcset=\"data:image/png;base64,AA== 1x, /c&amp;d.png 2x,/e.png,/f.png (a, b), g\">",
            "data:image/png;base64,AA== | /c&d.png (/c&amp;d.png) | /e.png,/f.png | g",
        ),
        ("<source srcset='/a.png, /b.png'>", "/a.png | /b.png"),
        ("<link rel=preload imagesrcset='/a.png 1x'>", "/a.png"),
        ("<form action=/f><button formaction=/g><input formaction=/h src=/i>", "/f | /g | /h | /i"),
        ("<video poster=/p src=/v><track src=/t></video><object data=/o>", "/p | /v | /t | /o"),
        ("<blockquote cite=/c><q cite=/d><del cite=/e><ins cite=/f>", "/c | /d | /e | /f"),
        ("<a ping='/p /q'>", "/p | /q"),
        ("<meta http-equiv=Refresh content='0; URL=/a'>", "/a"),
        ("<meta http-equiv=refresh content=\"3;url='/a b'\">", "/a b"),
        ("<meta http-equiv=refresh content='0;/a'><meta http-equiv=refresh content=5>", "/a"),
        ("<meta name=x content='0; url=/a'>", ""),
        ("<p style='background: url(/a.png)'>", "/a.png"),
        ("<p style=\"background: url(&quot;/a.png&quot;)\">", "/a.png"),
        ("<style>@import '/a.css'; p { background: url( /b.png ) }</style>", "/a.css | /b.png"),
        (
            "<svg><a href=/a><use xlink:href='/b.svg#c'/><rect fill='url(/d.svg#e)'/></svg>",
            "/a | /b.svg#c | /d.svg#e",
        ),
        ("<svg><style>p { fill: url(/a) }</style></svg>", "/a"),
        (
            "<iframe srcdoc=\"<a href='/a?b&amp;amp;c'>&lt;img src=/d>\">",
            "/a?b&c (/a?b&amp;amp;c) | /d",
        ),
        ("<base href=/b/><body background=/c><td background=/d>", "/b/ | /c | /d"),
        ("<template><a href=/a></template><noscript><img src=/b></noscript>", "/a | /b"),
        ("<custom-a href=/a><div src=/b data-src=/c>", ""),
        ("<a href=\"/é&amp;\u{1F600}\">", "/é&\u{1F600} (/é&amp;\u{1F600})"),
        ("<a href=\"/a\r\nb\">", "/a\nb (/a\r\nb)"),
    ] {
        assert_eq!(described(html, &in_html(html)), expected, "{html}");
    }
}

#[test]
fn finds_the_urls_of_a_stylesheet() {
    for (css, expected) in [
        ("@import \"/a.css\" layer(x) supports(display: grid);", "/a.css"),
        ("@import url(/a.css); @IMPORT url('b.css') print;", "/a.css | b.css"),
        ("@import/**/'a.css';", "a.css"),
        ("@charset \"utf-8\"; @namespace \"x\"; a::before { content: '/a' }", ""),
        ("a { background: URL( \"/a.png\" ), url(/b.png) }", "/a.png | /b.png"),
        ("a { background: u\\72l(/a.png) }", "/a.png"),
        ("a { background: url(/a\\ b.png) }", "/a b.png (/a\\ b.png)"),
        ("a { background: url(\"/a\\\"b\") }", "/a\"b (/a\\\"b)"),
        ("/* url(/a) */ a { b: c; } /* \" */ a { b: url(/d) }", "/d"),
        ("@font-face { src: url(/a.woff2) format('woff2'), local('b') }", "/a.woff2"),
        (
            "a { background: image-set('/a.png' 1x type('image/png'), url(/b.png) 2x) }",
            "/a.png | /b.png",
        ),
        ("@media (min-width: 1px) { @supports (a: b) { a { b: url(/c) } } }", "/c"),
        ("a { & b { c: url(/d) } --e: url(/f) }", "/d | /f"),
        ("a { b: url(/c", "/c"),
        ("a { b: url('/c", "/c"),
        ("a { b: url(/c d) } e { f: url(/g) }", "/g"),
        ("a { b: url() url('') }", " | "),
        ("a { b: src('/c') }", "/c"),
    ] {
        assert_eq!(described(css, &in_css(css)), expected, "{css}");
    }
    assert_eq!(in_css(&"(".repeat(100_000)), []);
}

#[test]
fn what_a_url_is_for_is_known() {
    for (html, role) in [
        ("<a href=a>", Role::Link),
        ("<link rel='preload stylesheet' href=a>", Role::Style),
        ("<link rel=icon href=a>", Role::Other),
        ("<link rel=canonical href=a>", Role::Link),
        ("<script src=a>", Role::Script),
        ("<iframe src=a>", Role::Frame),
        ("<style>@import 'a'</style>", Role::Style),
        ("<style>a { b: url(a) }</style>", Role::StyleFile),
        ("<base href=a>", Role::Base),
    ] {
        let [reference] = &*in_html(html) else { panic!("{html}") };
        assert_eq!((&*reference.url, reference.role), ("a", role), "{html}");
    }
}

#[test]
fn a_url_has_the_form_that_browsers_see() {
    for (url, form) in [
        ("/a", Form::RootRelative),
        ("\\a", Form::RootRelative),
        ("\t/a", Form::RootRelative),
        ("/", Form::RootRelative),
        ("//a", Form::Absolute),
        ("/\\a", Form::Absolute),
        ("/\n/a", Form::Absolute),
        ("https://a", Form::Absolute),
        ("MAILTO:a", Form::Absolute),
        ("java\nscript:a", Form::Absolute),
        ("a", Form::Relative),
        ("./a:b", Form::Relative),
        ("a/b:c", Form::Relative),
        ("1:a", Form::Relative),
        ("../a", Form::Relative),
        ("", Form::SamePage),
        ("#a", Form::SamePage),
        ("?a", Form::SamePage),
    ] {
        assert_eq!(Form::of(url), form, "{url:?}");
    }
}

#[test]
fn a_text_is_put_before_urls_and_nothing_else_changes() {
    let html = "<A  HREF = '&#47;a&amp;b' CLASS=c><img srcset='/a 1x,b 2x'\r\n>&amp;<p style=\"b:url(/d)\">";
    let before =
        |reference: &Reference| (Form::of(&reference.url) == Form::RootRelative).then_some("/repo");
    let edited = insert(html, &in_html(html), before).unwrap();
    assert_eq!(
        edited,
        "<A  HREF = '/repo&#47;a&amp;b' CLASS=c><img srcset='/repo/a 1x,b 2x'\r\n>&amp;\
         <p style=\"b:url(/repo/d)\">"
    );
    assert_eq!(insert(html, &in_html(html), |_| None), None);
}

#[test]
fn paths_in_scripts_are_found() {
    for (script, expected) in [
        ("fetch('/api/x'); import \"/js/a.js\"", "/api/x | /js/a.js"),
        ("a = '/'; b = \"//h/a\"; c = '/a b'; d = /'/.test(e)", ""),
        ("fetch(`/a?b=${c}`); d = `/${c}`; e = \"/f${c}\"", "/a?b="),
    ] {
        let paths = paths_in_script(script).into_iter().map(|range| &script[range]);
        assert_eq!(paths.collect::<Vec<_>>().join(" | "), expected, "{script}");
    }
}

#[test]
fn paths_in_the_scripts_of_a_page_are_found() {
    for (page, expected) in [
        ("<script>f('/a')</script><p>g('/b')<script type=module>import '/c'</script>", "/a | /c"),
        (
            "<script type='Text/JavaScript'>f('/a')</script><script src=/d>f('/b')</script>",
            "/a | /b",
        ),
        ("<script type=importmap>{\"imports\":{\"x\":\"/x.js\"}}</script>", "/x.js"),
        ("<script type=application/ld+json>{\"url\":\"/a\"}</script><style>'/b'</style>", ""),
        ("<a onclick=\"f('/a')\" title=\"'/b'\" href=\" javascript:f('/c')\">'/d'</a>", "/a | /c"),
        ("<a onclick='f(&quot;/a&quot;)'>", "/a"),
        ("<svg><script>f('/a')</script><a xlink:href=\"javascript:f('/b')\"/></svg>", "/a | /b"),
        ("<!-- <script>f('/a')</script> --><textarea><script>f('/b')</script></textarea>", ""),
    ] {
        let paths = paths_in_scripts_of(page).into_iter().map(|range| &page[range]);
        assert_eq!(paths.collect::<Vec<_>>().join(" | "), expected, "{page}");
    }
}

#[test]
fn a_path_is_what_browsers_ask_for() {
    for (base, path, expected) in [
        ("/a/b", "c", "/a/c"),
        ("/a/", "c", "/a/c"),
        ("/a/b", "/c", "/c"),
        ("/a/b", "\\c\\d", "/c/d"),
        ("/a/b", "../c/./d", "/a/../c/./d"),
        ("/a/b", "", "/a/b"),
        ("/", "a b\nc", "/a%20bc"),
        ("/", "é%20\"", "/%C3%A9%20%22"),
    ] {
        assert_eq!(resolve(base, path), expected, "{base} {path}");
    }
    assert_eq!(split("a?b#c?d"), ("a", Some("b"), Some("c?d")));
    assert_eq!(split("#"), ("", None, Some("")));
    assert_eq!(decode("%C3%A9%41"), "éA");
    assert_eq!(decode("%FF"), "%FF");
}

#[test]
fn feeds_sitemaps_and_robots_name_urls() {
    for (xml, expected) in [
        ("<link>/a</link><loc> /b </loc>", "/a@6 /b@21"),
        ("<atom:link href=\"/a?b&amp;c\"/>", "/a?b&c@17"),
        ("<link><![CDATA[ /a ]]></link><title>/b</title>", "/a@16"),
        ("<guid isPermaLink='false'>/a</guid><guid>/b</guid>", "/b@41"),
        ("<content><![CDATA[<a href=/a>]]></content><url>/b", "/b@47"),
        ("<link/>text<link><!-- c --></link><loc></loc>", ""),
    ] {
        assert_eq!(found(&in_feed(xml)), expected, "{xml}");
    }
    let robots = "Disallow: /a\r\nSitemap: /b.xml\r\nSITEMAP:https://a/c.xml\n# Sitemap";
    assert_eq!(found(&in_robots(robots)), "/b.xml@23 https://a/c.xml@39");
}

/// The URLs with the places of their first bytes.
fn found(references: &[Reference]) -> String {
    let found = references.iter().map(|it| format!("{}@{}", it.url, it.range.start));
    found.collect::<Vec<_>>().join(" ")
}
