//! The server of one core: accepts connections, watches over them, stops in order.
//!
//! Kept true: never more connections than allowed; every connection that has a time limit is looked
//! at once a second; after the order to stop nothing new is taken and what was taken is answered,
//! within a bounded time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use engine_rt::sync::{Notify, Watch};
use engine_rt::{Class, Core, Listener, Stream, Task};
use replication_shard::{Endpoint, Node};

use crate::budget::Budget;
use crate::counts::{Counts, ServerCounts};
use crate::notice::{Closed, Notices};
use crate::options::ServerOptions;
use crate::session::Session;
use crate::session::pulse::{End, Pulse};
use crate::session_cache::SessionCache;

/// Between two looks at every connection.
const SWEEP: Duration = Duration::from_secs(1);

/// After a failed accept (no descriptors left, say).
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// What all sessions of a core share.
pub(crate) struct Server {
    pub(crate) core: Core,
    pub(crate) node: Node,
    pub(crate) options: ServerOptions,
    pub(crate) notices: Notices,
    /// Frames above one receive buffer share these bytes.
    pub(crate) large_frames: Budget,
    /// Answers being prepared share these bytes, without their batches.
    pub(crate) answers: Budget,
    /// Fetches that wait for news share these bytes; nobody waits for them.
    pub(crate) waiting: Budget,
    /// Batches in answers share these bytes. Whoever holds some waits for nothing but its client.
    pub(crate) batches: Budget,
    /// What clients read, so that they need not say it each time.
    pub(crate) fetch_sessions: RefCell<SessionCache>,
    pub(crate) counts: Counts,
    /// Memory in which small answers are encoded, one after the other.
    pub(crate) scratch: Cell<Vec<u8>>,
    /// Works that go on although their requests were answered.
    pub(crate) late: Cell<usize>,
    /// Set once: answers that wait for news need not wait any longer.
    pub(crate) stopping: Watch<bool>,
    pulses: RefCell<BTreeMap<u64, Rc<Pulse>>>,
    next_pulse: Cell<u64>,
    /// A connection came or went.
    changed: Notify,
}

/// A running server. [`Serving::stop`] stops it in order; dropping this handle lets it run on.
pub struct Serving {
    server: Rc<Server>,
    tasks: Vec<Task<()>>,
}

/// Serves the connections of these listeners from this core.
pub fn serve(core: &Core, listeners: Vec<Listener>, node: Node, options: ServerOptions) -> Serving {
    let slots = node.broker().int("max.incremental.fetch.session.cache.slots");
    let slots = slots.expect("because it has a default").max(0) as usize;
    let server = Rc::new(Server {
        core: core.clone(),
        fetch_sessions: RefCell::new(SessionCache::new(slots, options.session_partitions_max)),
        node,
        notices: Notices::new(options.listen.clone()),
        large_frames: Budget::new(options.large_frames_bytes_max),
        answers: Budget::new(options.answers_bytes_max),
        waiting: Budget::new(options.waiting_bytes_max),
        batches: Budget::new(options.batches_bytes_max),
        counts: Counts::default(),
        scratch: Cell::default(),
        late: Cell::new(0),
        stopping: Watch::new(false),
        pulses: RefCell::new(BTreeMap::new()),
        next_pulse: Cell::new(0),
        changed: Notify::new(),
        options,
    });
    let mut tasks = Vec::new();
    for listener in listeners {
        let (name, at) = (server.options.listener.clone(), listener.local_addr());
        let endpoint = Endpoint { listener: name, host: at.ip().to_string(), port: at.port() };
        server.node.listens_at(endpoint);
        let accepting = accept(server.clone(), listener);
        tasks.push(core.spawn(Class::Net, "accept", accepting));
    }
    tasks.push(core.spawn(Class::Housekeeping, "connection sweep", sweep(server.clone())));
    tasks.push(server.options.quotas.start(core, &server.node));
    tasks.push(core.spawn(Class::Housekeeping, "disk notices", tell_of_disks(server.clone())));
    Serving { server, tasks }
}

