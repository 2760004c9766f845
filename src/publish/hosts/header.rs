//! A rule for header fields as hosts know it: one path, all below a folder, all of an
//! extension, or each path of the site that its glob matches.

use std::collections::BTreeMap;

use crate::{globs, http::url_path::UrlPath, publish::answers::Content, rules::HeaderRule};

/// A rule for the fields of some paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The rule, as messages name it.
    pub(super) origin: String,
    pub(super) paths: Paths,
    /// Replaced, or added to what the host sends.
    pub(super) set: BTreeMap<String, String>,
    pub(super) remove: Vec<String>,
}

/// The paths that a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Paths {
    /// Every one.
    All,
    /// This path, encoded.
    One(String),
    /// All below this folder, encoded and without a slash at its end.
    Below(String),
    /// All that end in this, such as `.css`.
    Extension(String),
}

impl Header {
    /// Reads a rule of the site: one for its glob, or one for each path that it matches.
    pub(super) fn read(rule: &HeaderRule, origin: &str, contents: &[Content]) -> Vec<Self> {
        let added = rule.add.iter().map(|(name, values)| (name, values.as_slice().join(", ")));
        let set = rule.set.iter().map(|(name, value)| (name, value.clone())).chain(added);
        let set: BTreeMap<String, String> =
            set.map(|(name, value)| (name.clone(), value)).collect();
        let header = |paths| Self {
            origin: origin.to_owned(),
            paths,
            set: set.clone(),
            remove: rule.remove.clone(),
        };
        match Paths::of_glob(&rule.path) {
            Some(paths) => vec![header(paths)],
            None => matching(&rule.path, contents).map(|path| header(Paths::One(path))).collect(),
        }
    }
}

impl Paths {
    /// `None` for a glob that says more than that.
    fn of_glob(glob: &str) -> Option<Self> {
        if matches!(glob, "/**" | "**/*" | "/**/*" | "**/**") {
            return Some(Self::All);
        }
        if let Some(path) = globs::literal(glob) {
            return encoded(&path).map(Self::One);
        }
        if let Some(folder) = glob.strip_suffix("/**").and_then(globs::literal) {
            return encoded(&folder).map(Self::Below);
        }
        let extension = glob.strip_prefix('/').unwrap_or(glob).strip_prefix("**/*.")?;
        let is_extension = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_extension(extension).then(|| Self::Extension(format!(".{extension}")))
    }

    /// Whether `path`, encoded, is one of them.
    pub(super) fn contain(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => path == one,
            Self::Below(folder) => {
                path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
            }
            Self::Extension(extension) => path.ends_with(extension.as_str()),
        }
    }
}

/// The encoded paths of the site that `glob` matches.
fn matching(glob: &str, contents: &[Content]) -> impl Iterator<Item = String> {
    let matcher = globs::compile(glob).ok().map(|glob| glob.compile_matcher());
    let is_match = move |path: &&UrlPath| {
        matcher.as_ref().is_some_and(|matcher| matcher.is_match(path.as_str()))
    };
    contents.iter().map(|content| &content.path).filter(is_match).map(UrlPath::encoded)
}

/// The path that reads `path`, encoded.
fn encoded(path: &str) -> Option<String> {
    let (name, is_folder) = (path.trim_matches('/'), path.ends_with('/'));
    UrlPath::of_name(name, is_folder).map(|path| path.encoded())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_a_kind_of_paths_or_all_that_it_matches() {
        let one = |path: &str| Some(Paths::One(path.to_owned()));
        for (glob, paths) in [
            ("/**", Some(Paths::All)),
            ("/a b", one("/a%20b")),
            ("/", one("/")),
            ("/a[*]", one("/a*")),
            ("/docs/", one("/docs/")),
            ("/a/**", Some(Paths::Below("/a".into()))),
            ("**/*.css", Some(Paths::Extension(".css".into()))),
            ("/**/*.css", Some(Paths::Extension(".css".into()))),
            ("/a/*.css", None),
            ("/*", None),
            ("/{a,b}", None),
            ("**/*.{a,b}", None),
        ] {
            assert_eq!(Paths::of_glob(glob), paths, "{glob}");
        }
    }
}
