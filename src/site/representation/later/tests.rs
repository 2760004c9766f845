//! Work in the background: what a request may start, and who waits for it.

use std::{sync::Arc, time::UNIX_EPOCH};

use crossbeam_channel::{Sender, TryRecvError, unbounded};

use crate::{
    background::{Background, JobProgress, Lane},
    http::{
        answer::Answer,
        date::DateField,
        memory::{Bytes, Memory},
        prepared::{Persistence, Prepared},
    },
    site::{Preparation, representation::compress::MAX_COMPRESSED_BYTES, tests::Pages},
};

/// Keeps the background from doing anything, until it is dropped.
struct Gate(#[expect(dead_code, reason = "it opens when this is dropped")] Sender<()>);

/// Text of over 1 MiB, which stays on the disk.
fn large_text() -> String {
    (0..100_000).map(|number| format!("line {number:06}\n")).collect()
}

/// A site whose long work is done by `background`.
fn pages(files: &[(&str, &str)], background: &Background) -> Pages {
    Pages::with(files, |options| {
        options.cache_max_bytes = 64 << 20;
        options.background = Some(background.clone());
    })
}

fn close(background: &Background) -> Gate {
    let (sender, gate) = unbounded();
    let wait = move || {
        let _ = gate.recv();
        JobProgress::Done
    };
    background.run(Lane::CodingKept, Box::new(wait)).unwrap();
    Gate(sender)
}

/// Whether the answer says how long its body is.
fn says_length(answer: &Prepared) -> bool {
    let mut head = Vec::new();
    answer.write_head(&mut head, &DateField::new(UNIX_EPOCH), Persistence::KeepAlive);
    String::from_utf8(head).unwrap().contains("\r\nContent-Length: ")
}

fn ready(answer: Answer) -> Arc<Prepared> {
    match answer {
        Answer::Ready(answer) => answer,
        Answer::Later(_) => panic!("it waits for something"),
    }
}

/// The entity tag of a file, once it has been hashed.
fn settled_tag(pages: &Pages, target: &str) -> String {
    let tag = || pages.answer("GET", target, "").at_once().get("ETag").map(str::to_owned);
    std::iter::repeat_with(tag).flatten().next().unwrap()
}

const ACCEPT: &str = "Accept-Encoding: br\r\n";

#[test]
fn a_304_and_a_head_wait_for_no_coding() {
    let background = Background::start().unwrap();
    let pages = pages(&[("large.txt", &large_text())], &background);
    let tag = settled_tag(&pages, "/large.txt").replace("\"", "");
    let _gate = close(&background);
    let head = ready(pages.answer("HEAD", "/large.txt", ACCEPT));
    assert_eq!(head.get("Content-Encoding"), Some("br"));
    assert_eq!(head.get("ETag"), Some(&*format!("\"{tag}-br\"")));
    assert!(!says_length(&head));
    let known = format!("{ACCEPT}If-None-Match: \"{tag}-br\"\r\n");
    for method in ["GET", "HEAD"] {
        assert_eq!(ready(pages.answer(method, "/large.txt", &known)).status.as_u16(), 304);
    }
    for (fields, status) in [
        ("If-Match: \"other\"\r\n", 412),
        ("Range: bytes=0-1\r\n", 206),
        ("Range: bytes=9999999-\r\n", 416),
    ] {
        let fields = format!("{ACCEPT}{fields}");
        assert_eq!(ready(pages.answer("GET", "/large.txt", &fields)).status.as_u16(), status);
    }
    assert!(matches!(pages.answer("GET", "/large.txt", ACCEPT), Answer::Later(_)));
}

#[test]
fn all_who_ask_share_one_coded_form() {
    let background = Background::start().unwrap();
    let pages = pages(&[("large.txt", &large_text())], &background);
    settled_tag(&pages, "/large.txt");
    let gate = close(&background);
    let before = background.len(Lane::CodingKept);
    let promises: Vec<_> = (0..50)
        .map(|_| match pages.answer("GET", "/large.txt", ACCEPT) {
            Answer::Ready(_) => panic!("it waits for nothing"),
            Answer::Later(promise) => promise,
        })
        .collect();
    assert_eq!(background.len(Lane::CodingKept), before + 1);
    assert!(promises.iter().all(|promise| promise.made().is_none()));
    drop(gate);
    let (sender, made) = unbounded();
    for promise in &promises {
        let sender = sender.clone();
        promise.wake_with(move || sender.send(()).unwrap());
    }
    assert_eq!(made.iter().take(50).count(), 50);
    let kept = ready(pages.answer("GET", "/large.txt", ACCEPT));
    assert_eq!(kept.get("Content-Encoding"), Some("br"));
    assert!(promises.iter().all(|promise| Arc::ptr_eq(&promise.made().unwrap(), &kept)));
}

#[test]
fn with_too_much_to_code_text_is_sent_as_it_is() {
    let background = Background::start().unwrap();
    let pages = pages(&[("large.txt", &large_text())], &background);
    let tag = settled_tag(&pages, "/large.txt");
    let gates: Vec<Gate> = std::iter::repeat_with(|| background.len(Lane::CodingKept))
        .take_while(|len| *len < Lane::CodingKept.max_jobs())
        .map(|_| close(&background))
        .collect();
    let plain = match pages.answer("GET", "/large.txt", ACCEPT) {
        Answer::Ready(answer) => answer,
        Answer::Later(promise) => promise.made().expect("nothing to wait for"),
    };
    assert_eq!((plain.get("Content-Encoding"), plain.get("ETag")), (None, Some(&*tag)));
    assert_eq!(plain.get("Vary"), Some("Accept-Encoding"));
    drop(gates);
    let codings = std::iter::repeat_with(|| {
        pages.answer("GET", "/large.txt", ACCEPT).at_once().get("Content-Encoding").is_some()
    });
    assert!(codings.into_iter().any(|is_coded| is_coded), "once there is room, it is coded");
}

#[test]
fn a_large_file_has_the_same_tag_wherever_it_lies() {
    let background = Background::start().unwrap();
    let (text, other) = (large_text(), large_text().replace("line 000500", "LINE 000500"));
    let [one, same, changed] = [&text, &text, &other].map(|text| {
        let pages = pages(&[("large.txt", text)], &background);
        settled_tag(&pages, "/large.txt")
    });
    assert_eq!(one, same);
    assert_ne!(one, changed);
    let coded = |text: &str| {
        let pages = pages(&[("large.txt", text)], &background);
        pages.write("large.txt.br", "coded");
        settled_tag(&pages, "/large.txt");
        let tag =
            || pages.answer("GET", "/large.txt", ACCEPT).at_once().get("ETag").map(str::to_owned);
        std::iter::repeat_with(tag).flatten().next().unwrap()
    };
    assert_eq!(coded(&text), coded(&text));
}

#[test]
fn a_file_that_is_asked_for_in_parts_alone_gets_its_tag() {
    let background = Background::start().unwrap();
    let pages = pages(&[("large.txt", &large_text())], &background);
    let part = || {
        let answer = pages.answer("GET", "/large.txt", "Range: bytes=0-\r\n").at_once();
        assert_eq!(answer.status.as_u16(), 206);
        answer.get("ETag").map(str::to_owned)
    };
    assert!(std::iter::repeat_with(part).take(1_000_000).any(|tag| tag.is_some()));
}

#[test]
fn files_that_are_hashed_hold_up_no_coding() {
    let background = Background::start().unwrap();
    let pages = pages(&[("large.txt", &large_text())], &background);
    settled_tag(&pages, "/large.txt");
    let (entered, begun) = unbounded();
    let (stop, stopped) = unbounded::<()>();
    for _ in 0..Lane::Hashing.max_jobs() {
        let (entered, stopped) = (entered.clone(), stopped.clone());
        let endless = move || {
            let _ = entered.send(());
            match stopped.try_recv() {
                Err(TryRecvError::Disconnected) => JobProgress::Done,
                _ => JobProgress::Pending,
            }
        };
        background.run(Lane::Hashing, Box::new(endless)).unwrap();
    }
    begun.recv().unwrap();
    let Answer::Later(promise) = pages.answer("GET", "/large.txt", ACCEPT) else {
        panic!("it waits for nothing")
    };
    let (made, is_made) = unbounded();
    promise.wake_with(move || made.send(()).unwrap());
    is_made.recv().unwrap();
    assert_eq!(promise.made().unwrap().get("Content-Encoding"), Some("br"));
    drop(stop);
}

#[test]
fn text_is_sent_as_it_is_where_there_is_no_memory_for_its_coded_form() {
    let background = Background::start().unwrap();
    let memory = Memory::new(8 * 1_300_000);
    let pages = Pages::with(&[("large.txt", &large_text())], |options| {
        options.cache_max_bytes = 64 << 20;
        options.background = Some(background.clone());
        options.preparation = Preparation::new(memory.clone(), |_, _| {});
    });
    settled_tag(&pages, "/large.txt");
    let other = Bytes::from(vec![b'x'; 1_000_000]);
    assert!(memory.hold(&other));
    let _gate = close(&background);
    assert_eq!(ready(pages.answer("GET", "/large.txt", ACCEPT)).get("Content-Encoding"), None);
    drop(other);
    assert!(matches!(pages.answer("GET", "/large.txt", ACCEPT), Answer::Later(_)));
}

#[test]
fn a_large_file_that_is_not_kept_is_sent_as_it_is_to_get_and_head_alike() {
    let background = Background::start().unwrap();
    let pages = Pages::with(&[("large.txt", &large_text())], |options| {
        options.cache_max_bytes = 0;
        options.background = Some(background.clone());
    });
    for method in ["GET", "HEAD"] {
        let answer = ready(pages.answer(method, "/large.txt", ACCEPT));
        assert_eq!((answer.get("Content-Encoding"), says_length(&answer)), (None, true));
    }
}

#[test]
fn the_longest_text_that_is_coded_is_kept() {
    let background = Background::start().unwrap();
    let longest = usize::try_from(MAX_COMPRESSED_BYTES).unwrap();
    let pages = pages(&[("large.txt", &"x".repeat(longest))], &background);
    settled_tag(&pages, "/large.txt");
    let head = ready(pages.answer("HEAD", "/large.txt", ACCEPT));
    assert_eq!(head.get("Content-Encoding"), Some("br"));
}

#[test]
fn a_file_has_no_tag_before_it_is_hashed() {
    let background = Background::start().unwrap();
    let _gate = close(&background);
    let pages = pages(&[("large.txt", &large_text())], &background);
    let answer = ready(pages.answer("GET", "/large.txt", ""));
    assert_eq!((answer.status.as_u16(), answer.get("ETag")), (200, None));
    assert!(answer.get("Last-Modified").is_some());
    let again = format!("If-Modified-Since: {}\r\n", answer.get("Last-Modified").unwrap());
    let unchanged = ready(pages.answer("GET", "/large.txt", &again));
    assert_eq!((unchanged.status.as_u16(), unchanged.get("ETag")), (304, None));
}
