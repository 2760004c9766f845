//! One exchange as text, in each [`Format`].

use std::{
    fmt::{Display, Write},
    iter,
    time::{Duration, SystemTime},
};

use anstyle::{AnsiColor, Style};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::Format;
use crate::{
    server::Exchange,
    terminal::{Visible, columns, moves_terminal, visible},
};

/// Writes exchanges in one format.
pub(super) struct Formatter {
    format: Format,
    is_coloured: bool,
    clock: Clock,
}

impl Formatter {
    pub(super) fn new(format: Format, is_coloured: bool, time_zone: TimeZone) -> Self {
        let pattern = match format {
            Format::Combined => "%d/%b/%Y:%H:%M:%S %z",
            Format::Text | Format::Json => "%H:%M:%S",
        };
        Self { format, is_coloured, clock: Clock::new(pattern, time_zone) }
    }

    /// Writes the head of the request, where it was kept, and then its line,
    /// unless `is_quiet`. A JSON line holds the head itself, so that each line
    /// stays an object.
    pub(super) fn write(&mut self, out: &mut String, exchange: &Exchange, is_quiet: bool) {
        if let Some(head) = &exchange.head
            && (is_quiet || self.format != Format::Json)
        {
            write_head(out, head);
        }
        if is_quiet {
            return;
        }
        match self.format {
            Format::Text => {
                let palette = if self.is_coloured { Palette::COLOURED } else { Palette::PLAIN };
                write_text(out, self.clock.read(exchange.received), exchange, palette);
            }
            Format::Combined => {
                write_combined(out, self.clock.read(exchange.received), exchange);
            }
            Format::Json => write_json(out, exchange),
        }
        out.push('\n');
    }

    /// Whether the format can hold lines that are no requests: a line that is not in the
    /// form of Apache ends many of the programs that read it.
    pub(super) fn has_notices(&self) -> bool {
        self.format != Format::Combined
    }

    /// Whether people read the lines, and not programs.
    pub(super) fn is_for_people(&self) -> bool {
        self.format == Format::Text
    }

    /// The line that reports at `now` that `count` lines are missing.
    pub(super) fn notice(&mut self, now: SystemTime, count: usize, reason: &str) -> String {
        if self.format == Format::Json {
            let time = format!("{:.3}", timestamp(now));
            let line = JsonNotice { time, missing_lines: count, reason };
            return serde_json::to_string(&line).expect("texts and numbers are always JSON") + "\n";
        }
        format!("{} {}\n", self.clock.read(now), missing(count, LINES, reason))
    }
}

/// Names of what can be missing: of one, and of several.
pub(super) const LINES: [&str; 2] = ["line of the access log is", "lines of the access log are"];
pub(super) const MESSAGES: [&str; 2] = ["message is", "messages are"];

/// The sentence on `count` records that could not be written.
pub(super) fn missing(count: usize, [one, many]: [&str; 2], reason: &str) -> String {
    format!("{count} {} missing: {reason}", if count == 1 { one } else { many })
}

/// The local time to the second, formatted anew only when the second changes.
struct Clock {
    pattern: &'static str,
    time_zone: TimeZone,
    second: i64,
    text: String,
}

impl Clock {
    fn new(pattern: &'static str, time_zone: TimeZone) -> Self {
        Self { pattern, time_zone, second: i64::MIN, text: String::new() }
    }

    fn read(&mut self, time: SystemTime) -> &str {
        let time = timestamp(time);
        if time.as_second() != self.second {
            self.second = time.as_second();
            let local = time.to_zoned(self.time_zone.clone());
            self.text = local.strftime(self.pattern).to_string();
        }
        &self.text
    }
}

/// A time outside of years -9999 to 9999 is a clock that is not set.
fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The parts of a request line that could be read; all empty where none could.
#[derive(Debug, PartialEq, Eq)]
struct LoggedLine<'a> {
    method: &'a str,
    target: &'a str,
    version: &'a str,
}

impl<'a> LoggedLine<'a> {
    fn split(line: &'a str) -> Self {
        let (method, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (target, version) = rest.rsplit_once(' ').unwrap_or((rest, ""));
        Self { method, target, version }
    }
}

#[derive(Clone, Copy)]
struct Palette {
    faint: Style,
    is_coloured: bool,
}

impl Palette {
    const PLAIN: Self = Self { faint: Style::new(), is_coloured: false };
    const COLOURED: Self = Self { faint: Style::new().dimmed(), is_coloured: true };

