"""The checker of the flights can fail: each thing that it should catch, it catches."""

import unittest

import check_flights
import flights

ROWS = [flights.Flight(b"UA" if n % 2 else b"B6", b"row %d" % n, 1_000 + n) for n in range(6)]


class Message:
    """A record as the consumer would hand it over."""

    def __init__(self, row, offset, partition=0, **wrong):
        sent = ROWS[row]
        self.fields = {
            "partition": partition,
            "offset": offset,
            "key": sent.key,
            "value": sent.value,
            "timestamp": (1, sent.timestamp),
            "headers": [("row", b"%d" % row)],
            **wrong,
        }

    def __getattr__(self, name):
        return lambda: self.fields[name]


def read(*messages):
    check = check_flights.Check(ROWS)
    for message in messages:
        check.on_message(message)
    return check


class Catches(unittest.TestCase):
    def refused(self, words, *messages):
        with self.assertRaisesRegex(AssertionError, words):
            read(*messages)

    def test_a_good_reading_passes(self):
        check = read(Message(0, 0), Message(1, 1), Message(0, 2), Message(2, 3))
        self.assertEqual(check.copies, {0: 2, 1: 1, 2: 1})

    def test_a_hole(self):
        self.refused("a hole", Message(0, 0), Message(1, 2))

    def test_other_bytes(self):
        self.refused("other bytes", Message(0, 0, value=b"row 00"))
        self.refused("another key", Message(0, 0, key=b"ua"))
        self.refused("at 1, 999", Message(0, 0, timestamp=(1, 999)))
        self.refused("headers", Message(0, 0, headers=[]))

    def test_order(self):
        self.refused("row 0 of b'B6' after 2", Message(2, 0), Message(0, 1))

    def test_a_key_that_moves(self):
        self.refused("moved", Message(0, 0), Message(2, 0, partition=1))

    def conclude(self, check, kills, **changes):
        """Rows 0 to 2 were acknowledged where they lie, between the times 10 and 20."""
        acked = {
            "partition": [0, 0, 0, -1, -1, -1],
            "offset": [0, 1, 2, -1, -1, -1],
            "handed_in": [10] * 6,
            "acked_at": [20, 20, 20, 0, 0, 0],
            **changes,
        }
        return check_flights.conclude(check, acked, kills)

    def test_lost_and_displaced(self):
        whole = [Message(0, 0), Message(1, 1), Message(2, 2)]
        self.assertEqual(self.conclude(read(*whole), []), (3, 0))
        with self.assertRaisesRegex(AssertionError, "row 2 was acknowledged and is lost"):
            self.conclude(read(*whole[:2]), [])
        with self.assertRaisesRegex(AssertionError, "row 1 is not where it was acknowledged"):
            self.conclude(read(*whole), [], offset=[0, 4, 2, -1, -1, -1])

    def test_copies_need_kills(self):
        twice = read(Message(0, 0), Message(1, 1), Message(2, 2), Message(1, 3))
        self.assertEqual(self.conclude(twice, [(15, 16)]), (3, 1))
        for kills in ([], [(1, 9)], [(21, 22)]):
            with self.assertRaisesRegex(AssertionError, "row 1 is there 2 times with 0 kills"):
                self.conclude(twice, kills)


if __name__ == "__main__":
    unittest.main()
