"""The first command of the README on bare machines: `make demo` in a bare Debian of each suite. Needs SEINE_FULL=1.

Environment: SEINE_BARE, the suites (default: all).
"""
import functools
import os
import re
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL, ROOT, tool
from harness.tap import Skip, main

SUITES = os.environ.get("SEINE_BARE", "bookworm,trixie").split(",")


def demo(suite):
    """@return how long it took to the first table."""
    if not FULL:
        raise Skip("SEINE_FULL=1 runs it")
    if os.geteuid() != 0:
        raise Skip("only root can make a bare machine")
    tool("mmdebstrap")  # tools/setup --full
    done = subprocess.run([ROOT / "tools" / "bare", suite, "make", "demo", "SERVE=0"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    end = "\n".join(done.stdout.splitlines()[-60:])
    assert done.returncode == 0, f"ended with {done.returncode}\n{end}"
    for wanted in ("(10 rows)", "all is well"):
        assert wanted in done.stdout, f"did not print {wanted!r}\n{end}"
    seconds = re.search(r"\((\d+) s since", done.stdout)
    return f"first table after {seconds[1] if seconds else '?'} s"


if __name__ == "__main__":
    main([(f"make demo on a bare {suite}", functools.partial(demo, suite)) for suite in SUITES])
