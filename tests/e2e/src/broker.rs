//! A broker process: started, waited for, killed or asked to leave, always by its own id.

use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::Process;
use crate::{answered, folder};

const START_SECONDS_MAX: u64 = 30;
/// What the banner says when the broker serves.
const READY: &str = "\n  listeners ";
const PORTS: std::ops::Range<u16> = 10_000..32_000;
const POLL: Duration = Duration::from_millis(2);

/// How a broker is started; it can be started again after each end.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its data directory.
    pub data: PathBuf,
    /// Where it listens.
    pub port: u16,
    /// What it prints goes to the end of this file.
    pub output: PathBuf,
    /// More arguments of `bobbin start --dev`.
    pub arguments: Vec<String>,
}

impl Setup {
    /// A broker with its data and output inside the folder, on a port that is free now.
    ///
    /// # Errors
    /// When no port is free.
    pub fn new(folder: &crate::Folder) -> Result<Setup> {
        Ok(Setup {
            data: folder.path("data"),
            port: free_port()?,
            output: folder.path("broker.out"),
            arguments: Vec::new(),
        })
    }

    /// The same with another argument.
    #[must_use]
    pub fn with(mut self, argument: &str) -> Setup {
        self.arguments.push(argument.to_owned());
        self
    }

    /// `127.0.0.1:PORT`, as clients want it.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts the process and waits until it listens.
    ///
    /// # Errors
    /// When it ends before, or does not listen in time; with what it printed.
    pub fn start(&self) -> Result<Broker> {
        let started = Instant::now();
        // What listens while a killed broker is being taken apart may be its ghost: the banner is
        // printed by the living one.
        let printed = std::fs::metadata(&self.output).map_or(0, |file| file.len());
        let mut broker = Broker { child: self.spawn()?, setup: self.clone(), started, printed };
        while started.elapsed() < Duration::from_secs(START_SECONDS_MAX) {
            if self.printed_since(printed).contains(READY) {
                return Ok(broker);
            }
            if let Some(status) = broker.child.try_wait().context("asking for the broker")? {
                bail!("the broker ended with {status}:\n{}", tail(&self.output));
            }
            std::thread::sleep(POLL);
        }
        bail!("not serving after {START_SECONDS_MAX} s:\n{}", tail(&self.output));
    }

    /// Starts the process where it is expected to refuse; returns its exit status and what it said.
    ///
    /// # Errors
    /// When it goes on running.
    pub fn start_refused(&self) -> Result<(ExitStatus, String)> {
        let mut broker = Broker {
            child: self.spawn()?,
            setup: self.clone(),
            started: Instant::now(),
            printed: 0,
        };
        let status = broker.wait(Duration::from_secs(START_SECONDS_MAX))?;
        Ok((status, std::fs::read_to_string(&self.output).unwrap_or_default()))
    }

    fn printed_since(&self, position: u64) -> String {
        let text = std::fs::read(&self.output).unwrap_or_default();
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(text.len());
        String::from_utf8_lossy(&text[start..]).into_owned()
    }

    fn spawn(&self) -> Result<Child> {
        let output = append_to(&self.output)?;
        let mut command = Command::new(folder::binary()?);
        command.args(["start", "--dev", "--listen", &self.bootstrap(), "--data"]).arg(&self.data);
        command.args(&self.arguments).stdin(Stdio::null());
        if answered::is_gathered() && !self.arguments.iter().any(|argument| argument == "--log") {
            command.args(["--log", "debug"]);
        }
        for name in folder::variables_of_ours() {
            command.env_remove(name);
        }
        command.stdout(output.try_clone().context("the broker's output")?).stderr(output);
        command.spawn().with_context(|| format!("starting {:?}", command.get_program()))
    }
}

/// The broker under test, and where it listens: one that is started here, or, for comparison, the
/// one that `BOBBIN_E2E_BROKER` names, such as Apache Kafka.
///
/// # Errors
/// When it does not start.
pub fn under_test(setup: &Setup) -> Result<(String, Option<Broker>)> {
    match std::env::var("BOBBIN_E2E_BROKER") {
        Ok(bootstrap) => Ok((bootstrap, None)),
        Err(_) => setup.start().map(|broker| (broker.bootstrap(), Some(broker))),
    }
}

/// A running broker. Dropped, it is killed.
#[derive(Debug)]
pub struct Broker {
    child: Child,
    setup: Setup,
    started: Instant,
    /// What its output held before it was started.
    printed: u64,
}

impl Broker {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `127.0.0.1:PORT`.
    pub fn bootstrap(&self) -> String {
        self.setup.bootstrap()
    }

    /// How long ago the process was started.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// kill -9, and waits until the process is gone.
    ///
    /// # Errors
    /// When it had ended by itself before.
    pub fn kill(mut self) -> Result<Setup> {
        if let Some(status) = self.child.try_wait().context("asking for the broker")? {
            bail!("the broker had ended with {status}:\n{}", tail(&self.setup.output));
        }
        self.child.kill().context("kill -9")?;
        self.child.wait().context("waiting for the killed broker")?;
        Ok(self.setup.clone())
    }

    /// SIGTERM; returns how long it took to leave, its exit status and how to start it again.
    ///
    /// # Errors
    /// When it does not leave within ten seconds.
    pub fn terminate(mut self) -> Result<(Duration, ExitStatus, Setup)> {
        let asked = Instant::now();
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().context("kill -TERM")?;
        anyhow::ensure!(sent.success(), "kill -TERM {pid} ended with {sent}");
        let status = self.wait(Duration::from_secs(10))?;
        Ok((asked.elapsed(), status, self.setup.clone()))
    }

    /// Resident memory, in bytes.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn resident_bytes(&self) -> Result<u64> {
        Process(self.pid()).status("VmRSS:")
    }

    /// What it has printed since the folder is there.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(&self.setup.output).unwrap_or_default()
    }

    fn wait(&mut self, longest: Duration) -> Result<ExitStatus> {
        let asked = Instant::now();
        while asked.elapsed() < longest {
            if let Some(status) = self.child.try_wait().context("waiting for the broker")? {
                return Ok(status);
            }
            std::thread::sleep(POLL);
        }
        bail!("still there after {longest:?}:\n{}", tail(&self.setup.output));
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
        if answered::is_gathered() {
            answered::gather(&self.setup.output, &self.setup.printed_since(self.printed));
        }
    }
}

/// A port on which nobody listens at the moment, below those that the kernel gives to clients: one
/// of them, asking again and again for a port in its own range, may connect to itself.
///
/// # Errors
/// When none is free.
pub fn free_port() -> Result<u16> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id();
    for _ in 0..PORTS.len() {
        let step = (first + TAKEN.fetch_add(1, Ordering::Relaxed)) % PORTS.len() as u32;
        let port = PORTS.start + step as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port from {} to {} is free", PORTS.start, PORTS.end);
}

fn append_to(path: &Path) -> Result<File> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.with_context(|| format!("opening {}", path.display()))
}

/// The last lines of a file.
fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(40).collect();
    lines.into_iter().rev().collect::<Vec<&str>>().join("\n")
}
