#!/usr/bin/env python3
"""Forms of input and output of `seine detect gaps`, its options, and what it says about bad input."""
import csv
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from detect_rows import VERSION, detect, lines, message, run
from harness.program import SEINE
from harness.tap import Skip, functions, main

HOUR = 3600
MESSAGES = [message(1704067200.0, ssvid="100", lat=0.5, lon=-7.25, msgid="a"),
            message(1704070800.5, ssvid="100", lat=None, lon=None, msgid="b,\"c\"\n"),
            message(1704103200.0, ssvid="100", lat=1.0, lon=-7.0, msgid=None, receiver_type="satellite"),
            message(1704067200.0, ssvid="200", lat=10.0, lon=20.0, msgid="ñ")]


class Folder:
    """A temporary folder in which files are written and runs made."""

    def __enter__(self):
        self.held = tempfile.TemporaryDirectory()
        self.path = Path(self.held.name)
        return self

    def __exit__(self, *unused):
        self.held.cleanup()

    def write(self, name, data):
        path = self.path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def names(self):
        return sorted(path.name for path in self.path.iterdir())


def as_csv(messages):
    out = io.StringIO()
    writer = csv.DictWriter(out, messages[0].keys())
    writer.writeheader()
    writer.writerows(messages)
    return out.getvalue()


def rows_of(path, *options):
    code, out, err = run(["-i", path, *options])
    assert code == 0, err
    return [json.loads(line) for line in out.decode().splitlines()]


# ---- input -------------------------------------------------------------------------------------------------------

def test_json_array_lines_and_indented_objects_are_the_same():
    wanted = detect(MESSAGES)
    assert len(wanted) == 3
    forms = {"a.json": json.dumps(MESSAGES), "b.json": json.dumps(MESSAGES, indent=1), "c.jsonl": lines(MESSAGES),
             "d.ndjson": "\ufeff" + "".join(json.dumps(m, indent=2) for m in MESSAGES),
             "no_ending": json.dumps(MESSAGES), "e.jsonl": "\r\n\r\n".join(json.dumps(m) for m in MESSAGES)}
    with Folder() as folder:
        for name, text in forms.items():
            assert rows_of(folder.write(name, text)) == wanted, name


def test_gzip_is_unpacked():
    with Folder() as folder:
        assert rows_of(folder.write("m.jsonl.gz", gzip.compress(lines(MESSAGES)))) == detect(MESSAGES)
        assert rows_of(folder.write("m.csv.gz", gzip.compress(as_csv(MESSAGES).encode()))) == detect(MESSAGES)


def test_csv_gives_the_same_rows():
    with Folder() as folder:
        assert rows_of(folder.write("m.csv", as_csv(MESSAGES))) == detect(MESSAGES)
        assert rows_of(folder.write("bom.csv", "\ufeff" + as_csv(MESSAGES).replace("\r\n", "\n"))) == detect(MESSAGES)
        assert rows_of(folder.write("without_ending", as_csv(MESSAGES))) == detect(MESSAGES)


def test_csv_from_standard_input():
    code, out, err = run(["-i", "-"], as_csv(MESSAGES).encode())
    assert code == 0 and out.count(b"\n") == 3, err


def test_csv_times_may_be_text_and_integers_stay_integers():
    text = "ssvid,timestamp,lat,lon,receiver_type\n007,2024-01-01T00:00:00Z,1,2,x\n007,1704103200,.5,+3.50,x\n"
    with Folder() as folder:
        row, = rows_of(folder.write("m.csv", text), "--no-eval-last")
    assert row["ssvid"] == "007" and row["start_timestamp"] == 1704067200.0 and row["start_lat"] == 1
    assert row["end_timestamp"] == 1704103200 and row["end_lat"] == 0.5 and row["end_lon"] == 3.5


