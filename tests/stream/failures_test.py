"""Every part of a running pipeline killed at random under load, on the servers of tools/stack: docs/failures.md is what
this test saw. Needs SEINE_FULL=1.

Usage: tests/stream/failures_test.py [--update]

Rows go from a file through Kafka into a lake in S3 with its catalog in PostgreSQL, and are read by somebody who asks a
server with Redis all the time. Each part is killed (SIGKILL) and started again. --update writes the table of
docs/failures.md; without it the page has to tell what is seen, but for the seconds. SEINE_SEED: another order and other
moments.
"""
import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL, PATIENCE_S, ROOT, equal, run, seine, start, wait_for
from harness.stack import stack
from harness.tap import main, skip_all

PAGE = ROOT / "docs" / "failures.md"
HEAD = "| part | what was done | impact | recovery | seconds until caught up | rows lost | rows twice |"
SECONDS = 4  # column that is another one each time
DATASET, TOPIC, PARTITIONS, RATE = "maritime_guide", "ships", 3, 300
PHASE_ROWS = RATE * PATIENCE_S  # more than a producer sends while one part is away and caught up with
AWAY_S, AGAIN_S = 6, 1  # how long a server is away; after that the programs are started again, as systemd does
SETTLED_S = 2.5  # after this a commit was not under way before the kill
ASK_S = 0.05
LAKE = "s3://datalake/lake"
PARTS = ("producer", "stream", "server", "redis", "kafka", "postgres", "s3")
NAMES = {"producer": "producer (`seine produce`)", "stream": "stream (`seine stream`)", "server": "server (`seine serve`)",
         "redis": "Redis", "kafka": "broker (Kafka)", "postgres": "catalog (PostgreSQL)", "s3": "objects (S3)"}
PROGRAMS = ("stream", "server")


