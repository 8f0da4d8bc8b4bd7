#!/usr/bin/env python3
"""Ends ingest, refresh and ref load at every change they make to a lake, and lets the disk fail there: nothing may be half done.

For each scenario one undisturbed run counts the calls that change files (shim.c). Then, each time on a fresh copy of the
lake, call N kills the process, or finds the disk full, or fails for good or once; or the power fails, and what the
undisturbed run had not synced by then is lost (disk.py). Afterwards `seine verify` must find nothing, the tables must be
those of before or of after, and the same command again must end in those of after. Prints TAP. crash_points.py says at
which calls; full and failing disks take turns at them.
"""
import concurrent.futures
import contextlib
import json
import os
import queue
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import disk
from crash_points import KILLS, failing, may_be_over, points

BUILD = Path(os.environ.get("SEINE_BUILD", "build/release")).resolve()
SEINE = os.environ.get("SEINE_BIN", str(BUILD / "bin" / "seine"))
SHIM = BUILD / "lib" / "shim.so"
WORKERS = 2
NOW = "2020-03-20T00:00:00Z"
HEADER = ("MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,"
          "Cargo,TransceiverClass")
TABLES = ("silver.ais", "silver.ais_rejects", "events.ais_gaps", "events.ais_gaps_history", "state.ais_gaps",
          "state.ais_gaps_head", "ref.ports", "ref.weather", "ref.rejects")
# Refresh commits events first, then enriched fixes, then all gold tables together: each group is of before or of after.
ENRICHED = ("silver.ais_enriched", "state.ais_enriched", "state.ais_enriched_head")
MODELS = Path(__file__).resolve().parents[2] / "models"
GOLD = tuple(f"gold.{path.stem}" for path in sorted(MODELS.glob("ais_*.sql")))
GROUPS = (TABLES, ENRICHED, GOLD)
FOR_GOOD = (".parquet", ".avro", ".json", ".csv")  # files that never change


class Wrong(Exception):
    """What a case found, in one line."""


def environment(lake=None, at=0, mode=None, once=False, count=None, journal=None):
    env = {key: value for key, value in os.environ.items() if not key.startswith("SEINE_")}
    env["SEINE_NOW"] = NOW
    if lake is not None:
        env.update(LD_PRELOAD=str(SHIM), SEINE_SHIM_FOLDER=str(lake) + "/", SEINE_SHIM_AT=str(at))
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


def fingerprint(lake, known=None):
    """Counts and order-free hashes of all rows of all tables, by group; then the sources.

    known: metadata → what was found, for the lakes made of one: a table whose metadata was looked at is not asked again,
    since files never change (Ground.check_files).
    """
    known = {} if known is None else known
    tables, sources = pointers(lake)
    place = {f"{namespace}.{name}": location for namespace, name, location in tables}
    wanted = [table for group in GROUPS for table in group]
    asked = [table for table in wanted if place[table] not in known]
    if asked:
        query = " UNION ALL ".join(f"SELECT '{table}', count(*), sum(hash(t)) FROM {table} t" for table in asked)
        for row in must("sql", "--lake", lake, "--format", "csv", query).splitlines()[1:]:
            known[place[row.split(",")[0]]] = row
    return [*([known[place[table]] for table in group] for group in GROUPS), sources]


def pointers(lake):
    """Where each table's metadata lies, and the sources: equal pointers are equal lakes."""
    with contextlib.closing(sqlite3.connect(lake / "catalog.db")) as catalog:
        return [catalog.execute(query).fetchall() for query in (
            "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables ORDER BY 1, 2",
            "SELECT name, sha256, bytes, rows, state FROM seine_source ORDER BY 1, 2")]


def same_file(one, other):
    """Whether neither was written since one became a copy of the other."""
    one, other = one.stat(), other.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def fix(mover, day, hour, minute=0, lat=10.5):
    return f"36600000{mover},2020-03-{day:02}T{hour:02}:{minute:02}:00,{lat},-20.25,1.0,90.0,90,NAME,,,,,,,,,A"


def write_sources(folder):
    """First and second day, a late piece of both days, another edition of the first day, and two sets of ports."""
    first = [fix(m, 1, h) for m in (1, 2) for h in (1, 9, 20)]
    second = [fix(m, 2, h) for m in (1, 3) for h in (3, 18)]
    late = [fix(1, 1, 14), fix(3, 2, 10), fix(1, 2, 3), fix(2, 1, 21, lat=91), "no,row"]
    rows = {"day_1.csv": first, "day_2.csv": second, "late.csv": late, "other/day_1.csv": first[:2] + [fix(2, 1, 5)]}
    rows_of_ports = {"ports_1.csv": ["a,Alpha,1,1", "b,Beta,2,2", "c,Gamma,95,3"],
                     "ports_2.csv": ["a,Alpha,1,1", "b,Bravo,2,2", "d,,4,4"]}
    for name, lines in rows_of_ports.items():
        (folder / name).write_text("\n".join(["id,name,lat,lon", *lines]) + "\n", encoding="utf-8")
    (folder / "other").mkdir()
    for name, lines in rows.items():
        (folder / name).write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


