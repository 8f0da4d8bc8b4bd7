#!/usr/bin/env python3
"""Models in little memory: all of them, and one of the user's that sorts ten times as much twice over, go on in files of the
lake's folder tmp, and `verify --deep` in files of TMPDIR. The peak is bounded, and none of these files stays, however the
command ends. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD; SEINE_SANITIZED, 1 when memory cannot be measured.
"""
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import SANITIZED, SEINE, environment, equal, seine, sql
from harness.tap import main

VESSELS, MINUTES = 500, 1440  # a fix a minute
LIMIT_MIB = 128
PEAK_MIB = LIMIT_MIB + 192  # docs/operating.md: what the program, its libraries and its own columns take beside the limit
# The fixes of the day several times, each with so many bytes beside it that all are ten times the limit, in an order of
# their own; the table's order is another one, so that the engine would have two sorts to do at a time.
COPIES = 6
WIDE = LIMIT_MIB * 10 * (1 << 20) // (VESSELS * MINUTES * COPIES)
MODEL = """-- model: gold.shuffled
-- grain: a fix
-- inputs: silver.ais(day)
-- partition: dt
-- sort: key
-- column: dt date required | day
-- column: key string required | what they are sorted by
-- column: bytes long required | of what lies beside it
WITH wide AS (
    SELECT CAST(ts AS DATE) AS dt, md5(mmsi || ts || range) AS key, repeat(md5(ts || mmsi), {times}) AS text
    FROM silver.ais, range({copies})
), shuffled AS (
    SELECT * FROM wide ORDER BY key DESC
)
SELECT dt, key, {value} AS bytes FROM shuffled
"""


def put_model(folder, value="length(text)"):
    (folder / "lake/models").mkdir(exist_ok=True)
    (folder / "lake/models/shuffled.sql").write_text(MODEL.format(times=WIDE // 32, copies=COPIES, value=value), encoding="utf-8")


def left(folder):
    """Folders of spilled rows, of refreshes and of verifications."""
    return sorted(Path(root, name) for top in ("lake/tmp/refresh", "temp") for root, names, _ in os.walk(folder / top)
                  if root == str(folder / top) for name in names)


def has_spilled(folder):
    """os.walk passes over what goes away meanwhile."""
    return any(name.startswith("duckdb_temp") for _, _, names in os.walk(folder) for name in names)


def watched(folder, *words, stop=None):
    """Exit code, what it said, its peak in MiB, and whether spilled rows were seen; `stop` is sent when their folder is."""
    process = subprocess.Popen([SEINE, *words, "--lake", "lake", "--memory", str(LIMIT_MIB), "--threads", "2"], cwd=folder,
                               env=environment(TMPDIR=str(folder / "temp")), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True)
    was_seen = False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            break
        spills = left(folder)
        if stop is not None and spills:
            process.send_signal(stop)
            stop = None
        was_seen = was_seen or any(has_spilled(spill) for spill in spills)
        time.sleep(0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    errors = process.stderr.read()
    process.stderr.close()
    return process.returncode, errors, usage.ru_maxrss >> 10, was_seen


def make_lake(folder):
    (folder / "temp").mkdir()
    seine(folder, "generate", "ais", "--out", "days", "--days", 1, "--vessels", VESSELS, "--interval", 60, "--start", "2020-03-01",
          "--format", "csv")
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "days")
    shutil.rmtree(folder / "days")


def a_lake_ten_times_the_memory_is_refreshed_and_verified_in_it(folder):
    make_lake(folder)
    put_model(folder, value="CASE WHEN key > 'f' THEN error('wrong') ELSE length(text) END")
    code, errors, _, was_seen = watched(folder, "refresh")
    equal((code, "gold.shuffled" in errors and "wrong" in errors, was_seen), (1, True, True), errors)
    equal(left(folder), [], "after a failure")
    put_model(folder)
    for number, code in ((signal.SIGINT, 1), (signal.SIGKILL, -9)):
        found, errors, _, _ = watched(folder, "refresh", stop=number)
        equal(found, code, errors)
        if number == signal.SIGINT:
            equal(left(folder), [], "after Ctrl-C")
    assert left(folder), "a process that is killed leaves its files to the next"
    peaks = []
    for words in (("refresh",), ("verify", "--deep")):
        code, errors, peak_mib, was_seen = watched(folder, *words)
        equal((code, was_seen), (0, True), errors)
        equal(left(folder), [], f"after {words[0]}")
        peaks.append(peak_mib)
        assert SANITIZED or peak_mib < PEAK_MIB, f"{words}: {peak_mib} MiB at most"
    fixes = sql(folder, "SELECT count(*) AS n FROM silver.ais")[0]["n"]
    equal(sql(folder, "SELECT count(*) AS n, min(bytes) AS bytes FROM gold.shuffled"), [{"n": fixes * COPIES, "bytes": WIDE // 32 * 32}],
          "rows")
    return f"{peaks} MiB at most"


if __name__ == "__main__":
    main([a_lake_ten_times_the_memory_is_refreshed_and_verified_in_it])
