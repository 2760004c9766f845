//! Aliases: paths under which pages were known once, by `aliases` in their front matter. They
//! lead to their pages where nothing else has the path.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use minijinja::{Error, Value};

use crate::{
    diagnostic::{Diagnostic, Place},
    http::{purpose::Purpose, url_path::UrlPath},
    site::{
        Site,
        collection::page_set::PageSet,
        each::missing::MissingRow,
        fallback,
        files::{
            folder::{Folder, OpenFile},
            listing::Listed,
        },
        metadata::keys,
        naming::Naming,
        page::FailedPage,
        request_context::RequestContext,
        resolution::{Kind, Resolution},
        templates::{explained::error, recorder::Recording, source::read_text},
    },
};

/// The aliases of one page that are compared with files.
const MAX_COMPARED: usize = 100;

/// The aliases of all pages, made when one is first asked for.
#[derive(Debug)]
pub(crate) struct Aliases {
    /// How long they count as current without a check.
    interval: Duration,
    /// Locked while they are made: one thread does, and the others take what it finds.
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    table: Arc<Table>,
    checked: SystemTime,
}

/// The aliases of the pages of one list.
#[derive(Debug)]
struct Table {
    pages: Arc<PageSet>,
    /// The files of the pages that were known under a path, which has no slash at its end.
    by_path: HashMap<String, Vec<Arc<str>>>,
}

/// An alias with its page, for what goes through the whole site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The path that leads to the page.
    pub path: UrlPath,
    /// The file of the page.
    pub file: String,
    /// The page's own path.
    pub target: UrlPath,
}

impl Aliases {
    /// None yet. They count as current for `interval` without a check.
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, kept: Mutex::default() }
    }

    /// The table as it is at `now`, of the pages that `list` gives where it has to be asked.
    fn current<E>(
        &self,
        now: SystemTime,
        list: impl FnOnce() -> Result<Arc<PageSet>, E>,
    ) -> Result<Arc<Table>, E> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = &*kept {
            let age = now.duration_since(kept.checked).unwrap_or(Duration::MAX);
            if age < self.interval {
                return Ok(Arc::clone(&kept.table));
            }
        }
        let pages = list()?;
        let known = kept.as_ref().filter(|kept| Arc::ptr_eq(&kept.table.pages, &pages));
        let table = match known {
            Some(kept) => Arc::clone(&kept.table),
            None => Arc::new(Table::of(pages)),
        };
        *kept = Some(Kept { table: Arc::clone(&table), checked: now });
        Ok(table)
    }
}

impl Table {
    fn of(pages: Arc<PageSet>) -> Self {
        let mut by_path: HashMap<String, Vec<Arc<str>>> = HashMap::new();
        for page in &pages.pages {
            for path in paths(page.metadata.keys.aliases.as_ref()) {
                by_path.entry(key(&path)).or_default().push(Arc::clone(&page.name));
            }
        }
        Self { pages, by_path }
    }

