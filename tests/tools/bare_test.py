"""The first command of the README on bare machines: `make demo` in a bare Debian of each suite. Needs SEINE_FULL=1."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ.get("SEINE_SOURCE", Path(__file__).resolve().parents[2]))
SUITES = ("bookworm", "trixie")


def reason_to_skip():
    if os.environ.get("SEINE_FULL") != "1":
        return "SEINE_FULL=1 runs it"
    if os.geteuid() != 0:
        return "only root can make a bare machine"
    return None if shutil.which("mmdebstrap") else "mmdebstrap is missing: tools/setup --full"


def demo(suite):
    """@return what the demo said, and what went wrong or None."""
    done = subprocess.run([ROOT / "tools" / "bare", suite, "make", "demo", "SERVE=0"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        return done.stdout, f"ended with {done.returncode}"
    for wanted in ("(10 rows)", "all is well"):
        if wanted not in done.stdout:
            return done.stdout, f"did not print {wanted!r}"
    return done.stdout, None


def main():
    skip = reason_to_skip()
    failed = False
    for number, suite in enumerate(SUITES, 1):
        title = f"make demo on a bare {suite}"
        if skip:
            print(f"ok {number} # SKIP {title}: {skip}")
            continue
        output, problem = demo(suite)
        failed = failed or problem is not None
        seconds = re.search(r"\((\d+) s since", output)
        if problem:
            print(f"# {problem}\n" + "".join(f"# {line}\n" for line in output.splitlines()[-60:]), end="")
        print(f"{'not ok' if problem else 'ok'} {number} - {title}: first table after {seconds[1] if seconds else '?'} s",
              flush=True)
    print(f"1..{len(SUITES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
