#!/usr/bin/env python3
"""Reference tables at the command line: every form of file gives the same rows, bad rows are told, history is kept.

Environment: SEINE_BIN, the program; SEINE_BUILD, its build folder; SEINE_SHARED, the folder of real data (its test is
skipped where it is absent).
"""
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import SEINE, SHARED, equal, refused, run, seine, sql
from harness.tap import Skip, main

PORTS = "port_id,port_name,lat,lon,country,unlocode"
ROWS = [["1", "ROTTERDAM", 51.9, 4.5, "NL", "NLRTM"], ["2", "Singapore", 1.3, 103.8, "SG", "SGSIN"],
        ["3", "Ålesund, \"old\"", 62.47, -180.0, None, None]]
KINDS = ["ports", "weather", "vessels", "segments", "segment_vessels", "authorizations", "regions", "distances"]
SAID = "port_id, port_name, lat, lon, country, unlocode"
HOLDS = "SELECT * EXCLUDE (source_file, source_row, loaded_at) FROM ref.ports ORDER BY ALL"


def load(folder, kind, *words, lake="lake"):
    return json.loads(seine(folder, "ref", "load", "--lake", lake, "--json", kind, *words))


def write(folder, name, text):
    Path(folder, name).write_text(text, encoding="utf-8")
    return name


def csv_text(rows, header=PORTS):
    def field(value):
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\n') else text
    return "\n".join([header, *(",".join(map(field, row)) for row in rows)]) + "\n"


def objects(rows=None):
    return [dict(zip(PORTS.split(","), row)) for row in rows or ROWS]


def feature(row):
    properties = {key: value for key, value in row.items() if key not in ("lat", "lon")}
    return {"type": "Feature", "properties": properties,
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]}}


def write_parquet(folder, name, query):
    """The program's own Parquet writer makes the file."""
    seine(folder, "init", "scratch")
    seine(folder, "sql", "--lake", "scratch", "--format", "parquet", "-o", name, query)
    return name


def values(rows):
    def text(value):
        return "NULL" if value is None else "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
    return "SELECT * FROM (VALUES " + ", ".join("(" + ", ".join(map(text, row)) + ")" for row in rows) + ")"


def every_form_of_file_gives_the_same_table(folder):
    plain = csv_text(ROWS)
    write(folder, "ports.csv", plain)
    Path(folder, "ports.csv.gz").write_bytes(gzip.compress(plain.encode()))
    subprocess.run(["zstd", "-q", "ports.csv"], cwd=folder, check=True)
    write(folder, "array.json", json.dumps(objects(), indent=1))
    write(folder, "keyed.json", json.dumps({f"k{n}": row for n, row in enumerate(objects())}))
    write(folder, "lines.jsonl", "".join(json.dumps(row) + "\n" for row in objects()))
    write(folder, "points.geojson", json.dumps({"type": "FeatureCollection", "features": list(map(feature, objects()))}))
    write_parquet(folder, "odd [name].parquet", values(ROWS) + f" t({PORTS})")
    files = ["ports.csv", "ports.csv.gz", "ports.csv.zst", "array.json", "keyed.json", "lines.jsonl", "points.geojson",
             "odd [name].parquet"]
    tables = {}
    for file in files:
        lake = "lake_of_" + file
        seine(folder, "init", lake)
        answer = load(folder, "ports", file, lake=lake)
        equal((answer["changed"], answer["rows"], answer["refused"], answer["added"], answer["in_force"]),
              (True, 3, 0, 3, 3), file)
        tables[file] = seine(folder, "sql", "--lake", lake, "--format", "csv", HOLDS)
        said = json.loads(seine(folder, "sql", "--lake", lake, "--format", "json",
                                f"SELECT {SAID} FROM ref.ports ORDER BY source_row"))
        equal([list(row.values()) for row in said], ROWS, file)
        (lineage,) = json.loads(seine(folder, "sql", "--lake", lake, "--format", "json",
                                      "SELECT DISTINCT source_file FROM ref.ports"))
        equal(lineage["source_file"], file, "source_file")
    for file in files:
        equal(tables[file], tables["ports.csv"], file)


