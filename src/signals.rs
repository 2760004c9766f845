//! SIGINT and SIGTERM.

use std::{io, process, thread};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

/// Calls `stop` at the first signal to end; the second ends the process at once,
/// with the status that a shell gives to a program ended by it.
///
/// # Errors
/// Those of the system, on installing the handlers or making the thread.
pub fn on_end(stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        let mut pending = signals.forever();
        if pending.next().is_some() {
            stop();
        }
        if let Some(signal) = pending.next() {
            process::exit(128 + signal);
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
    Ok(())
}
