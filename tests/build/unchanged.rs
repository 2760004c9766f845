//! A build after another: what it reuses, and that it comes to the same as a build from nothing.

use std::{fs, path::Path};

use super::{
    Built, build, build_while_a_part_changes,
    common::program::Folder,
    files, names,
    sites::{self, Rules},
};

const LIST: &str = ".pagepool-build";

/// Pages that are made of much else, besides those of the site with every feature.
const MORE: &[(&str, &str)] = &[
    (
        "pages/_nav.html",
        "<nav>{{ request.path }} {{ site.name }} {{ \"style.css\" | versioned }}\
         {% include \"_maybe.html\" ignore missing %}</nav>\n",
    ),
    ("pages/nav.html", "{% include \"_nav.html\" %} a page that names where it is\n"),
    ("pages/part.html", "<p>{% include \"about.html\" %}</p>\n"),
    ("pages/pictures.html", "{{ \"x.svg\" | inline }}{{ image(\"y.svg\", alt=\"y\") }}\n"),
    ("pages/y.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"3\" height=\"4\"/>"),
    ("pages/year.html", "{{ now() | date(\"%Y\") }} {{ range(9) | random }}\n"),
    ("pages/time.html", "{{ \"2026-07-01T12:00:00Z\" | date(\"%H:%M\") }}\n"),
    ("pages/people.html", "{% for person in data.people %}{{ person.name }} {% endfor %}\n"),
    ("pages/keys.html", "{{ data | list | join(\",\") }}\n"),
    ("pages/near.html", "{% for p in pages('posts', sort='date') %}{{ p.title }};{% endfor %}\n"),
    (
        "pages/_post.html",
        "<title>{{ page.title }}</title>{% block content %}{% endblock %}\
         {{ page.prev.title if page.prev else '-' }}\n",
    ),
    ("pages/long.html", "<p>a page that is long enough for compressed forms, and read by few</p>"),
    ("pages/link.html", "<a href=about.html>about</a> <a href=/posts/one.html>one</a>\n"),
    (
        "pages/notes/index.md",
        "---\nlayout: _post.html\n---\n# Notes\n\n[one](../posts/one.md) [x](../x.svg)\n",
    ),
];

/// The pages whose text is edited.
const PAGES: &[&str] = &[
    "index.html",
    "about.html",
    "docs/intro.html",
    "now.html",
    "nav.html",
    "part.html",
    "posts/one.md",
    "posts/two.md",
    "people/[id].html",
    "notes/index.md",
    "long.html",
    "vendor/raw.html",
    "static.html",
    "404.html",
    "link.html",
];

/// The files of others that pages are made of.
const PARTS: &[&str] =
    &["_layout.html", "_post.html", "_nav.html", "style.css", "app.js", "posts.txt.jinja"];

/// A page that may be wrong, and its text where it is not.
const WRONG: &str = "pages/docs/wrong.html";
const RIGHT: &str = "right";

/// Flags, each of them there or not.
const FLAGS: &[&[&str]] = &[
    &["--compress"],
    &["--drafts"],
    &["--layout", "folders"],
    &["--base-path", "/repo/"],
    &["--for", "netlify"],
    &["--verify"],
];

/// A site to which things are done at random, the same for a seed.
struct Edited {
    folder: Folder,
    random: u64,
    /// Which of the flags there are, and which of the settings.
    flags: Vec<bool>,
    settings: Vec<bool>,
    edits: usize,
}

impl Edited {
    fn new(seed: u64) -> Self {
        let folder = sites::with_every_feature(Rules::Fixed).folder;
        // They are one file in folders.
        fs::remove_file(folder.path("pages/both.html")).unwrap();
        MORE.iter().for_each(|(name, text)| folder.write(name, text));
        let text = fs::read_to_string(folder.path("pages/long.html")).unwrap();
        folder.write("pages/long.html", &text.repeat(9));
        let (flags, settings) = (vec![false; FLAGS.len()], vec![false; 3]);
        let edited = Self { folder, random: seed, flags, settings, edits: 0 };
        edited.configure();
        edited
    }

