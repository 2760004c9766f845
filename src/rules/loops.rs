//! Redirects that lead in a circle over one rule or several, or on and on.
//!
//! Rules are followed as requests would be, from sample paths of each rule: what is found is
//! therefore always a loop. Where `from` is one path, all loops through its rule are found.
//! Of a pattern the samples stand for all paths, and one at a time for those that another
//! pattern names, so that loops which need two such names at once stay unseen. So do loops
//! beyond the first texts of a segment with many braces, and, in lists of thousands of
//! patterns, loops from samples for which no work is left. Not known here are the site's
//! own redirects between `/docs` and `/docs/`, which its files decide, and where a URL with a
//! host leads.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{pattern::Pattern, samples::Samples};

/// Samples of patterns with a name of another pattern in them; the rest is left out, so that
/// thousands of patterns do not hold up the start.
const MAX_SPECIAL_SAMPLES: usize = 20_000;
/// Bytes of a path; a longer one has grown in a loop, and no request can have it (the
/// default of `max_target_bytes`).
const MAX_PATH_BYTES: usize = 8192;
/// Work of one search, in the units of [`cost`]: less than a second of an optimized build.
const MAX_COST: usize = 400_000_000;

/// A way through the rules that never ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Loop {
    /// Each path with the rule, by its index, that leads to the next.
    pub(super) hops: Vec<(String, usize)>,
    /// Where the last of them leads: to the first, or further on.
    pub(super) next: String,
}

/// Finds a way that never ends through rules `from` these. `step` gives the index of the
/// rule that answers a path, and the path that it leads to.
pub(super) fn find<'a>(
    from: impl Iterator<Item = &'a Pattern>,
    step: &dyn Fn(&str) -> Option<(usize, String)>,
) -> Option<Loop> {
    let samples: Vec<_> = from.map(|from| Samples::of(from.segments())).collect();
    let names: BTreeSet<&str> = samples.iter().flat_map(Samples::names).collect();
    let fresh = fresh_names(&names);
    let mut walk = RuleWalk {
        step,
        max_hops: 100 + 4 * samples.len(),
        patterns: samples.iter().filter(|samples| samples.is_pattern()).count(),
        cost_left: MAX_COST,
        ended: HashSet::new(),
    };
    let general = samples.iter().flat_map(|samples| samples.general(&fresh));
    let special = samples.iter().flat_map(|samples| samples.special(&fresh, &names));
    general.chain(special.take(MAX_SPECIAL_SAMPLES)).find_map(|path| walk.follow(path))
}

/// Values that no pattern names, for the first segments of a path.
fn fresh_names(names: &BTreeSet<&str>) -> Vec<String> {
    let letters = ('a'..='z').rev().map(String::from);
    letters.filter(|letter| !names.contains(letter.as_str())).collect()
}

struct RuleWalk<'r> {
    step: &'r dyn Fn(&str) -> Option<(usize, String)>,
    max_hops: usize,
    /// Rules that are from more than one path.
    patterns: usize,
    cost_left: usize,
    /// Paths from which each way ends.
    ended: HashSet<String>,
}

impl RuleWalk<'_> {
    /// Follows the rules from `path` to an end, or to what has none.
    fn follow(&mut self, path: String) -> Option<Loop> {
        let mut hops: Vec<(String, usize)> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut longest = path.len();
        let mut path = path;
        while !self.ended.contains(&path) {
            self.cost_left = self.cost_left.checked_sub(cost(&path, self.patterns))?;
            let Some((rule, next)) = (self.step)(&path) else { break };
            seen.insert(path.clone(), hops.len());
            hops.push((path, rule));
            if let Some(&start) = seen.get(&next) {
                return Some(circle(hops.split_off(start)));
            }
            // A way whose paths no longer grow ends, or comes back.
            let is_growing = next.len() > longest;
            longest = longest.max(next.len());
            if (hops.len() > self.max_hops && is_growing) || next.len() > MAX_PATH_BYTES {
                return Some(endless(hops, next));
            }
            path = next;
        }
        self.ended.extend(hops.into_iter().map(|(path, _)| path));
        None
    }
}

