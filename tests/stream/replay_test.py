"""`seine produce --from-table`, Parquet and archives: what a topic carries from a lake, or from files, is in another lake
what it was, against librdkafka's mock cluster."""
import io
import json
import subprocess
import sys
import zipfile

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.program import PATIENCE_S, equal, refused, run, seine, sql, start, wait_for
from harness.tap import main

LINEAGE = ("source_file", "source_row", "source_url", "ingested_at")
QUICK = ("--kafka", "session.timeout.ms=4000", "--kafka", "heartbeat.interval.ms=300", "--kafka", "fetch.wait.max.ms=50")


def produce(folder, cluster, *words, topic="t", **more):
    return json.loads(seine(folder, "produce", "--json", "--brokers", cluster.address, "--topic", topic, *words, **more))


def take(folder, cluster, dataset, lake, topic="t"):
    if not (folder / lake).exists():
        seine(folder, "init", lake, "--quiet")
    seine(folder, "stream", "--quiet", "--lake", lake, "--brokers", cluster.address, "--topic", topic, "--dataset", dataset,
          *QUICK, "--until-idle", "0s", timeout=PATIENCE_S)


def hashed(folder, lake, table):
    """@return rows of a table but for lineage: how many, and a sum of their hashes."""
    (row,) = sql(folder, f"SELECT count(*) AS n, sum(hash(t)::HUGEINT)::VARCHAR AS h FROM "
                         f"(SELECT * EXCLUDE ({', '.join(LINEAGE)}) FROM {table}) t", lake)
    return row


def values(cluster, topic="t"):
    return [json.loads(value) for *_, value in cluster.read(topic)]