    fn of_status(self, status: u16) -> Style {
        let color = match status {
            _ if !self.is_coloured => return Style::new(),
            ..300 => AnsiColor::Green,
            300..400 => AnsiColor::Cyan,
            400..500 => AnsiColor::Yellow,
            500.. => AnsiColor::Red,
        };
        color.on_default()
    }
}

/// `14:03:22 GET  /about   200   1.2 kB   0.4 ms  about.html + _layout.html`, in
/// columns as long as the target is not a long one.
fn write_text(out: &mut String, time: &str, exchange: &Exchange, palette: Palette) {
    let line = LoggedLine::split(&exchange.request_line);
    let (faint, status) = (palette.faint, palette.of_status(exchange.status.as_u16()));
    append(out, format_args!("{faint}{time}{faint:#} "));
    append_left(out, 4, shown_or_dash(line.method));
    out.push(' ');
    append_left(out, 28, shown_or_dash(line.target));
    append(out, format_args!(" {status}{}{status:#} ", exchange.status.as_u16()));
    append_right(out, 8, Size(exchange.body_bytes));
    out.push(' ');
    append_right(out, 8, Milliseconds(exchange.duration));
    if let Some(source) = &exchange.note.source {
        append(out, format_args!("  {faint}{}{faint:#}", visible(source)));
    }
}

/// `peer - - [time] "request" status bytes "referer" "user agent"`.
fn write_combined(out: &mut String, time: &str, exchange: &Exchange) {
    let quoted = |text: Option<&str>| match text {
        None | Some("") => "-".to_owned(),
        Some(text) => visible(&text.replace('\\', "\\\\").replace('"', "\\\"")).to_string(),
    };
    append(
        out,
        format_args!(
            r#"{} - - [{time}] "{}" {} {} "{}" "{}""#,
            exchange.peer,
            quoted(Some(&exchange.request_line)),
            exchange.status.as_u16(),
            // Apache's %b: no bytes are a dash.
            Some(exchange.body_bytes)
                .filter(|&len| len > 0)
                .map_or_else(|| "-".to_owned(), |len| len.to_string()),
            quoted(exchange.referer.as_deref()),
            quoted(exchange.user_agent.as_deref()),
        ),
    );
}

#[derive(Serialize)]
struct JsonLine<'a> {
    time: String,
    peer: String,
    method: Option<&'a str>,
    target: Option<&'a str>,
    version: Option<&'a str>,
    status: u16,
    body_bytes: u64,
    duration_ms: f64,
    source: Option<&'a str>,
    referer: Option<&'a str>,
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
}

#[derive(Serialize)]
struct JsonNotice<'a> {
    time: String,
    missing_lines: usize,
    reason: &'a str,
}

