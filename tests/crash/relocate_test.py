#!/usr/bin/env python3
"""Ends `seine relocate` at every change it makes, and lets the disk fail there.

A lake is copied beside its original. Each time on a fresh copy, call N of relocate (counted by shim.c) kills the process,
or finds the disk full, or fails for good or once; or the power fails, and what was not synced by then is lost (disk.py).
Afterwards the copy either still says that it was moved, or is whole; relocate again makes it whole, with all snapshots; the
original never changes by a byte. Prints TAP.
crash_points.py says at which calls; full and failing disks take turns at them.
"""
import concurrent.futures
import hashlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import disk
from crash_points import may_be_over, points

BUILD = Path(os.environ.get("SEINE_BUILD", "build/release")).resolve()
SEINE = os.environ.get("SEINE_BIN", str(BUILD / "bin" / "seine"))
SHIM = BUILD / "lib" / "shim.so"
WORKERS = 2
POWER_POINTS = 4
HEADER = "MMSI,BaseDateTime,LAT,LON,SOG"
ROWS = ("SELECT (SELECT count(*) FROM silver.ais), (SELECT sum(hash(t)) FROM silver.ais t),"
        " (SELECT count(*) FROM events.ais_gaps), (SELECT sum(hash(t)) FROM events.ais_gaps t),"
        " (SELECT sum(hash(t)) FROM state.ais_gaps t)")


class Wrong(Exception):
    """What a case found, in one line."""


def environment(lake=None, at=0, mode=None, once=False, count=None, journal=None):
    env = {key: value for key, value in os.environ.items() if not key.startswith("SEINE_")}
    env["SEINE_NOW"] = "2020-03-20T00:00:00Z"
    if lake is not None:
        env.update(LD_PRELOAD=str(SHIM), SEINE_SHIM_FOLDER=str(lake.parent) + "/", SEINE_SHIM_AT=str(at))
        env["ASAN_OPTIONS"] = "verify_asan_link_order=0:" + env.get("ASAN_OPTIONS", "")
        env.update({key: value for key, value in (("SEINE_SHIM_MODE", mode), ("SEINE_SHIM_ONCE", once and "1"),
                                                  ("SEINE_SHIM_COUNT", count and str(count)),
                                                  ("SEINE_SHIM_JOURNAL", journal and str(journal))) if value})
    return env


def seine(*words, env=None):
    return subprocess.run([SEINE, *map(str, words)], env=env or environment(), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=120)


