//! The list of the files that builds have made: a dot file of the output. A file has a hash
//! behind its name where the next build can tell by it whether the file may stay as it is.

use std::{collections::BTreeMap, fs, io, path::Path};

use super::files::is_absent;
use crate::http::url_path::UrlPath;

/// Its name in the output.
pub(crate) const NAME: &str = ".pagepool-build";

const TITLE: &str = "# The files that `server build` has made here. It deletes no others.";

/// Files by their names, each with the hash of what it was made of and of its bytes, if that is
/// known.
pub(super) type Listed = BTreeMap<String, Option<u128>>;

/// The files that the list of the output `folder` names; none where there is no list.
pub(super) fn read(folder: &Path) -> io::Result<Listed> {
    match fs::read_to_string(folder.join(NAME)) {
        Ok(text) => Ok(text.lines().skip(1).filter_map(entry).collect()),
        Err(error) if is_absent(&error) => Ok(Listed::new()),
        Err(error) => Err(error),
    }
}

/// What a line says. Lists of old have names alone.
fn entry(line: &str) -> Option<(String, Option<u128>)> {
    let (name, hash) = match line.split_once(' ') {
        Some((name, hash)) => (name, u128::from_str_radix(hash, 16).ok()),
        None => (line, None),
    };
    Some((decoded(name)?, hash))
}

/// The text of the list of these files.
pub(super) fn text(listed: &Listed) -> String {
    let mut text = format!("{TITLE}\n");
    for (name, hash) in listed {
        text.push_str(&encoded(name));
        if let Some(hash) = hash {
            text.push_str(&format!(" {hash:032x}"));
        }
        text.push('\n');
    }
    text
}

/// A name in one line: as in a URL.
pub(super) fn encoded(name: &str) -> String {
    let path = UrlPath::of_name(name, false).map(|path| path.encoded());
    path.unwrap_or_default().trim_start_matches('/').to_owned()
}

/// The name in a line. `None` where it would lead anywhere else.
pub(super) fn decoded(line: &str) -> Option<String> {
    let path = UrlPath::parse(line)?;
    let name = path.relative();
    (!name.is_empty() && encoded(name) == line).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_and_none_leads_out() {
        let names = ["a.html", "é/ü \n#%41?.css", ".well-known/x", "b"];
        let hashes = [Some(0), None, Some(u128::MAX), Some(1)];
        let listed = Listed::from_iter(names.map(str::to_owned).into_iter().zip(hashes));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), text(&listed)).unwrap();
        assert_eq!(read(folder.path()).unwrap(), listed);
        for line in ["", "/etc/passwd", "../x", "a/../../b", "a//b", "%2e%2e/x", "a/"] {
            assert_eq!(decoded(line), None, "{line}");
        }
    }

    #[test]
    fn a_list_of_old_protects_its_files_and_so_does_one_that_is_damaged() {
        for (line, expected) in [
            ("a%20b.html", Some(("a b.html", None))),
            ("a.html 0f", Some(("a.html", Some(15)))),
            ("a.html what", Some(("a.html", None))),
            ("a.html 0f 0f", Some(("a.html", None))),
            ("../a 0f", None),
            (" 0f", None),
        ] {
            assert_eq!(entry(line), expected.map(|(name, hash)| (name.to_owned(), hash)), "{line}");
        }
    }
}
