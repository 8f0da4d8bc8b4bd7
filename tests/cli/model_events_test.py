#!/usr/bin/env python3
"""Models with the sink events: rows have versions, and every change of one is in a log, which says why.

Environment: SEINE_BIN.
"""
import json
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.columns import forget_column
from harness.program import equal, run, seine, sql, write_csv
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


def causes(folder, table="gold.fast", cause="cause"):
    """@return what the log has told since it was asked last: operation, row, and why."""
    rows = sql(folder, f"SELECT op, mmsi, {cause} FROM {table}_history ORDER BY version, mmsi, op")
    known = causes.known.get(str(folder), 0)
    causes.known[str(folder)] = len(rows)
    return [(row["op"], row["mmsi"][-1], row[cause]) for row in rows[known:]]


causes.known = {}


def findings(folder, *options):
    return json.loads(run(folder, "verify", "--json", "--lake", "lake", *options).stdout)["findings"]


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
        seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
        now = log(folder)
        equal([row[:3] for row in now[len(known):]], wanted, f"step {number}")
        equal(now[:len(known)], known, "what was there")
        known = now
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast", "--set", "least_speed=16")
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
    known, now = log(folder), known
    equal([row[:3] for row in known[len(now):]], [("retract", "1", 15.0), ("new", "1", 15.0)], "a setting, and back")
    for mmsi in "123":
        versions = [row[3] for row in known if row[1] == mmsi]
        equal(versions, sorted(set(versions)), "versions grow")
    current = {row["mmsi"][-1]: (row["fastest"], row["version"]) for row in sql(folder, "SELECT * FROM gold.fast")}
    equal(current, {row[1]: row[2:] for row in known}, "the table is the newest of the log")
    for name in ("a.csv", "1.csv"):
        seine(folder, "source", "rm", "--lake", "lake", name)
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
    equal([row[:2] for row in log(folder)[len(known):]], [("retract", "1"), ("retract", "2")], "sources that went")
    equal(json.loads(seine(folder, "verify", "--deep", "--json", "--lake", "lake"))["findings"], [], "verify --deep")
    (node,) = [node for node in json.loads(seine(folder, "graph", "--lake", "lake", "--json"))["tables"] if node["table"] == "gold.fast"]
    equal(node["beside"], ["gold.fast_history"], "graph")


def verify_replays_the_log(folder):
    lake(folder)
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
    equal(json.loads(seine(folder, "verify", "--json", "--lake", "lake"))["findings"], [], "before")
    seine(folder, "table", "drop", "--lake", "lake", "gold.fast_history")
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
    equal(json.loads(run(folder, "verify", "--json", "--lake", "lake").stdout)["findings"], ["gold.fast and its log differ in 2 rows"], "a log that was dropped")


def a_row_that_keeps_its_version_keeps_its_lineage(folder):
    """Whether another row of its file changes or comes, or the file is written once more: that of the run that made it."""
    lake(folder)
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])

    def step(day, *options):
        done = run(folder, "refresh", "--quiet", "--lake", "lake", "fast", *options, now=f"2026-01-0{day}T00:00:00Z")
        equal((done.returncode, findings(folder, "--deep")), (0, []), f"verify --deep: {done.stderr}")
        made = {(row["mmsi"], row["version"]): row["made_at"] for row in sql(folder, "SELECT * FROM gold.fast_history")}
        rows = sql(folder, "SELECT * FROM gold.fast ORDER BY mmsi")
        equal([row["made_at"] for row in rows], [made[row["mmsi"], row["version"]] for row in rows], "lineage as in the log")
        return [row["made_at"] for row in rows]
    first = step(1)
    take(folder, "b.csv", [("366000001", 2, 15)])
    second = step(2)
    assert second[1] == first[1] and second[0] > first[0], (first, second)
    take(folder, "c.csv", [("366000003", 3, 30)])
    third = step(3)
    equal(third[:2], second, "a row came")
    equal(step(4, "--mode", "replace"), third, "made anew")
    equal(step(5, "--mode", "replace", "--threads", "1"), third, "by one thread")


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
    seine(folder, "refresh", "--quiet", "--lake", "lake", "silent", "--by", "mover")
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


LAST = """-- Ships on the day of their last message.
--
-- model: gold.last
-- grain: one vessel
-- inputs: silver.ais(day), silver.ais(all)
-- partition: dt
-- sort: mmsi
-- sink: events
-- key: mmsi
-- column: mmsi string required | vessel id
-- column: dt date required | day
SELECT mmsi, CAST(max(ts) AS DATE) AS dt FROM silver.ais GROUP BY mmsi HAVING CAST(max(ts) AS DATE) = $day
"""


