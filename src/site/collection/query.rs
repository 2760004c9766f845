//! Queries: the arguments of `pages(…)`, which say what pages of a folder a list holds, and
//! in what order.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use minijinja::{
    Error, Value,
    value::{Kwargs, ValueKind},
};

use crate::site::{
    collection::{
        error::ListError,
        page::OWN_KEYS,
        page_set::{ListedPage, is_missing},
    },
    naming::Naming,
    templates::names,
};

/// The arguments with a name.
const NAMES: [&str; 5] = ["deep", "each", "limit", "sort", "tag"];

/// What is asked for.
#[derive(Debug, PartialEq)]
pub(super) struct Query {
    /// From the root; empty for the root itself.
    pub(super) folder: String,
    pub(super) is_deep: bool,
    pub(super) has_rows: bool,
    tag: Option<String>,
    sort: Option<Sort>,
    limit: Option<usize>,
}

#[derive(Debug, PartialEq)]
struct Sort {
    key: String,
    is_descending: bool,
}

impl Query {
    /// Reads the arguments of a call in the template `template`.
    pub(super) fn of(
        folder: Option<&Value>,
        options: &Kwargs,
        template: &str,
        naming: &Naming,
    ) -> Result<Self, Error> {
        let given: Vec<&str> = options.args().collect();
        if let Some(unknown) = given.iter().find(|name| !NAMES.contains(name)) {
            let message = format!("`pages` takes no `{unknown}`");
            return Err(ListError::unknown(message, unknown, NAMES.into_iter()).into());
        }
        let option = |name: &str| {
            let value: Option<Value> = options.get(name)?;
            Ok::<_, Error>(value.filter(|value| !is_missing(value)))
        };
        Ok(Self {
            folder: folder_of(folder, template, naming)?,
            is_deep: option("deep")?.is_none_or(|deep| deep.is_true()),
            has_rows: option("each")?.is_some_and(|each| each.is_true()),
            tag: option("tag")?.map(|tag| tag_of(&tag)).transpose()?,
            sort: option("sort")?.map(|sort| Sort::of(&sort)).transpose()?,
            limit: option("limit")?.map(|limit| limit_of(&limit)).transpose()?,
        })
    }

    /// The pages among `pages`, which are in their order, that are asked for and shown.
    pub(super) fn select(
        &self,
        pages: &[Arc<ListedPage>],
        is_shown: impl Fn(&ListedPage) -> bool,
    ) -> Result<Vec<Arc<ListedPage>>, Error> {
        let selected = pages.iter().filter(|page| self.takes(page) && is_shown(page));
        let mut selected: Vec<Arc<ListedPage>> = selected.map(Arc::clone).collect();
        if let Some(sort) = &self.sort {
            sort.check(pages)?;
            sort.apply(&mut selected);
        }
        selected.truncate(self.limit.unwrap_or(usize::MAX));
        Ok(selected)
    }

    fn takes(&self, page: &ListedPage) -> bool {
        let Some(wanted) = &self.tag else { return true };
        let tags = page.metadata.value("tags").and_then(|tags| tags.try_iter().ok());
        tags.into_iter().flatten().any(|tag| tag.to_string() == *wanted)
    }
}

impl Sort {
    fn of(sort: &Value) -> Result<Self, Error> {
        let text = sort.as_str().map(str::trim).unwrap_or_default();
        let key = text.strip_prefix('-').unwrap_or(text).trim();
        if key.is_empty() {
            let message = format!("`sort` is {}, and not the name of a key", shown(sort));
            return Err(
                ListError::new(message, "write `sort=\"title\"`, or `sort=\"-date\"`").into()
            );
        }
        Ok(Self { key: key.to_owned(), is_descending: text.starts_with('-') })
    }

    /// Fails where none of `pages` can have such a key.
    fn check(&self, pages: &[Arc<ListedPage>]) -> Result<(), Error> {
        let is_known = OWN_KEYS.contains(&&*self.key)
            || pages.iter().any(|page| page.metadata.value(&self.key).is_some());
        if is_known {
            return Ok(());
        }
        let own = pages.iter().flat_map(|page| page.metadata.names());
        let known: BTreeSet<&str> = OWN_KEYS.into_iter().chain(own).collect();
        let message = format!("no page has a `{}` to sort by", self.key);
        Err(ListError::unknown(message, &self.key, known.iter().copied()).into())
    }

