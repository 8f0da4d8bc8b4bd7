#!/usr/bin/env python3
"""`seine run`: takes in what is new and brings everything up to date, once or round after round; one run at a time of
a lake. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD.
"""
import contextlib
import json
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import fix, make_lake, write_fixes
from harness.program import PATIENCE_S, equal, refused, run, seine, sql, start, wait_for
from harness.tap import main

HELD_US = 1767225600 * 10**6 + 50 * 10**6  # the clock of the tests stands still before it
BUSES = """name: buses
id: {name: bus, names: [bus]}
time: {names: [at], format: unix_s}
position: {lat: {names: [lat]}, lon: {names: [lon]}}
"""


def buses(path, *rows):
    path.parent.mkdir(exist_ok=True)
    path.write_text("bus,at,lat,lon\n" + "".join(f"{bus},{at},1.5,2.5\n" for bus, at in rows), encoding="utf-8")
    return path


def log_of(folder, name="lake/logs/run.jsonl"):
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def lease(folder, name, change):
    """Somebody else's lease: INSERT or DELETE."""
    with contextlib.closing(sqlite3.connect(folder / "lake/catalog.db", isolation_level=None, timeout=PATIENCE_S)) as opened:
        if change == "take":
            opened.execute("INSERT INTO seine_lease(name, owner, host, pid, taken_at_us, expires_at_us) VALUES (?, 'other', 'elsewhere', 1, 0, ?)",
                           (name, HELD_US))
        elif change == "give":
            opened.execute("DELETE FROM seine_lease WHERE name = ?", (name,))
        return {row[0] for row in opened.execute("SELECT name FROM seine_lease")}


def files_and_everything_after(folder):
    make_lake(folder)
    write_fixes(folder / "a.csv", fix(1, 1, 1), fix(1, 1, 23))
    done = json.loads(seine(folder, "run", "--lake", "lake", "--json", "a.csv").splitlines()[-1])["summary"]
    equal((done["ingest"]["added"], done["refresh"]["new"], done["models"]["refused"]), (1, 1, 0), "a first run")
    done = json.loads(seine(folder, "run", "--lake", "lake", "--json", "a.csv").splitlines()[-1])["summary"]
    equal((done["ingest"]["added"], done["ingest"]["same"], done["refresh"]["committed"], done["models"]["committed"]),
          (0, 1, False, False), "again")
    assert not (folder / "lake/logs").exists(), "a run without a schedule keeps a log"
    refused(folder, 2, "--rounds needs --every", "run", "--lake", "lake", "--rounds", "2", "a.csv")
    for wrong in ("5", "m", "0s", "5x", "-5m", "32d", "1.5h", ""):
        refused(folder, 2, f"--every {wrong}:", "run", "--lake", "lake", f"--every={wrong}")


def rounds_take_in_what_is_new(folder):
    make_lake(folder)
    (folder / "in").mkdir()
    write_fixes(folder / "in/a.csv", fix(1, 1, 1), fix(1, 1, 23))
    said = seine(folder, "run", "--lake", "lake", "--every", "1s", "--rounds", "2", "in")
    equal([line.split(":")[0] for line in said.splitlines() if ".csv" in line], ["in/a.csv".rsplit("/", 1)[1]], "files that are told")
    rounds = log_of(folder)
    equal([(row["round"], row["level"], row["status"], row["summary"]["ingest"]["added"], row["summary"]["refresh"]["new"])
           for row in rounds], [(1, "info", "ok", 1, 1), (2, "info", "ok", 0, 0)], "log")
    manifests = json.loads(seine(folder, "runs", "--lake", "lake", "--json"))
    equal({row["invocation"] for row in manifests if row["command"].startswith("run ")}, {rounds[0]["invocation"]}, "runs of a round")


