#!/usr/bin/env python3
"""Events of fishing in a lake: one load, days, any order and late messages end in the same table, that of the oracle.

Environment: SEINE_BIN.
"""
import csv
import gzip
import hashlib
import io
import json
import random
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL, ROOT, equal, refused, run, seine, shared_file, sql, write_csv
from harness.tap import main

ORACLE = ROOT / "tests" / "data" / "oracles" / "fishing_events"
EVENTS = "events.ais_scored_fishing"
COLUMNS = ("seg_id", "ssvid", "timestamp", "lat", "lon", "speed_knots", "meters_to_prev", "implied_speed_knots", "hours", "score")


def read(name):
    return list(csv.DictReader(io.StringIO(gzip.decompress((ORACLE / name).read_bytes()).decode())))


def days_of(rows):
    days = {}
    for row in rows:
        days.setdefault(row["timestamp"][:10], []).append(row)
    return sorted(days.items())


def lake(folder, name="lake"):
    seine(folder, "init", "--quiet", "--buckets", 4, name)


def refresh(folder, *options, lake="lake"):
    """@return the report of the job of fishing."""
    report = json.loads(seine(folder, "refresh", "--lake", lake, "--json", *options))
    (job,) = [job for job in report["jobs"] if job["job"].startswith("ais_scored_fishing")]
    return job


def take(folder, name, rows, *options, lake="lake"):
    """Ingests rows as a file of that name, and makes what is of fishing. @return the report of the job."""
    write_csv(folder / name, rows)
    seine(folder, "ingest", "--quiet", "--lake", lake, "--dataset", "ais_scored", *options, name)
    return refresh(folder, "fishing", lake=lake)


def table(folder, name=EVENTS, lake="lake"):
    columns = "* EXCLUDE (version)" if name.startswith("events.") else "*"
    return sql(folder, f"SELECT {columns} FROM {name} ORDER BY seg_id, start_ts", lake=lake)


def whole(folder, lake="lake"):
    equal(json.loads(seine(folder, "verify", "--deep", "--json", "--lake", lake))["findings"], [], "verify --deep")


def stamp(text):
    return text.replace("T", " ").removesuffix("Z")


def is_near(a, b):
    return a is None if b == "" else abs(a - float(b)) <= 1e-9 * max(1, abs(a))


# ---- the oracle ----

def one_load_equals_the_oracle(folder):
    """373 candidates, of which the model keeps 247; the box up to the swap that differences.md names."""
    lake(folder)
    equal(take(folder, "all.csv", read("messages.csv.gz"))["new"], 373, "new events")
    found = {(row["seg_id"], stamp(row["start_ts"])): row for row in table(folder)}
    kept = {row["event_id"]: row for row in table(folder, "gold.ais_scored_fishing_events")}
    equal((len(found), len(kept)), (373, 247), "events")
    for wanted in read("expected_stage3_full_load.csv.gz"):
        row = found[wanted["seg_id"], wanted["event_start"]]
        equal((stamp(row["end_ts"]), row["ssvid"], row["message_count"], row["chain"]),
              (wanted["event_end"], wanted["ssvid"], int(wanted["message_count"]), "nnet"), wanted)
        for name, other in (("lat_min", "lat_min"), ("lat_max", "lat_max"), ("lat_mean", "lat_mean_vec"), ("lon_mean", "lon_mean_vec"),
                            ("avg_speed", "avg_speed_knots"), ("avg_implied_speed", "avg_implied_speed_knots"),
                            ("avg_step_m", "avg_meters_to_prev"), ("distance_m", "event_distance_m"), ("avg_step_h", "avg_hours")):
            assert is_near(row[name], wanted[other]), (name, row, wanted)
        box = sorted((float(wanted["lon_min"]), float(wanted["lon_max"])))
        assert all(abs(a - b) < 1e-9 for a, b in zip(sorted((row["lon_min"], row["lon_max"])), box)), (row, wanted)
        flags = ("ok_duration", "ok_count", "ok_speed", "ok_distance_nnet")
        equal(row["event_id"] in kept, all(wanted[flag] == "true" for flag in flags), f"whether {wanted} is kept")
        text = f"fishing|{row['ssvid']}|{wanted['event_start']}+00|{wanted['event_end']}+00"
        equal(row["fishing_id"], hashlib.md5(text.encode()).hexdigest(), "id of pipe-events")
    equal(len({row["event_id"] for row in found.values()}), 373, "different ids")
    messages = {(row["seg_id"], row["event_start"], row["event_end"]) for row in read("expected_stage2_full_load.csv.gz")}
    equal({(seg_id, start, stamp(row["end_ts"])) for (seg_id, start), row in found.items()}, messages, "stage 2")
    whole(folder)


