#!/usr/bin/env python3
"""seine export tracks: ranges, order and names as promised, documents that other parsers read, ids that stay data."""
import contextlib
import csv
import io
import json
import signal
import sqlite3
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import lake_of, look_at
from harness.program import equal, refused, run, seine, sql, start, wait_for
from harness.tap import main

GPX = "{http://www.topografix.com/GPX/1/1}"
KML = "{http://www.opengis.net/kml/2.2}"
GX = "{http://www.google.com/kml/ext/2.2}"
NAME = 'JACK & <JILL> "X"'

DAYS = {
    "AIS_2025_01_01.csv": [
        "111,2025-01-01T00:00:00,10.5,20.5,1,",
        "111,2025-01-01T12:00:00,10.6,20.6,1,\"JACK & <JILL> \"\"X\"\"\"",
        "111,2025-01-01T23:59:59,10.7,20.7,1,",
        "222,2025-01-01T12:00:00,-5,1e-05,1,OTHER",
        "333,2025-01-01T12:00:00,1,1,1,",
    ],
    "AIS_2025_01_02.csv": [
        "111,2025-01-02T00:00:00,10.8,20.8,1,",
        "111,2025-01-02T06:00:00,10.9,20.9,1,",
    ],
    "AIS_2025_01_03.csv": [
        "444,2025-01-03T00:00:00,10,179.5,1,",
        "444,2025-01-03T02:00:00,12,-179.5,1,",
        "444,2025-01-03T03:00:00,13,-179,1,",
    ],
}


def export(folder, start, stop, ids, *more):
    return seine(folder, "export", "tracks", "--lake", "lake", "--start", start, "--stop", stop, "--mmsi", *ids, *more)


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def stop_and_start_are_inclusive(folder):
    look_at(folder, DAYS)
    text = export(folder, "2025-01-01T12:00:00", "2025-01-02T00:00:00", ["111"], "-o", "-")
    equal(text, "mmsi,event_ts,latitude,longitude\n"
                "111,2025-01-01T12:00:00Z,10.6,20.6\n"
                "111,2025-01-01T23:59:59Z,10.7,20.7\n"
                "111,2025-01-02T00:00:00Z,10.8,20.8\n", "from noon to midnight")
    help_text = seine(folder, "export", "tracks", "--help")
    stop_help = help_text.split("--stop TIME")[1].split("--mmsi ID")[0]
    assert "inclusive" in stop_help, f"--help does not tell that stop is inclusive: {stop_help}"


def a_zone_is_converted_to_utc(folder):
    look_at(folder, DAYS)
    plain = export(folder, "2025-01-01T12:00:00", "2025-01-02", ["111"], "-o", "-")
    zoned = export(folder, "2025-01-01T14:00:00+02:00", "2025-01-01T19:00:00-05:00", ["111"], "-o", "-")
    equal(zoned, plain, "the same range with zones")


def rows_come_by_time_then_id(folder):
    look_at(folder, DAYS)
    rows = rows_of(export(folder, "2025-01-01", "2025-01-04", ["333", "222", "111"], "-o", "-"))[1:]
    equal([row[1] for row in rows], sorted(row[1] for row in rows), "times")
    equal([row[0] for row in rows if row[1] == "2025-01-01T12:00:00Z"], ["111", "222", "333"], "ids at noon")


def file_names_follow_the_rule(folder):
    look_at(folder, DAYS)
    export(folder, "2025-01-01T01:02:03.5", "2025-01-04", ["111"])
    export(folder, "2025-01-01", "2025-01-04", ["222", "111", "333"], "--format", "gpx")
    export(folder, "2025-01-01T02:00:00+02:00", "2025-01-04", ["../9'x", "111"], "--format", "kml")
    found = {path.name for path in Path(folder).glob("*") if path.suffix in (".csv", ".gpx", ".kml", ".geojson")}
    equal(found - set(DAYS), {"tracks_111_solo_2025_01_01T01_02_03.csv", "tracks_222_111_2025_01_01T00_00_00.gpx",
                              "tracks____9_x_111_2025_01_01T00_00_00.kml"}, "files")


