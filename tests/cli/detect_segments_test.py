#!/usr/bin/env python3
"""`seine detect segments` over files: the 21 real tracks of the original, forms of input and output, bad input.

The tracks are Apache-2.0 data which stay outside this repository; without them their tests are skipped.
"""
import csv
import gzip
import io
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from detect_rows import lines
from harness import program
from harness.program import shared_file
from harness.tap import functions, main, own_folder


def run(*arguments, stdin=b""):
    done = program.run(None, "detect", "segments", *arguments, stdin=stdin, timeout=120)
    return done.returncode, done.stdout, done.stderr.decode()


def segmented(data, *options):
    code, out, err = run("-i", "-", *options, stdin=data)
    assert code == 0, err
    return [json.loads(line) for line in out.decode("ascii").splitlines()]


def real_tracks():
    folder = shared_file("oracles", "gpsdio-segment")
    for path in sorted(folder.glob("*.in.jsonl.gz")):
        expected = folder / path.name.replace(".in.jsonl.gz", ".expected_v3.csv.gz")
        with gzip.open(expected, "rt") as rows:
            yield gzip.decompress(path.read_bytes()), [(row["seg_id"] or None, row["seg_class"] or None)
                                                       for row in csv.DictReader(rows)]


def message(minute, lat=0.0, lon=0.0, speed=0.0, course=0.0, **more):
    return {"ssvid": "1", "timestamp": minute * 60, "lat": lat, "lon": lon, "speed": speed, "course": course,
            "type": "AIS.1", **more}


def north(count, ssvid="1", lon=0.0):
    """10 knots north, a mile every six minutes."""
    return [message(i * 6, i / 60, lon, 10, 0, ssvid=ssvid) for i in range(count)]


def test_real_tracks_go_where_the_original_puts_them():
    for profile in ("v3", "current"):
        for data, expected in real_tracks():
            rows = segmented(data, "--profile", profile)
            assert [(row["seg_id"], row["seg_class"]) for row in rows] == expected


def test_many_movers_in_one_input_are_each_alone():
    """All tracks together, shuffled: the rows keep their places, what is found of each is the same."""
    tracks = list(real_tracks())
    together = []
    for data, expected in tracks:
        seen = {}
        for line, wanted in zip(data.decode().splitlines(), expected):
            fields = json.loads(line)
            place = seen[fields["timestamp"]] = seen.get(fields["timestamp"], 0) + 1
            together.append((fields, place, wanted))
    random.Random(5).shuffle(together)
    together.sort(key=lambda row: row[1])  # equal times of one mover stay in order
    rows = segmented(lines([row[0] for row in together]))
    assert [(row["seg_id"], row["seg_class"]) for row in rows] == [row[2] for row in together]


def test_an_older_file_of_the_original_is_read():
    """Messages with numbers as ids, times as text without a zone, and no type."""
    path = shared_file("data", "segments", "416000000.json")
    code, out, err = run("-i", path)
    assert code == 0, err
    rows = [json.loads(line) for line in out.decode().splitlines()]
    assert len(rows) == len(path.read_text().splitlines())
    assert rows[0]["seg_id"] == "416000000-2014-01-01T01:14:25.000000Z-1"
    assert {row["seg_class"] for row in rows} <= {"Segment", "ClosedSegment", "BadSegment", "DiscardedSegment", None}


def test_fields_of_the_message_stay_and_four_are_added():
    (row,) = segmented(lines([message(0, shipname="Ä", seg_id="old", noise=1)]))
    assert list(row) == ["ssvid", "timestamp", "lat", "lon", "speed", "course", "type", "shipname", "seg_id",
                         "seg_class", "noise", "ship_no"]
    assert row["shipname"] == "Ä" and row["seg_id"] == "1-1970-01-01T00:00:00.000000Z-1" and row["noise"] is None


