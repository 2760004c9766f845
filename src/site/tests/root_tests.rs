//! The folder of pages itself: refused, counted, and followed when it is replaced.

use std::{os::unix::fs::symlink, sync::atomic::AtomicUsize};

use super::*;
use crate::http::request::Request;

#[test]
fn a_root_that_cannot_be_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let open = |root: &Path, exclude: &[&str]| {
        let exclude = exclude.iter().map(|glob| (*glob).to_owned()).collect();
        let options = SiteOptions { exclude, ..SiteOptions::default() };
        Site::open(root, options).err().map(|error| error.to_string())
    };
    assert_eq!(open(folder.path(), &["a/**"]), None);
    assert_eq!(
        open(Path::new("no-such"), &[]).unwrap(),
        "`no-such` does not exist: name another folder with --root, or make a site with `server new my-site`"
    );
    assert_eq!(
        open(&file, &[]).unwrap(),
        format!(
            "`{}` is not a folder: name the folder that holds your pages with --root",
            file.display()
        )
    );
    let error = open(folder.path(), &["a["]).unwrap();
    assert!(error.starts_with("`templates.exclude` or `public` holds a pattern"), "{error}");
}

#[test]
fn counts_pages() {
    let files = [
        "index.html",
        "a/b.html",
        "_c.html",
        "a/_d/e.html",
        ".f.html",
        "g.css",
        ".well-known/h.html",
    ];
    let pages = Pages::new(&files.map(|name| (name, "")));
    let survey = pages.site.survey();
    assert_eq!((survey.pages, survey.is_all), (3, true));
    (0..5000).for_each(|n| pages.write(&format!("many/{n}.html"), ""));
    let survey = pages.site.survey();
    assert!(survey.pages > 4000 && !survey.is_all, "{survey:?}");
}

/// Two releases of a site, and a root that is a link to one of them.
struct Releases {
    folder: TempDir,
    site: Site,
}

impl Releases {
    fn new(change: impl FnOnce(&mut SiteOptions)) -> Self {
        let folder = TempDir::new().unwrap();
        for release in ["a", "b"] {
            let write = |name: &str, text: &str| {
                let path = folder.path().join(release).join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text.replace('X', release)).unwrap();
            };
            write("kept.html", "X{% include '_part.html' %}");
            write("rendered.html", "X{% include '_part.html' %}{{ request.query.n }}");
            write("late.html", "X{% include '_part.html' %}{{ request.query.n }}");
            write("_part.html", "X");
            write("plain.html", "X");
            write("style.css", "X");
            write(&format!("only-{release}.html"), "X");
            write("docs/index.html", "X");
            symlink(
                folder.path().join("root/plain.html"),
                folder.path().join(release).join("link.html"),
            )
            .unwrap();
        }
        symlink("a", folder.path().join("root")).unwrap();
        let mut options = SiteOptions { fuel: FUEL, ..SiteOptions::default() };
        change(&mut options);
        let site = Site::open(&folder.path().join("root"), options).unwrap();
        Self { folder, site }
    }

    /// As `ln -s new tmp; mv -T tmp root` does.
    fn switch_to(&self, release: &str) {
        symlink(release, self.folder.path().join("tmp")).unwrap();
        fs::rename(self.folder.path().join("tmp"), self.folder.path().join("root")).unwrap();
    }

    fn get(&self, target: &str, now: SystemTime) -> Answer {
        let head = RequestHead::get(target, "h");
        // The site's own way to a request would check the root itself.
        let respond = |request: &Request<'_>| self.site.respond(request, now).at_once();
        let response = head.with_request(respond).unwrap();
        let body = String::from_utf8(response.body.read().unwrap()).unwrap();
        Answer { response, body }
    }

    /// What a file of each kind holds, as one text.
    fn all(&self, now: SystemTime) -> String {
        let targets = ["/kept", "/rendered?n=.", "/plain", "/style.css", "/docs/", "/link"];
        targets.map(|target| self.get(target, now).body).join(" ")
    }

    /// Waits until answers are kept.
    fn settle(&self, now: impl Fn() -> SystemTime) {
        let start = std::time::Instant::now();
        let is_kept = |target| {
            let folder = self.site.root.check();
            self.site.cache.get(target, &folder, now(), None).is_some()
        };
        while !["/kept", "/rendered", "/plain", "/style.css"].into_iter().all(is_kept) {
            self.all(now());
            assert!(start.elapsed().as_secs() < 30, "it never settles");
        }
    }
}

