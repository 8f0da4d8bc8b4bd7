#!/usr/bin/env python3
"""Ends `seine relocate` at every change it makes, and lets the disk fail there.

A lake is copied beside its original. Each time on a fresh copy, call N of relocate (counted by shim.c) kills the process,
or finds the disk full, or fails for good or once; or the power fails, and what was not synced by then is lost (disk.py).
Afterwards the copy either still says that it was moved, or is whole; relocate again makes it whole, with all snapshots;
the original never changes by a byte. Prints TAP.
crash_points.py says at which calls; full and failing disks take turns at them.
"""
import functools
import hashlib
import shutil
import signal
import sys

sys.path.insert(0, sys.path[0] + "/..")
import disk
from crash_points import failing, may_be_over, points
from harness.faults import disturb_all, shim
from harness.lakes import write_day
from harness.program import equal, run, seine
from harness.tap import main, own_folder

WORKERS = 2
POWER_POINTS = 4
HEADER = "MMSI,BaseDateTime,LAT,LON,SOG"
ROWS = ("SELECT (SELECT count(*) FROM silver.ais), (SELECT sum(hash(t)) FROM silver.ais t),"
        " (SELECT count(*) FROM events.ais_gaps), (SELECT sum(hash(t)) FROM events.ais_gaps t),"
        " (SELECT sum(hash(t)) FROM state.ais_gaps t)")


def make_original(lake):
    """Two days, the first one refreshed: tables with no, one and two snapshots."""
    lake.parent.mkdir(parents=True)
    seine(None, "init", lake, "--buckets", 1)
    for day in (1, 2):
        path = write_day(lake.parent, f"day_{day}.csv", [f"36600000{m},2020-03-0{day}T{h:02}:00:00,10.5,-20.25,1.0"
                                                         for m in (1, 2) for h in (1, 9, 20)], HEADER)
        seine(None, "ingest", "--quiet", "--threads", 1, "--lake", lake, path)
        if day == 1:
            seine(None, "refresh", "--quiet", "--lake", lake)


def rows_of(lake):
    return seine(None, "sql", "--lake", lake, "--format", "csv", ROWS)


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
        self.rows = rows_of(self.original)
        self.before = tree(self.original)
        self.reset()
        count, journal, before = folder / "count", folder / "journal", disk.Disk(self.lake.parent)
        seine(None, "relocate", self.lake, env=shim(self.lake.parent, count=count, journal=journal))
        self.calls = int(count.read_text())
        self.losses, self.faults = disk.replay(before, disk.read_journal(journal), POWER_POINTS), before.faults
        assert before.left() == disk.seen(self.lake.parent), "the journal does not hold every change"
        self.check_whole()
        assert "Nothing to do" in seine(None, "relocate", self.lake), "there was something left to do"

    def reset(self):
        shutil.rmtree(self.lake.parent, ignore_errors=True)
        shutil.copytree(self.original, self.lake)

    def check_whole(self):
        seine(None, "verify", "--lake", self.lake)
        equal(rows_of(self.lake), self.rows, "the tables of the original")

    def disturb(self, at, mode, once):
        if mode == "power":
            self.lose_power(at)
            return
        self.reset()
        done = run(None, "relocate", self.lake, env=shim(self.lake.parent, at, mode, once))
        said = f"ended with {done.returncode}: {done.stderr.strip()}"
        if mode == "kill":
            is_over = done.returncode == 0 and may_be_over(at, self.calls)
            assert done.returncode == -signal.SIGKILL or is_over, f"was not killed but {said}"
        else:
            assert done.returncode in (0, 1), said
        assert done.returncode != 1 or len(done.stderr.strip().splitlines()) == 1, f"not one line of what is wrong: {said}"
        self.check_end(done.returncode == 0)

    def lose_power(self, number):
        moment, outcome, left = self.losses[number]
        shutil.rmtree(self.lake.parent)
        self.lake.parent.mkdir()
        disk.put(self.lake.parent, left)
        try:
            self.check_end(moment is None)
        except AssertionError as error:
            raise AssertionError(f"power lost before change {moment}, {outcome} survives: {error}") from error

    def check_end(self, ended_well):
        seen = run(None, "table", "ls", "--lake", self.lake)
        assert seen.returncode == 0 or seen.returncode == 2 and "moved or copied" in seen.stderr, \
            f"the lake is neither moved nor whole: {seen.stderr.strip()}"
        if seen.returncode == 0:
            self.check_whole()
        else:
            assert not ended_well, "ended well, but the lake is not moved"
        seine(None, "relocate", self.lake)
        self.check_whole()
        assert tree(self.original) == self.before, "the original was changed"


def cases(folder):
    grounds = [Ground(folder / f"ground {n}") for n in range(WORKERS)]
    calls = grounds[0].calls
    at_all = points(calls)
    for title, places in (
            (f"killed at {len(at_all)} of {calls} calls", [(at, "kill", False) for at in at_all]),
            *failing(calls),
            ("power lost", [(n, "power", False) for n in range(min(len(ground.losses) for ground in grounds))])):
        yield f"relocate: {title}", functools.partial(disturb_all, grounds, places)
    yield "relocate: what has a name is durable", functools.partial(equal, grounds[0].faults, [], "breaches")


if __name__ == "__main__":
    with own_folder() as work:
        main(cases(work))
