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


BY_DAY = """-- Gaps, each in the day that closed it.
--
-- model: gold.silent
-- grain: one gap
-- inputs: events.ais_gaps(day), silver.ais(start_ts..start_ts of events.ais_gaps)
-- partition: produced_day
-- sort: event_id
-- sink: events
-- key: event_id
-- column: event_id string required | gap
-- column: mmsi string required | vessel id
-- column: seen long required | rows of silver on the days on which gaps of this day began
-- column: produced_day date | null while it is open
SELECT event_id, mmsi, (SELECT count(*) FROM silver.ais) AS seen, produced_day
FROM events.ais_gaps
WHERE coalesce($day = produced_day, $day IS NULL AND produced_day IS NULL)
"""


def silent(folder):
    """@return the rows, and what the log says since it was asked last."""
    seine(folder, "refresh", "--quiet", "--lake", "lake", "--by", "mover")
    equal(json.loads(seine(folder, "verify", "--deep", "--json", "--lake", "lake"))["findings"], [], "verify --deep")
    rows = sql(folder, "SELECT mmsi, seen, produced_day FROM gold.silent ORDER BY ALL")
    log = sql(folder, "SELECT op, mmsi, seen, produced_day, version FROM gold.silent_history ORDER BY version, mmsi, op")
    known = silent.known.get(str(folder), 0)
    silent.known[str(folder)] = len(log)
    return ([(row["mmsi"][-1], row["seen"], row["produced_day"]) for row in rows],
            [(row["op"], row["mmsi"][-1], row["seen"], row["produced_day"]) for row in log[known:]])


silent.known = {}


def a_row_goes_from_day_to_day_under_one_log(folder):
    """Rows without a day are one more, and a span is that of what the day reads. Only days that change are made anew."""
    lake(folder, BY_DAY)
    take(folder, "a.csv", [("366000001", 1, 5), ("366000002", 1, 5), ("366000003", 3, 5)])
    equal(silent(folder), ([("1", 2, None), ("2", 2, None)], [("new", "1", 2, None), ("new", "2", 2, None)]), "both open")
    take(folder, "b.csv", [("366000001", 4, 5)])
    equal(silent(folder), ([("1", 2, "2025-01-04"), ("2", 3, None), ("3", 3, None)],
                           [("update", "1", 2, "2025-01-04"), ("update", "2", 3, None), ("new", "3", 3, None)]), "one is closed")
    take(folder, "c.csv", [("366000009", 1, 5)])
    rows, told = silent(folder)
    equal((rows, sorted(told)), ([("1", 3, "2025-01-04"), ("2", 4, None), ("3", 4, None), ("9", 4, None)],
                                 [("new", "9", 4, None), ("update", "1", 3, "2025-01-04"), ("update", "2", 4, None), ("update", "3", 4, None)]),
          "a row more on the day on which they began")
    take(folder, "d.csv", [("366000009", 5, 5)])
    rows, told = silent(folder)
    equal([row for row in told if row[1] == "9"], [("update", "9", 3, "2025-01-05")], "another one is closed")
    assert all(row[3] != "2025-01-04" for row in told), told
    seine(folder, "source", "rm", "--lake", "lake", "b.csv")
    rows, told = silent(folder)
    equal([row for row in rows if row[0] == "1"], [("1", 4, None)], "open again")
    equal(sorted(row for row in told if row[1] == "1"), [("retract", "1", 5, None), ("update", "1", 4, None)], "and still the same row; of a later gap")
    seine(folder, "source", "rm", "--lake", "lake", "a.csv")
    rows, told = silent(folder)
    equal([row[:2] for row in told if row[0] == "retract"], [("retract", "1"), ("retract", "2"), ("retract", "3")], "days that went")


def a_key_of_two_days_stops_the_model_alone(folder):
    lake(folder, BY_DAY.replace("SELECT event_id,", "SELECT mmsi AS event_id,"))
    take(folder, "a.csv", [("366000001", 1, 5), ("366000001", 3, 5), ("366000001", 5, 5)])
    done = refresh(folder)
    assert done.returncode == 1 and "two rows have the event_id 366000001" in done.stdout + done.stderr, done
    assert run(folder, "sql", "--lake", "lake", "SELECT * FROM gold.silent").returncode == 1, "a table was made of it"


def a_sink_needs_a_key(folder):
    for old, new, wanted in [("-- key: mmsi\n", "", "line 8: the header lacks \"key\""), ("-- sink: events\n", "", "line 8: the header lacks \"sink\""),
                             ("sink: events", "sink: rows", "line 8: a sink is events, not \"rows\""),
                             ("key: mmsi", "key: fastest", "line 9: the key is a required column of type string, not \"fastest\""),
                             ("column: made_at", "column: version", "line 8: the sink itself makes the columns \"version, op, recorded_at\"")]:
        text = MODEL.replace(old, new)
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
    main([every_change_of_a_row_is_logged, verify_replays_the_log, a_key_that_stands_twice_stops_the_model_alone, a_row_goes_from_day_to_day_under_one_log,
          a_key_of_two_days_stops_the_model_alone, a_sink_needs_a_key])