def every_feed_of_the_settings(folder):
    make_lake(folder)
    (folder / "buses.yaml").write_text(BUSES, encoding="utf-8")
    buses(folder / "one/a.csv", ("x", 1583020800), ("x", 1583107200))
    write_fixes(folder / "ships/a.csv", fix(1, 1, 1))
    with open(folder / "lake/seine.yaml", "a", encoding="utf-8") as settings:
        settings.write(f"feed:\n  - {folder}/buses.yaml={folder}/one\n  - ais={folder}/nothing\n  - ais={folder}/ships\nlog: {folder}/own.jsonl\n")
    said = run(folder, "run", "--lake", "lake", "--every", "1s", "--rounds", "1")
    equal(said.returncode, 1, "a feed that is not there")
    assert "nothing: no such file" in said.stderr, said.stderr
    equal(sql(folder, "SELECT (SELECT count(*) FROM silver.buses) b, (SELECT count(*) FROM events.buses_gaps) g, (SELECT count(*) FROM silver.ais) s"),
          [{"b": 2, "g": 1, "s": 1}], "what the others brought")
    equal([(row["status"], row["level"]) for row in log_of(folder, "own.jsonl")], [("partly", "error")], "log")
    refused(folder, 1, "no dataset cars", "run", "--lake", "lake", "--feed", "cars=x")
    refused(folder, 2, "feed x: a dataset", "run", "--lake", "lake", "--feed", "x")


def a_round_that_fails_is_not_the_last(folder):
    """The first round finds a lease that nobody gives back within it; a later one finds it given back."""
    make_lake(folder)
    write_fixes(folder / "a.csv", fix(1, 1, 1))
    lease(folder, "ingest/ais", "take")
    process = start(folder, "run", "--lake", "lake", "--every", "1s", "a.csv", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    log = folder / "lake/logs/run.jsonl"
    wait_for(lambda: log.exists() and log_of(folder), "a round that failed")
    lease(folder, "ingest/ais", "give")
    wait_for(lambda: log_of(folder)[-1]["status"] == "ok", "a round that did not")
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=PATIENCE_S)[1]
    rows = log_of(folder)
    equal((rows[0]["status"], rows[0]["level"]), ("failed", "error"), "first round")
    assert "ingest/ais is held by" in rows[0]["error"] and "ingest/ais is held by" in said, (rows[0], said)
    equal(process.returncode, 0, "status after a good last round")
    equal(sql(folder, "SELECT count(*) n FROM silver.ais"), [{"n": 1}], "rows")
    assert "run" not in lease(folder, "", "look"), "the lease stays"


def a_round_waits_for_others(folder):
    make_lake(folder)
    write_fixes(folder / "a.csv", fix(1, 1, 1))
    lease(folder, "ingest/ais", "take")
    process = start(folder, "run", "--lake", "lake", "--every", "1d", "--rounds", "1", "a.csv", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: "run" in lease(folder, "", "look"), "the run's own lease")
    refused(folder, 1, "run is held by pid", "run", "--lake", "lake", "a.csv")
    refused(folder, 1, "run is held by pid", "run", "noaa", "--lake", "lake", "--from", "2020-03-01", "--to", "2020-03-01", "--base-url", ".")
    lease(folder, "ingest/ais", "give")
    said = process.communicate(timeout=PATIENCE_S)
    equal((process.returncode, said[1]), (0, ""), "a run that had to wait")
    equal([row["status"] for row in log_of(folder)], ["ok"], "log")


def two_feeds(folder):
    """@return the words for a feed of ships and one of buses, which leave a row each and the buses a gap, too."""
    make_lake(folder)
    (folder / "buses.yaml").write_text(BUSES, encoding="utf-8")
    buses(folder / "one/a.csv", ("x", 1583020800), ("x", 1583107200))
    write_fixes(folder / "a.csv", fix(1, 1, 1))
    return "--feed", f"ais={folder}/a.csv", "--feed", f"{folder}/buses.yaml={folder}/one"


def who_is_held_keeps_no_other_out(folder):
    feeds = two_feeds(folder)
    lease(folder, "ingest/ais", "take")
    process = start(folder, "run", "--lake", "lake", "--every", "1d", "--rounds", "1", "--json", *feeds, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: json.loads(run(folder, "source", "ls", "--lake", "lake", "--dataset", "buses", "--json").stdout or "[]"), "the other feed")
    assert process.poll() is None, "the round does not wait"
    lease(folder, "ingest/ais", "give")
    said = process.communicate(timeout=PATIENCE_S)
    equal((process.returncode, said[1]), (0, ""), "a round that had to wait")
    (row,) = log_of(folder)
    equal((row["status"], row["summary"]["ingest"]["added"], row["summary"]["refresh"]["new"]), ("ok", 2, 1), "log of all tries")
    equal(json.loads(said[0].splitlines()[-1])["summary"]["ingest"]["added"], 2, "summary of all tries")
    manifests = json.loads(seine(folder, "runs", "--lake", "lake", "--json"))
    equal({row["invocation"] for row in manifests if row["command"].startswith("run ")}, {row["invocation"]}, "runs of all tries")


