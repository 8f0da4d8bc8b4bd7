#!/usr/bin/env python3
"""Segments in a lake: one load, days, any order, late and removed files end in the rows of one pass over all fixes.

Environment: SEINE_BIN.
"""
import datetime
import json
import random
import sqlite3
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, refused, seine, shared_file, sql, write_csv
from harness.server import serving
from harness.tap import main
from harness.tile import EXTENT, decode, tile_of

DAY = 86400
EPOCH = datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc)
SEGMENTS = "silver.ais_segments"
STATES = "state.ais_segments"


def fix(second, lat, lon, sog=10.0, cog=0.0, mmsi="1"):
    stamp = (EPOCH + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")
    return {"MMSI": mmsi, "BaseDateTime": stamp, "LAT": lat, "LON": lon, "SOG": sog, "COG": cog}


def north(first, count, step=360, lon=0.0, mmsi="1", shift=0.0):
    """10 knots north from 40 degrees on: a mile every six minutes."""
    return [fix(first + i * step, round(40 + shift + (first + i * step) / 21600, 6), lon, mmsi=mmsi) for i in range(count)]


def lake(folder, name="lake", buckets=3):
    seine(folder, "init", "--quiet", "--buckets", buckets, name)


def refresh(folder, *options, lake="lake"):
    """@return the report of the job of segments."""
    report = json.loads(seine(folder, "refresh", "--lake", lake, "--json", *options))
    jobs = [job for job in report["jobs"] if job["job"] == "ais_segments"]
    return jobs[0] if jobs else None


def take(folder, name, rows, *what, lake="lake"):
    """Into the lake, and what follows from it: all, or what the words name. @return the report of the job of segments."""
    write_csv(folder / name, rows)
    seine(folder, "ingest", "--quiet", "--lake", lake, name)
    return refresh(folder, *what, lake=lake)


def table(folder, lake="lake", name=SEGMENTS):
    return sql(folder, f"SELECT * FROM {name} ORDER BY ALL", lake=lake)


def whole(folder, lake="lake"):
    equal(json.loads(seine(folder, "verify", "--deep", "--json", "--lake", lake))["findings"], [], "verify --deep")


CLASSES = {"good": {"Segment", "ClosedSegment"}, "ambiguous": {"Segment", "ClosedSegment"}, "noise": {"BadSegment"}, "discarded": {"DiscardedSegment"}, "repeated": {None}}


def one_pass(folder, rows, lake="lake"):
    """The table holds what `detect segments` gives over silver's fixes at once."""
    fixes = sql(folder, "SELECT mmsi AS ssvid, epoch_us(ts) / 1e6 AS timestamp, lat, lon, sog AS speed, cog AS course FROM silver.ais ORDER BY ts", lake=lake)
    equal(len(fixes), len(rows), "rows")
    data = "".join(json.dumps(row) + "\n" for row in fixes)
    told = [json.loads(line) for line in seine(folder, "detect", "segments", "-i", "-", "--remembered", 64, "--quiet", stdin=data).splitlines()]
    found = {(row["ssvid"], row["timestamp"]): row for row in told}
    for row in sql(folder, f"SELECT *, epoch_us(ts) / 1e6 AS t FROM {SEGMENTS}", lake=lake):
        wanted = found[row["mmsi"], row["t"]]
        equal((row["seg_id"], row["noise"], row["ship_no"]), (wanted["seg_id"], wanted["noise"], wanted["ship_no"]), row)
        assert wanted["seg_class"] in CLASSES[row["kind"]], (row, wanted)


# ---- over midnight ----

def a_jump_before_midnight_is_left_out_by_the_day_after(folder):
    """The day before is made again, its state stays; without the day after it was good, and is again when that goes."""
    first = north(DAY - 7200, 19) + [fix(DAY - 300, 43.98, 0.1)]
    second = north(DAY, 12)
    lake(folder)
    take(folder, "first.csv", first, "segments")
    before = table(folder)
    equal({row["kind"] for row in before}, {"good"}, "kinds of the first day alone")
    states = sql(folder, "SELECT * FROM state.ais_segments")
    job = take(folder, "second.csv", second, "segments")
    equal((job["stale"], job["rewritten"], job["unchanged"]), (2, 2, 0), "both days are made")
    (jump,) = [row for row in table(folder) if row["kind"] != "good"]
    equal((jump["lon"], jump["kind"], jump["noise"], jump["seg_id"]),
          (0.1, "discarded", "better without", "1-2024-03-01T23:55:00.000000Z-1"), "the jump")
    equal(len({row["seg_id"] for row in table(folder)}), 2, "one segment over midnight, and the jump")
    equal(sql(folder, "SELECT * FROM state.ais_segments WHERE day = '2024-03-01'"), states, "the state before midnight")
    one_pass(folder, first + second)
    whole(folder)
    seine(folder, "source", "rm", "--lake", "lake", "second.csv")
    refresh(folder, "segments")
    equal(table(folder), before, "without the second day")
    whole(folder)


def a_day_that_changes_no_row_of_the_day_before_leaves_its_file(folder):
    lake(folder)
    take(folder, "first.csv", north(0, 240), "segments")
    job = take(folder, "second.csv", north(DAY, 240), "segments")
    equal((job["stale"], job["rewritten"], job["unchanged"]), (2, 1, 1), "partitions")
    equal(take(folder, "third.csv", north(2 * DAY, 240), "segments")["rewritten"], 1, "partitions of the third day")
    equal(refresh(folder, "segments")["stale"], 0, "nothing is left to do")
    equal(len({row["seg_id"] for row in table(folder)}), 1, "segments")
    whole(folder)


def a_late_hour_feeds_its_day_alone(folder):
    """Of the day before, the first fixes behind it count, which stay; on the day behind all begins as before: of a segment no
    more than 1,000 messages are counted."""
    rows = [row for mover in range(1, 13) for row in north(0, 6 * 288, 300, lon=mover, mmsi=str(mover))]
    late = [row for row in rows if row["BaseDateTime"].startswith("2024-03-05T12")]
    lake(folder, buckets=1)
    take(folder, "rest.csv", [row for row in rows if row not in late], "segments")
    job = take(folder, "late.csv", late, "segments")
    equal((job["stale"], job["rewritten"], job["unchanged"]), (2, 1, 1), "partitions")
    equal(job["fixes_fed"], len(rows) // 6, "fixes fed")
    one_pass(folder, rows)
    whole(folder)


def a_day_is_followed_by_those_who_may_change_it(folder):
    """One of twelve by a fix before midnight: its state is another, its rows are not. Then by an earlier beginning: its rows too."""
    rows = [row for mover in range(1, 13) for row in north(0, 3 * 288, 300, lon=mover, mmsi=str(mover))]
    of_one = [row for row in rows if row["MMSI"] == "3"]
    early, evening = of_one[:6], [row for row in of_one if row["BaseDateTime"].startswith("2024-03-02T23:5")]
    lake(folder, buckets=1)
    take(folder, "rest.csv", [row for row in rows if row not in early + evening], "segments")
    before = table(folder)
    job = take(folder, "evening.csv", evening, "segments")
    equal((job["stale"], job["rewritten"], job["unchanged"]), (2, 1, 2), "partitions, with the day behind")
    equal(job["fixes_fed"], (12 + 1) * 288, "fixes fed")
    equal(*([row for row in rows_of if not row["ts"].startswith("2024-03-02")] for rows_of in (table(folder), before)), "other days")
    whole(folder)
    job = take(folder, "early.csv", early, "segments")
    equal((job["stale"], job["rewritten"], job["unchanged"]), (1, 3, 0), "partitions")
    equal(job["fixes_fed"], (12 + 2) * 288, "fixes fed: all of the day itself, of two days those of one alone")
    whole(folder)
    one_pass(folder, rows)


def late_on_the_fourth_day(folder, late):
    """Ships of six days, of one of them late fixes on the fourth, when no more of its messages are counted: states and rows are
    those of a lake that had all at once. @return fixes fed of the fifth day; rows of it before and after."""
    rows = [row for mover in ("1", "2", "3") for row in north(0, 6 * 288, 300, lon=int(mover), mmsi=mover) if row not in late]
    lake(folder, buckets=1)
    take(folder, "rest.csv", rows, "segments")
    before = table(folder), table(folder, name=STATES)
    job = take(folder, "late.csv", late, "segments")
    after = table(folder), table(folder, name=STATES)
    lake(folder, "once", buckets=1)
    take(folder, "rest.csv", rows + late, "segments", lake="once")
    equal(after, (table(folder, lake="once"), table(folder, lake="once", name=STATES)), "rows and states of one load")
    of_fourth = [[row["state"] for row in rows if row["day"] == "2024-03-04"] for rows in (before[1], after[1])]
    equal([a == b for a, b in zip(*of_fourth)], [True, False, True], "states after the day, of each ship")
    whole(folder)
    fed = job["fixes_fed"] - sum(row["BaseDateTime"].startswith("2024-03-04") for row in rows + late)
    return fed, *([row for row in rows if row["ts"].startswith("2024-03-05")] for rows in (before[0], after[0]))


def a_ship_that_becomes_as_before_on_the_next_day_is_not_followed(folder):
    fed, before, after = late_on_the_fourth_day(folder, north(4 * DAY - 600, 2, 300, lon=2, mmsi="2"))
    equal(after, before, "rows of the next day")
    equal(fed, 0, "fixes fed of it")


def a_ship_whose_rows_of_the_next_day_become_others_is_followed(folder):
    """It has been where it is going to be, so that a fix is passed over; soon that is forgotten, and its state is as before."""
    place = round(40 + (4 * DAY + 600) / 21600, 6)
    fed, before, after = late_on_the_fourth_day(folder, [fix(4 * DAY - 180, place, 2, mmsi="2")])
    kinds = [(a["kind"], b["kind"]) for a, b in zip(before, after) if a != b]
    equal(kinds, [("good", "repeated")], "kinds of the rows that are others")
    equal(fed, 288, "fixes fed of the next day")


def a_ship_that_looks_at_more_of_its_fixes_is_followed(folder):
    """A jump is open for a day, so that rows of its day are made with all fixes of the next one instead of the first few."""
    fed, before, after = late_on_the_fourth_day(folder, [fix(4 * DAY - 400, 10, 2, mmsi="2")])
    equal(after, before, "rows of the next day")
    equal(fed, 288, "fixes fed of it")


# ---- any way ----

def made_up(seed):
    """Days of ships that share ids, with jumps, most of them about midnight, repeated places and no speed here and there."""
    rng = random.Random(seed)
    rows = {}
    for mmsi in ("1", "12", "3"):
        for ship in range(rng.choice((1, 2))):
            second, lat, lon = rng.randrange(7200), 40 + 2 * ship, 5.0 * ship
            while second < 4 * DAY:
                is_jump = rng.random() < (0.4 if min(second % DAY, -second % DAY) < 5400 else 0.04)
                sog = None if rng.random() < 0.02 else 10.0
                rows[mmsi, second] = fix(second, round(lat + (0.05 if is_jump else 0), 6), round(lon + (rng.random() * 0.4 if is_jump else 0), 6), sog, mmsi=mmsi)
                step = rng.choice((180, 360, 600, 1800, 1800, 90000 if rng.random() < 0.2 else 3600))
                second += step
                lat += step / 21600
    return sorted(rows.values(), key=lambda row: (row["BaseDateTime"], row["MMSI"]))


def days_any_order_and_late_rows_are_one_pass(folder):
    discarded = 0
    for seed in range(2):
        rows = made_up(seed)
        days = {}
        for row in rows:
            days.setdefault(row["BaseDateTime"][:10], []).append(row)
        lake(folder, f"once{seed}")
        take(folder, "all.csv", rows, "segments", lake=f"once{seed}")
        wanted = table(folder, lake=f"once{seed}")
        one_pass(folder, rows, lake=f"once{seed}")
        discarded += sum(row["kind"] == "discarded" and row["ts"][11:13] == "23" for row in wanted)
        pieces = [(f"{day}.{part}.csv", held[part::3]) for day, held in days.items() for part in range(3)]
        random.Random(seed).shuffle(pieces)
        for name, files in ((f"daily{seed}", [(f"{day}.csv", held) for day, held in days.items()]), (f"shuffled{seed}", pieces)):
            lake(folder, name)
            for file, held in files:
                take(folder, file, held, "segments", lake=name)
            equal(table(folder, lake=name), wanted, name)
            whole(folder, lake=name)
    assert discarded > 2, f"{discarded} fixes were left out about midnight"


def real_days_are_one_pass_and_no_track_jumps(folder):
    """Four days of a receiver, of which one id is two ships."""
    days = sorted(shared_file("data", "noaa_days").iterdir())
    for name in ("once", "daily"):
        lake(folder, name)
    seine(folder, "ingest", "--quiet", "--lake", "once", *days)
    refresh(folder, "segments", "--threads", 2, lake="once")
    for day in days:
        seine(folder, "ingest", "--quiet", "--lake", "daily", day)
        refresh(folder, "segments", lake="daily")
    hashed = f"SELECT count(*) AS n, bit_xor(hash(s)) AS h FROM {SEGMENTS} AS s"
    equal(sql(folder, hashed, lake="daily"), sql(folder, hashed, lake="once"), "day by day")
    equal(sql(folder, hashed, lake="once")[0]["n"], sql(folder, "SELECT count(*) AS n FROM silver.ais", lake="once")[0]["n"], "rows")
    # Ten miles within a quarter of an hour: more than any miss that the rule forgives (SPEC 6.1.5).
    jumps = ("SELECT count(*) AS n FROM (SELECT ts - lag(ts) OVER w AS t, 3440.065 * 2 * asin(sqrt(pow(sin(radians(lat - lag(lat) OVER w) / 2), 2) "
             "+ cos(radians(lat)) * cos(radians(lag(lat) OVER w)) * pow(sin(radians(lon - lag(lon) OVER w) / 2), 2))) AS nm "
             "FROM {} WINDOW w AS (PARTITION BY {} ORDER BY ts)) WHERE t < INTERVAL 15 MINUTE AND nm > 10")
    assert sql(folder, jumps.format("silver.ais", "mmsi"), lake="once")[0]["n"] > 10
    equal(sql(folder, jumps.format(f"(FROM {SEGMENTS} WHERE kind = 'good')", "seg_id"), lake="once"), [{"n": 0}], "jumps within segments")
    whole(folder, lake="daily")


# ---- gold ----

def two_ships_with_one_id_and_a_jump_are_told_apart(folder):
    """Of the id's segments both ships are of use; the jump is short and overlaps."""
    rows = [{**row, "VesselName": name} for name, held in (("EAST", north(0, 480, lon=5)), ("WEST", north(60, 480)), ("", [fix(9030, 49, 1)])) for row in held]
    lake(folder)
    take(folder, "all.csv", sorted(rows, key=lambda row: row["BaseDateTime"]), "segments")
    found = sql(folder, "SELECT * FROM gold.ais_segments ORDER BY last_lon")
    equal([(row["fixes"], row["days_seen"], row["is_short"], row["is_overlapping"], row["overlapping_and_short"], row["last_name"], row["last_lon"]) for row in found],
          [(480, 2, False, True, False, "WEST", 0.0), (1, 1, True, True, True, None, 1.0), (480, 2, False, True, False, "EAST", 5.0)], "segments")
    equal(sql(folder, "SELECT sum(fixes) AS n FROM gold.ais_segments_daily"), [{"n": 961}], "fixes of the days")
    equal(sql(folder, "SELECT count(*) AS n FROM gold.ais_segments_daily"), [{"n": 5}], "segments of the days")
    refresh(folder, "segments", "--set", "segment_min_fixes=480")
    equal({row["is_short"] for row in table(folder, name="gold.ais_segments")}, {True}, "with another limit")
    whole(folder)


# ---- ships ----

GAPS = "SELECT mmsi, start_ts, end_ts, start_lon, end_lon, start_seg_id FROM events.ais_gaps ORDER BY start_ts, start_lon"


def what_goes_by_ship_is_of_one_ship(folder):
    """Two ships with one id, of which each is silent for a while, and a jump: gaps, hours, pairs, last states and the map are of ships."""
    hour = 3600
    east = north(0, 60, lon=5) + north(20 * hour, 60, lon=5)
    west = north(60, 100) + north(30 * hour, 60)
    beside = north(30, 480, lon=0.001, mmsi="2")
    lake(folder)
    take(folder, "all.csv", sorted(east + west + beside + [fix(9030, 49, 1)], key=lambda row: row["BaseDateTime"]))
    equal(sql(folder, f"SELECT ship_no, count(*) AS n FROM {SEGMENTS} WHERE mmsi = '1' GROUP BY ALL ORDER BY ALL NULLS LAST"),
          [{"ship_no": 1, "n": 120}, {"ship_no": 2, "n": 160}, {"ship_no": None, "n": 1}], "ships of the id, and the jump")
    gaps = [row for row in sql(folder, GAPS) if row["mmsi"] == "1"]
    equal([(row["start_lon"], row["end_lon"]) for row in gaps], [(5, 5), (0, 0), (5, None), (0, None)], "gaps of each")
    equal({row["start_seg_id"][:2] for row in gaps}, {"1-"}, "their segments")
    equal(sql(folder, "SELECT mmsi, ship_no, lon FROM gold.ais_last_state ORDER BY ALL"),
          [{"mmsi": "1", "ship_no": 1, "lon": 5.0}, {"mmsi": "1", "ship_no": 2, "lon": 0.0}, {"mmsi": "2", "ship_no": 1, "lon": 0.001}], "last states")
    equal(sql(folder, "SELECT DISTINCT mmsi, ship_no, round(avg_lon) AS lon FROM gold.ais_hourly_h3 ORDER BY ALL"),
          [{"mmsi": "1", "ship_no": 1, "lon": 5.0}, {"mmsi": "1", "ship_no": 2, "lon": 0.0}, {"mmsi": "2", "ship_no": 1, "lon": 0.0}], "hours")
    equal({(row["uid_a"], row["uid_b"]) for row in sql(folder, "SELECT uid_a, uid_b FROM gold.ais_pairs_daily")}, {("1-2", "2")}, "pairs")
    refresh(folder, "--set", "companion_days=1")
    equal([(row["uid_a"], row["uid_b"], row["days_both_seen"]) for row in sql(folder, "SELECT * FROM gold.ais_companions")], [("1-2", "2", 2)], "companions")
    equal(sql(folder, "SELECT DISTINCT ship_no, lon FROM gold.ais_tile_points WHERE mmsi = '1' ORDER BY ALL"),
          [{"ship_no": 1, "lon": 5.0}, {"ship_no": 2, "lon": 0.0}], "points of the map")
    whole(folder)
    refresh(folder, "--by", "mover")
    equal(sql(folder, "SELECT mmsi, ship_no FROM gold.ais_last_state ORDER BY ALL"), [{"mmsi": "1", "ship_no": 1}, {"mmsi": "2", "ship_no": 1}], "by mover again")
    lake(folder, "mover")
    seine(folder, "ingest", "--quiet", "--lake", "mover", "all.csv")
    seine(folder, "refresh", "--quiet", "--lake", "mover", "--by", "mover")
    for name in ("events.ais_gaps", "gold.ais_last_state", "gold.ais_hourly_h3", "gold.ais_pairs_daily", "gold.ais_tile_points"):
        rows = f"SELECT COLUMNS(c -> c NOT IN ('version', 'ingested_at')) FROM {name} ORDER BY ALL"
        equal(sql(folder, rows), sql(folder, rows, lake="mover"), f"{name} is as if it had never gone by segment")
    whole(folder)


def a_ship_that_is_known_late_is_told_up_to_the_day_before(folder):
    """Seen every six hours beside another one, it is a ship with its eleventh fix, on the third day: also on the second, as files say, too."""
    rows = sorted(north(0, 4 * 240) + [fix(hour * 3600 + 30, 50, 20, sog=0) for hour in range(0, 96, 6)], key=lambda row: row["BaseDateTime"])
    lake(folder)
    take(folder, "all.csv", rows, "segments")
    equal([row["ship_no"] for row in table(folder) if row["lon"] == 20], 4 * [None] + 12 * [2], "its fixes")
    one_pass(folder, rows)
    lake(folder, "daily")
    for day in range(4):
        take(folder, f"{day}.csv", [row for row in rows if row["BaseDateTime"].startswith(f"2024-03-0{day + 1}")], "segments", lake="daily")
    equal(table(folder, lake="daily"), table(folder), "day by day")


def gaps_of_ships_do_not_depend_on_how_the_days_came(folder):
    """Days in any order and a late piece end in the gaps and the gold of one load; rows of a day know the next one."""
    rows = made_up(1)
    days = {}
    for row in rows:
        days.setdefault(row["BaseDateTime"][:10], []).append(row)
    pieces = [(f"{day}.csv", held[index % 2::2] if index < 2 else held) for index, (day, held) in enumerate(days.items())]
    pieces = pieces[::-1] + [("late.csv", [row for index, held in enumerate(list(days.values())[:2]) for row in held[1 - index::2]])]
    for name, files in (("once", [("all.csv", rows)]), ("pieces", pieces)):
        lake(folder, name)
        for file, held in files:
            take(folder, file, held, lake=name)
    for name in ("events.ais_gaps", "gold.ais_last_state", "gold.ais_hourly_h3", "gold.ais_tile_points"):
        query = f"SELECT COLUMNS(c -> c NOT IN ('version', 'ingested_at')) FROM {name} ORDER BY ALL"
        equal(sql(folder, query, lake="pieces"), sql(folder, query, lake="once"), name)
    assert sql(folder, f"SELECT max(ship_no) AS most FROM {SEGMENTS}", lake="once")[0]["most"] > 1, "two ships share an id"
    whole(folder, lake="pieces")


# ---- tracks ----

def tile_lines(server, zoom):
    """Lines of the tracks on the map: longitudes in degrees, and units of height."""
    found = []
    for x, y in {tile_of(lon, lat, zoom) for lon in (0, 5) for lat in (40.5, 42, 43.5)}:
        status, _, body = server.ask(f"/tiles/tracks/{zoom}/{x}/{y}")
        equal(status, 200, body[:200])
        for _, tags, parts in decode(body).get("tracks", []):
            assert tags["mmsi"] in ("1", "2"), tags
            found += [[((x + place[0] / EXTENT) / 2 ** zoom * 360 - 180, place[1]) for place in part] for part in parts]
    return found


def a_track_is_that_of_a_ship(folder):
    """Two ships of one id have a track each, a jump has none; a lone fix far from all others in time has one."""
    lake(folder)
    take(folder, "all.csv", sorted(north(0, 240, lon=5) + north(60, 240) + [fix(9030, 49, 1)] + [fix(3 * DAY, 45, 2)], key=lambda row: row["BaseDateTime"]))
    east, west, late = (f"1-2024-03-{time}.000000Z-1" for time in ("01T00:00:00", "01T00:01:00", "04T00:00:00"))
    with serving(folder) as server:
        tracks = server.json("/api/v1/tracks?mmsi=1")["tracks"]
        equal([(track["seg_id"], track["points_total"], {point[1] for point in track["points"]}) for track in tracks],
              [(east, 240, {5}), (west, 240, {0}), (late, 1, {2})], "tracks")
        one = server.json("/api/v1/vessels/1/track?tolerance_m=0")
        equal((one["points_total"], [(part["seg_id"], part["points_total"], part["points"]) for part in one["segments"]]),
              (481, [(east, 240, 240), (west, 240, 240), (late, 1, 1)]), "of one vessel")
        equal([point[1] for point in one["points"]], 240 * [5] + 240 * [0] + [2], "its points, segment by segment")
        features = server.json("/api/v1/vessels/1/track", accept="application/geo+json")["features"]
        equal([(feature["properties"]["seg_id"], feature["geometry"]["type"]) for feature in features],
              [(east, "MultiLineString"), (west, "MultiLineString"), (late, "MultiPoint")], "features")
        equal(server.json("/api/v1/vessels/2/track"), {"mmsi": "2", "start": "2024-02-03T00:00:00Z", "end": "2024-03-04T00:00:00Z", "points_total": 0, "points": [],
                                                       "segments": []}, "of nobody")
        refresh(folder, "--by", "mover")
    with serving(folder) as server:
        (track,) = server.json("/api/v1/tracks?mmsi=1&gate_kn=0")["tracks"]
        equal((track["points_total"], "seg_id" in track), (482, False), "by mover, without the gate")
        equal(server.json("/api/v1/vessels/1/track?gate_kn=0")["segments"], [], "segments by mover, without the gate")


def without_segments_a_plain_gate_parts_tracks(folder):
    """Nothing of a track or of a line on the map goes faster than ships can: two ships of one id have a way each, a jump has none."""
    lake(folder)
    rows = sorted(north(0, 240, lon=5) + north(60, 240) + [fix(9030, 49, 1)] + [fix(3 * DAY, 45, 2)] + north(0, 5, mmsi="2"),
                  key=lambda row: row["BaseDateTime"])
    write_csv(folder / "all.csv", rows)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "all.csv")
    refresh(folder, "--by", "mover")
    with serving(folder) as server:
        tracks = server.json("/api/v1/tracks?mmsi=1,2")["tracks"]
        equal([(track["mmsi"], track["points_total"], [point[1] for point in track["points"]][-1], "seg_id" in track) for track in tracks],
              [("1", 240, 5, False), ("1", 241, 2, False), ("2", 5, 0, False)], "tracks; the late fix goes on with the nearer way")
        one = server.json("/api/v1/vessels/1/track")
        equal((one["points_total"], one["segments"]), (481, [{"points_total": 240, "points": 240}, {"points_total": 241, "points": 241}]), "of one vessel")
        equal(server.json("/api/v1/vessels/2/track")["segments"], [], "of a single way")
        equal(len(server.json("/api/v1/tracks?mmsi=1&gate_kn=1000")["tracks"]), 2, "ships that fly; the jump does not")
        lines = tile_lines(server, 8)
        assert lines and all(abs(a[0] - b[0]) < 0.01 for line in lines for a, b in zip(line, line[1:])), lines


def a_fix_that_fits_two_ships_is_ambiguous(folder):
    """It ends both segments and begins one, with which its id's track goes on."""
    rows = [fix(120 * i, 40, 0.6 * (i % 2), sog=0) for i in range(40)] + [fix(DAY - 3600, 40, 0.3, sog=0), fix(DAY - 1800, 40, 0.3, sog=0)]
    lake(folder)
    take(folder, "all.csv", rows, "segments")
    equal(sql(folder, f"SELECT kind, count(DISTINCT seg_id) AS segments, count(*) AS n FROM {SEGMENTS} GROUP BY ALL ORDER BY ALL"),
          [{"kind": "ambiguous", "segments": 1, "n": 1}, {"kind": "good", "segments": 3, "n": 41}], "kinds")
    one_pass(folder, rows)
    equal(sql(folder, "SELECT fixes FROM gold.ais_segments ORDER BY first_ts"), [{"fixes": 20}, {"fixes": 20}, {"fixes": 2}], "in gold it counts")
    with serving(folder) as server:
        equal([track["points_total"] for track in server.json("/api/v1/tracks?mmsi=1")["tracks"]], [20, 20, 2], "and on the map")
    whole(folder)


# ---- what a user asks for ----

def the_lake_keeps_whether_segments_are_made(folder):
    lake(folder)
    write_csv(folder / "a.csv", north(0, 20))
    seine(folder, "ingest", "--quiet", "--lake", "lake", "a.csv")
    refused(folder, 2, "--by ship: mover or segment", "refresh", "--lake", "lake", "--by", "ship")
    equal(refresh(folder)["rewritten"], 1, "a new lake")
    write_csv(folder / "b.csv", north(DAY, 20))
    seine(folder, "ingest", "--quiet", "--lake", "lake", "b.csv")
    tables = {node["table"]: node for node in json.loads(seine(folder, "graph", "--lake", "lake", "--json"))["tables"]}
    assert tables[SEGMENTS]["stale"], tables[SEGMENTS]
    assert SEGMENTS in seine(folder, "status", "--lake", "lake", "--json"), "status"
    equal(refresh(folder)["rewritten"], 1, "kept")
    equal(refresh(folder, "--by", "mover"), None, "no longer")
    equal(refresh(folder), None, "kept, too")
    equal(refresh(folder, "--by", "segment")["stale"], 0, "again")
    with open(folder / "lake" / "seine.yaml", "a", encoding="utf-8") as settings:
        settings.write("by: mover\n")
    equal(refresh(folder), None, "a setting of the lake")
    whole(folder)


def a_lake_of_a_former_release_goes_by_mover_until_it_is_told(folder):
    """It has no word for it: its gaps, gold and tracks stay what they were."""
    write_csv(folder / "a.csv", sorted(north(0, 60, lon=5) + north(60, 60), key=lambda row: row["BaseDateTime"]))
    lake(folder)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "a.csv")
    with sqlite3.connect(folder / "lake" / "catalog.db") as catalog:
        equal(catalog.execute("DELETE FROM seine_setting WHERE key = 'ais.by_segment'").rowcount, 1, "what a new lake keeps")
    equal(refresh(folder), None, "as ever")
    equal(sql(folder, "SELECT ship_no FROM gold.ais_last_state"), [{"ship_no": 1}], "one ship")
    equal(refresh(folder, "--by", "segment")["rewritten"], 1, "told")
    equal(sql(folder, "SELECT ship_no FROM gold.ais_last_state ORDER BY ALL"), [{"ship_no": 1}, {"ship_no": 2}], "two")


