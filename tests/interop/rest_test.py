#!/usr/bin/env python3
"""Every table of a lake reads the same by the address of its server alone: PyIceberg, DuckDB and (SEINE_FULL=1)
ClickHouse over the REST catalog against Seine, pruned or not, with and without a token; and none of them can write."""
import hashlib
import sqlite3
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import DEPS, FULL
from harness.server import serving
from harness.tap import Skip, main, own_folder, skip_all

try:
    import duckdb
    import pyiceberg  # noqa: F401
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")

from readers import ClickHouseRest, DuckDBRest, PyIcebergRest, Seine
from test_readers import (TABLES, assert_rows, assert_skips_files, check_predicates, check_summary, fill_lake, leave_out,
                          load_references, make_days, seine)

TOKEN = "a-token.of-tests_0~1"
HTTPFS = any(DEPS.glob("extensions/*/*/httpfs.duckdb_extension"))


def readers_of(address, token=None):
    """Those that this machine has. @return them and the reasons why others are left out."""
    readers, left_out = [PyIcebergRest(address, token)], []
    if HTTPFS:
        readers.append(DuckDBRest(address, token))
    else:
        left_out.append(("DuckDB reads every table", no_httpfs))
    if FULL:
        readers.append(ClickHouseRest(address, token))
    else:
        left_out.append(("ClickHouse reads every table", leave_out))
    return readers, left_out


def no_httpfs():
    raise Skip("DuckDB's httpfs is not installed: run tools/setup --tests")


def check_reading(lake, address):
    readers, left_out = readers_of(address)
    truth, tables = Seine(lake), {table.name: table for table in readers[0].tables()}
    yield from left_out
    yield "PyIceberg lists every table", lambda: assert_all_there(tables)
    summaries = truth.summaries(tables.values())
    for table in tables.values():
        summary = summaries[table.name]
        yield from check_summary(table, summary, readers, "by address")
        yield f"by address, {table.name}: has rows", lambda summary=summary: assert_rows(summary)
        yield from check_predicates(table, truth, readers)
    yield ("one hour of silver.ais needs only some files in PyIceberg's plan",
           lambda: assert_skips_files(readers[0], tables["silver.ais"], truth))


def assert_all_there(tables):
    assert TABLES <= set(tables), f"missing {sorted(TABLES - set(tables))}"


# ---- tokens ----

def check_tokens(lake, address):
    readers, _ = readers_of(address, TOKEN)
    table = next(table for table in readers[0].tables() if table.name == "silver.ais")
    yield from check_summary(table, Seine(lake).summaries([table])[table.name], readers, "with a token")
    for kind in (PyIcebergRest, DuckDBRest) if HTTPFS else (PyIcebergRest,):
        for token in (None, "wrong"):
            yield f"{kind.name} with the token {token} is not let in", lambda kind=kind, token=token: assert_not_let_in(kind, address, token)


def assert_not_let_in(kind, address, token):
    from pyiceberg.exceptions import UnauthorizedError
    try:
        kind(address, token)
    except (UnauthorizedError, duckdb.Error) as error:
        assert "401" in str(error) or "NotAuthorized" in str(error), error
        return
    raise AssertionError("it was let in")


# ---- writing ----

def pyiceberg_writes(catalog):
    """What PyIceberg offers to write with, by name."""
    table = catalog.load_table("silver.ais")
    some = table.scan(limit=1).to_arrow()
    return {"create_namespace": lambda: catalog.create_namespace("new"),
            "create_table": lambda: catalog.create_table("silver.new", table.schema()),
            "append": lambda: table.append(some), "overwrite": lambda: table.overwrite(some),
            "delete": lambda: table.delete("sog >= 0"),
            "set properties": lambda: table.transaction().set_properties(a="b").commit_transaction(),
            "rename_table": lambda: catalog.rename_table("silver.ais", "silver.b"),
            "drop_table": lambda: catalog.drop_table("silver.ais"), "purge_table": lambda: catalog.purge_table("silver.ais"),
            "register_table": lambda: catalog.register_table("silver.new", table.metadata_location),
            "drop_namespace": lambda: catalog.drop_namespace("silver"),
            "update_namespace_properties": lambda: catalog.update_namespace_properties("silver", updates={"a": "b"})}


DUCKDB_WRITES = ("CREATE SCHEMA lake.new", "CREATE TABLE lake.silver.new (a INTEGER)", "DROP TABLE lake.silver.ais",
                 "DELETE FROM lake.silver.ais", "INSERT INTO lake.silver.ais SELECT * FROM lake.silver.ais LIMIT 1")


def check_writing(lake, address):
    from pyiceberg.exceptions import ForbiddenError
    before = state_of(lake)
    polite, blunt = PyIcebergRest(address).catalog, PyIcebergRest(address).catalog
    blunt._supported_endpoints = Everything()  # as a client that does not ask what is supported
    for name, write in pyiceberg_writes(polite).items():
        yield f"PyIceberg knows that it cannot {name}", lambda write=write: assert_fails(write, NotImplementedError, "does not support")
    for name, write in pyiceberg_writes(blunt).items():
        yield f"PyIceberg is refused when it tries to {name}", lambda write=write: assert_fails(write, ForbiddenError, "only read")
    reader = DuckDBRest(address) if HTTPFS else None
    for text in DUCKDB_WRITES if HTTPFS else ():
        yield (f"DuckDB cannot {text.split(' lake')[0]}",
               lambda text=text: assert_fails(lambda: reader.connection.execute(text), duckdb.Error, ""))
    yield "nothing has changed", lambda: assert_same(before, state_of(lake))


class Everything:
    def __contains__(self, endpoint):
        return True


def assert_fails(work, kind, words):
    try:
        work()
    except kind as error:
        assert words in str(error), error
        return
    raise AssertionError("it did not fail")


def state_of(lake):
    """The catalog's tables, and the rows of each."""
    with sqlite3.connect(lake / "catalog.db") as catalog:
        pointers = catalog.execute("SELECT * FROM iceberg_tables ORDER BY 1, 2, 3").fetchall()
    return pointers, Seine(lake).rows("SELECT count(*) AS n FROM silver.ais")


def assert_same(before, after):
    assert before == after, after


# ---- all ----

def check_all(work):
    lake = work / "lake"
    days = make_days(work)
    load_references(lake, work)
    fill_lake(lake, days)
    (work / "tokens").write_text(hashlib.sha256(TOKEN.encode()).hexdigest() + "\n", encoding="utf-8")
    with serving(work, "--rate", "0", lake=lake) as server:
        yield from check_reading(lake, f"{server.address}/iceberg")
        yield from check_writing(lake, f"{server.address}/iceberg")
    with serving(work, "--rate", "0", "--token-file", work / "tokens", lake=lake) as server:
        yield from check_tokens(lake, f"{server.address}/iceberg")


if __name__ == "__main__":
    with own_folder() as folder:
        seine("init", folder / "lake")
        main(check_all(folder))
