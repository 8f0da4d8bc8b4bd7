"""`seine stream --dataset weather`: weather from a topic in ref.weather, each record exactly once, against librdkafka's mock
cluster. What the records make is what a file of them makes, however they were cut into batches."""
import json
import random
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness import faults, kafka
from harness.program import FULL, PATIENCE_S, equal, refused, run, seine, sql
from harness.tap import main

QUICK = ("--kafka", "session.timeout.ms=4000", "--kafka", "heartbeat.interval.ms=300", "--kafka", "fetch.wait.max.ms=50")
TOLD = "lat_grid, lon_grid, observed_at, temperature, wind_speed, valid_from, valid_to"


def words(cluster, *more, lake="lake"):
    return ("stream", "--lake", lake, "--brokers", cluster.address, "--topic", "weather_stream", "--dataset", "weather",
            *QUICK, "--until-idle", "0s", *more)


def observed(seed, count):
    """(partition, key, value): a cell always in one partition; corrections, places between cells, no time."""
    rnd = random.Random(seed)
    for _ in range(count):
        cell = rnd.randrange(12)
        value = {"lat_grid": 48 + cell + rnd.choice((-0.3, 0, 0.4)), "lon_grid": 2, "temperature": rnd.randrange(300) / 10,
                 "wind_speed": rnd.choice((None, 3.5))}
        if cell % 4:
            value["timestamp"] = f"2025-01-01T{rnd.randrange(6):02}:00:00"
        yield cell % 3, str(cell), json.dumps(value)


def weather(folder, lake="lake"):
    return sql(folder, f"SELECT {TOLD} FROM ref.weather ORDER BY ALL", lake)


def last_ones(records):
    """@return the records that stand in the end, as lines of a file."""
    found = {}
    for _, key, value in records:
        found[key, json.loads(value).get("timestamp")] = value
    return "\n".join(found.values()) + "\n"


def as_a_file(folder, records):
    (folder / "weather.jsonl").write_text(last_ones(records), encoding="utf-8")
    seine(folder, "init", "file", "--quiet")
    seine(folder, "ref", "load", "--lake", "file", "weather", "weather.jsonl", "--quiet")
    return weather(folder, "file")


def positions(folder):
    return {row["partition"]: row["position"] for row in json.loads(seine(folder, "stream", "status", "--lake", "lake", "--json"))}


def test_a_topic_is_what_its_last_records_are_as_a_file(folder):
    records = list(observed(1, 400))
    expected = as_a_file(folder, records)
    with kafka.cluster() as cluster:
        cluster.make("weather_stream", 3)
        seine(folder, "init", "lake", "--quiet")
        told = []
        for part in (records[:1], records[1:150], records[150:]):
            cluster.put("weather_stream", part)
            told.append(json.loads(seine(folder, *words(cluster, "--json"), timeout=PATIENCE_S)))
        equal(seine(folder, *words(cluster), timeout=PATIENCE_S), "", "a second time")
    equal(weather(folder) == expected, True, "ref.weather")
    equal(sum(batch["read"] for batch in told), 400)
    for batch in told:
        equal(batch["read"], batch["silver"] + batch["duplicates"] + batch["rejects"], "counts")
    equal(positions(folder), {p: sum(1 for one in records if one[0] == p) for p in range(3)})
    (source,) = sql(folder, "SELECT count(*) AS n FROM ref.weather WHERE source_file NOT LIKE 'weather_stream-_@%'")
    equal(source["n"], 0)
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")


def test_a_stream_that_is_killed_loses_and_doubles_nothing(folder):
    records, rnd = list(observed(2, 120)), random.Random(3)
    expected = as_a_file(folder, records)
    with kafka.cluster() as cluster:
        cluster.make("weather_stream", 3)
        cluster.put("weather_stream", records[:60])
        for lake in ("lake", "spare"):
            seine(folder, "init", lake, "--quiet")
        seine(folder, *words(cluster, lake="spare"), env=faults.shim(folder / "spare", count=folder / "calls"))
        calls = int((folder / "calls").read_text())
        for at in sorted(rnd.sample(range(1, calls), 8 if FULL else 3)):
            run(folder, *words(cluster), env=faults.shim(folder / "lake", at, "kill"))
        cluster.put("weather_stream", records[60:])
        seine(folder, *words(cluster), timeout=PATIENCE_S)
    equal(weather(folder) == expected, True, "ref.weather")
    equal(sum(positions(folder).values()), 120)
    return f"{calls} calls"


