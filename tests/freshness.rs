//! An edit is seen by the very next request, whatever else is asked meanwhile.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
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
