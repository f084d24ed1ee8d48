//! ListOffsets: special moments and real ones, of full, empty and trimmed partitions.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

use super::{make, versions, write};
use crate::batches::{TIME, packed};
use crate::side::Side;
use engine_record::Codec;

pub(super) fn play(side: &mut Side) -> Result<()> {
    let id = make(side, "moments", 3, &[])?;
    write(side, "moments", id, 0, &packed(&["a", "b", "c"], Codec::None))?;
    write(side, "moments", id, 0, &packed(&["d", "e"], Codec::Gzip))?;
    write(side, "moments", id, 1, &packed(&["f", "g", "h"], Codec::Zstd))?;
    for version in versions::<ListOffsetsRequest>() {
        for timestamp in [
            -1,
            -2,
            -3,
            -4,
            -5,
            -6,
            -7,
            i64::MIN,
            0,
            TIME - 1,
            TIME,
            TIME + 1,
            TIME + 1000,
            TIME + 1500,
            TIME + 2000,
            TIME + 2001,
            i64::MAX,
        ] {
            for isolation_level in if timestamp < 0 { 0..=1 } else { 0..=0 } {
                let what = format!("the time {timestamp}, isolation {isolation_level}");
                let asked = [(0, -1, timestamp), (1, -1, timestamp), (2, -1, timestamp)];
                let request = ListOffsetsRequest { isolation_level, ..request("moments", &asked) };
                side.ask(&what, version, &request)?;
            }
        }
        for epoch in [0, 1, 100, -2] {
            let what = format!("at epoch {epoch}");
            side.ask(&what, version, &request("moments", &[(0, epoch, -1)]))?;
        }
        side.ask("twice", version, &request("moments", &[(0, -1, -1), (0, -1, -2)]))?;
        side.ask("no such partition", version, &request("moments", &[(3, -1, -1)]))?;
        side.ask("nobody's topic", version, &request("nobody", &[(0, -1, -1)]))?;
        side.ask("an odd name", version, &request("a b", &[(0, -1, -1)]))?;
        let odd = ListOffsetsRequest { isolation_level: 5, ..request("moments", &[(0, -1, -1)]) };
        side.ask("an unknown isolation", version, &odd)?;
        side.ask("no partitions", version, &request("moments", &[]))?;
        let none = ListOffsetsRequest { topics: List::new(), ..request("moments", &[]) };
        side.ask("none", version, &none)?;
    }
    Ok(())
}

fn request(name: &str, partitions: &[(i32, i32, i64)]) -> ListOffsetsRequest {
    let partition = |(index, epoch, timestamp): &(i32, i32, i64)| ListOffsetsPartition {
        partition_index: *index,
        current_leader_epoch: *epoch,
        timestamp: *timestamp,
    };
    let topic = ListOffsetsTopic {
        name: name.to_owned(),
        partitions: partitions.iter().map(partition).collect(),
    };
    let topics = List::from([topic]);
    ListOffsetsRequest { replica_id: -1, isolation_level: 0, topics, timeout_ms: 10_000 }
}
