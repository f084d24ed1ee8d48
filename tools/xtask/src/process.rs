//! Runs other programs: what is run is printed first, what it prints is passed on, what it counted
//! is added up.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Tests that passed and failed, added up over runners, and parts of them that were skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Why, in the words of the test.
    pub(crate) skipped: Vec<String>,
}

impl Tally {
    /// # Errors
    /// When a test failed, or none ran.
    pub(crate) fn verdict(&self) -> Result<()> {
        if self.failed > 0 || self.passed == 0 {
            bail!("{} passed, {} failed", self.passed, self.failed);
        }
        Ok(())
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
    }
}

/// A `cargo` command at the root of the tree.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root);
    // What `cargo xtask` was started with is not meant for the cargo that it starts.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_PKG_NAME");
    command
}

/// Any other program at the root of the tree.
pub(crate) fn program(root: &Path, name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root);
    command
}

/// Runs it to its end; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("cannot start {}", words(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// Runs it and returns what it wrote to standard output; an exit code other than 0 is an error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let out = command.output().with_context(|| format!("cannot start {}", words(command)))?;
    if !out.status.success() {
        bail!("{} ended with {}", words(command), out.status);
    }
    String::from_utf8(out.stdout).with_context(|| format!("{} wrote no UTF-8", words(command)))
}

/// Runs a test runner, passes its standard output on and adds up its summary lines. A runner that
/// ends non-zero without having counted a failure counts as one.
pub(crate) fn run_counted(command: &mut Command) -> Result<Tally> {
    announce(command);
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", words(command)))?;
    let stdout = child.stdout.take().context("its standard output was piped")?;
    let mut tally = Tally::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("reading a test runner's output")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally += summary(&line).unwrap_or_default();
        tally.skipped.extend(skipped(&line));
    }
    std::io::stdout().flush().ok();
    let status = child.wait().context("waiting for a test runner")?;
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    println!("   ({} in {:.0} s)", words(command), started.elapsed().as_secs_f64());
    Ok(tally)
}

/// The counts of a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; ...` of cargo
/// test, or of the plain `5 passed, 0 failed` of our own runners.
pub(crate) fn summary(line: &str) -> Option<Tally> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("test result: ") {
        let (_, counts) = rest.split_once(". ")?;
        let mut counts = counts.split("; ");
        return Some(Tally {
            passed: number(counts.next()?, " passed")?,
            failed: number(counts.next()?, " failed")?,
            skipped: Vec::new(),
        });
    }
    let (passed, failed) = line.split_once(", ")?;
    let (passed, failed) = (number(passed, " passed")?, number(failed, " failed")?);
    Some(Tally { passed, failed, skipped: Vec::new() })
}

/// What a test says that cannot do its work here: `skipped: why`, behind its name or alone.
fn skipped(line: &str) -> Option<String> {
    let (before, why) = line.split_once("skipped: ")?;
    (before.is_empty() || before.ends_with("... ")).then(|| why.to_owned())
}

fn number(text: &str, word: &str) -> Option<u64> {
    text.strip_suffix(word)?.parse().ok()
}

fn announce(command: &Command) {
    println!("+ {}", words(command));
    std::io::stdout().flush().ok();
}

fn words(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default();
    let mut text = name.to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_runners_are_read() {
        let line = "test result: ok. 5 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out";
        let of = |passed, failed| Tally { passed, failed, skipped: Vec::new() };
        assert_eq!(summary(line), Some(of(5, 1)));
        assert_eq!(summary("12 passed, 0 failed"), Some(of(12, 0)));
        assert_eq!(summary("running 5 tests"), None);
        assert_eq!(summary("hello, world"), None);
    }

    #[test]
    fn a_runner_that_dies_without_counting_has_failed() {
        let mut command = Command::new("false");
        let tally = run_counted(&mut command).unwrap();
        assert_eq!((tally.passed, tally.failed), (0, 1));
        tally.verdict().unwrap_err();
    }

    #[test]
    fn a_run_of_nothing_is_no_success() {
        Tally::default().verdict().unwrap_err();
        Tally { passed: 1, ..Tally::default() }.verdict().unwrap();
    }

    #[test]
    fn what_was_skipped_is_told() {
        let mut command = Command::new("printf");
        command
            .arg("test a ... skipped: no disk\nskipped: b\nnot skipped: c\n1 passed, 0 failed\n");
        let tally = run_counted(&mut command).unwrap();
        assert_eq!((tally.passed, tally.failed), (1, 0));
        assert_eq!(tally.skipped, ["no disk", "b"]);
    }
}
