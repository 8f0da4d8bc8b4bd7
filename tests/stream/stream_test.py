"""`seine stream`: topics of Kafka into a lake, against librdkafka's mock cluster. What a stream makes of records is what an
ingest makes of the same rows as a file, however the records were cut into batches, processes and restarts."""
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, sys.path[0] + "/..")
from harness import faults, kafka
from harness.live import following
from harness.program import FULL, PATIENCE_S, SANITIZED, equal, refused, run, seine, sql, start, wait_for
from harness.server import serving
from harness.tap import main

DATASET = "maritime_guide"
NOW_S = 1767225600  # 2026-01-01, SEINE_NOW
SILVER = "mmsi, ts, latitude, longitude, speed, vessel_name, vessel_type"
# The mock cluster waits 3 s for the first members of a group, and for those that left as long as their sessions last.
QUICK = ("--kafka", "session.timeout.ms=4000", "--kafka", "heartbeat.interval.ms=300", "--kafka", "fetch.wait.max.ms=50")
POISON = ("json", '{"mmsi": ', "[1, 2]", "7", '"text"', "{}", '{"mmsi": "1"} behind', '{"a": "b\nc"}', "]", ",", "\n\n")


def record(mover, second, lat=1.5, speed=3.25, name="EVER GIVEN"):
    return json.dumps({"mmsi": str(244000000 + mover), "timestamp": f"2025-01-01T{second // 3600:02}:{second // 60 % 60:02}:"
                       f"{second % 60:02}", "latitude": lat, "longitude": 4.25, "speed": speed, "vessel_name": name})


def rows(seed, count, movers=20):
    """(partition, key, value): duplicates, out of order, refused by rules, each mover in one of three partitions."""
    rnd = random.Random(seed)
    for _ in range(count):
        mover = rnd.randrange(movers)
        value = record(mover, rnd.randrange(7200), lat=rnd.choice([1, 51.25, 91]), speed=rnd.choice([0, 12.5, None, 101]),
                       name=f"name {rnd.randrange(5)}")
        yield mover % 3, str(mover), value


def words_of(cluster, *words, lake="lake", topic="t", dataset=DATASET):
    return ("stream", "--lake", lake, "--brokers", cluster.address, "--topic", topic, "--dataset", dataset, *QUICK, *words)


def stream(folder, cluster, *words, idle="0s", code=0, env=None, **named):
    return seine(folder, *words_of(cluster, "--until-idle", idle, *words, **named), code=code, env=env,
                 timeout=PATIENCE_S)