def test_parquet_gives_back_what_was_written():
    """Gaps written as Parquet and as JSON Lines are the same stored open gaps to the next run."""
    odd = [{**m, "deep": {"x": [1]}, "flag": True, "whole": 5, "real": 0.1} for m in MESSAGES]
    with Folder() as folder:
        parquet, text = folder.path / "gaps.parquet", folder.path / "gaps.jsonl"
        for path in (parquet, text):
            code, _, err = run(["-i", "-", "-o", path], lines(odd))
            assert code == 0, err
        assert folder.names() == ["gaps.jsonl", "gaps.parquet"]
        later = folder.write("later.jsonl", lines([{**odd[3], "timestamp": 1704189600.0}]))
        options = ["-i", later, "--date-range", "2024-01-02,2024-01-03", "--no-eval-last", "-s"]
        from_parquet, from_text = (json.loads(run([*options, path])[1]) for path in (parquet, text))
    assert from_text["start_deep"] == {"x": [1]}
    assert from_parquet == from_text and from_text["start_whole"] == 5 and from_text["start_flag"] is True
    assert from_text["start_real"] == 0.1 and from_text["start_lat"] == 10.0


def test_parquet_messages():
    with Folder() as folder:
        path = folder.path / "messages.parquet"
        run(["-i", "-", "-o", path], lines(MESSAGES))
        line = refused(["-i", path])
        code, _, err = run(["-i", "-"], path.read_bytes())
    assert "messages.parquet row 1: Missing key in input messages: 'timestamp'" in line
    told = err.decode() if isinstance(err, bytes) else err
    assert code == 1 and "standard input row 1: Missing key in input messages: 'timestamp'" in told, told


def test_parquet_without_rows_has_the_columns():
    with Folder() as folder:
        path = folder.path / "none.parquet"
        code, _, err = run(["-i", "-", "-o", path, "--no-eval-last"], lines(MESSAGES[:1]))
        assert code == 0 and path.read_bytes()[:4] == b"PAR1", err


# ---- output ------------------------------------------------------------------------------------------------------

ENDS = ["timestamp", "msgid", "seg_id", "lat", "lon", "ais_class", "receiver_type", "distance_from_shore_m",
        "distance_from_port_m", "other"]
COLUMNS = ["positions_hours_before", "positions_hours_before_ter", "positions_hours_before_sat",
           "positions_hours_before_dyn", "gap_id", "ssvid", "version", "distance_m", "duration_h", "implied_speed_knots",
           "is_closed", *("start_" + name for name in ENDS), *("end_" + name for name in ENDS), "other"]
COLUMNS_2024 = ["gap_id", "gap_version", "ssvid", "is_closed", *("gap_start_" + name for name in ENDS),
                *("gap_end_" + name for name in ENDS), "other"]


def test_columns_are_the_same_whatever_the_values():
    """Whole or real, text or number, null or absent, further keys: the header and the Parquet types are declared."""
    odd = [message(i * 30000 + 0.0, **more) for i, more in enumerate((
        {}, {"lat": 1, "lon": -2}, {"lat": "0.50", "lon": None}, {"msgid": 5, "seg_id": 1.5, "ais_class": True},
        {"extra": [1, {"a": None}], "deep": {"x": "y"}, "distance_from_port_m": "far"}))]
    empty = [message(0.0)]
    with Folder() as folder:
        kinds = set()
        for number, rows in enumerate((odd[:2], odd[1:3], odd, empty, [])):
            for profile, columns in (("current", COLUMNS), ("2024", COLUMNS_2024)):
                table, parquet = folder.path / f"{number}.csv", folder.path / f"{number}.parquet"
                given = [{"distance_from_shore_m": 1, **row} for row in rows]
                for path in (table, parquet):
                    code, _, err = run(["-i", "-", "-o", path, "--profile", profile, "--no-eval-last"], lines(given))
                    assert code == 0, err
                found = list(csv.reader(io.StringIO(table.read_text(), newline="")))
                assert found[0] == columns, found[0]
                kinds.add((profile, footer(parquet)))
        assert len(kinds) == 2, "schemas depend on the data"
        code, _, err = run(["-i", "-", "-o", folder.path / "o.csv"], lines(odd))
        assert code == 0, err
        last = list(csv.DictReader(io.StringIO((folder.path / "o.csv").read_text(), newline="")))[-1]
        assert json.loads(last["start_other"]) == {"extra": [1, {"a": None}], "deep": {"x": "y"},
                                                   "distance_from_port_m": "far"}, "nothing is lost"
        assert (last["start_distance_from_port_m"], last["end_other"], last["other"]) == ("", "", ""), last


