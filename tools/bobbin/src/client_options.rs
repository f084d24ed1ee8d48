//! What the command line tells the client: brokers, and properties under librdkafka's names.
//! Kept true: a property is honoured or refused by name, with the nearest one that is.

use std::time::Duration;

use net_client::{Acks, Address, ClientOptions, Codec, ProducerOptions};
use strsim::osa_distance;

use crate::cli::BrokerArgs;
use crate::command::consume::Pace;
use crate::failure::Failure;

/// Where a broker is looked for when nobody says.
const DEFAULT_BROKERS: &str = "127.0.0.1:9092";

/// What `-b` and `-X` come to.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// For every request.
    pub(crate) client: ClientOptions,
    /// For a producer.
    pub(crate) producer: ProducerOptions,
    /// For a consumer.
    pub(crate) consumer: net_client::ConsumerOptions,
    /// For a member of a group.
    pub(crate) group: Pace,
}

/// The names that are honoured, several for one thing as librdkafka has them.
const NAMES: [&str; 33] = [
    "bootstrap.servers",
    "metadata.broker.list",
    "client.id",
    "acks",
    "request.required.acks",
    "compression.type",
    "compression.codec",
    "linger.ms",
    "queue.buffering.max.ms",
    "batch.size",
    "batch.num.messages",
    "message.max.bytes",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "request.timeout.ms",
    "socket.timeout.ms",
    "socket.connection.setup.timeout.ms",
    "fetch.wait.max.ms",
    "fetch.max.wait.ms",
    "fetch.min.bytes",
    "fetch.max.bytes",
    "max.partition.fetch.bytes",
    "fetch.message.max.bytes",
    "isolation.level",
    "check.crcs",
    "allow.auto.create.topics",
    "security.protocol",
    "topic.metadata.refresh.interval.ms",
    "metadata.max.age.ms",
    "session.timeout.ms",
    "max.poll.interval.ms",
    "heartbeat.interval.ms",
    "auto.commit.interval.ms",
];

/// Whether a property of this name is honoured, or refused for its value.
pub(crate) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

impl Chosen {
    /// From flags and the environment. A command that writes to a topic may bring it into being.
    pub(crate) fn read(
        args: &BrokerArgs,
        environment: Option<&str>,
        writes: bool,
    ) -> Result<Chosen, Failure> {
        let mut chosen = Chosen {
            client: ClientOptions::new("bobbin"),
            producer: ProducerOptions::default(),
            consumer: net_client::ConsumerOptions::default(),
            group: Pace::default(),
        };
        chosen.client.allow_auto_create = writes;
        for text in &args.set {
            let Some((key, value)) = text.split_once('=') else {
                return Err(Failure::usage(format!("-X {text}: it needs a value"))
                    .next(format!("write -X {text}=VALUE")));
            };
            chosen.put(key.trim(), value.trim())?;
        }
        if !args.brokers.is_empty() {
            chosen.client.brokers = brokers(&args.brokers.join(","))?;
        } else if chosen.client.brokers.is_empty() {
            chosen.client.brokers = brokers(environment.unwrap_or(DEFAULT_BROKERS))?;
        }
        Ok(chosen)
    }

