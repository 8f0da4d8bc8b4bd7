#!/usr/bin/env python3
"""Datasets from end to end: the files of those that come with the program, and files that nobody has described.

Environment: SEINE_BIN.
"""
import collections
import gzip
import gzip
import json
import re
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import ROOT, equal, refused, run, seine, sql
from harness.tap import Skip, main

FILES = ROOT / "tests" / "data" / "datasets"
LINEAGE = "source_file, source_row, source_url, ingested_at"

# Rows of the file in silver, those that are there twice, and why the others are refused (its README.md).
SHIPPED = {
    "ais.csv": (3, 0, {"id": 1, "position": 1}),
    "ais_dk.csv": (5, 0, {"position": 1, "time": 1}),
    "ais_scored.csv": (4, 1, {"id": 1, "position": 1}),
    "marinecadastre.csv": (3, 0, {"id": 1, "position": 1}),
    "maritime_guide.csv": (3, 1, {"speed": 2, "position": 1}),
    "aisstream.ndjson": (3, 0, {"position": 1}),
    "traccar.json": (3, 0, {"position": 1}),
    "telematics.json": (2, 1, {"time": 1, "vin": 1, "gear": 1}),
    "gpx.gpx": (4, 0, {"position": 1, "time": 1}),
}
# What a draft cannot know: rules, the second best time, that a word is no gear.
DRAFTED = SHIPPED | {
    "maritime_guide.csv": (5, 1, {"position": 1}),
    "traccar.json": (3, 0, {"time": 1}),
    "telematics.json": (3, 1, {"time": 1, "id": 1}),
}


def take(folder, dataset, *files):
    """@return how many rows are in silver, how many were there twice, and the first words of the reasons."""
    if not (folder / "lake").exists():
        seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--lake", "lake", "--dataset", dataset, *files)
    name = dataset.removesuffix(".yaml")
    rows = sql(folder, f"SELECT count(*) AS n FROM silver.{name}")[0]["n"]
    reasons = sql(folder, f"SELECT reason FROM silver.{name}_rejects")
    listed = json.loads(seine(folder, "source", "ls", "--json", "--lake", "lake", "--dataset", name))
    return rows, sum(row["duplicates"] for row in listed), collections.Counter(
        row["reason"].split(":")[0] for row in reasons)


def silver(folder, name, columns="*"):
    what = f"* EXCLUDE ({LINEAGE})" if columns == "*" else columns
    return sql(folder, f"SELECT {what} FROM silver.{name} ORDER BY ALL")


def sniff(folder, path, *words):
    """Drafts a description of a file beside it, and checks it. @return its name and its text."""
    name = path.name.split(".")[0]
    text = seine(folder, "dataset", "sniff", path, "--name", f"{name}_drafted", *words)
    (folder / f"{name}_drafted.yaml").write_text(text, encoding="utf-8")
    seine(folder, "dataset", "check", f"{name}_drafted.yaml")
    return f"{name}_drafted", text


