//! The names of the files in an output: those that cannot stand beside each other, or that
//! hosts cannot tell apart.

use std::collections::BTreeMap;

use super::problems::Problems;

/// What the build itself has in an output begins with this.
pub(super) const OWN_PREFIX: &str = ".pagepool-";

/// The name of a file in the output, with `/` between segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) file: String,
    /// What is written there, as messages call it.
    pub(super) origin: String,
}

impl Name {
    pub(super) fn new(file: impl Into<String>, origin: impl Into<String>) -> Self {
        Self { file: file.into(), origin: origin.into() }
    }
}

/// Finds what is wrong with the names of all files of an output.
pub(super) fn check(names: &[Name], problems: &mut Problems) {
    let files: BTreeMap<&str, &Name> = names.iter().map(|name| (&*name.file, name)).collect();
    let mut by_lower_case: BTreeMap<String, &Name> = BTreeMap::new();
    for name in names {
        let Name { file, origin } = name;
        if let Some(other) = files.get(&**file).filter(|other| other.origin != *origin) {
            problems.error(format!(
                "{origin} and {} are both written as `{file}`: rename or leave out one of them",
                other.origin
            ));
        }
        let parents = file.match_indices('/').filter_map(|(idx, _)| files.get(file.get(..idx)?));
        for other in parents {
            problems.error(format!(
                "`{}` would be a file, for {}, and a folder of the output, for {origin}: rename or \
                 leave out one of them",
                other.file, other.origin
            ));
        }
        if file.split('/').any(|segment| segment.starts_with(OWN_PREFIX)) {
            problems.error(format!(
                "{origin} would be written as `{file}`, and names that begin with `{OWN_PREFIX}` \
                 are the build's own: rename it or leave it out"
            ));
        }
        if let Some(other) = by_lower_case.insert(file.to_lowercase(), name)
            && other.file != *file
        {
            problems.warn(format!(
                "{} and {origin} differ in letter case alone, which some hosts and systems cannot \
                 tell apart",
                other.origin
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_stand_beside_each_other_are_found() {
        for (files, errors, warnings) in [
            (&["a.html", "a/index.html", "ab.html"][..], 0, 0),
            (&["a.html/b.html", "a.html"], 1, 0),
            (&["a.css", "a.css/b/index.html"], 1, 0),
            (&["a", "a/b/c", "a/b"], 3, 0),
            (&["a.html", "a.html"], 1, 0),
            (&["About.html", "about.html"], 0, 1),
            (&["docs/A.html", "docs/b.html"], 0, 0),
            (&[".pagepool-build/index.html", ".pagepool.html"], 1, 0),
            (&["a/.pagepool-stage/1"], 1, 0),
        ] {
            let names: Vec<Name> = files
                .iter()
                .enumerate()
                .map(|(idx, file)| Name::new(*file, format!("`{idx}`")))
                .collect();
            let mut problems = Problems::default();
            check(&names, &mut problems);
            let counts = (problems.errors.len(), problems.warnings.len());
            assert_eq!(counts, (errors, warnings), "{problems:?}");
        }
    }
}