def another_limit_makes_anew_what_goes_by_segments(folder):
    """Given, kept by seine.yaml or said by the description; status tells what is stale, verify --deep uses what was used."""
    rows = north(0, 60) + north(16 * 3600, 30) + [fix(19 * 3600, 47, 0)] + north(20 * 3600, 60)
    lake(folder)
    take(folder, "all.csv", rows)
    equal(sql(folder, f"SELECT count(DISTINCT seg_id) FILTER (kind = 'good') AS n FROM {SEGMENTS}"), [{"n": 2}], "segments, and the jump")
    words = ("--segment-max-hours", 6)

    def stale(*given):
        return {row["table"] for row in json.loads(seine(folder, "status", "--lake", "lake", "--json", *given))["tables"] if row["state"] == "stale"}

    assert {SEGMENTS, "events.ais_gaps", "gold.ais_segments", "gold.ais_hourly_h3"} <= stale(*words), stale(*words)
    equal(stale(), set(), "without it")
    job = refresh(folder, *words)
    equal((job["recomputed"], job["rewritten"]), (True, 2), "computed anew")
    equal(sql(folder, f"SELECT count(DISTINCT seg_id) FILTER (kind = 'good') AS n FROM {SEGMENTS}"), [{"n": 3}], "another one after ten hours")
    whole(folder)
    refresh(folder, "--segment-gate-knots", 60)
    equal(sql(folder, f"SELECT kind, noise, lat FROM {SEGMENTS} WHERE kind <> 'good'"), [{"kind": "discarded", "noise": "implied speed", "lat": 47.0}], "by the plain gate")
    whole(folder)
    refused(folder, 2, "--segment-max-hours: 30 is outside 0.001 to 24", "refresh", "--lake", "lake", "--segment-max-hours", 30)
    text = ("name: own\noutputs: segments\nsegments: {max_hours: 6}\nid: {name: mmsi, names: [MMSI]}\ntime: {names: [BaseDateTime]}\nposition: {lat: {names: [LAT]}, lon: {names: [LON]}}\n"
            "measures: {sog: {unit: kn, names: [SOG]}, cog: {unit: deg, names: [COG]}}\n")
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "own.yaml", "all.csv")
    refresh(folder, "--segment-max-hours", 12)
    equal([row["n"] for row in sql(folder, f"SELECT count(DISTINCT seg_id) FILTER (kind = 'good') AS n FROM silver.own_segments")], [3], "the description's")
    told = [json.loads(line) for line in seine(folder, "detect", "segments", "--quiet", "--dataset", "own.yaml", "-i", "all.csv").splitlines()]
    equal(len({row["seg_id"] for row in told if row["noise"] is None}), 3, "of files, too")
    whole(folder)
    (folder / "other.yaml").write_text(text.replace("hours: 6", "hours: 25"), encoding="utf-8")
    refused(folder, 1, "other.yaml line 3: segments.max_hours: a limit of segments, from 0.001 to 24", "dataset", "check", "other.yaml")


