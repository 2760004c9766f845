//! A row as a page, and what its template sees.

use std::sync::Arc;

use minijinja::Value;

use crate::{
    http::url_path::UrlPath,
    site::{
        each::{pattern::Pattern, rows::Row},
        metadata::keys::{Each, Keys},
        templates::overlay::overlay,
    },
};

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
fn texts_of(row: &Row, keys: &Keys) -> (Option<String>, Option<String>) {
    let part = |key: &str| {
        let part = row.value.get_attr(key).ok()?;
        part.as_str().map(str::to_owned).or_else(|| part.is_number().then(|| part.to_string()))
    };
    let title = || part("title").or_else(|| part("name")).unwrap_or_else(|| row.id.to_string());
    let title = (!keys.sets_title).then(title);
    (title, part("description").filter(|_| !keys.sets_description))
}

impl Item {
    /// That of the page at `path`, of a row of the file of `pattern`, which has these keys.
    pub(crate) fn new(
        row: &Row,
        pattern: &Pattern,
        each: &Each,
        keys: &Keys,
        path: &UrlPath,
    ) -> Self {
        let (title, description) = texts_of(row, keys);
        let (param, name, url) = (pattern.param.clone(), each.name.clone(), path.readable());
        let (id, row) = (Arc::clone(&row.id), row.value.clone());
        Self { param, id, name, row, url, title, description }
    }

    /// What only pages of rows have under `key`.
    pub(crate) fn value(&self, key: &str) -> Option<Value> {
        match key {
            "params" => Some(self.params()),
            key => (key == self.name).then(|| self.row.clone()),
        }
    }

    fn params(&self) -> Value {
        Value::from_pairs([(self.param.as_str(), Value::from(&*self.id))])
    }

    /// What a template of the page sees, beside what every template of its file does: the row,
    /// and `page` with the URL of the row, and with its title and description where the front
    /// matter has none.
    pub(crate) fn context(&self, outer: Value) -> Value {
        let params = self.params();
        let text = |key, text: &Option<String>| text.as_deref().map(|text| (key, text.into()));
        let own = [("url", self.url.as_str().into()), ("params", params.clone())];
        let texts = [text("title", &self.title), text("description", &self.description)];
        let page = outer.get_attr("page").unwrap_or_default();
        let page = overlay(page, own.into_iter().chain(texts.into_iter().flatten()));
        let row = (self.name.as_str(), self.row.clone());
        overlay(outer, [("params", params), ("page", page), row])
    }
}