    fn files(&self, path: &UrlPath) -> &[Arc<str>] {
        self.by_path.get(&key(path)).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Site {
    /// Answers where neither a file nor a row has the path, which may be that of a row that is
    /// `missing`: with a redirect to the page that had it once, else with the fallback.
    pub(crate) fn without_row(
        &self,
        missing: Option<&MissingRow>,
        asked: RequestContext<'_>,
    ) -> Resolution {
        // No image was a page once.
        let is_for_page = !Purpose::of(asked.request.headers).needs_the_file();
        let Some(path) = asked.path.filter(|_| is_for_page) else {
            return self.fallback(missing, asked);
        };
        let mut reads = Recording::default();
        let table = self.aliases.current(asked.now, || {
            let (pages, read) = self.all_pages(asked);
            reads = read;
            pages
        });
        let files = table.as_ref().map(|table| table.files(path)).unwrap_or_default();
        let Some(file) = files.first() else {
            let mut made = self.fallback(missing, asked);
            if asked.is_followed {
                made.dependencies.extend(&reads.dependencies);
            }
            return made;
        };
        let mut dependencies = self.candidates(asked);
        dependencies.extend(&reads.dependencies);
        match self.naming.path_of(file) {
            Some(page) if files.len() == 1 => {
                let location = self.base_path.with(&page.encoded());
                let response = fallback::redirect(location, asked.request.target.query());
                Resolution::once(response, Kind::Other, dependencies)
            }
            _ => {
                let context = self.context_of(file, None, &self.moment(asked), asked);
                let page = FailedPage { name: file, item: None, context: &context, key: None };
                let claimed = error(two_pages(path, files, asked.folder));
                self.failed(&claimed, &page, &reads, dependencies, asked).for_this_request()
            }
        }
    }

    /// All pages, with what was looked up for them.
    fn all_pages(&self, asked: RequestContext<'_>) -> (Result<Arc<PageSet>, Error>, Recording) {
        let listed = Listed { folder: "".into(), is_deep: true };
        let moment = self.moment(asked);
        self.templates.run(asked.folder, moment, None, |_| self.library.pages(&listed))
    }

    /// The warnings of the page `file` for those of its `aliases` that lead to another file.
    pub(crate) fn lost_aliases(
        &self,
        file: &str,
        aliases: Option<&Value>,
        asked: RequestContext<'_>,
    ) -> Vec<String> {
        if self.production || aliases.is_none() {
            return Vec::new();
        }
        let taken = paths(aliases).take(MAX_COMPARED).filter_map(|path| {
            let other = file_at(&path, &self.naming, asked.folder)?;
            (other != file).then(|| format!("warning: {}", lost(file, &path, &other)))
        });
        taken.collect()
    }

    /// The aliases of all pages in order of their paths, and what is wrong with some.
    pub(crate) fn all_aliases(&self, asked: RequestContext<'_>) -> (Vec<Alias>, Vec<String>) {
        let pages = match self.all_pages(asked).0 {
            Ok(pages) => pages,
            Err(error) => return (Vec::new(), vec![error.to_string()]),
        };
        let (mut aliases, mut problems) = (Vec::new(), Vec::new());
        for (path, files) in Table::of(pages).by_path {
            let (Some(path), Some(file)) =
                (UrlPath::of_name(path.trim_matches('/'), false), files.first())
            else {
                continue;
            };
            if files.len() > 1 {
                problems.push(two_pages(&path, &files, asked.folder).message);
            } else if let Some(other) = file_at(&path, &self.naming, asked.folder) {
                problems.extend((other != **file).then(|| lost(file, &path, &other)));
            } else if let Some(target) = self.naming.path_of(file) {
                aliases.push(Alias { path, file: file.to_string(), target });
            }
        }
        aliases.sort_by(|one, other| one.path.as_str().cmp(other.path.as_str()));
        problems.sort_unstable();
        (aliases, problems)
    }
}

/// The paths that aliases name.
fn paths(aliases: Option<&Value>) -> impl Iterator<Item = UrlPath> {
    let texts = aliases.and_then(|aliases| aliases.try_iter().ok()).into_iter().flatten();
    texts.filter_map(|text| UrlPath::parse(text.as_str()?))
}

/// Old links end in a slash or not.
fn key(path: &UrlPath) -> String {
    path.with_folder(false).as_str().to_owned()
}

/// The file that answers `path`.
fn file_at(path: &UrlPath, naming: &Naming, folder: &Folder) -> Option<String> {
    let is_file = |name: &String| folder.stamp(name).is_some_and(|stamp| stamp.is_file());
    naming.files_for(path).into_iter().find(is_file)
}

fn lost(file: &str, path: &UrlPath, other: &str) -> String {
    let path = path.as_str();
    format!("`{file}` has the alias `{path}`, which is the path of `{other}`: leave it out")
}

/// The report of a path that two pages claim.
fn two_pages(path: &UrlPath, files: &[Arc<str>], folder: &Folder) -> Diagnostic {
    let names: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    let place = |file: &Arc<str>| {
        let opened: Option<OpenFile> = folder.open_file(file).ok().and_then(|it| it.into_file());
        let text = opened.and_then(|open| read_text(&open).ok());
        let place = text.and_then(|text| keys::place_of(file, &text, "aliases"));
        place.unwrap_or_else(|| Place::of_file(file))
    };
    Diagnostic {
        message: format!("{} have the same alias `{}`", names.join(" and "), path.as_str()),
        places: files.iter().map(place).collect(),
        notes: Vec::new(),
        help: "leave it out of one of them".to_owned(),
    }
}
