#!/usr/bin/env python3
"""seine trace: a position leads back to the bytes it came from and on to every row it went into."""
import gzip
import hashlib
import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import HEADER, lake_of, look_at
from harness.program import SHARED, equal, refused, seine, sql
from harness.tap import Skip, main

FIRST = [
    "111,2025-01-01T00:00:00,10,20,1,",
    "111,2025-01-01T06:00:00,91,20,1,NOWHERE",
    "111,2025-01-01T20:00:00,11,21,1,\"A, \"\"quoted\"\" name\"",
    "222,2025-01-01T20:00:00,12,22,1,OTHER",
    "111,2025-01-01T20:00:00,11.5,21.5,1,AGAIN",
]
SECOND = ["222,2025-01-01T01:00:00,12,22,1,", "111,2025-01-01T20:00:00Z,13,23,1,LATE", "111,2025-01-01T21:00:00,14,24,1,"]
TWO = {"AIS_2025_01_01.csv": FIRST, "other.csv": SECOND}


def trace(folder, mmsi, when):
    return json.loads(seine(folder, "trace", "--lake", "lake", "--mmsi", mmsi, "--ts", when, "--json"))


def rows_of(found):
    return [(row["source"], row["source_row"], row["fate"]) for row in found["source_rows"]]


def two_sources(folder):
    look_at(folder, TWO, refresh=True)


def the_winner_and_what_lost_against_it_are_named(folder):
    two_sources(folder)
    found = trace(folder, "111", "2025-01-01T20:00:00")
    equal(rows_of(found), [("AIS_2025_01_01.csv", 3, "silver"), ("AIS_2025_01_01.csv", 5, "duplicate"),
                           ("other.csv", 2, "duplicate")], "rows")
    equal([row["raw"] for row in found["source_rows"]], [FIRST[2], FIRST[4], SECOND[1]], "bytes as they came")
    row = found["silver"]["row"]
    equal((row["mmsi"], row["ts"], row["lat"], row["lon"], row["name"], row["source_file"], row["source_row"]),
          ("111", "2025-01-01T20:00:00Z", 11.0, 21.0, 'A, "quoted" name', "AIS_2025_01_01.csv", 3), "silver row")
    text = seine(folder, "trace", "--lake", "lake", "--mmsi", "111", "--ts", "2025-01-01T20:00:00")
    for part in (FIRST[2], "other.csv row 2: duplicate", "the row in silver", "events.ais_gaps: ends here"):
        assert part in text, f"{part} is not in the tree:\n{text}"


def the_bronze_path_holds_the_bytes_of_the_sum(folder):
    two_sources(folder)
    row = trace(folder, "222", "2025-01-01T01:00:00")["source_rows"][0]
    content = Path(folder, "lake", row["bronze_path"]).read_bytes()
    equal(hashlib.sha256(content).hexdigest(), row["sha256"], "SHA-256")
    equal(content.decode().splitlines()[row["source_row"]], row["raw"], "line of the file")


def the_silver_place_holds_the_row(folder):
    two_sources(folder)
    for mmsi, when in (("111", "2025-01-01T20:00:00Z"), ("111", "2025-01-01T21:00:00Z"), ("222", "2025-01-01T20:00:00Z")):
        silver = trace(folder, mmsi, when)["silver"]
        (row,) = sql(folder, f"SELECT mmsi, ts FROM read_parquet('{silver['file']}', file_row_number = true, "
                             f"hive_partitioning = false) WHERE file_row_number = {silver['file_row']}")
        equal(row, {"mmsi": mmsi, "ts": when}, "row at that place")


def a_rejected_row_tells_its_reason(folder):
    two_sources(folder)
    found = trace(folder, "111", "2025-01-01T06:00:00")
    equal((found["silver"], rows_of(found), found["derived"]), (None, [("AIS_2025_01_01.csv", 2, "rejected")], []), "rows")
    (row,) = found["source_rows"]
    equal(row["raw"], FIRST[1], "bytes as they came")
    assert row["reason"].startswith("position"), row["reason"]


def a_position_nobody_told_is_an_error_with_its_neighbours(folder):
    two_sources(folder)
    refused(folder, 1, "before it 2025-01-01T00:00:00Z, after it 2025-01-01T20:00:00Z",
            "trace", "--lake", "lake", "--mmsi", "111", "--ts", "2025-01-01T12:00:00")
    refused(folder, 1, "no position of 999", "trace", "--lake", "lake", "--mmsi", "999", "--ts", "2025-01-01T12:00:00")
    refused(folder, 1, "no position of", "trace", "--lake", "lake", "--mmsi", "' OR '1'='1", "--ts", "2025-01-01T12:00:00")
    refused(folder, 2, "not a time", "trace", "--lake", "lake", "--mmsi", "111", "--ts", "noon")
    refused(folder, 2, "are needed", "trace", "--lake", "lake", "--mmsi", "111")


def events_know_their_first_and_last_position_and_run(folder):
    two_sources(folder)
    manifests = {row["id"]: row for row in json.loads(seine(folder, "runs", "--lake", "lake", "--json"))}
    (event,) = sql(folder, "SELECT event_id FROM events.ais_gaps WHERE mmsi = '111' AND is_closed")
    for when, role in (("2025-01-01T00:00:00", "start"), ("2025-01-01T20:00:00", "end")):
        found = trace(folder, "111", when)
        (hit,) = [hit for hit in found["derived"] if hit["table"] == "events.ais_gaps"]
        equal((hit["role"], hit["row"]["event_id"]), (role, event["event_id"]), when)
        equal(hit["run"]["command"], "refresh", "run of the event")
        equal(manifests[hit["run"]["id"]]["tables"]["events.ais_gaps"]["after"], hit["snapshot"], "snapshot of the run")
        equal(found["silver"]["run"]["command"], "ingest", "run of the silver row")


