//! Clients talking: sessions, handlers, refusals as Kafka's codes.
//!
//! Kept true: requests of a connection begin and are answered in the order they came; record bytes
//! go from the socket to the shard and back by reference, never copied here; nothing a stranger
//! sends takes memory without a bound, and whatever breaks the protocol closes its own connection
//! only. This room touches no disk and counts no vote: it asks a [`Node`](replication_shard::Node).

pub mod acl;
mod budget;
mod counts;
mod features;
mod handle;
pub mod notice;
pub mod options;
mod quota;
pub mod refusal;
mod serve;
mod session;
mod session_cache;

pub use counts::ServerCounts;
pub use notice::{Answered, Answers, Closed, Notice};
pub use options::ServerOptions;
pub use quota::Quotas;
pub use serve::{Serving, serve};