class Process:
    """A stream that runs until it is stopped."""

    def __init__(self, folder, cluster, *words, env=None, **named):
        self.process = start(folder, *words_of(cluster, "--json", *words, **named), env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)

    def batch(self):
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        return json.loads(line)

    def batches_until(self, count):
        """Waits until so many records were committed."""
        total = 0
        while total < count:
            total += self.batch()["read"]
        equal(total, count, "records read")

    def tell(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """@return its exit status, and what it said."""
        self.tell(number)
        _, said = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, said


def batches(text):
    return [json.loads(line) for line in text.splitlines()]


def silver(folder, lake="lake"):
    return sql(folder, f"SELECT {SILVER} FROM silver.{DATASET} ORDER BY ALL", lake)


def offsets(folder, lake="lake", topic="t"):
    """@return the offsets that bronze has, by partition."""
    found = sql(folder, f"SELECT topic_partition AS p, list(topic_offset ORDER BY topic_offset) AS o FROM "
                        f"bronze.{DATASET}_raw WHERE topic = '{topic}' GROUP BY ALL ORDER BY 1", lake)
    return {row["p"]: row["o"] for row in found}


def sources(folder, lake="lake"):
    return [row["source"] for row in sql(folder, f"SELECT DISTINCT source FROM bronze.{DATASET}_raw ORDER BY 1", lake)]


def files_of(folder, table, lake="lake", gone=False):
    """@return how many files a table has; with those of former snapshots, if they are wanted."""
    paths = (folder / lake).glob(f"{table.replace('.', '/')}/data/**/*.parquet")
    if gone:
        return len(list(paths))
    return sum(row["files"] for row in json.loads(seine(folder, "table", "ls", "--lake", lake, "--json")) if row["table"] == table)


def positions(folder, lake="lake"):
    return {row["partition"]: row["position"] for row in json.loads(seine(folder, "stream", "status", "--lake", lake, "--json"))}


def ingest(folder, values, lake="file", name="rows.jsonl"):
    """The same rows as a file, in another lake."""
    (folder / name).write_text("\n".join(values) + "\n", encoding="utf-8")
    seine(folder, "init", lake, "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", lake, "--dataset", DATASET, name)


def by_offset(records):
    """The rows in the order in which a winner is chosen: by partition, then as they were put."""
    return [value for _, _, value in sorted(records, key=lambda one: one[0])]


def proved(folder, records, lake="lake"):
    """Silver is that of the file, each record is in bronze once, and the books are right."""
    records = list(records)
    ingest(folder, by_offset(records))
    equal(silver(folder, lake), silver(folder, "file"), "silver")
    counts = {p: sum(1 for one in records if one[0] == p) for p, _, _ in records}
    equal(offsets(folder, lake), {p: list(range(count)) for p, count in counts.items()}, "offsets in bronze")
    equal(positions(folder, lake), counts, "positions")
    seine(folder, "verify", "--lake", lake, "--deep", "--quiet")
    refused = f"SELECT split_part(reason, ' ', 1) AS word, count(*) AS n FROM silver.{DATASET}_rejects GROUP BY 1 ORDER BY 1"
    equal(sql(folder, refused, lake), sql(folder, refused, "file"), "rejects")


def test_a_topic_is_what_its_rows_are_as_a_file(folder):
    records = list(rows(1, 2000))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        cluster.put("t", records)
        seine(folder, "init", "lake", "--quiet")
        told = stream(folder, cluster)
        equal(stream(folder, cluster), "", "a second time")
    assert told.startswith("batch 1: 2000 read = "), told
    proved(folder, records)


def test_bronze_holds_records_as_they_were_received(folder):
    records = [(0, "a", record(1, 1)), (0, None, None), (0, b"\xff\x00", b"\xff\xfe"), (0, "", ""),
               (0, "k", "no\njson"), (0, "k", '{"a":\n1}')]
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.put("t", records)
        seine(folder, "init", "lake", "--quiet")
        told = batches(stream(folder, cluster, "--json"))
    found = sql(folder, "SELECT payload, hex(payload_bytes) AS bytes, hex(record_key) AS key, topic, topic_partition AS p, "
                        f"topic_offset AS o, sent_at IS NOT NULL AS sent FROM bronze.{DATASET}_raw ORDER BY o")
    equal([(row["payload"], row["bytes"], row["key"]) for row in found],
          [(records[0][2], None, "61"), (None, None, None), (None, "FFFE", "FF00"), ("", None, ""),
           ("no\njson", None, "6B"), ('{"a":\n1}', None, "6B")])
    equal({(row["topic"], row["p"], row["sent"]) for row in found}, {("t", 0, True)})
    equal([row["o"] for row in found], list(range(6)))
    equal([(b["read"], b["silver"], b["rejects"]) for b in told], [(6, 1, 5)])
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")


def test_a_poison_record_is_a_reject_that_tells_where_it_was(folder):
    records = [(p % 2, None, value) for p, value in enumerate([record(1, 1), *POISON, None, b"\xff", record(2, 2), "",
                                                               record(3, 3, lat=91), "x" * 2000000, record(4, 4)])]
    with kafka.cluster() as cluster:
        cluster.make("t", 2)
        cluster.put("t", records)
        seine(folder, "init", "lake", "--quiet")
        stream(folder, cluster)
    found = sql(folder, f"SELECT reason, raw FROM silver.{DATASET}_rejects")
    bad = [index for index, (_, _, value) in enumerate(records)
           if value not in (record(1, 1), record(2, 2), record(4, 4))]
    equal(sorted(row["reason"].rsplit("(", 1)[1] for row in found),
          sorted(f"topic t, partition {i % 2}, offset {i // 2})" for i in bad))
    reasons = {row["reason"] for row in found}
    for text in ("json: a tombstone", "json: it is no UTF-8", "json: the record is empty", "json: it is no object",
                 "json: something behind the value at 'behind'", "position: "):
        assert any(reason.startswith(text) for reason in reasons), (text, reasons)
    equal(len(silver(folder)), 3, "rows of silver")
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")


def test_any_cut_into_batches_and_restarts_gives_the_same_tables(folder):
    records, rnd, put, runs = list(rows(2, 1200)), random.Random(3), 0, 0
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, "init", "lake", "--quiet")
        while put < len(records):
            size = rnd.randint(1, 700)
            cluster.put("t", records[put:put + size])
            put, runs = put + size, runs + 1
            stream(folder, cluster, "--trigger", rnd.choice(["1ms", "1s"]))
    count = sum(1 for one in json.loads(seine(folder, "runs", "--lake", "lake", "--json")) if one["command"] == "stream")
    assert count >= runs > 2, f"{count} commits of {runs} processes: it was not cut"
    equal(sources(folder), [f"t-{p}@{0:019}" for p in range(3)])
    proved(folder, records)