fn write_json(out: &mut String, exchange: &Exchange) {
    let line = LoggedLine::split(&exchange.request_line);
    let line = JsonLine {
        time: format!("{:.3}", timestamp(exchange.received)),
        peer: exchange.peer.to_string(),
        method: present(line.method),
        target: present(line.target),
        version: present(line.version),
        status: exchange.status.as_u16(),
        body_bytes: exchange.body_bytes,
        duration_ms: exchange.duration.as_micros() as f64 / 1000.0,
        source: exchange.note.source.as_deref(),
        referer: exchange.referer.as_deref(),
        user_agent: exchange.user_agent.as_deref(),
        head: exchange.head.as_ref().map(|head| String::from_utf8_lossy(head).into_owned()),
    };
    let json = serde_json::to_string(&line).expect("texts and numbers are always JSON");
    // JSON itself escapes C0 alone; the others stand inside of strings only, and
    // all of them are in the first plane, so that four digits do.
    for c in json.chars() {
        match moves_terminal(c) {
            true => append(out, format_args!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
}

/// Writes the head as it was received, a line each, with the blank one that ends
/// it.
fn write_head(out: &mut String, head: &[u8]) {
    let head = head.strip_suffix(b"\n").unwrap_or(head);
    for line in head.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        for chunk in line.utf8_chunks() {
            append(out, format_args!("{}", visible(chunk.valid())));
            for byte in chunk.invalid() {
                append(out, format_args!("\\x{byte:02x}"));
            }
        }
        out.push('\n');
    }
}

fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a String takes all that is written");
}

fn present(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn shown_or_dash(text: &str) -> Visible<'_> {
    visible(present(text).unwrap_or("-"))
}

/// Writes `shown` in `width` columns of the terminal, or more if it needs them.
/// The width in a format does the same for strings only, and takes twice as long.
fn append_left(out: &mut String, width: usize, shown: impl Display) {
    let start = out.len();
    append(out, format_args!("{shown}"));
    let padding = width.saturating_sub(columns(&out[start..]));
    out.extend(iter::repeat_n(' ', padding));
}

/// The same at the right of the column.
fn append_right(out: &mut String, width: usize, shown: impl Display) {
    let start = out.len();
    append(out, format_args!("{shown}"));
    let padding = width.saturating_sub(columns(&out[start..]));
    (0..padding).for_each(|_| out.insert(start, ' '));
}

/// Bytes as `512 B`, `1.2 kB`, `3.4 MB`: powers of ten, as file managers count.
struct Size(u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{} B", self.0);
        }
        let tenths = |unit: u64| self.0.saturating_add(unit / 20) / (unit / 10);
        // What would be shown as 1000.0 is 1.0 of the next.
        let (tenths, unit) = match () {
            () if tenths(1000) < 10_000 => (tenths(1000), "kB"),
            () if tenths(1_000_000) < 10_000 => (tenths(1_000_000), "MB"),
            () => (tenths(1_000_000_000), "GB"),
        };
        write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// A duration as `0.4 ms`, below a tenth as `12 us`, from a second as `1.2 s`.
struct Milliseconds(Duration);

impl std::fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.0.as_micros();
        let (tenths, unit) = match micros {
            ..100 => return write!(f, "{micros} us"),
            100..999_950 => ((micros + 50) / 100, "ms"),
            _ => ((micros + 50_000) / 100_000, "s"),
        };
        write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::UNIX_EPOCH};

    use jiff::tz;

    use super::*;
    use crate::http::{StatusCode, response::Note};

    fn exchange() -> Exchange {
        answered(200, Some("about.html + _layout.html"))
    }

    fn answered(status: u16, source: Option<&str>) -> Exchange {
        let note = Note { source: source.map(str::to_owned), ..Note::default() };
        Exchange {
            peer: Ipv4Addr::LOCALHOST.into(),
            received: UNIX_EPOCH + Duration::from_millis(784_111_777_250),
            duration: Duration::from_micros(432),
            request_line: "GET /about HTTP/1.1".to_owned(),
            head: None,
            referer: None,
            user_agent: None,
            body_bytes: 1234,
            status: StatusCode::from_u16(status).unwrap(),
            note: note.into(),
        }
    }

    fn formatter(format: Format) -> Formatter {
        Formatter::new(format, false, TimeZone::fixed(tz::offset(2)))
    }

    fn line(format: Format, exchange: &Exchange) -> String {
        let mut out = String::new();
        formatter(format).write(&mut out, exchange, false);
        out
    }

    #[test]
    fn writes_text_in_columns() {
        let unreadable = Exchange { request_line: String::new(), ..answered(400, None) };
        let wide = Exchange {
            request_line: "GET /日本e\u{301} HTTP/1.1".to_owned(),
            ..answered(400, None)
        };
        let long = Exchange {
            request_line: format!("OPTIONS /{} HTTP/1.1", "a".repeat(40)),
            body_bytes: 0,
            duration: Duration::from_secs(90),
            ..exchange()
        };
        for (exchange, expected) in [
            (
                exchange(),
                "10:49:37 GET  /about                       200   1.2 kB   0.4 ms  about.html + _layout.html\n",
            ),
            (unreadable, "10:49:37 -    -                            400   1.2 kB   0.4 ms\n"),
            (wide, "10:49:37 GET  /日本e\u{301}                       400   1.2 kB   0.4 ms\n"),
            (
                long,
                "10:49:37 OPTIONS /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 200      0 B   90.0 s  about.html + _layout.html\n",
            ),
        ] {
            assert_eq!(line(Format::Text, &exchange), expected);
        }
    }

    #[test]
    fn says_how_many_lines_are_missing() {
        let notice = |format, count| {
            let mut formatter = formatter(format);
            formatter.has_notices().then(|| formatter.notice(exchange().received, count, "full"))
        };
        let text = "10:49:37 2 lines of the access log are missing: full\n";
        assert_eq!(notice(Format::Text, 2).as_deref(), Some(text));
        let text = "10:49:37 1 line of the access log is missing: full\n";
        assert_eq!(notice(Format::Text, 1).as_deref(), Some(text));
        let json = r#"{"time":"1994-11-06T08:49:37.250Z","missing_lines":2,"reason":"full"}"#;
        assert_eq!(notice(Format::Json, 2).as_deref(), Some(&*format!("{json}\n")));
        assert_eq!(notice(Format::Combined, 2), None);
    }

    #[test]
    fn colours_text_by_the_class_of_its_status() {
        let mut formatter = formatter(Format::Text);
        formatter.is_coloured = true;
        for (status, color) in [(200, 32), (304, 36), (404, 33), (500, 31)] {
            let exchange = answered(status, None);
            let mut out = String::new();
            formatter.write(&mut out, &exchange, false);
            assert!(out.contains(&format!(" \x1b[{color}m{status}\x1b[0m ")), "{out:?}");
            assert_eq!(
                anstream::adapter::strip_str(&out).to_string(),
                line(Format::Text, &exchange)
            );
        }
    }

    #[test]
    fn writes_combined_as_apache_does() {
        let named = Exchange {
            referer: Some("http://localhost:8889/".to_owned()),
            user_agent: Some(r#"a "quoted\" agent"#.to_owned()),
            ..exchange()
        };
        let bare = Exchange { request_line: String::new(), body_bytes: 0, ..exchange() };
        for (exchange, expected) in [
            (
                named,
                r#"127.0.0.1 - - [06/Nov/1994:10:49:37 +0200] "GET /about HTTP/1.1" 200 1234 "http://localhost:8889/" "a \"quoted\\\" agent""#,
            ),
            (bare, r#"127.0.0.1 - - [06/Nov/1994:10:49:37 +0200] "-" 200 - "-" "-""#),
        ] {
            assert_eq!(line(Format::Combined, &exchange), format!("{expected}\n"));
        }
    }

    #[test]
    fn writes_an_object_a_line() {
        let bare = Exchange {
            request_line: String::new(),
            head: Some(b"GET\t/ \xff\r\n\r\n".to_vec()),
            ..answered(200, None)
        };
        for (exchange, expected) in [
            (
                exchange(),
                r#"{"time":"1994-11-06T08:49:37.250Z","peer":"127.0.0.1","method":"GET","target":"/about","version":"HTTP/1.1","status":200,"body_bytes":1234,"duration_ms":0.432,"source":"about.html + _layout.html","referer":null,"user_agent":null}"#,
            ),
            (
                bare,
                r#"{"time":"1994-11-06T08:49:37.250Z","peer":"127.0.0.1","method":null,"target":null,"version":null,"status":200,"body_bytes":1234,"duration_ms":0.432,"source":null,"referer":null,"user_agent":null,"head":"GET\t/ �\r\n\r\n"}"#,
            ),
        ] {
            assert_eq!(line(Format::Json, &exchange), format!("{expected}\n"));
        }
    }

    #[test]
    fn no_format_lets_a_request_move_the_terminal() {
        let text = "\x1b]0;x\x07\r\n\x7f\u{9b}2J\u{202e}";
        let exchange = Exchange {
            request_line: format!("GET /{text} HTTP/1.1"),
            head: Some(text.into()),
            referer: Some(text.to_owned()),
            user_agent: Some(text.to_owned()),
            ..answered(200, Some(text))
        };
        for format in [Format::Text, Format::Combined, Format::Json] {
            let out = line(format, &exchange);
            let moving: Vec<char> =
                out.chars().filter(|&c| c != '\n' && moves_terminal(c)).collect();
            assert_eq!(moving, [], "{out:?}");
        }
        let json: serde_json::Value =
            serde_json::from_str(&line(Format::Json, &exchange)).expect("an object");
        assert_eq!(json["user_agent"], text);
    }

    #[test]
    fn shows_a_head_as_received() {
        let head = b"GET / HTTP/1.1\r\nHost: a\tb\r\nX: \x1b\xff caf\xc3\xa9\r\n\r\n";
        let shown = "GET / HTTP/1.1\nHost: a\\tb\nX: \\x1b\\xff café\n\n";
        let exchange = Exchange { head: Some(head.to_vec()), ..exchange() };
        assert!(line(Format::Text, &exchange).starts_with(&format!("{shown}10:49:37 GET ")));
        for format in [Format::Text, Format::Combined, Format::Json] {
            let mut out = String::new();
            formatter(format).write(&mut out, &exchange, true);
            assert_eq!(out, shown, "{format:?} when quiet");
        }
    }

    #[test]
    fn shows_sizes_and_durations_to_a_digit() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (2 << 30, "2.1 GB"),
            (5_000_000_000_000, "5000.0 GB"),
        ] {
            assert_eq!(Size(bytes).to_string(), shown, "{bytes}");
        }
        for (micros, shown) in [
            (0, "0 us"),
            (99, "99 us"),
            (100, "0.1 ms"),
            (432, "0.4 ms"),
            (999_949, "999.9 ms"),
            (999_950, "1.0 s"),
            (61_000_000, "61.0 s"),
        ] {
            assert_eq!(Milliseconds(Duration::from_micros(micros)).to_string(), shown, "{micros}");
        }
    }

    #[test]
    fn the_clock_moves_on() {
        let mut clock = Clock::new("%H:%M:%S", TimeZone::UTC);
        assert_eq!(clock.read(UNIX_EPOCH + Duration::from_millis(1_999)), "00:00:01");
        assert_eq!(clock.read(UNIX_EPOCH + Duration::from_millis(2_000)), "00:00:02");
    }

    #[test]
    fn splits_what_there_is_of_a_request_line() {
        for (text, method, target, version) in [
            ("", "", "", ""),
            ("GET", "GET", "", ""),
            ("GET /", "GET", "/", ""),
            ("GET /a HTTP/1.0", "GET", "/a", "HTTP/1.0"),
        ] {
            assert_eq!(LoggedLine::split(text), LoggedLine { method, target, version }, "{text}");
        }
    }
}
