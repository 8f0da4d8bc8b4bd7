#!/usr/bin/env python3
"""Somebody else at the catalog: every command that writes waits for its lock, says so when that takes too long, and
commits nothing under a lease that was taken over meanwhile. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD.
"""
import contextlib
import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import fix, write_fixes as write
from harness.program import PATIENCE_S, equal, preloaded, run, seine, start
from harness.tap import main

LATE = {"SEINE_NOW": "2100-01-01T00:00:00Z"}  # by then every snapshot and every orphan may go
LATE_US = 4102444800 * 10**6
LEASES = ("ingest/ais", "refresh", "ref", "table care", "fetch/ais")
PORTS = "id,name,lat,lon\na,Alpha,1,1\n"
MODEL = """-- model: gold.mine
-- grain: one
-- inputs: silver.ais(all)
-- partition: none
-- sort: n
-- column: n long required | fixes
SELECT count(*) AS n FROM silver.ais
"""
# Each with a lake in which it has something to commit.
WRITERS = {
    "ingest": ["ingest", "b.csv"],
    "ingest fetched": ["ingest", "--fetched"],
    "source rm": ["source", "rm", "a.csv"],
    "refresh": ["refresh"],
    "run": ["run", "b.csv"],
    "ref load": ["ref", "load", "ports", "ports.csv"],
    "fetch noaa": ["fetch", "noaa", "--from", "2020-03-02", "--to", "2020-03-02", "--base-url", "mirror"],
    "table expire": ["table", "expire"],
    "table orphans": ["table", "orphans", "--older-than", "0", "--remove"],
    "table drop": ["table", "drop", "gold.mine"],
    "runs": ["runs", "--keep", "3"],
}
# One for each place that commits under a lease; two places in a refresh.
OF_ONE_LEASE = ("ingest", "refresh", "ref load", "fetch noaa", "table expire", "table orphans", "table drop")


def preload(**settings):
    return LATE | preloaded("preload_busy", **{f"SEINE_BUSY_{name.upper()}": str(value) for name, value in settings.items()})


