//! Requests that wait as long as their client likes: nobody else waits for them.

use std::time::Duration;

use engine_rt::{Class, Task};
use net_wire::List;
use net_wire::messages::fetch::{FetchRequest, FetchResponse};
use net_wire::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use net_wire::messages::metadata::MetadataRequest;
use net_wire::messages::sync_group::SyncGroupRequest;

use crate::scene::{Scene, batch, fetch_partition, fetch_request, play, play_with};

const SECOND: Duration = Duration::from_secs(1);

fn found(response: &FetchResponse) -> Vec<usize> {
    let partitions = response.responses.iter().flat_map(|topic| topic.partitions.iter());
    partitions.map(|found| found.records.map_or(0, |records| records.len)).collect()
}

/// A Fetch of the first partitions of `t`, each from its begin.
fn fetch_of(partitions: i32, max_wait_ms: i32, min_bytes: i32) -> FetchRequest {
    let mut request = FetchRequest { max_wait_ms, min_bytes, ..fetch_request("t", 0, 0) };
    request.topics[0].partitions = (0..partitions).map(|at| fetch_partition(at, 0)).collect();
    request
}

fn ask(scene: &Scene, request: FetchRequest) -> Task<FetchResponse> {
    let at = scene.clone();
    let asking = async move { at.peer().await.ask(&request, 12).await };
    scene.core.spawn(Class::Net, "fetch", asking)
}

/// Five of them held the memory of all answers for as long as they liked.
#[test]
fn a_fetch_that_waits_holds_no_memory_of_answers() {
    let little = |options: &mut net_server::ServerOptions| options.answers_bytes_max = 8000;
    play_with(1, little, |scene| async move {
        scene.create("t", 40, &[]).await;
        let polls: Vec<_> = (0..5).map(|_| ask(&scene, fetch_of(40, 60_000, 1))).collect();
        scene.core.sleep(SECOND).await;
        let start = scene.core.now();
        scene.peer().await.ask(&MetadataRequest { topics: None, ..Default::default() }, 9).await;
        assert!(scene.core.now().since(start) < SECOND);
        scene.produce("t", 7, &["news"]).await;
        for poll in polls {
            assert_eq!(found(&poll.await).iter().sum::<usize>(), batch(&["news"]).len());
        }
        assert!(scene.core.now().since(start) < SECOND, "each is woken");
    });
}

#[test]
fn so_many_fetches_wait_and_the_others_are_answered() {
    let little = |options: &mut net_server::ServerOptions| options.waiting_bytes_max = 20_000;
    play_with(2, little, |scene| async move {
        scene.create("t", 40, &[]).await;
        let start = scene.core.now();
        let waiting = ask(&scene, fetch_of(40, 60_000, 1));
        scene.core.sleep(SECOND).await;
        assert_eq!(found(&ask(&scene, fetch_of(40, 60_000, 1)).await), [0; 40]);
        assert!(scene.core.now().since(start) < 2 * SECOND, "there was no room for it");
        ask(&scene, fetch_of(2, 5000, 1)).await;
        assert!(scene.core.now().since(start) > 5 * SECOND, "a small one needs none");
        waiting.await;
        assert!(scene.core.now().since(start) > 59 * SECOND);
        ask(&scene, fetch_of(40, 5000, 1)).await;
        assert!(scene.core.now().since(start) > 64 * SECOND, "there is room again");
    });
}

/// What was found was held until there was more of it.
#[test]
fn a_fetch_that_waits_for_more_holds_no_batches() {
    let little = |options: &mut net_server::ServerOptions| options.batches_bytes_max = 3000;
    play_with(3, little, |scene| async move {
        scene.create("t", 2, &[]).await;
        let value = "x".repeat(2000);
        scene.produce("t", 1, &[&value]).await;
        let len = batch(&[&value]).len();
        let start = scene.core.now();
        let late = ask(&scene, fetch_of(2, 10_000, 100_000));
        let enough = ask(&scene, fetch_of(2, 60_000, i32::try_from(2 * len).expect("small")));
        scene.core.sleep(SECOND).await;
        assert_eq!(found(&ask(&scene, fetch_of(2, 0, 1)).await), [0, len]);
        assert!(scene.core.now().since(start) < 2 * SECOND);
        scene.core.sleep(SECOND).await;
        scene.produce("t", 0, &[&value]).await;
        // Read again in the order of the request; the bytes of all answers have room for one.
        assert_eq!(found(&enough.await), [len, 0]);
        assert!(scene.core.now().since(start) < 3 * SECOND);
        assert_eq!(found(&late.await), [len, 0]);
        assert!(scene.core.now().since(start) >= 10 * SECOND);
    });
}

