#!/usr/bin/env python3
"""A lake in a bucket with its catalog in PostgreSQL reads the same in PyIceberg and DuckDB, over the database and over the
address of its server, pruned or not."""
import os
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.bucket import BUCKET, KEY, REGION, SECRET, Bucket, access
from harness.program import seine
from harness.server import serving
from harness.stack import stack
from harness.tap import main, own_folder, skip_all

try:
    import duckdb  # noqa: F401
    import psycopg2  # noqa: F401
    import pyiceberg  # noqa: F401
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")

from readers import DuckDBRest, PyIcebergRest, PyIcebergSql, Seine
from rest_test import HTTPFS, no_httpfs
from test_readers import TABLES, check_predicates, check_summary, fill_lake, load_references, make_days

LAKE, NAME = f"s3://{BUCKET}/seas/read", "read"
# All kinds of partitions, columns and files are in these.
LOOKED_AT = ("silver.ais", "silver.ais_rejects", "silver.ais_enriched", "events.ais_gaps", "state.ais_gaps", "ref.ports",
             "gold.ais_hourly_h3", "gold.ais_vessels")


def s3_settings(endpoint):
    return {"s3.endpoint": endpoint, "s3.access-key-id": KEY, "s3.secret-access-key": SECRET, "s3.region": REGION}


def duckdb_secret(endpoint):
    return (f"CREATE SECRET (TYPE s3, KEY_ID '{KEY}', SECRET '{SECRET}', REGION '{REGION}', "
            f"ENDPOINT '{endpoint.removeprefix('http://')}', URL_STYLE 'path', USE_SSL false)")


def make_far_lake(work, endpoint):
    """A lake of two days. @return where its catalog is, for PyIceberg; the environment of this process reaches both."""
    server = stack.env("postgres")
    os.environ.update(access(endpoint) | {"PGPASSWORD": server["PGPASSWORD"], "XDG_CACHE_HOME": str(work / "cache")})
    seine(None, "init", "--buckets", 4, "--catalog", f"{server['SEINE_CATALOG']}?catalog_name={NAME}", LAKE)
    load_references(LAKE, work)
    fill_lake(LAKE, make_days(work))
    return server["SEINE_CATALOG"].replace("postgresql://lake@", f"postgresql+psycopg2://lake:{server['PGPASSWORD']}@")


def check_all(work):
    with Bucket() as bucket:
        uri, truth = make_far_lake(work, bucket.endpoint), Seine(LAKE)
        with serving(work, "--rate", "0", lake=LAKE) as server:
            address, settings = f"{server.address}/iceberg", s3_settings(bucket.endpoint)
            readers = [PyIcebergSql(NAME, uri, **settings), PyIcebergRest(address, **settings)]
            if HTTPFS:
                readers.append(DuckDBRest(address, secret=duckdb_secret(bucket.endpoint)))
            else:
                yield "DuckDB reads every table", no_httpfs
            for reader in readers[:2]:
                names = {table.name for table in reader.tables()}
                yield f"{reader.name} lists every table", lambda names=names: assert_there(names)
            tables = [table for table in readers[0].tables() if table.name in LOOKED_AT]
            summaries = truth.summaries(tables)
            for table in tables:
                yield from check_summary(table, summaries[table.name], readers, "in a bucket")
                yield from check_predicates(table, truth, readers)


def assert_there(names):
    assert TABLES | set(LOOKED_AT) <= names, f"missing {sorted((TABLES | set(LOOKED_AT)) - names)}"


if __name__ == "__main__":
    with own_folder() as folder:
        stack.require("postgres")
        main(check_all(folder))
