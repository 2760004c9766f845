//! Dates as HTTP writes them (RFC 9110, 5.6.7).

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The last second of the year 9999; a year has four digits.
const MAX_UNIX_SECS: u64 = 253_402_300_799;
/// The mean length of a year in the Gregorian calendar.
const YEAR_SECS: u64 = 31_556_952;

/// The value of the field `Date`, formatted anew only when the second changes.
#[derive(Debug)]
pub struct DateField {
    date: HttpDate,
    value: String,
}

impl DateField {
    /// A field with the time `now`.
    pub fn new(now: SystemTime) -> Self {
        let date = HttpDate::at(now);
        Self { date, value: date.to_string() }
    }

    /// Moves the field on to `now`.
    pub fn update(&mut self, now: SystemTime) {
        if HttpDate::at(now) != self.date {
            *self = Self::new(now);
        }
    }

    /// The date as `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

/// A moment to the second, from 1970 to 9999. What is earlier reads as the first
/// second and what is later as the last: no validator of this server lies there
/// ([`HttpDate::of_last_modification`]), so no comparison comes out otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpDate {
    unix_secs: u64,
}

impl HttpDate {
    /// The second that `time` falls in.
    pub fn at(time: SystemTime) -> Self {
        let unix_secs = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { unix_secs: unix_secs.min(MAX_UNIX_SECS) }
    }

    /// What `Last-Modified` says of a file changed at `modified`, in a response
    /// whose `Date` is `now` or later.
    ///
    /// A time in the future is replaced by `now` (RFC 9110, 8.8.2.1: "the origin
    /// server MUST replace that value with the message origination date"). The
    /// epoch itself, or a time before it, is what archives and package stores put
    /// where they know no date, so it gives none.
    pub fn of_last_modification(modified: SystemTime, now: Self) -> Option<Self> {
        let date = Self::at(modified).min(now);
        (date.unix_secs > 0).then_some(date)
    }

    /// Reads a date in any of the three forms that a recipient must accept, exact
    /// to the letter and the space. `now` tells the century of a two-digit year.
    ///
    /// A date that does not exist, or whose day of the week is another, is none
    /// (RFC 5322, 3.3): it says two things, and which was meant is a guess.
    pub fn parse(value: &[u8], now: Self) -> Option<Self> {
        let text = str::from_utf8(value).ok()?;
        parse_imf_fixdate(text)
            .or_else(|| parse_rfc850_date(text, now))
            .or_else(|| parse_asctime_date(text))
    }
}

/// The preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`, which is the only one that
/// may be sent.
impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        httpdate::HttpDate::from(UNIX_EPOCH + Duration::from_secs(self.unix_secs)).fmt(f)
    }
}

