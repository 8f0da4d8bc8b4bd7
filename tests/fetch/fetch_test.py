#!/usr/bin/env python3
"""`seine fetch noaa` and `seine run noaa` against a publisher that misbehaves (publisher.py). Prints TAP.

Environment: SEINE_BIN, the program (default build/release/bin/seine).
"""
import contextlib
import csv
import functools
import inspect
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.program import PATIENCE_S, SANITIZED, equal, real_days, wait_for
from harness.tap import main, own_folder
from publisher import (File, Publisher, chunks, circle, cut, endless_body, endless_headers, page, status, to_login,
                       wrong_length)

DAYS = 3
NAMES = [f"ais-2025-01-{day:02d}.csv.zst" for day in range(1, DAYS + 1)]
FIRST = NAMES[0]
MANY = 100_000  # bytes into an archive
QUICK = ("--backoff", "0.01")
IDLE = "1"  # seconds; a good answer may be late on a busy machine, and is asked for again then
TABLES = {
    "silver.ais": "SELECT * EXCLUDE (ingested_at, source_url) FROM silver.ais",
    "silver.ais_rejects": "SELECT * EXCLUDE (ingested_at) FROM silver.ais_rejects",
    "gold.ais_hourly_h3": "SELECT * EXCLUDE (ingested_at) FROM gold.ais_hourly_h3",
    "events.ais_gaps": "SELECT event_id, mmsi, start_ts, end_ts, is_closed FROM events.ais_gaps",
}


def run(folder, *words):
    return program.run(folder, *words, now=None)


def seine(folder, *words):
    return program.seine(folder, *words, now=None)


def make_archives(folder):
    """Three small days of made traffic; the same bytes every time."""
    seine(folder, "generate", "ais", "--out", "days", "--days", str(DAYS), "--vessels", "24", "--start", "2025-01-01",
          "--style", "2025", "--format", "csv.zst")
    return {name: (Path(folder) / "days" / name).read_bytes() for name in NAMES}


class Bench:
    """An empty lake, a publisher, and the three archives, published."""

    archives = {}

    def __init__(self, folder, publisher, **validators):
        self.folder = Path(folder)
        self.publisher = publisher
        validators = validators or {"etag": '"v1"'}
        for name, content in self.archives.items():
            publisher.publish(name, content, **validators)
        seine(folder, "init", "lake", "--buckets", "2")

    def words(self, command, *more, first=1, last=DAYS):
        return (command, "noaa", "--lake", "lake", "--from", f"2025-01-{first:02d}", "--to", f"2025-01-{last:02d}",
                "--base-url", self.publisher.url, *QUICK, *more)

    def fetch(self, *more, **days):
        """Exit code, outcome by day, summary, stderr."""
        result = run(self.folder, *self.words("fetch", "--json", *more, **days))
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        summary = lines.pop()["summary"] if lines and "summary" in lines[-1] else None
        return result.returncode, {line["day"]: line for line in lines}, summary, result.stderr

    def bronze(self, name=FIRST):
        row = self.sources().get(name, {"state": "none"})
        path = self.folder / "lake/bronze/ais/year=2025/month=01" / f"day={name[12:14]}" / name
        if row["state"] in ("live", "fetched"):  # the ledger names the object
            path = self.folder / "lake" / row["bronze_path"]
        return path.read_bytes() if path.exists() else None

    def sources(self):
        return {row["name"]: row for row in json.loads(seine(self.folder, "source", "ls", "--lake", "lake", "--json"))
                if row["state"] != "replaced"}

    def tables(self):
        """How many rows each table has, and which."""
        query = " UNION ALL ".join(f"SELECT '{name}', count(*), sum(hash(t)) FROM ({query}) t" for name, query in TABLES.items())
        rows = csv.reader(seine(self.folder, "sql", "--lake", "lake", "--format", "csv", query).splitlines()[1:])
        return {name: (int(count), which) for name, count, which in rows}

    def one_day(self):
        """Leaves the first day only."""
        for name in NAMES[1:]:
            del self.publisher.files[f"/2025/{name}"]


@contextlib.contextmanager
def bench():
    with own_folder() as folder, Publisher() as publisher:
        yield Bench(folder, publisher)


def outcome_is(found, expected):
    code, days, _, errors = found
    equal({day: line["outcome"] for day, line in days.items()}, expected, f"outcomes (stderr: {errors[-600:]})")
    equal(code, 1 if "failed" in expected.values() else 0, "exit code")


FETCHED = {f"2025-01-{day:02d}": "fetched" for day in range(1, DAYS + 1)}
PRESENT = {day: "present" for day in FETCHED}
ONE = {"2025-01-01": "fetched"}


# ---- probing

