#!/usr/bin/env python3
"""The page in a browser, over `seine serve` and a lake of real days (web/e2e). Prints TAP; skipped without the data
of SEINE_SHARED, without Chromium or without the modules of web/."""
import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.animals import make_animals
from harness.lakes import write_day
from harness.program import SHARED, node
from harness.tap import own_folder, skip_all
from page import PAGE, WEB, served, without_modules

HOSTILE = "<img src=x onerror=alert(1)>\u202eKRAKEN\x1b[31m"
TOKEN = "open-sesame"
DAYS = ["ais-2018-06-03.csv.zst", "ais-2018-06-04.csv.zst"]


def missing():
    if not (SHARED / "data" / "noaa_days" / DAYS[0]).exists():
        return "the shared data is not here"
    if without_modules():
        return "web/node_modules is missing: tools/setup fetches it"
    if not shutil.which("chromium"):
        return "chromium is not installed: tools/setup --tests installs it"
    if not (PAGE / "index.html").exists():
        return "build/web is missing: tools/build_web makes it"
    return None


def seine(*words):
    return program.seine(None, *words, now=None)


def write_twins(work):
    """Two vessels side by side for both days, the second silent for eight hours, and one whose name is an attack: what
    the real days have none of."""
    start = datetime(2018, 6, 3)
    lines = []
    for step in range(2 * 24 * 12):
        when = start + timedelta(minutes=5 * step)
        lat, lon = 32.5 + 0.002 * step, -124 + 0.005 * step
        lines.append(f"367999001,{when:%Y-%m-%dT%H:%M:%S},{lat:.5f},{lon:.5f},4.0,CASTOR,IMO9074729")
        if not timedelta(hours=30) < when - start < timedelta(hours=38):
            lines.append(f"367999002,{when:%Y-%m-%dT%H:%M:%S},{lat + 0.001:.5f},{lon:.5f},4.0,POLLUX,")
        if step < 3:
            lines.append(f"367999003,{when:%Y-%m-%dT%H:%M:%S},30.0{step},-128,1.0,{HOSTILE},")
    return write_day(work, "twins.csv", lines, "MMSI,BaseDateTime,LAT,LON,SOG,VesselName,IMO")


def make_lake(work):
    lake = work / "lake"
    seine("init", lake)
    seine("ingest", "--lake", lake, *(SHARED / "data" / "noaa_days" / day for day in DAYS), write_twins(work))
    seine("ref", "load", "--lake", lake, "ports")
    seine("refresh", "--lake", lake)
    return lake


def make_young_lakes(work):
    """A lake with nothing in it, and one with positions of which nothing was made."""
    empty, unmade = work / "empty", work / "unmade"
    seine("init", empty)
    seine("init", unmade)
    seine("ingest", "--lake", unmade, work / "twins.csv")
    return empty, unmade


def make_herds(work):
    """A lake of ships and animals, and one of animals alone."""
    both = work / "both"
    seine("init", both)
    seine("ingest", "--lake", both, work / "twins.csv")
    make_animals(work, lake="both", is_new=False)
    make_animals(work, lake="herd")
    return both, work / "herd"


def write_token(work):
    path = work / "tokens"
    path.write_text(hashlib.sha256(TOKEN.encode()).hexdigest() + "\n", encoding="utf-8")
    return path


def export_tracks(work, lake):
    """Files for the page to open, and what it must find in them."""
    busiest = json.loads(seine("sql", "--lake", lake, "--format", "json",
                               "SELECT mmsi FROM silver.ais GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 3"))
    exports = work / "exports"
    exports.mkdir()
    for form in ("csv", "geojson", "parquet"):
        seine("export", "tracks", "--lake", lake, "--start", "2018-06-03", "--stop", "2018-06-03T06:00:00",
              "--mmsi", *(row["mmsi"] for row in busiest), "--format", form, "-o", exports / f"tracks.{form}")
    with (exports / "tracks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {"rows": len(rows), "tracks": len({row["mmsi"] for row in rows})}
    (exports / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    return exports


def main(work):
    lake = make_lake(work)
    exports = export_tracks(work, lake)
    empty, unmade = make_young_lakes(work)
    both, herd = make_herds(work)
    live = work / "live"
    seine("init", live, "--buckets", 2)
    with (served(lake) as one, served(lake, "--token-file", write_token(work)) as closed, served(empty) as of_empty,
          served(unmade) as of_unmade, served(both) as of_both, served(herd) as of_herd, served(live) as of_live):
        words = [node(), "node_modules/vitest/vitest.mjs", "run", "--config", "vitest.e2e.config.ts", "--reporter=tap-flat",
                 *sys.argv[1:]]
        environment = os.environ | {"SEINE_URL": one.address, "SEINE_URL_CLOSED": closed.address, "SEINE_TOKEN": TOKEN,
                                    "SEINE_URL_EMPTY": of_empty.address, "SEINE_URL_UNMADE": of_unmade.address,
                                    "SEINE_URL_LIVE": of_live.address, "SEINE_LIVE_LAKE": str(live), "SEINE_BIN": str(program.SEINE),
                                    "SEINE_URL_BOTH": of_both.address, "SEINE_URL_HERD": of_herd.address,
                                    "SEINE_EXPORTS": str(exports), "NO_COLOR": "1",
                                    "SEINE_CHROMIUM": shutil.which("chromium")}
        return subprocess.run(words, cwd=WEB, env=environment, check=False).returncode


if __name__ == "__main__":
    if missing():
        skip_all(missing())
    with own_folder() as folder:
        code = main(folder)
    sys.exit(code)
