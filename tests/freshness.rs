//! An edit is seen by the very next request, whatever else is asked meanwhile.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, SyncSender},
    },
    thread,
};

use common::{TestServer, app, folder, options, single_worker};

const ROUNDS: usize = 10_000;
/// Clients that ask for the page and its style while they are edited.
const CLIENTS: usize = 3;

/// What the files hold; each number has as many digits as any other, so that no
/// edit changes a size.
#[derive(Clone, Copy, Default)]
struct Contents {
    layout: usize,
    page: usize,
    part: usize,
    style: usize,
    broken: usize,
}

impl Contents {
    fn layout(self) -> String {
        format!("layout {:06} {{% block body %}}{{% endblock %}}", self.layout)
    }

    fn page(self) -> String {
        format!(
            "{{% extends '_layout.html' %}}{{% block body %}}page {:06} \
             {{% include '_part.html' %}}{{% endblock %}}",
            self.page
        )
    }

    fn part(self) -> String {
        format!("part {:06}", self.part)
    }

    fn style(self) -> String {
        format!("p {{ width: {:06}px }}", self.style)
    }

    /// A page that cannot be rendered, for a reason that the number is in.
    fn broken(self) -> String {
        format!("{{{{ nope{:06} }}}}", self.broken)
    }

    fn rendered(self) -> String {
        format!("layout {:06} page {:06} part {:06}", self.layout, self.page, self.part)
    }
}

/// Makes one edit, of a kind that the number of the round decides.
fn edit(folder: &Path, round: usize, contents: &mut Contents) {
    let path = |name: &str| folder.join(name);
    match round % 7 {
        0 => {
            contents.page = round;
            fs::write(path("page.html"), contents.page()).unwrap();
        }
        1 => {
            contents.page = round;
            fs::write(path("page.html.new"), contents.page()).unwrap();
            fs::rename(path("page.html.new"), path("page.html")).unwrap();
        }
        2 => {
            contents.page = round;
            fs::remove_file(path("page.html")).unwrap();
            fs::write(path("page.html"), contents.page()).unwrap();
        }
        3 => {
            contents.layout = round;
            fs::write(path("_layout.html"), contents.layout()).unwrap();
        }
        4 => {
            contents.part = round;
            fs::write(path("_part.html"), contents.part()).unwrap();
        }
        5 => {
            contents.broken = round;
            fs::write(path("broken.html"), contents.broken()).unwrap();
        }
        _ => {
            contents.style = round;
            fs::write(path("style.css"), contents.style()).unwrap();
        }
    }
}

#[test]
fn ten_thousand_edits_under_load_show_at_once() {
    let mut contents = Contents::default();
    let folder = folder(&[
        ("_layout.html", &contents.layout()),
        ("page.html", &contents.page()),
        ("_part.html", &contents.part()),
        ("style.css", &contents.style()),
        ("broken.html", &contents.broken()),
    ]);
    let server = TestServer::start(app(folder.path()), options());
    thread::scope(|scope| {
        let clients: Vec<SyncSender<()>> = (0..CLIENTS)
            .map(|_| {
                let (order, orders) = mpsc::sync_channel(1);
                let mut client = server.connect();
                scope.spawn(move || {
                    for () in orders {
                        client.get("/page");
                        client.get("/style.css");
                        client.get("/broken");
                    }
                });
                order
            })
            .collect();
        let mut client = server.connect();
        for round in 1..=ROUNDS {
            // A thread that still runs has enough to do.
            for client in &clients {
                let _ = client.try_send(());
            }
            edit(folder.path(), round, &mut contents);
            let (page, style) = (client.get("/page"), client.get("/style.css"));
            let seen = (page.text(), style.text());
            assert_eq!(seen, (&*contents.rendered(), &*contents.style()), "round {round}");
            let (broken, message) = (client.get("/broken"), contents.broken());
            assert!(broken.text().contains(&message), "round {round}: {}", broken.text());
        }
        drop(clients);
    });
}

/// Connections that ask for one page, so that a worker has many requests for it at a time.
const MANY: usize = 24;
/// So many of their requests pass between edits: by then the page is kept again.
const BETWEEN_EDITS: usize = 500;

