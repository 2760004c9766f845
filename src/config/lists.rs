//! The settings that are lists of tables, one table a rule: `[[headers]]`.
//!
//! They stand in the file alone, so that each complaint can name the place.

use toml::{Table, Value};

use super::{
    Config,
    error::ConfigError,
    refusal::{ListPart, Refusal, join},
};
use crate::diagnostic::Place;
use crate::rules::{
    HEADER_KEYS, HeaderRules, Key, REDIRECT_KEYS, RedirectRules, RuleError, RulePart,
};

const LISTS: [(&str, &[Key]); 2] = [("headers", HEADER_KEYS), ("redirects", REDIRECT_KEYS)];

/// The keys of each table of `list`, where that is such a list.
pub(super) fn keys_of(list: &str) -> Option<&'static [Key]> {
    LISTS.iter().find(|(name, _)| *name == list).map(|&(_, keys)| keys)
}

/// Each list, and each key of its tables.
pub(super) fn known_paths() -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (list, keys) in LISTS {
        let list = [list.to_owned()];
        paths.extend(keys.iter().map(|key| join(&list, key.name)));
        paths.push(list.into());
    }
    paths
}

/// Checks `value` for `list`, whose tables have these keys; `nearest` finds a
/// known key.
pub(super) fn check(
    list: &str,
    keys: &[Key],
    value: &Value,
    nearest: impl Fn(&[String]) -> Option<Vec<String>>,
) -> Result<(), Refusal> {
    let items = value.as_array().ok_or_else(|| no_tables(list))?;
    for (idx, item) in items.iter().enumerate() {
        let part = ListPart::of_item(list, idx);
        let table = item.as_table().ok_or_else(|| no_tables(list).inside(part.clone()))?;
        let unknown = table.keys().find(|name| !keys.iter().any(|key| key.name == *name));
        if let Some(name) = unknown {
            let nearest = nearest(&[list.to_owned(), name.clone()]);
            return Err(Refusal::UnknownKey { nearest }.inside(part.of_entry(name).as_key()));
        }
        keys.iter().try_for_each(|key| check_entry(list, key, table, &part))?;
    }
    check_rules(list, value)
}

fn no_tables(list: &str) -> Refusal {
    Refusal::BadValue { takes: format!("tables, each under `[[{list}]]`") }
}

/// Checks that the entry is there where it must be, and of the right type.
fn check_entry(list: &str, key: &Key, table: &Table, part: &ListPart) -> Result<(), Refusal> {
    let part = part.of_entry(key.name);
    let takes = key.takes.to_owned();
    match table.get(key.name) {
        None if key.is_required => Err(Refusal::MissingKey { takes }.inside(part)),
        Some(value) if !has_right_type(list, key, value) => {
            Err(Refusal::BadValue { takes }.inside(part))
        }
        _ => Ok(()),
    }
}

fn has_right_type(list: &str, key: &Key, value: &Value) -> bool {
    let item = Table::from_iter([(key.name.to_owned(), value.clone())]);
    config_of(list, Value::Array(vec![item.into()])).is_some()
}

fn config_of(list: &str, value: Value) -> Option<Config> {
    Table::from_iter([(list.to_owned(), value)]).try_into().ok()
}

/// Checks what is more than a matter of types.
fn check_rules(list: &str, value: &Value) -> Result<(), Refusal> {
    let config = config_of(list, value.clone()).ok_or_else(|| no_tables(list))?;
    let errors =
        [HeaderRules::new(&config.headers).err(), RedirectRules::new(&config.redirects).err()];
    let error = errors.into_iter().flatten().next();
    error.map_or(Ok(()), |error| Err(refusal(list, error)))
}

fn refusal(list: &str, error: RuleError) -> Refusal {
    let entry = |idx| ListPart::of_item(list, idx).of_entry(error.key);
    let part = entry(error.idx);
    let others = error.others.into_iter().map(entry).collect();
    let part = match error.part {
        RulePart::Whole => part,
        RulePart::Name(name) => part.step(&name).as_key(),
        RulePart::ValueOf(name) => part.step(&name),
        RulePart::Item(idx) => part.step(&idx.to_string()),
    };
    Refusal::BadValue { takes: error.takes }.inside_with(part, others)
}

/// Checks the redirects once more, when it is known under which URL the server is reached:
/// where each rule stands is forgotten by then.
pub(super) fn check_own_urls(config: &Config) -> Result<(), ConfigError> {
    if !config.redirects.iter().any(|rule| rule.to.starts_with("http://")) {
        return Ok(());
    }
    let Err(error) = RedirectRules::served_at(&config.redirects, &own_authorities(config)) else {
        return Ok(());
    };
    let place = |&idx: &usize| {
        let line = format!("to = {:?}", config.redirects.get(idx)?.to);
        let culprit = "to = ".len()..line.len();
        Some(Place::in_line(&format!("rule {} of `[[redirects]]`", idx + 1), &line, culprit))
    };
    Err(ConfigError::invalid(
        format!("invalid value for `redirects.{}`", error.key),
        [error.idx].iter().chain(&error.others).filter_map(place).collect(),
        format!("`redirects.{}` takes {}", error.key, error.takes),
    ))
}

/// The authorities of URLs that surely lead to this server.
fn own_authorities(config: &Config) -> Vec<String> {
    let hosts = match config.host.as_str() {
        _ if config.port() == 0 => vec![],
        _ if config.is_localhost() => vec!["localhost", "127.0.0.1", "[::1]"],
        host => vec![host],
    };
    let bracketed = |host: &str| match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    };
    hosts
        .into_iter()
        .map(|host| format!("{}:{}", bracketed(host), config.port()).to_ascii_lowercase())
        .collect()
}
