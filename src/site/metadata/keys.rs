//! The keys of front matter that mean something, checked and as what they mean.

use std::ops::Range;

use minijinja::Value;

use crate::{
    dates::Date,
    diagnostic::{Diagnostic, LINES_AROUND, Place},
    site::{
        front_matter::FrontMatter,
        markdown::source::restored,
        metadata::values::{Build, Layout, Reading, list},
        naming::{Naming, param_of},
        notation::{Field, Problem},
        templates::dates,
    },
};

/// The keys that every page has, set or not.
pub(super) const ALWAYS: [&str; 9] =
    ["title", "description", "tags", "draft", "date", "updated", "order", "layout", "aliases"];

/// Keys that the server sets itself, and what stands for setting them.
const RESERVED: [(&str, &str); 8] = [
    ("url", URL_HELP),
    ("file", "it is the name of this file"),
    ("content", "the text below the front matter is the content"),
    ("summary", "it is what stands before `<!-- more -->`, else the first paragraph"),
    ("toc", "it is made of the headings of the page"),
    ("params", "they come of the name of the file, as in `[id].html`"),
    ("prev", ORDER_HELP),
    ("next", ORDER_HELP),
];

/// The keys of a file that stands for many pages.
const EACH_KEYS: [&str; 3] = ["each", "key", "as"];

/// Keys of other tools, and what stands for them here.
const FOREIGN: [(&str, &str); 13] = [
    ("permalink", URL_HELP),
    ("slug", URL_HELP),
    ("path", URL_HELP),
    ("template", "write `layout`"),
    ("weight", "write `order`"),
    ("nav_order", "write `order`"),
    ("published", "write `draft: true` for a page that is not to be public yet"),
    ("lastmod", "write `updated`"),
    ("last_modified_at", "write `updated`"),
    ("publishDate", "write `date`: a page is public from then on"),
    ("redirect_from", "write `aliases`"),
    ("pagination", "write `each` in a file such as `[id].html`, which makes a page of each item"),
    ("eleventyNavigation", "write `order`, and list the pages by `pages(…)`"),
];

const URL_HELP: &str = "a page is at the URL of its file: rename the file, and name an old URL in \
                        `aliases`";
const ORDER_HELP: &str = "pages follow on each other by `order`, and then by their names";

/// The front matter of a page, as what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    /// Which of the two the front matter sets, wherever they have gone since.
    pub(crate) sets_title: bool,
    pub(crate) sets_description: bool,
    /// A list of texts; `None` where there are none.
    pub(crate) tags: Option<Value>,
    pub(crate) draft: bool,
    pub(crate) date: Option<Date>,
    pub(crate) updated: Option<Date>,
    /// A number.
    pub(crate) order: Option<Value>,
    pub(crate) layout: Layout,
    /// Where the file stands for many pages.
    pub(crate) each: Option<Box<Each>>,
    pub(crate) build: Build,
    /// Paths of URLs, as they are written.
    pub(crate) aliases: Option<Value>,
    /// All other keys, in the order of the file.
    pub(crate) own: Vec<(String, Value)>,
    /// What all of it takes of memory, in bytes, about.
    pub(crate) weight: usize,
}

/// The rows that a file such as `[id].html` shows, a page each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Each {
    /// `each`, an expression of the template language.
    pub(crate) list: String,
    /// `key`, the part of a row that is in the URL.
    pub(crate) key: Option<String>,
    /// `as`, the name of the row in the template.
    pub(crate) name: String,
}

/// The name of a row where the front matter gives none.
const ROW_NAME: &str = "item";

impl Keys {
    /// Whether there are times at which visitors do not get the page.
    pub(crate) fn may_be_hidden(&self) -> bool {
        self.draft || self.date.is_some()
    }

