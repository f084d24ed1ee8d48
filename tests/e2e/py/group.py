"""Consumer groups as confluent-kafka makes them: what a broker must keep over kills of members and
of itself. Prints a word for every step that the test waits for; ends with 1 where a promise broke.
"""

import subprocess
import sys
import time

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOPIC = "t"
SECONDS_MAX = 60


def say(word):
    print(word, flush=True)


def create(bootstrap, partitions):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics([NewTopic(TOPIC, partitions, 1)]).values():
        future.result()


def produce(bootstrap, count, partitions):
    producer = Producer({"bootstrap.servers": bootstrap})
    for at in range(count):
        producer.produce(TOPIC, value=str(at), partition=at % partitions)
    assert producer.flush(20) == 0, "everything was delivered"


class Member:
    """A consumer that remembers what happened to it."""

    def __init__(self, bootstrap, group):
        self.partitions, self.assigned, self.got = set(), 0, 0
        self.consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "session.timeout.ms": 6000,
                "heartbeat.interval.ms": 500,
                "reconnect.backoff.max.ms": 500,
            }
        )
        self.consumer.subscribe([TOPIC], on_assign=self._assign, on_revoke=self._revoke)

    def _assign(self, _consumer, partitions):
        self.partitions = {one.partition for one in partitions}
        self.assigned += 1

    def _revoke(self, _consumer, _partitions):
        self.partitions = set()

    def poll(self):
        message = self.consumer.poll(0.1)
        if message is None:
            return
        if message.error():
            assert message.error().code() != KafkaError._FATAL, message.error()
            return
        self.got += 1

    def until(self, what, condition):
        end = time.monotonic() + SECONDS_MAX
        while not condition():
            assert time.monotonic() < end, f"{what}: {self.got} records, {self.partitions}"
            self.poll()

    def committed(self, partitions):
        asked = [TopicPartition(TOPIC, one) for one in range(partitions)]
        return [one.offset for one in self.consumer.committed(asked, timeout=20)]


def resume(bootstrap):
    create(bootstrap, 3)
    produce(bootstrap, 300, 3)
    first = Member(bootstrap, "resume")
    first.until("half of it", lambda: first.got == 150)
    first.consumer.commit(asynchronous=False)
    first.consumer.close()
    second = Member(bootstrap, "resume")
    second.until("the rest", lambda: second.got == 150)
    second.consumer.commit(asynchronous=False)
    assert second.committed(3) == [100, 100, 100], second.committed(3)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        second.poll()
    assert second.got == 150, "nothing is read twice"
    second.consumer.close()


def member(bootstrap, group):
    """A member of a group of three: tells its partitions whenever they change."""
    one = Member(bootstrap, group)
    told = None
    while True:
        one.poll()
        if one.partitions != told:
            told = set(one.partitions)
            say(" ".join(map(str, sorted(told))) or "none")


def three(bootstrap):
    create(bootstrap, 6)
    command = [sys.executable, __file__, bootstrap, "member", "three"]
    members = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    try:
        wait_shared(members, bootstrap, 3)
        members[0].kill()
        wait_shared(members[1:], bootstrap, 2)
    finally:
        for one in members:
            one.kill()


def wait_shared(members, bootstrap, count):
    """Waits until the group is stable with so many members, each with its share of 6 partitions."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    end = time.monotonic() + SECONDS_MAX
    while True:
        found = admin.describe_consumer_groups(["three"])["three"].result()
        shares = sorted(len(one.assignment.topic_partitions) for one in found.members)
        if found.state.name == "STABLE" and shares == [6 // count] * count:
            return
        assert time.monotonic() < end, (found.state, shares)
        assert all(one.poll() is None for one in members), "a member ended"
        time.sleep(0.2)


def stay(bootstrap):
    """The broker is killed and comes back while this member is in a stable group."""
    create(bootstrap, 3)
    produce(bootstrap, 300, 3)
    one = Member(bootstrap, "stay")
    one.until("what is there", lambda: one.got == 300)
    one.consumer.commit(asynchronous=False)
    say("settled")
    one.until("what came after the kill", lambda: one.got == 330)
    one.consumer.commit(asynchronous=False)
    assert one.committed(3) == [110, 110, 110], one.committed(3)
    assert one.assigned == 1 and len(one.partitions) == 3, "it kept its generation"
    one.consumer.close()


def midway(bootstrap):
    """The broker is killed while the group rebalances."""
    create(bootstrap, 3)
    produce(bootstrap, 300, 3)
    one = Member(bootstrap, "midway")
    one.until("what is there", lambda: one.got == 300)
    one.consumer.commit(asynchronous=False)
    two = Member(bootstrap, "midway")
    # The new member has joined; the old one, who is not polled, holds the rebalance up.
    admin = AdminClient({"bootstrap.servers": bootstrap})
    end = time.monotonic() + SECONDS_MAX
    while True:
        two.poll()
        found = admin.describe_consumer_groups(["midway"])["midway"].result()
        if found.state.name == "PREPARING_REBALANCING":
            break
        assert time.monotonic() < end, found.state
    say("settled")
    end = time.monotonic() + SECONDS_MAX
    while sorted([len(one.partitions), len(two.partitions)]) != [1, 2]:
        assert time.monotonic() < end, (one.partitions, two.partitions)
        one.poll()
        two.poll()
    assert one.committed(3) == [100, 100, 100], one.committed(3)
    # The test produced 30 while the broker was back.
    end = time.monotonic() + SECONDS_MAX
    while one.got + two.got < 330 and time.monotonic() < end:
        one.poll()
        two.poll()
    assert one.got + two.got == 330, (one.got, two.got)
    one.consumer.close()
    two.consumer.close()


if __name__ == "__main__":
    parts = {"resume": resume, "three": three, "member": member, "stay": stay, "midway": midway}
    parts[sys.argv[2]](sys.argv[1], *sys.argv[3:])