#[test]
fn a_switched_root_is_followed_by_the_very_next_request() {
    let releases = Releases::new(|_| {});
    releases.settle(SystemTime::now);
    for release in ["b", "a", "b"] {
        releases.switch_to(release);
        let now = SystemTime::now();
        assert_eq!(releases.all(now), "XX XX. X X X X".replace('X', release));
        for (name, other) in [("a", "b"), ("b", "a")] {
            let answer = releases.get(&format!("/only-{name}"), now);
            assert_eq!(answer.body == release, name == release, "{}", answer.body);
            let is_advised = answer.body.contains(&format!("/only-{other}</a>"));
            assert_eq!(is_advised, name != release, "{}", answer.body);
        }
        let survey = releases.site.survey();
        assert_eq!((survey.pages, survey.is_all), (7, true));
    }
}

#[test]
fn a_root_that_is_removed_and_made_again_is_followed() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root");
    let write = |text: &str| {
        fs::create_dir(&root).unwrap();
        fs::write(root.join("a.html"), text).unwrap();
    };
    write("first");
    let site = Site::open(&root, SiteOptions::default()).unwrap();
    let get = || {
        let head = RequestHead::get("/a", "h");
        let respond = |request: &Request<'_>| site.respond(request, SystemTime::now()).at_once();
        let response = head.with_request(respond).unwrap();
        String::from_utf8(response.body.read().unwrap()).unwrap()
    };
    assert_eq!(get(), "first");
    for text in ["second", "third!"] {
        fs::remove_dir_all(&root).unwrap();
        assert!(get().contains("The server got a request with path /a</p>"));
        write(text);
        assert_eq!(get(), text);
    }
    // As a folder, as a link, and as a link to a file, which cannot be served.
    let moved = folder.path().join("moved");
    fs::rename(&root, &moved).unwrap();
    assert_eq!(get(), "third!");
    symlink(moved.join("a.html"), &root).unwrap();
    assert_eq!(get(), "third!");
    fs::remove_file(&root).unwrap();
    write("fourth");
    assert_eq!(get(), "fourth");
}

#[test]
fn production_follows_a_switched_root_within_a_second() {
    let releases = Releases::new(|options| options.production = true);
    let start = SystemTime::now() + std::time::Duration::from_secs(60);
    let at = |ms: u64| start + std::time::Duration::from_millis(ms);
    releases.settle(|| at(0));
    releases.switch_to("b");
    // Another thread may be first to see it; what is kept of each path has its own clock.
    for (ms, release) in [(1, "a"), (998, "a"), (1_001, "b"), (1_500, "b")] {
        // An absolute link leads into the new one at once, which is none of the old one's.
        let expected = "XX XX. X X X".replace('X', release);
        assert!(releases.all(at(ms)).starts_with(&expected), "{ms}");
    }
    // What is kept of the other root is not used for the rest of its own second.
    for (target, body) in [("/only-b", "b"), ("/late?n=.", "bb.")] {
        assert_eq!(releases.get(target, at(1_990)).body, body);
    }
    releases.switch_to("a");
    assert_eq!(releases.get("/late?n=.", at(2_010)).body, "aa.");
    assert_ne!(releases.get("/only-b", at(2_010)).body, "b");
}

#[test]
fn production_follows_it_where_one_path_alone_is_asked_for() {
    let releases = Releases::new(|options| options.production = true);
    let start = SystemTime::now() + std::time::Duration::from_secs(60);
    let at = |ms: u64| start + std::time::Duration::from_millis(ms);
    releases.settle(|| at(0));
    // The root's second begins here, and that of what is kept a little later.
    assert!(releases.get("/none", at(1_100)).body.contains("path /none"));
    releases.switch_to("b");
    assert_eq!(releases.get("/style.css", at(1_300)).body, "a");
    assert_eq!(releases.get("/style.css", at(2_250)).body, "b");
}

