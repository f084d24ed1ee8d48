//! What a client may be told, with units and defaults. Defaults are those of Kafka's Java client
//! where a person would notice, and of librdkafka where batching is concerned.

use std::time::Duration;

pub use engine_record::Codec;

use crate::address::Address;

/// For every connection and request.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Brokers to ask first, in this order.
    pub brokers: Vec<Address>,
    /// What the broker's logs call us.
    pub client_id: String,
    /// How long one request may take, once it is on its way.
    pub request_timeout: Duration,
    /// How long opening a connection may take, each address of a host by itself.
    pub connect_timeout: Duration,
    /// How old metadata may get before it is asked for again.
    pub metadata_age_max: Duration,
    /// Whether asking about a topic may create it.
    pub allow_auto_create: bool,
}

impl ClientOptions {
    /// A client of this name; its brokers are still to be given.
    pub fn new(client_id: impl Into<String>) -> ClientOptions {
        ClientOptions {
            brokers: Vec::new(),
            client_id: client_id.into(),
            request_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            metadata_age_max: Duration::from_secs(300),
            allow_auto_create: false,
        }
    }
}

/// Who must have a batch before it counts as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// Everybody in sync, flushed where the broker flushes.
    #[default]
    All,
    /// The leader.
    Leader,
    /// Nobody: the broker does not answer at all.
    None,
}

impl Acks {
    /// As the protocol has it.
    pub fn number(self) -> i16 {
        match self {
            Acks::All => -1,
            Acks::Leader => 1,
            Acks::None => 0,
        }
    }
}

/// For a producer.
#[derive(Clone, Debug)]
pub struct ProducerOptions {
    /// Who must have a batch before it counts as written.
    pub acks: Acks,
    /// How batches are compressed.
    pub codec: Codec,
    /// How long a record may wait for others to fill its batch.
    pub linger: Duration,
    /// A batch is sent at this size, in bytes before compression.
    pub batch_bytes: usize,
    /// A batch is sent with this many records.
    pub batch_records: usize,
    /// The largest record, in bytes of key, value and headers.
    pub message_bytes_max: usize,
    /// How long a record may take from `send` to its answer, retries included.
    pub delivery_timeout: Duration,
    /// Bytes that may wait to be sent or answered; more make `send` wait.
    pub buffer_bytes: usize,
}

impl Default for ProducerOptions {
    fn default() -> ProducerOptions {
        ProducerOptions {
            acks: Acks::All,
            codec: Codec::None,
            linger: Duration::from_millis(5),
            batch_bytes: 256 * 1024,
            batch_records: 10_000,
            message_bytes_max: 1_000_000,
            delivery_timeout: Duration::from_secs(120),
            buffer_bytes: 32 * 1024 * 1024,
        }
    }
}

/// For a consumer.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    /// How long the broker may hold a fetch back until it has `bytes_min`.
    pub wait: Duration,
    /// Bytes that are worth an answer before `wait` is over.
    pub bytes_min: u32,
    /// Bytes of one answer; one batch may exceed it.
    pub bytes_max: u32,
    /// Bytes of one partition in one answer; one batch may exceed it.
    pub partition_bytes_max: u32,
    /// Records of open and aborted transactions are left out.
    pub read_committed: bool,
    /// Whether checksums are checked.
    pub check_crcs: bool,
    /// How long errors that may pass are put up with while no fetch succeeds.
    pub patience: Duration,
}

impl Default for ConsumerOptions {
    fn default() -> ConsumerOptions {
        ConsumerOptions {
            wait: Duration::from_millis(500),
            bytes_min: 1,
            bytes_max: 16 * 1024 * 1024,
            partition_bytes_max: 1024 * 1024,
            read_committed: false,
            check_crcs: true,
            patience: Duration::from_secs(30),
        }
    }
}
