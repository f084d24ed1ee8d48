"""Consumer groups as confluent-kafka makes them: what a broker must keep over kills of members and
of itself, in the classic protocol and in the consumer protocol. Prints a word for every step that
the test waits for; ends with 1 where a promise broke.
"""

import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOPIC = "t"
SECONDS_MAX = 60
# How classic members share out partitions.
STRATEGY = "range"


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

    def __init__(self, bootstrap, group, protocol):
        self.partitions, self.assigned, self.got = set(), 0, 0
        # What it got, by partition and offset.
        self.read = set()
        config = {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "group.protocol": protocol,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "reconnect.backoff.max.ms": 500,
        }
        if protocol == "classic":
            config |= {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
            # What a consumer group's classic members must speak.
            config |= {"partition.assignment.strategy": STRATEGY}
        self.is_incremental = protocol == "consumer" or STRATEGY == "cooperative-sticky"
        self.consumer = Consumer(config)
        self.consumer.subscribe([TOPIC], on_assign=self._assign, on_revoke=self._revoke)

    def _assign(self, _consumer, partitions):
        new = {one.partition for one in partitions}
        self.partitions = self.partitions | new if self.is_incremental else new
        self.assigned += 1

    def _revoke(self, _consumer, partitions):
        gone = {one.partition for one in partitions}
        self.partitions = self.partitions - gone if self.is_incremental else set()

    def poll(self):
        message = self.consumer.poll(0.1)
        if message is None:
            return
        if message.error():
            assert message.error().code() != KafkaError._FATAL, message.error()
            return
        self.got += 1
        self.read.add((message.partition(), message.offset()))

    def until(self, what, condition):
        end = time.monotonic() + SECONDS_MAX
        while not condition():
            assert time.monotonic() < end, f"{what}: {self.got} records, {self.partitions}"
            self.poll()

    def committed(self, partitions):
        asked = [TopicPartition(TOPIC, one) for one in range(partitions)]
        return [one.offset for one in self.consumer.committed(asked, timeout=20)]


def resume(bootstrap, protocol):
    create(bootstrap, 3)
    produce(bootstrap, 300, 3)
    first = Member(bootstrap, "resume", protocol)
    first.until("half of it", lambda: first.got == 150)
    first.consumer.commit(asynchronous=False)
    first.consumer.close()
    second = Member(bootstrap, "resume", protocol)
    second.until("the rest", lambda: second.got == 150)
    second.consumer.commit(asynchronous=False)
    assert second.committed(3) == [100, 100, 100], second.committed(3)
    end = time.monotonic() + 2
    while time.monotonic() < end:
        second.poll()
    assert second.got == 150, "nothing is read twice"
    second.consumer.close()


def member(bootstrap, protocol, group):
    """A member of a group of three: tells its partitions whenever they change."""
    one = Member(bootstrap, group, protocol)
    told = None
    while True:
        one.poll()
        if one.partitions != told:
            told = set(one.partitions)
            say(" ".join(map(str, sorted(told))) or "none")


class Shares:
    """Members in processes of their own, and what each says its partitions are."""

    def __init__(self, bootstrap, protocol, count):
        command = [sys.executable, __file__, bootstrap, "member", protocol, "three"]
        start = lambda: subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.members = [start() for _ in range(count)]
        self.told = [set() for _ in self.members]
        for at, one in enumerate(self.members):
            threading.Thread(target=self._listen, args=(at, one), daemon=True).start()

    def _listen(self, at, one):
        for line in one.stdout:
            self.told[at] = set(line.split()) - {"none"}

    def wait(self, members, partitions):
        """Waits until these members share all partitions evenly, none with two of them."""
        end = time.monotonic() + SECONDS_MAX
        while True:
            shares = [self.told[at] for at in members]
            even = all(len(share) == partitions // len(members) for share in shares)
            if even and len(set().union(*shares)) == partitions:
                return
            assert time.monotonic() < end, shares
            assert all(self.members[at].poll() is None for at in members), "a member ended"
            time.sleep(0.1)

    def end(self):
        for one in self.members:
            one.kill()


def three(bootstrap, protocol):
    create(bootstrap, 6)
    shares = Shares(bootstrap, protocol, 3)
    try:
        shares.wait([0, 1, 2], 6)
        shares.members[0].kill()
        shares.wait([1, 2], 6)
    finally:
        shares.end()


def stay(bootstrap, protocol):
    """The broker is killed and comes back while this member is in a stable group."""
    create(bootstrap, 3)
    produce(bootstrap, 300, 3)
    one = Member(bootstrap, "stay", protocol)
    one.until("what is there", lambda: one.got == 300)
    one.consumer.commit(asynchronous=False)
    say("settled")
    one.until("what came after the kill", lambda: one.got == 330)
    one.consumer.commit(asynchronous=False)
    assert one.committed(3) == [110, 110, 110], one.committed(3)
    assert one.assigned == 1 and len(one.partitions) == 3, "it kept its generation"
    one.consumer.close()


def midway(bootstrap, protocol):
    """The broker is killed while the group rebalances."""
    create(bootstrap, 3)
    produce(bootstrap, 300, 3)
    one = Member(bootstrap, "midway", protocol)
    one.until("what is there", lambda: one.got == 300)
    one.consumer.commit(asynchronous=False)
    two = Member(bootstrap, "midway", protocol)
    # The new member has joined; the old one, who is not polled, holds the rebalance up.
    end = time.monotonic() + 5
    while time.monotonic() < end:
        two.poll()
    assert not two.partitions, "the old one has them all"
    say("settled")
    end = time.monotonic() + SECONDS_MAX
    while sorted([len(one.partitions), len(two.partitions)]) != [1, 2]:
        assert time.monotonic() < end, (one.partitions, two.partitions)
        one.poll()
        two.poll()
    assert one.committed(3) == [100, 100, 100], one.committed(3)
    # The test produced 30 while the broker was back. The old member may have got some of them
    # before its partitions were taken away: nobody committed those, so that they come again.
    end = time.monotonic() + SECONDS_MAX
    while len(one.read | two.read) < 330 and time.monotonic() < end:
        one.poll()
        two.poll()
    assert len(one.read | two.read) == 330, (one.got, two.got)
    again = one.read & two.read
    assert all(offset >= 100 for _, offset in again), f"what was committed came again: {again}"
    one.consumer.close()
    two.consumer.close()


def migrate(bootstrap, _protocol):
    """A group's members move to the consumer protocol one by one, and back again."""
    create(bootstrap, 4)
    produce(bootstrap, 400, 4)

    def poll_until(members, condition, what):
        end = time.monotonic() + SECONDS_MAX
        while not condition():
            assert time.monotonic() < end, (what, [(one.got, one.partitions) for one in members])
            for one in members:
                one.poll()

    def share(members, what):
        evenly = sorted(4 // len(members) for _ in members)
        poll_until(members, lambda: sorted(len(one.partitions) for one in members) == evenly, what)

    old = [Member(bootstrap, "migrate", "classic") for _ in range(2)]
    share(old, "two classic ones")
    poll_until(old, lambda: old[0].got + old[1].got >= 400, "what is there")
    for one in old:
        one.consumer.commit(asynchronous=False)
    new = Member(bootstrap, "migrate", "consumer")
    poll_until([*old, new], lambda: len(new.partitions) > 0, "one of each kind more")
    assert len(old[0].partitions | old[1].partitions | new.partitions) == 4
    old[1].consumer.close()
    share([old[0], new], "one of each kind")
    old[0].consumer.close()
    share([new], "the consumer protocol alone")
    assert new.committed(4) == [100] * 4, new.committed(4)
    produce(bootstrap, 40, 4)
    poll_until([new], lambda: new.got >= 40, "what came later")
    new.consumer.commit(asynchronous=False)
    back = Member(bootstrap, "migrate", "classic")
    share([new, back], "one of each kind again")
    new.consumer.close()
    share([back], "the classic protocol alone")
    assert back.committed(4) == [110] * 4, back.committed(4)
    produce(bootstrap, 40, 4)
    poll_until([back], lambda: back.got >= 40, "what came last")
    back.consumer.commit(asynchronous=False)
    assert back.committed(4) == [120] * 4, back.committed(4)
    assert back.got == 40, "nothing is read twice"
    back.consumer.close()


PARTS = {
    "resume": resume,
    "three": three,
    "member": member,
    "stay": stay,
    "midway": midway,
    "migrate": migrate,
}

if __name__ == "__main__":
    # BOOTSTRAP PART classic|consumer ...
    PARTS[sys.argv[2]](sys.argv[1], *sys.argv[3:])