    /// Reads the front matter of the file `name`, whose text, or as much of its start as that
    /// may take, is `text`. `None` where it has none, or is of a kind that has none.
    ///
    /// # Errors
    /// Where it cannot be read, a key is one that pages cannot set, or it has a value that it
    /// cannot have.
    pub(crate) fn read(
        name: &str,
        text: &str,
    ) -> Result<Option<(Self, FrontMatter)>, Box<Diagnostic>> {
        if !Naming::may_have_front_matter(name) {
            return Ok(None);
        }
        let Some(front_matter) = FrontMatter::of(name, text)? else { return Ok(None) };
        let mut keys = Self { weight: 3 * front_matter.end, ..Self::default() };
        let mut fields = front_matter.fields.iter();
        let param = param_of(name);
        let set = fields.try_for_each(|field| match param {
            Some(_) if EACH_KEYS.contains(&field.key.as_str()) => keys.set_each(field, text),
            _ => keys.set(field, text),
        });
        let set = set.and_then(|()| keys.check_each(&front_matter, text));
        keys.sets_title = keys.title.is_some();
        keys.sets_description = keys.description.is_some();
        set.map_err(|problem| Box::new(problem.diagnostic(name, text)))?;
        Ok(Some((keys, front_matter)))
    }

    fn set(&mut self, field: &Field, text: &str) -> Result<(), Problem> {
        let read = Reading { key: &field.key, node: &field.node, text };
        match field.key.as_str() {
            "title" => self.title = read.text("text")?,
            "description" => self.description = read.text("text")?,
            "tags" => self.tags = read.tags()?,
            "draft" => self.draft = read.truth()?,
            "date" => self.date = read.date()?,
            "updated" => self.updated = read.date()?,
            "order" => self.order = read.number()?,
            "layout" => self.layout = read.layout()?,
            "aliases" => self.aliases = read.paths()?.map(list),
            "build" => self.build = read.build()?,
            "each" => {
                let message = "`each` makes pages of a file whose name has a parameter";
                let help = "name the file as `[id].html`: `id` is then in the URL of each page";
                return Err(Problem::new(message, field.key_span.clone(), help));
            }
            key => {
                check_name(key, &field.key_span)?;
                self.own.push((key.to_owned(), field.node.value.clone()));
            }
        }
        Ok(())
    }

    /// Sets a key of a file that stands for many pages.
    fn set_each(&mut self, field: &Field, text: &str) -> Result<(), Problem> {
        let read = Reading { key: &field.key, node: &field.node, text };
        let each = self.each.get_or_insert_default();
        match field.key.as_str() {
            "each" => {
                each.list = read.text("an expression such as `data.products`")?.unwrap_or_default();
            }
            "key" => each.key = read.text("the name of a part of each row")?,
            _ => each.name = read.name()?,
        }
        Ok(())
    }

    /// Fills in what the front matter leaves out of the keys for many pages.
    fn check_each(&mut self, front_matter: &FrontMatter, text: &str) -> Result<(), Problem> {
        let Some(each) = &mut self.each else { return Ok(()) };
        if each.name.is_empty() {
            ROW_NAME.clone_into(&mut each.name);
        }
        if !each.list.trim().is_empty() {
            return Ok(());
        }
        let fields = front_matter.fields.iter();
        let spans = fields.filter(|field| EACH_KEYS.contains(&field.key.as_str()));
        let span = spans.map(|field| field.key_span.clone()).next().unwrap_or(0..text.len().min(3));
        let help = "write `each: data.products`, the list of which each row is a page";
        Err(Problem::new("`each` names no list", span, help))
    }

    /// What templates see under `key`, but for title and description.
    pub(crate) fn value(&self, key: &str) -> Option<Value> {
        let date = |date: Option<Date>| date.map_or(Value::from(()), dates::value);
        Some(match key {
            "tags" => list_or_empty(self.tags.as_ref()),
            "aliases" => list_or_empty(self.aliases.as_ref()),
            "draft" => self.draft.into(),
            "date" => date(self.date),
            "updated" => date(self.updated),
            "order" => self.order.clone().unwrap_or(Value::from(())),
            "layout" => match &self.layout {
                Layout::Unset => Value::from(()),
                Layout::None => false.into(),
                Layout::Named(name) => name.as_str().into(),
            },
            key => return self.own.iter().find(|(own, _)| own == key).map(|(_, it)| it.clone()),
        })
    }
}

fn list_or_empty(list: Option<&Value>) -> Value {
    list.cloned().unwrap_or_else(|| Vec::<Value>::new().into())
}

/// The place of the value of `key` in the `text` of the file `name`.
pub(crate) fn place_of(name: &str, text: &str, key: &str) -> Option<Place> {
    place_of_item(name, text, key, |_| false)
}

