"""Generated weather and port events: the same seed gives the same bytes, and they fit the fleet of `generate ais`."""
import csv
import io
import json
import math
import sys
from datetime import datetime

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, refused, seine, sql
from harness.tap import main

DAYS = ("--days", 2)
CALL = ["PORT_ENTRY", "PORT_STOP_BEGIN", "PORT_STOP_END", "PORT_EXIT"]


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def km(a, b):
    x = (a[1] - b[1]) * math.cos(math.radians(a[0])) * 111.2
    return math.hypot(x, (a[0] - b[0]) * 111.2)


def test_the_same_seed_gives_the_same_bytes(folder):
    for kind in ("weather", "port-events"):
        one = seine(folder, "generate", kind, *DAYS, "--threads", 1)
        equal(seine(folder, "generate", kind, *DAYS, "--threads", 5) == one, True, kind)
        equal(seine(folder, "generate", kind, *DAYS, "--seed", 2) == one, False, kind)
        told = json.loads(seine(folder, "generate", kind, *DAYS, "-o", "a.csv.gz", "--json"))
        lines = [json.loads(line) for line in one.splitlines()]
        equal(told, {"rows": len(lines)})
        text = rows(seine(folder, "generate", kind, *DAYS, "--format", "csv"))
        equal([[str(value) for value in line.values()] for line in lines] ==
              [[str(float(v)) if name in ("temperature", "wind_speed", "latitude", "longitude") else v
                for name, v in row.items()] for row in text], True, kind)
        times = [line["timestamp"] for line in lines]
        equal(times, sorted(times), "times")
        equal((times[0][:10], times[-1][:10]), ("2025-01-01", "2025-01-02"))


def test_weather_is_loaded_without_a_refusal(folder):
    seine(folder, "generate", "weather", *DAYS, "--interval", 21600, "-o", "weather.csv", "--quiet")
    found = rows((folder / "weather.csv").read_text())
    cells = {(row["lat_grid"], row["lon_grid"]) for row in found}
    equal(len(found), len(cells) * 8, "each cell at each time")
    assert len(cells) > 500 and all(-60 < float(row["temperature"]) < 50 and float(row["wind_speed"]) >= 0 for row in found)
    seine(folder, "init", "lake", "--quiet")
    told = json.loads(seine(folder, "ref", "load", "--lake", "lake", "weather", "weather.csv", "--json"))
    equal((told["refused"], told["total"]), (0, len(found)))


def test_calls_are_those_of_the_fleet(folder):
    """A vessel's calls are whole and in order; its positions between the stops are at the port, and it lies still."""
    fleet = ("--days", 2, "--vessels", 60, "--interval", 600)
    events = rows(seine(folder, "generate", "port-events", *fleet, "--format", "csv"))
    seine(folder, "generate", "ais", *fleet, "--out", "days", "--quiet")
    seine(folder, "init", "lake", "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "days")
    fixes = {}
    for row in sql(folder, "SELECT mmsi, epoch(ts) AS t, lat, lon, sog FROM silver.ais ORDER BY ts"):
        fixes.setdefault(row["mmsi"], []).append(row)
    shared = {mmsi for mmsi, *_ in (row.values() for row in sql(folder, "SELECT mmsi FROM silver.ais GROUP BY 1 HAVING "
                                                                        "count(DISTINCT name) > 1"))}
    seen = 0
    for mmsi in {row["mmsi"] for row in events} - shared:
        calls = [row for row in events if row["mmsi"] == mmsi]
        kinds = [row["event_type"] for row in calls]
        first = CALL.index(kinds[0])
        equal(kinds, [CALL[(first + i) % 4] for i in range(len(kinds))], f"calls of {mmsi}")
        for begin, end in zip(calls, calls[1:]):
            if begin["event_type"] != "PORT_STOP_BEGIN":
                continue
            from_s, to_s = (datetime.fromisoformat(row["timestamp"] + "+00:00").timestamp() for row in (begin, end))
            for fix in fixes[mmsi]:
                if from_s < fix["t"] < to_s:
                    seen += 1
                    equal(begin["port_name"], end["port_name"])
                    away = km((float(begin["latitude"]), float(begin["longitude"])), (fix["lat"], fix["lon"]))
                    assert away < 3 and (fix["sog"] or 0) < 0.5, (begin, fix)
    assert seen > 20, f"{seen} positions in port"


def test_options_out_of_range_are_refused(folder):
    refused(folder, 2, "--interval", "generate", "weather", "--interval", "10")
    refused(folder, 2, "--vessels", "generate", "port-events", "--vessels", "0")
    refused(folder, 2, "is not a date", "generate", "port-events", "--start", "soon")


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")])
