#!/usr/bin/env python3
"""Enriched fixes and the tables made from them: against another engine, in any order of days, with ports and weather
that change. Environment: SEINE_BIN, the program; SEINE_SHARED, the folder of real data (its tests are skipped where it
is absent)."""
import json
import math
import random
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import lake_of, write_day
from harness.program import FULL, SHARED, equal, run, seine, sql, sql_each
from harness.tap import Skip, main

DAYS = ["AIS_2018_06_01.zip", "AIS_2018_06_02.csv.gz", "ais-2018-06-03.csv.zst", "ais-2018-06-04.csv.zst"]
PORTS = "port_name,latitude,longitude,country\n"
HAVERSINE = ("6371 * 2 * atan2(sqrt(a), sqrt(1 - a))",
             "pow(sin(radians(p.lat - f.lat) / 2), 2) + cos(radians(f.lat)) * cos(radians(p.lat))"
             " * pow(sin(radians(p.lon - f.lon) / 2), 2)")


def real_days(folder, *words):
    paths = [SHARED / "data" / "noaa_days" / name for name in DAYS]
    if not paths[0].exists():
        raise Skip("the real days are not here")
    seine(folder, "init", "lake", *words)
    return paths


def refresh(folder, *words):
    """Of all, or what the words name. @return the report of the job of enriched fixes."""
    jobs = json.loads(seine(folder, "refresh", "--lake", "lake", "--json", *words))
    return next(job for job in jobs["jobs"] if job["job"] == "ais_enriched")


def write(folder, name, text):
    path = Path(folder, name)
    path.write_text(text, encoding="utf-8")
    return path


def load(folder, kind, path, *words):
    return seine(folder, "ref", "load", "--lake", "lake", kind, path, *words)


def enriched(folder, columns="*"):
    return sql(folder, f"SELECT {columns} FROM silver.ais_enriched ORDER BY mmsi, ts")


def partitions(folder):
    """Every partition's rows as one hash, by day and bucket."""
    rows = sql(folder, "SELECT CAST(ts AS DATE) AS day, mmsi, bit_xor(hash(e)) AS content, count(*) AS n"
                       " FROM silver.ais_enriched e GROUP BY ALL")
    return {(row["day"], row["mmsi"]): (row["content"], row["n"]) for row in rows}


def whole(folder):
    text = seine(folder, "verify", "--deep", "--lake", "lake")
    assert "all is well" in text, text


# ---- rules ----


def categories_time_and_fishing_follow_the_rules(folder):
    lake_of(folder, {"AIS_2024_01_15.csv": [
        "111111111,2024-01-15T10:00:00,10,20,3,A", "111111111,2024-01-15T10:30:00,10,20,3,A",
        "111111111,2024-01-15T11:30:01,10,20,3,A", "111111111,2024-01-15T12:30:01,10,20,0,A",
        "111111111,2024-01-15T12:30:02,10,20,,A", "222222222,2024-01-15T10:00:00,10,20,15,B"]})
    refresh(folder, "enriched")
    equal(enriched(folder, "mmsi, sog, speed_category, time_in_zone_h, is_potential_fishing, nearest_port"), [
        {"mmsi": "111111111", "sog": 3.0, "speed_category": "SLOW", "time_in_zone_h": None,
         "is_potential_fishing": None, "nearest_port": None},
        {"mmsi": "111111111", "sog": 3.0, "speed_category": "SLOW", "time_in_zone_h": 0.5,
         "is_potential_fishing": False, "nearest_port": None},
        {"mmsi": "111111111", "sog": 3.0, "speed_category": "SLOW", "time_in_zone_h": 1.0002777777777778,
         "is_potential_fishing": True, "nearest_port": None},
        {"mmsi": "111111111", "sog": 0.0, "speed_category": "STOPPED", "time_in_zone_h": 1.0,
         "is_potential_fishing": False, "nearest_port": None},
        {"mmsi": "111111111", "sog": None, "speed_category": "FAST", "time_in_zone_h": 1 / 3600,
         "is_potential_fishing": False, "nearest_port": None},
        {"mmsi": "222222222", "sog": 15.0, "speed_category": "FAST", "time_in_zone_h": None,
         "is_potential_fishing": False, "nearest_port": None}], "rows")


