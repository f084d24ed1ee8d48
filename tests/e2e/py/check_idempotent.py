"""Reads a topic that write_idempotent.py wrote: every record once, those of a key in their order.

check_idempotent.py BOOTSTRAP TOPIC PARTITIONS ROWS KEYS
"""

import sys

import clients


def check(values, rows, keys):
    """What speaks against these values, in the order of each key."""
    problems = []
    seen = set()
    for key, got in values.items():
        twice = []
        for row in got:
            if row in seen:
                twice.append(row)
            seen.add(row)
        if twice:
            problems.append(f"key {key}: {len(twice)} came twice, first {twice[0]}")
        if got != sorted(got):
            problems.append(f"key {key}: out of order")
    lost = [row for row in range(rows) if row not in seen]
    if lost:
        problems.append(f"{len(lost)} lost, first {lost[0]}")
    if len(values) != keys:
        problems.append(f"{len(values)} keys, not {keys}")
    return problems


def main(bootstrap, topic, partitions, rows, keys):
    values = {}
    for message in clients.read_all(bootstrap, topic, int(partitions)):
        values.setdefault(message.key(), []).append(int(message.value()))
    problems = check(values, int(rows), int(keys))
    assert not problems, problems
    # The checker would have noticed.
    some = next(iter(values))
    bent = {**values, some: values[some] + values[some][-1:]}
    assert check(bent, int(rows), int(keys)), "a record that came twice goes unnoticed"
    print(f"{rows} records, each once and in order")


if __name__ == "__main__":
    main(*sys.argv[1:])
