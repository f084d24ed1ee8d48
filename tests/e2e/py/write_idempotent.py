"""Numbers every record of some keys and streams them with an idempotent producer.

write_idempotent.py BOOTSTRAP TOPIC ROWS KEYS

Prints `acked N` as it goes. Fails if a record is not acknowledged, or acknowledged below one of its
key that came before it.
"""

import sys
import time

import clients

REPORT_EVERY = 200


def main(bootstrap, topic, rows, keys):
    rows, keys = int(rows), int(keys)
    acked = 0
    errors = []
    offsets = {}

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

    producer = clients.producer(
        bootstrap,
        **{
            "enable.idempotence": True,
            "max.in.flight.requests.per.connection": 5,
            "batch.num.messages": 20,
            "linger.ms": 1,
        },
    )
    for row in range(rows):
        key = b"%d" % (row % keys)
        while True:
            try:
                producer.produce(topic, key=key, value=b"%d" % row, on_delivery=on_delivery)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
        if row % 50 == 0:
            time.sleep(0.002)
    left = producer.flush(120)
    print(f"acked {acked}", flush=True)
    assert left == 0 and not errors, f"{left} left, {len(errors)} errors: {errors[:3]}"
    assert acked == rows, f"{acked} of {rows} acknowledged"


if __name__ == "__main__":
    main(*sys.argv[1:])
