//! Errors of dates: what is wrong, and what to write.

/// Why a text is no date, or a date has no such form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateError {
    /// What is wrong, in a few words.
    pub message: String,
    /// What to do about it, in one line.
    pub help: String,
}

impl DateError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// A pattern that cannot be followed.
    pub(super) fn of_pattern(pattern: &str, is_day: bool, error: &jiff::Error) -> Self {
        let message = format!("the pattern `{pattern}` cannot be followed: {error}");
        let zone_parts = ["z", ":z", "Z", "Q", ":Q", "s"];
        let is_asked = |part: &&str| pattern.contains(&format!("%{part}"));
        let asks_for_zone = is_day && zone_parts.iter().any(is_asked);
        let help = match asks_for_zone {
            true => {
                "a date without a time has no zone: `| rfc3339` gives the moment at which the \
                 day begins, or leave the zone out of the pattern"
            }
            false => {
                "patterns are those of strftime, such as `%d %B %Y` or `%H:%M`; a percent sign is \
                 `%%`"
            }
        };
        Self::new(message, help)
    }
}

impl std::fmt::Display for DateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DateError {}