def make_base(folder):
    write(folder / "a.csv", fix(1, 1, 1), fix(2, 1, 2))
    write(folder / "b.csv", fix(1, 1, 3))
    write(folder / "mirror/AIS_2020_03_01.csv.zst", fix(3, 1, 4))
    (folder / "mirror/AIS_2020_03_02.csv.zst").write_bytes(write(folder / "c.csv", fix(3, 2, 4)).read_bytes())
    for path in (folder / "mirror").iterdir():
        subprocess.run(["zstd", "-q", "-f", "--rm", path, "-o", f"{path}.new"], check=True)
        os.rename(f"{path}.new", path)
    (folder / "ports.csv").write_text(PORTS, encoding="utf-8")
    seine(folder, "init", "lake", "--buckets", 1)
    (folder / "lake/models").mkdir()
    (folder / "lake/models/mine.sql").write_text(MODEL, encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "a.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    (folder / "lake/models/mine.sql").unlink()
    seine(folder, "fetch", "noaa", "--quiet", "--lake", "lake", "--from", "2020-03-01", "--to", "2020-03-01", "--base-url", "mirror")
    seine(folder, "ingest", "--quiet", "--lake", "lake", write(folder / "d.csv", fix(1, 2, 3)))
    (folder / "lake/silver/ais/data/stray.parquet").write_bytes(b"x")
    os.rename(folder / "lake", folder / "base")


def copy_or_link(source, target):
    """Files of a lake never change, but for its catalog."""
    if os.path.basename(source).startswith("catalog.db"):
        return shutil.copy2(source, target)
    return os.link(source, target)


def fresh(folder):
    """The lake `lake` as base is."""
    shutil.rmtree(folder / "lake", ignore_errors=True)
    shutil.copytree(folder / "base", folder / "lake", copy_function=copy_or_link)
    return folder / "lake"


@contextlib.contextmanager
def catalog(lake):
    with contextlib.closing(sqlite3.connect(lake / "catalog.db", isolation_level=None, timeout=PATIENCE_S)) as opened:
        yield opened


def state_of(lake):
    """What a commit would change."""
    with catalog(lake) as opened:
        rows = [opened.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
                for table in ("iceberg_tables", "seine_source", "seine_partition", "seine_job", "seine_file")]
    return hashlib.sha256(repr(rows).encode()).hexdigest(), (lake / "silver/ais/data/stray.parquet").exists()


def command(folder, words, env):
    return start(folder, *words, "--lake", "lake", env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def outcome(process):
    """What it says, when it ends in time."""
    try:
        return process.communicate(timeout=300)[1]
    finally:
        process.kill()


def other_writers(lake, is_begun, is_over):
    """Hold the lock most of the time."""
    with catalog(lake) as opened:
        while not is_over.is_set():
            opened.execute("BEGIN IMMEDIATE")
            is_begun.set()
            time.sleep(0.06)
            opened.execute("ROLLBACK")
            time.sleep(0.04)  # the program looks twice in that time


def every_writer_waits_for_others(folder):
    make_base(folder)
    for name, words in WRITERS.items():
        lake, is_begun, is_over = fresh(folder), threading.Event(), threading.Event()
        before = state_of(lake)
        others = threading.Thread(target=other_writers, args=(lake, is_begun, is_over))
        others.start()
        is_begun.wait()
        done = command(folder, words, preload(haste=1))
        errors = outcome(done)
        is_over.set()
        others.join()
        equal(done.returncode, 0, f"{name}: {errors}")
        if name != "runs":
            assert state_of(lake) != before, f"{name}: nothing was committed"
        seine(folder, "verify", "--lake", "lake")


def who_waits_in_vain_says_so(folder):
    make_base(folder)
    for name, words in (WRITERS | {"relocate": None}).items():
        lake = fresh(folder)
        if words is None:
            os.rename(lake, folder / "away")
            lake = folder / "away"
        before = state_of(lake)
        with catalog(lake) as opened:
            opened.execute("BEGIN IMMEDIATE")
            done = run(folder, *(words + ["--lake", "lake"] if words else ["relocate", "away"]), env=preload(haste=1, skip=25))
            opened.execute("ROLLBACK")
        equal(done.returncode, 1, f"{name}: {done.stderr}")
        assert "catalog.db is locked by somebody else" in done.stderr, f"{name}: {done.stderr}"
        equal(state_of(lake), before, name)
        if words is None:
            os.rename(lake, folder / "lake")
        seine(folder, "verify", "--lake", "lake")


def steal(lake):
    """Somebody on another host takes over every lease, as if it had run out. @return whether there was one."""
    with catalog(lake) as opened:
        opened.execute("BEGIN IMMEDIATE")
        (held,) = opened.execute("SELECT count(*) FROM seine_lease").fetchone()
        opened.executemany("INSERT OR REPLACE INTO seine_lease(name, owner, host, pid, taken_at_us, expires_at_us)"
                           " VALUES(?, 'thief', 'elsewhere', 1, ?, ?)", [(name, LATE_US, LATE_US + 50 * 10**6) for name in LEASES])
        opened.execute("COMMIT")
    return held > 0


def nothing_is_committed_under_a_lease_that_was_taken_over(folder):
    make_base(folder)
    refused = set()
    for name in OF_ONE_LEASE:
        words = WRITERS[name]
        for at in range(2, 8):  # the first takes the lease
            lake = fresh(folder)
            sleeper = command(folder, words, preload(stop=at))
            _, status = os.waitpid(sleeper.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):  # it has fewer
                sleeper.returncode = os.waitstatus_to_exitcode(status)
                sleeper.stderr.close()
                break
            before, is_stolen = state_of(lake), steal(lake)
            sleeper.send_signal(signal.SIGCONT)
            errors = outcome(sleeper)
            if is_stolen:
                equal(state_of(lake), before, f"{name}: committed before transaction {at}: {errors}")
            if sleeper.returncode != 0:
                refused.add(name)
                equal(sleeper.returncode, 1, f"{name}: {errors}")
                assert "taken over by somebody else" in errors or "held by pid 1 on elsewhere" in errors, f"{name}: {errors}"
        seine(folder, "verify", "--lake", "lake")
    equal(refused, set(OF_ONE_LEASE), "commands that were refused")


def a_lease_from_before_the_clock_was_set_back_is_free(folder):
    make_base(folder)
    lake = fresh(folder)
    for ahead_s, code in ((50, 1), (3600, 0)):
        with catalog(lake) as opened:
            opened.execute("DELETE FROM seine_lease")
            opened.execute("INSERT INTO seine_lease(name, owner, host, pid, taken_at_us, expires_at_us)"
                           " VALUES('ingest/ais', 'x', 'elsewhere', 1, 0, ?)", [LATE_US + ahead_s * 10**6])
        equal(run(folder, "ingest", "--lake", "lake", "b.csv", env=LATE).returncode, code, f"{ahead_s} s ahead")


if __name__ == "__main__":
    main([every_writer_waits_for_others, who_waits_in_vain_says_so,
          nothing_is_committed_under_a_lease_that_was_taken_over,
          a_lease_from_before_the_clock_was_set_back_is_free])
