#!/usr/bin/env python3
"""Vector tiles, decoded: what lies in them, where, and nothing else."""
import math
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal
from harness.server import serving
from harness.tap import main, shared
from harness.tile import EXTENT, decode, tile_of
from small_lake import made_once


def place_of(zoom, x, y, unit):
    side = 2 ** zoom
    lat = 2 * math.atan(math.exp((0.5 - (y + unit[1] / EXTENT) / side) * 2 * math.pi)) - math.pi / 2
    return (x + unit[0] / EXTENT) / side * 360 - 180, math.degrees(lat)


def get(server, layer, zoom, x, y, query=""):
    status, headers, body = server.ask(f"/tiles/{layer}/{zoom}/{x}/{y}{query}")
    equal((status, headers["content-type"]), (200, "application/vnd.mapbox-vector-tile"), f"{layer} {zoom}/{x}/{y}")
    return decode(body)


def density_counts_every_position_at_every_zoom(server):
    for zoom in range(9):
        total = 0
        places = [(-118.5, 33.7), (-119, 34), (179.5, -17), (-179.5, -17)] if zoom > 3 else None
        tiles = [(x, y) for x in range(2 ** zoom) for y in range(2 ** zoom)] if places is None else \
            {(x + dx, y + dy) for x, y in (tile_of(*place, zoom) for place in places) for dx in (-1, 0, 1) for dy in (-1, 0, 1)
             if 0 <= x + dx < 2 ** zoom and 0 <= y + dy < 2 ** zoom}
        if zoom > 6:
            tiles = {tile_of(lon, lat, zoom) for step in range(144) for lon, lat in
                     ((-118.5, 33 + step * 0.01), (-118.5, 33.001 + step * 0.01), (-119.0, 34.0), ((179 + step * 0.02 + 180) % 360 - 180, -17))}
        for x, y in tiles:
            for kind, tags, parts in get(server, "traffic", zoom, x, y).get("density", []):
                equal((kind, len(parts), len(parts[0])), (3, 1, 5), "a square")
                assert all(0 <= value <= EXTENT for place in parts[0] for value in place), parts
                total += tags["count"]
        equal(total, 488, f"zoom {zoom}")


def density_counts_the_positions_of_the_span_and_no_others(server):
    count = lambda query, *tile: sum(tags["count"] for _, tags, _ in get(server, "traffic", *(tile or (0, 0, 0)), query).get("density", []))
    equal(count("?start=2025-01-02T00:00:00Z&end=2025-01-03T00:00:00Z"), 148, "one day")
    equal(count("?start=2025-01-02T10:00:00Z&end=2025-01-02T12:00:00Z"), 12, "two hours, without the one that begins at the end")
    equal(count("?start=2025-01-01T22:00:00Z&end=2025-01-02T00:00:00Z"), 12, "up to midnight")
    equal(count("?start=2025-01-02T10:15:00Z&end=2025-01-02T11:45:00Z"), 9, "parts of hours")
    equal(count("?start=2025-01-02T10:30:00Z&end=2025-01-02T12:30:00Z"), 12, "the begin and the end of an hour")
    equal(count("?start=2025-01-02T10:00:00Z&end=2025-01-02T10:30:00Z"), 3, "within an hour")
    equal(count("?start=2025-01-02T10:00:00.000001Z&end=2025-01-02T10:30:00.000001Z"), 3, "to the microsecond")
    equal(count("?start=2025-01-02T10:00:00Z&end=2025-01-02T10:00:00Z"), 0, "no time at all")
    equal(count("?start=2025-01-03T23:30:00Z"), 4, "from a time on")
    equal(count("?end=2025-01-01T00:00:01Z"), 4, "up to a time")
    equal(count("?end=2024-12-31T00:00:00Z"), 0, "before all")
    x, y = tile_of(-119.0, 34.0, 8)
    equal(count("?start=2025-01-03T10:30:00Z&end=2025-01-03T11:30:00Z", 8, x, y), 6, "in one tile")


