"""Streams on a real broker of tools/stack: killed at random under load, the program and the broker. Needs SEINE_FULL=1."""
import json
import os
import random
import select
import signal
import subprocess
import sys
import threading

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL, PATIENCE_S, equal, refused, run, seine, sql, start
from harness.stack import stack
from harness.tap import main, skip_all

DATASET, ROWS = "maritime_guide", 120000
KILLS, BROKER_KILLS = int(os.environ.get("SEINE_KILLS", "100")), 10
SLOWEST_S = 20  # of a kill on a slow day: the producer is at work all the time, and the rest comes at once
PAIR_KILLS = 20
TABLES = {"rows": f"SELECT count(*) AS n, bit_xor(hash(mmsi, ts, latitude, longitude, speed, vessel_name, vessel_type)) AS h "
                  f"FROM silver.{DATASET}",
          "rejects": f"SELECT split_part(reason, ' ', 1) AS word, count(*) AS n FROM silver.{DATASET}_rejects GROUP BY 1"}


def brokers():
    return ("--brokers", stack.env("kafka")["SEINE_BROKERS"])


def stream_words(topic, *words):
    return ("stream", "--lake", "lake", *brokers(), "--topic", topic, "--dataset", DATASET, "--kafka",
            "session.timeout.ms=6000", *words)


def same_member(name):
    """A process that is started again under its name has its partitions at once: every kill meets one that is at work."""
    return "--kafka", f"group.instance.id={name}"


