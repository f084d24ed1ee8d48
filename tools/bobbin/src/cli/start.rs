//! `bobbin start` as it is typed.

use std::path::PathBuf;

use clap::Args;

/// `bobbin start`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "Examples:
  bobbin start --dev
  bobbin start --data /var/lib/bobbin --listen 127.0.0.1:9092
  bobbin start --config server.properties -X log.retention.hours=24

Flags come before the environment (BOBBIN_LOG_RETENTION_HOURS=24), that before --config.")]
pub(crate) struct StartArgs {
    /// For a workstation: one core, 1 GiB, loopback only, data under the user's data directory
    #[arg(long)]
    pub(crate) dev: bool,
    /// Data directory; formatted if it is empty [property log.dirs; default with --dev:
    /// ~/.local/share/bobbin]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where to listen, e.g. 127.0.0.1:9092 or PLAINTEXT://10.0.0.5:9092; repeat or separate by
    /// commas [property listeners; default 127.0.0.1:9092 and [::1]:9092]
    #[arg(long, value_name = "[PLAINTEXT://]HOST:PORT", value_delimiter = ',')]
    pub(crate) listen: Vec<String>,
    /// The name and port that clients are told to connect to [property advertised.listeners]
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    pub(crate) advertise: Vec<String>,
    /// How many cores to use [property cores; default: all, with --dev 1]
    #[arg(long, value_name = "N")]
    pub(crate) cores: Option<String>,
    /// How much memory to use, e.g. 4GiB or 60% [property memory; default 60%, with --dev 1GiB]
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
    /// How much to log on standard error: error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
}
