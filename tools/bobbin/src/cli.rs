//! The command line: noun, verb, and what each takes. Kept true: what stands here is all that the
//! binary does; parsing it has no effect.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::output::Shape;

/// A broker that speaks the Apache Kafka protocol, and the tools to use it.
#[derive(Debug, Parser)]
#[command(name = "bobbin", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a broker: `bobbin start --dev` needs nothing else
    Start(Box<StartArgs>),
    /// Create, list, describe and delete topics
    #[command(subcommand)]
    Topic(TopicCommand),
    /// Write records from standard input or a file to a topic
    Produce(Box<ProduceArgs>),
    /// Read records of topics and print them
    Consume(Box<ConsumeArgs>),
    /// Look at a cluster
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// Look at a data directory whose broker is not running
    #[command(subcommand)]
    Debug(DebugCommand),
}

/// `bobbin start`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StartArgs {
    /// For a workstation: one core, 1 GiB, loopback only, data under the user's data directory
    #[arg(long)]
    pub(crate) dev: bool,
    /// Data directory [property log.dirs]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where to listen, e.g. 127.0.0.1:9092 or PLAINTEXT://10.0.0.5:9092; repeat or separate by
    /// commas [property listeners]
    #[arg(long, value_name = "[PLAINTEXT://]HOST:PORT", value_delimiter = ',')]
    pub(crate) listen: Vec<String>,
    /// The name and port that clients are told to connect to [property advertised.listeners]
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    pub(crate) advertise: Vec<String>,
    /// How many cores to use [property cores]
    #[arg(long, value_name = "N")]
    pub(crate) cores: Option<String>,
    /// How much memory to use, e.g. 4GiB or 60% [property memory]
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<String>,
    /// Listen off loopback without authentication
    #[arg(long)]
    pub(crate) allow_plaintext: bool,
    /// A property of Kafka's server.properties; repeat for more
    #[arg(short = 'X', long = "set", value_name = "PROPERTY=VALUE")]
    pub(crate) set: Vec<String>,
    /// A Kafka server.properties as it is, or TOML (by its name's end)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How much to log on standard error: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}

/// What every command that talks to a broker takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct BrokerArgs {
    /// Brokers to ask first, separated by commas [env BOBBIN_BROKERS; default 127.0.0.1:9092]
    #[arg(short, long, value_name = "HOST:PORT", value_delimiter = ',')]
    pub(crate) brokers: Vec<String>,
    /// A client property under librdkafka's name, e.g. client.id=me; repeat for more
    #[arg(short = 'X', long = "set", value_name = "PROPERTY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// How a listing is printed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ShapeArgs {
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    pub(crate) output: Shape,
}

