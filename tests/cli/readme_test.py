#!/usr/bin/env python3
"""What README.md tells a newcomer to type works: every `sh` block is run, in order, in one folder. Its links lead somewhere."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEINE = Path(os.environ.get("SEINE_BIN") or ROOT / "build" / "release" / "bin" / "seine").resolve()


def blocks(folder):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEINE_")}
    environment["PATH"] = f"{SEINE.parent}{os.pathsep}{environment.get('PATH', '')}"
    found = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    assert found, "README.md has no sh block"
    for block in found:
        result = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", block], cwd=folder, env=environment, text=True,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False)
        assert result.returncode == 0, f"{block}: {result.returncode}: {result.stderr[-1000:]}"
    assert Path(folder, "gaps.jsonl").stat().st_size > 0, "no gaps were found"


def links(_):
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target} is not there"


def main():
    failed = 0
    tests = [blocks, links]
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory(prefix="seine-readme-") as folder:
            try:
                test(folder)
                print(f"ok {number} - {test.__name__} of README.md", flush=True)
            except AssertionError as fault:
                failed += 1
                print(f"not ok {number} - {test.__name__} of README.md\n# {fault}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
