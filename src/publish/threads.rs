//! The threads that render, as many as there are processors.

use std::thread;

use crate::site::RENDER_STACK_BYTES;

/// Does `work` on so many threads at once, and returns when all have done it.
pub(super) fn on_threads(threads: usize, work: &(dyn Fn() + Sync)) {
    let are_started = thread::scope(|scope| {
        let start = |_: &usize| {
            let builder = thread::Builder::new().stack_size(RENDER_STACK_BYTES);
            builder.name("build".to_owned()).spawn_scoped(scope, work).is_ok()
        };
        // Where the system has no more of them, those that there are do all the work.
        (0..threads.max(1)).filter(start).count() > 0
    });
    if !are_started {
        work();
    }
}