def test_many_commits_leave_few_files(folder):
    records, rnd = [(p, None, record(3 * second + p, second, lat=rnd.choice([1, 91])))
                    for rnd in [random.Random(8)] for second in range(40) for p in range(2)], random.Random(9)
    put = 0
    with kafka.cluster() as cluster:
        cluster.make("t", 2)
        seine(folder, "init", "lake", "--quiet")
        process, commits = Process(folder, cluster, "--trigger", "1ms"), 0
        while put < len(records):
            size = rnd.randint(1, 4)
            cluster.put("t", records[put:put + size])
            process.batches_until(len(records[put:put + size]))
            put, commits = put + size, commits + 1
        equal(process.end()[0], 0)
    for table in (f"bronze.{DATASET}_raw", f"silver.{DATASET}_rejects"):
        assert files_of(folder, table) < 2 * 9, (table, files_of(folder, table), commits)
    assert files_of(folder, f"bronze.{DATASET}_raw", gone=True) > 2 * 9, "no files went"
    equal(sources(folder), [f"t-{p}@{0:019}" for p in range(2)])
    proved(folder, records)
    return f"{commits} commits"


def test_a_source_is_of_a_day_and_its_records_are_judged_by_when_they_came(folder):
    def put(now, *values):
        cluster.put("t", [(0, None, value) for value in values])
        stream(folder, cluster, env={"SEINE_NOW": f"2025-01-{now}Z"})

    with kafka.cluster() as cluster:
        cluster.make("t")
        seine(folder, "init", "lake", "--quiet")
        put("01T01:00:00", record(1, 3600), record(1, 5 * 3600))     # four hours ahead of the clock
        put("01T06:00:00", record(1, 5 * 3600 + 1800), record(2, 0))  # the limit of the source is behind that now
        put("02T00:00:01", record(3, 1))
    equal(sources(folder), [f"t-0@{0:019}", f"t-0@{4:019}"])
    equal([row["ts"] for row in silver(folder)], [f"2025-01-01T{hour}Z" for hour in ("01:00:00", "05:30:00", "00:00:00", "00:00:01")])
    equal(sql(folder, f"SELECT source_row AS r, split_part(reason, ' (', 1) AS why FROM silver.{DATASET}_rejects"),
          [{"r": 2, "why": "future: 2025-01-01T05:00:00 is ahead of the clock"}])
    # The day is made anew from bronze without the source of another day.
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")
    seine(folder, "source", "rm", "--lake", "lake", "--dataset", DATASET, f"t-0@{4:019}")
    equal([row["ts"] for row in silver(folder)], [f"2025-01-01T{hour}Z" for hour in ("01:00:00", "05:30:00", "00:00:00")])
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")


def test_a_stream_that_is_killed_loses_and_doubles_nothing(folder):
    records, rnd = list(rows(4, 600)), random.Random(5)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        cluster.put("t", records[:300])
        seine(folder, "init", "lake", "--quiet")
        seine(folder, "init", "spare", "--quiet")
        # How many calls change something in the lake while the first part is taken in.
        stream(folder, cluster, lake="spare", env=faults.shim(folder / "spare", count=folder / "calls"))
        calls = int((folder / "calls").read_text())
        killed = 0
        for at in sorted(rnd.sample(range(1, calls), 20 if FULL else 6)):
            done = run(folder, *words_of(cluster, "--until-idle", "0s"), env=faults.shim(folder / "lake", at, "kill"))
            killed += done.returncode == -signal.SIGKILL
        # Each run that was killed early has committed nothing, so that the next one takes as many calls.
        assert killed > 0, "nothing was killed"
        cluster.put("t", records[300:])
        stream(folder, cluster)
    proved(folder, records)
    return f"{killed} kills, {calls} calls"


def test_a_lease_ends_with_its_process(folder):
    """Killed in the middle of a commit, and nobody has taken note of it yet. The clock of the tests stands still, so that no
    lease runs out."""
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.put("t", [(0, "1", record(1, second)) for second in range(50)])
        seine(folder, "init", "lake", "--quiet")
        seine(folder, "init", "spare", "--quiet")
        stream(folder, cluster, lake="spare", env=faults.shim(folder / "spare", count=folder / "calls"))
        calls = int((folder / "calls").read_text())
        killed = start(folder, *words_of(cluster, "--until-idle", "0s"), env=faults.shim(folder / "lake", calls // 2, "kill"),
                       stdout=subprocess.DEVNULL)
        equal(os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT).si_status, signal.SIGKILL)
        with contextlib.closing(sqlite3.connect(folder / "lake" / "catalog.db", timeout=30)) as opened:
            equal(opened.execute("SELECT pid FROM seine_lease").fetchall(), [(killed.pid,)])
        stream(folder, cluster)
        killed.wait()
    equal(sql(folder, f"SELECT count(*) AS n FROM silver.{DATASET}"), [{"n": 50}])
    equal(sum(positions(folder).values()), 50)


