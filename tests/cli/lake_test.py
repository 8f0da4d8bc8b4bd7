#!/usr/bin/env python3
"""A lake at the command line: real days against oracles, no trace of order or threads, one clear line for bad input.

Environment: SEINE_BIN, the program; SEINE_SHARED, the folder of real data (its tests are skipped where it is absent).
"""
import contextlib
import csv
import functools
import gzip
import json
import shutil
import sqlite3
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL, ROOT, equal, real_days, refused, run, seine, shared_file, sql
from harness.tap import main, program_folder

# What says when a row was made and by which run is no part of the promise.
DUMPS = {
    "silver.ais": "SELECT * EXCLUDE (source_url, ingested_at) FROM silver.ais ORDER BY mmsi, ts",
    "silver.ais_rejects": "SELECT * EXCLUDE (ingested_at) FROM silver.ais_rejects ORDER BY source_file, source_row, reason",
    "events.ais_gaps": "SELECT * EXCLUDE (version) FROM events.ais_gaps ORDER BY event_id",
    "events.ais_gaps_history": "SELECT * EXCLUDE (version, recorded_at) FROM events.ais_gaps_history ORDER BY event_id",
    "state.ais_gaps": "SELECT mover, day, fix_hash, hex(state) FROM state.ais_gaps ORDER BY mover, day",
    "state.ais_gaps_head": "SELECT mover, day, fix_hash, hex(state) FROM state.ais_gaps_head ORDER BY mover",
}


def fill(folder, files, *options, threads="2"):
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--lake", "lake", "--threads", threads, *files)
    seine(folder, "refresh", "--lake", "lake", "--threads", threads, *options)


@functools.cache
def whole(*options):
    """The folder of a lake of all real days at once, by two threads; cases only read it."""
    folder = program_folder()
    fill(folder, real_days(), *options)
    return folder


def real_days_match_their_oracles():
    folder = whole("--by", "mover")
    oracle = json.loads(shared_file("oracles", "real_days", "silver.json").read_text(encoding="utf-8"))
    sources = {row["name"]: row for row in json.loads(seine(folder, "source", "ls", "--lake", "lake", "--json"))}
    for name, expected in oracle["files"].items():
        found = sources[name]
        equal((found["rows"], found["silver"], found["duplicates"], found["rejects"]),
              (expected["rows"], expected["silver"], expected["duplicates"], sum(expected["rejects"].values())), name)
    (totals,) = sql(folder, "SELECT count(*) AS silver_rows, count(DISTINCT mmsi) AS vessels, "
                            "CAST(sum(CAST(round(lat * 1e6) AS BIGINT)) AS BIGINT) AS sum_lat_e6, "
                            "CAST(sum(CAST(round(lon * 1e6) AS BIGINT)) AS BIGINT) AS sum_lon_e6 FROM silver.ais")
    for key, value in totals.items():
        equal(int(value), oracle[key], key)
    check_gaps(folder)
    assert "all is well" in seine(folder, "verify", "--lake", "lake", "--deep")


def check_gaps(folder):
    with gzip.open(shared_file("oracles", "real_days", "gaps.csv.gz"), "rt", encoding="utf-8") as file:
        expected = {row["gap_id"]: row for row in csv.DictReader(file)}
    found = {row["event_id"]: row for row in sql(folder, "SELECT *, epoch(start_ts) AS start_s, epoch(end_ts) AS end_s "
                                                         "FROM events.ais_gaps")}
    equal(set(found), set(expected), "gap ids")
    columns = {"start_s": "start_timestamp", "end_s": "end_timestamp", "start_lat": "start_lat", "end_lon": "end_lon",
               "distance_m": "distance_m", "duration_h": "duration_h", "implied_speed_knots": "implied_speed_knots",
               "positions_hours_before": "positions_hours_before"}
    for gap_id, row in expected.items():
        equal(found[gap_id]["mmsi"], row["ssvid"], gap_id)
        equal(found[gap_id]["is_closed"], row["is_closed"] == "True", gap_id)
        for ours, theirs in columns.items():
            value = found[gap_id][ours]
            assert (value is None) == (row[theirs] == ""), f"{gap_id} {ours}: {value!r} and {row[theirs]!r}"
            assert value is None or abs(float(value) - float(row[theirs])) < 1e-7, f"{gap_id} {ours}: {value!r}"


