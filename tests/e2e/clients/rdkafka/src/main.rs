//! The rdkafka crate as python/speech.py tells of all of these programs; defaults but where a line
//! says why.
//!
//!     e2e-rdkafka BOOTSTRAP VERB ARGS...

mod admin;
mod speech;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::json;
use speech::{Fallible, PATIENCE, Told, body, config, say, say_record};

fn produce(bootstrap: &str, arguments: &[String]) -> Fallible<()> {
    let [topic, codec, count, prefix] = arguments else { return Err("four arguments".into()) };
    let producer: BaseProducer<Told> =
        config(bootstrap).set("compression.type", codec).create_with_context(Told::default())?;
    for number in 0..count.parse()? {
        let (key, value) = body(prefix, number);
        let headers = OwnedHeaders::new().insert(Header { key: "by", value: Some(prefix) });
        let mut record = BaseRecord::to(topic).key(&key).payload(&value).headers(headers);
        while let Err((error, back)) = producer.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            record = back;
            producer.poll(Duration::from_millis(100));
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(PATIENCE)?;
    say(json!({ "produced": producer.context().delivered.load(Ordering::Relaxed) }));
    Ok(())
}

/// A consumer without a group; the library wants a name even so.
fn alone(bootstrap: &str) -> Fallible<BaseConsumer<Told>> {
    let mut settings = config(bootstrap);
    settings.set("group.id", "unused").set("enable.auto.commit", "false");
    Ok(settings.create_with_context(Told::default())?)
}

fn partitions_of(consumer: &BaseConsumer<Told>, topic: &str) -> Fallible<Vec<i32>> {
    let found = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let described = found.topics().first().ok_or("no such topic")?;
    Ok(described.partitions().iter().map(|one| one.id()).collect())
}

fn places(consumer: &BaseConsumer<Told>, topic: &str, at: Offset) -> Fallible<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    for partition in partitions_of(consumer, topic)? {
        list.add_partition_offset(topic, partition, at)?;
    }
    Ok(list)
}

fn read(bootstrap: &str, arguments: &[String]) -> Fallible<()> {
    let [topic, count] = arguments else { return Err("two arguments".into()) };
    let consumer = alone(bootstrap)?;
    consumer.assign(&places(&consumer, topic, Offset::Beginning)?)?;
    for left in (0..count.parse::<u64>()?).rev() {
        let record = consumer.poll(PATIENCE).ok_or_else(|| format!("{left} did not come"))??;
        say_record(&record);
    }
    Ok(())
}

fn member(bootstrap: &str, arguments: &[String]) -> Fallible<()> {
    let [topic, group] = arguments else { return Err("two arguments".into()) };
    let closed = speech::stdin_closed();
    let mut settings = config(bootstrap);
    settings.set("group.id", group).set("auto.offset.reset", "earliest");
    settings.set("enable.auto.commit", "false");
    // The shortest session that a broker takes by default: the test waits for it after a kill.
    settings.set("session.timeout.ms", "6000").set("heartbeat.interval.ms", "500");
    let told = Told { tells: true, ..Told::default() };
    let consumer: BaseConsumer<Told> = settings.create_with_context(told)?;
    consumer.subscribe(&[topic])?;
    while !closed.load(Ordering::Relaxed) {
        let mut committed = BTreeMap::new();
        let mut patience = Duration::from_millis(100);
        for _ in 0..500 {
            let Some(record) = consumer.poll(patience).transpose()? else { break };
            say_record(&record);
            committed.insert(record.partition(), record.offset() + 1);
            patience = Duration::ZERO;
        }
        if !committed.is_empty() {
            commit(&consumer, topic, &committed)?;
        }
    }
    Ok(())
}

fn commit(
    consumer: &BaseConsumer<Told>,
    topic: &str,
    offsets: &BTreeMap<i32, i64>,
) -> Fallible<()> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset))?;
    }
    consumer.commit(&list, CommitMode::Sync)?;
    say(json!({ "committed": offsets }));
    Ok(())
}

fn times(bootstrap: &str, arguments: &[String]) -> Fallible<()> {
    let [topic, timestamp] = arguments else { return Err("two arguments".into()) };
    let consumer = alone(bootstrap)?;
    let asked = places(&consumer, topic, Offset::Offset(timestamp.parse()?))?;
    for found in consumer.offsets_for_times(asked, PATIENCE)?.elements() {
        found.error()?;
        let offset = match found.offset() {
            Offset::Offset(offset) => Some(offset),
            // None is as late.
            Offset::End => None,
            other => return Err(format!("{other:?}").into()),
        };
        say(json!({ "partition": found.partition(), "offset": offset }));
    }
    Ok(())
}

fn codecs(_: &str, _: &[String]) -> Fallible<()> {
    say(json!({ "codecs": ["none", "gzip", "snappy", "lz4", "zstd"] }));
    Ok(())
}

fn main() -> Fallible<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, verb, arguments @ ..] = &words[..] else {
        return Err("BOOTSTRAP VERB ARGS...".into());
    };
    let run = match verb.as_str() {
        "produce" => produce,
        "read" => read,
        "member" => member,
        "times" => times,
        "admin" => admin::admin,
        "codecs" => codecs,
        _ => return Err(format!("no verb {verb}").into()),
    };
    run(bootstrap, arguments)
}
