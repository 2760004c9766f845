//! Time zones by their IANA names.

use jiff::{
    Timestamp,
    tz::{self, TimeZone},
};

use super::error::DateError;
use crate::diagnostic::nearest::{did_you_mean, nearest};

/// What prefixes the names of the system's other copies of the zones.
const OTHER_COPIES: [&str; 2] = ["posix/", "right/"];

/// A time zone. The default is UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(pub(super) TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Zone {
    /// The zone of this name in the database of IANA, such as `Europe/Berlin`.
    ///
    /// # Errors
    /// Where there is none, with the nearest name.
    pub fn named(name: &str) -> Result<Self, DateError> {
        // The default: a start need not look through all zones for it, which takes 4 ms.
        if name == "UTC" {
            return Ok(Self::default());
        }
        match tz::db().get(name) {
            Ok(zone) => Ok(Self(zone)),
            Err(_) => Err(DateError::new(format!("`{name}` is no time zone"), help(name))),
        }
    }

    /// Its rules as a text, which is another one for other rules. After the last year that is
    /// listed in any zone they repeat themselves.
    pub(crate) fn rules(&self) -> String {
        let last = Timestamp::from_second(LAST_TRANSITION_SECS).unwrap_or(Timestamp::MAX);
        let transitions = self.0.following(Timestamp::MIN);
        let transitions = transitions.take_while(|transition| transition.timestamp() < last);
        let transitions = transitions.map(|transition| format!("{transition:?}"));
        let first = self.0.to_offset_info(Timestamp::MIN);
        format!("{:?} {first:?} {}", self.0, transitions.collect::<Vec<_>>().join(" "))
    }
}

/// The year 2100: tables end in 2037.
const LAST_TRANSITION_SECS: i64 = 4_102_444_800;

fn help(name: &str) -> String {
    let known: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
    let known = known.iter().map(String::as_str);
    let known = known.filter(|name| !OTHER_COPIES.iter().any(|other| name.starts_with(other)));
    let known: Vec<&str> = known.collect();
    let wanted = name.replace(' ', "_");
    let is_city = |known: &&&str| {
        let city = known.rsplit('/').next();
        city.is_some_and(|city| city.eq_ignore_ascii_case(&wanted))
    };
    let cities = || known.iter().filter_map(|known| known.rsplit('/').next());
    let of_city = |city: &str| known.iter().find(|known| known.ends_with(&format!("/{city}")));
    let near = known.iter().find(is_city).copied();
    let near = near.or_else(|| nearest(&wanted, known.iter().copied()));
    let near = near.or_else(|| nearest(&wanted, cities()).and_then(of_city).copied());
    match near {
        Some(name) => did_you_mean(name),
        None => "a zone has the name of the IANA database, such as `Europe/Berlin` or `UTC`".into(),
    }
}