def test_a_stop_is_heard_while_a_broker_does_not_answer(folder):
    """Where a partition begins is asked for, and the answer would come after the test has given up."""
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.put("t", [(0, "1", record(1, 0))])
        seine(folder, "init", "lake", "--quiet")
        cluster.tell("slow", kafka.LIST_OFFSETS, 20, 10000 * PATIENCE_S)
        process = Process(folder, cluster, "--kafka", f"socket.timeout.ms={250 * PATIENCE_S}")
        silent = time.monotonic() + 6  # it joins, and asks
        wait_for(lambda: time.monotonic() > silent, "the silence")
        process.tell(signal.SIGTERM)
        equal(process.process.wait(timeout=PATIENCE_S / 8), 0)
        equal(process.process.communicate()[0], "")


def test_a_process_that_slept_commits_nothing_that_others_have(folder):
    records = list(rows(6, 900))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        cluster.put("t", records[:300])
        seine(folder, "init", "lake", "--quiet")
        sleeper = Process(folder, cluster, "--trigger", "1ms")
        sleeper.batches_until(300)
        sleeper.tell(signal.SIGSTOP)
        cluster.put("t", records[300:600])
        stream(folder, cluster)  # it gets the partitions when the session of the sleeper is over
        equal(sum(positions(folder).values()), 600, "positions while it sleeps")
        sleeper.tell(signal.SIGCONT)
        cluster.put("t", records[600:])
        wait_for(lambda: sum(positions(folder).values()) == 900, "the sleeper to go on")
        code, said = sleeper.end()
    equal(code, 0, said)
    proved(folder, records)


def test_processes_of_a_group_share_a_topic(folder):
    records = list(rows(7, 1500))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, "init", "lake", "--quiet")
        members = [Process(folder, cluster, "--trigger", "200ms") for _ in range(2)]
        for first in range(0, 1500, 250):
            cluster.put("t", records[first:first + 250])
        wait_for(lambda: sum(positions(folder).values()) == 1500, "all of it")
        equal([member.end()[0] for member in members], [0, 0])
    proved(folder, records)


def test_faults_of_brokers_that_pass_are_waited_for(folder):
    records = list(rows(8, 400))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        cluster.put("t", records[:200])
        seine(folder, "init", "lake", "--quiet")
        cluster.tell("fail", kafka.FETCH, 3, kafka.NOT_LEADER)
        process = Process(folder, cluster, "--trigger", "1ms")
        process.batches_until(200)
        cluster.tell("down")
        cluster.tell("up")
        cluster.put("t", records[200:])
        process.batches_until(200)
        code, said = process.end()
    equal(code, 0, said)
    proved(folder, records)


def test_it_stops_at_once_also_without_a_broker(folder):
    with kafka.cluster() as cluster:
        cluster.make("t", 1)
        cluster.put("t", [(0, "1", record(1, 1))])
        seine(folder, "init", "lake", "--quiet")
        process = Process(folder, cluster, "--trigger", "1ms")
        process.batches_until(1)
        cluster.tell("down")
        began = time.monotonic()
        code, said = process.end(signal.SIGINT)
        took = time.monotonic() - began
    equal(code, 0, said)
    assert SANITIZED or took < 10, f"{took:.1f} s"
    equal(positions(folder), {0: 1})


def test_a_topic_that_is_gone_is_told(folder):
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.put("t", [(0, "1", record(1, 1))])
        seine(folder, "init", "lake", "--quiet")
        process = Process(folder, cluster, "--trigger", "1ms")
        process.batches_until(1)
        cluster.tell("error", "t", kafka.UNKNOWN_TOPIC)
        _, said = process.process.communicate(timeout=PATIENCE_S)
    equal(process.process.returncode, 1, said)
    assert "has no topic t any more" in said, said
    equal(positions(folder), {0: 1})


def test_an_empty_topic_is_read_to_its_end(folder):
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, "init", "lake", "--quiet")
        equal(stream(folder, cluster), "")
    equal(positions(folder), {})
    assert "no topic has come" in seine(folder, "stream", "status", "--lake", "lake")


