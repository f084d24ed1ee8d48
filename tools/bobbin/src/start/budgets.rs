//! What the requests of clients may take of `--memory`.
//!
//! Kept true: the half that is not for tails holds all that clients can make a node keep in memory
//! by its budgets: frames, answers, batches on their way, what waits for news or for the journal.
//! With plenty of memory each has its usual bound; with less, each its share.

use net_server::ServerOptions;

/// Bytes for each budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Budgets {
    large_frames: usize,
    answers: usize,
    waiting: usize,
    batches: usize,
    /// Of each shard.
    pub(super) inbox: usize,
}

impl Budgets {
    /// The shares of a node that may use so many bytes in all.
    pub(super) fn of(memory_bytes: u64, shards: u64, servers: usize, inbox: usize) -> Budgets {
        let usual = ServerOptions::default();
        let usual = Budgets {
            large_frames: usual.large_frames_bytes_max,
            answers: usual.answers_bytes_max,
            waiting: usual.waiting_bytes_max,
            batches: usual.batches_bytes_max,
            inbox,
        };
        let (total, half) = (usual.total(shards, servers), u128::from(memory_bytes / 2));
        let share = |bytes: usize| {
            let share = bytes as u128 * half / total;
            usize::try_from(share).unwrap_or(bytes).min(bytes)
        };
        Budgets {
            large_frames: share(usual.large_frames),
            answers: share(usual.answers),
            waiting: share(usual.waiting),
            batches: share(usual.batches),
            inbox: share(usual.inbox),
        }
    }

    /// What they may hold together.
    fn total(&self, shards: u64, servers: usize) -> u128 {
        let of_server = self.large_frames + self.answers + self.waiting + self.batches;
        of_server as u128 * servers.max(1) as u128 + self.inbox as u128 * u128::from(shards)
    }

    /// The options of a server that keeps to them.
    pub(super) fn bound(&self, options: ServerOptions) -> ServerOptions {
        ServerOptions {
            large_frames_bytes_max: self.large_frames,
            answers_bytes_max: self.answers,
            waiting_bytes_max: self.waiting,
            batches_bytes_max: self.batches,
            // One answer alone may take more than the budget: it must not.
            fetch_bytes_max: options.fetch_bytes_max.min(self.batches),
            ..options
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INBOX: usize = 64 << 20;

    #[test]
    fn what_clients_may_take_is_no_more_than_half_of_the_memory() {
        for (memory, shards, servers) in [(128, 1, 1), (128, 1, 3), (1024, 4, 2), (300, 2, 1)] {
            let budgets = Budgets::of(memory << 20, shards, servers, INBOX);
            let (total, half) = (budgets.total(shards, servers), u128::from(memory << 19));
            assert!(total <= half && total > half / 100 * 99, "{total} of {half}");
            let options = budgets.bound(ServerOptions::default());
            assert!(options.fetch_bytes_max <= options.batches_bytes_max);
        }
        let plenty = Budgets::of(4 << 30, 1, 1, INBOX);
        let (options, usual) = (plenty.bound(ServerOptions::default()), ServerOptions::default());
        assert_eq!(options.batches_bytes_max, usual.batches_bytes_max);
        assert_eq!(options.answers_bytes_max, usual.answers_bytes_max);
        assert_eq!((options.fetch_bytes_max, plenty.inbox), (usual.fetch_bytes_max, INBOX));
    }
}
