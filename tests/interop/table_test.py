"""Tables which others write to: PyIceberg and Seine take turns on one lake, and neither breaks what the other made."""
import datetime
import json
import struct
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.binary import varint
from harness.program import equal
from harness.tap import main, own_folder, shared, skip_all

try:
    import pyarrow as pa
    import pyarrow.parquet  # noqa: F401
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.schema import Schema
    from pyiceberg.types import LongType, NestedField, StringType, UUIDType
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")

UTC = datetime.timezone.utc
HEADER = "MMSI,BaseDateTime,LAT,LON,SOG\n"
MANIFEST_KEYS = {"schema", "schema-id", "partition-spec", "partition-spec-id", "format-version", "content"}


def run(*words, ok=True):
    result = program.run(None, *words, now=None)  # others write by the clock of the machine
    assert result.returncode == 0 or not ok, f"seine {' '.join(map(str, words))}: {result.stderr}"
    return result


def seine_json(*words):
    return json.loads(run(*words, "--json").stdout)


def write_day(folder, day, vessels):
    """A small archive: one fix per vessel and hour."""
    path = folder / f"AIS_2025_01_{day:02d}.csv"
    rows = [f"{vessel},2025-01-{day:02d}T{hour:02d}:00:00,{10 + hour / 10},{20 + hour / 10},5.0\n"
            for vessel in vessels for hour in range(24)]
    path.write_text(HEADER + "".join(rows), encoding="ascii")
    return path


def foreign_rows(table, count):
    """Rows for silver.ais as somebody else would append them."""
    schema = table.schema().as_arrow()
    start = datetime.datetime(2025, 2, 1, tzinfo=UTC)
    values = {
        "mmsi": [str(200000000 + number) for number in range(count)],
        "ts": [start + datetime.timedelta(days=number) for number in range(count)],
        "lat": [float(number) for number in range(count)], "lon": [float(number) for number in range(count)],
        "source_file": ["elsewhere"] * count, "source_row": list(range(count)), "ingested_at": [start] * count,
    }
    columns = [pa.array(values.get(field.name, [None] * count), type=field.type) for field in schema]
    return pa.table(columns, schema=schema)


def take_long(data, at):
    value, at = varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def avro_header(path):
    """Header entries of an Avro file, read without any library."""
    data = path.read_bytes()
    assert data[:4] == b"Obj\x01", path
    at, entries = 4, {}
    while True:
        count, at = take_long(data, at)
        if count == 0:
            return entries
        for _ in range(count):
            words = []
            for _ in range(2):
                size, at = take_long(data, at)
                words.append(data[at:at + size])
                at += size
            entries[words[0].decode()] = words[1]


def fields_without_id(node, path=""):
    """Record fields and array elements of an Avro schema that lack their Iceberg id."""
    if isinstance(node, list):
        return [found for item in node for found in fields_without_id(item, path)]
    if not isinstance(node, dict):
        return []
    found = []
    for field in node.get("fields", []):
        name = f"{path}.{field['name']}"
        found += [] if "field-id" in field else [name]
        found += fields_without_id(field["type"], name)
    if node.get("type") == "array":
        found += [] if "element-id" in node or node.get("logicalType") == "map" else [path + "[]"]
        found += fields_without_id(node["items"], path)
    return found


class Lake:
    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "lake"
        run("init", self.path)
        self.catalog = SqlCatalog("seine", uri=f"sqlite:///{self.path}/catalog.db", warehouse=f"file://{self.path}")

    def ingest(self, day, vessels):
        run("ingest", "--lake", self.path, write_day(self.folder, day, vessels))

    def silver(self):
        return self.catalog.load_table("silver.ais")

    def listed(self):
        return {row["table"]: row for row in seine_json("table", "ls", "--lake", self.path)}

    def files(self, *more):
        return seine_json("table", "files", "--lake", self.path, "silver.ais", *more)


def they_take_turns(lake):
    before = lake.silver().current_snapshot().snapshot_id
    lake.silver().append(foreign_rows(lake.silver(), 5))
    equal(lake.listed()["silver.ais"]["rows"], 53)
    equal(sum(row["rows"] for row in lake.files("--at", before)), 48)
    lake.ingest(2, ["366000000"])
    equal(lake.silver().scan().to_arrow().num_rows, 77)
    equal(lake.listed()["silver.ais"]["rows"], 77)
    lake.silver().delete("source_file = 'elsewhere' and lat > 2.5")
    equal(lake.listed()["silver.ais"]["rows"], 75)
    lake.ingest(3, ["367123456"])
    equal(lake.silver().scan().to_arrow().num_rows, 99)
    equal(sum(row["rows"] for row in lake.files()), 99)


def totals_agree_with_the_files(lake):
    table = lake.silver()
    summary = table.current_snapshot().summary
    files = table.inspect.files().to_pylist()
    equal(int(summary["total-records"]), sum(file["record_count"] for file in files))
    equal(int(summary["total-data-files"]), len(files))
    equal(int(summary["total-files-size"]), sum(file["file_size_in_bytes"] for file in files))
    equal(int(summary["total-delete-files"]), 0)