def the_first_fix_of_a_day_knows_the_last_of_the_days_before(folder):
    lake_of(folder, {"AIS_2024_01_16.csv": ["111111111,2024-01-16T01:00:00,10,20,3,A"]})
    refresh(folder, "enriched")
    equal([row["time_in_zone_h"] for row in enriched(folder)], [None], "alone")
    late = write_day(folder, "AIS_2024_01_14.csv", ["111111111,2024-01-14T23:00:00,10,20,3,A"])
    seine(folder, "ingest", "--lake", "lake", late)
    job = refresh(folder, "enriched")
    equal(job["rewritten"], 2, "the late day and the one that follows")
    equal([row["time_in_zone_h"] for row in enriched(folder)], [None, 26.0], "with a late day")
    seine(folder, "source", "rm", "--lake", "lake", "AIS_2024_01_14.csv")
    equal(refresh(folder, "enriched")["rewritten"], 2, "both again")
    equal([row["time_in_zone_h"] for row in enriched(folder)], [None], "without it again")
    whole(folder)


def a_late_fix_touches_its_day_and_the_next_one_of_its_vessel_only(folder):
    days = {f"AIS_2024_01_{day:02}.csv": [f"111111111,2024-01-{day:02}T12:00:00,10,20,3,A",
                                         f"222222222,2024-01-{day:02}T12:00:00,10,20,3,B"] for day in range(10, 20)}
    lake_of(folder, days)
    refresh(folder, "enriched")
    before = partitions(folder)
    late = write_day(folder, "late.csv", ["111111111,2024-01-13T18:00:00,10,20,3,A"])
    seine(folder, "ingest", "--lake", "lake", late)
    job = refresh(folder, "enriched")
    equal(job["stale"], 1, "stale")
    equal(job["rewritten"], 2, "rewritten")
    after = partitions(folder)
    equal(sorted(key for key in after if after[key] != before[key]),
          [("2024-01-13", "111111111"), ("2024-01-14", "111111111")], "changed")
    whole(folder)


# ---- ports ----


def ports_across_180_degrees_and_at_the_pole_are_found(folder):
    lake_of(folder, {"AIS_2024_01_15.csv": ["111111111,2024-01-15T10:00:00,-17,-179.9,3,A",
                                        "111111111,2024-01-15T11:00:00,89.9,90,3,A"]})
    load(folder, "ports", write(folder, "ports.csv", PORTS + "FIJI,-17,179.9,FJ\nWEST,-17,-175,WF\nNORTH,89.9,-90,XX\n"))
    refresh(folder, "enriched")
    found = enriched(folder, "nearest_port, distance_to_port_km")
    equal([row["nearest_port"] for row in found], ["FIJI", "NORTH"], "ports")
    expected = [2 * 6371 * math.asin(math.cos(math.radians(17)) * math.sin(math.radians(0.1))),
                6371 * math.radians(0.2)]
    for row, km in zip(found, expected):
        assert abs(row["distance_to_port_km"] - km) < 1e-9, (row, km)


def of_two_equally_near_ports_the_smaller_name_is_taken(folder):
    lake_of(folder, {"AIS_2024_01_15.csv": ["111111111,2024-01-15T10:00:00,0,0,3,A"]})
    load(folder, "ports", write(folder, "ports.csv", PORTS + "ZULU,0,1,XX\nALPHA,0,-1,XX\n"))
    refresh(folder, "enriched")
    equal(enriched(folder, "nearest_port")[0]["nearest_port"], "ALPHA", "port")


def lake_of_four_days(folder):
    """A fix of a vessel in the south and of one in the north each day; each day a commit."""
    days = {f"AIS_2024_01_{day:02}.csv": [f"{mmsi},2024-01-{day:02}T12:00:00,{lat},20,3,A"
                                         for mmsi, lat in (("111111111", 10), ("222222222", 50))]
            for day in range(10, 14)}
    seine(folder, "init", "--buckets", "64", "lake")
    for name, rows in days.items():
        seine(folder, "ingest", "--lake", "lake", write_day(folder, name, rows))


