"""kcat as speech.py wants it, driven as somebody at a terminal would. It has no admin client."""

import ctypes
import json
import re
import signal
import subprocess
import sys
import threading

import speech

REBALANCED = re.compile(r"% Group .* rebalanced \(memberid .*\): (assigned|revoked): (.*)")
ORDINARY = re.compile(r"% (Waiting for group rebalance|Reached end of topic)")
PARTITION = re.compile(r"\[(\d+)\]")
PR_SET_PDEATHSIG = 1


def ends_with_us():
    """The test kills this program with SIGKILL, and means kcat."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(bootstrap, *words, **more):
    return subprocess.Popen(
        ["kcat", "-b", bootstrap, *words],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=ends_with_us,
        **more,
    )


def run(bootstrap, *words, **more):
    command = ["kcat", "-b", bootstrap, "-q", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **more).stdout


def produce(bootstrap, topic, codec, count, prefix):
    records = speech.records(count, prefix)
    lines = [f"{key.decode()}\t{value.decode()}\n" for key, value, _ in records]
    words = ("-P", "-t", topic, "-K", "\t", "-z", codec, "-H", f"by={prefix}")
    run(bootstrap, *words, input="".join(lines))
    speech.say(produced=len(lines))


def say(line):
    record = json.loads(line)
    assert record["tstype"] == "create", record
    names, held = record["headers"][::2], record["headers"][1::2]
    headers = [(name, value.encode()) for name, value in zip(names, held, strict=True)]
    key, value = record["key"].encode(), record["payload"].encode()
    place = (record["partition"], record["offset"])
    speech.say_record(*place, key, value, headers, record["ts"])


def read(bootstrap, topic, count):
    words = ("-C", "-t", topic, "-J", "-o", "beginning", "-c", count)
    lines = run(bootstrap, *words, timeout=60).splitlines()
    assert len(lines) == int(count), f"{len(lines)} of {count}"
    for line in lines:
        say(line)


def tell_rebalances(lines):
    """kcat says on standard error what it has; everything out of the ordinary is passed on."""
    for line in lines:
        changed = REBALANCED.match(line)
        if changed:
            word, named = changed.groups()
            speech.say(**{word: [int(one) for one in PARTITION.findall(named)]})
        elif line.strip() and not ORDINARY.match(line):
            sys.stderr.write(line)
            sys.stderr.flush()


def member(bootstrap, topic, group):
    # kcat commits by itself, every five seconds and when it leaves.
    settings = ["-X", "auto.offset.reset=earliest", "-X", f"session.timeout.ms={speech.SESSION_MS}"]
    settings += ["-X", f"heartbeat.interval.ms={speech.HEARTBEAT_MS}"]
    running = start(bootstrap, "-G", group, "-J", "-u", *settings, topic, stderr=subprocess.PIPE)
    threading.Thread(target=tell_rebalances, args=(running.stderr,), daemon=True).start()
    closed = speech.stdin_closed()
    threading.Thread(target=lambda: closed.wait() and running.terminate(), daemon=True).start()
    for line in running.stdout:
        say(line)
    assert running.wait(30) == 0 and closed.is_set(), f"kcat ended with {running.returncode}"


def times(bootstrap, topic, timestamp):
    [described] = json.loads(run(bootstrap, "-L", "-J", "-t", topic))["topics"]
    for partition in (one["partition"] for one in described["partitions"]):
        said = run(bootstrap, "-Q", "-t", f"{topic}:{partition}:{timestamp}").strip()
        found = re.fullmatch(rf"{topic} \[{partition}\] offset (-?\d+)", said)
        assert found, said
        speech.say(partition=partition, offset=int(found.group(1)))


def admin(_bootstrap, _prefix):
    """Nothing: kcat has no admin client."""


def codecs(_bootstrap):
    speech.say(codecs=["none", "gzip", "snappy", "lz4", "zstd"])


if __name__ == "__main__":
    verbs = (produce, read, member, times, admin, codecs)
    speech.run({verb.__name__: verb for verb in verbs})
