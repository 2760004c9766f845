//! Sites with faults: each is found where it is written, and nothing else is.

use std::{collections::BTreeSet, fs, time::SystemTime};

use tempfile::TempDir;

use super::*;
use crate::{diagnostic::Diagnostic, site::SiteOptions};

/// The pages that each site here has besides its own; all are linked to.
const COMMON: [(&str, &str); 9] = [
    (
        "index.html",
        "<a href=/about><a href=/docs/><a href=/docs/intro><a href=/with-ids><a href=/p>",
    ),
    ("about.html", "<p>About"),
    ("docs/index.html", "<p>Docs"),
    ("docs/intro.html", "<p>Intro"),
    ("with-ids.html", "<p id=first><a name=old></a><p id='ü b'>"),
    ("a.png", "png"),
    ("style.css", "p { color: red }"),
    ("docs/guide.pdf", "pdf"),
    ("art.svg", "<svg xmlns='http://www.w3.org/2000/svg'><g id='star'/></svg>"),
];

/// What is found in a site with these files, a line each: `error broken-link p.html:1:10`, the
/// message, and the help.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    findings_with(files, &[])
}

fn findings_with(files: &[(&str, &str)], redirects: &[(&str, &str)]) -> Vec<String> {
    let line = |finding: &Finding| {
        let location = finding.place().map(|place| place.location()).unwrap_or_default();
        let Diagnostic { message, notes, help, .. } = &finding.diagnostic;
        let notes: String = notes.iter().map(|note| format!("; {note}")).collect();
        let (severity, code) = (finding.severity.name(), finding.code);
        format!("{severity} {code} {location}: {message}{notes}; {help}")
    };
    checked(files, redirects).findings.iter().map(line).collect()
}

/// The check of a site with these files and redirects, as visitors get it.
fn checked(files: &[(&str, &str)], redirects: &[(&str, &str)]) -> Checked {
    let folder = TempDir::new().unwrap();
    for (name, text) in COMMON.iter().chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let site =
        Site::open(folder.path(), SiteOptions { drafts: false, ..Default::default() }).unwrap();
    let rules: Vec<_> = redirects
        .iter()
        .map(|(from, to)| {
            let (from, to) = ((*from).to_owned(), (*to).to_owned());
            (RedirectRule { from, to, ..Default::default() }, Place::of_file("config.toml"))
        })
        .collect();
    let options = CheckOptions {
        redirects: &rules,
        left_out: &[],
        ignore: &["/api/**".to_owned()],
        url: Some("https://example.com"),
        threads: 2,
        now: SystemTime::now(),
    };
    check(&site, options).unwrap()
}

/// What is found in a site with the page `p.html`.
fn of_page(html: &str) -> String {
    findings(&[("p.html", html)]).join("\n")
}

#[test]
fn links_that_lead_somewhere_are_no_faults() {
    for html in [
        "<a href=/about><a href=about><a href=./about><a href='/about?a=b#'><a href=/about.html>",
        "<a href=/docs/><a href=docs/intro><a href=/docs/../about>",
        "<a href=#top><a href=''><a href='?a'><a href=#><p id=x><a href=#x>",
        "<a href=/with-ids#first><a href=/with-ids#old><a href='/with-ids#%C3%BC%20b'>",
        "<a href='/with-ids#ü b'><a href=/about#:~:text=About><a href=/about#/route>",
        "<a href=https://other.example/x><a href=//other.example/y><a href=mailto:a@b.example>",
        "<a href=https://example.com/about><a href=https://example.com>",
        "<form action=/api/send><a href=/api/x/y?z>",
        "<a href='javascript:void(0)'><a href=tel:+1><img src='data:image/png;base64,AA=='>",
        "<img src=/a.png srcset='/a.png 1x, a.png 2x'><link rel=stylesheet href=style.css>",
        "<a href=/docs/guide.pdf#page=2><style>p { background: url(/a.png) }</style>",
        "<template><p id=x></template><p id=x>",
        "<script>x = '<a href=/nowhere>'</script><!-- <a href=/nowhere> -->",
        "{% if false %}<a href=/nowhere>{% endif %}<a href='/{{ 'about' }}'>",
        "<a rel='x NoFollow' href=/nowhere><a href=/nowhere#x rel=nofollow>",
        "<svg><defs><g id=s /></defs><use href=#s /><use href='/art.svg#star'/></svg>",
        "<img src='/art.svg#svgView(viewBox(0,0,1,1))'><img src='/art.svg#xywh=1,2,3,4'>",
        "<video src='/docs/guide.pdf#t=1'></video>",
    ] {
        assert_eq!(of_page(html), "", "{html}");
    }
}

