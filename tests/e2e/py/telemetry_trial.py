"""The telemetry pipeline under load, with more than twenty consumers that join, leave and are
killed: nothing is lost, the order of each device is kept, and a record comes a second time only
where the one who had it first was killed.

telemetry_trial.py BOOTSTRAP FOLDER
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import clients
import telemetry
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import OffsetSpec

PARTITIONS = {telemetry.READINGS: 24, telemetry.ENRICHED: 12}
GROUPS = {telemetry.READINGS: "enrichment", telemetry.ENRICHED: "sink"}
SECONDS_MAX = 120


class Part:
    """A process of the pipeline."""

    def __init__(self, folder, bootstrap, *words):
        self.name, self.killed = words[1] if len(words) > 1 else words[0], False
        self.printed = folder / f"{self.name}.out"
        self.errors = folder / f"{self.name}.err"
        script = pathlib.Path(__file__).with_name("telemetry.py")
        with self.printed.open("w") as printed, self.errors.open("w") as errors:
            command = [sys.executable, script, bootstrap, *words]
            self.process = subprocess.Popen(command, stdout=printed, stderr=errors)

    def lines(self):
        return [json.loads(line) for line in self.printed.read_text().splitlines()]

    def kill(self):
        assert self.process.poll() is None, f"{self.name} had ended: {self.errors.read_text()}"
        self.process.kill()
        self.process.wait()
        self.killed = True

    def leave(self):
        assert self.process.poll() is None, f"{self.name} had ended: {self.errors.read_text()}"
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(SECONDS_MAX)
        assert status == 0, f"{self.name} ended with {status}: {self.errors.read_text()}"


class Pipeline:
    """All processes that ever were, and those that are at work."""

    def __init__(self, bootstrap, folder):
        self.bootstrap, self.folder = bootstrap, folder
        self.admin = clients.admin(bootstrap)
        for topic, partitions in PARTITIONS.items():
            clients.create_topic(bootstrap, topic, partitions)
        self.sensors = Part(folder, bootstrap, "sensors")
        self.ever, self.working = [], {"enrichment": [], "sink": []}

    def join(self, group, count):
        for _ in range(count):
            name = f"{group}-{len(self.ever)}"
            words = ["enrich", name] if group == "enrichment" else ["sink", name, self.file(name)]
            part = Part(self.folder, self.bootstrap, *words)
            self.ever.append(part)
            self.working[group].append(part)

    def file(self, name):
        return str(self.folder / f"{name}.seen")

    def kill(self, group, count):
        for _ in range(count):
            self.working[group].pop(0).kill()

    def leave(self, group, count):
        leaving = [self.working[group].pop(0) for _ in range(count)]
        for part in leaving:
            part.process.send_signal(signal.SIGTERM)
        for part in leaving:
            status = part.process.wait(SECONDS_MAX)
            assert status == 0, f"{part.name} ended with {status}: {part.errors.read_text()}"

    def settle(self, group):
        """Until the group is stable with those that are at work, each with a fair share."""
        members = len(self.working[group])
        topic = next(topic for topic in GROUPS if GROUPS[topic] == group)
        low, begun = PARTITIONS[topic] // members, time.monotonic()
        while True:
            found = self.admin.describe_consumer_groups([group])[group].result()
            shares = [len(one.assignment.topic_partitions) for one in found.members]
            fair = sum(shares) == PARTITIONS[topic] and all(low <= n <= low + 1 for n in shares)
            if found.state.name == "STABLE" and len(shares) == members and fair:
                break
            assert time.monotonic() - begun < SECONDS_MAX, (found.state, shares, members)
            time.sleep(0.1)
        seconds = time.monotonic() - begun
        print(f"{group}: {members} members after {seconds:.1f} s", flush=True)

    def lag(self, topic):
        """Records that the group of a topic has not committed yet."""
        places = [TopicPartition(topic, index) for index in range(PARTITIONS[topic])]
        asked = [ConsumerGroupTopicPartitions(GROUPS[topic], places)]
        committed = self.admin.list_consumer_group_offsets(asked)[GROUPS[topic]].result()
        ends = self.admin.list_offsets({place: OffsetSpec.latest() for place in places})
        last = {place.partition: found.result().offset for place, found in ends.items()}
        done = {one.partition: max(one.offset, 0) for one in committed.topic_partitions}
        return sum(last.values()) - sum(done.values())

    def drain(self, topic):
        begun = time.monotonic()
        while self.lag(topic) > 0:
            assert time.monotonic() - begun < SECONDS_MAX, f"{self.lag(topic)} in {topic}"
            time.sleep(0.2)


def run(bootstrap, folder):
    """Returns the pipeline at its end, and how many readings each device sent."""
    pipeline = Pipeline(bootstrap, folder)
    try:
        pipeline.join("enrichment", 8)
        pipeline.join("sink", 3)
        pipeline.settle("enrichment")
        pipeline.settle("sink")
        pipeline.join("enrichment", 6)
        pipeline.settle("enrichment")
        pipeline.kill("enrichment", 2)
        pipeline.kill("sink", 1)
        pipeline.leave("enrichment", 4)
        pipeline.join("enrichment", 12)
        pipeline.join("sink", 1)
        pipeline.settle("enrichment")
        pipeline.settle("sink")
        pipeline.kill("enrichment", 2)
        pipeline.leave("enrichment", 5)
        pipeline.leave("sink", 1)
        pipeline.settle("enrichment")
        pipeline.sensors.leave()
        [told] = pipeline.sensors.lines()
        pipeline.drain(telemetry.READINGS)
        pipeline.drain(telemetry.ENRICHED)
        for group, parts in pipeline.working.items():
            pipeline.leave(group, len(parts))
        for part in [pipeline.sensors, *pipeline.ever]:
            assert part.errors.read_text() == "", f"{part.name}: {part.errors.read_text()}"
            lost = [line for line in part.lines() if "lost" in line]
            assert not lost, f"{part.name} was put out of its group: {lost}"
        return pipeline, told["sent"]
    finally:
        for part in [pipeline.sensors, *pipeline.ever]:
            part.process.kill()
            part.process.wait()


def check_readings(bootstrap, sent):
    """What the sensors sent: each reading once, in order."""
    next_of = [0] * len(sent)
    for message in clients.read_all(bootstrap, telemetry.READINGS, PARTITIONS[telemetry.READINGS]):
        reading = json.loads(message.value())
        device, seq = reading["device"], reading["seq"]
        assert seq == next_of[device], f"device {device}: {seq} instead of {next_of[device]}"
        next_of[device] += 1
    assert next_of == sent, "readings are missing"


def check_enriched(bootstrap, sent, killed):
    """Each reading, in the order of its device; again only from where a killed one had not
    committed. Returns the places and how many came again."""
    next_of, writer_of, places, again = [0] * len(sent), {}, set(), 0
    for message in clients.read_all(bootstrap, telemetry.ENRICHED, PARTITIONS[telemetry.ENRICHED]):
        reading, by = json.loads(message.value()), dict(message.headers())["by"].decode()
        device, seq = reading["device"], reading["seq"]
        assert reading["site"] == f"site-{device % 12}" and "fahrenheit" in reading, reading
        places.add((message.partition(), message.offset()))
        assert seq <= next_of[device], f"device {device}: {seq}, {next_of[device]} is missing"
        if seq < next_of[device]:
            first = writer_of[device, seq]
            assert first in killed, f"device {device}: {seq} again by {by}, first by {first}"
            again += 1
        else:
            next_of[device] += 1
        writer_of[device, seq] = by
    assert next_of == sent, "enriched readings are missing"
    return places, again


def check_counted(pipeline, places, sent):
    """Each place was counted; twice only where the first one's counter was killed."""
    seen, counted = {}, set()
    sinks = [part for part in pipeline.ever if part.name.startswith("sink")]
    for part in sorted(sinks, key=lambda part: not part.killed):
        for line in pathlib.Path(pipeline.file(part.name)).read_text().splitlines(True):
            if not line.endswith("\n"):
                assert part.killed, f"{part.name} has a torn line"
                continue
            partition, offset, device, seq = map(int, line.split())
            first = seen.setdefault((partition, offset), part)
            assert first is part or first.killed, f"{partition} {offset}: {first.name} too"
            counted.add((device, seq))
    assert set(seen) == places, f"{len(places - set(seen))} places were not counted"
    assert len(counted) == sum(sent), f"{len(counted)} of {sum(sent)} readings were counted"


def main(bootstrap, folder):
    folder = pathlib.Path(folder)
    os.makedirs(folder, exist_ok=True)
    pipeline, sent = run(bootstrap, folder)
    killed = {part.name for part in pipeline.ever if part.killed}
    check_readings(bootstrap, sent)
    places, again = check_enriched(bootstrap, sent, killed)
    check_counted(pipeline, places, sent)
    ever = len(pipeline.ever)
    print(f"{sum(sent)} readings, {ever} consumers, {len(killed)} killed, {again} enriched again")


if __name__ == "__main__":
    main(*sys.argv[1:])
