//! A thread for work that no connection's worker may be held up by: coding long text,
//! and hashing large files.

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

/// Work that is done in steps: each call does one, and returns whether it was the last.
pub type Job = Box<dyn FnMut() -> JobProgress + Send>;

/// Whether a job has come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobProgress {
    /// There is more to do.
    Pending,
    /// That was all.
    Done,
}

/// What a job is for. Each lane has a bound on its jobs and a turn in each round, so that
/// none takes the place or the time of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Coding what is kept and sent many times.
    CodingKept,
    /// Coding what serves one request.
    CodingOnce,
    /// Hashing a file, which may take minutes and holds it open.
    Hashing,
}

impl Lane {
    const ALL: [Self; 3] = [Self::CodingKept, Self::CodingOnce, Self::Hashing];

    /// The most jobs at once, the one that runs included.
    pub(crate) fn max_jobs(self) -> usize {
        match self {
            Self::CodingKept | Self::CodingOnce => 32,
            Self::Hashing => 4,
        }
    }
}

/// Where jobs are handed in. The thread ends once the last of these is gone.
#[derive(Clone)]
pub struct Background {
    jobs: Sender<(Lane, Job)>,
    counts: Arc<LaneCounts>,
}

/// The jobs of each lane that are not done yet.
type LaneCounts = [AtomicUsize; Lane::ALL.len()];

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
        let counts = Arc::new(LaneCounts::default());
        let background = Self { jobs, counts: Arc::clone(&counts) };
        let builder = thread::Builder::new().name("background".to_owned());
        builder.spawn(move || {
            make_way_for_workers();
            run(&incoming, &counts);
        })?;
        Ok(background)
    }

    /// The number of jobs of a lane that are not done yet.
    #[cfg(test)]
    pub(crate) fn len(&self, lane: Lane) -> usize {
        self.counts[lane as usize].load(Ordering::Relaxed)
    }

    /// Has `job` done, in turn with the others of its lane.
    ///
    /// # Errors
    /// [`Busy`] where the lane is full; `job` is dropped.
    pub fn run(&self, lane: Lane, job: Job) -> Result<(), Busy> {
        let more = |count: usize| (count < lane.max_jobs()).then_some(count + 1);
        let count = &self.counts[lane as usize];
        count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).map_err(|_| Busy)?;
        self.jobs.send((lane, job)).map_err(|_| Busy)
    }
}

/// Does one step of one job of each lane, round after round: a file of gigabytes delays
/// the others by one step each time.
fn run(incoming: &Receiver<(Lane, Job)>, counts: &LaneCounts) {
    let mut lanes: [VecDeque<Job>; Lane::ALL.len()] = Default::default();
    loop {
        if lanes.iter().all(VecDeque::is_empty) {
            let Ok((lane, job)) = incoming.recv() else { return };
            lanes[lane as usize].push_back(job);
        }
        for (lane, job) in incoming.try_iter() {
            lanes[lane as usize].push_back(job);
        }
        for (jobs, count) in lanes.iter_mut().zip(counts) {
            take_turn(jobs, count);
        }
    }
}

fn take_turn(jobs: &mut VecDeque<Job>, count: &AtomicUsize) {
    let Some(mut job) = jobs.pop_front() else { return };
    // The panic hook has printed it. Dropping the job tells its waiters that it has failed.
    match catch_unwind(AssertUnwindSafe(&mut job)) {
        Ok(JobProgress::Pending) => jobs.push_back(job),
        Ok(JobProgress::Done) | Err(_) => {
            drop(job);
            count.fetch_sub(1, Ordering::Relaxed);
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
        f.debug_struct("Background").field("counts", &self.counts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job that waits until the gate is dropped.
    fn held() -> (Sender<()>, Job) {
        let (gate, wait) = unbounded();
        let job = move || {
            let _ = wait.recv();
            JobProgress::Done
        };
        (gate, Box::new(job))
    }

    #[test]
    fn lanes_take_turns_a_step_each_and_so_do_the_jobs_of_a_lane() {
        let background = Background::start().unwrap();
        let (gate, job) = held();
        background.run(Lane::CodingKept, job).unwrap();
        let (log, logged) = unbounded();
        for (name, lane) in [
            ("a", Lane::CodingKept),
            ("b", Lane::CodingKept),
            ("once", Lane::CodingOnce),
            ("hash", Lane::Hashing),
        ] {
            let log = log.clone();
            let mut steps = 0;
            let job = move || {
                steps += 1;
                log.send(format!("{name}{steps}")).unwrap();
                if steps == 2 { JobProgress::Done } else { JobProgress::Pending }
            };
            background.run(lane, Box::new(job)).unwrap();
        }
        drop((gate, log));
        let expected = ["once1", "hash1", "a1", "once2", "hash2", "b1", "a2", "b2"];
        assert_eq!(logged.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_lane_has_a_bound_of_its_own_and_a_panic_costs_one_job() {
        let background = Background::start().unwrap();
        let (gate, wait) = unbounded::<()>();
        let job = || {
            let wait = wait.clone();
            Box::new(move || {
                let _ = wait.recv();
                panic!("as the test wants");
            })
        };
        for lane in Lane::ALL {
            for _ in 0..lane.max_jobs() {
                assert_eq!(background.run(lane, job()), Ok(()), "{lane:?}");
            }
            assert_eq!(background.run(lane, job()), Err(Busy), "{lane:?}");
        }
        drop(gate);
        // Those before it end one by one.
        while background.len(Lane::Hashing) == Lane::Hashing.max_jobs() {
            thread::yield_now();
        }
        let (done, is_done) = unbounded::<()>();
        let mut done = Some(done);
        let last = move || {
            done.take();
            JobProgress::Done
        };
        background.run(Lane::Hashing, Box::new(last)).unwrap();
        assert!(is_done.recv().is_err());
    }
}
