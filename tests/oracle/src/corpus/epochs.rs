//! OffsetForLeaderEpoch: where an epoch ended.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

use super::{make, versions, write};
use crate::batches::RawBatch;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    let id = make(side, "epochs", 2, &[])?;
    write(side, "epochs", id, 0, &RawBatch::of(&["a", "b", "c"]).bytes())?;
    for version in versions::<OffsetForLeaderEpochRequest>() {
        for current_leader_epoch in [-1, 0, 1, 100, -2] {
            for leader_epoch in [0, 1, -1, 100, -2] {
                let what = format!("epoch {leader_epoch} at {current_leader_epoch}");
                let asked = |partition| OffsetForLeaderPartition {
                    partition,
                    current_leader_epoch,
                    leader_epoch,
                };
                let topic = OffsetForLeaderTopic {
                    topic: "epochs".to_owned(),
                    partitions: [0, 1, 2, -1].into_iter().map(asked).collect(),
                };
                side.ask(&what, version, &request(vec![topic]))?;
            }
        }
        let nobody = OffsetForLeaderTopic {
            topic: "nobody".to_owned(),
            partitions: List::from([OffsetForLeaderPartition::default()]),
        };
        side.ask("nobody's topic", version, &request(vec![nobody]))?;
        side.ask("none", version, &request(Vec::new()))?;
    }
    Ok(())
}

fn request(topics: Vec<OffsetForLeaderTopic>) -> OffsetForLeaderEpochRequest {
    OffsetForLeaderEpochRequest { replica_id: -1, topics: List::from(topics) }
}
