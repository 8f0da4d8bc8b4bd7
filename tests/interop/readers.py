"""The engines that read a lake, each behind the same two calls: summary(table) and count(table, predicate).

A table is described by Table: its name, its folder and its columns with Iceberg types. Values come back as numbers
and texts which are comparable between engines: times as microseconds, dates as text.
"""
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.program import DEPS, environment, node, sql, sql_each

NUMBERS = {"int", "long", "double"}


@dataclass
class Table:
    name: str
    folder: str
    columns: dict  # name → Iceberg type as text


@dataclass
class Predicate:
    """Conditions on one column: an operator and a value, a text; times in microseconds."""
    column: str
    conditions: list


def summary_of(columns, forms):
    """@return expressions which describe every column, the first is the number of rows: `forms` has those of each kind
    of column, by name; texts have the same in every dialect."""
    parts = ["count(*)"]
    for name, kind in columns.items():
        own = forms.get("number" if kind in NUMBERS else kind, ("min({0})", "max({0})"))
        parts += [f"count({name})", *(form.format(name) for form in own)]
    return parts


def where_of(predicate, columns, literals, column=None):
    """@return the predicate in a dialect with these forms of literals; on what is computed of the column when that is
    given."""
    literal = literals.get(columns[predicate.column], "'{}'")
    return " AND ".join(f"{column or predicate.column} {op} {literal.format(value)}" for op, value in predicate.conditions)


def duckdb_summary(columns):
    parts = summary_of(columns, {
        "number": ("sum({0})::DOUBLE", "min({0})::DOUBLE", "max({0})::DOUBLE"), "boolean": ("sum({0}::INTEGER)::DOUBLE",),
        "timestamptz": ("epoch_us(min({0}))", "epoch_us(max({0}))"), "date": ("min({0})::VARCHAR", "max({0})::VARCHAR"),
        "binary": ("sum(octet_length({0}))::DOUBLE",)})
    return ", ".join(f"{part} AS a{number}" for number, part in enumerate(parts))


def duckdb_where(predicate, columns):
    return where_of(predicate, columns, {"timestamptz": "make_timestamptz({})", "date": "DATE '{}'"})


class Seine:
    """The program itself, by `seine sql`."""
    name = "seine sql"

    def __init__(self, lake):
        self.lake = lake

    def rows(self, text):
        return [list(row.values()) for row in sql(None, text, self.lake)]

    def summaries(self, tables):
        """@return the summary of each of these tables by its name: asked for by one command."""
        told = sql_each(None, {table.name: f"SELECT {duckdb_summary(table.columns)} FROM {table.name}" for table in tables}, self.lake)
        return {name: list(row.values()) for name, (row,) in told.items()}

    def count(self, table, predicate):
        where = duckdb_where(predicate, table.columns)
        return self.rows(f"SELECT count(*) AS n FROM {table.name} WHERE {where}")[0][0]

    def count_unpruned(self, table, predicate):
        where = duckdb_where(predicate, table.columns)
        text = f"WITH t AS MATERIALIZED (SELECT * FROM {table.name}) SELECT count(*) AS n FROM t WHERE {where}"
        return self.rows(text)[0][0]


class DuckDB:
    """DuckDB's own iceberg reader, given nothing but the table's folder."""
    name = "DuckDB iceberg_scan"
    extensions = ("avro", "iceberg")

    def __init__(self):
        import duckdb
        folder = str(DEPS / "extensions")
        self.connection = duckdb.connect(config={
            "extension_directory": folder, "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false"})
        for extension in self.extensions:
            self.connection.execute(f"LOAD {extension}")
        self.connection.execute("SET TimeZone = 'UTC'")

    def one(self, text):
        return list(self.connection.execute(text).fetchone())

    def source(self, table):
        return f"iceberg_scan('{table.folder}')"

    def summary(self, table):
        return self.one(f"SELECT {duckdb_summary(table.columns)} FROM {self.source(table)}")

    def count(self, table, predicate):
        where = duckdb_where(predicate, table.columns)
        return self.one(f"SELECT count(*) FROM {self.source(table)} WHERE {where}")[0]

    def count_unpruned(self, table, predicate):
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE whole AS FROM {self.source(table)}")
        return self.one(f"SELECT count(*) FROM whole WHERE {duckdb_where(predicate, table.columns)}")[0]


