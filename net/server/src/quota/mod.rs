//! Quotas of clients, honoured: who used how much lately, and how long they must wait.
//!
//! Kept true: where no quota is set a request pays one look at a flag; a client over its quota is
//! answered first and heard again after the time that it was told; what is remembered of clients is
//! bounded. Users are those of Kafka without authentication: everybody is `ANONYMOUS`.

mod clients;
pub(crate) mod meter;
mod mutations;
mod stopwatch;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Mono;
use engine_rt::{Class, Core, Task};
use net_wire::RequestHeader;
use replication_shard::{Image, Node, QuotaEntity, QuotaKey, QuotaName, Quotas as Set};

use clients::{Bounded, Clients};
use meter::{Rate, Tokens};
pub(crate) use mutations::{Mutations, within_quota};
pub(crate) use stopwatch::Stopwatch;

/// Who everybody is until there are users.
const USER: &str = "ANONYMOUS";

/// Meters that are remembered, of all kinds together; about 300 bytes each.
const METERS_MAX: usize = 10_000;

/// Use older than this counts for nothing.
const METER_LIFE: Duration = Duration::from_secs(12);

/// The longest that a client waits for time of the core that it used: one sample, as by Kafka.
const REQUEST_THROTTLE_MAX: Duration = Duration::from_secs(1);

/// The quotas of a node and what its clients used of them. Cheap to clone; all servers of a node
/// share one.
#[derive(Clone, Default)]
pub struct Quotas(Rc<Inner>);

#[derive(Default)]
struct Inner {
    set: RefCell<Rc<Set>>,
    /// Of the image that `set` is from.
    version: Cell<u64>,
    /// Whether any is set.
    is_set: Cell<bool>,
    /// Whether any bounds the time that requests take.
    times: Cell<bool>,
    /// What was used, by whoever shares a bound.
    meters: RefCell<Meters>,
    /// The same by client.
    clients: RefCell<Clients>,
}

type Meters = BTreeMap<(QuotaKey, QuotaEntity), Rc<RefCell<Metered>>>;

struct Metered {
    meter: Meter,
    used_at: Mono,
}

enum Meter {
    Rate(Rate),
    Tokens(Tokens),
}

impl Quotas {
    /// Follows the node's quotas for as long as the task lives.
    pub(crate) fn start(&self, core: &Core, node: &Node) -> Task<()> {
        self.follow(&node.image());
        let (quotas, node) = (self.clone(), node.clone());
        core.spawn(Class::Control, "quotas", async move {
            loop {
                let seen = quotas.0.version.get();
                let image = node.image_changed(seen).await;
                quotas.follow(&image);
            }
        })
    }

    /// Takes over what an image says.
    pub(crate) fn follow(&self, image: &Image) {
        if image.version <= self.0.version.get() && image.version > 0 {
            return;
        }
        self.0.version.set(image.version);
        let set = image.quotas.clone();
        if Rc::ptr_eq(&set, &self.0.set.borrow()) {
            return;
        }
        self.0.is_set.set(!set.is_empty());
        self.0.times.set(set.bounds(QuotaKey::RequestPercentage));
        if set.is_empty() {
            self.0.meters.borrow_mut().clear();
        }
        self.0.clients.borrow_mut().clear();
        *self.0.set.borrow_mut() = set;
    }

    /// Whether any quota is set.
    pub(crate) fn is_set(&self) -> bool {
        self.0.is_set.get()
    }

    /// Whether it matters how long requests take.
    pub(crate) fn times(&self) -> bool {
        self.0.times.get()
    }

    /// Counts what a client used; gives how long it must wait.
    pub(crate) fn record(
        &self,
        key: QuotaKey,
        client_id: &str,
        amount: f64,
        now: Mono,
    ) -> Duration {
        self.with_bounded(key, client_id, now, |bounded| {
            let mut metered = bounded.metered.borrow_mut();
            metered.used_at = now;
            metered.meter.rate().record(amount, bounded.bound, now)
        })
        .unwrap_or_default()
    }

    /// Looks at what bounds a client, if anything does.
    fn with_bounded<T>(
        &self,
        key: QuotaKey,
        client_id: &str,
        now: Mono,
        act: impl FnOnce(&Bounded) -> T,
    ) -> Option<T> {
        if let Some(known) = self.0.clients.borrow().get(key, client_id) {
            return known.as_ref().map(act);
        }
        let found = self.0.set.borrow().of_client(key, USER, client_id);
        let bounded = found.map(|(entity, bound)| {
            let metered = self.metered((key, entity), now, || Meter::Rate(Rate::default()));
            Bounded { bound, metered }
        });
        let done = bounded.as_ref().map(act);
        self.0.clients.borrow_mut().put(key, client_id, bounded);
        done
    }

