"""Our Parquet files as Arrow and DuckDB read them: every value, field id, statistic and page index."""
import math
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import seine
from harness.tap import main, own_folder, shared, skip_all

try:
    import duckdb
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")

SIZES = (0, 1, 7, 8, 9, 128, 129, 505, 4097, 40960, 40961, 122880, 130000)
# Few and many distinct values, runs, nulls, empty texts, borders of the types; the same in Seine and in DuckDB.
EVERY = """SELECT i % 3 = 0 AS flag, CASE WHEN i % 5 > 0 THEN i % 2 = 0 END AS flag_or_null,
 (i % 7)::INTEGER AS few, (i * 7919 % 2147483647)::INTEGER AS many,
 CASE WHEN i % 2 = 0 THEN -2147483648 ELSE 2147483647 END::INTEGER AS edges,
 CASE WHEN i % 11 > 0 THEN i * 1000003 END AS long_or_null,
 CASE WHEN i % 2 = 0 THEN -9223372036854775808 ELSE 9223372036854775807 END::BIGINT AS long_edges,
 i // 1000 AS runs, NULL::BIGINT AS nothing,
 (i % 10)::DOUBLE / 10 AS few_reals, sqrt(i) AS reals, CASE WHEN i % 4 > 0 THEN -i / 3 END AS reals_or_null,
 DATE '1969-12-01' + (i % 90)::INTEGER AS day,
 CASE WHEN i % 6 > 0 THEN TIMESTAMPTZ '1960-01-01 00:00:00Z' + INTERVAL (i * 7) MINUTE END AS ts,
 CASE WHEN i % 9 > 0 THEN repeat('Å', (i % 30)::INTEGER) END AS words, 'row ' || i AS texts, '' AS empty,
 CASE WHEN i % 3 > 0 THEN '\\x00'::BLOB || encode(chr((i % 100)::INTEGER + 20)) END AS bytes
 FROM range({rows}) t(i)"""


class Lake:
    """A small generated lake and its silver files."""

    def __init__(self, folder):
        self.work, self.folder = folder, folder / "lake"
        seine(None, "init", self.folder)
        seine(None, "generate", "ais", "--out", folder / "days", "--days", 2, "--vessels", 40, "--interval", 300)
        seine(None, "ingest", "--lake", self.folder, *sorted((folder / "days").glob("*.zst")))
        self.files = [str(path) for path in sorted(self.folder.glob("**/*.parquet")) if "bronze" not in path.parts]
        self.silver = [path for path in self.files if "mmsi_bucket=" in path]
        assert self.silver, "no silver file was made"


def results_of_every_type_read_back(lake):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for rows in SIZES:
        path = lake.work / "every.parquet"
        seine(None, "sql", "--lake", lake.folder, "--format", "parquet", "-o", path, EVERY.format(rows=rows))
        expected = connection.execute(EVERY.format(rows=rows)).to_arrow_table()
        found = pq.read_table(path)
        theirs = connection.execute(f"FROM '{path}'").to_arrow_table()
        assert found.num_rows == rows, f"{found.num_rows} rows of {rows}"
        for name in expected.column_names:
            kind = expected.schema.field(name).type
            assert found[name].cast(kind).combine_chunks().equals(expected[name].combine_chunks()), f"{rows} {name}"
            assert theirs[name].combine_chunks().equals(expected[name].combine_chunks()), f"{rows} {name} in DuckDB"


def silver_rows_are_what_sql_says(lake):
    path = lake.work / "silver.parquet"
    seine(None, "sql", "--lake", lake.folder, "--format", "parquet", "-o", path, "FROM silver.ais ORDER BY mmsi, ts")
    order = [("mmsi", "ascending"), ("ts", "ascending")]
    found = pa.concat_tables([pq.ParquetFile(name).read() for name in lake.silver]).sort_by(order)
    told = pq.read_table(path)
    assert found.num_rows > 10000, found.num_rows
    for name in told.column_names:
        assert found[name].cast(told[name].type).combine_chunks().equals(told[name].combine_chunks()), name


def columns_carry_ids_and_needed_ones_are_required(lake):
    for name in lake.files:
        schema = pq.ParquetFile(name).schema_arrow
        ids = [int(field.metadata[b"PARQUET:field_id"]) for field in schema]
        assert ids == list(range(1, len(ids) + 1)), f"{name}: {ids}"
    schema = pq.ParquetFile(lake.silver[0]).schema_arrow
    assert not schema.field("mmsi").nullable and not schema.field("ts").nullable and schema.field("sog").nullable
    assert schema.field("ts").type == pa.timestamp("us", "UTC")
    assert b"iceberg.schema" in pq.ParquetFile(lake.silver[0]).metadata.metadata


def statistics_are_exact(lake):
    for name in lake.silver:
        file = pq.ParquetFile(name)
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            for index, column in enumerate(rows.column_names):
                statistics = file.metadata.row_group(group).column(index).statistics
                values = rows[column]
                assert statistics.null_count == values.null_count, f"{name} {column}"
                assert statistics.has_min_max == (values.null_count < len(values)), f"{name} {column}"
                if not statistics.has_min_max or pa.types.is_string(values.type):
                    continue
                least, most = pc.min_max(values).as_py().values()
                assert statistics.min == least and statistics.max == most, f"{name} {column}"
                assert not isinstance(least, float) or not math.isnan(least)


def pages_are_indexed_and_compressed(lake):
    for name in lake.silver:
        group = pq.ParquetFile(name).metadata.row_group(0)
        for index in range(group.num_columns):
            column = group.column(index)
            assert column.compression == "ZSTD" and column.has_offset_index, f"{name} {column.path_in_schema}"
            assert column.has_column_index, f"{name} {column.path_in_schema}"
        mmsi = group.column(0)
        assert "RLE_DICTIONARY" in mmsi.encodings and mmsi.has_dictionary_page, mmsi.encodings


def filters_skip_nothing_they_should_find(lake):
    whole = ds.dataset(lake.silver).to_table()
    for mmsi in pc.unique(whole["mmsi"]).to_pylist()[::7]:
        expected = whole.filter(pc.field("mmsi") == mmsi).num_rows
        assert ds.dataset(lake.silver).to_table(filter=pc.field("mmsi") == mmsi).num_rows == expected > 0
        files = ", ".join(f"'{name}'" for name in lake.silver)
        query = f"SELECT count(*) FROM read_parquet([{files}]) WHERE mmsi = '{mmsi}'"
        assert duckdb.sql(query).fetchone()[0] == expected


if __name__ == "__main__":
    with own_folder() as work:
        main([results_of_every_type_read_back, silver_rows_are_what_sql_says,
              columns_carry_ids_and_needed_ones_are_required, statistics_are_exact, pages_are_indexed_and_compressed,
              filters_skip_nothing_they_should_find], shared(Lake(work)))