def archives_reach_bronze_byte_for_byte_with_their_ledger_row(b):
    outcome_is(b.fetch(), FETCHED)
    for name, content in b.archives.items():
        equal(b.bronze(name) == content, True, name)
    equal({name: row["state"] for name, row in b.sources().items()}, dict.fromkeys(NAMES, "fetched"), "ledger")
    equal(b.sources()[FIRST]["url"], b.publisher.url.replace("<year>", "2025") + FIRST, "address")
    equal(list((b.folder / "lake/tmp/fetch").iterdir()), [], "parts left")


def a_day_without_an_archive_is_listed_and_is_no_error(b):
    result = run(b.folder, *b.words("fetch", last=5))
    equal(result.returncode, 0, "exit code")
    assert "2 days without an archive: 2025-01-04 to 2025-01-05" in result.stderr, result.stderr


def no_archive_at_all_is_a_warning(b):
    result = run(b.folder, *b.words("fetch", first=10, last=11))
    equal(result.returncode, 0, "exit code")
    assert "warning: no archive at all" in result.stderr, result.stderr


def every_name_is_probed_in_order_by_head_then_get(b):
    b.fetch(first=9, last=9)
    names = [start + end for start in ("AIS_2025_01_09", "ais-2025-01-09")
             for end in (".csv.zst", ".zst", ".zip", ".csv.gz")]
    equal([(kind, path) for kind, path, _ in b.publisher.log],
          [(kind, f"/2025/{name}") for name in names for kind in ("HEAD", "GET")], "requests")


def a_publisher_that_refuses_head_is_asked_by_get(b):
    for name in NAMES:
        b.publisher.fail("HEAD", name, status(405))
    outcome_is(b.fetch(), FETCHED)


def what_the_lake_has_is_not_loaded_again(b):
    b.fetch()
    b.publisher.log.clear()
    outcome_is(b.fetch(), PRESENT)
    equal(b.publisher.requests("GET", FIRST), [], "GET")


def a_file_ingested_by_hand_counts_as_there(b):
    (b.folder / FIRST).write_bytes(b.archives[FIRST])
    seine(b.folder, "ingest", "--lake", "lake", FIRST)
    outcome_is(b.fetch(), FETCHED | {"2025-01-01": "present"})


def a_dry_run_tells_sizes_and_changes_nothing(b):
    code, days, summary, _ = b.fetch("--dry-run")
    equal(code, 0, "exit code")
    equal([line["bytes"] for line in days.values()], [len(content) for content in b.archives.values()], "sizes")
    equal(summary["bytes"], sum(map(len, b.archives.values())), "total")
    equal((b.publisher.requests("GET", FIRST), b.sources(), (b.folder / "lake/tmp/fetch").exists()), ([], {}, False),
          "traces")


# ---- faults

def an_answer_503_twice_is_tried_again(b):
    b.publisher.fail("HEAD", FIRST, status(503), status(503))
    b.publisher.fail("GET", FIRST, status(503), status(503))
    outcome_is(b.fetch(), FETCHED)


def an_answer_429_is_tried_again(b):
    b.publisher.fail("GET", FIRST, status(429, Retry_After="0"), status(429, Retry_After="1"))
    outcome_is(b.fetch(), FETCHED)


def a_publisher_that_stays_down_fails_its_day_only(b):
    b.publisher.fail("GET", FIRST, *[status(503)] * 10)
    found = b.fetch("--retries", "2")
    outcome_is(found, FETCHED | {"2025-01-01": "failed"})
    assert "HTTP 503" in found[1]["2025-01-01"]["message"], found
    equal(len(b.publisher.requests("GET", FIRST)), 3, "tries")
    equal(b.bronze(), None, "bronze")


def a_cut_body_goes_on_where_it_was(b):
    b.publisher.fail("GET", FIRST, cut(MANY))
    outcome_is(b.fetch(), FETCHED)
    first, second = b.publisher.requests("GET", FIRST)
    equal((first.get("Range"), second.get("Range"), second.get("If-Range")), (None, f"bytes={MANY}-", '"v1"'),
          "requests")
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def last_modified_stands_in_for_an_etag(b):
    when = "Wed, 01 Jan 2025 00:00:00 GMT"
    b.publisher.publish(FIRST, b.archives[FIRST], modified=when, etag='W/"weak"')
    b.publisher.fail("GET", FIRST, cut(MANY))
    outcome_is(b.fetch(), FETCHED)
    equal(b.publisher.requests("GET", FIRST)[1].get("If-Range"), when, "If-Range")
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def without_a_validator_a_cut_body_begins_anew(b):
    b.publisher.publish(FIRST, b.archives[FIRST])
    b.publisher.fail("GET", FIRST, cut(MANY))
    outcome_is(b.fetch(), FETCHED)
    equal(b.publisher.requests("GET", FIRST)[1].get("Range"), None, "Range")
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def a_publisher_without_ranges_sends_all_again(b):
    b.publisher.knows_ranges = False
    b.publisher.fail("GET", FIRST, cut(MANY))
    outcome_is(b.fetch(), FETCHED)
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def an_archive_changed_between_two_tries_is_never_mixed(b):
    changed = b.archives[FIRST][:4] + bytes(reversed(b.archives[FIRST][4:]))

    def change(handler, file):
        cut(MANY)(handler, file)
        b.publisher.publish(FIRST, changed, etag='"v2"')
    b.publisher.fail("GET", FIRST, change)
    outcome_is(b.fetch(), FETCHED)
    equal(b.bronze() == changed, True, "bytes")


