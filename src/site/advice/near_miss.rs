//! Files that nearly answer a path: what exactly is in the way.

use serde::Serialize;

use crate::diagnostic::nearest::Known;
use crate::http::url_path::UrlPath;

use crate::site::{
    advice::advisor::{Advisor, Link, is_file},
    files::names::{Name, NameList},
};

/// Extensions of documents that people take for pages.
const DOCUMENTS: [&str; 15] = [
    "asp", "aspx", "cgi", "htm", "html", "jsp", "markdown", "md", "pdf", "php", "rst", "shtml",
    "txt", "xht", "xhtml",
];

/// What is near the path; each part is said by itself.
#[derive(Debug, Default, Serialize)]
pub(super) struct NearMiss {
    no_index: Option<NoIndex>,
    other_extension: Option<OtherExtension>,
    /// What is written with the same letters in another normal form of Unicode.
    other_form: Option<Link>,
}

/// A folder without a page for itself.
#[derive(Debug, Serialize)]
struct NoIndex {
    /// As the user would name it.
    folder: String,
    /// The page of its name, beside it.
    page: Option<Link>,
}

/// A file that would answer if it were called as pages are.
#[derive(Debug, Serialize)]
struct OtherExtension {
    file: Link,
    /// Whether it would answer for its folder.
    is_index: bool,
}

impl NearMiss {
    pub(super) fn of(
        path: &UrlPath,
        list: &NameList,
        wanted: &Known,
        advisor: Advisor<'_>,
    ) -> Self {
        let page = advisor.naming.page_name(wanted.name()).map(Known::new);
        let wanted = page.as_ref().unwrap_or(wanted);
        let is_other_form = |name: &&Name| name.known.differs_in_form_only(wanted);
        let other_form = list.names().iter().find(is_other_form);
        Self {
            no_index: NoIndex::of(path, advisor),
            other_extension: OtherExtension::of(path, list, advisor),
            other_form: other_form.and_then(|name| Link::to(name, advisor)),
        }
    }
}

impl NoIndex {
    fn of(path: &UrlPath, advisor: Advisor<'_>) -> Option<Self> {
        let Advisor { naming, folder, base_path, .. } = advisor;
        let name = folder_of(path, advisor);
        let is_there = naming.may_hold_public(name) && folder.stamp_of_folder(name).is_some();
        is_there.then(|| {
            let beside = UrlPath::of_name(name, false).map(|path| naming.files_for(&path));
            let mut beside = beside.into_iter().flatten().filter(|file| naming.is_page(file));
            let page = beside.find(|file| is_file(folder, file));
            let page = page.and_then(|file| naming.path_of(&file));
            let page = page.map(|path| Link::of(&path, base_path));
            Self { folder: folder.shown(name), page }
        })
    }
}

impl OtherExtension {
    fn of(path: &UrlPath, list: &NameList, advisor: Advisor<'_>) -> Option<Self> {
        let naming = advisor.naming;
        let relative = path.relative();
        let page = naming.page_name(relative).unwrap_or(relative);
        let index = match folder_of(path, advisor) {
            "" => "index".to_owned(),
            folder => format!("{folder}/index"),
        };
        let kind_of = |name: &Name| {
            let (stem, extension) = name.file.rsplit_once('.')?;
            let is_document = DOCUMENTS.contains(&extension.to_ascii_lowercase().as_str());
            match is_document {
                true if stem.eq_ignore_ascii_case(&index) => Some((is_document, true)),
                _ if stem == page && !naming.is_page(&name.file) => Some((is_document, false)),
                _ => None,
            }
        };
        let near = || list.names().iter().filter_map(|name| Some((name, kind_of(name)?)));
        // A document is likelier to be meant than a style or an image of that name.
        let document = near().find(|(_, (is_document, _))| *is_document);
        let (name, (_, is_index)) = document.or_else(|| near().next())?;
        Some(Self { file: Link::to(name, advisor)?, is_index })
    }
}

/// The folder that a path is for: its own, or the one whose index it names.
fn folder_of<'a>(path: &'a UrlPath, advisor: Advisor<'_>) -> &'a str {
    let relative = path.relative();
    let page = advisor.naming.page_name(relative).unwrap_or(relative);
    match page.rsplit_once('/') {
        _ if path.is_folder() => relative,
        Some((folder, "index")) => folder,
        None if page == "index" => "",
        _ => relative,
    }
}
