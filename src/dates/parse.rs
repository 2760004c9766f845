//! From the text of a date to its value.

use jiff::{
    Timestamp,
    civil::{self, DateTime, Time},
    fmt::{strtime, temporal::DateTimeParser},
};

use super::{
    date::{Date, timestamp},
    error::DateError,
    zone::Zone,
};

/// The bytes of `2026-11-27`.
const DAY_BYTES: usize = 10;

const FORM_HELP: &str =
    "a date is `2026-11-27`, or `2026-11-27T09:00` with a time: the year first, in four digits";
const TIME_HELP: &str = "a time has two digits for each part: `09:00`, or `09:00:30`";
const OFFSET_HELP: &str = "an offset is `Z` or like `+01:00`; a zone is like `Europe/Berlin`";

impl Date {
    /// Reads `2026-11-27`, alone or with a time such as `09:00` or `09:00:30.5`, which may
    /// have an offset (`Z`, `+01:00`), the name of a zone (`Europe/Berlin`) or both. `T` or
    /// a space stands before the time. It is the form of RFC 3339, of TOML and of YAML's
    /// timestamps.
    ///
    /// # Errors
    /// Where it has another form, or there is no such day, time or zone.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        date(text.trim())
    }
}

/// Reads a date without space around it.
fn date(text: &str) -> Result<Date, DateError> {
    let not_a_date = || DateError::new(format!("`{text}` is no date"), form_help(text));
    let parts = text.split_at_checked(DAY_BYTES).filter(|(day, _)| has_form_of_day(day));
    let (day_text, rest) = parts.ok_or_else(not_a_date)?;
    let day = day(day_text)?;
    if rest.is_empty() {
        return Ok(Date::Day(day));
    }
    let rest = rest.strip_prefix(['T', 't', ' ', '\t']).ok_or_else(not_a_date)?.trim_start();
    let is_part_of_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',');
    let (time_text, zone) = rest.split_at(rest.find(|c| !is_part_of_time(c)).unwrap_or(rest.len()));
    let local = day.to_datetime(time(time_text)?);
    match zone.trim() {
        "" => Ok(Date::Local(local)),
        zone => moment(local, zone).map(Date::Instant),
    }
}

fn has_form_of_day(text: &str) -> bool {
    let is_right = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.bytes().enumerate().all(is_right)
}

/// A day in the right form, which may be none of the calendar.
fn day(text: &str) -> Result<civil::Date, DateError> {
    let mut parts = text.split('-').map(|part| part.parse::<i16>().unwrap_or_default());
    let mut next = || parts.next().unwrap_or_default();
    let (year, month, day) = (next(), next(), next());
    let (month, day) = (month.try_into().unwrap_or_default(), day.try_into().unwrap_or_default());
    let first = civil::Date::new(year, month, 1);
    civil::Date::new(year, month, day).map_err(|_| {
        let help = match first {
            Ok(first) => {
                let month = strtime::format("%B %Y", first).unwrap_or_default();
                format!("{month} has {} days, 01 to {0}", first.days_in_month())
            }
            Err(_) => "months are 01 to 12, and stand between the year and the day".to_owned(),
        };
        DateError::new(format!("the day `{text}` does not exist"), help)
    })
}

fn time(text: &str) -> Result<Time, DateError> {
    let time = text.contains(':').then(|| text.parse().ok()).flatten();
    time.ok_or_else(|| DateError::new(format!("`{text}` is no time of day"), TIME_HELP))
}

/// The moment of a time with what follows it: an offset, a zone, or both.
fn moment(local: DateTime, text: &str) -> Result<Timestamp, DateError> {
    let is_offset = text.starts_with(['+', '-']) || matches!(text, "Z" | "z") || {
        text.starts_with(['Z', 'z']) && text[1..].starts_with(['[', ' '])
    };
    let end = if is_offset { text.find(['[', ' ']).unwrap_or(text.len()) } else { 0 };
    let (offset, name) = (&text[..end], text[end..].trim());
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if name.is_empty() {
        return at_offset(local, offset);
    }
    let Zone(zone) = Zone::named(name)?;
    if offset.is_empty() {
        return Ok(timestamp(local, &zone));
    }
    let moment = at_offset(local, offset)?;
    match zone.to_datetime(moment) == local {
        true => Ok(moment),
        false => Err(DateError::new(
            format!("`{offset}` is not the offset of `{name}` at this time"),
            "leave out the offset, or the zone",
        )),
    }
}

fn at_offset(local: DateTime, offset: &str) -> Result<Timestamp, DateError> {
    let digits = offset.strip_prefix(['+', '-']).unwrap_or_default();
    let sign = &offset[..offset.len() - digits.len()];
    // YAML has `-5` as well; the library has offsets of over a day.
    let pad = if digits.len() == 1 { "0" } else { "" };
    let is_possible = digits.get(..2).is_none_or(|hours| hours < "24");
    let text = format!("{local}{sign}{pad}{digits}");
    let moment = DateTimeParser::new().parse_timestamp(text).ok().filter(|_| is_possible);
    moment.ok_or_else(|| DateError::new(format!("`{offset}` is no offset from UTC"), OFFSET_HELP))
}

/// The form that a date should have; where only zeros are missing, the date in it.
fn form_help(text: &str) -> String {
    let numbers: Option<Vec<u16>> =
        text.split(['-', '/', '.']).map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[year @ 1000..=9999, month @ 1..=12, day @ 1..=31]) => {
            format!("write `{year}-{month:02}-{day:02}`")
        }
        _ => FORM_HELP.to_owned(),
    }
}
