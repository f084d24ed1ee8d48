//! The metadata records: what can become true of a cluster (docs/formats/metadata.md).
//!
//! Kept true: decoding what was encoded gives it back; a field that a newer writer added is passed
//! over; a kind that this version does not know stops the machine unless its writer allowed
//! otherwise.

use engine_base::{LogId, NodeId, ShardIndex, Uuid};
use replication_machine::BadRecord;

use crate::configs::ConfigTarget;
use crate::encoding::{FieldReader, Fields, Head, Value, open};
use crate::facts::{Endpoint, NodeFacts, PartitionFacts, Placement};
use crate::quotas::{QuotaEntity, QuotaKey, QuotaName};

/// One committed fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// The cluster has its id. The first record.
    Cluster {
        /// The cluster's id.
        id: Uuid,
    },
    /// A node is there, or is there again with other addresses.
    Node(NodeFacts),
    /// A topic was created.
    TopicCreated {
        /// Its id.
        id: Uuid,
        /// Its name.
        name: String,
        /// Its partitions, by number.
        partitions: Vec<PartitionFacts>,
        /// The configs set on the topic itself.
        configs: Vec<(String, String)>,
    },
    /// A topic was deleted, and with it the logs that are named.
    TopicDeleted {
        /// Its id.
        id: Uuid,
        /// The logs of its partitions, by number.
        logs: Vec<LogId>,
    },
    /// A topic's own config was set or taken away.
    TopicConfig {
        /// The topic.
        id: Uuid,
        /// Which config.
        key: String,
        /// Its value; `None` takes it away.
        value: Option<String>,
    },
    /// A config of anything but a topic was set or taken away.
    Config {
        /// On what.
        target: ConfigTarget,
        /// Which config.
        key: String,
        /// Its value; `None` takes it away.
        value: Option<String>,
    },
    /// A quota of clients was set or taken away.
    Quota {
        /// Whose.
        entity: QuotaEntity,
        /// Of what.
        key: QuotaKey,
        /// The bound; `None` takes it away.
        value: Option<f64>,
    },
    /// Log ids below this one are used up, whoever used them.
    LogIdsUsed {
        /// The lowest id that may still be given out.
        next: u64,
    },
    /// Producer ids below this one are used up, whoever was given them.
    ProducerIdsUsed {
        /// The lowest id that may still be given out.
        next: i64,
    },
    /// A topic has more partitions, behind those that it had.
    PartitionsCreated {
        /// The topic.
        id: Uuid,
        /// The new ones, by number.
        partitions: Vec<PartitionFacts>,
    },
}

const CLUSTER: u8 = 1;
const NODE: u8 = 2;
const TOPIC_CREATED: u8 = 3;
const TOPIC_DELETED: u8 = 4;
const TOPIC_CONFIG: u8 = 5;
const LOG_IDS_USED: u8 = 6;
const PRODUCER_IDS_USED: u8 = 7;
const PARTITIONS_CREATED: u8 = 8;
const CONFIG: u8 = 9;
const QUOTA: u8 = 10;

/// What a config is set on, by Kafka's numbers of resource types.
const TARGET_BROKER: i64 = 4;
const TARGET_CLIENT_METRICS: i64 = 16;
const TARGET_GROUP: i64 = 32;

/// The version of every kind that this Bobbin writes and knows.
const VERSION: u8 = 1;

fn missing(what: &str) -> BadRecord {
    BadRecord::Broken(format!("without {what}"))
}