/// A site whose releases are switched by one link, somewhere on the way to its files.
struct Switched {
    folder: TempDir,
    site: Site,
    link: &'static str,
    /// The path of a release, but for its name, and from there to its pages.
    releases: [&'static str; 2],
}

impl Switched {
    const FILES: [(&str, &str); 4] = [
        ("kept.html", "N {% include '_part.html' %}"),
        ("rendered.html", "N {% include '_part.html' %}{{ request.query.n }}"),
        ("_part.html", "N"),
        ("style.css", "N N"),
    ];

    /// As the root itself, as a folder above it, and as a link below it, to which the
    /// files are links as well (as Kubernetes has it).
    fn all() -> [Self; 3] {
        [
            Self::new("link", "link", ["release-", ""]),
            Self::new("link/pages", "link", ["release-", "pages/"]),
            Self::new("root", "root/..data", ["root/..", ""]),
        ]
    }

    fn new(root: &str, link: &'static str, releases: [&'static str; 2]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        if link != "link" {
            fs::create_dir(path(root)).unwrap();
            for (name, _) in Self::FILES {
                symlink(format!("..data/{name}"), path(root).join(name)).unwrap();
            }
        }
        let put = |n| put_release(&folder, link, releases, n);
        put(0);
        let options = SiteOptions { fuel: FUEL, ..SiteOptions::default() };
        let site = Site::open(&path(root), options).unwrap();
        Self { folder, site, link, releases }
    }

    /// Makes a release, switches to it, and removes the one before.
    fn switch_to(&self, n: usize) {
        put_release(&self.folder, self.link, self.releases, n);
        let old = format!("{}{}", self.releases[0], n - 1);
        fs::remove_dir_all(self.folder.path().join(old)).unwrap();
    }

    fn get(&self, target: &str) -> String {
        let now = SystemTime::now();
        let respond = |request: &Request<'_>| self.site.respond(request, now).at_once();
        let response = RequestHead::get(target, "h").with_request(respond);
        String::from_utf8(response.unwrap().body.read().unwrap()).unwrap()
    }

    fn is_kept(&self, target: &str) -> bool {
        self.site.cache.get(target, &self.site.root.check(), SystemTime::now(), None).is_some()
    }
}

fn put_release(folder: &TempDir, link: &str, [prefix, below]: [&str; 2], n: usize) {
    let path = |name: &str| folder.path().join(name);
    let release = format!("{prefix}{n}");
    fs::create_dir_all(path(&release).join(below)).unwrap();
    for (name, text) in Switched::FILES {
        fs::write(path(&release).join(below).join(name), text.replace('N', &n.to_string()))
            .unwrap();
    }
    symlink(path(&release).file_name().unwrap(), path(link).with_file_name("new")).unwrap();
    fs::rename(path(link).with_file_name("new"), path(link)).unwrap();
}

const TARGETS: [&str; 3] = ["/kept", "/rendered?n=", "/style.css"];

#[test]
fn a_switched_link_is_followed_at_once_wherever_it_is() {
    for switched in Switched::all() {
        for n in 1..=3 {
            let start = std::time::Instant::now();
            while !["/kept", "/rendered", "/style.css"]
                .into_iter()
                .all(|name| switched.is_kept(name))
            {
                TARGETS.iter().for_each(|target| drop(switched.get(target)));
                assert!(start.elapsed().as_secs() < 30, "it never settles");
            }
            switched.switch_to(n);
            for target in TARGETS {
                assert_eq!(switched.get(target), format!("{n} {n}"), "{target} {}", switched.link);
            }
        }
    }
}

