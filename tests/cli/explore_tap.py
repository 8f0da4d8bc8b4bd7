"""What tests of the whole program share: lakes made from a few rows, running the program, printing TAP."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEINE = Path(os.environ.get("SEINE_BIN") or ROOT / "build" / "release" / "bin" / "seine").resolve()
SHARED = Path(os.environ.get("SEINE_SHARED") or ROOT.parent / "shared")
NOW = "2026-01-01T00:00:00Z"
HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,VesselName"


class Skip(Exception):
    """What a test needs is not here."""


def environment(now=NOW):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEINE_")}
    return kept | {"SEINE_NOW": now}


def run(folder, *words, now=NOW):
    return subprocess.run([SEINE, *map(str, words)], cwd=folder, env=environment(now), text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=600, check=False)


def seine(folder, *words, now=NOW):
    result = run(folder, *words, now=now)
    assert result.returncode == 0, f"seine {' '.join(map(str, words))}: {result.returncode}: {result.stderr[-2000:]}"
    return result.stdout


def refused(folder, status, text, *words):
    """The command ends with this status and one line of error that holds the text."""
    result = run(folder, *words)
    assert result.returncode == status, f"{words}: status {result.returncode}: {result.stderr}"
    lines = result.stderr.strip().split("\n")
    assert text in lines[0], f"{words}: {result.stderr}"


def sql(folder, query):
    return json.loads(seine(folder, "sql", "--lake", "lake", "--format", "json", query))


def equal(found, expected, what):
    assert found == expected, f"{what}: expected {expected!r}, found {found!r}"


def write_day(folder, name, rows, header=HEADER):
    """A day file of rows given as CSV text without line ends."""
    path = Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def lake(folder, days):
    """A lake of the given day files: {name: rows}."""
    seine(folder, "init", "lake")
    files = [write_day(folder, name, rows) for name, rows in days.items()]
    seine(folder, "ingest", "--lake", "lake", *files)


def main(tests, shared=None):
    """Every test in a folder of its own, or all in one that they only read."""
    failed = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory(prefix="seine-explore-") as folder:
            try:
                test(shared if shared is not None else folder)
                print(f"ok {number} - {name}", flush=True)
            except Skip as why:
                print(f"ok {number} - {name} # SKIP {why}", flush=True)
            except Exception as fault:  # a test that breaks has failed
                failed += 1
                print(f"not ok {number} - {name}", flush=True)
                for line in f"{type(fault).__name__}: {fault}".splitlines():
                    print(f"# {line}", flush=True)
    sys.exit(1 if failed else 0)
