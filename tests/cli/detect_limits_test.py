#!/usr/bin/env python3
"""Shapes of input that would cost too much: work grows as the input does, and everything kept has a stated maximum.

Work is counted in steps ("steps" of --json), not in seconds: the same input takes the same steps on any machine.
"""
import gzip
import json
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from detect_rows import lines, message, run
from harness.tap import functions, main

HOUR = 3600
DAY = 86400


def steps(folder, files, *options):
    """Steps of a run over files (name → bytes), which are its inputs."""
    arguments = []
    for name, data in files.items():
        Path(folder, name).write_bytes(data)
        arguments += ["-i", Path(folder, name)]
    code, out, err = run([*arguments, *options, "--json", "-o", Path(folder, "out.jsonl")])
    assert code == 0, err
    return json.loads(out)["steps"]


def assert_linear(made, *options):
    """made(n) gives input files of size n in one dimension: each doubling may at most double the work."""
    with tempfile.TemporaryDirectory() as folder:
        counted = [steps(folder, made(n), *options) for n in (1000, 2000, 4000)]
    growth = [after / before for before, after in zip(counted, counted[1:])]
    assert all(ratio <= 2.1 for ratio in growth), f"steps {counted}: more than twice as many for twice the input"
    return counted


def test_work_is_counted():
    counted = assert_linear(lambda n: {"m.jsonl": lines([message(float(i)) for i in range(n)])})
    assert counted[2] >= 4000, counted


def test_keys_of_a_message():
    def made(n):
        wide = {f"key{i}": i for i in range(n)}
        return {"m.jsonl": lines([message(0.0, **wide), message(7.0 * HOUR, **wide)])}
    assert assert_linear(made)[2] >= 4 * 4000


