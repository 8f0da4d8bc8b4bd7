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
AGAIN_S = 6  # after this a program that ended is started again, as by systemd
AWAY_S = {"producer": 15, "redis": 15, "kafka": 15, "postgres": 15, "s3": 40}  # longer than whoever needs it is patient
SETTLED_S = {"s3": 20}  # a commit that is told later was not under way at the kill, not even its hints, which nobody needs
SOON_S = 3              # the same of the other parts
ASK_S = 0.05
TARGETS = (f"/api/v1/movers/{DATASET}?limit={{}}", "/api/v1/movers", f"/api/v1/movers/{DATASET}/timeline", "/api/v1/tables")
LAKE = "s3://datalake/lake"
PARTS = ("producer", "stream", "server", "redis", "kafka", "postgres", "s3")
NAMES = {"producer": "producer (`seine produce`)", "stream": "stream (`seine stream`)", "server": "server (`seine serve`)",
         "redis": "Redis", "kafka": "broker (Kafka)", "postgres": "catalog (PostgreSQL)", "s3": "objects (S3)"}
PROGRAMS, SERVERS = ("stream", "server"), ("redis", "kafka", "postgres", "s3")


class Kept:
    """A program that is started again whenever it ends; when its lines came, and with what it ended."""

    def __init__(self, folder, *words, env):
        self.folder, self.words, self.env = folder, words, env
        self.lines, self.starts, self.ends, self.over = [], [], [], threading.Event()
        self.process = self.begin()
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def begin(self):
        self.starts.append(time.monotonic())
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
        """@return when it was started again."""
        count = len(self.starts)
        self.process.kill()
        wait_for(lambda: len(self.starts) > count, "it to be started again")
        return self.starts[count]

    def ended(self, since):
        """@return with what it ended by itself since then."""
        return [(code, last) for at, code, last in self.ends if at >= since and code != -signal.SIGKILL]

    def told(self, begin, end):
        return [line for at, line in self.lines if begin <= at < end and line.startswith('{"batch"')]

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
            response.read()
            return response.status
        except (OSError, http.client.HTTPException):
            return "no connection"
        finally:
            connection.close()

    def read(self):
        for number in itertools.count():
            if self.over.wait(ASK_S):
                return
            begin = time.monotonic()
            target = TARGETS[number % len(TARGETS)].format(1 + number % 50)
            result = self.ask(target)
            self.answers.append((begin, time.monotonic(), result, target))

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

    def __init__(self, plant, file, *more):
        self.began = time.monotonic()
        self.process = start(plant.folder, "produce", file, *plant.topic, "--dataset", DATASET, "--rate", RATE, "--json", *more,
                             env=plant.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_S)

    def close(self):
        if self.process.returncode is None:
            self.kill()

    def stop(self):
        """@return how many rows were acknowledged, and how many it left out before them: all of these are the first ones
        of the file."""
        self.process.send_signal(signal.SIGINT)
        out, said = self.process.communicate(timeout=PATIENCE_S)
        told = json.loads(out)
        equal((told["failed"], told["acknowledged"]), (0, told["sent"]), said)
        assert told["sent"] < PHASE_ROWS, "the load was over before the part was caught up with"
        return told["acknowledged"], told["already_there"]


