#!/usr/bin/env python3
"""The page of `seine report` in a browser: nothing of it is blocked or fetched, nothing is in the way of anybody, and it
follows light and dark. Prints TAP; skipped without Chromium or without the modules of web/."""
import functools
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import make_lake, write_day
from harness.program import equal, node, seine
from harness.tap import main, own_folder, shared, skip_all
from page import WEB, without_modules

HOSTILE = "<img src=x onerror=alert(1)>\u202eKRAKEN<script>alert(2)</script>"


def missing():
    if without_modules():
        return "web/node_modules is missing: tools/setup fetches it"
    if not shutil.which("chromium"):
        return "chromium is not installed: tools/setup --tests installs it"
    return None


@functools.cache
def look(folder, *words):
    """@return what web/e2e/report.mjs tells of the page."""
    environment = os.environ | {"SEINE_CHROMIUM": shutil.which("chromium")}
    done = subprocess.run([node(), "e2e/report.mjs", folder / "page.html", *words], cwd=WEB, env=environment, check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def make_page(folder):
    rows = [f"{100 + i % 7},2025-01-0{1 + i // 200}T{i % 24:02}:{i % 60:02}:{i % 59:02},{i % 60},{170 + i % 20 - 360 * (i % 20 > 10)},"
            f"{i % 31},\"{HOSTILE if i % 7 == 3 else 'NAME'}\"" for i in range(400)]
    make_lake(folder, write_day(folder, "days.csv", rows))
    seine(folder, "report", "ais", "--lake", "lake", "-o", "page.html", "--columns", "name,mmsi")


def nothing_is_fetched_blocked_or_run(folder):
    for scheme in ("light", "dark"):
        told = look(folder, scheme)
        equal((told["requests"], told["said"], told["scripts"], told["images"]), ([], [], 0, 0), scheme)
        assert HOSTILE[:20] in told["text"], "the name is not shown as text"


def axe_finds_nothing_in_the_way(folder):
    for scheme in ("light", "dark"):
        equal(look(folder, scheme)["violations"], [], scheme)


def it_follows_light_and_dark(folder):
    equal([look(folder, scheme)["background"] for scheme in ("light", "dark")], ["rgb(244, 246, 248)", "rgb(12, 21, 29)"])


def a_narrow_screen_is_enough(folder):
    equal(look(folder, "light", "390")["wide"], 390, "width of what is shown")


if missing():
    skip_all(missing())
with own_folder() as work:
    make_page(work)
    main([nothing_is_fetched_blocked_or_run, axe_finds_nothing_in_the_way, it_follows_light_and_dark,
          a_narrow_screen_is_enough], given=shared(work))
