#!/usr/bin/env python3
"""Two days from generated archives to events by the command line alone, against the generator's truth file.

Environment: SEINE_BIN, the program (default build/release/bin/seine).
"""
import contextlib
import functools
import json
import sqlite3
import sys
import time
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.lakes import Kept
from harness.program import equal
from harness.tap import main, own_folder

STYLES = {"2018": ("2018-06-01", "zip"), "2025": ("2025-01-01", "csv.zst")}


DAYS = 2
WAIT_S, HASTE = 60, 60  # what the program waits for a lock, and how many times as soon that is over here


class Lake:
    """A folder with generated days, and a lake of them."""

    def __init__(self, folder, name="lake"):
        self.folder, self.name = folder, name
        self.truth = json.loads((folder / "days" / "truth.json").read_text(encoding="utf-8"))
        self.files = [f"days/{file['name']}" for file in self.truth["files"]]

    def run(self, *words, **more):
        return program.run(self.folder, *words, now=None, **more)

    def seine(self, *words):
        return program.seine(self.folder, *words, now=None)

    def sql(self, query):
        return json.loads(self.seine("sql", "--lake", self.name, "--format", "json", query))

    def one(self, query):
        (row,) = self.sql(query)
        return row

    def begin(self):
        self.seine("init", self.name, "--buckets", "4")

    def fill(self, *files):
        self.seine("ingest", "--lake", self.name, *(files or self.files))
        self.seine("refresh", "--lake", self.name)


def make(style, folder):
    start, form = STYLES[style]
    program.seine(folder, "generate", "ais", "--out", "days", "--days", DAYS, "--vessels", 200, "--style", style,
                  "--start", start, "--format", form)
    lake = Lake(folder)
    lake.begin()
    lake.fill()


def check_silver(lake):
    found = lake.sql("SELECT CAST(CAST(ts AT TIME ZONE 'UTC' AS DATE) AS VARCHAR) AS day, count(*) AS rows, "
                     "count(*) - count(sog) AS null_sog, count(*) - count(cog) AS null_cog, "
                     "count(*) - count(heading) AS null_heading FROM silver.ais GROUP BY 1 ORDER BY 1")
    equal(found, lake.truth["silver"], "silver.ais")
    found = lake.one("SELECT count(DISTINCT mmsi) AS movers, count(*) AS rows, "
                     "(SELECT count(*) FROM (SELECT DISTINCT mmsi, ts FROM silver.ais)) AS keys FROM silver.ais")
    expected = lake.truth["silver_rows"]
    equal(found, {"movers": lake.truth["silver_movers"], "rows": expected, "keys": expected}, "silver.ais")


def check_rejects(lake):
    found = lake.sql("SELECT source_file, regexp_extract(reason, '^[a-z]+') AS word, count(*) AS rows "
                     "FROM silver.ais_rejects GROUP BY ALL ORDER BY ALL")
    expected = [{"source_file": file["name"], "word": word, "rows": rows} for file in lake.truth["files"]
                for word, rows in sorted(file["rejects_by_reason"].items())]
    equal(found, expected, "silver.ais_rejects")


def check_gaps(lake):
    found = lake.sql("SELECT mmsi, strftime(start_ts AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS last_fix, "
                     "strftime(end_ts AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS next_fix "
                     "FROM events.ais_gaps ORDER BY mmsi, start_ts")
    expected = [{key: silence[key] for key in ("mmsi", "last_fix", "next_fix")}
                for silence in lake.truth["silences"] if silence["is_gap_over_6h"]]
    equal(found, sorted(expected, key=lambda gap: (gap["mmsi"], gap["last_fix"])), "events.ais_gaps")
    assert any(gap["next_fix"] is None for gap in expected) and any(gap["next_fix"] for gap in expected)


def check_all(lake):
    check_silver(lake)
    check_rejects(lake)
    check_gaps(lake)
    lake.seine("verify", "--lake", lake.name)


def older_archives_end_in_what_the_truth_file_says():
    with own_folder() as folder:
        make("2018", folder)
        check_all(Lake(folder))


def newer_archives_end_in_what_the_truth_file_says(lake):
    check_all(lake)


def days_one_by_one_and_backwards_end_in_the_same_tables(lake):
    other = Lake(lake.folder, "other")
    other.begin()
    for name in reversed(lake.files):
        other.fill(name)
    check_all(other)


