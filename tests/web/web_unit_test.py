#!/usr/bin/env python3
"""The pure parts of the page (web/test): address, columns, colours, times, files, lines. Prints TAP."""
import os
import subprocess
import sys

from web_tap import WEB, node, without_modules

if __name__ == "__main__":
    if without_modules():
        print("1..1\nok 1 - the page # SKIP web/node_modules is missing: tools/setup fetches it")
        sys.exit(77)
    sys.exit(subprocess.run([node(), "node_modules/vitest/vitest.mjs", "run", "--reporter=tap-flat"], cwd=WEB,
                            env=os.environ | {"NO_COLOR": "1"}, check=False).returncode)
