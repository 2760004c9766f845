//! The nearest known name to a mistyped one.

use std::{cell::Cell, fmt::Display};

use unicode_normalization::UnicodeNormalization;

/// A longer name is no typing error; and one machine word holds the rest.
const MAX_WANTED_CHARS: usize = 128;
/// The most names compared, for large sites and for templates made to be large.
const MAX_NAMES: usize = 5_000;
/// The characters of names that one guess may go through, a few tenths of a millisecond's
/// worth. Otherwise a request for a page that is not there, or the author of the names,
/// would choose how long the server is busy with it.
const MAX_STEPS: usize = 100_000;

/// A name that is ready to be compared with many that are wanted.
#[derive(Debug)]
pub(crate) struct Known {
    name: String,
    /// In lower case.
    folded: String,
    chars: usize,
    letters: u64,
}

impl Known {
    pub(crate) fn new(name: &str) -> Self {
        let folded = name.to_lowercase();
        let (chars, letters) = (folded.chars().count(), letters(&folded));
        Self { name: name.to_owned(), folded, chars, letters }
    }

    /// The name as it is written.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it differs from `wanted` in letter case, and in nothing else.
    pub(crate) fn differs_in_case_only(&self, wanted: &Self) -> bool {
        // This excludes nearly all without reading the text.
        let may_be = self.letters == wanted.letters && self.chars == wanted.chars;
        may_be && self.folded == wanted.folded && self.name != wanted.name
    }

    /// Whether it is `wanted` in another normal form of Unicode (UAX 15), in any letter case.
    pub(crate) fn differs_in_form_only(&self, wanted: &Self) -> bool {
        let may_be =
            self.folded != wanted.folded && !(self.folded.is_ascii() && wanted.folded.is_ascii());
        may_be && self.folded.nfkc().eq(wanted.folded.nfkc())
    }
}

/// The known name that is nearest to `wanted`, where one is near enough to be
/// worth a guess. Never `wanted` itself, which the caller has found unfit.
pub(crate) fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let names: Vec<&str> = known.into_iter().take(MAX_NAMES).collect();
    let known: Vec<Known> = names.iter().copied().map(Known::new).collect();
    let near = nearest_few(&Known::new(wanted), known.iter(), 1).pop()?;
    names.into_iter().find(|name| *name == near.name)
}

/// How a help begins that offers a name.
pub(crate) const GUESS: &str = "did you mean";

/// The help that offers `name`, as it is written where it is meant.
pub(crate) fn did_you_mean(name: impl Display) -> String {
    format!("{GUESS} `{name}`?")
}

/// The same for the nearest `count`, the nearest of all first.
pub(crate) fn nearest_few<'a>(
    wanted: &Known,
    known: impl Iterator<Item = &'a Known>,
    count: usize,
) -> Vec<&'a Known> {
    if wanted.chars > MAX_WANTED_CHARS {
        return Vec::new();
    }
    let comparison = NameComparison::with(wanted);
    let mut near: Vec<(usize, &Known)> = Vec::new();
    let limit = Cell::new(tolerance(wanted));
    for name in worth_comparing(wanted, known, &limit) {
        let Some(distance) = comparison.distance(name, limit.get()) else { continue };
        let rank = (distance, name.name());
        let at = near.partition_point(|(distance, known)| (*distance, known.name()) < rank);
        let is_new = near.get(at).is_none_or(|(_, known)| known.name != name.name);
        if is_new && at < count {
            near.insert(at, (distance, name));
            near.truncate(count);
            // Once there are enough, only what is nearer than the last of them counts.
            if near.len() == count {
                limit.set(near.last().map_or(0, |(distance, _)| *distance));
            }
        }
    }
    near.into_iter().map(|(_, known)| known).collect()
}

/// A third of the letters may be wrong, and one in any case.
fn tolerance(wanted: &Known) -> usize {
    (wanted.chars / 3).max(1)
}

