"""`seine produce --resume`: a run that was stopped or killed is gone on with, against librdkafka's mock cluster."""
import json
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.program import FULL, PATIENCE_S, equal, refused, run, seine, sql, start, wait_for
from harness.tap import main

HEADER = "mmsi,timestamp,latitude,longitude,speed,vessel_name"
GUIDE = ("--dataset", "maritime_guide")
IN_FLIGHT = 5 * 50  # requests of a partition that are not answered yet, and rows in each
SMALL = ("--kafka", "batch.num.messages=50", "--kafka", "linger.ms=2")


def write(folder, name, count, first=0):
    rows = (f"{244000000 + i % 11},2025-01-{1 + i // 86400:02}T{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02},51.5,4.5,"
            f"{i % 100 / 10},row {i}" for i in range(first, first + count))
    (folder / name).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def words(cluster, *more, topic="t"):
    return ("produce", "--brokers", cluster.address, "--topic", topic, *GUIDE, *more)


def resume(folder, cluster, *more, **named):
    return json.loads(seine(folder, *words(cluster, "--json", "--resume", *more, **named)))


def names(cluster, topic="t"):
    """@return the rows that are there, as they were numbered, by partition."""
    found = {}
    for partition, _, _, value in cluster.read(topic):
        found.setdefault(partition, []).append(int(json.loads(value)["vessel_name"].split()[-1]))
    return found


def killed_at(folder, cluster, count, *files):
    """A run that is killed when so many rows are there. @return how many there are then."""
    process = start(folder, *words(cluster, *files, *SMALL, "--rate", "2000"), stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
    wait_for(lambda: sum(map(len, names(cluster).values())) >= count, f"{count} rows")
    process.kill()
    process.wait()
    return sum(map(len, names(cluster).values()))


def test_a_record_tells_its_row(folder):
    write(folder, "a.csv", 3)
    with kafka.cluster() as cluster:
        cluster.make("t")
        seine(folder, *words(cluster, "a.csv"))
        seine(folder, *words(cluster, "-"), stdin=(folder / "a.csv").read_text())
        found = [headers for *_, headers in cluster.headers("t")]
    equal([headers["seine-source"].split(" ")[::2] for headers in found[:3]], [[str(i), "a.csv"] for i in (1, 2, 3)])
    equal(found[3:], [{}, {}, {}], "standard input")


def test_a_run_that_was_killed_is_gone_on_with(folder):
    """Killed at several points, and again while it goes on: each row is there, and in each partition they are in order. A row
    is there twice only if it was on its way when its process was killed."""
    total = 6000
    write(folder, "a.csv", total)
    for point in (1, 700, 2300) if FULL else (700,):
        with kafka.cluster() as cluster:
            cluster.make("t", 3)
            killed_at(folder, cluster, point, "a.csv")
            were = killed_at(folder, cluster, point + 700, "a.csv", "--resume")
            assert were < total, "nothing is left to go on with"
            told = resume(folder, cluster, "a.csv")
            found = names(cluster)
        equal(sorted({row for rows in found.values() for row in rows}), list(range(total)), "rows")
        assert total - told["already_there"] == told["acknowledged"] > 0, told
        for rows in found.values():
            equal(list(dict.fromkeys(rows)), sorted(set(rows)), "order in a partition")
        twice = sum(map(len, found.values())) - total
        assert 0 <= twice <= 2 * 3 * IN_FLIGHT, f"{twice} rows are there twice"


def test_what_is_there_already_is_not_sent_again(folder):
    write(folder, "a.csv", 500)
    write(folder, "b.csv", 500, first=500)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, *words(cluster, "a.csv"))
        # Between them: records of others, more than are looked at at first.
        cluster.put("t", [(p, "k", json.dumps({"mmsi": "1", "vessel_name": "other -1"})) for p in (0, 1, 2) for _ in range(1500)])
        told = resume(folder, cluster, "a.csv", "b.csv")
        again = resume(folder, cluster, "a.csv", "b.csv")
        rows = [row for rows in names(cluster).values() for row in rows if row >= 0]
    equal((told["already_there"], told["acknowledged"]), (500, 500))
    equal((again["already_there"], again["acknowledged"]), (1000, 0))
    equal(sorted(rows), list(range(1000)))


def test_a_file_that_grew_is_gone_on_with(folder):
    write(folder, "a.csv", 100)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, *words(cluster, "a.csv"))
        write(folder, "a.csv", 150)
        equal(resume(folder, cluster, "a.csv")["acknowledged"], 50)
        equal(sorted(row for rows in names(cluster).values() for row in rows), list(range(150)))


