#!/usr/bin/env python3
"""`seine verify` finds whatever is changed behind Seine's back, and raises no alarm beside other commands.

Environment: SEINE_BIN, the program; SEINE_FULL=1: every byte position and every value instead of a sample.
"""
import json
import random
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import WHOLE_HEADER
from harness.program import FULL, run, seine
from harness.tap import main

PORTS = "port_id,name,country,lat,lon\nUSGLS,Galveston,US,29.31,-94.79\nUSMIA,Miami,US,25.77,-80.17\n"


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
    path.write_text(WHOLE_HEADER + "\n" + "".join(lines), encoding="utf-8")
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
        path.rename(folder / "away")
        must_find(folder, f"{path.relative_to(lake)} away")
        (folder / "away").rename(path)
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
    for _ in range(2):
        result = run(folder, "verify", "--deep", "--lake", "lake")
        assert result.returncode == 0 and "all is well" in result.stdout, result
        for table in ("events.ais_gaps", "silver.ais_enriched"):
            assert f"{table} " in result.stderr and "run seine refresh first" in result.stderr, result
        equal_json = json.loads(seine(folder, "verify", "--deep", "--json", "--lake", "lake"))
        assert equal_json["findings"] == [] and len(equal_json["remarks"]) == 2, equal_json
        seine(folder, "refresh", "--lake", "lake")
        assert "compared" not in run(folder, "verify", "--deep", "--lake", "lake").stderr, "after refresh"
        seine(folder, "ingest", "--lake", "lake", day(folder, 2))


TESTS = [one_byte_changed_in_any_file_is_found, one_value_changed_in_any_row_of_the_catalog_is_found,
         any_table_that_is_gone_is_named, what_a_refresh_would_make_is_nothing_wrong,
         nothing_is_wrong_while_others_write]


if __name__ == "__main__":
    main(TESTS)
