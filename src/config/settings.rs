//! The layers merged so far: one tree of keys, and the [`Config`] that it makes.

use toml::{Table, Value};

use super::Config;

/// How alike a known key must be to be offered for an unknown one; 1 is equal.
const LEAST_LIKENESS: f64 = 0.75;

/// All keys with their values, each of them checked when it was set.
#[derive(Debug)]
pub(super) struct Settings(Table);

/// Why a value was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such key; perhaps this one is meant, from the top level.
    UnknownKey { nearest: Option<Vec<String>> },
    /// What the key takes.
    BadValue { takes: String },
}

impl Default for Settings {
    fn default() -> Self {
        let table = Table::try_from(Config::default());
        Self(table.expect("the defaults are text, numbers and tables"))
    }
}

impl Settings {
    pub(super) fn into_config(self) -> Config {
        self.0.try_into().expect("no rule spans two keys, and `set` checks each by itself")
    }

    /// The value at `path`, where there is one by now.
    pub(super) fn get(&self, path: &[String]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(first)?, |value, key| value.get(key))
    }

    /// Whether `path` is a section, whose keys are set one by one: what is not
    /// named keeps its value.
    pub(super) fn is_section(&self, path: &[String]) -> bool {
        self.get(path).is_some_and(Value::is_table)
    }

    /// Sets one key; a table for a section sets each key that it names.
    pub(super) fn set(&mut self, path: &[String], value: Value) -> Result<(), Refusal> {
        self.check_known(path)?;
        match value {
            Value::Table(entries) if self.is_section(path) => {
                entries.into_iter().try_for_each(|(key, value)| self.set(&join(path, &key), value))
            }
            // A section of the configuration stays one; below `site` all is free.
            _ if path.len() == 1 && self.is_section(path) => {
                Err(Refusal::BadValue { takes: "a table".into() })
            }
            value => self.set_value(path, value),
        }
    }

    fn set_value(&mut self, path: &[String], value: Value) -> Result<(), Refusal> {
        let mut alone = Table::new();
        insert(&mut alone, path, value.clone());
        match alone.try_into::<Config>() {
            Ok(_) => {
                insert(&mut self.0, path, value);
                Ok(())
            }
            Err(error) => Err(Refusal::BadValue { takes: error.message().to_owned() }),
        }
    }

    fn check_known(&self, path: &[String]) -> Result<(), Refusal> {
        let is_free = path.first().is_some_and(|key| key == "site");
        if is_free || self.get(path).is_some() {
            return Ok(());
        }
        Err(Refusal::UnknownKey { nearest: self.nearest(path) })
    }

    /// The known key most like `path`: by its whole name, or by its last part
    /// where a section was forgotten or invented.
    fn nearest(&self, path: &[String]) -> Option<Vec<String>> {
        let known = known_paths(&self.0);
        let scored = known.into_iter().map(|key| (likeness(path, &key), key));
        let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
        best.filter(|(likeness, _)| *likeness > LEAST_LIKENESS).map(|(_, key)| key)
    }
}

/// `path` with one key more.
pub(super) fn join(path: &[String], key: &str) -> Vec<String> {
    path.iter().cloned().chain([key.to_owned()]).collect()
}

fn insert(table: &mut Table, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        table.insert(first.clone(), value);
        return;
    }
    let entry = table.entry(first.clone()).or_insert_with(|| Value::Table(Table::new()));
    if !entry.is_table() {
        *entry = Value::Table(Table::new());
    }
    if let Value::Table(inner) = entry {
        insert(inner, rest, value);
    }
}

/// Each key of the top level, and each in a section.
fn known_paths(table: &Table) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (key, value) in table {
        paths.push(vec![key.clone()]);
        if let Value::Table(section) = value {
            paths.extend(section.keys().map(|inner| vec![key.clone(), inner.clone()]));
        }
    }
    paths
}

fn likeness(path: &[String], known: &[String]) -> f64 {
    let whole = strsim::jaro_winkler(&path.join("."), &known.join("."));
    let last = match (path.last(), known.last()) {
        (Some(a), Some(b)) => strsim::jaro_winkler(a, b),
        _ => 0.0,
    };
    whole.max(last)
}
