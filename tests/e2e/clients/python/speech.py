"""What every program of tests/e2e/clients says and how: a verb and its arguments come in, lines of
JSON go out. The library's warnings and errors go to standard error, where a line fails the test.

PROGRAM BOOTSTRAP VERB ARGS...
"""

import json
import logging
import sys
import threading

# The shortest session that a broker takes by default: the test waits for it after a kill.
SESSION_MS = 6000
HEARTBEAT_MS = 500
ADMIN_PARTITIONS = 3
ADMIN_PARTITIONS_MORE = 6
ADMIN_RECORDS = 30


def say(**line):
    print(json.dumps(line), flush=True)


def say_record(partition, offset, key, value, headers, timestamp):
    say(
        partition=partition,
        offset=offset,
        key=None if key is None else key.decode(),
        value=None if value is None else value.decode(),
        headers={name: held.decode() for name, held in headers or []},
        timestamp=timestamp,
    )


def records(count, prefix):
    """The records that `produce` sends: key, value, headers."""
    for number in range(int(count)):
        key = f"{prefix}-{number}"
        yield key.encode(), f"{key}:{'x' * 100}".encode(), [("by", prefix.encode())]


class Steps:
    """Steps of `admin`: each is said once it is done; the first that fails ends the program."""

    def done(self, step, **facts):
        say(step=step, ok=True, **facts)


def stdin_closed():
    """An event that is set when standard input ends: a member leaves then."""
    closed = threading.Event()

    def wait():
        sys.stdin.read()
        closed.set()

    threading.Thread(target=wait, daemon=True).start()
    return closed


def until(what, ask, seconds=20):
    """Asks until the answer is true, and returns it."""
    import time

    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def run(verbs):
    """Runs the verb of the command line."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    bootstrap, verb, *arguments = sys.argv[1:]
    verbs[verb](bootstrap, *arguments)
