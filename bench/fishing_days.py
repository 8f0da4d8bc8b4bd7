#!/usr/bin/env python3
"""What a day costs in a lake of scored messages that grows day by day: half of the ships fish all the time, so that their
events are as old as the lake.

Usage: bench/fishing_days.py --seine PROGRAM [--days N] [--ships N]

Prints one JSON object: seconds of the detector's job, and of the whole ingest and refresh with the tables of all events, of
the days around day 10 and of the last ones, and how many events there are and how long the longest is.
"""
import argparse
import json
import statistics
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from measured import measured

HEADER = "seg_id,ssvid,timestamp,lat,lon,speed_knots,nnet_score,night_loitering\n"
FIRST = datetime(2024, 1, 1)
EVERY_MIN = 5
AROUND = 2  # days on each side that a median is of


def write(path, day, ships):
    """Every ship goes up and down a degree; those of the second half fish a third of the time."""
    per_day = 24 * 60 // EVERY_MIN
    times = [(FIRST + timedelta(days=day, minutes=EVERY_MIN * i)).isoformat() for i in range(per_day)]
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEADER)
        for ship in range(ships):
            for i, time in enumerate(times):
                at = (day * per_day + i + ship * 31) % 500
                score = int(ship < ships // 2 or at % 60 < 20)
                lat = ship % 60 + (at if at < 250 else 500 - at) * 0.004
                file.write(f"seg{ship},{100000 + ship},{time},{lat:.5f},{ship % 160},{3 + at % 5 / 10},{score},0\n")


def measure(program, folder, days, ships):
    lake, whole, jobs = folder / "lake", [], []
    measured(program, "init", "--quiet", lake)
    for day in range(days):
        file = folder / f"scored_{day:03}.csv"
        write(file, day, ships)
        taken = measured(program, "ingest", "--quiet", "--lake", lake, "--dataset", "ais_scored", file)[0]
        refreshed = measured(program, "refresh", "--quiet", "--json", "--lake", lake)
        whole.append(taken + refreshed[0])
        jobs.append(sum(job["seconds"] for job in json.loads(refreshed[3])["jobs"] if job["job"] == "ais_scored_fishing"))
        file.unlink()
    (told,) = json.loads(measured(program, "sql", "--lake", lake, "--format", "json",
                                  "SELECT count(*) AS events, max(message_count) AS longest FROM events.ais_scored_fishing")[3])
    if told["longest"] != days * 24 * 60 // EVERY_MIN:
        raise SystemExit(f"fishing_days: the longest event has {told['longest']} messages")

    def around(seconds, day):
        return statistics.median(seconds[day - AROUND - 1:day + AROUND])
    return {"days": days, "ships": ships, "rows": ships * 24 * 60 // EVERY_MIN,
            "job": [around(jobs, 10), around(jobs, days - AROUND)], "whole": [around(whole, 10), around(whole, days - AROUND)]} | told


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seine", required=True)
    parser.add_argument("--days", type=int, default=122)
    parser.add_argument("--ships", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seine-fishing-days-") as folder:
        print(json.dumps(measure(options.seine, Path(folder), options.days, options.ships)))


if __name__ == "__main__":
    main()