def gold_rows_of_the_hour_are_found(folder):
    two_sources(folder)
    tables = {row["table"] for row in json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json"))}
    if "gold.ais_hourly_h3" not in tables:
        raise Skip("this build has no gold tables")
    hits = [hit for hit in trace(folder, "111", "2025-01-01T20:00:00")["derived"] if hit["table"] == "gold.ais_hourly_h3"]
    equal([(hit["role"], hit["row"]["mmsi"], hit["row"]["hour_ts"]) for hit in hits], [("hour", "111", "2025-01-01T20:00:00Z")],
          "rows of the hour")
    equal(hits[0]["run"]["command"], "refresh", "run of the gold row")


def pairs_of_the_day_are_found_and_of_no_other(folder):
    lake_of(folder, {f"AIS_2025_01_0{day}.csv": [f"{mmsi},2025-01-0{day}T{hour:02d}:00:00,{hour},20,12,"
                                              for mmsi in ("111", "222") for hour in range(1, 5)] for day in (1, 2)})
    seine(folder, "refresh", "--lake", "lake")
    hits = [hit for hit in trace(folder, "111", "2025-01-02T03:00:00")["derived"]
            if hit["table"] in ("gold.ais_companions_daily", "gold.ais_pairs_daily")]
    equal([(hit["table"], hit["role"], hit["row"].get("dt", hit["row"].get("day_date"))) for hit in hits],
          [("gold.ais_companions_daily", "day", "2025-01-02"), ("gold.ais_pairs_daily", "day", "2025-01-02")], "rows of the day")


def the_next_source_wins_when_the_first_is_removed(folder):
    lake_of(folder, TWO)
    seine(folder, "refresh", "--lake", "lake")
    seine(folder, "source", "rm", "--lake", "lake", "AIS_2025_01_01.csv", now="2026-01-02T00:00:00Z")
    found = trace(folder, "111", "2025-01-01T20:00:00")
    equal(rows_of(found), [("other.csv", 2, "silver")], "rows")
    equal(found["silver"]["run"]["command"], "source rm", "run of the silver row")


def rows_are_counted_over_members_quotes_and_empty_lines(folder):
    text = (HEADER + "\r\n111,2025-01-01T00:00:00,1,2,0,\"two\nlines\"\r\n\r\n111,2025-01-01T01:00:00,1,2,0,\r\n")
    with zipfile.ZipFile(Path(folder, "AIS_2025_01_01.zip"), "w") as archive:
        archive.writestr("a.csv", text)
        archive.writestr("b.csv", HEADER + "\n\n111,2025-01-01T02:00:00,1,2,0,LAST")
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--lake", "lake", "AIS_2025_01_01.zip")
    expected = [("2025-01-01T00:00:00", 1, '111,2025-01-01T00:00:00,1,2,0,"two\nlines"'),
                ("2025-01-01T01:00:00", 2, "111,2025-01-01T01:00:00,1,2,0,"),
                ("2025-01-01T02:00:00", 3, "111,2025-01-01T02:00:00,1,2,0,LAST")]
    for when, number, raw in expected:
        (row,) = trace(folder, "111", when)["source_rows"]
        equal((row["source_row"], row["raw"], row["fate"]), (number, raw, "silver"), when)


def rows_of_real_archives_are_their_lines(folder):
    files = sorted((SHARED / "data" / "noaa_days").glob("*")) if SHARED.is_dir() else []
    files = [path for path in files if path.suffix in (".zip", ".gz")]
    if not files:
        raise Skip("the real days of SEINE_SHARED are not here")
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--lake", "lake", *files)
    lines = {}
    for path in files:
        if path.suffix == ".gz":
            text = gzip.decompress(path.read_bytes())
        else:
            with zipfile.ZipFile(path) as archive:
                (name,) = archive.namelist()
                text = archive.read(name)
        lines[path.name] = [line for line in text.decode().splitlines() if line]
    sample = sql(folder, "SELECT mmsi, ts, source_file, source_row FROM silver.ais "
                         "WHERE hash(mmsi, ts) % 40000 = 7 ORDER BY mmsi, ts LIMIT 12")
    assert len(sample) > 2, sample
    for row in sample:
        found = trace(folder, row["mmsi"], row["ts"])["source_rows"]
        (winner,) = [line for line in found if line["fate"] == "silver"]
        equal((winner["source"], winner["source_row"]), (row["source_file"], row["source_row"]), "winner")
        equal(winner["raw"], lines[row["source_file"]][row["source_row"]], "line")
        for line in found:
            assert row["mmsi"] in line["raw"], line


main([the_winner_and_what_lost_against_it_are_named, the_bronze_path_holds_the_bytes_of_the_sum,
      the_silver_place_holds_the_row, a_rejected_row_tells_its_reason, a_position_nobody_told_is_an_error_with_its_neighbours,
      events_know_their_first_and_last_position_and_run, gold_rows_of_the_hour_are_found,
      pairs_of_the_day_are_found_and_of_no_other,
      the_next_source_wins_when_the_first_is_removed, rows_are_counted_over_members_quotes_and_empty_lines,
      rows_of_real_archives_are_their_lines])