/// The names that neither their length nor their letters put beyond `limit`, as far as
/// the bounds on the work allow.
fn worth_comparing<'a>(
    wanted: &Known,
    known: impl Iterator<Item = &'a Known>,
    limit: &Cell<usize>,
) -> impl Iterator<Item = &'a Known> {
    // A wrong letter makes one disappear and another appear at most.
    let missing = |some: u64, others: u64| (some & !others).count_ones() as usize;
    let mut steps = 0;
    known
        .take(MAX_NAMES)
        .filter(move |known| {
            let limit = limit.get();
            known.chars.abs_diff(wanted.chars) <= limit
                && missing(known.letters, wanted.letters) <= limit
                && missing(wanted.letters, known.letters) <= limit
                && known.name != wanted.name
        })
        .take_while(move |known| {
            steps += known.chars;
            steps <= MAX_STEPS
        })
}

/// The characters of a text, as a set. Lower-case letters and digits have a bit each;
/// of all others, several share one.
fn letters(text: &str) -> u64 {
    let bit = |c: char| match c {
        'a'..='z' => u32::from(c) - u32::from('a'),
        '0'..='9' => u32::from(c) - u32::from('0') + 26,
        _ => u32::from(c) % 28 + 36,
    };
    text.chars().fold(0, |letters, c| letters | 1 << bit(c))
}

/// A name that is compared with many: where each character stands in it, as bits.
struct NameComparison {
    chars: usize,
    ascii: [u128; 128],
    others: Vec<(char, u128)>,
}

impl NameComparison {
    fn with(wanted: &Known) -> Self {
        let mut comparison = Self { chars: wanted.chars, ascii: [0; 128], others: Vec::new() };
        for (at, c) in wanted.folded.chars().take(MAX_WANTED_CHARS).enumerate() {
            match comparison.ascii.get_mut(c as usize) {
                Some(places) => *places |= 1 << at,
                None => comparison.others.push((c, 1 << at)),
            }
        }
        comparison
    }

    fn places(&self, c: char) -> u128 {
        let others = || self.others.iter().filter(|(other, _)| *other == c);
        let ascii = self.ascii.get(c as usize).copied();
        ascii.unwrap_or_else(|| others().fold(0, |places, (_, place)| places | place))
    }