def a_body_shorter_than_promised_never_reaches_bronze(b):
    b.publisher.fail("GET", FIRST, *[wrong_length(len(b.archives[FIRST]) + 7)] * 10)
    b.publisher.knows_ranges = False
    outcome_is(b.fetch("--retries", "1"), FETCHED | {"2025-01-01": "failed"})
    equal((b.bronze(), FIRST in b.sources()), (None, False), "bronze, ledger")


def head_and_get_that_disagree_on_the_length_are_refused(b):
    b.publisher.fail("HEAD", FIRST, wrong_length(12))
    found = b.fetch("--retries", "1")
    outcome_is(found, FETCHED | {"2025-01-01": "failed"})
    assert "HEAD said 12" in found[1]["2025-01-01"]["message"], found


def an_etag_that_is_an_md5_is_checked(b):
    b.publisher.publish(FIRST, b.archives[FIRST], etag="md5")
    b.publisher.publish(NAMES[1], b.archives[NAMES[1]], etag='"' + "0" * 32 + '"')
    found = b.fetch("--retries", "1")
    outcome_is(found, FETCHED | {"2025-01-02": "failed"})
    assert "MD5" in found[1]["2025-01-02"]["message"], found
    outcome_is(b.fetch("--no-check-etag"), PRESENT | {"2025-01-02": "fetched"})


def a_stalled_body_times_out_and_goes_on(b):
    b.publisher.fail("GET", FIRST, b.publisher.hold(MANY))
    outcome_is(b.fetch("--idle-timeout", IDLE), FETCHED)
    equal(b.publisher.requests("GET", FIRST)[1].get("Range"), f"bytes={MANY}-", "Range")
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def a_trickle_times_out(b):
    b.publisher.fail("GET", FIRST, b.publisher.trickle)
    outcome_is(b.fetch("--idle-timeout", IDLE), FETCHED)
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def a_redirect_to_http_is_followed(b):
    b.publisher.files[f"/elsewhere/{FIRST}"] = b.publisher.files.pop(f"/2025/{FIRST}")
    for method in ("HEAD", "GET"):
        b.publisher.fail(method, FIRST, *[status(302, Location=f"/elsewhere/{FIRST}")] * 3)
    outcome_is(b.fetch(), FETCHED)
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def a_redirect_to_another_scheme_is_refused(b):
    (b.folder / FIRST).write_bytes(b.archives[FIRST])
    for method in ("HEAD", "GET"):
        b.publisher.fail(method, FIRST, *[status(302, Location=f"file://{b.folder}/{FIRST}")] * 10)
    outcome_is(b.fetch(), FETCHED | {"2025-01-01": "failed"})
    equal(b.bronze(), None, "bronze")


# ---- runs that end

