//! What a server counts, for metrics and tests.

use std::cell::Cell;

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerCounts {
    /// Connections open now.
    pub connections: u64,
    /// Bytes that frames, answers and batches hold now of their budgets.
    pub bytes_held: u64,
    /// Connections that were ever taken.
    pub connections_taken: u64,
    /// Requests whose frame was complete.
    pub requests: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Bytes of record batches sent.
    pub payload_bytes_out: u64,
}

/// The counters behind [`ServerCounts`], of one core.
#[derive(Default)]
pub(crate) struct Counts {
    now: Cell<ServerCounts>,
}

impl Counts {
    fn change(&self, change: impl FnOnce(&mut ServerCounts)) {
        let mut now = self.now.get();
        change(&mut now);
        self.now.set(now);
    }

    pub(crate) fn connection(&self) {
        self.change(|now| now.connections_taken += 1);
    }

    pub(crate) fn request(&self) {
        self.change(|now| now.requests += 1);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.change(|now| now.bytes_in += bytes as u64);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.change(|now| now.bytes_out += bytes as u64);
    }

    pub(crate) fn payload_lent(&self, bytes: usize) {
        self.change(|now| now.payload_bytes_out += bytes as u64);
    }

    pub(crate) fn read(&self, connections: usize, bytes_held: usize) -> ServerCounts {
        let (connections, bytes_held) = (connections as u64, bytes_held as u64);
        ServerCounts { connections, bytes_held, ..self.now.get() }
    }
}
