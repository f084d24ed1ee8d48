"""Reads a topic of flights back and holds it against what was acknowledged.

check_flights.py BOOTSTRAP TOPIC ACKED KILLS [LIMIT]

- every acknowledged row is there, at the partition and offset of its acknowledgement;
- key, value, timestamp and header are what was sent, byte for byte;
- offsets are dense from 0, and nothing is there that was not sent;
- the rows of a key come in the order in which they were sent (by their first copies);
- a row is there more than once only if the broker was killed while its acknowledgement was due,
  and at most once more per kill: only then did the producer send it again.

KILLS has a line per kill: the wall clock before and after it, in nanoseconds.
"""

import array
import sys

import clients
import flights


def load_acked(path, rows):
    """What the writer noted, column by column."""
    columns = {}
    with open(path, "rb") as file:
        for name in ("partition", "offset", "handed_in", "acked_at"):
            columns[name] = array.array("q")
            columns[name].fromfile(file, rows)
        assert not file.read(1), "the file has more rows"
    return columns


def load_kills(path):
    with open(path, encoding="ascii") as file:
        return [tuple(int(word) for word in line.split()) for line in file]


class Check:
    """The state of a reading: what came, where, how often."""

    def __init__(self, rows):
        self.rows = rows
        self.next_offset = [0] * flights.PARTITIONS
        self.last_row_of_key = {}
        self.copies = {}
        self.places = set()
        self.partition_of_key = {}
        self.count = 0

    def on_message(self, message):
        partition, offset = message.partition(), message.offset()
        where = f"partition {partition} offset {offset}"
        assert offset == self.next_offset[partition], f"{where}: a hole before it"
        self.next_offset[partition] += 1
        self.count += 1
        headers = message.headers()
        assert len(headers) == 1 and headers[0][0] == "row", f"{where}: headers {headers}"
        row = int(headers[0][1])
        sent = self.rows[row]
        assert message.key() == sent.key, f"{where}: row {row} has another key"
        assert message.value() == sent.value, f"{where}: row {row} has other bytes"
        kind, stamp = message.timestamp()
        assert (kind, stamp) == (1, sent.timestamp), f"{where}: row {row} at {kind}, {stamp}"
        home = self.partition_of_key.setdefault(sent.key, partition)
        assert home == partition, f"{where}: key {sent.key} moved from {home}"
        copies = self.copies.get(row, 0)
        if copies == 0:
            last = self.last_row_of_key.get(sent.key, -1)
            assert row > last, f"{where}: row {row} of {sent.key} after {last}"
            self.last_row_of_key[sent.key] = row
        self.copies[row] = copies + 1
        self.places.add((row, partition, offset))


def kills_between(kills, start, end):
    return sum(1 for before, after in kills if start <= after and before <= end)


def conclude(check, acked, kills):
    """Holds a whole reading against the acknowledgements; returns how many there were, and how many
    records are copies that were sent again."""
    acknowledged = again = 0
    for row in range(len(check.rows)):
        copies = check.copies.get(row, 0)
        due = kills_between(kills, acked["handed_in"][row], acked["acked_at"][row] or sys.maxsize)
        if acked["partition"][row] >= 0:
            acknowledged += 1
            place = (row, acked["partition"][row], acked["offset"][row])
            assert copies > 0, f"row {row} was acknowledged and is lost; it was at {place[1:]}"
            assert place in check.places, f"row {row} is not where it was acknowledged: {place[1:]}"
        assert copies <= 1 + due, f"row {row} is there {copies} times with {due} kills meanwhile"
        again += max(copies - 1, 0)
    return acknowledged, again


def main(bootstrap, topic, acked_path, kills_path, limit=None):
    rows = flights.load(limit and int(limit))
    acked = load_acked(acked_path, len(rows))
    kills = load_kills(kills_path)
    check = Check(rows)
    for message in clients.read_all(bootstrap, topic, flights.PARTITIONS):
        check.on_message(message)
    acknowledged, again = conclude(check, acked, kills)
    print(
        f"{topic}: {check.count} records, {acknowledged} acknowledged and all there, in order, "
        f"byte for byte; {again} sent again over {len(kills)} kills",
        flush=True,
    )
    assert acknowledged == len(rows), f"only {acknowledged} of {len(rows)} were acknowledged"


if __name__ == "__main__":
    main(*sys.argv[1:])