/// The work of finding the rule for `path`: at worst it is compared with each pattern.
fn cost(path: &str, patterns: usize) -> usize {
    64 * (1 + patterns) + 16 * path.len()
}

/// The circle, from the rule that comes first in the list.
fn circle(mut hops: Vec<(String, usize)>) -> Loop {
    let first = (0..hops.len()).min_by_key(|&idx| hops[idx].1).unwrap_or(0);
    hops.rotate_left(first);
    let next = hops[0].0.clone();
    Loop { hops, next }
}

/// One round of a way whose paths never come again: from the first use of its last rule to
/// the second.
fn endless(mut hops: Vec<(String, usize)>, next: String) -> Loop {
    let last = hops.last().map(|&(_, rule)| rule);
    let mut uses = (0..hops.len()).filter(|&idx| Some(hops[idx].1) == last);
    let (start, end) = (uses.next().unwrap_or(0), uses.next());
    let next = end.map_or(next, |end| hops[end].0.clone());
    hops.truncate(end.unwrap_or(hops.len()));
    Loop { hops: hops.split_off(start), next }
}

impl Loop {
    /// The rules, each once, in the order in which they are used.
    pub(super) fn rules(&self) -> Vec<usize> {
        let mut seen = HashSet::new();
        self.hops.iter().map(|&(_, rule)| rule).filter(|rule| seen.insert(*rule)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::{RedirectRule, RedirectRules};

    /// The reason for which these rules, each `from to`, are refused.
    fn refusal(rules: &[&str]) -> Option<String> {
        let rule = |rule: &&str| {
            let (from, to) = rule.rsplit_once(' ').unwrap();
            RedirectRule { from: from.to_owned(), to: to.to_owned(), ..RedirectRule::default() }
        };
        let rules: Vec<_> = rules.iter().map(rule).collect();
        RedirectRules::new(&rules).err().map(|error| error.to_string())
    }

    #[test]
    fn forbids_rules_that_never_end() {
        for (rules, idx, order, way) in [
            (&["/a /b", "/b /a"][..], 1, "1, 2", "`/a` -> `/b` -> `/a`"),
            (&["/x /b", "/b /c", "/c /b"], 2, "2, 3", "`/b` -> `/c` -> `/b`"),
            (&["/c /a", "/a /b", "/b /c"], 1, "1, 2, 3", "`/c` -> `/a` -> `/b` -> `/c`"),
            // Neither query nor fragment change which rule is the next.
            (&["/a /b?x#y", "/b /a?z"], 1, "1, 2", "`/a` -> `/b` -> `/a`"),
            (&["/docs /docs/", "/docs/ /docs"], 1, "1, 2", "`/docs` -> `/docs/` -> `/docs`"),
            (&["/a/:x /b/:x", "/b/:y /a/:y"], 1, "1, 2", "`/a/y` -> `/b/y` -> `/a/y`"),
            (&["/a/:x /b/:x", "/b/1 /a/1"], 1, "1, 2", "`/a/1` -> `/b/1` -> `/a/1`"),
            (&["/a/** /b/:splat", "/b/** /a/:splat"], 1, "1, 2", "`/a/y` -> `/b/y` -> `/a/y`"),
            (
                &["/a/** /b/:splat", "/b/c/** /a/c/:splat"],
                1,
                "1, 2",
                "`/a/c/x` -> `/b/c/x` -> `/a/c/x`",
            ),
            (&["/:x/:y /:y/:x/", "/:x/:y/ /:y/:x"], 1, "1, 2", "`/z/y` -> `/y/z/` -> `/z/y`"),
            (
                &["/a/:x/1 /b/:x/1", "/b/2/:y /a/2/:y"],
                1,
                "1, 2",
                "`/a/2/1` -> `/b/2/1` -> `/a/2/1`",
            ),
            (&["/s/:q /find?q=:q", "/find /s/all"], 1, "1, 2", "`/s/all` -> `/find` -> `/s/all`"),
            (&["/{a,b} /c", "/c /b"], 1, "1, 2", "`/b` -> `/c` -> `/b`"),
            (&["/*.php /new", "/new /new.php"], 1, "1, 2", "`/new.php` -> `/new` -> `/new.php`"),
            (&["/home /start", "/** /home"], 1, "1, 2", "`/home` -> `/start` -> `/home`"),
            (&["/a b /b", "/b /a%20b"], 1, "1, 2", "`/a b` -> `/b` -> `/a b`"),
            // The path grows without end, by a segment or twofold.
            (
                &["/a/** /b/:splat/:splat", "/b/** /a/:splat"],
                1,
                "1, 2",
                "`/a/y` -> `/b/y/y` -> `/a/y/y` -> …",
            ),
            (
                &["/a/** /b/x/:splat", "/b/** /a/:splat"],
                1,
                "1, 2",
                "`/a/y` -> `/b/x/y` -> `/a/x/y` -> …",
            ),
        ] {
            let expected = Some(format!(
                "rule {idx}: `to` takes a path from which no rule leads back, and rules {order} \
                 never end: {way}"
            ));
            assert_eq!(refusal(rules), expected, "{rules:?}");
        }
    }

    #[test]
    fn forbids_one_rule_that_never_ends() {
        for (rule, from) in [
            ("/a /a", "/a"),
            ("/a /a?b", "/a"),
            ("/a/** /a/:splat", "/a/**"),
            ("/a/** /a/b/:splat", "/a/**"),
            ("/a/:x /a/new-:x", "/a/:x"),
            ("/:x/:y /:y/:x", "/:x/:y"),
        ] {
            let expected = format!("rule 1: `to` takes a path that `{from}` does not match again");
            assert_eq!(refusal(&[rule]), Some(expected), "{rule}");
        }
    }

    #[test]
    fn allows_rules_that_end() {
        for rules in [
            &["/a /b", "/b /c", "/c /d"][..],
            &["/a /b", "/b https://h/a"],
            &["/a https://h/b", "/b https://h/a"],
            &["/docs/ /docs"],
            &["/:x/ /:x"],
            &["/a /a/"],
            // An earlier rule takes over before the circle is closed.
            &["/b/** https://h/:splat", "/a/** /b/:splat", "/b/** /a/:splat"],
            &["/a/new-* /b", "/a/:x /a/new-:x"],
            // Each round has a segment less.
            &["/a/** /b/:splat", "/b/a/** /a/:splat"],
            &["/en/** /:splat"],
            &["/** /closed.html"],
            &["/blog/** /blog/moved"],
            &["/{a,b} /a"],
            &["/:x/{a,b} /:x/a"],
            &["/:x/:y /:y/:y"],
            &["/:lang/docs /docs/:lang"],
            &["/old/:x /new/:x", "/new/:x/old /old/:x/new"],
            // Letter case counts.
            &["/a /A", "/A /b"],
            // What leads to itself is left alone, and so answers.
            &["/b/** /b/c", "/a /b/x"],
        ] {
            assert_eq!(refusal(rules), None, "{rules:?}");
        }
    }

    #[test]
    fn a_long_way_is_no_loop_and_is_gone_once() {
        let rules: Vec<_> = (0..3000).map(|n| format!("/{n} /{}", n + 1)).collect();
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        assert_eq!(refusal(&rules), None);
        let shortening = format!("/start /{}end", "x/".repeat(200));
        assert_eq!(refusal(&["/x/** /:splat", &shortening]), None);
        let back = [&rules[..], &["/3000 /0"]].concat();
        let said = refusal(&back).unwrap();
        assert!(said.starts_with("rule 1: ") && said.len() < 300, "{said}");
    }
}
