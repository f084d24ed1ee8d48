//! `bobbin topic` as it is typed.

use clap::Subcommand;

use super::{BrokerArgs, ShapeArgs};

/// `bobbin topic ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum TopicCommand {
    /// Create topics
    #[command(after_help = "Examples:
  bobbin topic create orders -p 12
  bobbin topic create audit -p 1 -c retention.ms=604800000 -c compression.type=zstd")]
    Create {
        /// Their names
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// Partitions of each [default: the broker's num.partitions]
        #[arg(short, long, value_name = "N", allow_negative_numbers = true)]
        partitions: Option<i32>,
        /// Replicas of each partition [default: the broker's default.replication.factor]
        #[arg(short, long, value_name = "N", allow_negative_numbers = true)]
        replicas: Option<i16>,
        /// A topic config, e.g. retention.ms=3600000 (milliseconds); repeat for more
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
    #[command(after_help = "Examples:
  bobbin topic list
  bobbin topic list -i -o json")]
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
    #[command(after_help = "Examples:
  bobbin topic describe orders
  bobbin topic describe orders -a -o yaml")]
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
    /// Change configs of topics
    #[command(after_help = "Examples:
  bobbin topic alter orders -c retention.ms=86400000
  bobbin topic alter orders --delete retention.ms --append cleanup.policy=compact")]
    Alter {
        /// Their names
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        #[command(flatten)]
        changes: ChangeArgs,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Give topics more partitions; keys that are there stay where they are
    #[command(after_help = "Examples:
  bobbin topic add-partitions orders -n 3
  bobbin topic add-partitions orders --total 12 --dry-run")]
    AddPartitions {
        /// Their names
        #[arg(required = true, value_name = "TOPIC")]
        topics: Vec<String>,
        /// So many more
        #[arg(short, long, value_name = "N", required_unless_present = "total")]
        num: Option<i32>,
        /// So many altogether
        #[arg(long, value_name = "N", conflicts_with = "num")]
        total: Option<i32>,
        /// Ask whether it could be done, and change nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Delete a topic's records before an offset or a time
    #[command(after_help = "Examples:
  bobbin topic trim orders --before @-7d
  bobbin topic trim orders --before 1000 -p 0,1
  bobbin topic trim orders --before end --dry-run")]
    Trim {
        /// Its name
        #[arg(value_name = "TOPIC")]
        topic: String,
        /// Records before it go: N, -N (the last N stay), end (all go), or @TIME (@-7d,
        /// @2026-03-01)
        #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
        before: String,
        /// Only these partitions
        #[arg(short, long, value_name = "N", value_delimiter = ',')]
        partition: Vec<i32>,
        /// Tell what would go, and delete nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Delete topics and their records
    #[command(after_help = "Example:
  bobbin topic delete orders audit --if-exists")]
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

/// Changes of configs.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct ChangeArgs {
    /// Give a config a value, e.g. retention.ms=3600000 (milliseconds); repeat for more
    #[arg(short, long, value_name = "CONFIG=VALUE")]
    pub(crate) config: Vec<String>,
    /// Give a config its default again; repeat for more
    #[arg(long, value_name = "CONFIG", value_delimiter = ',')]
    pub(crate) delete: Vec<String>,
    /// Add to a config that is a list; repeat for more
    #[arg(long, value_name = "CONFIG=VALUE")]
    pub(crate) append: Vec<String>,
    /// Take from a config that is a list; repeat for more
    #[arg(long, value_name = "CONFIG=VALUE")]
    pub(crate) subtract: Vec<String>,
    /// Ask whether it could be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
