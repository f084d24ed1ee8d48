"""Streams the flights into a topic and records what was acknowledged, where, and when.

write_flights.py BOOTSTRAP TOPIC CODEC ACKED [LIMIT]

Prints `acked N` as it goes. Writes to the file ACKED four numbers per row: partition, offset, the
time at which the row was handed in and the time of its acknowledgement (nanoseconds of the wall
clock; partition -1 where it never came).
"""

import array
import functools
import sys
import time

import clients
import flights

REPORT_EVERY = 500


class Acknowledged:
    """What the delivery reports said, row by row."""

    def __init__(self, rows):
        self.partition = array.array("q", [-1]) * rows
        self.offset = array.array("q", [-1]) * rows
        self.handed_in = array.array("q", [0]) * rows
        self.acked_at = array.array("q", [0]) * rows
        self.count = 0
        self.errors = []

    def on_delivery(self, row, error, message):
        if error is not None:
            self.errors.append((row, str(error)))
            return
        self.partition[row], self.offset[row] = message.partition(), message.offset()
        self.acked_at[row] = time.time_ns()
        self.count += 1
        if self.count % REPORT_EVERY == 0:
            print(f"acked {self.count}", flush=True)

    def save(self, path):
        with open(path, "wb") as file:
            for column in (self.partition, self.offset, self.handed_in, self.acked_at):
                column.tofile(file)


def main(bootstrap, topic, codec, path, limit=None):
    rows = flights.load(limit and int(limit))
    acked = Acknowledged(len(rows))
    producer = clients.producer(bootstrap, codec, queue_buffering_max_messages=20_000)
    started = time.monotonic()
    for row, flight in enumerate(rows):
        acked.handed_in[row] = time.time_ns()
        while True:
            try:
                producer.produce(
                    topic,
                    key=flight.key,
                    value=flight.value,
                    timestamp=flight.timestamp,
                    headers=[("row", b"%d" % row)],
                    on_delivery=functools.partial(acked.on_delivery, row),
                )
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    left = producer.flush(120)
    acked.save(path)
    seconds = time.monotonic() - started
    print(f"acked {acked.count}", flush=True)
    print(f"{codec}: {acked.count} of {len(rows)} acknowledged in {seconds:.1f} s", flush=True)
    assert left == 0 and not acked.errors, f"{left} left, errors: {acked.errors[:3]}"


if __name__ == "__main__":
    main(*sys.argv[1:])
