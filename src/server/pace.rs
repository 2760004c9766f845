//! The pace of a worker: whether its rounds are short enough for it to serve its connections
//! alone.

use std::time::{Duration, Instant};

/// A round is long from here on: several times what it takes to wake another worker.
const LONG_ROUND: Duration = Duration::from_micros(200);
/// Long rounds count where they take more than half of this, so that one which another program
/// interrupted does not.
const WINDOW: Duration = Duration::from_millis(20);
/// How long a worker that had long rounds counts as crowded.
const REMEMBERED: Duration = Duration::from_secs(1);

/// What a worker knows of its last rounds.
#[derive(Debug)]
pub(super) struct Pace {
    window_began: Instant,
    in_long_rounds: Duration,
    crowded_until: Option<Instant>,
}

impl Pace {
    /// That of a worker without a round.
    pub(super) fn new(now: Instant) -> Self {
        Self { window_began: now, in_long_rounds: Duration::ZERO, crowded_until: None }
    }

    /// Adds a round. Returns until when the worker is crowded, where this round shows it.
    pub(super) fn add(&mut self, began: Instant, ended: Instant) -> Option<Instant> {
        let took = ended.saturating_duration_since(began);
        if began.saturating_duration_since(self.window_began) >= WINDOW {
            self.window_began = began;
            self.in_long_rounds = Duration::ZERO;
        }
        if took < LONG_ROUND {
            return None;
        }
        self.in_long_rounds += took;
        if self.in_long_rounds <= WINDOW / 2 {
            return None;
        }
        self.crowded_until = Some(ended + REMEMBERED);
        self.crowded_until
    }

    /// Whether its rounds have been long of late.
    pub(super) fn is_crowded(&self, now: Instant) -> bool {
        self.crowded_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    /// Whether rounds of these lengths, each the given time after the other, make it crowded.
    fn is_crowded_after(rounds: &[u64], pause: u64) -> bool {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for &round in rounds {
            let until = pace.add(now, now + micros(round));
            now += micros(round);
            assert_eq!(until.is_some(), until == Some(now + REMEMBERED));
            now += micros(pause);
        }
        pace.is_crowded(now)
    }

    #[test]
    fn long_rounds_make_it_crowded_and_short_or_rare_ones_do_not() {
        assert!(!is_crowded_after(&[190; 1000], 0), "short, one after the other");
        assert!(is_crowded_after(&[300; 40], 0), "long, one after the other");
        assert!(!is_crowded_after(&[300; 1000], 700), "long, and most of the time asleep");
        assert!(!is_crowded_after(&[4000], 0), "one interruption");
        assert!(!is_crowded_after(&[4000; 20], 40_000), "several, far apart");
        assert!(is_crowded_after(&[11_000], 0), "a single one that is very long");
    }

    #[test]
    fn what_was_crowded_is_forgotten_after_a_second() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        let ended = now + micros(50_000);
        assert_eq!(pace.add(now, ended), Some(ended + REMEMBERED));
        assert!(pace.is_crowded(ended + REMEMBERED - micros(1)));
        assert!(!pace.is_crowded(ended + REMEMBERED));
    }
}