def the_world_port_index_loads_without_options(folder):
    index = SHARED / "data" / "reference" / "world_port_index.csv.zst"
    if not index.exists():
        raise Skip("the World Port Index of SEINE_SHARED is not here")
    seine(folder, "init", "lake")
    answer = load(folder, "ports", index)
    equal((answer["rows"], answer["refused"], answer["in_force"]), (3768, 2, 3766), "rows")
    equal(answer["columns"], {"id": "World Port Index Number", "name": "Main Port Name", "lat": "Latitude",
                              "lon": "Longitude", "country": "Country Code", "unlocode": "UN/LOCODE"}, "columns")
    equal(answer["refusals"], [{"row": 3285, "line": 3286, "reason": "duplicate: row 96 has the id 49460 too"},
                               {"row": 3753, "line": 3754, "reason": "duplicate: row 2137 has the id 400 too"}], "refusals")
    (port,) = sql(folder, f"SELECT {SAID} FROM ref.ports WHERE port_name = 'Reykjavik'")
    equal(list(port.values()), ["100", "Reykjavik", 64.15, -21.933333, "Iceland", "ISREY"], "a port")


def ports_come_with_the_program(folder):
    seine(folder, "init", "lake")
    answer = load(folder, "ports")
    equal((answer["rows"] > 3000, answer["refused"], answer["in_force"]), (True, 0, answer["rows"]), "rows")
    (port,) = sql(folder, f"SELECT {SAID}, source_file FROM ref.ports WHERE unlocode = 'NLRTM'")
    equal([port[key] for key in ("port_name", "country", "unlocode", "source_file")],
          ["Rotterdam", "Netherlands", "NLRTM", "world-port-index.csv"], "a port")
    assert abs(port["lat"] - 51.9) < 0.2 and abs(port["lon"] - 4.4) < 0.3, port
    (port,) = sql(folder, f"SELECT {SAID} FROM ref.ports WHERE unlocode = 'USLAX'")
    assert abs(port["lat"] - 33.74) < 0.02 and abs(port["lon"] + 118.26) < 0.02, f"the harbour, not City Hall: {port}"
    twins = sql(folder, "SELECT a.port_name FROM ref.ports a JOIN ref.ports b ON a.port_id < b.port_id AND (a.unlocode = b.unlocode "
                        "OR (a.lat = b.lat AND a.lon = b.lon) OR (a.port_name = b.port_name AND a.country = b.country AND "
                        "abs(a.lat - b.lat) < 0.1 AND abs(a.lon - b.lon) < 0.1))")
    equal(twins, [], "ports twice")
    inland = sql(folder, "SELECT port_name FROM ref.ports WHERE port_name IN ('Duluth', 'Chicago', 'Montreal', 'Basel', 'Sacramento')")
    equal(inland, [], "inland ports")
    refused(folder, 2, "give a file of weather", "ref", "load", "--lake", "lake", "weather")


def remarks_may_stand_before_the_header(folder):
    seine(folder, "init", "lake")
    write(folder, "ports.csv", "# made by hand\n# of 2025\nid,name,lat,lon\n1,A,1,2\n2,#B,3,4\n5,E,91,2\n")
    answer = load(folder, "ports", "ports.csv")
    equal((answer["rows"], answer["in_force"]), (3, 2), "rows")
    equal(answer["refusals"], [{"row": 3, "line": 6, "reason": "position: latitude 91 is outside [-90, 90]"}], "lines")


