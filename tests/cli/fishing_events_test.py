#!/usr/bin/env python3
"""Events of fishing beside reference tables: which of them count, whose they are, where, and whether they were authorized. An
oracle in this file, which shares no code with the models, follows stages 3 to 5 of pipe-events row by row.

Environment: SEINE_BIN.
"""
import csv
import gzip
import hashlib
import io
import json
import math
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.fishing import run_of
from harness.program import ROOT, equal, seine, sql, write_csv
from harness.tap import main

ORACLE = ROOT / "tests" / "data" / "oracles" / "fishing_events"
CANDIDATES = "events.ais_scored_fishing"
CHOSEN = "gold.ais_scored_fishing_events"
HOLDERS = "gold.ais_scored_fishing_holders"
PUBLISHED = "events.ais_scored_fishing_events"
REGISTRIES = ("ICCAT", "IOTC", "WCPFC", "IATTC", "CCSBT", "SPRFMO", "NPFC")
LAYERS = ("eez", "mpa", "rfmo", "fao", "major_fao", "eez12nm", "high_seas", "mpa_no_take", "mpa_no_take_partial", "duke_paa",
          "protectedseas", "hsp", "fra_gfcm_fao")
REGIONS = "gold.ais_scored_fishing_regions"
# Of what the model reads, in the order of its header: what changes with each reference.
WHY = {"regions": REGIONS, "authorizations": f"{HOLDERS}, ref.authorizations", "distances": "ref.distances",
       **dict.fromkeys(("segments", "segment_vessels", "vessels"), f"{CHOSEN}, {HOLDERS}"),
       None: f"{CHOSEN}, {REGIONS}, {HOLDERS}, ref.authorizations, ref.distances"}
COLUMNS = {"vessels": "vessel_id,year,ssvid,shipname,flag,shiptype,geartype,registry_geartype,on_fishing_list,is_gear",
           "segments": "seg_id,good_seg,positions,overlapping_and_short", "segment_vessels": "seg_id,vessel_id,last_date",
           "authorizations": "ssvid,rfmo,authorized_from,authorized_to,first_seen,last_seen", "distances": "gridcode,distance_from_shore_m,distance_from_port_m",
           "regions": "layer,id,west,south,east,north"}


# ---- files ----

def load(folder, kind, rows):
    """Loads these rows as the whole table."""
    if kind == "regions":
        write_csv(folder / "regions.csv", [{"layer": row["layer"], "id": row["id"], "wkt": wkt(row)} for row in rows])
    else:
        write_csv(folder / f"{kind}.csv", rows)
    seine(folder, "ref", "load", "--quiet", "--lake", "lake", kind, f"{kind}.csv", "--replace")


def wkt(box):
    west, south, east, north = (box[side] for side in ("west", "south", "east", "north"))
    return f"POLYGON (({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"


def made(kind, *values):
    names = COLUMNS[kind].split(",")
    return dict(zip(names, list(values) + [""] * (len(names) - len(values))))


def lake(folder, messages):
    seine(folder, "init", "--quiet", "--buckets", 2, "lake")
    take(folder, messages)


def take(folder, messages, name="messages.csv"):
    write_csv(folder / name, messages)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "ais_scored", name)


def refresh(folder):
    """@return what each of the models about fishing did: days run."""
    report = json.loads(seine(folder, "refresh", "--lake", "lake", "--json"))
    equal([model for model in report["models"] if model["failed"]], [], "failed")
    return {model["table"]: model["run"] for model in report["models"] if model["run"] and model["table"].split(".ais_scored_")[0] in ("gold", "events")}


def published(folder):
    return {row["candidate_id"]: row for row in sql(folder, f"SELECT * EXCLUDE (version) FROM {PUBLISHED}")}


