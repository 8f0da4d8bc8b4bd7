#!/usr/bin/env python3
"""How well `seine detect fishing --score rules` finds what `seine generate ais` planted: navigational status 7 of
vessels of type 30. bench/fishing_scores.py [SEED [INTERVAL]]; the program is SEINE_BIN."""
import bisect
import collections
import csv
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

SEINE = os.environ.get("SEINE_BIN", "build/release/bin/seine")
VESSELS, DAYS = 1000, 2


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "")).replace(tzinfo=timezone.utc).timestamp()


def share(part, whole):
    return f"{part / whole:.4f} ({part} of {whole})" if whole else "none"


def planted_runs(track):
    """Times of first and last message of each run of fishing that could be an event: longer than 20 minutes, more than 5."""
    runs, run = [], []
    for time, is_fishing in track + [(0, False)]:
        if is_fishing:
            run.append(time)
            continue
        if len(run) > 5 and run[-1] - run[0] > 1200:
            runs.append((run[0], run[-1]))
        run = []
    return runs


def measure(tracks, events):
    counts = collections.Counter()
    found = collections.defaultdict(list)
    for row in events:
        found[row["mmsi"]].append((seconds(row["event_start"]), seconds(row["event_end"])))
    for mmsi, track in tracks.items():
        spans = sorted(found[mmsi])
        starts = [start for start, _ in spans]
        for time, is_fishing in track:
            at = bisect.bisect_right(starts, time) - 1
            counts[is_fishing, at >= 0 and time <= spans[at][1]] += 1
        runs = planted_runs(track)
        counts["planted"] += len(runs)
        counts["met"] += sum(any(a <= end and start <= b for a, b in spans) for start, end in runs)
        counts["found"] += len(spans)
        counts["right"] += sum(any(is_fishing and a <= time <= b for time, is_fishing in track) for a, b in spans)
    right = counts[True, True]
    print(f"  messages: precision {share(right, right + counts[False, True])}, recall {share(right, right + counts[True, False])}")
    print(f"  events:   precision {share(counts['right'], counts['found'])}, recall {share(counts['met'], counts['planted'])}")


def detect(folder, day_files, *options):
    events = Path(folder, "events.csv")
    inputs = [part for path in day_files for part in ("-i", path)]
    subprocess.run([SEINE, "detect", "fishing", "--dataset", "ais", *inputs, "--score", "rules", "-o", events, "--quiet",
                    *options], check=True)
    with events.open() as text:
        return list(csv.DictReader(text))


def altered(paths, prefix, alter):
    """Copies of days in which each whole row went through alter."""
    copies = []
    for path in paths:
        copies.append(path.with_name(prefix + path.name))
        with path.open() as source, copies[-1].open("w") as target:
            rows = csv.DictReader(source)
            writer = csv.DictWriter(target, rows.fieldnames)
            writer.writeheader()
            writer.writerows(alter(row) for row in rows if None not in row and None not in row.values())
    return copies


def untold(row):
    return {**row, "vessel_type": ""}


def slowed(row):
    """All that does not fish goes at two fifths of its speed, within the band of fishing."""
    if row["status"] == "7" or row["sog"] in ("", "102.3"):
        return row
    return {**row, "sog": f"{float(row['sog']) * 0.4:.1f}"}


def read(days, tracks):
    for day in days:
        with day.open() as text:
            for row in csv.DictReader(text):
                try:
                    time = seconds(row["base_date_time"])
                except ValueError:
                    continue  # a planted defect
                tracks[row["mmsi"]].append((time, row["status"] == "7" and row["vessel_type"] == "30"))
    for track in tracks.values():
        track.sort()


def main():
    seed, interval = (sys.argv[1:] + ["1", "300"][len(sys.argv) - 1:])[:2]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([SEINE, "generate", "ais", "--out", folder, "--vessels", str(VESSELS), "--days", str(DAYS),
                        "--seed", seed, "--interval", interval, "--format", "csv", "--quiet"], check=True)
        days = sorted(Path(folder).glob("*.csv"))
        tracks = collections.defaultdict(list)
        read(days, tracks)
        print(f"seed {seed}, {VESSELS} vessels, {DAYS} days, a message each {interval} s")
        print("vessel types told:")
        measure(tracks, detect(folder, days))
        print("no type told, so vessels must turn:")
        measure(tracks, detect(folder, altered(days, "untold_", untold)))
        slow = altered(days, "slow_", slowed)
        print("types told, others as slow as fishing:")
        measure(tracks, detect(folder, slow))
        print("no type told, others as slow as fishing:")
        measure(tracks, detect(folder, altered(slow, "untold_", untold)))


if __name__ == "__main__":
    main()