def days_any_order_and_days_done_again_are_one_load(folder):
    rows = read("messages.csv.gz")
    days = days_of(rows)
    lake(folder, "once")
    take(folder, "all.csv", rows, lake="once")
    wanted = table(folder, lake="once")
    kept = table(folder, "gold.ais_scored_fishing_events", lake="once")
    pieces = [(f"{day}.{part}.csv", messages[part::2]) for day, messages in days for part in range(2)]
    random.Random(5).shuffle(pieces)
    for name, files in (("daily", [(f"{day}.csv", messages) for day, messages in days]), ("shuffled", pieces)):
        lake(folder, name)
        for file, messages in files:
            take(folder, file, messages, lake=name)
        equal(table(folder, lake=name), wanted, name)
        equal(table(folder, "gold.ais_scored_fishing_events", lake=name), kept, f"gold, {name}")
        whole(folder, lake=name)
    for day, messages in days[-2:]:
        take(folder, f"{day}.csv", [{**row, "score": 1 - float(row["score"] or 0)} for row in messages], "--replace", lake="daily")
    assert table(folder, lake="daily") != wanted
    for day, messages in days[-2:]:
        take(folder, f"{day}.csv", messages, "--replace", lake="daily")
    equal(table(folder, lake="daily"), wanted, "the last days done again")
    whole(folder, lake="daily")


def a_late_message_changes_the_events_around_it_only(folder):
    rows = read("messages.csv.gz")
    late = next(i for i, row in enumerate(rows) if row["seg_id"] == "seg04" and row["timestamp"] > "2020-01-03 10" and row["score"] == "1.0")
    lake(folder, "once")
    take(folder, "all.csv", rows, lake="once")
    wanted = table(folder, lake="once")
    lake(folder)
    take(folder, "most.csv", rows[:late] + rows[late + 1:])
    assert table(folder) != wanted
    job = take(folder, "late.csv", rows[late:late + 1])
    equal(table(folder), wanted, "events with the late message")
    assert job["movers_fed"] == 1 and job["fixes_fed"] < 800, job
    assert 0 < job["new"] + job["updated"] + job["retracted"] < 6, job
    equal(refresh(folder, "fishing")["stale"], 0, "nothing is left to do")
    whole(folder)


# ---- made up ----

def message(seg_id, hour, **more):
    """Half a degree a day to the east from 178 on, across 180."""
    lon = 178 + hour / 48
    day, rest = divmod(hour, 24)
    return {"seg_id": seg_id, "ssvid": "7", "timestamp": f"2024-{1 + day // 28:02.0f}-{1 + day % 28:02.0f}T{int(rest):02}:{rest % 1 * 60:02.0f}:00Z",
            "lat": 1, "lon": round(lon - 360 if lon > 180 else lon, 6), "speed_knots": 3, "nnet_score": 1, "night_loitering": "", **more}


