//! A model of how Vercel routes, by the `vercel.json` of an output.
//!
//! Sources: vercel.com/docs/project-configuration/vercel-json (`cleanUrls`, `trailingSlash`,
//! `redirects`, `rewrites`, `headers`), and for their order `getTransformedRoutes` in
//! `packages/routing-utils` of github.com/vercel/vercel: clean URLs, redirects, header fields,
//! files, rewrites. Patterns are those of path-to-regexp 6, `strict` and `sensitive`.

use serde_json::Value;

use super::{
    build,
    common::program::Folder,
    models::{Answer, Uploaded, decoded},
};

/// How Vercel answers a path.
pub(super) fn vercel(uploaded: &Uploaded, path: &str) -> Answer {
    let settings = settings(uploaded);
    assert_eq!((&settings["cleanUrls"], &settings["trailingSlash"]), (&true.into(), &Value::Null));
    if let Some(to) = without_extension(path) {
        return Answer::Redirect(308, to);
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for rule in entries(&settings, "redirects") {
        if let Some(captured) = captured(&text(&rule["source"]), path) {
            let status = rule["statusCode"].as_u64().unwrap();
            let to = filled(&text(&rule["destination"]), &captured);
            return Answer::Redirect(u16::try_from(status).unwrap(), to);
        }
    }
    let rewritten = || {
        let rules = entries(&settings, "rewrites").iter();
        let mut rules = rules.filter(|rule| captured(&text(&rule["source"]), path).is_some());
        rules.find_map(|rule| file(uploaded, &text(&rule["destination"])))
    };
    file(uploaded, path).or_else(rewritten).unwrap_or_else(|| uploaded.not_found())
}

/// The fields that Vercel adds to the answer of a path: of all entries, the last value of each.
pub(super) fn vercel_fields(uploaded: &Uploaded, path: &str) -> Vec<String> {
    let settings = settings(uploaded);
    let mut fields: Vec<(String, String)> = Vec::new();
    for rule in entries(&settings, "headers") {
        if captured(rule["source"].as_str().unwrap(), path).is_none() {
            continue;
        }
        for field in rule["headers"].as_array().unwrap() {
            let [key, value] =
                ["key", "value"].map(|name| field[name].as_str().unwrap().to_owned());
            fields.retain(|(name, _)| !name.eq_ignore_ascii_case(&key));
            fields.push((key, value));
        }
    }
    fields.into_iter().map(|(key, value)| format!("{key}: {value}")).collect()
}

fn settings(uploaded: &Uploaded) -> Value {
    serde_json::from_str(&uploaded.text("vercel.json")).unwrap()
}

fn entries<'a>(settings: &'a Value, name: &str) -> &'a [Value] {
    settings[name].as_array().map_or(&[], Vec::as_slice)
}

/// `convertCleanUrls`: `^/(?:(.+)/)?index(?:\.html)?/?$` and `^/(.*)\.html/?$`.
fn without_extension(path: &str) -> Option<String> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let page = bare.strip_suffix(".html");
    let index = page.unwrap_or(bare).strip_suffix("/index");
    index.or(page).map(|page| format!("/{}", page.trim_start_matches('/')))
}

/// A file, or a page without its extension; a slash at the end makes no difference.
fn file(uploaded: &Uploaded, path: &str) -> Option<Answer> {
    let name = decoded(path);
    let name = name.trim_end_matches('/');
    let index =
        if name.is_empty() { "index.html".to_owned() } else { format!("{name}/index.html") };
    let page = || uploaded.get(&format!("{name}.html"));
    // The name of another file has no slash at its end; of that, nothing is documented.
    let exact = uploaded.get(name).filter(|_| !path.ends_with('/') || name.is_empty());
    exact.or_else(page).or_else(|| uploaded.get(&index))
}

/// A part of a pattern.
#[derive(Debug)]
enum Token {
    Text(String),
    /// `:name`, which is one segment.
    Name(String),
    /// `(.*)`, or `:name(.*)`.
    Any(String),
    /// `/:name*`, which is any number of segments, each with the slash before it.
    Segments(String),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = vec![Token::Text(String::new())];
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let is_name = c == ':';
        let mut name = String::new();
        while is_name && chars.peek().is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.extend(chars.next());
        }
        let Some(Token::Text(text)) = tokens.last_mut() else { unreachable!() };
        let token = match c {
            ':' if chars.next_if_eq(&'*').is_some() => {
                assert_eq!(text.pop(), Some('/'), "{pattern}");
                Token::Segments(name)
            }
            ':' | '(' if c == '(' || chars.next_if_eq(&'(').is_some() => {
                assert_eq!(
                    [chars.next(), chars.next(), chars.next()],
                    [".", "*", ")"].map(|c| c.chars().next())
                );
                Token::Any(name)
            }
            ':' => Token::Name(name),
            '\\' => {
                text.extend(chars.next());
                continue;
            }
            c => {
                assert!(!"*+?{}()".contains(c), "{pattern} has `{c}`, which means something");
                text.push(c);
                continue;
            }
        };
        tokens.extend([token, Token::Text(String::new())]);
    }
    tokens
}

