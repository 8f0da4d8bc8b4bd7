#!/usr/bin/env python3
"""The pure parts of the page (web/test): address, columns, colours, times, files, lines. Prints TAP."""
import os
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import node
from harness.tap import skip_all
from page import WEB, without_modules

if __name__ == "__main__":
    if without_modules():
        skip_all("web/node_modules is missing: tools/setup fetches it")
    sys.exit(subprocess.run([node(), "node_modules/vitest/vitest.mjs", "run", "--reporter=tap-flat"], cwd=WEB,
                            env=os.environ | {"NO_COLOR": "1"}, check=False).returncode)
