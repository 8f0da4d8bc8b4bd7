#!/usr/bin/env python3
"""Regions: what a file of polygons becomes, and which of them a place is in, against even-odd in exact fractions.

Environment: SEINE_BIN.
"""
import json
import math
import random
import sys
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, run, seine, sql
from harness.tap import main

SEED = 20


def lake(folder, features, *options, name="regions.geojson"):
    """@return the answer of loading these regions into a new lake, {(layer, id): polygons} given."""
    seine(folder, "init", "--quiet", "lake")
    return load(folder, features, *options, name=name)


def load(folder, features, *options, name="regions.geojson"):
    shapes = [{"type": "Feature", "properties": {"layer": layer, "id": number},
               "geometry": {"type": "MultiPolygon", "coordinates": polygons}} for (layer, number), polygons in features.items()]
    Path(folder, name).write_text(json.dumps({"type": "FeatureCollection", "features": shapes}), encoding="utf-8")
    return json.loads(seine(folder, "ref", "load", "--json", "--lake", "lake", "regions", name, *options))


def found(folder, places, moment=""):
    """@return the ids of the regions of each place (lat, lon), as "layer/id"."""
    rows = sql(folder, f"SELECT n, regions_at(lat, lon{moment}) AS found FROM (VALUES " +
               ", ".join(f"({n}, {lat!r}::DOUBLE, {lon!r}::DOUBLE)" for n, (lat, lon) in enumerate(places)) + ") t(n, lat, lon) ORDER BY n")
    return [[f"{one['layer']}/{one['id']}" for one in row["found"]] for row in rows]


