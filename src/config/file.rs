//! The configuration file: TOML, with the place of each error.

use std::{fs, io, ops::Range, path::Path};

use serde::Deserialize;
use toml::{
    Spanned, Value,
    de::{DeTable, DeValue, ValueDeserializer},
};

use super::{
    error::ConfigError,
    refusal::{ListPart, Refusal, join},
    settings::Settings,
};
use crate::diagnostic::Place;

/// Lays the file at `path` over `settings`.
pub(super) fn apply(settings: &mut Settings, path: &Path) -> Result<(), ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(unreadable)?;
    apply_bytes(settings, &path.to_string_lossy(), &bytes)
}

/// Like [`apply`]; no file is no error.
pub(super) fn apply_if_present(settings: &mut Settings, path: &Path) -> Result<(), ConfigError> {
    match apply(settings, path) {
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(())
        }
        applied => applied,
    }
}

/// The places of `key` in each item of the list `name`, in the file at `path`. None where the
/// file has no such list.
pub(super) fn places_of_items(path: &Path, name: &str, key: &str) -> Vec<Place> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let Ok(table) = DeTable::parse(text) else { return Vec::new() };
    let items = table.get_ref().get(name).and_then(|list| list.get_ref().as_array());
    let place = |item: &Spanned<DeValue<'_>>| {
        let value = item.get_ref().as_table().and_then(|item| item.get(key));
        let span = value.map_or_else(|| item.span(), Spanned::span);
        Place::in_text(&path.to_string_lossy(), text, span, 0)
    };
    items.into_iter().flatten().map(place).collect()
}

fn apply_bytes(settings: &mut Settings, path: &str, bytes: &[u8]) -> Result<(), ConfigError> {
    let text = str::from_utf8(bytes).map_err(|error| not_utf8(path, bytes, error.valid_up_to()))?;
    // An editor's mark, which would count as a column.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table = DeTable::parse(text).map_err(|error| syntax_error(path, text, &error))?;
    let mut entries = Vec::new();
    list_entries(settings, &[], table.into_inner(), &mut entries);
    // The table is in the order of its keys; a reader mends the file from the top.
    entries.sort_by_key(|entry| entry.key_span.start);
    entries.into_iter().try_for_each(|entry| entry.apply(settings, path, text))
}

fn not_utf8(path: &str, bytes: &[u8], valid_up_to: usize) -> ConfigError {
    let text = String::from_utf8_lossy(bytes);
    let span = valid_up_to..valid_up_to + char::REPLACEMENT_CHARACTER.len_utf8();
    ConfigError::invalid(
        "the file is not UTF-8".to_owned(),
        vec![Place::in_text(path, &text, span, 0)],
        "save it as UTF-8 in the editor".to_owned(),
    )
}

fn syntax_error(path: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    ConfigError::invalid(
        error.message().to_owned(),
        vec![Place::in_text(path, text, error.span().unwrap_or_default(), 0)],
        "the file is TOML: `key = value`, with text in double quotes".to_owned(),
    )
}

/// A key with a value, from wherever in the file.
struct Entry<'i> {
    path: Vec<String>,
    key_span: Range<usize>,
    value: Spanned<DeValue<'i>>,
}

/// Lists the keys of `table`, which stands at `path`, and those of its sections.
fn list_entries<'i>(
    settings: &Settings,
    path: &[String],
    table: DeTable<'i>,
    entries: &mut Vec<Entry<'i>>,
) {
    for (key, value) in table {
        let path = join(path, key.get_ref());
        let (key_span, span) = (key.span(), value.span());
        match value.into_inner() {
            DeValue::Table(table) if settings.is_section(&path) => {
                list_entries(settings, &path, table, entries);
            }
            value => entries.push(Entry { path, key_span, value: Spanned::new(span, value) }),
        }
    }
}

impl Entry<'_> {
    fn apply(self, settings: &mut Settings, file: &str, text: &str) -> Result<(), ConfigError> {
        let value = to_value(&self.value, text);
        settings.set(&self.path, value).map_err(|refusal| {
            let spans = match &refusal {
                Refusal::BadValue { .. } => vec![self.culprit(settings, text)],
                Refusal::Inside { part, others, .. } => {
                    let parts = [part].into_iter().chain(others);
                    parts.map(|part| span_of(part, &self.value)).collect()
                }
                _ => vec![self.key_span.clone()],
            };
            let places = spans.into_iter().map(|span| Place::in_text(file, text, span, 0));
            let name = self.path.join(".");
            ConfigError::refused(refusal, "key", &name, places.collect(), |key| key.join("."))
        })
    }

    /// The value, or the first item of a list that is not allowed by itself.
    fn culprit(&self, settings: &mut Settings, text: &str) -> Range<usize> {
        let is_refused = |item: &&Spanned<DeValue<'_>>| {
            let alone = Value::Array(vec![to_value(item, text)]);
            settings.set(&self.path, alone).is_err()
        };
        let items = self.value.get_ref().as_array().into_iter().flatten();
        let mut items = items.filter(is_refused);
        items.next().map_or_else(|| self.value.span(), Spanned::span)
    }
}

/// Where `part` is in `list`, or as much of the way there as it has.
fn span_of(part: &ListPart, list: &Spanned<DeValue<'_>>) -> Range<usize> {
    let mut key_span = list.span();
    let mut value = list;
    for step in &part.steps {
        let next = match value.get_ref() {
            DeValue::Array(items) => step.parse().ok().and_then(|idx: usize| items.get(idx)),
            DeValue::Table(table) => {
                table.iter().find(|(key, _)| key.get_ref() == step).map(|(key, value)| {
                    key_span = key.span();
                    value
                })
            }
            _ => None,
        };
        let Some(next) = next else {
            return value.span();
        };
        value = next;
    }
    if part.is_key { key_span } else { value.span() }
}

/// The value without its place. A number that no integer can hold stays the text
/// that it is in the file, for the rule of its key to refuse.
fn to_value(value: &Spanned<DeValue<'_>>, text: &str) -> Value {
    Value::deserialize(ValueDeserializer::from(value.clone()))
        .unwrap_or_else(|_| text.get(value.span()).unwrap_or_default().into())
}
