#!/usr/bin/env python3
"""seine runs: each commit leaves one manifest, which tells what the tables, the ledger and the files tell."""
import functools
import gzip
import hashlib
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import HEADER, write_day
from harness.program import equal, refused, run, seine, sql
from harness.tap import main, program_folder

DAY = ["111,2025-01-01T00:00:00,10,20,1,", "111,2025-01-01T20:00:00,11,21,1,", "222,2025-01-01T12:00:00,91,20,1,"]
LATE = ["111,2025-01-01T10:00:00,10.5,20.5,1,", "111,2025-01-01T20:00:00,11,21,1,"]


def runs(folder, *words):
    return json.loads(seine(folder, "runs", "--lake", "lake", "--json", *words))


def snapshot_of(folder, table):
    """Id and summary of the current snapshot by the table's own metadata."""
    metadata = Path(folder, "lake", *table.split("."), "metadata")
    hint = (metadata / "version-hint.text").read_text(encoding="utf-8").strip()
    (path,) = [path for path in metadata.glob("*.metadata.json") if hint in path.name]
    document = json.loads(path.read_text(encoding="utf-8"))
    (snapshot,) = [s for s in document["snapshots"] if s["snapshot-id"] == document["current-snapshot-id"]]
    return snapshot["snapshot-id"], snapshot["summary"]


def worked_lake(folder):
    """ingest, refresh, ingest of a late file, refresh, source rm, refresh: one second apart."""
    seine(folder, "init", "lake")
    write_day(folder, "AIS_2025_01_01.csv", DAY)
    write_day(folder, "late.csv", LATE)
    for second, words in enumerate([["ingest", "--threads", "1", "AIS_2025_01_01.csv"], ["refresh"], ["ingest", "late.csv"],
                                    ["refresh", "--min-gap-length", "6"], ["source", "rm", "late.csv"], ["refresh"]]):
        name = 2 if words[0] == "source" else 1
        seine(folder, *words[:name], "--lake", "lake", *words[name:], now=f"2026-01-01T00:00:0{second}Z")


@functools.cache
def worked():
    """The folder of such a lake, for cases that only look at it."""
    folder = program_folder()
    worked_lake(folder)
    return folder


def every_change_leaves_its_manifest():
    folder = worked()
    found = [row for row in reversed(runs(folder)) if row["settings"].get("job", "ais_gaps") == "ais_gaps"]
    equal([row["command"] for row in found], ["ingest", "refresh", "ingest", "refresh", "source rm", "refresh"], "commands")
    equal({row["status"] for row in found}, {"committed"}, "status")
    equal(len({row["id"] for row in found}), 6, "ids")
    equal([row["started_at"] for row in found], [f"2026-01-01T00:00:0{n}Z" for n in range(6)], "started")
    for row in found:
        equal(set(row["versions"]), {"seine", "lake_format", "iceberg_format"}, "versions")
        assert row["seconds"] >= 0, row["seconds"]
    first = found[0]
    equal(first["settings"]["threads"], 1, "settings")
    counts = first["counts"]
    equal((counts["files"], counts["rows"], counts["rejects"], counts["partition_rows"]), (1, 3, 1, 2), "counts of ingest")
    equal(first["tables"]["silver.ais"]["added_rows"], 2, "rows added")
    equal(found[1]["counts"]["new"], 1, "a gap of 20 hours")


def inputs_are_told_with_their_hashes():
    folder = worked()
    found = list(reversed(runs(folder)))
    def sha256(name):
        return hashlib.sha256(Path(folder, name).read_bytes()).hexdigest()
    (source,) = found[0]["inputs"]
    equal((source["source"], source["sha256"], source["state"]), ("AIS_2025_01_01.csv", sha256("AIS_2025_01_01.csv"), "live"),
          "input of ingest")
    (removed,) = [row for row in found if row["command"] == "source rm"]
    equal([(i["source"], i["sha256"], i["state"]) for i in removed["inputs"]], [("late.csv", sha256("late.csv"), "removed")],
          "input of source rm")
    refreshes = [row for row in found if row["command"] == "refresh" and row["settings"].get("job") == "ais_segments"]
    contents = [[i for i in row["inputs"] if i.get("table") == "silver.ais"][0]["content"] for row in refreshes]
    equal((contents[0] == contents[1], contents[0] == contents[2]), (False, True), "content of silver before, with and without late.csv")
    sets = [[i for i in row["inputs"] if "sources" in i] for row in refreshes]
    equal([[i["sources"] for i in found] for found in sets], [[1], [2], [1]], "live sources, as one set whatever their number")
    hashes = [found[0]["content"] for found in sets]
    equal((hashes[0] == hashes[1], hashes[0] == hashes[2]), (False, True), "hashes of the sets")


def old_manifests_go(folder):
    worked_lake(folder)
    newest = [row["started_at"] for row in runs(folder)][:2]
    seine(folder, "runs", "--lake", "lake", "--keep", "2")
    equal([row["started_at"] for row in runs(folder)], newest, "kept")
    seine(folder, "ingest", "--lake", "lake", "late.csv", now="2026-01-01T00:00:09Z")
    equal([row["started_at"] for row in runs(folder)], ["2026-01-01T00:00:09Z", newest[0]], "kept by later commits too")
    seine(folder, "verify", "--lake", "lake")