def check_log(folder, known, before, after, why):
    """@param known rows of the log before. @param why cause of the new ones. @return the log, whose new rows tell how one table became the
    other."""
    log = sql(folder, f"SELECT * EXCLUDE (recorded_at) FROM {PUBLISHED}_history ORDER BY version, candidate_id")
    equal(log[:len(known)], known, "the log is appended to")
    changes = {key: "new" if key not in before else "retract" if key not in after else "update" for key in before | after
               if before.get(key) != after.get(key)}
    told = log[len(known):]
    equal({row["candidate_id"]: row["op"] for row in told}, changes, "operations")
    equal(len(told), len(changes), "one change of an event")
    equal({row["cause"] for row in told} - {why}, set(), "why")
    last = max((row["version"] for row in known), default=0)
    for row in told:
        assert row["version"] > last, (row, last)
        equal({name: value for name, value in row.items() if name not in ("op", "version", "cause")}, after.get(row["candidate_id"], before.get(row["candidate_id"])), "what it was")
    return log


def whole(folder):
    equal(json.loads(seine(folder, "verify", "--deep", "--json", "--lake", "lake"))["findings"], [], "verify --deep")


# ---- the oracle ----

def time_of(text):
    return datetime.fromisoformat(text.replace(" ", "T").removesuffix("Z"))


def stamp(text):
    """%t of BigQuery."""
    return text.replace("T", " ").removesuffix("Z") + "+00"


def is_fishing(row):
    gear = row["registry_geartype"] in ("trawlers", "squid_jigger", "set_longlines")
    return row["shiptype"] == "fishing" or (row["is_gear"] == "false" and (gear or row["on_fishing_list"] == "true"))


def whose(event, refs):
    """@return the id of the vessel, and what is known of it; None = the event does not count."""
    if refs["segments"]:
        good = [row for row in refs["segments"] if row["seg_id"] == event["seg_id"]]
        if not good or good[0]["good_seg"] != "true" or int(good[0]["positions"]) <= 10 or good[0]["overlapping_and_short"] == "true":
            return None
    vessel_id = event["ssvid"]
    if refs["segment_vessels"]:
        owners = sorted((row for row in refs["segment_vessels"] if row["seg_id"] == event["seg_id"]), key=lambda row: row["vessel_id"])
        if not owners:
            return None
        last = max(row["last_date"] for row in owners)
        vessel_id = next(row["vessel_id"] for row in owners if row["last_date"] == last)
    if not refs["vessels"]:
        return vessel_id, {}
    for row in refs["vessels"]:
        if row["vessel_id"] == vessel_id and str(row["year"]) == event["start_ts"][:4] and is_fishing(row):
            return vessel_id, row
    return None


def counts(event, vessel, refs):
    if time_of(event["end_ts"]) - time_of(event["start_ts"]) <= timedelta(seconds=1200) or event["message_count"] <= 5 or event["avg_speed"] >= 10:
        return False
    if refs["vessels"] and not vessel["geartype"]:
        return False
    squid = vessel.get("geartype") == "squid_jigger"
    return event["chain"] == ("night" if squid else "nnet") and event["distance_m"] > (50 if squid else 500)


def regions_of(event, messages, refs):
    score = "score" if event["chain"] == "nnet" else "night_loitering"
    points = [(float(row["lat"]), float(row["lon"])) for row in messages.get(event["seg_id"], [])
              if row[score] not in ("", None) and float(row[score]) == 1 and time_of(event["start_ts"]) <= time_of(row["timestamp"]) <= time_of(event["end_ts"])]
    return {layer: sorted({row["id"] for row in refs["regions"] if row["layer"] == layer for lat, lon in points
                           if row["south"] <= lat < row["north"] and any(row["west"] <= lon + turn < row["east"] for turn in (-360, 0, 360))}) for layer in LAYERS}


