//! A row as a page, and what its template sees.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};

use crate::site::{each::rows::Row, metadata::keys::Keys};

/// The row that a page shows.
#[derive(Debug)]
pub(crate) struct Item {
    /// The name of the parameter, as in `[id].html`.
    pub(crate) param: String,
    /// The part of the URL that stands for it: the key of the row.
    pub(crate) id: Arc<str>,
    /// The name by which the template knows the row.
    pub(crate) name: String,
    pub(crate) row: Value,
    /// The path under which the page is known.
    pub(crate) url: String,
    /// Those of the row, where they count.
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
}

/// The title and description that a row gives the page of a file with these keys: what the
/// front matter of the file says is said of all rows, and counts.
pub(crate) fn texts_of(row: &Row, keys: &Keys) -> (Option<String>, Option<String>) {
    let part = |key: &str| {
        let part = row.value.get_attr(key).ok()?;
        part.as_str().map(str::to_owned).or_else(|| part.is_number().then(|| part.to_string()))
    };
    let title = || part("title").or_else(|| part("name")).unwrap_or_else(|| row.id.to_string());
    let title = (!keys.sets_title).then(title);
    (title, part("description").filter(|_| !keys.sets_description))
}

impl Item {
    /// What a template of the page sees, beside what every template of its file does.
    pub(crate) fn context(self: &Arc<Self>, outer: Value) -> Value {
        Value::from_object(ItemContext { outer, item: Arc::clone(self) })
    }

    fn params(&self) -> Value {
        Value::from_pairs([(self.param.as_str(), Value::from(&*self.id))])
    }
}

/// The root of the names of a template.
#[derive(Debug)]
struct ItemContext {
    outer: Value,
    item: Arc<Item>,
}

impl Object for ItemContext {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "params" => Some(self.item.params()),
            "page" => {
                let page = self.outer.get_attr("page").ok()?;
                Some(Value::from_object(ItemPage { page, item: Arc::clone(&self.item) }))
            }
            key if key == self.item.name => Some(self.item.row.clone()),
            key => self.outer.get_attr(key).ok().filter(|value| !value.is_undefined()),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let own = ["params".into(), self.item.name.as_str().into()];
        Enumerator::Values(self.outer.try_iter().into_iter().flatten().chain(own).collect())
    }
}

/// `page`: that of the file, but for its URL. Title and description are those of the row,
/// where the front matter has none.
#[derive(Debug)]
struct ItemPage {
    page: Value,
    item: Arc<Item>,
}

impl Object for ItemPage {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "url" => Some(self.item.url.as_str().into()),
            "params" => Some(self.item.params()),
            "title" if self.item.title.is_some() => self.item.title.as_deref().map(Value::from),
            "description" if self.item.description.is_some() => {
                self.item.description.as_deref().map(Value::from)
            }
            key => self.page.get_attr(key).ok().filter(|value| !value.is_undefined()),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let own = ["params".into()];
        Enumerator::Values(self.page.try_iter().into_iter().flatten().chain(own).collect())
    }
}
