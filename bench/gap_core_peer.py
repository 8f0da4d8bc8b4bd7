#!/usr/bin/env python3
"""Runs bench/gap_core.sql in DuckDB, two threads, table in memory; prints one JSON object per form of the table.

Usage: gap_core_peer.py [ROWS] [REPEATS]
"""
import json
import statistics
import sys
import time
from pathlib import Path

import duckdb

SCATTER = 7919317  # has no divisor in common with powers of ten


def statements(rows, stride):
    text = Path(__file__).with_name("gap_core.sql").read_text(encoding="utf-8")
    setup, query = text.split("-- name: setup", 1)[1].split("-- name: query", 1)
    return (part.replace("{rows}", str(rows)).replace("{stride}", str(stride)) for part in (setup, query))


def measure(form, rows, stride, repeats):
    setup, query = statements(rows, stride)
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(setup)
    seconds, answer = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        answer = connection.execute(query).fetchone()
        seconds.append(time.perf_counter() - start)
    connection.close()
    median = statistics.median(seconds)
    return {
        "bench": "gap_core",
        "peer": f"duckdb {duckdb.__version__}",
        "form": form,
        "threads": 2,
        "rows": rows,
        "seconds": round(median, 4),
        "rows_per_s": round(rows / median),
        "gaps": answer[0],
        "counts": [int(value) for value in answer[1:5]],
    }


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for form, stride in (("sorted", 1), ("unsorted", SCATTER)):
        print(json.dumps(measure(form, rows, stride, repeats)), flush=True)


if __name__ == "__main__":
    main()
