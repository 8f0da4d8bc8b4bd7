#!/usr/bin/env python3
"""Gold tables: oracles, days that come in any order, models of the user's own, counts that must match silver.

Environment: SEINE_BIN, the program; SEINE_SHARED, the folder of real data (its tests are skipped where it is absent).
"""
import csv
import gzip
import json
import re
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness import lakes
from harness.program import NOW, ROOT, equal, real_days, run, seine, shared_file, sql, sql_each
from harness.tap import main

KNOT = ROOT / "tests" / "data" / "oracles" / "knot"
GOLD = sorted(path.stem for path in (ROOT / "models").glob("ais_*.sql"))


def refresh(folder, *words, lake="lake", code=0):
    text = seine(folder, "refresh", "--lake", lake, "--json", *words, code=code)
    return json.loads(text) if code == 0 else text


def near(found, expected, what, most=1e-9):
    assert abs(float(found) - float(expected)) <= most, f"{what}: expected {expected}, found {found}"


def rows_of(path):
    opened = gzip.open(path, "rt", newline="") if path.suffix == ".gz" else open(path, newline="", encoding="utf-8")
    with opened as file:
        return list(csv.DictReader(file))


def make_lake(folder, *files, lake="lake", buckets=2):
    lakes.make_lake(folder, *files, buckets=buckets, lake=lake)


def gold(folder, lake="lake"):
    """Every gold row without the time of the run."""
    return sql_each(folder, {name: f"SELECT COLUMNS(c -> c <> 'ingested_at') FROM gold.{name} ORDER BY ALL" for name in GOLD},
                    lake)


