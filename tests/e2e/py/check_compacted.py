"""Reads a topic that write_compacted.py wrote, until it is compacted: of each key the last record
is there, a deleted key is not, or as its tombstone.

check_compacted.py BOOTSTRAP TOPIC PARTITIONS ROWS KEYS TOMBSTONES

TOMBSTONES is `stay` or `go`: whether they are to be there still, or to be gone where compaction
has been. Waits a minute for it.
"""

import sys
import time

import clients
from write_compacted import key_of, value_of


def last_rows(rows, keys):
    """The last row of each key."""
    return {key_of(row, keys): row for row in range(rows)}


def check(messages, rows, keys):
    """What speaks against these messages, and how many of them could go."""
    wanted = last_rows(rows, keys)
    problems, last, before, superfluous = [], {}, {}, 0
    for message in messages:
        key, value = message.key().decode(), message.value()
        place = message.partition()
        if message.offset() <= before.get(place, -1):
            problems.append(f"offset {message.offset()} after {before[place]}")
        before[place] = message.offset()
        superfluous += key in last
        last[key] = value
        if value is not None:
            row = int(value.split(b" ", 1)[0])
            if key_of(row, keys) != key or value.decode() != value_of(row):
                problems.append(f"{key} has {value[:40]}")
    tombstones = 0
    for key, row in wanted.items():
        value = value_of(row)
        if value is None:
            if last.get(key) is not None:
                problems.append(f"{key} was deleted with row {row} and has {last[key][:40]}")
            tombstones += key in last
        elif last.get(key) != value.encode():
            problems.append(f"{key} lost row {row} and has {last.get(key)}")
    problems += [f"{key} is new" for key in last if key not in wanted]
    return problems, superfluous, tombstones


def main(bootstrap, topic, partitions, rows, keys, tombstones):
    partitions, rows, keys = int(partitions), int(rows), int(keys)
    deleted = sum(value_of(row) is None for row in last_rows(rows, keys).values())
    until = time.monotonic() + 60
    while True:
        messages = list(clients.read_all(bootstrap, topic, partitions))
        problems, superfluous, there = check(messages, rows, keys)
        assert not problems, problems[:5]
        # What lies in the segments that are still open may be there twice.
        compacted = superfluous * 10 < rows
        some = there * 3 > deleted * 2 if tombstones == "stay" else there * 2 < deleted
        if compacted and some:
            break
        said = f"{superfluous} of {len(messages)} could go, {there} of {deleted} tombstones"
        assert time.monotonic() < until, said
        time.sleep(0.5)
    # The checker would have noticed.
    bent = [message for message in messages if message.value() is not None][:-1]
    assert check(bent, rows, keys)[0], "a lost record goes unnoticed"
    print(f"{len(messages)} of {rows} records are left, {superfluous} may go, {there} tombstones")


if __name__ == "__main__":
    main(*sys.argv[1:])
