#!/usr/bin/env python3
"""A dataset that nobody has heard of, with all that follows from its description: silences, gold tables, the proof, the
routes of the API, tiles. Collared animals: ids with blanks, positions in degrees and minutes, one fix a day.

Environment: SEINE_BIN.
"""
import functools
import json
import sys
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, sys.path[0] + "/..")
from harness.animals import ANIMALS, DAYS, NAMES, lat_of, lon_of, make_animals
from harness.program import ROOT, equal, refused, seine, sql
from harness.server import serving
from harness.tap import main, program_folder
from harness.tile import decode, tile_of
import small_lake

@functools.cache
def made_once():
    folder = program_folder()
    make_animals(folder)
    return folder


def look_at(folder):
    Path(folder, "lake").symlink_to(made_once() / "lake")


def near(found, expected, what):
    assert abs(found - expected) < 1e-9, f"{what}: expected {expected}, found {found}"


def address(*parts):
    return "/api/v1/movers/" + "/".join(quote(part, safe="") for part in parts)


# ---- tables ----

def refresh_makes_silences_cells_days_last_states_and_the_map(folder):
    look_at(folder)
    gaps = sql(folder, "SELECT animal, start_ts, end_ts, duration_h, is_closed FROM events.animals_gaps")
    equal(gaps, [{"animal": "goat / 7", "start_ts": "2024-03-07T00:00:00Z", "end_ts": "2024-03-12T00:00:00Z",
                  "duration_h": 120.0, "is_closed": True}], "a day is no silence, five are")
    fixes = 3 * DAYS - 4
    hours = sql(folder, "SELECT count(*) AS n, sum(message_count) AS fixes, min(avg_height) AS low, max(avg_height) AS high,"
                        " count(DISTINCT h3_index) AS cells, min(hour) AS hour FROM gold.animals_hourly_h3")[0]
    equal(hours, {"n": fixes, "fixes": fixes, "low": 12001.0, "high": 12020.0, "cells": 52, "hour": 0}, "hours")
    equal(sql(folder, "SELECT position_count AS p, active_movers AS m, count(*) AS days FROM gold.animals_hourly_traffic"
                      " GROUP BY ALL ORDER BY p"), [{"p": 2, "m": 2, "days": 4}, {"p": 3, "m": 3, "days": 16}], "traffic")
    days = sql(folder, "SELECT * FROM gold.animals_mover_days WHERE animal = 'cow 1' ORDER BY dt")
    equal((len(days), days[4]["last_id"], days[3]["last_id"], days[4]["fixes"]), (DAYS, None, 100, 1), "days")
    near(days[4]["north_min"], lat_of(0, 5), "its box")
    movers = sql(folder, "SELECT animal, days_seen, fixes, first_ts, last_ts, last_kind, last_id, last_temperature"
                         " FROM gold.animals_movers ORDER BY animal")
    equal(movers[0], {"animal": "cow 1", "days_seen": DAYS, "fixes": DAYS, "first_ts": "2024-03-01T00:00:00Z",
                      "last_ts": "2024-03-20T00:00:00Z", "last_kind": "cow", "last_id": 100, "last_temperature": 38.0},
          "what was told last stays")
    equal([(row["animal"], row["fixes"], row["last_kind"]) for row in movers[1:]],
          [("goat / 7", DAYS - 4, None), ("Čapí", DAYS, None)], "others")
    (state,) = sql(folder, "SELECT * FROM gold.animals_last_state WHERE animal = 'Čapí'")
    equal(list(state), ["animal", "ts", "north", "east", "temperature", "height", "kind", "id"], "the columns of silver")
    near(state["north"], lat_of(2, DAYS), "newest place")
    equal(sql(folder, "SELECT level, sum(fixes) AS n FROM gold.animals_density GROUP BY level ORDER BY level"),
          [{"level": level, "n": fixes} for level in (7, 10, 13)], "density")
    equal(sql(folder, "SELECT count(*) AS n, min(told_temperature) AS t FROM gold.animals_tile_points"),
          [{"n": fixes, "t": 38.0}], "points")


