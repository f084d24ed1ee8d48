"""kcat reads what confluent-kafka wrote and the other way round, with every compression.

exchange.py BOOTSTRAP
"""

import functools
import json
import subprocess
import sys
import time

import clients
import flights
from confluent_kafka import TopicPartition

COUNT = 1_000
PARTITIONS = 2


def kcat(bootstrap, *arguments, stdin=None):
    """Runs kcat and returns what it printed."""
    quick = ["-X", "fetch.wait.max.ms=50"] if "-C" in arguments else []
    command = ["kcat", "-b", bootstrap, "-q", *quick, *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, f"{command}: {done.returncode} {done.stderr.decode()}"
    return done.stdout


@functools.cache
def sample():
    return [(flight.key, flight.value, flight.timestamp) for flight in flights.load(COUNT)]


def confluent_to_kcat(bootstrap, codec):
    topic = f"to-kcat-{codec}"
    clients.create_topic(bootstrap, topic, PARTITIONS, {"retention.ms": "-1"})
    producer = clients.producer(bootstrap, codec)
    sent = {index: [] for index in range(PARTITIONS)}
    for number, (key, value, stamp) in enumerate(sample()):
        partition = number % PARTITIONS
        headers = [("n", b"%d" % number)]
        producer.produce(topic, value, key, partition, timestamp=stamp, headers=headers)
        offset = len(sent[partition])
        sent[partition].append(b"%d|%s|%d|n=%d|%s" % (offset, key, stamp, number, value))
    assert producer.flush(30) == 0
    for partition, lines in sent.items():
        form = "%o|%k|%T|%h|%s\n"
        place = ("-C", "-t", topic, "-p", str(partition), "-e", "-f", form)
        whole = kcat(bootstrap, *place, "-o", "beginning").splitlines()
        assert whole == lines, f"{topic} {partition}: {whole[:2]} instead of {lines[:2]}"
        assert kcat(bootstrap, *place, "-o", "123").splitlines() == lines[123:]
        assert kcat(bootstrap, *place, "-o", "-10").splitlines() == lines[-10:]


def kcat_to_confluent(bootstrap, codec):
    topic = f"to-confluent-{codec}"
    clients.create_topic(bootstrap, topic, PARTITIONS)
    lines = b"".join(b"%s\t%s\n" % (key, value) for key, value, _ in sample())
    kcat(bootstrap, "-P", "-t", topic, "-K", "\t", "-z", codec, "-H", "from=kcat", stdin=lines)
    came = {}
    for message in clients.read_all(bootstrap, topic, PARTITIONS):
        assert message.headers() == [("from", b"kcat")]
        came.setdefault(message.key(), []).append(message.value())
    sent = {}
    for key, value, _ in sample():
        sent.setdefault(key, []).append(value)
    assert came == sent, f"{topic}: {sum(map(len, came.values()))} records, or another order"


def odd_records(bootstrap):
    """Null and empty keys and values, and headers without a value, survive the way."""
    topic = "odd"
    clients.create_topic(bootstrap, topic, 1)
    producer = clients.producer(bootstrap)
    headers = [("empty", b""), ("null", None), ("null", b"2")]
    odd = [(None, b"a"), (b"", b"b"), (b"k", None), (b"k", b""), (None, None)]
    for key, value in odd:
        producer.produce(topic, value, key, headers=headers)
    assert producer.flush(30) == 0
    messages = list(clients.read_all(bootstrap, topic, 1))
    assert [(message.key(), message.value()) for message in messages] == odd
    for message in messages:
        assert message.headers() == headers
    lines = kcat(bootstrap, "-C", "-t", topic, "-e", "-o", "beginning", "-J").splitlines()
    assert len(lines) == len(odd)
    sizes = kcat(bootstrap, "-C", "-t", topic, "-e", "-o", "beginning", "-f", "%K,%S\n").split()
    assert sizes == [b"-1,1", b"0,1", b"1,-1", b"1,0", b"-1,-1"], sizes


def by_time(bootstrap):
    """Start and stop by timestamp, and the offsets that a timestamp stands for."""
    topic = "by-time"
    clients.create_topic(bootstrap, topic, 1, {"retention.ms": "-1"})
    producer = clients.producer(bootstrap, "lz4")
    base = 1_600_000_000_000
    for number in range(COUNT):
        producer.produce(topic, b"%d" % number, timestamp=base + 10 * number)
    assert producer.flush(30) == 0
    place = ("-C", "-t", topic, "-p", "0", "-e", "-f", "%s\n")
    start, stop = base + 4_001, base + 6_000
    came = kcat(bootstrap, *place, "-o", f"s@{start}", "-o", f"e@{stop}").split()
    assert came == [b"%d" % number for number in range(401, 600)], f"{came[:1]} to {came[-1:]}"
    queries = [(base - 5, 0), (base + 4_001, 401), (base + 9_990, 999), (-1, COUNT), (-2, 0)]
    for stamp, offset in queries:
        said = kcat(bootstrap, "-Q", "-t", f"{topic}:0:{stamp}")
        assert said.strip() == b"%s [0] offset %d" % (topic.encode(), offset), said


def listing(bootstrap):
    listed = json.loads(kcat(bootstrap, "-L", "-J"))
    names = {topic["topic"]: topic for topic in listed["topics"]}
    assert len(listed["brokers"]) == 1 and listed["brokers"][0]["name"] == bootstrap
    assert len(names["odd"]["partitions"]) == 1
    broker = listed["brokers"][0]["id"]
    for topic in names.values():
        for partition in topic["partitions"]:
            assert partition["leader"] == broker, partition
    text = kcat(bootstrap, "-L", "-t", "odd").decode()
    assert 'topic "odd" with 1 partitions' in text, text


def woken(bootstrap):
    """A fetch that waits is answered when a record comes, not when its time is over."""
    topic = "woken"
    clients.create_topic(bootstrap, topic, 1)
    reader = clients.consumer(bootstrap, fetch_wait_max_ms=20_000, socket_timeout_ms=60_000)
    reader.assign([TopicPartition(topic, 0, 0)])
    assert reader.poll(1.0) is None, "something came out of nothing"
    producer = clients.producer(bootstrap, linger_ms=0)
    for number in range(20):
        # Time enough for the next fetch to wait at the broker.
        time.sleep(0.05)
        sent = time.monotonic()
        producer.produce(topic, b"%d" % number)
        producer.poll(0)
        message = reader.poll(5.0)
        took = time.monotonic() - sent
        assert message is not None and message.error() is None, f"{number}: nothing after {took}"
        assert message.value() == b"%d" % number
        assert took < 1.0, f"{number}: came after {took:.3f} s"
    assert producer.flush(10) == 0
    reader.close()


def on_first_use(bootstrap):
    """`--dev` creates a topic when somebody produces to it."""
    kcat(bootstrap, "-P", "-t", "made-by-use", stdin=b"hello\n")
    assert kcat(bootstrap, "-C", "-t", "made-by-use", "-e", "-o", "beginning") == b"hello\n"


def main(bootstrap):
    for codec in flights.CODECS:
        confluent_to_kcat(bootstrap, codec)
        kcat_to_confluent(bootstrap, codec)
        print(f"{codec}: ok", flush=True)
    for part in (odd_records, by_time, listing, woken, on_first_use):
        part(bootstrap)
        print(f"{part.__name__}: ok", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