impl Record {
    /// The record as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let head = |kind| Fields::record(Head { kind, version: VERSION, reader_min: VERSION });
        let mut fields;
        match self {
            Record::Cluster { id } => {
                fields = head(CLUSTER);
                fields.bytes(1, &id.0);
            }
            Record::Node(node) => {
                fields = head(NODE);
                encode_node(&mut fields, node);
            }
            Record::TopicCreated { id, name, partitions, configs } => {
                fields = head(TOPIC_CREATED);
                fields.bytes(1, &id.0).bytes(2, name.as_bytes());
                for partition in partitions {
                    fields.nested(3, &encode_partition(partition));
                }
                for (key, value) in configs {
                    let mut config = Fields::default();
                    config.bytes(1, key.as_bytes()).bytes(2, value.as_bytes());
                    fields.nested(4, &config);
                }
            }
            Record::TopicDeleted { id, logs } => {
                fields = head(TOPIC_DELETED);
                fields.bytes(1, &id.0);
                for log in logs {
                    fields.number(2, log.0.cast_signed());
                }
            }
            Record::TopicConfig { id, key, value } => {
                fields = head(TOPIC_CONFIG);
                fields.bytes(1, &id.0).bytes(2, key.as_bytes());
                if let Some(value) = value {
                    fields.bytes(3, value.as_bytes());
                }
            }
            Record::Config { target, key, value } => {
                fields = head(CONFIG);
                encode_config_of(&mut fields, target, key, value.as_deref());
            }
            Record::Quota { entity, key, value } => {
                fields = head(QUOTA);
                encode_quota(&mut fields, entity, *key, *value);
            }
            Record::LogIdsUsed { next } => {
                fields = head(LOG_IDS_USED);
                fields.number(1, next.cast_signed());
            }
            Record::ProducerIdsUsed { next } => {
                fields = head(PRODUCER_IDS_USED);
                fields.number(1, *next);
            }
            Record::PartitionsCreated { id, partitions } => {
                fields = head(PARTITIONS_CREATED);
                fields.bytes(1, &id.0);
                for partition in partitions {
                    fields.nested(2, &encode_partition(partition));
                }
            }
        }
        fields.finish()
    }

    /// The record that these bytes are; `None` for one that may be passed over.
    pub fn decode(bytes: &[u8]) -> Result<Option<Record>, BadRecord> {
        let (head, fields) = open(bytes)?;
        let known = if (CLUSTER..=QUOTA).contains(&head.kind) { VERSION } else { 0 };
        if head.reader_min > known {
            let Head { kind, version, reader_min } = head;
            return Err(BadRecord::Newer(format!(
                "kind {kind} version {version} asks for a reader of version {reader_min}"
            )));
        }
        match head.kind {
            CLUSTER => decode_cluster(fields).map(Some),
            NODE => decode_node(fields).map(Some),
            TOPIC_CREATED => decode_topic_created(fields).map(Some),
            TOPIC_DELETED => decode_topic_deleted(fields).map(Some),
            TOPIC_CONFIG => decode_topic_config(fields).map(Some),
            LOG_IDS_USED => decode_log_ids_used(fields).map(Some),
            PRODUCER_IDS_USED => decode_producer_ids_used(fields).map(Some),
            PARTITIONS_CREATED => decode_partitions_created(fields).map(Some),
            CONFIG => decode_config_of(fields).map(Some),
            QUOTA => decode_quota(fields).map(Some),
            _ => Ok(None),
        }
    }
}

fn encode_config_of(fields: &mut Fields, target: &ConfigTarget, key: &str, value: Option<&str>) {
    let (kind, name) = match target {
        ConfigTarget::Cluster => (TARGET_BROKER, None),
        ConfigTarget::Node(node) => (TARGET_BROKER, Some(node.0.to_string())),
        ConfigTarget::ClientMetrics(name) => (TARGET_CLIENT_METRICS, Some(name.clone())),
        ConfigTarget::Group(group) => (TARGET_GROUP, Some(group.clone())),
    };
    fields.number(1, kind);
    if let Some(name) = name {
        fields.bytes(2, name.as_bytes());
    }
    fields.bytes(3, key.as_bytes());
    if let Some(value) = value {
        fields.bytes(4, value.as_bytes());
    }
}

fn encode_quota(fields: &mut Fields, entity: &QuotaEntity, key: QuotaKey, value: Option<f64>) {
    let QuotaEntity { user, client_id, ip } = entity;
    for (tag, name) in [(1, user), (2, client_id), (3, ip)] {
        let mut nested = Fields::default();
        match name {
            None => continue,
            Some(QuotaName::Default) => {}
            Some(QuotaName::Named(name)) => _ = nested.bytes(1, name.as_bytes()),
        }
        fields.nested(tag, &nested);
    }
    fields.bytes(4, key.name().as_bytes());
    if let Some(value) = value {
        fields.bytes(5, &value.to_bits().to_le_bytes());
    }
}

