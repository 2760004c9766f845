//! Lists of pages on a site of plain pages, written by hand, with nothing added to them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{fs, path::Path};

use common::{TestServer, app, folder, options};
use tempfile::TempDir;

/// A copy of the site, with these pages added.
fn site(added: &[(&str, &str)]) -> TempDir {
    let site = folder(added);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handwritten"), site.path());
    site
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_site_map_knows_every_page_by_its_title() {
    let site = site(&[(
        "map.html",
        "<title>Map</title>\n{% for p in pages() %}{{ p.url }} | {{ p.title }} | {{ p.description }}\n{% endfor %}",
    )]);
    let server = TestServer::start(app(site.path()), options());
    assert_eq!(
        server.get("/map").text(),
        "<title>Map</title>\n\
         / | Riverside Rowing Club | Rowing on the river since 1911 – juniors, seniors &amp; everyone else.\n\
         /about | About the club | A hundred years in a few words.\n\
         /club/ | The club | \n\
         /club/boats | Boats &lt;8+&gt; to &lt;1x&gt; | \n\
         /club/statutes | Satzung der Ruderfreunde älterer Tage | \n\
         /contact | Contact | \n\
         /faq | Frequently asked questions | \n\
         /map | Map | \n\
         /news/ | News | \n\
         /news/spring-regatta | Spring regatta | Two wins and a swim.\n\
         /news/new-jetty | New jetty | \n\
         /training-times | Training times | \n"
    );
}

#[test]
fn pages_give_their_content_and_summary_as_they_are() {
    let site = site(&[(
        "latest.html",
        "{% for p in pages('news/', sort='-file', limit=2) %}[{{ p.summary }}|{{ p.content | trim }}]\n{% endfor %}\
         {% for p in pages('club/', deep=false) %}{{ p.prev.title if p.prev else '-' }} < {{ p.title }}\n{% endfor %}\
         {% for p in pages('club/') if p.file == 'club/boats.html' %}{{ p.summary }}{% endfor %}",
    )]);
    let server = TestServer::start(app(site.path()), options());
    assert_eq!(
        server.get("/latest").text(),
        "[<p>Come and see it.|<h2>The jetty is finished</h2>\n<p>Come and see it.]\n\
         [<h1>Spring regatta</h1>\n<p>Two wins and <i>one</i> swim.</p>|<h1>Spring regatta</h1>\n\
         <p>Two wins and <i>one</i> swim.</p>\n<!-- more -->\n<p>The water was cold.</p>]\n\
         - < The club\n\
         The club < Boats &lt;8+&gt; to &lt;1x&gt;\n\
         Boats &lt;8+&gt; to &lt;1x&gt; < Satzung der Ruderfreunde älterer Tage\n\
         <p>Eleven, and a <b>launch</b>.</p>"
    );
}
