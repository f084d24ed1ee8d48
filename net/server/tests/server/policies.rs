//! `cleanup.policy` is switched on a topic that lives: it holds without a restart, whichever way it
//! was said.

use std::time::Duration;

use engine_record::{BatchBuilder, BatchView, Codec, RecordReader, Rope};
use net_wire::messages::fetch::FetchRequest;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::{FrameRange, List};

use crate::configs::{DELETE, SET, TOPIC, alter, done, legacy};
use crate::peer::decode;
use crate::scene::{Scene, fetch_request, play, produce_request};

const KEYS: u64 = 5;
/// Longer than a cleaner rests, in virtual time.
const A_WHILE: Duration = Duration::from_secs(60);

/// Appends a record of this key, or of none, as old as now; gives the answer's code.
async fn append(scene: &Scene, key: Option<&str>) -> i16 {
    let mut builder = BatchBuilder::new();
    let key = key.map(str::as_bytes);
    builder.append(scene.core.wall().0, key, Some(b"value"), &[]);
    let bytes = builder.finish(Codec::None);
    let request = produce_request("t", 0, bytes.len());
    let answer = scene.peer().await.ask_with(&request, 9, &[&bytes]).await;
    answer.responses[0].partition_responses[0].error_code
}

/// Appends this many records, one to a segment, and lets some time pass.
async fn fill(scene: &Scene, count: u64) {
    for n in 0..count {
        assert_eq!(append(scene, Some(&format!("key {}", n % KEYS))).await, 0);
        scene.core.sleep(Duration::from_millis(200)).await;
    }
    scene.core.sleep(A_WHILE).await;
}

/// Where the log starts (-2) or ends (-1).
async fn bound(scene: &Scene, timestamp: i64) -> i64 {
    let asked = ListOffsetsPartition { partition_index: 0, current_leader_epoch: -1, timestamp };
    let topic = ListOffsetsTopic { name: "t".to_owned(), partitions: List::from([asked]) };
    let request =
        ListOffsetsRequest { replica_id: -1, topics: List::from([topic]), ..Default::default() };
    scene.peer().await.ask(&request, 7).await.topics[0].partitions[0].offset
}

/// The offsets of all records that are left.
async fn left(scene: &Scene) -> Vec<i64> {
    let (mut next, end) = (bound(scene, -2).await, bound(scene, -1).await);
    let mut left = Vec::new();
    while next < end {
        let mut peer = scene.peer().await;
        let frame = peer.frame(&fetch_request("t", 0, next), 11, &[]);
        peer.send(&frame).await;
        let frame = peer.receive().await.expect("an answer");
        let answer = decode::<FetchRequest>(&frame, 11).1;
        let records = answer.responses[0].partitions[0].records.expect("never null");
        let FrameRange { start, len } = records;
        let pieces = [&frame[start..start + len]];
        let begun = next;
        let mut at = 0;
        while let Ok(batch) = BatchView::parse(Rope::new(&pieces), at) {
            let mut reader = RecordReader::new(batch, 1 << 20).expect("plain records");
            while let Some(record) = reader.next_record() {
                left.push(record.expect("a good record").offset);
            }
            at += batch.header().total_bytes();
            next = batch.header().last_offset() + 1;
        }
        assert!(next > begun, "nothing at {begun}, the end is {end}");
    }
    left
}

#[test]
fn a_policy_holds_without_a_restart() {
    play(1, |scene| async move {
        let configs = [
            ("segment.ms", "100"),
            ("retention.ms", "-1"),
            ("min.cleanable.dirty.ratio", "0.0001"),
        ];
        scene.create("t", 1, &configs).await;
        fill(&scene, 20).await;
        assert_eq!(append(&scene, None).await, 0);
        assert_eq!(left(&scene).await, (0..21).collect::<Vec<i64>>(), "nothing is compacted");

        // To compact, with what was written before. What has no key goes too.
        let compact = [("cleanup.policy", SET, Some("compact"))];
        assert_eq!(alter(&scene, TOPIC, "t", &compact).await, done());
        assert_eq!(append(&scene, None).await, 87, "each record needs a key now");
        scene.core.sleep(A_WHILE).await;
        assert_eq!(left(&scene).await, [15, 16, 17, 18, 19]);
        fill(&scene, 10).await;
        assert_eq!(left(&scene).await, [26, 27, 28, 29, 30]);

        // Both, said in the older way, which says everything.
        let both = [
            ("cleanup.policy", Some("compact,delete")),
            ("segment.ms", Some("100")),
            ("retention.ms", Some("600000")),
            ("min.cleanable.dirty.ratio", Some("0.0001")),
        ];
        assert_eq!(legacy(&scene, 1, TOPIC, "t", &both).await, done());
        fill(&scene, 10).await;
        assert_eq!(left(&scene).await, [36, 37, 38, 39, 40], "still compacted");
        assert_eq!(append(&scene, None).await, 87);
        scene.core.sleep(20 * A_WHILE).await;
        assert_eq!(bound(&scene, -2).await, 41, "and deleted when their time has come");

        // Back to the default, delete alone.
        let default = [("cleanup.policy", DELETE, None), ("retention.ms", SET, Some("-1"))];
        assert_eq!(alter(&scene, TOPIC, "t", &default).await, done());
        fill(&scene, 20).await;
        assert_eq!(append(&scene, None).await, 0);
        assert_eq!(left(&scene).await, (41..62).collect::<Vec<i64>>(), "nothing is compacted");
        scene.core.sleep(20 * A_WHILE).await;
        assert_eq!(bound(&scene, -2).await, 41, "nor deleted, without a limit");
    });
}