#[test]
fn no_answer_mixes_two_releases_or_misses_one_that_is_removed() {
    const SWITCHES: usize = 300;
    let ordering = std::sync::atomic::Ordering::SeqCst;
    for switched in Switched::all() {
        let (answers, switches) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut wrong = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for n in 1..=SWITCHES {
                    // At most one in each request, at any point of it.
                    let begun = answers.load(ordering);
                    while answers.load(ordering) < begun + 2 {
                        std::thread::yield_now();
                    }
                    (0..n * 37 % 400).for_each(|_| std::hint::spin_loop());
                    switched.switch_to(n);
                    switches.store(n, ordering);
                }
            });
            // Asserted at the end: the other thread waits for answers.
            while switches.load(ordering) < SWITCHES {
                for target in TARGETS {
                    let least = switches.load(ordering);
                    let body = switched.get(target);
                    answers.fetch_add(1, ordering);
                    let numbers: Vec<usize> =
                        body.split(' ').filter_map(|number| number.parse().ok()).collect();
                    let is_whole = matches!(numbers[..], [one, two] if one == two && one >= least);
                    if !is_whole {
                        wrong.push(format!("{target} after {least}: {body}"));
                    }
                }
            }
        });
        assert!(wrong.is_empty(), "by {}: {} of {:?}", switched.link, wrong.len(), wrong.first());
    }
}

#[test]
fn a_page_that_chooses_its_parts_is_of_one_release_in_production() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for release in ["a", "b"] {
        for name in ["one", "two"] {
            write(&format!("..{release}/{name}.html"), release);
        }
        write(&format!("..{release}/_part.html"), release);
        let page = format!("{release}{{% include request.query.n %}}");
        write(&format!("..{release}/page.html"), &page);
    }
    let switch_to = |release: &str| {
        symlink(format!("..{release}"), folder.path().join("..new")).unwrap();
        fs::rename(folder.path().join("..new"), folder.path().join("..data")).unwrap();
    };
    switch_to("a");
    for name in ["page.html", "one.html", "two.html", "_part.html"] {
        symlink(format!("..data/{name}"), folder.path().join(name)).unwrap();
    }
    let options = SiteOptions { fuel: FUEL, production: true, ..SiteOptions::default() };
    let site = Site::open(folder.path(), options).unwrap();
    let now = SystemTime::now() + std::time::Duration::from_secs(60);
    let get = |part: &str| {
        let head = RequestHead::get(&format!("/page?n={part}"), "h");
        let respond = |request: &Request<'_>| site.respond(request, now).at_once();
        let response = head.with_request(respond).unwrap();
        String::from_utf8(response.body.read().unwrap()).unwrap()
    };
    let start = std::time::Instant::now();
    while site.cache.get("/page", &site.root.check(), now, None).is_none() {
        assert_eq!(get("one.html"), "aa");
        assert!(start.elapsed().as_secs() < 30, "it never settles");
    }
    switch_to("b");
    // What was seen of the one is at most a second old; nothing was seen of the other.
    assert_eq!((get("one.html"), get("two.html")), ("aa".to_owned(), "bb".to_owned()));
    assert_eq!(get("one.html"), "bb");
}

#[test]
fn no_answer_mixes_two_roots() {
    let releases = Releases::new(|_| {});
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let ordering = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        let switching = scope.spawn(|| {
            let mut switches = 0;
            while !is_over.load(ordering) {
                releases.switch_to(if switches % 2 == 0 { "b" } else { "a" });
                switches += 1;
            }
            switches
        });
        let seen: Vec<String> = (0..3_000)
            .flat_map(|_| ["/kept", "/rendered?n="])
            .map(|target| releases.get(target, SystemTime::now()).body)
            .collect();
        is_over.store(true, ordering);
        assert!(seen.iter().all(|body| body == "aa" || body == "bb"), "{:?}", seen.iter().max());
        assert!(seen.iter().any(|body| body == "aa") && switching.join().unwrap() > 1);
    });
}

#[test]
fn an_open_page_is_seen_to_be_of_another_root() {
    let releases = Releases::new(|options| options.snippet = Some(Snippet::new("{{version}}")));
    let head = &RequestHead::get("/kept", "h").with("Sec-Fetch-Mode", "navigate");
    let rendering = releases.site.render(head, SystemTime::now()).unwrap();
    let stats = releases.site.stat_cache();
    assert!(stats.is_current(rendering.dependencies()));
    releases.switch_to("b");
    // One stat cache stays in one folder.
    assert!(stats.is_current(rendering.dependencies()));
    assert!(!releases.site.stat_cache().is_current(rendering.dependencies()));
    let next = releases.site.render(head, SystemTime::now()).unwrap();
    assert_eq!(&**next.bytes(), b"bb");
}
