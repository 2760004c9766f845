//! What a browser says, handed out to whoever waits for it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        mpsc::{Receiver, Sender, channel},
    },
};

use serde_json::Value;

/// Who waits for what the browser says.
#[derive(Default)]
pub(crate) struct Replies(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    last_call: u64,
    calls: HashMap<u64, Sender<Value>>,
    /// By tab.
    events: HashMap<String, Sender<Value>>,
    /// Whether the browser has ended, so that nothing comes any more.
    is_over: bool,
}

impl Replies {
    /// The number of a new call, and where its answer will come.
    pub(crate) fn call(&self) -> (u64, Receiver<Value>) {
        let (sender, answer) = channel();
        let mut waiting = lock(&self.0);
        waiting.last_call += 1;
        let id = waiting.last_call;
        if !waiting.is_over {
            waiting.calls.insert(id, sender);
        }
        (id, answer)
    }

    /// Where the events of a tab come from now on.
    pub(crate) fn events_of(&self, tab: &str) -> Receiver<Value> {
        let (sender, events) = channel();
        lock(&self.0).events.insert(tab.to_owned(), sender);
        events
    }

    /// Hands out an answer, or an event of a tab.
    pub(crate) fn hand_out(&self, said: Value, tab: Option<&str>) {
        let mut waiting = lock(&self.0);
        let call = said["id"].as_u64().and_then(|id| waiting.calls.remove(&id));
        let events = tab.and_then(|tab| waiting.events.get(tab));
        if let Some(receiver) = call.as_ref().or(events) {
            // Whoever waited may have gone.
            let _ = receiver.send(said);
        }
    }

    /// The browser has ended: nobody waits for it any more.
    pub(crate) fn end(&self) {
        *lock(&self.0) = Waiting { is_over: true, ..Waiting::default() };
    }
}

/// The browser that other tests use at this moment, or a new one.
pub(crate) fn shared<B>(browser: &Mutex<Weak<B>>, start: impl FnOnce() -> B) -> Arc<B> {
    let mut shared = lock(browser);
    shared.upgrade().unwrap_or_else(|| {
        let browser = Arc::new(start());
        *shared = Arc::downgrade(&browser);
        browser
    })
}

/// A test that fails while it holds a lock does not concern the others.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
