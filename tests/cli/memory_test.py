#!/usr/bin/env python3
"""A refresh in little memory: a model that sorts ten times as much goes on in files of the lake's folder tmp, its peak is
bounded, and none of these files stays, however the command ends. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD; SEINE_SANITIZED, 1 when memory cannot be measured.
"""
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import SANITIZED, SEINE, environment, equal, seine, sql
from harness.tap import main

VESSELS, MINUTES = 500, 1440  # a fix a minute
LIMIT_MIB = 128
PEAK_MIB = 400  # the program itself, its libraries and the engine's own beside the limit; without one it takes twice as much
# The fixes of the day several times, in an order of their own, each with so many bytes beside it that all are ten times
# the limit. Narrow and many, since the engine has 122,880 rows of a sort in memory at once.
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
    SELECT * FROM wide ORDER BY key
)
SELECT dt, key, {value} AS bytes FROM shuffled
"""


def put_model(folder, value="length(text)"):
    (folder / "lake/models").mkdir(exist_ok=True)
    (folder / "lake/models/shuffled.sql").write_text(MODEL.format(times=WIDE // 32, copies=COPIES, value=value), encoding="utf-8")


def spilled(folder):
    spill = folder / "lake/tmp/refresh"
    return sorted(spill.iterdir()) if spill.exists() else []


def refresh(folder, stop=None):
    """Exit code, what it said, its peak in MiB, and whether files were seen; `stop` is sent when they are."""
    process = subprocess.Popen([SEINE, "refresh", "--lake", "lake", "--memory", str(LIMIT_MIB)], cwd=folder,
                               env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    was_seen = False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid != 0:
            break
        if not was_seen and spilled(folder):
            was_seen = True
            if stop is not None:
                process.send_signal(stop)
        time.sleep(0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    errors = process.stderr.read()
    process.stderr.close()
    return process.returncode, errors, usage.ru_maxrss >> 10, was_seen


def make_lake(folder):
    seine(folder, "generate", "ais", "--out", "days", "--days", 1, "--vessels", VESSELS, "--interval", 60, "--start", "2020-03-01",
          "--format", "csv")
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "days")
    shutil.rmtree(folder / "days")


def a_lake_ten_times_the_memory_is_refreshed_in_it(folder):
    make_lake(folder)
    put_model(folder, value="CASE WHEN key > 'f' THEN error('wrong') ELSE length(text) END")
    code, errors, _, was_seen = refresh(folder)
    equal((code, "gold.shuffled" in errors and "wrong" in errors, was_seen), (1, True, True), errors)
    equal(spilled(folder), [], "after a failure")
    put_model(folder)
    for number, code in ((signal.SIGINT, 1), (signal.SIGKILL, -9)):
        found, errors, _, was_seen = refresh(folder, stop=number)
        equal((found, was_seen), (code, True), errors)
        if number == signal.SIGINT:
            equal(spilled(folder), [], "after Ctrl-C")
    assert spilled(folder), "a process that is killed leaves its files to the next"
    code, errors, peak_mib, was_seen = refresh(folder)
    equal((code, was_seen), (0, True), errors)
    equal(spilled(folder), [], "after success")
    if not SANITIZED:
        assert peak_mib < PEAK_MIB, f"{peak_mib} MiB at most"
    fixes = sql(folder, "SELECT count(*) AS n FROM silver.ais")[0]["n"]
    equal(sql(folder, "SELECT count(*) AS n, min(bytes) AS bytes FROM gold.shuffled"), [{"n": fixes * COPIES, "bytes": WIDE // 32 * 32}], "rows")
    seine(folder, "verify", "--lake", "lake")
    return f"{peak_mib} MiB at most"


if __name__ == "__main__":
    main([a_lake_ten_times_the_memory_is_refreshed_in_it])