fn encode_node(fields: &mut Fields, node: &NodeFacts) {
    fields.number(1, i64::from(node.id.0)).bytes(2, &node.incarnation.0);
    fields.number(3, i64::from(node.shards));
    if let Some(rack) = &node.rack {
        fields.bytes(4, rack.as_bytes());
    }
    for endpoint in &node.endpoints {
        let mut nested = Fields::default();
        nested.bytes(1, endpoint.listener.as_bytes()).bytes(2, endpoint.host.as_bytes());
        nested.number(3, i64::from(endpoint.port));
        fields.nested(5, &nested);
    }
}

fn encode_partition(partition: &PartitionFacts) -> Fields {
    let mut fields = Fields::default();
    fields.number(1, partition.log.0.cast_signed());
    for replica in &partition.replicas {
        let mut nested = Fields::default();
        nested.number(1, i64::from(replica.node.0)).number(2, i64::from(replica.shard.0));
        fields.nested(2, &nested);
    }
    fields
}

fn log_id(value: Value<'_>) -> Result<LogId, BadRecord> {
    Ok(LogId(value.number::<i64>()?.cast_unsigned()))
}

fn decode_cluster(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let mut id = None;
    while let Some((tag, value)) = fields.next_field()? {
        if tag == 1 {
            id = Some(value.id()?);
        }
    }
    Ok(Record::Cluster { id: id.ok_or_else(|| missing("a cluster id"))? })
}

fn decode_node(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let (mut id, mut incarnation, mut shards, mut rack) = (None, Uuid::ZERO, 0, None);
    let mut endpoints = Vec::new();
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => id = Some(NodeId(value.number()?)),
            2 => incarnation = value.id()?,
            3 => shards = value.number()?,
            4 => rack = Some(value.text()?),
            5 => endpoints.push(decode_endpoint(value.bytes()?)?),
            _ => {}
        }
    }
    let id = id.ok_or_else(|| missing("a node id"))?;
    Ok(Record::Node(NodeFacts { id, incarnation, endpoints, rack, shards }))
}

fn decode_endpoint(bytes: &[u8]) -> Result<Endpoint, BadRecord> {
    let mut endpoint = Endpoint { listener: String::new(), host: String::new(), port: 0 };
    let mut fields = FieldReader::new(bytes);
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => endpoint.listener = value.text()?,
            2 => endpoint.host = value.text()?,
            3 => endpoint.port = value.number()?,
            _ => {}
        }
    }
    Ok(endpoint)
}

fn decode_topic_created(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let (mut id, mut name) = (None, None);
    let (mut partitions, mut configs) = (Vec::new(), Vec::new());
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => id = Some(value.id()?),
            2 => name = Some(value.text()?),
            3 => partitions.push(decode_partition(value.bytes()?)?),
            4 => configs.push(decode_config(value.bytes()?)?),
            _ => {}
        }
    }
    let id = id.ok_or_else(|| missing("a topic id"))?;
    let name = name.ok_or_else(|| missing("a topic name"))?;
    Ok(Record::TopicCreated { id, name, partitions, configs })
}

fn decode_partition(bytes: &[u8]) -> Result<PartitionFacts, BadRecord> {
    let (mut log, mut replicas) = (None, Vec::new());
    let mut fields = FieldReader::new(bytes);
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => log = Some(log_id(value)?),
            2 => replicas.push(decode_placement(value.bytes()?)?),
            _ => {}
        }
    }
    Ok(PartitionFacts { log: log.ok_or_else(|| missing("a log id"))?, replicas })
}

fn decode_placement(bytes: &[u8]) -> Result<Placement, BadRecord> {
    let (mut node, mut shard) = (None, None);
    let mut fields = FieldReader::new(bytes);
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => node = Some(NodeId(value.number()?)),
            2 => shard = Some(ShardIndex(value.number()?)),
            _ => {}
        }
    }
    let node = node.ok_or_else(|| missing("a replica's node"))?;
    let shard = shard.ok_or_else(|| missing("a replica's shard"))?;
    Ok(Placement { node, shard })
}

fn decode_config(bytes: &[u8]) -> Result<(String, String), BadRecord> {
    let (mut key, mut config) = (None, String::new());
    let mut fields = FieldReader::new(bytes);
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => key = Some(value.text()?),
            2 => config = value.text()?,
            _ => {}
        }
    }
    Ok((key.ok_or_else(|| missing("a config key"))?, config))
}