def test_depth_of_a_message():
    def made(n):  # deeper and deeper, within the limit
        deep = "[" * (n // 80) + "]" * (n // 80)
        rows = [json.dumps(message(i * 7.0 * HOUR))[:-1] + ', "deep": ' + deep + "}" for i in range(3)]
        return {"m.jsonl": "\n".join(rows).encode()}
    assert_linear(made)


def test_columns_of_a_table():
    def made(n):
        names = [f"column{i}" for i in range(n // 40)]
        rows = [",".join(["ssvid", "timestamp", "lat", "lon", "receiver_type", *names])]
        rows += [",".join(["1", str(i * 7 * HOUR), "1", "2", "satellite", *names]) for i in range(50)]
        return {"m.csv": "\n".join(rows).encode()}
    assert_linear(made)
    assert_linear(made, "--format", "csv")


def test_movers():
    assert_linear(lambda n: {"m.jsonl": lines([message(0.0, ssvid=str(i)) for i in range(n)])})


def test_members_of_an_archive():
    def made(n):
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(Path(folder, "m.zip"), "w") as archive:
                for i in range(n // 10):
                    archive.writestr(f"{i}.csv", "" if i else "ssvid,timestamp,lat,lon,receiver_type\n1,0,1,2,x\n")
            return {"m.csv.zip": Path(folder, "m.zip").read_bytes()}
    assert_linear(made)


def test_inputs():
    assert_linear(lambda n: {f"{i}.jsonl": lines([message(float(i))]) for i in range(n // 100)})


def test_stored_gaps_beside_movers():
    """Every mover has a stored gap; none looks at those of the others."""
    def made(n):
        return {"m.jsonl": lines([message(2.0 * DAY, ssvid=str(i)) for i in range(n)])}
    with tempfile.TemporaryDirectory() as folder:
        counted = []
        for n in (1000, 2000, 4000):
            stored = Path(folder, "stored.jsonl")
            stored.write_bytes(lines([{"gap_id": f"{i:032}", "ssvid": str(i), "is_closed": False, "version": 1,
                                       "start_timestamp": 1.0 * DAY, "start_lat": 1.0, "start_lon": 2.0}
                                      for i in range(n)]))
            options = ["-s", stored, "--date-range", "1970-01-03,1970-01-04"]
            counted.append(steps(folder, made(n), *options))
    assert counted[1] <= 2.1 * counted[0] and counted[2] <= 2.1 * counted[1], counted


def test_stored_gaps_beside_gaps_of_one_mover():
    """Ids of the gaps found are made once, not once per stored gap."""
    with tempfile.TemporaryDirectory() as folder:
        counted = []
        for n in (200, 400, 800):
            stored = Path(folder, "stored.jsonl")
            stored.write_bytes(lines([{"gap_id": f"{i:032}", "ssvid": "1", "is_closed": False, "version": 1,
                                       "start_timestamp": float(i), "start_lat": 1.0, "start_lon": 2.0}
                                      for i in range(n)]))
            data = {"m.jsonl": lines([message(DAY + 60.0 * i) for i in range(n)])}
            options = ["-s", stored, "--date-range", "1970-01-02,1970-01-04", "--min-gap-length", "0.001"]
            counted.append(steps(folder, data, *options))
    assert counted[1] <= 2.1 * counted[0] and counted[2] <= 2.1 * counted[1], counted


# ---- limits --------------------------------------------------------------------------------------------------------

def refused(data, name="m.json", *options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        code, out, err = run(["-i", path, *options])
    assert code == 1 and out == b"", (code, out[:99])
    assert len(err.splitlines()) == 1, err
    return err


def test_blanks_without_end():
    line = refused(gzip.compress(b"[" + b" " * (3 << 20) + b"]"), "m.json.gz")
    assert "m.json.gz: more than 1048576 bytes of blanks" in line, line


def test_a_megabyte_of_blanks_is_no_fault():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.json")
        path.write_bytes(b"[" + b" " * ((1 << 20) - 1) + json.dumps(message(0.0)).encode() + b"]")
        code, _, err = run(["-i", path, "--no-eval-last"])
    assert code == 0, err


def test_a_text_longer_than_the_limit():
    line = refused(lines([message(0.0), message(1.0, note="x" * (1 << 20))]))
    assert "m.json line 2: a text of more than 1048576 bytes" in line, line


def test_a_message_longer_than_the_limit():
    line = refused(lines([message(0.0, notes=["x" * 1000000] * 17)]))
    assert "m.json line 1: a message of more than 16777216 bytes" in line, line


def test_depth_of_the_limit():
    line = refused(b'\n{"ssvid": "1", "timestamp": 0, "a": ' + b'{"a":' * 64 + b"1" + b"}" * 65)
    assert "m.json line 2: nested deeper than 64" in line, line


def test_memory_is_a_setting():
    data = lines([message(float(i)) for i in range(20000)])
    assert len(data) > 1 << 20
    line = refused(gzip.compress(data), "m.json.gz", "--max-memory", "1")
    assert "m.json.gz: more messages than 1 MiB of memory hold (--max-memory)" in line, line
    rows = lines([{"ssvid": "1", "timestamp": i} for i in range(24000)])
    assert len(rows) < 1 << 20
    assert "m.json: more messages than 1 MiB" in refused(rows, "m.json", "--max-memory", "1"), "rows count too"


def test_stored_gaps_count_as_what_they_become_in_memory():
    names = ["gap_id", "ssvid", "is_closed", "version", "start_timestamp", "start_lat", "start_lon", "start_note"]
    rows = [dict(zip(names, (f"{i:032}", "1", False, 1, 1.0 * DAY, 1.0, 2.0, "x" * 60))) for i in range(3000)]
    table = "\n".join([",".join(names), *(",".join(map(str, row.values())) for row in rows)]).encode()
    for name, data in (("s.jsonl", lines(rows)), ("s.csv", table)):
        assert len(data) < 1 << 20, "the text alone fits"
        with tempfile.TemporaryDirectory() as folder:
            stored = Path(folder, name)
            stored.write_bytes(data)
            options = ["-s", stored, "--date-range", "1970-01-03,1970-01-04", "--no-eval-last"]
            line = refused(lines([message(0.0)]), "m.json", *options, "--max-memory", "2")
            assert f"{name}: more messages than 2 MiB of memory hold (--max-memory)" in line, line
            Path(folder, "m.json").write_bytes(lines([message(0.0)]))
            code, _, err = run(["-i", Path(folder, "m.json"), *options, "--max-memory", "4"])
            assert code == 0, err


# ---- words that JSON has not ---------------------------------------------------------------------------------------

def test_words_that_json_has_not_are_named():
    for word in ("NaN", "-Infinity", "Infinity", "nan", "None", "undefined"):
        line = refused(b'{"ssvid": "1",\n"timestamp": 0, "lat": ' + word.encode() + b"}")
        assert f"m.json line 2: lat is {word}, which JSON does not have: write null" in line, line
    line = refused(b'{"ssvid": "1", "timestamp": 0, "good": [True]}')
    assert "good is True, which JSON does not have: write null, true or false" in line, line


if __name__ == "__main__":
    main(functions(globals()))
