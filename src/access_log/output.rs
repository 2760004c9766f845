//! A stream that may fail and recover: what it could not take is counted, and no record is
//! ever torn.

use std::{
    io::{self, ErrorKind, Write},
    os::fd::AsFd,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};

/// Whole records that are written together. A record is what is written for one request or
/// message, and ends in a line end.
#[derive(Debug, Default)]
pub(super) struct RecordBatch {
    text: String,
    /// Where each record ends in `text`.
    ends: Vec<usize>,
}

impl RecordBatch {
    /// Adds what `write` appends as one record, unless it is empty.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        if self.text.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.text.len());
        }
    }

    /// Bytes of all records.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

/// An output of whole records. It is given up only where it is closed; after any other
/// error (a full disk, a quota, a terminal that is gone) each batch is tried anew, which
/// costs one system call while it fails. Holds at most one record that waits.
pub(super) struct Output {
    stream: Box<dyn Write + Send>,
    is_closed: bool,
    /// What is left of the record that was begun.
    rest: Vec<u8>,
    missing: usize,
    /// Why records are missing: the last error.
    reason: String,
}

impl Output {
    /// Writes to `stream`, which must keep nothing back: what was not written is kept here.
    pub(super) fn new(stream: Box<dyn Write + Send>) -> Self {
        Self { stream, is_closed: false, rest: Vec::new(), missing: 0, reason: String::new() }
    }

    /// Writes the records of `batch` that the stream takes; the others are missing. Returns
    /// whether it took all of them.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> bool {
        let written = if self.finish_record() { self.push(batch.text.as_bytes()) } else { 0 };
        let whole = batch.ends.partition_point(|&end| end <= written);
        let Some((&end, others)) = batch.ends.get(whole..).and_then(<[usize]>::split_first) else {
            return true;
        };
        let start = batch.ends[..whole].last().copied().unwrap_or(0);
        if written > start {
            self.rest.extend_from_slice(&batch.text.as_bytes()[written..end]);
            self.missing += others.len();
        } else {
            self.missing += 1 + others.len();
        }
        false
    }

    /// Counts records that were lost on their way here.
    pub(super) fn lose(&mut self, count: usize, reason: &str) {
        if count > 0 && !self.is_closed {
            self.missing += count;
            self.reason = reason.to_owned();
        }
    }

    /// Reports missing records first, as the record that `notice` makes of their count and
    /// the reason; then does as [`Output::write`].
    pub(super) fn write_after(
        &mut self,
        notice: impl FnOnce(usize, &str) -> String,
        batch: &RecordBatch,
    ) -> bool {
        self.report_missing(notice);
        if self.missing > 0 {
            // The notice found no room.
            self.missing += batch.ends.len();
            return false;
        }
        self.write(batch)
    }

    /// Does as [`Output::write_after`] with one record, which counts as missing nowhere where
    /// the stream takes none of it. Returns whether it was begun, so that the stream will have
    /// all of it.
    pub(super) fn write_or_leave(
        &mut self,
        notice: impl FnOnce(usize, &str) -> String,
        record: &RecordBatch,
    ) -> bool {
        self.report_missing(notice);
        if self.missing > 0 {
            // The notice found no room.
            return false;
        }
        self.write(record);
        std::mem::take(&mut self.missing) == 0
    }

    /// Reports missing records, where there are some and the stream takes the notice.
    pub(super) fn report_missing(&mut self, notice: impl FnOnce(usize, &str) -> String) {
        if self.missing == 0 || !self.finish_record() {
            return;
        }
        let notice = notice(self.missing, &self.reason);
        let written = self.push(notice.as_bytes());
        if written > 0 {
            self.rest.extend_from_slice(&notice.as_bytes()[written..]);
            self.missing = 0;
        }
    }

    /// The number of missing records and the reason, for a notice elsewhere.
    pub(super) fn missing(&self) -> Option<(usize, &str)> {
        (self.missing > 0).then_some((self.missing, &self.reason))
    }

    /// Forgets the missing records, once the notice about them is written.
    pub(super) fn clear_missing(&mut self) {
        self.missing = 0;
    }

    /// Writes what is left of the record that was begun. Returns whether nothing is.
    fn finish_record(&mut self) -> bool {
        let rest = std::mem::take(&mut self.rest);
        let written = self.push(&rest);
        self.rest.extend_from_slice(&rest[written..]);
        self.rest.is_empty()
    }

    /// Writes until the stream fails, and returns the bytes that it took. A closed one takes
    /// all, since it has no reader.
    fn push(&mut self, bytes: &[u8]) -> usize {
        let mut written = 0;
        while written < bytes.len() && !self.is_closed {
            match self.stream.write(&bytes[written..]) {
                Ok(0) => return self.fail(written, &ErrorKind::WriteZero.into()),
                Ok(len) => written += len,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_closed(&error) => self.is_closed = true,
                Err(error) => return self.fail(written, &error),
            }
        }
        if self.is_closed { bytes.len() } else { written }
    }

    fn fail(&mut self, written: usize, error: &io::Error) -> usize {
        self.reason = error.to_string();
        written
    }
}

/// Whether the reader is gone for good, or the descriptor cannot be written. EIO
/// is not among these: a terminal that is gone answers so, but so does a disk that recovers.
fn is_closed(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
        || error.raw_os_error() == Some(Errno::BADF.raw_os_error())
}

