#!/usr/bin/env python3
"""Spark reads a lake in a folder and one in a bucket, over their catalogs in SQL and over the address of their server, as
Seine does, pruned or not; what it writes beside breaks nothing; and its executors do the work of a refresh. SEINE_FULL=1 only: one session for everything."""
import json
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.bucket import Bucket
from harness.program import DEPS, FULL, SEINE, seine
from harness.server import serving
from harness.stack import stack
from harness.tap import main, own_folder, skip_all

if not FULL:
    skip_all("Spark is a large download: make check FULL=1")
if not (DEPS / "spark" / "jars").is_dir():
    skip_all("Spark is not installed: run tools/setup --full")

from far_readers_test import LAKE, NAME, make_far_lake, s3_settings
from readers import PyIceberg, Seine, Spark, SparkSession
from test_readers import check_predicates, check_summary, fill_lake, load_references, make_days

EVERYWHERE = ("silver.ais", "events.ais_gaps", "ref.ports")


def catalog(name, **settings):
    """Settings of a catalog of Spark's, which is called as the lake's catalog is."""
    begin = f"spark.sql.catalog.{name}"
    return {begin: "org.apache.iceberg.spark.SparkCatalog", f"{begin}.cache-enabled": "false"} | {
        f"{begin}.{key}": value for key, value in settings.items()}


def objects(endpoint):
    return {"io-impl": "org.apache.iceberg.aws.s3.S3FileIO", "s3.path-style-access": "true", "client.region": "us-east-1",
            } | {key: value for key, value in s3_settings(endpoint).items() if key != "s3.region"}


def session_of(lake, far_uri, near_address, far_address, endpoint):
    """One session over both lakes: `seine` and `read` by their databases, near and far by their servers."""
    password = stack.env("postgres")["PGPASSWORD"]
    return SparkSession(
        {"spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
         "spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "2",
         "spark.driver.memory": "1g"}
        | catalog("seine", type="jdbc", uri=f"jdbc:sqlite:{lake}/catalog.db", warehouse=f"file://{lake}/spark",
                  **{"jdbc.schema-version": "V1"})
        | catalog(NAME, type="jdbc", uri="jdbc:postgresql://" + far_uri.split("@")[1], warehouse=LAKE + "/spark",
                  **{"jdbc.schema-version": "V1", "jdbc.user": "lake", "jdbc.password": password}, **objects(endpoint))
        | catalog("near", type="rest", uri=near_address)
        | catalog("far", type="rest", uri=far_address, **objects(endpoint)))


def check_reading(tables, truth, readers, first):
    """All tables by the first reader, some by all of them."""
    tables = [table for table in tables if first or table.name in EVERYWHERE]
    summaries = truth.summaries(tables)
    for table in tables:
        those = readers if table.name in EVERYWHERE else readers[:1]
        yield from check_summary(table, summaries[table.name], those, "by Spark")
        if table.name in EVERYWHERE:
            yield from check_predicates(table, truth, those)


def check_writing(session, name, lake, truth):
    """A table of Spark's in the same catalog, and what Seine does with it."""
    for text in (f"CREATE NAMESPACE IF NOT EXISTS {name}.theirs",
                 f"CREATE TABLE {name}.theirs.ships (mmsi STRING, ts TIMESTAMP, sog DOUBLE) USING iceberg "
                 "PARTITIONED BY (days(ts), bucket(4, mmsi))",
                 f"INSERT INTO {name}.theirs.ships SELECT mmsi, ts, sog FROM {name}.silver.ais",
                 f"DELETE FROM {name}.theirs.ships WHERE sog IS NULL"):
        session.rows(text)
    count = "SELECT count(*) AS n, count(DISTINCT mmsi) AS movers FROM "

    def is_read():
        (found,), (wanted,) = truth.rows(count + "theirs.ships"), truth.rows(count + "silver.ais WHERE sog IS NOT NULL")
        assert found == wanted and found[0] > 0, f"{found} instead of {wanted}"

    def is_left_alone():
        seine(None, "table", "expire", "--keep", 1, "--older-than", 0, "--lake", lake, now=None)
        seine(None, "table", "orphans", "--remove", "--older-than", 0, "--lake", lake, now=None)
        assert "all is well" in seine(None, "verify", "--deep", "--lake", lake, now=None)
        session.rows(f"INSERT INTO {name}.theirs.ships VALUES ('1', current_timestamp(), 1.0)")
        is_more = session.rows(f"SELECT count(*) FROM {name}.theirs.ships WHERE mmsi = '1'")
        assert is_more == [[1]], is_more

    yield f"{name}: a table that Spark wrote is read", is_read
    yield f"{name}: what Seine cares for leaves Spark's table alone", is_left_alone


def check_working(session, work, days):
    """Executors do the tasks of a refresh, and the lake ends as by one."""
    def is_worked_on():
        for lake in ("by_spark", "by_one"):
            seine(work, "init", "--buckets", 4, lake, now=None)
            seine(work, "ingest", "--lake", lake, *days, now=None)
        rounds = 0
        while tasks := seine(work, "tasks", "plan", "--lake", "by_spark", now=None).splitlines():
            results = session.ask({"pipe": f"{SEINE} tasks work --threads 1 --lake {work / 'by_spark'}", "lines": tasks})
            assert len(results) == len(tasks), f"{len(results)} of {len(tasks)}"
            seine(work, "tasks", "commit", "--lake", "by_spark", stdin="\n".join(results), now=None)
            rounds += 1
        assert rounds >= 3, rounds
        seine(work, "refresh", "--lake", "by_one", now=None)
        rows = [{row["table"]: row["rows"] for row in json.loads(seine(work, "table", "ls", "--json", "--lake", lake, now=None))}
                for lake in ("by_spark", "by_one")]
        assert rows[0] == rows[1] and rows[0]["events.ais_gaps"] > 0, rows
        assert "all is well" in seine(work, "verify", "--deep", "--lake", "by_spark", now=None)

    yield "executors of Spark do the work of a refresh", is_worked_on


def check_all(work):
    lake = work / "lake"
    seine(None, "init", "--buckets", 4, lake, now=None)
    load_references(lake, work)
    days = make_days(work)
    fill_lake(lake, days)
    (work / "far").mkdir()
    with Bucket() as bucket:
        far_uri = make_far_lake(work / "far", bucket.endpoint)
        with serving(work, "--rate", "0", lake=lake) as near, serving(work, "--rate", "0", lake=LAKE) as far:
            session = session_of(lake, far_uri, f"{near.address}/iceberg", f"{far.address}/iceberg", bucket.endpoint)
            tables = list(PyIceberg(lake).tables())
            near_readers = [Spark(session, name) for name in ("seine", "near")]
            far_readers = [Spark(session, name) for name in (NAME, "far")]
            yield from check_reading(tables, Seine(lake), near_readers, True)
            yield from check_reading(tables, Seine(LAKE), far_readers, False)
            yield from check_writing(session, "seine", lake, Seine(lake))
            yield from check_writing(session, NAME, LAKE, Seine(LAKE))
            yield from check_working(session, work, days)
            session.close()


if __name__ == "__main__":
    with own_folder() as folder:
        stack.require("postgres")
        main(check_all(folder))
