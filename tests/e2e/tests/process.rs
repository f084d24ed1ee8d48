//! The process as an operator meets it: it leaves when asked, serves again, refuses what cannot be,
//! and is small.

use std::fs::File;
use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tests_e2e::broker::Setup;
use tests_e2e::{Folder, clients, folder};

const MIB: u64 = 1 << 20;

/// Rounds of starting, loading and leaving.
const ROUNDS: usize = 20;
/// Producers that never stop, consumers that wait or read along, and connections that say nothing.
const PRODUCERS: usize = 3;
const CONSUMERS: usize = 6;
const SILENT: usize = 20;

#[test]
#[ignore = "needs the release binary and kcat: cargo xtask e2e"]
fn sigterm_under_load_leaves_within_a_second_every_time() -> Result<()> {
    let folder = Folder::new("sigterm")?;
    let mut setup = Setup::new(&folder)?;
    let read = ["-C", "-t", "leave", "-p", "0", "-o", "beginning", "-e"];
    let mut longest = Duration::ZERO;
    for round in 1..=ROUNDS {
        let broker = setup.start()?;
        let bootstrap = broker.bootstrap();
        clients::kcat(&bootstrap, &["-P", "-t", "leave", "-p", "0"], "here\n")?;
        let kept = clients::kcat(&bootstrap, &read, "")?;
        assert_eq!(kept, "here\n".repeat(round), "what was acknowledged is there, {round}");
        clients::kcat(&bootstrap, &["-P", "-t", "load", "-p", "0"], "first\n")?;
        let load = Load::on(&bootstrap)?;
        load.wait_for_flow()?;
        let left = broker.terminate();
        drop(load);
        let (took, status, again) = left?;
        assert!(took < Duration::from_secs(1), "round {round}: it took {took:?} to leave");
        assert!(status.success(), "round {round}: it left with {status}");
        longest = longest.max(took);
        setup = again;
    }
    println!("SIGTERM under load: {ROUNDS} times, at most {longest:?}");
    folder.done()
}

/// Clients at work and at rest; gone when dropped.
struct Load {
    children: Vec<Child>,
    silent: Vec<TcpStream>,
    read_along: PathBuf,
}

impl Load {
    fn on(bootstrap: &str) -> Result<Load> {
        let read_along = Folder::new("sigterm-load")?.path("read-along");
        let mut load = Load { children: Vec::new(), silent: Vec::new(), read_along };
        for i in 0..CONSUMERS {
            // Half of them wait where nothing comes, the others where there is a flow.
            let topic = if i % 2 == 0 { "leave" } else { "load" };
            let output =
                if i == 1 { File::create(&load.read_along)?.into() } else { Stdio::null() };
            let words = ["-q", "-C", "-u", "-t", topic, "-p", "0", "-o", "end"];
            load.start(bootstrap, &words, Stdio::null(), output)?;
        }
        for _ in 0..PRODUCERS {
            let words = ["-P", "-t", "load", "-p", "0", "-X", "linger.ms=1"];
            let mut input = load
                .start(bootstrap, &words, Stdio::piped(), Stdio::null())?
                .stdin
                .take()
                .context("piped")?;
            // Ends when the producer does.
            let line = format!("{}\n", "x".repeat(200));
            std::thread::spawn(move || while input.write_all(line.as_bytes()).is_ok() {});
        }
        for _ in 0..SILENT {
            load.silent.push(TcpStream::connect(bootstrap)?);
        }
        Ok(load)
    }

    fn start(
        &mut self,
        bootstrap: &str,
        words: &[&str],
        input: Stdio,
        output: Stdio,
    ) -> Result<&mut Child> {
        let mut kcat = Command::new("kcat");
        kcat.args(["-b", bootstrap]).args(words).stdin(input).stdout(output).stderr(Stdio::null());
        self.children.push(kcat.spawn().context("starting kcat")?);
        self.children.last_mut().context("it was just pushed")
    }

    /// Waits until what is produced is read along, and the others had time to begin to wait.
    fn wait_for_flow(&self) -> Result<()> {
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(100));
            if std::fs::metadata(&self.read_along)?.len() > 100_000 {
                return Ok(());
            }
        }
        bail!("no records flow: there is no load")
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.children {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

#[test]
#[ignore = "needs the release binary: cargo xtask e2e"]
fn two_processes_on_one_directory_and_a_port_in_use_are_refused() -> Result<()> {
    let folder = Folder::new("refused")?;
    let first = Setup::new(&folder)?;
    let broker = first.start()?;

    let mut same_data = Setup::new(&folder)?;
    same_data.output = folder.path("same-data.out");
    let (status, said) = same_data.start_refused()?;
    println!("same directory: {status}: {}", said.trim());
    assert!(!status.success() && !said.trim().is_empty());
    assert!(!said.contains("panicked"), "a refusal in words, not a panic: {said}");

    let mut same_port = first.clone();
    same_port.data = folder.path("other-data");
    same_port.output = folder.path("same-port.out");
    let (status, said) = same_port.start_refused()?;
    println!("same port: {status}: {}", said.trim());
    assert!(!status.success() && said.contains(&first.port.to_string()), "{said}");
    assert!(!said.contains("panicked"), "a refusal in words, not a panic: {said}");

    clients::kcat(&broker.bootstrap(), &["-L"], "")?;
    broker.kill()?;
    folder.done()
}

#[test]
#[ignore = "needs the release binary: cargo xtask e2e"]
fn it_is_small() -> Result<()> {
    let folder = Folder::new("small")?;
    let broker = Setup::new(&folder)?.start()?;
    let listening = broker.age();
    clients::kcat(&broker.bootstrap(), &["-P", "-t", "small", "-p", "0"], "one\n")?;
    std::thread::sleep(Duration::from_millis(500));
    let resident = broker.resident_bytes()?;
    let binary = std::fs::metadata(folder::binary()?)?.len();
    println!(
        "listening after {listening:?}; idle {:.1} MiB resident; binary {:.1} MiB",
        resident as f64 / MIB as f64,
        binary as f64 / MIB as f64
    );
    assert!(resident <= 100 * MIB, "idle RSS is {} MiB", resident / MIB);
    assert!(binary <= 30_000_000, "the binary has {binary} bytes");
    drop(broker);
    folder.done()
}