def a_name_of_the_programs_own_is_never_replaced(folder):
    """Two exports that differ behind their first ids and their start would have one default name."""
    look_at(folder, DAYS)
    for kind in ("csv", "gpx", "parquet"):
        export(folder, "2025-01-01", "2025-01-02", ["111", "222"], "--format", kind)
        path = Path(folder, f"tracks_111_222_2025_01_01T00_00_00.{kind}")
        former = path.read_bytes()
        other = ["export", "tracks", "--lake", "lake", "--start", "2025-01-01", "--stop", "2025-01-04", "--mmsi", "111",
                 "222", "333", "--format", kind]
        refused(folder, 1, f"{path.name} is there already: name another file with -o, or --force", *other)
        equal(path.read_bytes(), former, f"{kind}: the former export")
        export(folder, "2025-01-01", "2025-01-04", ["111", "222", "333"], "--format", kind, "--force")
        assert path.read_bytes() != former, f"{kind}: --force replaces"
        export(folder, "2025-01-01", "2025-01-02", ["111", "222"], "--format", kind, "-o", path.name)
        equal(path.read_bytes(), former, f"{kind}: a name the user typed is replaced")
    assert not list(Path(folder).glob(".tmp-*")), "temporary files stay"


def wrong_use_is_refused_in_one_line(folder):
    look_at(folder, DAYS)
    base = ["export", "tracks", "--lake", "lake"]
    refused(folder, 2, "--start 2025-01-02 is not before", *base, "--start", "2025-01-02", "--stop", "2025-01-02",
            "--mmsi", "111")
    refused(folder, 2, "not before", *base, "--start", "2025-01-02T01:00:00+02:00", "--stop", "2025-01-01T23:00:00",
            "--mmsi", "111")
    refused(folder, 2, "not a time", *base, "--start", "yesterday", "--stop", "2025-01-02", "--mmsi", "111")
    refused(folder, 2, "--stop is needed", *base, "--start", "2025-01-02", "--mmsi", "111")
    refused(folder, 2, "--mmsi is needed", *base, "--start", "2025-01-01", "--stop", "2025-01-02")
    refused(folder, 2, "known are csv", *base, "--start", "2025-01-01", "--stop", "2025-01-02", "--mmsi", "111",
            "--format", "shp")
    refused(folder, 2, "needs a file", *base, "--start", "2025-01-01", "--stop", "2025-01-02", "--mmsi", "111",
            "--format", "parquet", "-o", "-")
    refused(folder, 1, "no lake", "export", "tracks", "--lake", "nowhere", "--start", "2025-01-01", "--stop",
            "2025-01-02", "--mmsi", "111")
    assert not list(Path(folder).glob("tracks*")), "a refused export left a file"


def ids_are_data_and_never_sql(folder):
    look_at(folder, DAYS)
    vectors = ["111') OR ('1'='1", "111'; DROP VIEW silver.ais; --", "' UNION SELECT mmsi, ts, lat, lon FROM silver.ais --",
               "%", "111\\", "$1", "\"111\"", "1' OR mmsi LIKE '%"]
    for vector in vectors:
        equal(export(folder, "2025-01-01", "2025-01-04", [vector], "-o", "-"), "mmsi,event_ts,latitude,longitude\n", vector)
    rows = rows_of(export(folder, "2025-01-01", "2025-01-04", [*vectors, "333"], "-o", "-"))
    equal([row[0] for row in rows[1:]], ["333"], "a vessel among vectors")
    result = run(folder, "export", "tracks", "--lake", "lake", "--start", "2025-01-01'", "--stop", "2025-01-04", "--mmsi", "1")
    equal(result.returncode, 2, "a time with a quote")


def only_files_of_the_days_and_vessels_are_read(folder):
    vessels = [str(200000000 + 7 * n) for n in range(300)]
    lake_of(folder, {f"AIS_2025_02_{day:02}.csv": [f"{mmsi},2025-02-{day:02}T{hour:02}:00:00,1,2,0," for mmsi in vessels
                                                for hour in (0, 12)] for day in range(1, 6)})
    files = json.loads(seine(folder, "table", "files", "--lake", "lake", "silver.ais", "--json"))
    equal(len(files), 5 * 16, "files of five days in 16 buckets")
    def summary(start, stop, ids):
        return json.loads(export(folder, start, stop, ids, "--json", "-o", "out.csv"))
    one = summary("2025-02-02", "2025-02-03T12:00:00", vessels[:1])
    equal((one["files_read"], one["files_in_table"], one["positions"]), (2, 80, 4), "one vessel, two days")
    equal(summary("2025-02-04", "2025-02-04T23:00:00", vessels)["files_read"], 16, "all vessels, one day")
    equal(summary("2026-01-01", "2026-01-02", vessels)["files_read"], 0, "a time without data")
    none = summary("2025-02-01", "2025-02-05", ["1"])
    equal((none["positions"], none["without_positions"]), (0, ["1"]), "an unknown vessel")


