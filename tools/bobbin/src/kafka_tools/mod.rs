//! Kafka's own tools under their own names: `kafka-topics` and others, when this binary is linked
//! under such a name (with or without `.sh`) or called with it as its first word.
//!
//! Kept true: flags, standard output and exit codes (0, or 1 for any failure) are those of Kafka
//! 4.3's tools, so that scripts need no change; words about a failure are on standard error. Where
//! the original prints in the order of a hash map, order is ours; where it ends a failure with 0
//! (a group that is not there), we end with 1.

mod configs;
mod console_consumer;
mod console_producer;
mod consumer_groups;
mod delete_records;
mod filter;
mod get_offsets;
mod log_dirs;
mod options;
mod quotas;
mod reset;
mod topics;

use std::path::Path;
use std::process::ExitCode;

use crate::cli::BrokerArgs;
use crate::client_options::{self, Chosen};
use crate::failure::{Exit, Failure};
use crate::files;
use crate::output::{Out, note, report};
use options::{Given, Spec, Takes};

pub(crate) use console_consumer::Format;
pub(crate) use console_producer::Lines;

/// A tool: its name, what it is for, its options, and what it does.
struct Tool {
    name: &'static str,
    about: &'static str,
    specs: &'static [Spec],
    run: fn(&Given) -> Result<(), Failure>,
}

const TOOLS: [Tool; 8] = [
    Tool {
        name: "kafka-topics",
        about: "This tool helps to create, delete, describe, or change a topic.",
        specs: topics::SPECS,
        run: topics::run,
    },
    Tool {
        name: "kafka-console-producer",
        about: "This tool helps to read data from standard input and publish it to Kafka.",
        specs: console_producer::SPECS,
        run: console_producer::run,
    },
    Tool {
        name: "kafka-console-consumer",
        about: "This tool helps to read data from Kafka topics and outputs it to standard output.",
        specs: console_consumer::SPECS,
        run: console_consumer::run,
    },
    Tool {
        name: "kafka-consumer-groups",
        about: "This tool helps to list all consumer groups, describe a consumer group, delete \
                consumer group info, or reset consumer group offsets.",
        specs: consumer_groups::SPECS,
        run: consumer_groups::run,
    },
    Tool {
        name: "kafka-configs",
        about: "This tool helps to manipulate and describe entity config for a topic, client, \
                user, broker, ip, client-metrics or group.",
        specs: configs::SPECS,
        run: configs::run,
    },
    Tool {
        name: "kafka-get-offsets",
        about: "An interactive shell for getting topic-partition offsets.",
        specs: get_offsets::SPECS,
        run: get_offsets::run,
    },
    Tool {
        name: "kafka-delete-records",
        about: "This tool helps to delete records of the given partitions down to the specified \
                offset.",
        specs: delete_records::SPECS,
        run: delete_records::run,
    },
    Tool {
        name: "kafka-log-dirs",
        about: "This tool helps to query log directory usage on the specified brokers.",
        specs: log_dirs::SPECS,
        run: log_dirs::run,
    },
];

/// What every tool takes.
const COMMON: [Spec; 4] = [
    ("bootstrap-server", Takes::Value, "REQUIRED: brokers to connect to, HOST:PORT,HOST:PORT"),
    ("command-config", Takes::Value, "a file with client properties"),
    ("help", Takes::Nothing, "print this"),
    ("version", Takes::Nothing, "print the version"),
];

/// Runs the tool that the command line names, if it names one.
pub(crate) fn run(arguments: &[String]) -> Option<ExitCode> {
    let of = |word: &String| {
        let name = Path::new(word).file_name()?.to_str()?;
        let name = name.strip_suffix(".sh").unwrap_or(name);
        TOOLS.iter().find(|tool| tool.name == name)
    };
    let (tool, rest) = match arguments {
        [program, rest @ ..] if of(program).is_some() => (of(program)?, rest),
        [_, first, rest @ ..] => (of(first)?, rest),
        _ => return None,
    };
    Some(match start(tool, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            // Scripts know two codes of these tools; a reader that went away is none of theirs.
            ExitCode::from(if failure.exit == Exit::Pipe { failure.exit as u8 } else { 1 })
        }
    })
}

fn start(tool: &Tool, arguments: &[String]) -> Result<(), Failure> {
    let mut specs = COMMON.to_vec();
    specs.extend(tool.specs);
    if arguments.iter().any(|word| word == "--help") || arguments.is_empty() {
        return help(tool, &specs, arguments.is_empty());
    }
    if arguments.iter().any(|word| word == "--version") {
        let mut out = Out::new();
        out.line(&format!("{} (bobbin)", env!("CARGO_PKG_VERSION")))?;
        return out.flush();
    }
    let with_hint = |failure: Failure| match failure.next {
        None if failure.exit == Exit::Usage => failure.next(format!("{} --help", tool.name)),
        _ => failure,
    };
    Given::read(&specs, arguments).and_then(|given| (tool.run)(&given)).map_err(with_hint)
}