def authorizations_of(vessel_id, events, refs):
    """Of all identities that a counting event of the vessel begins with."""
    held = set()
    for row in refs["authorizations"]:
        if row["rfmo"] not in REGISTRIES or not (row["authorized_from"] < (row["last_seen"] or "9") and row["authorized_to"] > row["first_seen"]):
            continue
        if any(row["ssvid"] == event["ssvid"] and (row["first_seen"] or "0") <= event["start_ts"].removesuffix("Z") <= (row["last_seen"] or "9")
               for event, owner, _ in events if owner == vessel_id):
            held.add((row["rfmo"], row["authorized_from"], row["authorized_to"]))
    return held


def distance_of(lat, lon, column, refs):
    code = "lon:{:+07.2f}_lat:{:+07.2f}".format(*(math.floor(round(degrees * 1e9) / 1e7) / 100 for degrees in (lon, lat)))
    found = [row[column] for row in refs["distances"] if row["gridcode"] == code]
    return float(found[0]) / 1000 if found and found[0] != "" else None


def judged(event, vessel_id, regions, held, refs):
    """@return registries with their answers, and what they come to."""
    start, end = event["start_ts"].removesuffix("Z"), event["end_ts"].removesuffix("Z")
    answers, is_after = [], []
    for rfmo in regions["rfmo"]:
        if rfmo not in REGISTRIES:
            continue
        scrape = max((row["authorized_to"] for row in refs["authorizations"] if row["rfmo"] == rfmo), default=None)
        fits = any(registry == rfmo and start < last and end > first for registry, first, last in held)
        answers.append({"rfmo": rfmo, "has_publicly_listed_authorization": "true" if fits else "false" if scrape and start <= scrape else "pending"})
        is_after.append(scrape is None or start >= scrape)
    words = {answer["has_publicly_listed_authorization"] for answer in answers}
    if words <= {"true"}:
        return answers, "publicly_authorized"
    if "true" in words:
        return answers, "partially_matched"
    return answers, "pending_info" if any(is_after) else "not_matching_relevant_public_authorization"


def expected(candidates, messages, refs):
    events = [(event, *whose(event, refs)) for event in candidates if whose(event, refs) is not None]
    events = [(event, vessel_id, vessel) for event, vessel_id, vessel in events if counts(event, vessel, refs)]
    held = {vessel_id: authorizations_of(vessel_id, events, refs) for vessel_id in {vessel_id for _, vessel_id, _ in events}}
    rows = {}
    for event, vessel_id, vessel in events:
        regions = regions_of(event, messages, refs)
        answers, status = judged(event, vessel_id, regions, held[vessel_id], refs)
        is_risk = status.startswith("not_") and not regions["eez"]
        ends = {f"{end}_distance_from_{what}_km": distance_of(event[f"{end}_lat"], event[f"{end}_lon"], f"distance_from_{what}_m", refs)
                for end in ("start", "end") for what in ("shore", "port")}
        text = f"fishing|{vessel_id}|{stamp(event['start_ts'])}|{stamp(event['end_ts'])}"
        rows[event["event_id"]] = {
            "event_id": hashlib.md5(text.encode()).hexdigest(), "event_type": "fishing", "vessel_id": vessel_id, "seg_id": event["seg_id"],
            "event_start": event["start_ts"], "event_end": event["end_ts"],
            **{name: event[name] for name in ("lat_mean", "lon_mean", "lat_min", "lat_max", "lon_min", "lon_max")},
            "regions_mean_position": regions, **ends,
            "event_info": {"message_count": event["message_count"], "avg_duration_hrs": event["avg_step_h"], "distance_km": event["distance_m"] / 1000,
                           "avg_speed_knots": event["avg_speed"], "potential_risk": is_risk, "vessel_public_authorization_status": status},
            "event_vessels": [{"id": vessel_id, "ssvid": event["ssvid"] if len(event["ssvid"]) != 64 else None, "name": vessel.get("shipname") or None,
                               "flag": vessel.get("flag") or None, "type": vessel.get("shiptype") or None, "seg_id": event["seg_id"],
                               "public_authorizations": answers}],
            "vessel_public_authorization_status": status, "potential_risk": is_risk, "is_restrictive": vessel.get("shiptype") == "fishing",
            "is_closed": event["is_closed"], "candidate_id": event["event_id"], "produced_day": event["produced_day"]}
    return rows