def those_that_come_with_the_program_take_their_files(folder):
    for file, (rows, twice, reasons) in SHIPPED.items():
        equal(take(folder, file.split(".")[0], FILES / file), (rows, twice, reasons), file)
    seine(folder, "verify", "--lake", "lake")
    danish = silver(folder, "ais_dk", "mmsi, status, sog, cog, heading, rot, vessel_type, callsign")
    equal(danish[2], {"mmsi": "219000202", "status": None, "sog": None, "cog": None, "heading": None, "rot": None,
                      "vessel_type": None, "callsign": None}, "nothing was sent")
    equal(danish[1], {"mmsi": "219000101", "status": "Under way using engine", "sog": 12.4, "cog": 181.3,
                      "heading": 180.0, "rot": 0.0, "vessel_type": "Cargo", "callsign": "OXAA1"}, "words stay")
    equal([row["speed"] for row in silver(folder, "maritime_guide", "speed")], [0, 12.5, 14.999], "first one stays")
    equal(silver(folder, "telematics", "velocity, gear_position, manufacturer, wipers_state"),
          [{"velocity": 190.0, "gear_position": 0, "manufacturer": "Buick", "wipers_state": False},
           {"velocity": 450.0, "gear_position": 2, "manufacturer": "Maker", "wipers_state": True}], "last one stays")
    equal(silver(folder, "traccar", "speed, battery_level, address")[2],
          {"speed": 50.93, "battery_level": 87.0, "address": "Testgade 1"}, "knots become km/h")
    equal(silver(folder, "gpx", "track, segment, ts, elevation, speed, heart_rate, temperature, satellites, name")[:2],
          [{"track": "Morning & evening", "segment": 1, "ts": "2024-05-01T06:00:00Z", "elevation": 410.25, "speed": 9.0, "heart_rate": 97,
            "temperature": 12.5, "satellites": 9, "name": None},
           {"track": "Morning & evening", "segment": 1, "ts": "2024-05-01T06:00:10Z", "elevation": None, "speed": None, "heart_rate": None,
            "temperature": None, "satellites": None, "name": 'a "view"'}], "points of a track")
    equal([(row["track"], row["segment"]) for row in silver(folder, "gpx", "track, segment")][2:],
          [("Morning & evening", 2), ("gpx", 1)], "segments, and a track without a name")
    equal(silver(folder, "aisstream", "ts, sog, name, callsign")[0],
          {"ts": "2025-02-13T18:22:32.318353Z", "sog": 10.4, "name": "TEST FJORD", "callsign": None}, "nested")


def points_of_geoparquet_are_places(folder):
    """A file of ours, with and without the columns of latitude and longitude."""
    seine(folder, "init", "lake", "--buckets", 1)
    (folder / "a.csv").write_text("mmsi,base_date_time,longitude,latitude,sog\n367000001,2025-01-01 00:00:00,-90.25,29.123456789,7.5\n"
                                  "367000002,2025-01-01 00:00:00,-1.5e-5,-0.0,0\n", encoding="utf-8")
    seine(folder, "ingest", "--lake", "lake", "--dataset", "marinecadastre", "a.csv")
    for name, columns in (("with.parquet", "mmsi, ts AS base_date_time, lat AS latitude, lon AS longitude, sog"),
                          ("without.parquet", "mmsi, ts AS base_date_time, sog, lat, lon")):
        seine(folder, "sql", "--lake", "lake", "--format", "geoparquet", "-o", name, f"SELECT {columns} FROM silver.marinecadastre")
    script = "import sys, pyarrow.parquet as pq; t = pq.read_table(sys.argv[1]); pq.write_table(t.drop_columns(['lat', 'lon']), sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", script, folder / "without.parquet"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"pyarrow is not here: {done.stderr.splitlines()[-1]}")
    expected = silver(folder, "marinecadastre", "mmsi, ts, lat, lon, sog")
    for name in ("with.parquet", "without.parquet"):
        seine(folder, "init", name.split(".", maxsplit=1)[0])
        seine(folder, "ingest", "--lake", name.split(".", maxsplit=1)[0], "--dataset", "marinecadastre", name)
        equal(sql(folder, "SELECT mmsi, ts, lat, lon, sog FROM silver.marinecadastre ORDER BY ALL", lake=name.split(".", maxsplit=1)[0]), expected, name)


