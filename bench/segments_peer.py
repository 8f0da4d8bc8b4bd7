#!/usr/bin/env python3
"""Segments of real days beside gpsdio-segment, of which SPEC 6.1 are the rules: the same messages, verdict for verdict.

It is in no registry of packages: put the folder that has its package gpsdio_segment on PYTHONPATH; without it nothing is
printed. Both have the messages in memory and one thread; verdicts are those of `seine detect segments`. Prints one line of
JSON.
"""
import argparse
import datetime
import importlib.util
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path

from measured import measured

MESSAGES = ("SELECT mmsi AS ssvid, strftime(ts, '%Y-%m-%dT%H:%M:%S.%f+00:00') AS timestamp, lat, lon, sog AS speed, cog AS course, heading, "
            "CASE transceiver WHEN 'B' THEN 'AIS.18' ELSE 'AIS.1' END AS type, source_file || ':' || source_row AS msgid FROM silver.ais ORDER BY mmsi, ts")
REMEMBERED = 65536  # the peer remembers all; bench_segments, too


def messages_of(seine, days, folder):
    """@return a file of their messages, by ship and time."""
    lake, file = folder / "lake", folder / "messages.jsonl"
    measured(seine, "init", lake)
    measured(seine, "ingest", "--quiet", "--lake", lake, *days)
    file.write_text(measured(seine, "sql", "--lake", lake, "--limit", 0, "--format", "jsonl", MESSAGES)[3], encoding="utf-8")
    return file


def core(program, messages, folder, rounds):
    """@return what bench_segments says of them."""
    file = folder / "messages.csv"
    with open(file, "w", encoding="utf-8") as out:
        for message in messages:
            numbers = [message["ssvid"], round(message["timestamp"].timestamp() * 1e6),
                       *(message[name] for name in ("lat", "lon", "speed", "course", "heading"))]
            out.write(",".join("" if number is None else str(number) for number in numbers) + f",{'B' if message['type'] == 'AIS.18' else 'A'}\n")
    return json.loads(measured(program, file, rounds)[3])


def ours(seine, file, out):
    """@return of each message segment and class."""
    measured(seine, "detect", "segments", "--profile", "v3", "--remembered", REMEMBERED, "--quiet", "-i", file, "-o", out)
    rows = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    return {row["msgid"]: (row["seg_id"], row["seg_class"]) for row in rows if row["seg_id"] is not None}


def peer(messages):
    """@return seconds, and of each message segment and class."""
    from gpsdio_segment.segmenter import Segmenter  # pylint: disable=import-error,import-outside-toplevel
    verdicts, seconds = {}, 0
    for ssvid, track in itertools.groupby(messages, lambda message: message["ssvid"]):
        track = list(track)
        begin = time.perf_counter()
        segments = list(Segmenter(track, ssvid=ssvid))
        seconds += time.perf_counter() - begin
        for segment in segments:
            verdicts.update({message["msgid"]: (segment.id, type(segment).__name__) for message in segment})
    return seconds, verdicts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seine", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("days", type=Path, nargs="+", help="archives of NOAA")
    options = parser.parse_args()
    if importlib.util.find_spec("gpsdio_segment") is None:
        return
    with tempfile.TemporaryDirectory(prefix="seine-bench-") as folder:
        folder = Path(folder)
        file = messages_of(options.seine, options.days, folder)
        messages = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for message in messages:
            message["timestamp"] = datetime.datetime.fromisoformat(message["timestamp"])
        mine = core(options.seine.parent / "bench_segments", messages, folder, options.rounds)
        verdicts = ours(options.seine, file, folder / "out.jsonl")
        seconds, its = peer(messages)
    differ = sum(verdicts.get(key) != its.get(key) for key in verdicts.keys() | its.keys())
    print(json.dumps({"rows": len(messages), "differ": differ, "seconds": mine["seconds"], "peer_seconds": seconds}))


if __name__ == "__main__":
    sys.exit(main())
