//! How much a client used lately: the arithmetic of Kafka's quotas (KIP-13, KIP-124, KIP-599).
//!
//! Kept true: what was used counts for eleven seconds and then never again; a client that used
//! nothing lately has its whole quota. Times come from outside; nothing here waits.

use std::collections::VecDeque;
use std::time::Duration;

use engine_base::Mono;

/// Kafka's `quota.window.num`: samples that a rate is taken over.
const SAMPLES: u32 = 11;

/// Kafka's `quota.window.size.seconds`: how long a sample is.
const SAMPLE: Duration = Duration::from_secs(1);

/// A rate over the last samples.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate {
    /// When each sample began, and what was used in it; the oldest first, none older than all
    /// samples together.
    samples: VecDeque<(Mono, f64)>,
}

impl Rate {
    /// Counts what was used; gives how long whoever used it must wait until the rate is `bound` a
    /// second.
    pub(crate) fn record(&mut self, amount: f64, bound: f64, now: Mono) -> Duration {
        self.forget(now);
        match self.samples.back_mut() {
            Some((begun, used)) if now.since(*begun) < SAMPLE => *used += amount,
            _ => self.samples.push_back((now, amount)),
        }
        assert!(self.samples.len() <= SAMPLES as usize + 1, "old samples are forgotten");
        let window = self.window(now);
        let rate = self.samples.iter().map(|(_, used)| used).sum::<f64>() / window;
        if rate <= bound {
            return Duration::ZERO;
        }
        let seconds = (rate - bound) / bound * window;
        Duration::try_from_secs_f64(seconds).unwrap_or(THROTTLE_MAX).min(THROTTLE_MAX)
    }

    /// How long the time is that the samples are taken over, in seconds: missing ones count as
    /// empty, the one at hand with what has passed of it.
    fn window(&self, now: Mono) -> f64 {
        let Some((oldest, _)) = self.samples.front() else { return 0.0 };
        let passed = now.since(*oldest);
        let whole = u32::try_from(passed.as_secs() / SAMPLE.as_secs()).unwrap_or(SAMPLES);
        let missing = (SAMPLES - 1).saturating_sub(whole);
        (passed + missing * SAMPLE).max(Duration::from_millis(1)).as_secs_f64()
    }

    fn forget(&mut self, now: Mono) {
        let is_old = |begun: Mono| now.since(begun) >= SAMPLES * SAMPLE;
        while self.samples.pop_front_if(|(begun, _)| is_old(*begun)).is_some() {}
    }

    /// The most that may be used within all samples.
    pub(crate) fn in_a_window(bound: f64) -> f64 {
        bound * f64::from(SAMPLES - 1) * SAMPLE.as_secs_f64()
    }
}

/// The longest that anybody is told to wait: what fits into a response.
const THROTTLE_MAX: Duration = Duration::from_millis(i32::MAX as u64);

/// A bucket that fills with time and may be overdrawn once.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    tokens: f64,
    filled_at: Mono,
}

impl Tokens {
    /// A full bucket.
    pub(crate) fn full(bound: f64, now: Mono) -> Tokens {
        Tokens { tokens: Tokens::burst(bound), filled_at: now }
    }

    fn burst(bound: f64) -> f64 {
        bound * f64::from(SAMPLES) * SAMPLE.as_secs_f64()
    }

    /// Fills it up to now.
    pub(crate) fn fill(&mut self, bound: f64, now: Mono) {
        let more = bound * now.since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + more).min(Tokens::burst(bound));
        self.filled_at = now;
    }

    /// Takes out, below zero if need be.
    pub(crate) fn take(&mut self, amount: f64) {
        self.tokens -= amount;
    }

    /// How long it takes to fill to zero.
    pub(crate) fn debt(&self, bound: f64) -> Duration {
        if self.tokens >= 0.0 {
            return Duration::ZERO;
        }
        let seconds = -self.tokens / bound;
        Duration::try_from_secs_f64(seconds).unwrap_or(THROTTLE_MAX).min(THROTTLE_MAX)
    }
}

#[cfg(test)]
#[path = "meter_test.rs"]
mod meter_test;