class DuckDBRest(DuckDB):
    """The same reader, given nothing but the address of the REST catalog, and a token when it wants one; for objects
    the statement that makes their secret."""
    name = "DuckDB ATTACH"
    extensions = ("httpfs", "avro", "iceberg")

    def __init__(self, address, token=None, secret=None):
        super().__init__()
        if secret:
            self.connection.execute(secret)
        access = "AUTHORIZATION_TYPE 'none'"
        if token is not None:
            self.connection.execute(f"CREATE SECRET lake_token (TYPE iceberg, TOKEN '{token}')")
            access = "SECRET lake_token"
        self.connection.execute(f"ATTACH '' AS lake (TYPE iceberg, ENDPOINT '{address}', {access})")

    def source(self, table):
        return f"lake.{table.name}"


class PyIceberg:
    """PyIceberg with its SQL catalog on catalog.db."""
    name = "PyIceberg"

    def __init__(self, lake):
        from pyiceberg.catalog.sql import SqlCatalog
        self.use(SqlCatalog("seine", uri=f"sqlite:///{lake}/catalog.db", warehouse=f"file://{lake}"))

    def use(self, catalog):
        import duckdb
        self.catalog = catalog
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.whole = {}

    def tables(self):
        for namespace in self.catalog.list_namespaces():
            for identifier in self.catalog.list_tables(namespace):
                table = self.catalog.load_table(identifier)
                columns = {field.name: str(field.field_type) for field in table.schema().fields}
                folder = table.location().removeprefix("file://").removeprefix("file:")
                yield Table(".".join(identifier), folder, columns)

    def arrow(self, table):
        if table.name not in self.whole:
            self.whole[table.name] = self.catalog.load_table(table.name).scan().to_arrow()
        return self.whole[table.name]

    def one(self, text, arrow):
        self.connection.register("whole", arrow)
        return list(self.connection.execute(text).fetchone())

    def summary(self, table):
        return self.one(f"SELECT {duckdb_summary(table.columns)} FROM whole", self.arrow(table))

    def scan(self, table, predicate):
        from datetime import datetime, timedelta, timezone
        from pyiceberg import expressions
        makers = {"=": expressions.EqualTo, ">=": expressions.GreaterThanOrEqual, "<": expressions.LessThan}
        terms = []
        for operator, value in predicate.conditions:
            if table.columns[predicate.column] == "timestamptz":
                value = (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=int(value))).isoformat()
            terms.append(makers[operator](predicate.column, value))
        filter_ = terms[0] if len(terms) == 1 else expressions.And(*terms)
        return self.catalog.load_table(table.name).scan(row_filter=filter_)

    def count(self, table, predicate):
        return self.scan(table, predicate).to_arrow().num_rows

    def count_unpruned(self, table, predicate):
        where = duckdb_where(predicate, table.columns)
        return self.one(f"SELECT count(*) FROM whole WHERE {where}", self.arrow(table))[0]

    def files(self, table, predicate=None):
        scan = self.scan(table, predicate) if predicate else self.catalog.load_table(table.name).scan()
        return len(list(scan.plan_files()))


class PyIcebergSql(PyIceberg):
    """PyIceberg with its SQL catalog on a server."""
    name = "PyIceberg SqlCatalog"

    def __init__(self, name, uri, **settings):
        from pyiceberg.catalog.sql import SqlCatalog
        self.use(SqlCatalog(name, uri=uri, **settings))


class PyIcebergRest(PyIceberg):
    """PyIceberg with its REST catalog, given nothing but the address, and a token when it wants one; for objects the
    settings by which they are reached."""
    name = "PyIceberg RestCatalog"

    def __init__(self, address, token=None, **settings):
        from pyiceberg.catalog.rest import RestCatalog
        self.use(RestCatalog("seine", uri=address, **settings, **({} if token is None else {"token": token})))