def a_window_does_not_part_a_row_from_the_day_it_left(folder):
    """The day before the window would have had it, too, and retracted it later."""
    lake(folder, LAST)
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])
    seine(folder, "refresh", "--quiet", "--lake", "lake", "last")
    equal(causes(folder, "gold.last"), [("new", "1", "model"), ("new", "2", "model")], "the first run")
    take(folder, "b.csv", [("366000001", 2, 15)])
    window = ("refresh", "--quiet", "--lake", "lake", "last", "--from", "2025-01-03", "--to", "2025-01-04")
    seine(folder, *window)
    equal(causes(folder, "gold.last"), [], "no day of the window")
    seine(folder, *(word.replace("01-03", "01-02") for word in window))
    equal(causes(folder, "gold.last"), [("update", "1", "silver.ais")], "a day of it")
    equal(sorted((row["mmsi"][-1], row["dt"]) for row in sql(folder, "SELECT * FROM gold.last")), [("1", "2025-01-02"), ("2", "2025-01-01")], "rows")
    seine(folder, "refresh", "--quiet", "--lake", "lake", "last")
    equal((causes(folder, "gold.last"), findings(folder, "--deep")), ([], []), "afterwards")


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
                             ("column: made_at", "column: version", "line 8: the sink itself makes the columns \"version, op, recorded_at\""),
                             ("mmsi string required", "mmsi string required lineage", "line 8: key and day of a sink are no lineage"),
                             ("$run_at AS made_at", "DATE '2025-01-01' AS made_at", "column made_at is DATE in the SELECT, the header says timestamptz"),
                             (", $run_at AS made_at", "", "the SELECT has 2 columns, the header 3"),
                             ("-- column: made_at", "-- column: Cause string |\n-- column: change_cause string |\n-- column: made_at",
                              "line 8: the log needs one of the columns \"cause, change_cause\"")]:
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


# ---- why ----

def the_log_says_why(folder):
    """The first run, rows that came, a setting, the text, two of them at once, nothing; the lot made anew, sources that go."""
    lake(folder)
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])
    model = Path(folder, "lake", "models", "fast.sql")
    doubled = MODEL.replace("max(sog) AS fastest", "2 * max(sog) AS fastest")

    def step(rows=(), *options, text=None):
        if rows:
            take(folder, f"{len(causes.known)}{rows[0][2]}.csv", rows)
        if text:
            model.write_text(text, encoding="utf-8")
        seine(folder, "refresh", "--quiet", "--lake", "lake", "fast", *options)
        return causes(folder)
    equal(step(), [("new", "1", "model"), ("new", "2", "model")], "the first run")
    equal(step([("366000001", 2, 15)]), [("update", "1", "silver.ais")], "rows")
    equal(step(), [], "nothing")
    equal(step((), "--mode", "replace"), [], "made anew from the same")
    equal(step((), "--set", "least_speed=16"), [("retract", "1", "parameters")], "a setting")
    equal(step([("366000002", 3, 30)]), [("new", "1", "parameters, silver.ais"), ("update", "2", "parameters, silver.ais")], "and back, with rows")
    equal(step(text=doubled), [("update", "1", "model"), ("update", "2", "model")], "the text")
    equal(step([("366000001", 3, 40)], text=MODEL), [("update", "1", "model, silver.ais"), ("update", "2", "model, silver.ais")], "and rows")
    equal(step(text=MODEL.replace("-- Vessels", "-- All vessels")), [], "a text that says the same")
    equal(step([("366000001", 4, 50)]), [("update", "1", "silver.ais")], "which is known since")
    seine(folder, "source", "rm", "--lake", "lake", "a.csv")
    equal(step(), [], "a source without the fastest")
    for name in sql(folder, "SELECT DISTINCT source_file FROM silver.ais"):
        seine(folder, "source", "rm", "--lake", "lake", name["source_file"])
    equal(step(), [("retract", "1", "silver.ais"), ("retract", "2", "silver.ais")], "all sources")
    equal(findings(folder, "--deep"), [], "verify --deep")


FISHERS = """-- Gaps of ships that fish, each in the day that closed it.
--
-- model: gold.hidden
-- grain: one gap
-- inputs: events.ais_gaps(day), ref.vessels(all)
-- partition: produced_day
-- sort: event_id
-- sink: events
-- key: event_id
-- column: event_id string required | gap
-- column: mmsi string required | vessel id
-- column: gear string | of the vessel
-- column: produced_day date | null while it is open
SELECT event_id, mmsi, (SELECT max(geartype) FROM ref.vessels WHERE vessel_id = mmsi) AS gear, produced_day
FROM events.ais_gaps
WHERE coalesce($day = produced_day, $day IS NULL AND produced_day IS NULL) AND mmsi IN (SELECT vessel_id FROM ref.vessels)
"""


