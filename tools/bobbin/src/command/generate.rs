//! `bobbin generate`: files that other programs want, from the definition of the command line.

use clap::CommandFactory;

use crate::cli::{Cli, GenerateCommand};
use crate::failure::Failure;
use crate::output::Out;

/// Runs the command.
pub(crate) fn run(command: &GenerateCommand) -> Result<(), Failure> {
    let GenerateCommand::Completion { shell } = command;
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut Cli::command(), "bobbin", &mut script);
    let mut out = Out::new();
    out.bytes(&script)?;
    out.flush()
}
