//! The functions of the template language that list pages: `pages(…)` and `tags(…)`.

use std::{collections::BTreeMap, fmt, sync::Arc};

use minijinja::{
    Environment, Error, State, Value,
    value::{Enumerator, Kwargs, Object},
};

use crate::{
    diagnostic::nearest::{did_you_mean, nearest},
    site::{
        collection::{
            error::ListError, library::Library, page::PageValue, page_set::ListedPage,
            query::Query, rows,
        },
        files::{folder::Folder, listing::Listed, walk},
        templates::{limits, recorder},
    },
};

/// Lets templates call them.
pub(crate) fn register(environment: &mut Environment<'_>, library: &Arc<Library>) {
    let of_pages = Arc::clone(library);
    let pages = Value::from_function(
        move |state: &State<'_, '_>, folder: Option<Value>, options: Kwargs| {
            let pages = select(&of_pages, state, folder.as_ref(), &options)?;
            Ok::<_, Error>(values(&of_pages, &pages))
        },
    );
    environment.add_function("pages", limits::with_defined_args(pages));
    let of_tags = Arc::clone(library);
    let tags = Value::from_function(
        move |state: &State<'_, '_>, folder: Option<Value>, options: Kwargs| {
            tags(&of_tags, state, folder.as_ref(), &options)
        },
    );
    environment.add_function("tags", limits::with_defined_args(tags));
}

/// The pages that a call asks for.
fn select(
    library: &Arc<Library>,
    state: &State<'_, '_>,
    folder: Option<&Value>,
    options: &Kwargs,
) -> Result<Vec<Arc<ListedPage>>, Error> {
    limits::check_time()?;
    let query = Query::of(folder, options, state.name(), &library.naming)?;
    check_folder(library, &query.folder)?;
    let Query { is_deep, has_rows, .. } = query;
    let listed = Listed { folder: query.folder.as_str().into(), is_deep, has_rows };
    let set = library.pages(&listed)?;
    state.consume_fuel(set.pages.len() as u64)?;
    if has_rows {
        let pages = rows::with_rows(&set.pages, library, state)?;
        return query.select(&pages, |page| page.row.is_some() || library.shows(page));
    }
    query.select(&set.pages, |page| library.shows(page))
}

fn values(library: &Arc<Library>, pages: &[Arc<ListedPage>]) -> Value {
    let value = |page: &Arc<ListedPage>| Value::from_object(PageValue::of_listed(page, library));
    pages.iter().map(value).collect()
}

/// Fails where there is no such folder, which is then noted, as it may come.
fn check_folder(library: &Library, name: &str) -> Result<(), Error> {
    let Some(folder) = recorder::folder().filter(|_| !name.is_empty()) else { return Ok(()) };
    let is_known = [true, false]
        .into_iter()
        .flat_map(|is_deep| [true, false].map(|has_rows| (is_deep, has_rows)))
        .map(|(is_deep, has_rows)| Listed { folder: name.into(), is_deep, has_rows })
        .any(|listed| recorder::listing(&listed).is_some());
    if is_known || folder.open_folder(name).is_some() {
        return Ok(());
    }
    recorder::note(|looked| looked.add_name(name, &folder));
    let is_file = folder.stamp(name).is_some_and(|stamp| stamp.is_file());
    let message = if is_file {
        format!("`{name}` is a file, and no folder of pages")
    } else {
        format!("there is no folder `{name}`")
    };
    let help = match nearest_folder(library, &folder, name) {
        Some(near) => did_you_mean(format!("{near}/")),
        None => "folders are named from the folder of pages: `pages(\"blog/\")`".to_owned(),
    };
    Err(ListError::new(message, help).into())
}

fn nearest_folder(library: &Library, folder: &Folder, name: &str) -> Option<String> {
    let found = walk::walk(folder, |entry| entry.is_public(&library.naming));
    let known = found.folders.iter().map(|(name, _)| &**name).filter(|name| !name.is_empty());
    nearest(name, known).map(str::to_owned)
}

/// The tags of the pages that a call asks for, in the order of their names.
fn tags(
    library: &Arc<Library>,
    state: &State<'_, '_>,
    folder: Option<&Value>,
    options: &Kwargs,
) -> Result<Value, Error> {
    let mut tagged: BTreeMap<String, Vec<Arc<ListedPage>>> = BTreeMap::new();
    for page in select(library, state, folder, options)? {
        let tags = page.metadata.value("tags").and_then(|tags| tags.try_iter().ok());
        for tag in tags.into_iter().flatten() {
            limits::check_time_seldom()?;
            let pages = tagged.entry(tag.to_string()).or_default();
            // A page may name one twice.
            if pages.last().is_none_or(|last| !Arc::ptr_eq(last, &page)) {
                pages.push(Arc::clone(&page));
            }
        }
    }
    let value =
        |(name, pages)| Value::from_object(Tag { name, pages, library: Arc::clone(library) });
    Ok(tagged.into_iter().map(value).collect())
}

/// A tag: printed it is its name.
#[derive(Debug)]
struct Tag {
    name: String,
    pages: Vec<Arc<ListedPage>>,
    library: Arc<Library>,
}

impl Object for Tag {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "name" => Some(self.name.as_str().into()),
            "count" => Some(self.pages.len().into()),
            "pages" => Some(values(&self.library, &self.pages)),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["name", "count"])
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
