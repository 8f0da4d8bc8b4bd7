#!/usr/bin/env python3
"""What one late hour costs in a lake of many days, against ingest and refresh of everything.

Generates days of traffic, takes one hour out of the middle day, ingests and refreshes the rest, then adds the hour. The
hour lies within the last half day, so that the states of the following day are computed again as well. Prints one
JSON object; `ratio` is late / all. Needs the zstd program.
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(*command):
    """Seconds and processor seconds a command took, and its output; ends the program when it fails."""
    begin, used = time.monotonic(), processor_seconds()
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"late_hour: {' '.join(map(str, command))} ended with {done.returncode}")
    return time.monotonic() - begin, processor_seconds() - used, done.stdout


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def split(archive, day, hour, rest, late):
    """Writes the rows of one hour of a .csv.zst archive to late, all others to rest."""
    mark = f"{day}T{hour:02}:".encode(), f"{day} {hour:02}:".encode()
    unpack = subprocess.Popen(["zstd", "-dcq", archive], stdout=subprocess.PIPE)
    pack = subprocess.Popen(["zstd", "-q", "-f", "-o", rest], stdin=subprocess.PIPE)
    header = unpack.stdout.readline()
    pack.stdin.write(header)
    rows = 0
    with open(late, "wb") as out:
        out.write(header)
        for line in unpack.stdout:
            if mark[0] in line or mark[1] in line:
                out.write(line)
                rows += 1
            else:
                pack.stdin.write(line)
    pack.stdin.close()
    if unpack.wait() or pack.wait():
        sys.exit("late_hour: zstd failed")
    return rows


def prepare(seine, folder, days, vessels, interval, hour):
    """Folder with the archives of the lake, the late hour beside it."""
    archives = folder / "days"
    run(seine, "generate", "ais", "--quiet", "--out", archives, "--days", days, "--vessels", vessels,
        "--interval", interval)
    files = sorted(archives.glob("*.csv.zst"))
    middle = files[len(files) // 2]
    day = middle.name[4:14]
    rest, late = folder / middle.name, folder / "late_hour.csv"
    rows = split(middle, day, hour, rest, late)
    rest.replace(middle)
    return files, late, rows


def measure(seine, folder, options):
    files, late, rows = prepare(seine, folder, options.days, options.vessels, options.interval, options.hour)
    lake = folder / "lake"
    run(seine, "init", lake)
    result = {"days": options.days, "late_rows": rows}
    steps = {"ingest": ["ingest", "--quiet", *files], "refresh": ["refresh", "--json"],
             "late_ingest": ["ingest", "--quiet", late], "late_refresh": ["refresh", "--json"],
             "again": ["refresh", "--json"]}
    used = {}
    for name, command in steps.items():
        os.sync()  # what the step before has written is not written beside this one
        result[name + "_s"], used[name], text = run(seine, *command, "--threads", 2, "--lake", lake)
        if name.endswith("refresh"):
            result[name + "_fixes_read"] = json.loads(text)["jobs"][0]["fixes_read"]
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    wall = {name: result[name + "_s"] for name in steps}
    for key, seconds in (("ratio", wall), ("ratio_processor", used)):
        result[key] = (seconds["late_ingest"] + seconds["late_refresh"]) / (seconds["ingest"] + seconds["refresh"])
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in result.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seine", default=os.environ.get("SEINE_BIN", "seine"), help="the program")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--vessels", type=int, default=1000)
    parser.add_argument("--interval", type=int, default=86, help="seconds between fixes: 86 makes 1 M rows a day")
    parser.add_argument("--hour", type=int, default=21)
    parser.add_argument("--folder", type=Path, help="work here and keep everything (default: a temporary folder)")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="seine-late-hour-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print(json.dumps(measure(options.seine, folder, options)))
    finally:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
