#!/usr/bin/env python3
"""`seine verify` finds whatever is changed behind Seine's back, and raises no alarm beside other commands.

Environment: SEINE_BIN, the program; FULL=1: every byte position and every value instead of a sample.
"""
import datetime
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEINE = Path(os.environ.get("SEINE_BIN") or ROOT / "build" / "release" / "bin" / "seine").resolve()
FULL = os.environ.get("FULL") == "1"
HEADER = ("MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
          "TransceiverClass\n")
PORTS = "port_id,name,country,lat,lon\nUSGLS,Galveston,US,29.31,-94.79\nUSMIA,Miami,US,25.77,-80.17\n"


def run(folder, *words):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEINE_")}
    return subprocess.run([SEINE, *map(str, words)], cwd=folder, env=kept | {"SEINE_NOW": "2026-01-01T00:00:00Z"},
                          text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)


def seine(folder, *words):
    result = run(folder, *words)
    assert result.returncode == 0, f"seine {' '.join(map(str, words))}: {result.returncode}: {result.stderr[-2000:]}"
    return result.stdout


def day(folder, number, hours=range(24)):
    lines = []
    for mover, (name, lat, lon) in enumerate((("ALPHA", 29.3, -94.7), ("BRAVO", 29.31, -94.71), ("CHARLIE", 25.7, -80.1))):
        for hour in hours:
            if name == "CHARLIE" and 5 < hour < 18:
                continue
            lines.append(f"36600000{mover},2025-01-0{number}T{hour:02d}:1{mover}:00,{lat + hour * 0.01:.5f},"
                         f"{lon + hour * 0.012:.5f},{hour * 1.3 % 14:.1f},{hour * 15 % 360:.1f},{hour * 15 % 360},{name},"
                         f"IMO932148{mover},WDX{mover},70,0,120,20,6.5,70,A\n")
    lines.append(f"366000009,2025-01-0{number}T01:00:00,91,181,0,0,511,NOWHERE,,,,,,,,,A\n")
    path = Path(folder, f"AIS_2025_01_0{number}.csv")
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def fill(folder):
    """A small lake in which every table of the ledger and every kind of file is there."""
    Path(folder, "ports.csv").write_text(PORTS, encoding="utf-8")
    seine(folder, "init", "--buckets", "1", "lake")
    seine(folder, "ref", "load", "--lake", "lake", "ports", "ports.csv")
    seine(folder, "ingest", "--lake", "lake", day(folder, 1), day(folder, 2))
    seine(folder, "refresh", "--lake", "lake")
    seine(folder, "ingest", "--lake", "lake", day(folder, 3))
    seine(folder, "source", "rm", "--lake", "lake", "AIS_2025_01_03.csv")
    seine(folder, "refresh", "--lake", "lake")
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def must_find(folder, what):
    result = run(folder, "verify", "--deep", "--lake", "lake")
    assert result.returncode == 1, f"{what}: exit status {result.returncode}, {result.stdout}{result.stderr[-500:]}"
    assert result.stderr, f"{what}: nothing was said"


def sample(items, count):
    return items if FULL else random.Random(11).sample(items, min(count, len(items)))


