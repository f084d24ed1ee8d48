//! Producer, consumer and admin for our tools, bench and tests, against any broker that speaks
//! Kafka's protocol. Kept true: every request has a time limit, every answer is matched to its
//! request by its correlation id, and every error says where it happened and what to do next.

pub mod address;
pub mod code;
pub mod error;
pub mod options;

pub mod connection;

pub mod client;

pub mod admin;
pub mod configs;
pub mod log_dirs;
pub mod offsets;

pub mod partitioner;
mod produce_call;
pub mod producer;

pub mod consumer;
mod fetch_call;
pub mod quotas;
mod record;

pub mod consumer_protocol;
pub mod coordinator;
pub mod groups;
pub mod member;

pub use address::Address;
pub use admin::{Admin, NewTopic};
pub use client::{Client, NodeInfo};
pub use code::Code;
pub use configs::{Config, ConfigChange, ConfigOf};
pub use connection::{Answer, Connection, Pending};
pub use consumer::Consumer;
pub use error::{ClientError, ErrorKind};
pub use fetch_call::Fetched;
pub use groups::{Committed, GROUP_STATES, GroupInfo, GroupMember, Groups, ListedGroup};
pub use log_dirs::{LogDir, LogDirReplica};
pub use member::{Beat, Member, MemberOptions};
pub use offsets::OffsetQuery;
pub use options::{Acks, ClientOptions, Codec, ConsumerOptions, ProducerOptions};
pub use producer::{Delivered, Delivery, NewRecord, Producer};
pub use quotas::{QuotaEntity, QuotaMatch, SetQuotas};
pub use record::Record;

#[cfg(test)]
mod broker_test;
#[cfg(test)]
mod client_test;
#[cfg(test)]
mod group_test;
