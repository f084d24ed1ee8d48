//! Every row of bad input against the real binary; after each the broker serves somebody else,
//! after most for a whole second.
//! BOBBIN_E2E_BOOTSTRAP=HOST:PORT plays them against a broker that runs already.

use anyhow::{Context, Result, ensure};
use tests_e2e::bad_input::{self, Scene};
use tests_e2e::broker::Setup;
use tests_e2e::process::Process;
use tests_e2e::{Folder, Seed};

#[test]
#[ignore = "needs the release binary: cargo xtask e2e"]
fn strangers_get_what_they_deserve_and_others_are_served() -> Result<()> {
    let seed = Seed::from_environment("bad_input").next_u64();
    if let Ok(bootstrap) = std::env::var("BOBBIN_E2E_BOOTSTRAP") {
        return play(&Scene::set(&bootstrap, "bad-input", seed)?);
    }
    let folder = Folder::new("bad-input")?;
    // Groups that one case can fill, and whose first member need not wait.
    let members = format!("group.max.size={}", bad_input::groups::MEMBERS_MAX);
    let bounds = [members.as_str(), "group.initial.rebalance.delay.ms=0"];
    let setup = Setup::new(&folder)?;
    let setup = bounds.iter().fold(setup, |setup, bound| setup.with("-X").with(bound));
    let broker = setup.start()?;
    let process = Some(Process(broker.pid()));
    play(&Scene { process, ..Scene::set(&broker.bootstrap(), "bad-input", seed)? })?;
    broker.terminate()?;
    folder.done()
}

fn play(scene: &Scene) -> Result<()> {
    let mut failed = Vec::new();
    for case in bad_input::all() {
        let told = format!("row {}: {}", case.row, case.name);
        match (case.run)(scene).with_context(|| told.clone()) {
            Ok(()) => println!("ok    {told}"),
            Err(error) => {
                println!("WRONG {error:#}");
                failed.push(told.clone());
            }
        }
        scene.check_alive().with_context(|| format!("after {told}"))?;
        if matches!(case.row, 7 | 11..=19 | 21 | 24 | 26..=32 | 35) {
            scene.work_for_a_second().with_context(|| format!("after {told}"))?;
        }
    }
    ensure!(failed.is_empty(), "{} cases: {}", failed.len(), failed.join("; "));
    Ok(())
}