def gpx_that_is_wrong_is_told(folder):
    """One line each; a good file beside it goes in."""
    start = '<?xml version="1.0"?><gpx><trk><name>a</name><trkseg>'
    point = '<trkpt lat="1" lon="2"><time>2024-05-01T06:00:00Z</time></trkpt>'
    wrong = {
        "cut": (start + point + "<trkpt", "line 1: "),
        "other": ("<kml><trk/></kml>", "line 1: no GPX"),
        "not": ("lat,lon\n1,2\n", "line 1: "),
        "entities": ('<!DOCTYPE gpx [<!ENTITY a "b">]>' + start + "</trkseg></trk></gpx>", "line 1: a document type"),
        "deep": (start + "<a>" * 100, "line 1: nested deeper than 64"),
        "huge": (start + '<trkpt lat="1" lon="2"><desc>' + "x" * (2 << 20), "line 1: "),
        "empty": (start + "</trkseg></trk></gpx>", "no track in it has a point"),
        "blanks": (start.replace('"?>', '" encoding = "ISO-8859-1"?>', 1) + point + "</trkseg></trk></gpx>", "line 1: an encoding that is not UTF-8"),
        "text": (start.replace(">a<", ">\n\xe5<") + point + "</trkseg></trk></gpx>", "line 1: text that is not UTF-8"),
        "attribute": (start + "\n" + point.replace("<time>", '<x y="\xe5"/><time>') + "</trkseg></trk></gpx>",
                      "line 2: a name or an attribute that is not UTF-8"),
        "cdata": (start + point.replace("<time>", "<a><![CDATA[\xe5]]></a><time>") + "</trkseg></trk></gpx>", "text that is not UTF-8"),
    }
    seine(folder, "init", "lake", "--buckets", 1)
    for name, (text, why) in wrong.items():
        (folder / f"{name}.gpx").write_text(text, encoding="latin-1")
        said = run(folder, "ingest", "--lake", "lake", "--dataset", "gpx", f"{name}.gpx")
        equal((said.returncode, why in said.stderr + said.stdout), (1, True), f"{name}: {said.stdout}{said.stderr}")
    (folder / "in").mkdir()
    (folder / "in/good.gpx").write_text(start + point + "</trkseg></trk></gpx>", encoding="utf-8")
    (folder / "in/packed.gpx.gz").write_bytes(gzip.compress((start.replace(">a<", "><") + point + "</trkseg></trk></gpx>").encode("utf-8")))
    equal(take(folder, "gpx", "in")[0], 2, "rows of good files")
    equal({row["track"] for row in silver(folder, "gpx", "track")}, {"a", "packed"}, "names of tracks")
    seine(folder, "verify", "--deep", "--lake", "lake")


def extensions_of_gpx_do_not_speak_for_the_point(folder):
    """What the point has itself counts, wherever it stands; then what lies least deep, then what comes first."""
    time, later = "<time>2024-01-01T00:00:00Z</time>", "<time>2024-01-01T00:00:01Z</time>"
    deeper = "<x:segment>7</x:segment><x:track>zz</x:track><x:TIME>2020-01-01T00:00:00Z</x:TIME>"
    deeper = f"<extensions><x:a>{deeper}<x:time>2021-01-01T00:00:00Z</x:time><x:lat>50</x:lat><x:name>n</x:name><x:ele>5</x:ele></x:a>"
    deeper += "<x:ele>6</x:ele><x:ele>7</x:ele></extensions>"
    points = [f'<trkpt lat="1" lon="2">{time}{deeper}<name>own</name></trkpt>',
              f'<trkpt lat="1" lon="3">{deeper}{later}<time>2022-01-01T00:00:00Z</time><track>zz</track><lon>9</lon></trkpt>']
    (folder / "a.gpx").write_text("<?xml version = '1.0' encoding = 'utf-8' ?><gpx><trk><name>a</name><trkseg>" + "".join(points)
                                  + "</trkseg><name>b</name></trk></gpx>", encoding="utf-8")
    equal(take(folder, "gpx", "a.gpx")[0], 2, "rows")
    equal(silver(folder, "gpx", "lon, lat, track, segment, ts, elevation, name"),
          [{"lon": lon, "lat": 1.0, "track": "a", "segment": 1, "ts": f"2024-01-01T00:00:0{second}Z", "elevation": 6.0, "name": name}
           for lon, second, name in ((2.0, 0, "own"), (3.0, 1, "n"))], "points")


def settings_of_a_dataset_are_kept_by_the_lake(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--lake", "lake", "--dataset", "telematics", "--set", "APPLY_VELOCITY_FILTER=1",
          FILES / "telematics.json")
    equal([row["velocity"] for row in silver(folder, "telematics", "velocity")], [100.0, 190.0], "450 is too fast")
    kept = json.loads(seine(folder, "dataset", "show", "telematics", "--lake", "lake", "--json"))
    equal([(row["name"], row["default"], row["value"]) for row in kept["settings"]],
          [("APPLY_VELOCITY_FILTER", 0, 1), ("MAX_VELOCITY", 300, 300), ("BRONZE_AMOUNT", 10000, 10000)], "settings")
    equal(kept["rules"][-1], {"column": "velocity", "refuse": ["missing", "fault", "range"], "reason": "velocity"}, "rule")
    listed = json.loads(seine(folder, "dataset", "ls", "--lake", "lake", "--json"))
    equal([row["where"] for row in listed if row["name"] == "telematics"], ["program", "lake"], "listed")
    equal(seine(folder, "dataset", "show", "telematics", "--lake", "lake", "--yaml"),
          seine(folder, "dataset", "show", "telematics", "--yaml"), "the text is kept")