def all_of_it_is_proved_and_up_to_date(folder):
    make_animals(folder)
    report = json.loads(seine(folder, "verify", "--lake", "lake", "--deep", "--json"))
    equal((report["findings"], report["events"], report["remarks"]), ([], 1, []), "verify")
    assert "everything is up to date" in seine(folder, "status", "--lake", "lake")
    assert "models: nothing to do" in seine(folder, "refresh", "--lake", "lake")
    # A fix that comes late ends the silence in two, and what hangs on its day is made anew.
    Path(folder, "late.csv").write_text("tag,seen,where_ns,where_ew\ngoat / 7,09.03.2024,47°09'00\"N,2°09'00\"W\n",
                                        encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "animals", "late.csv")
    assert "stale" in seine(folder, "status", "--lake", "lake")
    told = seine(folder, "refresh", "--lake", "lake")
    assert "gold.animals_mover_days: 1 of 20 days run, 1 changed" in told, told
    equal([row["duration_h"] for row in sql(folder, "SELECT duration_h FROM events.animals_gaps ORDER BY start_ts")],
          [48.0, 72.0], "silences")
    seine(folder, "verify", "--lake", "lake", "--deep")


def a_description_says_what_is_made_of_it(folder):
    make_animals(folder, "outputs: [movers]")
    tables = json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json"))
    made = sorted(row["table"] for row in tables if "animals" in row["table"])
    equal(made, ["gold.animals_last_state", "gold.animals_mover_days", "gold.animals_movers", "silver.animals",
                 "silver.animals_rejects"], "no more than that")
    seine(folder, "verify", "--lake", "lake", "--deep")
    with serving(folder) as server:
        equal(len(server.json("/api/v1/movers/animals")["data"]), 3, "movers")
        for path, table in (("gaps", "events.animals_gaps"), ("timeline", "gold.animals_hourly_traffic"),
                            ("tiles/traffic/0/0/0", "gold.animals_density"), ("tiles/gaps/0/0/0", "events.animals_gaps")):
            equal(server.json(f"/api/v1/movers/animals/{path}", 404)["error"],
                  {"status": 404, "message": f"the description of animals leaves {table} out",
                   "hint": "seine dataset show NAME --lake LAKE tells its outputs"}, path)


def a_model_of_the_users_takes_the_place_of_the_template(folder):
    seine(folder, "init", "lake", "--buckets", 2)
    Path(folder, "lake", "models").mkdir()
    Path(folder, "lake", "models", "mine.sql").write_text(
        "-- model: gold.animals_last_state\n-- grain: one animal\n-- inputs: gold.animals_movers(all)\n-- partition: none\n"
        "-- sort: animal\n-- column: animal string required | id\n-- column: days long required | days\n"
        "SELECT animal, days_seen AS days FROM gold.animals_movers\n", encoding="utf-8")
    make_animals(folder, is_new=False)
    equal(sql(folder, "SELECT * FROM gold.animals_last_state WHERE animal = 'cow 1'"), [{"animal": "cow 1", "days": DAYS}],
          "mine")
    refused(folder, 2, "is built-in and stays", "table", "drop", "--lake", "lake", "gold.animals_movers")
    with serving(folder) as server:
        equal(len(server.json("/api/v1/movers/animals")["data"]), 3, "the API does not read it")


# ---- the API ----

def the_datasets_of_a_lake_are_told(folder):
    look_at(folder)
    with serving(folder) as server:
        (told,) = server.json("/api/v1/movers")["data"]
    equal({name: told[name] for name in ("dataset", "word", "doc", "id", "fixes", "movers", "gaps", "first", "last", "speed")},
          {"dataset": "animals", "word": "animal", "doc": "Collared animals of an alp", "id": "animal", "fixes": 56,
           "movers": 3, "gaps": 1, "first": "2024-03-01T00:00:00Z", "last": "2024-03-20T00:00:00Z", "speed": None}, "told")
    equal([(one["name"], one["unit"]) for one in told["measures"]], [("temperature", "C"), ("height", "m")], "measures")
    equal([(one["name"], one["type"]) for one in told["columns"]], [("kind", "string"), ("id", "int")], "columns")