def a_changed_port_rewrites_only_the_partitions_that_come_out_different(folder):
    lake_of_four_days(folder)
    load(folder, "ports", write(folder, "a.csv", PORTS + "SOUTH,10,21,XX\nNORTH,50,21,XX\n"))
    equal(refresh(folder, "enriched")["rewritten"], 8, "first")
    equal(refresh(folder, "enriched")["stale"], 0, "nothing changed")
    load(folder, "ports", write(folder, "b.csv", PORTS + "SOUTH,10,21,XX\nNORTH,50,22,XX\n"), "--valid-from",
         "2024-01-12")
    job = refresh(folder, "enriched")
    equal((job["stale"], job["rewritten"], job["unchanged"]), (4, 2, 2), "moved from the 12th on")
    rows = enriched(folder, "CAST(ts AS DATE) AS day, mmsi, round(distance_to_port_km) AS km")
    north = {row["day"]: row["km"] for row in rows if row["mmsi"] == "222222222"}
    equal(north, {"2024-01-10": 71, "2024-01-11": 71, "2024-01-12": 143, "2024-01-13": 143}, "distances")
    whole(folder)


# ---- weather ----


def weather_of_the_cell_nearest_in_time_is_taken(folder):
    lake_of(folder, {"AIS_2024_01_15.csv": ["111111111,2024-01-15T10:00:00,10.4,179.7,3,A",
                                        "111111111,2024-01-15T12:29:00,10.4,-179.7,3,A",
                                        "111111111,2024-01-15T18:00:00,10.4,20.5,3,A"]})
    load(folder, "weather", write(folder, "w.csv", "lat_grid,lon_grid,time,temperature,wind_speed\n"
                                  "10,180,2024-01-15T10:00:00Z,1,11\n10,-180,2024-01-15T15:00:00Z,2,12\n"
                                  "10,21,,3,13\n"))
    refresh(folder, "enriched")
    equal(enriched(folder, "temperature, wind_speed"), [{"temperature": 1.0, "wind_speed": 11.0},
                                                        {"temperature": 1.0, "wind_speed": 11.0},
                                                        {"temperature": 3.0, "wind_speed": 13.0}], "weather")
    refresh(folder, "enriched", "--weather-max-age", "1")
    equal([row["temperature"] for row in enriched(folder, "temperature")], [1.0, None, 3.0], "one hour at most")


def late_weather_makes_only_partitions_of_its_cells_and_days_stale(folder):
    lake_of_four_days(folder)
    refresh(folder, "enriched")
    head = "lat_grid,lon_grid,time,temperature,wind_speed\n"
    load(folder, "weather", write(folder, "w.csv", head + "50,20,2024-01-12T11:00:00Z,7,8\n"))
    job = refresh(folder, "enriched")
    equal((job["stale"], job["rewritten"]), (1, 1), "one cell, one day")
    load(folder, "weather", write(folder, "n.csv", head + "50,20,2024-01-12T23:00:00Z,9,9\n"))
    job = refresh(folder, "enriched")
    equal((job["stale"], job["rewritten"], job["unchanged"]), (2, 0, 2), "close to midnight both days may need it")
    load(folder, "weather", write(folder, "f.csv", head + "-50,20,2024-01-12T12:00:00Z,9,9\n"))
    equal(refresh(folder, "enriched")["stale"], 0, "a cell where nobody was")
    whole(folder)


# ---- who is fed ----

BAYS = [(lat, lon) for lat in (-40, 0, 40) for lon in (-150, -60, 30, 120)]


def ports_of(rnd, ports):
    """A port of some bay comes, moves, or goes; each bay keeps its first one."""
    bay, number = rnd.randrange(len(BAYS)), rnd.randrange(4)
    lat, lon = BAYS[bay]
    ports = dict(ports)
    if number > 0 and (bay, number) in ports and rnd.random() < 0.4:
        del ports[bay, number]
    else:
        ports[bay, number] = (round(lat + rnd.uniform(-0.2, 0.2), 3), round(lon + rnd.uniform(-0.2, 0.2), 3))
    return ports


def ports_in_force(rows, bay, first, last):
    """What holds in a bay while somebody is there."""
    mine = [row for row in rows if row["port_id"].startswith(f"{bay}-")]
    return {(row["port_id"], row["lat"], row["lon"], max(row["valid_from"] or "", first), min(row["valid_to"] or "9", last))
            for row in mine if (row["valid_from"] or "") <= last and first < (row["valid_to"] or "9")}


