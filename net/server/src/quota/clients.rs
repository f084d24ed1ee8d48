//! What bounds each client, looked for once: a request of a client that is known costs a look by
//! its id.
//!
//! Kept true: what stands here is what the quotas that are set say; it goes when they change, when
//! meters are forgotten, and when it is too much.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use replication_shard::QuotaKey;

use super::Metered;

/// Client ids that are known at most, of all kinds of quotas together; about 150 bytes each.
const CLIENTS_MAX: usize = 10_000;

/// What bounds a client, and what it used: shared with whoever the bound is shared with.
#[derive(Clone)]
pub(super) struct Bounded {
    pub(super) bound: f64,
    pub(super) metered: Rc<RefCell<Metered>>,
}

/// Clients by what is counted and by id.
#[derive(Default)]
pub(super) struct Clients {
    by_key: BTreeMap<QuotaKey, BTreeMap<String, Option<Bounded>>>,
    count: usize,
}

impl Clients {
    /// What is known of a client; `Some(None)`: nothing bounds it.
    pub(super) fn get(&self, key: QuotaKey, client_id: &str) -> Option<&Option<Bounded>> {
        self.by_key.get(&key)?.get(client_id)
    }

    /// Keeps what was found.
    pub(super) fn put(&mut self, key: QuotaKey, client_id: &str, found: Option<Bounded>) {
        if self.count >= CLIENTS_MAX {
            self.clear();
        }
        let before = self.by_key.entry(key).or_default().insert(client_id.to_owned(), found);
        self.count += usize::from(before.is_none());
    }

    /// Knows nothing any more.
    pub(super) fn clear(&mut self) {
        *self = Clients::default();
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.count
    }
}
