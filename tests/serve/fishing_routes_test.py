#!/usr/bin/env python3
"""Published events of fishing over HTTP: chosen by mover, vessel, time, place and state, page by page.

Environment: SEINE_BIN.
"""
import functools
import json
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.fishing import run_of
from harness.program import equal, seine, sql, write_csv
from harness.server import serving
from harness.tap import main, program_folder

ROUTE = "/api/v1/movers/ais_scored/fishing-events"
# Three ships, the second of which crosses 180 degrees; the last event of the lake is open.
MESSAGES = (run_of("a") + run_of("a", "2020-06-03T00:00:00") +
            run_of("b", "2020-06-02T00:00:00", lat=-40, lon=179.97, ssvid="200") +
            run_of("c", "2020-06-05T12:00:00", lat=60, lon=-20, ssvid="300"))


@functools.cache
def made_once():
    folder = program_folder()
    seine(folder, "init", "--quiet", "--buckets", 2, "lake")
    write_csv(folder / "messages.csv", MESSAGES)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "ais_scored", "messages.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    return folder


def look_at(folder):
    Path(folder, "lake").symlink_to(made_once() / "lake")


def events_are_those_of_the_table(folder):
    look_at(folder)
    names = {"id": "seg_id", "start": "event_start", "end": "event_end", "latitude": "lat_mean", "longitude": "lon_mean"}
    rows = sql(folder, "SELECT * FROM events.ais_scored_fishing_events ORDER BY event_start DESC, candidate_id")
    equal([row["seg_id"] for row in rows], ["c", "a", "b", "a"], "events")
    with serving(folder) as server:
        told = server.json(ROUTE)
        equal((told["count"], told["next"]), (4, None))
        equal(told["data"], [{name: row[names.get(name, name)] for name in told["data"][0]} for row in rows], "rows")
        equal(json.loads(told["data"][0]["event_info"])["message_count"], 7, "JSON of the event")
        (feature, *_) = server.json(ROUTE + ".geojson?id=c")["features"]
        equal(feature["geometry"]["coordinates"], [rows[0]["lon_mean"], rows[0]["lat_mean"]], "place")
        document = server.json("/openapi.json")["paths"]["/api/v1/movers/{dataset}/fishing-events"]["get"]
        equal({one["name"] for one in document["parameters"]},
              {"dataset", "start", "end", "bbox", "id", "vessel", "risk", "open", "limit", "cursor", "as_of"}, "parameters")


def they_are_chosen(folder):
    look_at(folder)
    with serving(folder, "--rate", "0") as server:
        for query, wanted in (("id=a", "aa"), ("id=x", ""), ("vessel=200", "b"), ("vessel=b", ""), ("open=true", "c"), ("open=false", "aba"),
                              ("risk=true", ""), ("risk=false", "caba"),
                              # the first event of a lasts from 0:00 to 0:30, and both are moments of it
                              ("end=2020-06-01T00:00:00Z", ""), ("end=2020-06-01T00:00:01Z", "a"), ("start=2020-06-01T00:30:00Z", "caba"),
                              ("start=2020-06-01T00:30:01Z", "cab"), ("start=2020-06-02T00:10:00Z&end=2020-06-02T00:11:00Z", "b"),
                              # boxes that hold an event, lie in one, touch it, and do not meet any
                              ("bbox=9,0,11,2", "aa"), ("bbox=10.02,0.9,10.03,1.1", "aa"), ("bbox=10.06,1,12,2", "aa"), ("bbox=10.07,1,12,2", ""),
                              ("bbox=9,1.1,11,2", ""), ("bbox=-25,0,15,90", "caa"), ("bbox=-180,-90,180,90", "caba"),
                              # of the one across 180 degrees both sides, and boxes that cross there, too
                              ("bbox=179.98,-41,179.99,-39", "b"), ("bbox=-179.99,-41,-170,-39", "b"), ("bbox=-179.9,-41,-170,-39", ""),
                              ("bbox=179,-41,-179,-39", "b"), ("bbox=170,-41,179.9,-39", ""), ("bbox=179.9,-41,-179.995,-39", "b")):
            equal("".join(row["id"] for row in server.json(f"{ROUTE}?{query}")["data"]), wanted, query)


def what_is_not_there_is_said(folder):
    look_at(folder)
    with serving(folder) as server:
        for dataset, message in (("ais", "the description of ais leaves events.ais_fishing_events out"),
                                 ("whales", "the lake has no dataset whales")):
            equal(server.json(ROUTE.replace("ais_scored", dataset), 404)["error"]["message"], message, dataset)
        assert "risk" in server.json(ROUTE + "?risk=perhaps", 400)["error"]["message"]


if __name__ == "__main__":
    main([events_are_those_of_the_table, they_are_chosen, what_is_not_there_is_said])