def start(b, *words):
    return program.start(b.folder, *words, now=None, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def kill(process):
    process.kill()
    process.communicate()


def hold_and_kill(b, name=FIRST):
    """Kills a fetch when bytes of an archive are on the lake's disk."""
    part = b.folder / "lake/tmp/fetch" / f"{name}.part"
    b.publisher.fail("GET", name, b.publisher.hold(MANY))
    process = start(b, *b.words("run"))
    wait_for(lambda: part.exists() and part.stat().st_size == MANY, "a part")
    kill(process)
    b.publisher.released.set()


def a_killed_download_goes_on_in_the_next_run(b):
    hold_and_kill(b)
    b.publisher.log.clear()
    found = b.fetch()
    equal(found[1]["2025-01-01"]["resumed"], MANY, "resumed")
    equal([headers.get("Range") for headers in b.publisher.requests("GET", FIRST)], [f"bytes={MANY}-"], "Range")
    equal(b.bronze() == b.archives[FIRST], True, "bytes")


def a_killed_download_of_a_changed_archive_begins_anew(b):
    hold_and_kill(b)
    changed = b.archives[NAMES[1]]
    b.publisher.publish(FIRST, changed, etag='"v2"')
    found = b.fetch()
    equal(found[1]["2025-01-01"]["resumed"], 0, "resumed")
    equal(b.bronze() == changed, True, "bytes")


def two_fetches_at_once_do_not_meet(b):
    b.publisher.fail("GET", FIRST, b.publisher.hold(MANY))
    process = start(b, *b.words("fetch"))
    assert b.publisher.reached.wait(PATIENCE_S)
    second = run(b.folder, *b.words("fetch"))
    b.publisher.released.set()
    process.communicate()
    equal((second.returncode, "is held by pid" in second.stderr), (1, True), second.stderr)


def run_undisturbed(b):
    seine(b.folder, *b.words("run"))
    return b.tables()


@functools.cache
def undisturbed():
    """What a run that nothing disturbs ends in."""
    with bench() as b:
        return run_undisturbed(b)


def check_run_after_kill(b, disturb):
    expected = undisturbed()
    disturb(b)
    seine(b.folder, *b.words("run"))
    found = b.tables()
    for name, rows in expected.items():
        assert rows[0] > 0, f"{name} is empty"
        equal(found[name], rows, name)
    seine(b.folder, "verify", "--lake", "lake", "--deep")
    equal(sorted(b.sources()), NAMES, "sources")


def a_run_killed_in_its_first_archive_ends_in_the_same_tables(b):
    check_run_after_kill(b, hold_and_kill)


def a_run_killed_in_its_last_archive_ends_in_the_same_tables(b):
    check_run_after_kill(b, lambda bench: hold_and_kill(bench, NAMES[-1]))


def kill_at_line(b, key, value):
    """Kills a run when it has told of a file."""
    process = start(b, *b.words("run", "--json"))
    for line in process.stdout:
        if json.loads(line).get(key) == value:
            break
    kill(process)


def a_run_killed_when_an_archive_is_in_bronze_ends_in_the_same_tables(b):
    check_run_after_kill(b, lambda bench: kill_at_line(bench, "outcome", "fetched"))


def a_run_killed_behind_its_ingest_ends_in_the_same_tables(b):
    check_run_after_kill(b, lambda bench: kill_at_line(bench, "outcome", "added"))


def a_run_killed_between_bronze_and_ledger_ends_in_the_same_tables(b):
    """The archive stands in bronze and its part is there, but the ledger says nothing: as a crash there leaves it."""
    def disturb(bench):
        bench.publisher.fail("GET", FIRST, bench.publisher.hold(len(bench.archives[FIRST]) - 1))
        process = start(bench, *bench.words("fetch", last=1))
        part = bench.folder / "lake/tmp/fetch" / f"{FIRST}.part"
        wait_for(lambda: part.exists() and part.stat().st_size == len(bench.archives[FIRST]) - 1, "a part")
        kill(process)
        part.write_bytes(bench.archives[FIRST])
        bronze = bench.folder / "lake/bronze/ais/year=2025/month=01/day=01"
        bronze.mkdir(parents=True)
        os.link(part, bronze / FIRST)
        bench.publisher.released.set()
        bench.publisher.log.clear()
    check_run_after_kill(b, disturb)
    equal(b.publisher.requests("GET", FIRST), [], "nothing is loaded twice")


def a_second_run_changes_nothing(b):
    before = run_undisturbed(b)
    line = seine(b.folder, *b.words("run")).splitlines()[-1]
    assert "0 archives fetched" in line and "up to date" in line, line
    equal(b.tables(), before, "tables")


# ---- archives published again, corrupt ones

def check_lake(b):
    seine(b.folder, "refresh", "--lake", "lake")
    seine(b.folder, "verify", "--lake", "lake", "--deep")


def a_source_from_elsewhere_is_not_replaced_by_name_alone(b):
    b.one_day()
    (b.folder / FIRST).write_bytes(b.archives[NAMES[1]])  # other bytes, as a generated day of that name has
    seine(b.folder, "ingest", "--lake", "lake", FIRST)
    before = b.sources()[FIRST]
    found = b.fetch(last=1)
    outcome_is(found, {"2025-01-01": "failed"})
    assert before["url"] in found[1]["2025-01-01"]["message"] and "--replace" in found[1]["2025-01-01"]["message"], found
    equal(len(b.publisher.requests("GET", FIRST)), 0, "downloads")
    equal(run(b.folder, *b.words("run", last=1)).returncode, 1, "run noaa")
    equal(b.sources()[FIRST], before, "ledger")
    outcome_is(b.fetch("--replace", last=1), {"2025-01-01": "replaced"})


def an_archive_published_again_takes_the_place_of_the_former(b):
    b.one_day()
    seine(b.folder, *b.words("run"))
    before = b.bronze()
    b.publisher.publish(FIRST, b.archives[NAMES[1]], etag='"v2"')
    outcome_is(b.fetch(last=1), {"2025-01-01": "replaced"})
    equal(b.bronze() == b.archives[NAMES[1]], True, "new bytes")
    kept = sorted((b.folder / "lake/bronze").rglob(f"{FIRST}*"))
    equal([path.read_bytes() == before for path in kept], [True, False], "former bytes under their name, new ones")
    seine(b.folder, "verify", "--lake", "lake", "--deep")  # the former ones still feed silver
    seine(b.folder, "ingest", "--lake", "lake", "--fetched")
    check_lake(b)
    (row,) = json.loads(seine(b.folder, "sql", "--lake", "lake", "--format", "json",
                              "SELECT min(ts) >= '2025-01-01 23:00:00+00' AS is_new FROM silver.ais"))
    equal(row["is_new"], True, "rows of the former archive are gone")


def an_archive_in_bronze_stays_when_its_part_is_begun_anew(b):
    """A run killed behind its commit leaves the part, which is the very file that stands in bronze."""
    b.one_day()
    b.fetch(last=1)
    before = b.bronze()
    (standing,) = (b.folder / "lake/bronze").rglob(f"{FIRST}*")
    folder = b.folder / "lake/tmp/fetch"
    folder.mkdir(parents=True, exist_ok=True)
    os.link(standing, folder / f"{FIRST}.part")
    b.publisher.publish(FIRST, b.archives[NAMES[1]], etag='"v2"')
    outcome_is(b.fetch(last=1), {"2025-01-01": "replaced"})
    equal(standing.read_bytes() == before, True, "former bytes")
    equal(b.bronze() == b.archives[NAMES[1]], True, "new bytes")


def an_archive_published_twice_before_its_ingest_is_ingested_once(b):
    b.one_day()
    b.fetch(last=1)
    b.publisher.publish(FIRST, b.archives[NAMES[1]], etag='"v2"')
    outcome_is(b.fetch(last=1), {"2025-01-01": "replaced"})
    seine(b.folder, "ingest", "--lake", "lake")
    equal([row["state"] for row in b.sources().values()], ["live"], "sources")
    check_lake(b)


def the_same_bytes_under_a_new_etag_are_nothing_new(b):
    b.one_day()
    b.fetch(last=1)
    b.publisher.publish(FIRST, b.archives[FIRST], etag='"v2"')
    outcome_is(b.fetch(last=1), {"2025-01-01": "present"})
    b.publisher.log.clear()
    outcome_is(b.fetch(last=1), {"2025-01-01": "present"})
    equal(b.publisher.requests("GET", FIRST), [], "the new validator is known then")


def a_corrupt_archive_goes_to_quarantine_and_is_not_loaded_again(b):
    b.publisher.publish(FIRST, b.archives[FIRST][:4] + b"not an archive at all", etag='"v1"')
    b.fetch()
    result = run(b.folder, "ingest", "--lake", "lake", "--fetched")
    equal((result.returncode, "quarantined" in result.stderr), (1, True), result.stderr)
    equal((b.bronze(), b.sources()[FIRST]["state"]), (None, "quarantined"), "bronze, ledger")
    equal(len(list((b.folder / "lake/bronze/ais/quarantine").iterdir())), 1, "quarantine")
    outcome_is(b.fetch(), PRESENT)
    b.publisher.publish(FIRST, b.archives[FIRST], etag='"v2"')
    outcome_is(b.fetch(), PRESENT | ONE)
    seine(b.folder, "ingest", "--lake", "lake", "--fetched")
    check_lake(b)


def other_bytes_of_a_waiting_archive_need_replace(b):
    b.one_day()
    b.fetch(last=1)
    (b.folder / FIRST).write_bytes(b.archives[NAMES[1]])
    result = run(b.folder, "ingest", "--lake", "lake", FIRST)
    equal((result.returncode, "--replace" in result.stderr), (1, True), result.stderr)
    seine(b.folder, "ingest", "--lake", "lake", "--replace", FIRST)
    seine(b.folder, "ingest", "--lake", "lake", "--fetched")
    equal([row["state"] for row in b.sources().values()], ["live"], "sources")
    equal(b.bronze() == b.archives[NAMES[1]], True, "bytes")
    check_lake(b)


# ---- mirrors and previews

def a_folder_is_a_mirror_with_and_without_its_year(b):
    for base in ("flat", "yearly"):
        place = b.folder / base / ("2025" if base == "yearly" else "")
        place.mkdir(parents=True)
        for name, content in b.archives.items():
            (place / name).write_bytes(content)
    for lake, base in (("one", "flat"), ("two", "yearly"), ("three", f"file://{b.folder}/yearly"),
                       ("four", f"file://{b.folder}/yearly/<year>/")):
        seine(b.folder, "init", lake, "--buckets", "2")
        seine(b.folder, "run", "noaa", "--lake", lake, "--from", "2025-01-01", "--to", "2025-01-03", "--base-url", base)
        rows = json.loads(seine(b.folder, "source", "ls", "--lake", lake, "--json"))
        equal([(row["name"], row["state"], row["url"][:8]) for row in rows],
              [(name, "live", "file:///") for name in NAMES], base)


def four_real_days_end_as_if_ingested_by_hand(b):
    """One day under each form of name: .zip, .csv.gz, .csv.zst of both generations."""
    files = real_days()
    for path in files:
        b.publisher.files[f"/2018/{path.name}"] = File(path.read_bytes(), '"v1"')
    seine(b.folder, "run", "noaa", "--lake", "lake", "--from", "2018-05-31", "--to", "2018-06-05", "--base-url",
          b.publisher.url, *QUICK)
    found = b.tables()
    equal(sorted(b.sources()), sorted(path.name for path in files), "sources")
    with bench() as by_hand:
        other = by_hand.folder
        seine(other, "ingest", "--lake", "lake", *map(str, files))
        seine(other, "refresh", "--lake", "lake")
        for name, rows in by_hand.tables().items():
            assert rows[0] > 0 or name.endswith("rejects"), f"{name} is empty"
            equal(found[name], rows, name)
    seine(b.folder, "verify", "--lake", "lake", "--deep")


PAGE = """<html><a href="https://example.org/">up</a> AIS_2025_05_05.zip is no link
<A class=x HREF="AIS_2025_01_02.zip">January</A>
<a href='#' onclick="load('ais-2025-01-03.csv.zst')">third</a><a href="#">ais_2025_01_01.ZIP</a>
<a href="AIS_2025_01_04.csv.gz">no</a><a href="AIS_2024_01_04.zip">no</a><a href="AIS_2025_02_30.zip">no</a></html>"""


def preview(b):
    lines = seine(b.folder, "fetch", "noaa", "--lake", "lake", "--preview", "2025", "--limit", "0", "--json",
                  "--base-url", b.publisher.url, *QUICK).splitlines()
    return [json.loads(line)["name"] for line in lines]


def a_preview_takes_the_links_of_the_index(b):
    b.publisher.publish("index.html", PAGE.encode())
    equal(preview(b), ["AIS_2025_01_02.zip", "ais-2025-01-03.csv.zst", "AIS_2025_01_04.csv.gz"], "names")


def a_preview_lists_what_a_fetch_takes(b):
    """One archive per day, whatever else stands there: other forms of its name, names that nobody asks for."""
    more = ["AIS_2025_01_02.zip", "ais-2025-01-02.zip", "ais_2025_01_03.ZIP", "ais-2025-01-04.csv.gz",
            "AIS_2025_01_05.csv"]
    for name in more:
        b.publisher.publish(name, b.archives[FIRST], etag='"v1"')
    links = "".join(f'<a href="{path.rsplit("/", 1)[1]}">x</a>' for path in b.publisher.files)
    by_probing = preview(b)
    b.publisher.publish("index.html", links.encode())
    _, days, _, errors = b.fetch("--dry-run", last=6)
    taken = [line["name"] for _, line in sorted(days.items()) if line["name"]]
    equal(taken, [FIRST, "AIS_2025_01_02.zip", NAMES[2], "ais-2025-01-04.csv.gz"], f"names ({errors})")
    equal((preview(b), by_probing), (taken, taken), "previews with and without an index")
    (b.folder / "mirror").mkdir()
    for path, file in b.publisher.files.items():
        (b.folder / "mirror" / path.rsplit("/", 1)[1]).write_bytes(file.content)
    lines = seine(b.folder, "fetch", "noaa", "--lake", "lake", "--preview", "2025", "--limit", "0", "--json",
                  "--base-url", "mirror").splitlines()
    equal([json.loads(line)["name"] for line in lines], taken, "preview of a folder")


# ---- servers that say 200 for what they do not have

def check_next_name(b, **missing):
    for kind, fault in missing.items():
        b.publisher.missing = fault
        seine(b.folder, "init", kind, "--buckets", "2")
        words = list(b.words("fetch", "--json", last=4))
        words[words.index("lake")] = kind
        result = run(b.folder, *words)
        outcomes = {line["day"]: line["outcome"] for line in map(json.loads, result.stdout.splitlines()) if "day" in line}
        equal((result.returncode, outcomes), (0, FETCHED | {"2025-01-04": "absent"}), f"{kind}: {result.stderr}")
        rows = json.loads(seine(b.folder, "source", "ls", "--lake", kind, "--json"))
        equal([row["name"] for row in rows], NAMES, kind)
        equal(list((b.folder / kind / "tmp/fetch").iterdir()), [], f"{kind}: parts left")


def what_is_no_archive_is_not_this_name(b):
    check_next_name(b, page=page(), octets=page("application/octet-stream"), untyped=page(None), empty=page(None, b""),
                    short=page(None, b"PK"), chunked=chunks(b"<ht", b"ml>"), nothing=chunks())


def a_login_page_behind_a_redirect_is_not_this_name(b):
    b.publisher.files["/login"] = File(b"<html>please log in</html>")
    check_next_name(b, login=to_login)


def files_that_are_no_archives_are_not_this_name(b):
    (b.folder / "mirror").mkdir()
    for name, content in b.archives.items():
        (b.folder / "mirror" / name).write_bytes(content)
        (b.folder / "mirror" / name.replace("ais-", "AIS_").replace("-", "_")).write_bytes(b"")
        (b.folder / "mirror" / name.replace(".csv.zst", ".csv.gz")).write_bytes(b"<html>")
    (b.folder / "mirror" / "AIS_2025_01_02.zip").write_bytes(b"<html>gone</html>")
    outcome_is(folder_fetch(b), FETCHED)
    equal(sorted(b.sources()), NAMES, "sources")


def folder_fetch(b):
    result = run(b.folder, "fetch", "noaa", "--lake", "lake", "--from", "2025-01-01", "--to", "2025-01-03", "--json",
                 "--base-url", "mirror")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return result.returncode, {line["day"]: line for line in lines if "day" in line}, None, result.stderr


def junk_in_quarantine_is_fetched_again(b):
    """Without validators nobody can say that it is the same still."""
    b.one_day()
    b.publisher.publish(FIRST, b.archives[FIRST][:4] + b"junk", etag=None)
    b.fetch(last=1)
    equal(run(b.folder, "ingest", "--lake", "lake", "--fetched").returncode, 1, "quarantined")
    b.publisher.publish(FIRST, b.archives[FIRST], etag=None)
    outcome_is(b.fetch(last=1), ONE)
    seine(b.folder, "ingest", "--lake", "lake", "--fetched")
    check_lake(b)


# ---- limits

def what_never_ends_fails_its_day_only(b):
    for count, (told, method, fault) in enumerate((
            ("longer than the 1000000 bytes of --max-bytes", "GET", endless_body(b.archives[FIRST][:4])),
            ("bytes of headers", "HEAD", endless_headers), ("redirect", "HEAD", circle))):
        seine(b.folder, "init", f"lake{count}", "--buckets", "2")
        b.publisher.fail(method, NAMES[1], *[fault] * 9)
        words = list(b.words("fetch", "--max-bytes", "1000000", "--retries", "0"))
        words[words.index("lake")] = f"lake{count}"
        result = run(b.folder, *words)
        equal(result.returncode, 1, result.stderr)
        assert told in result.stderr and NAMES[1] in result.stderr, result.stderr
        rows = json.loads(seine(b.folder, "source", "ls", "--lake", f"lake{count}", "--json"))
        equal([row["name"] for row in rows], [NAMES[0], NAMES[2]], told)
        equal(list((b.folder / f"lake{count}/tmp/fetch").iterdir()), [], f"{told}: parts left")


def an_archive_longer_than_the_limit_is_not_begun(b):
    code, days, _, _ = b.fetch("--max-bytes", "1000", last=1)
    equal((code, days["2025-01-01"]["outcome"]), (1, "failed"), "outcome")
    assert FIRST in days["2025-01-01"]["message"] and "1000 bytes of --max-bytes" in days["2025-01-01"]["message"], days


# ---- what is told, what is kept

def days_that_fail_for_one_cause_are_one_line(b):
    b.publisher.server.server_close()
    b.publisher.server.shutdown()
    result = run(b.folder, *b.words("fetch", "--retries", "1", last=31))
    lines = [line for line in result.stderr.splitlines() if line]
    equal((result.returncode, len(lines)), (1, 1), result.stderr)
    assert lines[0].startswith("seine fetch: 31 days, 2025-01-01 to 2025-01-31: http://127.0.0.1:"), lines
    assert "is the server up, and are address and port right?" in lines[0], lines


def causes_are_told_apart(b):
    for name, code in ((NAMES[1], 503), (NAMES[2], 401)):
        b.publisher.fail("HEAD", name, *[status(code)] * 2)
        b.publisher.fail("GET", name, *[status(code)] * 2)
    result = run(b.folder, *b.words("fetch", "--retries", "0"))
    first, second = [line for line in result.stderr.splitlines() if line.startswith("seine fetch: 2025")]
    assert first.startswith("seine fetch: 2025-01-02: ") and "HTTP 503; the fault is the publisher's" in first, first
    assert second.startswith("seine fetch: 2025-01-03: ") and "HTTP 401; it wants a user" in second, second


def others_go_on_while_an_archive_waits_for_an_ingest(b):
    """The lease of an ingest elsewhere is held: what needs no lease is told all the same."""
    catalog = b.folder / "lake/catalog.db"
    part = b.folder / f"lake/tmp/fetch/{FIRST}.part"

    def change(statement):
        with sqlite3.connect(catalog) as connection:
            connection.execute(statement)

    def when_the_first_waits(handler, file):
        wait_for(lambda: part.exists() and part.stat().st_size == len(b.archives[FIRST]), "the whole part")
        status(503)(handler, file)
    b.publisher.fail("GET", NAMES[1], when_the_first_waits)
    change("INSERT INTO seine_lease(name, owner, host, pid, taken_at_us, expires_at_us)"
           " VALUES ('ingest/ais', 'other', 'elsewhere', 1, 0, (strftime('%s', 'now') + 300) * 1000000)")
    process = start(b, *b.words("fetch", "--json", "--jobs", "2", "--retries", "0", last=2))
    try:
        line = json.loads(process.stdout.readline())
        equal((line["day"], line["outcome"]), ("2025-01-02", "failed"), "told while the first waits")
        equal(b.sources(), {}, "ledger meanwhile")
    finally:
        change("DELETE FROM seine_lease WHERE name = 'ingest/ais'")
        rest = process.communicate(timeout=PATIENCE_S)[0]
    equal([json.loads(line)["outcome"] for line in rest.splitlines()[:1]], ["fetched"], "the first")


def quiet_is_silent_but_for_errors(b):
    b.publisher.missing = page()
    for words in (b.words("fetch", "--quiet", last=4), b.words("run", "--quiet", last=4),
                  ["refresh", "--lake", "lake", "--quiet"], ["refresh", "--lake", "lake", "--quiet", "--mode", "replace"],
                  ["ref", "load", "--lake", "lake", "ports", "--quiet"], ["refresh", "--lake", "lake", "--quiet"]):
        result = run(b.folder, *words)
        equal((result.returncode, result.stdout + result.stderr), (0, ""), " ".join(words))
    result = run(b.folder, "refresh", "--lake", "lake", "--mode", "replace")
    assert len(result.stdout.splitlines()) <= 24, f"more than a screen: {result.stdout}"
    b.publisher.fail("HEAD", "AIS_2025_01_04.csv.zst", status(503))
    b.publisher.fail("GET", "AIS_2025_01_04.csv.zst", status(503))
    result = run(b.folder, *b.words("fetch", "--quiet", "--retries", "0", first=4, last=4))
    assert result.returncode == 1 and "HTTP 503" in result.stderr and result.stdout == "", result


def user_and_password_are_neither_kept_nor_told(b):
    b.publisher.fail("GET", NAMES[2], *[status(503)] * 9)
    b.publisher.publish("index.html", PAGE.encode())
    words = ["--base-url", b.publisher.url.replace("://", "://usr:geheim@"), *QUICK, "--retries", "1"]
    told = ""
    for line in (["run", "noaa", "--lake", "lake", "--from", "2025-01-01", "--to", "2025-01-03", *words],
                 ["fetch", "noaa", "--lake", "lake", "--from", "2025-01-01", "--to", "2025-01-03", "--json", *words],
                 ["fetch", "noaa", "--lake", "lake", "--preview", "2025", "--json", *words],
                 ["source", "ls", "--lake", "lake", "--json"], ["runs", "ls", "--lake", "lake", "--json"],
                 ["sql", "--lake", "lake", "SELECT DISTINCT source_url FROM silver.ais"]):
        result = run(b.folder, *line)
        told += result.stdout + result.stderr
    assert FIRST in told and "geheim" not in told, told
    requests = b.publisher.requests("HEAD", FIRST)
    assert requests[0]["Authorization"].startswith("Basic "), requests
    kept = [path for path in (b.folder / "lake").rglob("*") if path.is_file() and b"geheim" in path.read_bytes()]
    equal(kept, [], "files that keep the password")


def a_preview_without_an_index_probes_the_year(b):
    equal(preview(b), NAMES, "names")


def wrong_days_are_refused(b):
    for words in (("--from", "2025-01-02", "--to", "2025-01-01"), ("--from", "2025-1-2", "--to", "2025-01-03"),
                  ("--from", "2025-01-01"), ("--from", "2025-02-30", "--to", "2025-03-01")):
        equal(run(b.folder, "fetch", "noaa", "--lake", "lake", *words).returncode, 2, " ".join(words))


HELPERS = {run_undisturbed, hold_and_kill, check_run_after_kill, kill_at_line, preview, check_lake, check_next_name, folder_fetch,
           start, outcome_is}
CASES = [value for value in list(globals().values()) if inspect.isfunction(value) and value not in HELPERS
         and next(iter(inspect.signature(value).parameters), "") == "b"]
if SANITIZED:  # what is loaded is ingested and refreshed in other tests there
    CASES = [case for case in CASES if not case.__name__.startswith(
        ("a_run_killed", "four_real", "a_second_run", "a_folder_is_a_mirror", "quiet_is_silent", "an_archive_published",
         "other_bytes", "junk_in"))]

if __name__ == "__main__":
    with own_folder() as made:
        Bench.archives = make_archives(made)
    main(CASES, bench)
