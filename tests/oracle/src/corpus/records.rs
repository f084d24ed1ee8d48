//! DeleteRecords: the start moves forward, never back, and not beyond the end.

use anyhow::Result;
use engine_base::Uuid;
use net_wire::List;
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};

use super::{make, versions, write};
use crate::batches::RawBatch;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    for version in versions::<DeleteRecordsRequest>() {
        let name = format!("trimmed-{version}");
        let id: Uuid = make(side, &name, 2, &[])?;
        for _ in 0..2 {
            write(side, &name, id, 0, &RawBatch::of(&["a", "b", "c", "d"]).bytes())?;
        }
        for offset in [0, 3, 1, 5, 9, -2, 100, -1, -1, 0] {
            let what = format!("before {offset}");
            side.ask(&what, version, &request(&name, &[(0, offset)]))?;
        }
        side.ask("an empty one", version, &request(&name, &[(1, 0), (1, -1)]))?;
        side.ask("beyond an empty one", version, &request(&name, &[(1, 1)]))?;
        side.ask("no such partition", version, &request(&name, &[(2, 0), (-1, 0)]))?;
        side.ask("nobody's topic", version, &request("nobody", &[(0, 0)]))?;
        side.ask("an odd name", version, &request("a b", &[(0, 0)]))?;
        side.ask("no partitions", version, &request(&name, &[]))?;
        let none = DeleteRecordsRequest { topics: List::new(), timeout_ms: 1000 };
        side.ask("none", version, &none)?;
    }
    Ok(())
}

fn request(name: &str, partitions: &[(i32, i64)]) -> DeleteRecordsRequest {
    let partition = |(partition_index, offset): &(i32, i64)| DeleteRecordsPartition {
        partition_index: *partition_index,
        offset: *offset,
    };
    let topic = DeleteRecordsTopic {
        name: name.to_owned(),
        partitions: partitions.iter().map(partition).collect(),
    };
    DeleteRecordsRequest { topics: List::from([topic]), timeout_ms: 10_000 }
}