def snapshots_form_a_chain_and_name_their_run():
    folder = worked()
    last = {}
    for row in reversed(runs(folder)):
        for table, change in row["tables"].items():
            equal(change["before"], last.get(table, (None, None))[0], f"{table} before {row['command']}")
            last[table] = (change["after"], row["id"])
    assert {"silver.ais", "silver.ais_rejects", "events.ais_gaps", "state.ais_gaps"} <= set(last), last
    for table, (snapshot_id, run_id) in last.items():
        current, summary = snapshot_of(folder, table)
        equal(current, snapshot_id, f"current snapshot of {table}")
        equal(summary["seine.run"], run_id, f"run of {table}")


def doing_nothing_leaves_nothing(folder):
    worked_lake(folder)
    before = runs(folder, "--limit", "0")
    seine(folder, "ingest", "--lake", "lake", "AIS_2025_01_01.csv")
    seine(folder, "refresh", "--lake", "lake")
    assert run(folder, "source", "rm", "--lake", "lake", "nobody.csv").returncode == 1
    equal(runs(folder, "--limit", "0"), before, "runs")


def a_failed_run_tells_why_and_changes_no_table(folder):
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--lake", "lake", write_day(folder, "AIS_2025_01_01.csv", DAY))
    (data,) = Path(folder, "lake", "silver", "ais", "data").rglob("*.parquet")
    data.write_bytes(bytes(data.stat().st_size))
    failed = run(folder, "refresh", "--lake", "lake", now="2026-02-01T00:00:00Z")
    assert failed.returncode == 1, failed
    *steps, ingest = runs(folder)
    jobs = [step for step in steps if step["status"] == "failed"]  # the models that could not run leave no failed one
    equal([(job["command"], job["tables"]) for job in jobs], [("refresh", {})] * 2, "gaps and enrichment failed, each by itself")
    for job in jobs:
        assert job["error"] and job["error"].split("\n")[0] in failed.stderr, job["error"]
    equal([step["tables"] for step in steps], [{}] * len(steps), "what the run changed")
    equal(ingest["status"], "committed", "the run before")
    equal(sql(folder, "SELECT count(*) AS n FROM events.ais_gaps"), [{"n": 0}], "events")


def a_quarantined_file_is_told_too(folder):
    seine(folder, "init", "lake")
    Path(folder, "broken.zip").write_bytes(b"PK\x03\x04 this is no archive")
    assert run(folder, "ingest", "--lake", "lake", "broken.zip").returncode == 1
    (row,) = runs(folder)
    equal([(i["source"], i["state"]) for i in row["inputs"]], [("broken.zip", "quarantined")], "inputs")
    equal((row["status"], list(row["tables"])), ("committed", ["silver.ais_rejects"]), "what was committed")


def the_steps_of_one_command_share_an_invocation(folder):
    mirror = Path(folder, "mirror")
    mirror.mkdir()
    Path(mirror, "AIS_2025_01_01.csv.gz").write_bytes(gzip.compress("\n".join([HEADER, *DAY, ""]).encode()))
    seine(folder, "init", "lake")
    seine(folder, "run", "noaa", "--lake", "lake", "--from", "2025-01-01", "--to", "2025-01-02", "--base-url", mirror)
    rows = runs(folder)
    equal(len({row["invocation"] for row in rows}), 1, "invocations")
    equal({row["command"] for row in rows}, {"run fetch", "run ingest", "run refresh"}, "steps")
    (fetch,) = [row for row in rows if row["command"] == "run fetch"]
    equal([(i["source"], i["state"]) for i in fetch["inputs"]], [("AIS_2025_01_01.csv.gz", "fetched")], "input of fetch")
    seine(folder, "run", "noaa", "--lake", "lake", "--from", "2025-01-01", "--to", "2025-01-02", "--base-url", mirror)
    equal(len(runs(folder)), len(rows), "runs after a second, idle one")


def show_finds_a_run_by_the_begin_of_its_id():
    folder = worked()
    newest = runs(folder)[0]
    equal(json.loads(seine(folder, "runs", "show", "--lake", "lake", "--json", newest["id"][:13])), newest, "by 13 characters")
    text = seine(folder, "runs", "show", "--lake", "lake", newest["id"])
    assert newest["id"] in text and "silver.ais" in text and newest["started_at"] in text, text
    refused(folder, 1, "no run of that id", "runs", "show", "--lake", "lake", "zzz")
    refused(folder, 2, "begin so", "runs", "show", "--lake", "lake", "")
    refused(folder, 1, "no run of that id", "runs", "show", "--lake", "lake", "' OR '1'='1")


def the_list_is_newest_first_and_limited():
    folder = worked()
    rows = runs(folder, "--limit", "0")
    equal([row["started_at"] for row in rows], sorted((row["started_at"] for row in rows), reverse=True), "order")
    equal(runs(folder, "--limit", "2"), rows[:2], "the first two")
    lines = seine(folder, "runs", "--lake", "lake", "--limit", "3").splitlines()
    equal(len(lines), 4, "lines with the head")
    assert lines[1].startswith(rows[0]["id"][:8]), lines
    seine(folder, "init", "empty")
    equal(json.loads(seine(folder, "runs", "--lake", "empty", "--json")), [], "a new lake")


main([every_change_leaves_its_manifest, inputs_are_told_with_their_hashes, old_manifests_go, snapshots_form_a_chain_and_name_their_run,
      doing_nothing_leaves_nothing, a_failed_run_tells_why_and_changes_no_table, a_quarantined_file_is_told_too,
      the_steps_of_one_command_share_an_invocation, show_finds_a_run_by_the_begin_of_its_id, the_list_is_newest_first_and_limited])
