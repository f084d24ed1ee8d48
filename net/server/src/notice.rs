//! What a server tells its operator, as values; whoever runs it decides how they are shown.
//!
//! Kept true: what strangers can provoke is told at most once per [`HINT_SECONDS`] and kind, with
//! the number that was kept back, so that a log cannot be filled from outside.

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Mono;
use replication_shard::DiskChange;

/// Between two notices of one kind that strangers can provoke, in seconds.
pub const HINT_SECONDS: u64 = 10;

/// Something an operator may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A topic came into being because a client asked for it by name.
    TopicCreatedByUse {
        /// The topic.
        topic: String,
        /// What the client calls itself.
        client: String,
        /// Where it connected from.
        peer: SocketAddr,
    },
    /// A connection was closed because of what came over it.
    Closed {
        /// Where it came from.
        peer: SocketAddr,
        /// Why.
        why: Closed,
        /// How many of this kind were not told since the last one.
        untold: u64,
    },
    /// The connection limit is reached and a client was turned away.
    TooManyConnections {
        /// Where it came from.
        peer: SocketAddr,
        /// How many were not told since the last one.
        untold: u64,
    },
    /// A connection ended over which something was answered. Told of every one of them, if
    /// [`tells_answered`](crate::ServerOptions::tells_answered) says so.
    Answered(Answered),
    /// A shard's disk passed the reserve, in either direction.
    Disk(DiskChange),
    /// The listener refused to hand out a connection; it is tried again.
    AcceptFailed {
        /// What the system said.
        error: String,
        /// How many were not told since the last one.
        untold: u64,
    },
}

/// What was answered over a connection that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Where it came from.
    pub peer: SocketAddr,
    /// Name and version of the client's software, if it told them (KIP-511).
    pub software: Option<(String, String)>,
    /// What the client called itself in its first request.
    pub client_id: Option<String>,
    /// By API and version, in the order of their numbers.
    pub answers: Vec<Answers>,
}

/// How often requests of one API and version were answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The API's name.
    pub api: &'static str,
    /// The version of the requests.
    pub version: i16,
    /// How many were answered.
    pub count: u64,
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unnamed = || ("-".to_owned(), "-".to_owned());
        let (name, version) = self.software.clone().unwrap_or_else(unnamed);
        let client_id = self.client_id.as_deref().unwrap_or_default();
        write!(f, "{} left: {name}/{version} as {client_id:?} was answered", self.peer)?;
        for Answers { api, version, count } in &self.answers {
            write!(f, " {api}:{version}={count}")?;
        }
        Ok(())
    }
}

/// Why a connection was closed by us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// A frame length that cannot be one.
    BadLength(i32),
    /// The frame is longer than this listener takes.
    TooLong(i32),
    /// An HTTP request on the Kafka port.
    Http,
    /// A TLS hello on a plaintext port.
    Tls,
    /// An API key or version that is not served.
    NotServed {
        /// The key on the wire.
        api_key: i16,
        /// The version on the wire.
        version: i16,
    },
    /// The request does not follow the protocol.
    Malformed {
        /// The API's name.
        api: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A frame was begun and not completed in time.
    Stalled,
    /// Answers were sent and not taken in time.
    TakesNothing,
    /// Nothing came for longer than `connections.max.idle.ms`.
    Idle,
    /// Its address connects more often than its quota allows.
    ConnectsTooOften,
    /// An `acks=0` produce failed: closing is the only answer it can get.
    SilentProduceFailed(String),
}

impl Closed {
    /// One number per kind, for the rate limit.
    fn kind(&self) -> usize {
        match self {
            Closed::BadLength(_) => 0,
            Closed::TooLong(_) => 1,
            Closed::Http => 2,
            Closed::Tls => 3,
            Closed::NotServed { .. } => 4,
            Closed::Malformed { .. } => 5,
            Closed::Stalled => 6,
            Closed::Idle => 7,
            Closed::SilentProduceFailed(_) => 8,
            Closed::TakesNothing => 9,
            Closed::ConnectsTooOften => 10,
        }
    }
}

/// Those that are no [`Closed`] come after it.
const KIND_CONNECTIONS: usize = 11;
const KIND_ACCEPT: usize = 12;
const KINDS: usize = 13;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Closed::BadLength(n) => write!(f, "a frame of {n} bytes cannot be a request"),
            Closed::TooLong(n) => write!(f, "a frame of {n} bytes is over the limit"),
            Closed::Http => write!(f, "this is the Kafka port, but an HTTP request came"),
            Closed::Tls => write!(f, "this port takes plaintext, but a TLS hello came"),
            Closed::NotServed { api_key, version } => {
                write!(f, "API {api_key} version {version} is not served")
            }
            Closed::Malformed { api, why } => write!(f, "malformed {api} request: {why}"),
            Closed::Stalled => write!(f, "a request was begun and not completed in time"),
            Closed::TakesNothing => write!(f, "it takes nothing of what it asked for"),
            Closed::Idle => write!(f, "idle for too long"),
            Closed::ConnectsTooOften => {
                write!(f, "its address connects more often than its quota allows")
            }
            Closed::SilentProduceFailed(why) => write!(f, "a produce with acks=0 failed: {why}"),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let untold = match self {
            Notice::TopicCreatedByUse { topic, client, peer } => {
                write!(f, "topic {topic} created on first use by {client:?} at {peer}")?;
                0
            }
            Notice::Closed { peer, why, untold } => {
                write!(f, "closed {peer}: {why}")?;
                *untold
            }
            Notice::TooManyConnections { peer, untold } => {
                write!(f, "turned {peer} away: max.connections is reached")?;
                *untold
            }
            Notice::Answered(answered) => {
                write!(f, "{answered}")?;
                0
            }
            Notice::Disk(change) => {
                write!(f, "{change}")?;
                0
            }
            Notice::AcceptFailed { error, untold } => {
                write!(f, "accept failed: {error}")?;
                *untold
            }
        };
        match untold {
            0 => Ok(()),
            n => write!(f, " (and {n} more like it)"),
        }
    }
}

