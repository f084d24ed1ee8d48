//! Numbered batches that come again: appended once, answered as the first time, whatever was killed
//! in between.

use std::time::Duration;

use engine_base::Refusal;
use engine_record::{BatchBuilder, Codec};
use engine_rt::Slice;
use engine_rt::sim::Crash;

use super::world_test::*;
use crate::{
    Acks, ConfigChange, ConfigChanges, ConfigResource, ConfigTarget, Node, Partition,
    ProduceAnswer, Produced,
};

/// A batch of so many records of a producer.
fn numbered(producer: (i64, i16), sequence: i32, records: i32) -> Slice {
    let mut batch = BatchBuilder::new().producer(producer.0, producer.1, sequence);
    for i in 0..records {
        let value = format!("{}.{}", producer.0, i64::from(sequence) + i64::from(i));
        batch.append(1_000 + i64::from(i), Some(b"k"), Some(value.as_bytes()), &[]);
    }
    Slice::of_vec(batch.finish(Codec::None))
}

fn hand_in(node: &Node, at: Partition, who: (i64, i16), sequence: i32, records: i32) -> Produced {
    send_as(node, at, numbered(who, sequence, records), Acks::All)
}

fn base(answer: Result<ProduceAnswer, Refusal>) -> i64 {
    answer.expect("acknowledged").base_offset
}

const WHO: (i64, i16) = (7, 0);

#[test]
fn the_last_five_batches_are_answered_again_and_not_appended_again() {
    let mut scene = Scene::new(51);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let at = partition(&node, "t", 0);
        for sequence in 0..7 {
            let first = hand_in(&node, at, WHO, sequence * 2, 2).await;
            assert_eq!(base(first), i64::from(sequence) * 2);
        }
        for sequence in 2..7 {
            let again = hand_in(&node, at, WHO, sequence * 2, 2).await.expect("known");
            assert_eq!(again.base_offset, i64::from(sequence) * 2);
            assert_eq!(again.log_append_time, 1_001, "the time of the original, as by Kafka");
        }
        for (sequence, records) in [(2, 2), (12, 1), (15, 2), (13, 2)] {
            let refused = hand_in(&node, at, WHO, sequence, records).await;
            assert!(matches!(refused, Err(Refusal::OutOfOrderSequence(_))), "{sequence}");
        }
        assert_eq!(read_all(&node, at).await.len(), 14, "nothing came twice");
        assert_eq!(base(hand_in(&node, at, WHO, 14, 1).await), 14);
    });
}

#[test]
fn epochs_rise_from_sequence_0_and_strangers_begin_where_they_are() {
    let mut scene = Scene::new(52);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let at = partition(&node, "t", 0);
        let send = |who, sequence| hand_in(&node, at, who, sequence, 1);
        assert_eq!(base(send((7, 3), 40).await), 0, "nothing was known of it");
        let not_first = send((7, 4), 41).await;
        assert!(matches!(not_first, Err(Refusal::OutOfOrderSequence(_))), "{not_first:?}");
        assert_eq!(base(send((7, 4), 0).await), 1);
        let over = send((7, 3), 41).await;
        assert!(matches!(over, Err(Refusal::InvalidProducerEpoch(_))), "{over:?}");
        let over = send((7, 3), 40).await;
        assert!(matches!(over, Err(Refusal::InvalidProducerEpoch(_))), "also what came before");
        assert_eq!(base(send((9, 0), i32::MAX).await), 2);
        assert_eq!(base(send((9, 0), 0).await), 3, "after the largest comes 0");
        assert_eq!(base(send((9, 0), i32::MAX).await), 2);
        let negative = send((7, 4), -5).await;
        assert!(matches!(negative, Err(Refusal::InvalidRecord { .. })), "{negative:?}");
        let known = node.producers(at).expect("served");
        let known: Vec<_> = known.iter().map(|(id, p)| (*id, p.epoch, p.last_sequence)).collect();
        assert_eq!(known, [(7, 4, 0), (9, 0, 0)]);
    });
}

