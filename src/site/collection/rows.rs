//! The pages of rows in a list: those for which a file such as `[id].html` stands, by the list
//! that its front matter names.

use std::{cell::RefCell, collections::HashSet, error::Error as _, sync::Arc};

use minijinja::{Error, State, Value};

use crate::{
    diagnostic::{Diagnostic, Place},
    http::url_path::UrlPath,
    site::{
        collection::{error::ListError, library::Library, page::PageValue, page_set::ListedPage},
        each::{
            item::Item,
            pattern::{Pattern, split},
            rows::Rows,
        },
        files::folder::Folder,
        metadata::keys::{self, Each},
        naming::Naming,
        routes,
        templates::{
            explained::error as error_with, overlay::overlay, recorder, source::read_text,
        },
    },
};

/// The pages of a list, with those of rows in place of the files that stand for them. What the
/// rows are made from is noted for the render that goes on.
///
/// # Errors
/// Where there are no rows, or these are made of a list that holds them.
pub(super) fn with_rows(
    listed: &[Arc<ListedPage>],
    library: &Arc<Library>,
    state: &State<'_, '_>,
) -> Result<Vec<Arc<ListedPage>>, Error> {
    let mut pages = Vec::with_capacity(listed.len());
    for page in listed {
        let Some(pattern) = Pattern::of(&page.name, &library.naming) else {
            pages.push(Arc::clone(page));
            continue;
        };
        if !library.shows(page) {
            continue;
        }
        if let Some(each) = &page.metadata.keys.each {
            let rows = rows_of(page, &pattern, each, library, state);
            let rows = rows.map_err(|error| not_listed(&page.name, &error))?;
            state.consume_fuel(rows.len() as u64)?;
            pages.extend(rows.into_iter().map(Arc::new));
        }
    }
    pages.sort_by(|one, other| one.compare(other));
    Ok(pages)
}

/// The pages for which the file of `page` stands.
fn rows_of(
    page: &ListedPage,
    pattern: &Pattern,
    each: &Each,
    library: &Arc<Library>,
    state: &State<'_, '_>,
) -> Result<Vec<ListedPage>, Error> {
    let _inside = Inside::enter(&page.name)?;
    let value = Value::from_object(PageValue::new(Arc::clone(&page.name), library));
    let context = overlay(recorder::context().unwrap_or_default(), [("page", value)]);
    let (naming, shows_drafts) = (&*library.naming, library.shows_unpublished);
    let rows = Rows::of(state.env(), each, pattern, context, naming, shows_drafts)?;
    let taken = Taken::by_files_beside(&page.name, naming);
    let rows = rows.iter().filter_map(|row| {
        let path = pattern.path_of(&row.id, naming).filter(|path| !taken.has(path, library))?;
        let item = Item::new(row, pattern, each, &page.metadata.keys, &path);
        Some(ListedPage::of_row(page, item, &path))
    });
    Ok(rows.collect())
}

/// The error of a list for that of the rows of `file`, which has no place in the list.
fn not_listed(file: &str, error: &Error) -> Error {
    let source = error.source();
    let (reason, help) = match source.map(|it| (it.downcast_ref(), it.downcast_ref())) {
        Some((Some(Diagnostic { message, help, .. }), _)) => (message.clone(), help.clone()),
        Some((_, Some(ListError { message, help }))) => (message.clone(), help.clone()),
        _ => (error.to_string(), format!("mend `each` in the front matter of `{file}`")),
    };
    let open = recorder::folder().and_then(|folder| folder.open_file(file).ok()?.into_file());
    let text = open.and_then(|open| read_text(&open).ok());
    let place = text.and_then(|text| keys::place_of(file, &text, "each"));
    error_with(Diagnostic {
        message: format!("the rows of `{file}` cannot be listed: {reason}"),
        places: vec![place.unwrap_or_else(|| Place::of_file(file))],
        notes: Vec::new(),
        help,
    })
}

/// The paths in a folder that files have, which come before rows.
struct Taken(HashSet<String>);

impl Taken {
    fn by_files_beside(name: &str, naming: &Naming) -> Self {
        let (folder, _) = split(name);
        let names = recorder::folder().map(|root| root.list(folder.trim_end_matches('/')));
        let names = names.into_iter().flatten().filter_map(|name| {
            let name = [folder, &name].concat();
            let path = naming.path_of(&name).filter(|_| !naming.is_private(&name))?;
            Some([path.relative().to_owned(), name])
        });
        Self(names.flatten().collect())
    }

    fn has(&self, path: &UrlPath, library: &Library) -> bool {
        // It may be a folder, private, or hidden from visitors.
        let is_file = |root: Arc<Folder>| {
            let is_hidden = |name: &str| library.hides(name, &root);
            routes::file_at(&library.naming, &root, path, is_hidden).is_some()
        };
        self.0.contains(path.relative()) && recorder::folder().is_some_and(is_file)
    }
}

thread_local! {
    /// The files whose rows are being made.
    static OPEN: RefCell<Vec<Arc<str>>> = const { RefCell::new(Vec::new()) };
}

/// Rows that are being made; it ends when it is dropped.
struct Inside;

impl Inside {
    fn enter(file: &Arc<str>) -> Result<Self, ListError> {
        OPEN.with_borrow_mut(|open| {
            if open.contains(file) {
                let message = format!("the rows of `{file}` are made of a list that holds them");
                let help = "leave `each=true` out of the list that its `each` names";
                return Err(ListError::new(message, help));
            }
            open.push(Arc::clone(file));
            Ok(Self)
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(Vec::pop);
    }
}
