//! One client library's program of tests/e2e/clients: run to its end, or as a member of a group.
//!
//! Kept true: what the library's log writes to stderr is a failure unless the program's list
//! allows that line; a program that does not end in time is killed.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{Folder, folder};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(20);

/// The steps of a library whose admin client has all of them.
pub const ADMIN_STEPS: &[&str] = &[
    "create_topic",
    "list_topics",
    "describe_topic",
    "describe_config",
    "alter_config",
    "create_partitions",
    "list_groups",
    "describe_group",
    "group_offsets",
    "delete_records",
    "delete_group",
    "delete_topic",
];

/// How one client's program is called: `COMMAND... BOOTSTRAP VERB ARGUMENTS...`.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// For names of topics, groups and folders.
    pub name: String,
    /// The program and its first arguments.
    pub command: Vec<OsString>,
    /// Variables for it.
    pub environment: Vec<(&'static str, OsString)>,
    /// Further arguments of `member`, such as settings.
    pub member_arguments: Vec<String>,
    /// The steps that its `admin` must print, each of them well.
    pub admin_steps: &'static [&'static str],
    /// A line on stderr that has one of these in it is no failure. The reason stands beside it.
    pub allowed: &'static [&'static str],
    /// More arguments of the broker.
    pub broker_arguments: Vec<String>,
}

impl Program {
    /// Runs a verb to its end; returns the lines that it printed.
    ///
    /// # Errors
    /// When it does not end well and in time, or says something on stderr.
    pub fn run(
        &self,
        folder: &Folder,
        bootstrap: &str,
        verb: &str,
        arguments: &[&str],
    ) -> Result<Vec<Value>> {
        let mut running = self.start(folder, bootstrap, verb, arguments)?;
        running.end()?;
        running.lines()
    }

    /// Starts a verb and leaves it running.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        &self,
        folder: &Folder,
        bootstrap: &str,
        verb: &str,
        arguments: &[&str],
    ) -> Result<Running> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let name = format!("{verb}-{}", STARTED.fetch_add(1, Ordering::Relaxed));
        let (output, errors) =
            (folder.path(&format!("{name}.out")), folder.path(&format!("{name}.err")));
        let (first, rest) = self.command.split_first().context("a program has a name")?;
        let mut command = Command::new(first);
        command.args(rest).args([bootstrap, verb]).args(arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(folder::root()?).stdin(Stdio::piped());
        command.stdout(File::create(&output)?).stderr(File::create(&errors)?);
        let child = command.spawn().with_context(|| format!("starting {command:?}"))?;
        let what = format!("{} {verb} {}", self.name, arguments.join(" "));
        Ok(Running { child, what, output, errors, allowed: self.allowed })
    }
}

/// A program that runs. Dropped, it is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    what: String,
    output: PathBuf,
    errors: PathBuf,
    allowed: &'static [&'static str],
}

impl Running {
    /// The whole lines that it has printed so far.
    ///
    /// # Errors
    /// When one of them is not JSON.
    pub fn lines(&self) -> Result<Vec<Value>> {
        let text = std::fs::read_to_string(&self.output).context("what a program printed")?;
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let parse = |line: &str| {
            serde_json::from_str(line).with_context(|| format!("{}: {line:?}", self.what))
        };
        whole.lines().map(parse).collect()
    }

    /// Writes to its standard input.
    ///
    /// # Errors
    /// When that is closed.
    pub fn tell(&mut self, text: &str) -> Result<()> {
        let stdin = self.child.stdin.as_mut().context("its standard input is closed")?;
        stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()).context("telling a program")
    }

    /// Closes its standard input, on which it leaves, and waits.
    ///
    /// # Errors
    /// When it does not end well and in time, or has said something on stderr.
    pub fn end(&mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.wait()?;
        ensure!(status.success(), "{} ended with {status}: {}", self.what, self.said()?);
        self.is_quiet()
    }

    /// SIGTERM, and waits. A JVM then ends with 143.
    ///
    /// # Errors
    /// When it does not end in time, or said something on stderr.
    pub fn terminate(&mut self) -> Result<()> {
        self.is_running()?;
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().context("kill -TERM")?;
        let status = self.wait()?;
        let by_signal = status.success() || status.code() == Some(143);
        ensure!(by_signal, "{} ended with {status}: {}", self.what, self.said()?);
        self.is_quiet()
    }

    /// kill -9.
    ///
    /// # Errors
    /// When it had ended by itself, or said something on stderr before.
    pub fn kill(&mut self) -> Result<()> {
        self.is_running()?;
        self.is_quiet()?;
        self.child.kill().context("kill -9")?;
        self.child.wait().context("waiting for what was killed")?;
        Ok(())
    }

    /// That it has not ended by itself.
    ///
    /// # Errors
    /// When it has.
    pub fn is_running(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait().context("asking for a program")? {
            bail!("{} ended with {status}: {}", self.what, self.said()?);
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<ExitStatus> {
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().context("waiting for a program")? {
                return Ok(status);
            }
            std::thread::sleep(POLL);
        }
        bail!("{} is still there after {PATIENCE:?}: {}", self.what, self.said()?);
    }

    fn said(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.errors)?).into_owned())
    }

    fn is_quiet(&self) -> Result<()> {
        let said = self.said()?;
        let odd = said.lines().find(|line| !self.allowed.iter().any(|known| line.contains(known)));
        ensure!(odd.is_none(), "{} said: {said}", self.what);
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// Asks again and again until it is so.
///
/// # Errors
/// When it is not so in time, with what was waited for, or when asking fails.
pub fn until(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if is_so()? {
            return Ok(());
        }
        std::thread::sleep(POLL);
    }
    bail!("not within {PATIENCE:?}: {what}")
}