#[test]
fn each_fault_is_found_at_its_place() {
    for (html, expected) in [
        (
            "<p>\n  <a href=\"/abuot\">",
            "error broken-link p.html:2:12: the link `/abuot` leads nowhere; did you mean `/about`?",
        ),
        (
            "<a href=/About>",
            "error broken-link p.html:1:9: the link `/About` leads nowhere; letter case matters: \
             write `/about`",
        ),
        (
            "<a href=/x-y-z>",
            "error broken-link p.html:1:9: the link `/x-y-z` leads nowhere; add the file, or take \
             the URL out",
        ),
        (
            "<img src=b.png>",
            "error broken-link p.html:1:10: the image `b.png` leads nowhere; did you mean `/a.png`?",
        ),
        (
            "<img srcset='/a.png 1x, /c.png 2x'>",
            "error broken-link p.html:1:25: the image `/c.png` leads nowhere; did you mean `/a.png`?",
        ),
        (
            "<link rel=stylesheet href=/styles.css>",
            "error broken-link p.html:1:27: the stylesheet `/styles.css` leads nowhere; did you \
             mean `/style.css`?",
        ),
        (
            "<script src=/x-y-z.js></script>",
            "error broken-link p.html:1:13: the script `/x-y-z.js` leads nowhere; add the file, or \
             take the URL out",
        ),
        (
            "<style>\np { background: url('/b.png') }</style>",
            "error broken-link p.html:2:22: the file `/b.png` leads nowhere; did you mean `/a.png`?",
        ),
        (
            "<p style=\"background: url(/b.png)\">",
            "error broken-link p.html:1:27: the file `/b.png` leads nowhere; did you mean `/a.png`?",
        ),
        (
            "<meta http-equiv=refresh content='0; url=/abuot'>",
            "error broken-link p.html:1:42: the link `/abuot` leads nowhere; did you mean `/about`?",
        ),
        (
            "<form action=/abuot>",
            "error broken-link p.html:1:14: the link `/abuot` leads nowhere; did you mean `/about`?",
        ),
        (
            "<a href=https://example.com/abuot>",
            "error broken-link p.html:1:9: the link `https://example.com/abuot` leads nowhere; did \
             you mean `/about`?",
        ),
        (
            "<base href=/docs/><a href=into>",
            "error broken-link p.html:1:27: the link `into` leads nowhere; did you mean \
             `/docs/intro`?",
        ),
        (
            "<a href=/_layout>",
            "error broken-link p.html:1:9: the link `/_layout` leads nowhere; `_layout` is private, \
             as its name begins with `_`: rename it, or name it in `public`",
        ),
        (
            "<a href=/a%2Fb>",
            "error broken-link p.html:1:9: the link `/a%2Fb` is no path of a file; write it as \
             browsers ask for it, with other characters than letters and digits as `%20`",
        ),
        (
            "<a href=/about/>",
            "warning redirected-link p.html:1:9: the link `/about/` is reached by a redirect; write \
             `/about`",
        ),
        (
            "<a href=docs>",
            "warning redirected-link p.html:1:9: the link `docs` is reached by a redirect; write \
             `/docs/`",
        ),
        (
            "<a href=/with-ids#frist>",
            "error missing-anchor p.html:1:9: no element has the id `frist`; did you mean `#first`?",
        ),
        (
            "<p id=one><a href=#tow-three>",
            "error missing-anchor p.html:1:19: no element has the id `tow-three`; give an element \
             this `id`, or leave the part from `#` out",
        ),
        (
            "<p id=x><b id='x'>",
            "error repeated-id p.html:1:16: the id `x` is used twice on a page; links and labels \
             reach the first one alone: give each its own",
        ),
        (
            "<img src=''>",
            "error empty-url p.html:1:9: the image has no URL; name a file, or leave the attribute \
             out",
        ),
        (
            "{% set x = 'abuot' %}\n<a href='/{{ x }}'>",
            "error broken-link p.html:2:10: the link `/abuot` leads nowhere; did you mean `/about`?",
        ),
        (
            "{{ nothing_here }}",
            "error page p.html:1:4: `nothing_here` is undefined; it is in no `{% set %}` here, and \
             there is no such value",
        ),
    ] {
        let found = of_page(html);
        if html.starts_with("{{") {
            assert!(found.starts_with("error page p.html:1:4: "), "{found}");
        } else {
            assert_eq!(found, expected, "{html}");
        }
    }
}