def footer(path):
    """The schema part of a Parquet footer: names and types of all columns, without what is of the rows."""
    data = path.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    meta = data[-8 - size:-8]
    end = meta.index(b"other", meta.index(b"end_other") + 9) + 5
    return meta[:end]


def test_a_stored_gap_of_a_number_is_found_again_from_columns():
    rows = [{**row, "ssvid": 100} for row in MESSAGES[:1]]
    later = lines([{**rows[0], "timestamp": 1704189600.0}])
    for ending in ("csv", "parquet"):
        with Folder() as folder:
            gaps = folder.path / f"gaps.{ending}"
            assert run(["-i", "-", "-o", gaps], lines(rows))[0] == 0
            code, out, err = run(["-i", "-", "-s", gaps, "--date-range", "2024-01-02,2024-01-03", "--no-eval-last"], later)
        assert code == 0 and json.loads(out)["is_closed"] is True and json.loads(out)["ssvid"] == 100, err


def test_csv_output_has_all_columns_and_null_is_an_empty_field():
    with Folder() as folder:
        path = folder.path / "gaps.csv"
        code, _, err = run(["-i", "-", "-o", path], lines(MESSAGES))
        assert code == 0, err
        text = path.read_bytes().decode()
        found = list(csv.DictReader(io.StringIO(text, newline="")))
    wanted = detect(MESSAGES)
    assert list(found[0]) == COLUMNS
    for row, expected in zip(found, wanted):
        assert all(row[name] == "" for name in COLUMNS if name not in expected), row
        for name, value in expected.items():
            shown = "" if value is None else json.dumps(value) if not isinstance(value, str) else value
            assert row[name] == shown, (name, row[name], shown)


def test_csv_output_is_read_again_as_stored_gaps():
    with Folder() as folder:
        gaps = folder.path / "gaps.csv"
        run(["-i", "-", "-o", gaps], lines(MESSAGES))
        later = folder.write("later.jsonl", lines([{**MESSAGES[3], "timestamp": 1704189600.0}]))
        code, out, err = run(["-i", later, "-s", gaps, "--date-range", "2024-01-02,2024-01-03", "--no-eval-last"])
    assert code == 0 and json.loads(out)["is_closed"] is True and json.loads(out)["start_msgid"] == "ñ", err


def test_format_option_wins_over_the_ending():
    with Folder() as folder:
        path = folder.path / "gaps.txt"
        assert run(["-i", "-", "-o", path, "--format", "csv"], lines(MESSAGES))[0] == 0
        assert path.read_text().startswith("positions_hours_before,")


def test_work_dir_gets_gaps_and_statistics():
    with Folder() as folder:
        work = folder.path / "new" / "work"
        code, out, err = run(["-i", "-", "--work-dir", work], lines(MESSAGES))
        assert code == 0 and out == b"" and "gaps-20250601T000000.jsonl" in err, err
        assert sorted(p.name for p in work.iterdir()) == ["gaps-20250601T000000-stats.csv",
                                                          "gaps-20250601T000000.jsonl"]
        assert (work / "gaps-20250601T000000-stats.csv").read_text() == "ssvid,total\n100,2\n200,1\nTOTAL,3\n"