def weather_in_reach(rows, bay, first, last):
    def hours(text):
        return int(text[8:10]) * 24 + int(text[11:13])
    return {(row["observed_at"], row["temperature"]) for row in rows if (row["lat_grid"], row["lon_grid"]) == BAYS[bay]
            and hours(first) - 3 <= hours(row["observed_at"]) <= hours(last) + 3}


def exactly_those_are_fed_who_can_see_what_changed(folder):
    """Ships in bays far from each other, on some of four days. Ports and weather of any bay change, from any day on: who was there
    then is fed, nobody else is, and the rows are those of a lake in which nothing was ever otherwise."""
    rnd = random.Random(3)
    stays, files = {}, {}
    for mover in range(30):
        name, bay = str(366000000 + mover), mover % len(BAYS)
        for day in rnd.sample(range(10, 14), rnd.randint(1, 4)):
            first = rnd.randrange(4, 10)
            stays[name, day] = (bay, f"2024-01-{day}T{first:02}:00:00Z", f"2024-01-{day}T{first + 8:02}:00:00Z")
            lat, lon = BAYS[bay]
            files.setdefault(f"AIS_2024_01_{day}.csv", []).extend(
                f"{name},2024-01-{day}T{first + hour:02}:00:00,{lat + rnd.uniform(-0.2, 0.2):.4f},{lon + rnd.uniform(-0.2, 0.2):.4f},3,A" for hour in range(9))
    for name, rows in files.items():
        write_day(folder, name, rows)
    ports, loads = {(bay, 0): place for bay, place in enumerate(BAYS)}, []

    def put(kind, text, *words):
        loads.append((kind, write(folder, f"{kind}{len(loads)}.csv", text), *words))
        load(folder, *loads[-1])

    def put_ports(*words):
        lines = [f"{bay}-{number},PORT {bay} {number},{lat},{lon},XX" for (bay, number), (lat, lon) in ports.items()]
        put("ports", "port_id,port_name,latitude,longitude,country\n" + "\n".join(lines) + "\n", *words)

    def known():
        return (sql(folder, "SELECT port_id, lat, lon, valid_from, valid_to FROM ref.ports"), sql(folder, "SELECT * FROM ref.weather"))
    seine(folder, "init", "--buckets", 3, "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", *files)
    put_ports()
    equal(refresh(folder, "enriched")["movers_fed"], 30, "at first")
    fed = set()
    for step in range(20 if FULL else 8):
        old = known()
        if rnd.random() < 0.3:
            lat, lon = rnd.choice(BAYS)
            put("weather", f"lat_grid,lon_grid,time,temperature,wind_speed\n{lat},{lon},2024-01-{rnd.randrange(10, 14)}T{rnd.randrange(24):02}:00:00Z,{step},8\n")
        else:
            ports = ports_of(rnd, ports)
            put_ports(*(("--valid-from", f"2024-01-{rnd.randrange(10, 14)}T0{rnd.randrange(8)}:00:00Z") if step % 2 == 1 else ()))
        new = known()
        job = refresh(folder, "enriched")
        changed = {name for (name, _), (bay, first, last) in stays.items()
                   if ports_in_force(old[0], bay, first, last) != ports_in_force(new[0], bay, first, last)
                   or weather_in_reach(old[1], bay, first, last) != weather_in_reach(new[1], bay, first, last)}
        equal(job["movers_fed"], len(changed), f"step {step}: {changed}")
        fed |= changed
    assert 5 < len(fed), fed
    whole(folder)
    rows = enriched(folder)
    Path(folder, "lake").rename(Path(folder, "other"))
    seine(folder, "init", "lake")
    for one in loads:
        load(folder, *one)
    seine(folder, "ingest", "--quiet", "--lake", "lake", *files)
    refresh(folder, "enriched")
    equal(rows, enriched(folder), "rows of a lake that knew all from the beginning")


# ---- gold ----