def an_open_event_grows_and_is_closed_under_its_id(folder):
    """Also one that crosses 180 degrees; each day is a version of it, and each is in the log."""
    lake(folder)
    for day in range(10):
        job = take(folder, f"{day}.csv", [message("a" * 64, 24 * day + half / 2) for half in range(48)])
        equal((job["new"], job["updated"], job["retracted"]), (int(day == 0), int(day > 0), 0), f"day {day}")
        equal((job["fixes_fed"], job["fixes_read"]), (48, 48), f"day {day} alone is read")
    (event,) = table(folder)
    equal((event["is_closed"], event["produced_day"], event["message_count"], event["ssvid"]), (False, None, 480, "7"), "open")
    assert abs(event["lon_min"] - 178) < 1e-9 and -178 < event["lon_max"] < -177, event
    sizes = sql(folder, "SELECT DISTINCT octet_length(state) AS n FROM state.ais_scored_fishing WHERE day > '2024-01-02'")
    assert max(row["n"] for row in sizes) - min(row["n"] for row in sizes) < 16, sizes
    take(folder, "end.csv", [message("a" * 64, 240 + half / 2, nnet_score=0) for half in range(8)])
    (closed,) = table(folder)
    equal((closed["is_closed"], closed["produced_day"], closed["event_id"], closed["end_ts"]),
          (True, "2024-01-11", event["event_id"], event["end_ts"]), "closed")
    log = sql(folder, f"SELECT op, version, event_id, is_closed FROM {EVENTS}_history ORDER BY version")
    equal([row["op"] for row in log], ["new"] + 10 * ["update"], "operations")
    assert len({row["version"] for row in log}) == 11 and {row["event_id"] for row in log} == {event["event_id"]}, log
    equal([row["is_closed"] for row in log], 10 * [False] + [True], "closed at last")
    whole(folder)


def both_chains_are_candidates_and_what_is_missing_is_computed(folder):
    lake(folder)
    rows = [message("s", minute / 12, nnet_score="", night_loitering=1) for minute in range(12)]
    rows += [message("n", minute / 12, nnet_score=1, night_loitering=1) for minute in range(12)]
    take(folder, "night.csv", rows)
    found = table(folder)
    equal(sorted((row["seg_id"], row["chain"]) for row in found), [("n", "night"), ("n", "nnet"), ("s", "night")], "chains")
    assert all(row["distance_m"] > 500 and row["avg_implied_speed"] > 0 for row in found), found
    equal([row["seg_id"] for row in table(folder, "gold.ais_scored_fishing_events")], ["n"], "kept")
    refresh(folder, "fishing", "--set", "fishing_min_messages=12")
    equal(table(folder, "gold.ais_scored_fishing_events"), [], "with another limit")
    whole(folder)


def limits_of_hours_are_no_overflow(folder):
    """A setting is a number of 32 bits where it stands; and what waits for the events waits in the graph, too."""
    hours = [half / 2 for half in range(9)]
    lake(folder)
    rows = [message("a", hour, score=1, lon=hour / 50) for hour in hours]
    take(folder, "a.csv", rows)
    wanted = [{"n": 1}]
    for options in ([], ["--set", "fishing_min_duration_s=3600", "--set", "tile_minutes=60"]):
        report = json.loads(seine(folder, "refresh", "--lake", "lake", "--json", *options))
        equal([model["table"] for model in report["models"] if model["failed"]], [], str(options))
        equal(sql(folder, "SELECT count(*) AS n FROM gold.ais_scored_fishing_events"), wanted, str(options))
    for hour, roles in ((2, ["within"]), (30, [])):
        take(folder, f"{hour}.csv", [message("a", hour, lon=0.08 if hour == 2 else 9, nnet_score=0 if hour == 30 else 1)], "--replace")
        traced = json.loads(seine(folder, "trace", "--lake", "lake", "--dataset", "ais_scored", "--id", "a", "--ts", message("a", hour)["timestamp"], "--json"))
        found = [row["role"] for row in traced["derived"] if row["table"] == "gold.ais_scored_fishing_events"]
        equal(found, roles, f"events that the position of hour {hour} lies in")
    write_csv(folder / "b.csv", [message("b", hour, score=1, lon=hour / 50) for hour in hours])
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "ais_scored", "b.csv")
    stale = {node["table"] for node in json.loads(seine(folder, "graph", "--lake", "lake", "--json"))["tables"] if node["stale"]}
    assert {EVENTS, "gold.ais_scored_fishing_events"} <= stale, stale


