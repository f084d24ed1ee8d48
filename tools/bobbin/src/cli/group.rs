//! `bobbin group` as it is typed.

use clap::Subcommand;

use super::{BrokerArgs, ShapeArgs};

/// `bobbin group ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// List groups
    #[command(after_help = "Examples:
  bobbin group list
  bobbin group list --state stable,empty -o json")]
    List {
        /// Only groups in these states: stable, empty, preparingrebalance, ...
        #[arg(long, value_name = "STATE", value_delimiter = ',')]
        state: Vec<String>,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Show how far groups have read each partition, who reads it, and what is left
    #[command(after_help = "Examples:
  bobbin group describe billing
  bobbin group describe billing audit -o json

LAG counts records between the committed offset and the end; BEHIND is the age of the first record
that is not read yet (by its timestamp), so 0s means that nothing is left.")]
    Describe {
        /// Their names
        #[arg(required = true, value_name = "GROUP")]
        groups: Vec<String>,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Move the committed offsets of a group without members
    #[command(after_help = "Examples:
  bobbin group seek billing --to start
  bobbin group seek billing --to @-1h --topics orders:0,1 --dry-run
  bobbin group seek billing --to -100 --topics orders")]
    Seek {
        /// Its name; a group that is not there is created
        #[arg(value_name = "GROUP")]
        group: String,
        /// Where to: start, end, N, +N (after the start), -N (before the end), @TIME (@-1h,
        /// @2026-03-01)
        #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
        to: String,
        /// Only these topics, or partitions of them: orders, orders:0,1; repeat for more
        /// [default: whatever the group has committed]
        #[arg(short, long, value_name = "TOPIC[:N,N]")]
        topics: Vec<String>,
        /// Tell what would be, and move nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
    /// Delete groups without members, or their offsets of some topics
    #[command(after_help = "Examples:
  bobbin group delete billing audit
  bobbin group delete billing --topics orders")]
    Delete {
        /// Their names
        #[arg(required = true, value_name = "GROUP")]
        groups: Vec<String>,
        /// Only the offsets of these topics, or partitions of them; the group stays
        #[arg(short, long, value_name = "TOPIC[:N,N]")]
        topics: Vec<String>,
        #[command(flatten)]
        shape: ShapeArgs,
        #[command(flatten)]
        broker: BrokerArgs,
    },
}
