//! The one binary: broker and command line. Kept true: it ends with one of the exit codes of
//! `failure`, and with one sentence on stderr if that code is not 0.

mod cli;
mod failure;
mod layout;
mod moment;
mod offsets;
mod output;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let _ = cli::Cli::parse();
    ExitCode::SUCCESS
}
