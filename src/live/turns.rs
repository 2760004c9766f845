//! The time budget of a check, and the order of what is rendered in it.
//!
//! Between two checks, messages of tabs and events of the file system are handled. So what
//! one tab follows delays the others by one check of bounded length, however much it is.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::site::Dependencies;

/// How long a check renders before it leaves the rest to the next one. The clock is read
/// between candidates, so one that takes longer is not cut short.
const CHECK_TIME: Duration = Duration::from_millis(50);
/// How often as much time is granted for what hellos ask to render.
const HELLO_PERIOD: Duration = Duration::from_secs(1);

/// The time of the current check, and what earlier ones have passed over.
#[derive(Debug)]
pub(super) struct Turns {
    time: Duration,
    until: Instant,
    /// Whether a candidate was taken since the last order was made.
    has_taken: bool,
    check: u64,
    /// The check in which each was first passed over.
    passed: HashMap<Box<str>, u64>,
    /// The same up to the check before.
    before: HashMap<Box<str>, u64>,
    /// The check in which each file had its last turn, while anything is passed over.
    served: HashMap<Option<Box<str>>, u64>,
}

/// Something that may have to be rendered again.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) key: Box<str>,
    /// The file behind it: one tab can ask for one file under any number of queries, which
    /// then wait for each other alone.
    pub(super) file: Option<Box<str>>,
}

/// Time that is granted again in each period.
#[derive(Debug)]
pub(super) struct Allowance {
    time: Duration,
    period: Duration,
    left: Duration,
    renewed: Instant,
}

impl Candidate {
    /// What others know as `key`, made from `dependencies`.
    pub(super) fn new(key: &str, dependencies: &Dependencies) -> Self {
        Self { key: key.into(), file: dependencies.file().map(|(name, _)| name.into()) }
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self::new(CHECK_TIME)
    }
}

impl Turns {
    /// Checks of `time` each, and of one candidate of each order at least.
    pub(super) fn new(time: Duration) -> Self {
        Self {
            time,
            until: Instant::now(),
            has_taken: false,
            check: 0,
            passed: HashMap::new(),
            before: HashMap::new(),
            served: HashMap::new(),
        }
    }

    /// Begins a check. What was passed over and is no candidate in it is forgotten.
    pub(super) fn begin(&mut self) {
        self.check += 1;
        self.until = Instant::now() + self.time;
        self.before = std::mem::take(&mut self.passed);
        if self.before.is_empty() {
            self.served.clear();
        }
    }

    /// Whether the check before has passed over this.
    pub(super) fn is_passed_over(&self, key: &str) -> bool {
        self.before.contains_key(key)
    }

    /// Sorts candidates: one of each file after the other, that file first which had no turn
    /// for longest, and of each file those that have waited longest.
    pub(super) fn order(&mut self, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        self.has_taken = false;
        let since = |key: &str| self.before.get(key).copied().unwrap_or(u64::MAX);
        candidates.sort_by_cached_key(|candidate| since(&candidate.key));
        let mut ranks: HashMap<Option<Box<str>>, usize> = HashMap::new();
        let ranked = candidates.into_iter().map(|candidate| {
            let rank = ranks.entry(candidate.file.clone()).or_default();
            *rank += 1;
            ((*rank, self.served.get(&candidate.file).copied()), candidate)
        });
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// Whether a candidate has its turn in this check: the first of an order in any case.
    pub(super) fn take(&mut self, candidate: &Candidate) -> bool {
        let may = !self.has_taken || self.has_time();
        self.has_taken = true;
        if may {
            self.served.insert(candidate.file.clone(), self.check);
        } else {
            self.pass_over(&candidate.key);
        }
        may
    }

    /// Leaves `key`, or the rest of it, to the next check.
    pub(super) fn pass_over(&mut self, key: &str) {
        let since = self.before.get(key).copied().unwrap_or(self.check);
        self.passed.insert(key.into(), since);
    }

    /// Whether there is time left in this check.
    pub(super) fn has_time(&self) -> bool {
        Instant::now() < self.until
    }

    /// Whether this check has left something to the next one.
    pub(super) fn has_rest(&self) -> bool {
        !self.passed.is_empty()
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self::new(CHECK_TIME, HELLO_PERIOD)
    }
}

impl Allowance {
    /// `time` of each `period`. What goes beyond delays the next one.
    pub(super) fn new(time: Duration, period: Duration) -> Self {
        Self { time, period, left: time, renewed: Instant::now() }
    }

    /// Whether any is left.
    pub(super) fn has_left(&mut self) -> bool {
        if self.renewed.elapsed() >= self.period {
            self.left = self.time;
            self.renewed = Instant::now();
        }
        !self.left.is_zero()
    }

    /// Takes the time since `begun`.
    pub(super) fn spend_since(&mut self, begun: Instant) {
        self.left = self.left.saturating_sub(begun.elapsed());
        if self.left.is_zero() {
            self.renewed = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys in their order; and how many of them have their turn, the first ones.
    fn order(turns: &mut Turns, keys: &[&str]) -> (String, usize) {
        turns.begin();
        let waiting = |key: &&str| Candidate { key: (*key).into(), file: Some(key[..1].into()) };
        let groups = turns.order(keys.iter().map(waiting).collect());
        let count = groups.iter().take_while(|group| turns.take(group)).count();
        groups[count..].iter().skip(1).for_each(|group| assert!(!turns.take(group)));
        (groups.iter().map(|group| &*group.key).collect(), count)
    }

    #[test]
    fn each_file_has_its_turn_and_what_was_passed_over_comes_first() {
        let mut turns = Turns::new(Duration::ZERO);
        assert_eq!(order(&mut turns, &["a1", "a2", "a3", "b1"]), ("a1b1a2a3".into(), 1));
        assert!(turns.has_rest());
        assert_eq!(order(&mut turns, &["a1", "a2", "a3", "b1"]), ("b1a2a3a1".into(), 1));
        assert!(!turns.is_passed_over("a1") && turns.is_passed_over("a2"));
        assert_eq!(order(&mut turns, &["a1", "a2", "a3"]), ("a2a3a1".into(), 1));
        assert_eq!(order(&mut turns, &["a3"]), ("a3".into(), 1));
        assert!(!turns.has_rest());
    }

    #[test]
    fn a_check_with_time_takes_all() {
        let mut turns = Turns::new(Duration::from_secs(1 << 20));
        assert_eq!(order(&mut turns, &["a1", "a2", "b1"]).1, 3);
        assert!(!turns.has_rest());
    }

    #[test]
    fn an_allowance_is_spent_and_comes_back() {
        let mut spent = Allowance::new(Duration::from_nanos(1), Duration::from_secs(1 << 20));
        let begun = Instant::now();
        assert!(spent.has_left());
        while begun.elapsed().is_zero() {}
        spent.spend_since(begun);
        assert!(!spent.has_left());
        spent.period = Duration::ZERO;
        assert!(spent.has_left());
    }
}
