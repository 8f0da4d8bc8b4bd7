"""A cluster of Kafka without Java: librdkafka's mock, as a process of its own (tests/stream/helper_cluster.c)."""
import contextlib
import subprocess

from harness.program import BUILD

PRODUCE, FETCH, LIST_OFFSETS = 0, 1, 2  # requests, by the numbers of the protocol
UNKNOWN_TOPIC, NOT_LEADER, TOO_LARGE = 3, 6, 10  # codes of errors


def as_hex(value):
    """None is no value at all; text is UTF-8."""
    if value is None:
        return "-"
    raw = value.encode() if isinstance(value, str) else value
    return raw.hex() or "."


def of_hex(word):
    return None if word == "-" else b"" if word == "." else bytes.fromhex(word)


class Cluster:
    """address: where it listens. Topics are made by make(), never by asking for one."""

    def __init__(self):
        self.process = subprocess.Popen([BUILD / "bin" / "helper_cluster"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        assert self.address, "the cluster of the test did not start"

    def tell(self, *words):
        """@return the lines of the answer."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.answer(words)

    def answer(self, words):
        lines = []
        while True:
            line = self.process.stdout.readline().strip()
            if line == "ok":
                return lines
            assert line and not line.startswith("failed"), f"{' '.join(map(str, words))[:100]}: {line}"
            lines.append(line)

    def make(self, topic, partitions=1):
        self.tell("topic", topic, partitions)

    def put(self, topic, records):
        """records: partition, key and value of each."""
        records = list(records)
        for first in range(0, len(records), 500):
            some = records[first:first + 500]
            self.process.stdin.write("".join(f"put {topic} {partition} {as_hex(key)} {as_hex(value)}\n"
                                             for partition, key, value in some))
            self.process.stdin.flush()
            for _ in some:
                self.answer(["put"])
        self.tell("flush")

    def read(self, topic):
        """@return (partition, offset, key, value) of all records, in this order."""
        rows = (line.split() for line in self.tell("read", topic))
        return sorted((int(p), int(offset), of_hex(key), of_hex(value)) for p, offset, key, value in rows)

    def headers(self, topic):
        """@return (partition, offset, headers by name) of all records, in this order."""
        rows = (line.split() for line in self.tell("headers", topic))
        return sorted(((int(p), int(offset), {word.split("=")[0]: bytes.fromhex(word.split("=")[1]).decode() for word in words})
                       for p, offset, *words in rows), key=lambda row: row[:2])

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


@contextlib.contextmanager
def cluster():
    made = Cluster()
    try:
        yield made
    finally:
        made.close()
