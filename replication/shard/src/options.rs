//! What a node is told at its start. Every size is a parameter, so that tests run on small rings.

use std::path::PathBuf;

use engine_base::settings::BrokerConfig;
use engine_base::{NodeId, Uuid};
use engine_log::StoreOptions;
use replication_control::Endpoint;

/// Whether a start may format a data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Every directory must have been formatted before.
    Never,
    /// A directory that is missing or empty is formatted; anything else in it is refused.
    IfEmpty,
}

/// What a node is told at its start.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// Where its data lives; one entry per device. The first holds the metadata when formatted.
    pub data_dirs: Vec<PathBuf>,
    /// Kafka's broker id, from 0.
    pub node_id: NodeId,
    /// Where clients reach it, per listener.
    pub endpoints: Vec<Endpoint>,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// The cluster's id: given to a fresh directory, demanded of a formatted one. `None` makes one
    /// up.
    pub cluster: Option<Uuid>,
    /// Whether directories may be formatted.
    pub format: Format,
    /// How many cores will serve: a fresh node gets max(cores, directories) shards.
    pub cores: u16,
    /// The sizes of each shard's store.
    pub store: StoreOptions,
    /// The node's configuration: topic defaults, `auto.create.topics.enable`,
    /// `delete.topic.enable`, `num.partitions` and the like.
    pub broker: BrokerConfig,
    /// Produce commands that may wait in one shard's inbox; more are refused as overload.
    pub inbox_commands_max: usize,
    /// Bytes of batches that may wait in one shard's inbox.
    pub inbox_bytes_max: usize,
    /// Records between two snapshots of one coordinator, and at least that many bytes of log as a
    /// snapshot has.
    pub snapshot_records: i64,
}

/// Records between two snapshots of one coordinator, unless told otherwise: a start replays as many
/// of each of 50 partitions in well under a second.
pub const SNAPSHOT_RECORDS: i64 = 20_000;

/// Produce commands that may wait in one shard's inbox, unless told otherwise.
pub const INBOX_COMMANDS_MAX: usize = 16 * 1024;

/// Bytes of batches that may wait in one shard's inbox, unless told otherwise.
pub const INBOX_BYTES_MAX: usize = 64 * 1024 * 1024;

const _: () = assert!(INBOX_BYTES_MAX > engine_base::limits::CHUNK_BYTES_MAX);

impl NodeOptions {
    /// One node with the defaults of `store`, formatting an empty directory.
    pub fn new(data_dirs: Vec<PathBuf>, node_id: NodeId, store: StoreOptions) -> NodeOptions {
        NodeOptions {
            data_dirs,
            node_id,
            endpoints: Vec::new(),
            rack: None,
            cluster: None,
            format: Format::IfEmpty,
            cores: 1,
            store,
            broker: BrokerConfig::default(),
            inbox_commands_max: INBOX_COMMANDS_MAX,
            inbox_bytes_max: INBOX_BYTES_MAX,
            snapshot_records: SNAPSHOT_RECORDS,
        }
    }
}