def box(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


# ---- the oracle ----

def unrolled(ring, west=None):
    """Longitudes in one piece, the shorter way from corner to corner; a hole begins where its polygon does or to the east of it."""
    turn = 0
    if west is not None:
        while ring[0][0] + 360 * turn < west:
            turn += 1
        while ring[0][0] + 360 * (turn - 1) >= west:
            turn -= 1
    corners = [(Fraction(ring[0][0]) + 360 * turn, Fraction(ring[0][1]))]
    for (before, _), (lon, lat) in zip(ring, ring[1:]):
        if 180 < abs(lon - before) < 360 or abs(lon - before) > 360:
            turn += -1 if lon > before else 1
        corners.append((Fraction(lon) + 360 * turn, Fraction(lat)))
    return corners


def crossings(corners, lat):
    """Longitudes at which a ring crosses the parallel, southern ends of edges included."""
    for (a_lon, a_lat), (b_lon, b_lat) in zip(corners, corners[1:]):
        if (a_lat <= lat) != (b_lat <= lat):
            yield a_lon + (lat - a_lat) * (b_lon - a_lon) / (b_lat - a_lat)


def unrolled_polygon(rings):
    outer = unrolled(rings[0])
    return [outer] + [unrolled(ring, min(corner[0] for corner in outer)) for ring in rings[1:]]


def oracle(polygons, lat, lon):
    """@param polygons unrolled ones. @return whether the place is in, or None too near to an edge for doubles."""
    lat, lon = Fraction(lat), Fraction(lon)
    lat = min(lat, Fraction(90) - Fraction(1, 10**12))
    answers = []
    for rings in polygons:
        all_crossings = [crossing for ring in rings for crossing in crossings(ring, lat)]
        for turn in (-2, -1, 0, 1, 2):
            at = lon + 360 * turn
            if any(0 < abs(crossing - at) < Fraction(1, 10**9) for crossing in all_crossings):
                return None
            answers.append(sum(crossing <= at for crossing in all_crossings) % 2 == 1)
    return any(answers)


def star(source, lon, lat, size, corners, grid):
    """A ring around a place that does not cross itself: corners by angle."""
    points = []
    for k in range(corners):
        angle, far = 2 * math.pi * k / corners, size * source.uniform(0.3, 1)
        points.append([round((lon + far * math.cos(angle)) * grid) / grid, max(-90, min(90, round((lat + far * math.sin(angle)) * grid) / grid))])
    return points + points[:1]


def wrapped(ring):
    """As files have it: each corner within [-180, 180]."""
    return [[lon - 360 if lon > 180 else lon + 360 if lon < -180 else lon, lat] for lon, lat in ring]


def random_regions(source):
    features = {}
    for number in range(30):
        grid = source.choice([1, 2, 8, 1000])
        polygons = []
        for _ in range(source.choice([1, 1, 2, 3])):
            lon, lat, size = source.uniform(-180, 180), source.uniform(-80, 80), source.choice([0.4, 3, 20, 60])
            rings = [star(source, lon, lat, size, source.choice([4, 9, 40]), grid)]
            if source.random() < 0.6:
                rings.append(star(source, lon, lat, size * 0.25, source.choice([4, 9]), grid))
            rings = [ring for ring in rings if len({tuple(point) for point in ring}) > 2]
            polygons += [[wrapped(ring) if source.random() < 0.7 else ring for ring in rings]] if rings else []
        if polygons:
            features["area", f"{number:02}"] = polygons
    return features


def any_place_is_in_the_regions_that_even_odd_tells(folder):
    source = random.Random(SEED)
    features = random_regions(source)
    equal((lake(folder, features)["refused"]), 0, "refused")
    corners = [point for polygons in features.values() for rings in polygons for ring in rings for point in ring]
    places = [(source.uniform(-90, 90), source.uniform(-180, 180)) for _ in range(150)]
    for lon, lat in source.sample(corners, 300):  # on edges, at corners and near them
        lon = (lon + 180) % 360 - 180
        shift = source.choice([(0, 0), (0.5, 0), (0, 0.5), (1, 2), (0.01, -0.03)])
        places.append((max(-90, min(90, lat + shift[0])), max(-180, min(180, lon + shift[1]))))
    inside = compared = 0
    unrolled_features = {key: [unrolled_polygon(rings) for rings in polygons] for key, polygons in features.items()}
    for (lat, lon), ids in zip(places, found(folder, places)):
        for key, polygons in unrolled_features.items():
            wanted = oracle(polygons, lat, lon)
            if wanted is not None:
                equal("/".join(key) in ids, wanted, f"seed {SEED}: ({lat!r}, {lon!r}) in {key}: {features[key]}")
                compared += 1
                inside += wanted
    assert inside > 300 and compared > 0.9 * len(places) * len(features), (inside, compared)


def of_a_common_border_one_has_each_place(folder):
    """Western and southern edges are in, holes are out, the north pole and 180 degrees are places like all others."""
    lake(folder, {("a", "west"): [[box(0, 0, 10, 10), box(4, 4, 6, 6)]], ("a", "east"): [[box(10, 0, 20, 10)]],
                  ("a", "north"): [[box(0, 10, 20, 20)]], ("a", "cap"): [[box(-180, 80, 180, 90)]],
                  ("a", "pacific"): [[box(175, -10, -175, 10), box(-179, -1, -178, 1)]],
                  ("a", "cut"): [[box(175, 20, 180, 30)], [box(-180, 20, -175, 30)]], ("a", "long"): [[box(-300, 40, 300, 50)]]})
    wanted = {(5, 0): ["a/west"], (5, 10): ["a/east"], (10, 10): ["a/north"], (0, 5): ["a/west"], (-1e-12, 5): [], (5, 5): [],
              (4, 5): [], (6, 5): ["a/west"], (5, 6): ["a/west"], (5, 20): [], (20, 5): [], (85, 0): ["a/cap"], (90, 33): ["a/cap"],
              (85, -180): ["a/cap"], (85, 180): ["a/cap"], (80, 179): ["a/cap"], (0, 180): ["a/pacific"], (0, -180): ["a/pacific"],
              (0, 175): ["a/pacific"], (0, -175): [], (0, 0.5): ["a/west"], (0, -178.5): [], (0, -177.5): ["a/pacific"],
              (0, 174.9): [], (25, 180): ["a/cut"], (25, -180): ["a/cut"], (25, 179.5): ["a/cut"], (25, -175): [], (45, 0): ["a/long"], (45, 100): []}
    equal(dict(zip(wanted, found(folder, wanted))), wanted, "places")
    (row,) = sql(folder, "SELECT regions_at(NULL, 1.0) AS a, regions_at(91.0, 1.0) AS b, regions_at(1.0, 181.0) AS c, regions_at('nan'::DOUBLE, 1.0) AS d")
    equal(list(row.values()), [None, [], [], []], "no place")


def regions_come_as_geojson_or_wkt_and_are_kept_in_one_way(folder):
    lake(folder, {("eez", 1): [[box(0, 0, 1, 1)]]})
    Path(folder, "wkt.csv").write_text('layer,region_id,region_name,wkt\neez,1,,"polygon z((0 0 5,1 0 5 , 1 1 5,0 1 5,0 0 5))"\n'
                                       'mpa,2,Two,"MULTIPOLYGON (((2 0,3 0,3 1,2 0)),((4 0,5 0,5 1,4 0),(4.5 .1,4.75 .1,4.75 .2,4.5 .1)))"\n', encoding="utf-8")
    answer = json.loads(seine(folder, "ref", "load", "--json", "--lake", "lake", "regions", "wkt.csv"))
    equal((answer["added"], answer["in_force"], answer["refused"]), (1, 2, 0), "the one that was there says the same")
    equal([row["geometry"] for row in sql(folder, "SELECT geometry FROM ref.regions ORDER BY layer")],
          ["POLYGON ((0.0 0.0, 1.0 0.0, 1.0 1.0, 0.0 1.0, 0.0 0.0))",
           "MULTIPOLYGON (((2.0 0.0, 3.0 0.0, 3.0 1.0, 2.0 0.0)), ((4.0 0.0, 5.0 0.0, 5.0 1.0, 4.0 0.0), (4.5 0.1, 4.75 0.1, 4.75 0.2, 4.5 0.1)))"],
          "geometry")
    equal(found(folder, [(0.5, 2.9), (0.1, 4.9), (0.13, 4.7)]), [["mpa/2"], ["mpa/2"], []], "places")
    seine(folder, "sql", "--lake", "lake", "-o", "all.parquet", "SELECT layer, region_id, region_name, geometry FROM ref.regions")
    answer = json.loads(seine(folder, "ref", "load", "--json", "--lake", "lake", "regions", "all.parquet", "--replace"))
    equal((answer["changed"], answer["rows"]), (False, 2), "the same as Parquet")


def a_polygon_that_is_none_is_refused_with_the_reason(folder):
    seine(folder, "init", "--quiet", "lake")
    rows = [("POINT (1 2)", "geometry: POINT (1 2) is no polygon"), ("", "geometry: no geometry"),
            ("POLYGON ((0 0,1 0,0 0))", "geometry: a ring has less than four corners"),
            ("POLYGON ((0 0,1 0,1 1,0 1))", "geometry: a ring does not end where it begins"),
            ("POLYGON ((0 0,1 0,1 91,0 0))", "geometry: a latitude is outside [-90, 90]"),
            ("POLYGON ((0 0,1 0,1 x,0 0))", "geometry: POLYGON ((0 0,1 0,1 x,0 0)) is no polygon"),
            ("POLYGON ((0 0,1 0,361 1,0 0))", "geometry: a longitude is outside [-360, 360]"),
            ("POLYGON ((-170 60,-60 60,60 60,170 60,-170 60))", "geometry: a ring goes around a pole; give it corners at the pole"),
            ("POLYGON ((" + ",".join(f"{lon} {lat}" for lon, lat in 600 * [(-90, -90), (90, 90)] + [(-90, -90)]) + "))",
             "geometry: its edges go through too many cells of one degree"),
            ("POLYGON EMPTY", "geometry: POLYGON EMPTY is no polygon"), ("POLYGON ((0 0,1 0,1 1,0 0)) x", "geometry: POLYGON ((0 0,1 0,1 1,0 0)) x is no polygon"),
            ('{""type"":""Polygon"",""coordinates"":[]}', "geometry: a polygon has no ring"),
            ('{""type"":""MultiPolygon"",""coordinates"":[[[[0,0],[1,0],[1,1],[0,0]]],[]]}', "geometry: a polygon has no ring"),
            ("POLYGON ((0 0,1 0,1 1,0 0))", None)]
    Path(folder, "bad.csv").write_text("layer,id,wkt\n" + "".join(f'eez,{n},"{text}"\n' for n, (text, _) in enumerate(rows, 1)) +
                                       ',15,"POLYGON ((0 0,1 0,1 1,0 0))"\neez,14,"POLYGON ((0 0,1 0,1 1,0 0))"\n', encoding="utf-8")
    seine(folder, "ref", "load", "--quiet", "--lake", "lake", "regions", "bad.csv")
    wanted = [(n, reason) for n, (_, reason) in enumerate(rows, 1) if reason] + [(15, "value: no layer"), (16, "duplicate: row 14 is the same region")]
    equal([(row["source_row"], row["reason"]) for row in sql(folder, "SELECT * FROM ref.rejects WHERE ref = 'regions' ORDER BY source_row")], wanted, "rejects")


def a_file_of_one_layer_needs_no_column_of_it(folder):
    seine(folder, "init", "--quiet", "lake")
    shape = {"type": "Feature", "properties": {"mrgid": 5693, "geoname": "A zone"}, "geometry": {"type": "Polygon", "coordinates": [box(0, 0, 1, 1)]}}
    Path(folder, "eez.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}), encoding="utf-8")
    done = run(folder, "ref", "load", "--lake", "lake", "regions", "eez.geojson")
    assert done.returncode == 1 and "is known to be the layer" in done.stderr, done
    answer = json.loads(seine(folder, "ref", "load", "--json", "--lake", "lake", "regions", "eez.geojson", "--column", "layer='eez'"))
    equal(answer["columns"], {"layer": "eez", "id": "mrgid", "name": "geoname", "geometry": "geometry"}, "columns")
    equal(found(folder, [(0.5, 0.5)]), [["eez/5693"]], "place")


def a_region_holds_from_one_time_to_another(folder):
    lake(folder, {("mpa", 1): [[box(0, 0, 10, 10)]]})
    answer = load(folder, {("mpa", 1): [[box(0, 0, 5, 10)]], ("mpa", 2): [[box(5, 0, 10, 10)]]}, "--valid-from", "2024-01-01", name="new.geojson")
    equal((answer["added"], answer["ended"], answer["in_force"]), (2, 1, 2), "loaded")
    equal(found(folder, [(1, 7)]), [["mpa/2"]], "now")
    for time, wanted in (("2023-12-31 23:59:59Z", ["mpa/1"]), ("2024-01-01 00:00:00Z", ["mpa/2"])):
        equal(found(folder, [(1, 7)], f", TIMESTAMPTZ '{time}'"), [wanted], time)
    equal(json.loads(seine(folder, "verify", "--json", "--lake", "lake"))["findings"], [], "verify")


if __name__ == "__main__":
    main([any_place_is_in_the_regions_that_even_odd_tells, of_a_common_border_one_has_each_place,
          regions_come_as_geojson_or_wkt_and_are_kept_in_one_way, a_polygon_that_is_none_is_refused_with_the_reason,
          a_file_of_one_layer_needs_no_column_of_it,
          a_region_holds_from_one_time_to_another])
