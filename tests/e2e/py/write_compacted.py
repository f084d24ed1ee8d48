"""Writes values and tombstones of some keys, again and again, and prints `acked N` as it goes.

write_compacted.py BOOTSTRAP TOPIC ROWS KEYS

Each key's rows ascend; which rows are tombstones is told by `value_of`. Fails if a record is not
acknowledged, or acknowledged below one of its key that came before it.
"""

import sys
import time

import clients

REPORT_EVERY = 200


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
    acked, errors, offsets = 0, [], {}

    def on_delivery(error, message):
        nonlocal acked
        if error is not None:
            errors.append(str(error))
            return
        key, offset = message.key(), message.offset()
        if offset <= offsets.get(key, -1):
            errors.append(f"{key} went back from {offsets[key]} to {offset}")
        offsets[key] = offset
        acked += 1
        if acked % REPORT_EVERY == 0:
            print(f"acked {acked}", flush=True)

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
    for row in range(rows):
        key, value = key_of(row, keys), value_of(row)
        while True:
            try:
                writer.produce(topic, key=key, value=value, on_delivery=on_delivery)
                break
            except BufferError:
                writer.poll(0.1)
        writer.poll(0)
        if row % 50 == 0:
            time.sleep(0.002)
    left = writer.flush(120)
    print(f"acked {acked}", flush=True)
    assert left == 0 and not errors, f"{left} left, {len(errors)} errors: {errors[:3]}"
    assert acked == rows, f"{acked} of {rows} acknowledged"


if __name__ == "__main__":
    main(*sys.argv[1:])