#[test]
fn a_link_of_a_layout_is_reported_once_where_it_is_written() {
    let files = [
        ("_layout.html", "<title>x</title>\n<a href=/abuot>{% block b %}{% endblock %}"),
        ("_nav.html", "<a href=nav>"),
        (
            "p.html",
            "{% extends '_layout.html' %}{% block b %}<a href=/p2><a href=/p3>{% endblock %}",
        ),
        ("p2.html", "{% extends '_layout.html' %}"),
        ("p3.html", "{% include '_nav.html' %}"),
        ("p4.html", "---\nlayout: _main.html\n---\n<a href=/p5>\n<a href=/docz/>"),
        ("p5.html", "---\ntitle: x\n---\n\n<a href=/p4><a href='/abotu'>"),
        ("_main.html", "<main>{% block content %}{% endblock %}<a href=/indox>"),
    ];
    assert_eq!(
        findings(&files),
        [
            "error broken-link _layout.html:2:9: the link `/abuot` leads nowhere; on 2 pages, such \
             as /p; did you mean `/about`?",
            "error broken-link _main.html:1:48: the link `/indox` leads nowhere; add the file, or take \
             the URL out",
            "error broken-link _nav.html:1:9: the link `nav` leads nowhere; add the file, or take \
             the URL out",
            "error broken-link p4.html:5:9: the link `/docz/` leads nowhere; did you mean `/docs/`?",
            "error broken-link p5.html:5:22: the link `/abotu` leads nowhere; did you mean `/about`?",
        ]
    );
}

#[test]
fn stylesheets_have_links_too() {
    let files =
        [("p.html", ""), ("docs/a.css", "@import 'b.css';\np { c: url(../a.png) url(x.woff) }")];
    assert_eq!(
        findings(&files),
        [
            "error broken-link docs/a.css:1:10: the stylesheet `b.css` leads nowhere; did you mean \
             `/docs/a.css`?",
            "error broken-link docs/a.css:2:26: the file `x.woff` leads nowhere; add the file, or \
             take the URL out",
        ]
    );
}

#[test]
fn files_that_nothing_uses_are_noted() {
    let files = [
        ("p.html", "{% include '_used.html' %}{% include '_not_there.html' ignore missing %}"),
        ("_used.html", ""),
        ("_unused.html", ""),
        ("_old/b.txt", ""),
        ("lonely.html", "<a href=/lonely>"),
        ("404.html", "<a href=/about><a href=about>"),
    ];
    assert_eq!(
        findings(&files),
        [
            "warning relative-link 404.html:1:24: the link `about` is relative on a page for many \
             paths; begin it with a slash, so that it leads to the same from each of them",
            "note unused-file _old/b.txt: no page uses this private file; delete it, or use it: no \
             visitor gets a private file",
            "note unused-file _unused.html: no page uses this private file; delete it, or use it: no \
             visitor gets a private file",
            "note unlinked-page lonely.html: no page links to this one; link to it, if visitors \
             should find it",
        ]
    );
}

#[test]
fn each_page_of_a_row_is_checked() {
    let files = [
        ("_data/team.json", r#"[{"id": "a", "x": "/about"}, {"id": "b", "x": "/abuot"}]"#),
        (
            "team/[id].html",
            "---\neach: data.team\nkey: id\nas: person\n---\n<p id=n><a href=\"{{ person.x }}\">",
        ),
        ("p.html", "<a href=/team/a#n><a href=/team/b#m><a href=/team/c>"),
    ];
    assert_eq!(
        findings(&files),
        [
            "error missing-anchor p.html:1:27: no element has the id `m`; did you mean `#n`?",
            "error broken-link p.html:1:45: the link `/team/c` leads nowhere; did you mean `/team/a`?",
            "error broken-link team/[id].html:6:21: the link `/abuot` leads nowhere; did you mean \
             `/about`?",
        ]
    );
}

#[test]
fn redirects_of_the_configuration_are_followed() {
    let redirects = [
        ("/old", "/about"),
        ("/older", "/old"),
        ("/gone", "/nowhere"),
        ("/out", "https://o.example/"),
    ];
    let html = "<a href=/old><a href=/older><a href=/gone><a href=/out>";
    assert_eq!(
        findings_with(&[("p.html", html)], &redirects),
        [
            "error broken-redirect config.toml: the redirect from `/gone` leads to `/nowhere`, where \
             nothing is; add the file, or take the URL out",
            "warning redirected-link p.html:1:9: the link `/old` is reached by a redirect; write \
             `/about`",
            "warning redirected-link p.html:1:22: the link `/older` is reached by a redirect; write \
             `/about`",
            "error broken-link p.html:1:37: the link `/gone` leads nowhere; add the file, or take \
             the URL out",
        ]
    );
}

#[test]
fn a_page_is_known_without_the_day_before_the_name_of_its_file() {
    let found = findings(&[
        ("2026-03-01-x.md", "[x](2026-03-01-x.md)\n"),
        ("p.html", "<a href=/x><a href=/2026-03-01-x><a href=/2026-03-01-y>"),
        ("2026-02-30-z.md", ""),
    ]);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("error page 2026-02-30-z.md: the name of `2026-02-30-z.md`"));
    assert!(found[1].starts_with("warning redirected-link p.html:1:20"), "{found:?}");
    assert!(found[2].starts_with("error broken-link p.html:1:42"), "{found:?}");
}

