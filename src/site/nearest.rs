//! Which known name somebody may have meant.

/// The known name that is nearest to `wanted`, where one is near enough to be
/// worth a guess.
pub(super) fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    nearest_few(wanted, known, 1).pop()
}

/// The same for the nearest `count`, the nearest of all first.
pub(super) fn nearest_few<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    // A third of the letters may be wrong, and one in any case.
    let tolerance = (wanted.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        // Too long or too short to be near: spare the comparison.
        .filter(|name| name.len().abs_diff(wanted.len()) <= 4 * tolerance)
        .map(|name| (strsim::osa_distance(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= tolerance)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(count).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_near_names_only() {
        let known = ["title", "author", "a", "café"];
        for (wanted, guess) in [
            ("titel", Some("title")),
            ("Title", Some("title")),
            ("autor", Some("author")),
            ("cafe", Some("café")),
            ("b", Some("a")),
            ("menu", None),
            ("", Some("a")),
        ] {
            assert_eq!(nearest(wanted, known), guess, "{wanted}");
        }
        assert_eq!(nearest("x", []), None);
        assert_eq!(nearest_few("ab", ["abc", "ab", "xyz", "ax", "ab"], 2), ["ab", "abc"]);
    }
}
