//! The terminal while the server runs: a line for each request, and messages for the
//! person who started it.
//!
//! One thread owns the output. The serving threads hand their events over and
//! never wait, so a blocked terminal or pipe costs lines and nothing else. Lost
//! lines, there or on a full disk, are counted, and reported once the output works again.

mod format;
mod output;

use std::{
    io, thread,
    time::{Duration, SystemTime},
};

use anstream::{AutoStream, ColorChoice};
use crossbeam_channel::{Receiver, Sender};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use self::{
    format::{Formatter, LINES, MESSAGES, missing},
    output::{Output, RecordBatch, Unbuffered},
};
use crate::{
    server::{Event, EventReceiver, EventSender, event_channel},
    terminal::visible_lines,
};

/// Bytes of events that wait for the output: some 8,000 short requests, or 100 that are
/// printed with a head as long as the default limit.
const CAPACITY_BYTES: usize = 2 << 20;
/// Bytes that are gathered at most before they are written.
const BATCH_BYTES: usize = 64 << 10;
/// Why events are lost on their way to the log.
const BLOCKED: &str = "the output was blocked";

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
        start(CAPACITY_BYTES, move || {
            // It is looked up among all zones, which takes 4 ms: in the thread, nothing waits.
            let formatter = Formatter::new(format, is_coloured, TimeZone::system());
            let lines = Output::new(Box::new(Unbuffered(io::stdout())));
            let messages = Output::new(Box::new(Unbuffered(io::stderr())));
            Writer::new(formatter, is_quiet, lines, messages)
        })
    }

    /// Waits until everything is written, once all senders are gone; `patience`
    /// at most, because the output may stay blocked.
    pub fn finish(self, patience: Duration) {
        // Nothing is ever sent: the answer is that the other side is gone.
        let _ = self.finished.recv_timeout(patience);
    }
}

/// Starts the thread `log`, which first makes what writes.
fn start(
    capacity_bytes: usize,
    writer: impl FnOnce() -> Writer + Send + 'static,
) -> io::Result<(AccessLog, EventSender)> {
    let (sender, receiver) = event_channel(capacity_bytes);
    let (finish, finished) = crossbeam_channel::bounded(0);
    let run = move || writer().run(receiver, finish);
    thread::Builder::new().name("log".to_owned()).spawn(run)?;
    Ok((AccessLog { finished }, sender))
}

/// Turns exchanges into output, in order.
struct Writer {
    formatter: Formatter,
    is_quiet: bool,
    /// Lines that are not yet written.
    batch: RecordBatch,
    lines: Output,
    messages: Output,
    last_message: Option<String>,
}

impl Writer {
    fn new(formatter: Formatter, is_quiet: bool, lines: Output, messages: Output) -> Self {
        let batch = RecordBatch::default();
        Self { formatter, is_quiet, batch, lines, messages, last_message: None }
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
            self.report_lost(&events);
        }
        self.report_rest();
    }

    fn add(&mut self, event: Event) {
        let exchange = match event {
            Event::Message(message) => return self.write_message(&message),
            Event::Started { text, picture } => return self.write_start(&text, &picture),
            Event::Exchange(exchange) => exchange,
        };
        self.batch.add(|text| self.formatter.write(text, &exchange, self.is_quiet));
        if let Some(message) = &exchange.note.message {
            self.write_message(message);
        }
        if self.batch.len() >= BATCH_BYTES {
            self.write_batch();
        }
    }

    fn write_batch(&mut self) {
        if self.batch.len() == 0 {
            return;
        }
        let formatter = &mut self.formatter;
        if formatter.has_notices() {
            let notice = |count, reason: &str| formatter.notice(SystemTime::now(), count, reason);
            self.lines.write_after(notice, &self.batch);
        } else if self.lines.write(&self.batch) {
            self.report_missing_elsewhere();
        }
        self.batch.clear();
    }

    /// Reports missing lines in the log itself, where its format has such a line.
    fn report_missing_lines(&mut self) {
        let formatter = &mut self.formatter;
        if formatter.has_notices() {
            let notice = |count, reason: &str| formatter.notice(SystemTime::now(), count, reason);
            self.lines.report_missing(notice);
        }
    }

    /// Reports them among the messages.
    fn report_missing_elsewhere(&mut self) {
        let Some((count, reason)) = self.lines.missing() else { return };
        let notice = record(&format!("warning: {}", missing(count, LINES, reason)));
        // A record that was begun will be finished. A notice that was not taken does not count
        // as a missing message: the lines stay missing, and the next notice reports them.
        if self.messages.write_or_leave(missing_messages, &notice) {
            self.lines.clear_missing();
        }
    }

    /// Writes `message`, unless it is the last one again: a browser asks for a
    /// broken page more than once.
    fn write_message(&mut self, message: &str) {
        if self.last_message.as_deref() == Some(message) {
            return;
        }
        // Both streams are mostly one terminal, where a message follows its line.
        self.write_batch();
        if self.write_to_messages(message) {
            self.last_message = Some(message.to_owned());
        }
    }

    /// Writes `message` as it is, and returns whether all of it was taken.
    fn write_to_messages(&mut self, message: &str) -> bool {
        self.messages.write_after(missing_messages, &record(message))
    }

    /// Writes the banner, but not among access lines that programs read; and the picture
    /// nowhere else than below it there.
    fn write_start(&mut self, text: &str, picture: &str) {
        self.write_batch();
        if self.formatter.is_for_people() {
            let mut banner = record(text);
            banner.add(|lines| lines.push_str(picture));
            self.lines.write(&banner);
        } else {
            self.write_to_messages(text);
        }
    }

    fn report_lost(&mut self, events: &EventReceiver) {
        let lost = events.take_lost();
        self.lines.lose(if self.is_quiet { lost.heads } else { lost.exchanges }, BLOCKED);
        self.messages.lose(lost.messages, BLOCKED);
        match self.formatter.has_notices() {
            true => self.report_missing_lines(),
            false if lost.exchanges > 0 => self.report_missing_elsewhere(),
            false => {}
        }
    }

    /// Reports at the end what is still unreported.
    fn report_rest(&mut self) {
        self.report_missing_lines();
        self.report_missing_elsewhere();
        self.messages.report_missing(missing_messages);
    }
}

fn missing_messages(count: usize, reason: &str) -> String {
    format!("warning: {}\n", missing(count, MESSAGES, reason))
}

/// A message as a batch of its own.
fn record(message: &str) -> RecordBatch {
    let mut record = RecordBatch::default();
    record.add(|text| {
        text.push_str(&visible_lines(message.trim_end()).to_string());
        text.push('\n');
    });
    record
}

#[cfg(test)]
mod tests;
