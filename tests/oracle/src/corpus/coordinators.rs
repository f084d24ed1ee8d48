//! FindCoordinator: for groups, transactions, share groups and what is neither.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::find_coordinator::FindCoordinatorRequest;

use super::versions;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for key_type in [0, 1] {
        super::group::await_coordinator(side, key_type)?;
    }
    for version in versions::<FindCoordinatorRequest>() {
        for (kind, key_type) in [("groups", 0), ("not built", 1), ("odd", 3), ("odd", -1)] {
            for keys in [&["group"][..], &[""], &["a", "b"], &["a", "a"], &[]] {
                // Version 0 knows groups only.
                let kind = if version == 0 { "groups" } else { kind };
                let what = format!("{kind}: type {key_type} of {keys:?}");
                side.ask(&what, version, &request(key_type, keys))?;
            }
        }
        if version > 0 {
            let what = "odd: type 2 of what is no share partition";
            side.ask(what, version, &request(2, &["group"]))?;
            let partition = format!("group:{}:0", super::NOBODY);
            let kind = if version < 6 { "odd" } else { "not built" };
            let what = format!("{kind}: type 2 of a share partition");
            side.ask(&what, version, &request(2, &[&partition]))?;
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
