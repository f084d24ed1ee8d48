//! What a client may create and delete (KIP-599): partitions, by a bucket of tokens.
//!
//! Kept true: the bucket is overdrawn by one request's topic at most where its refusal can be told
//! (`strict`), and then nothing more is let through until it has filled to zero.

use std::cell::Cell;
use std::time::Duration;

use engine_base::Refusal;
use engine_rt::Core;
use replication_shard::QuotaEntity;

use super::Quotas;

/// The quota of one request's client.
pub(crate) struct Mutations {
    quotas: Quotas,
    core: Core,
    entity: QuotaEntity,
    bound: f64,
    strict: bool,
    wait: Cell<Duration>,
}

impl Mutations {
    pub(super) fn new(
        quotas: Quotas,
        core: Core,
        entity: QuotaEntity,
        bound: f64,
        strict: bool,
    ) -> Mutations {
        Mutations { quotas, core, entity, bound, strict, wait: Cell::default() }
    }

    /// Takes tokens for so many partitions.
    fn take(&self, partitions: u64) -> Result<(), Refusal> {
        let (bound, now) = (self.bound, self.core.now());
        self.quotas.with_tokens(self.entity.clone(), bound, now, |tokens| {
            let debt = tokens.debt(bound);
            if self.strict && debt > Duration::ZERO {
                self.wait.set(debt);
                return Err(Refusal::ThrottlingQuotaExceeded);
            }
            tokens.take(partitions as f64);
            if !self.strict {
                self.wait.set(tokens.debt(bound));
            }
            Ok(())
        })
    }

    /// How long the client must wait.
    pub(crate) fn wait(&self) -> Duration {
        self.wait.get()
    }
}

/// Does what the quota lets through; the rest is refused in its place. `partitions` says of each
/// how many it would create or delete: nothing for what will be refused anyway.
pub(crate) async fn within_quota<T, R>(
    mutations: &Mutations,
    wanted: Vec<T>,
    partitions: Vec<u64>,
    act: impl AsyncFnOnce(Vec<T>) -> Vec<Result<R, Refusal>>,
) -> Vec<Result<R, Refusal>> {
    assert_eq!(wanted.len(), partitions.len(), "a number for each");
    let mut allowed = Vec::with_capacity(wanted.len());
    let mut verdicts = Vec::with_capacity(wanted.len());
    for (one, partitions) in wanted.into_iter().zip(partitions) {
        match if partitions > 0 { mutations.take(partitions) } else { Ok(()) } {
            Ok(()) => {
                allowed.push(one);
                verdicts.push(None);
            }
            Err(refusal) => verdicts.push(Some(Err(refusal))),
        }
    }
    let mut done = act(allowed).await.into_iter();
    let verdicts = verdicts.into_iter().map(|verdict| {
        verdict.unwrap_or_else(|| done.next().expect("because each that was let through is told"))
    });
    verdicts.collect()
}
