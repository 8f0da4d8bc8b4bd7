#!/usr/bin/env python3
"""Every route of seine serve: good, empty and bad input, shapes and formats."""
import csv
import io
import json
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, sql
from harness.server import serving
from harness.tap import Skip, main, own_folder, shared
from small_lake import make_lake, made_once, row


def keys(found, *expected):
    equal(sorted(found), sorted(expected), "members")


def the_service_tells_its_name_to_programs(server):
    equal(server.json("/"), {"service": "Maritime Data API", "version": "1.0.0", "status": "operational"}, "/")


def current_has_one_row_per_vessel_newest_first(server):
    found = server.json("/api/v1/vessels/current")
    keys(found, "data", "cached", "count", "next")
    equal(found["count"], 4, "count")
    keys(found["data"][0], "mmsi", "vessel_name", "latitude", "longitude", "speed", "nearest_port", "distance_to_port",
         "speed_category", "timestamp")
    equal([one["mmsi"] for one in found["data"]], ["111000111", "222000222", "333000333", "444000444"], "ids")
    equal(found["data"][1]["timestamp"], "2025-01-03T23:30:00Z", "timestamp")
    equal((found["data"][1]["speed_category"], found["data"][1]["nearest_port"]), ("CRUISING", "Los Angeles"), "port")
    equal(server.json("/api/v1/vessels/current?limit=1")["count"], 1, "limited")
    found = server.json("/api/v1/vessels/current?bbox=170,-20,-175,0")
    equal([one["mmsi"] for one in found["data"]], ["111000111"], "in a box across 180 degrees")
    equal(server.json("/api/v1/vessels/current?bbox=0,0,1,1")["data"], [], "nothing there")


def fresh_and_cached_answers_have_one_shape(server):
    for target in ("/api/v1/vessels/current?limit=2", "/api/v1/statistics/daily?target_date=2025-01-02"):
        fresh, again = server.json(target), server.json(target)
        equal((fresh.pop("cached"), again.pop("cached")), (False, True), "cached")
        equal(fresh, again, target)


def history_counts_back_from_the_watermark(server):
    found = server.json("/api/v1/vessels/222000222/history?days=1")
    keys(found, "mmsi", "history", "count", "next")
    keys(found["history"][0], "timestamp", "latitude", "longitude", "speed", "nearest_port", "distance_to_port")
    equal((found["count"], found["history"][0]["timestamp"], found["history"][-1]["timestamp"]),
          (96, "2025-01-03T23:30:00Z", "2025-01-02T00:00:00Z"), "two days, newest first")
    equal(server.json("/api/v1/vessels/222000222/history")["count"], 144, "seven days by default")
    equal(server.json("/api/v1/vessels/5/history"), {"mmsi": "5", "history": [], "count": 0, "next": None}, "an unknown vessel")


def statistics_are_of_one_day(server):
    found = server.json("/api/v1/statistics/daily")
    equal(found["date"], "2025-01-03", "the last day of the data")
    keys(found["statistics"][0], "vessel_type", "total_positions", "avg_speed", "unique_vessels", "fishing_activities")
    equal(sum(one["total_positions"] for one in found["statistics"]), 192, "positions")
    equal(server.json("/api/v1/statistics/daily?target_date=1999-01-01")["statistics"], [], "a day without data")


def search_takes_a_part_of_id_name_call_sign_or_imo_number(server):
    found = server.json("/api/v1/vessels?q=morn")
    keys(found["data"][0], "mmsi", "name", "callsign", "imo", "flag", "vessel_type_name", "first_seen", "last_seen", "fixes")
    equal([one["name"] for one in found["data"]], ["MORNING STAR", "MORNING SUN"], "names")
    equal([one["mmsi"] for one in server.json("/api/v1/vessels?q=wda")["data"]], ["222000222"], "call sign")
    equal([one["mmsi"] for one in server.json("/api/v1/vessels?q=444")["data"]], ["444000444"], "id")
    for part in ("G+STAR", "22000222", "DA1", "074729", "IMO9074729", "imo+9074729"):
        equal([one["mmsi"] for one in server.json(f"/api/v1/vessels?q={part}")["data"]], ["222000222"], part)
    equal(server.json("/api/v1/vessels?q=imo")["data"], [], "the letters alone are no number")
    equal(server.json("/api/v1/vessels?q=%25")["data"], [], "% is a letter like others")
    equal(server.json("/api/v1/vessels?q='%20OR%201=1--")["data"], [], "so is a quote")


