"""confluent-kafka's clients as these tests want them: nothing hidden, nothing committed."""

import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

RETRIES = 2_147_483_647


def admin(bootstrap):
    config = {"bootstrap.servers": bootstrap, "socket.timeout.ms": 10_000, "log_level": 2}
    return AdminClient(config)


def create_topic(bootstrap, name, partitions, config=None):
    """Creates a topic and waits until the broker has said so."""
    wanted = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config or {})
    # The client must live until its answer has come.
    client = admin(bootstrap)
    client.create_topics([wanted], request_timeout=10)[name].result()


def producer(bootstrap, codec="none", **settings):
    """One request in flight, retried for ever: what the broker did not acknowledge is sent again,
    and the order of a key holds without idempotence."""
    config = {
        "bootstrap.servers": bootstrap,
        "acks": "all",
        "enable.idempotence": False,
        "max.in.flight.requests.per.connection": 1,
        "retries": RETRIES,
        "message.timeout.ms": 0,
        "retry.backoff.ms": 20,
        "retry.backoff.max.ms": 100,
        "reconnect.backoff.ms": 10,
        "reconnect.backoff.max.ms": 100,
        "linger.ms": 5,
        "compression.type": codec,
        # Lost connections are what these tests are about: not worth a line each.
        "log_level": 2,
    }
    config.update({name.replace("_", "."): value for name, value in settings.items()})
    return Producer(config)


REPORT_EVERY = 200


def write_acknowledged(writer, topic, rows):
    """Writes these pairs of key and value as slowly as a kill can hit, and prints `acked N` as it
    goes. Fails if one is not acknowledged, or below one of its key that came before."""
    written, acked, errors, offsets = 0, 0, [], {}

    def on_delivery(error, message):
        nonlocal acked
        if error is not None:
            errors.append(str(error))
            return
        key, offset = message.key(), message.offset()
        if offset <= offsets.get(key, -1):
            errors.append(f"{key} went back from {offsets[key]} to {offset}")
        offsets[key] = offset
        acked += 1
        if acked % REPORT_EVERY == 0:
            print(f"acked {acked}", flush=True)

    for key, value in rows:
        while True:
            try:
                writer.produce(topic, key=key, value=value, on_delivery=on_delivery)
                break
            except BufferError:
                writer.poll(0.1)
        writer.poll(0)
        if written % 50 == 0:
            time.sleep(0.002)
        written += 1
    left = writer.flush(120)
    print(f"acked {acked}", flush=True)
    assert left == 0 and not errors, f"{left} left, {len(errors)} errors: {errors[:3]}"
    assert acked == written, f"{acked} of {written} acknowledged"


def consumer(bootstrap, **settings):
    """A consumer that is assigned its partitions, checks every CRC and commits nothing."""
    config = {
        "bootstrap.servers": bootstrap,
        "group.id": "never-used",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        # The end of a partition is told when a fetch there comes back empty.
        "fetch.wait.max.ms": 50,
        "auto.offset.reset": "error",
        "check.crcs": True,
    }
    config.update({name.replace("_", "."): value for name, value in settings.items()})
    return Consumer(config)


def read_all(bootstrap, topic, partitions, start=0, **settings):
    """Every record of the topic from `start` to the end of each partition, as it comes."""
    reader = consumer(bootstrap, **settings)
    reader.assign([TopicPartition(topic, index, start) for index in range(partitions)])
    ended, idle = set(), 0
    try:
        while len(ended) < partitions:
            messages = reader.consume(10_000, timeout=1.0)
            idle = 0 if messages else idle + 1
            assert idle < 60, f"nothing for a minute; ended: {sorted(ended)}"
            for message in messages:
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended.add(message.partition())
                else:
                    raise KafkaException(error)
    finally:
        reader.close()
