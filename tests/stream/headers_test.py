"""Headers of records in bronze: all of them, in their order, whatever bytes they are, through merging, replay and copies."""
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.columns import forget_column
from harness.kafka import as_hex
from harness.program import equal, refused, seine, sql
from harness.tap import main
from stream_test import DATASET, Process, files_of, record, stream, words_of

TABLE = f"bronze.{DATASET}_raw"
# Twice the same, empty, none, no UTF-8 in name and value, what JSON escapes, letters beyond ASCII.
HEADERS = [[], [("trace", "7f"), ("trace", "7f"), ("trace", "80")], [("a", ""), ("b", None), ("", "x")],
           [(b"n\xff", b"\xff\x00\xfe")], [("quote", '"\\\n\t\x00'), ("schiff", "Zürich ⛵")], []]


def told(headers):
    """What bronze has to say of them."""
    def pair(name, raw):
        if raw is None:
            return name, None
        raw = raw.encode() if isinstance(raw, str) else raw
        try:
            return name, raw.decode()
        except UnicodeDecodeError:
            return f"{name}_hex", raw.hex()
    return [dict([pair("key", name), pair("value", value)]) for name, value in headers] or None


def put(cluster, headers, value, partition=0):
    for name, content in headers:
        cluster.tell("header", as_hex(name), as_hex(content))
    cluster.put("t", [(partition, "k", value)])


def commit_each(folder, cluster, given, first=0):
    """A record for each of the headers, in a commit of its own."""
    process = Process(folder, cluster, "--trigger", "1ms")
    for number, headers in enumerate(given, first):
        put(cluster, headers, record(1, number))
        process.batches_until(1)
    equal(process.end()[0], 0)


def kept(folder, lake="lake"):
    found = sql(folder, f"SELECT record_headers AS h FROM {TABLE} ORDER BY topic_partition, topic_offset", lake)
    return [row["h"] and json.loads(row["h"]) for row in found]


def test_headers_are_kept_as_they_were(folder):
    with kafka.cluster() as cluster:
        cluster.make("t")
        for number, headers in enumerate(HEADERS):
            put(cluster, headers, record(1, number))
        seine(folder, "init", "lake", "--quiet")
        stream(folder, cluster)
    equal(kept(folder), [told(headers) for headers in HEADERS])
    # As a query asks for them.
    equal(sql(folder, f"SELECT h->>'key' AS k, h->>'value' AS v FROM (SELECT unnest(record_headers::JSON[]) AS h FROM {TABLE} WHERE "
                      "topic_offset = 1)"), [{"k": "trace", "v": "7f"}, {"k": "trace", "v": "7f"}, {"k": "trace", "v": "80"}])
    equal(sql(folder, f"SELECT topic_offset AS o FROM {TABLE} WHERE list_contains(record_headers::JSON[], "
                      """'{"key":"b","value":null}'::JSON)"""), [{"o": 2}])
    seine(folder, "verify", "--deep", "--quiet", "--lake", "lake")
    seine(folder, "copy", "lake", "copied", "--quiet")
    equal(kept(folder, "copied"), kept(folder), "copied")


def test_files_that_become_one_keep_them(folder):
    """Ten commits, of which some have headers; then silver is made anew."""
    given = [HEADERS[number % len(HEADERS)] for number in range(10)]
    with kafka.cluster() as cluster:
        cluster.make("t")
        seine(folder, "init", "lake", "--quiet")
        commit_each(folder, cluster, given)
        assert files_of(folder, TABLE) < 5, files_of(folder, TABLE)
        equal(kept(folder), [told(headers) for headers in given])
        seine(folder, *words_of(cluster, "--until-idle", "0s", "--replay"))
    equal(kept(folder), [told(headers) for headers in given], "after a replay")
    seine(folder, "verify", "--deep", "--quiet", "--lake", "lake")


def test_nothing_is_written_where_there_are_none(folder):
    with kafka.cluster() as cluster:
        cluster.make("t")
        seine(folder, "init", "lake", "--quiet")
        cluster.put("t", [(0, "k", record(1, second)) for second in range(3000)])
        stream(folder, cluster)
    (path,) = (folder / "lake").glob(f"bronze/{DATASET}_raw/data/**/*.parquet")
    group = pq.ParquetFile(path).metadata.row_group(0)
    column = next(group.column(i) for i in range(group.num_columns) if group.column(i).path_in_schema == "record_headers")
    equal((column.statistics.null_count, column.total_uncompressed_size < 100), (3000, True), column)


def test_a_lake_of_before_gets_the_column(folder):
    """Its rows have none, and become one file with new ones."""
    with kafka.cluster() as cluster:
        cluster.make("t")
        seine(folder, "init", "lake", "--quiet")
        commit_each(folder, cluster, 6 * [[]])
        forget_column(folder / "lake", f"bronze.{DATASET}_raw", "record_headers")
        equal(sql(folder, f"SELECT * FROM {TABLE} LIMIT 1")[0].keys() & {"topic", "record_headers"}, {"topic"})
        commit_each(folder, cluster, 6 * [HEADERS[1]], 6)
    equal(kept(folder), 6 * [None] + 6 * [told(HEADERS[1])])
    assert files_of(folder, TABLE) < 8, files_of(folder, TABLE)


def test_headers_that_were_changed_are_found(folder):
    with kafka.cluster() as cluster:
        cluster.make("t", 2)
        seine(folder, "init", "lake", "--quiet")
        for partition in range(2):
            put(cluster, HEADERS[1], record(1, partition), partition)
        stream(folder, cluster)
    for path in (folder / "lake").glob(f"bronze/{DATASET}_raw/data/**/*.parquet"):
        found = pq.read_table(path, partitioning=None)
        if found["topic_partition"].to_pylist() == [0]:
            column = found.schema.get_field_index("record_headers")
            pq.write_table(found.set_column(column, found.schema.field(column), pa.array(['[{"key":"trace"']), ), path)
    refused(folder, 1, f"source t-0@{0:019}, row 1: its headers are not what was written",
            "source", "rm", "--lake", "lake", "--dataset", DATASET, f"t-1@{0:019}")


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)
