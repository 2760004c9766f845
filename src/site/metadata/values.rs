//! The values of keys, as what the keys mean.

use std::ops::Range;

use minijinja::value::{Value, ValueKind};

use crate::{
    dates::{Date, DateError},
    http::url_path::UrlPath,
    site::notation::{Node, Parts, Problem},
};

/// The layout that a page asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// It says nothing.
    #[default]
    Unset,
    /// None, by `layout: false`.
    None,
    /// This file, by a name as that of `{% extends %}`.
    Named(String),
}

/// How `server build` writes a page that reads the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Build {
    /// Such a page is an error.
    #[default]
    Unset,
    /// It leaves the page out, by `build: false`.
    Never,
    /// As for a request without a query, by `build: static`.
    Static,
}

/// The names that stand for something else in every template.
const TAKEN_NAMES: [&str; 9] =
    ["data", "loop", "page", "params", "request", "self", "site", "super", "true"];

/// The value of a key that is being read.
pub(super) struct Reading<'a> {
    pub(super) key: &'a str,
    pub(super) node: &'a Node,
    /// That of the file.
    pub(super) text: &'a str,
}

impl Reading<'_> {
    fn is_unset(&self) -> bool {
        self.node.value.is_none()
    }

    fn wrong(&self, what: &str, help: &str) -> Problem {
        Problem::new(format!("`{}` is {what}", self.key), self.node.span.clone(), help)
    }

    /// Text, be it a number or a truth value, as it is written.
    pub(super) fn text(&self, what: &str) -> Result<Option<String>, Problem> {
        if self.is_unset() {
            return Ok(None);
        }
        match text_of(self.node, self.text) {
            Some(text) => Ok(Some(text)),
            None => Err(self.wrong(what, "write it in one line, or put it in quotes")),
        }
    }

    /// Several texts, or one alone. Those that come twice are left out.
    pub(super) fn texts(&self, what: &str) -> Result<Option<Vec<String>>, Problem> {
        let help =
            format!("write `{}: [a, b]`, or each on a line of its own with `- ` before", self.key);
        let wrong = |span: &Range<usize>| {
            Problem::new(format!("`{}` is a list of {what}", self.key), span.clone(), help.as_str())
        };
        let texts = match &self.node.parts {
            _ if self.is_unset() => return Ok(None),
            Parts::Fields(_) => return Err(wrong(&self.node.span)),
            Parts::None => vec![self.text(what)?.unwrap_or_default()],
            Parts::Items(items) => {
                let text = |item| text_of(item, self.text).ok_or_else(|| wrong(&item.span));
                items.iter().map(text).collect::<Result<_, _>>()?
            }
        };
        let mut unique: Vec<String> = Vec::with_capacity(texts.len());
        for text in texts {
            if !text.trim().is_empty() && !unique.contains(&text) {
                unique.push(text);
            }
        }
        Ok((!unique.is_empty()).then_some(unique))
    }

    /// Paths of URLs, as they are written.
    pub(super) fn paths(&self) -> Result<Option<Vec<String>>, Problem> {
        let paths = self.texts("paths such as `/old-name`")?;
        let is_path = |text: &String| {
            text.starts_with('/')
                && !text.contains(['?', '#'])
                && UrlPath::parse(text).is_some_and(|path| !path.relative().is_empty())
        };
        let Some(wrong) = paths.iter().flatten().find(|text| !is_path(text)) else {
            return Ok(paths);
        };
        let mut items = self.node.items().iter();
        let item = items.find(|item| text_of(item, self.text).as_ref() == Some(wrong));
        Err(Problem::new(
            format!("`{wrong}` is no path of this site"),
            item.map_or(&self.node.span, |item| &item.span).clone(),
            "write the path of an old URL from its `/` on, such as `/old-name`, without a query",
        ))
    }

    /// Tags: text that is no list may name several, with commas between.
    pub(super) fn tags(&self) -> Result<Option<Value>, Problem> {
        let Some(tags) = self.texts("texts")? else { return Ok(None) };
        if !matches!(self.node.parts, Parts::None) {
            return Ok(Some(list(tags)));
        }
        let parts = tags.iter().flat_map(|text| text.split(',')).map(str::trim);
        Ok(Some(list(parts.filter(|tag| !tag.is_empty()).map(str::to_owned).collect())))
    }

    pub(super) fn truth(&self) -> Result<bool, Problem> {
        match bool::try_from(self.node.value.clone()) {
            _ if self.is_unset() => Ok(false),
            Ok(is_true) if self.node.value.kind() == ValueKind::Bool => Ok(is_true),
            _ => Err(self.wrong("true or false", "write `true` or `false`, without quotes")),
        }
    }

    pub(super) fn number(&self) -> Result<Option<Value>, Problem> {
        match &self.node.value {
            _ if self.is_unset() => Ok(None),
            value if value.is_number() => Ok(Some(value.clone())),
            _ => {
                Err(self.wrong("a number", "write a number, without quotes: the smallest is first"))
            }
        }
    }

    pub(super) fn date(&self) -> Result<Option<Date>, Problem> {
        let Some(text) = self.text("a date such as 2026-11-27")? else { return Ok(None) };
        let problem =
            |error: DateError| Problem::new(error.message, self.node.span.clone(), error.help);
        Date::parse(&text).map(Some).map_err(problem)
    }

    /// The name of a value in templates.
    pub(super) fn name(&self) -> Result<String, Problem> {
        let name = self.text("a name")?.unwrap_or_default();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        if !name.chars().all(is_part) || name.starts_with(char::is_numeric) {
            return Err(self.wrong("a name", "write a word of letters, digits and `_`"));
        }
        if TAKEN_NAMES.contains(&name.as_str()) {
            return Err(
                self.wrong("a name of your own", "choose a name that no template knows yet")
            );
        }
        Ok(name)
    }

    pub(super) fn build(&self) -> Result<Build, Problem> {
        match self.node.value.as_str() {
            _ if self.is_unset() => Ok(Build::Unset),
            Some("static") => Ok(Build::Static),
            None if self.node.value == Value::from(false) => Ok(Build::Never),
            _ => Err(self.wrong(
                "`false` or `static`",
                "write `false` to leave the page out of a build, or `static` to write it as for a \
                 request without a query",
            )),
        }
    }

    pub(super) fn layout(&self) -> Result<Layout, Problem> {
        match self.node.value.as_str() {
            _ if self.is_unset() => Ok(Layout::Unset),
            Some(name) if !name.is_empty() => Ok(Layout::Named(name.to_owned())),
            None if self.node.value == Value::from(false) => Ok(Layout::None),
            _ => Err(self.wrong(
                "the name of a file",
                "write a name such as `_layout.html`, as for `{% extends %}`; or `false` for none",
            )),
        }
    }
}

/// A value as text: a number or a truth value as it is written.
fn text_of(node: &Node, text: &str) -> Option<String> {
    match (&node.parts, node.value.as_str()) {
        (Parts::None, Some(own)) => Some(own.to_owned()),
        (Parts::None, None) if !node.value.is_none() => {
            text.get(node.span.clone()).map(str::to_owned)
        }
        _ => None,
    }
}

/// A list of texts.
pub(super) fn list(texts: Vec<String>) -> Value {
    texts.into_iter().map(Value::from).collect()
}