def test_a_dataset_that_does_not_fit_is_refused(folder):
    few = [(0, None, '{"vin": "A"}')] * 10
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        cluster.put("t", few * 100)
        cluster.make("few")
        cluster.put("few", few)
        seine(folder, "init", "lake", "--quiet")
        said = stream(folder, cluster, code=1)
        assert "the topic does not fit dataset maritime_guide: all of its first 1000 records were refused" in said, said
        assert "(topic t, partition 0, offset 0)" in said, said
        equal(positions(folder), {}, "positions")
        stream(folder, cluster, topic="few")  # so few may be bad luck
    equal(positions(folder), {0: 10})


def test_what_retention_took_is_an_error_until_it_is_accepted(folder):
    big = [(0, "1", record(1, second, name="x" * 50000)) for second in range(200)]
    with kafka.cluster() as cluster:  # it keeps 5 MiB of a partition
        cluster.make("t")
        cluster.put("t", big[:20])
        seine(folder, "init", "lake", "--quiet")
        stream(folder, cluster)
        for first in range(20, 200, 20):
            cluster.put("t", big[first:first + 20])
        least = cluster.read("t")[0][1]
        assert least > 20, "nothing was taken by retention"
        said = stream(folder, cluster, code=1)
        assert f"topic t, partition 0: records 20 to {least - 1} are gone" in said, said
        equal(positions(folder), {0: 20})
        told = batches(stream(folder, cluster, "--accept-loss", "--json"))
        equal((sum(b["lost"] for b in told), sum(b["read"] for b in told)), (least - 20, 200 - least))
    equal(offsets(folder), {0: [*range(20), *range(least, 200)]})
    with contextlib.closing(sqlite3.connect(folder / "lake" / "catalog.db")) as catalog:
        equal(catalog.execute("SELECT source, source_partition, position FROM seine_progress WHERE job LIKE '%lost'")
              .fetchall(), [("t", "0@20", str(least))])


def test_a_topic_that_was_made_anew_is_told(folder):
    seine(folder, "init", "lake", "--quiet")
    for count in (20, 5):
        with kafka.cluster() as cluster:
            cluster.make("t")
            cluster.put("t", [(0, "1", record(1, second)) for second in range(count)])
            said = stream(folder, cluster, code=0 if count == 20 else 1)
    assert "topic t, partition 0: it ends at 5, and the lake has it up to 20" in said, said
    equal(positions(folder), {0: 20})
    with kafka.cluster() as cluster:  # it has grown beyond that before anybody looked
        cluster.make("t")
        cluster.put("t", [(0, "1", record(2, second)) for second in range(30)])
        said = stream(folder, cluster, code=1)
    assert "topic t, partition 0: record 19 is not the one that the lake has: the topic was made anew" in said, said
    equal(positions(folder), {0: 20})


def test_partitions_that_are_added_are_read(folder):
    records = [(p, str(p), record(p, second)) for second in range(10) for p in range(4)]
    seine(folder, "init", "lake", "--quiet")
    with kafka.cluster() as cluster:
        cluster.make("t", 2)
        cluster.put("t", [one for one in records if one[0] < 2])
        stream(folder, cluster)
    with kafka.cluster() as cluster:  # the same topic, grown
        cluster.make("t", 4)
        cluster.put("t", records)
        stream(folder, cluster)
    proved(folder, records)


def test_what_is_derived_follows_the_batches(folder):
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.put("t", [(0, "1", record(1, second)) for second in range(100)])
        seine(folder, "init", "lake", "--quiet")
        stream(folder, cluster, "--refresh-every", "1h")
    told = json.loads(seine(folder, "status", "--lake", "lake", "--json"))
    stale = [day for day in told["tables"] if day["state"] == "stale"]
    equal(stale, [], "stale days")
    equal(sql(folder, f"SELECT sum(total_positions) AS n FROM gold.{DATASET}_daily_statistics"), [{"n": 100}])


def test_a_stream_takes_turns_with_an_ingest(folder):
    """Whoever writes files to the dataset meanwhile takes nothing away from a stream, nor the other way round."""
    records = list(rows(9, 600))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, "init", "lake", "--quiet")
        process = Process(folder, cluster, "--trigger", "1ms")
        cluster.put("t", records)
        for part in range(4):
            (folder / f"part{part}.jsonl").write_text(record(100 + part, part) + "\n", encoding="utf-8")
            wait_for(lambda part=part: run(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", DATASET,
                                           f"part{part}.jsonl").returncode == 0, "the file")
        wait_for(lambda: sum(positions(folder).values()) == 600, "the stream")
        equal(process.end()[0], 0)
    equal(sql(folder, f"SELECT count(*) AS n FROM silver.{DATASET} WHERE mmsi >= '244000100'"), [{"n": 4}])
    ingest(folder, [*by_offset(records), *(record(100 + part, part) for part in range(4))])
    equal(silver(folder), silver(folder, "file"))
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")