/// Monday first.
const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// The calendar repeats after this many years, to the day of the week.
const CYCLE_YEARS: i64 = 400;

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn parse_imf_fixdate(text: &str) -> Option<HttpDate> {
    let [weekday, day, month, year, time, "GMT"] = pieces(text, ' ')? else {
        return None;
    };
    let weekday = weekday.strip_suffix(',').filter(|name| name.len() == 3)?;
    moment(weekday, digits(day, 2)?, month, digits(year, 4)?, time)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn parse_rfc850_date(text: &str, now: HttpDate) -> Option<HttpDate> {
    let [weekday, date, time, "GMT"] = pieces(text, ' ')? else {
        return None;
    };
    let weekday = weekday.strip_suffix(',').filter(|name| WEEKDAYS.contains(name))?;
    let [day, month, year] = pieces(date, '-')?;
    let (day, year_of_century) = (digits(day, 2)?, digits(year, 2)?);

    // RFC 9110, 5.6.7: a two-digit year "that appears to be more than 50 years in
    // the future" is "the most recent year in the past that had the same last two
    // digits".
    let latest = HttpDate { unix_secs: now.unix_secs + 50 * YEAR_SECS };
    let this_century = (1970 + i64::try_from(now.unix_secs / YEAR_SECS).ok()?) / 100 * 100;
    [this_century + 100, this_century, this_century - 100].into_iter().find_map(|century| {
        let date = moment(weekday, day, month, century + year_of_century, time);
        date.filter(|date| *date <= latest)
    })
}

/// `Sun Nov  6 08:49:37 1994`, whose day may be two digits, or a space and one.
fn parse_asctime_date(text: &str) -> Option<HttpDate> {
    let (weekday, month, day, time, year) = match pieces(text, ' ') {
        Some([weekday, month, day, time, year]) => (weekday, month, digits(day, 2)?, time, year),
        None => match pieces(text, ' ')? {
            [weekday, month, "", day, time, year] => (weekday, month, digits(day, 1)?, time, year),
            _ => return None,
        },
    };
    let weekday = Some(weekday).filter(|name| name.len() == 3)?;
    moment(weekday, day, month, digits(year, 4)?, time)
}

/// The moment at `time` on a day, where both exist, which the library tells.
///
/// What it lacks are the years before 1970, whose days are looked up a cycle later, and
/// the leap second `23:59:60`.
fn moment(weekday: &str, day: i64, month: &str, year: i64, time: &str) -> Option<HttpDate> {
    let weekday = weekday.get(..3)?;
    let is_early = year < 1970;
    let year = if is_early { year % CYCLE_YEARS + 5 * CYCLE_YEARS } else { year };
    let is_leap_second = time == "23:59:60";
    let time = if is_leap_second { "23:59:59" } else { time };
    let text = format!("{weekday}, {day:02} {month} {year:04} {time} GMT");
    let date = SystemTime::from(text.parse::<httpdate::HttpDate>().ok()?);
    let unix_secs = date.duration_since(UNIX_EPOCH).ok()?.as_secs() + u64::from(is_leap_second);
    Some(HttpDate { unix_secs: if is_early { 0 } else { unix_secs.min(MAX_UNIX_SECS) } })
}

/// Exactly `N` pieces, with `separator` between them.
fn pieces<const N: usize>(text: &str, separator: char) -> Option<[&str; N]> {
    let mut rest = text.split(separator);
    let mut pieces = [""; N];
    for piece in &mut pieces {
        *piece = rest.next()?;
    }
    rest.next().is_none().then_some(pieces)
}

/// A number of exactly `len` digits.
fn digits(text: &str, len: usize) -> Option<i64> {
    let is_number = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds of `text` when read in the middle of the year 2026.
    fn parse(text: &str) -> Option<u64> {
        let now = HttpDate { unix_secs: 1_782_864_000 };
        HttpDate::parse(text.as_bytes(), now).map(|date| date.unix_secs)
    }

    fn at(unix_secs: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(unix_secs)
    }

    #[test]
    fn formats_the_example_of_the_rfc_and_moves_on() {
        let mut date = DateField::new(UNIX_EPOCH + Duration::from_millis(784_111_777_999));
        assert_eq!(date.as_str(), "Sun, 06 Nov 1994 08:49:37 GMT");
        date.update(UNIX_EPOCH + Duration::from_secs(784_111_778));
        assert_eq!(date.as_str(), "Sun, 06 Nov 1994 08:49:38 GMT");
    }

    #[test]
    fn reads_the_three_forms() {
        for (text, unix_secs) in [
            // RFC 9110, 5.6.7
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Wed Nov 16 08:49:37 1994", 784_975_777),
            ("Sun Nov 06 08:49:37 1994", 784_111_777),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_UNIX_SECS),
            ("Fri, 31 Dec 9999 23:59:60 GMT", MAX_UNIX_SECS),
        ] {
            assert_eq!(parse(text), Some(unix_secs), "{text}");
        }
    }

    #[test]
    fn dates_before_1970_are_dates() {
        for text in [
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sunday, 06-Nov-60 08:49:37 GMT",
            "Mon Jan  1 00:00:00 1900",
            "Sat, 01 Jan 0000 00:00:00 GMT",
        ] {
            assert_eq!(parse(text), Some(0), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "0",
            "784111777",
            "1994-11-06T08:49:37Z",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 gmt",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 +8:49:37 GMT",
            "Sun, 06  Nov 1994 08:49:37 GMT",
            " Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun 06 Nov 1994 08:49:37 GMT",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Su, 06 Nov 1994 08:49:37 GMT",
            ", 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov   6 08:49:37 1994",
            "Sun Nov  06 08:49:37 1994",
            "Sun Nov  6 08:49:37 1994 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, \u{660}6 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(HttpDate::parse(b"\xff", HttpDate { unix_secs: 0 }), None);
    }

    #[test]
    fn refuses_days_and_times_that_do_not_exist() {
        for text in [
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Wed, 30 Feb 1994 08:49:37 GMT",
            "Tue, 29 Feb 1994 08:49:37 GMT",
            "Mon, 29 Feb 1900 08:49:37 GMT",
            "Mon, 00 Nov 1994 08:49:37 GMT",
            "Thu, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49:60 GMT",
            "Sun, 06 Nov 1994 23:59:61 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_two_digit_year_lies_at_most_50_years_ahead() {
        let year = |text| parse(text).map(|secs| 1970 + secs / YEAR_SECS);
        assert_eq!(year("Tuesday, 30-Jun-76 00:00:00 GMT"), Some(2076));
        assert_eq!(year("Wednesday, 01-Jul-26 00:00:00 GMT"), Some(2026));
        // 31 December 2076 is a Thursday too far ahead; that of 1976 was a Friday.
        assert_eq!(year("Thursday, 31-Dec-76 00:00:00 GMT"), None);
        assert_eq!(parse("Friday, 31-Dec-76 00:00:00 GMT"), Some(220_838_400));

        let in_2099 = HttpDate { unix_secs: 4_080_000_000 };
        let next = HttpDate::parse(b"Friday, 01-Jan-00 00:00:00 GMT", in_2099);
        assert_eq!(next, Some(HttpDate { unix_secs: 4_102_444_800 }));
    }

    #[test]
    fn reads_every_day_that_it_writes() {
        let now = HttpDate { unix_secs: 0 };
        for day in (0..2_932_897).step_by(97).chain(10_900..11_500) {
            let date = HttpDate { unix_secs: day * 86_400 + day % 86_400 };
            assert_eq!(HttpDate::parse(date.to_string().as_bytes(), now), Some(date));
        }
    }

    #[test]
    fn last_modified_is_a_whole_second_and_never_in_the_future() {
        let now = HttpDate { unix_secs: 100 };
        for (modified, expected) in [
            (at(99) + Duration::from_millis(999), Some(99)),
            (at(100), Some(100)),
            (at(100) + Duration::from_millis(1), Some(100)),
            (at(101), Some(100)),
            (at(999_999_999_999), Some(100)),
            (at(1), Some(1)),
            (at(0), None),
            (UNIX_EPOCH - Duration::from_secs(1), None),
        ] {
            let date = HttpDate::of_last_modification(modified, now);
            assert_eq!(date.map(|date| date.unix_secs), expected, "{modified:?}");
        }
        assert_eq!(HttpDate::at(at(999_999_999_999)).unix_secs, MAX_UNIX_SECS);
    }
}