def pages_follow_each_other_without_gaps(server):
    for target, name in (("/api/v1/vessels?limit=1", "data"), ("/api/v1/events?limit=1", "data"), ("/api/v1/pairs?limit=1", "data"),
                         ("/api/v1/ports?limit=1", "data")):
        whole = server.json(target.replace("limit=1", "limit=1000"))
        equal(whole["next"], None, "next of the last page")
        rows, pages = [], 0
        while target:
            page = server.json(target)
            rows += page[name]
            target = page["next"]
            pages += 1
            assert pages <= 1000, "pages without end"
        equal(rows, whole[name], f"{target}: rows of all pages")
        assert pages >= 2, f"{target}: only one page"


def a_vessel_is_told_whole(server):
    found = server.json("/api/v1/vessels/444000444")
    keys(found, "mmsi", "name", "names", "callsign", "callsigns", "imo", "imos", "flag", "flag_country", "vessel_type",
         "vessel_type_name", "length", "width", "draft", "transceiver", "first_seen", "last_seen", "days_seen", "fixes",
         "last_position", "gaps")
    equal(found["names"], [{"value": "SILENT ONE", "fixes": 56}], "names")
    keys(found["last_position"], "timestamp", "latitude", "longitude", "speed", "course", "heading", "status", "nearest_port",
         "distance_to_port", "speed_category")
    equal((found["gaps"]["count"], found["gaps"]["open"], found["gaps"]["longest_h"]), (2, 0, 22.5), "gaps")
    equal(server.json("/api/v1/vessels/9", status=404)["error"]["status"], 404, "unknown")


def days_of_a_vessel(server):
    found = server.json("/api/v1/vessels/444000444/days")
    equal([(one["date"], one["fixes"]) for one in found["days"]], [("2025-01-01", 4), ("2025-01-02", 4), ("2025-01-03", 48)], "days")
    equal(server.json("/api/v1/vessels/9/days"), {"mmsi": "9", "days": [], "next": None}, "unknown")


def a_track_is_simplified_and_cut_at_180_degrees(server):
    found = server.json("/api/v1/vessels/111000111/track")
    equal((found["points_total"], len(found["points"])), (144, 144), "all points")
    equal(found["points"][0], [1735689600000, 179.0, -17.0, 8.0], "time in ms, longitude, latitude, speed")
    equal(found["points"], sorted(found["points"]), "in time order")
    simple = server.json("/api/v1/vessels/111000111/track?tolerance_m=100")
    equal((simple["points_total"], simple["points"]), (144, [found["points"][0], found["points"][-1]]), "a straight line has two")
    part = server.json("/api/v1/vessels/111000111/track?start=2025-01-02T00:00:00Z&end=2025-01-02T01:00:00Z")
    equal(part["points_total"], 2, "the start belongs to a span, the end does not")
    lines = server.json("/api/v1/vessels/111000111/track.geojson")["features"][0]["geometry"]["coordinates"]
    equal((lines[0][-1][0], lines[1][0][0]), (180, -180), "cut at 180 degrees")
    equal(server.json("/api/v1/vessels/9/track")["points"], [], "unknown")


def tracks_of_several_vessels(server):
    found = server.json("/api/v1/tracks?mmsi=222000222,333000333,9&tolerance_m=10")
    equal([(one["mmsi"], one["name"], one["points_total"]) for one in found["tracks"]],
          [("222000222", "MORNING STAR", 144), ("333000333", "MORNING SUN", 144)], "tracks")
    top = server.json("/api/v1/tracks/top?n=2")["data"]
    equal([one["points"] for one in top], [144, 144], "most first")
    top = server.json("/api/v1/tracks/top?bbox=178,-20,-178,0")["data"]
    equal([one["mmsi"] for one in top], ["111000111"], "in a box across 180 degrees")


