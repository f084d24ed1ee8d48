//! Requests whose time is over: answered then, and their work goes on.

use std::time::Duration;

use net_wire::List;
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::delete_topics::DeleteTopicsRequest;
use net_wire::messages::produce::ProduceRequest;

use crate::scene::{Scene, batch, play, play_slowly, produce_request};

/// REQUEST_TIMED_OUT.
const LATE: i16 = 7;

async fn create(scene: &Scene, name: &str, timeout_ms: i32) -> i16 {
    let topic = CreatableTopic {
        name: name.to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        ..Default::default()
    };
    let topics = List::from([topic]);
    let request = CreateTopicsRequest { topics, timeout_ms, validate_only: false };
    scene.peer().await.ask(&request, 7).await.topics[0].error_code
}

async fn delete(scene: &Scene, name: &str, timeout_ms: i32) -> i16 {
    let topic_names = List::from([name.to_owned()]);
    let request = DeleteTopicsRequest { topic_names, timeout_ms, ..Default::default() };
    scene.peer().await.ask(&request, 5).await.responses[0].error_code
}

async fn delete_records(scene: &Scene, offset: i64, timeout_ms: i32) -> (i16, i64) {
    let partition = DeleteRecordsPartition { partition_index: 0, offset };
    let topic = DeleteRecordsTopic { name: "t".into(), partitions: List::from([partition]) };
    let request = DeleteRecordsRequest { topics: List::from([topic]), timeout_ms };
    let answer = scene.peer().await.ask(&request, 2).await;
    let answer = &answer.topics[0].partitions[0];
    (answer.error_code, answer.low_watermark)
}

async fn produce(scene: &Scene, acks: i16, timeout_ms: i32) -> i16 {
    let bytes = batch(&["a"]);
    let request = ProduceRequest { acks, timeout_ms, ..produce_request("t", 0, bytes.len()) };
    let answer = scene.peer().await.ask_with(&request, 9, &[&bytes]).await;
    answer.responses[0].partition_responses[0].error_code
}

#[test]
fn what_takes_too_long_is_told_and_goes_on() {
    play_slowly(1, |scene| async move {
        let took = |start| scene.core.now().since(start);
        let start = scene.core.now();
        assert_eq!(create(&scene, "t", 500).await, LATE);
        assert!(took(start) < Duration::from_millis(600), "{:?}", took(start));
        assert!(scene.node.image().topic("t").is_none());
        scene.core.sleep(Duration::from_secs(60)).await;
        assert!(scene.node.image().topic("t").is_some(), "it went on");

        let start = scene.core.now();
        assert_eq!(produce(&scene, -1, 1500).await, LATE);
        let late = took(start);
        assert!(late >= Duration::from_millis(1500) && late < Duration::from_secs(3), "{late:?}");
        assert_eq!(produce(&scene, 1, 1).await, 0, "the leader alone has all the time it needs");
        assert_eq!(produce(&scene, -1, 60_000).await, 0);
        let partition = scene.node.partition("t", 0).expect("created");
        let end = scene.node.position(partition).expect("leads").high_watermark;
        assert_eq!(end, 3, "what was late is there");

        assert_eq!(delete_records(&scene, 2, 1000).await, (LATE, -1));
        scene.core.sleep(Duration::from_secs(60)).await;
        assert_eq!(scene.node.position(partition).map(|p| p.log_start), Ok(2));
        assert_eq!(delete_records(&scene, 3, 60_000).await, (0, 3));

        assert_eq!(delete(&scene, "t", 500).await, LATE);
        scene.core.sleep(Duration::from_secs(60)).await;
        assert!(scene.node.image().topic("t").is_none(), "it went on");
    });
}

/// Whoever gives no request time to end cannot pile up work without a bound.
#[test]
fn few_works_outlive_their_requests() {
    play_slowly(3, |scene| async move {
        let refused = |scene: Scene, at: usize| async move {
            let name = format!("t{at}");
            let topic = CreatableTopic { name, num_partitions: 1, ..Default::default() };
            let topic = CreatableTopic { replication_factor: 1, ..topic };
            let topics = List::from([topic]);
            let request = CreateTopicsRequest { topics, timeout_ms: 1, validate_only: false };
            let mut answer = scene.peer().await.ask(&request, 7).await;
            (answer.topics[0].error_code, answer.topics[0].error_message.take())
        };
        for at in 0..64 {
            // Kafka has no words for it.
            assert_eq!(refused(scene.clone(), at).await, (7, None), "{at}");
        }
        let (_, words) = refused(scene.clone(), 64).await;
        assert!(words.expect("words").contains("bound"));
        scene.core.sleep(Duration::from_secs(3600)).await;
        let image = scene.node.image();
        assert!(image.topic("t63").is_some() && image.topic("t64").is_none());
        assert_eq!(refused(scene.clone(), 65).await, (7, None), "there is room again");
    });
}

/// Nor does whoever goes away before the time is over.
#[test]
fn work_whose_client_went_away_is_late_too() {
    play_slowly(4, |scene| async move {
        for at in 0..64 {
            let name = format!("t{at}");
            let topic = CreatableTopic { name, num_partitions: 1, ..Default::default() };
            let topic = CreatableTopic { replication_factor: 1, ..topic };
            let topics = List::from([topic]);
            let request = CreateTopicsRequest { topics, timeout_ms: 60_000, validate_only: false };
            let mut peer = scene.peer().await;
            let bytes = peer.frame(&request, 7, &[]);
            peer.send(&bytes).await;
            scene.core.sleep(Duration::from_millis(20)).await;
            drop(peer);
        }
        scene.core.sleep(Duration::from_millis(20)).await;
        // All of them have hung up.
        assert_eq!(scene.counts().connections, 0);
        assert_eq!(create(&scene, "more", 60_000).await, LATE, "too many are under way");
        assert!(scene.node.image().topic("more").is_none());
        scene.core.sleep(Duration::from_secs(3600)).await;
        assert!(scene.node.image().topic("t63").is_some(), "they went on");
        assert_eq!(create(&scene, "more", 60_000).await, 0, "there is room again");
    });
}

/// What a Kafka 4.3.1 node without other replicas answered to requests without any time.
#[test]
fn no_time_is_too_little_for_topics_and_enough_for_records() {
    play(2, |scene| async move {
        scene.create("t", 1, &[]).await;
        for timeout_ms in [0, -1] {
            assert_eq!(create(&scene, "u", timeout_ms).await, LATE);
            assert_eq!(delete(&scene, "t", timeout_ms).await, LATE);
            assert_eq!(produce(&scene, -1, timeout_ms).await, 0);
        }
        assert_eq!(delete_records(&scene, 1, 0).await, (0, 1));
        scene.core.sleep(Duration::from_secs(5)).await;
        let image = scene.node.image();
        assert!(image.topic("t").is_some() && image.topic("u").is_none(), "nothing was begun");
    });
}
