//! What a start comes to: the sources judged, and turned into what the rooms below want to know.
//! Kept true: a plan exists only if every value in it was accepted; what is accepted and has no
//! effect is listed, so that nobody waits for it.

use std::path::PathBuf;

use engine_base::settings::{BrokerConfig, Problem};

use super::listeners::{Listener, listeners};
use super::size;
use super::sources::{Setting, Sources};
use crate::cli::StartArgs;
use crate::failure::Failure;

/// Everything that a start decides before it touches anything.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whether this is `--dev`.
    pub(crate) dev: bool,
    /// Data directories, one for each device.
    pub(crate) data_dirs: Vec<PathBuf>,
    /// Where to listen.
    pub(crate) listeners: Vec<Listener>,
    /// Kafka's broker id.
    pub(crate) node_id: i32,
    /// `broker.rack`.
    pub(crate) rack: Option<String>,
    /// Cores that a fresh data directory is laid out for.
    pub(crate) cores: u16,
    /// Memory to use, in bytes.
    pub(crate) memory_bytes: u64,
    /// How much is logged.
    pub(crate) log_level: tracing::Level,
    /// The node's properties, judged.
    pub(crate) config: BrokerConfig,
    /// What was accepted and has no effect, a line each.
    pub(crate) without_effect: Vec<String>,
}

/// What the machine has, as far as defaults depend on it.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Cores this process may run on.
    pub(crate) cores: u16,
    /// Memory, in bytes.
    pub(crate) memory_bytes: u64,
    /// `$XDG_DATA_HOME`, or `~/.local/share`; none where there is no home.
    pub(crate) data_home: Option<PathBuf>,
}

/// Properties of ours that Kafka does not have, and that are no business of the rooms below.
pub(crate) const OWN: [&str; 4] = ["cores", "memory", "log.level", "allow.plaintext"];

/// Cores that this version serves with.
pub(crate) const CORES_SERVING: u16 = 1;

/// The least memory that a broker starts with for each of its shards, in bytes: half of it holds
/// what a replay of the smallest journal ring may find.
const MEMORY_BYTES_MIN: u64 = 2 * RING_BYTES_MIN;

/// The smallest journal ring that a directory is formatted with, in bytes.
pub(crate) const RING_BYTES_MIN: u64 = 64 << 20;

/// The share of the machine's memory that a broker takes when nobody says, in percent.
const MEMORY_PERCENT: u64 = 60;

impl Plan {
    /// Judges the sources.
    pub(crate) fn new(
        args: &StartArgs,
        sources: &Sources,
        machine: &Machine,
    ) -> Result<Plan, Failure> {
        let config = judge(sources)?;
        let mut without_effect = config.without_effect();
        let cores = cores(sources.get("cores"), machine)?;
        if cores > CORES_SERVING {
            without_effect.push(format!(
                "cores={cores}: a fresh directory is laid out for {cores}, but this version serves \
                 with one"
            ));
        }
        let data_dirs = data_dirs(args, sources, machine)?;
        let shards = u64::from(cores).max(data_dirs.len() as u64);
        let memory_bytes = memory(sources.get("memory"), shards, machine)?;
        let log_level = log_level(sources.get("log.level"))?;
        let listeners = listeners(sources, allow_plaintext(sources.get("allow.plaintext"))?)?;
        Ok(Plan {
            dev: args.dev,
            data_dirs,
            listeners,
            node_id: node_id(&config),
            rack: config.given("broker.rack").map(str::to_string),
            cores,
            memory_bytes,
            log_level,
            config,
            without_effect,
        })
    }
}

/// Puts every property to the settings table; the first problem names its source.
fn judge(sources: &Sources) -> Result<BrokerConfig, Failure> {
    let kafka = sources.iter().filter(|(key, _)| !OWN.contains(key));
    let mut config = BrokerConfig::default();
    let mut problems: Vec<(Problem, &Setting)> = Vec::new();
    for (key, setting) in kafka {
        if let Err(message) = config.set(key, &setting.value) {
            let message = match nearest_own(key) {
                Some(own) => format!("no such configuration key; did you mean {own}?"),
                None => message,
            };
            problems.push((Problem { name: key.to_string(), message }, setting));
        }
    }
    let Some((first, setting)) = problems.first() else { return Ok(config) };
    let failure = Failure::usage(format!("{}: {}", setting.at(&first.name), first.message));
    let others: Vec<&str> = problems.iter().skip(1).map(|(p, _)| p.name.as_str()).collect();
    Err(match others.as_slice() {
        [] => failure,
        others => failure.next(format!("mend it, and also {}", others.join(", "))),
    })
}