    fn random(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.random >> 33).unwrap() % below
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.random(all.len())]
    }

    fn flip(&mut self, of: fn(&mut Self) -> &mut Vec<bool>) {
        let len = of(self).len();
        let idx = self.random(len);
        of(self)[idx] ^= true;
    }

    fn configure(&self) {
        let or =
            |idx: usize, one: &'static str, other| if self.settings[idx] { one } else { other };
        let (zone, name) = (or(0, "Europe/Berlin", "UTC"), or(1, "one", "two"));
        let excluded = or(2, "vendor/**\", \"docs/intro.html", "vendor/**");
        self.folder.write(
            "config.toml",
            &format!(
                "timezone = \"{zone}\"\ntypes = {{ md2 = \"text/markdown; charset=utf-8\" }}\n\
                 [templates]\nexclude = [\"{excluded}\"]\n[site]\nname = \"{name}\"\n"
            ),
        );
    }

    /// Appends to a file, or changes it without changing its size.
    fn append(&mut self, name: &str) {
        let path = self.folder.path(name);
        let mut bytes = fs::read(&path).unwrap_or_default();
        let mark = format!("<!-- {:04} -->\n", self.edits);
        let is_marked = bytes.ends_with(b" -->\n") && self.random(2) == 0;
        let kept = bytes.len() - if is_marked { mark.len() } else { 0 };
        bytes.truncate(kept);
        bytes.extend_from_slice(mark.as_bytes());
        self.folder.write(name, std::str::from_utf8(&bytes).unwrap());
    }

    /// The files of the output whose names `are_wanted`.
    fn written(&self, are_wanted: fn(&str) -> bool) -> Vec<String> {
        let wanted = |name: &String| name != LIST && are_wanted(name);
        names(&self.folder.path("dist")).into_iter().filter(wanted).collect()
    }

    /// Does one thing, and says what.
    fn edit(&mut self) -> String {
        self.edits += 1;
        // Nothing more is to be seen of what is wrong.
        if fs::read_to_string(self.folder.path(WRONG)).is_ok_and(|text| text != RIGHT) {
            self.folder.write(WRONG, RIGHT);
            return "mended".to_owned();
        }
        let number = self.random(3);
        let new = format!("pages/posts/new{number}.md");
        match self.random(18) {
            0..3 => {
                let page = self.pick(PAGES);
                self.append(&format!("pages/{page}"));
                format!("edited {page}")
            }
            3 => {
                let part = self.pick(PARTS);
                self.append(&format!("pages/{part}"));
                format!("edited {part}")
            }
            4 => {
                let name = self.pick(&["Ada", "Eva", "Ida"]);
                let text = format!("- {{ id: ada, name: {name} }}\n- {{ id: 'b ö', name: Bö }}\n");
                self.folder.write("pages/_data/people.yaml", &text);
                format!("named {name}")
            }
            5 => {
                let size = self.pick(&["3", "5", "7"]);
                let svg = format!(
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size}\" height=\"4\"/>"
                );
                let name = self.pick(&["x", "y"]);
                self.folder.write(&format!("pages/{name}.svg"), &svg);
                format!("painted {name}")
            }
            6 => {
                let text = format!(
                    "---\nlayout: _post.html\ndate: 2026-02-0{}\n---\n# New {}\n",
                    number + 1,
                    self.edits
                );
                self.folder.write(&new, &text);
                format!("wrote {new}")
            }
            7 => {
                let _ = fs::remove_file(self.folder.path(&new));
                format!("removed {new}")
            }
            8 => {
                let _ =
                    fs::rename(self.folder.path(&new), self.folder.path("pages/posts/renamed.md"));
                format!("renamed {new}")
            }
            9 => {
                self.flip(|edited| &mut edited.settings);
                self.configure();
                format!("settings {:?}", self.settings)
            }
            10 | 11 => {
                self.flip(|edited| &mut edited.flags);
                format!("flags {:?}", self.args())
            }
            12 => {
                let draft = self.pick(&["true", "false"]);
                let text = format!("---\ndraft: {draft}\n---\ndraft, [home](/)\n");
                self.folder.write("pages/draft.md", &text);
                format!("draft: {draft}")
            }
            13 => {
                let alias = self.pick(&["[/was, /2018]", "[/docs/v1]", "[/about/x]"]);
                self.folder.write("pages/now.html", &format!("---\naliases: {alias}\n---\nnow"));
                format!("aliases: {alias}")
            }
            14 => match fs::remove_file(self.folder.path("pages/_maybe.html")) {
                Ok(()) => "removed _maybe.html".to_owned(),
                Err(_) => {
                    self.folder.write("pages/_maybe.html", "maybe");
                    "wrote _maybe.html".to_owned()
                }
            },
            15 => self.break_output(),
            16 => {
                let name = self.pick(&["pages/_data/more.json", "pages/_data/other.json"]);
                match self.random(2) {
                    0 => self.folder.write(name, "{}"),
                    _ => drop(fs::remove_file(self.folder.path(name))),
                }
                format!("data {name}")
            }
            _ => {
                let wrong = self.pick(&["{{ nothing }}", "{{ request.host }}", RIGHT]);
                self.folder.write(WRONG, wrong);
                format!("wrote {wrong}")
            }
        }
    }

    /// Does something to the output, or to its list.
    fn break_output(&mut self) -> String {
        let dist = self.folder.path("dist");
        let is_form = |name: &str| name.ends_with(".br") || name.ends_with(".gz");
        let forms = self.written(is_form);
        let all = self.written(|_| true);
        let among = if forms.is_empty() || self.random(2) == 0 { all } else { forms };
        if among.is_empty() {
            return "nothing".to_owned();
        }
        let name = among[self.random(among.len())].clone();
        let path = dist.join(&name);
        let mut bytes = fs::read(&path).unwrap();
        match self.random(4) {
            0 => fs::remove_file(path).unwrap(),
            1 => {
                bytes.push(b'x');
                fs::write(path, bytes).unwrap();
            }
            2 => {
                bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
                fs::write(path, bytes).unwrap();
            }
            _ => {
                let list = fs::read_to_string(dist.join(LIST)).unwrap();
                let names = list.lines().enumerate().map(|(idx, line)| match idx {
                    0 => line,
                    _ => line.split(' ').next().unwrap(),
                });
                fs::write(dist.join(LIST), names.collect::<Vec<_>>().join("\n")).unwrap();
            }
        }
        format!("broke {name}")
    }

    fn args(&self) -> Vec<&'static str> {
        let flags = FLAGS.iter().zip(&self.flags).filter(|(_, is_there)| **is_there);
        flags.flat_map(|(flag, _)| flag.iter().copied()).collect()
    }
}

