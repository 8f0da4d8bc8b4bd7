"""A lake whose catalog is in PostgreSQL, read and written beside by PyIceberg through the same database."""
import json
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import fix, write_fixes
from harness.program import equal, seine
from harness.stack import stack
from harness.tap import functions, main, skip_all

try:
    import psycopg2  # noqa: F401
    import pyarrow as pa
    from pyiceberg.catalog.sql import SqlCatalog
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")


def server(name):
    """@return the address of a lake, what PyIceberg takes for it, and the environment of commands."""
    env = stack.env("postgres")
    address = env["SEINE_CATALOG"]
    uri = address.replace("postgresql://lake@", f"postgresql+psycopg2://lake:{env['PGPASSWORD']}@")
    return f"{address}?catalog_name={name}", uri, {"PGPASSWORD": env["PGPASSWORD"]}


def fill(folder, env):
    days = [write_fixes(folder / f"AIS_2020_03_0{day}.csv", *(fix(mover, day, hour) for mover in range(3) for hour in (0, 23)))
            for day in (1, 2)]
    seine(folder, "ingest", "--quiet", "--lake", "lake", *days, env=env)
    seine(folder, "refresh", "--quiet", "--lake", "lake", env=env)


def count(folder, table, env):
    return json.loads(seine(folder, "sql", "--lake", "lake", "--format", "json", f"SELECT count(*) AS n FROM {table}",
                            env=env))[0]["n"]


def test_every_table_has_the_same_rows(folder):
    address, uri, env = server("read")
    seine(folder, "init", "--buckets", 2, "--catalog", address, "lake", env=env)
    fill(folder, env)
    catalog = SqlCatalog("read", uri=uri)
    names = [".".join(name) for space in catalog.list_namespaces() for name in catalog.list_tables(space)]
    listed = json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json", env=env))
    equal(sorted(names), sorted(table["table"] for table in listed))
    for name in names:
        equal(catalog.load_table(name).scan().to_arrow().num_rows, count(folder, name, env), name)
    rows = catalog.load_table("silver.ais").scan(row_filter="mmsi = '366000001'").to_arrow()
    equal((rows.num_rows, set(rows["mmsi"].to_pylist())), (4, {"366000001"}))


def test_a_catalog_that_pyiceberg_made_is_shared(folder):
    address, uri, env = server("shared")
    catalog = SqlCatalog("shared", uri=uri, warehouse=f"file://{folder}/warehouse")
    catalog.create_namespace("theirs")
    schema = pa.schema([pa.field("n", pa.int64())])
    table = catalog.create_table("theirs.numbers", schema=schema)
    table.append(pa.table({"n": [1, 2, 3]}, schema=schema))
    seine(folder, "init", "--buckets", 1, "--catalog", address, "lake", env=env)
    fill(folder, env)
    catalog.load_table("theirs.numbers").append(pa.table({"n": [4]}, schema=schema))
    equal(count(folder, "theirs.numbers", env), 4)
    seine(folder, "verify", "--deep", "--lake", "lake", env=env)
    equal(catalog.load_table("theirs.numbers").scan().to_arrow().num_rows, 4)


main(functions(globals()))