class Kept:
    """A program that is started again whenever it ends; when its lines came, and with what it ended."""

    def __init__(self, folder, *words, env):
        self.folder, self.words, self.env = folder, words, env
        self.lines, self.ends, self.over = [], [], threading.Event()
        self.process = self.begin()
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def begin(self):
        return start(self.folder, *self.words, now=None, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def keep(self):
        while True:
            last = ""
            for line in self.process.stdout:
                last = line.strip() or last
                self.lines.append((time.monotonic(), last))
            self.process.stdout.close()
            code = self.process.wait()
            if self.over.is_set():
                return
            self.ends.append((time.monotonic(), code, last))
            if self.over.wait(AGAIN_S):
                return
            self.process = self.begin()

    def kill(self):
        self.process.kill()

    def ended(self, since):
        """@return with what it ended by itself since then."""
        return [(code, last) for at, code, last in self.ends if at >= since and code != -signal.SIGKILL]

    def told(self, begin, end):
        return [line for at, line in self.lines if begin <= at < end and line.startswith("{")]

    def close(self):
        self.over.set()
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        self.thread.join(PATIENCE_S)


class Reader:
    """Somebody who asks a server all the time: when, and what came of it (200, another status, or "no connection")."""

    def __init__(self, port):
        self.port, self.answers, self.over = port, [], threading.Event()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def ask(self, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return "no connection", b""
        finally:
            connection.close()

    def read(self):
        for number in itertools.count():
            if self.over.wait(ASK_S):
                return
            begin = time.monotonic()
            target = (f"/api/v1/movers/{DATASET}?limit={1 + number % 50}", "/api/v1/movers", "/api/v1/tables")[number % 3]
            result, body = self.ask(target)
            self.answers.append((begin, time.monotonic(), result, target, body[:300]))

    def failures(self, since):
        """@return how often which failure came since then."""
        found = {}
        for begin, _, result, *_ in self.answers[:]:
            if begin >= since and result != 200:
                found[str(result)] = found.get(str(result), 0) + 1
        return found

    def has_answer(self, since):
        return any(begin >= since and result == 200 for begin, _, result, *_ in self.answers[-20:])

    def close(self):
        self.over.set()
        self.thread.join(PATIENCE_S)


class Producer:
    """`seine produce` of a file, until it is told to stop."""

    def __init__(self, plant, file):
        self.process = start(plant.folder, "produce", file, *plant.topic, "--dataset", DATASET, "--rate", RATE, "--json",
                             env=plant.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_S)

    def stop(self):
        """@return how many rows were acknowledged: these are the first ones of the file."""
        self.process.send_signal(signal.SIGINT)
        out, said = self.process.communicate(timeout=PATIENCE_S)
        told = json.loads(out)
        equal((told["failed"], told["acknowledged"]), (0, told["sent"]), said)
        assert told["sent"] < PHASE_ROWS, "the load was over before the part was caught up with"
        return told["acknowledged"]


class Plant:
    """All parts, and the rows: a file of which each phase sends a piece that begins where the last one ended."""

    def __init__(self, folder):
        self.folder, self.sent, self.resent = folder, 0, 0
        self.env = {}
        for name in ("postgres", "s3", "redis", "kafka"):
            self.env |= stack.env(name)
        self.env |= {"SEINE_CATALOG": self.env["SEINE_CATALOG"] + "?catalog_name=failures", "SEINE_SCRATCH": str(folder),
                     "XDG_CACHE_HOME": str(folder)}
        self.topic = ("--brokers", self.env["SEINE_BROKERS"], "--topic", TOPIC)
        seine(folder, "generate", "ais", "--shape", "guide", "--rows", PHASE_ROWS * len(PARTS), "-o", "rows.csv", "--quiet")
        self.header, *self.rows = (folder / "rows.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        self.seine("init", LAKE, "--quiet")
        self.write("first.csv", 0, 1)
        self.seine("produce", "first.csv", *self.topic, "--create", "--partitions", PARTITIONS, "--dataset", DATASET, "--quiet")
        self.sent = 1
        self.stream = Kept(folder, "stream", "--lake", LAKE, *self.topic, "--dataset", DATASET, "--trigger", "500ms",
                           "--refresh-every", "5s", "--json", "--kafka", "session.timeout.ms=6000", env=self.env)
        wait_for(lambda: self.read() == 1, "the first record")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.server = Kept(folder, "serve", "--lake", LAKE, "--port", port, "--rate", 0, env=self.env)
        self.reader = Reader(port)
        wait_for(lambda: self.reader.has_answer(0), "an answer")

    def seine(self, *words):
        return seine(self.folder, *words, env=self.env, now=None)

    def sql(self, query, lake=LAKE):
        return json.loads(self.seine("sql", "--lake", lake, "--format", "json", query))

    def write(self, name, begin, end):
        (self.folder / name).write_text(self.header + "".join(self.rows[begin:end]), encoding="utf-8")

    def status(self):
        """@return the partitions as the lake and the topic have them, or nothing while they cannot be asked."""
        done = run(self.folder, "stream", "status", "--lake", LAKE, *self.topic[:2], "--json", env=self.env, now=None)
        return json.loads(done.stdout) if done.returncode == 0 else []

    def read(self):
        return sum(row["position"] for row in self.status())

    def in_topic(self):
        rows = self.status()
        assert rows, "the lake does not tell what is in the topic"
        return sum(row["position"] + row["waiting"] for row in rows)

    def close(self):
        for part in (self.reader, self.server, self.stream):
            part.close()


class Phase:
    """One part killed under load, and what was seen of it."""

    def __init__(self, plant, part, rnd):
        self.plant, self.part, self.moment, self.delay = plant, part, threading.Event(), rnd.uniform(1, 4)
        self.before = plant.in_topic()
        plant.write("piece.csv", plant.sent, plant.sent + PHASE_ROWS)
        self.producer = Producer(plant, "piece.csv")

    def strike(self):
        """Kills the part and starts it again. @return how many records the lake has to have then."""
        plant, wanted = self.plant, None
        self.killed_at = time.monotonic()
        if self.part == "producer":
            self.producer.kill()
            self.again = plant.in_topic() - self.before
            wanted = self.before + 2 * self.again
        elif self.part in PROGRAMS:
            getattr(plant, self.part).kill()
        else:
            stack.kill(self.part)
        self.moment.wait(AGAIN_S if self.part in PROGRAMS else AWAY_S)
        if self.part == "producer":
            self.producer = Producer(plant, "piece.csv")
        elif self.part not in PROGRAMS:
            equal(stack.env(self.part).items() <= plant.env.items() or self.part == "postgres", True, "the address again")
        self.back_at = time.monotonic()
        return wanted

    def run(self):
        plant, self.again = self.plant, 0
        wait_for(lambda: plant.read() > self.before, "rows of this phase")
        self.moment.wait(self.delay)
        wanted = self.strike() or self.sent_until_now()
        wait_for(lambda: plant.read() >= wanted, f"the lake to catch up after {self.part}")
        at = time.monotonic()
        wait_for(lambda: plant.reader.has_answer(at), "the server to answer")
        self.caught_at = time.monotonic()
        acknowledged = self.producer.stop()
        plant.sent += acknowledged
        plant.resent += self.again
        self.settle(self.before + self.again + acknowledged)

    def sent_until_now(self):
        rows = []
        wait_for(lambda: rows.extend(self.plant.status()) or rows, "an answer of the lake")
        return sum(row["position"] + row["waiting"] for row in rows)

    def settle(self, expected):
        """All of the phase in the lake: what is missing there and what is twice."""
        wait_for(lambda: self.plant.read() >= expected, "the last rows of this phase")
        (row,) = self.plant.sql("SELECT count(*) AS n, count(DISTINCT (topic_partition, topic_offset)) AS d "
                                f"FROM bronze.{DATASET}_raw WHERE topic = '{TOPIC}'")
        self.lost, self.twice = expected - row["d"], row["n"] - row["d"]
        equal(self.plant.in_topic(), expected, "records of the topic")

    # ---- what was seen, as the page tells it

    def requests(self):
        failures = self.plant.reader.failures(self.killed_at)
        return f"requests fail: {', '.join(sorted(failures))}" if failures else "every request is answered"

    def commits(self):
        return bool(self.plant.stream.told(self.killed_at + SETTLED_S, self.back_at))

    def impact(self):
        if self.part in PROGRAMS:
            return self.requests() + ("; records wait in the topic" if self.part == "stream" else "")
        return f"{self.requests()}; {'commits go on' if self.commits() else 'nothing is committed'}"

    def ended(self):
        return [(name, code) for name in PROGRAMS for code, _ in getattr(self.plant, name).ended(self.killed_at)]

    def recovery(self):
        ended = sorted({f"the {name} ends with {code} and is started again" for name, code in self.ended()})
        if self.part == "producer":
            ended.append("it sends the file from its first row; rows that silver has become duplicates")
        return "; ".join(ended) or {"stream": "it goes on at the lake's positions"}.get(self.part, "by itself")

    def row(self):
        done = f"killed, started {AGAIN_S if self.part in PROGRAMS else AWAY_S} s later"
        return [NAMES[self.part], done, self.impact(), self.recovery(), f"{self.caught_at - self.back_at:.0f}",
                str(self.lost), str(self.twice)]


def page_rows():
    """@return the rows of the page's table, and the text before and behind it."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(HEAD + "\n")
    lines = rest.split("\n")
    count = next(number for number, line in enumerate(lines) if not line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:count]], before, "\n".join(lines[count:])


def tell(rows):
    """The page has these rows: with --update it gets them."""
    known, before, behind = page_rows()
    if UPDATE:
        lines = [HEAD, "|---|---|---|---|---|---|---|", *("| " + " | ".join(row) + " |" for row in rows)]
        PAGE.write_text(before + "\n".join(lines) + "\n" + behind, encoding="utf-8")
        return
    for row in [*known, *rows]:
        del row[SECONDS]
    equal(known, rows, "docs/failures.md")


def proved(plant):
    """The rows that were acknowledged are in silver as an ingest of them makes it, and the books are right."""
    plant.write("sent.csv", 0, plant.sent)
    seine(plant.folder, "init", "file", "--quiet")
    seine(plant.folder, "ingest", "--quiet", "--lake", "file", "--dataset", DATASET, "sent.csv", now=None)
    silver = f"SELECT count(*) AS n, bit_xor(hash(mmsi, ts, latitude, longitude, speed, vessel_name, vessel_type)) AS h FROM silver.{DATASET}"
    equal(plant.sql(silver), plant.sql(silver, "file"), "silver")
    for row in plant.sql("SELECT topic_partition AS p, count(*) AS n, count(DISTINCT topic_offset) AS o, max(topic_offset) AS m "
                         f"FROM bronze.{DATASET}_raw GROUP BY 1"):
        equal((row["o"], row["m"]), (row["n"], row["n"] - 1), f"partition {row['p']}")
    plant.seine("verify", "--lake", LAKE, "--deep", "--quiet")


def test_every_part_killed_under_load_loses_and_doubles_nothing(folder):
    rnd, phases = random.Random(int(os.environ.get("SEINE_SEED", "1"))), {}
    plant = Plant(folder)
    try:
        for part in rnd.sample(PARTS, len(PARTS)):
            phase = phases[part] = Phase(plant, part, rnd)
            phase.run()
            print(f"# {' | '.join(phase.row())} # {plant.reader.failures(phase.killed_at)} "
                  f"{[getattr(plant, name).ended(phase.killed_at) for name in PROGRAMS]}", flush=True)
            equal((phase.lost, phase.twice), (0, 0), f"{part}: rows lost, rows twice")
    finally:
        plant.close()
    proved(plant)
    tell([phases[part].row() for part in PARTS])
    return f"{plant.sent} rows, {plant.resent} of them sent again, {len(plant.reader.answers)} requests"


if __name__ == "__main__":
    UPDATE = "--update" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--update"]
    if not FULL:
        skip_all("SEINE_FULL=1 runs it")
    main([test_every_part_killed_under_load_loses_and_doubles_nothing])