def an_id_that_never_tells_its_speed_has_all_it_has_by_mover(folder):
    """Without a speed or a course there are no segments; the id is one ship, with gaps, hours, a last state and a track."""
    rows = [{**row, "SOG": "", "COG": ""} for row in north(0, 60) + north(DAY, 60)]
    columns = "COLUMNS(c -> c NOT IN ('version', 'ingested_at', 'start_seg_id', 'end_seg_id'))"
    for name in ("segment", "mover"):
        lake(folder, name)
        write_csv(folder / "a.csv", rows)
        seine(folder, "ingest", "--quiet", "--lake", name, "a.csv")
        refresh(folder, "--by", name, lake=name)
    for table in ("events.ais_gaps", "gold.ais_hourly_h3", "gold.ais_last_state", "gold.ais_tile_points"):
        query = f"SELECT {columns} FROM {table} ORDER BY ALL"
        equal(sql(folder, query, lake="segment"), sql(folder, query, lake="mover"), table)
    equal(len(sql(folder, "FROM events.ais_gaps", lake="segment")), 1, "gaps")
    with serving(folder, lake="segment") as server:
        equal([track["points_total"] for track in server.json("/api/v1/tracks?mmsi=1")["tracks"]], [120], "track")
    whole(folder, "segment")


def a_fix_without_course_is_on_the_track_of_its_ship(folder):
    """Two ships with one id, of which each sends fixes without a course or speed: none of them leads to the other one."""
    rows = north(0, 60, lon=5) + north(60, 60)
    for index in (20, 21, 80, 100):
        rows[index][("SOG", "COG")[index % 2]] = ""
    lake(folder)
    take(folder, "all.csv", sorted(rows, key=lambda row: row["BaseDateTime"]), "segments")
    equal(sql(folder, f"SELECT count(*) AS n FROM {SEGMENTS} WHERE kind = 'noise'"), [{"n": 4}], "noise")
    with serving(folder) as server:
        tracks = server.json("/api/v1/tracks?mmsi=1")["tracks"]
        equal([(track["points_total"], {point[1] for point in track["points"]}) for track in tracks], [(60, {5}), (60, {0})], "tracks")
        equal([part["points_total"] for part in server.json("/api/v1/vessels/1/track?tolerance_m=0")["segments"]], [60, 60], "of one vessel")


