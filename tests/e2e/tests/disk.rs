//! A disk that runs full: produce is refused, everything else goes on, and it resumes by itself.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tests_e2e::broker::Setup;
use tests_e2e::mount::Mount;
use tests_e2e::{Folder, clients};

const MIB: u64 = 1 << 20;
/// Twice the reserve that the broker keeps free, and its journal.
const DISK_BYTES: u64 = 2048 * MIB;
/// So much of it that less than the reserve is left.
const FILL_BYTES: u64 = 700 * MIB;

#[test]
#[ignore = "needs the release binary, kcat, and to be root: cargo xtask e2e"]
fn a_full_disk_refuses_and_resumes() -> Result<()> {
    let folder = Folder::new("disk-full")?;
    let Some(disk) = Mount::new(&folder, DISK_BYTES)? else { return folder.done() };
    let mut setup = Setup::new(&folder)?;
    setup.data = disk.path().join("data");
    let broker = setup.start()?;
    let bootstrap = broker.bootstrap();
    let produce = |line: &str| {
        let words = ["-P", "-t", "full", "-p", "0", "-X", "message.timeout.ms=1000"];
        clients::kcat(&bootstrap, &words, line)
    };
    let read = || {
        let words = ["-C", "-t", "full", "-p", "0", "-o", "beginning", "-e"];
        clients::kcat(&bootstrap, &words, "")
    };
    produce("before\n")?;

    disk.fill("ballast", FILL_BYTES)?;
    let filled = Instant::now();
    let mut kept = String::from("before\n");
    while produce("meanwhile\n").is_ok() {
        kept.push_str("meanwhile\n");
        ensure!(filled.elapsed() < Duration::from_secs(10), "produce goes on below the reserve");
    }
    assert_eq!(read()?, kept, "what was acknowledged is served, and what was refused is not there");

    disk.free("ballast")?;
    let freed = Instant::now();
    while produce("after\n").is_err() {
        ensure!(freed.elapsed() < Duration::from_secs(10), "produce does not come back");
    }
    let whole = read()?;
    let rest = whole.strip_prefix(&kept).context("the old records are still in front")?;
    ensure!(!rest.is_empty() && rest.lines().all(|line| line == "after"), "then came {rest}");

    let again = broker.kill()?.start()?;
    assert_eq!(read()?, whole);
    drop(again);
    drop(disk);
    folder.done()
}
