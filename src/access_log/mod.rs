//! The terminal while the server runs: a line for each request, and what
//! responses say to the person who started it.
//!
//! One thread owns the output. The serving threads hand their events over and
//! never wait, so a blocked terminal or pipe costs lines and nothing else.

mod format;

use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

use anstream::{AutoStream, ColorChoice};
use crossbeam_channel::{Receiver, Sender};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use self::format::Formatter;
use crate::{
    server::{Event, EventReceiver, EventSender, event_channel},
    terminal::visible_lines,
};

/// Exchanges that wait for the output; some megabytes when all are long.
const CAPACITY: usize = 8192;
/// Bytes that are gathered at most before they are written.
const BATCH_BYTES: usize = 64 << 10;

/// How an access line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people: `14:03:22 GET /about 200 1.2 kB 0.4 ms about.html`.
    Text,
    /// The combined log format of Apache.
    Combined,
    /// A JSON object a line.
    Json,
}

/// The running log.
#[derive(Debug)]
pub struct AccessLog {
    /// Closes when the last line is written.
    finished: Receiver<()>,
}

impl AccessLog {
    /// Starts the thread `log`. It writes access lines to the standard output,
    /// unless `is_quiet`, and messages to the standard error, until all clones
    /// of the sender are gone.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(format: Format, is_quiet: bool) -> io::Result<(Self, EventSender)> {
        let is_coloured = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        // Without colours nothing needs to be taken out again.
        let lines: Output = match is_coloured {
            true => Box::new(AutoStream::always(io::stdout())),
            false => Box::new(io::stdout()),
        };
        let formatter = Formatter::new(format, is_coloured, TimeZone::system());
        Writer::new(formatter, is_quiet, lines, Box::new(io::stderr())).start(CAPACITY)
    }

    /// Waits until everything is written, once all senders are gone; `patience`
    /// at most, because the output may be blocked for ever.
    pub fn finish(self, patience: Duration) {
        // Nothing is ever sent: the answer is that the other side is gone.
        let _ = self.finished.recv_timeout(patience);
    }
}

type Output = Box<dyn Write + Send>;

/// Turns exchanges into output, in order.
struct Writer {
    formatter: Formatter,
    is_quiet: bool,
    /// Lines that are not yet written.
    batch: String,
    lines: Output,
    messages: Output,
    last_message: Option<String>,
}

impl Writer {
    fn new(formatter: Formatter, is_quiet: bool, lines: Output, messages: Output) -> Self {
        Self { formatter, is_quiet, batch: String::new(), lines, messages, last_message: None }
    }

    fn start(self, capacity: usize) -> io::Result<(AccessLog, EventSender)> {
        let (sender, receiver) = event_channel(capacity);
        let (finish, finished) = crossbeam_channel::bounded(0);
        thread::Builder::new().name("log".to_owned()).spawn(move || self.run(receiver, finish))?;
        Ok((AccessLog { finished }, sender))
    }

    /// Writes what comes until all senders are gone; then drops `_finish`, even
    /// where it panics.
    fn run(mut self, mut events: EventReceiver, _finish: Sender<()>) {
        while let Some(first) = events.wait() {
            self.add(first);
            while let Some(next) = events.poll() {
                self.add(next);
            }
            self.write_batch();
            self.report_lost(events.take_lost());
        }
    }

    fn add(&mut self, event: Event) {
        let exchange = match event {
            Event::Message(message) => return self.write_message(&message),
            Event::Exchange(exchange) => exchange,
        };
        self.formatter.write(&mut self.batch, &exchange, self.is_quiet);
        if let Some(message) = &exchange.note.message {
            self.write_message(message);
        }
        if self.batch.len() >= BATCH_BYTES {
            self.write_batch();
        }
    }

    fn write_batch(&mut self) {
        write_quietly(&mut self.lines, &self.batch);
        self.batch.clear();
    }

    /// Writes `message`, unless it is the last one again: a browser asks for a
    /// broken page more than once.
    fn write_message(&mut self, message: &str) {
        if self.last_message.as_deref() == Some(message) {
            return;
        }
        // Both streams mostly are one terminal, where order tells what belongs to what.
        self.write_batch();
        write_quietly(&mut self.messages, &format!("{}\n", visible_lines(message.trim_end())));
        self.last_message = Some(message.to_owned());
    }

    fn report_lost(&mut self, lost: usize) {
        if lost > 0 {
            let text = format!("{lost} lines of the access log are lost: the output was blocked\n");
            write_quietly(&mut self.messages, &text);
        }
    }
}

/// Writes `text`, or not: a closed pipe is no reason to stop serving, and there
/// is nobody left to tell.
fn write_quietly(output: &mut Output, text: &str) {
    if !text.is_empty() && output.write_all(text.as_bytes()).and_then(|()| output.flush()).is_err()
    {
        *output = Box::new(io::sink());
    }
}

#[cfg(test)]
mod tests;