def patience_ends(folder):
    """Who is held until the next round is due, or when there is none, fails; the others are in and brought up to date."""
    feeds = two_feeds(folder)
    lease(folder, "ingest/ais", "take")
    said = run(folder, "run", "--lake", "lake", "--every", "1s", "--rounds", "1", *feeds)
    (row,) = log_of(folder)
    equal((said.returncode, row["status"], row["summary"]["ingest"]["added"], row["summary"]["refresh"]["new"]), (1, "failed", 1, 1), "a round")
    assert row["error"].startswith("ais: ingest/ais is held by"), row
    buses(folder / "one/b.csv", ("y", 1583020800), ("y", 1583107200))
    refused(folder, 1, "ais: ingest/ais is held by", "run", "--lake", "lake", "--quiet", *feeds)
    equal(sql(folder, "SELECT (SELECT count(*) FROM silver.buses) b, (SELECT count(*) FROM events.buses_gaps) g"), [{"b": 4, "g": 2}], "without a schedule")


def change_catalog(folder, statement):
    with contextlib.closing(sqlite3.connect(folder / "lake/catalog.db", isolation_level=None, timeout=PATIENCE_S)) as opened:
        opened.execute(statement)


def a_catalog_that_is_away_ends_one_round(folder):
    """Only who took the lease over ends the run."""
    make_lake(folder)
    write_fixes(folder / "a.csv", fix(1, 1, 1))
    process = start(folder, "run", "--lake", "lake", "--every", "1s", "a.csv", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    log = folder / "lake/logs/run.jsonl"
    wait_for(lambda: log.exists() and log_of(folder), "the first round")
    change_catalog(folder, "ALTER TABLE seine_lease RENAME TO away")
    wait_for(lambda: process.poll() is not None or log_of(folder)[-1]["status"] == "failed", "a round that failed")
    change_catalog(folder, "ALTER TABLE away RENAME TO seine_lease")
    wait_for(lambda: process.poll() is not None or log_of(folder)[-1]["status"] == "ok", "a round that did not")
    equal(process.poll(), None, "it goes on")
    failed = [row for row in log_of(folder) if row["status"] == "failed"]
    assert all(row["level"] == "error" and "seine_lease" in row["error"] and row["invocation"] for row in failed) and failed, failed
    change_catalog(folder, "UPDATE seine_lease SET owner = 'other' WHERE name = 'run'")
    said = process.communicate(timeout=PATIENCE_S)[1]
    equal(process.returncode, 1, "after somebody took over")
    assert "the lease run ran out and was taken over" in said.strip().splitlines()[-1], said


def it_stops_when_told_while_it_waits(folder):
    make_lake(folder)
    write_fixes(folder / "a.csv", fix(1, 1, 1))
    lease(folder, "ingest/ais", "take")
    process = start(folder, "run", "--lake", "lake", "--every", "1d", "a.csv", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: "run" in lease(folder, "", "look"), "the run's own lease")
    process.send_signal(signal.SIGTERM)
    equal((process.communicate(timeout=PATIENCE_S), process.returncode), (("", ""), 0), "told to stop while it waits")
    assert not (folder / "lake/logs/run.jsonl").exists(), "a round is logged"


def it_stops_when_told(folder):
    make_lake(folder)
    process = start(folder, "run", "--lake", "lake", "--every", "1d", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    log = folder / "lake/logs/run.jsonl"
    wait_for(log.exists, "the first round")
    process.send_signal(signal.SIGINT)
    equal((process.communicate(timeout=PATIENCE_S)[1], process.returncode), ("", 0), "told to stop between two rounds")


main([files_and_everything_after, rounds_take_in_what_is_new, every_feed_of_the_settings, a_round_that_fails_is_not_the_last,
      a_round_waits_for_others, who_is_held_keeps_no_other_out, patience_ends, a_catalog_that_is_away_ends_one_round,
      it_stops_when_told_while_it_waits, it_stops_when_told])