def a_dataset_of_ones_own_may_have_events_of_fishing(folder):
    text = ("name: own\noutputs: fishing\nid: {name: vessel, names: [boat]}\ntime: {names: [t], format: unix_s}\n"
            "position: {required: false, lat: {}, lon: {}}\nmeasures: {speed: {unit: kn}}\n"
            "columns: {night_loitering: {type: boolean, words: {y: true, n: false}}}\n")
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    write_csv(folder / "own.csv", [{"boat": "b", "t": 1_700_000_000 + 300 * i + 5400 * (i > 5), "lat": "" if i == 3 else 50, "lon": "" if i == 3 else i / 100,
                                "speed": 2, "night_loitering": "n" if i > 8 else "y"} for i in range(12)])
    lake(folder)
    seine(folder, "ingest", "--lake", "lake", "--dataset", "own.yaml", "own.csv")
    seine(folder, "refresh", "--lake", "lake")
    (event,) = sql(folder, "SELECT * FROM events.own_fishing")
    equal((event["vessel"], event["ssvid"], event["chain"], event["message_count"], event["is_closed"]), ("b", "b", "night", 8, False), "event")
    whole(folder)
    (folder / "own.yaml").write_text(text + "fishing_gap_hours: 1\n", encoding="utf-8")
    write_csv(folder / "more.csv", [{"boat": "c", "t": 1_700_000_000, "lat": 1, "lon": 1, "speed": 2, "night_loitering": "n"}])
    seine(folder, "ingest", "--lake", "lake", "--dataset", "own.yaml", "more.csv")
    seine(folder, "refresh", "--lake", "lake")
    equal(sql(folder, "SELECT message_count FROM events.own_fishing ORDER BY start_ts"), [{"message_count": 5}, {"message_count": 3}],
          "the silence of an hour and a half ends the first")
    causes = sql(folder, "SELECT DISTINCT version, cause FROM events.own_fishing_history ORDER BY version")
    equal([row["cause"] for row in causes], ["fixes", "parameters"], "causes")
    whole(folder)
    (folder / "own.yaml").write_text(text.replace("night_loitering", "nights").replace("name: own", "name: other"), encoding="utf-8")
    done = run(folder, "dataset", "check", "own.yaml")
    assert done.returncode != 0 and "own.yaml line 2: outputs: fishing needs a score" in done.stderr, done.stderr


# ---- by rules ----

SHIPS = "events.ais_fishing"


def found_by_rules(folder, *files):
    """Candidates of `detect fishing`, by ship and start."""
    inputs = [word for file in files for word in ("-i", file)]
    lines = seine(folder, "detect", "fishing", "--dataset", "ais", "--score", "rules", "--explain", "--quiet", *inputs).splitlines()
    rows = sorted((json.loads(line) for line in lines), key=lambda row: (row["mmsi"], row["event_start"]))
    return [(row["mmsi"], row["event_start"], row["event_end"], row["message_count"], row["event_distance_m"], row["avg_speed_knots"], row["is_kept"]) for row in rows]


def ships(folder, name="lake"):
    """The same of a lake."""
    rows = sql(folder, f"SELECT e.*, k.event_id IS NOT NULL AS is_kept FROM {SHIPS} AS e LEFT JOIN gold.ais_fishing_events AS k USING (event_id) ORDER BY e.mmsi, e.start_ts", lake=name)
    equal({row["score_source"] for row in rows}, {"rules"}, "where scores come from")
    return [(row["mmsi"], row["start_ts"], row["end_ts"], row["message_count"], row["distance_m"], row["avg_speed"], row["is_kept"]) for row in rows]


def take_ships(folder, *files, name="lake", options=()):
    """Options may end in what alone is made. @return the reports of the job, which may not be."""
    seine(folder, "ingest", "--quiet", "--lake", name, *files)
    report = json.loads(seine(folder, "refresh", "--lake", name, "--json", *options))
    return [job for job in report["jobs"] if job["job"] == "ais_fishing"]


