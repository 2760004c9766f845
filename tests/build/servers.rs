//! What real servers do with an output, beyond what every site has: the page that `fallback`
//! names, and compressed forms.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
};

use super::{
    common::program::{Folder, PATIENCE},
    equal::{Foreign, ask, caddy, nginx},
    fallback::{FILES, MISSING, THERE},
    sites::{self, Site},
};

/// Starts a server of files on the output of a site.
type Start = fn(&Site, &[&str]) -> (Foreign, u16);

const SERVERS: [(&str, Start); 2] = [("nginx", nginx), ("Caddy", caddy)];

#[test]
#[ignore = "needs nginx and Caddy"]
fn servers_answer_what_is_missing_with_the_page_and_nothing_else() {
    for page in ["/index.html", "/app.html", "/é b.html"] {
        for (base, args) in [("", &[][..]), ("/repo", &["--base-path", "/repo/"])] {
            let folder = Folder::new(FILES);
            folder.write("pages/é b.html", "a name of its own");
            folder.write("config.toml", &format!("fallback = '{page}'"));
            let site = sites::of(folder);
            let server = site.folder.serve(&["--production"]);
            for (name, start) in SERVERS {
                let (_running, port) = start(&site, args);
                for path in THERE {
                    let (mut expected, mut found) =
                        (ask(server.port, path), ask(port, &format!("{base}{path}")));
                    if let Some(to) = expected.location() {
                        assert_eq!(
                            found.location(),
                            Some(&*format!("{base}{to}")),
                            "{name} {path}"
                        );
                        (expected, found) =
                            (ask(server.port, to), ask(port, &format!("{base}{to}")));
                    }
                    assert_eq!(found, expected, "{name} {page} {base}{path}");
                }
                for (path, is_answered) in MISSING {
                    let mut expected = ask(server.port, path);
                    let found = ask(port, &format!("{base}{path}"));
                    if !is_answered {
                        expected = ask(server.port, "/users/7");
                    }
                    assert_eq!(found.status, "200", "{name} {page} {base}{path}");
                    assert_eq!(found.body, expected.body, "{name} {page} {base}{path}");
                    assert_eq!(found.content_type.as_deref(), Some("text/html; charset=utf-8"));
                }
            }
        }
    }
}