def geojson_has_a_line_per_vessel_with_times(folder):
    look_at(folder, DAYS)
    document = json.loads(export(folder, "2025-01-01", "2025-01-04", ["111", "222", "999"], "--format", "geojson", "-o", "-"))
    equal(document["type"], "FeatureCollection", "type")
    first, second = document["features"]
    equal(first["geometry"], {"type": "LineString", "coordinates": [[20.5, 10.5], [20.6, 10.6], [20.7, 10.7],
                                                                      [20.8, 10.8], [20.9, 10.9]]}, "line")
    properties = first["properties"]
    equal((properties["mmsi"], properties["name"], properties["positions"]), ("111", NAME, 5), "properties")
    equal(properties["times"], ["2025-01-01T00:00:00Z", "2025-01-01T12:00:00Z", "2025-01-01T23:59:59Z",
                                "2025-01-02T00:00:00Z", "2025-01-02T06:00:00Z"], "times")
    equal(second["geometry"], {"type": "Point", "coordinates": [1e-05, -5]}, "a single position")


def geojson_cuts_lines_at_180_degrees(folder):
    look_at(folder, DAYS)
    document = json.loads(export(folder, "2025-01-01", "2025-01-04", ["444"], "--format", "geojson", "-o", "-"))
    (feature,) = document["features"]
    equal(feature["geometry"], {"type": "MultiLineString", "coordinates": [
        [[179.5, 10], [180, 11]], [[-180, 11], [-179.5, 12], [-179, 13]]]}, "pieces")
    equal(feature["properties"]["times"], [["2025-01-03T00:00:00Z", "2025-01-03T01:00:00Z"],
                                           ["2025-01-03T01:00:00Z", "2025-01-03T02:00:00Z", "2025-01-03T03:00:00Z"]], "times")


def gpx_holds_every_position(folder):
    look_at(folder, DAYS)
    root = ElementTree.fromstring(export(folder, "2025-01-01", "2025-01-04", ["111", "222", "444"], "--format", "gpx", "-o", "-"))
    equal((root.tag, root.get("version")), (f"{GPX}gpx", "1.1"), "root")
    tracks = root.findall(f"{GPX}trk")
    equal([track.findtext(f"{GPX}name") for track in tracks], ["111", "222", "444"], "names")
    equal(tracks[0].findtext(f"{GPX}desc"), NAME, "a name with &, < and quotes")
    points = [(float(p.get("lat")), float(p.get("lon")), p.findtext(f"{GPX}time")) for p in root.iter(f"{GPX}trkpt")]
    equal(len(points), 9, "points")
    equal(points[1], (10.6, 20.6, "2025-01-01T12:00:00Z"), "second point")
    equal([p.get("lon") for p in tracks[1].iter(f"{GPX}trkpt")], ["0.00001"], "a decimal, as XML Schema wants it")
    equal([len(segment) for segment in tracks[2].findall(f"{GPX}trkseg")], [1, 2], "segments at 180 degrees")


def kml_holds_every_position(folder):
    look_at(folder, DAYS)
    root = ElementTree.fromstring(export(folder, "2025-01-01", "2025-01-04", ["111", "222"], "--format", "kml", "-o", "-"))
    first, second = root.iter(f"{KML}Placemark")
    equal((first.findtext(f"{KML}name"), second.findtext(f"{KML}name")), (NAME, "OTHER"), "names")
    track = first.find(f"{GX}Track")
    equal(track.findtext(f"{KML}when"), "2025-01-01T00:00:00Z", "first time")
    equal([c.text for c in track.findall(f"{GX}coord")], ["20.5 10.5 0", "20.6 10.6 0", "20.7 10.7 0", "20.8 10.8 0",
                                                         "20.9 10.9 0"], "coordinates")
    equal(len(track.findall(f"{KML}when")), 5, "as many times as places")