def what_another_dataset_makes_goes_by_ship(folder):
    """Two boats with one id; each output that its description names."""
    text = ("name: own\noutputs: [gaps, hours, movers, map, segments]\nid: {name: boat}\ntime: {names: [t], format: unix_s}\n"
            "position: {lat: {}, lon: {}}\nmeasures: {speed: {unit: kn}, course: {unit: deg}}\ncolumns: {flag: {}}\n")
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    rows = [{"boat": "a", "t": 1_700_000_000 + 360 * i + shift + (30000 if i >= 40 else 0), "lat": round(lat + i / 60, 6), "lon": 1, "speed": 10, "course": 0, "flag": flag}
            for lat, shift, flag in ((10, 0, "XX"), (50, 90, "YY")) for i in range(80)]
    write_csv(folder / "own.csv", sorted(rows, key=lambda row: row["t"]))
    lake(folder)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "own.yaml", "own.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(sql(folder, "SELECT ship_no, flag, speed FROM gold.own_last_state ORDER BY ALL"),
          [{"ship_no": 1, "flag": "XX", "speed": 10.0}, {"ship_no": 2, "flag": "YY", "speed": 10.0}], "last states")
    equal(sql(folder, "SELECT ship_no, sum(message_count) AS n, min(avg_lat) > 40 AS north FROM gold.own_hourly_h3 GROUP BY ALL ORDER BY ALL"),
          [{"ship_no": 1, "n": 80, "north": False}, {"ship_no": 2, "n": 80, "north": True}], "hours")
    equal({(row["ship_no"], row["lat"] > 40) for row in sql(folder, "SELECT ship_no, lat FROM gold.own_tile_points")}, {(1, False), (2, True)}, "points")
    equal([round(row["start_lat"]) for row in sql(folder, "SELECT start_lat FROM events.own_gaps WHERE is_closed ORDER BY ALL")], [11, 51], "gaps")
    whole(folder)