fn decode_topic_deleted(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let (mut id, mut logs) = (None, Vec::new());
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => id = Some(value.id()?),
            2 => logs.push(log_id(value)?),
            _ => {}
        }
    }
    Ok(Record::TopicDeleted { id: id.ok_or_else(|| missing("a topic id"))?, logs })
}

fn decode_topic_config(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let (mut id, mut key, mut config) = (None, None, None);
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => id = Some(value.id()?),
            2 => key = Some(value.text()?),
            3 => config = Some(value.text()?),
            _ => {}
        }
    }
    let id = id.ok_or_else(|| missing("a topic id"))?;
    Ok(Record::TopicConfig { id, key: key.ok_or_else(|| missing("a config key"))?, value: config })
}

fn decode_config_of(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let (mut kind, mut name, mut key, mut config) = (None, None, None, None);
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => kind = Some(value.number::<i64>()?),
            2 => name = Some(value.text()?),
            3 => key = Some(value.text()?),
            4 => config = Some(value.text()?),
            _ => {}
        }
    }
    let target = match (kind.ok_or_else(|| missing("what is configured"))?, name) {
        (TARGET_BROKER, None) => ConfigTarget::Cluster,
        (TARGET_BROKER, Some(name)) => {
            let id = name.parse().map_err(|_| BadRecord::Broken("no node id".into()))?;
            ConfigTarget::Node(NodeId(id))
        }
        (TARGET_CLIENT_METRICS, Some(name)) => ConfigTarget::ClientMetrics(name),
        (TARGET_GROUP, Some(name)) => ConfigTarget::Group(name),
        (kind, _) => return Err(BadRecord::Broken(format!("configs of an unknown kind {kind}"))),
    };
    Ok(Record::Config { target, key: key.ok_or_else(|| missing("a config key"))?, value: config })
}

fn decode_quota(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let (mut entity, mut key, mut quota) = (QuotaEntity::default(), None, None);
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => entity.user = Some(decode_quota_name(value.bytes()?)?),
            2 => entity.client_id = Some(decode_quota_name(value.bytes()?)?),
            3 => entity.ip = Some(decode_quota_name(value.bytes()?)?),
            4 => {
                let name = value.text()?;
                let unknown = || BadRecord::Broken(format!("a quota of an unknown kind {name}"));
                key = Some(QuotaKey::from_name(&name).ok_or_else(unknown)?);
            }
            5 => {
                let bits = value.bytes()?.try_into().map_err(|_| missing("8 bytes of a quota"))?;
                quota = Some(f64::from_bits(u64::from_le_bytes(bits)));
            }
            _ => {}
        }
    }
    if entity == QuotaEntity::default() || quota.is_some_and(|quota| quota.is_nan()) {
        return Err(BadRecord::Broken("a quota of nobody or of nothing".into()));
    }
    Ok(Record::Quota { entity, key: key.ok_or_else(|| missing("a quota's key"))?, value: quota })
}

fn decode_quota_name(bytes: &[u8]) -> Result<QuotaName, BadRecord> {
    let mut name = QuotaName::Default;
    let mut fields = FieldReader::new(bytes);
    while let Some((tag, value)) = fields.next_field()? {
        if tag == 1 {
            name = QuotaName::Named(value.text()?);
        }
    }
    Ok(name)
}

fn decode_log_ids_used(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let mut next = None;
    while let Some((tag, value)) = fields.next_field()? {
        if tag == 1 {
            next = Some(value.number::<i64>()?.cast_unsigned());
        }
    }
    Ok(Record::LogIdsUsed { next: next.ok_or_else(|| missing("a log id"))? })
}

fn decode_producer_ids_used(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let mut next = None;
    while let Some((tag, value)) = fields.next_field()? {
        if tag == 1 {
            next = Some(value.number::<i64>()?);
        }
    }
    Ok(Record::ProducerIdsUsed { next: next.ok_or_else(|| missing("a producer id"))? })
}

fn decode_partitions_created(mut fields: FieldReader<'_>) -> Result<Record, BadRecord> {
    let (mut id, mut partitions) = (None, Vec::new());
    while let Some((tag, value)) = fields.next_field()? {
        match tag {
            1 => id = Some(value.id()?),
            2 => partitions.push(decode_partition(value.bytes()?)?),
            _ => {}
        }
    }
    Ok(Record::PartitionsCreated { id: id.ok_or_else(|| missing("a topic id"))?, partitions })
}