def movers_are_listed_with_what_they_told_last(folder):
    look_at(folder)
    with serving(folder) as server:
        rows = server.json("/api/v1/movers/animals")["data"]
        equal([row["id"] for row in rows], ["cow 1", "goat / 7", "Čapí"], "newest first, then by id")
        equal({name: rows[0][name] for name in ("timestamp", "temperature", "height", "kind", "id_")},
              {"timestamp": "2024-03-20T00:00:00Z", "temperature": 38.0, "height": 12020.0, "kind": "cow", "id_": 100},
              "its column called id stands as id_")
        near(rows[0]["latitude"], lat_of(0, DAYS), "place")
        found, target = [], "/api/v1/movers/animals?limit=2"
        while target:
            page = server.json(target)
            found += page["data"]
            target = page["next"]
        equal(found, rows, "page by page")
        names = lambda query: [row["id"] for row in server.json(f"/api/v1/movers/animals?{query}")["data"]]
        equal((names("q=COW"), names("q=%2F"), names("q=nobody")), (["cow 1"], ["goat / 7"], []), "search")
        equal((names("bbox=-3,46,-2,47"), names("bbox=2,46,3,47")), (["cow 1"], []), "box")
        places = server.json("/api/v1/movers/animals.geojson")["features"]
        near(places[0]["geometry"]["coordinates"][1], lat_of(0, DAYS), "place")
        status, headers, _ = server.ask("/api/v1/movers/animals")
        equal(server.ask("/api/v1/movers/animals", If_None_Match=headers["etag"])[0], 304, "from memory")


def one_mover_is_found_whatever_its_id(folder):
    look_at(folder)
    with serving(folder) as server:
        for animal, name in enumerate(NAMES):
            seen = DAYS - 4 if animal == 1 else DAYS
            one = server.json(address("animals", name))
            equal((one["id"], one["fixes"], one["days_seen"], one["first_seen"], one["last_position"]["temperature"], one["gaps"]),
                  (name, seen, seen, "2024-03-01T00:00:00Z", 38 + animal / 8,
                   {"count": 1, "open": 0, "longest_h": 120.0} if animal == 1 else {"count": 0, "open": 0, "longest_h": None}), name)
            track = server.json(address("animals", name, "track"))
            equal((track["id"], track["points_total"], track["points"][0][3]), (name, seen, None), "no measure is a speed")
            near(track["points"][0][2], lat_of(animal, 1), "first place")
            (feature,) = server.json(address("animals", name, "track.geojson"))["features"]
            equal((feature["properties"], len(feature["geometry"]["coordinates"][0])),
                  ({"id": name, "points_total": seen}, seen), "line")
            equal(len(server.json(address("animals", name, "days"))["days"]), seen, "days")
            rows, target = [], address("animals", name, "history") + "?days=30&limit=7"
            while target:
                page = server.json(target)
                equal(page["id"], name, target)
                rows += page["history"]
                target = page["next"]
            equal([row["timestamp"] for row in rows][::seen - 1], ["2024-03-20T00:00:00Z", "2024-03-01T00:00:00Z"], "history")
            equal((rows[-1]["id"], rows[-1]["height"]), (100 + animal, 12001.0), "first row")
        equal(server.json(address("animals", "goat / 8"), 404)["error"]["message"], "no animal has the id goat / 8", "none")
        equal(server.json(address("animals", "goat "), 404)["error"]["message"], "no animal has the id goat ", "a part of one")
        equal(server.json("/api/v1/movers/animals/goat / 7".replace(" ", "%20"), 404)["error"]["status"], 404, "a / parts")
        equal(server.json("/api/v1/movers/cattle", 404)["error"],
              {"status": 404, "message": "the lake has no dataset cattle", "hint": "there are: ais, animals"}, "no dataset")
        equal(server.json(address("animals", "x" * 2000), 400)["error"]["message"], "id: is too long", "long")