/// What a build says, but for its time, and for what it has reused and changed.
fn said(built: &Built, out: &str) -> (Option<i32>, String, String) {
    let stdout = built.stdout.replace(out, "OUT");
    let (first, rest) = stdout.split_once('\n').unwrap_or_default();
    let (counts, _) = first.split_once(" in ").unwrap_or_default();
    let counts = match (counts.find(" ("), counts.find(" reused)")) {
        (Some(start), Some(end)) => counts[..start].to_owned() + &counts[end + " reused)".len()..],
        _ => counts.to_owned(),
    };
    (built.code, format!("{counts}\n{rest}"), built.stderr.replace(out, "OUT"))
}

/// How many pages a build has reused.
fn reused(built: &Built) -> usize {
    let count = built.stdout.split_once(" reused)").map(|(before, _)| before);
    count.and_then(|before| before.rsplit('(').next()?.parse().ok()).unwrap_or(0)
}

fn assert_same(one: &Path, other: &Path, case: &str) {
    let (one, other) = (files(one), files(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{case}");
    for (name, bytes) in one {
        let there = &other[&name];
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(bytes == *there, "{case}: {name}: {} and {}", text(&bytes), text(there));
    }
}

/// Edits a site so many times, and builds it each time: after the last build, and from nothing.
fn build_again_and_again(seed: u64, rounds: usize) {
    let mut edited = Edited::new(seed);
    let (mut reused_pages, mut good) = (0, 0);
    let mut case = format!("seed {seed}");
    for round in 0..rounds {
        let full = edited.folder.path("FULL");
        let _ = fs::remove_dir_all(&full);
        let args = edited.args();
        let after = build(&edited.folder, &args);
        let from_nothing = build(&edited.folder, &[&args[..], &["--out", "FULL"]].concat());
        assert_eq!(said(&after, "dist"), said(&from_nothing, "FULL"), "{case}");
        assert_eq!(reused(&from_nothing), 0);
        if after.code == Some(0) {
            assert_same(&edited.folder.path("dist"), &full, &case);
            good += 1;
        }
        reused_pages += reused(&after);
        let edit = edited.edit();
        case = format!("seed {seed}, round {round}: {edit}");
    }
    assert!(good > rounds / 2, "{good}");
    // Otherwise nothing was tested.
    assert!(reused_pages > good * 3, "{reused_pages} pages of {good} builds");
}

/// The number of pages that the next build reuses.
fn reused_by(folder: &Folder, args: &[&str]) -> usize {
    let built = build(folder, args);
    built.assert_good();
    reused(&built)
}

const BLOG: &[(&str, &str)] = &[
    ("pages/_layout.html", "<main>{% block content %}{% endblock %}</main>\n"),
    ("pages/one.md", "# One\n"),
    ("pages/two.md", "# Two\n"),
    ("pages/three.html", "three, {{ request.path }}\n"),
    ("pages/all.html", "{% for p in pages() %}{{ p.title }} {% endfor %}"),
    ("pages/now.html", "{{ now() | date('%Y') }}"),
    ("pages/other.html", "{% include 'three.html' %}"),
    ("pages/style.css", "p {}\n"),
];

/// Lists, pages that read the clock and pages that show another one are made each time.
#[test]
fn a_page_is_made_again_where_what_it_is_made_of_is_another() {
    let folder = Folder::new(BLOG);
    assert_eq!(reused_by(&folder, &[]), 0);
    assert_eq!(reused_by(&folder, &[]), 3);
    let list = fs::read_to_string(folder.path("dist").join(LIST)).unwrap();
    for (change, expected) in [
        ((|f| f.write("pages/one.md", "# Eins\n")) as fn(&Folder), 2),
        (|_| {}, 3),
        (|f| f.write("pages/all.html", "all"), 3),
        (|_| {}, 4),
        (|f| f.write("pages/_layout.html", "<p>{% block content %}{% endblock %}\n"), 0),
        (|_| {}, 4),
        (|f| f.write("pages/style.css", "a {}\n"), 0),
        (|f| f.write("pages/new.html", "new"), 0),
        (|_| {}, 5),
        (|f| f.write("config.toml", "[site]\na = 1\n"), 0),
        (|f| f.write("dist/one.html", "mine"), 4),
        (|f| fs::remove_file(f.path("dist/two.html")).unwrap(), 4),
        (|f| fs::remove_file(f.path("pages/new.html")).unwrap(), 0),
    ] {
        change(&folder);
        assert_eq!(reused_by(&folder, &[]), expected);
    }
    for (flags, expected) in [
        (&["--compress"] as &[&str], 0),
        (&["--compress"], 4),
        (&["--compress", "--verify"], 4),
        (&["--base-path", "/a/"], 0),
        (&["--drafts"], 0),
    ] {
        assert_eq!(reused_by(&folder, flags), expected, "{flags:?}");
    }
    BLOG.iter().for_each(|(name, text)| folder.write(name, text));
    fs::remove_file(folder.path("config.toml")).unwrap();
    build(&folder, &[]).assert_good();
    assert_eq!(fs::read_to_string(folder.path("dist").join(LIST)).unwrap(), list);
}

/// By the bytes alone, as after `git clone` or where a cache is unpacked.
#[test]
fn a_page_is_reused_wherever_and_whenever_its_files_were_written() {
    let (one, other) = (Folder::new(BLOG), Folder::new(BLOG));
    build(&one, &[]).assert_good();
    for (name, bytes) in files(&one.path("dist")) {
        other.write(&format!("dist/{name}"), std::str::from_utf8(&bytes).unwrap());
    }
    let built = build(&other, &[]);
    assert_eq!(reused(&built), 3, "{built:?}");
    assert!(built.stdout.contains("(0 written, 0 deleted)"), "{built:?}");
}

#[test]
fn a_compressed_form_is_made_again_where_it_is_another() {
    let text = "<p>a text that is long enough to be worth it</p>\n".repeat(20);
    let folder = Folder::new(&[("pages/a.html", &text), ("pages/a.css", &text)]);
    build(&folder, &["--compress"]).assert_good();
    let before = files(&folder.path("dist"));
    for name in ["a.html.br", "a.html.gz", "a.css.br", "a.css.gz"] {
        folder.write(&format!("dist/{name}"), "mine");
        assert_eq!(reused_by(&folder, &["--compress"]), usize::from(name.starts_with("a.css")));
        assert_eq!(files(&folder.path("dist")), before, "{name}");
    }
    assert_eq!(reused_by(&folder, &["--compress"]), 1);
}

/// No page has a route for it, and none lists it.
#[test]
fn a_draft_that_comes_is_found_by_its_name() {
    let folder = Folder::new(&[("pages/a.html", "{% include 'later.html' ignore missing %}")]);
    reused_by(&folder, &[]);
    assert_eq!(reused_by(&folder, &[]), 1);
    folder.write("pages/later.html", "---\ndraft: true\n---\nlater");
    reused_by(&folder, &[]);
    assert_eq!(fs::read_to_string(folder.path("dist/a.html")).unwrap(), "later");
}

#[test]
fn a_link_follows_a_page_that_comes_by_its_front_matter_alone() {
    let draft = |draft: bool| format!("---\ndraft: {draft}\n---\nb");
    let folder = Folder::new(&[("pages/a.html", "<a href=/b.html>b</a>")]);
    for (is_draft, link) in [(true, "/b.html"), (false, "/b/"), (true, "/b.html")] {
        folder.write("pages/b.html", &draft(is_draft));
        reused_by(&folder, &["--layout", "folders"]);
        let page = fs::read_to_string(folder.path("dist/a/index.html")).unwrap();
        assert_eq!(page, format!("<a href={link}>b</a>"));
    }
}

/// Nothing is known of what was read before or after a change.
#[test]
fn what_changes_while_a_site_is_built_is_made_again() {
    let (folder, built) = build_while_a_part_changes("new");
    assert!(built.stderr.contains("`_part.html` was changed"), "{built:?}");
    folder.write("pages/_part.html", "old");
    assert_eq!(reused_by(&folder, &[]), 0);
    for (name, bytes) in files(&folder.path("dist")) {
        assert!(bytes == b"old" || !name.starts_with(char::is_numeric) || name == "404.html");
    }
    assert_eq!(reused_by(&folder, &[]), 200);
}

/// `BUILD_EDITS` sets how many edits each of them makes, `BUILD_SEED` where they begin.
#[test]
fn a_build_comes_to_the_same_as_one_from_nothing() {
    let setting = |name, usual| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, edits) = (setting("BUILD_SEED", 1), setting("BUILD_EDITS", 40));
    std::thread::scope(|scope| {
        for seed in first..first + 3 {
            scope.spawn(move || build_again_and_again(seed, edits as usize));
        }
    });
}