def top_counts_the_positions_in_span_and_box_and_no_others(server):
    """Whatever is asked for: the figures are those of the fixes themselves."""
    day = [f"2025-01-0{k}T00:00:00Z" for k in range(1, 5)]
    # The last boxes hold a part of a vessel's way, and meet the box of its day also where it was not.
    for start, end, box in ((day[0], day[3], None), ("2025-01-01T10:15:00Z", "2025-01-01T11:30:00Z", None), ("2025-01-01T23:30:00Z", day[2], None),
                            (day[1], "2025-01-03T12:30:00Z", None), (day[1], day[1], None), (day[0], day[3], (-180, -90, 180, 90)),
                            (day[0], day[3], (179.5, -18, -179.5, -16)), (day[0], day[3], (179.5, -18, 180, -16)),
                            ("2025-01-01T12:00:00Z", "2025-01-03T12:00:00Z", (-119.5, 33.2, -118, 33.4)),
                            (day[1], day[2], (-118.6, 33.0, -118.4, 33.3)), (day[0], day[1], (-118.6, 33.0, -118.4, 33.3)),
                            (day[0], "2025-01-01T01:00:00Z", (-118.6, 33.2, -118.4, 33.4))):
        where = f"ts >= '{start}' AND ts < '{end}'"
        if box:
            side = "AND" if box[0] <= box[2] else "OR"
            where += f" AND lat BETWEEN {box[1]} AND {box[3]} AND (lon >= {box[0]} {side} lon <= {box[2]})"
        expected = sql(server.folder, f"SELECT mmsi, count(*) AS points FROM silver.ais WHERE {where} GROUP BY mmsi ORDER BY 2 DESC, 1")
        query = f"start={start}&end={end}" + (f"&bbox={','.join(map(str, box))}" if box else "")
        found = [{"mmsi": one["mmsi"], "points": one["points"]} for one in server.json(f"/api/v1/tracks/top?{query}")["data"]]
        equal(found, expected, query)


def companions_are_those_who_travel_together(server):
    found = server.json("/api/v1/vessels/222000222/companions")
    keys(found, "mmsi", "companions", "count", "next")
    (one,) = found["companions"]
    equal((one["mmsi"], one["name"], one["days_together"]), ("333000333", "MORNING SUN", 3), "companion")
    equal(server.json("/api/v1/vessels/9/companions")["companions"], [], "unknown")


def events_by_time_place_vessel_and_length(server):
    every = server.json("/api/v1/events?kind=gaps")
    equal(every["count"], 2, "gaps")
    keys(every["data"][0], "event_id", "kind", "mmsi", "name", "start", "end", "is_closed", "duration_h", "distance_m",
         "implied_speed_knots", "start_lat", "start_lon", "end_lat", "end_lon", "version")
    equal([one["start"] for one in every["data"]], ["2025-01-02T01:30:00Z", "2025-01-01T01:30:00Z"], "latest first")
    # A gap lasts from 01:30 up to, and not with, 00:00.
    for query, count in (("start=2025-01-02T00:00:00Z&end=2025-01-02T01:30:00Z", 0), ("start=2025-01-01T23:59:59Z&end=2025-01-02T01:30:01Z", 2),
                         ("min_hours=22", 2), ("max_hours=22", 0), ("mmsi=444000444", 2), ("mmsi=1", 0), ("open=true", 0),
                         ("open=false", 2), ("start=2025-01-02T12:00:00Z", 1), ("end=2025-01-01T12:00:00Z", 1),
                         ("bbox=-120,33,-118,35", 2), ("bbox=0,0,1,1", 0), ("bbox=170,-80,-170,80", 0)):
        equal(server.json(f"/api/v1/events?{query}")["count"], count, query)
    feature = server.json("/api/v1/events.geojson")["features"][0]
    equal((feature["geometry"]["type"], feature["properties"]["mmsi"]), ("LineString", "444000444"), "feature")


