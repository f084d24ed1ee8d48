//! What is configured, as DescribeConfigs and CreateTopics tell it.
//!
//! Kept true: every key of the table that is not hidden has a row; a secret never has a value.

use std::collections::BTreeMap;

use engine_base::settings::{Described, describe_topic};

use crate::serve::Server;

/// A row for each key of a topic with these overrides.
pub(crate) fn of_topic(server: &Server, overrides: &BTreeMap<String, String>) -> Vec<Described> {
    describe_topic(overrides, server.node.broker())
}

/// A row for each key of this node.
pub(crate) fn of_node(server: &Server) -> Vec<Described> {
    server.node.broker().describe()
}
