//! The command line: noun, verb, and what each takes. Kept true: what stands here is all that the
//! binary does (and Kafka's own tools, see `kafka_tools`); parsing it has no effect.

mod config;
mod debug;
mod group;
mod records;
mod start;
mod topic;

use clap::{Args, Parser, Subcommand};

pub(crate) use config::{ConfigCommand, Kind};
pub(crate) use debug::{ClusterCommand, DebugCommand, GenerateCommand};
pub(crate) use group::GroupCommand;
pub(crate) use records::{ConsumeArgs, ProduceArgs};
pub(crate) use start::StartArgs;
pub(crate) use topic::{ChangeArgs, TopicCommand};

use crate::output::Shape;

/// A broker that speaks the Apache Kafka protocol, and the tools to use it.
#[derive(Debug, Parser)]
#[command(name = "bobbin", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "The first minute:
  bobbin start --dev
  bobbin topic create orders -p 3
  echo hello | bobbin produce orders
  bobbin consume orders -e

Kafka's own tools are here too, with their flags: bobbin kafka-topics --list, or a link to this
binary named kafka-topics: kafka-topics, kafka-console-producer, kafka-console-consumer,
kafka-consumer-groups, kafka-configs, kafka-get-offsets, kafka-delete-records, kafka-log-dirs.
Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 no broker reached.")]
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
    /// Create, list, describe, change and delete topics
    #[command(subcommand)]
    Topic(TopicCommand),
    /// Write records from standard input or a file to a topic
    Produce(Box<ProduceArgs>),
    /// Read records of topics and print them
    Consume(Box<ConsumeArgs>),
    /// See how far consumer groups have read, and move them
    #[command(subcommand)]
    Group(GroupCommand),
    /// See and change configs of topics, brokers and groups
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look at a cluster
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// Look at a data directory whose broker is not running
    #[command(subcommand)]
    Debug(DebugCommand),
    /// Write files that other programs want
    #[command(subcommand)]
    Generate(GenerateCommand),
}

/// What every command that talks to a broker takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct BrokerArgs {
    /// Brokers to ask first, separated by commas [env BOBBIN_BROKERS; default 127.0.0.1:9092]
    #[arg(short, long, value_name = "HOST:PORT", value_delimiter = ',')]
    pub(crate) brokers: Vec<String>,
    /// A client property under librdkafka's name, e.g. client.id=me or request.timeout.ms=5000
    /// (ms: milliseconds); repeat for more
    #[arg(short = 'X', long = "set", value_name = "PROPERTY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// How a listing is printed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct ShapeArgs {
    /// How to print: text, wide (more columns), json, yaml, or jsonl (a document for each line)
    #[arg(
        short,
        long,
        value_enum,
        value_name = "SHAPE",
        default_value_t,
        hide_possible_values = true
    )]
    pub(crate) output: Shape,
}

#[cfg(test)]
mod cli_test;