fn help(tool: &Tool, specs: &[Spec], is_wrong: bool) -> Result<(), Failure> {
    let mut out = Out::new();
    out.line(tool.about)?;
    let mut sorted = specs.to_vec();
    sorted.sort_by_key(|spec| spec.0);
    let rows: Vec<Vec<String>> = sorted
        .iter()
        .map(|(name, takes, about)| {
            let value = match takes {
                Takes::Nothing => "",
                Takes::Value => " <value>",
                Takes::Maybe => " [value]",
            };
            vec![format!("--{name}{value}"), about.to_string()]
        })
        .collect();
    out.table(&["Option", "Description"], &rows)?;
    out.flush()?;
    if is_wrong { Err(Failure::usage(format!("{} needs options", tool.name))) } else { Ok(()) }
}

/// The client that the options ask for; `more` are options whose values are properties.
fn chosen(given: &Given, more: &[&str], writes: bool) -> Result<Chosen, Failure> {
    chosen_with(given, properties(given, more)?, writes)
}

/// The properties of a client that files and options name, in the order in which they hold.
fn properties(given: &Given, more: &[&str]) -> Result<Vec<(String, String)>, Failure> {
    let mut properties: Vec<(String, String)> = Vec::new();
    for option in ["command-config", "consumer.config", "producer.config"] {
        for path in given.all(option) {
            properties.extend(read_properties(&files::read_config(Path::new(path))?));
        }
    }
    for text in more.iter().flat_map(|option| given.all(option)) {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        properties.push((name.trim().to_string(), value.trim().to_string()));
    }
    Ok(properties)
}

fn chosen_with(
    given: &Given,
    properties: Vec<(String, String)>,
    writes: bool,
) -> Result<Chosen, Failure> {
    let brokers = given
        .one("bootstrap-server")
        .ok_or_else(|| Failure::usage("--bootstrap-server must be specified"))?;
    let mut args = BrokerArgs {
        brokers: brokers.split(',').map(|broker| broker.trim().to_string()).collect(),
        set: Vec::new(),
    };
    for (name, value) in properties {
        match name.as_str() {
            "bootstrap.servers" => {}
            name if client_options::is_known(name) => args.set.push(format!("{name}={value}")),
            // As Kafka's clients do with what they do not know.
            name => note(&format!("WARN: {name} is without effect here")),
        }
    }
    Chosen::read(&args, None, writes)
}

/// `name=value` lines of a Java properties file, as far as client configurations use them.
fn read_properties(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!']));
    lines
        .filter_map(|line| line.split_once(['=', ':']))
        .map(|(name, value)| (name.trim().to_string(), value.trim().to_string()))
        .collect()
}

/// The message of a broker's refusal, without what we put around it.
fn said(error: &net_client::ClientError) -> String {
    // "subject: CODE (n): message"
    match error.what.rsplit_once("): ") {
        Some((_, message)) => message.to_string(),
        None => error.what.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_found_by_its_link_or_its_first_word() {
        let words = |line: &str| -> Vec<String> { line.split(' ').map(String::from).collect() };
        assert!(run(&words("bobbin topic list")).is_none());
        assert!(run(&words("bobbin")).is_none());
        for line in ["/opt/kafka-topics --version", "kafka-configs.sh --version"] {
            assert_eq!(run(&words(line)), Some(ExitCode::SUCCESS), "{line}");
        }
        assert_eq!(run(&words("bobbin kafka-log-dirs --version")), Some(ExitCode::SUCCESS));
        assert_eq!(run(&words("kafka-topics --bogus")), Some(ExitCode::from(1)));
        for (i, tool) in TOOLS.iter().enumerate() {
            assert!(TOOLS[..i].iter().all(|other| other.name != tool.name));
            for (j, spec) in tool.specs.iter().enumerate() {
                let known = tool.specs[..j].iter().chain(&COMMON).any(|other| other.0 == spec.0);
                assert!(!known, "{} has --{} twice", tool.name, spec.0);
            }
        }
    }

    #[test]
    fn properties_files_are_javas() {
        let text = "# a\nclient.id = me\n! b\n\nacks:1\nnothing\n";
        let expect = [("client.id", "me"), ("acks", "1")];
        let read = read_properties(text);
        assert!(read.iter().map(|(n, v)| (n.as_str(), v.as_str())).eq(expect), "{read:?}");
    }
}
