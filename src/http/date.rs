//! Dates as HTTP writes them (RFC 9110, 5.6.7).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The value of the field `Date`, formatted anew only when the second changes.
#[derive(Debug)]
pub struct DateField {
    unix_secs: u64,
    value: String,
}

impl DateField {
    /// A field that says `now`.
    pub fn new(now: SystemTime) -> Self {
        let unix_secs = unix_secs(now);
        Self { unix_secs, value: format_secs(unix_secs) }
    }

    /// Moves the field on to `now`.
    pub fn update(&mut self, now: SystemTime) {
        if unix_secs(now) != self.unix_secs {
            *self = Self::new(now);
        }
    }

    /// The date as `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

fn unix_secs(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn format_secs(unix_secs: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix_secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_the_example_of_the_rfc_and_moves_on() {
        let mut date = DateField::new(UNIX_EPOCH + Duration::from_millis(784_111_777_999));
        assert_eq!(date.as_str(), "Sun, 06 Nov 1994 08:49:37 GMT");
        date.update(UNIX_EPOCH + Duration::from_secs(784_111_778));
        assert_eq!(date.as_str(), "Sun, 06 Nov 1994 08:49:38 GMT");
    }
}
