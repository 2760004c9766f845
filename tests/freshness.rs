//! An edit is seen by the very next request, whatever else is asked meanwhile.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::mpsc::{self, SyncSender},
    thread,
};

use common::{TestServer, app, folder, options};

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