def load_vessels(folder, **gear):
    write_csv(Path(folder, "vessels.csv"), [{"vessel_id": f"36600000{name[1:]}", "year": 2025, "geartype": word} for name, word in gear.items()])
    seine(folder, "ref", "load", "--quiet", "--lake", "lake", "vessels", "vessels.csv", "--replace")


def each_day_has_causes_of_its_own(folder):
    """A day that comes, a row that goes from day to day, a reference that all days read, both, and what is read no more or of more days."""
    lake(folder, FISHERS)
    load_vessels(folder, v1="trawlers", v2="trawlers")

    def step(text=None):
        if text:
            Path(folder, "lake", "models", "fast.sql").write_text(text, encoding="utf-8")
        seine(folder, "refresh", "--quiet", "--lake", "lake", "hidden", "--by", "mover")
        equal(findings(folder, "--deep"), [], "verify --deep")
        return causes(folder, "gold.hidden")
    take(folder, "a.csv", [("366000001", 1, 5), ("366000002", 1, 5), ("366000003", 3, 5)])
    equal(step(), [("new", "1", "model"), ("new", "2", "model")], "the first run")
    take(folder, "b.csv", [("366000001", 4, 5)])
    equal(step(), [("update", "1", "events.ais_gaps")], "closed: of a new day")
    load_vessels(folder, v1="trawlers", v2="trawlers")
    equal(step(), [], "the same reference")
    load_vessels(folder, v1="trawlers", v3="trawlers")
    equal(step(), [("retract", "2", "ref.vessels"), ("new", "3", "ref.vessels")], "a reference")
    load_vessels(folder, v1="longliners", v2="trawlers")
    take(folder, "c.csv", [("366000009", 5, 5), ("366000002", 5, 5)])
    both = "events.ais_gaps, ref.vessels"
    equal(step(), [("new", "1", both), ("update", "1", "ref.vessels"), ("new", "2", both), ("retract", "3", both)],
          "both, also of a new day; one that stays as it was has the reference alone")
    take(folder, "d.csv", [("366000002", 7, 5)])
    equal(step(), [("new", "2", "events.ais_gaps")], "a new day again")
    wider = FISHERS.replace("events.ais_gaps(day)", "events.ais_gaps(day-1)")
    equal(step(wider), [], "more days of a table")
    load_vessels(folder, v1="longliners")
    equal(step(FISHERS), [("retract", "2", "model, ref.vessels"), ("retract", "2", "model, ref.vessels")], "the reference, and fewer days again")
    without = FISHERS.replace(", ref.vessels(all)", "").replace("(SELECT max(geartype) FROM ref.vessels WHERE vessel_id = mmsi)", "NULL::VARCHAR")
    without = without.replace(" AND mmsi IN (SELECT vessel_id FROM ref.vessels)", " AND mmsi = '366000001'")
    load_vessels(folder, v2="trawlers")
    rows = step(without)
    equal({row[2] for row in rows}, {"model"}, f"an input that is read no more has changed nothing: {rows}")
    rows = step(FISHERS)
    equal({row[2] for row in rows}, {"model"}, f"an input that is new: {rows}")
    seine(folder, "source", "rm", "--lake", "lake", "c.csv")
    rows = step()
    equal({row[2] for row in rows}, {"events.ais_gaps"}, f"a day that went: {rows}")


def a_longer_span_is_no_change_of_its_table(folder):
    """Only what was read of it before counts, and rows that it gets there."""
    lake(folder, BY_DAY)
    take(folder, "a.csv", [("366000001", 2, 5), ("366000002", 1, 5), ("366000003", 3, 5)])

    def step():
        seine(folder, "refresh", "--quiet", "--lake", "lake", "silent", "--by", "mover")
        return causes(folder, "gold.silent")
    equal([row[2] for row in step()], ["model", "model"], "the first run")
    take(folder, "b.csv", [("366000009", 6, 5)])
    rows = step()
    equal({row[2] for row in rows}, {"events.ais_gaps"}, f"gaps began on days that were not read before: {rows}")
    take(folder, "c.csv", [("366000009", 1, 5)])
    rows = step()
    equal({row[2] for row in rows if row[1] != "9"}, {"silver.ais"}, f"a row on a day that was read: {rows}")
    equal([row[2] for row in rows if row[1] == "9"], ["events.ais_gaps"], "a day of its own")
    equal(findings(folder, "--deep"), [], "verify --deep")


