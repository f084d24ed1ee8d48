"""confluent-kafka's AdminClient against the broker: topics, configs, records, offsets.

admin.py BOOTSTRAP
"""

import sys
import time

import clients
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ConfigResource, NewTopic, OffsetSpec, ResourceType

TOPIC = "admin-topic"


def expect_error(future, code):
    try:
        future.result()
    except KafkaException as error:
        assert error.args[0].code() == code, f"{error} instead of code {code}"
        return
    raise AssertionError(f"no error where code {code} was due")


def topics(bootstrap):
    """Create, list, describe."""
    admin = clients.admin(bootstrap)
    config = {"retention.ms": "3600000", "cleanup.policy": "delete"}
    new = NewTopic(TOPIC, num_partitions=3, replication_factor=1, config=config)
    checked = admin.create_topics([new], validate_only=True)
    checked[TOPIC].result()
    assert TOPIC not in admin.list_topics(timeout=10).topics, "validate_only created it"
    admin.create_topics([new])[TOPIC].result()
    expect_error(admin.create_topics([new])[TOPIC], KafkaError.TOPIC_ALREADY_EXISTS)
    bad = NewTopic("no/slash", num_partitions=1, replication_factor=1)
    expect_error(admin.create_topics([bad])["no/slash"], KafkaError.TOPIC_EXCEPTION)
    three = NewTopic("three-copies", num_partitions=1, replication_factor=3)
    expect_error(
        admin.create_topics([three])["three-copies"], KafkaError.INVALID_REPLICATION_FACTOR
    )
    wrong = NewTopic("wrong", 1, 1, config={"retention.ms": "soon"})
    expect_error(admin.create_topics([wrong])["wrong"], KafkaError.INVALID_CONFIG)
    listed = admin.list_topics(timeout=10)
    assert len(listed.topics[TOPIC].partitions) == 3
    assert listed.cluster_id and len(listed.brokers) == 1
    for partition in listed.topics[TOPIC].partitions.values():
        assert partition.leader in listed.brokers and partition.isrs == [partition.leader]


def cluster(bootstrap):
    admin = clients.admin(bootstrap)
    described = admin.describe_cluster(request_timeout=10).result()
    assert described.cluster_id and len(described.nodes) == 1
    host, port = bootstrap.split(":")
    assert (described.nodes[0].host, described.nodes[0].port) == (host, int(port))


def configs(bootstrap):
    admin = clients.admin(bootstrap)
    resource = ConfigResource(ResourceType.TOPIC, TOPIC)
    described = admin.describe_configs([resource])[resource].result()
    assert described["retention.ms"].value == "3600000"
    assert not described["retention.ms"].is_default
    segment = described["segment.bytes"]
    assert segment.value == "1073741824" and segment.is_default
    assert int(described["min.insync.replicas"].value) >= 1
    assert all(entry.value is not None for entry in described.values())
    broker = next(iter(admin.list_topics(timeout=10).brokers))
    resource = ConfigResource(ResourceType.BROKER, str(broker))
    described = admin.describe_configs([resource])[resource].result()
    assert len(described) > 100 and "log.retention.ms" in described
    nothing = ConfigResource(ResourceType.TOPIC, "no-such-topic")
    expect_error(admin.describe_configs([nothing])[nothing], KafkaError.UNKNOWN_TOPIC_OR_PART)


def offsets(bootstrap, topic, spec):
    admin = clients.admin(bootstrap)
    place = TopicPartition(topic, 0)
    return admin.list_offsets({place: spec})[place].result()


def records(bootstrap):
    """List offsets by every special timestamp and by time, delete records, read what is left."""
    producer = clients.producer(bootstrap)
    now = int(time.time() * 1000)
    for number in range(100):
        producer.produce(TOPIC, b"%d" % number, partition=0, timestamp=now + number)
    assert producer.flush(30) == 0
    assert offsets(bootstrap, TOPIC, OffsetSpec.earliest()).offset == 0
    assert offsets(bootstrap, TOPIC, OffsetSpec.latest()).offset == 100
    newest = offsets(bootstrap, TOPIC, OffsetSpec.max_timestamp())
    assert (newest.offset, newest.timestamp) == (99, now + 99)
    found = offsets(bootstrap, TOPIC, OffsetSpec.for_timestamp(now + 42))
    assert (found.offset, found.timestamp) == (42, now + 42)
    assert offsets(bootstrap, TOPIC, OffsetSpec.for_timestamp(now + 1000)).offset == -1
    admin = clients.admin(bootstrap)
    place = TopicPartition(TOPIC, 0, 30)
    deleted = admin.delete_records([place])
    assert list(deleted.values())[0].result().low_watermark == 30
    assert offsets(bootstrap, TOPIC, OffsetSpec.earliest()).offset == 30
    beyond = TopicPartition(TOPIC, 0, 1000)
    expect_error(list(admin.delete_records([beyond]).values())[0], KafkaError.OFFSET_OUT_OF_RANGE)
    left = [m for m in clients.read_all(bootstrap, TOPIC, 1, start=30)]
    assert [message.value() for message in left] == [b"%d" % number for number in range(30, 100)]


def deletion(bootstrap):
    admin = clients.admin(bootstrap)
    admin.delete_topics([TOPIC])[TOPIC].result()
    assert TOPIC not in admin.list_topics(timeout=10).topics
    expect_error(admin.delete_topics([TOPIC])[TOPIC], KafkaError.UNKNOWN_TOPIC_OR_PART)
    clients.create_topic(bootstrap, TOPIC, 1)
    assert offsets(bootstrap, TOPIC, OffsetSpec.latest()).offset == 0, "old records came back"
    admin.delete_topics([TOPIC])[TOPIC].result()


def main(bootstrap):
    for part in (topics, cluster, configs, records, deletion):
        part(bootstrap)
        print(f"{part.__name__}: ok", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