def write_day(path, day, fixes):
    """A day archive of (mmsi, hour, minute, lat, lon, sog)."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("mmsi,base_date_time,latitude,longitude,sog\n")
        for mmsi, hour, minute, lat, lon, sog in fixes:
            file.write(f"{mmsi},{day} {hour:02}:{minute:02}:00,{lat},{lon},{sog}\n")


def convoy(offset, hours=8, lon_offset=0.0):
    """Two vessels sailing close together, and a third one far away."""
    fixes = []
    for hour in range(hours):
        lon = -120 + 0.2 * hour
        fixes += [("111111111", hour, 10, 34 + offset, lon, 12), ("222222222", hour, 12, 34 + offset, lon + lon_offset, 12),
                  ("333333333", hour, 14, 10, lon, 9)]
    return fixes


def days_of(folder, count, **options):
    paths = []
    for number in range(1, count + 1):
        paths.append(folder / f"ais-2025-01-{number:02}.csv")
        write_day(paths[-1], f"2025-01-{number:02}", convoy(number / 10, **options))
    return paths


# ---- oracles ----


def hourly_cells_equal_the_oracle_but_for_180_degrees_and_duplicates(folder):
    make_lake(folder, KNOT / "ais_day.csv")
    refresh(folder)
    found = {(row["mmsi"], row["hour"]): row for row in sql(folder, "SELECT * FROM gold.ais_hourly_h3")}
    expected = rows_of(KNOT / "expected_uid_hourly_h3.csv")
    equal(len(found), len(expected), "rows")
    differing = []
    for row in expected:
        mine = found[row["mmsi"], int(row["hour"])]
        equal(mine["dt"], row["dt"], "dt")
        equal(mine["hour_ts"][:19].replace("T", " "), row["hour_ts"][:19].replace("T", " "), "hour_ts")
        same = (mine["message_count"] == int(row["message_count"]) and mine["h3_index"] == row["h3_index"]
                and abs(mine["avg_lon"] - float(row["avg_lon"])) < 1e-9)
        if not same:
            differing.append((row["mmsi"], int(row["hour"])))
            continue
        near(mine["avg_lat"], row["avg_lat"], "avg_lat")
        near(mine["avg_sog"], row["avg_sog"], "avg_sog")
    crossing = found["538000001", 2]
    near(crossing["avg_lon"], -179.981201171875, "mean across 180 degrees", 1e-12)
    assert ("538000001", 2) in differing
    # Every other difference is an hour in which silver has fewer rows, because a fix came twice.
    for mmsi, hour in differing:
        if (mmsi, hour) == ("538000001", 2):
            continue
        (source,) = [row for row in expected if (row["mmsi"], int(row["hour"])) == (mmsi, hour)]
        assert found[mmsi, hour]["message_count"] < int(source["message_count"]), (mmsi, hour)
    equal(len(differing), 2, "hours that differ")


def pairs_equal_the_oracle_and_moored_vessels_are_none(folder):
    make_lake(folder, KNOT / "ais_day.csv")
    refresh(folder)
    found = {(row["uid_a"], row["uid_b"]): row for row in sql(folder, "SELECT * FROM gold.ais_pairs_daily")}
    expected = rows_of(KNOT / "expected_pairs_daily_with_rejected.csv")
    equal(set(found), {(row["uid_a"], row["uid_b"]) for row in expected if row["kept"] == "True"}, "pairs")
    assert any(row["kept"] == "False" for row in expected)
    assert ("367000020", "99000001") in found, "ids are compared as text"
    for row in expected:
        for name in ("hA", "hB", "gA", "gB", "hT", "gT") if row["kept"] == "True" else ():
            equal(found[row["uid_a"], row["uid_b"]][name], int(row[name]), name)
            twin = {"h": "hours", "g": "cells"}[name[0]] + {"A": "_a", "B": "_b", "T": "_shared"}[name[1]]
            equal(found[row["uid_a"], row["uid_b"]][twin], int(row[name]), twin)
        for name in ("temporal_o", "spatial_o", "gto", "temporal_j", "spatial_j", "gtj") if row["kept"] == "True" else ():
            equal(found[row["uid_a"], row["uid_b"]][name], float(row[name]), name)


def real_days_equal_their_oracles(folder):
    make_lake(folder, *real_days(), buckets=16)
    refresh(folder, "--by", "mover")
    found = {(row["mmsi"], row["hour_ts"][:19].replace("T", " ")): row for row in
             sql(folder, "SELECT * FROM gold.ais_hourly_h3 WHERE dt = '2018-06-01'")}
    expected = rows_of(shared_file("oracles", "real_days", "hourly_first_day.csv.gz"))
    equal(len(found), len(expected), "hours of the first day")
    for row in expected:
        mine = found[row["mmsi"], row["hour_ts"][:19]]
        equal(mine["message_count"], int(row["message_count"]), "message_count")
        near(mine["avg_lat"], row["avg_lat"], "avg_lat", 1e-6)
        if row["wide"] == "false":
            near(mine["avg_lon"], row["avg_lon"], "avg_lon", 1e-6)
            equal(mine["h3_index"], row["h3_index"], "h3_index")
    pairs = {(row["uid_a"], row["uid_b"], row["day_date"]): row for row in sql(folder, "SELECT * FROM gold.ais_pairs_daily")}
    expected = rows_of(shared_file("oracles", "real_days", "pairs.csv.gz"))
    equal(set(pairs), {(row["uid_a"], row["uid_b"], row["day_date"]) for row in expected}, "pairs")
    for row in expected:
        mine = pairs[row["uid_a"], row["uid_b"], row["day_date"]]
        equal([mine[name] for name in ("hT", "gT", "hA", "hB", "gA", "gB")],
              [int(row[name]) for name in ("hT", "gT", "hA", "hB", "gA", "gB")], "counts")
        near(mine["gtj"], row["gtj"], "gtj")
        near(mine["gto"], row["gto"], "gto")


def totals_have_the_exact_median(folder):
    # Three days with 8, 4 and 2 shared hours of 8: gto is 1, 0.5 and 0.25.
    for number, shared in enumerate((8, 4, 2), 1):
        fixes = [fix for fix in convoy(0) if fix[0] == "111111111"]
        fixes += [("222222222", hour, minute, lat if hour < shared else lat + 5, lon, sog)
                  for _, hour, minute, lat, lon, sog in fixes]
        write_day(folder / f"ais-2025-01-0{number}.csv", f"2025-01-0{number}", fixes)
    make_lake(folder, *sorted(folder.glob("*.csv")))
    refresh(folder)
    (row,) = sql(folder, "SELECT * FROM gold.ais_pairs_total")
    equal([row[name] for name in ("total_days_observed", "days_with_gto_above_0_4", "max_gto", "min_gto", "median_gto")],
          [3, 2, 1.0, 0.25, 0.5], "totals")
    near(row["avg_gto"], 1.75 / 3, "avg_gto", 1e-15)


# ---- companions ----


def companions_repeat_and_move_and_anchored_vessels_are_none(folder):
    make_lake(folder, *days_of(folder, 4))
    still = folder / "ais-2025-01-05.csv"
    write_day(still, "2025-01-05", [(mmsi, hour, 1, 34, -120, 0.1) for mmsi in ("111111111", "222222222", "333333333")
                                    for hour in range(24)])
    seine(folder, "ingest", "--lake", "lake", still)
    refresh(folder)
    (row,) = sql(folder, "SELECT * FROM gold.ais_companions")
    equal([row[name] for name in ("uid_a", "uid_b", "days_together", "days_both_seen", "share", "hours_together",
                                  "cells_together", "border_hours", "is_split_by_border", "first_day", "last_day")],
          ["111111111", "222222222", 4, 5, 0.8, 32, 32, 0, False, "2025-01-01", "2025-01-04"], "companions")
    near(row["score"], 0.8 * (1 - 1 / 4) * 32 / 44, "score", 1e-15)


def companions_split_by_a_cell_border_are_found_and_marked(folder):
    # 0.0135 degrees of longitude are about 1.2 km: mostly another cell.
    make_lake(folder, *days_of(folder, 3, lon_offset=0.0135))
    refresh(folder)
    rows = sql(folder, "SELECT * FROM gold.ais_companions")
    equal([(row["uid_a"], row["uid_b"]) for row in rows], [("111111111", "222222222")], "companions")
    assert rows[0]["border_hours"] > 0
    equal(rows[0]["is_split_by_border"], 2 * rows[0]["border_hours"] > rows[0]["hours_together"], "mark")
    refresh(folder, "--set", "companion_distance=10")
    (near_only,) = sql(folder, "SELECT coalesce(sum(border_hours), 0)::BIGINT AS n FROM gold.ais_companions_daily")
    equal(near_only["n"], 0, "border hours within ten metres")


# ---- refresh ----


def days_in_any_order_and_a_replaced_window_give_the_same_rows(folder):
    days = days_of(folder, 3)
    make_lake(folder, *days, lake="whole")
    refresh(folder, lake="whole")
    make_lake(folder, lake="steps")
    for day in (days[2], days[0], days[1]):
        seine(folder, "ingest", "--lake", "steps", day)
        refresh(folder, lake="steps")
    equal(gold(folder, "steps"), gold(folder, "whole"), "day by day in another order")
    report = refresh(folder, "--mode", "replace", "--from", "2025-01-02", "--to", "2025-01-03", lake="steps")
    equal(report["models"][0]["run"], 2, "days replaced")
    equal(gold(folder, "steps"), gold(folder, "whole"), "after a replaced window")


def only_stale_days_run_and_nothing_twice(folder):
    days = days_of(folder, 3)
    make_lake(folder, *days[:2])
    runs = {model["table"]: model["run"] for model in refresh(folder)["models"]}
    equal((runs["gold.ais_hourly_h3"], runs["gold.ais_pairs_total"]), (2, 1), "first run")
    again = refresh(folder)
    equal((again["committed"], sum(model["run"] for model in again["models"])), (False, 0), "second run")
    seine(folder, "ingest", "--lake", "lake", days[2])
    runs = {model["table"]: model["run"] for model in refresh(folder)["models"]}
    equal((runs["gold.ais_hourly_h3"], runs["gold.ais_pairs_daily"], runs["gold.ais_pairs_total"]), (1, 1, 1), "a new day")
    runs = {model["table"]: model["run"] for model in refresh(folder, "--set", "cell_resolution=8")["models"]}
    equal(runs["gold.ais_hourly_h3"], 3, "another resolution")
    equal({len(row["h3_index"]) for row in sql(folder, "SELECT h3_index FROM gold.ais_hourly_h3")}, {15}, "cells")
    equal({row["h3_index"][:2] for row in sql(folder, "SELECT h3_index FROM gold.ais_hourly_h3")}, {"88"}, "resolution")


def a_window_leaves_other_days_alone(folder):
    make_lake(folder, *days_of(folder, 3))
    refresh(folder, "--from", "2025-01-02", "--to", "2025-01-02")
    equal(sql(folder, "SELECT DISTINCT dt FROM gold.ais_hourly_h3"), [{"dt": "2025-01-02"}], "days")


def a_removed_source_takes_its_gold_rows_along(folder):
    make_lake(folder, *days_of(folder, 2))
    refresh(folder)
    seine(folder, "source", "rm", "--lake", "lake", "ais-2025-01-02.csv")
    report = refresh(folder)
    equal(report["models"][0]["removed"], 1, "days removed")
    equal(sql(folder, "SELECT DISTINCT dt FROM gold.ais_hourly_h3"), [{"dt": "2025-01-01"}], "days")
    equal(sql(folder, "SELECT total_days_observed AS n FROM gold.ais_pairs_total"), [{"n": 1}], "totals")


def threads_change_no_row(folder):
    make_lake(folder, *days_of(folder, 2), lake="one")
    make_lake(folder, *days_of(folder, 2), lake="four", buckets=16)
    refresh(folder, "--threads", "1", lake="one")
    refresh(folder, "--threads", "4", lake="four")
    equal(gold(folder, "one"), gold(folder, "four"), "rows")


def status_tells_rows_and_what_is_stale(folder):
    days = days_of(folder, 2)
    make_lake(folder, days[0])

    def status():
        found = json.loads(seine(folder, "status", "--lake", "lake", "--json"))["tables"]
        return {(row["table"], row["day"]): row for row in found}

    before = status()
    equal((before["silver.ais", "2025-01-01"]["rows"], before["gold.ais_hourly_h3", "2025-01-01"]["state"],
           before["gold.ais_pairs_daily", "2025-01-01"]["state"]), (24, "stale", "stale"), "before the first refresh")
    refresh(folder)
    after = status()
    equal({row["state"] for row in after.values()}, {"fresh", "source"}, "states after a refresh")
    hourly = after["gold.ais_hourly_h3", "2025-01-01"]
    equal((hourly["rows"], hourly["last_run"]), (24, NOW), "rows and time")
    assert hourly["seconds"] >= 0
    assert all(row["last_run"] and row["seconds"] >= 0 for row in after.values() if not row["table"].startswith("ref.")), \
        "every row that a run made says when"
    seine(folder, "ingest", "--lake", "lake", days[1])
    third = status()
    equal([third["gold.ais_vessel_days", day]["state"] for day in ("2025-01-01", "2025-01-02")], ["fresh", "stale"], "days")
    equal([third[table, "2025-01-01"]["state"] for table in ("silver.ais_segments", "events.ais_gaps", "gold.ais_hourly_h3")], 3 * ["stale"],
          "a day is made of the next one, too")
    equal([third[table, None]["state"] for table in ("gold.ais_pairs_total", "gold.ais_companions")], ["stale", "stale"],
          "totals follow stale days")
    equal(refresh(folder, "--set", "cell_resolution=8")["committed"], True, "another resolution")
    equal(status()["gold.ais_hourly_h3", "2025-01-01"]["state"], "stale", "made with another setting")


def others_can_read_gold_and_verify_finds_it_whole(folder):
    make_lake(folder, *days_of(folder, 2))
    refresh(folder)
    seine(folder, "verify", "--lake", "lake")
    tables = {row["table"]: row["rows"] for row in json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json"))}
    equal(tables["gold.ais_hourly_h3"], 48, "rows in the catalog")
    tables = len(json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json")))
    equal(json.loads(seine(folder, "verify", "--lake", "lake", "--json"))["tables"], tables, "tables verified")


def verify_finds_a_lost_file_and_a_wrong_count_of_gold(folder):
    make_lake(folder, *days_of(folder, 2))
    refresh(folder)
    with sqlite3.connect(folder / "lake" / "catalog.db") as catalog:
        catalog.execute("UPDATE seine_partition SET rows = rows + 1 WHERE table_name = 'gold.ais_hourly_h3' AND p0 = 20089")
    found = run(folder, "verify", "--lake", "lake")
    equal(found.returncode, 1, "exit code")
    assert "gold.ais_hourly_h3 2025-01-01: 24 rows, the ledger says 25" in found.stdout + found.stderr, found
    next((folder / "lake" / "gold" / "ais_pairs_daily").glob("**/*.parquet")).unlink()
    found = run(folder, "verify", "--lake", "lake")
    assert found.returncode == 1 and "ais_pairs_daily" in found.stdout + found.stderr, found


def the_page_of_contracts_tells_gold_tables(folder):
    page = (ROOT / "docs" / "data_contracts.md").read_text(encoding="utf-8")
    assert "## gold.ais_companions" in page
    assert seine(folder, "table", "contracts") == page, "run: seine table contracts > docs/data_contracts.md"


# What a column of this unit, of this type, may be called: docs/vocabulary.md. The exceptions stand there too.
NAME_OF_UNIT = {"m": r"(.*_)?(m|length|width|draft)", "km": r"(?!)", "kn": r"(.*_)?(sog|speed)", "h": r".*_h|(.*_)?hours(_.*)?",
                "d": r"(.*_)?days(_.*)?", "deg": r"(.*_)?(lat|lon|cog|heading)|(lat|lon)_.*", "": r"(?!.*_(m|km|h|kn|s|deg)$).*"}
NAME_OF_TYPE = {"date": r"dt|.*_day", "timestamptz": r"ts|.*_(ts|at)|valid_(from|to)", "boolean": r"is_.*"}


def against_the_vocabulary(name, kind, unit):
    """Why a column of the contracts may not be called so; None: it may."""
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        return "not of small letters"
    if re.fullmatch("latitude|longitude|lng|date|day_date|day|time|timestamp|datetime|event_ts|hour_ts", name):
        return "another word is used"
    if unit not in NAME_OF_UNIT or not re.fullmatch(NAME_OF_UNIT[unit], name):
        return f"not a name of the unit {unit!r}"
    if not re.fullmatch(NAME_OF_TYPE.get(kind, r"(?!dt$|ts$|is_|.*_(day|ts|at)$).*"), name):
        return f"not a name of the type {kind}"
    return None


def every_column_obeys_the_vocabulary(folder):
    for name, kind, unit in (("latitude", "double", "deg"), ("date", "date", ""), ("day_date", "date", ""), ("first_seen", "timestamptz", ""),
                             ("avg_distance", "double", "m"), ("distance_km", "double", "km"), ("speed_kn", "double", "kn"),
                             ("hA", "long", "h"), ("near", "boolean", ""), ("share_m", "double", ""), ("length_at", "double", "m")):
        assert against_the_vocabulary(name, kind, unit) is not None, f"{name} {kind} {unit} is taken"
    (exceptions,) = [part for part in (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8").split("\n## ")
                     if part.startswith("Kept exceptions")]
    kept = set()
    for line in exceptions.splitlines():
        tables, columns = [re.findall("`([^`]+)`", cell) for cell in line.split("|")[1:3]] if line.startswith("| `") else ([], [])
        kept |= {(table, column) for table in tables for column in columns}
    odd, table = {}, None
    for line in seine(folder, "table", "contracts").splitlines():
        if line.startswith("## "):
            table = line[3:]
        if line.startswith("| ") and line[2].isdigit():
            name, kind, _, unit = [cell.strip(" `") for cell in line.split("|")[2:6]]
            why = against_the_vocabulary(name, kind, unit)
            odd.update({(table, name): why} if why else {})
    equal({column: why for column, why in odd.items() if column not in kept}, {}, "columns that docs/vocabulary.md does not allow")
    equal(kept - set(odd), set(), "exceptions of docs/vocabulary.md that are none")


# ---- models of the user ----

FASTEST = """-- model: gold.fastest
-- grain: one vessel and day
-- inputs: silver.ais(day), gold.ais_hourly_h3(day)
-- partition: dt
-- sort: mmsi
-- setting: least 10 | knots
-- column: mmsi string required | vessel id
-- column: dt date required | day
-- column: fastest double kn | greatest speed
-- column: hours long h | hours seen
SELECT mmsi, $day AS dt, max(sog) AS fastest, (SELECT count(*) FROM gold.ais_hourly_h3 h WHERE h.mmsi = s.mmsi) AS hours
FROM silver.ais s
GROUP BY mmsi
HAVING max(sog) >= $least
"""


def own_model(folder, text, name="fastest"):
    (folder / "lake" / "models").mkdir(exist_ok=True)
    (folder / "lake" / "models" / f"{name}.sql").write_text(text, encoding="utf-8")


def a_model_of_the_users_is_added_changed_and_removed(folder):
    make_lake(folder, *days_of(folder, 2))
    refresh(folder)
    own_model(folder, FASTEST)
    runs = {model["table"]: model["run"] for model in refresh(folder)["models"]}
    equal((runs["gold.fastest"], runs["gold.ais_hourly_h3"]), (2, 0), "only the new model runs")
    equal(sql(folder, "SELECT * FROM gold.fastest WHERE dt = '2025-01-01' ORDER BY mmsi"),
          [{"mmsi": mmsi, "dt": "2025-01-01", "fastest": 12.0, "hours": 8} for mmsi in ("111111111", "222222222")], "rows")
    equal(refresh(folder, "--set", "least=5")["committed"], True, "another setting")
    equal(sql(folder, "SELECT count(*) AS n FROM gold.fastest"), [{"n": 6}], "rows at 5 knots")
    own_model(folder, FASTEST.replace("fastest double kn", "top_speed double kn").replace("AS fastest", "AS top_speed"))
    refresh(folder)
    equal(len(sql(folder, "SELECT top_speed FROM gold.fastest")), 4, "rows of the changed shape")
    (folder / "lake" / "models" / "fastest.sql").unlink()
    refresh(folder)
    equal(len(sql(folder, "SELECT top_speed FROM gold.fastest")), 4, "the table of a removed model stays")


def a_wrong_model_is_named_with_line_and_reason_and_the_others_run(folder):
    make_lake(folder, *days_of(folder, 1))
    wrong = [
        ("FROM silver.ais s", "FROM silver.ais s JOIN silver.ais_rejects r ON true", "line 12: Catalog Error"),
        ("max(sog) AS fastest", "max(sogg) AS fastest", "line 11: Binder Error"),
        ("fastest double kn", "fastest long kn", "column fastest is DOUBLE in the SELECT, the header says long (BIGINT)"),
        ("-- sort: mmsi", "-- sort: nobody", 'line 5: sort: no such column: "nobody"'),
        ("silver.ais(day), ", "silver.ais(day), gold.missing(day), ", "line 3: the lake has no table gold.missing"),
        ("HAVING max(sog) >= $least", "HAVING max(sog) >= $leest", 'line 14: no setting is named "$leest"'),
        ("GROUP BY mmsi", "GROUP BY mmsi; DROP TABLE x", "fastest.sql"),
        ("max(sog) AS fastest", "(SELECT max(column0) FROM read_csv('/etc/hostname')) AS fastest", "fastest.sql line 11"),
    ]
    for place, text, reason in wrong:
        own_model(folder, FASTEST.replace(place, text))
        message = refresh(folder, code=1)
        assert "models/fastest.sql" in message and reason in message, f"{text}: {message}"
    equal(sql(folder, "SELECT count(*) AS n FROM gold.ais_hourly_h3"), [{"n": 24}], "rows of the other models")


def counts_that_do_not_match_silver_stop_that_day_alone(folder):
    make_lake(folder, *days_of(folder, 2))
    lossy = """-- model: gold.lossy
