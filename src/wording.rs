//! The wording of messages: numbers with what is counted, and names for a shell.

/// `1 page`, `2 pages`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A name as a shell takes it for one word.
pub(crate) fn quoted(name: &str) -> String {
    let is_bare = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ',');
    if name.chars().all(is_bare) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "page")), ["0 pages", "1 page", "2 pages"]);
    }

    #[test]
    fn a_shell_takes_a_name_for_one_word() {
        for (name, word) in [
            ("my-site", "my-site"),
            ("../é/a.b", "../é/a.b"),
            ("my site", "'my site'"),
            ("it's", r"'it'\''s'"),
            ("$a;b", "'$a;b'"),
            ("~a", "'~a'"),
        ] {
            assert_eq!(quoted(name), word);
        }
    }
}
