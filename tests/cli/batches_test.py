#!/usr/bin/env python3
"""Files of a day that come one by one: what lies beside what is there, what is written again, and what comes out.

Environment: SEINE_BIN.
"""
import gzip
import itertools
import json
import random
import shutil
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.buses import bus_rows, declare, dump, ingest, lake, whole, write_buses, BUSES
from harness.program import equal, run, seine, sql
from harness.tap import main


def batches_in_any_order_give_the_rows_of_one(folder):
    """Files that come one by one lie beside each other in a day; which of two rows with one key stays never depends on that."""
    for keep in ("first", "last"):
        declare(folder, BUSES + f"keep: {keep}\n")
        rows = bus_rows(7, 400)
        rows += [(bus, t, (speed + 1) % 120, line, doors) for bus, t, speed, line, doors in rows[::7]]
        names = [write_buses(folder / f"{keep}{i:02}.csv", rows[i::12]) for i in range(12)]
        orders = {"sorted": names, "mixed": random.Random(3).sample(names, 12)}
        lake(folder, f"{keep}-one", 1)
        ingest(folder, "buses.yaml", *names, lake=f"{keep}-one")
        expected = dump(folder, f"{keep}-one")
        for order, files in orders.items():
            at = f"{keep}-{order}"
            lake(folder, at, 1)
            for file in files:
                ingest(folder, "buses.yaml", file, lake=at)
            equal(dump(folder, at), expected, f"{keep}: rows, {order}")
            (count,) = sql(folder, "SELECT max(n) AS n FROM (SELECT count(*) AS n FROM (SELECT DISTINCT bus, ts FROM silver.buses))", lake=at)
            equal(count["n"], len(expected), "keys")
            whole(folder, at)
        table = json.loads(seine(folder, "table", "ls", "--json", "--lake", f"{keep}-sorted"))
        files = next(row["files"] for row in table if row["table"] == "silver.buses")
        # Of two rows with one key the later one takes the place of a stored one: then the day is made anew.
        assert (2 if keep == "last" else 3) <= files <= 2 * 8, f"keep {keep}: {files} files of 2 partitions"
        seine(folder, "refresh", "--lake", f"{keep}-sorted")
        gaps = sql(folder, "SELECT event_id, start_ts, end_ts FROM events.buses_gaps ORDER BY ALL", lake=f"{keep}-sorted")
        seine(folder, "refresh", "--lake", f"{keep}-one")
        equal(gaps, sql(folder, "SELECT event_id, start_ts, end_ts FROM events.buses_gaps ORDER BY ALL", lake=f"{keep}-one"), "gaps")
        seine(folder, "table", "compact", "--lake", f"{keep}-sorted", "--dataset", "buses")
        table = json.loads(seine(folder, "table", "ls", "--json", "--lake", f"{keep}-sorted"))
        equal(next(row["files"] for row in table if row["table"] == "silver.buses"), 2, "one file for each partition")
        equal(dump(folder, f"{keep}-sorted"), expected, "rows after it")
        equal(json.loads(seine(folder, "refresh", "--json", "--lake", f"{keep}-sorted"))["committed"], False, "nothing to do after it")
        whole(folder, f"{keep}-sorted")


def many_batches_write_a_row_a_few_times(folder):
    """A day that comes in batches, each committed: few files stay, and what is there already is seldom written again."""
    declare(folder)
    batches, size = 120, 5
    rows = bus_rows(9, batches * size)
    names = [write_buses(folder / f"part{i:03}.csv", rows[i * size:(i + 1) * size]) for i in range(batches)]
    lake(folder, buckets=1)
    ingest(folder, "buses.yaml", *names, options=("--commit-rows", 1))
    commits = [row for row in json.loads(seine(folder, "runs", "--lake", "lake", "--limit", 0, "--json")) if row["command"] == "ingest"]
    equal(len(commits), batches, "commits")
    written = sum(row["tables"]["silver.buses"]["added_rows"] for row in commits if "silver.buses" in row["tables"])
    (silver,) = sql(folder, "SELECT count(*) n, count(DISTINCT ts::DATE) AS dates FROM silver.buses")
    assert written <= 4 * silver["n"], f"{silver['n']} rows were written {written} times"
    (table,) = (row for row in json.loads(seine(folder, "table", "ls", "--json", "--lake", "lake")) if row["table"] == "silver.buses")
    assert table["files"] <= 8 * silver["dates"], table
    lake(folder, "one", 1)
    ingest(folder, "buses.yaml", *names, lake="one")
    equal(dump(folder, "lake"), dump(folder, "one"), "rows")
    whole(folder)