fn nearest_own(key: &str) -> Option<&'static str> {
    OWN.into_iter().find(|own| strsim::osa_distance(key, own) == 1)
}

fn node_id(config: &BrokerConfig) -> i32 {
    let given = config.given("node.id").or_else(|| config.given("broker.id"));
    // Kafka's default for both is -1, "none"; the first node of a cluster is 0.
    given.and_then(|text| text.parse().ok()).filter(|id| *id >= 0).unwrap_or(0)
}

fn data_dirs(
    args: &StartArgs,
    sources: &Sources,
    machine: &Machine,
) -> Result<Vec<PathBuf>, Failure> {
    if let Some(setting) = sources.get("log.dirs").or_else(|| sources.get("log.dir")) {
        let texts = setting.value.split(',').map(str::trim).filter(|text| !text.is_empty());
        let dirs: Vec<PathBuf> = texts.map(PathBuf::from).collect();
        if !dirs.is_empty() {
            return Ok(dirs);
        }
    }
    if args.dev {
        return match &machine.data_home {
            Some(home) => Ok(vec![home.join("bobbin")]),
            None => {
                Err(Failure::usage("there is no home directory to keep data in")
                    .next("add --data DIR"))
            }
        };
    }
    Err(Failure::usage("no data directory is named")
        .next("add --data DIR, or try bobbin start --dev, which needs nothing else"))
}

fn allow_plaintext(setting: Option<&Setting>) -> Result<bool, Failure> {
    match setting.map(|setting| (setting.value.as_str(), setting)) {
        None | Some(("false", _)) => Ok(false),
        Some(("true", _)) => Ok(true),
        Some((value, setting)) => {
            let what = format!("{}: allow.plaintext={value}", setting.origin);
            Err(Failure::usage(format!("{what}: it is true or false")))
        }
    }
}

fn cores(setting: Option<&Setting>, machine: &Machine) -> Result<u16, Failure> {
    let Some(Setting { value, origin }) = setting else { return Ok(machine.cores) };
    match value.parse::<u16>() {
        Ok(n) if (1..=machine.cores).contains(&n) => Ok(n),
        Ok(n) if n > machine.cores => {
            let what = format!("{origin}: cores={n}, and this process may use {}", machine.cores);
            Err(Failure::usage(what).next(format!("say at most {}", machine.cores)))
        }
        _ => Err(Failure::usage(format!("{origin}: cores={value} is no number of cores"))),
    }
}

fn memory(setting: Option<&Setting>, shards: u64, machine: &Machine) -> Result<u64, Failure> {
    let whole = machine.memory_bytes;
    let least = shards * MEMORY_BYTES_MIN;
    let Some(Setting { value, origin }) = setting else {
        return Ok((whole / 100 * MEMORY_PERCENT).max(least));
    };
    match size::parse(value, whole) {
        Some(bytes) if bytes >= least => Ok(bytes),
        Some(bytes) => {
            let least = size::show(least);
            let what = format!("{origin}: memory={value} is {}, too little", size::show(bytes));
            Err(Failure::usage(what).next(format!("give it at least {least}")))
        }
        None => {
            let what = format!("{origin}: memory={value} is no size");
            Err(Failure::usage(what).next("write it as 4GiB or 60%"))
        }
    }
}

fn log_level(setting: Option<&Setting>) -> Result<tracing::Level, Failure> {
    let Some(Setting { value, origin }) = setting else { return Ok(tracing::Level::INFO) };
    value.parse().map_err(|_| {
        Failure::usage(format!("{origin}: {value} is no level of logging"))
            .next("say error, warn, info, debug or trace")
    })
}

#[cfg(test)]
#[path = "plan_test.rs"]
mod plan_test;
