//! How a Fetch waits for news, until there are as many bytes as it asks for or its time is over.
//!
//! Kept true: a fetch that waits holds neither batches nor bytes that others wait for: what it has
//! found is counted, let go, and read again at the end; it asks for no more bytes than it may be
//! given, and what a bound cuts off counts up to that bound, as by Kafka; so many partitions wait
//! at once and no more, and a fetch that finds no room among them is answered with what there is.

use std::future::Future;
use std::time::Duration;

use engine_base::{Mono, Offset};
use engine_record::{BatchHeader, HEADER_BYTES, Rope};
use engine_rt::Slice;
use engine_rt::sync::{Either, race};
use net_wire::messages::fetch::FetchRequest;
use replication_shard::{Isolation, ReadAnswer, ReadCommand, Watch};

use crate::budget::Grant;
use crate::handle::Ask;
use crate::handle::fetch_round::{Asked, Round};
use crate::serve::Server;

/// How long a fetch waits for bytes of batches at least, however short its own time is: an answer
/// without any would make its client ask again at once.
const GRANT_TIME_MIN: Duration = Duration::from_secs(1);

/// A fetch that takes no more than this waits uncounted: the number of connections bounds it.
const SMALL_BYTES: usize = 4096;

/// About what watching a partition takes.
const WATCHED_BYTES: usize = 128;

/// How long a fetch waits, and for how much.
pub(super) struct Patience {
    until: Mono,
    bytes_min: usize,
    /// Its place among those that wait, once it has one.
    place: Option<Grant>,
    /// Whether it let go of what it had found.
    let_go: bool,
}

impl Patience {
    /// Of a request that may be given so many bytes.
    pub(super) fn of(ask: &Ask<FetchRequest>, bytes_max: usize) -> Patience {
        let wait_ms = u64::try_from(ask.request.max_wait_ms).unwrap_or(0);
        let bytes_min = usize::try_from(ask.request.min_bytes).unwrap_or(0);
        Patience {
            until: ask.server.core.now() + Duration::from_millis(wait_ms),
            bytes_min: bytes_min.min(bytes_max),
            place: None,
            let_go: false,
        }
    }

    /// How many bytes count as found of what was asked: all the room where that was too little.
    pub(super) fn counted(&self, asked: &ReadCommand, found: &ReadAnswer, room: usize) -> usize {
        let bytes = found.bytes();
        if bytes >= self.bytes_min || bytes >= room {
            return bytes;
        }
        let end = match asked.isolation {
            Isolation::ReadUncommitted => found.high_watermark,
            Isolation::ReadCommitted => found.last_stable,
        };
        let is_cut = match next_offset(&found.slices) {
            Some(next) => next < end,
            None => !asked.at_least_one && asked.offset < end,
        };
        if is_cut { room } else { bytes }
    }
}

impl Round {
    /// Whether the answer has to wait for more.
    pub(crate) fn waits(&mut self, server: &Server) -> bool {
        let is_over = server.core.now() >= self.patience.until || server.stopping.get();
        !is_over && !self.is_enough(self.patience.bytes_min) && self.has_place(server)
    }

    fn has_place(&mut self, server: &Server) -> bool {
        let bytes = self.partitions.len() * (size_of::<Asked>() + WATCHED_BYTES);
        if bytes > SMALL_BYTES && self.patience.place.is_none() {
            self.patience.place = server.waiting.try_take(bytes);
            return self.patience.place.is_some();
        }
        true
    }

    /// Waits until a watched partition moves or its time is over, holding nothing.
    pub(crate) async fn rest(&mut self, server: &Server, watch: &mut Watch) {
        self.granted.rest();
        self.patience.let_go |= self.let_go();
        race(watch, self.end(server, Duration::ZERO)).await;
        self.granted.take(self.memory()).await;
    }

    /// Ends the wait: reads again what was let go.
    pub(crate) async fn rested(&mut self, server: &Server) {
        if std::mem::take(&mut self.patience.let_go) {
            self.let_go();
            for at in 0..self.partitions.len() {
                if self.partitions[at].counted > 0 {
                    self.read_at(server, at).await;
                }
            }
        }
        self.patience.place = None;
    }

    /// Its time, at least so long from now; the order to stop ends it too.
    fn end(&self, server: &Server, least: Duration) -> impl Future {
        let until = self.patience.until.max(server.core.now() + least);
        race(server.core.sleep_until(until), server.stopping.changed(false))
    }

    /// Waits for bytes of batches; none if its time is over before.
    pub(super) async fn take(&self, server: &Server, bytes: usize) -> Option<Grant> {
        let end = self.end(server, GRANT_TIME_MIN);
        match race(server.batches.take(bytes), end).await {
            Either::Left(grant) => Some(grant),
            Either::Right(_) => None,
        }
    }
}

/// The offset after the last batch.
fn next_offset(slices: &[Slice]) -> Option<Offset> {
    let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
    let mut at = Rope::new(&pieces).cursor();
    let mut last = None;
    while at.left() >= HEADER_BYTES {
        let mut ahead = at;
        let header = std::array::from_fn(|_| ahead.byte().expect("because so many are left"));
        let header = BatchHeader::read(&header);
        last = Some(header.last_offset() + 1);
        if !at.skip(header.total_bytes().max(HEADER_BYTES)) {
            break;
        }
    }
    last
}
