//! Sites that cannot be written: every error is named, and the last output stays.

use std::{fs, os::unix::fs::symlink};

use super::{
    Built, build, build_while_a_part_changes,
    common::program::{Folder, SERVER},
    files,
};

#[test]
fn names_every_error_and_leaves_the_output() {
    let folder = Folder::new(&[("pages/a.html", "a"), ("pages/z.html", "z")]);
    build(&folder, &[]).assert_good();
    let before = files(&folder.path("dist"));
    folder.write("pages/a.html", "new");
    for number in 0..30 {
        folder.write(&format!("pages/m{number}.html"), "<p>\n{{ nothing }}\n");
    }
    let built = build(&folder, &[]);
    assert_eq!(built.code, Some(1));
    for number in 0..30 {
        assert!(built.stderr.contains(&format!(" --> m{number}.html:2:4\n")), "{built:?}");
    }
    assert!(built.stderr.ends_with("error: 30 errors; `dist` is as it was\n"), "{built:?}");
    assert_eq!(files(&folder.path("dist")), before);
    assert!(!folder.path("dist/.pagepool-stage").exists());
}

#[test]
fn an_error_of_a_layout_is_told_once() {
    let folder = Folder::new(&[("pages/_layout.html", "<p>\n{{ nothing }}\n")]);
    for number in 0..30 {
        folder.write(&format!("pages/m{number}.html"), "{% extends '_layout.html' %}");
    }
    let built = build(&folder, &[]);
    assert_eq!(built.code, Some(1));
    assert_eq!(built.stderr.matches(" --> _layout.html:2:4\n").count(), 1, "{built:?}");
    assert!(built.stderr.contains("\nused by m0.html and 29 more pages\n"), "{built:?}");
    assert!(built.stderr.ends_with("error: one error; `dist` is as it was\n"), "{built:?}");
}

#[test]
fn a_page_that_reads_the_request_is_an_error_at_its_place() {
    for (page, place) in [
        ("<p>\n{% if request.query.q %}x{% endif %}", "a.html:2:7"),
        ("{{ request.headers['x'] }}", "a.html:1:4"),
        ("{{ request[\"cookies\"].a }}", "a.html:1:4"),
        ("{% set r = request %}{{ r.host }}", "a.html:1:25"),
        ("{% include '_b.html' %}", "_b.html:2:4"),
        ("{{ request }}", "a.html"),
        ("{{ request | tojson }}", "a.html"),
        ("{% for key in request %}{{ request[key] }}{% endfor %}", "a.html:1:28"),
        ("{% for key, value in request | items %}{{ value }}{% endfor %}", "a.html:1"),
        ("{{ request | string }}", "a.html"),
        ("{{ debug(request) }}", "a.html"),
        ("{{ request.query is defined }}", "a.html:1:4"),
    ] {
        let folder =
            Folder::new(&[("pages/a.html", page), ("pages/_b.html", "\n{{ request.method }}")]);
        let built = build(&folder, &[]);
        assert_eq!(built.code, Some(1), "{page}: {built:?}");
        assert!(built.stderr.contains(" is not known in a build\n"), "{page}: {built:?}");
        assert!(built.stderr.contains(&format!("--> {place}")), "{page}: {built:?}");
        assert!(built.stderr.contains("`build: static`"), "{page}: {built:?}");
    }
    let folder =
        Folder::new(&[("pages/docs/a.html", "{{ request.path }}|{{ request.x is defined }}")]);
    build(&folder, &[]).assert_good();
    assert_eq!(fs::read(folder.path("dist/docs/a.html")).unwrap(), b"/docs/a|False");
}

#[test]
fn a_missing_root_and_wrong_flags_have_their_exit_codes() {
    let folder = Folder::new(&[]);
    assert_eq!(build(&folder, &[]).code, Some(1));
    assert_eq!(build(&folder, &["--for", "nowhere"]).code, Some(2));
    assert_eq!(build(&folder, &["--base-path", "repo"]).code, Some(2));
    assert_eq!(build(&folder, &["--keep", "["]).code, Some(2));
    folder.write("pages/index.html", "x");
    folder.write("config.toml", "prot = 1");
    assert_eq!(build(&folder, &[]).code, Some(2));
}

#[test]
fn a_base_path_without_its_slashes_is_an_error_that_offers_it_with_them() {
    let folder = Folder::new(&[("pages/index.html", "x")]);
    for (typed, offered) in [("repo", "/repo/"), ("a/b", "/a/b/"), ("a//b", "/docs/")] {
        let built = build(&folder, &["--base-path", typed]);
        assert_eq!(built.code, Some(2), "{built:?}");
        let help = format!("a path as it stands in a URL, such as \"{offered}\"\n");
        assert!(built.stderr.ends_with(&help), "{built:?}");
    }
}

