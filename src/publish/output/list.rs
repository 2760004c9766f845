//! The list of the files that builds have made: a dot file of the output.

use std::{collections::BTreeSet, fs, io, path::Path};

use super::files::is_absent;
use crate::http::url_path::UrlPath;

/// Its name in the output.
pub(crate) const NAME: &str = ".pagepool-build";

const TITLE: &str = "# The files that `server build` has made here. It deletes no others.";

/// The files that the list of the output `folder` names; none where there is no list.
pub(super) fn read(folder: &Path) -> io::Result<BTreeSet<String>> {
    match fs::read_to_string(folder.join(NAME)) {
        Ok(text) => Ok(text.lines().skip(1).filter_map(decoded).collect()),
        Err(error) if is_absent(&error) => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

/// The text of the list of these files.
pub(super) fn text(names: &BTreeSet<String>) -> String {
    let mut text = format!("{TITLE}\n");
    for name in names {
        text.push_str(&encoded(name));
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
        let names: BTreeSet<String> =
            ["a.html", "é/ü \n#%41?.css", ".well-known/x"].map(str::to_owned).into();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), text(&names)).unwrap();
        assert_eq!(read(folder.path()).unwrap(), names);
        for line in ["", "/etc/passwd", "../x", "a/../../b", "a//b", "%2e%2e/x", "a/"] {
            assert_eq!(decoded(line), None, "{line}");
        }
    }
}