def an_approach_over_midnight_is_one_visit(folder):
    hours = [(10, 22, 9.99), (10, 23, 10), (11, 1, 10), (11, 2, 11), (11, 3, 10), (11, 4, 10), (11, 5, 12), (13, 1, 10)]
    days = {}
    for day, hour, lat in hours:
        days.setdefault(f"AIS_2024_01_{day:02}.csv", []).append(f"111111111,2024-01-{day:02}T{hour:02}:00:00,{lat},20,2,A")
    lake_of(folder, days)
    load(folder, "ports", write(folder, "ports.csv", PORTS + "HARBOUR,10,20,XX\nFAR,-40,20,YY\n"))
    refresh(folder)
    equal(sql(folder, "SELECT * EXCLUDE (nearest_port_id, avg_approach_speed, nearest_avg_speed)"
                      " FROM gold.ais_port_statistics"),
          [{"nearest_port": "HARBOUR", "country": "XX", "unique_vessels": 1, "total_visits": 3, "nearest_positions": 8,
            "nearest_vessels": 1}], "visits")
    refresh(folder, "--set", "approach_km=200")
    equal(sql(folder, "SELECT total_visits FROM gold.ais_port_statistics"), [{"total_visits": 2}], "within 200 km")


def vessels_have_their_most_frequent_identity_and_a_checked_number(folder):
    header = "MMSI,BaseDateTime,LAT,LON,SOG,VesselName,IMO,CallSign,VesselType,Length"
    seine(folder, "init", "lake")
    for day, rows in ((15, [("00", "OLD NAME", "IMO9074728", "70"), ("01", "NEW NAME", "IMO9074729", "70")]),
                      (16, [("00", "NEW NAME", "IMO9074728", "30"), ("01", "", "", "70")])):
        lines = [f"367000001,2024-01-{day}T{hour}:00:00,10,20,3,{name},{imo},WX1,{kind},99.5"
                 for hour, name, imo, kind in rows]
        seine(folder, "ingest", "--lake", "lake", write_day(folder, f"AIS_2024_01_{day}.csv", lines, header))
    refresh(folder)
    vessel = sql(folder, "SELECT * FROM gold.ais_vessels")[0]
    equal(json.loads(vessel["names"]), [{"value": "NEW NAME", "fixes": 2}, {"value": "OLD NAME", "fixes": 1}], "names")
    equal((vessel["name"], vessel["imo"], vessel["flag"], vessel["flag_country"], vessel["vessel_type"],
           vessel["vessel_type_name"], vessel["length"], vessel["days_seen"], vessel["fixes"]),
          ("NEW NAME", "9074729", "US", "United States of America", 70, "Cargo", 99.5, 2, 4), "identity")
    state = sql(folder, "SELECT * FROM gold.ais_last_state")[0]
    equal((state["name"], state["vessel_type"], state["ts"]), ("NEW NAME", 70, "2024-01-16T01:00:00Z"), "last state")


# ---- real days ----