def the_page_of_datasets_is_right(folder):
    page = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.S)
    whole = [text for text in blocks if text.startswith("name: ")]
    assert whole and len(blocks) > len(whole), "a whole one, and parts"
    for text in whole + [whole[0].split("measures:")[0] + part for part in blocks if part not in whole]:
        done = run(folder, "dataset", "check", "-", stdin=text)
        equal((done.returncode, done.stderr), (0, ""), text)
    (listed,) = re.findall(r"Units: (.*?)\.\n\n", page, re.S)
    done = run(folder, "dataset", "check", "-", stdin=whole[0].replace("unit: km/h", "unit: unheard-of-thing"))
    (known,) = re.findall(r"is no unit; there are: (.*)", done.stderr)
    equal(re.findall(r"`(.*?)`", listed), known.split(", "), "units")
    done = run(folder, "dataset", "check", "-", stdin="unheard-of-key: 1\n")
    (known,) = re.findall(r"unknown key; there are: (.*)", done.stderr)
    for key in known.split(", "):
        assert f"| `{key}" in page, key


def a_draft_reads_what_the_description_reads(folder):
    for file, expected in DRAFTED.items():
        if file.endswith(".gpx"):
            refused(folder, 1, "GPX needs no draft: it is read by --dataset gpx", "dataset", "sniff", FILES / file)
            continue
        name, draft = sniff(folder, FILES / file)
        equal(take(folder, f"{name}.yaml", FILES / file), expected, draft)


def a_european_export_is_understood(folder):
    rows = [f"B{i % 3};{i % 9 + 1:02}.0{i % 5 + 1}.2024 1{i % 9}:00:05;47,{1000 + i};8,{2000 + i};{i},5;"
            f"{'ja' if i % 2 else 'nein'};007" for i in range(40)]
    text = "Fahrzeug;Zeit;Breite;Länge;Tempo_kmh;Tür offen;Linie\n" + "\n".join(rows) + "\n"
    (folder / "rides.csv").write_text(text, encoding="latin-1")
    name, draft = sniff(folder, folder / "rides.csv")
    assert 'csv: {delimiter: ";", decimal: ",", encoding: latin-1}' in draft, draft
    assert '# ? or the month first, "%m.%d.%Y %H:%M:%S": no value tells' in draft, draft  # days 1 to 9, months 1 to 5
    equal(take(folder, f"{name}.yaml", "rides.csv")[0], 40, draft)
    first = silver(folder, name)[0]
    equal(first, {"fahrzeug": "B0", "ts": "2024-01-01T10:00:05Z", "lat": 47.1, "lon": 8.2, "tempo": 0.5,
                  "t_r_offen": False, "linie": "007"}, draft)


def an_american_export_is_understood(folder):
    rows = [f"{100 + i % 3},{5 + i % 7}/{1 + i % 20}/2024 {1 + i % 12}:05:0{i % 10} {'AM' if i % 2 else 'PM'},"
            f"40.{7000 + i},-73.{9000 + i},{i},{i * 9 % 360},{'ON' if i % 3 else 'OFF'},{i}" for i in range(60)]
    (folder / "us.csv").write_text("Device ID,Date/Time,Lat,Lng,Speed (mph),Heading,Ignition,order\n" +
                                   "\n".join(rows) + "\n", encoding="utf-8")
    name, draft = sniff(folder, folder / "us.csv")
    assert 'format: "%m/%d/%Y %I:%M:%S %p"\n' in draft, draft  # the 20th is no month: nothing is asked
    equal(take(folder, f"{name}.yaml", "us.csv")[0], 60, draft)
    equal(silver(folder, name)[0], {"device_id": "100", "ts": "2024-05-01T13:05:00Z", "lat": 40.7, "lon": -73.9,
                                    "speed": 0.0, "heading": 0.0, "ignition": False, "order_": 0}, draft)


