"""What the tests of whole commands over small lakes share: running the program, files of fixes, printing TAP."""
import json
import os
import subprocess
import tempfile
from pathlib import Path

BUILD = Path(os.environ.get("SEINE_BUILD", "build/release")).resolve()
SEINE = Path(os.environ.get("SEINE_BIN") or BUILD / "bin" / "seine").resolve()
NOW = "2020-03-20T00:00:00Z"
HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName"
NOBODY = 65534


class Skip(Exception):
    """What a test needs is not here."""


def run(folder, *words, env=None, user=None):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEINE_")}
    return subprocess.run([SEINE, *map(str, words)], cwd=folder, env=kept | {"SEINE_NOW": NOW} | (env or {}), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False, user=user)


def seine(folder, *words, **more):
    result = run(folder, *words, **more)
    assert result.returncode == 0, f"seine {' '.join(map(str, words))}: {result.returncode}: {result.stderr[-2000:]}"
    return result.stdout


def rows(folder, query, lake="lake"):
    return json.loads(seine(folder, "sql", "--lake", lake, "--format", "json", query))


def sources(folder, lake="lake"):
    return {row["name"]: row for row in json.loads(seine(folder, "source", "ls", "--lake", lake, "--json"))}


def fix(mover, day, hour, minute=0, lat=10.5):
    return f"36600000{mover},2020-03-{day:02}T{hour:02}:{minute:02}:00,{lat},-20.25,1.0,90.0,90,NAME"


def write(path, *fixes):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *fixes]) + "\n", encoding="utf-8")
    return path


def equal(found, expected, what):
    assert found == expected, f"{what}: expected {expected!r}, found {found!r}"


def main(cases):
    bad = False
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        name = case.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory(prefix="seine-lake-") as folder:
            os.chmod(folder, 0o755)
            try:
                case(Path(folder))
                print(f"ok {number} - {name}", flush=True)
            except Skip as why:
                print(f"ok {number} - {name} # SKIP {why}", flush=True)
            except Exception as error:  # noqa: BLE001
                bad = True
                for line in f"{type(error).__name__}: {error}".splitlines():
                    print(f"# {line}")
                print(f"not ok {number} - {name}", flush=True)
    return 1 if bad else 0