class Plant:
    """All parts, and the rows: a file of which each phase sends a piece that begins where the last one ended."""

    def __init__(self, folder):
        self.folder, self.sent, self.resent = folder, 0, 0
        self.servers, self.env, self.parts = {name: stack.env(name) for name in SERVERS}, {}, []
        for variables in self.servers.values():
            self.env |= variables
        self.env |= {"SEINE_CATALOG": self.env["SEINE_CATALOG"] + "?catalog_name=failures", "SEINE_SCRATCH": str(folder),
                     "XDG_CACHE_HOME": str(folder)}
        self.topic = ("--brokers", self.env["SEINE_BROKERS"], "--topic", TOPIC)

    def open(self):
        folder = self.folder
        seine(folder, "generate", "ais", "--shape", "guide", "--rows", PHASE_ROWS * len(PARTS), "-o", "rows.csv", "--quiet")
        self.header, *self.rows = (folder / "rows.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        self.seine("init", LAKE, "--quiet")
        self.write("first.csv", 0, 1)
        self.seine("produce", "first.csv", *self.topic, "--create", "--partitions", PARTITIONS, "--dataset", DATASET, "--quiet")
        self.sent = 1
        self.stream = self.part(Kept(folder, "stream", "--lake", LAKE, *self.topic, "--dataset", DATASET, "--trigger", "500ms",
                                     "--refresh-every", "5s", "--json", "--kafka", "session.timeout.ms=6000", env=self.env))
        wait_for(lambda: self.read() == 1, "the first record")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        elsewhere = self.env | {"XDG_CACHE_HOME": str(folder / "server")}
        self.server = self.part(Kept(folder, "serve", "--lake", LAKE, "--port", port, "--rate", 0, env=elsewhere))
        self.reader = self.part(Reader(port))
        for target in TARGETS:
            wait_for(lambda target=target: self.reader.ask(target.format(1)) == 200, f"an answer to {target}", 20)

    def part(self, part):
        """@return it; it is closed with the others."""
        self.parts.append(part)
        return part

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
        for part in reversed(self.parts):
            part.close()


class Phase:
    """One part killed under load, and what was seen of it."""

    def __init__(self, plant, part, rnd):
        self.plant, self.part, self.moment, self.delay, self.again = plant, part, threading.Event(), rnd.uniform(1, 4), 0
        self.before = plant.in_topic()
        self.file = f"{part}.csv"
        plant.write(self.file, plant.sent, plant.sent + PHASE_ROWS)
        self.producer = plant.part(Producer(plant, self.file))

    def strike(self):
        """Kills the part, and starts it again after a while."""
        self.killed_at = time.monotonic()
        if self.part in PROGRAMS:
            self.back_at = getattr(self.plant, self.part).kill()
            return
        if self.part in SERVERS:
            stack.kill(self.part)
        else:
            self.producer.kill()
        self.moment.wait(AWAY_S[self.part])
        if self.part == "producer":
            self.again = self.plant.in_topic() - self.before  # what the broker has of it, acknowledged or not
        self.back_at = time.monotonic()
        if self.part == "producer":
            self.producer = self.plant.part(Producer(self.plant, self.file, "--resume"))
        else:
            equal(stack.env(self.part), self.plant.servers[self.part], "its address")

    def catch_up(self):
        """Until the rows that were to be sent a second before the part was back are in the lake, and the server answers;
        of a producer the first ones after that."""
        plant = self.plant
        due = self.again + 1 if self.part == "producer" else int(RATE * (self.back_at - self.producer.began - 1))
        wanted = self.before + due
        wait_for(lambda: plant.read() >= wanted, f"the lake to catch up after {self.part}")
        at = time.monotonic()
        wait_for(lambda: plant.reader.has_answer(at), "the server to answer")
        self.caught_at = time.monotonic()

    def run(self):
        plant = self.plant
        wait_for(lambda: plant.read() > self.before, "rows of this phase")
        self.moment.wait(self.delay)
        self.strike()
        self.catch_up()
        acknowledged, there = self.producer.stop()
        plant.sent += there + acknowledged
        plant.resent += self.again - there
        self.count(self.before + self.again + acknowledged)

    def count(self, sent):
        """When nothing waits any more: what is missing in the lake of all that was sent until now, and what is twice."""
        wait_for(lambda: [row["waiting"] for row in self.plant.status()] == [0] * PARTITIONS, "the last rows of this phase")
        (row,) = self.plant.sql("SELECT count(*) AS n, count(DISTINCT (topic_partition, topic_offset)) AS d "
                                f"FROM bronze.{DATASET}_raw WHERE topic = '{TOPIC}'")
        self.lost, self.twice = sent - row["d"], row["n"] - row["d"]

    # ---- what was seen, as the page tells it

    def requests(self):
        failures = self.plant.reader.failures(self.killed_at)
        if self.part == "s3" and failures.keys() <= {"503"}:  # by what the server has read at the moment of the kill
            return "requests are answered, or 503 where they need another object for long"
        return f"requests fail: {', '.join(sorted(failures))}" if failures else "every request is answered"

    def impact(self):
        commits = self.plant.stream.told(self.killed_at + SETTLED_S.get(self.part, SOON_S), self.back_at)
        return f"{self.requests()}; {'commits go on' if commits else 'nothing is committed'}"

    def recovery(self):
        ended = sorted({f"the {name} ends with {code} and is started again, until it can go on" for name in PROGRAMS
                        for code, _ in getattr(self.plant, name).ended(self.killed_at)})
        if self.part == "producer":
            ended.append("`--resume` goes on behind the rows that the topic has")
        return "; ".join(ended) or ("it goes on at the lake's positions" if self.part == "stream" else "the others go on by themselves")

    def row(self):
        done = f"killed, started after {AWAY_S.get(self.part, AGAIN_S)} s"
        return [NAMES[self.part], done, self.impact(), self.recovery(), f"{self.caught_at - self.back_at:.0f}",
                str(self.lost), str(self.twice)]

    def remark(self):
        """What the page has no room for."""
        asked = [(end - begin, result) for begin, end, result, _ in self.plant.reader.answers if begin >= self.killed_at]
        ends = [said for name in PROGRAMS for _, said in getattr(self.plant, name).ended(self.killed_at)]
        return (f"{' | '.join(self.row())} | of {len(asked)} requests {self.plant.reader.failures(self.killed_at) or 'none'} failed, "
                f"the longest took {max(asked)[0]:.1f} s | ended {len(ends)} times {ends[:1]}")


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
    rnd, rows = random.Random(int(os.environ.get("SEINE_SEED", "1"))), {}
    plant = Plant(folder)
    try:
        plant.open()
        for part in rnd.sample(PARTS, len(PARTS)):
            phase = Phase(plant, part, rnd)
            phase.run()
            rows[part] = phase.row()  # what it saw until now
            print(f"# {phase.remark()}", flush=True)
            equal((phase.lost, phase.twice), (0, 0), f"{part}: rows lost, rows twice")
    finally:
        plant.close()
    proved(plant)
    tell([rows[part] for part in PARTS])
    return f"{plant.sent} rows, {plant.resent} of them sent twice, {len(plant.reader.answers)} requests"


if __name__ == "__main__":
    UPDATE = "--update" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--update"]
    if not FULL:
        skip_all("SEINE_FULL=1 runs it")
    main([test_every_part_killed_under_load_loses_and_doubles_nothing])