/// `bobbin topic ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum TopicCommand {
    /// Create topics
    Create {
        /// Their names
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// Partitions of each [default: the broker's]
        #[arg(short, long, value_name = "N", allow_negative_numbers = true)]
        partitions: Option<i32>,
        /// Replicas of each partition [default: the broker's]
        #[arg(short, long, value_name = "N", allow_negative_numbers = true)]
        replicas: Option<i16>,
        /// A topic config, e.g. retention.ms=3600000; repeat for more
        #[arg(short, long, value_name = "CONFIG=VALUE")]
        config: Vec<String>,
        /// A topic that is there already is no error
        #[arg(long)]
        if_not_exists: bool,
        /// Ask whether it could be done, and change nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// List topics
    List {
        /// Only these
        #[arg(value_name = "TOPIC")]
        topics: Vec<String>,
        /// Internal topics too
        #[arg(short, long)]
        internal: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Show a topic's partitions, offsets and configs
    Describe {
        /// Their names
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// Every config, not only those that were set
        #[arg(short, long)]
        all_configs: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Delete topics and their records
    Delete {
        /// Their names
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// A topic that is not there is no error
        #[arg(long)]
        if_exists: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
}

/// `bobbin produce`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ProduceArgs {
    /// The topic
    pub(crate) topic: String,
    /// Read from this file instead of standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// What separates key and value in a line; \t and such are understood
    #[arg(short = 'K', long, value_name = "TEXT")]
    pub(crate) key_delimiter: Option<String>,
    /// The key of every record
    #[arg(short, long, value_name = "KEY", conflicts_with = "key_delimiter")]
    pub(crate) key: Option<String>,
    /// What separates records
    #[arg(short = 'D', long, value_name = "TEXT", default_value = "\\n")]
    pub(crate) delimiter: String,
    /// The partition; without it keys decide as in Java's client
    #[arg(short, long, value_name = "N")]
    pub(crate) partition: Option<i32>,
    /// A header of every record; repeat for more
    #[arg(short = 'H', long, value_name = "NAME=VALUE")]
    pub(crate) header: Vec<String>,
    /// none, gzip, snappy, lz4 or zstd
    #[arg(short = 'z', long, value_name = "CODEC")]
    pub(crate) compression: Option<String>,
    /// Who must have it before it counts: all (flushed by a majority), 1 or 0 (never know)
    #[arg(long, value_name = "ACKS", allow_negative_numbers = true)]
    pub(crate) acks: Option<String>,
    /// An empty value is a tombstone, an empty key is none
    #[arg(short = 'Z', long)]
    pub(crate) null: bool,
    /// Say nothing when all went well
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) shape: ShapeArgs,
    #[command(flatten)]
    pub(crate) broker: BrokerArgs,
}

/// `bobbin consume`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConsumeArgs {
    /// The topics
    #[arg(required = true, value_name = "TOPIC")]
    pub(crate) topics: Vec<String>,
    /// Where to begin and stop: start, end, N, -N (before the end), +N (after the start), @TIME
    /// (@-1h, @2026-03-01), FROM:TO; or how to print: text, json (a line for each record)
    #[arg(short, value_name = "OFFSET|json", allow_hyphen_values = true)]
    pub(crate) o: Vec<String>,
    /// As -o OFFSET
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    pub(crate) offset: Option<String>,
    /// As -o text or -o json
    #[arg(long, value_enum)]
    pub(crate) output: Option<Shape>,
    /// Only these partitions
    #[arg(short, long, value_name = "N", value_delimiter = ',')]
    pub(crate) partition: Vec<i32>,
    /// Stop after so many records
    #[arg(short = 'n', long, visible_short_alias = 'c', value_name = "COUNT")]
    pub(crate) count: Option<u64>,
    /// Stop at the end as it is now
    #[arg(short = 'e', long)]
    pub(crate) exit: bool,
    /// How to print a record, in kcat's and rpk's words: '%t[%p]@%o %k=%v\n'
    #[arg(short, long, value_name = "FORMAT", conflicts_with = "output")]
    pub(crate) format: Option<String>,
    #[command(flatten)]
    pub(crate) broker: BrokerArgs,
}

/// `bobbin cluster ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClusterCommand {
    /// Show the cluster's id, its nodes and what they hold
    Info {
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
}

/// `bobbin debug ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum DebugCommand {
    /// Print what a segment, a sidecar, a journal or a checkpoint holds, a line for each thing
    DumpLog {
        /// The file: DATA/shard-0/journal/00000000, .../logs/LOG/OFFSET.log and so on
        #[arg(value_name = "FILE")]
        path: PathBuf,
        /// The records of each batch too: keys, values and headers
        #[arg(long)]
        records: bool,
        #[command(flatten)]
        shape: ShapeArgs,
    },
    /// Check every checksum, epoch and offset of a data directory; the exit code tells
    Verify {
        /// The data directory
        dir: PathBuf,
        #[command(flatten)]
        shape: ShapeArgs,
    },
}

#[cfg(test)]
#[path = "cli_test.rs"]
mod cli_test;