/// All of them handed in before anything is durable: the repeats wait for their originals.
#[test]
fn a_batch_that_comes_again_on_its_way_is_answered_with_it() {
    let mut scene = Scene::new(53);
    scene.with_node(options(), |_, node| async move {
        create(&node, "t", 1).await;
        let at = partition(&node, "t", 0);
        let firsts: Vec<_> = (0..5).map(|i| hand_in(&node, at, WHO, i, 1)).collect();
        let repeats: Vec<_> = (0..5).rev().map(|i| hand_in(&node, at, WHO, i, 1)).collect();
        for (i, repeat) in (0..5).rev().zip(repeats) {
            assert_eq!(base(repeat.await), i);
            let seen = node.position(at).expect("served").high_watermark;
            assert!(seen > i, "{i} was answered before it was visible");
        }
        for (i, first) in (0..).zip(firsts) {
            assert_eq!(base(first.await), i);
        }
        assert_eq!(read_all(&node, at).await.len(), 5);
    });
}

/// Lives that end in kills and power cuts, with checkpoints now and then: the producer sends again
/// what it has no answer for, and what it had answers for within five batches.
#[test]
fn nothing_comes_twice_over_kills_and_restarts() {
    let mut scene = Scene::new(54);
    scene.with_node(options(), |_, node| async move { create(&node, "t", 1).await });
    for life in 0..12 {
        let next = life * 10;
        scene.with_node(options(), move |_, node| async move {
            let at = partition(&node, "t", 0);
            for sequence in (next - 5).max(0)..next {
                let again = hand_in(&node, at, WHO, sequence, 1).await;
                assert_eq!(base(again), i64::from(sequence), "life {life}");
            }
            for sequence in next..next + 10 {
                let sent = hand_in(&node, at, WHO, sequence, 1).await;
                assert_eq!(base(sent), i64::from(sequence), "life {life}");
            }
            let skipped = hand_in(&node, at, WHO, next + 11, 1).await;
            assert!(matches!(skipped, Err(Refusal::OutOfOrderSequence(_))), "{skipped:?}");
            let got = read_all(&node, at).await;
            let sent: Vec<String> = (0..next + 10).map(|i| format!("7.{i}")).collect();
            assert_eq!(got, sent, "life {life}");
            if life % 4 == 3 {
                node.close().await.expect("a clean end");
            }
        });
        scene.crash(if life % 2 == 0 { Crash::Power } else { Crash::Kill });
    }
}

/// `producer.id.expiration.ms` is followed while the node runs, and goes back with the config.
#[test]
fn producers_are_forgotten_as_the_config_says_by_now() {
    let mut scene = Scene::new(58);
    scene.with_node(options(), |core, node| async move {
        create(&node, "t", 1).await;
        let at = partition(&node, "t", 0);
        hand_in(&node, at, WHO, 0, 1).await.expect("acknowledged");
        let configure = async |change| {
            let changes = vec![("producer.id.expiration.ms".to_owned(), change)];
            let all = ConfigResource::Of(ConfigTarget::Cluster);
            let asked = vec![(all, ConfigChanges::Some(changes))];
            assert_eq!(node.alter_configs(asked, false).await, [Ok(())]);
        };
        core.sleep(Duration::from_secs(60)).await;
        assert_eq!(node.producer_count(at), Ok(1), "a day is the default");
        configure(ConfigChange::Set("2000".into())).await;
        core.sleep(Duration::from_secs(10)).await;
        assert_eq!(node.producer_count(at), Ok(0));
        configure(ConfigChange::Delete).await;
        hand_in(&node, at, (8, 0), 0, 1).await.expect("acknowledged");
        core.sleep(Duration::from_secs(60)).await;
        assert_eq!(node.producer_count(at), Ok(1));
    });
}
