//! Whatever a client sends over a WebSocket and however it reads, the connection goes on
//! in turns that end, answers that wait are bounded, what it sends is a row of whole
//! frames that ends with a close, and it is over once its deadlines are.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use pagepool::server::{Outbox, fuzzing::Scripted, scripted::SessionHandler};
use pagepool_fuzz::LIMITS;

/// What may wait: 16 KiB, and the one answer more after which the connection is lost.
const MAX_ANSWER_BYTES: usize = 16 * 1024 + 127;
/// What a turn may read: 32 times the buffer of a head, while the client lingers.
const MAX_READ_A_TURN: usize = 32 * (LIMITS.max_head_bytes + 16 * 1024);

/// Gives a connection turns until it waits; whether it is still open.
fn settle(scripted: &mut Scripted, is_stopping: bool) -> bool {
    for _ in 0..100_000 {
        let before = scripted.unread_bytes();
        let next = scripted.drive(is_stopping);
        assert!(before - scripted.unread_bytes() <= MAX_READ_A_TURN, "a turn without end");
        assert!(scripted.waiting_answer_bytes() <= MAX_ANSWER_BYTES);
        match next {
            None => return false,
            Some(false) => return true,
            Some(true) => {}
        }
    }
    panic!("it goes on for ever");
}

/// A frame of a client: `kind` chooses its first byte, `len` and `fill` its payload.
fn frame(kind: u8, len: usize, fill: u8, is_masked: bool) -> Vec<u8> {
    let mask = if is_masked { 0x80 } else { 0 };
    let mut frame = match u16::try_from(len) {
        Ok(short @ ..126) => vec![kind, mask | short as u8],
        Ok(long) => [&[kind, mask | 126][..], &long.to_be_bytes()].concat(),
        Err(_) => [&[kind, mask | 127][..], &(len as u64).to_be_bytes()].concat(),
    };
    if is_masked {
        frame.extend([0; 4]);
    }
    // What is said to be long need not come.
    frame.extend(std::iter::repeat_n(fill, len.min(20_000)));
    frame
}

/// Does what the next bytes say; whether the connection is still open.
fn act(scripted: &mut Scripted, outbox: &Outbox, bytes: &mut std::slice::Iter<'_, u8>) -> bool {
    let mut next = || usize::from(bytes.next().copied().unwrap_or_default());
    match next() % 8 {
        0 => {
            let len = next();
            let raw: Vec<u8> = bytes.by_ref().take(len).copied().collect();
            scripted.send(&raw);
        }
        1 => scripted.send(&frame(next() as u8, next(), next() as u8, true).repeat(next())),
        2 => scripted.send(&frame(next() as u8, next() * 80, b'x', true).repeat(1 + next() % 4)),
        3 => scripted.send(&frame(next() as u8, next() << (next() % 40), 0, next() % 8 > 0)),
        4 => scripted.read(next() * next(), next()),
        5 => {
            let text = "t".repeat(next() * 100);
            (0..next()).for_each(|_| {
                let _ = outbox.send(text.as_str());
            });
        }
        6 => match next() % 4 {
            0 => scripted.end(),
            1 => return settle(scripted, true),
            2 => outbox.replace("navigate"),
            _ => scripted.read(usize::MAX, usize::MAX),
        },
        _ => {
            if scripted.expire().is_none() {
                return false;
            }
        }
    }
    settle(scripted, false)
}

/// Checks what the server has sent after its 101: whole frames, and a close at the end.
fn check(received: &[u8], is_whole: bool) {
    let head = received.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a 101") + 4;
    let mut rest = &received[head..];
    let mut has_closed = false;
    while let [first, length, ..] = *rest {
        assert!([0x81, 0x88, 0x89, 0x8A].contains(&first), "{first:x}");
        assert!(!has_closed, "nothing follows a close");
        has_closed = first == 0x88;
        let (head, len) = match (length, rest) {
            (126, [_, _, a, b, ..]) => (4, u16::from_be_bytes([*a, *b]) as usize),
            (127, [_, _, len @ ..]) if len.len() >= 8 => {
                (10, u64::from_be_bytes(len[..8].try_into().expect("eight")) as usize)
            }
            (..126, _) => (2, usize::from(length)),
            _ => break,
        };
        assert!(first == 0x81 || len <= 125);
        if rest.len() < head + len {
            break;
        }
        rest = &rest[head + len..];
    }
    assert!(!is_whole || rest.is_empty(), "half a frame");
}

fuzz_target!(|data: &[u8]| {
    let talker = Arc::new(SessionHandler::new(|outbox, text| {
        if !outbox.send(text) {
            outbox.replace("reload");
        }
    }));
    let mut scripted = Scripted::new(talker.clone(), LIMITS);
    scripted.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(settle(&mut scripted, false));
    let outbox = talker.outbox().expect("a session");
    let mut bytes = data.iter();
    let mut is_open = true;
    for _ in 0..64 {
        if bytes.len() == 0 || !is_open {
            break;
        }
        is_open = act(&mut scripted, &outbox, &mut bytes);
    }
    check(&scripted.received(), false);
    // Once its client reads, all that is begun goes out; and silence ends it in two rounds,
    // a third where it still lingers.
    scripted.read(usize::MAX, usize::MAX);
    is_open = is_open && settle(&mut scripted, false);
    check(&scripted.received(), is_open);
    for _ in 0..3 {
        is_open = is_open && scripted.expire().is_some() && settle(&mut scripted, false);
    }
    assert!(!is_open, "it outlives its deadlines");
});