def several_are_drawn_at_once(folder):
    look_at(folder)
    with serving(folder) as server:
        top = lambda query="": [(row["id"], row["points"]) for row in server.json(f"/api/v1/movers/animals/tracks/top?n=9{query}")["data"]]
        equal(top(), [("cow 1", 20), ("Čapí", 20), ("goat / 7", 16)], "most positions first")
        equal(top("&start=2024-03-07T00:00:00Z&end=2024-03-12T12:00:00Z"), [("cow 1", 6), ("Čapí", 6), ("goat / 7", 2)], "of a span")
        equal(top("&bbox=-3,47,-2,48"), [("goat / 7", 16)], "in a box")
        ids = quote("goat / 7,Čapí,nobody\\,or\\\\else")
        tracks = server.json(f"/api/v1/movers/animals/tracks?ids={ids}&start=2024-03-19T00:00:00Z")["tracks"]
        equal([(one["id"], one["points_total"], len(one["points"])) for one in tracks], [("goat / 7", 2, 2), ("Čapí", 2, 2)], "tracks")
        equal(server.json("/api/v1/movers/animals/tracks", 400)["error"]["message"], "ids: must be given", "none")
        equal(server.json(f"/api/v1/movers/animals/tracks?ids={'a,' * 200}", 400)["error"]["message"], "ids: at most 200 ids", "too many")
        (feature, _) = server.json(f"/api/v1/movers/animals/tracks.geojson?ids={ids}")["features"]
        equal(feature["properties"], {"id": "goat / 7", "points_total": 16}, "GeoJSON")


def silences_and_hours_are_told(folder):
    look_at(folder)
    with serving(folder) as server:
        (gap,) = server.json("/api/v1/movers/animals/gaps")["data"]
        equal((gap["id"], gap["start"], gap["duration_h"], "name" in gap, "mmsi" in gap),
              ("goat / 7", "2024-03-07T00:00:00Z", 120.0, False, False), "gap")
        count = lambda query: len(server.json(f"/api/v1/movers/animals/gaps?{query}")["data"])
        equal([count(query) for query in ("id=goat%20%2F%207", "id=cow%201", "min_hours=100", "min_hours=121", "open=true",
                                          "start=2024-03-12T00:00:00Z", "bbox=-3,47,-2,48", "bbox=2,47,3,48")],
              [1, 0, 1, 0, 0, 0, 1, 0], "chosen")
        hours = server.json("/api/v1/movers/animals/timeline")
        equal((hours["start"], hours["end"], sum(hours["counts"]), hours["counts"][0]),
              ("2024-03-01T00:00:00Z", "2024-03-20T01:00:00Z", 56, 3), "hours")
        equal(server.json("/api/v1/timeline")["counts"], [], "there are no ships")


def tiles_show_where_they_are(folder):
    look_at(folder)
    with serving(folder) as server:
        def tile(layer, zoom, place, query=""):
            x, y = tile_of(*place, zoom)
            status, _, body = server.ask(f"/api/v1/movers/animals/tiles/{layer}/{zoom}/{x}/{y}{query}")
            equal(status, 200, body)
            return decode(body)

        cells = tile("traffic", 0, (0, 0))["density"]
        equal(sum(tags["count"] for _, tags, _ in cells), 56, "density")
        part = tile("traffic", 0, (0, 0), "?start=2024-03-02T00:00:00Z&end=2024-03-02T00:30:00Z")["density"]
        equal(sum(tags["count"] for _, tags, _ in part), 3, "of a part of an hour: the positions themselves")
        points = tile("traffic", 9, (lon_of(1), lat_of(0, 1)))["points"]
        equal({(tags["id"], tags["temperature"]) for _, tags, _ in points}, {("cow 1", 38.0)}, "points")
        (line,) = tile("tracks", 9, (lon_of(1), lat_of(0, 1)))["tracks"]
        equal((line[0], line[1]["id"]), (2, "cow 1"), "a day is no break of the line")
        lines = tile("tracks", 8, (lon_of(10), lat_of(1, 10)))["tracks"]
        equal(sorted(tags["ts"] for _, tags, _ in lines if tags["id"] == "goat / 7"), [1709251200, 1710201600], "five days are")
        (gap,) = tile("gaps", 9, (lon_of(9), lat_of(1, 9)))["gaps"]
        equal((gap[1]["id"], gap[1]["duration_h"], gap[1]["is_closed"]), ("goat / 7", 120.0, True), "gap")
        equal(server.ask("/api/v1/movers/animals/tiles/ports/0/0/0")[0], 400, "ports are of no dataset")


