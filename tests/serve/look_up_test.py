#!/usr/bin/env python3
"""Tracks and histories: the same bytes whether pages are read directly or another program's files by SQL."""
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, seine
from harness.server import serving
from harness.tap import Skip, main
from small_lake import make_lake, row, write_day

VESSELS = ("111000111", "222000222", "444000444", "999999999")
ANSWERS = ("track", "track.geojson", "track.ndjson", "track?tolerance_m=500", "track?start=2025-01-01T23:00:00Z&end=2025-01-02T01:00:00Z",
           "track?start=2025-01-02T00:30:00Z&end=2025-01-02T00:30:00Z", "history", "history?days=0", "history?days=1&limit=50",
           "history?limit=1", "history.ndjson", "history.csv", "history.geojson", "history.parquet", "history.parquet?limit=49")


def answers(server):
    found = {}
    for vessel in VESSELS:
        for what in ANSWERS:
            status, headers, body = server.ask(f"/api/v1/vessels/{vessel}/{what}")
            # The only format that a route may not have is refused the same way.
            found[vessel, what] = (status, headers["content-type"], body)
    return found


def by_sql(server):
    """How many look-ups needed SQL."""
    (count,) = server.metric("seine_look_ups_by_sql_total ")
    return count


def rewrite(path):
    """The same rows and field ids, as another program writes them."""
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise Skip("pyarrow is not installed") from error
    table = pq.ParquetFile(path).read()
    pq.write_table(table, path)


def files_of(folder, table):
    return sorted(Path(folder, "lake", *table.split("."), "data").rglob("*.parquet"))


def foreign_files_give_the_same_answers(folder):
    make_lake(folder)
    tables = ("silver.ais", "silver.ais_enriched")
    with serving(folder, "--rate", "0") as server:
        expected = answers(server)
        equal(by_sql(server), 0, "files of this program need no SQL")
    equal(expected["222000222", "history"][0], 200, "status")
    # First one file of each table in the middle of the days, then all of them.
    for table in tables:
        rewrite(files_of(folder, table)[len(files_of(folder, table)) // 2])
    with serving(folder, "--rate", "0") as server:
        found = answers(server)
        assert by_sql(server) > 0, "a foreign file needs SQL"
    for key, value in expected.items():
        equal(found[key], value, f"one foreign file: {key}")
    for table in tables:
        for path in files_of(folder, table):
            rewrite(path)
    with serving(folder, "--rate", "0") as server:
        found = answers(server)
        assert by_sql(server) >= len(VESSELS), "foreign files need SQL"
    for key, value in expected.items():
        equal(found[key], value, f"foreign files: {key}")


def before_refresh_ports_are_null(folder):
    make_lake(folder, refresh=False, ports=False)
    with serving(folder, "--rate", "0") as server:
        found = server.json("/api/v1/vessels/222000222/history?days=1")
        expected = answers(server)
        equal((found["count"], by_sql(server)), (96, 0), "two days, read directly")
        equal({(one["nearest_port"], one["distance_to_port"]) for one in found["history"]}, {(None, None)}, "no ports yet")
        times = [one["timestamp"] for one in found["history"]]
        equal(times, sorted(times, reverse=True), "newest first")
    for path in files_of(folder, "silver.ais"):
        rewrite(path)
    with serving(folder, "--rate", "0") as server:
        equal(answers(server), expected, "by SQL")


def a_late_fix_stands_at_its_time(folder):
    make_lake(folder, refresh=False, ports=False)
    late = [row("222000222", "2025-01-02T10:10:00", 33.6, -118.5, 1.0, "MORNING STAR")]
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, "late.csv", late))
    with serving(folder) as server:
        found = server.json("/api/v1/vessels/222000222/track")
        times = [point[0] for point in found["points"]]
        equal((found["points_total"], times), (145, sorted(times)), "in order of time")
        assert 1735812600000 in times, "the late one"


def a_damaged_file_is_a_failure_not_an_answer(folder):
    make_lake(folder, refresh=False, ports=False)
    for path in files_of(folder, "silver.ais"):
        bytes_ = bytearray(path.read_bytes())
        bytes_[4:40] = bytes(36)
        path.write_bytes(bytes_)
    with serving(folder) as server:
        status, _, body = server.ask("/api/v1/vessels/222000222/track")
        equal(status, 500, "damaged")
        assert b"internal error" in body and b"parquet" not in body, body
        assert "damaged" in server.errors(), "the log tells the file and the place"
        equal(server.json("/health/live"), {"status": "live"}, "still serving")


TESTS = [foreign_files_give_the_same_answers, before_refresh_ports_are_null, a_late_fix_stands_at_its_time,
         a_damaged_file_is_a_failure_not_an_answer]

if __name__ == "__main__":
    main(TESTS)
