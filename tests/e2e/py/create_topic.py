"""Creates a topic.

create_topic.py BOOTSTRAP TOPIC PARTITIONS [KEY=VALUE,...]
"""

import sys

import clients


def main(bootstrap, topic, partitions, config=""):
    pairs = dict(pair.split("=", 1) for pair in config.split(",") if pair)
    clients.create_topic(bootstrap, topic, int(partitions), pairs)


if __name__ == "__main__":
    main(*sys.argv[1:])