def ships(folder, *words):
    seine(folder, "generate", "ais", "--out", "days", "--days", "2", "--vessels", "12", "--interval", "3600", "--quiet", *words)
    seine(folder, "init", "lake", "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "days")


def round_trip(folder, dataset, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    seine(folder, "init", "lake", "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", dataset, name)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        produce(folder, cluster, "--lake", "lake", "--from-table", f"silver.{dataset}")
        take(folder, cluster, dataset, "other")
    was = hashed(folder, "lake", f"silver.{dataset}")
    assert was["n"] > 0, was
    equal(hashed(folder, "other", f"silver.{dataset}"), was, dataset)


def test_silver_of_ships_is_the_same_behind_a_topic(folder):
    ships(folder)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        told = produce(folder, cluster, "--lake", "lake", "--from-table", "silver.ais")
        take(folder, cluster, "ais", "other")
        keys = {(partition, key) for partition, _, key, _ in cluster.read("t")}
    was = hashed(folder, "lake", "silver.ais")
    assert was["n"] > 400, was
    equal((told["acknowledged"], told["without_key"]), (was["n"], 0))
    equal(len(keys), len({key for _, key in keys}), "partitions of movers")
    equal(hashed(folder, "other", "silver.ais"), was)


def test_rows_come_in_the_order_of_their_time(folder):
    ships(folder)
    times = [row["ts"] for row in sql(folder, "SELECT ts FROM silver.ais ORDER BY ts")]
    with kafka.cluster() as cluster:
        for topic in "tu":
            cluster.make(topic)
        produce(folder, cluster, "--lake", "lake", "--from-table", "silver.ais")
        equal([value["BaseDateTime"] for value in values(cluster)], times)
        # Both ends are among them, also inside of a day.
        produce(folder, cluster, "--lake", "lake", "--from-table", "silver.ais", "--start", times[30], "--stop", times[90],
                topic="u")
        equal([value["BaseDateTime"] for value in values(cluster, "u")],
              [time for time in times if times[30] <= time <= times[90]])


def test_another_dataset_reads_the_rows_by_its_names(folder):
    ships(folder)
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        produce(folder, cluster, "--lake", "lake", "--from-table", "silver.ais", "--dataset", "maritime_guide")
        first = values(cluster)[0]
        take(folder, cluster, "maritime_guide", "other")
    equal(list(first), ["mmsi", "timestamp", "latitude", "longitude", "speed", "vessel_name", "vessel_type"])
    ours = sql(folder, "SELECT mmsi, ts, lat, lon, sog, name FROM silver.ais WHERE sog <= 100 ORDER BY mmsi, ts")
    theirs = sql(folder, "SELECT mmsi, ts, latitude AS lat, longitude AS lon, speed AS sog, vessel_name AS name FROM "
                         "silver.maritime_guide ORDER BY mmsi, ts", "other")
    equal(theirs == ours, True, f"{len(theirs)} of {len(ours)} rows")


def test_datasets_with_other_times_and_units_come_back(folder):
    messages = [{"vin": f"WVW{i % 3}", "timestamp": 1735689600000 + i * 1001, "latitude": 51.1 + i / 7, "longitude": -4 / 3,
                 "velocity": 30 + i / 3, "manufacturer": "Möwe", "year": 2019, "model": None, "wipersState": i % 2 == 0,
                 "frontLeftDoorState": "LOCKED", "gearPosition": "REVERSE" if i % 4 == 0 else i % 5} for i in range(60)]
    round_trip(folder, "telematics", "a.json", json.dumps(messages))


def test_a_dataset_with_a_pattern_and_a_scale_comes_back(folder):
    (folder / "buses.yaml").write_text(
        "name: buses\ndoc: buses of a town\nword: vehicle\ntime_zone: '+02:00'\nid: {name: bus}\n"
        "time: {names: [when], format: '%d.%m.%y %I:%M:%S %p'}\n"
        "position: {lat: {name: lat}, lon: {name: lon}}\n"
        "measures: {speed: {unit: km/h, names: [v], source_unit: m/s, doc: speed}}\n", encoding="utf-8")
    rows = "".join(f"{i % 4},{1 + i % 28:02}.02.25 {i % 12 + 1:02}:05:{i % 60:02}{'.25' if i % 3 else ''} {'PM' if i % 2 else 'AM'},"
                   f"{50 + i / 9},{-i / 7},{i / 3}\n" for i in range(80))
    (folder / "a.csv").write_text("bus,when,lat,lon,v\n" + rows, encoding="utf-8")
    seine(folder, "init", "lake", "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "buses.yaml", "a.csv")
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        produce(folder, cluster, "--lake", "lake", "--from-table", "silver.buses")
        take(folder, cluster, "buses.yaml", "other")
    was = hashed(folder, "lake", "silver.buses")
    equal(was["n"], 80)
    equal(hashed(folder, "other", "silver.buses"), was)


def test_speed_keeps_the_distances_of_time(folder):
    """Two hours in a second; nothing comes before its time, and the last one not long after it."""
    rows = "".join(f"244010219,2025-01-01T0{i // 60}:{i % 60:02}:00,51.5,4.5,1.0,x\n" for i in range(0, 121, 10))
    (folder / "a.csv").write_text("mmsi,timestamp,latitude,longitude,speed,vessel_name\n" + rows, encoding="utf-8")
    seine(folder, "init", "lake", "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "maritime_guide", "a.csv")
    with kafka.cluster() as cluster:
        for topic in "tu":
            cluster.make(topic)
        told = produce(folder, cluster, "--lake", "lake", "--from-table", "silver.maritime_guide", "--speed", "7200x")
        assert told["seconds"] >= 1, told
        process = start(folder, "produce", "--brokers", cluster.address, "--topic", "u", "--lake", "lake", "--from-table",
                        "silver.maritime_guide", "--speed", "60", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_for(lambda: len(cluster.read("u")) == 1, "the first record")
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE_S)
        equal(len(cluster.read("u")), 1, "ten minutes of them have not passed")
    assert process.returncode == 1 and "interrupted" in said, said


def test_bytes_are_digits(folder):
    """Of bronze, which has columns of every kind but numbers with a fraction."""
    records = [(0, b"\xff\x00", '{"mmsi": "1"}'), (0, None, b"\x80\x0a"), (0, "k", None)]
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.make("u")
        cluster.put("t", records)
        seine(folder, "init", "lake", "--quiet")
        take(folder, cluster, "maritime_guide", "lake")
        told = produce(folder, cluster, "--lake", "lake", "--from-table", "bronze.maritime_guide_raw", topic="u")
        found = sorted((json.loads(value) for *_, value in cluster.read("u")), key=lambda row: row["topic_offset"])
    equal((told["acknowledged"], len(found)), (3, 3), told)
    equal([(row["record_key"], row["payload"], row["payload_bytes"]) for row in found],
          [("ff00", '{"mmsi": "1"}', None), (None, None, "800a"), ("6b", None, None)])
    equal({(row["topic"], row["topic_partition"], row["record_headers"]) for row in found}, {("t", 0, None)})


def test_tables_that_cannot_be_sent_are_told_why(folder):
    ships(folder)
    (folder / "a.csv").write_text("mmsi,timestamp,latitude,longitude,speed\n1,2025-01-01T00:00:00,1,2,3\n", encoding="utf-8")
    with kafka.cluster() as cluster:
        cluster.make("t")
        produce(folder, cluster, "a.csv", "--dataset", "maritime_guide")
        take(folder, cluster, "maritime_guide", "lake")
        to = ("produce", "--brokers", cluster.address, "--topic", "t", "--lake", "lake")
        refused(folder, 1, "silver.none", *to, "--from-table", "silver.none")
        refused(folder, 2, "ref.ports is not partitioned by a time", *to, "--from-table", "ref.ports")
        refused(folder, 2, "has no column what, which --key names", *to, "--from-table", "silver.ais", "--key", "what")
        refused(folder, 2, "not both", *to, "--from-table", "silver.ais", "a.csv")
        refused(folder, 2, "needs FILE… or --from-table", *to)
        refused(folder, 2, "--speed is of --from-table", *to, "a.csv", "--speed", "60x")
        refused(folder, 2, "--speed fast: a number", *to, "--from-table", "silver.ais", "--speed", "fast")
        refused(folder, 2, "--start soon: not a time", *to, "--from-table", "silver.ais", "--start", "soon")


def test_archives_and_parquet_are_what_their_text_is(folder):
    seine(folder, "generate", "ais", "--out", "days", "--days", "1", "--vessels", "8", "--interval", "3600", "--quiet",
          "--format", "csv")
    (path,) = (folder / "days").glob("*.csv")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(path.name, path.read_bytes())
    (folder / "a.zip").write_bytes(packed.getvalue())
    (folder / "a.csv").write_bytes(path.read_bytes())
    subprocess.run(["zstd", "-q", folder / "a.csv", "-o", folder / "a.csv.zst"], check=True)
    for name in ("by_file", "by_topic"):
        seine(folder, "init", name, "--quiet")
    seine(folder, "ingest", "--quiet", "--lake", "by_file", "a.csv")
    seine(folder, "sql", "--lake", "by_file", "--format", "parquet", "-o", "a.parquet",
          "SELECT mmsi AS \"MMSI\", ts AS \"BaseDateTime\", lat AS \"LAT\", lon AS \"LON\", sog AS \"SOG\", cog AS \"COG\", "
          "heading AS \"Heading\", name AS \"VesselName\", imo AS \"IMO\", callsign AS \"CallSign\", vessel_type AS "
          "\"VesselType\", status AS \"Status\", length AS \"Length\", width AS \"Width\", draft AS \"Draft\", cargo AS "
          "\"Cargo\", transceiver AS \"TransceiverClass\" FROM silver.ais")
    with kafka.cluster() as cluster:
        for topic in ("csv", "zip", "zst", "parquet", "stdin"):
            cluster.make(topic)
        for topic, file in (("csv", "a.csv"), ("zip", "a.zip"), ("zst", "a.csv.zst"), ("parquet", "a.parquet")):
            produce(folder, cluster, file, topic=topic)
        produce(folder, cluster, "-", topic="stdin", stdin=(folder / "a.parquet").read_bytes())
        for topic in ("zip", "zst"):
            equal(cluster.read(topic) == cluster.read("csv"), True, topic)
        equal(cluster.read("stdin") == cluster.read("parquet"), True, "stdin")
        take(folder, cluster, "ais", "by_topic", "parquet")
    equal(hashed(folder, "by_topic", "silver.ais"), hashed(folder, "by_file", "silver.ais"))
    equal([path.name for path in folder.rglob("rows.json*")], [], "scratch files")


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)
