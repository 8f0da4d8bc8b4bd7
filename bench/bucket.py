#!/usr/bin/env python3
"""A lake in a bucket with its catalog in PostgreSQL beside the same lake in a folder with SQLite, in turn on the same day.

Prints one line of JSON per row of the table. Both servers are told as `tools/stack env` tells them.
"""
import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from measured import ROOT, figures, measured, median
from serve import Server, percentile, tell

sys.path.insert(0, str(ROOT / "tests"))
from harness.bucket import BUCKET, Bucket, access  # noqa: E402

COUNTED = "SELECT (SELECT count(*) FROM silver.ais) AS silver, (SELECT count(*) FROM events.ais_gaps) AS gaps"


class Place:
    """Lakes of one kind, each with a cache of its own. In a bucket: `catalog` is the address of their database."""

    def __init__(self, seine, folder, catalog):
        self.seine, self.folder, self.catalog = seine, folder, catalog
        self.ingests, self.refreshes, self.count = [], [], 0

    def run(self, *words, env=None):
        return measured(self.seine, *words, env=(env or {}) | {"SEINE_CACHE_DIR": str(self.cache)})

    @property
    def cache(self):
        return self.folder / f"cache-{self.count}"

    def make(self, env=None):
        """The next lake, empty. What lies in the one before stays: whoever removes it gets its memory back, the other does not."""
        self.count += 1
        if self.catalog:
            self.lake = f"s3://{BUCKET}/lake-{self.count}"
            self.run("init", self.lake, "--catalog", f"{self.catalog}?catalog_name=lake{self.count}", env=env)
        else:
            self.lake = self.folder / f"lake-{self.count}"
            self.run("init", self.lake)

    def measure(self, day):
        """@return rows of the lake when the day was taken in and all was made that follows from it."""
        self.make()
        os.sync()  # what the runs before have written is not written beside this one
        self.ingests.append(self.run("ingest", "--quiet", "--threads", 2, "--lake", self.lake, day))
        self.refreshes.append(self.run("refresh", "--quiet", "--threads", 2, "--lake", self.lake))
        return self.run("sql", "--lake", self.lake, "--format", "jsonl", COUNTED)[3]


def side_by_side(bucket, local, day, rounds):
    counts = {place.measure(day) for _ in range(rounds) for place in (local, bucket)}
    if len(counts) != 1:
        raise RuntimeError(f"the two disagree about their rows: {counts}")
    for what, goal, name in (("ingest of the day", ">= 0.8 x, memory as there", "ingests"),
                             ("refresh of the day (gaps and gold)", ">= 0.7 x", "refreshes")):
        ours, its = getattr(bucket, name), getattr(local, name)
        tell(f"S3 + PostgreSQL: {what}, 2 threads", figures(ours), f"in a folder with SQLite: {figures(its)}",
             f"{median(its, 0) / median(ours, 0):.2f} x", goal)


def forget(cache):
    """Throws away what a server at work has copied."""
    for copy in cache.glob("boot-*/*"):
        if copy.is_file():
            copy.unlink()


def vessel_days(bucket, count):
    os.environ["SEINE_CACHE_DIR"] = str(bucket.cache)
    server = Server(bucket.seine, bucket.folder, bucket.lake)
    try:
        ids = [line.split(",")[0] for line in server.get("/api/v1/vessels.csv?limit=10000").decode().splitlines()[1:]]
        random.Random(1).shuffle(ids)
        cold = []
        for one in ids[:count]:
            forget(bucket.cache)
            cold.append(server.timed(f"/api/v1/vessels/{one}/track"))
        for one in ids[:len(ids) // 2]:  # until every file was asked for
            server.get(f"/api/v1/vessels/{one}/history?days=1")
        warm = [server.timed(f"/api/v1/vessels/{one}/track") for one in ids[-count:]]
    finally:
        server.stop()
        del os.environ["SEINE_CACHE_DIR"]
    for what, times, goal in (("no copies on this machine", cold, "p50 < 40 ms"), ("copies in the cache", warm, "p50 < 5 ms")):
        tell(f"S3: one vessel-day over HTTP, not answered before, {what}",
             f"p50 {percentile(times, .5):.1f} ms, p99 {percentile(times, .99):.1f} ms", "-", "-", goal)


def requests_of(place, days):
    """@return requests of one ingest, and data files it made."""
    with Bucket() as server:
        env = access(server.endpoint)
        place.make(env)
        before = len(server.requests)
        place.run("ingest", "--quiet", "--lake", place.lake, *days, env=env)
        return len(server.requests) - before, sum("/data/" in key for key in server.objects)


def requests(place, vessels):
    with tempfile.TemporaryDirectory(dir=place.folder) as folder:
        place.run("generate", "ais", "--quiet", "--out", folder, "--days", 2, "--vessels", vessels, "--interval", 160)
        days = sorted(Path(folder).glob("*.csv.zst"))
        one, one_files = requests_of(place, days[:1])
        two, two_files = requests_of(place, days)
    each = (two - one) / (two_files - one_files)
    tell("S3: requests of an ingest", f"{one} for one day ({one_files} data files), {two} for two ({two_files})",
         f"{one - each * one_files:.0f} whatever it takes in", f"{each:.1f} per data file", "<= 3")


def commits(bucket, local, program, count):
    """Of 20 tables at once."""
    bucket.count += 1
    ours = json.loads(measured(program, f"s3://{BUCKET}/tables", count, f"{bucket.catalog}?catalog_name=tables")[3])
    its = json.loads(measured(program, local.folder / "tables", count)[3])
    tell(f"S3 + PostgreSQL: commit of {ours['tables']} tables in one transaction", f"{ours['seconds'] * 1000:.1f} ms",
         f"in a folder with SQLite: {its['seconds'] * 1000:.1f} ms", "-", "<= 50 ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seine", type=Path, required=True)
    parser.add_argument("--day", type=Path, required=True, help="an archive")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=100, help="look-ups and commits")
    parser.add_argument("--counted-vessels", type=int, default=1000, help="of the days whose requests are counted")
    options = parser.parse_args()
    seine, catalog = options.seine.resolve(), os.environ.pop("SEINE_CATALOG")
    with tempfile.TemporaryDirectory(prefix="seine-bench-bucket-") as folder:
        bucket, local = Place(seine, Path(folder), catalog), Place(seine, Path(folder), None)
        side_by_side(bucket, local, options.day.resolve(), options.rounds)
        vessel_days(bucket, options.count)
        requests(bucket, options.counted_vessels)
        commits(bucket, local, seine.parent / "bench_commit_tables", options.count)


if __name__ == "__main__":
    sys.exit(main())
