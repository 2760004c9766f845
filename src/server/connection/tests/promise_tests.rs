//! Answers that another thread makes.

use std::sync::Mutex;

use super::*;
use crate::http::answer::{Maker, Promise};

/// Promises an answer for each request; the test keeps the promises.
#[derive(Default)]
struct Promising(Mutex<VecDeque<Maker>>);

impl Handler for Promising {
    fn handle(&self, request: &Request<'_>, _now: SystemTime) -> Answer {
        let path = request.target.path();
        let (promise, maker) =
            Promise::new(Response::text(StatusCode::OK, format!("instead of {path}")).into());
        self.0.lock().unwrap().push_back(maker);
        Answer::Later(promise)
    }

    fn refuse(&self, refusal: Refusal, _request: Option<&Request<'_>>) -> Response {
        Response::text(refusal.status, refusal.reason)
    }
}

fn bench() -> (Bench, Arc<Promising>) {
    let handler = Arc::new(Promising::default());
    (Bench::with(handler.clone()), handler)
}

fn next_maker(handler: &Promising) -> Maker {
    handler.0.lock().unwrap().pop_front().unwrap()
}

const WAITING: Next = Next::Wait(Waiting { deadline: Deadline::Stall, has_progressed: false });

#[test]
fn a_promise_is_kept_when_its_maker_wakes_the_connection() {
    let (mut bench, handler) = bench();
    assert_eq!(bench.send(&get("/a").repeat(2), 1000), WAITING);
    for n in 1..=2 {
        // Woken for nothing, it goes on waiting.
        assert_eq!(bench.settle(), WAITING);
        assert_eq!(bench.answers().len(), n - 1);
        assert!(bench.handoff.take_mail(0).is_empty());
        next_maker(&handler).give(Response::text(StatusCode::OK, format!("made {n}")).into());
        assert_eq!(bench.handoff.take_mail(0), [0]);
        bench.settle();
    }
    assert_eq!(bench.answers(), ["200 made 1", "200 made 2"]);
    assert_eq!(bench.workspace.events.len(), 2);
}

#[test]
fn a_maker_that_gives_up_or_is_late_leaves_what_there_is_instead() {
    let (mut bench, handler) = bench();
    bench.send(&get("/a"), 1000);
    drop(next_maker(&handler));
    bench.settle();
    bench.send(&get("/b"), 1000);
    assert_eq!(
        bench.turn(|connection, turn| connection.expire(turn, Deadline::Stall)),
        IDLE,
        "the answer is out"
    );
    next_maker(&handler).give(Response::text(StatusCode::OK, "late").into());
    assert_eq!(bench.settle(), Next::Wait(Waiting { has_progressed: false, ..waiting(IDLE) }));
    assert_eq!(bench.answers(), ["200 instead of /a", "200 instead of /b"]);
}

#[test]
fn a_connection_that_ends_while_it_waits_is_written_down() {
    let (mut bench, _handler) = bench();
    bench.send(&get("/a"), 1000);
    let mut events = Vec::new();
    bench.connection.abandon(&mut events);
    let [Event::Exchange(exchange)] = events.as_slice() else { panic!("{}", events.len()) };
    assert_eq!((exchange.body_bytes, exchange.status), (0, StatusCode::OK));
}

fn waiting(next: Next) -> Waiting {
    let Next::Wait(waiting) = next else { panic!("{next:?}") };
    waiting
}
