"""Numbers every record of some keys and streams them with an idempotent producer.

write_idempotent.py BOOTSTRAP TOPIC ROWS KEYS

Prints `acked N` as it goes. Fails if a record is not acknowledged, or acknowledged below one of its
key that came before it.
"""

import sys

import clients


def main(bootstrap, topic, rows, keys):
    rows, keys = int(rows), int(keys)
    writer = clients.producer(
        bootstrap,
        **{
            "enable.idempotence": True,
            "max.in.flight.requests.per.connection": 5,
            "batch.num.messages": 20,
            "linger.ms": 1,
        },
    )
    all_rows = ((b"%d" % (row % keys), b"%d" % row) for row in range(rows))
    clients.write_acknowledged(writer, topic, all_rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
