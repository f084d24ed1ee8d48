//! Producer ids, batches that come again, and who numbers the batches of a partition.

use engine_record::{BatchBuilder, Codec};
use net_wire::List;
use net_wire::messages::describe_producers::{DescribeProducersRequest, TopicRequest};
use net_wire::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

use crate::scene::{Scene, play, produce_request};

async fn init(
    scene: &Scene,
    version: i16,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    scene.peer().await.ask(&request, version).await
}

#[test]
fn every_producer_gets_an_id_of_its_own() {
    play(1, |scene| async move {
        let mut ids = Vec::new();
        for version in 0..=5 {
            let given = init(&scene, version, InitProducerIdRequest::default()).await;
            assert_eq!((given.error_code, given.producer_epoch), (0, 0));
            assert!(!ids.contains(&given.producer_id));
            ids.push(given.producer_id);
        }
        let again =
            InitProducerIdRequest { producer_id: ids[0], producer_epoch: 0, ..Default::default() };
        let given = init(&scene, 5, again).await;
        assert_eq!((given.error_code, given.producer_epoch), (0, 0));
        assert!(!ids.contains(&given.producer_id), "another one, as by Kafka");
        let half = InitProducerIdRequest { producer_id: ids[0], ..Default::default() };
        assert_eq!(init(&scene, 3, half).await.error_code, 42);
        for (name, code) in [("tx", 35), ("", 42)] {
            let request = InitProducerIdRequest {
                transactional_id: Some(name.to_owned()),
                transaction_timeout_ms: 1000,
                ..Default::default()
            };
            for version in 0..=5 {
                let refused = init(&scene, version, request.clone()).await;
                let told = (refused.error_code, refused.producer_id, refused.producer_epoch);
                assert_eq!(told, (code, -1, -1), "{name:?}");
            }
        }
    });
}

#[test]
fn a_batch_that_comes_again_has_its_first_offset_and_its_producer_is_described() {
    play(2, |scene| async move {
        scene.create("t", 1, &[]).await;
        let send = async |id, epoch, sequence| {
            let mut batch = BatchBuilder::new().producer(id, epoch, sequence);
            batch.append(1_234, None, Some(b"v"), &[]);
            let batch = batch.finish(Codec::None);
            let request = produce_request("t", 0, batch.len());
            let answer = scene.peer().await.ask_with(&request, 9, &[&batch]).await;
            let partition = &answer.responses[0].partition_responses[0];
            (partition.error_code, partition.base_offset)
        };
        assert_eq!(send(5, 1, 0).await, (0, 0));
        assert_eq!(send(5, 1, 1).await, (0, 1));
        assert_eq!(send(5, 1, 0).await, (0, 0), "the first time's offset");
        assert_eq!(send(5, 1, 9).await, (45, -1), "a gap");
        assert_eq!(send(5, 0, 2).await, (47, -1), "an epoch that is over");
        assert_eq!(send(6, 0, 7).await, (0, 2), "nothing is known of it");
        let topics = ["t", "none"]
            .map(|name| TopicRequest { name: name.to_owned(), partition_indexes: List::from([0]) });
        let request = DescribeProducersRequest { topics: List::from(topics) };
        let answer = scene.peer().await.ask(&request, 0).await;
        let known = &answer.topics[0].partitions[0];
        assert_eq!(known.error_code, 0);
        let told: Vec<_> = known
            .active_producers
            .iter()
            .map(|p| (p.producer_id, p.producer_epoch, p.last_sequence, p.last_timestamp))
            .collect();
        assert_eq!(told, [(5, 1, 1, 1_234), (6, 0, 7, 1_234)]);
        assert_eq!(answer.topics[1].partitions[0].error_code, 3);
    });
}