def a_gap_is_in_a_box_when_the_way_between_its_ends_is():
    ways = {"1": (10.0, 20.0, 12.0, 22.0), "2": (178.0, -10.0, -178.0, -10.0), "3": (-30.0, 50.0, -30.0, 50.0)}
    rows = []
    for mmsi, (west, south, east, north) in ways.items():
        for hour, lon, lat in (("00", west, south), ("20", east, north)):
            rows += [row(mmsi * 9, f"2025-01-01T{hour}:{minute}:00", lat, lon) for minute in ("00", "10")]
    with own_folder() as folder:
        make_lake(folder, {"AIS_2025_01_01.csv": rows}, ports=False)
        with serving(folder) as server:
            for box, expected in (("10.9,20.9,11.1,21.1", ["1"]), ("10.1,21.5,10.5,21.9", []), ("11.2,21.5,11.9,21.9", ["1"]),
                                  ("9,19,10.5,20.5", ["1"]), ("179.9,-11,-179.9,-9", ["2"]), ("-179.9,-11,-178.5,-9", ["2"]),
                                  ("-10,-11,10,-9", []), ("-170,-11,170,-9", []), ("-31,49,-29,51", ["3"]), ("-29,49,-28,51", []),
                                  ("-180,-90,180,90", ["1", "2", "3"])):
                found = server.json(f"/api/v1/events?open=false&bbox={box}")["data"]
                equal(sorted(one["mmsi"][0] for one in found), expected, box)


def pairs_by_day_vessel_and_score(server):
    found = server.json("/api/v1/pairs?day=2025-01-02&mmsi=222000222&min_score=0.5")
    (one,) = found["data"]
    equal((one["uid_a"], one["uid_b"], one["day_date"], one["hT"]), ("222000222", "333000333", "2025-01-02", 24), "pair")
    equal(server.json("/api/v1/pairs?day=1999-01-01")["data"], [], "no such day")


def ports_by_box_and_name(server):
    equal([one["port_id"] for one in server.json("/api/v1/ports?q=SU")["data"]], ["SU"], "name")
    equal([one["port_id"] for one in server.json("/api/v1/ports?q=angel")["data"]], ["LA"], "a part of its name")
    equal([one["port_name"] for one in server.json("/api/v1/ports?bbox=-120,30,-110,40")["data"]], ["Los Angeles"], "box")


def the_timeline_has_every_hour(server):
    found = server.json("/api/v1/timeline")
    equal((found["start"], found["end"], found["step_s"], len(found["counts"])),
          ("2025-01-01T00:00:00Z", "2025-01-04T00:00:00Z", 3600, 72), "timeline")
    equal(sum(found["counts"]), 488, "positions")


def the_overview_agrees_with_sql(server):
    found = server.json("/api/v1/overview")
    keys(found, "watermark", "fixes", "vessels", "days", "speeds", "gap_durations", "rejects", "sources")
    equal((found["watermark"], found["fixes"], found["vessels"]), ("2025-01-04T00:00:00Z", 488, 4), "totals")
    expected = sql(server.folder, "SELECT strftime(dt, '%Y-%m-%d') AS date, sum(fixes)::BIGINT AS fixes, count(*) AS vessels "
                           "FROM gold.ais_vessel_days GROUP BY ALL ORDER BY 1")
    equal(found["days"], expected, "days")
    expected = sql(server.folder, "SELECT least(floor(sog), 40.0) AS from_kn, count(*) AS count FROM silver.ais WHERE sog IS NOT NULL GROUP BY 1 ORDER BY 1")
    equal([{"from_kn": one["from_kn"], "count": one["count"]} for one in found["speeds"]], expected, "speeds of single positions")
    equal(found["gap_durations"], [{"from_h": 12.0, "to_h": 24.0, "count": 2}], "durations of gaps")
    equal(found["sources"], {"count": 3, "rows": 488, "duplicates": 0, "rejects": 0}, "sources")