def one_byte_changed_in_any_file_is_found(folder):
    fill(folder)
    lake = Path(folder, "lake")
    files = sorted(path for path in lake.rglob("*") if path.is_file() and path.parent != lake)
    spots = [(path, offset) for path in files for offset in {0, path.stat().st_size // 2, path.stat().st_size - 1}]
    kinds = {path.suffix for path in files}
    assert kinds == {".parquet", ".avro", ".json", ".text", ".csv"}, kinds
    for path, offset in sample(spots, 60):
        before = path.read_bytes()
        path.write_bytes(before[:offset] + bytes([before[offset] ^ 1]) + before[offset + 1:])
        must_find(folder, f"byte {offset} of {path.relative_to(lake)}")
        path.write_bytes(before)
    for path in sample(files, 15):
        path.rename(folder + "/away")
        must_find(folder, f"{path.relative_to(lake)} away")
        Path(folder, "away").rename(path)
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def other(value):
    if value is None:
        return 1
    if isinstance(value, int):
        return value + 1
    middle = len(value) // 2
    return value[:middle] + ("b" if value[middle:middle + 1] == "a" else "a") + value[middle + 1:]


def ledger(database):
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
    return {name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
            for name in names if name != "seine_lease"}


def one_value_changed_in_any_row_of_the_catalog_is_found(folder):
    fill(folder)
    path, kept = Path(folder, "lake", "catalog.db"), Path(folder, "kept.db")
    shutil.copyfile(path, kept)
    with sqlite3.connect(path) as database:
        tables = ledger(database)
        rows = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    database.close()
    empty = {name for name in tables if not rows[name]}
    assert empty <= {"seine_progress"}, f"nothing to change in {empty}"
    edits = [(name, row, column) for name in tables for row in rows[name] for column in range(len(row))]
    few = [edit for name in tables for edit in sample([e for e in edits if e[0] == name], 2)]
    for name, row, column in edits if FULL else few + sample(edits, 40):
        where = " AND ".join(f"{key} IS ?" for key in tables[name])
        database = sqlite3.connect(path)
        with database:
            done = database.execute(f"UPDATE OR REPLACE {name} SET {tables[name][column]} = ? WHERE {where}",
                                    (other(row[column]), *row))
        database.close()
        assert done.rowcount == 1, (name, row)
        must_find(folder, f"{name}.{tables[name][column]} of {row}")
        shutil.copyfile(kept, path)
    for name in tables:
        for row in sample(rows[name], 1):
            database = sqlite3.connect(path)
            with database:
                database.execute(f"DELETE FROM {name} WHERE " + " AND ".join(f"{key} IS ?" for key in tables[name]), row)
            database.close()
            must_find(folder, f"row {row} away from {name}")
            shutil.copyfile(kept, path)
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def any_table_that_is_gone_is_named(folder):
    fill(folder)
    path, kept = Path(folder, "lake", "catalog.db"), Path(folder, "kept.db")
    shutil.copyfile(path, kept)
    tables = [row["table"] for row in json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json"))]
    assert len(tables) > 25, tables
    for name in tables:
        database = sqlite3.connect(path)
        with database:
            database.execute("DELETE FROM iceberg_tables WHERE table_namespace || '.' || table_name = ?", (name,))
        database.close()
        result = run(folder, "verify", "--lake", "lake")
        assert result.returncode == 1 and f"table {name} is gone" in result.stderr, f"{name}: {result}"
        shutil.copyfile(kept, path)


def nothing_is_wrong_while_others_write(folder):
    fill(folder)
    third, stop, failures = Path(folder, "AIS_2025_01_03.csv"), threading.Event(), []

    def write():
        lines = [("ingest", "--lake", "lake", third), ("refresh", "--lake", "lake"),
                 ("source", "rm", "--lake", "lake", third.name), ("refresh", "--lake", "lake"),
                 ("table", "expire", "--lake", "lake", "--older-than", "0", "--keep", "1")]
        while not stop.is_set():
            for words in lines:
                result = run(folder, *words)
                if result.returncode != 0:
                    failures.append((words, result.stderr))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        looks = [run(folder, "verify", *deep, "--lake", "lake") for deep in ([], ["--deep"]) * 10]
    finally:
        stop.set()
        writer.join()
    assert not failures, failures[0]
    # With --deep what is behind silver is named and not compared: that is no alarm but the truth.
    alarms = [look.stderr for look in looks
              if any("was not compared" not in line for line in look.stderr.splitlines()) or look.returncode != 0]
    assert not alarms, f"{len(alarms)} of {len(looks)} false alarms, the first: {alarms[0]}"


def what_a_refresh_would_make_is_nothing_wrong(folder):
    seine(folder, "init", "--buckets", "1", "lake")
    seine(folder, "ingest", "--lake", "lake", day(folder, 1))
    for behind in (["events.ais_gaps", "silver.ais_enriched"],  # gold has no tables yet
                   ["events.ais_gaps", "silver.ais_enriched", "gold"]):
        result = run(folder, "verify", "--deep", "--lake", "lake")
        assert result.returncode == 0 and "all is well" in result.stdout, result
        for table in behind:
            assert f"{table} " in result.stderr and "run seine refresh first" in result.stderr, result
        equal_json = json.loads(seine(folder, "verify", "--deep", "--json", "--lake", "lake"))
        assert equal_json["findings"] == [] and len(equal_json["remarks"]) == len(behind), equal_json
        seine(folder, "refresh", "--lake", "lake")
        assert "compared" not in run(folder, "verify", "--deep", "--lake", "lake").stderr, "after refresh"
        seine(folder, "ingest", "--lake", "lake", day(folder, 2))


def small_days(folder, first, last):
    """One file and one partition for each day since 2024-01-01, two fixes of one vessel in each."""
    for number in range(first, last):
        date = datetime.date(2024, 1, 1) + datetime.timedelta(days=number)
        rows = [f"366000001,{date}T{hour}:00:00,29.3,-94.7,1.0,90.0,90,ALPHA,,,70,0,,,,,A\n" for hour in ("01", "02")]
        path = Path(folder, f"AIS_{date:%Y_%m_%d}.csv")
        path.write_text(HEADER + "".join(rows), encoding="utf-8")
        yield path


def assert_linear(folder, sizes, commands, *options):
    """Each doubling of the lake may at most double the work, which is counted in steps, not in seconds."""
    counted, last = [], 0
    for size in sizes:
        seine(folder, "ingest", "--lake", "lake", *small_days(folder, last, size))
        for command in commands:
            seine(folder, command, "--lake", "lake")
        counted.append(json.loads(seine(folder, "verify", "--json", *options, "--lake", "lake"))["steps"])
        last = size
    growth = [after / before for before, after in zip(counted, counted[1:])]
    assert counted[0] > 2 * sizes[0] and all(1.5 < ratio <= 2.1 for ratio in growth), f"steps {counted}"


def work_grows_as_sources_and_partitions_do(folder):
    seine(folder, "init", "--buckets", "1", "lake")
    assert_linear(folder, (50, 100, 200), [])


def deep_work_grows_as_the_days_of_derived_tables_do(folder):
    seine(folder, "init", "--buckets", "1", "lake")
    assert_linear(folder, (6, 12, 24), ["refresh"], "--deep")


TESTS = [one_byte_changed_in_any_file_is_found, one_value_changed_in_any_row_of_the_catalog_is_found,
         any_table_that_is_gone_is_named, what_a_refresh_would_make_is_nothing_wrong,
         work_grows_as_sources_and_partitions_do, deep_work_grows_as_the_days_of_derived_tables_do,
         nothing_is_wrong_while_others_write]


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory(prefix="seine-verify-") as folder:
            try:
                test(folder)
                print(f"ok {number} - {test.__name__.replace('_', ' ')}", flush=True)
            except (AssertionError, KeyError, ValueError, sqlite3.Error) as fault:
                failed += 1
                print(f"not ok {number} - {test.__name__.replace('_', ' ')}\n# {fault}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
