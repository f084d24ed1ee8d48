//! A load generator for Produce and OffsetCommit that measures without fooling anyone.
//!
//! Kept true: latency counts from the intended send time, never from a late one; every request is
//! encoded before the clock starts; between sends the generator sleeps (one that spins starves the
//! kernel threads that finish the broker's writes); an error is counted, never hidden in a rate.
//!
//! It writes its own bytes instead of using net/wire, so that a fault in our codec cannot measure
//! itself, and so that the floor, Bobbin and Apache Kafka get the same ones.

mod connection;
mod cpu;
mod group_request;
mod many;
mod options;
mod report;
mod request;
mod run;
mod settle;
mod setup;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{}", options::HELP.trim());
        return ExitCode::SUCCESS;
    }
    match Options::parse(&arguments).and_then(|options| measure(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints one line of JSON.
fn measure(options: &Options) -> anyhow::Result<()> {
    setup::pin(options)?;
    if options.many {
        println!("{}", many::measure(options)?);
        return Ok(());
    }
    let plan = setup::plan(options)?;
    if options.members > 0 {
        println!("{}", settle::measure(options)?);
        return Ok(());
    }
    let outcome = run::run(options, &plan)?;
    println!("{}", report::json(options, &outcome));
    Ok(())
}
