//! `bobbin cluster`, `bobbin debug` and `bobbin generate` as they are typed.

use std::path::PathBuf;

use clap::Subcommand;

use super::{BrokerArgs, ShapeArgs};

/// `bobbin cluster ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClusterCommand {
    /// Show the cluster's id, its nodes and what they hold
    #[command(after_help = "Examples:
  bobbin cluster info
  bobbin cluster info -b 127.0.0.1:9092 -o json")]
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
    #[command(after_help = "Examples (DATA is the data directory):
  bobbin debug dump-log DATA/shard-0/logs/0000000000000001/00000000000000000000.log --records
  bobbin debug dump-log DATA/shard-0/journal/00000000
  bobbin debug dump-log DATA/shard-0/checkpoint-0000000000000002 -o json")]
    DumpLog {
        /// The file
        #[arg(value_name = "FILE")]
        path: PathBuf,
        /// The records of each batch too: keys, values and headers
        #[arg(long)]
        records: bool,
        #[command(flatten)]
        shape: ShapeArgs,
    },
    /// Check every checksum, epoch and offset of a data directory; the exit code tells
    #[command(after_help = "Example (the broker is stopped):
  bobbin debug verify /var/lib/bobbin")]
    Verify {
        /// The data directory
        dir: PathBuf,
        #[command(flatten)]
        shape: ShapeArgs,
    },
}

/// `bobbin generate ...`.
#[derive(Debug, Subcommand)]
pub(crate) enum GenerateCommand {
    /// Print what makes a shell complete the commands of this binary
    #[command(after_help = "Examples:
  source <(bobbin generate completion bash)
  bobbin generate completion zsh > \"${fpath[1]}/_bobbin\"
  bobbin generate completion fish > ~/.config/fish/completions/bobbin.fish")]
    Completion {
        /// bash, zsh, fish, elvish or powershell
        #[arg(value_enum, hide_possible_values = true)]
        shell: clap_complete::Shell,
    },
}
