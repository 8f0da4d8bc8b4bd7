"""Tables of a lake on disk as a former release would have left them."""
import json
import sqlite3

import pyarrow.parquet as pq


def forget_column(lake, name, column):
    """Makes the table NAMESPACE.TABLE as it was before it had the column: in its metadata, and in its files."""
    namespace, table = name.split(".")
    catalog = sqlite3.connect(lake / "catalog.db")
    (location,) = catalog.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = ?", (table,)).fetchone()
    catalog.close()
    path = lake / location[location.index(f"{namespace}/"):]
    metadata = json.loads(path.read_text(encoding="utf-8"))
    for schema in metadata["schemas"]:
        schema["fields"] = [field for field in schema["fields"] if field["name"] != column]
    metadata["last-column-id"] -= 1
    path.write_text(json.dumps(metadata), encoding="utf-8")
    for file in lake.glob(f"{namespace}/{table}/data/**/*.parquet"):
        pq.write_table(pq.read_table(file, partitioning=None).drop_columns([column]), file)