    fn put(&mut self, key: &str, value: &str) -> Result<(), Failure> {
        let no = |what: &str| Err(Failure::usage(format!("-X {key}={value}: {what}")));
        let number = || -> Result<u32, Failure> {
            value.parse().map_err(|_| {
                Failure::usage(format!("-X {key}={value}: it is a number from 0 to 4294967295"))
            })
        };
        let millis = || number().map(|ms| Duration::from_millis(u64::from(ms)));
        match key {
            "bootstrap.servers" | "metadata.broker.list" => self.client.brokers = brokers(value)?,
            "client.id" => self.client.client_id = value.to_string(),
            "acks" | "request.required.acks" => self.producer.acks = acks(value)?,
            "compression.type" | "compression.codec" => self.producer.codec = codec(value)?,
            "linger.ms" | "queue.buffering.max.ms" => self.producer.linger = millis()?,
            "batch.size" => self.producer.batch_bytes = number()? as usize,
            "batch.num.messages" => self.producer.batch_records = number()?.max(1) as usize,
            "message.max.bytes" => self.producer.message_bytes_max = number()? as usize,
            "message.timeout.ms" | "delivery.timeout.ms" => {
                self.producer.delivery_timeout = millis()?;
            }
            "request.timeout.ms" | "socket.timeout.ms" => self.client.request_timeout = millis()?,
            "socket.connection.setup.timeout.ms" => self.client.connect_timeout = millis()?,
            "fetch.wait.max.ms" | "fetch.max.wait.ms" => self.consumer.wait = millis()?,
            "fetch.min.bytes" => self.consumer.bytes_min = number()?,
            "fetch.max.bytes" => self.consumer.bytes_max = number()?,
            "max.partition.fetch.bytes" | "fetch.message.max.bytes" => {
                self.consumer.partition_bytes_max = number()?;
            }
            "isolation.level" => match value {
                "read_committed" => self.consumer.read_committed = true,
                "read_uncommitted" => self.consumer.read_committed = false,
                _ => return no("it is read_committed or read_uncommitted"),
            },
            "check.crcs" => self.consumer.check_crcs = boolean(key, value)?,
            "allow.auto.create.topics" => {
                self.client.allow_auto_create = boolean(key, value)?;
            }
            "security.protocol" if value.eq_ignore_ascii_case("plaintext") => {}
            "security.protocol" => return no("only plaintext is spoken by this version"),
            "session.timeout.ms" => self.group.session_timeout = millis()?,
            "max.poll.interval.ms" => self.group.rebalance_timeout = millis()?,
            "heartbeat.interval.ms" => self.group.heartbeat = millis()?,
            "auto.commit.interval.ms" => self.group.commit = millis()?,
            "topic.metadata.refresh.interval.ms" | "metadata.max.age.ms" => {
                self.client.metadata_age_max = millis()?
            }
            _ => {
                let near = NAMES.into_iter().min_by_key(|name| osa_distance(key, name));
                let near = near.filter(|name| osa_distance(key, name) <= key.len().div_ceil(3));
                let failure = Failure::usage(format!("-X {key}: no such client property"));
                return Err(match near {
                    Some(near) => failure.next(format!("did you mean {near}?")),
                    None => failure.next("see bobbin help for what the commands take themselves"),
                });
            }
        }
        Ok(())
    }
}

fn brokers(text: &str) -> Result<Vec<Address>, Failure> {
    let found = net_client::address::parse_list(text).map_err(Failure::usage)?;
    if found.is_empty() {
        return Err(Failure::usage("no broker is named").next("add -b 127.0.0.1:9092"));
    }
    Ok(found)
}

/// Reads an acks level in Kafka's words.
pub(crate) fn acks(value: &str) -> Result<Acks, Failure> {
    match value {
        "all" | "-1" => Ok(Acks::All),
        "1" => Ok(Acks::Leader),
        "0" => Ok(Acks::None),
        _ => Err(Failure::usage(format!("acks {value}: it is all, 1 or 0"))),
    }
}

/// Reads a codec by name.
pub(crate) fn codec(value: &str) -> Result<Codec, Failure> {
    match value {
        "none" => Ok(Codec::None),
        "gzip" => Ok(Codec::Gzip),
        "snappy" => Ok(Codec::Snappy),
        "lz4" => Ok(Codec::Lz4),
        "zstd" => Ok(Codec::Zstd),
        _ => Err(Failure::usage(format!(
            "compression {value}: it is none, gzip, snappy, lz4 or zstd"
        ))),
    }
}

fn boolean(key: &str, value: &str) -> Result<bool, Failure> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Failure::usage(format!("-X {key}={value}: it is true or false"))),
    }
}

#[cfg(test)]
#[path = "client_options_test.rs"]
mod client_options_test;