def tables_and_lineage_are_told(folder):
    look_at(folder)
    with serving(folder) as server:
        tables = {row["name"]: row["inputs"] for row in server.json("/api/v1/tables")["tables"]}
        equal({name: tables[name] for name in ("silver.animals", "events.animals_gaps", "gold.animals_movers")},
              {"silver.animals": [], "events.animals_gaps": ["silver.animals"],
               "gold.animals_movers": ["gold.animals_mover_days"]}, "inputs")
        assert server.json("/api/v1/tables/silver.animals")["columns"], "columns"


def ships_are_a_dataset_too(folder):
    small_lake.look_at(folder)
    with serving(folder, "--rate", "0") as server:
        (told,) = server.json("/api/v1/movers")["data"]
        equal((told["dataset"], told["word"], told["id"], told["fixes"], told["movers"], told["speed"], told["speed_unit"]),
              ("ais", "vessel", "mmsi", 488, 4, "sog", "kn"), "told")
        vessels = server.json("/api/v1/vessels/current")["data"]
        movers = server.json("/api/v1/movers/ais")["data"]
        equal([(row["mmsi"], row["timestamp"], row["latitude"], row["speed"]) for row in vessels],
              [(row["id"], row["timestamp"], row["latitude"], row["sog"]) for row in movers], "the same vessels")
        mmsi = "444000444"
        for query in ("", "&bbox=-119,32,-118,34", "&start=2025-01-01T06:00:00Z&end=2025-01-02T07:30:00Z"):
            top = [(row["mmsi"], row["points"]) for row in server.json(f"/api/v1/tracks/top?n=9{query}")["data"]]
            equal([(row["id"], row["points"]) for row in server.json(f"/api/v1/movers/ais/tracks/top?n=9{query}")["data"]], top, query)
        track = server.json(f"/api/v1/vessels/{mmsi}/track")
        other = server.json(f"/api/v1/movers/ais/{mmsi}/track")
        equal((track.pop("mmsi"), track), (other.pop("id"), other), "track")
        equal(server.json(f"/api/v1/movers/ais/000{mmsi}")["id"], mmsi, "zeros in front go")
        gaps = [(row["mmsi"], row["event_id"]) for row in server.json("/api/v1/events")["data"]]
        equal([(row["id"], row["event_id"]) for row in server.json("/api/v1/movers/ais/gaps")["data"]], gaps, "gaps")
        for layer, zoom in (("traffic", 3), ("traffic", 9), ("tracks", 9), ("gaps", 4)):
            x, y = tile_of(-118.5, 33.5, zoom)
            ours, theirs = (decode(server.ask(f"{begin}/{layer}/{zoom}/{x}/{y}")[2]) for begin in ("/tiles", "/api/v1/movers/ais/tiles"))
            renamed = {name: [(kind, {"mmsi" if key == "id" else key: value for key, value in tags.items()}, parts)
                              for kind, tags, parts in features] for name, features in theirs.items()}
            equal(renamed, ours, f"{layer} {zoom}")


def messages_without_a_place_are_movers_too(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "telematics", ROOT / "tests" / "data" / "datasets" / "telematics.json")
    Path(folder, "more.json").write_text(json.dumps([
        {"vin": "W 1", "timestamp": 1700000000000 + minute * 60000, "latitude": 48 if minute < 2 else None,
         "longitude": 11 if minute < 2 else None, "velocity": minute, "frontLeftDoorState": "LOCKED" if minute == 0 else None,
         "wipersState": False, "gearPosition": 1} for minute in range(4)]), encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "telematics", "more.json")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    seine(folder, "verify", "--lake", "lake", "--deep")
    equal(sql(folder, "SELECT * FROM gold.telematics_last_state WHERE vin = 'W 1'"),
          [{"vin": "W 1", "last_reported_timestamp": "2023-11-14T22:16:20Z", "front_left_door_state": "LOCKED",
            "wipers_state": False}], "its own model")
    with serving(folder) as server:
        one = server.json(address("telematics", "W 1"))
        last = one["last_position"]
        equal((last["timestamp"], last["latitude"], last["velocity"], last["front_left_door_state"]),
              ("2023-11-14T22:16:20Z", 48.0, 3.0, "LOCKED"), "the last place that is known")
        equal([point[3] for point in server.json(address("telematics", "W 1", "track"))["points"]], [0.0, 1.0],
              "only what has a place; velocity is a speed")
        rows = server.json(address("telematics", "W 1", "history") + "?days=10000")["history"]
        equal([row["latitude"] for row in rows], [None, None, 48.0, 48.0], "history")
        (told,) = server.json("/api/v1/movers")["data"]
        equal((told["dataset"], told["word"], told["speed"], told["speed_unit"]), ("telematics", "vehicle", "velocity", "km/h"), "told")