def ships_fish_by_rules_where_a_lake_is_told_so(folder):
    """Days of ships, of which some fish: candidates and those that count are those of `detect`, day by day, too; until it is told not to."""
    seine(folder, "generate", "ais", "--quiet", "--out", "days", "--days", 2, "--vessels", 30, "--interval", 300, "--seed", 11)
    days = sorted((folder / "days").glob("*.csv.zst"))
    lake(folder)
    equal(take_ships(folder, *days), [], "nobody asked for it")
    (job,) = take_ships(folder, options=("--fishing", "rules"))
    wanted = found_by_rules(folder, *days)
    assert sum(row[-1] for row in wanted) > 5, wanted
    equal((job["new"], ships(folder)), (len(wanted), wanted), "at once")
    equal(take_ships(folder)[0]["stale"], 0, "kept, and nothing is left to do")
    assert "gaps hours movers map enriched fishing segments (fishing by rules)" in seine(folder, "dataset", "show", "ais", "--lake", "lake"), "what the lake makes"
    assert "fishing" not in seine(folder, "dataset", "show", "ais"), "what the program makes"
    seine(folder, "copy", "lake", "copied")
    copied = json.loads(seine(folder, "refresh", "--lake", "copied", "--json"))
    equal((sum(job["stale"] for job in copied["jobs"]), [model["table"] for model in copied["models"] if model["run"]]), (0, []), "a copy is up to date")
    whole(folder)
    lake(folder, "daily")
    for day in reversed(days):
        take_ships(folder, day, name="daily", options=("--fishing", "rules"))
    equal(ships(folder, "daily"), wanted, "the later day first")
    whole(folder, "daily")
    refused(folder, 2, "--fishing all: rules or none", "refresh", "--lake", "lake", "--fishing", "all")
    equal(take_ships(folder, options=("--fishing", "none")), [], "no longer")
    equal(take_ships(folder), [], "kept, too")
    whole(folder)


def real_ships_fish_by_rules_as_files_say(folder):
    """Four days of a receiver."""
    days = sorted(shared_file("data", "noaa_days").iterdir())
    lake(folder)
    (job,) = take_ships(folder, *days, options=("--fishing", "rules", "fishing"))
    wanted = found_by_rules(folder, *days)
    equal((job["new"], ships(folder)), (len(wanted), wanted), "events")
    assert len(wanted) > 400


def a_dataset_of_ones_own_may_fish_by_rules(folder):
    """The class of a boat says at which speed it fishes; scores that came along are not looked at."""
    text = ("name: own\noutputs: fishing\nfishing_score: rules\nid: {name: boat}\ntime: {names: [t], format: unix_s}\nposition: {lat: {}, lon: {}}\n"
            "measures: {speed: {unit: kn}}\ncolumns: {geartype: {}, nnet_score: {type: int}}\n")
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    write_csv(folder / "own.csv", [{"boat": boat, "t": 1_700_000_000 + 300 * i, "lat": 50, "lon": round(i / 100, 2), "speed": 1.5, "geartype": gear, "nnet_score": 0}
                                   for boat, gear in (("jig", "squid_jigger"), ("long", "drifting_longlines"), ("net", "set_gillnets")) for i in range(9)])
    lake(folder)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "own.yaml", "own.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(sql(folder, "SELECT boat, chain, message_count, score_source FROM events.own_fishing ORDER BY ALL"),
          [{"boat": boat, "chain": "nnet", "message_count": 9, "score_source": "rules"} for boat in ("jig", "net")], "events")
    whole(folder)
    (folder / "own.yaml").write_text(text.replace("rules", "given"), encoding="utf-8")
    write_csv(folder / "more.csv", [{"boat": "more", "t": 1_700_000_000, "lat": 1, "lon": 1, "speed": 2, "geartype": "", "nnet_score": 1}])
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "own.yaml", "more.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(sql(folder, "SELECT boat, score_source FROM events.own_fishing"), [{"boat": "more", "score_source": None}], "by the scores that came")
    whole(folder)