FIRST_DAYS = ["ingest", "{here}/day_1.csv", "{here}/day_2.csv"]
LATE = ["ingest", "{here}/late.csv"]
# Name, commands before, the command that is disturbed; at how many calls it is killed on each change.
SCENARIOS = (
    ("ingest", [FIRST_DAYS, ["refresh"]], LATE, KILLS),
    ("ingest --replace", [FIRST_DAYS, ["refresh"]], ["ingest", "--replace", "{here}/other/day_1.csv"], KILLS // 2),
    ("refresh", [FIRST_DAYS, ["ref load ports", "{here}/ports_1.csv"], ["refresh"], LATE], ["refresh"], KILLS),
    ("ref load", [["ingest", "{here}/day_1.csv"], ["refresh"], ["ref load ports", "{here}/ports_1.csv"]],
     ["ref load ports", "{here}/ports_2.csv", "--valid-from=2020-03-01"], KILLS),
)


class Ground:
    """A folder with the lake before, the fingerprint before and after, the number of calls, and what a loss may leave."""

    power_points = 6

    def __init__(self, folder, scenario):
        _, before, self.command = scenario[:3]
        self.folder, self.lake, self.base = folder, folder / "lake", folder / "base"
        folder.mkdir()
        self.prepare()
        must("init", self.lake, "--buckets", 1)
        for command in before:
            self.run(command, environment())
        self.lake.rename(self.base)
        self.reset()
        self.known = {}
        self.pointers, self.old = pointers(self.lake), fingerprint(self.lake, self.known)
        self.reset()
        self.watch()
        self.new = fingerprint(self.lake, self.known)

    def prepare(self):
        write_sources(self.folder)

    def watch(self):
        """The undisturbed run."""
        count, journal, before = self.folder / "count", self.folder / "journal", disk.Disk(self.lake)
        self.run(self.command, environment(self.lake, count=count, journal=journal))
        self.calls = int(count.read_text())
        self.losses = disk.replay(before, disk.read_journal(journal), self.power_points)
        self.faults = before.faults
        if before.left() != disk.seen(self.lake):
            raise Wrong("the journal does not hold every change")

    def reset(self):
        shutil.rmtree(self.lake, ignore_errors=True)
        shutil.copytree(self.base, self.lake)

    def words(self, command):
        alone = ["--threads", "1"] if command[0] in ("ingest", "refresh") else []
        rest = [word.replace("{here}", str(self.folder)) for word in command[1:]]
        return [*command[0].split(), *alone, "--quiet", "--lake", str(self.lake), *rest]

    def run(self, command, env):
        done = seine(*self.words(command), env=env)
        if done.returncode != 0:
            raise Wrong(f"seine {command[0]} ended with {done.returncode}: {done.stderr.strip()}")

    def check_whole(self, *how):
        found = seine("verify", *how, "--lake", self.lake)
        if found.returncode != 0:
            raise Wrong(f"verify: {found.stderr.strip()}")
        if pointers(self.lake) == self.pointers:
            return self.old
        now = fingerprint(self.lake, self.known)
        for group, found, old, new in zip([*GROUPS, ["the sources"]], now, self.old, self.new):
            if found not in (old, new):
                raise Wrong(f"{group[0]} and those with it are neither of before nor of after")
        return now

    def disturb(self, at, mode, once):
        self.reset()
        done = seine(*self.words(self.command), env=environment(self.lake, at, mode, once))
        if mode == "kill":
            if done.returncode != -signal.SIGKILL and (done.returncode != 0 or not may_be_over(at, self.calls)):
                raise Wrong(f"was not killed but ended with {done.returncode}: {done.stderr.strip()}")
        elif done.returncode not in (0, 1):
            raise Wrong(f"ended with {done.returncode}: {done.stderr.strip()}")
        elif done.returncode == 1 and (len(done.stderr.strip().splitlines()) != 1 or "seine" not in done.stderr):
            raise Wrong(f"did not say what is wrong in one line: {done.stderr.strip()!r}")
        self.check_end(done.returncode == 0)
        self.check_files()

    def lose_power(self, number):
        moment, outcome, left = self.losses[number]
        shutil.rmtree(self.lake)
        self.lake.mkdir()
        disk.put(self.lake, left)
        try:
            self.check_end(moment is None, "--deep")
        except Wrong as error:
            raise Wrong(f"power lost before change {moment or 'after the last'}, {outcome} survives: {error}") from error

    def check_files(self):
        """No file of before is another one now, but for the catalog and what names the last metadata."""
        for path in self.base.rglob("*.*"):
            now = self.lake / path.relative_to(self.base)
            if path.suffix in FOR_GOOD and path.is_file() and now.exists() and not same_file(path, now):
                raise Wrong(f"{now} was changed")

    def check_end(self, ended_well, *how):
        now = self.check_whole(*how)
        if ended_well and now != self.new:
            raise Wrong("ended well, but its change is not there")
        self.run(self.command, environment())
        if fingerprint(self.lake, self.known) != self.new:
            raise Wrong("run again, the tables are not those of an undisturbed run")


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
        except (Wrong, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
            return f"{case[1]} {case[0]} of {len(ground.losses) if case[1] == 'power' else ground.calls}: {error}"
        finally:
            free.put(ground)

    with concurrent.futures.ThreadPoolExecutor(len(grounds)) as pool:
        return [text for text in pool.map(one, cases) if text]


def disturb_everywhere(folder, scenario):
    """Yields (case name, what went wrong)."""
    grounds = [Ground(folder / f"ground_{n}", scenario) for n in range(WORKERS)]
    (name, *_, kills), calls = scenario, grounds[0].calls
    at_all = points(calls, kills)
    modes = (
        (f"{name}: killed at {len(at_all)} of {calls} calls", [(at, "kill", False) for at in at_all]),
        *((f"{name}: {how}", cases) for how, cases in failing(calls)),
        (f"{name}: power lost", [(number, "power", False) for number in range(min(len(g.losses) for g in grounds))]),
    )
    for title, cases in modes:
        yield title, run_all(grounds, cases)
    yield f"{name}: what has a name is durable", grounds[0].faults


def together(folder):
    """Two processes ingest and refresh one lake at once; who is turned away tries again."""
    write_sources(folder)
    lakes = [folder / "alone", folder / "together"]
    files = [folder / name for name in ("day_1.csv", "day_2.csv", "late.csv")]
    for lake in lakes:
        must("init", lake, "--buckets", 2)
    for file in files:
        must("ingest", "--quiet", "--lake", lakes[0], file)
    must("refresh", "--lake", lakes[0])

    def insist(*words):
        for _ in range(200):
            done = seine(*words)
            if done.returncode == 0:
                return
            if "held by" not in done.stderr and "try again" not in done.stderr and "locked" not in done.stderr:
                raise Wrong(f"seine {words[0]}: {done.stderr.strip()}")
        raise Wrong(f"seine {words[0]} was turned away 200 times")

    jobs = [["ingest", "--quiet", "--lake", lakes[1], file] for file in files] + [["refresh", "--lake", lakes[1]]] * 6
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(insist, *job) for job in jobs]:
            future.result()
    must("refresh", "--lake", lakes[1])
    must("verify", "--deep", "--lake", lakes[1])
    for table in ("silver.ais", "events.ais_gaps", "state.ais_gaps", "state.ais_gaps_head"):
        columns = "* EXCLUDE (version)" if table.startswith("events") else "*"
        sql = f"SELECT count(*), sum(hash(t)) FROM (SELECT {columns} FROM {table}) t"
        one, other = (must("sql", "--lake", lake, "--format", "csv", sql) for lake in lakes)
        if one != other:
            raise Wrong(f"{table} differs from the one made alone: {one.split()[-1]} and {other.split()[-1]}")


def cases(root):
    """Yields (case name, what went wrong)."""
    for index, scenario in enumerate(SCENARIOS):
        (root / str(index)).mkdir()
        yield from disturb_everywhere(root / str(index), scenario)
    (root / "together").mkdir()
    try:
        together(root / "together")
        problems = []
    except Wrong as error:
        problems = [str(error)]
    yield "two processes ingest and refresh at once", problems


def tell(name, cases_of):
    """Runs the cases that a function yields for an empty folder. @return the exit code."""
    root = Path(tempfile.mkdtemp(prefix=f"seine-{name}-"))
    number, bad = 0, False
    try:
        for number, (title, problems) in enumerate(cases_of(root), 1):
            bad = bad or bool(problems)
            for problem in problems[:5]:
                print("# " + problem.replace("\n", "\n# "))
            print(f"{'not ok' if problems else 'ok'} {number} - {title}", flush=True)
        print(f"1..{number}")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(tell("crash", cases))
