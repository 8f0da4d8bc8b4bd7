#!/usr/bin/env python3
"""Runs every walkthrough of examples/ and looks at what it leaves.

Environment: SEINE_BIN, the program (default build/release/bin/seine).
"""
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import ROOT, environment
from harness.tap import main


def walk(name, folder):
    result = subprocess.run(["bash", ROOT / "examples" / name, folder], env=environment(now=None), stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=600, check=False)
    assert result.returncode == 0, f"{name} ended with {result.returncode}: {result.stderr[-2000:]}"
    return result.stdout


def gaps_of_a_file(folder):
    walk("gaps_of_a_file.sh", folder)
    (first,), (second,) = ([json.loads(line) for line in Path(folder, name).read_text(encoding="utf-8").splitlines()]
                           for name in ("gaps1.jsonl", "gaps2.jsonl"))
    assert (first["is_closed"], second["is_closed"]) == (False, True), (first, second)
    assert first["gap_id"] == second["gap_id"] and first["version"] <= second["version"], (first, second)
    assert second["duration_h"] == 23.0, second


def late_and_replaced_days(folder):
    output = walk("late_and_replaced_days.sh", folder)
    counts = [tuple(map(int, line.split(","))) for line in output.splitlines()
              if line.count(",") == 1 and line.replace(",", "").isdigit()]
    truth = json.loads(Path(folder, "days", "truth.json").read_text(encoding="utf-8"))
    assert len(counts) == 3, output
    # One of the two ships that share an id falls silent before the end, which the id does not.
    assert counts[1] == (truth["closed_gaps_over_6h"], truth["open_gaps_over_6h"] + len(truth["shared_mmsi"])), (counts, output)
    assert counts[0][0] < counts[1][0] and counts[2] != counts[1], counts


TESTS = [gaps_of_a_file, late_and_replaced_days]


def every_example_has_a_test():
    scripts = sorted(path.stem for path in (ROOT / "examples").glob("*.sh"))
    assert scripts == sorted(test.__name__ for test in TESTS), f"an example without a test: {scripts}"


if __name__ == "__main__":
    main([every_example_has_a_test, *TESTS])
