//! The client against a broker that fails on order, in the simulated world.

use std::rc::Rc;
use std::time::Duration;

use engine_base::TopicPartition;
use engine_rt::Core;
use engine_rt::sim::{Disk, SimOptions, World};

use crate::broker_test::{Broker, Fault, TOPIC};
use crate::options::{ClientOptions, Codec, ConsumerOptions, ProducerOptions};
use crate::{Address, Client, Code, Consumer, ErrorKind, NewRecord, OffsetQuery, Producer};

/// Runs `work` with a client of a broker with two partitions.
pub(crate) fn world<T: 'static, F: Future<Output = T> + 'static>(
    seed: u64,
    work: impl FnOnce(Client, Rc<Broker>) -> F,
) -> T {
    let world = World::new(seed, SimOptions::default());
    let disk = Disk::new(1 << 20, 4096);
    let broker = Broker::start(&world.core(&disk), 2);
    let core: Core = world.core(&disk);
    let mut options = ClientOptions::new("test");
    options.brokers = vec![Address::new("10.0.0.1", 9092)];
    options.request_timeout = Duration::from_secs(2);
    let client = Client::new(&core, options);
    let work = work(client, broker);
    world.block_on(&core, work).expect("the world goes on")
}

fn quick() -> ProducerOptions {
    ProducerOptions { batch_bytes: 400, codec: Codec::Lz4, ..ProducerOptions::default() }
}

/// Writes numbers to partition 0 and reads them all back.
async fn round_trip(client: &Client, numbers: u32) -> Vec<u32> {
    let producer = Producer::new(client, quick());
    let mut deliveries = Vec::new();
    for n in 0..numbers {
        let value = n.to_string();
        let record =
            NewRecord { partition: Some(0), value: Some(value.as_bytes()), ..NewRecord::default() };
        deliveries.push(producer.send(TOPIC, record).await.expect("taken"));
        // Now and then the batch goes before it is full.
        if n % 37 == 0 {
            client.core().sleep(Duration::from_millis(20)).await;
        }
    }
    producer.close().await;
    for delivery in deliveries {
        delivery.await.expect("told").expect("delivered");
    }
    let consumer = Consumer::new(client, ConsumerOptions::default());
    consumer.assign(TOPIC, 0, 0);
    let place = TopicPartition { topic: TOPIC.into(), partition: 0 };
    let end = client.list_offsets(&[(place, OffsetQuery::Latest)], false).await.expect("ends");
    let end = end[0].expect("an end");
    let mut read: Vec<u32> = Vec::new();
    let mut next = 0;
    while next < end {
        for fetched in consumer.poll().await.expect("records") {
            for record in &fetched.records {
                assert_eq!(record.offset, next, "dense and in order");
                next += 1;
                let text = String::from_utf8(record.value.clone().expect("a value"));
                read.push(text.expect("text").parse().expect("a number"));
            }
        }
    }
    read
}

#[test]
fn what_was_sent_is_read_in_order() {
    for seed in 0..20 {
        let read = world(seed, |client, _| async move { round_trip(&client, 300).await });
        assert!(read.iter().copied().eq(0..300), "seed {seed}: {read:?}");
    }
}

#[test]
fn faults_that_pass_lose_nothing_and_keep_the_order() {
    // Requests 0 and 1 are ApiVersions and Metadata.
    let faults = [
        Fault::Close,
        Fault::Half,
        Fault::Silence,
        Fault::Code(6),
        Fault::Code(5),
        Fault::Code(7),
        Fault::Code(9),
    ];
    for (seed, fault) in faults.into_iter().enumerate() {
        for number in [1, 2, 3, 5, 8, 13] {
            let read = world(seed as u64, |client, broker| async move {
                broker.faults.borrow_mut().push((number, fault));
                let repeats = matches!(fault, Fault::Code(_));
                if repeats {
                    broker.faults.borrow_mut().push((number + 1, fault));
                }
                // Asking for metadata is not tried again by itself; the tools do.
                if client.partitions_of(TOPIC).await.is_err() {
                    client.partitions_of(TOPIC).await.expect("the second time");
                }
                round_trip(&client, 200).await
            });
            // A batch whose answer was lost may be there twice; its records keep their order.
            let mut last_new = None;
            for n in &read {
                if last_new.is_none_or(|last| *n > last) {
                    assert_eq!(*n, last_new.map_or(0, |last| last + 1), "{fault:?} at {number}");
                    last_new = Some(*n);
                }
            }
            assert_eq!(last_new, Some(199), "{fault:?} at request {number}");
        }
    }
}