/// What the names of a pattern stand for in a path; `None` where it does not match.
fn captured(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut captured = Vec::new();
    matches(&tokens(pattern), path, &mut captured).then(|| {
        captured.reverse();
        captured
    })
}

fn matches(tokens: &[Token], path: &str, captured: &mut Vec<(String, String)>) -> bool {
    let Some((token, tokens)) = tokens.split_first() else { return path.is_empty() };
    let ends = (0..=path.len()).filter(|end| path.is_char_boundary(*end));
    let (name, can_be): (_, fn(&str) -> bool) = match token {
        Token::Text(text) => {
            let rest = path.strip_prefix(text.as_str());
            return rest.is_some_and(|rest| matches(tokens, rest, captured));
        }
        Token::Name(name) => (name, |text| !text.is_empty() && !text.contains('/')),
        Token::Any(name) => (name, |_| true),
        Token::Segments(name) => (name, |text| {
            text.is_empty() || text.starts_with('/') && text[1..].split('/').all(|s| !s.is_empty())
        }),
    };
    for end in ends {
        let (text, rest) = path.split_at(end);
        if can_be(text) && matches(tokens, rest, captured) {
            let text = if matches!(token, Token::Segments(_)) {
                text.trim_start_matches('/')
            } else {
                text
            };
            captured.push((name.clone(), text.to_owned()));
            return true;
        }
    }
    false
}

/// A destination with what was captured in the place of its names.
fn filled(destination: &str, captured: &[(String, String)]) -> String {
    captured.iter().filter(|(name, _)| !name.is_empty()).fold(
        destination.to_owned(),
        |to, (name, text)| {
            to.replace(&format!(":{name}*"), text).replace(&format!(":{name}"), text)
        },
    )
}

#[test]
fn the_model_reads_patterns_as_path_to_regexp_does() {
    for (pattern, path, expected) in [
        ("/a", "/a", Some("")),
        ("/a", "/a/", None),
        ("/a\\.b\\*", "/a.b*", Some("")),
        ("/a\\.b", "/axb", None),
        ("/:x/b", "/a/b", Some("x=a ")),
        ("/:x/b", "/a/c/b", None),
        ("/a/:x*", "/a", Some("x= ")),
        ("/a/:x*", "/a/b/c", Some("x=b/c ")),
        ("/a/:x*", "/a/", None),
        ("/a/:x*", "/a/b/", None),
        ("/a/:x*", "/ab", None),
        ("/a/:x(.*)", "/a/b/", Some("x=b/ ")),
        ("/a/:x(.*)", "/a/", Some("x= ")),
        ("/a/:x(.*)", "/a", None),
        ("/(.*)\\.css", "/a/b.css", Some("=a/b ")),
        ("/(.*)", "/", Some("= ")),
    ] {
        let found = captured(pattern, path);
        let shown = found.map(|all| {
            all.iter().map(|(name, text)| format!("{name}={text} ")).collect::<String>()
        });
        assert_eq!(shown.as_deref(), expected, "{pattern} {path}");
    }
    for (path, to) in [
        ("/a.html", Some("/a")),
        ("/index.html", Some("/")),
        ("/a/index", Some("/a")),
        ("/a/index.html/", Some("/a")),
        ("/myindex", None),
        ("/a/", None),
    ] {
        assert_eq!(without_extension(path).as_deref(), to, "{path}");
    }
}

/// Many old links end in `.html`, which the host takes away before it asks redirects.
#[test]
fn redirects_from_names_of_files_answer() {
    let folder = Folder::new(&[
        ("pages/index.html", "home"),
        ("pages/about.html", "about"),
        ("pages/post.md", "---\naliases: [/2019/post.html, /2018/post/index.html]\n---\n"),
        (
            "config.toml",
            "[[redirects]]\nfrom = '/old.html'\nto = '/about'\nstatus = 302\n\
             [[redirects]]\nfrom = '/about.html'\nto = '/post'\n\
             [[redirects]]\nfrom = '/:year/a.html'\nto = '/:year/b'\n\
             [[redirects]]\nfrom = '/all/**'\nto = 'https://example.com/:splat?x=:splat'\n",
        ),
    ]);
    let built = build(&folder, &["--for", "vercel"]);
    let warning = "warning: rule 2 of `[[redirects]]`: Vercel answers with `about.html`, since it \
                   takes `.html` away first\n";
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), warning));
    let uploaded = Uploaded::new(&folder);
    for (path, to) in [
        ("/old.html", "/old"),
        ("/old", "/about"),
        ("/about.html", "/about"),
        ("/2019/post.html", "/2019/post"),
        ("/2019/post", "/post"),
        ("/2018/post/index.html", "/2018/post"),
        ("/2018/post", "/post"),
        ("/7/a", "/7/b"),
        ("/all", "https://example.com/?x="),
        ("/all/", "https://example.com/?x="),
        ("/all/a/b/", "https://example.com/a/b/?x=a/b/"),
    ] {
        let answer = vercel(&uploaded, path);
        assert!(matches!(&answer, Answer::Redirect(_, found) if found == to), "{path}: {answer:?}");
    }
    assert_eq!(vercel(&uploaded, "/about"), Answer::Content(200, "about.html".to_owned()));
}

