"""Every table of a lake reads the same in Seine, PyIceberg, DuckDB and (SEINE_FULL=1) ClickHouse, pruned or not."""
import math
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

try:
    import duckdb  # noqa: F401
    import pyiceberg  # noqa: F401
except ImportError as error:
    print(f"1..0 # SKIP {error}: run tools/setup --tests")
    sys.exit(77)

from readers import ClickHouse, DuckDB, Predicate, PyIceberg, Seine

PROGRAM = os.environ["SEINE_BIN"]
TABLES = {"silver.ais", "silver.ais_rejects", "events.ais_gaps", "events.ais_gaps_history", "state.ais_gaps",
          "state.ais_gaps_head"}
MUST_HAVE_ROWS = TABLES - {"silver.ais_rejects"}
HOUR_US = 3_600_000_000


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def case(self, name, body):
        """Runs one case; it fails by an exception."""
        self.number += 1
        try:
            body()
            print(f"ok {self.number} - {name}", flush=True)
        except Exception as error:  # every case is tried
            self.failed += 1
            print(f"not ok {self.number} - {name}", flush=True)
            detail = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            print("# " + detail.replace("\n", "\n# "), flush=True)

    def skip(self, name, why):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {why}", flush=True)


def seine(*words):
    result = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"seine {' '.join(map(str, words))}: {result.stderr.strip()}")
    return result.stdout


def make_lake(work):
    """Two generated days, taken in one after the other, so that tables have several snapshots and files."""
    seine("generate", "ais", "--out", work / "days", "--days", "2", "--vessels", "60", "--seed", "7")
    days = sorted((work / "days").glob("AIS_*"))
    lake = work / "lake"
    seine("init", lake)
    for day in days:
        seine("ingest", "--lake", lake, day)
        seine("refresh", "--lake", lake)
    return lake


def same(left, right):
    if left is None or right is None or isinstance(left, str) and isinstance(right, str) and not is_number(left):
        return left == right
    return math.isclose(float(left), float(right), rel_tol=1e-9, abs_tol=1e-9)


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def assert_same_summary(table, wanted, found):
    assert len(wanted) == len(found), f"{len(found)} values instead of {len(wanted)}"
    for number, (left, right) in enumerate(zip(wanted, found)):
        assert same(left, right), f"{table.name} value {number}: {right!r} instead of {left!r}"


def predicates(table, truth):
    """Predicates on the columns by which tables are partitioned and sorted, with values that occur in the middle."""
    found = []
    for column in ("mmsi", "mover"):
        if column in table.columns:
            order = f"SELECT {column} FROM {table.name} GROUP BY 1 ORDER BY 1"
            movers = truth.rows(order)
            found.append(Predicate(column, [("=", movers[len(movers) // 2][0])]))
    for column in ("ts", "start_ts"):
        if column in table.columns:
            middle = truth.rows(f"SELECT CAST(median(epoch_us({column})) AS BIGINT) AS m FROM {table.name}")[0][0]
            start = int(float(middle)) // HOUR_US * HOUR_US
            found.append(Predicate(column, [(">=", str(start)), ("<", str(start + HOUR_US))]))
    for column in ("produced_day", "day"):
        if column in table.columns:
            newest = truth.rows(f"SELECT CAST(max({column}) AS VARCHAR) AS m FROM {table.name}")[0][0]
            found.append(Predicate(column, [("=", newest)]))
    return found


def check_table(tap, table, truth, readers):
    summary = truth.summary(table)
    if table.name in MUST_HAVE_ROWS:
        tap.case(f"{table.name} has rows", lambda: assert_rows(summary))
    for reader in readers:
        tap.case(f"{table.name}: counts, sums, bounds of {reader.name}",
                 lambda reader=reader: assert_same_summary(table, summary, reader.summary(table)))
    if float(summary[0]) == 0:
        return
    for predicate in predicates(table, truth):
        wanted = int(truth.count_unpruned(table, predicate))
        for reader in [truth, *readers]:
            tap.case(f"{table.name}: {reader.name} pruned by {predicate.column} = unpruned",
                     lambda reader=reader: assert_prunes_rightly(reader, table, predicate, wanted))


def assert_rows(summary):
    assert float(summary[0]) > 0, "no rows"


def assert_prunes_rightly(reader, table, predicate, wanted):
    pruned, unpruned = int(reader.count(table, predicate)), int(reader.count_unpruned(table, predicate))
    assert pruned == unpruned == wanted and wanted > 0, f"pruned {pruned}, unpruned {unpruned}, truth {wanted}"


def assert_skips_files(reader, table, truth):
    hour = next(predicate for predicate in predicates(table, truth) if predicate.column == "ts")
    some, every = reader.files(table, hour), reader.files(table)
    assert 0 < some < every, f"{some} of {every} files planned for one hour"


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        lake = make_lake(Path(folder).resolve())
        pyiceberg_reader = PyIceberg(lake)
        tables = {table.name: table for table in pyiceberg_reader.tables()}

        def all_tables_there():
            assert TABLES <= set(tables), f"missing {sorted(TABLES - set(tables))}"

        tap.case("PyIceberg lists every table", all_tables_there)
        truth = Seine(PROGRAM, lake)
        readers = [pyiceberg_reader, DuckDB()]
        if os.environ.get("SEINE_FULL") == "1":
            readers.append(ClickHouse())
        else:
            tap.skip("ClickHouse reads every table", "a large download: make check FULL=1")
        for table in tables.values():
            check_table(tap, table, truth, readers)
        if "silver.ais" in tables:
            tap.case("one hour of silver.ais needs only some files in PyIceberg's plan",
                     lambda: assert_skips_files(pyiceberg_reader, tables["silver.ais"], truth))
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
