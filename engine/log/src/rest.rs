//! What logs give back that nobody appends to: room in chunks, memory that only caches,
//! descriptors.
//!
//! Kept true: only what is in files is dropped, and a destage in flight keeps what it has; an idle
//! log costs its undestaged bytes in the smallest chunks, and no descriptor.

use crate::fields::as_u64;
use crate::log_state::LogState;
use crate::shard::Shard;

/// After so many looks without an append a log keeps no cache, and after so many without a use a
/// segment is closed.
const REST_LOOKS: u8 = 10;

/// A look at a log to which nothing was appended since the last one.
pub(crate) fn look(shard: &Shard, log: &mut LogState) {
    if log.is_taken() {
        return;
    }
    let source = shard.chunks();
    if log.looks >= REST_LOOKS {
        log.rest(&source, shard.options.device_block);
    } else {
        log.open_mut().shrink(&source, shard.options.device_block);
    }
}

/// Once a look: closes segments that rest, and keeps the list of caches as short as memory.
pub(crate) fn settle(shard: &Shard, looks: u64) {
    if looks.is_multiple_of(u64::from(REST_LOOKS)) {
        shard.segments.close_idle();
    }
    // Entries of caches that resting logs gave back are stale: there are no more chunks than this.
    let chunks_max = shard.options.memory_bytes / as_u64(shard.options.chunk_bytes[0]);
    while as_u64(shard.evictable.borrow().len()) > chunks_max {
        let Some(id) = shard.evictable.borrow_mut().pop_front() else { return };
        if let Some(cell) = shard.log(id) {
            cell.state.borrow_mut().evict();
        }
    }
}