#[test]
fn faults_that_stay_are_told_to_every_record() {
    let told = world(1, |client, broker| async move {
        client.partitions_of(TOPIC).await.expect("known");
        broker.faults.borrow_mut().extend((2..50).map(|n| (n, Fault::Code(10))));
        let producer = Producer::new(&client, quick());
        let mut deliveries = Vec::new();
        for _ in 0..10 {
            let record = NewRecord { value: Some(b"too large"), ..NewRecord::default() };
            deliveries.push(producer.send(TOPIC, record).await.expect("taken"));
        }
        producer.flush().await;
        let mut told = Vec::new();
        for delivery in deliveries {
            told.push(delivery.await.expect("told").expect_err("refused").kind);
        }
        told
    });
    assert_eq!(told, vec![ErrorKind::Refused(Code(10)); 10]);
}

#[test]
fn a_consumer_gives_up_a_broker_that_stays_away() {
    let (error, waited) = world(1, |client, broker| async move {
        let options = ConsumerOptions { patience: Duration::from_secs(5), ..Default::default() };
        let consumer = Consumer::new(&client, options);
        consumer.assign(TOPIC, 0, 0);
        assert!(consumer.poll().await.expect("an answer")[0].records.is_empty());
        broker.faults.borrow_mut().extend((3..1000).map(|n| (n, Fault::Close)));
        let begun = client.core().now();
        let error = loop {
            match consumer.poll().await {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        (error, client.core().now() - begun)
    });
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(waited >= Duration::from_secs(5) && waited < Duration::from_secs(6), "{waited:?}");
}

#[test]
fn an_answer_to_nobody_breaks_the_connection_and_not_the_client() {
    let (first, second) = world(1, |client, broker| async move {
        broker.faults.borrow_mut().push((1, Fault::WrongId));
        let first = client.metadata(None, false).await.expect_err("a wrong correlation id");
        (first, client.metadata(None, false).await.is_ok())
    });
    assert_eq!(first.kind, ErrorKind::Malformed);
    assert!(first.what.starts_with("10.0.0.1:9092: an answer came"), "{first}");
    assert!(second, "a new connection is opened");
}

#[test]
fn older_brokers_are_spoken_to_in_their_versions() {
    for ceiling in
        [(0, 3), (0, 9), (0, 12), (1, 4), (1, 11), (1, 12), (2, 1), (3, 1), (3, 9), (18, 0)]
    {
        let read = world(2, |client, broker| async move {
            broker.ceilings.borrow_mut().push(ceiling);
            round_trip(&client, 50).await
        });
        assert!(read.iter().copied().eq(0..50), "{ceiling:?}: {read:?}");
    }
    let error = world(3, |client, broker| async move {
        broker.ceilings.borrow_mut().push((1, 3));
        let consumer = Consumer::new(&client, ConsumerOptions::default());
        consumer.assign(TOPIC, 0, 0);
        consumer.poll().await.expect_err("Fetch 3 is not spoken")
    });
    assert_eq!(error.kind, ErrorKind::NotServed);
    assert!(error.what.contains("10.0.0.1:9092: of Fetch"), "{error}");
}

#[test]
fn errors_name_the_broker_and_the_next_step() {
    let (unknown, silent) = world(4, |client, broker| async move {
        let unknown = client.partitions_of("nowhere").await.expect_err("no such topic");
        let silence = (0..100).map(|n| (n, Fault::Silence));
        broker.faults.borrow_mut().extend(silence);
        let silent = client.metadata(None, false).await.expect_err("no answer");
        (unknown, silent)
    });
    assert_eq!(unknown.what, "there is no topic nowhere");
    assert_eq!(silent.kind, ErrorKind::TimedOut);
    assert_eq!(silent.what, "10.0.0.1:9092: Metadata was not answered within 2 s");
    assert!(silent.next.expect("a step").contains("request.timeout.ms"));
}

#[test]
fn a_leader_that_does_not_know_it_yet_is_asked_again_for_offsets() {
    world(7, |client, broker| async move {
        // Requests 0 and 1 are ApiVersions and Metadata; then ListOffsets, and Metadata again.
        broker.faults.borrow_mut().extend([(2, Fault::Code(6)), (4, Fault::Code(6))]);
        let place = TopicPartition { topic: TOPIC.into(), partition: 1 };
        let found = client.list_offsets(&[(place.clone(), OffsetQuery::Latest)], false).await;
        assert_eq!(found.expect("it knows by now"), [Some(0)]);
        let all = 0..100_000;
        broker.faults.borrow_mut().extend(all.map(|n| (n, Fault::Code(1))));
        let error = client.list_offsets(&[(place, OffsetQuery::Latest)], false).await;
        assert_eq!(error.expect_err("no patience").kind, ErrorKind::Refused(Code(1)));
    });
}
