#!/usr/bin/env python3
"""The bench works: every part runs on small data, and both sides agree about what they computed. Says nothing about speed."""
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import DEPS, ROOT, SEINE
from harness.tap import skip_all

if __name__ == "__main__":
    if not (SEINE.parent / "bench_gap_core").exists() or not (DEPS / "venv" / "bin" / "python").exists():
        skip_all("the bench programs or the Python of tools/setup --tests are not here")
    sys.exit(subprocess.run([sys.executable, ROOT / "bench" / "run", "--quick"], check=False).returncode)