def points_lie_where_their_vessels_were(server):
    zoom, found = 10, 0
    x, y = tile_of(-119.0, 34.0, zoom)
    for kind, tags, parts in get(server, "traffic", zoom, x, y)["points"]:
        equal((kind, tags["mmsi"], tags["sog"], len(parts[0])), (1, "444000444", 0.0, 1), "point")
        lon, lat = place_of(zoom, x, y, parts[0][0])
        assert abs(lon + 119.0) < 0.001 and abs(lat - 34.0) < 0.001, (lon, lat)
        found += 1
    equal(found, 56, "points")
    found = get(server, "traffic", zoom, x, y, "?start=2025-01-02T00:30:00Z&end=2025-01-02T01:30:00Z")["points"]
    equal(sorted(tags["ts"] for _, tags, _ in found), [1735777800, 1735779600], "by time")
    for deep in (16, 17, 22):
        x, y = tile_of(-119.0, 34.0, deep)
        equal(len(get(server, "traffic", deep, x, y)["points"]), 56, f"zoom {deep}")
        equal(get(server, "traffic", deep, x + 1, y), {}, "beside it")


def tracks_go_over_the_edges_of_tiles(server):
    zoom = 9
    for lon in (-118.5,):
        for lat in (33.2, 33.9):
            x, y = tile_of(lon, lat, zoom)
            lines = get(server, "tracks", zoom, x, y)["tracks"]
            equal({tags["mmsi"] for _, tags, _ in lines} >= {"222000222", "333000333"}, True, "vessels")
            for kind, _, parts in lines:
                equal(kind, 2, "line")
                assert all(-64 <= value <= EXTENT + 64 for part in parts for place in part for value in place), parts
    # The vessel over 180 degrees leaves the last column in the east and comes in to the first one from the west.
    row = tile_of(0, -17, zoom)[1]
    east, west = (get(server, "tracks", zoom, x, row)["tracks"] for x in (2 ** zoom - 1, 0))
    assert max(place[0] for _, _, parts in east for part in parts for place in part) > EXTENT, east
    assert min(place[0] for _, _, parts in west for part in parts for place in part) < 0, west


def gaps_and_ports(server):
    gaps = get(server, "gaps", 0, 0, 0)["gaps"]
    equal([(kind, tags["mmsi"], tags["is_closed"], tags["duration_h"]) for kind, tags, _ in gaps], [(1, "444000444", True, 22.5)] * 2,
          "gaps that ended where they began are points")
    equal(get(server, "gaps", 0, 0, 0, "?start=2025-01-02T12:00:00Z")["gaps"][0][1]["event_id"], gaps[0][1]["event_id"], "by time")
    ports = get(server, "ports", 0, 0, 0)["ports"]
    equal([tags["port_name"] for _, tags, _ in ports], ["Los Angeles", "Suva"], "ports")
    lon, lat = place_of(0, 0, 0, ports[1][2][0][0])
    assert abs(lon - 178.42) < 0.1 and abs(lat + 18.13) < 0.1, (lon, lat)


def tiles_that_are_not_there_are_refused(server):
    for path, status in (("traffic/0/1/0", 400), ("traffic/23/0/0", 400), ("nix/0/0/0", 400), ("traffic/1/-1/0", 400), ("traffic/1/0", 404),
                         ("traffic/1/0/0.png", 400)):
        equal(server.ask(f"/tiles/{path}")[0], status, path)


TESTS = [density_counts_every_position_at_every_zoom, density_counts_the_positions_of_the_span_and_no_others, points_lie_where_their_vessels_were,
         tracks_go_over_the_edges_of_tiles, gaps_and_ports, tiles_that_are_not_there_are_refused]


if __name__ == "__main__":
    with serving(made_once(), "--rate", "0") as server:
        main(TESTS, shared(server))