def degrees_with_minutes_and_whole_numbers_are_places(folder):
    rows = [f"cow {i}\t2024-05-0{i + 1}T12:00:00Z\t48°51'30\"N\t2°21'0{i}\"E" for i in range(5)]
    (folder / "herd.tsv").write_text("tag\tseen\twhere_ns\twhere_ew\n" + "\n".join(rows) + "\n", encoding="utf-8")
    name, draft = sniff(folder, folder / "herd.tsv")
    equal(take(folder, f"{name}.yaml", "herd.tsv")[0], 5, draft)
    equal(round(silver(folder, name)[0]["lat"], 6), 48.858333, draft)
    rows = [f"{i % 2},{1700000000 + i},{557000000 + i},{-125000000 + i},{i}" for i in range(10)]
    (folder / "scaled.csv").write_text("unit_id,ts,lat,lon,speed_kn\n" + "\n".join(rows) + "\n", encoding="utf-8")
    name, draft = sniff(folder, folder / "scaled.csv")
    assert "scale: 1e-07 # ?" in draft and "unit: kn" in draft, draft
    equal(take(folder, f"{name}.yaml", "scaled.csv")[0], 10, draft)
    equal(round(silver(folder, name)[0]["lon"], 6), -12.5, draft)


def json_in_lines_packed_and_nested_is_drafted(folder):
    rows = [{"vehicle": {"id": f"v{i % 3}", "label": None}, "position": {"latitude": 50 + i / 1000, "longitude": 4,
             "bearing": i}, "timestamp": 1700000000 + i, "odd \u2028 \"key\"": "x: #", "list": [1]} for i in range(20)]
    with gzip.open(folder / "nested.ndjson.gz", "wt") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    _, draft = sniff(folder, folder / "nested.ndjson.gz")
    for line in ("  names: [vehicle.id]\n", "  format: unix_s\n", "lat: {names: [position.latitude]}\n",
                 "  bearing: {names: [position.bearing], unit: deg}", 'names: ["odd \\u2028 \\"key\\""]'):
        assert line in draft, (line, draft)
    whole = json.dumps(rows, indent=1)
    _, other = sniff(folder, folder / "nested.ndjson.gz", "--rows", 20)
    (folder / "nested.json").write_text(whole, encoding="utf-8")
    equal(sniff(folder, folder / "nested.json")[1].replace("nested.json", ""),
          other.replace("nested.ndjson.gz", "").replace("the first 20", "the 20"), "an array")


def what_cannot_be_drafted_is_told(folder):
    for name, text, why in (("empty.csv", "", "empty"), ("head.csv", "a,b\n", "not one row"),
                            ("values.csv", "1,2\n3,4\n", "the first line has values"),
                            ("cut.json", '[{"a":1},{"a":', "cut.json: ends within object 2"), ("list.json", "[1, 2]", "expected an object"),
                            ("bad.json", '{"a":1}{"a":01}', "bad.json object 2: byte"),
                            ("a.parquet", "PAR1\n1\n", "a.parquet: drafts are made from CSV and JSON, and this is Parquet"),
                            ("a.gpx", "<gpx/>", "a.gpx: GPX needs no draft: it is read by --dataset gpx")):
        (folder / name).write_text(text, encoding="utf-8")
        done = run(folder, "dataset", "sniff", name)
        equal((done.returncode, done.stdout), (1, ""), name)
        assert why in done.stderr, done.stderr
        if name.startswith("a."):
            done = run(folder, "dataset", "sniff", "-", stdin=text)
            assert done.returncode == 1 and why.replace(name, "standard input") in done.stderr, done.stderr


if __name__ == "__main__":
    main([points_of_geoparquet_are_places, gpx_that_is_wrong_is_told, extensions_of_gpx_do_not_speak_for_the_point,
          those_that_come_with_the_program_take_their_files, settings_of_a_dataset_are_kept_by_the_lake,
          the_page_of_datasets_is_right, a_draft_reads_what_the_description_reads,
         a_european_export_is_understood, an_american_export_is_understood,
         degrees_with_minutes_and_whole_numbers_are_places, json_in_lines_packed_and_nested_is_drafted,
         what_cannot_be_drafted_is_told])
