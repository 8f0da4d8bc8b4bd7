#!/usr/bin/env python3
"""Runs the SQL of a detector's core (bench/NAME.sql) in DuckDB, two threads, table in memory; prints one JSON object per
form of the table.

Usage: core_peer.py gap_core|fishing [ROWS] [REPEATS]
"""
import json
import statistics
import sys
import time
from pathlib import Path

import duckdb

SCATTER = 7919317  # has no divisor in common with powers of ten
# Of each core: what its forms fill in, and in each form its queries with what these fill in.
CORES = {
    "gap_core": {"sorted": ({"stride": 1}, {"gaps": {}}), "unsorted": ({"stride": SCATTER}, {"gaps": {}})},
    "fishing": {"sorted": ({}, {"nnet": {"score": "nnet", "least": 500}, "night": {"score": "night", "least": 50}})},
}


def filled(text, values):
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def measure(core, form, rows, repeats):
    values, queries = CORES[core][form]
    text = filled(Path(__file__).with_name(f"{core}.sql").read_text(encoding="utf-8"), values | {"rows": rows})
    setup, query = text.split("-- name: setup", 1)[1].split("-- name: query", 1)
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(setup)
    seconds, answers = [], {}
    for _ in range(repeats):
        start = time.perf_counter()
        for name, more in queries.items():
            answers[name] = [int(value) for value in connection.execute(filled(query, more)).fetchone()]
        seconds.append(time.perf_counter() - start)
    connection.close()
    median = statistics.median(seconds)
    return {"bench": core, "peer": f"duckdb {duckdb.__version__}", "form": form, "threads": 2, "rows": rows,
            "seconds": round(median, 4), "rows_per_s": round(rows / median)} | answers


def main():
    core = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    for form in CORES[core]:
        print(json.dumps(measure(core, form, rows, repeats)), flush=True)


if __name__ == "__main__":
    main()