def test_statistics_count_gaps_per_mover():
    with Folder() as folder:
        stats = folder.path / "s.csv"
        code, _, err = run(["-i", "-", "--stats", stats, "--min-gap-length", 0.5], lines(MESSAGES))
        assert code == 0 and stats.read_text() == "ssvid,total\n100,3\n200,1\nTOTAL,4\n", stats.read_text() + err


def test_summary_as_json():
    with Folder() as folder:
        path = folder.path / "gaps.jsonl"
        code, out, _ = run(["-i", "-", "-o", path, "--json"], lines(MESSAGES))
        summary = json.loads(out)
    assert code == 0 and summary["messages"] == 4 and summary["movers"] == 2
    assert summary["gaps"] == 3 and summary["open"] == 2 and summary["output"] == str(path)


def test_version_is_the_time_of_the_run():
    assert {row["version"] for row in detect(MESSAGES)} == {VERSION}


# ---- settings ----------------------------------------------------------------------------------------------------

def test_config_file_is_weaker_than_the_command_line():
    with Folder() as folder:
        messages = folder.write("m.jsonl", lines(MESSAGES))
        yaml = folder.write("c.yaml", "min_gap_length: 0.5\neval-last: false\nnormalize_output: false\n")
        rows = rows_of(messages, "-c", yaml)
        assert len(rows) == 2 and "OFF" in rows[0]
        assert len(rows_of(messages, "-c", yaml, "--min-gap-length", 6)) == 1
        assert len(rows_of(messages, "-c", yaml, "--eval-last")) == 4
        as_json = folder.write("c.json", json.dumps({"min-gap-length": 0.5, "eval_last": False,
                                                     "date_range": "2024-01-01,2024-01-02"}))
        assert len(rows_of(messages, "-c", as_json)) == 2


def test_unknown_config_keys_are_refused():
    with Folder() as folder:
        messages = folder.write("m.jsonl", lines(MESSAGES))
        code, out, err = run(["-i", messages, "-c", folder.write("c.yaml", "min_gap_lenght: 6\n")])
    assert code == 2 and out == b"" and "min_gap_lenght" in err and "min-gap-length" in err.replace("_", "-"), err


def test_names_of_pipe_gaps_are_understood():
    with Folder() as folder:
        messages = folder.write("m.jsonl", lines(MESSAGES))
        code, out, err = run(["--json-input-messages", messages, "--no-normalize-output"])
        assert code == 0 and b'"OFF": {' in out, err
        yaml = folder.write("c.yaml", "normalize: false\n")
        assert "start_lat" in rows_of(messages, "-c", yaml, "--normalize-output")[0]  # one option, so one order of layers
        yaml = folder.write("c.yaml", "normalize: true\nnormalize_output: false\n")
        assert "line 2: normalize_output: given already" in refused(["-i", messages, "-c", yaml], code=2)


# ---- bad input ---------------------------------------------------------------------------------------------------

def refused(arguments, stdin=None, code=1):
    """One clear line on standard error, nothing on standard output."""
    got, out, err = run(arguments, stdin)
    assert got == code and out == b"", (got, out, err)
    told = [line for line in err.splitlines() if line and not line.startswith("Try: ")]
    assert len(told) == 1 and told[0].startswith("seine detect gaps: "), err
    return told[0]


