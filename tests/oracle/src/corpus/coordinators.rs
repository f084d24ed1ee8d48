//! FindCoordinator: for groups, transactions, share groups and what is neither.

use std::time::Duration;

use anyhow::Result;
use net_wire::List;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;

use super::versions;
use crate::side::Side;

/// Asked until it answers: Kafka makes the topic behind it first.
const TRIES: usize = 100;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for key_type in [0, 1] {
        for _ in 0..TRIES {
            let answer = side.quietly(4, &request(key_type, &["group"]), &[])?;
            if answer.coordinators[0].error_code != 15 {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    for version in versions::<FindCoordinatorRequest>() {
        // Version 0 knows groups only.
        for key_type in [0, 1, 3, -1].into_iter().take(if version == 0 { 1 } else { 4 }) {
            for keys in [&["group"][..], &[""], &["a", "b"], &["a", "a"], &[]] {
                let what = format!("type {key_type} of {keys:?}");
                side.ask(&what, version, &request(key_type, keys))?;
            }
        }
        if version > 0 {
            side.ask("type 2 of what is no share partition", version, &request(2, &["group"]))?;
        }
    }
    Ok(())
}

fn request(key_type: i8, keys: &[&str]) -> FindCoordinatorRequest {
    FindCoordinatorRequest {
        key: keys.first().map_or(String::new(), |key| (*key).to_owned()),
        key_type,
        coordinator_keys: keys.iter().map(|key| (*key).to_owned()).collect::<List<_>>(),
    }
}
