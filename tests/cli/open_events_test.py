#!/usr/bin/env python3
"""Open gaps as time passes: a watermark that moves looks at those movers only whose silence it makes a gap, and the events
are always those of a lake that was refreshed once.

Environment: SEINE_BIN.
"""
import json
import random
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, seine, sql
from harness.tap import main


def write(folder, name, fixes):
    """fixes: (mmsi, minute of 2024-03-01 and on)."""
    rows = [f"{mmsi},2024-03-{1 + minute // 1440:02}T{minute % 1440 // 60:02}:{minute % 60:02}:00,{40 + mmsi / 100},1,5,0" for mmsi, minute in fixes]
    (folder / name).write_text("MMSI,BaseDateTime,LAT,LON,SOG,COG\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def refresh(folder, lake="lake"):
    """Of gaps, and what they are made of. @return the report of their job."""
    report = json.loads(seine(folder, "refresh", "--lake", lake, "--json", "gaps"))
    return next(job for job in report["jobs"] if job["job"] == "ais_gaps")


def gaps(folder, lake="lake"):
    return sql(folder, "SELECT * EXCLUDE (version) FROM events.ais_gaps ORDER BY ALL", lake=lake)


def once(folder, name, files):
    """@return the events of a lake that takes the files together."""
    seine(folder, "init", "--quiet", "--buckets", 4, name)
    seine(folder, "ingest", "--quiet", "--lake", name, *files)
    refresh(folder, name)
    return gaps(folder, name)


def whole(folder, lake="lake"):
    equal(json.loads(seine(folder, "verify", "--deep", "--json", "--lake", lake))["findings"], [], "verify --deep")


def a_watermark_makes_gaps_of_the_silences_that_it_passes(folder):
    """Ten vessels fall silent hour by hour; one that nobody misses moves the time on."""
    seine(folder, "init", "--quiet", "--buckets", 16, "lake")
    write(folder, "silent.csv", [(mmsi, 60 * mmsi) for mmsi in range(1, 11)])
    seine(folder, "ingest", "--quiet", "--lake", "lake", "silent.csv")
    equal(refresh(folder)["new"], 3, "of the first three six hours and more have passed")
    for minute, opened in ((610, 1), (620, 0), (660, 0), (661, 1), (662, 0), (960, 4), (961, 1), (5000, 0)):
        write(folder, "clock.csv", [(99, at) for at in range(600, minute, 60)] + [(99, minute)])
        seine(folder, "ingest", "--quiet", "--lake", "lake", "--replace", "clock.csv")
        job = refresh(folder)
        open_gaps = [row["mmsi"] for row in gaps(folder) if not row["is_closed"]]
        equal(job["new"], opened, f"gaps at minute {minute}")
        equal(sorted(map(int, open_gaps)), [mmsi for mmsi in range(1, 11) if minute - 60 * mmsi > 360], f"open at minute {minute}")
    whole(folder)


def a_lake_looks_at_nobody_when_nothing_is_due(folder):
    """A day without a position of its own moves the time: the first makes gaps of all silences, the next none."""
    seine(folder, "init", "--quiet", "--buckets", 4, "lake")
    write(folder, "AIS_2024_03_01.csv", [(mmsi, 1000 + mmsi) for mmsi in range(1, 40)])
    seine(folder, "ingest", "--quiet", "--lake", "lake", "AIS_2024_03_01.csv")
    for day, opened in ((1, 39), (2, 0), (3, 0)):
        if day > 1:
            write(folder, f"AIS_2024_03_0{day}.csv", [(1, 1001)])
            seine(folder, "ingest", "--quiet", "--lake", "lake", f"AIS_2024_03_0{day}.csv")
        status = json.loads(seine(folder, "status", "--lake", "lake", "--json"))
        report = json.loads(seine(folder, "refresh", "--lake", "lake", "--json"))
        equal(next(job for job in report["jobs"] if job["job"] == "ais_gaps")["new"], opened, f"gaps on day {day}")
        equal(report["committed"], day == 1, f"whether day {day} changes anything: {status}")
    equal(len(gaps(folder)), 39, "open gaps")
    seine(folder, "source", "rm", "--lake", "lake", "AIS_2024_03_03.csv")
    equal(refresh(folder)["stale"], 0, "nothing is stale when the time goes back over nothing")
    whole(folder)


def any_way_of_time_ends_in_the_events_of_one_refresh(folder):
    """Files that come and go move the watermark forwards and back."""
    rng = random.Random(3)
    seine(folder, "init", "--quiet", "--buckets", 4, "lake")
    live = []
    for step in range(12):
        if live and rng.random() < 0.3:
            seine(folder, "source", "rm", "--lake", "lake", live.pop(rng.randrange(len(live))))
        else:
            begin = rng.randrange(4000)
            name = f"{step}.csv"
            write(folder, name, sorted({(rng.randrange(1, 9), begin + rng.randrange(rng.choice((30, 900)))) for _ in range(6)}, key=lambda fix: fix[1]))
            seine(folder, "ingest", "--quiet", "--lake", "lake", name)
            live.append(name)
        refresh(folder)
        if live:
            equal(gaps(folder), once(folder, f"once{step}", live), f"after step {step} of {live}")
        else:
            equal(gaps(folder), [], "no files")
    whole(folder)


if __name__ == "__main__":
    main([a_watermark_makes_gaps_of_the_silences_that_it_passes, a_lake_looks_at_nobody_when_nothing_is_due,
          any_way_of_time_ends_in_the_events_of_one_refresh])
