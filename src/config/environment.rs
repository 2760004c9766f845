//! Settings from the environment and from the command line, which both are one
//! line of text each.

use std::ffi::OsString;

use toml::{Table, Value};

use super::{error::ConfigError, lists, refusal::Refusal, settings::Settings};
use crate::diagnostic::Place;

/// What begins the name of each variable that is ours.
const PREFIX: &str = "PAGEPOOL_";
/// What stands in a variable's name for the dot of a key.
const SECTION_SEPARATOR: &str = "__";

/// A setting that was typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    name: &'static str,
    key: &'static str,
    value: Value,
}

impl Flag {
    /// The flag `name`, as typed, with what it sets `key` to, such as `port` or
    /// `templates.fuel`. A list is added to what other layers put there.
    pub fn new(name: &'static str, key: &'static str, value: impl Into<Value>) -> Self {
        Self { name, key, value: value.into() }
    }
}

/// Lays the variables that begin with `PAGEPOOL_` over `settings`.
pub(super) fn apply_variables(
    settings: &mut Settings,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), ConfigError> {
    let named = environment.into_iter().map(|(name, value)| (lossy(&name), value));
    let mut ours: Vec<_> = named.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    // The system gives no order; errors should come in one.
    ours.sort();
    ours.into_iter().try_for_each(|(name, value)| apply_variable(settings, &name, &value))
}

fn lossy(text: &OsString) -> String {
    text.to_string_lossy().into_owned()
}

fn apply_variable(
    settings: &mut Settings,
    name: &str,
    value: &OsString,
) -> Result<(), ConfigError> {
    let key = name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase();
    let path: Vec<String> = key.split(SECTION_SEPARATOR).map(str::to_owned).collect();
    let list = path.first().unwrap_or(&key);
    let result = match value.to_str() {
        _ if lists::keys_of(list).is_some() => Err(Refusal::FileOnly { list: list.clone() }),
        Some(text) => set_text(settings, &path, text),
        None => Err(Refusal::BadValue { takes: "text in UTF-8".to_owned() }),
    };
    result.map_err(|refusal| {
        let line = format!("{name}={}", lossy(value));
        let culprit = match refusal {
            Refusal::BadValue { .. } => name.len() + 1..line.len(),
            _ => 0..name.len(),
        };
        let place = Place::in_line("the environment", &line, culprit);
        ConfigError::refused(refusal, "variable", name, vec![place], variable_name)
    })
}

fn variable_name(path: &[String]) -> String {
    format!("{PREFIX}{}", path.join(SECTION_SEPARATOR).to_uppercase())
}

/// Sets what `text` can mean for the key: TOML, else the text itself, else a
/// list with commas.
fn set_text(settings: &mut Settings, path: &[String], text: &str) -> Result<(), Refusal> {
    let is_kind_expected =
        |value: &Value| settings.get(path).is_none_or(|current| current.same_type(value));
    let toml = parse_value(text).filter(is_kind_expected);
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let list: Vec<&str> = items.collect();
    let meanings = toml.into_iter().chain([text.into(), list.into()]);

    let mut refusal = None;
    for value in meanings {
        match settings.set(path, value) {
            Ok(()) => return Ok(()),
            Err(refused) => refusal = refusal.or(Some(refused)),
        }
    }
    refusal.map_or(Ok(()), Err)
}

/// Reads one TOML value; the line end keeps a second key out.
fn parse_value(text: &str) -> Option<Value> {
    let is_one_line = !text.contains(['\n', '\r']);
    let table: Table = is_one_line.then(|| toml::from_str(&format!("value = {text}")).ok())??;
    table.into_iter().next().map(|(_, value)| value)
}

/// Lays what was typed over `settings`.
pub(super) fn apply_flags(settings: &mut Settings, flags: Vec<Flag>) -> Result<(), ConfigError> {
    flags.into_iter().try_for_each(|flag| apply_flag(settings, flag))
}

fn apply_flag(settings: &mut Settings, flag: Flag) -> Result<(), ConfigError> {
    let Flag { name, key, value } = flag;
    let path: Vec<String> = key.split('.').map(str::to_owned).collect();
    let typed = typed_text(&value);
    let value = match (settings.get(&path), value) {
        (Some(Value::Array(current)), Value::Array(added)) => {
            Value::Array(current.iter().cloned().chain(added).collect())
        }
        (_, value) => value,
    };
    settings.set(&path, value).map_err(|refusal| {
        let line = format!("{name} {typed}");
        let culprit = name.len() + 1..line.len();
        let place = Place::in_line("the command line", &line, culprit);
        ConfigError::refused(refusal, "flag", name, vec![place], |key| {
            format!("--{}", key.join("-"))
        })
    })
}

fn typed_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(typed_text).collect::<Vec<_>>().join(" "),
        value => value.to_string(),
    }
}
