#!/usr/bin/env python3
"""`seine verify` finds whatever is changed behind Seine's back, and raises no alarm beside other commands.

Environment: SEINE_BIN, the program; SEINE_FULL=1: every byte position and every value instead of a sample.
"""
import contextlib
import datetime
import json
import random
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import WHOLE_HEADER, Kept
from harness.program import FULL, run, seine
from harness.tap import main, own_folder

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
    all_is_well(folder)


def must_find(folder, what, *texts):
    """Verify finds something wrong, and names each of the texts. What it finds without --deep it finds with it, too."""
    result = run(folder, "verify", "--lake", "lake")
    if result.returncode == 0:
        result = run(folder, "verify", "--deep", "--lake", "lake")
    assert result.returncode == 1, f"{what}: exit status {result.returncode}, {result.stdout}{result.stderr[-500:]}"
    assert result.stderr, f"{what}: nothing was said"
    missing = [text for text in texts if text not in result.stderr]
    assert not missing, f"{what}: {len(missing)} of {len(texts)} were not named: {missing[:3]} in {result.stderr[:2000]}"


def all_is_well(folder):
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def sample(items, count):
    return random.Random(11).sample(items, min(count, len(items)))


def kinds_of_files(lake):
    """{suffix: files}, and how verify names each: the catalog itself is looked at by its rows."""
    kinds = {}
    for path in sorted(path for path in lake.rglob("*") if path.is_file() and path.parent != lake):
        kinds.setdefault(path.suffix, []).append(path)
    assert set(kinds) == {".parquet", ".avro", ".json", ".text", ".csv"}, set(kinds)
    return kinds


def name_of(lake, path):
    """What verify says of a file: its place in the lake, or of an archive its source."""
    return f"source {path.name}: " if path.suffix == ".csv" else f"{path.relative_to(lake)} "


def flip(path, offset):
    before = path.read_bytes()
    path.write_bytes(before[:offset] + bytes([before[offset] ^ 1]) + before[offset + 1:])


def offsets(path):
    return 0, path.stat().st_size // 2, path.stat().st_size - 1


def one_byte_changed_in_every_file_at_once_names_each(folder):
    lake = folder / "lake"
    for suffix, files in kinds_of_files(lake).items():
        for place in range(3):
            spots = [(path, offsets(path)[place]) for path in files]
            for path, offset in spots:
                flip(path, offset)
            must_find(folder, f"{suffix}, place {place}", *(name_of(lake, path) for path in files))
            for path, offset in spots:
                flip(path, offset)
    all_is_well(folder)


def one_byte_changed_in_any_file_is_found(folder):
    lake = folder / "lake"
    files = [path for kind in kinds_of_files(lake).values() for path in kind]
    for number, path in enumerate(sample(files, 15)):
        offset = offsets(path)[number % 3]
        flip(path, offset)
        must_find(folder, f"byte {offset} of {path}", name_of(lake, path))
        flip(path, offset)
    for path in sample(files, 15):
        path.rename(folder / "away")
        must_find(folder, f"{path} away", path.name)
        (folder / "away").rename(path)
    all_is_well(folder)


def all_files_of_a_kind_away_are_named(folder):
    for suffix, files in kinds_of_files(folder / "lake").items():
        for number, path in enumerate(files):
            path.rename(folder / f"away {number}")
        must_find(folder, f"{suffix} away", *(path.name for path in files))
        for number, path in enumerate(files):
            (folder / f"away {number}").rename(path)
    all_is_well(folder)


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


class Catalog:
    """The rows of a lake's catalog, and a copy of it to go back to."""

    def __init__(self, folder):
        self.path, self.kept = folder / "lake" / "catalog.db", folder / "kept.db"
        shutil.copyfile(self.path, self.kept)
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            self.tables = ledger(database)
            self.rows = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in self.tables}
            # With a wrong number of buckets the lake is not opened, so its sum is not looked at.
            self.sealed = {name for (name,) in database.execute("SELECT table_name FROM seine_seal")} - {"seine_setting"}
        empty = {name for name in self.tables if not self.rows[name]}
        assert empty <= {"seine_progress"}, f"nothing to change in {empty}"

    def back(self):
        shutil.copyfile(self.kept, self.path)

    def statement(self, text, name, row, *values):
        where = " AND ".join(f"{key} IS ?" for key in self.tables[name])
        return f"{text} WHERE {where}", (*values, *row)

    def execute(self, statements):
        with contextlib.closing(sqlite3.connect(self.path)) as database, database:
            for statement in statements:
                assert database.execute(*statement).rowcount == 1, statement

    def change(self, *edits):
        self.execute(self.statement(f"UPDATE OR REPLACE {name} SET {self.tables[name][column]} = ?", name, row, other(row[column]))
                     for name, row, column in edits)

    def delete(self, *rows):
        self.execute(self.statement(f"DELETE FROM {name}", name, row) for name, row in rows)

    def edits(self, names):
        return {name: [(name, row, column) for row in self.rows[name] for column in range(len(row))] for name in names}


