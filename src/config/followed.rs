//! Keys that are followed in the configuration file while the server runs, and what to say of
//! all others.

use std::path::Path;

use toml::{Table, Value};

use super::{Config, DEFAULT_FILE, file};
use crate::{dates::Zone, diagnostic::Place};

/// The keys of the top level that are followed while the server runs.
const FOLLOWED: [&str; 3] = ["site", "timezone", "url"];

impl Config {
    /// The file that [`Config::load`] reads, which may be missing where none is named.
    pub fn file(config_file: Option<&Path>) -> &Path {
        config_file.unwrap_or(Path::new(DEFAULT_FILE))
    }

    /// The places of the targets of the first `count` redirects: in the file, if it has that
    /// many, else the file as a whole.
    pub fn places_of_redirects(config_file: Option<&Path>, count: usize) -> Vec<Place> {
        let path = Self::file(config_file);
        let places = file::places_of_items(path, "redirects", "to");
        let unknown = || vec![Place::of_file(&path.to_string_lossy()); count];
        if places.len() == count { places } else { unknown() }
    }

    /// The zone of times without an offset, and in which pages show dates.
    pub fn timezone(&self) -> Zone {
        Zone::named(&self.timezone).unwrap_or_default()
    }

    /// Where the site is known in public, without a slash at the end.
    pub fn url(&self) -> Option<&str> {
        Some(self.url.trim_end_matches('/')).filter(|url| !url.is_empty())
    }

    /// The keys whose values are others in `new`, but for those that are followed, in their
    /// order: `port`, `templates.fuel`.
    pub fn changed_keys(&self, new: &Self) -> Vec<String> {
        let table = |config| Table::try_from(config).unwrap_or_default();
        let (old, new) = (table(self), table(new));
        let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter()
            .filter(|key| !FOLLOWED.contains(&key.as_str()))
            .flat_map(|key| changed_below(key, old.get(key), new.get(key)))
            .collect()
    }
}

/// `key`, or those of its section, whose values differ.
fn changed_below(key: &str, old: Option<&Value>, new: Option<&Value>) -> Vec<String> {
    match (old, new) {
        _ if old == new => Vec::new(),
        (Some(Value::Table(old)), Some(Value::Table(new))) => {
            let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
            names.sort_unstable();
            names.dedup();
            let names = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
            names.map(|name| format!("{key}.{name}")).collect()
        }
        _ => vec![key.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_keys_that_need_a_restart() {
        let config = |text: &str| -> Config { toml::from_str(text).unwrap() };
        for (old, new, keys) in [
            ("", "", &[] as &[&str]),
            ("", "timezone = 'Asia/Tokyo'\nurl = 'https://a.example'\n[site]\na = 1", &[]),
            ("port = 80", "port = 81\nquiet = true", &["port", "quiet"]),
            ("", "port = 8889", &["port"]),
            ("[templates]\nfuel = 1", "[live]\nwatch = false", &["live.watch", "templates.fuel"]),
            ("[types]\na = 'text/a'", "[types]\nb = 'text/a'", &["types.a", "types.b"]),
            ("", "[[redirects]]\nfrom = '/a'\nto = '/b'", &["redirects"]),
        ] {
            assert_eq!(config(old).changed_keys(&config(new)), keys, "{old} -> {new}");
        }
    }
}
