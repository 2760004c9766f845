//! The layers merged so far: one tree of keys, and the [`Config`] that it makes.

use toml::{Table, Value};

use super::{
    Config, lists,
    refusal::{Refusal, join},
    rules::is_extension,
};
use crate::diagnostic::nearest::nearest;

/// The tables whose keys are for the user to choose.
const FREE: [&str; 2] = ["site", "types"];

/// The keys of the top level that have no value unless one is chosen.
const WITHOUT_DEFAULT: [&str; 1] = ["port"];

/// All keys with their values, each of them checked when it was set.
#[derive(Debug)]
pub(super) struct Settings(Table);

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
        if let [list] = path
            && let Some(keys) = lists::keys_of(list)
        {
            lists::check(list, keys, &value, |path| self.nearest(path))?;
            insert(&mut self.0, path, value);
            return Ok(());
        }
        self.check_known(path)?;
        match value {
            Value::Table(entries) if self.is_section(path) => {
                entries.into_iter().try_for_each(|(key, value)| self.set(&join(path, &key), value))
            }
            // A section of the configuration stays one; below a free one all is free.
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
        if let [types, extension, ..] = path
            && types == "types"
            && !is_extension(extension)
        {
            let help =
                "a key of `types` is a file extension without its dot, in lower case, such as `md`";
            return Err(Refusal::BadKey { help });
        }
        let is_free = path.first().is_some_and(|key| FREE.contains(&key.as_str()));
        let is_unset = matches!(path, [key] if WITHOUT_DEFAULT.contains(&key.as_str()));
        if is_free || is_unset || self.get(path).is_some() {
            return Ok(());
        }
        Err(Refusal::UnknownKey { nearest: self.nearest(path) })
    }

    /// The known key that is meant by `path`: with the same last part, where a section was
    /// forgotten or invented; or else with a name that is near, in whole or in that part.
    fn nearest(&self, path: &[String]) -> Option<Vec<String>> {
        let mut known: Vec<_> = known_paths(&self.0);
        known.extend(lists::known_paths());
        known.extend(WITHOUT_DEFAULT.map(|key| vec![key.to_owned()]));
        fn last(path: &[String]) -> String {
            path.last().cloned().unwrap_or_default()
        }
        let near = |name: fn(&[String]) -> String| {
            let names: Vec<String> = known.iter().map(|key| name(key)).collect();
            let near = nearest(&name(path), names.iter().map(String::as_str))?;
            names.iter().position(|name| name == near)
        };
        let same = known.iter().position(|key| key.last() == path.last());
        let idx = same.or_else(|| near(|path| path.join("."))).or_else(|| near(last))?;
        Some(known.swap_remove(idx))
    }
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
