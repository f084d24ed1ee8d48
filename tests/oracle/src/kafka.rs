//! A real Apache Kafka: one KRaft node from its published jars, broker and controller in one.
//!
//! Kept true: it listens on the loopback only, keeps everything in a folder of the test, and is
//! ended by its own process id when it is dropped.

use std::fs::File;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tests_e2e::{Folder, broker};

const START_SECONDS_MAX: u64 = 120;
const POLL: Duration = Duration::from_millis(100);

/// What Kafka writes and where; what it does is in its answers.
const LOGGING: &str = "status=warn
appender.f.type=Console
appender.f.name=f
appender.f.layout.type=PatternLayout
appender.f.layout.pattern=%d %p %m (%c)%n
rootLogger.level=info
rootLogger.appenderRef.f.ref=f
";

/// A running node. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Kafka {
    child: Child,
    port: u16,
    /// Where its controller listens.
    pub(crate) controller: String,
}

impl Kafka {
    /// Starts a node inside the folder, with more properties (`key=value`).
    ///
    /// # Errors
    /// When the jars are missing or it does not listen in time.
    pub(crate) fn start(folder: &Folder, properties: &[&str]) -> Result<Kafka> {
        let (port, controller) = (broker::free_port()?, broker::free_port()?);
        let (config, logging) = (folder.path("kafka.properties"), folder.path("log4j2.properties"));
        std::fs::write(&logging, LOGGING).context("writing log4j2.properties")?;
        let own = properties_of(port, controller, &folder.path("kafka-data"));
        std::fs::write(&config, own + &properties.join("\n") + "\n").context("kafka.properties")?;
        let output = File::create(folder.path("kafka.out")).context("kafka.out")?;
        format(&config)?;
        let mut command = java(&["-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"])?;
        command.arg(format!("-Dlog4j2.configurationFile={}", logging.display()));
        command.args(["kafka.Kafka"]).arg(&config).stdin(Stdio::null());
        command.stdout(output.try_clone().context("kafka.out")?).stderr(output);
        let mut kafka = Kafka {
            child: command.spawn().context("starting java")?,
            port,
            controller: format!("127.0.0.1:{controller}"),
        };
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(START_SECONDS_MAX) {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(kafka);
            }
            if let Some(status) = kafka.child.try_wait().context("asking for Kafka")? {
                bail!("Kafka ended with {status}: see {}", folder.path("kafka.out").display());
            }
            std::thread::sleep(POLL);
        }
        bail!("Kafka does not listen after {START_SECONDS_MAX} s");
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn properties_of(port: u16, controller: u16, data: &Path) -> String {
    format!(
        "process.roles=broker,controller
node.id=0
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={}
",
        data.display()
    )
}

fn format(config: &Path) -> Result<()> {
    let mut command = java(&["-Xmx256m", "-XX:+UseSerialGC"])?;
    // Any id serves; it is told apart by nobody.
    let words = ["kafka.tools.StorageTool", "format", "--standalone", "-t"];
    command.args(words).arg("b2JiaW4tb3JhY2xlLTAwMA").arg("-c").arg(config);
    // With it Kafka sets `min.insync.replicas` for the whole cluster as it formats.
    command.args(["--feature", "eligible.leader.replicas.version=0"]);
    let done = command.output().context("formatting Kafka's directory")?;
    ensure!(done.status.success(), "format: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// Java with Kafka's jars on its class path.
fn java(options: &[&str]) -> Result<Command> {
    let libs = match std::env::var_os("BOBBIN_ORACLE_LIBS") {
        Some(path) => PathBuf::from(path),
        None => tests_e2e::folder::root()?.join("target/oracle/libs"),
    };
    ensure!(libs.is_dir(), "{} is not there: cargo xtask oracle fetches it", libs.display());
    let mut command = Command::new("java");
    command.args(options).arg("-cp").arg(libs.join("*"));
    Ok(command)
}
