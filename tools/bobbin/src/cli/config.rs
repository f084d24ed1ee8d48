//! `bobbin config` as it is typed.

use clap::{Subcommand, ValueEnum};

use super::topic::ChangeArgs;
use super::{BrokerArgs, ShapeArgs};

/// Whose configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A topic, by name.
    Topic,
    /// A broker, by id, or `default` for all.
    Broker,
    /// A consumer group, by name.
    Group,
}

/// `bobbin config ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show configs: those that were set, or those that are named
    #[command(after_help = "Examples:
  bobbin config get topic orders
  bobbin config get topic orders retention.ms
  bobbin config get broker 0 -a -o wide")]
    Get {
        /// Whose: topic, broker or group
        #[arg(value_enum, value_name = "KIND", hide_possible_values = true)]
        kind: Kind,
        /// The topic's or group's name; the broker's id, or default
        #[arg(value_name = "NAME")]
        name: String,
        /// Only these, whether they were set or not
        #[arg(value_name = "CONFIG")]
        configs: Vec<String>,
        /// Every config, not only those that were set
        #[arg(short, long)]
        all: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Change configs, all of them or none
    #[command(after_help = "Examples:
  bobbin config set topic orders retention.ms=86400000 max.message.bytes=2097152
  bobbin config set topic orders --delete retention.ms
  bobbin config set broker default log.retention.ms=604800000")]
    Set {
        /// Whose: topic, broker or group
        #[arg(value_enum, value_name = "KIND", hide_possible_values = true)]
        kind: Kind,
        /// The topic's or group's name; the broker's id, or default
        #[arg(value_name = "NAME")]
        name: String,
        /// New values
        #[arg(value_name = "CONFIG=VALUE")]
        values: Vec<String>,
        #[command(flatten)]
        changes: ChangeArgs,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
}
