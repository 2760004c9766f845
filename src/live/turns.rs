//! How long one look may take, and which groups come first in it.
//!
//! Between two looks, tabs are heard and the system's news are taken. So what one tab
//! follows costs the others one look of bounded length, however much it is.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// How long a look renders before it leaves the rest to the next one. The clock is read
/// between groups, so one group that takes longer is not cut short.
const LOOK_TIME: Duration = Duration::from_millis(50);
/// How often as much time is granted for the renderings that hellos ask for.
const HELLO_PERIOD: Duration = Duration::from_secs(1);

/// The time of the current look, and the groups that earlier ones have passed over.
#[derive(Debug)]
pub(super) struct Turns {
    time: Duration,
    until: Instant,
    /// Whether a group was taken since the last order was made.
    has_taken: bool,
    look: u64,
    /// The look in which each was first passed over.
    passed: HashMap<Box<str>, u64>,
    /// The same up to the look before.
    before: HashMap<Box<str>, u64>,
    /// The look in which each file had a turn last, while anything is passed over.
    served: HashMap<Option<Box<str>>, u64>,
}

/// A group that is to be looked at.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) key: Box<str>,
    /// The file that it shows: one tab can ask for one file under any number of queries,
    /// and these wait for each other alone.
    pub(super) file: Option<Box<str>>,
}

/// Time that is granted anew each period.
#[derive(Debug)]
pub(super) struct Allowance {
    time: Duration,
    period: Duration,
    left: Duration,
    renewed: Instant,
}

impl Default for Turns {
    fn default() -> Self {
        Self::new(LOOK_TIME)
    }
}

impl Turns {
    /// Looks of `time` each, and of one group of each kind at least.
    pub(super) fn new(time: Duration) -> Self {
        Self {
            time,
            until: Instant::now(),
            has_taken: false,
            look: 0,
            passed: HashMap::new(),
            before: HashMap::new(),
            served: HashMap::new(),
        }
    }

    /// Begins a look. What was passed over and is not asked about in it is gone.
    pub(super) fn begin(&mut self) {
        self.look += 1;
        self.until = Instant::now() + self.time;
        self.before = std::mem::take(&mut self.passed);
        if self.before.is_empty() {
            self.served.clear();
        }
    }

    /// Whether an earlier look has passed over this.
    pub(super) fn is_passed_over(&self, key: &str) -> bool {
        self.before.contains_key(key)
    }

    /// Puts groups in their order: one of each file after the other, that file first which
    /// had no turn for longest, and of each file those that have waited longest.
    pub(super) fn order(&mut self, mut groups: Vec<Waiting>) -> Vec<Waiting> {
        self.has_taken = false;
        let since = |key: &str| self.before.get(key).copied().unwrap_or(u64::MAX);
        groups.sort_by_cached_key(|group| since(&group.key));
        let mut ranks: HashMap<Option<Box<str>>, usize> = HashMap::new();
        let ranked = groups.into_iter().map(|group| {
            let rank = ranks.entry(group.file.clone()).or_default();
            *rank += 1;
            ((*rank, self.served.get(&group.file).copied()), group)
        });
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, group)| group).collect()
    }

    /// Whether a group has its turn in this look: the first of an order in any case.
    pub(super) fn take(&mut self, group: &Waiting) -> bool {
        let may = !self.has_taken || self.has_time();
        self.has_taken = true;
        if may {
            self.served.insert(group.file.clone(), self.look);
        } else {
            self.pass_over(&group.key);
        }
        may
    }

    /// Leaves a group, or the rest of it, to the next look.
    pub(super) fn pass_over(&mut self, key: &str) {
        let since = self.before.get(key).copied().unwrap_or(self.look);
        self.passed.insert(key.into(), since);
    }

    /// Whether there is time left in this look.
    pub(super) fn has_time(&self) -> bool {
        Instant::now() < self.until
    }

    /// Whether this look has left something to the next one.
    pub(super) fn has_rest(&self) -> bool {
        !self.passed.is_empty()
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self::new(LOOK_TIME, HELLO_PERIOD)
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
        let waiting = |key: &&str| Waiting { key: (*key).into(), file: Some(key[..1].into()) };
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
    fn a_look_with_time_takes_all() {
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
