//! The names by which templates use each other.

use std::borrow::Cow;

/// Resolves a name that the template `parent` uses: from the root, or from the
/// parent's folder where it starts with `./` or `../`. A `..` that would lead
/// out of the root stays in the name, for the root to refuse.
pub(crate) fn join<'a>(name: &'a str, parent: &str) -> Cow<'a, str> {
    let is_relative = name.starts_with("./") || name.starts_with("../");
    if !is_relative && !name.starts_with('/') {
        return Cow::Borrowed(name);
    }
    let folder = parent.rsplit_once('/').map_or("", |(folder, _)| folder);
    let base = if is_relative { folder } else { "" };
    let mut segments: Vec<&str> = Vec::new();
    for segment in base.split('/').chain(name.split('/')) {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    Cow::Owned(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_start_at_the_root_or_beside_the_template() {
        for (name, parent, expected) in [
            ("a.html", "docs/b.html", "a.html"),
            ("/a.html", "docs/b.html", "a.html"),
            ("./a.html", "docs/b.html", "docs/a.html"),
            ("../a.html", "docs/deep/b.html", "docs/a.html"),
            ("../../a.html", "docs/b.html", "../a.html"),
            ("./x/../a.html", "b.html", "a.html"),
        ] {
            assert_eq!(join(name, parent), expected, "{name} of {parent}");
        }
    }
}