def all_formats_tell_the_same_positions(folder):
    look_at(folder, DAYS)
    ids = ["111", "222", "333"]
    table = rows_of(export(folder, "2025-01-01", "2025-01-04", ids, "-o", "-"))[1:]
    expected = sorted((mmsi, when, float(lat), float(lon)) for mmsi, when, lat, lon in table)
    gpx = ElementTree.fromstring(export(folder, "2025-01-01", "2025-01-04", ids, "--format", "gpx", "-o", "-"))
    equal(sorted((track.findtext(f"{GPX}name"), p.findtext(f"{GPX}time"), float(p.get("lat")), float(p.get("lon")))
                 for track in gpx.iter(f"{GPX}trk") for p in track.iter(f"{GPX}trkpt")), expected, "GPX")
    found = sql(folder, "SELECT count(*) AS n FROM silver.ais WHERE mmsi IN ('111', '222', '333')")
    equal(found, [{"n": len(expected)}], "silver")
    export(folder, "2025-01-01", "2025-01-04", ids, "-o", "tracks.parquet")
    in_order = [(mmsi, when, float(lat), float(lon)) for mmsi, when, lat, lon in table]
    equal(positions_of(pq.read_table(Path(folder, "tracks.parquet"))), in_order, "Parquet, in the order of CSV")


def positions_of(table):
    return [(row["mmsi"], row["event_ts"].strftime("%Y-%m-%dT%H:%M:%SZ"), row["latitude"], row["longitude"])
            for row in table.to_pylist()]


def point_of(wkb):
    order, kind, x, y = struct.unpack("<BIdd", wkb)
    equal((order, kind), (1, 1), "little-endian point")
    return x, y


def geoparquet_has_points_bounds_and_metadata(folder):
    look_at(folder, DAYS)
    export(folder, "2025-01-01", "2025-01-04", ["111", "222", "444"], "-o", "tracks.geoparquet")
    file = pq.ParquetFile(Path(folder, "tracks.geoparquet"))
    rows = file.read().to_pylist()
    places = [(row["longitude"], row["latitude"]) for row in rows]
    equal([point_of(row["geometry"]) for row in rows], places, "points")
    equal([row["bbox"] for row in rows], [{"xmin": x, "ymin": y, "xmax": x, "ymax": y} for x, y in places], "bounds")
    geo = json.loads(file.metadata.metadata[b"geo"])
    equal((geo["version"], geo["primary_column"], list(geo["columns"])), ("1.1.0", "geometry", ["geometry"]), "geo")
    column = geo["columns"]["geometry"]
    equal(column["bbox"], [min(x for x, _ in places), min(y for _, y in places), max(x for x, _ in places),
                           max(y for _, y in places)], "bounds of the file")
    equal({key: column[key] for key in ("encoding", "geometry_types", "covering")},
          {"encoding": "WKB", "geometry_types": ["Point"],
           "covering": {"bbox": {edge: ["bbox", edge] for edge in ("xmin", "ymin", "xmax", "ymax")}}}, "column")
    statistics = file.metadata.row_group(0).column(file.metadata.num_columns - 4).statistics
    equal(statistics.min, column["bbox"][0], "bounds of a row group, which readers filter by")


def a_geopackage_is_as_the_standard_wants_it(folder):
    look_at(folder, DAYS)
    rows = rows_of(export(folder, "2025-01-01", "2025-01-04", ["111", "222", "444"], "-o", "-"))[1:]
    export(folder, "2025-01-01", "2025-01-04", ["111", "222", "444"], "-o", "tracks.gpkg")
    with contextlib.closing(sqlite3.connect(Path(folder, "tracks.gpkg"))) as database:
        def ask(query):
            return database.execute(query).fetchall()
        equal((ask("PRAGMA application_id"), ask("PRAGMA user_version")), ([(0x47504B47,)], [(10300,)]), "kind of file")
        equal((ask("PRAGMA integrity_check"), ask("PRAGMA foreign_key_check")), ([("ok",)], []), "database")
        equal(ask("SELECT srs_id, organization FROM gpkg_spatial_ref_sys ORDER BY 1"),
              [(-1, "NONE"), (0, "NONE"), (4326, "EPSG")], "systems that must be there")
        equal(ask("SELECT * FROM gpkg_geometry_columns"), [("tracks", "geom", "POINT", 4326, 0, 0)], "geometry")
        lons, lats = [float(row[3]) for row in rows], [float(row[2]) for row in rows]
        equal(ask("SELECT table_name, data_type, srs_id, min_x, min_y, max_x, max_y FROM gpkg_contents"),
              [("tracks", "features", 4326, min(lons), min(lats), max(lons), max(lats))], "contents")
        found = ask("SELECT geom, mmsi, event_ts, latitude, longitude FROM tracks ORDER BY fid")
        equal([(mmsi, when.replace(".000Z", "Z"), lat, lon) for _, mmsi, when, lat, lon in found],
              [(mmsi, when, float(lat), float(lon)) for mmsi, when, lat, lon in rows], "rows")
        equal({blob[:8] for blob, *_ in found}, {b"GP\0\1" + struct.pack("<i", 4326)}, "headers")
        equal([point_of(blob[8:]) for blob, *_ in found], list(zip(lons, lats)), "points")


