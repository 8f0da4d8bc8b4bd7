"""Every table of a lake reads the same in Seine, PyIceberg, DuckDB and (SEINE_FULL=1) ClickHouse, pruned or not."""
import math
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.program import FULL
from harness.tap import Skip, main, own_folder, skip_all

try:
    import duckdb  # noqa: F401
    import pyiceberg  # noqa: F401
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")

from readers import ClickHouse, DuckDB, Predicate, PyIceberg, Seine

TABLES = {"silver.ais", "silver.ais_rejects", "events.ais_gaps", "events.ais_gaps_history", "state.ais_gaps",
          "state.ais_gaps_head", "ref.ports", "ref.weather", "ref.rejects"}
REFERENCES = {"vessels": "vessel_id,year,shipname,on_fishing_list\nv1,2020,\"A, B\",true\nv1,2021,,\n",
              "segments": "seg_id,good_seg,positions,overlapping_and_short\ns1,true,11,false\n",
              "segment_vessels": "seg_id,vessel_id,last_date\ns1,v1,2020-02-29\n",
              "authorizations": "ssvid,rfmo,authorized_from,authorized_to,first_seen\n1,ICCAT,2019-01-01,2020-01-01,\n",
              "regions": "layer,id,wkt\neez,5,\"POLYGON ((0 0, 1.5 0, 1 1, 0 0))\"\n",
              "distances": "lat,lon,distance_from_shore_m\n-0.005,179.999,12.5\n"}
HOUR_US = 3_600_000_000


def seine(*words):
    return program.seine(None, *words, now=None)


def make_days(work):
    seine("generate", "ais", "--out", work / "days", "--days", "2", "--vessels", "60", "--seed", "7")
    days = sorted((work / "days").glob("*.csv.zst"))
    assert len(days) == 2, f"generated {days}"
    return days


def fill_lake(lake, days):
    """The days are taken in one after the other, so that tables have several snapshots and files."""
    for day in days:
        seine("ingest", "--lake", lake, day)
        seine("refresh", "--lake", lake)


def load_references(lake, work):
    """Two sets of ports, so that some rows have ended, with a row that is refused; weather with and without a time."""
    (work / "ports.csv").write_text("id,name,lat,lon,country\n1,Rotterdam,51.9,4.5,NL\n2,Delft,52,4.4,\n3,Nowhere,95,0,\n")
    (work / "weather.csv").write_text("lat,lon,time,temp,wind\n1,2,2025-01-01T00:00:00Z,10,\n1,2,,,3\n")
    seine("ref", "load", "--lake", lake, "ports")
    seine("ref", "load", "--lake", lake, "ports", work / "ports.csv", "--valid-from", "2025-01-01")
    seine("ref", "load", "--lake", lake, "weather", work / "weather.csv")
    for kind, text in REFERENCES.items():
        (work / f"{kind}.csv").write_text(text)
        seine("ref", "load", "--lake", lake, kind, work / f"{kind}.csv")


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
            middle = truth.rows(f"SELECT quantile_disc(epoch_us({column}), 0.5) AS m FROM {table.name}")[0][0]
            start = int(float(middle)) // HOUR_US * HOUR_US
            found.append(Predicate(column, [(">=", str(start)), ("<", str(start + HOUR_US))]))
    for column in ("produced_day", "day"):
        if column in table.columns:
            newest = truth.rows(f"SELECT CAST(max({column}) AS VARCHAR) AS m FROM {table.name}")[0][0]
            found.append(Predicate(column, [("=", newest)]))
    return found


def check_summary(table, summary, readers, stage):
    """The readers tell of the table what Seine does."""
    for reader in readers:
        yield (f"{stage}, {table.name}: counts, sums, bounds of {reader.name}",
               lambda reader=reader: assert_same_summary(table, summary, reader.summary(table)))


def check_predicates(table, truth, readers):
    for predicate in predicates(table, truth):
        wanted = int(truth.count_unpruned(table, predicate))
        yield (f"{table.name}: {truth.name} pruned by {predicate.column} = unpruned",
               lambda: assert_counts(int(truth.count(table, predicate)), wanted, wanted))
        for reader in readers:
            yield (f"{table.name}: {reader.name} pruned by {predicate.column} = unpruned",
                   lambda reader=reader: assert_counts(int(reader.count(table, predicate)),
                                                       int(reader.count_unpruned(table, predicate)), wanted))


def assert_rows(summary):
    assert float(summary[0]) > 0, "no rows"


def assert_counts(pruned, unpruned, wanted):
    assert pruned == unpruned == wanted and wanted > 0, f"pruned {pruned}, unpruned {unpruned}, truth {wanted}"


def assert_skips_files(reader, table, truth):
    hour = next(predicate for predicate in predicates(table, truth) if predicate.column == "ts")
    some, every = reader.files(table, hour), reader.files(table)
    assert 0 < some < every, f"{some} of {every} files planned for one hour"


def assert_rows_at(reader, table, snapshot, wanted):
    found = reader.catalog.load_table(table.name).scan(snapshot_id=snapshot).to_arrow().num_rows
    assert found == wanted > 0, f"{found} rows instead of {wanted}"


def leave_out():
    raise Skip("a large download: make check FULL=1")


def check_lake(lake, days):
    truth = Seine(lake)
    others = [DuckDB()]
    if FULL:
        others.append(ClickHouse())
    else:
        yield "ClickHouse reads every table", leave_out
    tables = {table.name: table for table in PyIceberg(lake).tables()}

    def all_tables_there():
        assert TABLES <= set(tables), f"missing {sorted(TABLES - set(tables))}"

    yield "PyIceberg lists every table", all_tables_there
    summaries = truth.summaries(tables.values())
    for table in tables.values():
        yield from check_summary(table, summaries[table.name], [PyIceberg(lake), *others], "new lake")

    silver = tables["silver.ais"]
    load_references(lake, lake.parent)
    fill_lake(lake, days[:1])
    first_rows = int(truth.summaries([silver])[silver.name][0])
    first_snapshot = PyIceberg(lake).catalog.load_table(silver.name).current_snapshot().snapshot_id
    fill_lake(lake, days[1:])
    pyiceberg_reader = PyIceberg(lake)
    summaries = truth.summaries(tables.values())
    for table in tables.values():
        summary = summaries[table.name]
        yield from check_summary(table, summary, [pyiceberg_reader, *others], "two days")
        yield f"two days, {table.name}: has rows", lambda summary=summary: assert_rows(summary)
        yield from check_predicates(table, truth, [pyiceberg_reader, *others])
    yield ("one hour of silver.ais needs only some files in PyIceberg's plan",
           lambda: assert_skips_files(pyiceberg_reader, silver, truth))
    yield ("silver.ais as it was after the first day, in PyIceberg",
           lambda: assert_rows_at(pyiceberg_reader, silver, first_snapshot, first_rows))

    seine("source", "rm", "--lake", lake, days[0].name)
    seine("refresh", "--lake", lake)
    summaries = truth.summaries(tables.values())
    for table in tables.values():
        yield from check_summary(table, summaries[table.name], [PyIceberg(lake), *others], "one day removed")


if __name__ == "__main__":
    with own_folder() as work:
        seine("init", work / "lake")
        main(check_lake(work / "lake", make_days(work)))
