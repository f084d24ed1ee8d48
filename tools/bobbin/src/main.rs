//! The one binary: broker and command line. Kept true: it ends with one of the exit codes of
//! `failure`, and with one sentence on stderr if that code is not 0.

mod bytes_json;
mod cli;
mod client_options;
mod command;
mod failure;
mod files;
mod finding;
mod input;
mod kafka_tools;
mod layout;
mod listing;
mod moment;
mod offsets;
mod output;
mod progress;
mod reading;
mod start;
mod yaml;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(code) = kafka_tools::run(&arguments) {
        return code;
    }
    let done = match Cli::parse().command {
        Command::Start(args) => start::run(&args),
        Command::Topic(command) => command::topic::run(command),
        Command::Produce(args) => command::produce::run(*args),
        Command::Consume(args) => command::consume::run(*args),
        Command::Group(command) => command::group::run(command),
        Command::Config(command) => command::config::run(command),
        Command::Cluster(command) => command::cluster::run(command),
        Command::Debug(command) => command::debug::run(command),
        Command::Generate(command) => command::generate::run(&command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::report(&failure);
            ExitCode::from(failure.exit as u8)
        }
    }
}