def rows_of_sql_with_a_place_become_points(folder):
    look_at(folder, DAYS)
    query = "SELECT i, 10.5 + i AS lat, CASE WHEN i = 1 THEN NULL ELSE i * 2 END AS lon FROM range(3) t(i)"
    words = ["sql", "--lake", "lake"]
    seine(folder, *words, "-o", "a.geoparquet", query)
    points = [row["geometry"] and point_of(row["geometry"]) for row in pq.read_table(f"{folder}/a.geoparquet").to_pylist()]
    equal(points, [(0, 10.5), None, (4, 12.5)], "a row without a place has none")
    seine(folder, *words, "-o", "a.gpkg", query)
    with contextlib.closing(sqlite3.connect(Path(folder, "a.gpkg"))) as database:
        equal([blob and point_of(blob[8:]) for blob, in database.execute("SELECT geom FROM a")],
              [(0, 10.5), None, (4, 12.5)], "points of the GeoPackage")
    for name in ("none.gpkg", "none.geoparquet"):
        refused(folder, 2, "have no place", *words, "-o", name, "SELECT 1 AS lat")
        seine(folder, *words, "-o", name, query + " WHERE false")
    refused(folder, 2, "column GEOM", *words, "-o", "b.gpkg", "SELECT 1 AS lat, 2 AS lon, 3 AS GEOM")
    refused(folder, 2, "needs a file", *words, "--format", "gpkg", query)
    assert not Path(folder, "b.gpkg").exists() and not list(Path(folder).glob(".tmp-*")), "a refused file is there"


def shape_of(wkb):
    """@return (kind, coordinates, bytes read)."""
    order, kind = struct.unpack_from("<BI", wkb)
    equal(order, 1, "little-endian")
    if kind == 1:
        return "Point", struct.unpack_from("<dd", wkb, 5), 21
    (count,) = struct.unpack_from("<I", wkb, 5)
    if kind == 2:
        return "Line", [struct.unpack_from("<dd", wkb, 9 + 16 * i) for i in range(count)], 9 + 16 * count
    at, lines = 9, []
    for _ in range(count):
        _, line, size = shape_of(wkb[at:])
        lines.append(line)
        at += size
    return "Lines", lines, at


def rows_of_sql_from_one_place_to_another_become_lines(folder):
    look_at(folder, DAYS)
    query = ("SELECT * FROM (VALUES (1, 10.0, 20.0, 12.0, 21.0), (2, 10.0, 20.0, NULL, NULL), (3, NULL, NULL, 1.0, 2.0), "
             "(4, 10.0, 179.0, 14.0, -179.0), (5, 0.0, -179.0, 0.0, 178.0)) t(i, start_lat, start_lon, end_lat, end_lon)")
    wanted = [("Line", [(20, 10), (21, 12)]), ("Point", (20, 10)), None,
              ("Lines", [[(179, 10), (180, 12)], [(-180, 12), (-179, 14)]]),
              ("Lines", [[(-179, 0), (-180, 0)], [(180, 0), (178, 0)]])]
    words = ["sql", "--lake", "lake"]
    seine(folder, *words, "-o", "gpkg_way.gpkg", query)
    with contextlib.closing(sqlite3.connect(Path(folder, "gpkg_way.gpkg"))) as database:
        equal([blob and shape_of(blob[8:])[:2] for blob, in database.execute("SELECT geom FROM rows_gpkg_way")], wanted,
              "shapes of the GeoPackage")
        equal(database.execute("SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents").fetchall(),
              [("rows_gpkg_way", -180, 0, 180, 14)], "bounds")
        equal(database.execute("SELECT geometry_type_name FROM gpkg_geometry_columns").fetchall(), [("GEOMETRY",)], "kind")
    seine(folder, *words, "-o", "way.geoparquet", query)
    file = pq.ParquetFile(Path(folder, "way.geoparquet"))
    rows = file.read().to_pylist()
    equal([row["geometry"] and shape_of(row["geometry"])[:2] for row in rows], wanted, "shapes of the GeoParquet")
    equal(rows[0]["bbox"], {"xmin": 20, "ymin": 10, "xmax": 21, "ymax": 12}, "bounds of a line")
    column = json.loads(file.metadata.metadata[b"geo"])["columns"]["geometry"]
    equal((column["geometry_types"], column["bbox"]), (["Point", "LineString", "MultiLineString"], [-180, 0, 180, 14]),
          "what the file says")
    seine(folder, *words, "-o", "gaps.gpkg", "FROM events.ais_gaps")
    refused(folder, 2, "start_lat", *words, "-o", "b.gpkg", "SELECT 1 AS start_lat, 2 AS start_lon")
    refused(folder, 2, "this command does not write geojson; known are .txt", *words, "-o", "x.geojson", query)