def real_days_equal_another_engine(folder):
    try:
        import duckdb
    except ImportError as why:
        raise Skip("the Python module duckdb is not here") from why
    paths = real_days(folder)
    world = SHARED / "data" / "reference" / "world_port_index.csv.zst"
    seine(folder, "ingest", "--lake", "lake", *paths)
    load(folder, "ports", world)
    refresh(folder, "--by", "mover")
    for name in ("silver.ais", "silver.ais_enriched", "ref.ports", "gold.ais_daily_statistics",
                 "gold.ais_hourly_traffic", "gold.ais_port_statistics", "gold.ais_last_state"):
        seine(folder, "sql", "--lake", "lake", "--format", "parquet", "-o", f"{name}.parquet", f"SELECT * FROM {name}")
    db = duckdb.connect(config={"threads": 2})
    db.execute(f"SET file_search_path = '{folder}'; SET TimeZone = 'UTC'")
    distance, a = HAVERSINE
    db.execute(f"""CREATE TABLE fix AS SELECT * FROM 'silver.ais_enriched.parquet' f WHERE hash(mmsi, ts) % 200 = 0;
        CREATE TABLE near AS SELECT mmsi, ts, arg_min(port_name, (km, port_name)) AS port, min(km) AS km
        FROM (SELECT f.mmsi, f.ts, p.port_name, {distance} AS km FROM
              (SELECT f.mmsi, f.ts, p.port_name, {a} AS a FROM fix f, 'ref.ports.parquet' p) f,
              (SELECT 1) p(x)) GROUP BY mmsi, ts""".replace("f.mmsi, f.ts, p.port_name, 6371", "mmsi, ts, port_name, 6371"))
    count, ports, worst = db.execute("""SELECT count(*), count(*) FILTER (port <> nearest_port),
        max(abs(km - distance_to_port_km) / km) FROM near JOIN fix USING (mmsi, ts)""").fetchone()
    assert count > 1500 and ports == 0 and worst < 1e-9, (count, ports, worst)
    wrong, rows = db.execute("""WITH expected AS (
            SELECT mmsi, ts, sog, epoch_us(ts - lag(ts) OVER (PARTITION BY mmsi ORDER BY ts)) / 1e6 / 3600.0 AS h
            FROM 'silver.ais.parquet')
        SELECT count(*) FILTER (h IS DISTINCT FROM time_in_zone_h
            OR (e.sog BETWEEN 2 AND 5 AND h > 1.0) IS DISTINCT FROM is_potential_fishing
            OR CASE WHEN e.sog = 0 THEN 'STOPPED' WHEN e.sog < 5 THEN 'SLOW' WHEN e.sog < 15 THEN 'CRUISING'
               ELSE 'FAST' END <> speed_category), count(*)
        FROM expected e JOIN 'silver.ais_enriched.parquet' USING (mmsi, ts)""").fetchone()
    equal((wrong, rows), (0, 409206), "time, fishing, category")
    equal(db.execute("SELECT sum(position_count), count(*) FROM 'gold.ais_hourly_traffic.parquet'").fetchone(),
          (409206, 96), "hours")
    equal(db.execute("""SELECT count(*) FROM (SELECT CAST(ts AS DATE) AS dt, CAST(hour(ts) AS INT) AS hour,
            count(*) AS position_count, count(DISTINCT mmsi) AS active_vessels FROM 'silver.ais.parquet' GROUP BY 1, 2
        EXCEPT SELECT * FROM 'gold.ais_hourly_traffic.parquet')""").fetchone(), (0,), "traffic")
    equal(db.execute("""SELECT count(*), sum(wrong) FROM (SELECT nearest_port_id, any_value(g.nearest_positions) <>
            count(*) OR any_value(g.nearest_vessels) <> count(DISTINCT e.mmsi) OR any_value(g.unique_vessels) <>
            count(DISTINCT e.mmsi) FILTER (distance_to_port_km <= 5) AS wrong
        FROM 'silver.ais_enriched.parquet' e JOIN 'gold.ais_port_statistics.parquet' g USING (nearest_port_id)
        GROUP BY 1)""").fetchone(), (50, 0), "ports")
    visits = db.execute("""SELECT count(*) FROM (SELECT mmsi, port, lag(port) OVER (PARTITION BY mmsi ORDER BY ts) AS b
        FROM (SELECT mmsi, ts, CASE WHEN distance_to_port_km <= 5 THEN nearest_port_id END AS port
        FROM 'silver.ais_enriched.parquet')) WHERE port IS NOT NULL AND b IS DISTINCT FROM port""").fetchone()[0]
    equal(db.execute("SELECT sum(total_visits) FROM 'gold.ais_port_statistics.parquet'").fetchone()[0], visits, "visits")
    equal(db.execute("""SELECT sum(total_positions), sum(unique_vessels) FROM 'gold.ais_daily_statistics.parquet'
        WHERE dt = '2018-06-01'""").fetchone(),
          db.execute("""SELECT count(*), count(DISTINCT mmsi) FROM 'silver.ais.parquet'
        WHERE CAST(ts AS DATE) = '2018-06-01'""").fetchone(), "daily statistics")
    equal(db.execute("""SELECT count(*) FROM (SELECT mmsi, max(ts) AS ts FROM 'silver.ais.parquet' GROUP BY 1
        EXCEPT SELECT mmsi, ts FROM 'gold.ais_last_state.parquet')""").fetchone(), (0,), "last states")
    whole(folder)


