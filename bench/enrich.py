#!/usr/bin/env python3
"""Enrichment of a lake's only day with 3,700 ports, against DuckDB doing the cross join with the same formula.

Usage: bench/enrich.py --seine PROGRAM --lake LAKE [--ports N] [--rounds N] [--sample PERCENT]

The peer computes the nearest port of a sample of the fixes; its seconds are scaled to all of them. Ports lie on a spiral
around the earth. Prints one JSON object; fails when the two disagree about a port or a distance.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

GOLDEN_ANGLE = 180 * (3 - math.sqrt(5))
NEAREST = """
    CREATE OR REPLACE TABLE near AS
    SELECT mmsi, ts, arg_min(port_name, km) AS port, min(km) AS km
    FROM (SELECT mmsi, ts, port_name, 6371 * 2 * atan2(sqrt(a), sqrt(1 - a)) AS km
          FROM (SELECT f.mmsi, f.ts, p.port_name, pow(sin(radians(p.lat - f.lat) / 2), 2)
                       + cos(radians(f.lat)) * cos(radians(p.lat)) * pow(sin(radians(p.lon - f.lon) / 2), 2) AS a
                FROM fix f, port p))
    GROUP BY mmsi, ts"""


def seine(program, *words):
    done = subprocess.Popen([program, *map(str, words)], stdout=subprocess.PIPE, text=True)
    text = done.stdout.read()
    _, status, usage = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    if done.returncode != 0:
        sys.exit(f"enrich: seine {' '.join(map(str, words))} ended with {done.returncode}")
    return text, usage.ru_maxrss / 1024


def write_ports(path, count, shift):
    """Shifted ports make every partition stale again."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("port_id,port_name,lat,lon\n")
        for i in range(count):
            lat = math.degrees(math.asin(1 - (2 * i + 1) / count))
            lon = (i * GOLDEN_ANGLE + shift) % 360 - 180
            file.write(f"P{i:05},PORT {i:05},{lat:.6f},{lon:.6f}\n")


def ours(options, folder):
    runs, peak = [], 0.0
    for number in range(options.rounds):
        path = folder / "ports.csv"
        write_ports(path, options.ports, number)
        seine(options.seine, "ref", "load", "--lake", options.lake, "ports", path)
        text, memory = seine(options.seine, "refresh", "--lake", options.lake, "--json", "--threads", 2)
        (job,) = [job for job in json.loads(text)["jobs"] if job["job"] == "ais_enriched"]
        if job["rewritten"] + job["unchanged"] != job["partitions"]:
            sys.exit(f"enrich: not every partition was made: {job}")
        runs.append(job["seconds"])
        peak = max(peak, memory)
    return statistics.median(runs), peak, job["fixes_fed"]


def peer(options, folder, fixes):
    db = duckdb.connect(config={"threads": 2})
    db.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
    for name, query in (("fix", "SELECT mmsi, ts, lat, lon, nearest_port, distance_to_port_km FROM silver.ais_enriched "
                                f"WHERE hash(mmsi, ts) % 100000 < {int(options.sample * 1000)}"),
                        ("port", "SELECT port_name, lat, lon FROM ref.ports WHERE valid_to IS NULL")):
        seine(options.seine, "sql", "--lake", options.lake, "--format", "parquet", "-o", folder / f"{name}.parquet", query)
        db.execute(f"CREATE TABLE {name} AS SELECT * FROM '{folder / name}.parquet'")
    begin = time.monotonic()
    db.execute(NEAREST)
    seconds = time.monotonic() - begin
    rows, wrong = db.execute("SELECT count(*), count(*) FILTER (port <> nearest_port OR abs(km - distance_to_port_km) >"
                             " 1e-9 * km) FROM near JOIN fix USING (mmsi, ts)").fetchone()
    if rows == 0 or wrong:
        sys.exit(f"enrich: {wrong} of {rows} fixes differ")
    return seconds, seconds * fixes / rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seine", required=True)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--ports", type=int, default=3700)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=float, default=1.0, help="per cent of the fixes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seine-bench-") as folder:
        seconds, peak, fixes = ours(options, Path(folder))
        sample, scaled = peer(options, Path(folder), fixes)
    print(json.dumps({"fixes": fixes, "ports": options.ports, "seconds": round(seconds, 2), "peak_mib": round(peak),
                      "peer_sample_seconds": round(sample, 2), "peer_seconds": round(scaled, 1),
                      "ratio": round(scaled / seconds, 1)}))


if __name__ == "__main__":
    main()
