#!/usr/bin/env python3
"""Models with the sink events: rows have versions, and every change of one is in a log.

Environment: SEINE_BIN.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, run, seine, sql
from harness.tap import main

MODEL = """-- Vessels that were fast.
--
-- model: gold.fast
-- grain: one vessel
-- inputs: silver.ais(all)
-- partition: none
-- sort: mmsi
-- sink: events
-- key: mmsi
-- setting: least_speed 10 | knots
-- column: mmsi string required | vessel id
-- column: fastest double kn | greatest speed
-- column: made_at timestamptz lineage | when
SELECT mmsi, max(sog) AS fastest, $run_at AS made_at -- behind it: a comment
FROM silver.ais
GROUP BY mmsi
HAVING max(sog) >= $least_speed -- the end
"""
LINE = "MMSI,BaseDateTime,LAT,LON,SOG"


def lake(folder, model=MODEL):
    seine(folder, "init", "--quiet", "lake")
    Path(folder, "lake", "models").mkdir()
    Path(folder, "lake", "models", "fast.sql").write_text(model, encoding="utf-8")


def take(folder, name, rows, *options):
    Path(folder, name).write_text("\n".join([LINE, *(f"{mmsi},2025-01-0{day}T00:00:00Z,1,2,{sog}" for mmsi, day, sog in rows)]) + "\n", encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", *options, name)


def refresh(folder, *options):
    return run(folder, "refresh", "--lake", "lake", *options)


def log(folder):
    rows = sql(folder, "SELECT * FROM gold.fast_history ORDER BY version, mmsi")
    return [(row["op"], row["mmsi"][-1], row["fastest"], row["version"]) for row in rows]


def every_change_of_a_row_is_logged(folder):
    lake(folder)
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20), ("366000003", 1, 5)])
    steps = [([], [("new", "1", 12.0), ("new", "2", 20.0)]),
             ([("366000001", 2, 15), ("366000002", 2, 11)], [("update", "1", 15.0)]),
             ([("366000003", 3, 30)], [("new", "3", 30.0)]),
             ([("366000003", 4, 1)], [])]
    known = []
    for number, (rows, wanted) in enumerate(steps):
        if rows:
            take(folder, f"{number}.csv", rows)
        seine(folder, "refresh", "--quiet", "--lake", "lake")
        now = log(folder)
        equal([row[:3] for row in now[len(known):]], wanted, f"step {number}")
        equal(now[:len(known)], known, "what was there")
        known = now
    seine(folder, "refresh", "--quiet", "--lake", "lake", "--set", "least_speed=16")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    known, now = log(folder), known
    equal([row[:3] for row in known[len(now):]], [("retract", "1", 15.0), ("new", "1", 15.0)], "a setting, and back")
    for mmsi in "123":
        versions = [row[3] for row in known if row[1] == mmsi]
        equal(versions, sorted(set(versions)), "versions grow")
    current = {row["mmsi"][-1]: (row["fastest"], row["version"]) for row in sql(folder, "SELECT * FROM gold.fast")}
    equal(current, {row[1]: row[2:] for row in known}, "the table is the newest of the log")
    for name in ("a.csv", "1.csv"):
        seine(folder, "source", "rm", "--lake", "lake", name)
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal([row[:2] for row in log(folder)[len(known):]], [("retract", "1"), ("retract", "2")], "sources that went")
    equal(json.loads(seine(folder, "verify", "--deep", "--json", "--lake", "lake"))["findings"], [], "verify --deep")
    (node,) = [node for node in json.loads(seine(folder, "graph", "--lake", "lake", "--json"))["tables"] if node["table"] == "gold.fast"]
    equal(node["beside"], ["gold.fast_history"], "graph")


def verify_replays_the_log(folder):
    lake(folder)
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(json.loads(seine(folder, "verify", "--json", "--lake", "lake"))["findings"], [], "before")
    seine(folder, "table", "drop", "--lake", "lake", "gold.fast_history")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(json.loads(run(folder, "verify", "--json", "--lake", "lake").stdout)["findings"], ["gold.fast and its log differ in 2 rows"], "a log that was dropped")


def a_key_that_stands_twice_stops_the_model_alone(folder):
    """The table stays as it was, the next refresh tries again."""
    lake(folder, MODEL.replace("SELECT mmsi, max(sog) AS fastest, $run_at AS made_at -- behind it: a comment\nFROM silver.ais\nGROUP BY mmsi\nHAVING max(sog) >= $least_speed",
                               "SELECT mmsi, sog AS fastest, $run_at AS made_at\nFROM silver.ais\nWHERE sog >= $least_speed"))
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    take(folder, "b.csv", [("366000001", 2, 15)])
    done = refresh(folder)
    assert done.returncode == 1 and "two rows have the mmsi 366000001" in done.stdout + done.stderr, done
    equal(len(log(folder)), 2, "log")
    equal(refresh(folder, "--set", "least_speed=13").returncode, 0, "with another setting")
    equal([row[:3] for row in log(folder)[2:]], [("update", "1", 15.0)], "then")


def a_sink_needs_a_key_and_no_days(folder):
    for old, new, wanted in [("-- key: mmsi\n", "", "line 8: the header lacks \"key\""), ("-- sink: events\n", "", "line 8: the header lacks \"sink\""),
                             ("sink: events", "sink: rows", "line 8: a sink is events, not \"rows\""),
                             ("key: mmsi", "key: fastest", "line 9: the key is a required column of type string, not \"fastest\""),
                             ("column: made_at", "column: version", "line 8: the sink itself makes the columns \"version, op, recorded_at\""),
                             ("-- partition: none", "-- partition: day\n-- column: day date required | day", "a model with a sink has \"partition: none\"")]:
        text = MODEL.replace(old, new).replace("silver.ais(all)", "silver.ais(day)" if "day date" in new else "silver.ais(all)")
        with_lake = Path(folder, f"case{abs(hash(wanted))}")
        with_lake.mkdir()
        lake(with_lake, text)
        done = refresh(with_lake)
        assert done.returncode == 1 and wanted in done.stdout + done.stderr, (wanted, done.stdout, done.stderr)
    Path(folder, "both").mkdir()
    lake(Path(folder, "both"))
    Path(folder, "both", "lake", "models", "other.sql").write_text(MODEL.replace("gold.fast", "gold.fast_history"), encoding="utf-8")
    done = refresh(Path(folder, "both"))
    assert done.returncode == 1 and "gold.fast_history is made by models/fast.sql already" in done.stdout + done.stderr, done


if __name__ == "__main__":
    main([every_change_of_a_row_is_logged, verify_replays_the_log, a_key_that_stands_twice_stops_the_model_alone, a_sink_needs_a_key_and_no_days])
