"""Where things are, and the program `seine` as tests run it: away from the settings and the clock of whoever runs them.

Environment: SEINE_BIN, the program; SEINE_BUILD, its build folder (default build/release); SEINE_SHARED, the folder of
real data (default: shared beside the checkout); SEINE_DEPS, what tools/setup fetched; SEINE_SANITIZED=1 in a build with
sanitizers; SEINE_FULL=1, the long form of tests that have one; SEINE_TEST_PLACE, where lakes lie (places.py).
"""
import csv
import functools
import json
import os
import resource
import shutil
import subprocess
import threading
import time
from pathlib import Path

from harness.tap import Skip

ROOT = Path(os.environ.get("SEINE_SOURCE") or Path(__file__).resolve().parents[2])
BUILD = Path(os.environ.get("SEINE_BUILD") or ROOT / "build" / "release").resolve()
SEINE = Path(os.environ.get("SEINE_BIN") or BUILD / "bin" / "seine").resolve()
SHARED = Path(os.environ.get("SEINE_SHARED") or ROOT.parent / "shared")
DEPS = Path(os.environ.get("SEINE_DEPS") or ROOT / ".deps")
SANITIZED = os.environ.get("SEINE_SANITIZED") in ("1", "ON")
FULL = os.environ.get("SEINE_FULL") == "1"
NOW = "2026-01-01T00:00:00Z"
TIMEOUT_S = 600  # of one command
PATIENCE_S = 120  # until a test that waits for something gives up; machines are busy at times
SHOWN = 2000  # characters of an error
NOBODY = 65534
PLACE = threading.Lock()


def environment(now=NOW, **more):
    """The variables of a test's processes: no setting of Seine, no proxy, the program in PATH, and a clock that stands
    still (now=None: that of the machine)."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("SEINE_") and not name.lower().endswith("_proxy")}
    kept["PATH"] = f"{SEINE.parent}{os.pathsep}{kept.get('PATH', '')}"
    return kept | ({"SEINE_NOW": now} if now else {}) | more


def place():
    """@return where the lakes of this program lie (places.Place); None: in folders. One for all of its threads."""
    with PLACE:
        return place_once()


@functools.cache
def place_once():
    name = os.environ.get("SEINE_TEST_PLACE", "folder")
    if name == "folder":
        return None
    from harness import places  # which runs programs, too
    return places.Place(name)


def in_place(folder, words, env):
    """@return words and variables for where lakes lie, and what gives back the words of the test to a text."""
    if place() is None:
        return words, env or {}, lambda text: text
    words, lakes = place().words(folder, words)
    return words, place().environment(folder, env or {}), lambda text: place().told(text, lakes)


def run(folder, *words, now=NOW, env=None, stdin="", limit=None, user=None, timeout=TIMEOUT_S):
    """Runs the program in a folder. Output is text, unless stdin is bytes. @return subprocess.CompletedProcess.

    limit: the most bytes of address space, where the build can do with a limit. user: whose rights it has.
    """
    def bound():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    words, env, told = in_place(folder, words, env)
    done = subprocess.run([SEINE, *map(str, words)], cwd=folder, env=environment(now, **env), input=stdin,
                          text=not isinstance(stdin, bytes), capture_output=True, timeout=timeout, check=False,
                          user=user, preexec_fn=bound if limit and not SANITIZED else None)
    done.stdout, done.stderr = told(done.stdout), told(done.stderr)
    return done


def preloaded(name, **more):
    """@return for env: the variables that load a library of tests/*/NAME.c before all others, and those given."""
    return {"LD_PRELOAD": str(BUILD / "lib" / f"{name}.so"),
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")} | more


def start(folder, *words, now=NOW, env=None, **more):
    """Starts the program in a folder without waiting for it. @return subprocess.Popen with text in its pipes."""
    words, env, _ = in_place(folder, words, env)
    return subprocess.Popen([SEINE, *map(str, words)], cwd=folder, env=environment(now, **env),
                            **({"stdin": subprocess.DEVNULL, "text": True} | more))


def seine(folder, *words, code=0, **more):
    """Runs the program, which must end with the code. @return what it printed, or what it said of a failure."""
    result = run(folder, *words, **more)
    said = f"{result.stdout[-SHOWN:]}{result.stderr[-SHOWN:]}"
    assert result.returncode == code, f"seine {' '.join(map(str, words))}: {result.returncode}: {said}"
    return result.stderr if code else result.stdout


def refused(folder, status, text, *words, **more):
    """The command ends with this status, and its first line of error holds the text."""
    said = seine(folder, *words, code=status, **more)
    assert text in said.strip().split("\n")[0], f"{words}: {said}"


def sql(folder, query, lake="lake", form="json", env=None):
    """@return the rows of a query, a dict each; of another format than JSON the text."""
    text = seine(folder, "sql", "--lake", lake, "--format", form, query, env=env)
    return json.loads(text) if form == "json" else text


def sql_each(folder, queries, lake="lake", env=None):
    """@return the rows of several queries, a dict each, by the names of the queries: asked by one command."""
    parts = ", ".join(f'(SELECT list(t) FROM ({query}) t) AS "{name}"' for name, query in queries.items())
    (found,) = sql(folder, f"SELECT {parts}", lake, env=env)
    return {name: rows or [] for name, rows in found.items()}


def sources(folder, lake="lake"):
    """@return the ledger's rows of all sources, by name."""
    return {row["name"]: row for row in json.loads(seine(folder, "source", "ls", "--lake", lake, "--json"))}


def write_csv(path, rows):
    """Rows as dicts of the same keys, the first of which tell the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def equal(found, expected, what="found"):
    assert found == expected, f"{what}: expected {expected!r}, found {found!r}"


def wait_for(condition, what, seconds=PATIENCE_S):
    """Looks again and again until the condition holds."""
    end, tick = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        tick.wait(0.002)


def shared_file(*parts):
    """@return a path below SEINE_SHARED; skips the case where it is not."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        raise Skip(f"{'/'.join(parts)} of SEINE_SHARED is not here")
    return path


def real_days():
    """@return the four real days, by name."""
    return sorted(shared_file("data", "noaa_days").iterdir())


def node():
    """@return the Node that tools/setup fetched where the system's is too old, else the system's."""
    fetched = DEPS / "node" / "bin" / "node"
    return str(fetched) if fetched.exists() else "node"


def tool(name):
    """@return the path of a program; skips the case where it is not installed."""
    found = shutil.which(name)
    if not found:
        raise Skip(f"{name} is not installed")
    return found