#[test]
fn a_link_out_of_the_root_is_named() {
    let folder = Folder::new(&[("pages/index.html", "x"), ("shared/a.html", "a")]);
    for (link, target) in [("out", "../shared"), ("b.html", "../shared/a.html")] {
        symlink(target, folder.path("pages").join(link)).unwrap();
    }
    symlink("../shared/a.html", folder.path("pages/_private.html")).unwrap();
    let built = build(&folder, &[]);
    let warning = |link: &str| {
        format!(
            "warning: `{link}` is left out: the link leads out of the folder of pages; put what it \
             leads to there in its place\n"
        )
    };
    assert_eq!(built.stderr, format!("{}{}", warning("b.html"), warning("out")));
    assert_eq!(built.code, Some(0));
    let checked: Built = folder.command(SERVER, &["check"]).output().unwrap().into();
    for link in ["b.html", "out"] {
        let warning = format!(
            "warning: the link leads out of the folder of pages, so that visitors do not get it\n\
             --> {link}\nhelp: put what it leads to there in its place\n"
        );
        assert!(checked.stdout.contains(&warning), "{checked:?}");
    }
    assert!(checked.stdout.contains("\n0 errors, 2 warnings, "), "{checked:?}");
    let server = folder.serve(&["--production"]);
    for path in ["/out/a", "/b"] {
        assert!(server.get(path).contains("404"), "{path}");
    }
}

#[test]
fn a_folder_without_a_page_is_no_site() {
    let folder = Folder::new(&[("pages/a.css", "x"), ("drafts/a.md", "---\ndraft: true\n---\n")]);
    let built = build(&folder, &[]);
    assert_eq!(built.code, Some(0), "{built:?}");
    let warning =
        "warning: no page is there: write an `index.html`, or name another folder with `--root`\n";
    assert_eq!(built.stderr, warning);
    // What it leaves out is told anyway.
    build(&folder, &["--root", "drafts", "--out", "other"]).assert_good();
    folder.write("pages/a.md", "");
    build(&folder, &[]).assert_good();
}

#[test]
fn the_page_for_what_is_not_there_is_no_redirect() {
    for (host, alias) in [("plain", "/404"), ("github", "/404/"), ("netlify", "/404.html")] {
        let page = format!("---\naliases: {alias}\n---\n");
        let folder = Folder::new(&[("pages/a.md", &page), ("pages/index.html", "x")]);
        let built = build(&folder, &["--for", host]);
        assert_eq!(built.code, Some(1), "{built:?}");
        let error = format!(
            "error: the alias `{}` of `a.md` stands for `404.html`, the page for what is not there: \
             leave it out\n",
            alias.trim_end_matches('/')
        );
        assert_eq!(built.stderr, format!("{error}error: one error; `dist` is as it was\n"));
        assert!(!folder.path("dist").exists());
    }
    let page = "---\naliases: /about/index.html\n---\n";
    let folder = Folder::new(&[("pages/index.html", page), ("pages/about.md", "")]);
    let built = build(&folder, &["--for", "s3"]);
    let error = "error: `about.md` and the page for the alias `/about/index.html` of `index.html` on \
                 S3 are both written as `about/index.html`: rename or leave out one of them\n";
    assert_eq!(built.stderr.matches(error).count(), 1, "{built:?}");
    for (host, from, code) in [
        ("plain", "/404.html", 1),
        ("cloudflare", "/404.html", 1),
        ("github", "/404.html", 1),
        ("github", "/404", 1),
        ("netlify", "/404", 0),
    ] {
        let rule = format!("[[redirects]]\nfrom = '{from}'\nto = '/'\n");
        let folder = Folder::new(&[("pages/index.html", "x"), ("config.toml", &rule)]);
        let built = build(&folder, &["--for", host]);
        assert_eq!(built.code, Some(code), "{host} {from} {built:?}");
        let is_named = built.stderr.contains("error: rule 1 of `[[redirects]]` ")
            && built.stderr.contains("`404.html`");
        assert_eq!(is_named, code == 1, "{host} {from} {built:?}");
    }
}

#[test]
fn front_matter_leaves_a_page_out_or_writes_it_for_an_empty_request() {
    let values = "{{ request.query.q | default('none') }} {{ request.host }}|{{ request.headers | length }} \
                  {{ request.cookies | length }} {{ request.method }} {{ request.path }}";
    let folder = Folder::new(&[
        ("pages/index.html", "home"),
        ("pages/search.html", &format!("---\nbuild: false\n---\n{values}")),
        ("pages/form.html", &format!("---\nbuild: static\n---\n{values}")),
    ]);
    let built = build(&folder, &[]);
    built.assert_good();
    assert!(built.stdout.contains("\nleft out: search.html\n"), "{built:?}");
    assert!(!folder.path("dist/search.html").exists());
    let form = fs::read_to_string(folder.path("dist/form.html")).unwrap();
    assert_eq!(form.trim(), "none |0 0 GET /form");
    // A server answers both.
    let server = folder.serve(&["--production"]);
    assert!(server.get("/search?q=x").trim_end().ends_with("x localhost|2 0 GET /search"));
}