    /// Sorts pages; those without the key come last in both directions.
    fn apply(&self, pages: &mut Vec<Arc<ListedPage>>) {
        let mut keyed: Vec<(Option<Key>, Arc<ListedPage>)> =
            pages.drain(..).map(|page| (self.key_of(&page), page)).collect();
        keyed.sort_by(|(one, page), (other, other_page)| {
            let order = match (one, other) {
                (Some(one), Some(other)) if self.is_descending => other.cmp(one),
                (Some(one), Some(other)) => one.cmp(other),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            };
            order.then_with(|| page.compare_path(other_page))
        });
        pages.extend(keyed.into_iter().map(|(_, page)| page));
    }

    fn key_of(&self, page: &ListedPage) -> Option<Key> {
        match &*self.key {
            // Their order is that of paths.
            "url" => Some(Key::Path(page.url_position().into())),
            "file" => Some(Key::Path(page.position().into())),
            key => page.metadata.value(key).filter(|value| !is_missing(value)).map(Key::of),
        }
    }
}

/// What is compared: texts whatever their letter case, as the filter `sort` has it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Path(Box<[u8]>),
    Text(String, Value),
    Value(Value),
}

impl Key {
    fn of(value: Value) -> Self {
        match value.as_str().map(str::to_lowercase) {
            Some(lower) => Self::Text(lower, value),
            None => Self::Value(value),
        }
    }
}

/// The folder that is meant: from the root, or from the template's own where it begins
/// with `./` or `../`.
fn folder_of(folder: Option<&Value>, template: &str, naming: &Naming) -> Result<String, Error> {
    let Some(folder) = folder.filter(|folder| !is_missing(folder)) else {
        return Ok(String::new());
    };
    let Some(written) = folder.as_str() else {
        let message = format!("a folder is named by text, and not by {}", shown(folder));
        return Err(ListError::new(message, "write `pages(\"blog/\")`").into());
    };
    // With a slash at its start it is resolved, too, from the root.
    let is_relative = written == "."
        || written == ".."
        || written.starts_with("./")
        || written.starts_with("../");
    let path = if is_relative { format!("{written}/") } else { format!("/{written}") };
    let name = names::join(&path, template).into_owned();
    if name.split('/').any(|segment| segment == "..") {
        let message = format!("`{written}` leads out of the folder of pages");
        return Err(ListError::new(message, "name a folder in it, such as `\"blog/\"`").into());
    }
    if !name.is_empty() && !naming.may_hold_public(&name) {
        let message = format!("`{written}` is private: its pages have no address");
        let help = "names that begin with `_` or `.` are in no list; move the pages elsewhere";
        return Err(ListError::new(message, help).into());
    }
    Ok(name)
}

fn tag_of(tag: &Value) -> Result<String, Error> {
    match tag.kind() {
        ValueKind::String | ValueKind::Number => Ok(tag.to_string()),
        _ => {
            let message = format!("`tag` is {}, and not the name of a tag", shown(tag));
            Err(ListError::new(message, "write `tag=\"news\"`").into())
        }
    }
}

fn limit_of(limit: &Value) -> Result<usize, Error> {
    let is_whole = limit.kind() == ValueKind::Number && limit.is_integer();
    match usize::try_from(limit.clone()) {
        Ok(limit) if is_whole => Ok(limit),
        _ => {
            let message = format!("`limit` is {}, and not how many pages to list", shown(limit));
            let help = match limit.as_str() {
                Some(_) => "`| int(default=10)` makes a number of text",
                None => "write a whole number that is not negative, such as `limit=5`",
            };
            Err(ListError::new(message, help).into())
        }
    }
}

/// A value in a message, cut short. A list or a map may be too long to be shown.
fn shown(value: &Value) -> String {
    const MAX_CHARS: usize = 40;
    let text = match value.kind() {
        ValueKind::String => format!("{value:?}"),
        ValueKind::Number | ValueKind::Bool | ValueKind::None => value.to_string(),
        ValueKind::Map => "a map".to_owned(),
        _ => "a list".to_owned(),
    };
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