# ---- commands ----

def trace(folder, dataset, name, when):
    return json.loads(seine(folder, "trace", "--lake", "lake", "--dataset", dataset, "--id", name, "--ts", when, "--json"))


def tracks_are_exported(folder):
    look_at(folder)
    words = ("export", "tracks", "--lake", "lake", "--dataset", "animals", "--start", "2024-03-06", "--stop", "2024-03-12")
    lines = seine(folder, *words, "--id", "goat / 7", "Čapí", "-o", "-").splitlines()
    equal((lines[0], lines[1][:30], len(lines)), ("animal,event_ts,latitude,longitude", "goat / 7,2024-03-06T00:00:00Z,", 11), "CSV")
    seine(folder, *words, "--id", "goat / 7", "-o", "goat.geojson")
    (feature,) = json.loads(Path(folder, "goat.geojson").read_text(encoding="utf-8"))["features"]
    equal((feature["properties"]["animal"], feature["properties"]["positions"], feature["properties"]["name"]), ("goat / 7", 3, None), "GeoJSON")
    told = json.loads(seine(folder, *words, "--id", "goat / 7", "nobody", "-o", "goat.kml", "--json"))
    equal((told["dataset"], told["movers"], told["positions"], told["without_positions"]), ("animals", 1, 3, ["nobody"]), "told")
    assert '<Data name="animal"><value>goat / 7</value>' in Path(folder, "goat.kml").read_text(encoding="utf-8"), "KML"
    seine(folder, *words, "--id", "goat / 7")
    assert Path(folder, "tracks_goat___7_solo_2024_03_06T00_00_00.csv").exists(), "a name of its own"
    refused(folder, 2, "--mmsi is of vessels; the animal of dataset animals is given by --id", *words, "--mmsi", "1")
    refused(folder, 2, "--id is needed: the id of a animal", *words)
    refused(folder, 2, "give one", *words, "--mmsi", "1", "--id", "1")
    refused(folder, 1, "the lake has no dataset cattle", *(word if word != "animals" else "cattle" for word in words), "--id", "1")


def a_position_is_traced_from_its_line_to_all_it_went_into(folder):
    look_at(folder)
    found = trace(folder, "animals", "goat / 7", "2024-03-12")
    ((source, row, raw),) = [(one["source"], one["source_row"], one["raw"]) for one in found["source_rows"]]
    lines = Path(made_once(), "animals.csv").read_text(encoding="utf-8").splitlines()
    equal((source, raw), ("animals.csv", lines[row]), "its line")
    equal((found["dataset"], found["animal"], found["silver"]["row"]["height"]), ("animals", "goat / 7", 12012.0), "silver")
    equal({(hit["table"], hit["role"]) for hit in found["derived"]},
          {("events.animals_gaps", "end"), ("gold.animals_hourly_h3", "hour"), ("gold.animals_mover_days", "day"),
           ("gold.animals_tile_points", "day"), ("gold.animals_movers", "mover"), ("gold.animals_last_state", "mover")}, "derived")
    refused(folder, 1, "before it none, after it none", "trace", "--lake", "lake", "--dataset", "animals", "--id", "goat / 7",
            "--ts", "2024-03-09")
    refused(folder, 2, "one id is given", "trace", "--lake", "lake", "--dataset", "animals", "--id", "a", "b", "--ts", "2024-03-09")


