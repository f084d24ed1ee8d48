//! The clients as child processes: Python scripts with the pinned packages, and kcat.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::folder;

/// A script of tests/e2e/py with its arguments, ready to run.
///
/// # Errors
/// When the packages have not been fetched.
pub fn script(name: &str, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new("python3");
    command.arg(folder::scripts()?.join(name)).args(arguments).stdin(Stdio::null());
    command.env("PYTHONPATH", folder::python_packages()?).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// Runs a script to its end.
///
/// # Errors
/// When it ends with anything but 0.
pub fn run_script(name: &str, arguments: &[&str]) -> Result<()> {
    let status = script(name, arguments)?.status().with_context(|| format!("starting {name}"))?;
    anyhow::ensure!(status.success(), "{name} {} ended with {status}", arguments.join(" "));
    Ok(())
}

/// Runs kcat against a broker with the given standard input; returns what it printed.
///
/// # Errors
/// When it ends with anything but 0.
pub fn kcat(bootstrap: &str, arguments: &[&str], input: &str) -> Result<String> {
    let mut command = Command::new("kcat");
    command.args(["-b", bootstrap, "-q"]).args(arguments);
    converse(command, input)
}

/// Runs Bobbin's own command line against a broker; returns what it printed.
///
/// # Errors
/// When it ends with anything but 0.
pub fn bobbin(bootstrap: &str, arguments: &[&str], input: &str) -> Result<String> {
    let mut command = Command::new(folder::binary()?);
    command.args(arguments).args(["-b", bootstrap]);
    for name in folder::variables_of_ours() {
        command.env_remove(name);
    }
    converse(command, input)
}

/// Runs a line as somebody would type it, with `bobbin` in the path and a broker elsewhere than on
/// port 9092; returns what it printed.
///
/// # Errors
/// When it ends with anything but 0.
pub fn shell(bootstrap: &str, line: &str) -> Result<String> {
    let line = line.replace("127.0.0.1:9092", bootstrap);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("bobbin() {{ \"$BINARY\" \"$@\" -b {bootstrap}; }}; {line}")]);
    command.env("BINARY", folder::binary()?);
    for name in folder::variables_of_ours() {
        command.env_remove(name);
    }
    converse(command, "")
}

fn converse(mut command: Command, input: &str) -> Result<String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().with_context(|| format!("starting {command:?}"))?;
    feed(&mut child, input)?;
    let done = child.wait_with_output().context("waiting for a client")?;
    if !done.status.success() {
        bail!("{command:?} ended with {}", done.status);
    }
    String::from_utf8(done.stdout).context("a client printed no UTF-8")
}

fn feed(child: &mut Child, input: &str) -> Result<()> {
    let mut stdin = child.stdin.take().context("its input was piped")?;
    stdin.write_all(input.as_bytes()).context("writing to a client")
}
