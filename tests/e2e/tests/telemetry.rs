//! A telemetry pipeline in Python (tests/e2e/py/telemetry.py) whose consumers join, leave and are
//! killed under load: nothing is lost, nothing comes twice but around the kills, and the readings
//! of a device stay in order.

use anyhow::Result;
use tests_e2e::broker::Setup;
use tests_e2e::{Folder, clients};

#[test]
#[ignore = "needs the release binary and confluent-kafka: cargo xtask e2e"]
fn a_telemetry_pipeline_keeps_its_promises_while_consumers_come_and_go() -> Result<()> {
    let folder = Folder::new("telemetry")?;
    let broker = Setup::new(&folder)?.start()?;
    let parts = folder.path("parts");
    let parts = parts.to_str().expect("because the folder has a plain name");
    clients::run_script("telemetry_trial.py", &[&broker.bootstrap(), parts])?;
    drop(broker);
    folder.done()
}
