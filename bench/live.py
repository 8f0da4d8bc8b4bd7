#!/usr/bin/env python3
"""The live map with movers that all move while an ingest commits every two seconds: pictures a second in headless Chromium.

Prints one line of JSON for the table. Needs Chromium (tools/setup --tests).
"""
import argparse
import datetime
import json
import math
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from page import NODE, ROOT, WEB
from serve import Server, tell

STEP_S = 2  # from one position of a mover to the next, and from one commit to the next
CENTRE = (-120.0, 34.0)
BEGIN = datetime.datetime(2025, 1, 1)


def commit(seine, folder, movers, step):
    """Every mover a mile further on its way, each on one of its own."""
    when = (BEGIN + datetime.timedelta(seconds=step * STEP_S)).isoformat()
    lines = ["MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading"]
    for mover in range(movers):
        course = mover * 137 % 360
        way, turn = 0.01 * (step % 100), math.radians(course)
        lat, lon = CENTRE[1] - 2 + mover % 50 * 0.08, CENTRE[0] - 4 + mover // 50 * 0.2
        lines.append(f"{367000000 + mover},{when},{lat + way * math.cos(turn):.5f},{lon + way * math.sin(turn):.5f},{step % 25},{course},{course}")
    path = Path(folder, f"step{step}.csv")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run([seine, "ingest", "--quiet", "--lake", "lake", path], cwd=folder, check=True)
    path.unlink()


def keep_moving(seine, folder, movers, is_over):
    step = 1
    while not is_over.wait(STEP_S):
        commit(seine, folder, movers, step)
        step += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seine", type=Path, required=True)
    parser.add_argument("--movers", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    if not (shutil.which("chromium") and (WEB / "node_modules" / "playwright-core").exists()):
        return
    seine = options.seine.resolve()
    with tempfile.TemporaryDirectory(prefix="seine-bench-live-") as folder:
        subprocess.run([seine, "init", "--quiet", "--buckets", "2", "lake"], cwd=folder, check=True)
        commit(seine, folder, options.movers, 0)
        server = Server(seine, folder, "lake", "--web", ROOT / "build" / "web")
        address = f"http://127.0.0.1:{server.port}/#/map?c={CENTRE[0]},{CENTRE[1]}&z=6.5&live=1"
        is_over = threading.Event()
        mover = threading.Thread(target=keep_moving, args=(seine, folder, options.movers, is_over))
        browser = subprocess.Popen([NODE if NODE.exists() else "node", "e2e/live_frames.mjs", address, str(options.movers), str(options.seconds)],
                                   cwd=WEB, stdout=subprocess.PIPE, text=True)
        try:
            if browser.stdout.readline().strip() != "ready":
                raise RuntimeError("the movers are not shown")
            mover.start()
            seen = json.loads(browser.stdout.readline())
        finally:
            is_over.set()
            browser.stdout.close()
            browser.wait()
            if mover.ident is not None:
                mover.join()
            server.stop()
    tell(f"live map: {options.movers:,} moving vessels, a commit every {STEP_S} s, software rendering",
         f"{seen['frames'] / seen['seconds']:.0f} pictures/s", f"longest time between two: {seen['longest_ms']:.0f} ms", "–", ">= 30 pictures/s")


if __name__ == "__main__":
    sys.exit(main())