def a_dataset_of_ones_own_may_have_segments(folder):
    text = ("name: own\noutputs: segments\nid: {name: boat}\ntime: {names: [t], format: unix_s}\n"
            "position: {lat: {}, lon: {}}\nmeasures: {speed: {unit: kn}, course: {unit: deg}}\ncolumns: {msgid: {}, type: {}}\n")
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    rows = [{"boat": "a b", "t": 1_700_000_000 + 360 * i, "lat": 50 + i / 60, "lon": 1, "speed": 10, "course": 0, "msgid": min(i, 7), "type": "AIS.1"} for i in range(9)]
    write_csv(folder / "own.csv", rows)
    lake(folder)
    seine(folder, "ingest", "--lake", "lake", "--dataset", "own.yaml", "own.csv")
    seine(folder, "refresh", "--lake", "lake")
    found = sql(folder, "SELECT * FROM silver.own_segments ORDER BY ts")
    equal([(row["kind"], row["noise"]) for row in found], 8 * [("good", None)] + [("repeated", "repeated id")], "kinds")
    equal(list(found[0]), ["boat", "ts", "lat", "lon", "speed", "course", "seg_id", "kind", "noise", "ship_no"], "columns")
    equal({row["seg_id"] for row in found}, {"a b-2023-11-14T22:13:20.000000Z-1", None}, "segments")
    whole(folder)
    for change, said in (((", course: {unit: deg}", ""), "segments need a course"), (("unit: kn", "unit: km/h"), "segments need a speed"),
                         (("name: boat", "name: kind"), "kind is a column of segments"),
                         (("name: boat", "name: is_short"), "is_short is a column of segments")):
        (folder / "other.yaml").write_text(text.replace(*change).replace("name: own", "name: other"), encoding="utf-8")
        refused(folder, 1, f"other.yaml line 2: outputs: {said}", "dataset", "check", "other.yaml")