def tables_tell_columns_snapshots_and_lineage(server):
    tables = {one["name"]: one for one in server.json("/api/v1/tables")["tables"]}
    equal(tables["silver.ais"]["rows"], 488, "rows")
    equal(tables["gold.ais_pairs_daily"]["inputs"], ["gold.ais_hourly_h3"], "inputs")
    one = server.json("/api/v1/tables/silver.ais")
    equal([(c["name"], c["type"]) for c in one["columns"]][:2], [("mmsi", "string"), ("ts", "timestamptz")], "columns")
    equal(one["snapshots"], server.json("/api/v1/tables/silver.ais/snapshots")["snapshots"], "snapshots")
    equal(one["snapshots"][0]["snapshot_id"], one["snapshot_id"], "newest first")
    assert not any(name.startswith("state.") for name in tables), "states are nobody's business"
    for bad in ("silver.nix", "state.ais_gaps", "silver.ais%22", "..", "%2e%2e"):
        server.json(f"/api/v1/tables/{bad}", status=404)


def wrong_parameters_are_named(server):
    for target, word in (("/api/v1/vessels/current?limit=0", "limit"), ("/api/v1/vessels/current?limit=x", "limit"),
                         ("/api/v1/vessels/current?limit=1&limit=2", "limit"), ("/api/v1/vessels/current?bbox=1,2,3", "bbox"),
                         ("/api/v1/vessels/current?bbox=1,2,3,nan", "bbox"), ("/api/v1/vessels/abc", "mmsi"),
                         ("/api/v1/vessels/12%27/history", "mmsi"), ("/api/v1/vessels/1/history?days=-1", "days"),
                         ("/api/v1/statistics/daily?target_date=2025-02-30", "target_date"), ("/api/v1/events?kind=nix", "kind"),
                         ("/api/v1/events?open=maybe", "open"), ("/api/v1/events?start=yesterday", "start"),
                         ("/api/v1/events?cursor=AAAA", "cursor"), ("/api/v1/tracks", "mmsi"), ("/api/v1/tracks?mmsi=1,,2", "mmsi"),
                         ("/api/v1/tracks?mmsi=" + ",".join(["1"] * 201), "mmsi"), ("/api/v1/pairs?min_score=2", "min_score"),
                         ("/api/v1/vessels?as_of=nix", "as_of"), ("/api/v1/vessels/1/track?start=2025-01-02&end=2025-01-01", "start"),
                         ("/api/v1/vessels?nix=1", "nix")):
        error = server.json(target, status=400)["error"]
        assert word in error["message"], f"{target}: {error}"


def a_cursor_belongs_to_its_list(server):
    following = server.json("/api/v1/vessels?limit=1")["next"]
    cursor = following.split("cursor=")[1]
    equal("cursor" in server.json(f"/api/v1/events?cursor={cursor}", status=400)["error"]["message"], True, "named")


def formats_are_chosen_by_suffix_or_accept(server):
    whole = server.json("/api/v1/events")["data"]
    status, headers, body = server.ask("/api/v1/events", Accept="application/x-ndjson")
    equal((status, headers["content-type"]), (200, "application/x-ndjson"), "ndjson")
    equal([json.loads(line) for line in body.decode().splitlines()], whole, "ndjson rows")
    status, headers, body = server.ask("/api/v1/events.csv")
    equal((status, headers["content-type"]), (200, "text/csv"), "csv")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    equal([one["event_id"] for one in rows], [one["event_id"] for one in whole], "csv rows")
    equal(float(rows[0]["duration_h"]), whole[0]["duration_h"], "numbers")
    status, headers, body = server.ask("/api/v1/events", Accept="application/geo+json, application/json;q=0.5")
    equal((headers["content-type"], json.loads(body)["type"]), ("application/geo+json", "FeatureCollection"), "geojson")
    equal(server.ask("/api/v1/events", Accept="image/png")[0], 406, "an unknown format")
    equal(server.ask("/api/v1/pairs.geojson")[0], 404, "a format that the route does not have")


