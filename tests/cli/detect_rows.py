"""What the tests of `seine detect gaps` share: running it over messages, comparing rows."""
import json
from pathlib import Path

from harness import program
from harness.tap import own_folder

NOW = "2025-06-01T00:00:00Z"
VERSION = 1748736000  # NOW in Unix seconds


def run(arguments, stdin=None, now=NOW):
    """Runs `seine detect gaps` and gives exit code, standard output, standard error."""
    done = program.run(None, "detect", "gaps", *arguments, stdin=stdin or b"", now=now, timeout=120)
    return done.returncode, done.stdout, done.stderr.decode()


def lines(messages):
    return "".join(json.dumps(message) + "\n" for message in messages).encode()


def detect(messages, *options, stored=None):
    """The rows found in messages (a list of dicts), with stored open gaps given by a file."""
    with own_folder() as folder:
        arguments = ["-i", "-", *options]
        if stored is not None:
            path = Path(folder, "stored.jsonl")
            path.write_bytes(lines(stored))
            arguments += ["-s", path]
        code, out, err = run(arguments, lines(messages))
    assert code == 0, err
    return [json.loads(line) for line in out.decode("ascii").splitlines()]


def message(timestamp, ssvid="1", lat=1.0, lon=2.0, receiver_type="terrestrial", **more):
    return {"ssvid": ssvid, "timestamp": timestamp, "lat": lat, "lon": lon, "receiver_type": receiver_type, **more}


def key(row):
    return json.dumps(row, sort_keys=True)


def without(row, *names):
    return {name: value for name, value in row.items() if name not in names}


def close_enough(name, value, wanted):
    """Distances within 1e-7 m and what follows from them; everything else exact, types included."""
    if name == "distance_m" and isinstance(value, float) and isinstance(wanted, float):
        return abs(value - wanted) <= 1e-7
    if name == "implied_speed_knots" and isinstance(value, float) and isinstance(wanted, float):
        return abs(value - wanted) <= 1e-12 * max(1.0, abs(wanted))
    return type(value) is type(wanted) and value == wanted


def assert_same_rows(rows, expected, ignored=("version", "gap_version")):
    """The same rows in any order, field by field."""
    rows = sorted((without(row, *ignored) for row in rows), key=lambda r: (r["gap_id"], r["is_closed"], key(r)))
    expected = sorted((without(row, *ignored) for row in expected),
                      key=lambda r: (r["gap_id"], r["is_closed"], key(r)))
    found, wanted = [r["gap_id"] for r in rows], [r["gap_id"] for r in expected]
    assert found == wanted, f"found ids {found[:9]}…, expected {wanted[:9]}…"
    for row, wanted in zip(rows, expected):
        assert set(row) == set(wanted), f"keys {sorted(set(row) ^ set(wanted))} differ"
        for name, value in wanted.items():
            assert close_enough(name, row[name], value), f"{row['gap_id']} {name}: {row[name]!r}, expected {value!r}"