impl Serving {
    /// Takes no more connections and no more requests, answers what was taken, and closes
    /// everything; whoever is not done within `stop_time_max` is cut off.
    pub async fn stop(mut self) {
        let server = self.server.clone();
        for task in self.tasks.drain(..) {
            task.cancel();
        }
        server.stopping.set(true);
        server.tell_all(&End::Drained);
        let gone = async {
            while !server.pulses.borrow().is_empty() {
                server.changed.notified().await;
            }
        };
        if server.core.timeout(server.options.stop_time_max, gone).await.is_err() {
            server.tell_all(&End::Now(None));
            // The connections end when they are polled next; their answers are lost with them.
            server.core.yield_now().await;
        }
    }

    /// What was counted since the start.
    pub fn counts(&self) -> ServerCounts {
        let Server { large_frames, answers, waiting, batches, pulses, counts, .. } = &*self.server;
        let held = [large_frames, answers, waiting, batches].map(Budget::taken).iter().sum();
        counts.read(pulses.borrow().len(), held)
    }
}

impl Server {
    fn tell_all(&self, end: &End) {
        for pulse in self.pulses.borrow().values() {
            pulse.tell(end.clone());
        }
    }

    /// How many connections there may be: as was set since the start, or at it.
    fn connections_max(&self) -> usize {
        let broker = self.node.broker();
        let set = broker.given_since("max.connections").and_then(|_| broker.int("max.connections"));
        let set = set.and_then(|most| usize::try_from(most).ok());
        set.unwrap_or(self.options.connections_max)
    }

    /// Tells connections that exceed a time limit to end.
    fn look_at_all(&self) {
        let now = self.core.now();
        for pulse in self.pulses.borrow().values() {
            pulse.look(now);
            let too_long = |at| now.since(at) >= self.options.frame_time_max;
            if pulse.begun_at().is_some_and(too_long) {
                pulse.tell(End::Now(Some(Closed::Stalled)));
            } else if pulse.sending_at().is_some_and(too_long) {
                pulse.tell(End::Now(Some(Closed::TakesNothing)));
            } else if now.since(pulse.active_at()) >= self.options.idle_time_max {
                pulse.tell(End::Now(Some(Closed::Idle)));
            }
        }
    }
}

async fn accept(server: Rc<Server>, listener: Listener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => admit(&server, stream, peer),
            Err(error) => {
                server.notices.accept_failed(server.core.now(), error.to_string());
                server.core.sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

fn admit(server: &Rc<Server>, stream: Stream, peer: SocketAddr) {
    if server.pulses.borrow().len() >= server.connections_max() {
        server.notices.too_many(server.core.now(), peer);
        stream.shutdown();
        return;
    }
    let id = server.next_pulse.get();
    server.next_pulse.set(id + 1);
    let pulse = Rc::new(Pulse::new(server.core.now()));
    server.pulses.borrow_mut().insert(id, pulse.clone());
    server.counts.connection();
    server.changed.notify_all();
    let server = server.clone();
    let core = server.core.clone();
    let connection = async move {
        let held = match server.options.quotas.is_set() {
            true => server.options.quotas.connection(peer.ip(), server.core.now()),
            false => Duration::ZERO,
        };
        let why = if held > Duration::ZERO {
            // Closed at once it would come again at once.
            server.core.sleep(held).await;
            stream.shutdown();
            Some(Closed::ConnectsTooOften)
        } else {
            let session = Session::new(server.clone(), stream, peer, pulse);
            let why = session.run().await;
            if let Some(answered) = session.answered() {
                server.notices.answered(answered);
            }
            why
        };
        if let Some(why) = why {
            server.notices.closed(server.core.now(), peer, why);
        }
        server.pulses.borrow_mut().remove(&id);
        server.changed.notify_all();
    };
    let _detached = core.spawn(Class::Net, "connection", connection);
}

/// Tells the operator when a disk gets full and when it has room again.
async fn tell_of_disks(server: Rc<Server>) {
    loop {
        let change = server.node.disk_changed().await;
        server.notices.disk_changed(change);
    }
}

/// Looks at all connections once a second, as long as there are any.
async fn sweep(server: Rc<Server>) {
    loop {
        if server.pulses.borrow().is_empty() {
            server.changed.notified().await;
            continue;
        }
        server.core.sleep(SWEEP).await;
        server.look_at_all();
    }
}
