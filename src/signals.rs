//! The signals that reach the process: those that end it, and those that must not.
//!
//! What a fault raises (SIGSEGV, SIGABRT, …) and what job control sends (SIGTSTP, SIGTTOU,
//! …) keeps its default action. So does SIGQUIT (`Ctrl-\`): the process ends at once, with
//! a core where the system writes one, which is how to look into a server that hangs.

use std::{
    fs,
    io::{self, Write},
    mem,
    os::unix::process::ExitStatusExt,
    process::{self, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    thread,
};

use signal_hook::{
    consts::{
        SIGALRM, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
        SIGXFSZ,
    },
    flag,
    iterator::Signals,
    low_level::signal_name,
};

/// The signals for graceful shutdown. SIGXCPU comes when a limit on processor time is near.
const ENDS: &[i32] = &[SIGINT, SIGTERM, SIGXCPU];

/// Signals whose default action ends the process, though nothing here gives them a meaning.
const MEANINGLESS: &[i32] = &[SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO];

/// The same on Linux alone: a failing coprocessor, and the real-time signals of both C
/// libraries.
#[cfg(target_os = "linux")]
fn meaningless_here() -> impl Iterator<Item = i32> {
    [rustix::process::Signal::STKFLT.as_raw()].into_iter().chain(34..=64)
}

#[cfg(not(target_os = "linux"))]
fn meaningless_here() -> impl Iterator<Item = i32> {
    std::iter::empty()
}

/// The same on Linux alone: the power fails, or a container is stopped.
#[cfg(target_os = "linux")]
const POWER: &[i32] = &[rustix::process::Signal::POWER.as_raw()];

#[cfg(not(target_os = "linux"))]
const POWER: &[i32] = &[];

/// The installed handlers, before and while a server runs.
///
/// SIGINT, SIGTERM and SIGHUP of a terminal that is closed ask for an end, SIGHUP unless it
/// was ignored when the process started, as `nohup` does. Before there is a server they end
/// the process at once, with the status that a shell gives to a program ended by the signal.
/// A signal that means nothing here and would otherwise end the process gives a line.
///
/// SIGXFSZ gives none: the write that a limit on file sizes forbids then fails with an error
/// (EFBIG), as one to a full disk does.
pub struct Handlers(Arc<Mutex<Stage>>);

/// The part of the process's life that decides what a signal does.
enum Stage {
    /// There is nothing to stop gracefully.
    Starting,
    Running {
        stop: Box<dyn FnOnce(i32) + Send>,
        print: Box<dyn Fn(String) + Send>,
    },
    Stopping,
}

impl Handlers {
    /// Installs the handlers, which stay for the rest of the process, and starts the thread
    /// `signals`. To be called before anything that takes time: a signal that comes earlier
    /// has its default action.
    ///
    /// # Errors
    /// Those of the system, on installing the handlers or making the thread.
    pub fn install() -> io::Result<Self> {
        flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        let hangup = (!is_ignored(SIGHUP)).then_some(&SIGHUP);
        let signals = Signals::new(ENDS.iter().chain(POWER).chain(hangup).chain(MEANINGLESS))?;
        for signal in meaningless_here() {
            // Not all of these numbers are free for a program to use with each C library.
            let _ = signals.handle().add_signal(signal);
        }
        let stage = Arc::new(Mutex::new(Stage::Starting));
        let shared = Arc::clone(&stage);
        thread::Builder::new().name("signals".to_owned()).spawn(move || wait(signals, &shared))?;
        Ok(Self(stage))
    }

    /// From now on, the first signal that asks for an end calls `stop` with its number. The next
    /// SIGINT or SIGTERM ends the process at once. Until the first, `print` gets the lines, which
    /// went to the standard error before.
    pub fn serve(
        self,
        stop: impl FnOnce(i32) + Send + 'static,
        print: impl Fn(String) + Send + 'static,
    ) {
        *lock(&self.0) = Stage::Running { stop: Box::new(stop), print: Box::new(print) };
    }
}

fn lock(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait(mut signals: Signals, stage: &Mutex<Stage>) {
    for signal in signals.forever() {
        match action(signal) {
            Action::Ignore => report(signal, &lock(stage)),
            action => end(signal, &action, stage),
        }
    }
}

fn report(signal: i32, stage: &Stage) {
    match stage {
        Stage::Starting => {
            let _ = writeln!(io::stderr(), "{}", ignored(signal));
        }
        Stage::Running { print, .. } => print(ignored(signal)),
        Stage::Stopping => {}
    }
}

fn end(signal: i32, action: &Action, stage: &Mutex<Stage>) {
    let mut stage = lock(stage);
    match mem::replace(&mut *stage, Stage::Stopping) {
        // The log ends when its last sender is dropped, of which `print` has one.
        Stage::Running { stop, .. } => stop(signal),
        // A terminal that closes sends SIGHUP twice: by its shell, and by the system.
        Stage::Stopping if *action == Action::Hangup => {}
        Stage::Starting | Stage::Stopping => process::exit(128 + signal),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Action {
    End,
    Hangup,
    Ignore,
}

fn action(signal: i32) -> Action {
    match signal {
        SIGHUP => Action::Hangup,
        signal if ENDS.contains(&signal) || POWER.contains(&signal) => Action::End,
        _ => Action::Ignore,
    }
}

fn ignored(signal: i32) -> String {
    let name = signal_name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned);
    format!("warning: {name} has no meaning here and is ignored; SIGTERM ends the server")
}

/// Whether the process ignores `signal`, from its start on or by now.
fn is_ignored(signal: i32) -> bool {
    let from_status = || {
        ignored_mask(&fs::read_to_string("/proc/self/status").ok()?).map(|mask| is_in(mask, signal))
    };
    from_status().unwrap_or_else(|| survives(signal))
}

/// The mask of ignored signals in the text of `/proc/self/status` (proc(5)), on Linux.
fn ignored_mask(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

fn is_in(mask: u64, signal: i32) -> bool {
    mask >> (signal - 1) & 1 == 1
}

/// Asks a child, for other systems: what is ignored stays so in a program that is started,
/// and then its own signal does not end it. Without a shell nothing counts as ignored.
fn survives(signal: i32) -> bool {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("kill -{signal} $$")]);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.status().is_ok_and(|status| status.signal().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_which_signals_are_ignored() {
        let status = "Name:\tserver\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\n";
        let mask = ignored_mask(status).unwrap();
        assert!(is_in(mask, SIGHUP) && is_in(mask, 13));
        assert!(!is_in(mask, SIGINT) && !is_in(mask, 64));
        assert_eq!(ignored_mask("Name:\tserver\n"), None);
    }

    #[test]
    fn a_child_tells_the_same() {
        for signal in [SIGTERM, SIGUSR1] {
            assert_eq!(survives(signal), is_ignored(signal), "{signal}");
        }
        // The default action of this one does no harm.
        assert!(survives(signal_hook::consts::SIGCHLD));
    }

    #[test]
    fn says_which_signal_it_ignores() {
        let line = "warning: SIGUSR1 has no meaning here and is ignored; SIGTERM ends the server";
        assert_eq!(ignored(SIGUSR1), line);
        assert!(ignored(40).starts_with("warning: signal 40 has no meaning here"));
    }
}