class ClickHouse:
    """ClickHouse's icebergLocal, given nothing but the table's folder."""
    name = "ClickHouse icebergLocal"
    before = ()  # statements that stand before each query
    pruned = "use_iceberg_partition_pruning = 1, input_format_parquet_filter_push_down = 1"
    unpruned = "use_iceberg_partition_pruning = 0, input_format_parquet_filter_push_down = 0"

    def one(self, text):
        words = [node(), str(Path(__file__).parent / "clickhouse.js"), str(DEPS / "npm" / "node_modules")]
        # ClickHouse reads files below its working folder only.
        texts = [*self.before, text]
        result = subprocess.run(words, input=json.dumps(texts), capture_output=True, text=True, cwd="/")
        if result.returncode:
            raise RuntimeError(result.stderr.strip()[-2000:])
        return json.loads(result.stdout)[-1][0]

    def source(self, table):
        return f"icebergLocal('{table.folder}')"

    def summary(self, table):
        parts = summary_of(table.columns, {
            "number": ("toFloat64(sum({0}))", "toFloat64(min({0}))", "toFloat64(max({0}))"),
            "boolean": ("toFloat64(sum(toInt32({0})))",),
            "timestamptz": ("toUnixTimestamp64Micro(min({0}))", "toUnixTimestamp64Micro(max({0}))"),
            "date": ("toString(min({0}))", "toString(max({0}))"), "binary": ("toFloat64(sum(length({0})))",)})
        # As the standard has it, the sum or least of nothing is null; without this setting ClickHouse says 0 or ''.
        settings = "aggregate_functions_null_for_empty = 1"
        return self.one(f"SELECT {', '.join(parts)} FROM {self.source(table)} SETTINGS {settings}")

    def counted(self, table, predicate, settings):
        where = where_of(predicate, table.columns,
                         {"timestamptz": "fromUnixTimestamp64Micro({}, 'UTC')", "date": "toDate32('{}')"})
        text = f"SELECT count(*) FROM {self.source(table)} WHERE {where} SETTINGS {settings}"
        return int(self.one(text)[0])

    def count(self, table, predicate):
        return self.counted(table, predicate, self.pruned)

    def count_unpruned(self, table, predicate):
        return self.counted(table, predicate, self.unpruned)


class ClickHouseRest(ClickHouse):
    """ClickHouse, given nothing but the address of the REST catalog, and a token when it wants one."""
    name = "ClickHouse DataLakeCatalog"

    def __init__(self, address, token=None):
        header = "" if token is None else f", auth_header = 'Authorization: Bearer {token}'"
        self.before = ("SET allow_database_iceberg = 1",
                       f"CREATE DATABASE lake ENGINE = DataLakeCatalog('{address}/v1') SETTINGS catalog_type = 'rest', "
                       f"warehouse = 'seine', vended_credentials = false{header}")

    def source(self, table):
        return f"lake.`{table.name}`"


class Spark:
    """Spark SQL over a catalog of its one session (SparkSession below)."""

    def __init__(self, session, catalog):
        self.session, self.catalog, self.name = session, catalog, f"Spark {catalog}"

    def one(self, text):
        return self.session.rows(text)[0]

    def summary(self, table):
        parts = summary_of(table.columns, {
            "number": ("CAST(sum({0}) AS DOUBLE)", "CAST(min({0}) AS DOUBLE)", "CAST(max({0}) AS DOUBLE)"),
            "boolean": ("CAST(sum(CAST({0} AS INT)) AS DOUBLE)",),
            "timestamptz": ("unix_micros(min({0}))", "unix_micros(max({0}))"),
            "date": ("CAST(min({0}) AS STRING)", "CAST(max({0}) AS STRING)"),
            "binary": ("CAST(sum(octet_length({0})) AS DOUBLE)",)})
        return self.one(f"SELECT {', '.join(parts)} FROM {self.catalog}.{table.name}")

    def counted(self, table, predicate, column):
        where = where_of(predicate, table.columns, {"timestamptz": "timestamp_micros({})", "date": "DATE '{}'"}, column)
        return int(self.one(f"SELECT count(*) FROM {self.catalog}.{table.name} WHERE {where}")[0])

    def count(self, table, predicate):
        return self.counted(table, predicate, predicate.column)

    def count_unpruned(self, table, predicate):
        """What is computed of a column is compared with no bounds of a file."""
        computed = {"timestamptz": "timestamp_micros(unix_micros({}) + 0)", "date": "date_add({}, 0)"}
        kind = table.columns[predicate.column]
        return self.counted(table, predicate, computed.get(kind, "concat({}, '')").format(predicate.column))


class SparkSession:
    """One session of Spark in a process of its own (spark_session.py), with the catalogs of the settings."""

    def __init__(self, settings):
        folder = DEPS / "spark"
        jars = ",".join(map(str, sorted((folder / "jars").glob("*.jar"))))
        words = [sys.executable, Path(__file__).parent / "spark_session.py"]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment(PYTHONPATH=str(folder / "python"), SPARK_LOCAL_IP="127.0.0.1"))
        self.ask({"spark.jars": jars} | settings)

    def ask(self, what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"Spark has ended: {self.process.stderr.read()[-4000:]}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["rows"]

    def rows(self, text):
        return self.ask(text)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
