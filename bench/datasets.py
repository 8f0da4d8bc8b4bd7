"""Files of declared datasets to silver, beside the same work by hand in DuckDB; and a day that comes in batches."""
import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from measured import figures, measured, median

MESSAGES = """
COPY (
    SELECT vin, make_timestamp(timestamp * 1000) AS ts, latitude, longitude, velocity::DOUBLE AS velocity,
           trim(manufacturer) AS manufacturer, year, model, frontLeftDoorState AS front_left_door_state,
           wipersState AS wipers_state, gear AS gear_position, driverSeatbeltState AS driver_seatbelt_state, 'f' AS source_file,
           source_row, 'u' AS source_url, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS ingested_at, day, bucket
    FROM (
        SELECT *, row_number() OVER () AS source_row, make_timestamp(timestamp * 1000)::DATE AS day,
               (hash(vin) % 16)::INTEGER AS bucket,
               CASE gearPosition WHEN 'NEUTRAL' THEN 0 WHEN 'REVERSE' THEN -1 ELSE try_cast(gearPosition AS INTEGER) END AS gear
        FROM read_json('{file}', format = 'newline_delimited', ignore_errors = true, columns = {'vin': 'VARCHAR',
                       'manufacturer': 'VARCHAR', 'year': 'INTEGER', 'model': 'VARCHAR', 'latitude': 'DOUBLE',
                       'longitude': 'DOUBLE', 'timestamp': 'BIGINT', 'velocity': 'INTEGER', 'frontLeftDoorState': 'VARCHAR',
                       'wipersState': 'BOOLEAN', 'gearPosition': 'VARCHAR', 'driverSeatbeltState': 'VARCHAR'})
    )
    WHERE vin <> '' AND timestamp IS NOT NULL AND gear IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY vin, timestamp ORDER BY source_row DESC) = 1
    ORDER BY day, bucket, vin, ts
) TO '{out}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880, PARTITION_BY (day, bucket))
"""
GUIDE = """
COPY (
    SELECT mmsi, timestamp AS ts, latitude, longitude, speed, vessel_name, vessel_type, 'f' AS source_file, source_row,
           'u' AS source_url, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS ingested_at, day, bucket
    FROM (
        SELECT *, row_number() OVER () AS source_row, timestamp::DATE AS day, (hash(mmsi) % 16)::INTEGER AS bucket
        FROM read_csv('{file}', header = true, ignore_errors = true, auto_detect = false, delim = ',', quote = '"',
                      columns = {columns})
    )
    WHERE latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 AND speed BETWEEN 0 AND 100 AND timestamp IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY mmsi, timestamp ORDER BY source_row) = 1
    ORDER BY day, bucket, mmsi, ts
) TO '{out}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880, PARTITION_BY (day, bucket))
"""
TYPES = {"mmsi": "VARCHAR", "timestamp": "TIMESTAMP", "latitude": "DOUBLE", "longitude": "DOUBLE", "speed": "DOUBLE"}
SCRIPT = """
import duckdb, sys
c = duckdb.connect(config={'threads': 2})
for setting in ("TimeZone = 'UTC'", 'preserve_insertion_order = false', 'enable_progress_bar = false'):
    c.execute('SET ' + setting)
c.execute(sys.argv[1])
files = sys.argv[2] + '/*/*/*.parquet'
print(c.execute("SELECT count(*) FROM read_parquet('" + files + "')").fetchone()[0])
"""


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seine", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--batch-rows", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def ingest(seine, lake, dataset, *files):
    return measured(seine, "ingest", "--quiet", "--threads", 2, "--lake", lake, "--dataset", dataset, *files)


def new_lake(seine, lake):
    shutil.rmtree(lake, ignore_errors=True)
    measured(seine, "init", "--quiet", lake)


def count(seine, lake, table):
    text = measured(seine, "sql", "--lake", lake, "--format", "jsonl", f"SELECT count(*) AS n FROM {table}")[3]
    return json.loads(text)["n"]