/// Where notices go.
pub type Listen = Rc<dyn Fn(&Notice)>;

/// Hands notices on, holding back what strangers repeat.
pub(crate) struct Notices {
    listen: Listen,
    kinds: RefCell<[Kind; KINDS]>,
}

#[derive(Clone, Copy, Default)]
struct Kind {
    told_at: Option<Mono>,
    untold: u64,
}

impl Notices {
    pub(crate) fn new(listen: Listen) -> Notices {
        Notices { listen, kinds: RefCell::new([Kind::default(); KINDS]) }
    }

    /// A topic was created on first use: always told.
    pub(crate) fn topic_created(&self, topic: String, client: String, peer: SocketAddr) {
        (self.listen)(&Notice::TopicCreatedByUse { topic, client, peer });
    }

    /// A disk passed its reserve: always told, strangers cannot do it at will.
    pub(crate) fn disk_changed(&self, change: DiskChange) {
        (self.listen)(&Notice::Disk(change));
    }

    /// A connection ended, and somebody wants to know of each.
    pub(crate) fn answered(&self, answered: Answered) {
        (self.listen)(&Notice::Answered(answered));
    }

    /// A connection was closed by us.
    pub(crate) fn closed(&self, now: Mono, peer: SocketAddr, why: Closed) {
        if let Some(untold) = self.due(now, why.kind()) {
            (self.listen)(&Notice::Closed { peer, why, untold });
        }
    }

    /// A client was turned away.
    pub(crate) fn too_many(&self, now: Mono, peer: SocketAddr) {
        if let Some(untold) = self.due(now, KIND_CONNECTIONS) {
            (self.listen)(&Notice::TooManyConnections { peer, untold });
        }
    }

    /// The listener failed.
    pub(crate) fn accept_failed(&self, now: Mono, error: String) {
        if let Some(untold) = self.due(now, KIND_ACCEPT) {
            (self.listen)(&Notice::AcceptFailed { error, untold });
        }
    }

    /// Whether this kind may be told now, and how many were kept back since it was told last.
    fn due(&self, now: Mono, kind: usize) -> Option<u64> {
        let kind = &mut self.kinds.borrow_mut()[kind];
        let quiet = Duration::from_secs(HINT_SECONDS);
        if kind.told_at.is_some_and(|at| now.since(at) < quiet) {
            kind.untold += 1;
            return None;
        }
        kind.told_at = Some(now);
        Some(std::mem::take(&mut kind.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_one_kind_holds_no_other_back() {
        let told = Rc::new(RefCell::new(Vec::new()));
        let seen = told.clone();
        let notices =
            Notices::new(Rc::new(move |n: &Notice| seen.borrow_mut().push(n.to_string())));
        let peer: SocketAddr = "127.0.0.1:1".parse().expect("an address");
        let all = [
            Closed::BadLength(-1),
            Closed::TooLong(1),
            Closed::Http,
            Closed::Tls,
            Closed::NotServed { api_key: 1, version: 1 },
            Closed::Malformed { api: "Fetch", why: "it ends".into() },
            Closed::Stalled,
            Closed::TakesNothing,
            Closed::Idle,
            Closed::ConnectsTooOften,
            Closed::SilentProduceFailed("no room".into()),
        ];
        for why in all {
            notices.closed(Mono(0), peer, why);
        }
        notices.too_many(Mono(0), peer);
        notices.accept_failed(Mono(0), "no descriptors".into());
        assert_eq!(told.borrow().len(), KINDS, "{told:?}");
    }

    #[test]
    fn what_strangers_repeat_is_told_once_and_counted() {
        let told = Rc::new(RefCell::new(Vec::new()));
        let seen = told.clone();
        let notices =
            Notices::new(Rc::new(move |n: &Notice| seen.borrow_mut().push(n.to_string())));
        let peer: SocketAddr = "127.0.0.1:1".parse().expect("an address");
        for second in 0..12u64 {
            notices.closed(Mono(second * 1_000_000_000), peer, Closed::Http);
        }
        notices.closed(Mono(12_000_000_000), peer, Closed::Tls);
        let told = told.borrow();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("HTTP") && !told[0].contains("more like it"));
        assert!(told[1].ends_with("(and 9 more like it)"));
        assert!(told[2].contains("TLS"));
    }
}
