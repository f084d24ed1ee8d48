//! The desk of a helper thread: jobs in, answers out.
//!
//! Kept true: at most `jobs_max` jobs lie there; jobs are taken in order, each once; a desk that
//! was closed gives out what lies there and then ends who takes; an answer lies there before the
//! core is told of it. `desk_loom` tries the orders of these steps.

use std::collections::VecDeque;
use std::sync::PoisonError;

use crate::threads::{Condvar, Mutex};

/// What lies between a core and its helper thread.
pub(crate) struct Desk<J, A> {
    jobs_max: usize,
    jobs: Mutex<Jobs<J>>,
    /// Rings when a job comes and when the desk closes.
    bell: Condvar,
    answers: Mutex<Vec<A>>,
}

struct Jobs<J> {
    waiting: VecDeque<J>,
    closed: bool,
}

impl<J, A> Desk<J, A> {
    pub(crate) fn new(jobs_max: usize) -> Desk<J, A> {
        assert!(jobs_max > 0, "a desk has room for a job");
        Desk {
            jobs_max,
            jobs: Mutex::new(Jobs { waiting: VecDeque::new(), closed: false }),
            bell: Condvar::new(),
            answers: Mutex::new(Vec::new()),
        }
    }

    /// Puts a job there; gives it back if the desk is full.
    pub(crate) fn put(&self, job: J) -> Result<(), J> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(!jobs.closed, "nobody asks a closed desk");
        if jobs.waiting.len() >= self.jobs_max {
            return Err(job);
        }
        jobs.waiting.push_back(job);
        drop(jobs);
        self.bell.notify_one();
        Ok(())
    }

    /// No job comes any more.
    pub(crate) fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.bell.notify_one();
    }

    /// The next job, for which the one helper thread waits; `None` at the end.
    pub(crate) fn take(&self) -> Option<J> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            if jobs.closed {
                return None;
            }
            jobs = self.bell.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts an answer there. Knock at the core afterwards.
    pub(crate) fn answer(&self, answer: A) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
    }

    /// Takes the answers that have come.
    pub(crate) fn answers(&self) -> Vec<A> {
        std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(all(test, loom))]
#[path = "desk_loom.rs"]
mod desk_loom;