-- grain: one vessel
-- inputs: silver.ais(day)
-- partition: dt
-- sort: mmsi
-- reconcile: n = silver.ais
-- column: mmsi string required | vessel id
-- column: n long required | fixes
-- column: dt date required | day
SELECT mmsi, count(*) AS n, $day AS dt FROM silver.ais WHERE mmsi <> '333333333' OR day(ts) > LAST GROUP BY mmsi
"""
    own_model(folder, lossy.replace("LAST", "9"), "lossy")
    message = refresh(folder, code=1)
    assert "gold.lossy 2025-01-01 stays as it was" in message and "8 are missing" in message, message
    assert "models/lossy.sql: n of 2025-01-01 sums up to 16, but silver.ais has 24 rows: 8 are missing" in message, message
    tables = {row["table"]: row["rows"] for row in json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json"))}
    assert "gold.lossy" not in tables, "an empty table of a model that failed"
    assert not (folder / "lake" / "gold" / "lossy").exists(), "files left"
    equal(tables["gold.ais_hourly_h3"], 48, "rows of the others")
    assert "all is well" in seine(folder, "verify", "--lake", "lake"), "verify"
    own_model(folder, lossy.replace("LAST", "1"), "lossy")
    message = refresh(folder, code=1)
    assert "gold.lossy 2025-01-01 stays as it was" in message and "2025-01-02" not in message, message
    equal(sql(folder, "SELECT DISTINCT CAST(dt AS VARCHAR) AS dt FROM gold.lossy"), [{"dt": "2025-01-02"}], "the good day")
    own_model(folder, lossy.replace("LAST", "0"), "lossy")
    refresh(folder)
    equal(sql(folder, "SELECT count(DISTINCT dt) AS n, CAST(sum(n) AS INTEGER) AS f FROM gold.lossy"), [{"n": 2, "f": 48}],
          "both days")


def a_failing_statement_of_one_day_stops_nothing_else(folder):
    make_lake(folder, *days_of(folder, 2))
    own_model(folder, """-- model: gold.fastest