def a_cause_of_the_rows_is_their_own(folder):
    """The log then tells why under another name, and verify compares the column of the rows."""
    own = MODEL.replace("-- column: fastest", "-- column: cause string | of the vessel\n-- column: fastest").replace("SELECT mmsi, max", "SELECT mmsi, 'wind' AS cause, max")
    lake(folder, own)
    take(folder, "a.csv", [("366000001", 1, 12)])
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
    equal(sql(folder, "SELECT cause, change_cause FROM gold.fast_history"), [{"cause": "wind", "change_cause": "model"}], "both")
    equal(findings(folder, "--deep"), [], "verify --deep")
    take(folder, "b.csv", [("366000001", 2, 15)])
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
    equal(causes(folder, cause="change_cause"), [("new", "1", "model"), ("update", "1", "silver.ais")], "why")


def what_a_former_release_made_is_made_once_more(folder):
    """Its ledger does not tell of what; so a change that came meanwhile has no cause, and the next one has. Its log gets the column."""
    lake(folder)
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])
    seine(folder, "refresh", "--quiet", "--lake", "lake", "fast")
    forget_column(Path(folder, "lake"), "gold.fast_history", "cause")
    equal([list(row) for row in sql(folder, "SELECT * FROM gold.fast_history LIMIT 1")], [["op", "recorded_at", "mmsi", "fastest", "made_at", "version"]], "as before")

    def as_before():
        with sqlite3.connect(Path(folder, "lake", "catalog.db")) as database:
            done = database.execute("UPDATE seine_job SET parts = NULL WHERE job = 'gold.fast'").rowcount
        database.close()
        equal(done, 1, "rows of the ledger")

    def runs():
        (model,) = [model for model in json.loads(seine(folder, "refresh", "--lake", "lake", "fast", "--json"))["models"] if model["table"] == "gold.fast"]
        return model["run"]
    as_before()
    equal([runs(), runs()], [1, 0], "runs")
    take(folder, "b.csv", [("366000001", 2, 15)])
    equal(runs(), 1, "with rows")
    equal(causes(folder), [("new", "1", None), ("new", "2", None), ("update", "1", "silver.ais")], "known since")
    as_before()
    take(folder, "c.csv", [("366000001", 3, 25)])
    equal([runs(), causes(folder)], [1, [("update", "1", None)]], "what is not known is not told")
    take(folder, "d.csv", [("366000001", 4, 35)])
    equal([runs(), causes(folder)], [1, [("update", "1", "silver.ais")]], "then")


COUNTED = """-- model: gold.counted
-- grain: one operation
-- inputs: gold.fast_history(all)
-- partition: none
-- sort: op
-- column: op string required | operation
-- column: n long required | rows of the log
SELECT op, count(*) AS n FROM gold.fast_history GROUP BY op
"""


def who_reads_the_log_sees_what_the_same_refresh_writes(folder):
    lake(folder)
    Path(folder, "lake", "models", "counted.sql").write_text(COUNTED, encoding="utf-8")

    def counted():
        return {row["op"]: row["n"] for row in sql(folder, "FROM gold.counted")}
    take(folder, "a.csv", [("366000001", 1, 12), ("366000002", 1, 20)])
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(counted(), {"new": 2}, "with the table, and its log, of the same refresh")
    equal(json.loads(seine(folder, "refresh", "--lake", "lake", "--json"))["committed"], False, "then nothing is left")
    take(folder, "b.csv", [("366000001", 2, 15), ("366000003", 2, 30)])
    nodes = {row["table"]: row["stale"] for row in json.loads(seine(folder, "graph", "--lake", "lake", "--json"))["tables"]}
    equal((nodes["gold.fast"], nodes["gold.counted"]), (1, 1), "stale")
    seine(folder, "refresh", "--quiet", "--lake", "lake", "counted")
    equal(counted(), {"new": 3, "update": 1}, "and what it is made from is made first")
    equal(json.loads(seine(folder, "refresh", "--lake", "lake", "counted", "--json"))["committed"], False, "then nothing is left")
    equal(findings(folder, "--deep"), [], "verify --deep")
    Path(folder, "lake", "models", "fast.sql").write_text(MODEL.replace("silver.ais(all)", "silver.ais(all), gold.fast_history(all)"), encoding="utf-8")
    done = run(folder, "refresh", "--lake", "lake")
    assert done.returncode == 1 and "its inputs run in a circle" in done.stderr, done


if __name__ == "__main__":
    main([every_change_of_a_row_is_logged, verify_replays_the_log, a_row_that_keeps_its_version_keeps_its_lineage, a_key_that_stands_twice_stops_the_model_alone, a_row_goes_from_day_to_day_under_one_log,
          a_window_does_not_part_a_row_from_the_day_it_left, a_key_of_two_days_stops_the_model_alone, a_sink_needs_a_key, the_log_says_why, each_day_has_causes_of_its_own,
          a_longer_span_is_no_change_of_its_table, a_cause_of_the_rows_is_their_own, who_reads_the_log_sees_what_the_same_refresh_writes, what_a_former_release_made_is_made_once_more])
