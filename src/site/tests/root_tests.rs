//! The folder of pages itself: refused, counted, and followed when it is replaced.

use std::os::unix::fs::symlink;

use super::*;

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
        "`no-such` does not exist: create it, or name another folder with --root"
    );
    assert_eq!(
        open(&file, &[]).unwrap(),
        format!(
            "`{}` is not a folder: name the folder that holds your pages with --root",
            file.display()
        )
    );
    let error = open(folder.path(), &["a["]).unwrap();
    assert!(error.starts_with("`templates.exclude` holds a pattern"), "{error}");
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
    assert_eq!(pages.site.count_pages(), (3, true));
    (0..5000).for_each(|n| pages.write(&format!("many/{n}.html"), ""));
    let (count, is_all) = pages.site.count_pages();
    assert!(count > 4000 && !is_all, "{count}");
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
        let respond = |asked: RequestContext<'_>| self.site.respond(asked.request, now).at_once();
        let response = self.site.with_request(&head, now, respond).unwrap();
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
            self.site.cache.get(target, &folder, now()).is_some()
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
        assert_eq!(releases.site.count_pages(), (6, true));
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
        let respond = |asked: RequestContext<'_>| site.respond(asked.request, asked.now).at_once();
        let response = site.with_request(&head, SystemTime::now(), respond).unwrap();
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
    let look = releases.site.look();
    assert!(look.is_current(rendering.inputs()));
    releases.switch_to("b");
    // One look stays in one folder.
    assert!(look.is_current(rendering.inputs()));
    assert!(!releases.site.look().is_current(rendering.inputs()));
    let next = releases.site.render(head, SystemTime::now()).unwrap();
    assert_eq!(&**next.bytes(), b"bb");
}