def test_a_refresh_shares_the_memory_of_its_stream(folder):
    """One --memory for both: half of it each, and no more threads of the refresh than have their share."""
    with kafka.cluster() as cluster:
        cluster.make("t")
        for number, (words, wanted, threads) in enumerate(((("--refresh-every", "1h", "--memory", 512), (256, 256), 2),
                                                           (("--refresh-every", "1h"), (128, 128), 1), ((), (960,), None))):
            seine(folder, "init", f"lake{number}", "--quiet")
            cluster.put("t", [(0, "1", record(1, second)) for second in range(10)])
            stream(folder, cluster, *words, lake=f"lake{number}")
            runs = json.loads(seine(folder, "runs", "--lake", f"lake{number}", "--limit", 0, "--json"))
            told = [json.loads(seine(folder, "runs", "show", run["id"], "--lake", f"lake{number}", "--json")) for run in runs]
            kept = {one["command"]: set() for one in told}
            for one in told:
                kept[one["command"]].add(one["settings"].get("memory_bytes"))
            equal(kept["stream"], {wanted[0] << 20}, "of the stream")
            if threads:
                equal(kept["stream refresh"] - {None}, {wanted[1] << 20}, "of the refresh")
                equal({one["settings"]["threads"] for one in told if one["command"] == "stream refresh"}, {threads}, "threads")


def test_live_tells_each_batch(folder):
    """Commits of a stream, of files that are appended and merged, reach a client in order, each mover's newest once."""
    seine(folder, "init", "lake", "--quiet", "--buckets", 1)
    with kafka.cluster() as cluster, serving(folder) as server:
        cluster.make("t")
        process = Process(folder, cluster, "--trigger", "100ms")
        cluster.put("t", [(0, "1", record(1, 0))])
        process.batches_until(1)
        with following(server, f"?dataset={DATASET}") as live:
            equal(live.rows()[0], "reset", "what there is")
            for batch in range(1, 13):  # more than a partition has files
                cluster.put("t", [(0, str(mover), record(mover, 10 * batch + second)) for mover in (1, 2, 3)[:1 + batch % 3]
                                  for second in range(3)])
                newest = f"2025-01-01T00:{(10 * batch + 2) // 60:02}:{(10 * batch + 2) % 60:02}Z"
                wanted, told = {str(244000000 + mover): newest for mover in (1, 2, 3)[:1 + batch % 3]}, {}
                while told != wanted:  # it may be cut into several commits
                    name, rows = live.rows()
                    assert name == "positions" and all(row["timestamp"] > told.get(mover, "") for mover, row in rows.items()), \
                        f"batch {batch}: {name} {rows} after {told}"
                    told |= {mover: row["timestamp"] for mover, row in rows.items()}
        equal(process.end()[0], 0, "the stream's end")


def hold(folder, is_held):
    """Somebody else is at work in the dataset, or nobody any more."""
    with contextlib.closing(sqlite3.connect(folder / "lake" / "catalog.db", timeout=30)) as opened, opened:
        opened.execute("DELETE FROM seine_lease")
        if is_held:  # until a minute from now by the clock of the tests, which stands still
            opened.execute("INSERT INTO seine_lease(name, owner, host, pid, taken_at_us, expires_at_us) "
                           "VALUES (?, 'other', 'elsewhere', 1, 0, ?)", (f"ingest/{DATASET}", (NOW_S + 59) * 1000000))


def test_a_lake_that_is_busy_at_first_loses_nothing(folder):
    """What the client has fetched while nothing is taken from it comes when the lake is free."""
    records = list(rows(11, 600))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        cluster.put("t", records)
        seine(folder, "init", "lake", "--quiet")
        hold(folder, True)
        process = Process(folder, cluster, "--trigger", "1ms")
        silent = time.monotonic() + 6  # it joins, and waits
        wait_for(lambda: time.monotonic() > silent, "the silence")
        hold(folder, False)
        process.batches_until(600)
        equal(process.end()[0], 0)
    proved(folder, records)


