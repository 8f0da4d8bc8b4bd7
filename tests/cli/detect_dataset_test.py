#!/usr/bin/env python3
"""`seine detect … --dataset`: files of any mover, read as an ingest reads them, so that what is found is what a lake of
the same files finds.

Environment: SEINE_BIN, the program; SEINE_SHARED, real tracks.
"""
import csv
import datetime
import decimal
import gzip
import io
import json
import random
import re
import shutil
import signal
import sys
import time

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import ROOT, equal, refused, run, seine, shared_file, sql, start, tool
from harness.tap import Skip, functions, main

SAMPLES = ROOT / "tests" / "data" / "datasets"
DAY_MS = 86_400_000
FIRST_MS = 1_704_067_200_000  # 2024-01-01
BIRDS = """name: birds
word: bird
keep: first
gap_hours: 30
id: {name: ring, names: [ring]}
time: {names: [seen], format: "%d.%m.%Y %H:%M"}
time_zone: "+02:00"
position: {required: false, lat: {names: [lat]}, lon: {names: [lon]}}
columns:
  flock: {doc: flock}
"""
EVERGIVEN = """name: evergiven
id: {name: ship, names: [ID]}
time: {names: [ais_pos_timestamp], format: "%d/%m/%Y %H:%M"}
position: {lat: {names: [latitude]}, lon: {names: [longitude]}}
"""
SOLENT = """name: solent
word: vessel
id: {name: mmsi, kind: number, names: [MMSI]}
time: {names: [Time]}
position: {lat: {names: [Latitude_degrees]}, lon: {names: [Longitude_degrees]}}
measures:
  sog: {names: [SOG_knots], unit: kn}
  cog: {names: [COG_degrees], unit: deg}
"""


def vehicle(vin, hours, **more):
    return {"vin": vin, "timestamp": FIRST_MS + round(hours * 3_600_000), "latitude": 48.5 + hours / 100,
            "longitude": 9.0, "velocity": 30.5, "manufacturer": "Solaris", "gearPosition": "2"} | more


VEHICLES = [
    vehicle("bus 7 \"ü\"", 0), vehicle("A", 0, velocity=1), vehicle("A", 0, velocity=2, latitude=1.25),  # the later one
    vehicle("A", 6), vehicle("A", 12.0001), vehicle("A", 20, latitude=None, longitude=None), vehicle("A", 48),
    vehicle("bus 7 \"ü\"", 0.25 / 3600), vehicle("bus 7 \"ü\"", 30, gearPosition="REVERSE"), vehicle("0042", 1),
]


