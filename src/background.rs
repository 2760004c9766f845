//! A thread for work that no connection's worker may be held up by: coding and
//! hashing of large files.

use std::{
    collections::VecDeque,
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};

/// The most jobs at once, the one that runs included.
pub(crate) const MAX_JOBS: usize = 64;

/// Work that is done in pieces: each call does one, and says whether that was the last.
pub type Job = Box<dyn FnMut() -> Progress + Send>;

/// Whether a job has come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do.
    Pending,
    /// That was all.
    Done,
}

/// Where jobs are handed in. The thread ends once the last of these is gone.
#[derive(Clone)]
pub struct Background {
    jobs: Sender<Job>,
    count: Arc<AtomicUsize>,
}

/// As many jobs are waiting as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl Background {
    /// Starts the thread.
    ///
    /// # Errors
    /// Those of the system on making a thread.
    pub fn start() -> io::Result<Self> {
        let (jobs, incoming) = unbounded();
        let count = Arc::new(AtomicUsize::new(0));
        let background = Self { jobs, count: Arc::clone(&count) };
        let builder = thread::Builder::new().name("background".to_owned());
        builder.spawn(move || {
            make_way_for_workers();
            run(&incoming, &count);
        })?;
        Ok(background)
    }

    /// The number of jobs that are not done yet.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Has `job` done, in turn with the others.
    ///
    /// # Errors
    /// [`Busy`] where there are [`MAX_JOBS`] already; `job` is dropped.
    pub fn run(&self, job: Job) -> Result<(), Busy> {
        let more = |count: usize| (count < MAX_JOBS).then_some(count + 1);
        self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).map_err(|_| Busy)?;
        self.jobs.send(job).map_err(|_| Busy)
    }
}

/// Does a piece of each job in turn, so that a file of gigabytes delays a short one by
/// no more than a piece.
fn run(incoming: &Receiver<Job>, count: &AtomicUsize) {
    let mut jobs = VecDeque::new();
    loop {
        jobs.extend(incoming.try_iter());
        let Some(mut job) = jobs.pop_front().or_else(|| incoming.recv().ok()) else { return };
        // A panic has been printed. What the job held goes with it, and says so itself.
        match catch_unwind(AssertUnwindSafe(&mut job)) {
            Ok(Progress::Pending) => jobs.push_back(job),
            Ok(Progress::Done) | Err(_) => {
                drop(job);
                count.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

/// Where workers and this thread want the same processor, the workers go first.
fn make_way_for_workers() {
    // Elsewhere the call would be for the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(10);
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("count", &self.count).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_take_turns_a_piece_each() {
        let background = Background::start().unwrap();
        let (gate, wait) = unbounded::<()>();
        let hold = Box::new(move || {
            let _ = wait.recv();
            Progress::Done
        });
        background.run(hold).unwrap();
        let (log, logged) = unbounded();
        for name in ["a", "b"] {
            let log = log.clone();
            let mut pieces = 0;
            let job = move || {
                pieces += 1;
                log.send(format!("{name}{pieces}")).unwrap();
                if pieces == 2 { Progress::Done } else { Progress::Pending }
            };
            background.run(Box::new(job)).unwrap();
        }
        drop((gate, log));
        assert_eq!(logged.iter().collect::<Vec<_>>(), ["a1", "b1", "a2", "b2"]);
    }

    #[test]
    fn there_is_a_bound_on_jobs_and_a_panic_costs_one_job() {
        let background = Background::start().unwrap();
        let (gate, wait) = unbounded::<()>();
        let job = || {
            let wait = wait.clone();
            Box::new(move || {
                let _ = wait.recv();
                panic!("as the test wants");
            })
        };
        for _ in 0..MAX_JOBS {
            assert_eq!(background.run(job()), Ok(()));
        }
        assert_eq!(background.run(job()), Err(Busy));
        drop(gate);
        let (done, is_done) = unbounded::<()>();
        let mut done = Some(done);
        let last = move || {
            done.take();
            Progress::Done
        };
        // Those before it end one by one.
        while background.len() == MAX_JOBS {
            thread::yield_now();
        }
        background.run(Box::new(last)).unwrap();
        assert!(is_done.recv().is_err());
    }
}