def must(*words):
    done = seine(*words)
    if done.returncode != 0:
        raise Wrong(f"seine {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def make_original(lake):
    """Two days, the first one refreshed: tables with no, one and two snapshots."""
    lake.parent.mkdir(parents=True)
    must("init", lake, "--buckets", 1)
    for day in (1, 2):
        path = lake.parent / f"day_{day}.csv"
        rows = [f"36600000{m},2020-03-0{day}T{h:02}:00:00,10.5,-20.25,1.0" for m in (1, 2) for h in (1, 9, 20)]
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        must("ingest", "--quiet", "--threads", 1, "--lake", lake, path)
        if day == 1:
            must("refresh", "--quiet", "--lake", lake)


def tree(folder):
    """Names, bytes and times of all files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in files]


class Ground:
    """An original in one folder, its copy in another, the number of calls, and what a loss of power may leave."""

    def __init__(self, folder):
        self.folder, self.original, self.lake = folder, folder / "home" / "lake", folder / "new" / "lake"
        make_original(self.original)
        self.rows = must("sql", "--lake", self.original, "--format", "csv", ROWS)
        self.before = tree(self.original)
        self.reset()
        count, journal, before = folder / "count", folder / "journal", disk.Disk(self.lake.parent)
        done = seine("relocate", self.lake, env=environment(self.lake, count=count, journal=journal))
        if done.returncode != 0:
            raise Wrong(f"relocate ended with {done.returncode}: {done.stderr.strip()}")
        self.calls = int(count.read_text())
        self.losses, self.faults = disk.replay(before, disk.read_journal(journal), POWER_POINTS), before.faults
        if before.left() != disk.seen(self.lake.parent):
            raise Wrong("the journal does not hold every change")
        self.check_whole(True)
        if "Nothing to do" not in must("relocate", self.lake):
            raise Wrong("there was something left to do")

    def reset(self):
        shutil.rmtree(self.lake.parent, ignore_errors=True)
        shutil.copytree(self.original, self.lake)

    def check_whole(self, reads_rows):
        must("verify", "--lake", self.lake)
        if reads_rows and must("sql", "--lake", self.lake, "--format", "csv", ROWS) != self.rows:
            raise Wrong("the tables differ from those of the original")

    def disturb(self, at, mode, once):
        self.reset()
        done = seine("relocate", self.lake, env=environment(self.lake, at, mode, once))
        is_over = done.returncode == 0 and may_be_over(at, self.calls)
        if mode == "kill" and done.returncode != -signal.SIGKILL and not is_over:
            raise Wrong(f"was not killed but ended with {done.returncode}: {done.stderr.strip()}")
        if mode != "kill" and done.returncode not in (0, 1):
            raise Wrong(f"ended with {done.returncode}: {done.stderr.strip()}")
        if done.returncode == 1 and len(done.stderr.strip().splitlines()) != 1:
            raise Wrong(f"did not say what is wrong in one line: {done.stderr.strip()!r}")
        self.check_end(done.returncode == 0)

    def lose_power(self, number):
        moment, outcome, left = self.losses[number]
        shutil.rmtree(self.lake.parent)
        self.lake.parent.mkdir()
        disk.put(self.lake.parent, left)
        try:
            self.check_end(moment is None)
        except Wrong as error:
            raise Wrong(f"power lost before change {moment or 'after the last'}, {outcome} survives: {error}") from error

    def check_end(self, ended_well):
        said = seine("table", "ls", "--lake", self.lake)
        if said.returncode not in (0, 2) or (said.returncode == 2 and "moved or copied" not in said.stderr):
            raise Wrong(f"the lake is neither moved nor whole: {said.stderr.strip()}")
        if said.returncode == 0:
            self.check_whole(True)
        elif ended_well:
            raise Wrong("ended well, but the lake is not moved")
        must("relocate", self.lake)
        self.check_whole(True)
        if tree(self.original) != self.before:
            raise Wrong("the original was changed")


def run_all(grounds, cases):
    """Every case on the first free ground. @return what went wrong, by call."""
    free = queue.Queue()
    for ground in grounds:
        free.put(ground)

    def one(case):
        ground = free.get()
        try:
            if case[1] == "power":
                ground.lose_power(case[0])
            else:
                ground.disturb(*case)
            return None
        except (Wrong, subprocess.TimeoutExpired) as error:
            return f"{case[1]} {case[0]} of {len(ground.losses) if case[1] == 'power' else ground.calls}: {error}"
        finally:
            free.put(ground)

    with concurrent.futures.ThreadPoolExecutor(len(grounds)) as pool:
        return [text for text in pool.map(one, cases) if text]


def main():
    root = Path(tempfile.mkdtemp(prefix="seine-relocate-"))
    number, bad = 0, False
    try:
        grounds = [Ground(root / f"ground {n}") for n in range(WORKERS)]
        calls = grounds[0].calls
        at_all = points(calls)
        for title, cases in (
                (f"killed at {len(at_all)} of {calls} calls", [(at, "kill", False) for at in at_all]),
                ("disk full from a call on", [(at, "ENOSPC", False) for at in at_all[0::3]]),
                ("I/O error from a call on", [(at, "EIO", False) for at in at_all[1::3]]),
                ("one call fails", [(at, "EIO", True) for at in at_all[2::3]]),
                ("read-only folder", [(1, "EROFS", False)]),
                ("power lost", [(n, "power", False) for n in range(min(len(ground.losses) for ground in grounds))]),
                ("what has a name is durable", [])):
            problems = run_all(grounds, cases) if cases else grounds[0].faults
            number, bad = number + 1, bad or bool(problems)
            for problem in problems[:5]:
                print(f"# {problem}")
            print(f"{'not ok' if problems else 'ok'} {number} - relocate: {title}", flush=True)
        print(f"1..{number}")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