# ---- classes of ref.vessels ----

HISTORY = "events.ais_fishing_history"
GEARS = {"trawlers": "trawl", "dredge_fishing": "trawl", "set_longlines": "longline", "squid_jigger": "jig", "set_gillnets": "other",
         "pole_and_line": "other", "cargo": "none", "tug": "none"}


def told(vessels, mover, year):
    """The gear of an id: of the row that is its own, else of those that transmit it, if they agree; None where nothing is told."""
    of_year = [row for row in vessels if row["year"] == year and row["geartype"] in GEARS]
    own = {GEARS[row["geartype"]] for row in of_year if row["vessel_id"] == mover}
    gears = own or {GEARS[row["geartype"]] for row in of_year if row["ssvid"] == mover}
    return next(iter(gears)) if len(gears) == 1 else None


def straight_ways(movers):
    """Over the turn of a year, some only in one of both: each at one speed, straight on, so that only a class makes them fish."""
    rows = {"2023-12-31": [], "2024-01-01": []}
    for n, mover in enumerate(movers):
        for day in list(rows)[n % 3 == 2:][:2 - (n % 3 == 1)]:
            for minute in range(6 * 60 * (day < "2024"), 24 * 60, 10):
                rows[day].append({"MMSI": mover, "BaseDateTime": f"{day}T{minute // 60:02}:{minute % 60:02}:00", "LAT": 10 + n,
                                  "LON": round(20 + (minute + 1440 * (day > "2024")) / 1000, 3), "SOG": (1.5, 2.7, 3.5, 5.5)[n % 4], "COG": 90})
    return rows


def load_vessels(folder, vessels, name="lake"):
    write_csv(folder / "vessels.csv", vessels)
    seine(folder, "ref", "load", "--quiet", "--lake", name, "vessels", "vessels.csv", "--replace")


def change_vessels(rnd, vessels, movers):
    """A row comes, goes, or tells another class, year or id."""
    row = {"vessel_id": rnd.choice([*movers, *(f"v{n}" for n in range(4))]), "ssvid": rnd.choice(["", rnd.choice(movers)]),
           "year": rnd.choice((2022, 2023, 2023, 2024, 2024)), "geartype": rnd.choice([*GEARS, "", "unheard_of"])}
    kept = [old for old in vessels if (old["vessel_id"], old["year"]) != (row["vessel_id"], row["year"])]
    if kept and rnd.random() < 0.3:
        kept.remove(rnd.choice(kept))
    return kept + [row] if rnd.random() < 0.8 or not kept else kept