def a_message_is_traced_to_its_record(folder):
    """JSON of all shapes, texts that are escaped, duplicates of which the last one wins, what was refused."""
    message = lambda minute, velocity, gear=1: {"vin": "Ä/1", "timestamp": 1700000000000 + minute * 60000, "latitude": 48,
                                                "longitude": 11, "velocity": velocity, "gearPosition": gear}
    Path(folder, "a.json").write_text(json.dumps([message(0, 1), message(1, 2), message(1, 3)], indent=1).replace("/", "\\/"),
                                      encoding="utf-8")
    Path(folder, "b.ndjson").write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in
                                                (message(1, 4), message(2, 5, "none"))), encoding="utf-8")
    seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "telematics", "a.json", "b.ndjson")
    found = trace(folder, "telematics", "Ä/1", "2023-11-14T22:14:20")
    equal([(row["source"], row["source_row"], row["fate"], json.loads(row["raw"])["velocity"]) for row in found["source_rows"]],
          [("a.json", 2, "duplicate", 2), ("a.json", 3, "duplicate", 3), ("b.ndjson", 1, "silver", 4)], "records")
    text = seine(folder, "trace", "--lake", "lake", "--dataset", "telematics", "--id", "Ä/1", "--ts", "2023-11-14T22:14:20")
    assert "duplicate; the last source by name, then row, wins" in text, text
    found = trace(folder, "telematics", "Ä/1", "2023-11-14T22:15:20")
    equal([(row["source"], row["source_row"], row["fate"], row["reason"].split(":")[0]) for row in found["source_rows"]],
          [("b.ndjson", 2, "rejected", "gear")], "refused")


def a_record_in_parquet_is_told_without_its_text(folder):
    import duckdb
    duckdb.sql("COPY (SELECT 'cow 1' AS tag, '01.03.2024' AS seen, '46°01''00\"N' AS where_ns, '2°01''00\"W' AS where_ew) TO "
               f"'{folder}/herd.parquet' (FORMAT parquet)")
    Path(folder, "animals.yaml").write_text(ANIMALS, encoding="utf-8")
    seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "animals.yaml", "herd.parquet")
    equal([(row["source"], row["source_row"], row["fate"], row["raw"]) for row in trace(folder, "animals", "cow 1", "2024-03-01")["source_rows"]],
          [("herd.parquet", 1, "silver", None)], "winner")


def ids_that_are_called_alike_are_of_their_own_dataset(folder):
    files = ROOT / "tests" / "data" / "datasets"
    seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "ais_dk", files / "ais_dk.csv")
    (row,) = sql(folder, "SELECT mmsi, ts FROM silver.ais_dk ORDER BY ts LIMIT 1")
    Path(folder, "AIS_2025_01_01.csv").write_text(f"MMSI,BaseDateTime,LAT,LON\n{row['mmsi']},{row['ts']},10,20\n", encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "AIS_2025_01_01.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    for dataset, begin, other in (("ais", "ais_", "ais_dk_"), ("ais_dk", "ais_dk_", "nothing")):
        tables = [hit["table"].split(".")[1] for hit in trace(folder, dataset, row["mmsi"], row["ts"])["derived"]]
        assert tables and all(name.startswith(begin) and not name.startswith(other) for name in tables), tables


main([refresh_makes_silences_cells_days_last_states_and_the_map, all_of_it_is_proved_and_up_to_date,
      a_description_says_what_is_made_of_it, a_model_of_the_users_takes_the_place_of_the_template,
      the_datasets_of_a_lake_are_told, movers_are_listed_with_what_they_told_last, one_mover_is_found_whatever_its_id,
      several_are_drawn_at_once, silences_and_hours_are_told, tiles_show_where_they_are, tables_and_lineage_are_told, ships_are_a_dataset_too,
      messages_without_a_place_are_movers_too, tracks_are_exported, a_position_is_traced_from_its_line_to_all_it_went_into,
      a_message_is_traced_to_its_record, a_record_in_parquet_is_told_without_its_text,
      ids_that_are_called_alike_are_of_their_own_dataset])
