//! An answer to a request, which may still be in the making on another thread.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{prepared::Prepared, response::Response};

/// What a request is answered with.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This.
    Ready(Arc<Prepared>),
    /// What another thread makes; the connection waits for it, and its worker does not.
    Later(Promise),
}

/// An answer that another thread makes, for any number of connections.
#[derive(Clone)]
pub struct Promise(Arc<Shared>);

/// The end of a [`Promise`] at which the answer is put in.
#[derive(Debug)]
pub struct Maker(Promise);

struct Shared {
    state: Mutex<State>,
    /// The answer if none is made.
    instead: Arc<Prepared>,
}

/// `Waiting -> Made`, once.
enum State {
    Waiting(Vec<Box<dyn FnOnce() + Send>>),
    Made(Arc<Prepared>),
}

impl Answer {
    /// The answer as far as it is known now.
    pub fn at_once(self) -> Arc<Prepared> {
        match self {
            Self::Ready(answer) => answer,
            Self::Later(promise) => promise.made().unwrap_or_else(|| Arc::clone(promise.instead())),
        }
    }
}

impl Promise {
    /// A promise that comes to `instead` where its maker gives up.
    pub fn new(instead: Arc<Prepared>) -> (Self, Maker) {
        let promise = Self(Arc::new(Shared { state: State::default().into(), instead }));
        (promise.clone(), Maker(promise))
    }

    /// The answer, once it is made.
    pub fn made(&self) -> Option<Arc<Prepared>> {
        match &*self.0.state() {
            State::Waiting(_) => None,
            State::Made(answer) => Some(Arc::clone(answer)),
        }
    }

    /// The answer to a client that has waited long enough.
    pub fn instead(&self) -> &Arc<Prepared> {
        &self.0.instead
    }

    /// Calls `wake` when the answer is made; at once, where it is already.
    pub fn wake_with(&self, wake: impl FnOnce() + Send + 'static) {
        match &mut *self.0.state() {
            State::Waiting(wakes) => return wakes.push(Box::new(wake)),
            State::Made(_) => {}
        }
        wake();
    }
}

impl Maker {
    /// Makes the promise good.
    pub fn give(self, answer: Arc<Prepared>) {
        self.0.0.finish(answer);
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        self.0.0.finish(Arc::clone(&self.0.0.instead));
    }
}

impl Shared {
    /// Takes the first answer that is given, and wakes those that wait for it.
    fn finish(&self, answer: Arc<Prepared>) {
        let waiting = match &mut *self.state() {
            State::Made(_) => return,
            state => mem::replace(state, State::Made(answer)),
        };
        if let State::Waiting(wakes) = waiting {
            wakes.into_iter().for_each(|wake| wake());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for State {
    fn default() -> Self {
        Self::Waiting(Vec::new())
    }
}

impl From<Arc<Prepared>> for Answer {
    fn from(answer: Arc<Prepared>) -> Self {
        Self::Ready(answer)
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        Arc::<Prepared>::from(response).into()
    }
}

impl fmt::Debug for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise").field("made", &self.made()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::http::{StatusCode, response::Response};

    fn answer(text: &str) -> Arc<Prepared> {
        Response::text(StatusCode::OK, text).into()
    }

    fn text(promise: &Promise) -> Option<String> {
        let made = promise.made()?;
        Some(String::from_utf8(made.body.read().unwrap()).unwrap())
    }

    #[test]
    fn all_who_wait_are_woken_once_the_answer_is_there() {
        let (promise, maker) = Promise::new(answer("instead"));
        let woken = Arc::new(AtomicUsize::new(0));
        let wake = || {
            let woken = Arc::clone(&woken);
            move || {
                woken.fetch_add(1, Ordering::SeqCst);
            }
        };
        promise.wake_with(wake());
        promise.clone().wake_with(wake());
        assert_eq!((text(&promise), woken.load(Ordering::SeqCst)), (None, 0));
        maker.give(answer("made"));
        assert_eq!((text(&promise).as_deref(), woken.load(Ordering::SeqCst)), (Some("made"), 2));
        promise.wake_with(wake());
        assert_eq!(woken.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn a_maker_that_gives_up_leaves_what_there_is_instead() {
        let (promise, maker) = Promise::new(answer("instead"));
        drop(maker);
        assert_eq!(text(&promise).as_deref(), Some("instead"));
    }
}
