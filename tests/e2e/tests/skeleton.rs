//! The walking skeleton: kcat produces, kill -9, restart, kcat consumes.

use anyhow::Result;
use tests_e2e::broker::Setup;
use tests_e2e::{Folder, clients};

#[test]
#[ignore = "needs the release binary and kcat: cargo xtask e2e"]
fn what_kcat_wrote_survives_a_kill() -> Result<()> {
    let folder = Folder::new("skeleton")?;
    let mut setup = Setup::new(&folder)?;
    let mut written = String::new();
    for round in 0..3 {
        let broker = setup.start()?;
        let lines: String = (0..500).map(|line| format!("round {round} line {line}\n")).collect();
        clients::kcat(&broker.bootstrap(), &["-P", "-t", "skeleton", "-p", "0"], &lines)?;
        written.push_str(&lines);
        setup = broker.kill()?;
        let broker = setup.start()?;
        let read = ["-C", "-t", "skeleton", "-p", "0", "-o", "beginning", "-e"];
        assert_eq!(clients::kcat(&broker.bootstrap(), &read, "")?, written);
        setup = broker.kill()?;
    }
    folder.done()
}
