//! What real servers do with an output, beyond what every site has: the page that `fallback`
//! names, and compressed forms.

use std::{collections::BTreeMap, io::Read};

use super::{
    common::program::Folder,
    equal::{Foreign, ask, caddy, exchange, nginx},
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

/// The head of an answer, by lower-case names, and its body as it was sent.
struct Coded {
    status: String,
    fields: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// Asks as a client does that takes these codings.
fn ask_for(port: u16, path: &str, accepted: &str) -> Coded {
    let accepted = match accepted {
        "" => String::new(),
        accepted => format!("Accept-Encoding: {accepted}\r\n"),
    };
    let (status, fields, body) = exchange(port, path, &accepted);
    let fields: BTreeMap<_, _> = fields.into_iter().collect();
    let body = match fields.get("transfer-encoding").map(String::as_str) {
        Some("chunked") => without_chunks(&body),
        _ => body,
    };
    Coded { status, fields, body }
}

/// The body in chunks (RFC 9112, 7.1).
fn without_chunks(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = std::str::from_utf8(&chunks[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return body;
        }
        let (chunk, rest) = chunks[end + 2..].split_at(size);
        body.extend(chunk);
        chunks = &rest[2..];
    }
}

impl Coded {
    fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn decoded(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        let body = self.body.as_slice();
        match self.get("content-encoding") {
            "" => plain.extend(body),
            "gzip" => drop(flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap()),
            "br" => drop(brotli::Decompressor::new(body, 4096).read_to_end(&mut plain).unwrap()),
            coding => panic!("{coding}"),
        }
        plain
    }
}

#[test]
#[ignore = "needs nginx and Caddy"]
fn servers_send_the_compressed_forms_to_clients_that_take_them() {
    let text = "<p>a text that is long enough to be worth it, {{ page.url }}</p>\n".repeat(20);
    let folder = Folder::new(&[
        ("pages/index.html", &text),
        ("pages/about.md", &text),
        ("pages/docs/index.html", &text),
        ("pages/é b.html", &text),
        ("pages/style.css", &"p { color: teal }\n".repeat(30)),
        ("pages/short.txt", "short"),
        ("pages/photo.png", &text),
    ]);
    let site = sites::of(folder);
    let server = site.folder.serve(&["--production"]);
    for (name, start) in SERVERS {
        let (_running, port) = start(&site, &["--compress"]);
        let own = if name == "nginx" { "" } else { "br" };
        for (accepted, coding) in [
            ("gzip", "gzip"),
            ("gzip, br", if name == "nginx" { "gzip" } else { "br" }),
            ("br", own),
            ("", ""),
            ("identity", ""),
            ("gzip;q=0", ""),
        ] {
            for (path, file) in [
                ("/", "index.html"),
                ("/about", "about.html"),
                ("/docs/", "docs/index.html"),
                ("/%C3%A9%20b", "é b.html"),
                ("/style.css", "style.css"),
                ("/short.txt", ""),
                ("/photo.png", ""),
            ] {
                let place = format!("{name} {path}, accepted: {accepted}");
                let found = ask_for(port, path, accepted);
                let plain = ask_for(server.port, path, "identity");
                assert_eq!(
                    (found.status.as_str(), plain.status.as_str()),
                    ("200", "200"),
                    "{place}"
                );
                let coding = if file.is_empty() { "" } else { coding };
                assert_eq!(found.get("content-encoding"), coding, "{place}");
                assert_eq!(found.decoded(), plain.decoded(), "{place}");
                assert_eq!(found.get("content-type"), plain.get("content-type"), "{place}");
                let form = match coding {
                    "" => continue,
                    "gzip" => format!("out/{file}.gz"),
                    _ => format!("out/{file}.br"),
                };
                // What was compressed once is not compressed again for each client.
                assert_eq!(found.body, std::fs::read(site.folder.path(&form)).unwrap(), "{place}");
                // Else a cache on the way would give it to all (RFC 9110, 12.5.5).
                assert!(
                    found.get("vary").contains("Accept-Encoding"),
                    "{place} {:?}",
                    found.fields
                );
            }
        }
        let (redirect, missing) = (ask_for(port, "/docs", "gzip"), ask_for(port, "/none", "gzip"));
        assert_eq!((redirect.status.as_str(), redirect.get("location")), ("301", "/docs/"));
        assert_eq!(missing.status, "404");
        assert_eq!(missing.decoded(), std::fs::read(site.folder.path("out/404.html")).unwrap());
    }
}