/// A standard stream without a buffer: the one of the library keeps bytes back after an
/// error. Where another program has made it non-blocking, writing waits nonetheless.
pub(super) struct Unbuffered<S>(pub(super) S);

impl<S: AsFd> Write for Unbuffered<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match rustix::io::write(&self.0, bytes) {
                Err(Errno::AGAIN) => {
                    poll(&mut [PollFd::new(&self.0, PollFlags::OUT)], None)?;
                }
                result => return Ok(result?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A stream with limited room, after which it fails with an error.
    #[derive(Clone)]
    struct Disk(Arc<Mutex<(Vec<u8>, usize, Errno)>>);

    impl Disk {
        fn new(room: usize, error: Errno) -> Self {
            Self(Arc::new(Mutex::new((Vec::new(), room, error))))
        }

        fn make_room(&self, room: usize) {
            self.0.lock().unwrap().1 = room;
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().0.clone()).unwrap()
        }
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (text, room, error) = &mut *self.0.lock().unwrap();
            // A few bytes at a time, so that writes are short ones too.
            let len = bytes.len().min(*room).min(7);
            if len == 0 {
                return Err((*error).into());
            }
            text.extend_from_slice(&bytes[..len]);
            *room -= len;
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn batch(records: &[&str]) -> RecordBatch {
        let mut batch = RecordBatch::default();
        records.iter().for_each(|record| batch.add(|text| text.push_str(record)));
        batch
    }

    fn notice(count: usize, reason: &str) -> String {
        format!("{count} missing: {reason}\n")
    }

    const RECORDS: &[&str] = &["one 1\n", "two 2\nof two lines\n", "three\n"];

    #[test]
    fn a_full_disk_costs_whole_records_at_any_byte() {
        let whole = RECORDS.concat();
        for room in 0..whole.len() {
            let disk = Disk::new(room, Errno::NOSPC);
            let mut output = Output::new(Box::new(disk.clone()));
            assert!(!output.write(&batch(RECORDS)), "{room}");
            // While it is full, nothing more than a record is held.
            for _ in 0..1000 {
                assert!(!output.write_after(notice, &batch(&["lost\n"])));
            }
            assert!(output.rest.len() <= RECORDS[1].len());
            disk.make_room(1000);
            assert!(output.write_after(notice, &batch(&["four\n"])));

            let ends = [6, 25, whole.len()];
            let kept = ends.iter().take_while(|&&end| end <= room).count();
            let is_begun =
                room > [0].iter().chain(&ends).copied().filter(|&end| end <= room).max().unwrap();
            let kept = kept + usize::from(is_begun);
            let expected = format!(
                "{}{} missing: No space left on device (os error 28)\nfour\n",
                RECORDS[..kept].concat(),
                RECORDS.len() - kept + 1000
            );
            assert_eq!(disk.text(), expected, "{room}");
        }
    }

    #[test]
    fn goes_on_after_any_error_but_that_of_a_closed_output() {
        for (error, goes_on) in [
            (Errno::NOSPC, true),
            (Errno::DQUOT, true),
            (Errno::FBIG, true),
            (Errno::IO, true),
            (Errno::AGAIN, true),
            (Errno::NOMEM, true),
            (Errno::PIPE, false),
            (Errno::BADF, false),
        ] {
            let disk = Disk::new(0, error);
            let mut output = Output::new(Box::new(disk.clone()));
            assert_eq!(output.write(&batch(&["one\n"])), !goes_on, "{error:?}");
            disk.make_room(1000);
            output.write(&batch(&["two\n"]));
            assert_eq!(output.missing().is_some(), goes_on, "{error:?}");
            assert_eq!(disk.text(), if goes_on { "two\n" } else { "" }, "{error:?}");
        }
    }

    #[test]
    fn a_notice_that_is_not_taken_stays_to_be_said() {
        let disk = Disk::new(0, Errno::NOSPC);
        let mut output = Output::new(Box::new(disk.clone()));
        output.write(&batch(&["one\n"]));
        output.report_missing(notice);
        // Half of a notice counts as written, and is finished.
        disk.make_room(3);
        output.report_missing(notice);
        output.write(&batch(&["two\n"]));
        disk.make_room(1000);
        output.lose(2, "why");
        output.report_missing(notice);
        assert_eq!(
            disk.text(),
            "1 missing: No space left on device (os error 28)\n3 missing: why\n"
        );
    }

    #[test]
    fn an_interrupted_write_is_no_error() {
        struct Interrupted(Disk, bool);
        impl Write for Interrupted {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 { Err(ErrorKind::Interrupted.into()) } else { self.0.write(bytes) }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let disk = Disk::new(1000, Errno::NOSPC);
        let mut output = Output::new(Box::new(Interrupted(disk.clone(), false)));
        assert!(output.write(&batch(RECORDS)));
        assert_eq!((disk.text(), output.missing()), (RECORDS.concat(), None));
    }

    #[test]
    fn waits_for_room_in_a_stream_that_does_not_block() {
        let (mut reader, writer) = io::pipe().unwrap();
        rustix::io::ioctl_fionbio(&writer, true).unwrap();
        let text = "0123456789abcde\n".repeat(64 << 10);
        let record = text.clone();
        let thread = std::thread::spawn(move || {
            let mut output = Output::new(Box::new(Unbuffered(writer)));
            assert!(output.write(&batch(&[&record])));
        });
        let mut read = String::new();
        io::Read::read_to_string(&mut reader, &mut read).unwrap();
        thread.join().unwrap();
        assert!(read == text);
    }
}