def beside_peer(options, folder, dataset, file, query):
    """The file to silver, and by the query, in turn. @return a row of figures."""
    query = query.replace("{file}", str(file)).replace("{out}", str(folder / "peer"))
    ours, peer, rows = [], [], set()
    for _ in range(options.rounds):
        new_lake(options.seine, folder / "lake")
        shutil.rmtree(folder / "peer", ignore_errors=True)
        ours.append(ingest(options.seine, folder / "lake", dataset, file))
        rows.add(count(options.seine, folder / "lake", f"silver.{dataset}"))
        peer.append(measured(options.python, "-c", SCRIPT, query, folder / "peer"))
        rows.add(int(peer[-1][3]))
    if len(rows) != 1:
        raise RuntimeError(f"{dataset}: the two disagree about the rows of silver: {rows}")
    return [figures(ours), figures(peer), f"{median(peer, 0) / median(ours, 0):.1f} x"]


def forget_removed(options):
    """ext4 without a journal looks, for each new file, through all that were removed in the last minute and lie on the disk.

    So nothing is removed between rounds either.
    """
    if options.rounds > 1:
        os.sync()
        time.sleep(61)


def batches(options, folder):
    """Sixty batches of a day, each a commit, against one file with the same rows."""
    file = folder / "day.csv"
    measured(options.seine, "generate", "ais", "--quiet", "--shape", "guide", "--rows", 60 * options.batch_rows, "--days", 1, "-o", file)
    header, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = [folder / f"part-{number:02}.csv" for number in range(60)]
    for number, part in enumerate(parts):
        part.write_text(header + "".join(lines[number * options.batch_rows:(number + 1) * options.batch_rows]), encoding="utf-8")
    one, many, rows = [], [], set()
    forget_removed(options)
    for number in range(options.rounds):
        lakes = folder / f"one-{number}", folder / f"many-{number}"
        for lake in lakes:
            new_lake(options.seine, lake)
        one.append(ingest(options.seine, lakes[0], "maritime_guide", file))
        many.append(ingest(options.seine, lakes[1], "maritime_guide", *parts, "--commit-rows", 1))
        rows |= {count(options.seine, lake, "silver.maritime_guide") for lake in lakes}
    if len(rows) != 1:
        raise RuntimeError(f"batches and one file disagree about the rows of silver: {rows}")
    return [figures(many), f"one file: {figures(one)}", f"{median(many, 0) / median(one, 0):.1f} x the seconds"]


def tell(what, figures_of_both, goal):
    ours, peer, ratio = figures_of_both
    print(json.dumps({"what": what, "ours": ours, "peer": peer, "ratio": ratio, "goal": goal}), flush=True)


def main():
    options = parse()
    with tempfile.TemporaryDirectory(prefix="seine-bench-") as name:
        folder = Path(name)
        messages, guide = folder / "messages.ndjson.zst", folder / "ais_data.csv"
        measured(options.seine, "generate", "telematics", "--quiet", "--rows", options.rows, "--seed", 1, "--vehicles", 2000,
                 "--hours", 24, "--defects", 0, "--format", "ndjson", "-o", messages)
        tell(f"{options.rows:,} messages of vehicles, ndjson.zst to bronze + silver, 2 threads",
             beside_peer(options, folder, "telematics", messages, MESSAGES), "2 x, ours <= 1024 MiB")
        measured(options.seine, "generate", "ais", "--quiet", "--shape", "guide", "--rows", options.rows, "-o", guide)
        with open(guide, encoding="utf-8") as text:
            names = text.readline().strip().split(",")
        columns = "{" + ", ".join(f"'{name}': '{TYPES.get(name, 'VARCHAR')}'" for name in names) + "}"
        tell(f"{options.rows:,} rows of the guide's CSV to bronze + silver, 2 threads",
             beside_peer(options, folder, "maritime_guide", guide, GUIDE.replace("{columns}", columns)), "2 x")
        tell(f"60 batches of {options.batch_rows:,} rows into one day, a commit each", batches(options, folder),
             "at most 4 x one file")


if __name__ == "__main__":
    main()