def test_usage_errors():
    assert "no messages given" in refused([], code=2)
    assert "--min-gap-length" in refused(["-i", "-", "--min-gap-lenght", "6"], b"", code=2)
    assert "two dates in ISO format" in refused(["-i", "-", "--date-range", "2024-01-01"], b"", code=2)
    assert "two dates in ISO format" in refused(["-i", "-", "--date-range", "2024-01-01,2024-02-30"], b"", code=2)
    assert "after the start" in refused(["-i", "-", "--date-range", "2024-01-02,2024-01-02"], b"", code=2)
    assert "current and 2024" in refused(["-i", "-", "--profile", "2023"], b"", code=2)
    assert "jsonl, csv, parquet" in refused(["-i", "-", "--format", "xml"], b"", code=2)
    assert "a window must be longer" in refused(["-i", "-", "--window-period-d", "0"], b"", code=2)
    assert "from standard input" in refused(["-i", "-", "-s", "-"], b"", code=2)
    assert "from standard input" in refused(["-i", "-", "-i", "-"], b"", code=2)
    assert "given twice: 6 and 7" in refused(["-i", "-", "--min-gap-length", "6", "--min-gap-length=7"], b"", code=2)
    assert "given twice" in refused(["-i", "-", "-o", "a.jsonl", "-o", "b.jsonl"], b"", code=2)
    assert "both given" in refused(["-i", "-", "--eval-last", "--no-eval-last"], b"", code=2)
    other = refused(["-i", "-", "--normalize", "--no-normalize-output"], b"", code=2)
    assert "--no-normalize-output (--normalize)" in other and "both given" in other
    assert "given twice" in refused(["-i", "-", "-s", "a", "--json-input-open-gaps=b"], b"", code=2)
    assert "needs a file" in refused(["-i", "-", "--format", "parquet"], b"", code=2)


def test_long_windows_are_cut_with_a_remark():
    code, _, err = run(["-i", "-", "--window-period-d", "200"], lines(MESSAGES))
    assert code == 0 and "180 days" in err


def test_files_that_are_not_there_or_empty():
    with Folder() as folder:
        assert "no such file" in refused(["-i", folder.path / "none.jsonl"])
        assert "folder" in refused(["-i", folder.path], code=2)
        refused(["-i", folder.write("m.jsonl", lines(MESSAGES)), "-o", folder.path / "none" / "g.jsonl"])
        refused(["-i", folder.write("bad.parquet", "PAR1 and nothing else")])
        refused(["-i", folder.write("bad.jsonl.gz", gzip.compress(lines(MESSAGES))[:-9])])
        assert not [name for name in folder.names() if name.startswith(".tmp-")]


def test_no_messages_are_no_fault_in_any_form():
    empty = {"e.jsonl": b"", "a.json": b"[]", "b.json": b" \n", "e.csv": b"", "e.jsonl.gz": gzip.compress(b""),
             "e.csv.gz": gzip.compress(b""), "h.csv": b"ssvid,timestamp\n"}
    with Folder() as folder:
        for name, data in empty.items():
            assert rows_of(folder.write(name, data)) == [], name
    for data in (b"", b"[]"):
        code, out, err = run(["-i", "-"], data)
        assert code == 0 and out == b"", err


def test_inputs_are_merged():
    with Folder() as folder:
        a, b = folder.write("a.jsonl", lines(MESSAGES[:2])), folder.write("b.csv", as_csv(MESSAGES[2:]))
        code, out, err = run(["-i", a, "-i", b, "--no-eval-last"])
        assert code == 0, err
        rows = [json.loads(line) for line in out.decode().splitlines()]
        assert [(row["start_msgid"], row["end_receiver_type"]) for row in rows] == [(MESSAGES[1]["msgid"], "satellite")]
        assert "0 of them open" in err and "4 messages of 2 movers" in err, err
        bad = folder.write("c.jsonl", lines(MESSAGES[:1]) + b"[]")
        assert "c.jsonl line 2" in refused(["-i", a, "-i", bad]), "the line of its own file"
        code, out, _ = run(["-i", a, "-i", "-", "--no-eval-last"], lines(MESSAGES[2:]))
        assert code == 0 and len(out.splitlines()) == 1, "standard input beside a file"


