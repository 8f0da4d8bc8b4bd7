"""Lakes in a new place, as others read them: PyIceberg and DuckDB find every table and snapshot there."""
import json
import shutil
import sqlite3
import sys
import urllib.parse

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.lakes import Kept
from harness.program import DEPS, equal
from harness.tap import main, own_folder, skip_all

try:
    import duckdb
    import pyarrow as pa
    from pyiceberg.catalog.sql import SqlCatalog
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG\n"
# Names which have a meaning in URLs, in patterns of file names, in SQL or in shells, and are fit for a lake all the same.
PLACES = ["plain", "with blanks", "per%20cent", "100%", "a+b=c&d;e,f", "it's", "[a]", "*", "{a,b}", "été 岸", "~x:y@z",
          "back\\slash", "$HOME"]


def run(*words, ok=True):
    result = program.run(None, *words, now=None)  # others write by the clock of the machine
    assert result.returncode == 0 or not ok, f"seine {' '.join(map(str, words))}: {result.stderr}"
    return result


def catalog_of(lake):
    return SqlCatalog("seine", uri="sqlite:///" + urllib.parse.quote(str(lake / "catalog.db")))


def make_lake(lake):
    """Two days of silver, a snapshot each, and a table that PyIceberg made and changed in the same catalog."""
    run("init", lake, "--buckets", "2")
    for day in (1, 2):
        path = lake.parent / f"AIS_2025_01_{day:02d}.csv"
        rows = [f"{vessel},2025-01-{day:02d}T{hour:02d}:00:00,{10 + hour / 10},20.5,5.0\n"
                for vessel in (366000001, 366000002) for hour in range(0, 24, 9)]
        path.write_text(HEADER + "".join(rows), encoding="ascii")
        run("ingest", "--quiet", "--lake", lake, path)
        run("refresh", "--quiet", "--lake", lake)
    catalog = catalog_of(lake)
    catalog.create_namespace("their")
    numbers = pa.table({"number": pa.array(range(10), pa.int64())})
    table = catalog.create_table("their.numbers", numbers.schema, location=f"file://{lake}/their/numbers")
    table.append(numbers)
    table.append(numbers)
    table.delete("number < 3")
    catalog.engine.dispose()


def make_home(folder):
    (folder / "home").mkdir()
    make_lake(folder / "home" / "lake")


def read_pyiceberg(lake):
    """Rows of both tables, now and at each snapshot."""
    catalog = catalog_of(lake)
    found = {}
    for name in ("silver.ais", "events.ais_gaps", "their.numbers"):
        table = catalog.load_table(name)
        found[name] = [table.scan().to_arrow().num_rows]
        found[name] += [table.scan(snapshot_id=snapshot.snapshot_id).to_arrow().num_rows
                        for snapshot in table.snapshots()]
    catalog.engine.dispose()
    return found


def duckdb_connection():
    connection = duckdb.connect()
    for name in ("avro", "iceberg"):
        path = next((DEPS / "extensions").rglob(f"{name}.duckdb_extension"))
        connection.execute(f"LOAD '{path}'")
    return connection


def read_duckdb(lake):
    """Rows by folder (version-hint.text) and by metadata file, and at each snapshot."""
    connection, found = duckdb_connection(), {}
    with sqlite3.connect(lake / "catalog.db") as catalog:
        pointers = dict(catalog.execute("SELECT table_namespace || '/' || table_name, metadata_location"
                                        " FROM iceberg_tables"))
    for name in ("silver/ais", "events/ais_gaps"):
        folder, pointer = str(lake / name), pointers[name]
        count = "SELECT count(*) FROM iceberg_scan(?"
        ids = [row[0] for row in connection.execute("SELECT snapshot_id FROM iceberg_snapshots(?)"
                                                    " ORDER BY sequence_number", [pointer]).fetchall()]
        found[name] = [connection.execute(f"{count})", [place]).fetchone()[0] for place in (folder, pointer)]
        found[name] += [connection.execute(f"{count}, snapshot_from_id = {number}::UBIGINT)", [pointer]).fetchone()[0]
                        for number in ids]
    return found


def a_moved_lake_is_read_by_others(folder):
    home = folder / "home"
    wanted = read_pyiceberg(home / "lake"), read_duckdb(home / "lake")
    equal(wanted[0]["silver.ais"], [12, 6, 12])
    equal(wanted[0]["their.numbers"][0], 14)
    new = folder / "a new place"
    home.rename(new)
    refused = run("sql", "--lake", new / "lake", "SELECT 1", ok=False)
    equal(refused.returncode, 2)
    assert "seine relocate" in refused.stderr and refused.stderr.count("\n") == 1, refused.stderr
    done = json.loads(run("relocate", "--json", new / "lake").stdout)
    equal(done["missing"], 0)
    equal((read_pyiceberg(new / "lake"), read_duckdb(new / "lake")), wanted)
    shown = json.loads(run("table", "show", "--json", "--lake", new / "lake", "their.numbers").stdout)
    equal(shown["rows"], 14)


