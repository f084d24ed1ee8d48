"""A telemetry pipeline as somebody would write it with confluent-kafka, one process per part:

    telemetry.py BOOTSTRAP sensors            readings of all devices, keyed by device
    telemetry.py BOOTSTRAP enrich NAME        readings in, enriched readings out, then the commit
    telemetry.py BOOTSTRAP sink NAME FILE     counts what was enriched into a file, then commits

Each part works until it gets SIGTERM. What is printed: what is assigned, revoked and lost, and by
the sensors at their end how many readings each device sent.
"""

import json
import signal
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition

READINGS, ENRICHED = "readings", "enriched"
DEVICES = 240
READINGS_PER_SECOND = 1_200
BATCH_RECORDS, BATCH_SECONDS = 500, 0.2
SESSION_MS, HEARTBEAT_MS = 10_000, 500

asked_to_end = False


def end(_signal, _frame):
    global asked_to_end
    asked_to_end = True


def say(**line):
    print(json.dumps(line), flush=True)


def producer(bootstrap):
    """Nothing is lost, nothing comes twice, nothing changes places."""
    settings = {"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5}
    return Producer({**settings, "compression.type": "lz4", "log_level": 4})


def sent(made, *record, **more):
    """Hands a record over; a delivery that fails ends the process."""

    def told(error, _message):
        if error is not None:
            raise SystemExit(f"not delivered: {error}")

    while True:
        try:
            return made.produce(*record, on_delivery=told, **more)
        except BufferError:
            made.poll(0.05)


def sensors(bootstrap):
    made, counts, begun, total = producer(bootstrap), [0] * DEVICES, time.monotonic(), 0
    while not asked_to_end:
        due = (time.monotonic() - begun) * READINGS_PER_SECOND
        while total < due:
            device = (total * 7) % DEVICES
            celsius = 20 + (total * 31 % 100) / 10
            reading = {"device": device, "seq": counts[device], "celsius": celsius}
            sent(made, READINGS, json.dumps(reading), f"device-{device}")
            counts[device] += 1
            total += 1
        made.poll(0.01)
    assert made.flush(60) == 0, "not all was delivered"
    say(sent=counts)


class Stage:
    """Takes records one by one and commits what is done, in small batches, and before a partition
    goes to somebody else.
    """

    def __init__(self, bootstrap, group, topic):
        self.topic, self.done, self.since = topic, {}, time.monotonic()
        self.count = 0
        settings = {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "session.timeout.ms": SESSION_MS,
            "heartbeat.interval.ms": HEARTBEAT_MS,
            "log_level": 4,
        }
        self.consumer = Consumer(settings)
        self.consumer.subscribe([topic], self._assigned, self._revoked, self._lost)

    def _assigned(self, _consumer, partitions):
        say(assigned=[one.partition for one in partitions])

    def _revoked(self, _consumer, partitions):
        self.commit()
        say(revoked=[one.partition for one in partitions])

    def _lost(self, _consumer, partitions):
        self.done.clear()
        say(lost=[one.partition for one in partitions])

    def take(self, record):
        """What is done with a record."""
        raise NotImplementedError

    def finish(self):
        """Until what was taken cannot be lost."""
        raise NotImplementedError

    def commit(self):
        self.since, self.count = time.monotonic(), 0
        if not self.done:
            return
        self.finish()
        places = [TopicPartition(self.topic, *at) for at in self.done.items()]
        self.consumer.commit(offsets=places, asynchronous=False)
        self.done.clear()

    def run(self):
        while not asked_to_end:
            record = self.consumer.poll(0.05)
            if record is not None:
                assert record.error() is None, record.error()
                self.take(record)
                self.done[record.partition()] = record.offset() + 1
                self.count += 1
            if self.count >= BATCH_RECORDS or time.monotonic() - self.since > BATCH_SECONDS:
                self.commit()
        # Closing revokes, and that commits.
        self.consumer.close()
        say(left=True)


class Enrich(Stage):
    """Consume, transform, produce."""

    def __init__(self, bootstrap, name):
        super().__init__(bootstrap, "enrichment", READINGS)
        self.producer, self.headers = producer(bootstrap), [("by", name)]

    def take(self, record):
        reading = json.loads(record.value())
        reading["fahrenheit"] = round(reading["celsius"] * 9 / 5 + 32, 2)
        reading["site"] = f"site-{reading['device'] % 12}"
        sent(self.producer, ENRICHED, json.dumps(reading), record.key(), headers=self.headers)
        self.producer.poll(0)

    def finish(self):
        assert self.producer.flush(60) == 0, "not all was delivered"


class Sink(Stage):
    """Counts: a line of a file for each record, written before it is committed."""

    def __init__(self, bootstrap, _name, path):
        super().__init__(bootstrap, "sink", ENRICHED)
        self.file = open(path, "a", encoding="ascii")

    def take(self, record):
        reading = json.loads(record.value())
        assert record.key() == b"device-%d" % reading["device"], record.key()
        place = f"{record.partition()} {record.offset()}"
        self.file.write(f"{place} {reading['device']} {reading['seq']}\n")

    def finish(self):
        self.file.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    bootstrap, part, *arguments = sys.argv[1:]
    if part == "sensors":
        sensors(bootstrap)
    else:
        {"enrich": Enrich, "sink": Sink}[part](bootstrap, *arguments).run()