def manifests_carry_every_id_and_key(lake):
    """Before anybody else wrote: readers that are stricter than ours refuse without."""
    lake.ingest(1, ["366000000", "367123456"])
    folder = lake.path / "silver" / "ais" / "metadata"
    lists, manifests = [], []
    for path in folder.glob("*.avro"):
        header = avro_header(path)
        equal(fields_without_id(json.loads(header["avro.schema"])), [])
        (lists if path.name.startswith("snap-") else manifests).append(header)
    assert lists and manifests
    for header in manifests:
        assert MANIFEST_KEYS <= set(header), f"missing {MANIFEST_KEYS - set(header)}"
        equal(header["format-version"], b"2")
        equal(json.loads(header["schema"])["type"], "struct")
        assert isinstance(json.loads(header["partition-spec"]), list)
    for header in lists:
        assert {"snapshot-id", "parent-snapshot-id", "sequence-number", "format-version"} <= set(header)


def bounds_hold_what_the_files_hold(lake):
    names = {field.field_id: field.name for field in lake.silver().schema().fields}
    for task in lake.silver().scan().plan_files():
        rows = pa.parquet.read_table(task.file.file_path.removeprefix("file://"))
        equal(task.file.record_count, rows.num_rows)
        for column, lower in (task.file.lower_bounds or {}).items():
            if names[column] in ("lat", "lon"):
                least = min(rows[names[column]].to_pylist())
                assert struct.unpack("<d", lower)[0] <= least, (names[column], least)


def expiring_keeps_what_pyiceberg_reads(lake):
    rows = lake.silver().scan().to_arrow().num_rows
    done = seine_json("table", "expire", "--lake", lake.path, "--older-than", "0", "silver.ais")
    assert done[0]["snapshots_expired"] > 0 and done[0]["files_deleted"] > 0, done
    equal(len(lake.silver().metadata.snapshots), 1)
    equal(lake.silver().scan().to_arrow().num_rows, rows)
    equal(seine_json("table", "orphans", "--lake", lake.path, "--older-than", "0", "silver.ais"), [])


def a_foreign_table_is_listed_and_read(lake):
    lake.catalog.create_namespace("other")
    schema = Schema(NestedField(1, "id", LongType(), required=True), NestedField(2, "name", StringType()))
    table = lake.catalog.create_table("other.plain", schema=schema)
    rows = pa.table({"id": [1, 2, 3], "name": ["a", "b", None]}, schema=schema.as_arrow())
    table.append(rows)
    equal(lake.listed()["other.plain"]["rows"], 3)
    shown = seine_json("table", "show", "--lake", lake.path, "other.plain")
    equal([column["name"] for column in shown["columns"]], ["id", "name"])
    equal(shown["partition"], [])


def a_foreign_table_we_cannot_read_is_named_and_stops_nobody(lake):
    lake.catalog.create_table("other.odd", schema=Schema(NestedField(1, "key", UUIDType())))
    assert "uuid" in lake.listed()["other.odd"]["unreadable"]
    result = run("table", "show", "--lake", lake.path, "other.odd", ok=False)
    equal(result.returncode, 1)
    assert "column key has type uuid" in result.stderr, result.stderr


def columns_that_came_later_are_read(lake):
    """Silver of a dataset whose description got a column: as it is now, and as it was before."""
    buses = lake.path.parent / "buses.yaml"
    text = "name: buses\nid: {name: bus}\ntime: {names: [t], format: unix_s}\nposition: {lat: {}, lon: {}}\ncolumns: {line: {}}\n"
    (lake.path.parent / "buses.csv").write_text("bus,t,lat,lon,line,driver\na,1600000000,1,2,x,d\n", encoding="ascii")
    for description in (text, text.replace("line: {}", "driver: {}, line: {}")):
        buses.write_text(description, encoding="ascii")
        run("ingest", "--lake", lake.path, "--dataset", buses, lake.path.parent / "buses.csv")
    table = lake.catalog.load_table("silver.buses")
    now, before = (table.scan(snapshot_id=id).to_arrow().to_pylist()[0] for id in (None, table.history()[0].snapshot_id))
    equal((now["driver"], now["line"], before["line"], "driver" in before), ("d", "x", "x", False), "rows")
    equal(table.metadata.last_column_id, table.schema().find_field("driver").field_id, "last column")
    equal(len(table.schemas()), 2, "schemas")


if __name__ == "__main__":
    with own_folder() as work:
        main([manifests_carry_every_id_and_key, they_take_turns, totals_agree_with_the_files, bounds_hold_what_the_files_hold,
              expiring_keeps_what_pyiceberg_reads, a_foreign_table_is_listed_and_read,
              a_foreign_table_we_cannot_read_is_named_and_stops_nobody, columns_that_came_later_are_read], shared(Lake(work)))
