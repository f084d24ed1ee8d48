//! What the house does to itself: codegen, tidy, tests, measurements. `cargo xtask --help` lists
//! it.
//!
//! Kept true: one module per command; a command that only looks never writes outside `target/`
//! (`fix` and `codegen` are the two that change the tree); every command ends non-zero when
//! anything in it failed.

mod bench;
mod ci;
mod codegen;
mod compat;
mod crash_states;
mod e2e;
mod e2e_java;
mod e2e_languages;
mod e2e_record;
mod fix;
mod jars;
mod loom;
mod oracle;
mod process;
mod sim;
mod test;
mod tidy;
mod tree;
mod wire_oracle;
mod wrap;

use std::process::ExitCode;

/// A command of `cargo xtask`.
struct Command {
    name: &'static str,
    line: &'static str,
    help: &'static str,
    run: fn(&[String]) -> anyhow::Result<()>,
}

const COMMANDS: &[Command] = &[
    Command { name: "ci", line: "everything a commit must pass", help: ci::HELP, run: ci::run },
    Command { name: "fix", line: "format, and let clippy mend", help: fix::HELP, run: fix::run },
    Command {
        name: "codegen",
        line: "the protocol's messages from their descriptions",
        help: codegen::HELP,
        run: codegen::run,
    },
    Command { name: "tidy", line: "the house rules", help: tidy::HELP, run: tidy::run },
    Command { name: "test", line: "all tests, set up first", help: test::HELP, run: test::run },
    Command { name: "sim", line: "the simulator's tests", help: sim::HELP, run: sim::run },
    Command {
        name: "crash-states",
        line: "crash states of the log",
        help: crash_states::HELP,
        run: crash_states::run,
    },
    Command { name: "loom", line: "hand-offs between threads", help: loom::HELP, run: loom::run },
    Command { name: "e2e", line: "other people's clients", help: e2e::HELP, run: e2e::run },
    Command {
        name: "wire-oracle",
        line: "our messages beside Kafka's own classes",
        help: wire_oracle::HELP,
        run: wire_oracle::run,
    },
    Command {
        name: "oracle",
        line: "a real Kafka and Bobbin, asked the same",
        help: oracle::HELP,
        run: oracle::run,
    },
    Command { name: "bench", line: "speed, beside the floor", help: bench::HELP, run: bench::run },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", usage());
        return ExitCode::from(2);
    };
    if name == "--help" || name == "-h" || name == "help" {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("xtask: there is no command `{name}`.\n");
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    if rest.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{}", command.help.trim());
        return ExitCode::SUCCESS;
    }
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let mut text = String::from("cargo xtask COMMAND [options]\n\n");
    for command in COMMANDS {
        text.push_str(&format!("  {:<14} {}\n", command.name, command.line));
    }
    text.push_str("\n`cargo xtask COMMAND --help` tells more.\n");
    text
}
