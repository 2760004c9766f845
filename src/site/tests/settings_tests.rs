//! The settings of pages, followed in their file.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use super::*;
use crate::site::files::stamp::FileStamp;

/// A file of settings beside a folder of pages: its text is `site.title`, and one that
/// begins with `!` is malformed.
struct Followed {
    place: TempDir,
    pages: Pages,
    said: Arc<Mutex<Vec<String>>>,
    loads: Arc<Mutex<usize>>,
}

impl Followed {
    fn new(text: &str, production: bool) -> Self {
        let place = TempDir::new().unwrap();
        let path = place.path().join("config.toml");
        fs::write(&path, text).unwrap();
        let (said, loads): (Arc<Mutex<Vec<String>>>, Arc<Mutex<usize>>) = Default::default();
        let (print, count, file) = (Arc::clone(&said), Arc::clone(&loads), path.clone());
        let load = move || {
            *count.lock().unwrap() += 1;
            loaded(&file)
        };
        let print = move |text| print.lock().unwrap().push(text);
        let settings = loaded(&path).settings.unwrap_or_default();
        let settings = Settings::of_file(&path, settings, load, print);
        let files = [("a.html", "<p>{{ site.title }}"), ("b.html", "<p>{{ 1 }}")];
        let pages = Pages::with(&files, |options| {
            options.settings = settings;
            options.production = production;
        });
        Self { place, pages, said, loads }
    }

    fn write(&self, text: &str) {
        fs::write(self.place.path().join("config.toml"), text).unwrap();
    }

    fn said(&self) -> MutexGuard<'_, Vec<String>> {
        self.said.lock().unwrap()
    }

    /// Asks for the page until it shows this.
    fn shows(&self, title: &str) -> bool {
        (0..1000).any(|_| self.pages.get("/a").body == format!("<p>{title}"))
    }
}

fn loaded(path: &Path) -> Reloaded {
    match fs::read_to_string(path).ok().filter(|text| !text.starts_with('!')) {
        Some(text) => {
            let values = SiteValues::new(&std::collections::BTreeMap::from([("title", &text)]));
            let settings = SiteSettings { values, ..SiteSettings::default() };
            let message = text.contains("port").then(|| "restart needed".to_owned());
            Reloaded { settings: Some(settings), message }
        }
        None => Reloaded { settings: None, message: Some("malformed".to_owned()) },
    }
}

#[test]
fn each_edit_shows_in_the_very_next_answer() {
    let followed = Followed::new("first", false);
    assert_eq!(followed.pages.get("/a").body, "<p>first");
    for round in 0..300 {
        followed.write(&format!("edit {:02}", round % 50));
        for _ in 0..round % 3 + 1 {
            assert_eq!(followed.pages.get("/a").body, format!("<p>edit {:02}", round % 50));
        }
    }
    assert!(followed.said().is_empty());
}

#[test]
fn what_is_malformed_or_gone_leaves_the_settings_as_they_were_and_is_said_once() {
    let followed = Followed::new("first", false);
    for (text, title, said) in [
        (Some("!"), "first", &["malformed"][..]),
        (Some("!!"), "first", &["malformed"]),
        (Some("port 1"), "port 1", &["malformed", "restart needed"]),
        (Some("port 2"), "port 2", &["malformed", "restart needed"]),
        (None, "port 2", &["malformed", "restart needed", "malformed"]),
        (Some("second"), "second", &["malformed", "restart needed", "malformed"]),
        // Kept where a save is under way, and taken once it is not.
        (Some(""), "", &["malformed", "restart needed", "malformed"]),
    ] {
        match text {
            Some(text) => followed.write(text),
            None => fs::remove_file(followed.place.path().join("config.toml")).unwrap(),
        }
        assert!(followed.shows(title), "{text:?}");
        while followed.said().len() < said.len() {
            followed.pages.get("/a");
        }
        assert_eq!(*followed.said(), said, "{text:?}");
    }
}

#[test]
fn half_of_a_save_is_not_taken() {
    let followed = Followed::new("first", false);
    for _ in 0..50 {
        for half in ["", "!"] {
            followed.write("whole");
            assert!(followed.shows("whole"));
            followed.write(half);
            assert_eq!(followed.pages.get("/a").body, "<p>whole");
            followed.write("next one");
            assert_eq!(followed.pages.get("/a").body, "<p>next one");
        }
    }
    assert!(followed.said().is_empty(), "{:?}", followed.said());
}

#[test]
fn only_pages_that_use_the_settings_depend_on_them() {
    let followed = Followed::new("first", false);
    let made = |target: &str| {
        let head = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
        let resolve = |asked: RequestContext<'_>| followed.pages.site.resolve(asked).dependencies;
        followed.pages.with_request(&head, resolve)
    };
    let (uses, uses_not) = (made("/a"), made("/b"));
    followed.write("second, which is longer");
    let folder = followed.pages.site.root.check();
    let are_unchanged = |dependencies: &Dependencies| {
        dependencies.are_unchanged(SystemTime::now(), |name| folder.stamp(name))
    };
    assert_eq!((are_unchanged(&uses), are_unchanged(&uses_not)), (false, true));
}

#[test]
fn production_looks_once_a_second() {
    let followed = Followed::new("first", true);
    // The page is kept from the first request on.
    for path in [followed.place.path().join("config.toml"), followed.pages.path("a.html")] {
        while !FileStamp::at(&path).unwrap().is_settled_at(SystemTime::now()) {}
    }
    let now = SystemTime::now();
    for ms in [0, 400, 800, 1200, 1600, 2000, 2400] {
        let now = now + Duration::from_millis(ms);
        let ask = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let body = followed
            .pages
            .ask_with(ask, |asked| followed.pages.site.respond(asked.request, now).at_once())
            .body;
        let expected = if ms < 1000 { "<p>first" } else { "<p>second" };
        assert_eq!(body, expected, "{ms}");
        followed.write("second");
    }
    assert!(*followed.loads.lock().unwrap() <= 3);
}