/// Requests that arrive together share one look at the files, and no other does.
#[test]
fn an_edit_shows_to_the_next_request_among_many_that_arrive_together() {
    let folder = folder(&[("page.html", "000000")]);
    let server = TestServer::start(app(folder.path()), single_worker());
    let (asked, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..MANY {
            let mut client = server.connect();
            let (asked, is_over) = (&asked, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    client.get("/page");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut kept = server.connect();
        for round in 1..=100 {
            let enough = asked.load(Ordering::Relaxed) + BETWEEN_EDITS;
            while asked.load(Ordering::Relaxed) < enough {
                thread::yield_now();
            }
            let text = format!("{round:06}");
            fs::write(folder.path().join("new"), &text).unwrap();
            fs::rename(folder.path().join("new"), folder.path().join("page.html")).unwrap();
            let answer = if round % 2 == 0 { kept.get("/page") } else { server.get("/page") };
            if answer.text() != text {
                is_over.store(true, Ordering::Relaxed);
            }
            assert_eq!(answer.text(), text);
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

/// The most pages that are listed.
const MAX_LISTED: usize = 8;

/// The pages of a folder, by their names, each with the number in its title; what was done to
/// them is random, and the same each time.
struct Posts {
    titles: BTreeMap<String, usize>,
    random: u64,
}

impl Posts {
    fn random(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.random >> 33).unwrap() % below
    }

    fn any(&mut self) -> String {
        let place = self.random(self.titles.len());
        self.titles.keys().nth(place).unwrap().clone()
    }

    /// A page that shows its neighbours. No edit of its title changes its size.
    fn text(title: usize) -> String {
        format!(
            "<title>{title:06}</title>{{{{ page.prev.title if page.prev else '-' }}}} \
             {{{{ page.title }}}} {{{{ page.next.title if page.next else '-' }}}}"
        )
    }

    /// Makes one edit of any kind, whose title has the number of the round.
    fn edit(&mut self, folder: &Path, round: usize) {
        let path = |name: &str| folder.join("blog").join(format!("{name}.html"));
        let (name, new) = (self.any(), format!("{:03}", self.random(1000)));
        match self.random(6) {
            0 if self.titles.len() > 2 => {
                fs::remove_file(path(&name)).unwrap();
                self.titles.remove(&name);
            }
            1 if self.titles.len() < MAX_LISTED => {
                fs::write(path(&new), Self::text(round)).unwrap();
                self.titles.insert(new, round);
            }
            2 => {
                fs::rename(path(&name), path(&new)).unwrap();
                let title = self.titles.remove(&name).unwrap();
                self.titles.insert(new, title);
            }
            3 => {
                let aside = folder.join("new");
                fs::write(&aside, Self::text(round)).unwrap();
                fs::rename(aside, path(&name)).unwrap();
                self.titles.insert(name, round);
            }
            _ => {
                fs::write(path(&name), Self::text(round)).unwrap();
                self.titles.insert(name, round);
            }
        }
    }

    fn listed(&self) -> String {
        self.titles.iter().map(|(name, title)| format!("/blog/{name}={title:06} ")).collect()
    }

    fn shown(&self, name: &str) -> String {
        let own = |(at, title): (&String, &usize)| {
            (at == name).then(|| format!("<title>{title:06}</title>"))
        };
        let titles: Vec<String> = self.titles.values().map(|title| format!("{title:06}")).collect();
        let place = self.titles.keys().position(|at| at == name).unwrap();
        let at = |place: Option<usize>| {
            place.and_then(|place| titles.get(place)).map_or("-", |title| title)
        };
        format!(
            "{}{} {} {}",
            self.titles.iter().find_map(own).unwrap(),
            at(place.checked_sub(1)),
            titles[place],
            at(Some(place + 1)),
        )
    }
}

#[test]
fn ten_thousand_edits_of_listed_pages_show_in_lists_and_neighbours_at_once() {
    let list = "{% for post in pages('blog/') %}{{ post.url }}={{ post.title }} {% endfor %}";
    let folder = folder(&[
        ("list.html", list),
        ("_layout.html", &format!("{list}{{% block x %}}{{% endblock %}}")),
        ("layout.html", "{% extends '_layout.html' %}"),
        ("blog/500.html", &Posts::text(0)),
        ("blog/501.html", &Posts::text(0)),
    ]);
    let titles = ["500", "501"].map(|name| (name.to_owned(), 0)).into();
    let mut posts = Posts { titles, random: 1 };
    let server = TestServer::start(app(folder.path()), options());
    thread::scope(|scope| {
        let clients: Vec<SyncSender<String>> = (0..CLIENTS)
            .map(|_| {
                let (order, orders) = mpsc::sync_channel::<String>(1);
                let mut client = server.connect();
                scope.spawn(move || {
                    for target in orders {
                        client.get("/list");
                        client.get(&target);
                    }
                });
                order
            })
            .collect();
        let mut client = server.connect();
        for round in 1..=ROUNDS {
            for client in &clients {
                let _ = client.try_send(format!("/blog/{}", posts.any()));
            }
            posts.edit(folder.path(), round);
            let listed = posts.listed();
            assert_eq!(client.get("/list").text(), listed, "round {round}");
            if round % 4 == 0 {
                let name = posts.any();
                let shown = posts.shown(&name);
                assert_eq!(client.get(&format!("/blog/{name}")).text(), shown, "round {round}");
                assert_eq!(client.get("/layout").text(), listed, "round {round}");
            }
        }
        drop(clients);
    });
}

/// The slugs that posts may have; the others are free.
const SLUGS: usize = 12;
/// The fewest and the most posts and rows that there are at a time.
const MIN_COUNT: usize = 2;
const MAX_COUNT: usize = 8;

/// A post, by what its name and its front matter say.
#[derive(Clone, Debug)]
struct Post {
    extension: &'static str,
    /// A day of March before the name of its file, and one in its front matter.
    name_day: Option<usize>,
    day: Option<usize>,
    title: usize,
    order: Option<usize>,
    is_draft: bool,
    tag: usize,
}

/// A blog with rows of data beside it. What is done to it is random, and the same for a seed.
struct Blog {
    random: u64,
    posts: BTreeMap<String, Post>,
    /// The rows by their keys, each with a number.
    rows: BTreeMap<usize, usize>,
    /// The front matter of the file for the rows says so.
    are_rows_titled: bool,
}

impl Post {
    fn file(&self, slug: &str) -> String {
        let day = self.name_day.map_or_else(String::new, |day| format!("2026-03-{day:02}-"));
        format!("{day}{slug}.{}", self.extension)
    }

    fn date(&self) -> Option<String> {
        self.day.or(self.name_day).map(|day| format!("2026-03-{day:02}"))
    }

    /// No edit changes the size of a file by its numbers.
    fn text(&self) -> String {
        let line = |key: &str, value: Option<String>| {
            value.map_or_else(String::new, |value| format!("{key}: {value}\n"))
        };
        let date = line("date", self.day.map(|day| format!("2026-03-{day:02}")));
        let order = line("order", self.order.map(|order| order.to_string()));
        format!(
            "---\ntitle: {:06}\ntags: t{}\ndraft: {:5}\n{date}{order}---\n\
             {{{{ page.prev.title if page.prev else '-' }}}} {{{{ page.title }}}} \
             {{{{ page.next.title if page.next else '-' }}}}\n",
            self.title, self.tag, self.is_draft
        )
    }
}

impl Blog {
    fn new(seed: u64) -> Self {
        let (posts, rows) = (BTreeMap::new(), [(1, 0), (2, 0)].into());
        let mut blog = Self { random: seed, posts, rows, are_rows_titled: false };
        for slug in ["s00", "s01", "s02"] {
            let post = blog.post(0);
            blog.posts.insert(slug.to_owned(), post);
        }
        blog
    }

    fn random(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.random >> 33).unwrap() % below
    }

    fn maybe(&mut self, below: usize) -> Option<usize> {
        let number = self.random(below);
        (self.random(2) == 0).then_some(number)
    }

    fn post(&mut self, title: usize) -> Post {
        let extension = if self.random(2) == 0 { "md" } else { "html" };
        let day = |day: usize| day + 1;
        Post {
            extension,
            name_day: self.maybe(28).map(day),
            day: self.maybe(28).map(day),
            title,
            order: self.maybe(9),
            is_draft: self.random(3) == 0,
            tag: self.random(3),
        }
    }

    fn any(&mut self) -> String {
        let place = self.random(self.posts.len());
        self.posts.keys().nth(place).unwrap().clone()
    }

    fn write_rows(&self, folder: &Path) {
        let rows: String = self.rows.iter().map(|(id, n)| format!("r{id},{n:06}\n")).collect();
        fs::write(folder.join("_data/rows.csv"), format!("id,title\n{rows}")).unwrap();
    }

    fn write_file_of_rows(&self, folder: &Path) {
        let title = if self.are_rows_titled { "title" } else { "other" };
        let text = format!("---\neach: data.rows\n{title}: Row\n---\n{{{{ page.title }}}}");
        fs::write(folder.join("rows/[id].html"), text).unwrap();
    }

    fn write_all(&self, folder: &Path) {
        for (slug, post) in &self.posts {
            fs::write(folder.join("blog").join(post.file(slug)), post.text()).unwrap();
        }
        self.write_rows(folder);
        self.write_file_of_rows(folder);
    }

    /// Makes one edit of any kind, in which a title or a row gets the number of the round.
    fn edit(&mut self, folder: &Path, round: usize) {
        match self.random(12) {
            0 => self.add_or_remove_row(round),
            1 => {
                let place = self.random(self.rows.len());
                *self.rows.values_mut().nth(place).unwrap() = round;
            }
            2 => {
                self.are_rows_titled = !self.are_rows_titled;
                return self.write_file_of_rows(folder);
            }
            _ => return self.edit_post(&folder.join("blog"), round),
        }
        self.write_rows(folder);
    }

    fn add_or_remove_row(&mut self, round: usize) {
        let id = self.random(MAX_COUNT);
        if self.rows.remove(&id).is_none() || self.rows.len() < MIN_COUNT {
            self.rows.insert(id, round);
        }
    }

    fn edit_post(&mut self, blog: &Path, round: usize) {
        let slug = self.any();
        let old = self.posts[&slug].clone();
        let path = blog.join(old.file(&slug));
        let free = format!("s{:02}", self.random(SLUGS));
        let is_free = !self.posts.contains_key(&free);
        let mut post = Post { title: round, ..old.clone() };
        match self.random(9) {
            0 if self.posts.len() > MIN_COUNT => {
                fs::remove_file(path).unwrap();
                self.posts.remove(&slug);
                return;
            }
            1 if self.posts.len() < MAX_COUNT && is_free => {
                post = self.post(round);
                fs::write(blog.join(post.file(&free)), post.text()).unwrap();
                self.posts.insert(free, post);
                return;
            }
            // Another name, with or without a day.
            2 | 3 => {
                let name_day = self.maybe(28).map(|day| day + 1);
                let post = Post { name_day, ..old };
                let new = if is_free { free } else { slug.clone() };
                fs::rename(path, blog.join(post.file(&new))).unwrap();
                self.posts.remove(&slug);
                self.posts.insert(new, post);
                return;
            }
            4 => post.is_draft = !old.is_draft,
            5 => post.day = self.maybe(28).map(|day| day + 1),
            6 => (post.order, post.tag) = (self.maybe(9), self.random(3)),
            7 => {
                let aside = blog.with_file_name("new");
                fs::write(&aside, post.text()).unwrap();
                fs::rename(aside, path).unwrap();
                self.posts.insert(slug, post);
                return;
            }
            _ => {}
        }
        fs::write(path, post.text()).unwrap();
        self.posts.insert(slug, post);
    }

    /// The posts in the order of lists: by `order`, then by the names of their files.
    fn ordered(&self) -> Vec<(&str, &Post)> {
        let mut posts: Vec<(&str, &Post)> =
            self.posts.iter().map(|(slug, post)| (slug.as_str(), post)).collect();
        posts.sort_by_key(|(slug, post)| {
            let file = post.file(slug);
            let name = file.split('.').next().unwrap().to_owned();
            (post.order.is_none(), post.order, name)
        });
        posts
    }

    fn list(&self) -> String {
        let shown = |(slug, post): &(&str, &Post)| {
            let date = post.date().unwrap_or_else(|| "-".to_owned());
            let mark = if post.is_draft { "!" } else { "" };
            format!("/blog/{slug}={:06} {date}{mark};", post.title)
        };
        let pages: String = self.ordered().iter().map(shown).collect();
        let mut tags = BTreeMap::<usize, usize>::new();
        self.posts.values().for_each(|post| *tags.entry(post.tag).or_default() += 1);
        let tags: String = tags.iter().map(|(tag, count)| format!("t{tag}:{count};")).collect();
        format!("{pages}|{tags}")
    }

    /// The three newest posts.
    fn feed(&self) -> String {
        let mut posts = self.ordered();
        posts.sort_by_key(|(slug, post)| post.file(slug).split('.').next().map(str::to_owned));
        posts.sort_by_key(|(_, post)| (post.date().is_none(), std::cmp::Reverse(post.date())));
        let newest = posts.iter().take(3);
        newest.map(|(slug, post)| format!("/blog/{slug}={:06};", post.title)).collect()
    }

    fn rows(&self) -> String {
        let title = |n: usize| match self.are_rows_titled {
            true => "Row".to_owned(),
            false => format!("{n:06}"),
        };
        self.rows.iter().map(|(id, n)| format!("/rows/r{id}={};", title(*n))).collect()
    }

    /// What the page of a post shows.
    fn shown(&self, slug: &str) -> String {
        let posts = self.ordered();
        let place = posts.iter().position(|(other, _)| *other == slug).unwrap();
        let title = |at: Option<usize>| {
            at.and_then(|at| posts.get(at))
                .map_or_else(|| "-".to_owned(), |(_, post)| format!("{:06}", post.title))
        };
        format!("{} {} {}", title(place.checked_sub(1)), title(Some(place)), title(Some(place + 1)))
    }
}

/// Edits a blog of this seed so many times, while others ask for the same pages.
fn edit_blog(seed: u64, rounds: usize) {
    let folder = folder(&[
        ("_layout.html", "{% block content %}{% endblock %}"),
        (
            "list.html",
            "{% for p in pages('blog/') %}{{ p.url }}={{ p.title }} {{ p.date or '-' }}\
             {{ '!' if p.draft }};{% endfor %}|{% for tag in tags('blog/') %}{{ tag }}:\
             {{ tag.count }};{% endfor %}",
        ),
        (
            "feed.xml.jinja",
            "{% for p in pages('blog/', sort='-date', limit=3) %}{{ p.url }}={{ p.title }};\
             {% endfor %}",
        ),
        (
            "rows.md",
            "{% for p in pages('rows/', each=true) %}{{ p.url }}={{ p.title }};{% endfor %}",
        ),
        ("blog/_x", ""),
        ("rows/_x", ""),
        ("_data/_x", ""),
    ]);
    let mut blog = Blog::new(seed);
    blog.write_all(folder.path());
    let server = TestServer::start(app(folder.path()), options());
    thread::scope(|scope| {
        let clients: Vec<SyncSender<String>> = (0..CLIENTS)
            .map(|_| {
                let (order, orders) = mpsc::sync_channel::<String>(1);
                let mut client = server.connect();
                scope.spawn(move || {
                    for target in orders {
                        for target in ["/list", "/feed.xml", "/rows", &target] {
                            client.get(target);
                        }
                    }
                });
                order
            })
            .collect();
        let mut client = server.connect();
        for round in 1..=rounds {
            for client in &clients {
                let _ = client.try_send(format!("/blog/{}", blog.any()));
            }
            blog.edit(folder.path(), round);
            let case = format!("seed {seed}, round {round}");
            let (slug, row) = (blog.any(), *blog.rows.keys().next().unwrap());
            let row_title = blog.rows().split(['=', ';']).nth(1).unwrap().to_owned();
            let all = [
                ("/list".to_owned(), blog.list()),
                ("/feed.xml".to_owned(), blog.feed()),
                ("/rows".to_owned(), format!("<p>{}</p>\n", blog.rows())),
                (format!("/rows/r{row}"), row_title),
            ];
            // What is asked for first is made by this request, and not by one before it.
            for at in 0..all.len() {
                let (target, expected) = &all[(at + round) % all.len()];
                assert_eq!(client.get(target).text(), expected, "{case}: {target}");
            }
            let answer = client.get(&format!("/blog/{slug}"));
            assert!(
                answer.text().contains(&blog.shown(&slug)),
                "{case}: {slug}: {}",
                answer.text()
            );
        }
        drop(clients);
    });
}

/// `FRESHNESS_EDITS` sets how many edits each of them makes, `FRESHNESS_SEED` where they begin.
#[test]
fn random_edits_of_a_blog_under_load_show_at_once() {
    let setting = |name, usual| env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, edits) = (setting("FRESHNESS_SEED", 1), setting("FRESHNESS_EDITS", 400));
    for seed in first..first + 4 {
        edit_blog(seed, edits as usize);
    }
}