def test_refused_records_stay_with_their_reason(folder):
    bad = ["no json", '{"lat_grid": 1}', '{"lat_grid": 91, "lon_grid": 2, "temperature": 1}', None, "[]",
           '{"lat_grid": 1, "lon_grid": 2, "timestamp": "soon", "temperature": 1}']
    with kafka.cluster() as cluster:
        for topic in ("weather_stream", "dead"):
            cluster.make(topic)
        cluster.put("weather_stream", [(0, "k", value) for value in bad] +
                    [(0, "k", '{"lat_grid": 1, "lon_grid": 2, "temperature": 1}')])
        seine(folder, "init", "lake", "--quiet")
        told = json.loads(seine(folder, *words(cluster, "--json", "--dead-letter", "dead"), timeout=PATIENCE_S))
        cluster.put("weather_stream", [(0, "k", "later")])
        seine(folder, *words(cluster), timeout=PATIENCE_S)
        found = sql(folder, "SELECT source_file, source_row, reason, raw FROM ref.rejects ORDER BY source_file, source_row")
        dead = [(int(h["offset"]), h["reason"]) for *_, h in cluster.headers("dead")]
    equal((told["read"], told["silver"], told["rejects"]), (7, 1, 6))
    equal([row["source_row"] for row in found], [0, 1, 2, 3, 4, 5, 7])
    equal([row["raw"] for row in found], [*bad, "later"])
    equal([row["reason"].split(":")[0] for row in found], ["record", "record", "position", "record", "record", "time", "record"])
    equal(sorted(dead), [(row["source_row"], row["reason"]) for row in found[:6]])


def test_a_topic_of_something_else_is_refused(folder):
    with kafka.cluster() as cluster:
        cluster.make("weather_stream")
        cluster.put("weather_stream", [(0, "k", '{"mmsi": "1"}')] * 1000)
        seine(folder, "init", "lake", "--quiet")
        refused(folder, 1, "does not fit ref.weather: all of its first 1000 records were refused", *words(cluster))
        equal(positions(folder), {})
        refused(folder, 2, "--replay: weather has no bronze", *words(cluster, "--replay"))


def test_enrichment_is_made_again_where_weather_changed(folder):
    """Generated weather goes from the topic to the fixes; one cell's correction makes only the days with fixes there stale."""
    seine(folder, "generate", "ais", "--out", "days", "--days", 3, "--vessels", 10, "--interval", 1800, "--quiet")
    seine(folder, "generate", "weather", "--days", 3, "--interval", 10800, "-o", "weather.jsonl", "--quiet")
    seine(folder, "init", "lake", "--buckets", 1, "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "days")
    (cell,) = sql(folder, "SELECT CAST(round(lat) AS INT) AS lat, CAST(round(lon) AS INT) AS lon FROM silver.ais WHERE "
                          "ts >= '2025-01-02 11:00:00Z' AND ts < '2025-01-02 13:00:00Z' ORDER BY ALL LIMIT 1")
    wanted = {(row["lat"], row["lon"]) for row in sql(folder, "SELECT DISTINCT CAST(round(lat) AS INT) AS lat, "
                                                              "CAST(round(lon) AS INT) AS lon FROM silver.ais")}
    lines = [line for line in (folder / "weather.jsonl").read_text(encoding="utf-8").splitlines()
             if (json.loads(line)["lat_grid"], json.loads(line)["lon_grid"]) in wanted]
    assert lines, "no weather where ships are"
    with kafka.cluster() as cluster:
        cluster.make("weather_stream", 3)
        seine(folder, "produce", "-", "--brokers", cluster.address, "--topic", "weather_stream", "--key", "lat_grid",
              stdin="\n".join(lines) + "\n")
        seine(folder, *words(cluster), timeout=PATIENCE_S)
        seine(folder, "refresh", "--lake", "lake", "--quiet")
        (has,) = sql(folder, "SELECT count(temperature) AS n FROM silver.ais_enriched")
        assert has["n"] > 100, has
        changed = {"lat_grid": cell["lat"], "lon_grid": cell["lon"], "timestamp": "2025-01-02T12:00:00", "temperature": 77.5}
        cluster.put("weather_stream", [(0, str(cell["lat"]), json.dumps(changed))])
        seine(folder, *words(cluster), timeout=PATIENCE_S)
        told = seine(folder, "refresh", "--lake", "lake")
    rows = sql(folder, "SELECT DISTINCT CAST(ts AS DATE)::VARCHAR AS day FROM silver.ais_enriched WHERE temperature = 77.5")
    equal([row["day"] for row in rows], ["2025-01-02"])
    line = next(line for line in told.splitlines() if line.startswith("ais_enriched"))
    assert "1 of 3 partitions stale" in line, line


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)
