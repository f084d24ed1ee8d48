//! Fetches and moments beyond what is there.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use net_wire::List;
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::fetch::{FetchPartition, FetchRequest};
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};

use super::{Case, Scene, case, fetch_request};
use crate::peer::Reaction;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(24, "offsets outside the log, epochs that are not ours", |scene| {
            let fetch = |change: &dyn Fn(&mut FetchPartition)| -> Result<(i16, usize)> {
                let mut request = fetch_request(&scene.topic, 0);
                change(&mut request.topics[0].partitions[0]);
                scene.peer()?.ask_fetch(&request, 12)
            };
            let end = end(scene)?;
            ensure!(fetch(&|asked| asked.fetch_offset = end + 1)?.0 == 1, "beyond the end");
            ensure!(fetch(&|asked| asked.fetch_offset = -1)?.0 == 1, "before the start");
            ensure!(fetch(&|asked| asked.fetch_offset = i64::MAX)?.0 == 1, "far beyond");
            ensure!(fetch(&|asked| asked.current_leader_epoch = 1_000_000)?.0 == 75, "newer epoch");
            let (code, bytes) = fetch(&|asked| asked.partition_max_bytes = 0)?;
            ensure!(code == 0 && bytes > 0, "the first batch comes however small the limit is");
            let (code, _) = fetch(&|asked| asked.partition_max_bytes = -1)?;
            ensure!(code != 0, "a negative limit");
            Ok(())
        }),
        case(24, "sessions that nobody keeps", |scene| {
            for (session_id, session_epoch) in [(0, 5), (9, 1), (-1, 7)] {
                let request =
                    FetchRequest { session_id, session_epoch, ..fetch_request(&scene.topic, 0) };
                let (code, _) = scene.peer()?.ask_fetch(&request, 12)?;
                ensure!(code == 70, "session {session_id} epoch {session_epoch}: {code}");
            }
            Ok(())
        }),
        case(24, "limits of the whole request", |scene| {
            let limited = |max_bytes, min_bytes, max_wait_ms| {
                let fetch = fetch_request(&scene.topic, 0);
                let request = FetchRequest { max_bytes, min_bytes, max_wait_ms, ..fetch };
                scene.peer()?.ask_fetch(&request, 12)
            };
            let (code, bytes) = limited(0, 1, 0)?;
            ensure!(code == 0 && bytes > 0, "the first batch comes: {code}, {bytes} bytes");
            ensure!(limited(-1, 1, 0)?.0 != 0, "a negative limit");
            let before = Instant::now();
            // More than the topic holds: `min_bytes` counts no further than `max_bytes`.
            let (code, bytes) = limited(i32::MAX, i32::MAX, 300)?;
            ensure!(code == 0 && bytes > 0, "what there is, in the end");
            ensure!(before.elapsed() >= Duration::from_millis(290), "after the wait");
            Ok(())
        }),
        case(24, "a million partitions", |scene| {
            let mut request = fetch_request(&scene.topic, 0);
            let asked = request.topics[0].partitions[0].clone();
            request.topics[0].partitions = (0..1_000_000).map(|_| asked.clone()).collect();
            let mut peer = scene.peer()?;
            let bytes = peer.frame(&request, 12, &[])?;
            peer.send(&bytes)?;
            let reaction = peer.reaction(Duration::from_secs(20))?;
            ensure!(reaction != Reaction::Silence, "answered or closed");
            Ok(())
        }),
        case(25, "a fetch that says it is a replica", |scene| {
            let request = FetchRequest { replica_id: 3, ..fetch_request(&scene.topic, 0) };
            let (code, bytes) = scene.peer()?.ask_fetch(&request, 12)?;
            ensure!(code == 31 && bytes == 0, "{code}, {bytes} bytes");
            Ok(())
        }),
        case(24, "moments after the end and before special ones", |scene| {
            let answer = moment(scene, i64::MAX)?;
            ensure!(answer.error_code == 0 && answer.offset == -1, "{answer:?}");
            ensure!(moment(scene, -100)?.error_code == 35, "no such special moment");
            Ok(())
        }),
        case(31, "records deleted beyond the high watermark", |scene| {
            for offset in [1_000_000, -2, i64::MIN] {
                let request = DeleteRecordsRequest {
                    topics: List::from([DeleteRecordsTopic {
                        name: scene.topic.clone(),
                        partitions: List::from([DeleteRecordsPartition {
                            partition_index: 0,
                            offset,
                        }]),
                    }]),
                    timeout_ms: 5000,
                };
                let answer = scene.peer()?.ask(&request, 2)?;
                let code = answer.topics[0].partitions[0].error_code;
                ensure!(code == 1, "{offset}: {code}");
            }
            Ok(())
        }),
    ]
}

fn end(scene: &Scene) -> Result<i64> {
    Ok(moment(scene, -1)?.offset)
}

fn moment(scene: &Scene, timestamp: i64) -> Result<ListOffsetsPartitionResponse> {
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: List::from([ListOffsetsTopic {
            name: scene.topic.clone(),
            partitions: List::from([ListOffsetsPartition {
                partition_index: 0,
                current_leader_epoch: -1,
                timestamp,
            }]),
        }]),
        ..Default::default()
    };
    let answer = scene.peer()?.ask(&request, 7)?;
    Ok(answer.topics[0].partitions[0].clone())
}