def proved(folder, topic, file):
    """What is in the lake is what an ingest of the same rows makes, and each record is there once."""
    seine(folder, "init", "file", "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "file", "--dataset", DATASET, file)
    equal(sql(folder, f"SELECT count(*) AS n FROM bronze.{DATASET}_raw WHERE topic = '{topic}'"), [{"n": ROWS}])
    for row in sql(folder, "SELECT topic_partition AS p, count(*) AS n, count(DISTINCT topic_offset) AS o, max(topic_offset) AS m "
                           f"FROM bronze.{DATASET}_raw WHERE topic = '{topic}' GROUP BY 1"):
        equal((row["o"], row["m"]), (row["n"], row["n"] - 1), f"partition {row['p']}")
    for name, query in TABLES.items():
        equal(sorted(map(str, sql(folder, query))), sorted(map(str, sql(folder, query, "file"))), name)
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")


def test_kills_of_stream_and_broker_lose_and_double_nothing(folder):
    rnd, moment = random.Random(1), threading.Event()
    seine(folder, "generate", "ais", "--shape", "guide", "--rows", ROWS, "-o", "rows.csv")
    seine(folder, "init", "lake", "--quiet")
    words = ("produce", "rows.csv", *brokers(), "--topic", "kills", "--create", "--dataset", DATASET, "--resume", "--json")
    producer = start(folder, *words, "--rate", ROWS / (SLOWEST_S * KILLS), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stack_kills = set(rnd.sample(range(KILLS), min(BROKER_KILLS, KILLS // 4)))
    for kill in range(KILLS):
        process = start(folder, *stream_words("kills", "--trigger", "200ms", "--json", *same_member("one")), now=None,
                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if kill % 2 == 0:  # at work, at a random moment of what comes behind its first batch; the others at any moment
            assert select.select([process.stdout], [], [], PATIENCE_S)[0], f"no batch behind kill {kill}"
        moment.wait(rnd.uniform(0.1, 1) if kill % 2 == 0 else rnd.uniform(0.1, 1.5))
        if kill in stack_kills:
            stack.kill("kafka")
            stack.env("kafka")
        process.kill()
        process.wait(timeout=PATIENCE_S)
        process.stdout.close()
    assert producer.poll() is None, "it ended while streams were killed, which had nothing to do then"
    producer.terminate()
    said = producer.communicate(timeout=PATIENCE_S)[1]
    told = json.loads(seine(folder, *words, now=None))
    equal((told["already_there"] + told["acknowledged"], told["failed"]), (ROWS, 0), said)
    assert told["already_there"] > 0, said
    seine(folder, *stream_words("kills", "--until-idle", "2s", *same_member("one")), now=None)
    proved(folder, "kills", "rows.csv")
    commits = len(json.loads(seine(folder, "runs", "--lake", "lake", "--limit", 0, "--json")))
    assert commits > KILLS // 10, f"{commits} commits: the kills met processes that had nothing to do yet"
    return f"{KILLS} kills of the stream, {len(stack_kills)} of the broker, {commits} commits"


def test_two_processes_of_a_group_are_killed_and_slept(folder):
    """One sleeps through a rebalance now and then, while the other takes its partitions."""
    rnd, moment = random.Random(7), threading.Event()
    seine(folder, "generate", "ais", "--shape", "guide", "--rows", ROWS, "-o", "rows.csv")
    seine(folder, "init", "lake", "--quiet")
    producer = start(folder, "produce", "rows.csv", *brokers(), "--topic", "two", "--create", "--partitions", 3, "--dataset", DATASET,
                     "--rate", ROWS / (1.2 * PAIR_KILLS), "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def process():
        return start(folder, *stream_words("two", "--trigger", "200ms"), now=None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    processes = [process(), process()]
    for number in range(PAIR_KILLS):
        one = processes[number % 2]
        moment.wait(rnd.uniform(0.3, 2))
        if number % 6 == 5:
            one.send_signal(signal.SIGSTOP)
            moment.wait(rnd.uniform(4, 9))
            one.send_signal(signal.SIGCONT)
            continue
        one.kill()
        one.wait(timeout=PATIENCE_S)
        processes[number % 2] = process()
    out, said = producer.communicate(timeout=10 * PATIENCE_S)
    equal((producer.returncode, json.loads(out)["acknowledged"]), (0, ROWS), said)
    for one in processes:
        one.terminate()
        one.wait(timeout=PATIENCE_S)
    seine(folder, *stream_words("two", "--until-idle", "10s"), now=None)
    (rows,) = sql(folder, f"SELECT count(*) AS n, count(DISTINCT (topic_partition, topic_offset)) AS d FROM bronze.{DATASET}_raw")
    equal((rows["n"], rows["d"]), (ROWS, ROWS), "records of bronze, each offset once")
    proved(folder, "two", "rows.csv")


def test_a_producer_that_is_killed_is_gone_on_with(folder):
    """Killed again and again, each time gone on with: no row is missing, and few were on their way when they were sent again."""
    rnd, moment, kills = random.Random(11), threading.Event(), 0
    seine(folder, "generate", "ais", "--shape", "guide", "--rows", ROWS, "-o", "rows.csv")
    seine(folder, "init", "lake", "--quiet")
    words = ("produce", "rows.csv", *brokers(), "--topic", "again", "--create", "--dataset", DATASET, "--resume", "--json")
    for _ in range(PAIR_KILLS):
        process = start(folder, *words, "--rate", ROWS / 20, now=None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        moment.wait(rnd.uniform(0.2, 1.2))
        process.kill()
        kills += process.wait(timeout=PATIENCE_S) == -signal.SIGKILL
    told = json.loads(seine(folder, *words, now=None))
    equal(told["already_there"] + told["acknowledged"], ROWS, "rows")
    equal(json.loads(seine(folder, *words, now=None))["already_there"], ROWS, "once more")
    seine(folder, *stream_words("again", "--until-idle", "2s"), now=None)
    (bronze,) = sql(folder, f"SELECT count(*) AS n FROM bronze.{DATASET}_raw")
    assert ROWS <= bronze["n"] < ROWS + 1000 * kills, bronze
    proved(folder, "again", "rows.csv")
    return f"{kills} kills, {bronze['n'] - ROWS} rows twice"


def test_topics_are_made_and_refusals_are_told(folder):
    (folder / "a.csv").write_text("mmsi,timestamp,latitude,longitude,speed\n244010219,2025-01-01T00:00:00,1,2,3\n", encoding="utf-8")
    seine(folder, "init", "lake", "--quiet")
    words = ("produce", "a.csv", *brokers(), "--topic", "made", "--dataset", DATASET)
    refused(folder, 1, "has no topic made: --create makes it", *words)
    told = json.loads(seine(folder, *words, "--create", "--partitions", 5, "--json"))
    equal((told["created"], told["partitions"], told["acknowledged"]), (True, 5, 1))
    equal(json.loads(seine(folder, *words, "--create", "--json"))["created"], False)
    refused(folder, 1, "the broker refuses", *stream_words("made", "--kafka", "security.protocol=sasl_plaintext", "--kafka",
                                                           "sasl.mechanisms=PLAIN", "--kafka", "sasl.username=x", "--kafka",
                                                           "sasl.password=${WRONG}"), env={"WRONG": "hidden"})
    process = start(folder, *stream_words("made", "--json", "--trigger", "100ms"), now=None, stdout=subprocess.PIPE)
    equal(json.loads(process.stdout.readline())["read"], 2)
    process.send_signal(signal.SIGTERM)
    equal(process.wait(timeout=10), 0)
    process.stdout.close()
    equal(run(folder, *stream_words("made", "--until-idle", "0s"), now=None).stdout, "")


if __name__ == "__main__":
    if not FULL:
        skip_all("SEINE_FULL=1 runs it")
    main([case for name, case in list(globals().items()) if name.startswith("test_")])
