#!/usr/bin/env python3
"""What a moved watermark costs in a lake of many movers, all of whose silences are gaps already: nothing is due.

Usage: bench/watermark.py --seine PROGRAM [--movers N] [--rounds N]

Every mover has one fix of one day. An archive of each of the days behind it, with nothing but a duplicate of that day,
moves the time on: the first refresh makes gaps of all silences, the others find nothing to do. Prints one JSON object:
seconds of the job of gaps when all are due, and of it when none is.
"""
import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG\n"


def seine(program, *words):
    return subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def write(path, movers):
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEADER)
        for i in range(movers):
            second = i % 86400
            time = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
            file.write(f"{200_000_000 + 7 * i},2024-03-01T{time},{i % 80},{i % 170},5,0\n")


def measure(program, folder, movers, rounds):
    lake, seconds = folder / "lake", []
    seine(program, "init", "--quiet", lake)
    for day in range(1, rounds + 3):
        file = folder / f"AIS_2024_03_{day:02}.csv"
        write(file, movers if day == 1 else 1)
        seine(program, "ingest", "--quiet", "--lake", lake, file)
        report = json.loads(seine(program, "refresh", "--json", "--lake", lake))
        seconds.append(report["jobs"][0]["seconds"])
        if day > 2 and report["committed"]:
            raise SystemExit(f"watermark: day {day} changes something")
    open_gaps = json.loads(seine(program, "sql", "--lake", lake, "--format", "json", "SELECT count(*) AS n FROM events.ais_gaps"))
    if open_gaps[0]["n"] != movers:
        raise SystemExit(f"watermark: {open_gaps[0]['n']} gaps of {movers} movers")
    return {"movers": movers, "due_s": seconds[1], "none_due_s": statistics.median(seconds[2:])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seine", required=True)
    parser.add_argument("--movers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seine-watermark-") as folder:
        print(json.dumps(measure(options.seine, Path(folder), options.movers, options.rounds)))


if __name__ == "__main__":
    main()
