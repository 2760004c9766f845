//! The advice on the path-echo page: why no file answers the path, and what would.

pub(crate) mod advisor;
mod near_miss;

use serde::Serialize;

use crate::diagnostic::nearest::{self, Known};
use crate::http::url_path::UrlPath;

use self::{
    advisor::{Advisor, Link, is_file},
    near_miss::NearMiss,
};
use crate::site::{
    each::missing::MissingRow,
    files::{
        folder::{Folder, Opening},
        names::Name,
    },
    naming::{Naming, Privacy},
};

/// How many names like the one asked for are shown.
const MAX_NEAREST: usize = 3;

/// What would turn the echo page into a page of the site.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Advice {
    /// The files that were looked for; none where no file can have such a name.
    files: Vec<String>,
    /// Why no request gets the file, where that is so.
    private: Option<Private>,
    /// That no row has a page of this path, where a file stands for it.
    row: Option<String>,
    near_miss: NearMiss,
    /// What differs from the path in letter case only.
    other_case: Option<OtherCase>,
    nearest: Vec<Link>,
}

/// A file that would answer in another letter case.
#[derive(Debug, Serialize)]
struct OtherCase {
    link: Link,
    /// As the user would name it.
    file: String,
}

/// A name that is private.
#[derive(Debug, Serialize)]
struct Private {
    /// The file that is there, as the user would name it.
    file: Option<String>,
    /// What would free a name with `_`; nothing frees one with a dot.
    glob: Option<String>,
}

impl Advice {
    pub(crate) fn new(path: &UrlPath, missing: Option<&MissingRow>, advisor: Advisor<'_>) -> Self {
        let Advisor { naming, folder, names, now, .. } = advisor;
        let list = names.public(folder, path.relative(), now);
        let wanted = Known::new(path.with_folder(false).as_str());
        let files = naming.files_for(path);
        // The path of an index is that of its folder, and not like its name.
        let is_file_in_other_case =
            |file: &String| files.iter().any(|own| own != file && own.eq_ignore_ascii_case(file));
        let is_other_case = |name: &&Name| {
            name.known.differs_in_case_only(&wanted) || is_file_in_other_case(&name.file)
        };
        let is_other =
            |name: &&Name| !is_other_case(name) && !name.known.differs_in_form_only(&wanted);
        let others = list.names().iter().filter(is_other);
        let nearest = nearest::nearest_few(&wanted, others.map(|name| &name.known), MAX_NEAREST);
        let nearest = nearest.into_iter().filter_map(|known| list.find(known.name()));
        let link = |name: &Name| Link::to(name, advisor);
        let other_case =
            |name: &Name| Some(OtherCase { link: link(name)?, file: folder.shown(&name.file) });
        let rows = missing.iter().flat_map(|missing| &missing.nearest);
        let rows = rows.map(|path| Link::of(path, advisor.base_path));
        Self {
            near_miss: NearMiss::of(path, &list, &wanted, advisor),
            row: missing.map(|missing| missing.message.clone()),
            files: files_to_write(path, naming, folder),
            private: Private::of(path, naming, folder),
            other_case: list.names().iter().find(is_other_case).and_then(other_case),
            nearest: rows
                .chain(list.find(wanted.name()).into_iter().chain(nearest).filter_map(link))
                .take(MAX_NEAREST)
                .collect(),
        }
    }
}

impl Private {
    /// `None` where `path` is that of a public name.
    fn of(path: &UrlPath, naming: &Naming, folder: &Folder) -> Option<Self> {
        let relative = path.relative();
        match naming.privacy(relative) {
            // The name of its file may be public where this one is not.
            _ if !naming.candidates(path).is_empty() => None,
            Privacy::Public => None,
            Privacy::Hidden => Some(Self { file: None, glob: None }),
            Privacy::Private => {
                let candidates = naming.candidates_of_any(path).into_iter();
                let mut names = candidates.map(|candidate| candidate.name);
                let file = names.find(|name| is_file(folder, name));
                let glob = naming.freeing_glob(file.as_deref().unwrap_or(relative));
                Some(Self { file: file.map(|name| folder.shown(&name)), glob: Some(glob) })
            }
        }
    }
}

/// The files that would answer `path`, as the user would name them. What already
/// stands under such a name leads out of the root, and to write it would change
/// a file that is none of the site's.
fn files_to_write(path: &UrlPath, naming: &Naming, folder: &Folder) -> Vec<String> {
    let leads_out = |name: &String| matches!(folder.open_file(name), Ok(Opening::Outside));
    let names = naming.files_for(path).into_iter();
    names.filter(|name| !leads_out(name)).map(|name| folder.shown(&name)).collect()
}