def write(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_csv(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def gaps(folder, dataset, *files, options=(), stdin=""):
    inputs = [word for name in files for word in ("-i", name)]
    text = seine(folder, "detect", "gaps", "--quiet", "--dataset", dataset, *inputs, *options, stdin=stdin)
    return [json.loads(line) for line in text.splitlines()]


def report(folder, dataset, *files, options=()):
    """@return what --json says of a run."""
    inputs = [word for name in files for word in ("-i", name)]
    return json.loads(seine(folder, "detect", "gaps", "--json", "-o", "out.jsonl", "--dataset", dataset, *inputs,
                            *options))


def in_lake(folder, dataset, name, *files, id_name):
    """@return the events of a lake that took the files, as (id, mover, times, closed, counts)."""
    lake = f"lake_{name}"
    seine(folder, "init", "--quiet", lake)
    seine(folder, "ingest", "--quiet", "--lake", lake, "--dataset", dataset, *files)
    seine(folder, "refresh", "--quiet", "--lake", lake)
    rows = sql(folder, f"SELECT event_id, {id_name} AS mover, start_ts, end_ts, is_closed, duration_h, distance_m,"
               f" positions_hours_before AS n FROM events.{name}_gaps ORDER BY mover, start_ts", lake)
    return [tuple(row.values()) for row in rows]


def found(rows, id_name, time="ts"):
    return sorted(((row["gap_id"], row[id_name], row[f"start_{time}"], row[f"end_{time}"], row["is_closed"],
                    row["duration_h"], row["distance_m"], row["positions_hours_before"]) for row in rows),
                  key=lambda row: (row[1].encode(), row[2]))


# ---- the same as a lake ----

def test_every_dataset_of_the_program_finds_what_its_lake_finds(folder):
    for path in sorted(SAMPLES.iterdir()):
        name = path.name.partition(".")[0]
        if name == "README":
            continue
        shown = json.loads(seine(folder, "dataset", "show", "--json", name))
        if "gaps" not in shown["outputs"]:
            continue
        id_name, time_name = shown["columns"][0]["name"], shown["columns"][1]["name"]
        shutil.copy(path, folder)
        rows = gaps(folder, name, path.name)
        lake = in_lake(folder, name, name, path.name, id_name=id_name)
        equal(found(rows, id_name, time_name), lake, name)


def test_gaps_of_vehicles_are_those_of_a_lake(folder):
    write(folder, "a.json", json.dumps(VEHICLES[:6]))
    write(folder, "b.json", json.dumps(VEHICLES[6:] + [VEHICLES[4]]))
    rows = gaps(folder, "telematics", "b.json", "a.json")
    equal(found(rows, "vin"), in_lake(folder, "telematics", "telematics", "a.json", "b.json", id_name="vin"))
    equal([row["vin"] for row in rows], ["0042", "A", "A", "A", "bus 7 \"ü\"", "bus 7 \"ü\""], "by id")
    first = rows[1]
    equal((first["start_ts"], first["end_ts"], first["start_gear_position"], first["start_manufacturer"]),
          ("2024-01-01T06:00:00Z", "2024-01-01T12:00:00.360000Z", 2, "Solaris"), "ends")
    equal(rows[0]["is_closed"], False, "open up to the newest time of all files")
    assert "ssvid" not in first and "start_vin" not in first


def test_the_winner_rule_of_the_dataset_drops_duplicates(folder):
    write(folder, "v.json", json.dumps(VEHICLES))
    told = report(folder, "telematics", "v.json")
    equal((told["rows"], told["duplicates"], told["messages"], told["movers"]), (10, 1, 9, 3), "counts")
    write(folder, "birds.yaml", BIRDS)
    write(folder, "b.csv", "ring,seen,lat,lon,flock\nr1,01.03.2024 00:30,1,2,first\nr1,01.03.2024 00:30,3,4,second\n"
          "r1,02.03.2024 06:31,,,third\n")
    (row,) = gaps(folder, "birds.yaml", "b.csv")
    equal((row["ring"], row["start_ts"], row["start_lat"], row["start_flock"], row["end_ts"], row["end_lat"]),
          ("r1", "2024-02-29T22:30:00Z", 1.0, "first", "2024-03-02T04:31:00Z", None), "the first, in its time zone")


def test_a_gap_is_as_long_as_the_dataset_or_the_user_says(folder):
    write(folder, "birds.yaml", BIRDS)
    write(folder, "b.csv", "ring;seen;lat;lon\nr1;01.03.2024 00:00;1;2\nr1;02.03.2024 06:00;1;2\n")
    equal(gaps(folder, "birds.yaml", "b.csv"), [], "30 hours are not more than 30")
    equal(len(gaps(folder, "birds.yaml", "b.csv", options=["--min-gap-length", 29])), 1, "the user's word")


def test_a_day_in_the_name_of_an_archive_counts_as_in_a_lake(folder):
    write(folder, "AIS_2025_01_01.csv", "MMSI,BaseDateTime,LAT,LON,SOG\n200000001,2025-01-01T02:00:00,1,2,3\n"
          "200000002,2025-01-01T20:00:00,1,2,3\n")
    rows = gaps(folder, "ais", "AIS_2025_01_01.csv")
    equal(found(rows, "mmsi"), in_lake(folder, "ais", "ais", "AIS_2025_01_01.csv", id_name="mmsi"))
    equal([row["mmsi"] for row in rows], ["200000001"], "silent for 22 hours up to the end of the day; not for 4")


def test_tracks_of_years_are_those_of_a_lake(folder):
    chance = random.Random(20240229)
    borders = [k * 180 * 24 + 24 for k in range(108, 117)]  # hours since 1970: of windows, which a lake does not have
    rows = []
    for mover in range(6):
        for border in chance.sample(borders, 6):
            first = border + chance.uniform(-20, 12)
            hours = [first + chance.expovariate(1 / 1.5) * step for step in range(chance.randrange(2, 14))]
            rows += [(f"m{mover}", round(hour * 3600, 3)) for hour in hours]
    for border in borders[::4]:  # silent for a whole window
        rows += [("silent", (border - half / 2) * 3600) for half in range(1, 40)]
    rows += chance.sample(rows, 20)
    chance.shuffle(rows)
    write(folder, "boats.yaml", """name: boats
id: {name: boat, names: [boat]}
time: {names: [t], format: unix_s}
position: {required: false, lat: {names: [lat]}, lon: {names: [lon]}}
""")
    for name, part in (("b.csv", rows[:100]), ("a.csv", rows[100:])):
        write(folder, name, "boat,t,lat,lon\n" + "".join(
            f"{boat},{t},{chance.uniform(-90, 90):.5f},{chance.uniform(-180, 180):.5f}\n" for boat, t in part))
    rows = found(gaps(folder, "boats.yaml", "b.csv", "a.csv"), "boat")
    equal(rows, in_lake(folder, "boats.yaml", "boats", "a.csv", "b.csv", id_name="boat"))
    return f"{len(rows)} gaps"


# ---- forms ----

def test_all_forms_of_a_file_are_the_same(folder):
    write(folder, "v.json", json.dumps(VEHICLES))
    wanted = gaps(folder, "telematics", "v.json")
    assert len(wanted) == 6, wanted
    forms = {"v.ndjson": lines(VEHICLES), "v.csv": as_csv(VEHICLES), "v.json.gz": gzip.compress(lines(VEHICLES).encode()),
             "bom.csv": "\ufeff" + as_csv(VEHICLES).replace(",", ";")}
    for name, text in forms.items():
        equal(gaps(folder, "telematics", write(folder, name, text)), wanted, name)
    equal(gaps(folder, "telematics", "-", stdin=lines(VEHICLES)), wanted, "standard input")
    equal(gaps(folder, "telematics", "-", stdin=forms["v.json.gz"]), wanted, "packed standard input")


def test_zstd_is_unpacked(folder):
    import subprocess
    write(folder, "v.json", json.dumps(VEHICLES))
    subprocess.run([tool("zstd"), "-q", "v.json"], cwd=folder, check=True)
    equal(gaps(folder, "telematics", "v.json.zst"), gaps(folder, "telematics", "v.json"))


def test_parquet_of_others_is_read(folder):
    write(folder, "v.json", json.dumps(VEHICLES))
    seine(folder, "init", "--quiet", "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "telematics", "v.json")
    seine(folder, "sql", "--lake", "lake", "-o", "v.parquet", "SELECT vin, ts AS timestamp, latitude, longitude,"
          " velocity, manufacturer, gear_position FROM silver.telematics")
    equal(gaps(folder, "telematics", "v.parquet"), gaps(folder, "telematics", "v.json"))
    write(folder, "broken.parquet", b"PAR1 and no more")
    refused(folder, 1, "broken.parquet: a Parquet file that cannot be read", "detect", "gaps", "--dataset",
            "telematics", "-i", "broken.parquet")


ODD = """name: odd
id: {name: id}
time: {names: [ts]}
position: {required: false, lat: {names: [place.lat]}, lon: {names: [place.lon]}}
columns:
"""


def test_any_type_of_parquet_is_read(folder):
    """Numbers as numbers whatever holds them, what is nested by names with points, else as JSON; all else as text."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise Skip("no pyarrow") from error
    utc, hour = datetime.timezone.utc, datetime.timedelta(hours=2)
    values = {"f": (0.1, pa.float32(), "0.10000000149011612"), "d": (decimal.Decimal("1.50"), pa.decimal128(10, 2), "1.5"),
              "u": (2 ** 64 - 1, pa.uint64(), str(2 ** 64 - 1)), "nan": (float("nan"), pa.float64(), None),
              "small": (-3, pa.int8(), "-3"), "wide": (4_000_000_000, pa.uint32(), "4000000000"), "yes": (True, pa.bool_(), "true"),
              "day": (datetime.date(2025, 1, 31), pa.date32(), "2025-01-31"), "clock": (datetime.time(1, 2, 3), pa.time64("us"), "01:02:03"),
              "moment": (datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone(hour)), pa.timestamp("us", "UTC"),
                         "2024-12-31T22:00:00.000000Z"),
              "naive": (datetime.datetime(2025, 1, 1, 2), pa.timestamp("ms"), "2025-01-01T02:00:00.000000"),
              "bytes": (b"a\0b", pa.binary(), "a\\x00b"), "parts": ([1, 2], pa.list_(pa.int32()), "[1,2]"),
              "tags": ([("k", 1)], pa.map_(pa.string(), pa.int32()), '{"k":1}'), "said": ('x"\\y \nñ', pa.string(), 'x"\\y \nñ'),
              "missing": (None, pa.int32(), None)}
    columns = {name: pa.array([value], kind) for name, (value, kind, _) in values.items()}
    place = pa.array([{"lat": 1.5, "lon": 2}], pa.struct([("lat", pa.float32()), ("lon", pa.int16())]))
    time_of_it = pa.array([datetime.datetime(2025, 1, 1, microsecond=250_000, tzinfo=utc)], pa.timestamp("us", "UTC"))
    parquet.write_table(pa.table({"id": ["a"], "ts": time_of_it, "place": place, **columns}), folder / "odd.parquet")
    write(folder, "odd.yaml", ODD + "".join(f"  {name}: {{doc: d}}\n" for name in values))
    (gap,) = gaps(folder, "odd.yaml", "odd.parquet", options=["--date-range", "2025-01-01,2025-01-03"])
    found = {name.removeprefix("start_"): value for name, value in gap.items() if name.startswith("start_")}
    equal(found, {"ts": "2025-01-01T00:00:00.250000Z", "lat": 1.5, "lon": 2.0, **{name: text for name, (*_, text) in values.items()}})


def test_parquet_and_gpx_come_down_a_pipe(folder):
    """What cannot be read as it comes is kept in a file meanwhile, of which nothing is left."""
    test_parquet_of_others_is_read(folder)
    here = {"TMPDIR": str(folder / "scratch")}
    (folder / "scratch").mkdir()

    def piped(dataset, name, **more):
        data = (folder / name).read_bytes()
        text = seine(folder, "detect", "gaps", "--quiet", "--dataset", dataset, "-i", "-", stdin=data, env=here, **more)
        equal(list((folder / "scratch").iterdir()), [], "left over")
        return text.decode() if isinstance(text, bytes) else text

    equal([json.loads(line) for line in piped("telematics", "v.parquet").splitlines()], gaps(folder, "telematics", "v.json"), "Parquet")
    points = "".join(f'<trkpt lat="{10 + day / 10}" lon="20"><time>2024-01-{day:02}T00:00:00Z</time></trkpt>' for day in range(1, 30))
    write(folder, "walk.gpx", f'<?xml version="1.0"?>\n<gpx version="1.1"><trk><name>walk</name><trkseg>{points}</trkseg></trk></gpx>')
    rows = [json.loads(line) for line in piped("gpx", "walk.gpx").splitlines()]
    equal((len(rows), [strip(row) for row in rows]), (28, [strip(row) for row in gaps(folder, "gpx", "walk.gpx")]), "GPX")
    for name, text, why in (("cut.parquet", (folder / "v.parquet").read_bytes()[:-100], "standard input: a Parquet file that cannot be read"),
                            ("cut.gpx", (folder / "walk.gpx").read_bytes()[:-30], "standard input: "),
                            ("page.html", b"<html><body>busy</body></html>", "standard input: a web page or XML, no CSV")):
        (folder / name).write_bytes(text)
        said = piped("gpx" if "parquet" not in name else "telematics", name, code=1)
        assert why in said and len(said.strip().splitlines()) == 1, said


def strip(row):
    """Without what two runs differ in."""
    return {key: value for key, value in row.items() if key != "version"}


def test_rows_as_csv_and_parquet_have_the_columns_of_the_dataset(folder):
    write(folder, "v.json", json.dumps(VEHICLES))
    wanted = gaps(folder, "telematics", "v.json")
    inputs = ("detect", "gaps", "--quiet", "--dataset", "telematics", "-i", "v.json", "-o")
    seine(folder, *inputs, "out.csv")
    with open(folder / "out.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    equal(list(rows[0]), list(wanted[0]), "columns")
    equal([row["start_gear_position"] for row in rows], [str(row["start_gear_position"]) for row in wanted])
    seine(folder, *inputs, "out.parquet")
    try:
        from pyarrow import parquet
    except ImportError:
        raise Skip("pyarrow is not here") from None
    equal(parquet.read_table(folder / "out.parquet").to_pylist(), wanted, "Parquet")
    equal(sorted(gaps(folder, "telematics", "v.json", options=["--no-normalize"])[0]["OFF"]),
          sorted(["ts", "latitude", "longitude", "velocity", "manufacturer", "year", "model", "front_left_door_state",
                  "wipers_state", "gear_position", "driver_seatbelt_state"]), "objects")


def test_only_some_movers_and_their_statistics(folder):
    write(folder, "v.json", json.dumps(VEHICLES))
    rows = gaps(folder, "telematics", "v.json", options=["--ssvids", "A", "--stats", "s.csv"])
    equal({row["vin"] for row in rows}, {"A"})
    equal((folder / "s.csv").read_text(), f"vin,total\nA,{len(rows)}\nTOTAL,{len(rows)}\n")


def test_a_range_reports_the_gaps_of_its_days(folder):
    write(folder, "v.json", json.dumps(VEHICLES))
    rows = gaps(folder, "telematics", "v.json", options=["--date-range", "2024-01-02,2024-01-04", "--no-eval-last"])
    equal({row["end_ts"] for row in rows}, {"2024-01-02T06:00:00Z", "2024-01-03T00:00:00Z"}, "that end in it")
    rows = gaps(folder, "telematics", "v.json", options=["--date-range", "2024-01-01,2024-01-02"])
    assert all(row["start_ts"] < "2024-01-02" for row in rows) and rows


# ---- refused rows ----

def test_refused_rows_are_counted_by_reason(folder):
    bad = [vehicle("A", 1, timestamp="soon"), vehicle("B", 2) | {"vin": None}, vehicle("A", 1, timestamp="later"),
           vehicle("A", 3, gearPosition="what"), vehicle("A", 24 * 366 * 3)]
    write(folder, "bad.json", json.dumps(VEHICLES + bad))
    told = report(folder, "telematics", "bad.json")
    equal({(r["reason"], r["rows"], r["first"]["row"]) for r in told["refused"]},
          {("time", 2, 11), ("vin", 1, 12), ("gear", 1, 14), ("future", 1, 15)}, "refused")
    equal(told["refused"][0]["first"], {"file": "bad.json", "row": 11, "text": "time: 'soon' is not a time"}, "first")
    equal((told["rows"], told["messages"], told["dataset"]), (15, 9, "telematics"), "counts")
    done = run(folder, "detect", "gaps", "--dataset", "telematics", "-i", "bad.json")
    said = done.stderr.splitlines()
    assert "2 rows refused by time, the first: bad.json row 11: time: 'soon' is not a time" in said, done.stderr
    equal(len([line for line in said if " refused by " in line]), 4, "one line for each reason")


def test_several_forms_of_time_in_one_column(folder):
    write(folder, "birds.yaml", BIRDS)
    write(folder, "b.csv", "ring,seen,lat,lon\nr1,01.03.2024 00:00,1,2\nr1,2024-03-04T00:00:00Z,1,2\n"
          "r1,13.14.2024 00:00,1,2\nr1,05.03.2024 00:00,1,2\n")
    (row,) = gaps(folder, "birds.yaml", "b.csv")
    equal(row["duration_h"], 96.0, "the others are no times")
    equal([(r["reason"], r["rows"]) for r in report(folder, "birds.yaml", "b.csv")["refused"]], [("time", 2)])


def test_times_lie_where_detectors_can_count(folder):
    write(folder, "old.yaml", BIRDS + "valid_from: 0001-01-01\n")
    write(folder, "b.csv", "ring,seen,lat,lon\nr1,01.03.0024 00:00,1,2\nr1,01.03.1800 00:00,1,2\n"
          "r1,05.03.1800 00:00,1,2\n")
    (row,) = gaps(folder, "old.yaml", "b.csv")
    equal(row["duration_h"], 96.0)
    (refusal,) = report(folder, "old.yaml", "b.csv")["refused"]
    equal((refusal["reason"], refusal["first"]["row"]), ("time", 1), "before 1717")


def test_settings_of_a_dataset(folder):
    write(folder, "v.json", json.dumps([vehicle("A", 0), vehicle("A", 10, velocity=900), vehicle("A", 20)]))
    options = ["--set", "APPLY_VELOCITY_FILTER=1"]
    equal([row["duration_h"] for row in gaps(folder, "telematics", "v.json")], [10.0, 10.0])
    equal([row["duration_h"] for row in gaps(folder, "telematics", "v.json", options=options)], [20.0])
    refused(folder, 2, "--set X=1: dataset telematics has no such setting", "detect", "gaps", "--dataset",
            "telematics", "--set", "X=1", "-i", "v.json")
    refused(folder, 2, "--set is a setting of a dataset", "detect", "gaps", "--set", "X=1", "-i", "v.json")


def test_what_is_wrong_is_one_line(folder):
    def told(status, text, *words, stdin=""):
        done = run(folder, "detect", "gaps", *words, stdin=stdin)
        said = done.stderr.strip().splitlines()
        assert done.returncode == status and len(said) <= (2 if status == 2 else 1), done.stderr
        assert text in said[0], f"{words}: {done.stderr}"

    write(folder, "v.json", json.dumps(VEHICLES))
    write(folder, "v.csv", as_csv([{"vim": "A", "timestamp": FIRST_MS, "gearPosition": 1}]))
    write(folder, "bad.yaml", BIRDS.replace("+02:00", "Berlin time"))
    write(folder, "unit.yaml", SOLENT.replace("unit: kn", "unit: knot"))
    write(folder, "all.json", json.dumps([{"vim": "A", "timestamp": FIRST_MS}]))
    write(folder, "head.csv", "vin,timestamp,gearPosition\n")
    write(folder, "empty.json", "")
    write(folder, "cut.json", json.dumps(VEHICLES)[:-20])
    told(1, "no dataset telematic: there are ais, ", "--dataset", "telematic", "-i", "v.json")
    told(1, "none.yaml", "--dataset", "none.yaml", "-i", "v.json")
    told(1, "bad.yaml line 7: time_zone: \"Berlin time\" is no time zone; write UTC", "--dataset", "bad.yaml", "-i", "v.json")
    told(1, "unit.yaml line 7", "--dataset", "unit.yaml", "-i", "v.json")
    told(1, "v.csv: wrong header: no vin column; columns seen: vim, timestamp, gearPosition; if vim is that column",
         "--dataset", "telematics", "-i", "v.csv")
    told(1, "all.json: no valid row: 1 row refused, the first: vin: missing; its keys are vim, timestamp; if vim is that column, name it vin",
         "--dataset", "telematics", "-i", "all.json")
    told(1, "head.csv: no row at all behind the header", "--dataset", "telematics", "-i", "head.csv")
    told(1, "empty.json: ", "--dataset", "telematics", "-i", "empty.json")
    told(1, "standard input: empty file", "--dataset", "telematics", "-i", "-")
    told(1, "none.json: no such file", "--dataset", "telematics", "-i", "none.json")
    told(2, ".: is a folder", "--dataset", "telematics", "-i", ".")
    told(2, "--open-gaps does not go with --dataset", "--dataset", "telematics", "-i", "v.json", "-s", "v.csv")
    told(2, "--profile does not go with --dataset", "--dataset", "telematics", "-i", "v.json", "--profile", "2024")


def test_memory_is_bounded(folder):
    write(folder, "many.csv", "vin,timestamp,gearPosition\n" +
          "".join(f"v{i % 7},{FIRST_MS + i * 1000},1\n" for i in range(20000)))
    refused(folder, 1, "many.csv: more messages than 2 MiB of memory hold (--max-memory)", "detect", "gaps",
            "--dataset", "telematics", "--max-memory", 2, "-i", "many.csv")
    equal(report(folder, "telematics", "many.csv", options=["--max-memory", 64])["messages"], 20000)


def test_an_interrupt_is_heard(folder):
    process = start(folder, "detect", "gaps", "--dataset", "telematics", "-i", "-", stdin=-1, stdout=-1, stderr=-1)
    process.stdin.write("vin,timestamp,gearPosition\n" + f"A,{FIRST_MS},1\n" * 200000)
    process.stdin.flush()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    equal(process.returncode, 1, said)
    assert "interrupted" in said, said


# ---- other detectors ----

def test_segments_of_a_dataset_are_those_of_messages(folder):
    rows = [{"MMSI": 200000001 + i % 2, "Time": f"2024-01-01 {i // 60:02}:{i % 60:02}:00",
             "Latitude_degrees": 50 + i / 1000 + (5 if i % 17 == 0 else 0), "Longitude_degrees": 1.0, "SOG_knots": 3.5,
             "COG_degrees": 0} for i in range(300)]
    messages = [{"ssvid": str(row["MMSI"]), "timestamp": row["Time"].replace(" ", "T") + "Z",
                 "lat": row["Latitude_degrees"], "lon": 1.0, "speed": 3.5, "course": 0} for row in rows]
    write(folder, "solent.yaml", SOLENT)
    write(folder, "s.csv", as_csv(rows))
    write(folder, "m.jsonl", lines(messages))
    by = [seine(folder, "detect", "segments", "--quiet", *words).splitlines()
          for words in (("--dataset", "solent.yaml", "-i", "s.csv"), ("-i", "m.jsonl"))]
    of_dataset, of_messages = ([json.loads(line) for line in text] for text in by)
    equal(sorted((row["mmsi"], row["seg_id"], row["noise"] or "", row["lat"]) for row in of_dataset),
          sorted((row["ssvid"], row["seg_id"], row["noise"] or "", row["lat"]) for row in of_messages))
    equal(list(of_dataset[0]), ["mmsi", "ts", "lat", "lon", "sog", "cog", "seg_id", "seg_class", "noise", "ship_no"], "columns")
    seine(folder, "detect", "segments", "--quiet", "--dataset", "solent.yaml", "-i", "s.csv", "-o", "out.csv")
    equal((folder / "out.csv").read_text().splitlines()[0], ",".join(of_dataset[0]), "CSV")


def test_speeds_become_knots(folder):
    write(folder, "solent.yaml", SOLENT)
    write(folder, "kmh.yaml", SOLENT.replace("unit: kn", "unit: km/h"))
    header = "MMSI,Time,Latitude_degrees,Longitude_degrees,SOG_knots,COG_degrees\n"
    rows = [(i, 50 + i * 0.002) for i in range(60)]
    write(folder, "kn.csv", header + "".join(f"1,2024-01-01 00:{i:02}:00,{lat:.4f},1,7.2,0\n" for i, lat in rows))
    write(folder, "kmh.csv", header + "".join(f"1,2024-01-01 00:{i:02}:00,{lat:.4f},1,13.3344,0\n" for i, lat in rows))
    both = [seine(folder, "detect", "segments", "--quiet", "--dataset", f"{name}.yaml", "-i", f"{file}.csv")
            for name, file in (("solent", "kn"), ("kmh", "kmh"))]
    of = [[(row["seg_id"], row["noise"]) for row in map(json.loads, text.splitlines())] for text in both]
    equal(of[0], of[1], "segments")


def test_events_of_fishing_have_the_id_of_the_dataset(folder):
    boats = """name: boats
id: {name: boat, names: [boat]}
time: {names: [t], format: unix_s}
position: {lat: {names: [lat]}, lon: {names: [lon]}}
measures:
  speed: {unit: kn}
  nnet_score: {}
"""
    write(folder, "boats.yaml", boats)
    write(folder, "b.csv", "boat,t,lat,lon,speed,nnet_score\n" +
          "".join(f"b 1,{1704067200 + i * 600},{10 + i * 0.01:.2f},20,4,1\n" for i in range(20)))
    (row,) = map(json.loads, seine(folder, "detect", "fishing", "--quiet", "--dataset", "boats.yaml", "-i",
                                   "b.csv").splitlines())
    equal((row["boat"], row["message_count"], row["event_start"][:10]), ("b 1", 20, "2024-01-01"))


SCORED = "seg_id,ssvid,timestamp,lat,lon,speed_knots,nnet_score,meters_to_prev,hours\n" + "".join(
    f"a,78,2024-01-01T{time}:00Z,1,{lon:.2f},3,1,1.1,10\n" for time, lon in
    [(f"00:{i}0", 2 + i / 100) for i in range(6)] + [("03:10", 2.05), ("06:10", 2.05)])


def of_files(folder, dataset, *options):
    return list(map(json.loads, seine(folder, "detect", "fishing", "--quiet", "--dataset", dataset, "-i", "g.csv", *options).splitlines()))


def test_events_of_scored_segments_are_those_of_a_lake(folder):
    """The ship stands beside its segment, once; the silence is that of the description."""
    own = seine(folder, "dataset", "show", "ais_scored", "--yaml").replace("name: ais_scored", "name: own")
    write(folder, "own.yaml", own + "fishing_gap_hours: 4\n")
    write(folder, "g.csv", "".join(f"{','.join(line.split(',')[:7])}\n" for line in SCORED.splitlines()))
    for dataset, name, counts in (("ais_scored", "ais_scored", [6, 1, 1]), ("own.yaml", "own", [8])):
        rows = of_files(folder, dataset, "--explain")
        equal([(row["ssvid"], row["seg_id"], row["vessel_id"], row["message_count"]) for row in rows],
              [("78", "a", "78", count) for count in counts], name)
        seine(folder, "init", "--quiet", f"of_{name}")
        seine(folder, "ingest", "--quiet", "--lake", f"of_{name}", "--dataset", dataset, "g.csv")
        seine(folder, "refresh", "--quiet", "--lake", f"of_{name}")
        equal(sql(folder, f"SELECT fishing_id FROM events.{name}_fishing ORDER BY start_ts", lake=f"of_{name}"),
              [{"fishing_id": row["event_id"]} for row in rows], f"ids of {name}")
    for form in ("csv", "parquet"):
        seine(folder, "detect", "fishing", "--quiet", "--dataset", "ais_scored", "-i", "g.csv", "--explain", "-o", f"e.{form}")
    header = (folder / "e.csv").read_text().splitlines()[0].split(",")
    equal(len(header), len(set(header)), "columns")


def test_ways_and_times_become_metres_and_hours(folder):
    own = seine(folder, "dataset", "show", "ais_scored", "--yaml").replace("name: ais_scored", "name: own").replace("outputs: [fishing]", "outputs: none")
    own, changed = re.subn(r"(meters_to_prev: *{[^}]*unit: )m\b", r"\1km", own)
    own, also = re.subn(r"(  hours: *{[^}]*unit: )h\b", r"\1min", own)
    equal((changed, also), (1, 1), own)
    write(folder, "own.yaml", own)
    write(folder, "g.csv", "".join(f"{line}\n" for line in SCORED.splitlines()[:7]))
    (row,) = of_files(folder, "own.yaml", "--explain")
    equal((round(row["event_distance_m"], 6), round(row["avg_hours"], 9)), (5500, round(1 / 6, 9)))


def test_an_id_with_the_name_of_another_column_is_refused(folder):
    write(folder, "g.csv", SCORED)
    for detector, name in (("fishing", "vessel_id"), ("fishing", "event_type"), ("segments", "seg_id"), ("gaps", "gap_id")):
        write(folder, "own.yaml", f"name: own\nid: {{name: {name}, names: [seg_id]}}\ntime: {{names: [timestamp], format: iso}}\n"
              "position: {lat: {}, lon: {}}\nmeasures: {speed: {unit: kn, names: [speed_knots]}, course: {unit: deg}, nnet_score: {}}\n")
        refused(folder, 2, f"dataset own: the output would have two columns {name}", "detect", detector, "--dataset", "own.yaml", "-i", "g.csv")


def test_a_detector_says_what_a_dataset_lacks(folder):
    write(folder, "v.json", json.dumps(VEHICLES))
    write(folder, "evergiven.yaml", EVERGIVEN)
    for detector, dataset, text in (("segments", "telematics", "segments need a course: dataset telematics has no"),
                                    ("segments", "evergiven.yaml", "segments need a speed: dataset evergiven has no"),
                                    ("fishing", "telematics", "fishing is told by scores: dataset telematics has no")):
        refused(folder, 2, text, "detect", detector, "--dataset", dataset, "-i", "v.json")


# ---- real tracks ----

def compare(folder, description, name, id_name, file):
    """Gaps by a description alone, and those of a lake. @return how many there are."""
    path = shared_file("data", "tracks", file)
    write(folder, f"{name}.yaml", description)
    shutil.copy(path, folder)
    rows = gaps(folder, f"{name}.yaml", file)
    equal(found(rows, id_name), sorted(in_lake(folder, f"{name}.yaml", name, file, id_name=id_name),
                                       key=lambda row: (row[1].encode(), row[2])))
    return len(rows)


def test_ships_in_the_canal_of_suez(folder):
    count = compare(folder, EVERGIVEN, "evergiven", "ship", "evergiven_suez_2021.csv.zst")
    assert count > 100, count
    return f"{count} gaps"


def test_vessels_in_the_solent(folder):
    count = compare(folder, SOLENT + "gap_hours: 0.05\n", "solent", "mmsi", "solent_20160112.csv.zst")
    assert count > 100, count
    return f"{count} gaps"


main(functions(globals()))