def test_of_two_runs_the_newer_one_is_gone_on_with(folder):
    """A whole run, then one that was killed: rows that the second one has not sent are sent, although the first had them."""
    write(folder, "a.csv", 4000)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        seine(folder, *words(cluster, "a.csv"))
        killed_at(folder, cluster, 4500, "a.csv")
        resume(folder, cluster, "a.csv")
        rows = [row for rows in names(cluster).values() for row in rows]
    assert all(rows.count(row) >= 2 for row in range(0, 4000, 37)), "rows of the second run are missing"


def test_rows_without_a_key_are_gone_on_with(folder):
    (folder / "a.csv").write_text("name,n\n" + "".join(f",{i}\n" for i in range(300)), encoding="utf-8")
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        to = ("--brokers", cluster.address, "--topic", "t", "--key", "name", "--json")
        seine(folder, "produce", "a.csv", *to)
        with open(folder / "a.csv", "a", encoding="utf-8") as file:
            file.write("".join(f",{i}\n" for i in range(300, 400)))
        told = json.loads(seine(folder, "produce", "a.csv", "--resume", *to))
        found = cluster.read("t")
    equal((told["already_there"], told["acknowledged"]), (300, 100))
    equal(sorted(int(json.loads(value)["n"]) for *_, value in found), list(range(400)))
    equal({partition for partition, *_ in found}, {0, 1, 2})


def test_another_file_of_that_name_is_refused(folder):
    write(folder, "a.csv", 100)
    with kafka.cluster() as cluster:
        for topic in "tu":
            cluster.make(topic, 3)
        seine(folder, *words(cluster, "a.csv"))
        go_on = words(cluster, "a.csv", "--resume")
        write(folder, "a.csv", 100, first=1)
        refused(folder, 1, "the topic has another one", *go_on)
        write(folder, "a.csv", 50)
        refused(folder, 1, "a.csv has 50 rows, and the topic has its row", *go_on)
        write(folder, "a.csv", 120)
        refused(folder, 1, "would go to", *go_on, "--kafka", "partitioner=murmur2")
        refused(folder, 2, "partitioner=random", *go_on, "--kafka", "partitioner=random")
        (folder / "b").mkdir()
        write(folder / "b", "a.csv", 1)
        refused(folder, 2, "two files are called a.csv", *go_on, "b/a.csv")
        refused(folder, 2, "standard input has no rows", *words(cluster, "-", "--resume"))
        refused(folder, 2, "--resume is of files", "produce", "--from-table", "silver.ais", "--resume")
        equal(sum(map(len, names(cluster).values())), 100)


def test_a_broker_that_is_away_for_too_long_leaves_no_hole(folder):
    """What was not acknowledged in time ends the run: no later row may be there without it."""
    write(folder, "a.csv", 3000)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        process = start(folder, *words(cluster, "a.csv", *SMALL, "--rate", "2000", "--kafka", "message.timeout.ms=1000"),
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: names(cluster), "the first rows")
        cluster.tell("down")
        _, said = process.communicate(timeout=PATIENCE_S)
        cluster.tell("up")
        assert process.returncode == 1 and "was not acknowledged in time" in said, said
        resume(folder, cluster, "a.csv")
        found = names(cluster)
    equal(sorted({row for rows in found.values() for row in rows}), list(range(3000)))


def test_rows_that_are_acknowledged_are_told(folder):
    write(folder, "a.csv", 350)
    with kafka.cluster() as cluster:
        cluster.make("t")
        done = run(folder, *words(cluster, "a.csv", "--tell-every", "100"))
    lines = [line for line in done.stderr.splitlines() if "rows/s" in line and "of" not in line.split()]
    equal([line.split()[0] for line in lines], ["100", "200", "300"])


def test_silver_has_each_row_once_whatever_was_killed(folder):
    write(folder, "a.csv", 3000)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        killed_at(folder, cluster, 900, "a.csv")
        resume(folder, cluster, "a.csv")
        seine(folder, "init", "lake", "--quiet")
        seine(folder, "stream", "--lake", "lake", "--brokers", cluster.address, "--topic", "t", *GUIDE, "--until-idle", "0s",
              "--quiet", timeout=PATIENCE_S)
    (row,) = sql(folder, "SELECT count(*) AS n, count(DISTINCT vessel_name) AS names FROM silver.maritime_guide")
    equal((row["n"], row["names"]), (3000, 3000))


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)
