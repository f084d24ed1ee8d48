"""confluent-kafka as speech.py wants it; defaults but where a line says why."""

import speech
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

# librdkafka's warnings and errors, and nothing less.
QUIET = {"log_level": 4}


def client(bootstrap, **more):
    return {"bootstrap.servers": bootstrap, **QUIET, **more}


def produce(bootstrap, topic, codec, count, prefix):
    producer = Producer(client(bootstrap, **{"compression.type": codec}))
    failed, acknowledged = [], 0

    def told(error, _message):
        nonlocal acknowledged
        acknowledged += error is None
        if error is not None:
            failed.append(str(error))

    for key, value, headers in speech.records(count, prefix):
        while True:
            try:
                producer.produce(topic, value, key, headers=headers, on_delivery=told)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    left = producer.flush(60)
    assert not failed and left == 0, f"{failed[:3]}, {left} left"
    speech.say(produced=acknowledged)


def partitions_of(consumer, topic):
    found = consumer.list_topics(topic, timeout=20).topics[topic]
    assert found.error is None, found.error
    return sorted(found.partitions)


def say(message):
    kind, stamp = message.timestamp()
    assert kind == 1, f"a producer's timestamp, not kind {kind}"
    place, body = (message.partition(), message.offset()), (message.key(), message.value())
    speech.say_record(*place, *body, message.headers(), stamp)


def read(bootstrap, topic, count):
    # The library wants a group's name even where there is no group; nothing is committed.
    unused = {"group.id": "unused", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    consumer = Consumer(client(bootstrap, **unused))
    consumer.assign([TopicPartition(topic, one, 0) for one in partitions_of(consumer, topic)])
    left = int(count)
    while left > 0:
        messages = consumer.consume(min(left, 1000), timeout=30)
        assert messages, f"{left} of {count} did not come"
        for message in messages:
            assert message.error() is None, message.error()
            say(message)
            left -= 1
    consumer.close()


def member(bootstrap, topic, group, protocol="classic"):
    closed = speech.stdin_closed()
    session = {"group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    session["group.protocol"] = protocol
    # In the new protocol the broker says how long a session is.
    if protocol == "classic":
        session["session.timeout.ms"] = speech.SESSION_MS
        session["heartbeat.interval.ms"] = speech.HEARTBEAT_MS
    consumer = Consumer(client(bootstrap, **session))

    def tell(word):
        return lambda _, partitions: speech.say(**{word: [one.partition for one in partitions]})

    consumer.subscribe([topic], on_assign=tell("assigned"), on_revoke=tell("revoked"))
    while not closed.is_set():
        messages = consumer.consume(500, timeout=0.1)
        for message in messages:
            assert message.error() is None, message.error()
            say(message)
        if messages:
            done = consumer.commit(asynchronous=False)
            speech.say(committed={one.partition: one.offset for one in done if one.offset >= 0})
    consumer.close()


def times(bootstrap, topic, timestamp):
    consumer = Consumer(client(bootstrap, **{"group.id": "unused", "enable.auto.commit": False}))
    partitions = partitions_of(consumer, topic)
    asked = [TopicPartition(topic, one, int(timestamp)) for one in partitions]
    for found in consumer.offsets_for_times(asked, timeout=20):
        assert found.error is None, found.error
        speech.say(partition=found.partition, offset=found.offset)
    consumer.close()


def config_of(admin, topic, name):
    resource = ConfigResource(ResourceType.TOPIC, topic)
    return admin.describe_configs([resource])[resource].result()[name].value


def count(client_of, topic):
    return len(client_of.list_topics(topic, timeout=20).topics[topic].partitions)


def admin(bootstrap, prefix):
    steps, client_of = speech.Steps(), AdminClient(client(bootstrap))
    topic, group = f"{prefix}-topic", f"{prefix}-group"
    client_of.create_topics([NewTopic(topic, speech.ADMIN_PARTITIONS, 1)])[topic].result()
    steps.done("create_topic", topic=topic)
    assert topic in client_of.list_topics(timeout=20).topics
    steps.done("list_topics")
    asked = TopicCollection([topic])
    described = client_of.describe_topics(asked)[topic].result()
    assert len(described.partitions) == speech.ADMIN_PARTITIONS, described
    steps.done("describe_topic")
    configs(steps, client_of, topic)
    more = NewPartitions(topic, speech.ADMIN_PARTITIONS_MORE)
    client_of.create_partitions([more])[topic].result()
    speech.until("partitions", lambda: count(client_of, topic) == speech.ADMIN_PARTITIONS_MORE)
    steps.done("create_partitions", partitions=speech.ADMIN_PARTITIONS_MORE)
    groups(steps, bootstrap, client_of, topic, group)
    below = TopicPartition(topic, 0, 5)
    deleted = list(client_of.delete_records([below]).values())[0].result()
    assert deleted.low_watermark == 5, deleted.low_watermark
    steps.done("delete_records", low_watermark=5)
    client_of.delete_consumer_groups([group])[group].result()
    steps.done("delete_group")
    client_of.delete_topics([topic])[topic].result()
    assert topic not in client_of.list_topics(timeout=20).topics, "a deleted topic is listed"
    steps.done("delete_topic")


def configs(steps, client_of, topic):
    before = config_of(client_of, topic, "retention.ms")
    assert before == "604800000", before
    steps.done("describe_config", value=before)
    entry = ConfigEntry("retention.ms", "3600000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client_of.incremental_alter_configs([resource])[resource].result()
    speech.until("its new value", lambda: config_of(client_of, topic, "retention.ms") == "3600000")
    steps.done("alter_config", value="3600000")


def groups(steps, bootstrap, client_of, topic, group):
    producer = Producer(client(bootstrap))
    for number in range(speech.ADMIN_RECORDS):
        producer.produce(topic, b"%d" % number, partition=0)
    assert producer.flush(20) == 0
    consumer = Consumer(client(bootstrap, **{"group.id": group, "auto.offset.reset": "earliest"}))
    consumer.subscribe([topic])
    got = 0
    while got < speech.ADMIN_RECORDS:
        got += len(consumer.consume(100, timeout=1))
    consumer.commit(asynchronous=False)
    listed = [one.group_id for one in client_of.list_consumer_groups().result().valid]
    assert group in listed, listed
    steps.done("list_groups")
    described = client_of.describe_consumer_groups([group])[group].result()
    assert described.state.name == "STABLE" and len(described.members) == 1, described.state
    steps.done("describe_group", state=described.state.name)
    consumer.close()
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    offsets = client_of.list_consumer_group_offsets([asked])[group].result().topic_partitions
    assert [one.offset for one in offsets] == [speech.ADMIN_RECORDS], offsets
    steps.done("group_offsets", offset=speech.ADMIN_RECORDS)


def codecs(_bootstrap):
    speech.say(codecs=["none", "gzip", "snappy", "lz4", "zstd"])


if __name__ == "__main__":
    verbs = (produce, read, member, times, admin, codecs)
    speech.run({verb.__name__: verb for verb in verbs})
