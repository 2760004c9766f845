//! Which known name somebody may have meant.

/// A longer name is no slip of the fingers.
const MAX_WANTED_CHARS: usize = 200;
/// Of a large site, and of a template made to be large, so many names are looked at.
const MAX_NAMES: usize = 5_000;
/// The work that one guess may take: pairs of characters that are compared, a few
/// milliseconds' worth. Whoever asks for a page that is not there would else
/// choose how long the server is busy with it.
const MAX_PAIRS: usize = 1_000_000;

/// The known name that is nearest to `wanted`, where one is near enough to be
/// worth a guess. Never `wanted` itself, which whoever asks has found unfit.
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
    let tolerance = tolerance(wanted);
    let folded = wanted.to_lowercase();
    let mut near: Vec<(usize, &str)> = worth_comparing(wanted, known.into_iter())
        .map(|name| (strsim::osa_distance(&folded, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= tolerance)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(count).map(|(_, name)| name).collect()
}

/// A third of the letters may be wrong, and one in any case.
fn tolerance(wanted: &str) -> usize {
    (wanted.chars().count() / 3).max(1)
}

/// The names whose length alone does not rule them out, as far as the bounds on
/// the work allow.
fn worth_comparing<'a>(
    wanted: &str,
    known: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = &'a str> {
    let wanted_chars = wanted.chars().count();
    let tolerance = tolerance(wanted);
    let max_names = if wanted_chars > MAX_WANTED_CHARS { 0 } else { MAX_NAMES };
    let mut pairs = 0;
    known
        .take(max_names)
        .filter(move |name| *name != wanted)
        .map(|name| (name, name.chars().count()))
        .filter(move |(_, chars)| chars.abs_diff(wanted_chars) <= tolerance)
        .take_while(move |(_, chars)| {
            pairs += chars * wanted_chars;
            pairs <= MAX_PAIRS
        })
        .map(|(name, _)| name)
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
            ("title", None),
        ] {
            assert_eq!(nearest(wanted, known), guess, "{wanted}");
        }
        assert_eq!(nearest("x", []), None);
        assert_eq!(nearest_few("ab", ["abc", "xyz", "ax", "abc"], 2), ["abc", "ax"]);
    }

    #[test]
    fn the_work_of_a_guess_is_bounded() {
        for (wanted_chars, name_chars, min, max) in [
            // Each is compared: an ordinary site.
            (15, 12, 5_000, 5_000),
            // Names of another length are ruled out by that.
            (15, 21, 0, 0),
            (20, 200, 0, 0),
            // Long ones are compared until the work is done.
            (200, 210, 20, 25),
            (1, 1, 5_000, 5_000),
            // Too long for a slip.
            (201, 201, 0, 0),
            (8_000, 8_000, 0, 0),
        ] {
            let (wanted, name) = ("w".repeat(wanted_chars), "n".repeat(name_chars));
            let mut looked_at = 0;
            let known = std::iter::repeat_n(name.as_str(), 10_000).inspect(|_| looked_at += 1);
            let compared = worth_comparing(&wanted, known).count();
            assert!((min..=max).contains(&compared), "{compared} for {wanted_chars}, {name_chars}");
            assert!(compared * wanted_chars * name_chars <= MAX_PAIRS);
            assert!(looked_at <= MAX_NAMES);
        }
    }
}
