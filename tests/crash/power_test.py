#!/usr/bin/env python3
"""Lets the power fail while lakes and files are made: what was not synced by then is lost (disk.py).

As test_crash.py does for ingest, refresh and ref load, here for the other commands that write. After the loss a lake is of
before or of after, `seine verify --deep` finds nothing, and the same command again ends in the tables of after; every file
that a command was asked for is there whole or not at all, and there for good once the command has ended well. Prints TAP.
"""
import gzip
import shutil
import subprocess
import sys

import disk
from test_crash import (FIRST_DAYS, HEADER, LATE, SEINE, WORKERS, Ground, Wrong, environment, fix, must, run_all, tell,
                        write_sources)

POINTS = 4
LATER = "2020-03-21T00:00:00Z"
ARCHIVE = "AIS_2020_03_05.csv.gz"
FETCH = ["fetch noaa", "--from=2020-03-05", "--to=2020-03-05", "--base-url={here}/mirror", "--jobs=1"]
# Name, commands before, the command during which the power fails, at how many points.
SCENARIOS = (
    ("fetch", [FIRST_DAYS, ["refresh"]], FETCH, 12),
    ("ingest of what was fetched", [FIRST_DAYS, ["refresh"], FETCH], ["ingest", "--fetched"], POINTS),
    ("source rm", [FIRST_DAYS, ["refresh"]], ["source rm", "day_1.csv"], POINTS),
    ("table expire", [FIRST_DAYS, ["refresh"], LATE, ["refresh"]], ["table expire", "--older-than=0", "--keep=1"],
     2 * POINTS),
)
EXPORT = ["export", "tracks", "--lake", "lake", "--start", "2020-03-01", "--stop", "2020-03-02", "--mmsi", "366000001"]
DETECT = ["detect", "gaps", "-i", "messages.csv", "--min-gap-length", "1"]
# Commands that write files into the folder `out`.
OUTPUTS = (
    *([*EXPORT, "-o", f"out/tracks.{ending}"] for ending in ("csv", "geojson", "gpx", "kml", "parquet", "gpkg")),
    [*EXPORT, "--format", "geoparquet", "-o", "out/geo.parquet"],
    *([*DETECT, "-o", f"out/gaps.{ending}"] for ending in ("jsonl", "csv", "parquet")),
    [*DETECT, "-o", "out/gaps.csv", "--stats", "out/stats.csv"],
    [*DETECT, "--work-dir", "out/work"],
    ["sql", "--lake", "lake", "--format", "csv", "-o", "out/rows.csv", "SELECT * FROM silver.ais"],
    ["sql", "--lake", "lake", "--format", "parquet", "-o", "out/rows.parquet", "SELECT * FROM silver.ais"],
    ["generate", "ais", "--out", "out/new/days", "--days", "2", "--vessels", "20", "--truth", "out/truth.json"],
)


class PowerGround(Ground):
    """With a publisher's folder."""

    def __init__(self, folder, scenario):
        *scenario, self.power_points = scenario
        super().__init__(folder, scenario)

    def run(self, command, env):
        """The commands before are of the day before, so that there is something old to expire."""
        super().run(command, {**env, "SEINE_NOW": LATER} if self.base.exists() else env)

    def prepare(self):
        super().prepare()
        publish(self.folder / "mirror")


def publish(folder):
    lines = "\n".join([HEADER, *(fix(mover, 5, hour) for mover in (1, 2) for hour in (4, 12))]) + "\n"
    folder.mkdir()
    (folder / ARCHIVE).write_bytes(gzip.compress(lines.encode(), mtime=0))


def lakes(folder):
    """Yields (case name, what went wrong)."""
    for number, scenario in enumerate(SCENARIOS):
        (folder / str(number)).mkdir()
        grounds = [PowerGround(folder / str(number) / f"ground_{n}", scenario) for n in range(WORKERS)]
        losses = min(len(ground.losses) for ground in grounds)
        yield f"{scenario[0]}: power lost", run_all(grounds, [(n, "power", False) for n in range(losses)])
        yield f"{scenario[0]}: what has a name is durable", grounds[0].faults


def watch(folder, root, *words, forgotten=()):
    """Runs a command that changes files below @p root. @return the disk and the journal of its changes."""
    journal, before = folder / "journal", disk.Disk(root)
    journal.unlink(missing_ok=True)
    for path in forgotten:
        before.forget(path)
    done = subprocess.run([SEINE, *words], cwd=folder, env=environment(root, journal=journal), check=False,
                          capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise Wrong(f"seine {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return before, disk.read_journal(journal)


def init(folder):
    """A lake in folders that were not there either: no lake or a whole one, and one more command makes it whole."""
    root, lake = folder / "home", folder / "home" / "new" / "lake"
    root.mkdir(parents=True)
    made, changes = watch(folder, root, "init", "home/new/lake", "--buckets", "1")
    losses = disk.replay(made, changes, 3 * POINTS)
    problems = list(made.faults)
    for moment, outcome, left in losses:
        shutil.rmtree(root)
        root.mkdir()
        disk.put(root, left)
        try:
            if moment is None:
                must("verify", "--lake", lake)
            must("init", lake, "--buckets", "1")
            must("verify", "--deep", "--lake", lake)
        except Wrong as error:
            problems.append(f"power lost before change {moment}, {outcome} survives: {error}")
    return problems


def left_by_a_kill(folder):
    """A fetch finds its archive in bronze, put there by one that was killed before it had synced the name."""
    lake = folder / "lake"
    folder.mkdir()
    publish(folder / "mirror")
    must("init", lake, "--buckets", "1")
    archive = lake / "bronze/ais/year=2020/month=03/day=05" / ARCHIVE
    archive.parent.mkdir(parents=True)
    shutil.copy(folder / "mirror" / ARCHIVE, archive)
    words = [word.replace("{here}", str(folder)) for word in FETCH]
    ended, changes = watch(folder, lake, *words[0].split(), "--lake", str(lake), *words[1:], forgotten=[archive])
    disk.replay(ended, changes, 0)
    return [f"{path} has a name that is not durable" for path in ended.unsafe()]


def outputs(folder):
    """Yields (case name, what went wrong)."""
    folder.mkdir()
    write_sources(folder)
    rows = "\n".join(f"a,{hour * 3600},1,2,terrestrial" for hour in (0, 1, 5, 9))
    (folder / "messages.csv").write_text(f"ssvid,timestamp,lat,lon,receiver_type\n{rows}\n", encoding="utf-8")
    must("init", folder / "lake")
    must("ingest", "--quiet", "--lake", folder / "lake", folder / "day_1.csv")
    root = folder / "out"
    root.mkdir()
    for words in OUTPUTS:
        problems = []
        for _ in range(2):  # the second time over the first one's files
            ended, changes = watch(folder, root, *words)
            disk.replay(ended, changes, 0)
            problems += ended.faults
            if ended.left() != disk.seen(root):
                problems.append("the journal does not hold every change")
            if not changes:
                problems.append("nothing was written")
        yield " ".join(words[:2]) + f" {words[-1]}: whole or not there", problems


def cases(root):
    yield "init: power lost", init(root / "init")
    yield from lakes(root)
    yield "fetch: an archive that a killed one left", left_by_a_kill(root / "left")
    yield from outputs(root / "outputs")


if __name__ == "__main__":
    sys.exit(tell("power", cases))