def compare(folder, messages, refs, what):
    """@return the published events, which are those of the oracle."""
    by_segment = {}
    for row in messages:
        by_segment.setdefault(row["seg_id"], []).append(row)
    wanted = expected(sql(folder, f"SELECT * FROM {CANDIDATES}"), by_segment, refs)
    found = published(folder)
    equal(sorted(found), sorted(wanted), f"events, {what}")
    for key, row in found.items():
        told = {**row, **{name: json.loads(row[name]) for name in ("regions_mean_position", "event_info", "event_vessels")}}
        equal(told, wanted[key], f"{what}: {key}")
        equal([list(json.loads(row["event_info"])), list(json.loads(row["event_vessels"])[0])],
              [list(wanted[key]["event_info"]), list(wanted[key]["event_vessels"][0])], "order of keys")
    return found


NONE = {kind: [] for kind in COLUMNS}


# ---- the real messages ----

def real_messages():
    """From 2019 into 2020, half of the segments with scores of the other chain, some of a VMS vessel."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress((ORACLE / "messages.csv.gz").read_bytes()).decode())))
    for row in rows:
        row["timestamp"] = (time_of(row["timestamp"]) - timedelta(days=2)).isoformat()
        number = int(row["seg_id"][3:])
        row["night_loitering"] = row["score"] if number % 2 == 0 else ""
        if number == 5:
            row["ssvid"] = "b" * 64
    return rows


def cells_of(candidates):
    for event in candidates:
        for end in ("start", "end"):
            yield "lon:{:+07.2f}_lat:{:+07.2f}".format(*(math.floor(round(event[f"{end}_{axis}"] * 1e9) / 1e7) / 100 for axis in ("lon", "lat")))


def random_references(source, messages, candidates):
    segments = sorted({(row["seg_id"], row["ssvid"]) for row in messages})
    lons, lats = [float(row["lon"]) for row in messages], [float(row["lat"]) for row in messages]

    def flag(odds):
        return "true" if source.random() < odds else "false"

    def day():
        return f"20{source.choice(['18-07', '19-12', '20-01'])}-{source.choice([1, 2, 3, 27, 30, 31]):02}T00:00:00"

    boxes = []
    for layer in ("eez", "mpa", *["rfmo"] * 3, "own"):
        for _ in range(4):
            west, south = source.uniform(min(lons), max(lons)), source.uniform(min(lats), max(lats))
            boxes.append(made("regions", layer, source.choice(REGISTRIES + ("CCAMLR",)) if layer == "rfmo" else str(len(boxes)), west - 60, max(-90, south - 30),
                              west + 60, min(90, south + 30)))
    vessels = [made("vessels", f"v{n % 9}", year, ssvid, source.choice(['Ab "c" \\ d', "Ñ, e", ""]), source.choice(["ESP", ""]),
                    source.choice(["fishing", "fishing", "other"]), source.choice(["squid_jigger", "trawlers", "trawlers", ""]),
                    source.choice(["", "set_longlines", "cargo"]), source.choice(["", "true", "false"]), source.choice(["", "true", "false"]))
               for n, (_, ssvid) in enumerate(segments[:9]) for year in (2019, 2020)]
    owners = [made("segment_vessels", seg_id, f"v{vessel}", f"2020-01-0{source.randrange(1, 4)}") for seg_id, _ in segments[:-1]
              for vessel in source.sample(range(9), source.choice([1, 1, 3]))]
    return {"vessels": vessels, "segment_vessels": owners,
            "segments": [made("segments", seg_id, flag(0.9), source.choice([10, 11, 500, 500]), flag(0.1)) for seg_id, _ in segments if source.random() < 0.95],
            "authorizations": [made("authorizations", source.choice(segments)[1], source.choice(REGISTRIES + ("CCAMLR",)), *sorted((day(), day())),
                                    *source.choice([("", ""), tuple(sorted((day(), day()))), (day(), "")])) for _ in range(300)],
            "distances": [made("distances", code, source.randrange(10**6), source.choice(["", 7.5])) for code in sorted(set(cells_of(candidates))) if source.random() < 0.8],
            "regions": list({(row["layer"], row["id"]): row for row in boxes}.values())}


def any_references_give_what_the_rules_say(folder):
    """One table after the other, then all of them again with other rows."""
    messages = real_messages()
    lake(folder, messages)
    refresh(folder)
    refs = dict(NONE)
    found = compare(folder, messages, refs, "no reference")
    equal(len(found), 247, "events that count")
    equal({row["event_id"] for row in found.values()}, {row["fishing_id"] for row in sql(folder, f"SELECT fishing_id FROM {CHOSEN}")}, "ids")
    candidates = sql(folder, f"SELECT * FROM {CANDIDATES}")
    log, seen = check_log(folder, [], {}, found, "model"), set()
    for seed in (1, 2):
        drawn = random_references(random.Random(seed), messages, candidates)
        for kind in ("regions", "authorizations", "distances", "segments", "segment_vessels", "vessels") if seed == 1 else [None]:
            for one in [kind] if kind else drawn:
                load(folder, one, drawn[one])
                refs[one] = drawn[one]
            refresh(folder)
            before, found = found, compare(folder, messages, refs, f"seed {seed}, {kind}")
            log = check_log(folder, log, before, found, WHY[kind])
            seen |= {(row["vessel_public_authorization_status"], row["potential_risk"]) for row in found.values()}
    equal({status for status, _ in seen}, {"publicly_authorized", "not_matching_relevant_public_authorization", "pending_info", "partially_matched"}, "statuses")
    equal({row["op"] for row in log}, {"new", "update", "retract"}, "operations")
    assert ("not_matching_relevant_public_authorization", True) in seen and ("not_matching_relevant_public_authorization", False) in seen, seen
    whole(folder)


# ---- made up ----

def the_statuses_of_an_event(folder):
    """One event in the areas of two registries, by what they tell; at the times of a border, too. A message of the other chain alone
    is in an EEZ."""
    messages = run_of("s", step=0.004)
    messages[3]["score"] = 0
    lake(folder, messages)
    box = (0, 0, 20, 20)
    areas = [made("regions", "rfmo", "ICCAT", *box), made("regions", "rfmo", "IOTC", *box), made("regions", "rfmo", "CCAMLR", *box),
             made("regions", "eez", "4", 10.011, 0, 10.013, 20)]
    load(folder, "regions", areas)

    def held(rfmo, first, last, seen=("2019-01-01T00:00:00", "2021-01-01T00:00:00"), ssvid="100"):
        return made("authorizations", ssvid, rfmo, first, last, *seen)

    year = ("2020-01-01T00:00:00", "2021-01-01T00:00:00")
    before, start, end = ("2019-01-01T00:00:00", "2019-02-01T00:00:00"), "2020-06-01T00:00:00", "2020-06-01T00:30:00"
    others = [held("ICCAT", *year, ssvid="9"), held("IOTC", *year, ssvid="9")]  # the registries were looked at later
    cases = [([held("ICCAT", *year), held("IOTC", *year)], "publicly_authorized", False, "true true"),
             (others, "not_matching_relevant_public_authorization", True, "false false"),
             (others + [held("IOTC", *year)], "partially_matched", False, "false true"),
             (others[:1], "pending_info", False, "false pending"),
             ([held("ICCAT", *before, ssvid="9"), held("IOTC", *before, ssvid="9")], "pending_info", False, "pending pending"),
             ([held("ICCAT", *before), held("IOTC", *year)], "partially_matched", False, "pending true"),
             ([held("ICCAT", start, end), held("IOTC", start, end)], "publicly_authorized", False, "true true"),
             # the authorization must go on beyond the start, and have begun before the end
             ([held("ICCAT", before[0], start), held("IOTC", end, year[1])], "pending_info", False, "false false"),
             # an identity that was not in use, or not yet, or authorized when it was not
             (others + [held("ICCAT", *year, seen=("2019-01-01T00:00:00", "2020-05-31T00:00:00"))], "not_matching_relevant_public_authorization", True, "false false"),
             (others + [held("ICCAT", *year, seen=("2020-06-01T00:00:01", "2021-01-01T00:00:00"))], "not_matching_relevant_public_authorization", True, "false false"),
             (others + [held("ICCAT", *year, seen=(start, "2021-01-01T00:00:00"))], "partially_matched", False, "true false"),
             (others + [held("ICCAT", *year, seen=("2020-01-02T00:00:00", "2021-02-01T00:00:00"))], "partially_matched", False, "true false")]
    for rows, status, is_risk, answers in cases:
        load(folder, "authorizations", rows)
        refresh(folder)
        (event,) = compare(folder, messages, {**NONE, "regions": areas, "authorizations": rows}, status).values()
        (vessel,) = json.loads(event["event_vessels"])
        equal((event["vessel_public_authorization_status"], event["potential_risk"], " ".join(one["has_publicly_listed_authorization"] for one in vessel["public_authorizations"])),
              (status, is_risk, answers), str(rows))
    load(folder, "authorizations", others)
    load(folder, "regions", areas + [made("regions", "eez", "5", 10.023, 0, 20, 20)])
    refresh(folder)
    (event,) = published(folder).values()
    equal((event["vessel_public_authorization_status"], event["potential_risk"], json.loads(event["regions_mean_position"])["eez"]),
          ("not_matching_relevant_public_authorization", False, ["5"]), "the last message alone is in an EEZ")


def what_counts_by_class_segment_and_limit(folder):
    """Squid jiggers by night with more than 50 m, others with more than 500 m; years; what a name that looks like gear does."""
    hash_of_vms = "f" * 64
    kinds = [{"meters_to_prev": 10.25}, {"meters_to_prev": 10}, {"meters_to_prev": 100.25}, {"meters_to_prev": 100}, {"score": 0}, {"night_loitering": 0},
             {"start": "2019-12-31T23:50:00"}, {"ssvid": hash_of_vms}, {}, {}, {}, {}, {"lon": 179.97}, {"count": 5}, {"speed_knots": 10}]
    messages = [row for n, more in enumerate(kinds) for row in run_of(f"s{n:02}", lat=0.0, **{"count": 6, "ssvid": str(n), "lon": 0, **more})]
    lake(folder, messages)
    gears = ["squid_jigger", "squid_jigger", "trawlers", "trawlers", "trawlers", "squid_jigger"] + ["trawlers"] * 9
    vessels = [made("vessels", f"v{n}", 2020, n, f'"{n}"', "ESP", "fishing", gear) for n, gear in enumerate(gears) if n not in (6, 8, 9, 10)]
    vessels += [made("vessels", "v6", 2019, 6, "old year", "PRT", "fishing", "trawlers"), made("vessels", "v6", 2020, 6, "new year", "PRT", "fishing", "squid_jigger"),
                made("vessels", "v8", 2020, 8, "other", "ESP", "other", "trawlers", "", "true", "false"), made("vessels", "v9", 2020, 9, "buoy", "ESP", "", "trawlers", "set_longlines", "true", "true"),
                made("vessels", "v10", 2020, 10, "cargo", "ESP", "cargo", "cargo", "cargo", "", "false")]
    segments = [made("segments", f"s{n:02}", "true", 10 if n == 11 else 11, "false") for n in range(len(gears))]
    owners = [made("segment_vessels", f"s{n:02}", f"v{n}", "2020-06-01") for n in range(len(gears))] + [made("segment_vessels", "s02", "v99", "2020-05-31"),
                                                                                                         made("segment_vessels", "s02", "v999", "2020-06-01")]
    refs = {**NONE, "vessels": vessels, "segments": segments, "segment_vessels": owners}
    for kind in ("vessels", "segments", "segment_vessels"):
        load(folder, kind, refs[kind])
    refresh(folder)
    found = compare(folder, messages, refs, "classes").values()
    by_segment = {row["seg_id"]: row for row in found}
    equal(sorted(by_segment), ["s00", "s02", "s06", "s07", "s08", "s12"], "which count")
    equal({row["seg_id"]: row["chain"] for row in sql(folder, f"SELECT seg_id, chain FROM {CHOSEN}")}["s00"], "night", "chain of a squid jigger")
    vessel = {seg_id: json.loads(row["event_vessels"])[0] for seg_id, row in by_segment.items()}
    equal((vessel["s07"]["ssvid"], vessel["s00"]["name"], vessel["s06"]["name"]), (None, '"0"', "old year"), "VMS, quotes, year of the start")
    equal(sorted(seg_id for seg_id, row in by_segment.items() if not row["is_restrictive"]), ["s08"], "on a list, but no fishing ship")
    assert abs(by_segment["s12"]["lon_min"] - 179.97) < 1e-9 and abs(by_segment["s12"]["lon_max"] + 179.98) < 1e-9, by_segment["s12"]
    whole(folder)


def the_log_tells_why_an_event_is_what_it_is(folder):
    """A vessel that is found out, a segment that is found to be none and then to be one after all, messages that come later."""
    messages = run_of("s", start="2020-06-01T00:00:00.250000") + run_of("t", start="2020-06-02T00:00:00", lat=2.0, ssvid="200")
    lake(folder, messages)
    refresh(folder)
    compare(folder, messages, NONE, "parts of seconds in ids")
    equal({row["event_id"] for row in published(folder).values()}, {row["fishing_id"] for row in sql(folder, f"SELECT fishing_id FROM {CHOSEN}")}, "ids")
    log, before = check_log(folder, [], {}, published(folder), "model"), published(folder)
    changes = []
    bad, good = made("segments", "s", "false", 11, "false"), [made("segments", seg_id, "true", 11, "false") for seg_id in "st"]
    for kind, rows in (("segment_vessels", [made("segment_vessels", "s", "v1", "2020-06-01"), made("segment_vessels", "t", "200", "2020-06-01")]),
                       ("segments", [bad, good[1]]), ("segments", good), ("segments", good), (None, run_of("t", start="2020-06-02T00:35:00", lat=2.0, lon=10.07, ssvid="200"))):
        if kind:
            load(folder, kind, rows)
        else:
            take(folder, rows, "later.csv")
        refresh(folder)
        now = published(folder)
        fresh = check_log(folder, log, before, now, CHOSEN)[len(log):]
        changes.append([(row["op"], row["seg_id"], row["vessel_id"]) for row in fresh])
        log, before = log + fresh, now
    equal(changes, [[("update", "s", "v1")], [("retract", "s", "v1")], [("new", "s", "v1")], [], [("update", "t", "200")]], "changes")
    (late,) = [row for row in log if row["seg_id"] == "t" and row["op"] == "update"]
    equal(late["event_end"], "2020-06-02T01:05:00Z", "how long it is now")
    whole(folder)


def a_reference_makes_the_models_anew_that_read_it(folder):
    """And no other; the same file again nothing at all. What a lake without references has, it has again without them."""
    messages = run_of("s") + run_of("t", start="2020-06-02T00:00:00", lat=2.0, ssvid="200")
    lake(folder, messages)
    regions, pieces = "gold.ais_scored_fishing_regions", "gold.ais_scored_region_pieces"
    equal(refresh(folder), {CHOSEN: 1, HOLDERS: 1, pieces: 1, regions: 2, PUBLISHED: 1}, "at first")
    equal(refresh(folder), {}, "nothing changed")
    steps = {"regions": ([made("regions", "mpa", "1", 0, 0, 20, 1.5)], {pieces: 1, regions: 2, PUBLISHED: 1}),
             "authorizations": ([made("authorizations", "100", "ICCAT", "2020-01-01", "2021-01-01")], {HOLDERS: 1, PUBLISHED: 1}),
             "distances": ([made("distances", "lon:+010.00_lat:+001.00", 1500, 2500)], {PUBLISHED: 1}),
             "segments": ([made("segments", "s", "true", 11, "false")], {CHOSEN: 1, HOLDERS: 1, PUBLISHED: 1}),
             "segment_vessels": ([made("segment_vessels", "s", "v", "2020-06-01")], {CHOSEN: 1, HOLDERS: 1, PUBLISHED: 1}),
             "vessels": ([made("vessels", "v", 2020, "", "", "", "fishing", "trawlers")], {CHOSEN: 1, HOLDERS: 1, PUBLISHED: 1})}
    for kind, (rows, wanted) in steps.items():
        load(folder, kind, rows)
        graph = {node["table"] for node in json.loads(seine(folder, "graph", "--lake", "lake", "--json"))["tables"] if node["stale"]}
        assert graph and graph <= set(wanted), (kind, graph)
        equal(refresh(folder), wanted, kind)
        load(folder, kind, rows)
        equal(refresh(folder), {}, f"{kind} again")
    (event,) = published(folder).values()
    equal((event["seg_id"], event["start_distance_from_shore_km"], event["start_distance_from_port_km"], event["end_distance_from_shore_km"]), ("s", 1.5, 2.5, None), "distances")
    equal([(row["layer"], row["chain"], row["n"]) for row in sql(folder, f"SELECT layer, chain, count(*) AS n FROM {regions} GROUP BY ALL ORDER BY ALL")],
          [("mpa", "night", 7), ("mpa", "nnet", 7)], "messages in regions")
    traced = json.loads(seine(folder, "trace", "--lake", "lake", "--dataset", "ais_scored", "--id", "s", "--ts", "2020-06-01T00:10:00Z", "--json"))
    equal([(row["table"], row["role"]) for row in traced["derived"] if row["table"] != CHOSEN], [(PUBLISHED, "within"), (regions, "region"), (regions, "region")], "trace")
    take(folder, run_of("s", start="2020-06-03T00:00:00"), "more.csv")
    equal(refresh(folder), {CHOSEN: 2, HOLDERS: 1, regions: 1, PUBLISHED: 2}, "a day more")
    whole(folder)


def a_dataset_of_ones_own_has_them_whatever_its_id_is_called(folder):
    """Even as a column of the published events; one score, a flag."""
    (folder / "own.yaml").write_text("name: own\noutputs: fishing\nid: {name: vessel_id, names: [boat]}\ntime: {names: [t]}\nposition: {lat: {}, lon: {}}\n"
                                     "measures: {speed: {unit: kn}}\ncolumns: {nnet_score: {type: boolean, words: {y: true, n: false}}}\n", encoding="utf-8")
    write_csv(folder / "own.csv", [{"boat": "b", "t": row["timestamp"] + "Z", "lat": row["lat"], "lon": row["lon"], "speed": 3, "nnet_score": "y"} for row in run_of("s")])
    seine(folder, "init", "--quiet", "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "own.yaml", "own.csv")
    load(folder, "regions", [made("regions", "mpa", "1", 10.055, 0, 20, 20)])
    refresh(folder)
    (event,) = sql(folder, "SELECT * FROM events.own_fishing_events")
    equal((event["seg_id"], event["vessel_id"], json.loads(event["regions_mean_position"])["mpa"]), ("b", "b", ["1"]), "event")
    whole(folder)


if __name__ == "__main__":
    main([any_references_give_what_the_rules_say, the_statuses_of_an_event, what_counts_by_class_segment_and_limit,
          the_log_tells_why_an_event_is_what_it_is, a_dataset_of_ones_own_has_them_whatever_its_id_is_called,
          a_reference_makes_the_models_anew_that_read_it])