    /// Counts the time that a request took; gives how long its client must wait.
    pub(crate) fn record_time(&self, client_id: &str, took: Duration, now: Mono) -> Duration {
        let percent = took.as_secs_f64() * 100.0;
        let wait = self.record(QuotaKey::RequestPercentage, client_id, percent, now);
        wait.min(REQUEST_THROTTLE_MAX)
    }

    /// The most bytes that a client may fetch at once.
    pub(crate) fn fetch_bytes(&self, client_id: &str, now: Mono) -> Option<usize> {
        let bound = |bounded: &Bounded| bounded.bound;
        let bound = self.with_bounded(QuotaKey::ConsumerBytes, client_id, now, bound)?;
        // A number beyond it saturates.
        Some(Rate::in_a_window(bound) as usize)
    }

    /// What a client may create and delete, where that is bounded. From version `strict_from` on
    /// more is refused; before, it is done and waited for.
    pub(crate) fn mutations(
        &self,
        core: &Core,
        header: &RequestHeader,
        strict_from: i16,
    ) -> Option<Rc<Mutations>> {
        if !self.is_set() {
            return None;
        }
        let (key, id) = (QuotaKey::Mutations, header.client_id.as_deref().unwrap_or_default());
        let (entity, bound) = self.0.set.borrow().of_client(key, USER, id)?;
        let strict = header.api_version >= strict_from;
        Some(Rc::new(Mutations::new(self.clone(), core.clone(), entity, bound, strict)))
    }

    /// Counts a connection; gives how long it is held, unheard, before it is closed.
    pub(crate) fn connection(&self, from: IpAddr, now: Mono) -> Duration {
        let ip = from.to_canonical().to_string();
        let Some(bound) = self.0.set.borrow().of_address(&ip) else { return Duration::ZERO };
        let ip = Some(QuotaName::Named(ip));
        let entity = QuotaEntity { ip, ..QuotaEntity::default() };
        self.with_rate(QuotaKey::Connections, entity, now, |rate| {
            let wait = rate.record(1.0, bound, now);
            if wait > Duration::ZERO {
                // One that is turned away does not count.
                rate.record(-1.0, bound, now);
            }
            wait.min(REQUEST_THROTTLE_MAX)
        })
    }

    fn with_rate<T>(
        &self,
        key: QuotaKey,
        entity: QuotaEntity,
        now: Mono,
        act: impl FnOnce(&mut Rate) -> T,
    ) -> T {
        let metered = self.metered((key, entity), now, || Meter::Rate(Rate::default()));
        let mut metered = metered.borrow_mut();
        metered.used_at = now;
        act(metered.meter.rate())
    }

    fn with_tokens<T>(
        &self,
        entity: QuotaEntity,
        bound: f64,
        now: Mono,
        act: impl FnOnce(&mut Tokens) -> T,
    ) -> T {
        let full = || Meter::Tokens(Tokens::full(bound, now));
        let metered = self.metered((QuotaKey::Mutations, entity), now, full);
        let mut metered = metered.borrow_mut();
        metered.used_at = now;
        let Meter::Tokens(tokens) = &mut metered.meter else {
            unreachable!("tokens' key has no rate")
        };
        tokens.fill(bound, now);
        act(tokens)
    }

    /// What was used under this key; as of a new one where nothing is remembered.
    fn metered(
        &self,
        key: (QuotaKey, QuotaEntity),
        now: Mono,
        new: impl FnOnce() -> Meter,
    ) -> Rc<RefCell<Metered>> {
        let mut meters = self.0.meters.borrow_mut();
        if meters.len() >= METERS_MAX && !meters.contains_key(&key) {
            make_room(&mut meters, now);
            self.0.clients.borrow_mut().clear();
        }
        let fresh = || Rc::new(RefCell::new(Metered { meter: new(), used_at: now }));
        Rc::clone(meters.entry(key).or_insert_with(fresh))
    }
}

impl Meter {
    fn rate(&mut self) -> &mut Rate {
        match self {
            Meter::Rate(rate) => rate,
            Meter::Tokens(_) => unreachable!("a rate's key has no tokens"),
        }
    }
}

/// Forgets whoever used nothing lately; where that is nobody, the half that used something longest
/// ago.
fn make_room(meters: &mut Meters, now: Mono) {
    meters.retain(|_, metered| now.since(metered.borrow().used_at) < METER_LIFE);
    if meters.len() < METERS_MAX {
        return;
    }
    let mut times: Vec<Mono> = meters.values().map(|metered| metered.borrow().used_at).collect();
    let (_, middle, _) = times.select_nth_unstable(METERS_MAX / 2);
    let middle = *middle;
    let mut left = METERS_MAX / 2;
    meters.retain(|_, metered| {
        let stays = metered.borrow().used_at >= middle && left > 0;
        left -= usize::from(stays);
        stays
    });
}

#[cfg(test)]
#[path = "quota_test.rs"]
mod quota_test;