def test_noise_has_a_reason():
    rows = segmented(lines([message(0), message(1, lat=None), message(2, speed=None), message(3, course=None, speed=9),
                            message(4, None, None, None, None, type="AIS.5"), message(5, msgid="a"),
                            message(6, msgid="a"), message(7, type="AIS.27")]))
    assert [row["noise"] for row in rows] == [None, "no position", "no speed", "no course", "information", None,
                                             "repeated id", "low resolution"]
    assert rows[6]["seg_id"] is None and rows[6]["seg_class"] is None


def test_a_jump_is_left_out_and_named_alone():
    messages = north(4) + [message(24, 4 / 60, 3 / 60, 10)] + [message(30, 5 / 60, 0, 10)]
    rows = segmented(lines(messages))
    assert rows[4]["seg_class"] == "DiscardedSegment" and rows[4]["noise"] == "better without"
    assert rows[4]["seg_id"] == "1-1970-01-01T00:24:00.000000Z-1"
    assert rows[5]["seg_id"] == rows[0]["seg_id"]


def test_the_gate_is_an_option():
    messages = [message(0), message(6, 1 / 60), message(12, 10), message(18, 3 / 60), message(24, 4 / 60)]
    rows = segmented(lines(messages), "--gate-knots", 30)
    assert [row["noise"] for row in rows] == [None, None, "implied speed", None, None]
    assert len({row["seg_id"] for row in rows}) == 2


def test_csv_and_parquet_have_declared_columns():
    with own_folder() as folder:
        source = Path(folder, "messages.jsonl")
        source.write_bytes(lines([message(0, shipname="A", msgid="x"), message(1, lat=None)]))
        for name in ("rows.csv", "rows.parquet"):
            code, out, err = run("-i", source, "-o", Path(folder, name))
            assert code == 0 and out == b"", err
            assert "2 messages of 1 movers: 1 segments, 1 of them open; 1 messages are noise" in err
        rows = list(csv.DictReader(io.StringIO(Path(folder, "rows.csv").read_text())))
        assert list(rows[0]) == ["ssvid", "msgid", "type", "timestamp", "lat", "lon", "speed", "course", "heading",
                                 "seg_id", "seg_class", "noise", "ship_no", "other"]
        assert rows[0]["other"] == '{"shipname":"A"}' and rows[1]["noise"] == "no position"
        again = segmented(Path(folder, "rows.csv").read_bytes())
        code, out, err = run("-i", Path(folder, "rows.parquet"))
        assert code == 0, err
        assert [row["seg_id"] for row in again] == [json.loads(line)["seg_id"] for line in out.decode().splitlines()]


def test_only_the_movers_asked_for_are_printed():
    rows = segmented(lines(north(3) + north(3, "2", 5)), "--ssvids", "2")
    assert [row["ssvid"] for row in rows] == ["2"] * 3


def test_json_tells_what_was_found():
    with own_folder() as folder:
        code, out, err = run("-i", "-", "-o", Path(folder, "rows.jsonl"), "--json",
                             stdin=lines(north(3) + [message(30 * 60)]))
        assert code == 0, err
        told = json.loads(out)
        assert told["messages"] == 4 and told["segments"] == 2 and told["open"] == 1 and told["left_out"] == 0


def test_bad_input_and_options_are_named():
    bad = {b'{"ssvid": "1", "timestamp": 0, "speed": "fast"}\n': 'speed is "fast", expected a number or null',
           b'{"ssvid": "1", "timestamp": 0, "course": 1, "course": 2}\n': "stands twice in one message",
           b'{"timestamp": 0}\n': "Missing key in input messages: 'ssvid'"}
    for data, said in bad.items():
        code, _, err = run("-i", "-", stdin=data)
        assert code == 1 and said in err, err
    for options, said in ((["--lookback", 9], "lookback"), (["--profile", "v2"], "there are current and v3"),
                          (["--gate-knots", 0], "gate-knots"), (["-o", "x.jsonl.gz"], "names no format")):
        code, _, err = run("-i", "-", *options)
        assert code == 2 and said in err, err


def test_an_empty_input_has_no_rows():
    assert segmented(b"") == [] and segmented(b"[]") == []


if __name__ == "__main__":
    main(functions(globals()))