/// Its session was told what it had let go.
#[test]
fn a_session_whose_fetch_waits_for_more_misses_nothing() {
    play(4, |scene| async move {
        scene.create("t", 2, &[]).await;
        let mut peer = scene.peer().await;
        let begin = FetchRequest { session_epoch: 0, ..fetch_of(2, 0, 1) };
        let session_id = peer.ask(&begin, 12).await.session_id;
        assert!(session_id > 0);
        let mut request = FetchRequest { session_id, session_epoch: 1, ..fetch_of(0, 5000, 1000) };
        request.topics = List::new();
        let at = scene.clone();
        let asking = async move { peer.ask(&request, 12).await };
        let polled = at.core.spawn(Class::Net, "fetch", asking);
        for partition in [1, 0] {
            scene.core.sleep(SECOND).await;
            scene.produce("t", partition, &["a"]).await;
        }
        assert_eq!(found(&polled.await), [batch(&["a"]).len(); 2]);
    });
}

/// More was asked for than may be given, so that it waited although there was plenty.
#[test]
fn enough_is_never_more_than_may_be_given() {
    play(5, |scene| async move {
        scene.create("t", 2, &[]).await;
        let value = "x".repeat(2000);
        let len = batch(&[&value]).len();
        let took = async |max_bytes, partition_max_bytes| {
            let mut request = FetchRequest { max_bytes, ..fetch_of(2, 30_000, 9000) };
            for partition in &mut request.topics[0].partitions {
                partition.partition_max_bytes = partition_max_bytes;
            }
            let start = scene.core.now();
            let found = found(&ask(&scene, request).await);
            (found, scene.core.now().since(start).as_secs())
        };
        scene.produce("t", 0, &[&value]).await;
        assert_eq!(took(5000, 5000).await, (vec![len, 0], 30), "one is less than 5,000");
        scene.produce("t", 1, &[&value]).await;
        assert_eq!(took(3000, 3000).await, (vec![len, 0], 0), "two are more than 3,000");
        assert_eq!(took(5000, 3000).await, (vec![len, len], 30));
        for partition in [0, 0, 1] {
            scene.produce("t", partition, &[&value]).await;
        }
        assert_eq!(took(5000, 5000).await, (vec![2 * len, 0], 0));
        assert_eq!(took(20_000, 4500).await, (vec![2 * len, 2 * len], 30), "all and 4,500");
        scene.produce("t", 1, &[&value]).await;
        assert_eq!(took(20_000, 4500).await, (vec![2 * len, 2 * len], 0), "twice 4,500");
    });
}

/// Large requests of members that waited for a slow one held the frames of all producers.
#[test]
fn a_member_that_waits_holds_no_frame() {
    let little = |options: &mut net_server::ServerOptions| {
        options.large_frames_bytes_max = 1 << 20;
        options.answers_bytes_max = 16_000;
    };
    play_with(6, little, |scene| async move {
        scene.create("t", 1, &[]).await;
        let join = |bytes: usize| JoinGroupRequest {
            group_id: "g".into(),
            session_timeout_ms: 10_000,
            rebalance_timeout_ms: 20_000,
            protocol_type: "consumer".into(),
            protocols: List::from([JoinGroupRequestProtocol {
                name: "range".into(),
                metadata: (&*vec![7; bytes]).into(),
            }]),
            ..Default::default()
        };
        let mut slow = scene.peer().await;
        crate::groups::find(&mut slow, "g").await;
        let first = slow.ask(&join(10), 3).await;
        assert_eq!(first.error_code, 0, "{first:?}");
        let mut members = Vec::new();
        for at in 0..5 {
            let (scene, request) = (scene.clone(), join(600_000 * usize::from(at < 2)));
            let core = scene.core.clone();
            members.push(core.spawn(Class::Net, "member", async move {
                let mut peer = scene.peer().await;
                let joined = peer.ask(&request, 3).await;
                assert_eq!(joined.error_code, 0, "{joined:?}");
                let sync = SyncGroupRequest {
                    group_id: "g".into(),
                    generation_id: joined.generation_id,
                    member_id: joined.member_id.clone(),
                    ..Default::default()
                };
                let synced = peer.ask(&sync, 3).await;
                (joined.leader == joined.member_id, synced.error_code)
            }));
        }
        scene.core.sleep(SECOND).await;
        let start = scene.core.now();
        scene.produce("t", 0, &[&"x".repeat(500_000)]).await;
        assert!(scene.core.now().since(start) < SECOND);
        let mut leaders = 0;
        for member in members {
            let (is_leader, code) = member.await;
            assert_eq!(code, 0, "it is told its share");
            leaders += usize::from(is_leader);
        }
        assert_eq!(leaders, 1, "and one of them everybody's");
    });
}