def a_second_run_changes_nothing(lake):
    before = lake.sql("SELECT event_id, version FROM events.ais_gaps ORDER BY ALL")
    lake.fill()
    equal(lake.sql("SELECT event_id, version FROM events.ais_gaps ORDER BY ALL"), before, "events.ais_gaps")
    check_silver(lake)


def bad_input_is_one_line_and_leaves_the_lake_as_it_was(lake):
    (lake.folder / "none.csv").write_text("", encoding="utf-8")
    (lake.folder / "header.csv").write_text("name,when,where\nx,y,z\n", encoding="utf-8")
    (lake.folder / "broken.csv.zst").write_bytes((lake.folder / lake.files[0]).read_bytes()[:-5000])
    (lake.folder / "other").mkdir()
    other = lake.folder / "other" / Path(lake.files[0]).name
    other.write_bytes((lake.folder / lake.files[1]).read_bytes())
    for words, expected in (((f"{lake.folder}/missing.csv",), "missing.csv"), (("none.csv",), "none.csv"),
                            (("header.csv",), "when"), (("broken.csv.zst",), "broken.csv.zst"),
                            ((str(other),), "--replace")):
        result = lake.run("ingest", "--lake", "lake", *words)
        assert result.returncode == 1, f"{words}: {result.returncode}"
        lines = result.stderr.strip().split("\n")
        assert any(expected in line for line in lines) and len(lines) <= 2, f"{words}: {result.stderr!r}"
    check_silver(lake)
    lake.seine("verify", "--lake", "lake")


def commands_without_a_lake_say_so(lake):
    for words in (("ingest", "--lake", "nowhere", lake.files[0]), ("refresh", "--lake", "nowhere"),
                  ("sql", "--lake", "nowhere", "SELECT 1"), ("verify", "--lake", "nowhere"),
                  ("source", "ls", "--lake", "nowhere"), ("table", "ls", "--lake", "nowhere")):
        result = lake.run(*words)
        assert result.returncode == 1, f"{words}: {result.returncode} {result.stderr!r}"
        assert "nowhere" in result.stderr and result.stderr.count("\n") <= 2, f"{words}: {result.stderr!r}"
        assert not (lake.folder / "nowhere").exists()


def a_lake_moved_newer_or_locked_says_so(lake):
    (lake.folder / "lake").rename(lake.folder / "elsewhere")
    result = lake.run("sql", "--lake", "elsewhere", "SELECT 1")
    assert result.returncode != 0 and result.stderr.count("\n") == 1 and "moved" in result.stderr, result.stderr
    (lake.folder / "elsewhere").rename(lake.folder / "lake")
    catalog = sqlite3.connect(lake.folder / "lake" / "catalog.db", isolation_level=None)
    catalog.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    hasty = program.preloaded("preload_haste", SEINE_HASTE=str(HASTE))
    result = lake.run("ingest", "--lake", "lake", lake.files[0], env=hasty)
    assert time.monotonic() - started > WAIT_S / HASTE * 0.8, "the lock was not waited for"
    assert result.returncode == 1 and result.stderr.count("\n") == 1 and "lock" in result.stderr, result.stderr
    catalog.execute("ROLLBACK")
    ((version,),) = catalog.execute("PRAGMA user_version").fetchall()
    catalog.execute(f"PRAGMA user_version = {version + 1}")
    result = lake.run("sql", "--lake", "lake", "SELECT 1")
    assert result.returncode == 1 and result.stderr.count("\n") == 1 and "newer" in result.stderr, result.stderr
    catalog.close()


TESTS = [older_archives_end_in_what_the_truth_file_says, newer_archives_end_in_what_the_truth_file_says,
         days_one_by_one_and_backwards_end_in_the_same_tables, a_second_run_changes_nothing,
         bad_input_is_one_line_and_leaves_the_lake_as_it_was, commands_without_a_lake_say_so,
         a_lake_moved_newer_or_locked_says_so]


if __name__ == "__main__":
    with own_folder() as place:
        kept = Kept(place, functools.partial(make, "2025"))

        @contextlib.contextmanager
        def kept_lake():
            with kept as folder:
                yield Lake(folder)

        main(TESTS, kept_lake)
