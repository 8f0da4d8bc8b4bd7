#!/usr/bin/env python3
"""What the documents tell a newcomer to type works: the blocks of README, tutorial and cookbook are run, in order, and links
lead somewhere.

`sh` is given to bash, `sql` to `seine sql --lake lake` and must find rows, `python` to a Python with pyiceberg, if there is
one; a `text` block is what the block before it prints. Blocks without a name are only shown.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import DEPS, ROOT, SHARED, environment
from harness.tap import main

PYTHON = DEPS / "venv" / "bin" / "python"
REAL_DAY = SHARED / "data" / "noaa_days" / "ais-2018-06-03.csv.zst"


def run(folder, words, text=None):
    result = subprocess.run(words, cwd=folder, env=environment(now=None), text=True, input=text or "", capture_output=True,
                            timeout=600, check=False)
    assert result.returncode == 0, f"{text or words[-1]}: {result.returncode}: {result.stderr[-1000:]}"
    return result.stdout


def run_block(folder, language, block):
    if language == "sh":
        return run(folder, ["bash", "-eu", "-o", "pipefail", "-c", block])
    if language == "sql":
        found = run(folder, ["seine", "sql", "--lake", "lake", "--format", "csv", "-f", "-"], block)
        assert found.count("\n") > 1, f"no rows: {block}"
    if language == "python" and PYTHON.exists():
        run(folder, [str(PYTHON), "-c", block])
    return ""


def blocks(folder, page):
    found = re.findall(r"^```(sh|sql|python|text)\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
    printed = ""
    for language, block in found:
        if language == "text":
            # The last line of a table counts its rows, which the document leaves out.
            told = "\n".join(line.rstrip() for line in printed.splitlines() if not re.fullmatch(r"\(\d+ rows?\)", line))
            assert told == block.strip(), f"{page} shows\n{block}and the command prints\n{told}"
        else:
            printed = run_block(folder, language, block)
    assert found, f"{page} has no blocks"


def readme_works(folder):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)  # its other blocks name a lake of the reader's
    assert found, "README.md has no sh block"
    for block in found:
        run_block(folder, "sh", block)
    assert Path(folder, "gaps.jsonl").stat().st_size > 0, "no gaps were found"


def tutorial_and_cookbook_work(folder):
    noaa = Path(folder, "noaa")
    noaa.mkdir()
    if REAL_DAY.exists():
        shutil.copy(REAL_DAY, noaa)
    else:
        run(folder, ["seine", "generate", "ais", "--out", "made", "--days", "1", "--vessels", "50", "--style", "2018"])
        shutil.copy(next(Path(folder, "made").glob("*2025*")), noaa)
    blocks(folder, "docs/tutorial.md")
    blocks(folder, "docs/cookbook.md")


def links_lead_somewhere(_):
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target} is not there"


if __name__ == "__main__":
    main([readme_works, tutorial_and_cookbook_work, links_lead_somewhere])