def bad_rows_are_refused_with_line_and_reason(folder):
    seine(folder, "init", "lake")
    write(folder, "ports.csv", "id,name,lat,lon\n1,A,1,2\n\n2,,1,2\n3,C,north,2\n4,D,91,2\n5,E,1,nan\n1,F,3,4\n6,G,1\n"
                               "7,H,1,2,3\n8,I,1,2\n")
    answer = load(folder, "ports", "ports.csv")
    told = [(2, 4, "name: is empty"), (3, 5, "position: latitude north is not a number"),
            (4, 6, "position: latitude 91 is outside [-90, 90]"), (5, 7, "position: longitude nan is not a number"),
            (6, 8, "duplicate: row 1 has the id 1 too"), (7, 9, "ragged: has fewer fields than the header"),
            (8, 10, "ragged: has more fields than the header")]
    equal([tuple(row.values()) for row in answer["refusals"]], told, "told")
    equal((answer["rows"], answer["refused"], answer["in_force"]), (9, 7, 2), "counts")
    kept = sql(folder, "SELECT ref, source_file, source_row, reason, raw FROM ref.rejects ORDER BY source_row")
    equal([(row["source_row"], row["reason"]) for row in kept], [(row, reason) for row, _, reason in told], "kept")
    equal(kept[1], {"ref": "ports", "source_file": "ports.csv", "source_row": 3, "raw": "3,C,north,2",
                    "reason": "position: latitude north is not a number"}, "a reject")
    text = seine(folder, "ref", "load", "--lake", "lake", "ports", "ports.csv")
    assert "nothing changed" in text and "row 3 (line 5): position: latitude north is not a number" in text, text
    # The refused rows of a file are those of its last load; those of others stay.
    write(folder, "weather.json", '[{"lat":1,"lon":1,"temp":1},{"lat":1,"lon":1}]')
    load(folder, "weather", "weather.json")
    write(folder, "ports.csv", "id,name,lat,lon\n1,A,1,2\n8,I,1,2\n9,,1,2\n")
    assert load(folder, "ports", "ports.csv")["changed"]
    kept = sql(folder, "SELECT ref, source_row, raw FROM ref.rejects ORDER BY ref")
    equal([tuple(row.values()) for row in kept],
          [("ports", 3, "9,,1,2"), ("weather", 2, '{"lat":1,"lon":1}')], "of the last load")


def a_port_without_an_id_gets_one(folder):
    seine(folder, "init", "lake")
    write(folder, "ports.csv", "name,lat,lon,country,locode\nA,1.234,2,NL,nl abc\nB,1.234,-2,,\nC,3,4,DE,\n")
    load(folder, "ports", "ports.csv")
    equal([row["port_id"] for row in sql(folder, "SELECT port_id FROM ref.ports ORDER BY source_row")],
          ["nl abc", "B//1.23/-2.00", "C/DE/3.00/4.00"], "ids")