def test_a_busy_lake_costs_no_membership(folder):
    """Whoever waits for his turn longer than a member may be silent is still a member."""
    records = list(rows(10, 300))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, "init", "lake", "--quiet")
        process = Process(folder, cluster, "--trigger", "1ms", "--kafka", "max.poll.interval.ms=4000")
        cluster.put("t", records[:100])
        process.batches_until(100)
        hold(folder, True)
        cluster.put("t", records[100:])
        silent = time.monotonic() + 7
        wait_for(lambda: time.monotonic() > silent, "the silence")
        equal(sum(positions(folder).values()), 100)
        hold(folder, False)
        process.batches_until(200)
        status, said = process.end()
        equal((status, "gave the partitions to others" in said), (0, False))
    proved(folder, records)


SLOW_MODEL = """-- A look at everything that takes its time.
--
-- model: gold.slow
-- grain: the whole lake
-- inputs: silver.maritime_guide(all)
-- partition: none
-- sort: n
-- column: n long required | rows
-- column: work long required | what it took
SELECT count(*) AS n, (SELECT count(*) FROM range(20000) a, range(10000) b WHERE hash(a.range, b.range) % 7 = 0) AS work
FROM silver.maritime_guide
"""


def test_batches_go_on_while_a_refresh_runs(folder):
    with kafka.cluster() as cluster:
        cluster.make("t")
        seine(folder, "init", "lake", "--quiet")
        (folder / "lake" / "models").mkdir(exist_ok=True)
        (folder / "lake" / "models" / "slow.sql").write_text(SLOW_MODEL, encoding="utf-8")
        process = Process(folder, cluster, "--trigger", "1ms", "--refresh-every", "1s", env={"SEINE_NOW": ""})
        second = 0

        def beside():
            """@return the batches that were begun and committed while a refresh with the slow model was at work."""
            nonlocal second
            cluster.put("t", [(0, "1", record(1, second))])
            process.batch()
            second += 1
            runs = json.loads(seine(folder, "runs", "--lake", "lake", "--json"))
            slow = [run for run in runs if run["command"] == "stream refresh" and "gold.slow" in json.dumps(run["tables"])]
            return [run for run in runs if run["command"] == "stream" and
                    any(one["started_at"] < run["started_at"] and run["finished_at"] < one["finished_at"] for one in slow)]

        wait_for(beside, "a batch beside a refresh")
        equal(process.end()[0], 0)
    seine(folder, "verify", "--lake", "lake", "--quiet")


def test_a_source_of_a_stream_is_taken_out_and_traced(folder):
    with kafka.cluster() as cluster:
        cluster.make("t")
        seine(folder, "init", "lake", "--quiet")
        for second in range(2):
            cluster.put("t", [(0, "1", "poison"), (0, "1", record(1, second))])
            stream(folder, cluster)
        traced = seine(folder, "trace", "--lake", "lake", "--dataset", DATASET, "--id", "244000001", "--ts",
                       "2025-01-01T00:00:01Z")
        assert "t-0@0000000000000000000 row 4" in traced and record(1, 1) in traced, traced
        seine(folder, "source", "rm", "--lake", "lake", "--dataset", DATASET, "t-0@0000000000000000000")
        equal(silver(folder), [], "rows of silver")
        cluster.put("t", [(0, "1", record(1, 2))])
        stream(folder, cluster)
    equal(sources(folder), [f"t-0@{0:019}", f"t-0@{4:019}"])
    equal(len(silver(folder)), 1, "rows of silver")
    equal(len(offsets(folder)[0]), 5, "records in bronze")
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")


def test_silver_is_not_made_of_bronze_that_was_changed(folder):
    with kafka.cluster() as cluster:
        cluster.make("t", 2)
        seine(folder, "init", "lake", "--quiet")
        cluster.put("t", [(p, "1", record(1, p)) for p in range(2)])
        stream(folder, cluster)
    for path in (folder / "lake").glob(f"bronze/{DATASET}_raw/data/**/*.parquet"):
        found = pq.read_table(path, partitioning=None)
        if found["topic_partition"].to_pylist() == [0]:
            text = pa.array([found["payload"][0].as_py().replace("1.5", "2.5")])
            column = found.schema.get_field_index("payload")
            pq.write_table(found.set_column(column, found.schema.field(column), text), path)
    refused(folder, 1, f"source t-0@{0:019}, row 1: its payload is not that of its hash",
            "source", "rm", "--lake", "lake", "--dataset", DATASET, f"t-1@{0:019}")


def test_silver_is_made_anew_from_bronze(folder):
    records = list(rows(12, 400))
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, "init", "lake", "--quiet")
        cluster.put("t", records[:200])
        stream(folder, cluster)
        before = silver(folder)
        cluster.put("t", records[200:])
        said = run(folder, *words_of(cluster, "--until-idle", "0s", "--replay"))
        equal(said.returncode, 0, said.stderr)
        assert "silver was made anew from bronze, 3 sources" in said.stderr, said.stderr
    equal([run["command"] for run in json.loads(seine(folder, "runs", "--lake", "lake", "--json"))].count("stream"), 3)
    assert len(before) > 50, before
    proved(folder, records)