#[test]
fn the_names_of_the_files_of_a_build_are_paths_too() {
    let found = findings(&[
        ("m.md", "# A\n"),
        ("2026-03-01-x.md", "x\n"),
        ("r/[id].html", "---\neach: data.r\n---\n<p id=b>"),
        ("_data/r.csv", "id\n1\n"),
        ("p.html", "<a href=/m.html#a><a href=x.html><a href=/r/1.html#b><a href=q>"),
        (
            "q.html",
            "<a href=/p><a href=/m.html#z><a href=/r/2.html><a href=/y.html><a href=/r/1.html#c>",
        ),
    ]);
    let found: Vec<&str> = found.iter().map(|line| line.split(';').next().unwrap()).collect();
    assert_eq!(
        found,
        [
            "error missing-anchor q.html:1:20: no element has the id `z`",
            "error broken-link q.html:1:38: the link `/r/2.html` leads nowhere",
            "error broken-link q.html:1:56: the link `/y.html` leads nowhere",
            "error missing-anchor q.html:1:72: no element has the id `c`",
        ]
    );
}

#[test]
fn aliases_are_redirects_too() {
    let page = "---\naliases: [/was]\n---\n<a href=/was><a href=/was/#x><a href=/wos>";
    assert_eq!(
        findings(&[("p.html", page)]),
        [
            "warning redirected-link p.html:4:9: the link `/was` is reached by a redirect; write \
             `/p`",
            "warning redirected-link p.html:4:22: the link `/was/#x` is reached by a redirect; write \
             `/p`",
            "error broken-link p.html:4:38: the link `/wos` leads nowhere; add the file, or take \
             the URL out",
        ]
    );
}

#[test]
fn two_files_for_one_path_are_a_fault() {
    let files = [
        ("p.html", "<a href=/q><a href=/r>"),
        ("q.html", "---\naliases: [/was, /about]\n---\n"),
        ("r.html", "---\naliases: [/was]\n---\n"),
        ("p.md", ""),
    ];
    let found = findings(&files);
    let errors: Vec<&String> = found.iter().filter(|line| line.starts_with("error")).collect();
    assert_eq!(
        errors,
        [
            "error page p.html: `p.html` and `p.md` both make `/p`; rename one of them, or remove it",
            "error claimed-twice q.html:2:11: `q.html` and `r.html` have the same alias `/was`; leave \
             it out of one of them",
            "error claimed-twice q.html:2:17: `q.html` has the alias `/about`, which is the path of \
             `about.html`; leave it out",
        ]
    );
}

