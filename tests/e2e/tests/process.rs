//! The process as an operator meets it: it leaves when asked, serves again, refuses what cannot be,
//! and is small.

use std::time::Duration;

use anyhow::Result;
use tests_e2e::broker::Setup;
use tests_e2e::{Folder, clients, folder};

const MIB: u64 = 1 << 20;

#[test]
#[ignore = "needs the release binary and kcat: cargo xtask e2e"]
fn sigterm_leaves_within_a_second_and_a_restart_serves() -> Result<()> {
    let folder = Folder::new("sigterm")?;
    let mut setup = Setup::new(&folder)?;
    let read = ["-C", "-t", "leave", "-p", "0", "-o", "beginning", "-e"];
    for round in 1..=3 {
        let broker = setup.start()?;
        clients::kcat(&broker.bootstrap(), &["-P", "-t", "leave", "-p", "0"], "here\n")?;
        let (took, status, again) = broker.terminate()?;
        println!("SIGTERM: left after {took:?} with {status}");
        assert!(took < Duration::from_secs(1), "it took {took:?} to leave");
        assert!(status.success(), "it left with {status}");
        setup = again;
        let broker = setup.start()?;
        assert_eq!(clients::kcat(&broker.bootstrap(), &read, "")?, "here\n".repeat(round));
        setup = broker.terminate()?.2;
    }
    folder.done()
}

#[test]
#[ignore = "needs the release binary and kcat: cargo xtask e2e"]
fn a_waiting_fetch_does_not_hold_the_broker_up() -> Result<()> {
    let folder = Folder::new("sigterm-waiting")?;
    let broker = Setup::new(&folder)?.start()?;
    clients::kcat(&broker.bootstrap(), &["-P", "-t", "wait", "-p", "0"], "one\n")?;
    let mut waiting = std::process::Command::new("kcat")
        .args(["-b", &broker.bootstrap(), "-q", "-C", "-t", "wait", "-o", "end"])
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    std::thread::sleep(Duration::from_millis(500));
    let left = broker.terminate();
    waiting.kill()?;
    waiting.wait()?;
    let (took, status, _) = left?;
    assert!(took < Duration::from_secs(1), "it took {took:?} to leave");
    assert!(status.success(), "it left with {status}");
    folder.done()
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
