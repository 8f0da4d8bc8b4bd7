#!/usr/bin/env python3
"""Time zones by name: what the clocks of a place showed, beside what Python's zoneinfo makes of the same files.

Environment: SEINE_BIN.
"""
import datetime
import json
import random
import subprocess
import sys
import zoneinfo

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, refused, seine, sql
from harness.tap import Skip, main

YAML = "name: {name}\nid: {{name: bus}}\ntime: {{names: [at], format: {form}}}\ntime_zone: {zone}\nposition: {{lat: {{}}, lon: {{}}}}\n"
PATTERN = "'%d.%m.%Y %H:%M:%S'"
# Half an hour of summer, a day left out, summer over the turn of the year, winter as the exception, rules by decree.
ZONES = ("Europe/Copenhagen", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca",
         "America/Sao_Paulo", "Europe/Dublin", "Asia/Kathmandu", "Etc/GMT+3", "CET")
FIRST, LAST = datetime.datetime(1990, 1, 1), datetime.datetime(2025, 12, 31)


def zone_of(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError as why:
        raise Skip(f"no time zones here: {why}") from why


def moment(local, zone):
    """@return when the clocks showed that first, or None: never."""
    utc = local.replace(tzinfo=zone, fold=0).astimezone(datetime.timezone.utc)
    return utc.replace(tzinfo=None) if utc.astimezone(zone).replace(tzinfo=None) == local else None


def local_times(zone, rng):
    """Quarters of an hour around every change, and others."""
    quarter, found = datetime.timedelta(minutes=15), set()
    day = FIRST
    while day < LAST:
        after = day + datetime.timedelta(days=1)
        if day.replace(tzinfo=zone).utcoffset() != after.replace(tzinfo=zone).utcoffset():
            found |= {day + quarter * i for i in range(-8, 112)}
        day = after
    span = int((LAST - FIRST).total_seconds())
    return sorted(found | {FIRST + datetime.timedelta(seconds=rng.randrange(span)) for _ in range(200)})


def write_yaml(folder, name, zone, form="iso"):
    (folder / f"{name}.yaml").write_text(YAML.format(name=name, zone=zone, form=form), encoding="utf-8")


def local_times_are_those_of_tzdata(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    rng = random.Random(20)
    for number, name in enumerate(ZONES):
        zone, dataset = zone_of(name), f"zone_{number}"
        is_iso = number % 2 == 0
        write_yaml(folder, dataset, name, "iso" if is_iso else PATTERN)
        times = local_times(zone, rng)
        with open(folder / f"{dataset}.csv", "w", encoding="utf-8") as out:
            out.write("bus,at,lat,lon\n")
            for i, local in enumerate(times):
                out.write(f"{i},{local.isoformat() if is_iso else local.strftime('%d.%m.%Y %H:%M:%S')},1,2\n")
        seine(folder, "ingest", "--lake", "lake", "--dataset", f"{dataset}.yaml", f"{dataset}.csv")
        rows = sql(folder, f"SELECT bus, strftime(ts AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S') AS ts FROM silver.{dataset}")
        found = {int(row["bus"]): row["ts"] for row in rows}
        expected = {i: at.isoformat() for i, at in enumerate(moment(local, zone) for local in times) if at is not None}
        wrong = {i: (str(times[i]), found.get(i), expected.get(i)) for i in range(len(times)) if found.get(i) != expected.get(i)}
        assert not wrong, (name, len(wrong), list(wrong.values())[:5])
        refusals = sql(folder, f"SELECT reason FROM silver.{dataset}_rejects")
        equal(len(refusals), len(times) - len(expected), f"{name}: refused")
        assert all(row["reason"].endswith(f"is not a time in {name}") for row in refusals), refusals[:3]


def a_time_that_tells_its_zone_needs_no_other(folder):
    zone_of("Europe/Copenhagen")
    write_yaml(folder, "buses", "Europe/Copenhagen")
    (folder / "a.json").write_text(json.dumps([{"bus": "a", "at": at, "lat": 1, "lon": 2} for at in (
        "2024-10-27T02:30:00", "2024-10-27T02:30:00+01:00", "2024-10-27T02:30:00Z", "2024-07-01")]), encoding="utf-8")
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--lake", "lake", "--dataset", "buses.yaml", "a.json")
    # The lake keeps the description: a command later reads the zone by its name again.
    (folder / "b.json").write_text('{"bus": "b", "at": "2024-07-01 12:00:00.5", "lat": 1, "lon": 2}', encoding="utf-8")
    seine(folder, "ingest", "--lake", "lake", "--dataset", "buses", "b.json")
    rows = sql(folder, "SELECT bus, epoch_us(ts) AS ts FROM silver.buses ORDER BY ALL")
    utc = [datetime.datetime(2024, 6, 30, 22), datetime.datetime(2024, 10, 27, 0, 30), datetime.datetime(2024, 10, 27, 1, 30),
           datetime.datetime(2024, 10, 27, 2, 30), datetime.datetime(2024, 7, 1, 10, 0, 0, 500000)]
    equal([row["ts"] for row in rows], [round(at.replace(tzinfo=datetime.timezone.utc).timestamp() * 1e6) for at in utc])
    seine(folder, "verify", "--deep", "--lake", "lake")


def parquet_has_times_of_the_place_and_moments(folder):
    zone_of("Europe/Copenhagen")
    script = ("import datetime as d, sys, pyarrow as pa, pyarrow.parquet as pq\n"
              "at = pa.array([d.datetime(2024, 7, 1, 12)], pa.timestamp('us', tz=sys.argv[2] or None))\n"
              "pq.write_table(pa.table({'bus': ['a'], 'at': at, 'lat': [1.0], 'lon': [2.0]}), sys.argv[1])")
    for name, tz in (("local", ""), ("moment", "UTC")):
        done = subprocess.run([sys.executable, "-c", script, folder / f"{name}.parquet", tz], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skip(f"pyarrow is not here: {done.stderr.splitlines()[-1]}")
    for form, files in (("iso", {"local": 10, "moment": 12}), (PATTERN, {"local": 10})):
        for name, hour in files.items():
            lake = f"{name}{len(form)}"
            write_yaml(folder, "buses", "Europe/Copenhagen", form)
            seine(folder, "init", lake)
            seine(folder, "ingest", "--lake", lake, "--dataset", "buses.yaml", f"{name}.parquet")
            equal(sql(folder, "SELECT hour(ts AT TIME ZONE 'UTC') AS h FROM silver.buses", lake=lake), [{"h": hour}], lake)
    seine(folder, "init", "lake")
    said = seine(folder, "ingest", "--lake", "lake", "--dataset", "buses.yaml", "moment.parquet", code=1)
    assert "column at has moments, which a pattern in the time zone Europe/Copenhagen cannot tell; write format: iso" in said, said


def what_is_no_zone_is_told(folder):
    zone_of("Europe/Copenhagen")
    (folder / "none").mkdir()
    (folder / "odd" / "Europe").mkdir(parents=True)
    (folder / "odd" / "Europe" / "Copenhagen").write_bytes(b"TZif2 and nothing else")
    for zone, tzdir, why in (
            ("Europe/Copenhage", "", 'buses.yaml line 4: time_zone: there is no time zone "Europe/Copenhage"; did you mean Europe/Copenhagen?'),
            ("europe/copenhagen", "", "did you mean Europe/Copenhagen?"),
            ("Mars/Olympus_Mons", "", 'there is no time zone "Mars/Olympus_Mons"; names are those of '),
            ("Europe", "", 'there is no time zone "Europe"'),
            ("Europe/../../etc/passwd", "", '"Europe/../../etc/passwd" is no time zone; write UTC, an offset such as +01:00, or a name'),
            ("Europe/Copenhagen", "none", 'line 4: time_zone: "Europe/Copenhagen" cannot be looked up: none has no time zones; install the '
                                          "package tzdata, or name its folder by TZDIR"),
            ("Europe/Copenhagen", "odd", "line 4: time_zone: the file of time zone Europe/Copenhagen is no whole TZif file")):
        write_yaml(folder, "buses", zone)
        refused(folder, 1, why, "dataset", "check", "buses.yaml", env={"TZDIR": tzdir})
    write_yaml(folder, "buses", "Europe/Copenhagen", "unix_s")
    refused(folder, 1, "times that count from 1970 are UTC; leave time_zone out", "dataset", "check", "buses.yaml")


def zones_are_shown_and_drafted(folder):
    zone_of("Europe/Copenhagen")
    write_yaml(folder, "buses", "Europe/Copenhagen")
    seine(folder, "dataset", "check", "buses.yaml")
    assert "time, iso, Europe/Copenhagen" in seine(folder, "dataset", "show", "buses.yaml")
    equal(json.loads(seine(folder, "dataset", "show", "buses.yaml", "--json"))["time_zone"], "Europe/Copenhagen")
    (folder / "a.csv").write_text("bus,at,lat,lon\na,2024-07-01 12:00:00,1,2\n", encoding="utf-8")
    draft = seine(folder, "dataset", "sniff", "a.csv")
    assert "time_zone: UTC # ? the times tell none; else an offset such as +01:00, or the clocks of a place: Europe/Copenhagen\n" in draft, draft
    (folder / "a.yaml").write_text(draft.replace("time_zone: UTC", "time_zone: Europe/Copenhagen"), encoding="utf-8")
    seine(folder, "dataset", "check", "a.yaml")


if __name__ == "__main__":
    main([local_times_are_those_of_tzdata, a_time_that_tells_its_zone_needs_no_other, parquet_has_times_of_the_place_and_moments,
          what_is_no_zone_is_told, zones_are_shown_and_drafted])