def written(name):
    """What verify says of a table of the ledger whose rows are not those of its seal."""
    return f"rows of {name} are not those that were written"


def one_value_changed_in_every_table_of_the_ledger_at_once_names_each(folder):
    catalog = Catalog(folder)
    edits = catalog.edits(catalog.sealed)
    most = max(map(len, edits.values()))
    for number in sample(range(most), 120 if FULL else 40):
        changed = [these[number % len(these)] for these in edits.values() if these]
        catalog.change(*changed)
        must_find(folder, f"change {number}", *(written(name) for name, _, _ in changed))
        catalog.back()
    for number in sample(range(max(map(len, catalog.rows.values()))), 10 if FULL else 3):
        gone = [(name, catalog.rows[name][number % len(catalog.rows[name])]) for name in catalog.sealed if catalog.rows[name]]
        catalog.delete(*gone)
        must_find(folder, f"rows {number} away", *(written(name) for name, _ in gone))
        catalog.back()
    all_is_well(folder)


def one_value_changed_in_any_row_of_the_catalog_is_found(folder):
    catalog = Catalog(folder)
    for name, edits in catalog.edits(catalog.tables).items():
        few = 2 if name in catalog.sealed else 12 if FULL else 8
        for edit in sample(edits, few):
            catalog.change(edit)
            must_find(folder, f"changed: {edit}")
            catalog.back()
    for name, rows in catalog.rows.items():
        for row in sample(rows, 1):
            catalog.delete((name, row))
            must_find(folder, f"row {row} away from {name}")
            catalog.back()
    all_is_well(folder)


def any_table_that_is_gone_is_named(folder):
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
        looks = [run(folder, "verify", *deep, "--lake", "lake") for deep in ([], ["--deep"]) * 3]
    finally:
        stop.set()
        writer.join()
    assert not failures, failures[0]
    # With --deep what is behind silver is named and not compared: that is no alarm but the truth.
    alarms = [look.stderr for look in looks
              if any("was not compared" not in line for line in look.stderr.splitlines()) or look.returncode != 0]
    assert not alarms, f"{len(alarms)} of {len(looks)} false alarms, the first: {alarms[0]}"


def what_a_refresh_would_make_is_nothing_wrong():
    with own_folder() as folder:
        seine(folder, "init", "--buckets", "1", "lake")
        seine(folder, "ingest", "--lake", "lake", day(folder, 1))
        for behind in (["silver.ais_segments", "silver.ais_enriched"],  # gold has no tables yet
                       ["silver.ais_segments", "events.ais_gaps", "silver.ais_enriched", "gold"]):
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
        path.write_text(WHOLE_HEADER + "\n" + "".join(rows), encoding="utf-8")
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


def work_grows_as_sources_and_partitions_do():
    with own_folder() as folder:
        seine(folder, "init", "--buckets", "1", "lake")
        assert_linear(folder, (50, 100, 200), [])


def deep_work_grows_as_the_days_of_derived_tables_do():
    with own_folder() as folder:
        seine(folder, "init", "--buckets", "1", "lake")
        assert_linear(folder, (3, 6, 12), ["refresh"], "--deep")


TESTS = [one_byte_changed_in_every_file_at_once_names_each, all_files_of_a_kind_away_are_named,
         one_byte_changed_in_any_file_is_found,
         one_value_changed_in_every_table_of_the_ledger_at_once_names_each,
         one_value_changed_in_any_row_of_the_catalog_is_found,
         any_table_that_is_gone_is_named, what_a_refresh_would_make_is_nothing_wrong,
         work_grows_as_sources_and_partitions_do, deep_work_grows_as_the_days_of_derived_tables_do,
         nothing_is_wrong_while_others_write]


if __name__ == "__main__":
    with own_folder() as place:
        kept = Kept(place, fill)
        main(TESTS, lambda: kept)
