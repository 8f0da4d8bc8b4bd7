#!/usr/bin/env python3
"""The page over a lake beside an empty page of its map library: time from the address to a map that can be moved.

Prints one line of JSON for the table. Needs Chromium (tools/setup --tests).
"""
import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from serve import Server, make_lake, tell

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
NODE = ROOT / ".deps" / "node" / "bin" / "node"
EMPTY = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Empty</title>
<link rel="stylesheet" href="./maplibre-gl.css"><link rel="stylesheet" href="./empty.css">
<script type="module" src="./empty.js"></script></head><body><div id="map"></div></body></html>
"""
SCRIPT = """import { Map, setWorkerUrl } from './maplibre-gl.js';
setWorkerUrl(new URL('./maplibre-gl-worker.js', import.meta.url).href);
const map = new Map({ container: 'map', style: { version: 8, sources: {}, layers: [] }, center: [-40, 25], zoom: 1.6 });
map.once('load', () => performance.mark('map-interactive'));
"""


def make_empty(folder):
    folder.mkdir()
    library = WEB / "node_modules" / "maplibre-gl" / "dist"
    for name in ("maplibre-gl", "maplibre-gl-worker"):  # minified already
        shutil.copy(library / f"{name}.mjs", folder / f"{name}.js")
    shutil.copy(library / "maplibre-gl.css", folder)
    (folder / "index.html").write_text(EMPTY, encoding="utf-8")
    (folder / "empty.js").write_text(SCRIPT, encoding="utf-8")
    (folder / "empty.css").write_text("body { margin: 0 } #map { height: 100vh }\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seine", type=Path, required=True)
    parser.add_argument("--vessels", type=int, default=15500)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--lake", type=Path, help="a lake that is there already")
    options = parser.parse_args()
    if not (shutil.which("chromium") and (WEB / "node_modules" / "maplibre-gl").exists()):
        return
    seine = options.seine.resolve()
    with tempfile.TemporaryDirectory(prefix="seine-bench-page-") as folder:
        lake = str(options.lake.resolve()) if options.lake else "day"
        if not options.lake:
            make_lake(seine, folder, lake, 1, options.vessels)
        make_empty(Path(folder, "empty"))
        servers = [Server(seine, folder, lake, "--web", web) for web in (ROOT / "build" / "web", Path(folder, "empty"))]
        try:
            addresses = [f"http://127.0.0.1:{server.port}/" for server in servers]
            out = subprocess.run([NODE if NODE.exists() else "node", "e2e/startup.mjs", *addresses, str(options.rounds)], cwd=WEB,
                                 capture_output=True, text=True, check=True).stdout
        finally:
            for server in servers:
                server.stop()
    times = json.loads(out)
    ours, empty = statistics.median(times["ours"]), statistics.median(times["empty"])
    ratio = statistics.median(mine / its for mine, its in zip(times["ours"], times["empty"], strict=True))
    tell("page: from the address to a map that can be moved", f"{ours:.0f} ms", f"empty page of the map library: {empty:.0f} ms", f"{ratio:.2f} x",
         "<= 1.4 x")


if __name__ == "__main__":
    sys.exit(main())