def test_work_dir_never_replaces_what_another_run_wrote():
    with Folder() as folder:
        path = folder.write("m.jsonl", lines(MESSAGES))
        work = folder.path / "work"
        for options in ([], ["--min-gap-length", "1000"], []):
            code, _, err = run(["-i", path, "--work-dir", work, *options])
            assert code == 0, err
        names = sorted(p.name for p in work.iterdir())
        assert names == sorted(f"gaps-20250601T000000{n}{end}" for n in ("", "-2", "-3")
                               for end in (".jsonl", "-stats.csv")), names
        for options in (["--format", "csv"], ["-o", folder.path / "own.jsonl"], []):  # the names of a run are one pair
            code, _, err = run(["-i", path, "--work-dir", work, *options])
            assert code == 0, err
        (work / "gaps-20250601T000000-7.jsonl").write_text("of another run\n")
        assert run(["-i", path, "--work-dir", work])[0] == 0
        names = {p.name.removeprefix("gaps-20250601T000000-") for p in work.iterdir()}
        assert {"4.csv", "4-stats.csv", "5-stats.csv", "6.jsonl", "6-stats.csv", "7.jsonl", "8.jsonl",
                "8-stats.csv"} <= names and not {"4.jsonl", "7-stats.csv"} & names, names
        assert (work / "gaps-20250601T000000-2.jsonl").read_bytes() == b""
        assert (work / "gaps-20250601T000000.jsonl").read_bytes() != b"", "the first run's gaps stay"
        code, _, err = run(["-i", path, "--work-dir", work, "--force", "--min-gap-length", "1000"])
        assert code == 0 and (work / "gaps-20250601T000000.jsonl").read_bytes() == b"", err


def test_text_that_is_no_json_names_file_and_line():
    good = json.dumps(MESSAGES[0])
    bad = {"{": "expected ',' or '}'", good[:-1]: "expected ',' or '}'", good[:-1] + ",}": "expected a key",
           "[" + good: "no end", f"[{good} {good}]": "expected ','", f"[{good}] x": "something follows",
           good + "\n5": "expected an object", '{"ssvid": "1", "timestamp": 01}': "bad number",
           '{"ssvid": nil}': "unexpected character", '{"a": "b': "string without end", "[1]": "expected an object",
           '{"a": ' + "[" * 70 + "]" * 70 + "}": "nested deeper"}
    with Folder() as folder:
        for text, told in bad.items():
            line = refused(["-i", folder.write("m.json", "\n" + text)])
            assert "m.json line " in line and told in line, (text[:80], line)
        assert "m.json line 3: " in refused(["-i", folder.write("m.json", good + "\n" + good + "\n{]\n" + good)])


def test_positions_in_quotes_are_numbers_that_print_as_given():
    quoted = dict(lat="0.50", lon="-7.25", distance_from_shore_m="0.0")
    plain = dict(lat=0.5, lon=-7.25, distance_from_shore_m=0.0)
    def gaps_of(first):
        return detect([message(1704067200.0, **first), message(1704103200.0, **dict(first, lat="1.5"))])
    def text_of(gap):
        return f"{gap['ssvid']}|1704067200.0|0.50|-7.25"
    gap, unquoted = gaps_of(quoted)[0], gaps_of(plain)[0]
    assert gap["start_lat"] == "0.50" and gap["end_lat"] == "1.5", gap
    assert gap["gap_id"] == hashlib.md5(text_of(gap).encode()).hexdigest(), gap
    assert gap["distance_m"] == unquoted["distance_m"] > 110000, (gap, unquoted)


def test_values_of_the_wrong_kind_are_named():
    for change, told in (({"lat": "north"}, "lat is \"north\", expected degrees or null"),
                         ({"timestamp": None}, "timestamp is null, expected seconds"),
                         ({"timestamp": "soon"}, "timestamp is \"soon\""),
                         ({"timestamp": 1704067200000}, "not milliseconds"), ({"ssvid": [1]}, "ssvid is [1]")):
        text = refused(["-i", "-"], lines([MESSAGES[0], {**MESSAGES[0], **change}]))
        assert "standard input line 2: " in text and told in text, text