#[test]
fn each_form_tells_all_of_a_finding() {
    let diagnostic = Diagnostic {
        message: "a \"b\": 100%, c".to_owned(),
        places: vec![Place::in_text("d,e.html", "x\nyz", 3..4, 0)],
        notes: vec!["on 2 pages".to_owned()],
        help: "f".to_owned(),
    };
    let (severity, code) = (Severity::Note, "g");
    let findings = vec![Finding { severity, code, diagnostic, is_of_site: true }];
    let mut checked = Checked { findings, pages: 1, links: 2 };
    assert_eq!(
        format::write(&checked, format::Format::Github, "pages/"),
        "::notice file=pages/d%2Ce.html,line=2,col=2,title=g::a \"b\": 100%25, c%0Ahelp: f\n"
    );
    assert_eq!(
        format::write(&checked, format::Format::Json, "pages"),
        "[\n{\"severity\":\"note\",\"code\":\"g\",\"file\":\"pages/d,e.html\",\"line\":2,\"column\":2,\
         \"message\":\"a \\\"b\\\": 100%, c\",\"notes\":[\"on 2 pages\"],\"help\":\"f\"}\n]\n"
    );
    assert_eq!(
        format::write(&checked, format::Format::Text, "pages"),
        "note: a \"b\": 100%, c\n --> d,e.html:2:2\n  |\n2 | yz\n  |  ^\n  |\non 2 pages\nhelp: f\n\n"
    );
    assert_eq!(format::summary(&checked), "0 errors, 0 warnings, 1 note in 1 page and 2 links\n");
    checked.findings[0].is_of_site = false;
    assert_eq!(
        format::write(&checked, format::Format::Github, "pages/"),
        "::notice file=d%2Ce.html,line=2,col=2,title=g::a \"b\": 100%25, c%0Ahelp: f\n"
    );
    assert_eq!(format::write(&Checked::default(), format::Format::Json, "pages"), "[]\n");
    // A fault of the site as a whole.
    checked.findings[0].diagnostic.places.clear();
    assert_eq!(
        format::write(&checked, format::Format::Github, "pages"),
        "::notice title=g::a \"b\": 100%25, c%0Ahelp: f\n"
    );
    assert!(
        format::write(&checked, format::Format::Json, "pages").contains("\"file\":null,\"line")
    );
}

/// A page of faults: each `¦` stands before one, and is taken out of the page. What follows on
/// the line, behind `::`, is how their messages begin.
const FAULTS: &str = include_str!("faults.html");

/// The files of a site in the same notation, each behind a line with its name.
const FAULTS_OF_FILES: &str = include_str!("faults.txt");

/// A text with marks before its faults, without them; and these, as `p.html:1:10: the link`.
fn marked(name: &str, text: &str) -> (String, Vec<String>) {
    let (mut plain, mut expected) = (String::new(), Vec::new());
    for (idx, line) in text.lines().enumerate() {
        let (html, messages) = line.split_once(" :: ").unwrap_or((line, ""));
        let mut messages = messages.split(" ; ").filter(|message| !message.is_empty());
        for (nth, (at, _)) in html.match_indices('¦').enumerate() {
            let column = html[..at].chars().count() + 1 - nth;
            let message = messages.next().unwrap_or("no message");
            expected.push(format!("{name}:{}:{column}: {message}", idx + 1));
        }
        assert_eq!(messages.next(), None, "{line}");
        plain.push_str(&html.replace('¦', ""));
        plain.push('\n');
    }
    (plain, expected)
}

#[test]
fn a_page_of_faults_has_each_found_at_its_line_and_column() {
    let (page, expected) = marked("p.html", FAULTS);
    let parts = [
        ("p.html", &*page),
        ("_nav.html", "<a href=/from-nav>\n"),
        ("folder/index.html", "<a href=/p>"),
        ("folder/deep page.html", "<a href=/folder/>"),
    ];
    let found = findings(&parts);
    let place = |line: &String| {
        let (_, place) = line.split_once(" p.html:").unwrap_or(("", line));
        let (place, _) = place.split_once("; ").unwrap_or((place, ""));
        format!("p.html:{place}")
    };
    let in_page: Vec<String> =
        found.iter().filter(|line| line.contains(" p.html:")).map(place).collect();
    assert_eq!(in_page, expected);
    assert!(in_page.len() >= 60, "{}", in_page.len());
    let others: Vec<_> = found.iter().filter(|line| !line.contains(" p.html:")).collect();
    assert_eq!(
        others,
        [
            "error broken-link _nav.html:1:9: the link `/from-nav` leads nowhere; add the file, or \
             take the URL out",
            "note unlinked-page folder/deep page.html: no page links to this one; link to it, if \
             visitors should find it",
        ]
    );
}

#[test]
fn a_folder_of_faults_has_each_found_in_its_file_and_nothing_else() {
    let (mut files, mut expected) = (Vec::new(), Vec::new());
    for section in FAULTS_OF_FILES.split("=== ").skip(1) {
        let (name, text) = section.split_once('\n').unwrap();
        let (plain, faults) = marked(name, text);
        files.push((name, plain));
        expected.extend(faults);
    }
    // Those that stand at no line.
    expected.extend(OF_WHOLE_FILES.map(str::to_owned));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    let checked = checked(&files, &[("/gone", "/nowhere")]);
    let mut found: Vec<String> = checked.findings.iter().map(place_and_message).collect();
    found.sort();
    expected.sort();
    let missing: Vec<_> = expected.iter().filter(|line| !found.contains(line)).collect();
    let others: Vec<_> = found.iter().filter(|line| !expected.contains(line)).collect();
    assert_eq!((&missing, &others), (&Vec::new(), &Vec::new()));
    assert_eq!(found.len(), expected.len());
    assert!(found.len() >= 60, "{}", found.len());
    assert_told_in_each_form(&checked);
}

