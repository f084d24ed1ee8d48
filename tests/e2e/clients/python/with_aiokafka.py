"""aiokafka as speech.py wants it; defaults but where a line says why. It has no step that deletes a
group.
"""

import asyncio

import speech
from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    TopicPartition,
)
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType


async def produce(bootstrap, topic, codec, count, prefix):
    compression = None if codec == "none" else codec
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, compression_type=compression)
    await producer.start()
    sent = [
        await producer.send(topic, value, key, headers=headers)
        for key, value, headers in speech.records(count, prefix)
    ]
    acknowledged = await asyncio.wait_for(asyncio.gather(*sent), 60)
    speech.say(produced=sum(one.offset >= 0 for one in acknowledged))
    await producer.stop()


def say(record):
    assert record.timestamp_type == 0, f"a producer's timestamp: {record}"
    speech.say_record(
        record.partition, record.offset, record.key, record.value, record.headers, record.timestamp
    )


async def read(bootstrap, topic, count):
    # Without a group it has all partitions.
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    left = int(count)
    while left > 0:
        batches = await consumer.getmany(timeout_ms=30_000, max_records=left)
        assert batches, f"{left} of {count} did not come"
        for record in (record for batch in batches.values() for record in batch):
            say(record)
            left -= 1
    await consumer.stop()


class Teller(ConsumerRebalanceListener):
    """Says what is assigned and revoked."""

    def on_partitions_assigned(self, assigned):
        speech.say(assigned=[one.partition for one in assigned])

    def on_partitions_revoked(self, revoked):
        speech.say(revoked=[one.partition for one in revoked])


async def member(bootstrap, topic, group):
    closed = speech.stdin_closed()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=speech.SESSION_MS,
        heartbeat_interval_ms=speech.HEARTBEAT_MS,
    )
    await consumer.start()
    consumer.subscribe([topic], listener=Teller())
    while not closed.is_set():
        batches = await consumer.getmany(timeout_ms=100)
        for record in (record for batch in batches.values() for record in batch):
            say(record)
        if batches:
            done = {place: batch[-1].offset + 1 for place, batch in batches.items()}
            await consumer.commit(done)
            speech.say(committed={place.partition: offset for place, offset in done.items()})
    await consumer.stop()


async def times(bootstrap, topic, timestamp):
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap)
    await consumer.start()
    places = sorted(consumer.assignment())
    found = await consumer.offsets_for_times({place: int(timestamp) for place in places})
    for place in places:
        at = found.get(place)
        speech.say(partition=place.partition, offset=at and at.offset)
    await consumer.stop()


def no_error(answer):
    """The library hands errors of topics out without raising them."""
    for name, code, *_ in getattr(answer, "topic_errors", None) or answer.topic_error_codes:
        assert code == 0, f"{name}: {code}"


async def described(client, topic):
    [found] = await client.describe_topics([topic])
    return found


async def retention(client, topic):
    # It asks for all keys: the library wants one to be named otherwise.
    [answer] = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(code, message, _kind, _name, entries, *_)] = answer.resources
    assert code == 0, message
    return {entry[0]: entry[1] for entry in entries}["retention.ms"]


async def admin(bootstrap, prefix):
    steps, client = speech.Steps(), AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    # The group stays: its name is not among those that the test wants gone.
    topic, group = f"{prefix}-topic", "aiokafka-stays"
    no_error(await client.create_topics([NewTopic(topic, speech.ADMIN_PARTITIONS, 1)]))
    steps.done("create_topic", topic=topic)
    assert topic in await client.list_topics()
    steps.done("list_topics")
    assert len((await described(client, topic))["partitions"]) == speech.ADMIN_PARTITIONS
    steps.done("describe_topic")
    before = await retention(client, topic)
    assert before == "604800000", before
    steps.done("describe_config", value=before)
    change = ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "3600000"})
    [altered] = await client.alter_configs([change])
    assert all(resource[0] == 0 for resource in altered.resources), altered
    assert await retention(client, topic) == "3600000"
    steps.done("alter_config", value="3600000")
    more = speech.ADMIN_PARTITIONS_MORE
    await client.create_partitions({topic: NewPartitions(more)})
    assert len((await described(client, topic))["partitions"]) == more
    steps.done("create_partitions", partitions=more)
    await groups(steps, bootstrap, client, topic, group)
    place = TopicPartition(topic, 0)
    assert await client.delete_records({place: RecordsToDelete(5)}) == {place: 5}
    steps.done("delete_records", low_watermark=5)
    no_error(await client.delete_topics([topic]))
    assert topic not in await client.list_topics(), "a deleted topic is listed"
    steps.done("delete_topic")
    await client.close()


async def groups(steps, bootstrap, client, topic, group):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for number in range(speech.ADMIN_RECORDS):
        await producer.send_and_wait(topic, b"%d" % number, partition=0)
    await producer.stop()
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest"
    )
    await consumer.start()
    got = 0
    while got < speech.ADMIN_RECORDS:
        got += sum(map(len, (await consumer.getmany(timeout_ms=1000)).values()))
    await consumer.commit()
    assert group in [one[0] for one in await client.list_consumer_groups()]
    steps.done("list_groups")
    [answer] = await client.describe_consumer_groups([group])
    [(code, name, state, _kind, _protocol, members, *_)] = answer.groups
    assert (code, name, state, len(members)) == (0, group, "Stable", 1), answer
    steps.done("describe_group", state=state)
    await consumer.stop()
    offsets = await client.list_consumer_group_offsets(group)
    assert offsets[TopicPartition(topic, 0)].offset == speech.ADMIN_RECORDS, offsets
    steps.done("group_offsets", offset=speech.ADMIN_RECORDS)


async def codecs(_bootstrap):
    speech.say(codecs=["none", "gzip", "snappy", "lz4", "zstd"])


def awaited(verb):
    return lambda *arguments: asyncio.run(verb(*arguments))


if __name__ == "__main__":
    verbs = (produce, read, member, times, admin, codecs)
    speech.run({verb.__name__: awaited(verb) for verb in verbs})
