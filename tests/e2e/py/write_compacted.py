"""Writes values and tombstones of some keys, again and again, and prints `acked N` as it goes.

write_compacted.py BOOTSTRAP TOPIC ROWS KEYS

Each key's rows ascend; which rows are tombstones is told by `value_of`. Fails if a record is not
acknowledged, or acknowledged below one of its key that came before it.
"""

import sys

import clients


def key_of(row, keys):
    """Some keys are written much more often than others, and every seventh row has one alone."""
    if row % 7 == 0:
        return f"once {row}"
    return f"key {(row * row + row // 3) % keys}"


def value_of(row):
    """None for a tombstone."""
    return None if row % 5 == 2 else f"{row} " + "x" * (row % 400)


def main(bootstrap, topic, rows, keys):
    rows, keys = int(rows), int(keys)
    writer = clients.producer(
        bootstrap,
        codec="lz4",
        **{
            "enable.idempotence": True,
            "max.in.flight.requests.per.connection": 5,
            "batch.num.messages": 30,
            "linger.ms": 1,
        },
    )
    all_rows = ((key_of(row, keys), value_of(row)) for row in range(rows))
    clients.write_acknowledged(writer, topic, all_rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
