//! Produce: every version, every partition its own answer, batches by reference.

use engine_record::{BatchBuilder, Codec};
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use net_wire::{FrameRange, List};

use crate::scene::{Scene, batch, batch_in, play, produce_request};

async fn topic_id(scene: &Scene, name: &str) -> engine_base::Uuid {
    scene.node.image().topic(name).expect("it was created").id
}

#[test]
fn every_version_is_answered() {
    play(1, |scene| async move {
        scene.create("t", 1, &[]).await;
        let id = topic_id(&scene, "t").await;
        let bytes = batch(&["a", "b"]);
        let mut peer = scene.peer().await;
        for (number, version) in (3..=13).enumerate() {
            let mut request = produce_request("t", 0, bytes.len());
            if version >= 13 {
                request.topic_data[0].name.clear();
                request.topic_data[0].topic_id = id;
            }
            let answer = peer.ask_with(&request, version, &[&bytes]).await;
            let topic = &answer.responses[0];
            assert_eq!(topic.name, if version >= 13 { "" } else { "t" });
            assert_eq!(topic.topic_id == id, version >= 13);
            let partition = &topic.partition_responses[0];
            assert_eq!((partition.index, partition.error_code), (0, 0), "version {version}");
            assert_eq!(partition.base_offset, 2 * i64::try_from(number).expect("small"));
            assert_eq!(partition.log_append_time_ms, -1);
            assert_eq!(partition.log_start_offset, if version >= 5 { 0 } else { -1 });
        }
    });
}

#[test]
fn each_partition_has_its_own_answer_in_the_order_asked() {
    play(2, |scene| async move {
        scene.create("t", 2, &[]).await;
        scene.create("__consumer_offsets", 1, &[]).await;
        let bytes = batch(&["a"]);
        let mut broken = bytes.clone();
        broken[30] ^= 1;
        let partition =
            |index| PartitionProduceData { index, records: Some(FrameRange::gap(bytes.len())) };
        let topic = |name: &str, indexes: &[i32]| TopicProduceData {
            name: name.to_owned(),
            partition_data: indexes.iter().map(|index| partition(*index)).collect(),
            ..Default::default()
        };
        let mut request = produce_request("t", 0, 0);
        request.topic_data = List::from([
            topic("t", &[1, 9, 0, -1]),
            topic("a b", &[0]),
            topic("none", &[]),
            topic("__consumer_offsets", &[0]),
            topic("unknown", &[0]),
        ]);
        let records = [&bytes, &bytes, &broken, &bytes, &bytes, &bytes, &bytes].map(|b| &b[..]);
        let answer = scene.peer().await.ask_with(&request, 12, &records).await;
        let codes: Vec<(&str, Vec<(i32, i16)>)> = answer
            .responses
            .iter()
            .map(|topic| {
                let partitions = topic.partition_responses.iter();
                let codes = partitions.map(|partition| (partition.index, partition.error_code));
                (&*topic.name, codes.collect())
            })
            .collect();
        let expected = [
            ("t", vec![(1, 0), (9, 3), (0, 2), (-1, 3)]),
            ("a b", vec![(0, 17)]),
            ("__consumer_offsets", vec![(0, 17)]),
            ("unknown", vec![(0, 3)]),
        ];
        assert_eq!(codes, expected);
        let refused = &answer.responses[0].partition_responses[2];
        assert_eq!((refused.base_offset, refused.log_start_offset), (-1, -1));
        assert!(refused.error_message.as_ref().is_some_and(|why| !why.is_empty()));
    });
}

