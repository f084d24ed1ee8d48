//! The processes of a measurement: the floor, Bobbin and the generator. Each is started here,
//! pinned, and ended by its own id.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::machine;

const START_SECONDS_MAX: u64 = 60;

/// What stays the same over all rows.
pub(crate) struct Bench {
    pub(crate) machine: Value,
    pub(crate) seconds: f64,
    root: PathBuf,
    floor: Option<PathBuf>,
    folder: PathBuf,
    binaries: PathBuf,
}

/// Which of the two is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The least that any broker must do.
    Floor,
    /// The broker.
    Bobbin,
}

/// A running server. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    output: PathBuf,
}

impl Bench {
    pub(crate) fn new(root: &Path, folder: &Path, seconds: f64) -> Result<Bench> {
        let floor = std::env::var_os("XTASK_FLOOR").map(PathBuf::from);
        if floor.is_none() {
            println!("XTASK_FLOOR is not set: rows stand without their floor");
        }
        Ok(Bench {
            machine: machine::facts(root)?,
            seconds,
            root: root.to_path_buf(),
            floor,
            folder: folder.to_path_buf(),
            binaries: root.join("target/release"),
        })
    }

    pub(crate) fn has_floor(&self) -> bool {
        self.floor.is_some()
    }

    /// The root of the tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The broker's program, which is its command line too.
    pub(crate) fn binary(&self) -> PathBuf {
        self.binaries.join("bobbin")
    }

    /// A path below target/bench.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Starts a side on core 0 with nothing on its disk, and waits until it listens.
    pub(crate) fn start(&self, side: Side, flushed: bool) -> Result<Server> {
        let data = self.path("data");
        if data.exists() {
            fs::remove_dir_all(&data).context("removing the data of the row before")?;
        }
        fs::create_dir_all(&data).context("making a data directory")?;
        match side {
            Side::Floor => {
                let port = free_port()?;
                let mut command = on_core_0(self.floor.as_deref().context("XTASK_FLOOR")?);
                command.arg(port.to_string()).arg(if flushed { "durable" } else { "none" });
                self.spawn(command.arg(data.join("journal")), port)
            }
            Side::Bobbin => self.start_bobbin(&data),
        }
    }

    /// Starts Bobbin on core 0 with that data directory, whatever is in it.
    pub(crate) fn start_bobbin(&self, data: &Path) -> Result<Server> {
        let port = free_port()?;
        let mut command = on_core_0(&self.binary());
        command.args(["start", "--dev", "--listen", &format!("127.0.0.1:{port}"), "--data"]);
        command.arg(data);
        // A group's first rebalance waits 3 s for others, unless told: that would be all there is
        // to see of one that settles.
        command.args(["-X", "group.initial.rebalance.delay.ms=100"]);
        self.spawn(&mut command, port)
    }

    fn spawn(&self, command: &mut Command, port: u16) -> Result<Server> {
        let output = self.path("server.out");
        let file = File::create(&output).context("the server's output")?;
        command.stdin(Stdio::null()).stderr(file.try_clone().context("output")?).stdout(file);
        // To the broker it would be a property of its configuration.
        command.env_remove("BOBBIN_FLOOR");
        let child = command.spawn().context("starting a server with taskset")?;
        let mut server = Server { child, port, output };
        server.wait_for_listener()?;
        Ok(server)
    }

    /// Runs the generator on core 1 and returns its line.
    pub(crate) fn load(&self, server: &Server, words: &[&str]) -> Result<Value> {
        let mut command = Command::new(self.binaries.join("bench-load"));
        command.args(["--address", &format!("127.0.0.1:{}", server.port), "--core", "1"]);
        command.args(["--pid", &server.child.id().to_string()]).args(words);
        let line = crate::process::output(&mut command)?;
        serde_json::from_str(&line).with_context(|| format!("bench-load printed {line:?}"))
    }

    /// Counters of the device that holds the data.
    pub(crate) fn device(&self) -> Result<Option<machine::Device>> {
        machine::device(&self.folder)
    }
}

impl Server {
    fn wait_for_listener(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(START_SECONDS_MAX) {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait().context("asking for the server")? {
                bail!("the server ended with {status}:\n{}", self.printed());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("no listener after {START_SECONDS_MAX} s:\n{}", self.printed());
    }

    /// What the server has printed: the banner tells the flags of its ring.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// Kernel worker threads of the process: operations that did not stay on their own core.
    pub(crate) fn kernel_workers(&self) -> usize {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let names = tasks.into_iter().flatten().flatten().map(|task| task.path().join("comm"));
        names
            .filter(|comm| fs::read_to_string(comm).is_ok_and(|n| n.starts_with("iou-wrk")))
            .count()
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse().ok().map(|kib: u64| kib * 1024)
    }

    /// Ends it in order and waits for it.
    pub(crate) fn terminate(mut self) -> Result<()> {
        let mut command = Command::new("kill");
        crate::process::output(command.args(["-TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait().context("waiting for the server")?;
        anyhow::ensure!(status.success(), "the server ended with {status}:\n{}", self.printed());
        Ok(())
    }

    /// kill -9.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill().context("kill -9")?;
        self.child.wait().context("waiting for the killed server")?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

fn on_core_0(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program);
    command
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr().context("the port's number")?.port())
}