def test_a_key_that_stands_twice_is_refused():
    good = json.dumps(MESSAGES[0])
    with Folder() as folder:
        for name in ("ssvid", "timestamp", "lat", "lon", "receiver_type"):
            value = json.dumps(MESSAGES[0][name])
            told = refused(["-i", folder.write("m.jsonl", f'{good}\n{good[:-1]}, "{name}": {value}}}\n')])
            assert f'm.jsonl line 2: "{name}" stands twice' in told, told
        messages = folder.write("m.jsonl", good[:-1] + ', "more": 1, "more": 2, "in": {"lat": 1, "lat": 2}}')
        code, out, err = run(["-i", messages])  # what only passes through does not matter
        assert code == 0 and json.loads(out)["start_more"] == 2, err
        stored = folder.write("s.jsonl", '\n{"ssvid": "1", "gap_id": "x", "start_timestamp": 1, "start_timestamp": 2}')
        told = refused(["-i", messages, "-s", stored, "--date-range", "2024-01-01,2024-01-02"])
        assert 's.jsonl line 2: "start_timestamp" stands twice' in told, told


def test_csv_rows_that_do_not_fit_the_header():
    assert "row 2: 2 fields, the header has 3" in refused(["-i", "-"], b"ssvid,timestamp,lat\n1,2,3\n1,2\n")
    assert "row 1: Missing key in input messages: 'timestamp'" in refused(["-i", "-"], b"ssvid,lat\n1,2\n")


def test_rows_of_a_dataset_are_told_with_its_name():
    ships = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName\n1,2025-01-01T00:00:00,1,2,3,4,5,A\n"
    vehicles = json.dumps([{"vin": "V", "timestamp": 1704067200000, "latitude": 1.0, "longitude": 2.0, "velocity": 3.0,
                            "gearPosition": "1"}])
    other = "; rows of a dataset are read by --dataset NAME, these perhaps as "
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("AIS_2025_01_01.csv", ships)
    with Folder() as folder:
        for name, data in (("day.csv", ships), ("bom.csv", "\ufeff" + ships), ("AIS_2025_01_01.zip", packed.getvalue())):
            told = refused(["-i", folder.write(name, data)])
            assert f"{name} row 1: Missing key in input messages: 'ssvid'{other}" in told, told
            assert "ais" in told.split(other)[1].split(", "), told
        told = refused(["-i", folder.write("v.json", vehicles)])
        assert told.split(other)[1].split(", ") == ["telematics"], told
        good = json.dumps(MESSAGES[0])
        for text in (f'{good}\n{{"timestamp": 1, "mmsi": 1, "lat": 1, "lon": 2}}\n', '{"timestamp": 1, "x": 2}', "a,b\n1,2\n"):
            told = refused(["-i", folder.write("m", text)])
            assert "Missing key" in told and "--dataset" not in told, told


def test_stored_gaps_that_are_none():
    with Folder() as folder:
        messages = folder.write("m.jsonl", lines(MESSAGES))
        options = ["-i", messages, "--date-range", "2024-01-01,2024-01-02"]
        assert "s.jsonl line 1: Missing key in open gaps: 'start_timestamp'" in refused(
            [*options, "-s", folder.write("s.jsonl", '{"ssvid":"1","gap_id":"x"}')])
        assert "s.json line 2: not JSON" in refused([*options, "-s", folder.write("s.json", "[\nfoo]")])
        assert run([*options, "-s", folder.write("none.jsonl", "")])[0] == 0
        assert run([*options, "-s", folder.write("none.json", "[]")])[0] == 0


def test_a_failed_run_leaves_the_former_output():
    with Folder() as folder:
        path = folder.write("gaps.jsonl", "former\n")
        refused(["-i", "-", "-o", path], lines(MESSAGES) + b"{")
        assert path.read_text() == "former\n" and folder.names() == ["gaps.jsonl"]


def test_output_that_cannot_be_written_is_an_error():
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([SEINE, "detect", "gaps", "-i", "-"], input=lines(MESSAGES), stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and b"standard output" in done.stderr


if __name__ == "__main__":
    main(functions(globals()))