def odd_files(folder):
    """@return names of files of every fate, in an order in which each comes behind one that is committed."""
    declare(folder)
    names = []
    for i in range(6):
        names.append(write_buses(folder / f"good{i}.csv", bus_rows(20 + i, 40)))
    good = (folder / "good0.csv").read_bytes()
    (folder / "packed.csv.gz").write_bytes(gzip.compress((folder / write_buses(folder / "plain.csv", bus_rows(30, 40))).read_bytes()))
    cut = gzip.compress((folder / write_buses(folder / "long.csv", bus_rows(31, 3000))).read_bytes())
    (folder / "cut.csv.gz").write_bytes(cut[:len(cut) // 2])
    (folder / "header.csv").write_text("a;b\n1;2\n")
    (folder / "only_header.csv").write_text(good.decode().splitlines()[0] + "\n")
    write_buses(folder / "refused.csv", [("", 1600000000, 1, "A", "true")] * 3)
    (folder / "lines.json").write_text('{"vehicle": "j", "t": 1600000000, "lat": 1, "lon": 2}\n{"vehicle": ""}\n')
    (folder / "track.gpx").write_text('<gpx version="1.1" creator="x"><trk><trkseg><trkpt lat="1" lon="2"><time>2020-01-01T00:00:00Z</time>'
                                      "</trkpt></trkseg></trk></gpx>")
    (folder / "other").mkdir()
    write_buses(folder / "other" / "good1.csv", bus_rows(40, 40))
    shutil.copy(folder / "good2.csv", folder / "other" / "good2.csv")
    (folder / "folder").mkdir()
    for name in ("x.csv", "y.pdf", "z.csv"):
        write_buses(folder / "folder" / name, bus_rows(sum(name.encode()), 20))
    odd = ["packed.csv.gz", "cut.csv.gz", "header.csv", "only_header.csv", "refused.csv", "lines.json", "track.gpx", "other/good1.csv",
           "other/good2.csv", "nowhere.csv", "folder", "good0.csv", "cut.csv.gz"]
    return [name for pair in itertools.zip_longest(odd, names) for name in reversed(pair) if name]


def what_is_read_ahead_is_what_is_read_in_turn(folder):
    """Of many files in one command the next is read while one is committed: all of them have the fate they have one by one."""
    names = odd_files(folder)
    for options in ((), ("--replace",), ("--threads", 1, "--memory", 256)):
        shutil.rmtree(folder / "one", ignore_errors=True), shutil.rmtree(folder / "each", ignore_errors=True)
        lake(folder, "one"), lake(folder, "each")
        one = ingest(folder, "buses.yaml", *names, lake="one", options=("--commit-rows", 1, *options), code=1)
        each = [file for name in names for file in told(folder, name, options)]
        equal(sorted(fate(file) for file in one), sorted(fate(file) for file in each), f"fates {options}")
        equal(dump(folder, "one"), dump(folder, "each"), f"rows {options}")
        equal(refusals(folder, "one"), refusals(folder, "each"), f"refused rows {options}")
        equal([path for path in (folder / "one").rglob("*") if path.name.startswith(".tmp")], [], "files left over")
        whole(folder, "one")
    equal({file["outcome"] for file in one}, {"added", "same", "quarantined", "failed", "left out"}, "kinds of fates")


def told(folder, name, options):
    done = run(folder, "ingest", "--lake", "each", "--json", "--dataset", "buses.yaml", *options, name, now=None)
    return [json.loads(line) for line in done.stdout.splitlines()]


def fate(file):
    """One without rows that stay is told when it is committed, which may be with the next."""
    return json.dumps(file, sort_keys=True)


def refusals(folder, name):
    return sql(folder, "SELECT source_file, source_row, reason FROM silver.buses_rejects ORDER BY ALL", lake=name)


def a_batch_beside_others_is_not_packed(folder):
    """It is soon merged with them: the same rows as the first of their day, and those of a compaction, are packed well."""
    declare(folder)
    write_buses(folder / "few.csv", [("z", 1700000000, 1, "A", "true")])
    write_buses(folder / "many.csv", [(f"b{i % 50}", 1700000000 + i // 50 * 60, i * 7 % 90, "A", "true") for i in range(4000)])
    sizes = {}
    for name, files in (("first", ["many.csv"]), ("beside", ["few.csv", "many.csv"])):
        lake(folder, name, 1)
        for file in files:
            ingest(folder, "buses.yaml", file, lake=name)
        sizes[name] = bytes_of_largest(folder, name)
    seine(folder, "table", "compact", "--lake", "beside", "--dataset", "buses")
    sizes["compacted"] = bytes_of_largest(folder, "beside")
    assert 2 * max(sizes["first"], sizes["compacted"]) < sizes["beside"] < 4 * sizes["first"], sizes


def bytes_of_largest(folder, name):
    """@return of the live files of silver, one of which has nearly all rows."""
    files = json.loads(seine(folder, "table", "files", "--lake", name, "silver.buses", "--json"))
    return max((file["rows"], file["bytes"]) for file in files)[1]


def one_late_row_of_forty_days_makes_its_day_anew(folder):
    """One partition of each table by day, and the totals: counted by what the commits of a refresh replaced."""
    declare(folder)
    lake(folder, buckets=1)
    names = []
    for day in range(40):
        rows = [("x", (19000 + day) * 86400 + hour * 3600, 50, "A", "true") for hour in (1, 2, 23)]
        names.append(write_buses(folder / f"day{day:02}.csv", rows))
    ingest(folder, "buses.yaml", *names)
    seine(folder, "refresh", "--lake", "lake")
    ingest(folder, "buses.yaml", write_buses(folder / "late.csv", [("x", (19000 + 17) * 86400 + 12 * 3600, 50, "A", "true")]))
    before = {row["id"] for row in json.loads(seine(folder, "runs", "--lake", "lake", "--limit", 0, "--json"))}
    seine(folder, "refresh", "--lake", "lake")
    commits = [row for row in json.loads(seine(folder, "runs", "--lake", "lake", "--limit", 0, "--json")) if row["id"] not in before]
    changed = {name: table["added_files"] for commit in commits for name, table in commit["tables"].items()}
    assert {"events.buses_gaps", "gold.buses_hourly_h3", "gold.buses_mover_days", "gold.buses_movers"} <= set(changed), changed
    # The day of the late row; a gap that it cuts in two begins on one day and ends on another, and states go by month.
    equal({name: count for name, count in changed.items() if count > 1 and not name.startswith("events.")}, {}, "files of a table")
    assert all(count <= 2 for count in changed.values()), changed
    models = json.loads(seine(folder, "refresh", "--lake", "lake", "--json"))
    equal(models["committed"], False, "nothing is left to do")
    whole(folder)


if __name__ == "__main__":
    main([batches_in_any_order_give_the_rows_of_one,
          many_batches_write_a_row_a_few_times,
          what_is_read_ahead_is_what_is_read_in_turn,
          a_batch_beside_others_is_not_packed,
          one_late_row_of_forty_days_makes_its_day_anew])