def neither_order_nor_threads_show(folder):
    files = real_days()
    expected = {name: sql(whole(), query, form="csv") for name, query in DUMPS.items()}
    assert expected["events.ais_gaps"].count("\n") == 946
    for number, (order, threads) in enumerate(((files[::-1], "1"), *(((files, "1"), (files[::-1], "2")) if FULL else ()))):
        place = folder / str(number)
        place.mkdir()
        fill(place, order, threads=threads)
        for name, query in DUMPS.items():
            assert sql(place, query, form="csv") == expected[name], f"{name} of run {number} differs"


def one_file_at_a_time_ends_in_the_same_tables(folder):
    files = real_days()
    seine(folder, "init", "lake")
    for number in (2, 0, 3, 1):
        seine(folder, "ingest", "--lake", "lake", files[number])
        seine(folder, "refresh", "--lake", "lake")
    for name in ("silver.ais", "events.ais_gaps", "state.ais_gaps", "state.ais_gaps_head"):
        assert sql(folder, DUMPS[name], form="csv") == sql(whole(), DUMPS[name], form="csv"), f"{name} differs"


def bad_input_is_one_clear_line(folder):
    Path(folder, "good.csv").write_text("MMSI,BaseDateTime,LAT,LON\n1,2025-01-01T00:00:00,1,2\n", encoding="utf-8")
    Path(folder, "empty.csv").write_text("", encoding="utf-8")
    Path(folder, "header.csv").write_text("ship,when\n1,2\n", encoding="utf-8")
    Path(folder, "picture.zip").write_bytes(b"\x89PNG\r\n")
    result = run(folder, "ingest", "--lake", "lake", "good.csv")
    equal((result.returncode, result.stderr),
          (1, "seine ingest: there is no lake at lake; make one with: seine init lake\n"), "lake missing")
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--lake", "lake", "good.csv")
    before = sql(folder, "SELECT * FROM silver.ais")
    cases = {"absent.csv": "no such file", "empty.csv": "empty file", "picture.zip": "neither text nor a zip archive",
             "header.csv": "no MMSI column; columns seen: ship, when"}
    for name, text in cases.items():
        result = run(folder, "ingest", "--lake", "lake", name)
        equal(result.returncode, 1, name)
        lines = [line for line in result.stderr.split("\n") if line]
        assert len(lines) == 1 and text in lines[0] and name in lines[0], f"{name}: {lines}"
    Path(folder, "good.csv").write_text("MMSI,BaseDateTime,LAT,LON\n1,2025-01-01T00:00:00,5,2\n", encoding="utf-8")
    result = run(folder, "ingest", "--lake", "lake", "good.csv")
    assert result.returncode == 1 and "other bytes under this name" in result.stderr, result.stderr
    result = run(folder, "ingest", "--lake", "lake", "--repalce", "good.csv")
    assert result.returncode == 2 and "--replace" in result.stderr, result.stderr
    equal(sql(folder, "SELECT * FROM silver.ais"), before, "silver after refusals")


def a_lake_that_cannot_be_opened_says_why(folder):
    seine(folder, "init", "lake")
    shutil.copytree(Path(folder, "lake"), Path(folder, "moved"))
    result = run(folder, "table", "ls", "--lake", "moved")
    assert result.returncode != 0 and "moved" in result.stderr and result.stderr.count("\n") == 1, result.stderr
    with sqlite3.connect(Path(folder, "lake", "catalog.db")) as database:
        database.execute("PRAGMA user_version = 99")
    result = run(folder, "table", "ls", "--lake", "lake")
    assert result.returncode != 0 and "newer" in result.stderr and result.stderr.count("\n") == 1, result.stderr


def gold_columns(place):
    tables = [row["table"] for row in json.loads(seine(place, "table", "ls", "--lake", "lake", "--json")) if row["table"].startswith("gold.")]
    return {table: [row["column_name"] for row in sql(place, f"DESCRIBE {table}")] for table in tables}


