#!/usr/bin/env python3
"""Models against the same SQL by hand, and the last of many days against the first.

Usage: bench/models.py [--build DIR] [--vessels N] [--interval SECONDS] [--days N] [--threads N] [--rounds N] [--keep DIR]

Makes two lakes of generated traffic: one large day for the ratio to SQL by hand (bench_models), and many smaller days
that come one by one, each with a refresh of its own. Prints one JSON object per line.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOTALS = {"gold.ais_pairs_total", "gold.ais_companions", "gold.ais_port_statistics", "gold.ais_last_state",
          "gold.ais_vessels"}


def seine(program, *words):
    done = subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def against_sql(options, folder, program):
    seine(program, "generate", "ais", "--out", folder / "day", "--days", 1, "--vessels", options.vessels,
          "--interval", options.interval)
    seine(program, "init", folder / "large")
    seine(program, "ingest", "--lake", folder / "large", *sorted((folder / "day").glob("*.csv*")))
    seine(program, "refresh", "--lake", folder / "large")
    rows = json.loads(seine(program, "sql", "--lake", folder / "large", "--format", "json",
                            "SELECT count(*) AS n FROM silver.ais"))[0]["n"]
    found = json.loads(seine(options.build / "bin" / "bench_models", folder / "large", "2025-01-01", options.threads,
                             options.rounds))
    return {"what": "daily gold of one day, against the same SQL by hand", "rows": rows, "goal": 1.1} | found


def last_against_first(options, folder, program):
    """Seconds of the daily tables when each day comes alone; the median of three days at both ends.

    An archive holds some rows of the day before, which is then made again too: so the seconds are those per
    100,000 hours of vessels made, beside the plain ones.
    """
    seine(program, "generate", "ais", "--out", folder / "days", "--days", options.days, "--vessels",
          max(options.vessels // 10, 10), "--interval", options.interval)
    seine(program, "init", folder / "many")
    daily, each, totals = [], [], []
    for path in sorted((folder / "days").glob("*.csv*")):
        seine(program, "ingest", "--lake", folder / "many", path)
        report = json.loads(seine(program, "refresh", "--lake", folder / "many", "--json"))
        daily.append(sum(model["seconds"] for model in report["models"] if model["table"] not in TOTALS))
        (hours,) = [model["rows"] for model in report["models"] if model["table"] == "gold.ais_hourly_h3"]
        each.append(daily[-1] / hours * 100000)
        totals.append(sum(model["seconds"] for model in report["models"] if model["table"] in TOTALS))
    first, last = sorted(each[:3])[1], sorted(each[-3:])[1]
    return {"what": f"day {options.days} into a lake of {options.days - 1} days, against the first",
            "first_s": round(daily[0], 3), "last_s": round(daily[-1], 3), "first_s_per_100k": round(first, 3),
            "last_s_per_100k": round(last, 3), "ratio": round(last / first, 3), "goal": 1.2,
            "totals_first_s": round(totals[0], 3), "totals_last_s": round(totals[-1], 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release")
    parser.add_argument("--vessels", type=int, default=15000)
    parser.add_argument("--interval", type=int, default=160)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder for the lakes, kept afterwards")
    options = parser.parse_args()
    program = options.build / "bin" / "seine"
    with tempfile.TemporaryDirectory(prefix="seine-bench-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for measure in (against_sql, last_against_first):
            print(json.dumps(measure(options, folder, program)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