def a_class_of_ref_vessels_is_news_to_its_vessel_alone(folder):
    """Whatever changes in the table: exactly the ids that it tells something else of are fed, the log says why, and the events
    are those of a lake that never knew it otherwise."""
    rnd = random.Random(9)
    movers = [str(366000000 + n * 37) for n in range(8)]
    rows, vessels, seen = straight_ways(movers), [], 0
    years = {mover: {int(row["BaseDateTime"][:4]) for day in rows.values() for row in day if row["MMSI"] == mover} for mover in movers}
    files = [f"AIS_{day.replace('-', '_')}.csv" for day in rows]
    for file, day in zip(files, rows.values()):
        write_csv(folder / file, day)
    lake(folder)
    equal(take_ships(folder, *files, options=("--fishing", "rules", "fishing"))[0]["new"], 0, "nobody who goes straight on, of whom nothing is told")
    for step in range(40 if FULL else 16):
        first = [{"vessel_id": movers[0], "ssvid": "", "year": year, "geartype": "set_gillnets"} for year in (2023, 2024)]
        before, vessels = vessels, first[:step + 1] if step < 2 else change_vessels(rnd, vessels, movers)
        load_vessels(folder, vessels or [{"vessel_id": "nobody", "ssvid": "", "year": 2023, "geartype": ""}])
        (job,) = take_ships(folder, options=["fishing"])
        changed = [mover for mover in movers if any(told(before, mover, year) != told(vessels, mover, year) for year in years[mover])]
        equal(job["movers_fed"], len(changed), f"step {step}: fed for {vessels}")
        log = sql(folder, f"SELECT mmsi, op, cause FROM {HISTORY} ORDER BY version, event_id")[seen:]
        equal(len(log), job["new"] + job["updated"] + job["retracted"], "rows of the log")
        equal({(row["mmsi"] in changed, row["cause"]) for row in log} - {(True, "ref.vessels")}, set(), f"step {step}: why")
        seen += len(log)
        if step % 5 == 3:
            other = f"other{step}"
            lake(folder, other)
            load_vessels(folder, vessels, other)
            take_ships(folder, *files, name=other, options=("--fishing", "rules", "fishing"))
            columns = f"SELECT * EXCLUDE (version) FROM {SHIPS} ORDER BY event_id"
            equal(sql(folder, columns), sql(folder, columns, lake=other), f"step {step}: events of a lake that never knew it otherwise")
    equal([row["op"] for row in sql(folder, f"SELECT DISTINCT op FROM {HISTORY} ORDER BY op")], ["new", "retract", "update"], "all that can happen")
    whole(folder)


def the_log_tells_fixes_references_and_time_apart(folder):
    """And a class that ends with the day that it is told of: later ones are another word of it."""
    trawl = [{"vessel_id": "366000001", "year": 2024, "geartype": "trawlers"}]
    ways = straight_ways(["366000001", "366000002", "366000003"])["2024-01-01"]
    write_csv(folder / "AIS_2024_01_01.csv", [{**row, "MMSI": "366000001", "SOG": 3} for row in ways if row["MMSI"] == "366000001"])
    lake(folder)
    load_vessels(folder, trawl)
    causes = []

    def note(*files, options=["fishing"]):
        take_ships(folder, *files, options=options)
        found = sql(folder, f"SELECT op, is_closed, cause FROM {HISTORY} ORDER BY version")
        causes.append([tuple(row.values()) for row in found[sum(map(len, causes)):]])
    note("AIS_2024_01_01.csv", options=("--fishing", "rules", "fishing"))
    late = {**ways[0], "MMSI": "366000001", "SOG": 3}
    write_csv(folder / "late.csv", [{**late, "BaseDateTime": "2024-01-01T23:59:00", "LON": 22.88}])
    note("late.csv")
    write_csv(folder / "AIS_2024_01_02.csv", [{**late, "MMSI": "366000004", "BaseDateTime": "2024-01-02T12:00:00"}])
    note("AIS_2024_01_02.csv")
    load_vessels(folder, [{**trawl[0], "geartype": "cargo"}])
    note()
    load_vessels(folder, trawl)
    write_csv(folder / "later.csv", [{**late, "BaseDateTime": "2024-01-01T23:59:30", "LON": 22.881}])
    note("later.csv")
    equal(causes, [[("new", False, "fixes")], [("update", False, "fixes")], [("update", True, "watermark")], [("retract", True, "ref.vessels")],
                   [("new", True, "fixes, ref.vessels")]], "causes")
    whole(folder)


if __name__ == "__main__":
    main([one_load_equals_the_oracle, days_any_order_and_days_done_again_are_one_load, a_late_message_changes_the_events_around_it_only,
          an_open_event_grows_and_is_closed_under_its_id, both_chains_are_candidates_and_what_is_missing_is_computed,
          limits_of_hours_are_no_overflow, a_dataset_of_ones_own_may_have_events_of_fishing, ships_fish_by_rules_where_a_lake_is_told_so,
          real_ships_fish_by_rules_as_files_say, a_dataset_of_ones_own_may_fish_by_rules, a_class_of_ref_vessels_is_news_to_its_vessel_alone,
          the_log_tells_fixes_references_and_time_apart])