def test_prometheus_is_told_what_is_done(folder):
    def values():
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            lines = answer.read().decode().splitlines()
        assert all(line.startswith(("# HELP seine_stream_", "# TYPE seine_stream_", "seine_stream_")) for line in lines), lines
        shown = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name.removeprefix("seine_stream_").replace('topic="t",dataset="maritime_guide"', "").replace("{}", ""): float(value) for name, value in shown}

    records = [(0, None, record(1, 1)), (0, None, record(1, 1)), (1, None, "poison"), (1, None, record(2, 2, lat=91)),
               (1, None, record(3, 3))]
    with kafka.cluster() as cluster:
        cluster.make("t", 2)
        cluster.put("t", records)
        seine(folder, "init", "lake", "--quiet")
        process = Process(folder, cluster, "--metrics", ":0", "--trigger", "1ms")
        url = next(line for line in process.process.stderr if "metrics at" in line).split()[-1]
        process.batches_until(5)
        wait_for(lambda: values()["records_total"] == 5 and "lag_records{,partition=\"1\"}" in values(), "the metrics")
        told = values()
        equal({name: told[name] for name in ("silver_rows_total", "duplicates_total", "lag_records_sum", "partitions",
                                             "rejects_total{,reason=\"json\"}", "rejects_total{,reason=\"position\"}",
                                             "position{,partition=\"0\"}", "position{,partition=\"1\"}")},
              {"silver_rows_total": 2, "duplicates_total": 1, "lag_records_sum": 0, "partitions": 2,
               "rejects_total{,reason=\"json\"}": 1, "rejects_total{,reason=\"position\"}": 1,
               "position{,partition=\"0\"}": 2, "position{,partition=\"1\"}": 3})
        assert told["bytes_total"] == sum(len(value) for _, _, value in records), told
        equal(process.end()[0], 0)
        cluster.put("t", [(1, None, record(4, 4))] * 3)
        words = ("stream", "status", "--lake", "lake", "--reasons")
        shown = json.loads(seine(folder, *words, "--json", "--brokers", cluster.address))
        equal([(row["partition"], row["position"], row["waiting"], row["rejects_by_reason"], row["last_batch"]) for row in shown],
              [(0, 2, 0, {}, "2026-01-01T00:00:00Z"), (1, 3, 3, {"json": 1, "position": 1}, "2026-01-01T00:00:00Z")])
        assert "    refused by json 1, position 1\n" in seine(folder, *words)
        refused(folder, 2, "--metrics 70000: a port", *words_of(cluster, "--metrics", "70000"))
        done = run(folder, *words, "--brokers", "127.0.0.1:1")
        assert done.returncode == 0 and "what waits is not known: 127.0.0.1:1" in done.stderr, done
        refused(folder, 2, "x: an address to listen at", *words_of(cluster, "--metrics", "x:1"))


def test_it_ends_while_more_was_fetched_than_it_takes(folder):
    """Records that the client holds when a stream ends are nobody's: it ends as it says, and does not fall."""
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        cluster.put("t", ((number % 3, None, "7") for number in range(20000)))
        seine(folder, "init", "lake", "--quiet")
        said = seine(folder, *words_of(cluster, "--trigger", "1ms"), code=1)
    assert "seine stream: the topic does not fit dataset" in said, said


def test_what_cannot_be_done_is_one_line(folder):
    seine(folder, "init", "lake", "--quiet")
    with kafka.cluster() as cluster:
        cluster.make("t")
        refused(folder, 1, "has no topic none", *words_of(cluster, topic="none"))
        refused(folder, 2, "topic a b: a name is", *words_of(cluster, topic="a b"))
        refused(folder, 1, "no dataset what", *words_of(cluster, dataset="what"))
        refused(folder, 2, "--trigger 5: a number with", *words_of(cluster, "--trigger", "5"))
        refused(folder, 2, "--topic is needed", "stream", "--lake", "lake", "--brokers", cluster.address)
        refused(folder, 2, "--brokers is needed", "stream", "--lake", "lake", "--topic", "t")
        refused(folder, 2, "enable.auto.commit is not to be set", *words_of(cluster, "--kafka", "enable.auto.commit=true"))
        refused(folder, 1, "no lake", *words_of(cluster, lake="nowhere"))
    refused(folder, 1, "no broker answers", *words_of(cluster))
    equal(positions(folder), {})


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)
