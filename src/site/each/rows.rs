//! The rows of the list that `each` names, by their keys.

use std::{collections::HashMap, sync::Arc};

use minijinja::{
    Environment, Error,
    value::{Value, ValueKind},
};

use crate::site::{
    each::pattern::Pattern,
    metadata::keys::Each,
    naming::Naming,
    templates::{explained::error_here, limits},
};

/// More pages than one file can stand for.
const MAX_ROWS: usize = 100_000;

/// The rows of a list, each with the part of a URL that stands for it.
#[derive(Debug)]
pub(crate) struct Rows {
    rows: Vec<Row>,
    by_id: HashMap<Arc<str>, usize>,
}

/// A row with its key.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: Arc<str>,
    pub(crate) value: Value,
}

impl Rows {
    /// Evaluates `each` of the file of `pattern`, with the names of `context`. Without those
    /// that are drafts, unless `with_drafts`.
    ///
    /// # Errors
    /// Where that is no list, a row has no key or one that no URL can have, or two have the
    /// same.
    pub(crate) fn of(
        environment: &Environment<'_>,
        each: &Each,
        pattern: &Pattern,
        context: Value,
        naming: &Naming,
        with_drafts: bool,
    ) -> Result<Self, Error> {
        let list = evaluate(environment, each, context)?;
        let mut rows = Self { rows: Vec::new(), by_id: HashMap::new() };
        let mut numbers = Vec::new();
        for (number, (name, value)) in (1..).zip(pairs(&list, each)?) {
            limits::check_time_seldom()?;
            if !with_drafts && value.get_attr("draft").is_ok_and(|draft| draft.is_true()) {
                continue;
            }
            let place = Place { each, pattern, number };
            let id: Arc<str> = place.key(&value, name.as_ref())?.into();
            if pattern.path_of(&id, naming).is_none() {
                return Err(place.unfit(&id));
            }
            if let Some(first) = rows.by_id.insert(Arc::clone(&id), rows.rows.len()) {
                return Err(place.repeated(&id, numbers.get(first).copied().unwrap_or_default()));
            }
            rows.rows.push(Row { id, value });
            numbers.push(number);
        }
        Ok(rows)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Row> {
        self.rows.get(*self.by_id.get(id)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

fn evaluate(environment: &Environment<'_>, each: &Each, context: Value) -> Result<Value, Error> {
    let list = environment.compile_expression_owned(each.list.clone())?.eval(context.clone())?;
    if list.is_undefined() {
        // The engine then says what of it is not defined.
        let looped = format!("({}) | list", each.list);
        return environment.compile_expression_owned(looped)?.eval(context);
    }
    Ok(list)
}

/// The values of a list; of a map, each with its key.
fn pairs(list: &Value, each: &Each) -> Result<Vec<(Option<Value>, Value)>, Error> {
    if list.len().is_some_and(|len| len > MAX_ROWS) {
        let message = format!("`{}` has more than {MAX_ROWS} rows", each.list);
        return Err(error_here(message, "split it into several lists, with a file for each"));
    }
    let items = list.try_iter().map_err(|_| ()).map(|items| items.take(MAX_ROWS));
    match (list.kind(), items) {
        (ValueKind::Map, Ok(keys)) => {
            keys.map(|key| Ok((Some(key.clone()), list.get_item(&key)?))).collect()
        }
        (ValueKind::Seq | ValueKind::Iterable, Ok(items)) => {
            Ok(items.map(|item| (None, item)).collect())
        }
        _ => {
            let message = format!("`each` is a list, and `{}` is none", each.list);
            let help = "write the name of a list such as `data.products`, or `pages(\"blog/\")`";
            Err(error_here(message, help))
        }
    }
}

/// A row in its list, for the errors of it.
struct Place<'a> {
    each: &'a Each,
    pattern: &'a Pattern,
    /// From 1.
    number: usize,
}

impl Place<'_> {
    /// The key of the row `value`, which has a `name` where the list is a map.
    fn key(&self, value: &Value, name: Option<&Value>) -> Result<String, Error> {
        let key = match &self.each.key {
            Some(path) => {
                path.split('.').try_fold(value.clone(), |value, part| value.get_attr(part)).ok()
            }
            None => self.usual_key(value, name),
        };
        let text = key.as_ref().and_then(text_of).filter(|text| !text.is_empty());
        text.ok_or_else(|| {
            let (row, key) = (self.row(), self.key_name());
            let help = "give each row one, or name another key of the rows by `key`";
            error_here(format!("{row} has no `{key}`"), help)
        })
    }

    /// The key where the front matter names none.
    fn usual_key(&self, value: &Value, name: Option<&Value>) -> Option<Value> {
        let part = |key: &str| value.get_attr(key).ok().filter(|part| text_of(part).is_some());
        let last_of_url = || {
            let url = part("url")?;
            let last = url.as_str()?.trim_end_matches('/').rsplit('/').next()?;
            (!last.is_empty()).then(|| last.into())
        };
        let itself = || text_of(value).map(Value::from);
        part(&self.pattern.param).or_else(|| name.cloned()).or_else(itself).or_else(last_of_url)
    }

    fn key_name(&self) -> &str {
        self.each.key.as_deref().unwrap_or(&self.pattern.param)
    }

    fn row(&self) -> String {
        format!("row {} of `{}`", self.number, self.each.list)
    }

    fn unfit(&self, id: &str) -> Error {
        let (row, key) = (self.row(), self.key_name());
        let message = format!("{row} has the `{key}` `{id}`, which cannot be part of a URL");
        let help = "a key holds no `/` and no `\\`, and does not begin with `_` or `.`";
        error_here(message, help)
    }

    fn repeated(&self, id: &str, first: usize) -> Error {
        let (list, key, number) = (&self.each.list, self.key_name(), self.number);
        let message =
            format!("rows {first} and {number} of `{list}` have the same `{key}`: `{id}`");
        error_here(message, "each row is a page of its own, and needs a key of its own")
    }
}

/// A text, or a number as one.
fn text_of(value: &Value) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => value.is_number().then(|| value.to_string()),
    }
}
