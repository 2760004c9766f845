//! A readable title out of the name of a file.

use crate::site::naming::split_day;

/// `blog/2026-11-27-my_first-post.html` becomes `My first post`; an index has the name of
/// its folder, and that of the root is `Home`.
pub(super) fn title_of(name: &str) -> String {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let own = match stem {
        "index" if folder.is_empty() => "home",
        "index" => folder.rsplit('/').next().unwrap_or(folder),
        stem => split_day(stem).map_or(stem, |(_, rest)| rest),
    };
    let words: Vec<&str> = own.split(['-', '_', ' ']).filter(|word| !word.is_empty()).collect();
    let text = if words.is_empty() { own.to_owned() } else { words.join(" ") };
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_readable() {
        for (name, title) in [
            ("about.html", "About"),
            ("about-us.html", "About us"),
            ("blog/my_first-post.html", "My first post"),
            ("blog/2026-11-27-my-post.html", "My post"),
            ("blog/2026-11-27.html", "2026 11 27"),
            ("blog/2026-11-27-.html", "2026 11 27"),
            ("blog/2026-1-27-x.html", "2026 1 27 x"),
            ("FAQ.html", "FAQ"),
            ("v1.2.html", "V1.2"),
            ("über uns.html", "Über uns"),
            ("日本.html", "日本"),
            ("ǆ.html", "Ǆ"),
            ("---.html", "---"),
            ("a--b.html", "A b"),
            ("index.html", "Home"),
            ("blog/index.html", "Blog"),
            ("docs/how-to/index.html", "How to"),
            (".html", ""),
        ] {
            assert_eq!(title_of(name), title, "{name}");
        }
    }
}
