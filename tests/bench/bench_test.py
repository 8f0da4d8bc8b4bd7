#!/usr/bin/env python3
"""The bench works: every part runs on small data, and both sides agree about what they computed. Says nothing about speed."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    programs = Path(os.environ.get("SEINE_BIN") or ROOT / "build" / "release" / "bin" / "seine").resolve().parent
    if not (programs / "bench_gap_core").exists() or not (ROOT / ".deps" / "venv" / "bin" / "python").exists():
        print("1..1\nok 1 - bench # SKIP the bench programs or the Python of tools/setup --tests are not here")
        sys.exit(0)
    sys.exit(subprocess.run([sys.executable, ROOT / "bench" / "run", "--quick"], check=False).returncode)
