//! Names of files that stand for many pages, such as `products/[id].html`.

use std::sync::Arc;

use crate::{
    http::url_path::UrlPath,
    site::{
        files::{by_folder::ByFolder, folder::Folder},
        naming::{FileKind, Naming, param_of},
    },
};

/// A file whose name has a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// From the root.
    pub(crate) file: String,
    /// What stands between the brackets.
    pub(crate) param: String,
    /// The folder of its pages, with a slash at its end unless it is the root.
    folder: String,
    /// What follows the parameter in the URL, such as `.json`.
    suffix: String,
}

impl Pattern {
    /// That of the file `name`, a page with a parameter in its name.
    pub(crate) fn of(name: &str, naming: &Naming) -> Option<Self> {
        let param = param_of(name)?;
        if !naming.is_page(name) {
            return None;
        }
        let path = naming.path_of(name)?;
        let (folder, last) = split(path.relative());
        let suffix = last.strip_prefix('[')?.strip_prefix(param)?.strip_prefix(']')?;
        let (file, param) = (name.to_owned(), param.to_owned());
        Some(Self { file, param, folder: folder.to_owned(), suffix: suffix.to_owned() })
    }

    /// The parameter for which `segment`, the last one of a path, stands.
    pub(crate) fn id_in<'s>(&self, segment: &'s str) -> Option<&'s str> {
        segment.strip_suffix(self.suffix.as_str()).filter(|id| !id.is_empty())
    }

    /// The path of the page for the parameter `id`. `None` where no path can be so, or it
    /// would be private.
    pub(crate) fn path_of(&self, id: &str, naming: &Naming) -> Option<UrlPath> {
        if id.is_empty() || id.contains('/') {
            return None;
        }
        let name = [&self.folder, id, &self.suffix].concat();
        UrlPath::of_name(&name, false).filter(|_| !naming.is_private(&name))
    }

    /// How much of a segment it fixes: of two patterns the one with more of it counts.
    pub(crate) fn fixed_bytes(&self) -> usize {
        self.suffix.len()
    }
}

/// The patterns of folders.
#[derive(Debug, Default)]
pub(crate) struct Patterns(ByFolder<Pattern>);

impl Patterns {
    /// Those in the folder `name`, in order of their files, which need not be patterns by
    /// what they hold.
    pub(crate) fn of(&self, name: &str, folder: &Folder, naming: &Naming) -> Arc<[Pattern]> {
        self.0.of(name, folder.stamp(name), || {
            let mut files = folder.list(name);
            files.retain(|file| file.starts_with('['));
            files.sort_unstable();
            let prefix = if name.is_empty() { String::new() } else { format!("{name}/") };
            let files = files.iter().map(|file| [prefix.as_str(), file.as_str()].concat());
            let files = files.filter(|file| naming.kind(file) != FileKind::Asset);
            files.filter_map(|file| Pattern::of(&file, naming)).collect()
        })
    }
}

/// A path and its last segment.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |slash| slash + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_stand_for_many_pages() {
        let naming = Naming::default();
        for (name, segment, id, path) in [
            ("products/[id].html", "a1", Some("a1"), Some("/products/a1")),
            ("[id].html", "a.b", Some("a.b"), Some("/a.b")),
            ("a/b/[my_id].html", "ü x", Some("ü x"), Some("/a/b/ü x")),
            ("products/[id].html", "_x", Some("_x"), None),
            ("products/[id].html", ".x", Some(".x"), None),
            ("products/[id].html", "..", Some(".."), None),
            ("products/[id].html", "", None, None),
        ] {
            let pattern = Pattern::of(name, &naming).unwrap();
            assert_eq!(pattern.id_in(segment), id, "{name}: {segment}");
            let known = pattern.path_of(segment, &naming);
            assert_eq!(known.as_ref().map(UrlPath::as_str), path, "{name}: {segment}");
        }
        for name in [
            "id.html",
            "[].html",
            "[...id].html",
            "[a b].html",
            "[1].html",
            "x[id].html",
            "[id]x.html",
            "[id]",
            "[id].css",
            "[id]/a.html",
            "[id].html/x.html",
        ] {
            assert_eq!(Pattern::of(name, &naming), None, "{name}");
        }
    }
}