def parquet_is_read_by_others(server):
    try:
        import pyarrow.parquet as parquet
    except ImportError as missing:
        raise Skip("pyarrow is not installed") from missing
    for target in ("/api/v1/events", "/api/v1/vessels/222000222/history", "/api/v1/vessels/9/history"):
        status, headers, body = server.ask(target, Accept="application/vnd.apache.parquet")
        equal((status, headers["content-type"]), (200, "application/vnd.apache.parquet"), target)
        rows = parquet.read_table(io.BytesIO(body)).to_pylist()
        expected = server.json(target)
        expected = expected.get("data", expected.get("history"))
        equal(len(rows), len(expected), target)
        for one, other in zip(rows, expected):
            equal({k: v for k, v in one.items() if isinstance(v, (str, float, bool))},
                  {k: v for k, v in other.items() if isinstance(one[k], (str, float, bool))}, target)


def bodies_are_compressed_when_asked(server):
    import gzip
    target = "/api/v1/vessels/222000222/track"
    plain = server.ask(target)
    status, headers, body = server.ask(target, Accept_Encoding="gzip, deflate")
    equal((status, headers["content-encoding"]), (200, "gzip"), "gzip")
    equal(gzip.decompress(body), plain[2], "gzip body")
    status, headers, body = server.ask(target, Accept_Encoding="gzip, zstd")
    equal(headers["content-encoding"], "zstd", "zstd")
    assert len(body) < len(plain[2]), "not smaller"
    assert headers["etag"] != plain[1]["etag"], "encodings have ETags of their own"


def head_has_headers_only_and_options_tells_methods(server):
    for target in ("/", "/api/v1/vessels/current", "/api/v1/events.csv"):
        get, head = server.ask(target), server.ask(target, method="HEAD")
        equal((head[0], head[1]["content-type"], head[2]), (200, get[1]["content-type"], b""), target)
    status, headers, body = server.ask("/api/v1/events", method="OPTIONS")
    equal((status, headers["allow"], body), (204, "GET, HEAD, OPTIONS", b""), "options")
    for method in ("POST", "PUT", "DELETE", "PATCH", "NIX"):
        equal(server.ask("/api/v1/events", method=method)[0], 405, method)


def the_openapi_document_lists_every_route(server):
    document = server.json("/openapi.json")
    equal(document["openapi"], "3.1.0", "version")
    assert "/api/v1/vessels/{mmsi}/history" in document["paths"], sorted(document["paths"])
    for path, item in document["paths"].items():
        (operation,) = item.values()
        names = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        equal({part[1:-1] for part in path.split("/") if part.startswith("{")}, names, path)


def documentation_pages_ask_nothing_outside(server):
    for target in ("/docs", "/redoc"):
        status, headers, body = server.ask(target)
        equal((status, headers["content-type"]), (200, "text/html; charset=utf-8"), target)
        assert b"http://" not in body and b"https://" not in body, "an outside address"
        assert "default-src 'self'" in headers["content-security-policy"], headers


def health_and_metrics(server):
    equal(server.json("/health/live"), {"status": "live"}, "live")
    equal(server.json("/health/ready"), {"status": "ready"}, "ready")
    status, headers, body = server.ask("/metrics")
    text = body.decode()
    equal((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"), "metrics")
    for line in ('seine_http_requests_total{route="vessels_current",status="200"}', "seine_http_request_duration_seconds_bucket",
                 "seine_cache_hits_total", "seine_lake_lag_seconds", "seine_lake_rows_rejected", "seine_lake_watermark_seconds"):
        assert line in text, f"{line} is missing"
    # The clock of the tests stands at the begin of 2026, the data end at 2025-01-04.
    assert f"seine_lake_lag_seconds {362 * 86400}" in text, [line for line in text.splitlines() if "lag" in line]


TESTS = [value for name, value in list(globals().items()) if callable(value) and getattr(value, "__module__", "") == "__main__"
         and name != "keys"]


if __name__ == "__main__":
    with serving(made_once(), "--rate", "0") as server:
        main(TESTS, shared(server))