-- grain: one vessel
-- inputs: silver.ais(day)
-- partition: dt
-- sort: mmsi
-- column: mmsi string required | vessel id
-- column: dt date required | day
-- column: n double | a number
SELECT mmsi, $day AS dt, max(CAST(CASE WHEN $day = DATE '2025-01-01' AND mmsi = '333333333' THEN mmsi || 'x' ELSE mmsi END
                                  AS DOUBLE)) AS n
FROM silver.ais
GROUP BY mmsi
""")
    text = (folder / "lake" / "models" / "fastest.sql").read_text(encoding="utf-8")
    own_model(folder, text.replace("fastest", "never").replace("$day = DATE", "$day >= DATE"), "never")
    own_model(folder, text.replace("fastest", "second").replace("$day = DATE", "$day < DATE"), "second")
    message = refresh(folder, code=1)
    assert "gold.fastest 2025-01-01 stays as it was" in message, message
    equal(sql(folder, "SELECT DISTINCT CAST(dt AS VARCHAR) AS dt FROM gold.fastest"), [{"dt": "2025-01-02"}], "days")
    equal(sql(folder, "SELECT count(DISTINCT dt) AS n FROM gold.second"), [{"n": 2}], "the other new model")
    assert "gold.never" not in seine(folder, "table", "ls", "--lake", "lake"), "a table nothing was made for"
    assert not (folder / "lake" / "gold" / "never").exists(), "its folder"
    (folder / "lake" / "models" / "never.sql").unlink()
    result = run(folder, "table", "drop", "--lake", "lake", "gold.fastest")
    assert result.returncode == 2 and "models/fastest.sql" in result.stderr, result
    result = run(folder, "table", "drop", "--lake", "lake", "gold.ais_vessels")
    assert result.returncode == 2 and "built-in" in result.stderr, result
    (folder / "lake" / "models" / "fastest.sql").unlink()
    seine(folder, "table", "drop", "--lake", "lake", "gold.fastest")
    assert run(folder, "table", "drop", "--lake", "lake", "gold.fastest").returncode == 1, "dropped twice"
    assert not (folder / "lake" / "gold" / "fastest").exists(), "files left"
    refresh(folder)
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake"), "verify"


def newest_metadata(folder, table):
    return max((folder / "lake" / Path(*table.split(".")) / "metadata").glob("*.metadata.json"))


def a_damaged_table_harms_only_what_needs_it(folder):
    first, second = days_of(folder, 2)
    make_lake(folder, first)
    refresh(folder)
    seine(folder, "ingest", "--lake", "lake", second)
    for table in ("gold.ais_vessels", "gold.ais_port_vessels_daily", "events.ais_gaps", "ref.ports"):
        path = newest_metadata(folder, table)
        path.rename(folder / "kept")
        result = run(folder, "refresh", "--lake", "lake")
        assert result.returncode == 1 and f"table {table} cannot be read" in result.stderr, (table, result)
        equal(sql(folder, "SELECT count(DISTINCT dt) AS n FROM gold.ais_hourly_h3"), [{"n": 2}], table)
        result = run(folder, "status", "--all", "--lake", "lake")
        assert result.returncode == 1 and f"table {table} cannot be read" in result.stdout, (table, result)
        assert "gold.ais_hourly_h3           2025-01-02" in result.stdout, (table, result)
        result = run(folder, "verify", "--lake", "lake")
        assert result.returncode == 1 and table.replace(".", "/") in result.stderr, (table, result)
        (folder / "kept").rename(path)
    refresh(folder)
    seine(folder, "status", "--lake", "lake")
    seine(folder, "verify", "--deep", "--lake", "lake")


def times_before_1970_are_in_their_own_hour_and_day(folder):
    (folder / "old.csv").write_text("MMSI,BaseDateTime,LAT,LON,SOG\n367000001,1969-12-31T19:00:00Z,29.1,-90.1,1\n"
                                    "367000002,2024-01-01T00:00:00Z,29.2,-90.1,1\n", encoding="utf-8")
    seine(folder, "init", "--buckets", "1", "lake")
    seine(folder, "ingest", "--lake", "lake", "--time-valid-from", "1900", "old.csv")
    refresh(folder)
    first = {"dt": "1969-12-31", "hour": 19}
    for table in ("gold.ais_hourly_h3", "gold.ais_density", "gold.ais_hourly_traffic"):
        equal(sql(folder, f"SELECT CAST(dt AS VARCHAR) AS dt, hour FROM {table} ORDER BY ALL LIMIT 1"), [first], table)
    equal(sql(folder, "SELECT floor_div(-1, 24) AS d, floor_mod(-1, 24) AS m, floor_div(1, 0) AS n"),
          [{"d": -1, "m": 23, "n": None}], "floor")
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def nothing_of_a_refresh_stays_in_tmp(folder):
    make_lake(folder, *days_of(folder, 1))
    refresh(folder)
    equal([path.name for path in (folder / "lake/tmp").iterdir()], [], "lake/tmp")


def rows_of_another_day_are_refused(folder):
    make_lake(folder, *days_of(folder, 1))
    own_model(folder, FASTEST.replace("$day AS dt", "$day + 1 AS dt"))
    message = refresh(folder, code=1)
    assert "models/fastest.sql: a row of dt = 2025-01-02 in the run of 2025-01-01" in message, message


def a_day_can_read_the_day_before(folder):
    make_lake(folder, *days_of(folder, 3))
    own_model(folder, """-- model: gold.two_days
-- grain: one day
-- inputs: gold.ais_hourly_h3(day-1)
-- partition: dt
-- sort: dt
-- column: dt date required | day
-- column: days long required | days read
SELECT $day AS dt, count(DISTINCT dt) AS days FROM gold.ais_hourly_h3
""", "two_days")
    refresh(folder)
    equal([row["days"] for row in sql(folder, "SELECT days FROM gold.two_days ORDER BY dt")], [1, 2, 2], "days read")


TAKES_MORE = 0x04 | 0x08  # *words, **names: a helper, not a test
TESTS = [value for value in list(globals().values()) if getattr(value, "__code__", None)
         and value.__code__.co_varnames[:value.__code__.co_argcount] == ("folder",)
         and not value.__code__.co_flags & TAKES_MORE]


if __name__ == "__main__":
    main(TESTS)