def the_ending_of_a_file_chooses_its_format(folder):
    look_at(folder, DAYS)
    begins = {"a.csv": b"x\n1\n", "a.TXT": b"x\n-\n1\n", "a.json": b"[\n{", "a.jsonl": b'{"x":1}\n', "a.ndjson": b'{"x":1}\n',
              "a.parquet": b"PAR1"}
    for name, begin in begins.items():
        seine(folder, "sql", "--lake", "lake", "-o", name, "SELECT 1 AS x")
        assert Path(folder, name).read_bytes().startswith(begin), name
    seine(folder, "sql", "--lake", "lake", "--format", "jsonl", "-o", "b.csv", "SELECT 1 AS x")
    equal(Path(folder, "b.csv").read_text(encoding="utf-8"), '{"x":1}\n', "--format wins")
    words = ["sql", "--lake", "lake", "SELECT 1 AS x", "-o"]
    for name in ("a.xyz", "a", "a.csv.gz", "csv"):
        refused(folder, 2, ".json, .jsonl, .parquet", *words, name)
    for name, begin in {"t.geojson": b'{"type"', "t.gpx": b"<?xml", "t.kml": b"<?xml", "t.csv": b"mmsi,"}.items():
        export(folder, "2025-01-01", "2025-01-02", ["111"], "-o", name)
        assert Path(folder, name).read_bytes().startswith(begin), name
    refused(folder, 2, ".geojson, .gpx, .kml", "export", "tracks", "--lake", "lake", "--start", "2025-01-01", "--stop",
            "2025-01-02", "--mmsi", "111", "-o", "tracks.shp")
    Path(folder, "m.jsonl").write_text('{"ssvid": "1", "timestamp": 0, "lat": 1, "lon": 1}\n', encoding="utf-8")
    refused(folder, 2, "known are .csv, .jsonl, .parquet", "detect", "gaps", "-i", "m.jsonl", "-o", "gaps.xlsx")


def an_interrupted_export_leaves_no_file(folder):
    vessels = [str(200000000 + n) for n in range(200)]
    lake_of(folder, {"AIS_2025_03_01.csv": [f"{mmsi},2025-03-01T{minute // 60:02}:{minute % 60:02}:00,1,2,0,"
                                         for mmsi in vessels for minute in range(0, 1440, 2)]})
    old = Path(folder, "out.geojson")
    old.write_text("old", encoding="utf-8")
    words = ["export", "tracks", "--lake", "lake", "--start", "2025-03-01", "--stop", "2025-03-02", "--format", "geojson",
             "-o", "out.geojson", "--mmsi", *vessels]
    with start(folder, *words, stderr=subprocess.PIPE) as process:
        wait_for(lambda: process.poll() is not None or list(folder.glob(".tmp-*")), "a part of the export")
        process.send_signal(signal.SIGINT)
        stderr = process.communicate()[1]
    if process.returncode == 0:
        assert json.loads(old.read_text(encoding="utf-8"))["features"], "a finished export without vessels"
    else:
        assert "interrupted" in stderr, stderr
        equal(old.read_text(encoding="utf-8"), "old", "the file that was there before")
    equal(list(Path(folder).glob(".tmp-*")), [], "temporary files")


main([stop_and_start_are_inclusive, a_zone_is_converted_to_utc, rows_come_by_time_then_id, file_names_follow_the_rule,
      a_name_of_the_programs_own_is_never_replaced, wrong_use_is_refused_in_one_line, ids_are_data_and_never_sql,
      only_files_of_the_days_and_vessels_are_read,
      geojson_has_a_line_per_vessel_with_times, geojson_cuts_lines_at_180_degrees, gpx_holds_every_position,
      kml_holds_every_position, all_formats_tell_the_same_positions,
      geoparquet_has_points_bounds_and_metadata, a_geopackage_is_as_the_standard_wants_it,
      rows_of_sql_with_a_place_become_points, rows_of_sql_from_one_place_to_another_become_lines,
      the_ending_of_a_file_chooses_its_format, an_interrupted_export_leaves_no_file])