def real_days_one_by_one_end_in_the_same_tables(folder):
    paths = real_days(folder)
    first, *others = (paths[number] for number in ((2, 0, 3, 1) if FULL else (1, 0)))
    world = SHARED / "data" / "reference" / "world_port_index.csv.zst"
    query = "SELECT count(*) AS n, bit_xor(hash(t)) AS content FROM {} t"
    tables = ["silver.ais_enriched", "gold.ais_vessel_days", "gold.ais_vessels", "gold.ais_last_state",
              "gold.ais_daily_statistics", "gold.ais_hourly_traffic", "gold.ais_port_statistics"]
    found = []
    seine(folder, "run", "--lake", "lake", first)
    load(folder, "ports", world)
    for path in others:
        seine(folder, "run", "--lake", "lake", "--threads", 1, path)
    found.append(sql_each(folder, {table: query.format(table) for table in tables}))
    Path(folder, "lake").rename(Path(folder, "other"))
    seine(folder, "init", "lake")
    load(folder, "ports", world)
    seine(folder, "run", "--lake", "lake", first, *others)
    found.append(sql_each(folder, {table: query.format(table) for table in tables}))
    equal(found[0], found[1], "day by day and at once")
    assert "up to date" in seine(folder, "run", "--lake", "lake", first, *others)


# ---- care ----


def status_tells_what_new_ports_and_fixes_make_stale(folder):
    lake_of(folder, {"AIS_2024_01_15.csv": ["111111111,2024-01-15T10:00:00,10,20,3,A"]})

    def state():
        tables = json.loads(seine(folder, "status", "--lake", "lake", "--json"))["tables"]
        return {row["table"]: row["state"] for row in tables}
    equal(state()["silver.ais_enriched"], "stale", "never made")
    refresh(folder)
    equal((state()["silver.ais_enriched"], state()["gold.ais_last_state"]), ("fresh", "fresh"), "made")
    load(folder, "ports", write(folder, "ports.csv", PORTS + "HARBOUR,10,20,XX\n"))
    found = state()
    equal((found["silver.ais_enriched"], found["gold.ais_daily_statistics"], found["gold.ais_last_state"],
           found["events.ais_gaps"]), ("stale", "stale", "stale", "fresh"), "with new ports")
    refresh(folder)
    assert "stale" not in state().values(), state()


def verify_names_a_partition_whose_rows_are_not_those_of_the_ledger(folder):
    lake_of(folder, {"AIS_2024_01_15.csv": ["111111111,2024-01-15T10:00:00,10,20,3,A"]})
    refresh(folder)
    other = Path(folder, "other")
    Path(folder, "lake").rename(other)
    lake_of(folder, {"AIS_2024_01_15.csv": ["111111111,2024-01-15T10:00:00,10,21,3,A"]})
    refresh(folder)
    ours, theirs = (next(base.glob("silver/ais_enriched/data/**/*.parquet")) for base in (Path(folder, "lake"), other))
    if ours.stat().st_size != theirs.stat().st_size:
        raise Skip("the two files differ in size, which is found without reading them")
    ours.write_bytes(theirs.read_bytes())
    result = run(folder, "verify", "--lake", "lake")
    equal(result.returncode, 1, "status")
    text = result.stdout + result.stderr  # of a file, the checksum is what tells first
    assert "silver/ais_enriched/data/ts_day=2024-01-15" in text and "other bytes than were written" in text, text
    assert " 1 source, 1 fix in 1 partition," in text, text  # what is not damaged is checked


if __name__ == "__main__":
    main([
        categories_time_and_fishing_follow_the_rules,
        the_first_fix_of_a_day_knows_the_last_of_the_days_before,
        a_late_fix_touches_its_day_and_the_next_one_of_its_vessel_only,
        ports_across_180_degrees_and_at_the_pole_are_found,
        of_two_equally_near_ports_the_smaller_name_is_taken,
        a_changed_port_rewrites_only_the_partitions_that_come_out_different,
        weather_of_the_cell_nearest_in_time_is_taken,
        late_weather_makes_only_partitions_of_its_cells_and_days_stale,
        exactly_those_are_fed_who_can_see_what_changed,
        an_approach_over_midnight_is_one_visit,
        vessels_have_their_most_frequent_identity_and_a_checked_number,
        real_days_equal_another_engine,
        real_days_one_by_one_end_in_the_same_tables,
        status_tells_what_new_ports_and_fixes_make_stale,
        verify_names_a_partition_whose_rows_are_not_those_of_the_ledger,
    ])
