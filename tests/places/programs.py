"""Runs test programs as they are with their lakes elsewhere: programs.py PLACE [PROGRAM [WORD…]], see harness/elsewhere.py;
and the law of refresh (unit/test_refresh_law.c). On each change a bucket with PostgreSQL is the one place; with SEINE_FULL=1
the two others follow: what is in a bucket alone, and in PostgreSQL alone, has tests of its own.

Environment: SEINE_PLACES=quick, what each change runs, whatever SEINE_FULL says.
"""
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
from harness.elsewhere import PROGRAMS  # noqa: E402
from harness.places import Place, address  # noqa: E402
from harness.program import BUILD, FULL  # noqa: E402
from harness.stack import stack  # noqa: E402
from harness.tap import SKIPPED, skip_all  # noqa: E402

LAW = "unit/test_refresh_law"
IS_QUICK = not FULL or os.environ.get("SEINE_PLACES") == "quick"


def servers(name):
    """@return the variables of programs whose lakes lie elsewhere. PostgreSQL is one for all of them."""
    env = os.environ | {"SEINE_TEST_PLACE": name}
    if IS_QUICK:
        env["SEINE_FULL"] = "0"
    if name != "bucket":
        found = stack.require("postgres")
        env |= {"SEINE_TEST_CATALOG": found["SEINE_CATALOG"], "PGPASSWORD": found["PGPASSWORD"]}
    os.environ.update(env)
    return env


def run(program, name, env, words):
    if program != LAW:
        return subprocess.run([sys.executable, TESTS / f"{program}.py", *words], env=env, check=False).returncode
    lakes = {} if name == "postgres" else Place(name, "/dev/shm/seine-law-").env | {"SEINE_TEST_LAKES": address("")}
    return subprocess.run([BUILD / "bin" / Path(LAW).name], env=env | lakes, check=False).returncode


def main():
    name, wanted, words = sys.argv[1], sys.argv[2:3], sys.argv[3:]
    if name != "both" and IS_QUICK and not wanted:
        skip_all("SEINE_FULL=1 runs it, without SEINE_PLACES=quick")
    env, codes = servers(name), []
    for program in (*PROGRAMS, LAW):
        if wanted in ([], [Path(program).name]):
            print(f"# {program}", flush=True)
            codes.append(run(program, name, env, words))
    sys.exit(0 if codes and set(codes) <= {0, SKIPPED} else 1)


main()
