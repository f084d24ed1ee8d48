//! The fetch sessions of a core, by their ids.
//!
//! Kept true: never more sessions than `max.incremental.fetch.session.cache.slots`, nor more
//! partitions in all of them than allowed; a session is used by one fetch at a time, each with the
//! epoch after that of the one before; a session whose fetch did not come to its end is gone. Who
//! has to go is chosen as by Kafka: one that was silent for two minutes, else a smaller one that
//! is older than that.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Mono;

use crate::handle::fetch_session::FetchSession;
use crate::refusal::Code;
use crate::serve::Server;

/// Kafka's `min.incremental.fetch.session.eviction.ms`.
const SAFE_TIME: Duration = Duration::from_secs(120);

/// The fetch sessions of a core.
pub(crate) struct SessionCache {
    slots_max: usize,
    partitions_max: usize,
    /// In all sessions.
    partitions: usize,
    entries: BTreeMap<i32, Entry>,
}

struct Entry {
    /// The epoch of the next fetch.
    epoch: i32,
    /// Its topics go by their ids.
    by_id: bool,
    created: Mono,
    used: Mono,
    /// How many partitions it counts for.
    size: usize,
    /// Away while a fetch uses it.
    session: Option<Box<FetchSession>>,
}

impl SessionCache {
    /// An empty cache with these bounds.
    pub(crate) fn new(slots_max: usize, partitions_max: usize) -> SessionCache {
        SessionCache { slots_max, partitions_max, partitions: 0, entries: BTreeMap::new() }
    }

    /// How many partitions of a session are to be read next.
    pub(crate) fn due_count(&self, id: i32) -> usize {
        let session = self.entries.get(&id).and_then(|entry| entry.session.as_ref());
        session.map_or(0, |session| session.due_count())
    }

    /// Takes a session away.
    pub(crate) fn remove(&mut self, id: i32) {
        if let Some(entry) = self.entries.remove(&id) {
            self.partitions -= entry.size;
        }
    }

    /// Keeps a new session under an id that `random` makes; 0 if there is no room for it.
    fn create(
        &mut self,
        session: FetchSession,
        by_id: bool,
        now: Mono,
        mut random: impl FnMut() -> u64,
    ) -> i32 {
        let size = session.len();
        let has_room = |cache: &SessionCache| {
            cache.entries.len() < cache.slots_max && cache.partitions + size <= cache.partitions_max
        };
        while !has_room(self) {
            let Some(id) = self.who_goes(size, now) else { return 0 };
            self.remove(id);
        }
        let id = loop {
            let id = (random() >> 33) as i32;
            if id > 0 && !self.entries.contains_key(&id) {
                break id;
            }
        };
        let session = Some(Box::new(session));
        let entry = Entry { epoch: 1, by_id, created: now, used: now, size, session };
        self.entries.insert(id, entry);
        self.partitions += size;
        id
    }

    /// The session that has to go for one of this size, if any has.
    fn who_goes(&self, size: usize, now: Mono) -> Option<i32> {
        let (oldest, used) =
            self.entries.iter().map(|(id, at)| (*id, at.used)).min_by_key(|at| at.1)?;
        if now.since(used) > SAFE_TIME {
            return Some(oldest);
        }
        let old = self.entries.iter().filter(|(_, at)| now.since(at.created) > SAFE_TIME);
        let (id, least) = old.map(|(id, at)| (*id, at.size)).min_by_key(|(_, size)| *size)?;
        (least <= size).then_some(id)
    }

    /// Takes a session out for one fetch.
    fn take(
        &mut self,
        id: i32,
        epoch: i32,
        by_id: bool,
        now: Mono,
    ) -> Result<Box<FetchSession>, Code> {
        let entry = self.entries.get_mut(&id).ok_or(Code::FETCH_SESSION_ID_NOT_FOUND)?;
        if entry.epoch != epoch || entry.session.is_none() {
            return Err(Code::INVALID_FETCH_SESSION_EPOCH);
        }
        if entry.by_id != by_id {
            return Err(Code::FETCH_SESSION_TOPIC_ID_ERROR);
        }
        entry.epoch = if epoch == i32::MAX { 1 } else { epoch + 1 };
        entry.used = now;
        Ok(entry.session.take().expect("because it was looked for"))
    }

    fn put_back(&mut self, id: i32, session: Box<FetchSession>) {
        // It may have been chosen to go meanwhile.
        let Some(entry) = self.entries.get_mut(&id) else { return };
        self.partitions = self.partitions - entry.size + session.len();
        entry.size = session.len();
        entry.session = Some(session);
        if self.partitions > self.partitions_max {
            self.remove(id);
        }
    }
}

/// A session that a fetch uses. Dropped without [`Held::put_back`] the session is gone.
pub(crate) struct Held {
    server: Rc<Server>,
    id: i32,
    session: Option<Box<FetchSession>>,
}

impl Held {
    /// Takes a session out of the cache for a fetch of this epoch.
    pub(crate) fn take(
        server: &Rc<Server>,
        id: i32,
        epoch: i32,
        by_id: bool,
    ) -> Result<Held, Code> {
        let now = server.core.now();
        let session = server.fetch_sessions.borrow_mut().take(id, epoch, by_id, now)?;
        Ok(Held { server: server.clone(), id, session: Some(session) })
    }

    /// The session.
    pub(crate) fn session(&mut self) -> &mut FetchSession {
        self.session.as_mut().expect("because it is put back last")
    }

    /// The fetch has come to its end: the next may come.
    pub(crate) fn put_back(mut self) -> i32 {
        let session = self.session.take().expect("because it is put back once");
        self.server.fetch_sessions.borrow_mut().put_back(self.id, session);
        self.id
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.session.is_some() {
            self.server.fetch_sessions.borrow_mut().remove(self.id);
        }
    }
}

/// Keeps a new session; 0 if there is no room for it.
pub(crate) fn create(server: &Server, session: FetchSession, by_id: bool) -> i32 {
    let (core, now) = (&server.core, server.core.now());
    server.fetch_sessions.borrow_mut().create(session, by_id, now, || core.random())
}