def a_lake_of_every_former_format_opens_with_the_rows_it_had(folder):
    wanted = {}
    for line in seine(folder, "table", "contracts").splitlines():
        if line.startswith("## "):
            columns = wanted.setdefault(line[3:], [])
        if line.startswith("| ") and line[2].isdigit():
            columns.append(line.split("|")[2].strip(" `"))
    wanted = {table: columns for table, columns in wanted.items() if table.startswith("gold.ais_")}
    for archive in sorted((ROOT / "tests" / "data" / "lakes").glob("format_*.tar.xz")):
        place = Path(folder, archive.name.split(".")[0])
        with tarfile.open(archive) as tar:
            tar.extractall(place, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        seine(place, "relocate", "lake")
        for path in sorted((place / "rows").glob("*.csv")):
            now = sql(place, f"SELECT * FROM {path.stem} ORDER BY ALL", form="csv")
            assert now == path.read_text(encoding="utf-8"), f"{archive.name}: {path.stem} has other rows"
        with sqlite3.connect(place / "lake" / "catalog.db") as database:
            ((version,),) = database.execute("PRAGMA user_version").fetchall()
            steps = [row[0] for row in database.execute("SELECT format FROM seine_migration ORDER BY 1")]
        equal(steps, list(range(2, version + 1)), "steps that were run")
        seine(place, "refresh", "--lake", "lake")
        assert "all is well" in seine(place, "verify", "--deep", "--lake", "lake")
        columns = gold_columns(place)
        for table, names in wanted.items():
            equal(columns.get(table), names, f"{archive.name}: columns of {table} after refresh")


def the_past_is_found_by_snapshot_and_time_until_it_expires(folder):
    seine(folder, "init", "lake")
    for day in (1, 2):
        name = f"day{day}.csv"
        Path(folder, name).write_text(f"MMSI,BaseDateTime,LAT,LON\n1,2025-01-0{day}T00:00:00,1,2\n", encoding="utf-8")
        result = run(folder, "ingest", "--lake", "lake", name, now=f"2026-01-0{day}T00:00:00Z")
        equal(result.returncode, 0, result.stderr)
    first = json.loads(seine(folder, "table", "history", "--lake", "lake", "--json", "silver.ais"))[0]["snapshot_id"]
    count = "SELECT count(*) AS n FROM silver.ais"

    def rows_at(moment):
        return json.loads(seine(folder, "sql", "--lake", "lake", "--json", "--at", moment, count))[0]["n"]

    equal([rows_at(first), rows_at("2026-01-01T12:00:00Z"), rows_at("2025-12-31")], [1, 1, 0], "rows of the past")
    result = run(folder, "table", "expire", "--lake", "lake", "--older-than", "0", now="2026-01-03T00:00:00Z")
    equal(result.returncode, 0, result.stderr)
    for moment in (first, "2026-01-01T12:00:00Z"):
        result = run(folder, "sql", "--lake", "lake", "--at", moment, count)
        assert result.returncode == 1 and "expired" in result.stderr, result.stderr


def a_lake_is_told_how_much_of_its_past_it_keeps(folder):
    seine(folder, "init", "lake")
    seine(folder, "table", "expire", "--lake", "lake", "--always", "--older-than", "48", "--keep", "7")
    with contextlib.closing(sqlite3.connect(folder / "lake" / "catalog.db")) as catalog:
        rows = catalog.execute("SELECT key, value FROM seine_setting WHERE key LIKE 'history%' ORDER BY key").fetchall()
    equal(rows, [("history_hours", "48"), ("history_keep", "7")])
    refused(folder, 2, "--always is for all tables", "table", "expire", "--lake", "lake", "--always", "silver.ais")
    refused(folder, 2, "give an hour or more", "table", "expire", "--lake", "lake", "--always", "--older-than", "0")
    seine(folder, "verify", "--lake", "lake")


TESTS = [real_days_match_their_oracles, neither_order_nor_threads_show, one_file_at_a_time_ends_in_the_same_tables,
         bad_input_is_one_clear_line, a_lake_that_cannot_be_opened_says_why,
         a_lake_of_every_former_format_opens_with_the_rows_it_had,
         the_past_is_found_by_snapshot_and_time_until_it_expires, a_lake_is_told_how_much_of_its_past_it_keeps]


if __name__ == "__main__":
    main(TESTS)
