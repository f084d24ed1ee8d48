//! The hand-written path and the generated one agree, in every version.

use super::*;
use crate::codec::List;
use crate::messages::produce::{
    PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData, TopicProduceResponse,
};

fn request() -> ProduceRequest {
    let partition = |index, len| PartitionProduceData {
        index,
        records: (len > 0).then(|| FrameRange::gap(len)),
    };
    let topic = |name: &str, id, partition_data| TopicProduceData {
        name: name.to_owned(),
        topic_id: Uuid([id; 16]),
        partition_data,
    };
    ProduceRequest {
        transactional_id: Some("tx".to_owned()),
        acks: -1,
        timeout_ms: 1500,
        topic_data: List::from([
            topic("flights", 1, List::from([partition(0, 70), partition(7, 0), partition(2, 5)])),
            topic("none", 2, List::new()),
            topic("ähm", 3, List::from([partition(1, 300)])),
        ]),
    }
}

#[test]
fn the_view_gives_what_the_generated_code_decodes() {
    let records = [&[1u8; 70][..], &[2; 5], &[3; 300]];
    for version in API.versions.min..=API.versions.max {
        let mut writer = Writer::new();
        request().encode(&mut writer, version);
        let bytes = writer.finish().unwrap().join(&records);
        // However the frame is cut.
        for cut in 0..bytes.len() {
            let slices = [&bytes[..cut], &[], &bytes[cut..]];
            let plain = ProduceRequest::decode(&mut Reader::new(&slices), version).unwrap();
            let mut reader = Reader::new(&slices);
            let view = ProduceView::decode(&mut reader, version, 4).unwrap();
            assert_eq!(reader.remaining(), 0);
            assert_eq!(view.transactional_id.as_deref(), plain.transactional_id.as_deref());
            assert_eq!((view.acks, view.timeout_ms), (plain.acks, plain.timeout_ms));
            assert_eq!(view.topic_count(), plain.topic_data.len());
            let mut steps = view.steps();
            for topic in &plain.topic_data {
                let Some(ProduceStep::Topic(seen)) = steps.next() else { panic!("no topic") };
                let key = match version {
                    13.. => TopicKey::Id(topic.topic_id),
                    _ => TopicKey::Name(topic.name.as_str().into()),
                };
                assert_eq!(seen.key, key);
                assert_eq!(seen.partition_count, topic.partition_data.len());
                for partition in &topic.partition_data {
                    let Some(ProduceStep::Partition(seen)) = steps.next() else { panic!("none") };
                    assert_eq!((seen.index, seen.records), (partition.index, partition.records));
                }
            }
            assert!(steps.next().is_none());
        }
        // A request that ends too early gives no view at all.
        for end in 0..bytes.len() {
            let slices = [&bytes[..end]];
            assert!(ProduceView::decode(&mut Reader::new(&slices), version, 4).is_err());
        }
    }
}

#[test]
fn names_in_one_slice_are_borrowed() {
    let mut writer = Writer::new();
    request().encode(&mut writer, 12);
    let bytes = writer.finish().unwrap().join(&[&[1; 70], &[2; 5], &[3; 300]]);
    let slices = [&bytes[..]];
    let view = ProduceView::decode(&mut Reader::new(&slices), 12, 4).unwrap();
    assert!(matches!(view.transactional_id, Some(Cow::Borrowed("tx"))));
    let Some(ProduceStep::Topic(topic)) = view.steps().next() else { panic!("no topic") };
    assert!(matches!(topic.key, TopicKey::Name(Cow::Borrowed("flights"))));
}

#[test]
fn the_answer_is_what_the_generated_code_encodes() {
    let partition = |index, error_code| PartitionProduceResponse {
        index,
        error_code,
        base_offset: 1 << 40,
        error_message: (error_code != 0).then(|| "no".to_owned()),
        ..Default::default()
    };
    let topic = |name: &str, id, partition_responses| TopicProduceResponse {
        name: name.to_owned(),
        topic_id: Uuid([id; 16]),
        partition_responses,
    };
    let answer = ProduceResponse {
        responses: List::from([
            topic("flights", 1, List::from([partition(0, 0), partition(1, 6)])),
            topic("none", 2, List::new()),
        ]),
        throttle_time_ms: 3,
        node_endpoints: List::from([NodeEndpoint { node_id: 1, port: 9, ..Default::default() }]),
    };
    for version in API.versions.min..=API.versions.max {
        let mut plain = Writer::new();
        answer.encode(&mut plain, version);
        let mut writer = Writer::new();
        let mut hand = ProduceAnswer::begin(&mut writer, version, answer.responses.len());
        for topic in &answer.responses {
            let key = match version {
                13.. => TopicKey::Id(topic.topic_id),
                _ => TopicKey::Name(topic.name.as_str().into()),
            };
            hand.topic(&key, topic.partition_responses.len());
            topic.partition_responses.iter().for_each(|partition| hand.partition(partition));
        }
        hand.end(3, &answer.node_endpoints.to_vec());
        assert_eq!(writer.finish().unwrap().join(&[]), plain.finish().unwrap().join(&[]));
    }
}

#[test]
fn no_more_is_named_than_may_be() {
    for version in API.versions.min..=API.versions.max {
        let mut writer = Writer::new();
        request().encode(&mut writer, version);
        let bytes = writer.finish().unwrap().join(&[&[1; 70], &[2; 5], &[3; 300]]);
        let slices = [&bytes[..]];
        let view = |most| ProduceView::decode(&mut Reader::new(&slices), version, most).map(|_| ());
        assert_eq!(view(4), Ok(()), "four partitions of three topics");
        assert_eq!(view(3), Err(WireError::TooMany(3)));
        let mut empty = request();
        empty.topic_data.iter_mut().for_each(|topic| topic.partition_data = List::new());
        let mut writer = Writer::new();
        empty.encode(&mut writer, version);
        let bytes = writer.finish().unwrap().join(&[]);
        let slices = [&bytes[..]];
        let view = |most| ProduceView::decode(&mut Reader::new(&slices), version, most).map(|_| ());
        assert_eq!((view(3), view(2)), (Ok(()), Err(WireError::TooMany(2))), "topics count too");
    }
}
