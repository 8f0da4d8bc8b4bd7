#!/usr/bin/env python3
"""`seine lake clear`: a dataset goes with all that was made of it, and nothing else does. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD, SEINE_TEST_PLACE.
"""
import json
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import fix, write_fixes
from harness.program import equal, refused, run, seine, sql
from harness.tap import main

BUSES = """name: {name}
id: {{name: bus, names: [bus]}}
time: {{names: [at], format: unix_s}}
position: {{lat: {{names: [lat]}}, lon: {{names: [lon]}}}}
"""


def declare(folder, name, *times):
    """A dataset of that name in the lake, of one bus at these hours."""
    (folder / f"{name}.yaml").write_text(BUSES.format(name=name), encoding="utf-8")
    rows = "".join(f"x,{1583020800 + hour * 3600},1.5,2.5\n" for hour in times)
    (folder / f"{name}.csv").write_text("bus,at,lat,lon\n,1583020800,1,1\n" + rows, encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", f"{name}.yaml", f"{name}.csv")


def make(folder):
    seine(folder, "init", "lake")
    write_fixes(folder / "a.csv", fix(1, 1, 1), fix(1, 1, 23), fix(2, 2, 1))
    seine(folder, "ingest", "--quiet", "--lake", "lake", "a.csv")
    declare(folder, "bus", 0, 24)
    declare(folder, "bus_stops", 0, 24, 48)
    seine(folder, "refresh", "--quiet", "--lake", "lake")


def tables(folder):
    return {row["table"]: row["rows"] for row in json.loads(seine(folder, "table", "ls", "--json", "--lake", "lake"))}


def clear(folder, name, *words, code=0):
    done = run(folder, "lake", "clear", "--lake", "lake", "--dataset", name, "--json", *words)
    equal(done.returncode, code, done.stderr)
    return json.loads(done.stdout)


def whole(folder):
    seine(folder, "verify", "--deep", "--quiet", "--lake", "lake")
    equal(seine(folder, "refresh", "--quiet", "--lake", "lake"), "", "refresh")


def a_dataset_goes_and_others_stay(folder):
    make(folder)
    before = tables(folder)
    of_bus = {name for name in before if name.split(".")[1] == "bus" or (name.split(".")[1].startswith("bus_") and "bus_stops" not in name)}
    assert {"silver.bus", "silver.bus_rejects", "events.bus_gaps", "events.bus_gaps_history", "state.bus_gaps"} <= of_bus, of_bus
    told = clear(folder, "bus", code=1)
    equal((told["removed"], told["sources"], told["tables"]), (False, 1, len(of_bus)), "what would go")
    equal(tables(folder), before, "nothing has gone")
    gone = clear(folder, "bus", "--yes")
    equal({**told, "removed": True}, gone, "what went")
    equal(tables(folder), {name: rows for name, rows in before.items() if name not in of_bus}, "tables")
    whole(folder)
    refused(folder, 1, "no dataset bus", "lake", "clear", "--lake", "lake", "--dataset", "bus", "--yes")
    declare(folder, "bus", 0, 24)
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(tables(folder), before, "tables when it comes again")
    whole(folder)


def ships_leave_empty_tables(folder):
    make(folder)
    before = tables(folder)
    clear(folder, "ais", "--yes")
    after = tables(folder)
    equal(set(after), {name for name in before if not name.startswith("gold.ais_")}, "tables")
    equal({name: rows for name, rows in after.items() if name.split(".")[1].startswith("ais") and rows}, {}, "rows of ships")
    equal(after["silver.bus"], before["silver.bus"], "rows of others")
    whole(folder)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "a.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(tables(folder), before, "when they come again")
    equal(sql(folder, "SELECT count(*) n FROM events.ais_gaps_history"), [{"n": before["events.ais_gaps_history"]}], "log")
    whole(folder)


def what_cannot_be_is_refused(folder):
    make(folder)
    refused(folder, 2, "needs --dataset", "lake", "clear", "--lake", "lake")
    refused(folder, 1, "no dataset cars", "lake", "clear", "--lake", "lake", "--dataset", "cars", "--yes")
    refused(folder, 2, "did you mean --yes", "lake", "clear", "--lake", "lake", "--dataset", "bus", "--yse")


main([a_dataset_goes_and_others_stay, ships_leave_empty_tables, what_cannot_be_is_refused])