#[test]
fn a_folder_beside_a_page_of_its_name_is_told() {
    let folder = Folder::new(&[
        ("pages/index.html", "home"),
        ("pages/both.html", "page"),
        ("pages/both/index.html", "folder"),
    ]);
    for (host, shown) in [("vercel", "Vercel"), ("netlify", "Netlify")] {
        let built = build(&folder, &["--for", host]);
        let warning = format!(
            "warning: {shown} sends `/both/` to `/both`: `both/index.html` is not to be reached \
             beside `both.html`\n"
        );
        assert_eq!((built.code, built.stderr), (Some(0), warning));
    }
}

/// In folders, links from pages have one more `../`, which counts from behind the slash.
#[test]
fn pages_in_folders_are_led_to_their_slash() {
    let folder = Folder::new(&[
        ("pages/index.html", "home"),
        ("pages/about.html", "<a href=style.css>x</a>"),
        ("pages/docs/index.html", "docs"),
        ("pages/style.css", ""),
    ]);
    build(&folder, &["--for", "vercel", "--layout", "folders"]).assert_good();
    let uploaded = Uploaded::new(&folder);
    for page in ["about", "docs"] {
        let to = Answer::Redirect(301, format!("/{page}/"));
        assert_eq!(vercel(&uploaded, &format!("/{page}")), to);
        let content = Answer::Content(200, format!("{page}/index.html"));
        assert_eq!(vercel(&uploaded, &format!("/{page}/")), content);
    }
}

#[test]
fn names_that_mean_something_in_patterns_are_escaped() {
    let folder = Folder::new(&[
        ("pages/index.html", "home"),
        ("pages/new.md", "---\naliases: ['/a(b)+c:d.e!', '/{x}|y^z$', '/q*', '/é=1']\n---\n"),
        ("pages/a(b)c.txt", ""),
        ("config.toml", "[[headers]]\npath = '/a(b)c.txt'\nset = { X-One = 'one' }\n"),
    ]);
    build(&folder, &["--for", "vercel"]).assert_good();
    let uploaded = Uploaded::new(&folder);
    let redirects = settings(&uploaded)["redirects"].as_array().unwrap().len();
    assert_eq!(redirects, 8);
    // As the server writes them in links.
    for path in ["/a(b)+c:d.e!", "/%7Bx%7D%7Cy%5Ez$", "/q*", "/%C3%A9=1"] {
        for end in ["", "/"] {
            let answer = vercel(&uploaded, &format!("{path}{end}"));
            assert_eq!(answer, Answer::Redirect(301, "/new".to_owned()), "{path}{end}");
        }
    }
    assert_eq!(vercel(&uploaded, "/aXbXc:dXe!"), uploaded.not_found());
    assert_eq!(vercel_fields(&uploaded, "/a(b)c.txt"), ["X-One: one"]);
    assert_eq!(vercel_fields(&uploaded, "/abc.txt"), Vec::<String>::new());
}

/// With `.html` taken away first, these would lead to themselves, or take pages of the site.
#[test]
fn a_redirect_from_the_name_of_a_file_never_leads_around() {
    for (from, to, warning) in [
        ("/docs/index.html", "/docs", ""),
        ("/docs/index.html", "/docs/#top", ""),
        ("/:page/index.html", "/:page", ""),
        ("/:lang/index.html", "/:lang/home", "answers with `about.html`"),
        ("/about.html", "/docs/", "answers with `about.html`"),
        ("/was.html", "/about", "answers with rule 2 of `[[redirects]]`"),
    ] {
        let rules = format!(
            "[[redirects]]\nfrom = '{from}'\nto = '{to}'\n[[redirects]]\nfrom = '/was'\nto = '/docs/'\n"
        );
        let folder = Folder::new(&[
            ("pages/index.html", "home"),
            ("pages/about.html", "about"),
            ("pages/docs/index.html", "docs"),
            ("config.toml", &rules),
        ]);
        let built = build(&folder, &["--for", "vercel"]);
        assert_eq!(built.code, Some(0), "{built:?}");
        assert!(built.stderr.contains(warning), "{from}: {built:?}");
        assert_eq!(built.stderr.is_empty(), warning.is_empty(), "{from}: {built:?}");
        let text = std::fs::read_to_string(folder.path("dist/vercel.json")).unwrap();
        let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
        let sources: Vec<&str> = settings["redirects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|redirect| redirect["source"].as_str().unwrap())
            .collect();
        // The folder's own slash, and the rule beside it.
        assert_eq!(sources, ["/was", "/docs"], "{from}");
    }
}