    /// How many letters must be put in, left out, exchanged, or swapped with their
    /// neighbour to make one name of the other: the optimal string alignment distance.
    /// `None` where it is more than `limit`.
    ///
    /// It takes a column of the usual table at once, as the bits at which that grows and
    /// shrinks (H. Hyyrö, A bit-vector algorithm for computing Levenshtein and Damerau
    /// edit distances, 2003): a step for each character of the name, where the table takes
    /// one for each pair.
    fn distance(&self, name: &Known, limit: usize) -> Option<usize> {
        let Some(last) = self.chars.checked_sub(1) else {
            return Some(name.chars).filter(|chars| *chars <= limit);
        };
        let last = 1 << last;
        let (mut grows, mut shrinks) = (u128::MAX, 0);
        let (mut same, mut places_before) = (0_u128, 0_u128);
        let mut distance = self.chars;
        for (c, still) in name.folded.chars().zip((0..name.chars).rev()) {
            let places = self.places(c);
            let swapped = ((!same & places) << 1) & places_before;
            same = ((places & grows).wrapping_add(grows) ^ grows) | places | shrinks | swapped;
            let rises = shrinks | !(same | grows);
            let falls = same & grows;
            distance += usize::from(rises & last != 0);
            distance -= usize::from(falls & last != 0);
            let rises = rises << 1 | 1;
            grows = falls << 1 | !(same | rises);
            shrinks = rises & same;
            places_before = places;
            // Each character that is still to come makes it less by one at most.
            if distance > limit + still {
                return None;
            }
        }
        (distance <= limit).then_some(distance)
    }
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
        let known = ["abc", "xyz", "ax", "b", "abc", "ab"].map(Known::new);
        let all = ["abc", "ax", "b"];
        for count in 0..4 {
            let near = nearest_few(&Known::new("ab"), known.iter(), count);
            assert_eq!(near.into_iter().map(Known::name).collect::<Vec<_>>(), all[..count]);
        }
    }

    #[test]
    fn distances_are_those_of_the_table() {
        let mut state = 1_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        let alphabet: Vec<char> = "abc/é世".chars().collect();
        for round in 0..20_000 {
            let max = if round % 10 == 0 { 129 } else { 12 };
            let mut text =
                || (0..random(max)).map(|_| alphabet[random(6) as usize]).collect::<String>();
            let (wanted, name) = (text(), text());
            let distance = strsim::osa_distance(&wanted, &name);
            let limited = |limit| {
                NameComparison::with(&Known::new(&wanted)).distance(&Known::new(&name), limit)
            };
            assert_eq!(limited(1000), Some(distance), "{wanted} {name}");
            assert_eq!(limited(distance), Some(distance), "{wanted} {name}");
            assert_eq!(distance.checked_sub(1).and_then(limited), None, "{wanted} {name}");
            // And no name that is near is ruled out before.
            let (wanted, name) = (Known::new(&wanted), Known::new(&name));
            let limit = Cell::new(tolerance(&wanted));
            let is_worth = worth_comparing(&wanted, [&name].into_iter(), &limit).next().is_some();
            assert!(is_worth || distance > tolerance(&wanted) || wanted.name == name.name);
        }
    }

    #[test]
    fn the_work_of_a_guess_is_bounded() {
        for (wanted_chars, name_chars, expected) in [
            // Each is compared: an ordinary site.
            (15, 12, 5_000),
            // Names of another length are ruled out by that.
            (15, 21, 0),
            (20, 200, 0),
            // Long ones are compared until the work is done.
            (128, 125, 800),
            (1, 1, 5_000),
        ] {
            let wanted = Known::new(&format!("w{}", "n".repeat(wanted_chars - 1)));
            let name = Known::new(&"n".repeat(name_chars));
            let mut met = 0;
            let known = std::iter::repeat_n(&name, 10_000).inspect(|_| met += 1);
            let limit = Cell::new(tolerance(&wanted));
            let compared = worth_comparing(&wanted, known, &limit).count();
            assert_eq!(compared, expected, "{wanted_chars}, {name_chars}");
            assert!(met <= MAX_NAMES && compared * name_chars <= MAX_STEPS);
        }
        // Too long for a slip.
        let [long, near] = [129, 128].map(|chars| Known::new(&"w".repeat(chars)));
        assert!(nearest_few(&long, [&near].into_iter(), 1).is_empty());
    }

    #[test]
    fn names_of_other_letters_are_not_compared() {
        let wanted = Known::new("about");
        let count = |name: &str, limit| {
            worth_comparing(&wanted, [&Known::new(name)].into_iter(), &Cell::new(limit)).count()
        };
        let few = ["abuot", "bout", "xyzzy", "about"];
        assert_eq!(few.map(|name| count(name, 1)), [1, 1, 0, 0]);
        assert_eq!(few.map(|name| count(name, 0)), [1, 0, 0, 0]);
    }

    #[test]
    fn the_nearest_are_found_wherever_they_stand() {
        let mut names: Vec<String> = (0..500).map(|n| format!("page-{n:03}")).collect();
        for _ in 0..50 {
            names.rotate_left(17);
            let known: Vec<Known> = names.iter().map(|name| Known::new(name)).collect();
            let near = nearest_few(&Known::new("page-1230"), known.iter(), 3);
            let near: Vec<&str> = near.into_iter().map(Known::name).collect();
            assert_eq!(near, ["page-120", "page-123", "page-130"]);
        }
    }
}
