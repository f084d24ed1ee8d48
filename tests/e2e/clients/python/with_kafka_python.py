"""kafka-python as speech.py wants it; defaults but where a line says why."""

import speech
from kafka import (
    ConsumerRebalanceListener,
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    OffsetAndMetadata,
    TopicPartition,
)
from kafka.admin import ConfigResource, ConfigResourceType


def produce(bootstrap, topic, codec, count, prefix):
    compression = None if codec == "none" else codec
    producer = KafkaProducer(bootstrap_servers=bootstrap, compression_type=compression)
    records = speech.records(count, prefix)
    futures = [producer.send(topic, value, key, headers) for key, value, headers in records]
    producer.flush(60)
    speech.say(produced=sum(future.get(timeout=20).offset >= 0 for future in futures))
    producer.close()


def partitions_of(consumer, topic):
    return sorted(speech.until(topic, lambda: consumer.partitions_for_topic(topic)))


def alone(bootstrap, **more):
    """A consumer without a group; the library warns where it is to commit without one."""
    return KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, **more)


def say(record):
    assert record.timestamp_type == 0, f"a producer's timestamp: {record}"
    speech.say_record(
        record.partition, record.offset, record.key, record.value, record.headers, record.timestamp
    )


def read(bootstrap, topic, count):
    consumer = alone(bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, one) for one in partitions_of(consumer, topic)])
    left = int(count)
    while left > 0:
        batches = consumer.poll(timeout_ms=30_000, max_records=left)
        assert batches, f"{left} of {count} did not come"
        for record in (record for batch in batches.values() for record in batch):
            say(record)
            left -= 1
    consumer.close()


class Teller(ConsumerRebalanceListener):
    """Says what is assigned and revoked."""

    def on_partitions_assigned(self, assigned):
        speech.say(assigned=[one.partition for one in assigned])

    def on_partitions_revoked(self, revoked):
        speech.say(revoked=[one.partition for one in revoked])


def member(bootstrap, topic, group):
    closed = speech.stdin_closed()
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=speech.SESSION_MS,
        heartbeat_interval_ms=speech.HEARTBEAT_MS,
    )
    consumer.subscribe([topic], listener=Teller())
    while not closed.is_set():
        batches = consumer.poll(timeout_ms=100)
        for record in (record for batch in batches.values() for record in batch):
            say(record)
        if batches:
            done = {
                place: OffsetAndMetadata(batch[-1].offset + 1, "", -1)
                for place, batch in batches.items()
            }
            consumer.commit(done)
            speech.say(committed={place.partition: at.offset for place, at in done.items()})
    consumer.close()


def times(bootstrap, topic, timestamp):
    consumer = alone(bootstrap)
    asked = {TopicPartition(topic, one): int(timestamp) for one in partitions_of(consumer, topic)}
    found = consumer.offsets_for_times(asked)
    for place in asked:
        speech.say(partition=place.partition, offset=found[place] and found[place].offset)
    consumer.close()


def described(admin, topic):
    [found] = admin.describe_topics([topic])
    return found


def retention(admin, topic):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    found = admin.describe_configs([resource], config_filter="all")
    return found["topic"][topic]["retention.ms"]["value"]


def admin(bootstrap, prefix):
    steps, client = speech.Steps(), KafkaAdminClient(bootstrap_servers=bootstrap)
    topic, group = f"{prefix}-topic", f"{prefix}-group"
    wanted = {"num_partitions": speech.ADMIN_PARTITIONS, "replication_factor": 1}
    client.create_topics({topic: wanted})
    steps.done("create_topic", topic=topic)
    assert topic in client.list_topics()
    steps.done("list_topics")
    assert len(described(client, topic)["partitions"]) == speech.ADMIN_PARTITIONS
    steps.done("describe_topic")
    before = retention(client, topic)
    assert before == "604800000", before
    steps.done("describe_config", value=before)
    change = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "3600000"})
    client.alter_configs([change])
    speech.until("the new value", lambda: retention(client, topic) == "3600000")
    steps.done("alter_config", value="3600000")
    client.create_partitions({topic: speech.ADMIN_PARTITIONS_MORE})
    more = speech.ADMIN_PARTITIONS_MORE
    speech.until("partitions", lambda: len(described(client, topic)["partitions"]) == more)
    steps.done("create_partitions", partitions=more)
    groups(steps, bootstrap, client, topic, group)
    place = TopicPartition(topic, 0)
    assert client.delete_records({place: 5})[place]["low_watermark"] == 5
    steps.done("delete_records", low_watermark=5)
    assert client.delete_groups([group]) == {group: "OK"}
    steps.done("delete_group")
    client.delete_topics([topic])
    assert topic not in client.list_topics(), "a deleted topic is listed"
    steps.done("delete_topic")
    client.close()


def groups(steps, bootstrap, client, topic, group):
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for number in range(speech.ADMIN_RECORDS):
        producer.send(topic, b"%d" % number, partition=0)
    producer.close()
    consumer = KafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest"
    )
    got = 0
    while got < speech.ADMIN_RECORDS:
        got += sum(map(len, consumer.poll(timeout_ms=1000).values()))
    consumer.commit()
    assert group in [one["group_id"] for one in client.list_groups()]
    steps.done("list_groups")
    found = client.describe_groups([group])[group]
    assert found["group_state"] == "Stable" and len(found["members"]) == 1, found
    steps.done("describe_group", state=found["group_state"])
    consumer.close()
    offsets = client.list_group_offsets({group: None})[group]
    assert offsets[TopicPartition(topic, 0)].offset == speech.ADMIN_RECORDS, offsets
    steps.done("group_offsets", offset=speech.ADMIN_RECORDS)


def codecs(_bootstrap):
    speech.say(codecs=["none", "gzip", "snappy", "lz4", "zstd"])


if __name__ == "__main__":
    verbs = (produce, read, member, times, admin, codecs)
    speech.run({verb.__name__: verb for verb in verbs})