if __name__ == "__main__":
    main([a_jump_before_midnight_is_left_out_by_the_day_after, a_day_that_changes_no_row_of_the_day_before_leaves_its_file, a_late_hour_feeds_its_day_alone, a_day_is_followed_by_those_who_may_change_it, a_ship_that_becomes_as_before_on_the_next_day_is_not_followed, a_ship_whose_rows_of_the_next_day_become_others_is_followed, a_ship_that_looks_at_more_of_its_fixes_is_followed,
          days_any_order_and_late_rows_are_one_pass, real_days_are_one_pass_and_no_track_jumps, two_ships_with_one_id_and_a_jump_are_told_apart, what_goes_by_ship_is_of_one_ship, a_ship_that_is_known_late_is_told_up_to_the_day_before, gaps_of_ships_do_not_depend_on_how_the_days_came, a_track_is_that_of_a_ship, without_segments_a_plain_gate_parts_tracks, the_lake_keeps_whether_segments_are_made,
          a_lake_of_a_former_release_goes_by_mover_until_it_is_told, another_limit_makes_anew_what_goes_by_segments, an_id_that_never_tells_its_speed_has_all_it_has_by_mover, a_fix_without_course_is_on_the_track_of_its_ship, a_fix_that_fits_two_ships_is_ambiguous,
          what_another_dataset_makes_goes_by_ship, a_dataset_of_ones_own_may_have_segments])
