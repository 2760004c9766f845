//! A date: a calendar day, a time of the site's own zone, or a moment; and its forms.

use std::time::SystemTime;

use jiff::{
    Timestamp, Zoned,
    civil::{self, DateTime, Time},
    fmt::{rfc2822, strtime, temporal::DateTimePrinter},
    tz::{Offset, TimeZone},
};

use super::{error::DateError, zone::Zone};

/// The zone in which each day begins first: UTC+14, of the Line Islands.
const EARLIEST_OFFSET_HOURS: i8 = 14;

/// A date. Only one with a time names a moment exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Date {
    /// A calendar day, which has no zone.
    Day(civil::Date),
    /// A time without an offset: that of the site's own zone.
    Local(DateTime),
    /// A moment.
    Instant(Timestamp),
}

impl Date {
    /// The moment `time`, or the last one that a calendar has.
    pub fn at(time: SystemTime) -> Self {
        Self::Instant(Timestamp::try_from(time).unwrap_or(Timestamp::MAX))
    }

    /// The moment `secs` seconds after 1970 began. `None` where no calendar reaches it.
    pub fn of_unix(secs: i64) -> Option<Self> {
        Timestamp::from_second(secs).ok().map(Self::Instant)
    }

    /// The moment at which it begins in `zone`: by this dates are compared.
    pub fn begins(&self, zone: &Zone) -> SystemTime {
        self.timestamp(zone).into()
    }

    /// The moment from which a page of this date is public: a day as soon as it begins
    /// anywhere on Earth.
    pub fn is_public_from(&self, zone: &Zone) -> SystemTime {
        match self {
            Self::Day(day) => {
                let earliest = TimeZone::fixed(Offset::constant(EARLIEST_OFFSET_HOURS));
                timestamp(day.to_datetime(Time::midnight()), &earliest).into()
            }
            Self::Local(_) | Self::Instant(_) => self.begins(zone),
        }
    }

    /// The date by a pattern of strftime, such as `%d %B %Y`. A day has the time 00:00 and
    /// no zone.
    ///
    /// # Errors
    /// Where the pattern has a part that there is not, or asks for the zone of a day.
    pub fn format(&self, pattern: &str, zone: &Zone) -> Result<String, DateError> {
        let formatted = match self {
            Self::Day(day) => strtime::format(pattern, day.to_datetime(Time::midnight())),
            Self::Local(_) | Self::Instant(_) => strtime::format(pattern, &self.zoned(zone)),
        };
        formatted
            .map_err(|error| DateError::of_pattern(pattern, matches!(self, Self::Day(_)), &error))
    }

    /// The moment at which it begins, as RFC 3339 has it, in whole seconds.
    pub fn rfc3339(&self, zone: &Zone) -> String {
        let zoned = self.zoned(zone);
        let printer = DateTimePrinter::new().precision(Some(0));
        match zoned.offset() {
            Offset::UTC => printer.timestamp_to_string(&zoned.timestamp()),
            offset => printer.timestamp_with_offset_to_string(&zoned.timestamp(), offset),
        }
    }

    /// The same as RFC 2822 has it (3.3), for RSS. Empty for a year before 0.
    pub fn rfc2822(&self, zone: &Zone) -> String {
        rfc2822::to_string(&self.zoned(zone)).unwrap_or_default()
    }

    /// What is printed where no form is asked for: `2026-11-27`, or the whole moment.
    pub fn text(&self, zone: &Zone) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Local(_) | Self::Instant(_) => self.rfc3339(zone),
        }
    }

    /// Its year, month, day, hour, minute and second in `zone`.
    pub fn fields(&self, zone: &Zone) -> [i16; 6] {
        let time = match self {
            Self::Day(day) => day.to_datetime(Time::midnight()),
            Self::Local(time) => *time,
            Self::Instant(_) => self.zoned(zone).datetime(),
        };
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let small = [time.month(), time.day(), hour, minute, second].map(i16::from);
        let [month, day, hour, minute, second] = small;
        [time.year(), month, day, hour, minute, second]
    }

    fn zoned(&self, zone: &Zone) -> Zoned {
        self.timestamp(zone).to_zoned(zone.0.clone())
    }

    fn timestamp(&self, zone: &Zone) -> Timestamp {
        match self {
            Self::Day(day) => timestamp(day.to_datetime(Time::midnight()), &zone.0),
            Self::Local(time) => timestamp(*time, &zone.0),
            Self::Instant(timestamp) => *timestamp,
        }
    }
}

/// The moment of a time in a zone: where clocks are put forward over it, the moment by as
/// much later; where they are put back over it, the first of the two. Beyond the calendar,
/// its nearest end.
pub(super) fn timestamp(time: DateTime, zone: &TimeZone) -> Timestamp {
    let end = if time.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
    zone.to_ambiguous_timestamp(time).compatible().unwrap_or(end)
}