def others_write_to_a_relocated_lake(folder):
    (folder / "home" / "lake").rename(folder / "moved")
    run("relocate", folder / "moved")
    catalog = catalog_of(folder / "moved")
    table = catalog.load_table("their.numbers")
    table.append(pa.table({"number": pa.array([7], pa.int64())}))
    table.delete("number = 5")
    catalog.engine.dispose()
    equal(read_pyiceberg(folder / "moved")["their.numbers"][0], 13)
    run("verify", "--deep", "--lake", folder / "moved")


def nothing_is_stale_after_moving(folder):
    (folder / "home" / "lake").rename(folder / "moved")
    run("relocate", folder / "moved")
    before = read_pyiceberg(folder / "moved")
    run("refresh", "--quiet", "--lake", folder / "moved")
    for day in (1, 2):
        run("ingest", "--quiet", "--lake", folder / "moved", folder / "home" / f"AIS_2025_01_{day:02d}.csv")
    equal(read_pyiceberg(folder / "moved"), before)


def the_original_of_a_copy_stays_readable(folder):
    lake = folder / "home" / "lake"
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    shutil.copytree(lake, folder / "copy")
    run("relocate", folder / "copy")
    after = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    assert before == after, "a file of the original was changed"
    shutil.rmtree(lake)
    equal(read_pyiceberg(folder / "copy")["silver.ais"], [12, 6, 12])  # and the copy does not need it


def a_copy_is_read_and_written_by_others(folder):
    """seine copy: their table comes along and stays theirs; one that lies outside is named where it is."""
    home = folder / "home"
    catalog = catalog_of(home / "lake")
    catalog.create_table("their.outside", catalog.load_table("their.numbers").schema(), location=f"file://{folder}/outside")
    catalog.engine.dispose()
    with sqlite3.connect(home / "lake" / "catalog.db") as rows:
        rows.execute("INSERT INTO iceberg_tables SELECT 'another', table_namespace, table_name, metadata_location, NULL,"
                     " iceberg_type FROM iceberg_tables WHERE table_name = 'outside'")
    wanted = read_pyiceberg(home / "lake"), read_duckdb(home / "lake")
    told = json.loads(run("copy", "--json", home / "lake", folder / "copied").stdout)
    equal((told["elsewhere"], told["others"]), (1, 1), told)
    home.rename(folder / "gone")
    equal((read_pyiceberg(folder / "copied"), read_duckdb(folder / "copied")), wanted)
    with sqlite3.connect(folder / "copied" / "catalog.db") as rows:
        known = {name for (name,) in rows.execute("SELECT name FROM seine_table")}
        outside = rows.execute("SELECT catalog_name, metadata_location FROM iceberg_tables WHERE table_name = 'outside'")
        outside = outside.fetchall()
    equal(({name for name in known if ".their." in name}, "seine.silver.ais" in known), (set(), True), "tables of Seine's")
    equal([(name, place.startswith(f"file://{folder}/outside/")) for name, place in outside], [("seine", True)], "outside")
    catalog = catalog_of(folder / "copied")
    catalog.load_table("their.numbers").append(pa.table({"number": pa.array([7], pa.int64())}))
    catalog.engine.dispose()
    equal(read_pyiceberg(folder / "copied")["their.numbers"][0], 15)
    run("verify", "--deep", "--lake", folder / "copied")


def places_fit_for_a_lake_are_read_by_others(folder):
    lake = folder / "home" / "lake"
    wanted = read_pyiceberg(lake), read_duckdb(lake)
    for name in PLACES:
        place = folder / "places" / name
        shutil.copytree(lake, place)
        run("relocate", place)
        try:
            found = read_pyiceberg(place), read_duckdb(place)
        except Exception as error:
            raise AssertionError(f"{name!r}: {error}") from error
        assert found == wanted, f"{name!r}: {found!r} instead of {wanted!r}"


TESTS = [a_moved_lake_is_read_by_others, others_write_to_a_relocated_lake, nothing_is_stale_after_moving,
         the_original_of_a_copy_stays_readable,
         a_copy_is_read_and_written_by_others, places_fit_for_a_lake_are_read_by_others]


if __name__ == "__main__":
    with own_folder() as place:
        kept = Kept(place, make_home)
        main(TESTS, lambda: kept)