const OF_WHOLE_FILES: [&str; 7] = [
    "_unused.html: no page uses this private file",
    "links.html: no page links to this one",
    "mine.html: no page links to this one",
    "old.html: no page links to this one",
    "older.html: no page links to this one",
    "config.toml: the redirect from `/gone` leads to `/nowhere`, where nothing is",
    "same.html: `same.html` and `same.md` both make `/same`",
];

fn place_and_message(finding: &Finding) -> String {
    let location = finding.place().map(Place::location).unwrap_or_default();
    format!("{location}: {}", finding.diagnostic.message)
}

/// Asserts that other programs read of each finding what people do.
fn assert_told_in_each_form(checked: &Checked) {
    let json = format::write(checked, format::Format::Json, "pages");
    let records: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let github = format::write(checked, format::Format::Github, "pages");
    let commands: Vec<&str> = github.lines().collect();
    assert_eq!([records.len(), commands.len()], [checked.findings.len(); 2]);
    let mut kinds = BTreeSet::new();
    for ((finding, record), command) in checked.findings.iter().zip(&records).zip(commands) {
        kinds.insert(finding.code);
        let (place, message) = (finding.place().unwrap(), &finding.diagnostic.message);
        let file = if finding.is_of_site {
            format!("pages/{}", place.origin)
        } else {
            place.origin.clone()
        };
        let severity = finding.severity.name();
        let expected = serde_json::json!({
            "severity": severity, "code": finding.code, "file": file, "line": place.line,
            "column": place.column, "message": message, "notes": finding.diagnostic.notes,
            "help": finding.diagnostic.help,
        });
        assert_eq!(*record, expected);
        let number = |name, number: Option<usize>| {
            number.map_or_else(String::new, |n| format!(",{name}={n}"))
        };
        let head = format!(
            "::{} file={file}{}{},title={}::{message}%0Ahelp: ",
            severity.replace("note", "notice"),
            number("line", place.line),
            number("col", place.column),
            finding.code,
        );
        assert!(command.starts_with(&head.replace("\n", "%0A")), "{command}\n{head}");
    }
    let all = [
        "broken-link",
        "broken-redirect",
        "claimed-twice",
        "missing-anchor",
        "page",
        "redirected-link",
        "relative-link",
        "repeated-id",
        "unbuilt-link",
        "unlinked-page",
        "unpublished-link",
        "unused-file",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn images_in_svg_have_links_too() {
    let svg = "<?xml version='1.0'?>\n<?xml-stylesheet type='text/css' href='/b.css'?>\n\
        <svg xmlns='http://www.w3.org/2000/svg'>\n<style>@import '/c.css'; a { fill: url(/d.png) }\
        </style>\n<style><![CDATA[ b { fill: url('/e.png') } ]]></style>\n\
        <a href='/f'/><use href='#g'/><g id='h'/><g id='h' fill='url(/i.svg#j)'/>\n</svg>";
    let files = [("p.html", "<img src=/x.svg><svg><use href='/x.svg#k'/></svg>"), ("x.svg", svg)];
    let places: Vec<String> = findings(&files)
        .into_iter()
        .map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(": "))
        .map(|line| line.split("; ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        places,
        [
            "error missing-anchor p.html:1:33: no element has the id `k`",
            "error broken-link x.svg:2:40: the stylesheet `/b.css` leads nowhere",
            "error broken-link x.svg:4:17: the stylesheet `/c.css` leads nowhere",
            "error broken-link x.svg:4:40: the file `/d.png` leads nowhere",
            "error broken-link x.svg:5:33: the file `/e.png` leads nowhere",
            "error broken-link x.svg:6:10: the link `/f` leads nowhere",
            "error missing-anchor x.svg:6:26: no element has the id `g`",
            "error repeated-id x.svg:6:49: the id `h` is used twice on a page",
            "error broken-link x.svg:6:62: the file `/i.svg#j` leads nowhere",
        ]
    );
}
