//! The cluster's own facts as a machine: topics, placement, configs.
//!
//! Kept true: facts change only by applying committed metadata records; everybody else reads an
//! immutable [`Image`].

pub mod alter_configs;
pub mod alter_quotas;
pub mod cluster;
pub mod configs;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod encoding;
pub mod facts;
pub mod image;
pub mod log_ids;
mod placement;
pub mod quotas;
pub mod records;
pub mod topic_command;
pub mod topic_name;

pub use alter_configs::{ConfigChanges, ConfigResource};
pub use alter_quotas::QuotaChange;
pub use cluster::{Answer, Cluster, Command, METADATA_LOG, PRODUCER_ID_BLOCK};
pub use configs::{ConfigTarget, Configs};
pub use facts::{Endpoint, NodeFacts, PartitionFacts, Placement, TopicFacts};
pub use image::{Image, TopicChange};
pub use quotas::{QuotaEntity, QuotaKey, QuotaName, Quotas};
pub use records::Record;
pub use topic_command::{CreatedTopic, DeletedTopic, MorePartitions, NewTopic, TopicRef};

#[cfg(test)]
#[path = "records_test.rs"]
mod records_test;
