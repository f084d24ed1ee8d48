//! The steps of `admin` that the crate has: it lists and describes groups through its consumer, and
//! has none for a group's offsets but that one too.

use futures_executor::block_on;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::json;

use crate::speech::{Fallible, PATIENCE, Told, config, say, until};

type Client = AdminClient<DefaultClientContext>;

const RECORDS: i64 = 30;

fn done(step: &str) {
    say(json!({ "step": step, "ok": true }));
}

fn ensure(holds: bool, why: &str) -> Fallible<()> {
    if holds { Ok(()) } else { Err(why.into()) }
}

/// The answer for the one thing that was asked about.
fn only<T, E: std::fmt::Debug>(answers: Vec<Result<T, E>>) -> Fallible<T> {
    let [answer] = <[Result<T, E>; 1]>::try_from(answers).map_err(|_| "not one answer")?;
    answer.map_err(|error| format!("{error:?}").into())
}

fn partitions_of(client: &Client, topic: &str) -> Fallible<usize> {
    let found = client.inner().fetch_metadata(Some(topic), PATIENCE)?;
    Ok(found.topics().first().ok_or("no such topic")?.partitions().len())
}

fn is_listed(client: &Client, topic: &str) -> Fallible<bool> {
    let found = client.inner().fetch_metadata(None, PATIENCE)?;
    Ok(found.topics().iter().any(|one| one.name() == topic))
}

fn retention(client: &Client, topic: &str) -> Fallible<String> {
    let asked = [ResourceSpecifier::Topic(topic)];
    let answers = block_on(client.describe_configs(&asked, &AdminOptions::new()))?;
    let found = only(answers)?;
    let entry = found.get("retention.ms").ok_or("no retention.ms")?;
    Ok(entry.value.clone().unwrap_or_default())
}

pub fn admin(bootstrap: &str, arguments: &[String]) -> Fallible<()> {
    let [prefix] = arguments else { return Err("one argument".into()) };
    let (topic, group) = (format!("{prefix}-topic"), format!("{prefix}-group"));
    let client: Client = config(bootstrap).create()?;
    let plain = AdminOptions::new();
    let wanted = NewTopic::new(&topic, 3, TopicReplication::Fixed(1));
    only(block_on(client.create_topics(&[wanted], &plain))?)?;
    done("create_topic");
    ensure(is_listed(&client, &topic)?, "not listed")?;
    done("list_topics");
    ensure(partitions_of(&client, &topic)? == 3, "not three partitions")?;
    done("describe_topic");
    ensure(retention(&client, &topic)? == "604800000", "another default")?;
    done("describe_config");
    let change = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("retention.ms", "3600000");
    only(block_on(client.alter_configs(&[change], &plain))?)?;
    until("the new value", || Ok(retention(&client, &topic)? == "3600000"))?;
    done("alter_config");
    only(block_on(client.create_partitions(&[NewPartitions::new(&topic, 6)], &plain))?)?;
    until("partitions", || Ok(partitions_of(&client, &topic)? == 6))?;
    done("create_partitions");
    groups(bootstrap, &topic, &group)?;
    let mut below = TopicPartitionList::new();
    below.add_partition_offset(&topic, 0, Offset::Offset(5))?;
    let left = block_on(client.delete_records(&below, &plain))?;
    let low = left.find_partition(&topic, 0).ok_or("no answer")?.offset();
    ensure(low == Offset::Offset(5), "not deleted")?;
    done("delete_records");
    only(block_on(client.delete_groups(&[&group], &plain))?)?;
    done("delete_group");
    only(block_on(client.delete_topics(&[&topic], &plain))?)?;
    ensure(!is_listed(&client, &topic)?, "a deleted topic is listed")?;
    done("delete_topic");
    Ok(())
}

fn groups(bootstrap: &str, topic: &str, group: &str) -> Fallible<()> {
    let producer: BaseProducer<Told> = config(bootstrap).create_with_context(Told::default())?;
    for number in 0..RECORDS {
        let value = number.to_string();
        let record = BaseRecord::<(), str>::to(topic).payload(&value).partition(0);
        producer.send(record).map_err(|(error, _)| error)?;
    }
    producer.flush(PATIENCE)?;
    let mut settings = config(bootstrap);
    settings.set("group.id", group).set("auto.offset.reset", "earliest");
    let consumer: BaseConsumer<Told> = settings.create_with_context(Told::default())?;
    consumer.subscribe(&[topic])?;
    let mut got = 0;
    until("all records", || {
        // It comes back with nothing after a change of what is assigned, too.
        got += i64::from(consumer.poll(PATIENCE).transpose()?.is_some());
        Ok(got == RECORDS)
    })?;
    consumer.commit_consumer_state(CommitMode::Sync)?;
    let found = consumer.fetch_group_list(None, PATIENCE)?;
    ensure(found.groups().iter().any(|one| one.name() == group), "not listed")?;
    done("list_groups");
    let found = consumer.fetch_group_list(Some(group), PATIENCE)?;
    let described = found.groups().first().ok_or("no such group")?;
    ensure(described.state() == "Stable" && described.members().len() == 1, described.state())?;
    done("describe_group");
    drop(consumer);
    let again: BaseConsumer<Told> = settings.create_with_context(Told::default())?;
    let mut asked = TopicPartitionList::new();
    asked.add_partition(topic, 0);
    let offsets = again.committed_offsets(asked, PATIENCE)?;
    let at = offsets.find_partition(topic, 0).ok_or("no answer")?.offset();
    ensure(at == Offset::Offset(RECORDS), "not what was committed")?;
    done("group_offsets");
    Ok(())
}
