//! The cluster's own facts as a machine: topics, placement, configs.
//!
//! Kept true: facts change only by applying committed metadata records; everybody else reads an
//! immutable [`Image`].

pub mod facts;
pub mod image;
pub mod topic_command;
pub mod topic_settings;

pub use facts::{Endpoint, NodeFacts, PartitionFacts, Placement, TopicFacts};
pub use image::Image;
pub use topic_command::{CreatedTopic, DeletedTopic, NewTopic, TopicRef};
pub use topic_settings::{TimestampType, TopicSettings, Validation};