#[test]
fn what_is_not_public_yet_is_named_with_the_next_that_will_be() {
    let folder = Folder::new(&[
        ("config.toml", "timezone = 'Europe/Berlin'"),
        ("pages/index.html", "home"),
        ("pages/a.md", "---\ndate: 2999-03-01\n---\n"),
        ("pages/b.md", "---\ndraft: true\ndate: 2998-01-01\n---\n"),
        ("pages/c.md", "---\ndate: 2999-02-03T09:00\n---\n"),
        ("pages/d/[id].html", "---\neach: range(2)\ndate: 2999-02-02\n---\n"),
    ]);
    let built = build(&folder, &[]);
    built.assert_good();
    assert!(
        built.stdout.ends_with(
            "\nleft out: a.md (public from 2999-03-01), b.md (draft), c.md (public from \
             2999-02-03T09:00:00+01:00), d/[id].html (public from 2999-02-02)\n\
             next: `d/[id].html` is public from 2999-02-02; build again then\n"
        ),
        "{built:?}"
    );
    let built = build(&folder, &["--drafts"]);
    built.assert_good();
    assert!(!built.stdout.contains("next:") && !built.stdout.contains("left out"), "{built:?}");
}

#[test]
fn a_disk_that_is_full_leaves_the_output() {
    let folder = Folder::new(&[("pages/a.html", "old"), ("pages/video.bin", "short")]);
    build(&folder, &[]).assert_good();
    let before = files(&folder.path("dist"));
    folder.write("pages/a.html", "new");
    folder.write("pages/video.bin", &"x".repeat(100_000));
    // A limit on the size of files fails as a full disk does, in the middle of one.
    let script = format!("ulimit -f 40; exec {SERVER} build");
    let built: Built = folder.command("sh", &["-c", &script]).output().unwrap().into();
    assert_eq!(built.code, Some(1), "{built:?}");
    assert!(built.stderr.contains("error: `video.bin` cannot be written: "), "{built:?}");
    assert_eq!(files(&folder.path("dist")), before);
    assert!(!folder.path("dist/.pagepool-stage").exists());
}

#[test]
fn paths_in_scripts_are_named_where_a_base_path_cannot_reach_them() {
    let folder = Folder::new(&[
        ("pages/index.html", "<a href=/a>x</a>"),
        ("pages/app.js", "let x = 1;\nfetch(\"/api/x\"); f('/repo/y')\n"),
        ("pages/_part.html", "<nav>\n<a onclick=\"go('/{{ 'go' }}')\">x</a></nav>"),
        (
            "pages/a.html",
            "<a href=/></a>{% include '_part.html' %}\n<script>let a = 1; f('/b', '/c')</script>",
        ),
        ("pages/good.html", "<script>f('/repo/b', 'c')</script>"),
        ("pages/m.md", "# M\n\n<script>\nf('/d')\n</script>\n"),
    ]);
    build(&folder, &[]).assert_good();
    let built = build(&folder, &["--base-path", "/repo/"]);
    assert_eq!(built.code, Some(0), "{built:?}");
    for (place, path, more) in [
        ("app.js:2:8", "/api/x", ""),
        ("_part.html:2:17", "/go", ", and 2 more"),
        ("dist/m.html:", "/d", ""),
    ] {
        let of_path = format!("holds `{path}`, before which the base path cannot be put{more}: ");
        let mut lines = built.stderr.lines().filter(|line| line.contains(&of_path));
        assert!(lines.any(|line| line.starts_with(&format!("warning: `{place}"))), "{built:?}");
    }
    assert_eq!(built.stderr.matches("before which the base path").count(), 3, "{built:?}");
    let page = fs::read_to_string(folder.path("dist/index.html")).unwrap();
    assert_eq!(page, "<a href=/repo/a>x</a>");
}

#[test]
fn a_file_that_changes_meanwhile_is_named() {
    let (_, built) = build_while_a_part_changes("newer");
    assert_eq!(built.code, Some(0), "{built:?}");
    let warning = "warning: `_part.html` was changed while the site was built: build it again\n";
    assert_eq!(built.stderr, warning);
}

/// A file that is too large to be held in memory.
#[test]
fn a_page_before_whose_urls_no_base_path_is_put_is_told() {
    let folder = Folder::new(&[("pages/index.html", "x")]);
    folder.write("pages/large.css", &"/* a */\n".repeat(3 << 20));
    let built = build(&folder, &["--base-path", "/repo"]);
    assert_eq!(built.code, Some(0), "{built:?}");
    let warning = "warning: `large.css` is larger than 16 MiB: the base path is not put before its \
                   URLs\n";
    assert_eq!(built.stderr, warning);
    build(&folder, &[]).assert_good();
}
