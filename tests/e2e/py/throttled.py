"""A producer whose time is bounded: told so by the broker, held up by it, and complete. One that is
not bounded, beside it, is told nothing.

throttled.py BOOTSTRAP TOPIC
"""

import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

SECONDS_MAX = 30
ENOUGH = 5


def producer(bootstrap, name, told):
    config = {
        "bootstrap.servers": bootstrap,
        "client.id": name,
        "linger.ms": 0,
        "throttle_cb": lambda event: told.append(event.throttle_time),
    }
    return Producer(config)


def write(writer, topic, value):
    """Writes one record and waits until it is acknowledged; gives how long that took."""
    errors = []
    began = time.monotonic()
    done = lambda error, _: errors.append(error)
    writer.produce(topic, value=value, partition=0, on_delivery=done)
    assert writer.flush(10) == 0, "not acknowledged in 10 s"
    assert errors == [None], errors
    return time.monotonic() - began


def main(bootstrap, topic):
    told, told_free = [], []
    bounded, free = producer(bootstrap, "bounded", told), producer(bootstrap, "free", told_free)
    written, slowest, held = [], 0, 0
    deadline = time.monotonic() + SECONDS_MAX
    # librdkafka tells of a throttle when it begins and, with 0, when it is over.
    while sum(1 for seconds in told if seconds > 0) < ENOUGH:
        assert time.monotonic() < deadline, f"told {told} in {SECONDS_MAX} s"
        value = f"bounded {len(written)}".encode()
        held += write(bounded, topic, value)
        written.append(value)
        bounded.poll(0)
    for n in range(50):
        value = f"free {n}".encode()
        slowest = max(slowest, write(free, topic, value))
        written.append(value)
        free.poll(0)
    assert all(seconds <= 1 for seconds in told), told
    # The last throttle may not have held anything up yet.
    waited = sum(told) - max(told)
    assert held >= waited, f"told to wait {told}, held up for {held} s"
    assert not any(told_free), told_free
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "none"})
    reader.assign([TopicPartition(topic, 0, 0)])
    values = []
    while len(values) < len(written) and time.monotonic() < deadline + SECONDS_MAX:
        message = reader.poll(1)
        if message is not None and message.error() is None:
            values.append(message.value())
    reader.close()
    assert values == written, f"{len(written)} written, {len(values)} read"
    print(f"told {told}, held up for {held:.2f} s; unbounded at most {slowest:.3f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