#[test]
fn single_records_are_named_from_version_8_on() {
    play(3, |scene| async move {
        scene.create("c", 1, &[("cleanup.policy", "compact")]).await;
        let bytes = batch(&["a", "b"]);
        let mut peer = scene.peer().await;
        let request = produce_request("c", 0, bytes.len());
        let answer = peer.ask_with(&request, 8, &[&bytes]).await;
        let partition = &answer.responses[0].partition_responses[0];
        assert_eq!(partition.error_code, 87);
        let named = partition.record_errors.iter().map(|record| record.batch_index);
        assert_eq!(named.collect::<Vec<i32>>(), [0, 1], "both are without a key");
        let answer = peer.ask_with(&request, 7, &[&bytes]).await;
        let partition = &answer.responses[0].partition_responses[0];
        assert!(partition.error_code == 87 && partition.record_errors.is_empty());
    });
}

#[test]
fn the_time_of_appending_is_told() {
    play(4, |scene| async move {
        scene.create("l", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
        let bytes = batch(&["a"]);
        let request = produce_request("l", 0, bytes.len());
        let answer = scene.peer().await.ask_with(&request, 9, &[&bytes]).await;
        let time = answer.responses[0].partition_responses[0].log_append_time_ms;
        let now = scene.core.wall().0;
        assert!((now - 1000..=now).contains(&time), "{time}, now {now}");
    });
}

#[test]
fn acks_zstd_and_transactions_are_judged_by_version_and_number() {
    play(5, |scene| async move {
        scene.create("t", 1, &[]).await;
        let plain = batch(&["a"]);
        let zstd = batch_in(Codec::Zstd, &["a"]);
        let mut peer = scene.peer().await;
        let mut codes = Vec::new();
        let mut cases = Vec::new();
        for (acks, version, bytes) in
            [(2, 9, &plain), (-2, 9, &plain), (1, 9, &plain), (-1, 6, &zstd), (-1, 7, &zstd)]
        {
            cases.push((
                ProduceRequest { acks, ..produce_request("t", 0, bytes.len()) },
                version,
                bytes,
            ));
        }
        let transactional_id = Some("x".to_owned());
        let transactional =
            ProduceRequest { transactional_id, ..produce_request("t", 0, plain.len()) };
        // An ordinary batch may come with an id; one that is part of a transaction may not.
        cases.push((transactional.clone(), 9, &plain));
        let mut part = BatchBuilder::new().producer(5, 0, 0).transactional();
        part.append(1, None, Some(b"a"), &[]);
        let part = part.finish(Codec::None);
        cases.push((
            ProduceRequest { transactional_id: None, ..with(&transactional, &part) },
            9,
            &part,
        ));
        cases.push((with(&transactional, &part), 9, &part));
        cases.push((produce_request("t", 0, 0), 9, &plain));
        for (request, version, bytes) in cases {
            let gap = request.topic_data[0].partition_data[0].records.is_some_and(|r| r.len > 0);
            let records: &[&[u8]] = if gap { &[bytes] } else { &[] };
            let answer = peer.ask_with(&request, version, records).await;
            codes.push(answer.responses[0].partition_responses[0].error_code);
        }
        assert_eq!(codes, [21, 21, 0, 76, 0, 0, 53, 35, 87]);
    });
}

/// As a Kafka 4.3.1 node tells it: with what the log refused, not with what never came to it.
#[test]
fn a_refusal_tells_where_the_log_starts() {
    play(8, |scene| async move {
        scene.create("t", 1, &[("max.message.bytes", "300")]).await;
        scene.produce("t", 0, &["a"]).await;
        scene.produce("t", 0, &["b"]).await;
        let partitions = List::from([DeleteRecordsPartition { partition_index: 0, offset: 1 }]);
        let topics = List::from([DeleteRecordsTopic { name: "t".to_owned(), partitions }]);
        let mut peer = scene.peer().await;
        peer.ask(&DeleteRecordsRequest { topics, timeout_ms: 5000 }, 2).await;
        let good = batch(&["a"]);
        let mut codec = good.clone();
        codec[22] |= 7;
        // For its checksum.
        engine_record::stamp_log_append_time(&mut codec, 0);
        let mut moved = good.clone();
        moved[7] = 9;
        let mut damaged = good.clone();
        damaged[20] ^= 1;
        let large = batch(&[&"x".repeat(300)]);
        let two = [&good[..], &good[..]].concat();
        let cases: [(&[u8], i16, i16, i64); 7] = [
            (&good, 9, 0, 1),
            (&moved, 9, 87, 1),
            (&codec, 9, 2, 1),
            (&codec, 6, 2, -1),
            (&damaged, 9, 2, -1),
            (&large, 9, 10, -1),
            (&two, 9, 87, -1),
        ];
        for (bytes, version, code, start) in cases {
            let request = produce_request("t", 0, bytes.len());
            let answer = peer.ask_with(&request, version, &[bytes]).await;
            let told = &answer.responses[0].partition_responses[0];
            assert_eq!((told.error_code, told.log_start_offset), (code, start));
        }
    });
}

/// The same request with other records.
fn with(request: &ProduceRequest, batch: &[u8]) -> ProduceRequest {
    let mut request = request.clone();
    request.topic_data[0].partition_data[0].records = Some(FrameRange::gap(batch.len()));
    request
}

#[test]
fn a_batch_across_receive_buffers_arrives_whole() {
    play(6, |scene| async move {
        scene.create("t", 1, &[]).await;
        let value = "0123456789".repeat(90_000);
        assert_eq!(scene.produce("t", 0, &[&value]).await, 0);
        let request = crate::scene::fetch_request("t", 0, 0);
        let mut peer = scene.peer().await;
        let bytes = peer.frame(&request, 12, &[]);
        peer.send(&bytes).await;
        let answer = peer.receive().await.expect("an answer");
        assert!(answer.windows(100).any(|part| part == &value.as_bytes()[..100]));
        let sent = batch(&[&value]);
        let tail = &sent[61..];
        assert!(answer.ends_with(&[tail, &[0, 0, 0]].concat()), "the very bytes");
    });
}

/// As by a Kafka 4.3.1 node: the last batch is stored and answered, the others never came.
#[test]
fn of_a_partition_that_is_named_twice_the_last_batch_counts() {
    play(20, |scene| async move {
        scene.create("t", 3, &[]).await;
        scene.create("u", 1, &[]).await;
        let batches = [["a"], ["b"], ["c"], ["d"], ["e"]].map(|values| batch(&values));
        let partition = |index| PartitionProduceData {
            index,
            records: Some(FrameRange::gap(batches[0].len())),
        };
        let topic = |name: &str, indexes: &[i32]| TopicProduceData {
            name: name.to_owned(),
            partition_data: indexes.iter().map(|index| partition(*index)).collect(),
            ..Default::default()
        };
        let mut request = produce_request("t", 0, 0);
        // Partition 1 comes three times, the first of them in a topic of which nothing is left.
        request.topic_data =
            List::from([topic("t", &[1]), topic("u", &[0]), topic("t", &[1, 2, 1])]);
        let records: Vec<&[u8]> = batches.iter().map(Vec::as_slice).collect();
        let answer = scene.peer().await.ask_with(&request, 9, &records).await;
        let told = answer.responses.iter().map(|topic| {
            let partitions = topic.partition_responses.iter();
            let told = partitions.map(|one| (one.index, one.error_code, one.base_offset));
            (&*topic.name, told.collect::<Vec<_>>())
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told, [("u", vec![(0, 0, 0)]), ("t", vec![(2, 0, 0), (1, 0, 0)])]);
        let mut peer = scene.peer().await;
        let fetch = crate::scene::fetch_request("t", 1, 0);
        let frame = peer.frame(&fetch, 12, &[]);
        peer.send(&frame).await;
        let bytes = peer.receive().await.expect("an answer");
        // All of a batch but its first offset and epoch is as it was sent.
        let has = |batch: &[u8]| bytes.windows(batch.len() - 21).any(|part| part == &batch[21..]);
        assert!(has(&batches[4]) && !has(&batches[0]) && !has(&batches[2]), "the last alone");
    });
}