def files_without_a_good_row_change_nothing(folder):
    seine(folder, "init", "lake")
    write(folder, "ports.csv", csv_text(ROWS))
    load(folder, "ports", "ports.csv")
    before = sql(folder, HOLDS)
    write(folder, "bad.csv", "name,lat,lon\nA,95,1\n")
    write(folder, "empty.csv", "")
    write(folder, "header.csv", "name,lat,lon\n")
    write(folder, "columns.csv", "name,breadth,lon\nA,1,1\n")
    write(folder, "broken.json", "[{\"name\":")
    write(folder, "fake.parquet", "name,lat,lon\nA,1,1\n")
    Path(folder, "cut.parquet").write_bytes(b"PAR1\0\0\0\0PAR1")
    Path(folder, "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    Path(folder, "fake.csv.zst").write_bytes(b"name,lat,lon\n")
    Path(folder, "below").mkdir()
    for file, status, text in [("bad.csv", 1, "bad.csv: 1 row, and none is good; row 1: position: latitude 95"),
                               ("empty.csv", 1, "empty"), ("header.csv", 1, "header.csv: has no rows"),
                               ("columns.csv", 1, "say which one is: --column lat=COLUMN. It has name, breadth, lon"),
                               ("broken.json", 1, "broken.json: byte"), ("fake.parquet", 1, "is no Parquet file"),
                               ("cut.parquet", 1, "cut.parquet"), ("picture.png", 1, "picture.png: is no CSV"),
                               ("fake.csv.zst", 1, "fake.csv.zst"), ("none.csv", 1, "none.csv: no such file"),
                               ("below", 2, "is a folder")]:
        refused(folder, status, text, "ref", "load", "--lake", "lake", "ports", file)
    refused(folder, 2, "known are ports, weather, vessels", "ref", "load", "--lake", "lake", "harbours", "ports.csv")
    refused(folder, 2, "--valid-from soon", "ref", "load", "--lake", "lake", "ports", "ports.csv", "--valid-from", "soon")
    refused(folder, 1, "columns.csv: has no column b", "ref", "load", "--lake", "lake", "ports", "columns.csv", "--column",
            "lat=b")
    equal(sql(folder, HOLDS), before, "the table")
    equal(load(folder, "ports", "columns.csv", "--column", "lat=breadth")["in_force"], 1, "the column given")


def pointers(folder):
    with sqlite3.connect(Path(folder, "lake", "catalog.db")) as catalog:
        return catalog.execute("SELECT table_name, metadata_location FROM iceberg_tables ORDER BY 1").fetchall()


def the_same_file_twice_changes_nothing(folder):
    seine(folder, "init", "lake")
    write(folder, "ports.csv", csv_text([*ROWS, ["", "", 1, 2, "", ""]]))
    write(folder, "weather.csv", "lat,lon,temp,wind\n1,2,3,4\n1.1,2,3,4\n")
    loads = [("ports", "ports.csv"), ("ports", "ports.csv", "--valid-from", "2025-01-01"), ("weather", "weather.csv"),
             ("weather", "weather.csv", "--replace")]
    for words in (loads[0], loads[2]):
        assert load(folder, *words)["changed"]
    before, runs = pointers(folder), seine(folder, "runs", "--lake", "lake")
    for words in loads:
        answer = load(folder, *words)
        equal((answer["changed"], answer["added"], answer["ended"], answer["removed"], answer["refused"]),
              (False, 0, 0, 0, 1), words)
    equal(pointers(folder), before, "the tables")
    equal(seine(folder, "runs", "--lake", "lake"), runs, "the runs")


def held(folder, at):
    return [row["port_name"] for row in json.loads(seine(folder, "ref", "show", "--lake", "lake", "--json", "ports",
                                                         "--at", at))]


def a_set_from_a_day_on_keeps_what_held_before(folder):
    seine(folder, "init", "lake")
    for name, rows in {"one": ["a,Alpha,1,1", "b,Beta,2,2", "c,Gamma,3,3"], "two": ["a,Alpha,1,1", "b,Bravo,2,2",
                                                                                      "d,Delta,4,4"],
                       "three": ["a,Anton,1,1"]}.items():
        write(folder, f"{name}.csv", "\n".join(["id,name,lat,lon", *rows]) + "\n")
    load(folder, "ports", "one.csv")
    answer = load(folder, "ports", "two.csv", "--valid-from", "2025-02-01")
    equal((answer["added"], answer["ended"], answer["removed"], answer["total"], answer["in_force"]), (2, 2, 0, 5, 3), "two")
    equal(load(folder, "ports", "two.csv", "--valid-from", "2025-02-01")["changed"], False, "two again")
    load(folder, "ports", "three.csv", "--valid-from", "2025-03-01T12:00:00Z")
    equal(held(folder, "2025-01-31T23:59:59Z"), ["Alpha", "Beta", "Gamma"], "before")
    equal(held(folder, "2025-02-01"), ["Alpha", "Bravo", "Delta"], "between")
    equal(held(folder, "2025-03-01T12:00:00Z"), ["Anton"], "after")
    rows = sql(folder, "SELECT port_id, port_name, CAST(valid_from AS VARCHAR) AS a, CAST(valid_to AS VARCHAR) AS b, "
                       "source_file FROM ref.ports ORDER BY ALL")
    equal(list(rows[0].values()), ["a", "Alpha", None, "2025-03-01 12:00:00+00", "one.csv"], "a row that went on")
    # A correction of a day takes back what was loaded for that day and later.
    answer = load(folder, "ports", "one.csv", "--valid-from", "2025-02-01")
    equal((answer["total"], answer["in_force"]), (3, 3), "taken back")
    equal(held(folder, "2025-03-05"), ["Alpha", "Beta", "Gamma"], "taken back")
    # And a set without a day replaces all history.
    answer = load(folder, "ports", "three.csv")
    equal((answer["added"], answer["removed"], answer["total"]), (1, 3, 1), "since ever")
    equal(held(folder, "2000-01-01"), ["Anton"], "since ever")


def late_weather_is_added(folder):
    seine(folder, "init", "lake")
    write(folder, "first.csv", "lat,lon,time,temperature,wind_speed\n48.756,-48.5,2025-01-01T00:00:00Z,10,3\n"
                               "1,1,2025-01-01T00:00:00Z,20,\n")
    write(folder, "late.jsonl", '{"lat_grid":1,"lon_grid":1,"timestamp":1735689600,"sea_temperature":21}\n'
                                '{"lat_grid":1,"lon_grid":1,"timestamp":1735693200000,"wind":7}\n'
                                '{"lat_grid":1,"lon_grid":1,"wind":8}\n')
    load(folder, "weather", "first.csv")
    answer = load(folder, "weather", "late.jsonl")
    equal((answer["added"], answer["ended"], answer["removed"], answer["total"]), (3, 0, 1, 4), "late")
    equal(answer["columns"], {"lat": "lat_grid", "lon": "lon_grid", "time": "timestamp", "temperature": "sea_temperature",
                              "wind_speed": "wind"}, "columns")
    rows = sql(folder, "SELECT lat_grid, lon_grid, epoch_us(observed_at) // 1000000 AS s, temperature, wind_speed, "
                       "source_file FROM ref.weather ORDER BY lat_grid, s NULLS FIRST")
    equal([list(row.values()) for row in rows],
          [[1, 1, None, None, 8.0, "late.jsonl"], [1, 1, 1735689600, 21.0, None, "late.jsonl"],
           [1, 1, 1735693200, None, 7.0, "late.jsonl"], [49, -49, 1735689600, 10.0, 3.0, "first.csv"]], "rows")
    write_parquet(folder, "all.parquet", "SELECT 5 AS latitude, 6 AS longitude, TIMESTAMPTZ '2025-01-01 00:00:00+00' AS "
                                         "time, 1.5::FLOAT AS temp")
    answer = load(folder, "weather", "all.parquet", "--replace")
    equal((answer["added"], answer["removed"], answer["total"]), (1, 4, 1), "replaced")
    (row,) = json.loads(seine(folder, "ref", "show", "--lake", "lake", "--json", "weather"))
    equal(list(row.values())[:4], [5, 6, "2025-01-01T00:00:00Z", 1.5], "shown")


def status_leaves_out_reference_tables_that_nobody_loaded(folder):
    shown = lambda *words: {line.split()[0] for line in seine(folder, "status", "--lake", "lake", *words).splitlines() if line.startswith("ref.")}
    seine(folder, "init", "lake", "--quiet")
    equal(shown(), set(), "of a new lake")
    assert {"ref.ports", "ref.weather", "ref.regions"} <= shown("--all"), "all of them"
    load(folder, "ports", write(folder, "p.csv", csv_text(ROWS)))
    equal(shown(), {"ref.ports"}, "with ports")
    equal({row["table"] for row in json.loads(seine(folder, "status", "--lake", "lake", "--json"))["tables"] if row["table"].startswith("ref.")}, shown("--all"), "for programs")


def runs_and_ls_tell_of_loads(folder):
    seine(folder, "init", "lake")
    write(folder, "ports.csv", csv_text(ROWS))
    load(folder, "ports", "ports.csv", "--source-name", "my ports")
    (manifest,) = json.loads(seine(folder, "runs", "--lake", "lake", "--json"))
    equal((manifest["command"], manifest["status"], manifest["inputs"][0]["source"], manifest["counts"]["added"]),
          ("ref load", "committed", "my ports", 3), "the run")
    equal(manifest["tables"]["ref.ports"]["added_rows"], 3, "the table")
    write(folder, "bad.csv", "name,lat,lon\nA,95,1\n")
    run(folder, "ref", "load", "--lake", "lake", "ports", "bad.csv")
    failed = [row for row in json.loads(seine(folder, "runs", "--lake", "lake", "--json")) if row["status"] == "failed"]
    equal([(row["command"], row["tables"]) for row in failed], [("ref load", {})], "the failed run")
    rows = json.loads(seine(folder, "ref", "ls", "--lake", "lake", "--json"))
    equal([(row["ref"], row["rows"], row["in_force"], row["files"]) for row in rows],
          [("ports", 3, 3, "my ports"), *((kind, 0, 0, None) for kind in KINDS[1:])], "ls")
    assert "all is well" in seine(folder, "verify", "--lake", "lake")


FORMAT_1 = """DROP TABLE seine_migration; DROP TABLE seine_job_timing; DROP TABLE seine_file; DROP TABLE seine_table;
DROP TABLE seine_seal; ALTER TABLE seine_job DROP COLUMN parts; PRAGMA user_version = 1"""


def lakes_from_before_get_the_tables(folder):
    seine(folder, "init", "lake")
    with sqlite3.connect(Path(folder, "lake", "catalog.db")) as catalog:
        catalog.executescript(FORMAT_1)
        catalog.execute("DELETE FROM iceberg_tables WHERE table_namespace = 'ref'")
        catalog.execute("DELETE FROM iceberg_namespace_properties WHERE namespace = 'ref'")
    assert "all is well" in seine(folder, "verify", "--lake", "lake")
    assert "weather" in seine(folder, "ref", "ls", "--lake", "lake")
    with sqlite3.connect(Path(folder, "lake", "catalog.db")) as catalog:
        catalog.execute("DELETE FROM iceberg_tables WHERE table_namespace = 'ref'")
    write(folder, "ports.csv", csv_text(ROWS))
    equal(load(folder, "ports", "ports.csv")["in_force"], 3, "loaded")


def lakes_from_before_are_enriched_too(folder):
    seine(folder, "init", "lake")
    with sqlite3.connect(Path(folder, "lake", "catalog.db")) as catalog:
        catalog.executescript(FORMAT_1)
        catalog.execute("DELETE FROM iceberg_tables WHERE table_namespace = 'ref' OR table_name LIKE 'ais_enriched%'")
    write(folder, "day.csv", "MMSI,BaseDateTime,LAT,LON\n1,2025-01-01T00:00:00,1,2\n")
    seine(folder, "ingest", "--lake", "lake", "day.csv")
    seine(folder, "refresh", "--lake", "lake")
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais_enriched"), [{"n": 1}], "enriched")
    assert "all is well" in seine(folder, "verify", "--lake", "lake", "--deep")


def verify_finds_content_that_the_ledger_does_not_have(folder):
    seine(folder, "init", "lake")
    write(folder, "ports.csv", csv_text(ROWS))
    load(folder, "ports", "ports.csv")
    assert "all is well" in seine(folder, "verify", "--lake", "lake")
    with sqlite3.connect(Path(folder, "lake", "catalog.db")) as catalog:
        catalog.execute("UPDATE seine_partition SET rows = 2 WHERE table_name = 'ref.ports'")
    result = run(folder, "verify", "--lake", "lake")
    text = "ref.ports: 3 rows whose content is not that of the 2 rows of the ledger"
    assert result.returncode == 1 and text in result.stdout + result.stderr, result


def loads_at_once_are_one_after_the_other(folder):
    seine(folder, "init", "lake")
    names = [write(folder, f"{n}.csv", f"lat,lon,temp\n{n},0,1\n") for n in range(8)]
    failures = []

    def insist(name):
        for _ in range(300):
            done = run(folder, "ref", "load", "--lake", "lake", "weather", name)
            if done.returncode == 0:
                return
            if "held by" not in done.stderr and "locked" not in done.stderr:
                break
        failures.append(done.stderr)

    threads = [threading.Thread(target=insist, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(failures, [], "failures")
    equal(sql(folder, "SELECT count(*) AS n FROM ref.weather"), [{"n": 8}], "rows")
    assert "all is well" in seine(folder, "verify", "--lake", "lake")


if __name__ == "__main__":
    assert os.access(SEINE, os.X_OK), SEINE
    main([every_form_of_file_gives_the_same_table, the_world_port_index_loads_without_options, ports_come_with_the_program,
          remarks_may_stand_before_the_header,
          bad_rows_are_refused_with_line_and_reason, a_port_without_an_id_gets_one, files_without_a_good_row_change_nothing,
          the_same_file_twice_changes_nothing, a_set_from_a_day_on_keeps_what_held_before, late_weather_is_added,
          status_leaves_out_reference_tables_that_nobody_loaded, runs_and_ls_tell_of_loads, lakes_from_before_get_the_tables, lakes_from_before_are_enriched_too,
          verify_finds_content_that_the_ledger_does_not_have, loads_at_once_are_one_after_the_other])