/// The same, of an item where that is a list with such a one.
pub(crate) fn place_of_item(
    name: &str,
    text: &str,
    key: &str,
    is_item: impl Fn(&Value) -> bool,
) -> Option<Place> {
    let front_matter = FrontMatter::of(name, text).ok()??;
    let field = front_matter.fields.into_iter().find(|field| field.key == key)?;
    let item = field.node.items().iter().find(|item| is_item(&item.value));
    let span = item.map_or(&field.node, |item| item).span.clone();
    let (text, span) = restored(text, span);
    Some(Place::in_text(name, &text, span, LINES_AROUND))
}

/// Whether a page may have a key of its own that is called so.
fn check_name(key: &str, span: &Range<usize>) -> Result<(), Problem> {
    let help_of = |table: &[(&str, &'static str)]| {
        table.iter().find(|(name, _)| *name == key).map(|(_, help)| *help)
    };
    if let Some(help) = help_of(&RESERVED) {
        let message = format!("`{key}` cannot be set");
        return Err(Problem::new(message, span.clone(), help));
    }
    if let Some(help) = help_of(&FOREIGN) {
        let message = format!("`{key}` is a key of other tools, and means nothing here");
        return Err(Problem::new(message, span.clone(), help));
    }
    match ALWAYS.iter().find(|known| known.eq_ignore_ascii_case(key)) {
        Some(known) => {
            let message = format!("`{key}` is written in small letters");
            Err(Problem::new(message, span.clone(), format!("write `{known}`")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Keys, String> {
        keys_of("a.html", text)
    }

    fn keys_of(name: &str, text: &str) -> Result<Keys, String> {
        let read = Keys::read(name, text).map_err(|report| report.to_string())?;
        Ok(read.expect("front matter").0)
    }

    #[test]
    fn values_become_what_their_keys_mean() {
        for (line, key, expected) in [
            ("x: 1", "tags", "[]"),
            ("tags: a", "tags", "['a']"),
            ("tags: a, b b,", "tags", "['a', 'b b']"),
            ("tags: [a, 2024, 1.10, true, a]", "tags", "['a', '2024', '1.10', 'true']"),
            ("tags: ['a, b']", "tags", "['a, b']"),
            ("tags:", "tags", "[]"),
            ("tags: ''", "tags", "[]"),
            ("tags: 7", "tags", "['7']"),
            ("x: 1", "aliases", "[]"),
            ("aliases: /old", "aliases", "['/old']"),
            ("aliases: [/a, '/b, c']", "aliases", "['/a', '/b, c']"),
            ("x: 1", "draft", "False"),
            ("draft: true", "draft", "True"),
            ("draft:", "draft", "False"),
            ("x: 1", "date", "None"),
            ("date:", "date", "None"),
            ("date: 2026-11-27", "date", "2026-11-27"),
            ("updated: 2026-11-27 09:00:00Z", "updated", "2026-11-27T09:00:00Z"),
            ("x: 1", "order", "None"),
            ("order: -1", "order", "-1"),
            ("order: 1.5", "order", "1.5"),
            ("x: 1", "layout", "None"),
            ("layout: false", "layout", "False"),
            ("layout: _post.html", "layout", "_post.html"),
            ("hero: {src: a.jpg, alt: \"A\"}", "hero", "{'src': 'a.jpg', 'alt': 'A'}"),
            ("my-key: no", "my-key", "no"),
        ] {
            let keys = keys(&format!("---\n{line}\n---\n")).unwrap();
            assert_eq!(keys.value(key).unwrap().to_string(), expected, "{line}");
        }
        assert_eq!(keys("---\nx: 1\n---\n").unwrap().value("y"), None);
        assert_eq!(
            keys("+++\ndate = 2026-11-27\n+++\n").unwrap().value("date").unwrap().to_string(),
            "2026-11-27"
        );
    }

    #[test]
    fn a_title_is_text_as_it_is_written() {
        for (line, expected) in [
            ("title: A title", Some("A title")),
            ("title: 2024", Some("2024")),
            ("title: 1.10", Some("1.10")),
            ("title: 007", Some("007")),
            ("title: true", Some("true")),
            ("title: 'null'", Some("null")),
            ("title: null", None),
            ("title:", None),
        ] {
            let keys = keys(&format!("---\n{line}\n---\n")).unwrap();
            assert_eq!(keys.title.as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_file_may_stand_for_the_rows_of_a_list() {
        for (lines, list, key, name) in [
            ("each: data.products", "data.products", None, "item"),
            ("each: data.products\nkey: id\nas: product", "data.products", Some("id"), "product"),
            ("as: p\neach: pages(\"blog/\")", "pages(\"blog/\")", None, "p"),
            ("each: data.products\nkey:\nas:", "data.products", None, "item"),
        ] {
            let keys = keys_of("a/[id].html", &format!("---\n{lines}\n---\n")).unwrap();
            let (list, key) = (list.to_owned(), key.map(str::to_owned));
            let each = Each { list, key, name: name.to_owned() };
            assert_eq!(keys.each.as_deref(), Some(&each), "{lines}");
        }
        assert_eq!(keys_of("[id].html", "---\ntitle: x\n---\n").unwrap().each, None);
        let own = keys("---\nkey: C major\nas: x\n---\n").unwrap();
        assert_eq!(own.value("key"), Some("C major".into()));
        for (lines, message, place) in [
            ("key: id", "`each` names no list", "2:1"),
            ("each: ''", "`each` names no list", "2:1"),
            ("each: [a]", "`each` is an expression", "2:7"),
            ("each: x\nas: 1a", "`as` is a name", "3:5"),
            ("each: x\nas: page", "`as` is a name of your own", "3:5"),
        ] {
            let report = keys_of("[id].html", &format!("---\n{lines}\n---\n")).unwrap_err();
            let place = format!("[id].html:{place}\n");
            assert!(report.contains(message) && report.contains(&place), "{lines}: {report}");
        }
    }

    #[test]
    fn what_a_key_cannot_mean_is_a_report() {
        for (line, message, column, help) in [
            ("title: [a]", "`title` is text", 8, "quotes"),
            ("description: {a: b}", "`description` is text", 14, "quotes"),
            ("tags: {a: b}", "`tags` is a list of texts", 7, "[a, b]"),
            ("tags: [a, [b]]", "`tags` is a list of texts", 11, "[a, b]"),
            ("tags: [a, ~]", "`tags` is a list of texts", 11, "[a, b]"),
            ("draft: yes", "`draft` is true or false", 8, "without quotes"),
            ("draft: 'true'", "`draft` is true or false", 8, "without quotes"),
            ("draft: 1", "`draft` is true or false", 8, "without quotes"),
            ("date: 2026-02-30", "2026-02-30", 7, ""),
            ("date: 27.11.2026", "no date", 7, "year first"),
            ("updated: [2026-11-27]", "`updated` is a date", 10, ""),
            ("order: first", "`order` is a number", 8, "number"),
            ("layout: true", "`layout` is the name of a file", 9, "`false` for none"),
            ("layout: ''", "`layout` is the name of a file", 9, "`false` for none"),
            ("layout: [a]", "`layout` is the name of a file", 9, "`false` for none"),
            ("aliases: {/a: 1}", "`aliases` is a list of paths", 10, "[a, b]"),
            ("aliases: old", "`old` is no path of this site", 10, "`/old-name`"),
            ("aliases: [/a, '/b?c']", "`/b?c` is no path of this site", 15, "without a query"),
            ("aliases: https://a.example/b", "is no path of this site", 10, "`/old-name`"),
            ("aliases: /", "`/` is no path of this site", 10, "`/old-name`"),
            ("url: /x", "`url` cannot be set", 1, "rename the file"),
            ("content: x", "`content` cannot be set", 1, "below the front matter"),
            ("prev: x", "`prev` cannot be set", 1, "`order`"),
            ("permalink: /x", "`permalink` is a key of other tools", 1, "`aliases`"),
            ("weight: 3", "`weight` is a key of other tools", 1, "`order`"),
            ("template: x", "`template` is a key of other tools", 1, "`layout`"),
            ("published: false", "`published` is a key of other tools", 1, "`draft: true`"),
            ("each: data.x", "`each` makes pages of a file whose name", 1, "[id].html"),
            ("build: true", "`build` is `false` or `static`", 8, "static"),
            ("Title: x", "small letters", 1, "write `title`"),
            ("Tags: x", "small letters", 1, "write `tags`"),
        ] {
            let report = keys(&format!("---\n{line}\n---\n")).expect_err(line);
            let place = format!("a.html:2:{column}\n");
            for part in [message, &place, help] {
                assert!(report.contains(part), "{line}: {part}: {report}");
            }
        }
    }
}
