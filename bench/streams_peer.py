#!/usr/bin/env python3
"""The peer of bench/streams.py: Spark Structured Streaming does the cleaning job of the guide on the same topic in one
run, into Iceberg tables on this disk: bronze as it came, silver cleaned and without duplicates of its batch.

Prints the seconds from the start of the query to its last commit, which leaves out the start of the JVM, and the rows of
both tables.
"""
import os
import sys
import time
from pathlib import Path

DEPS = Path(os.environ.get("SEINE_DEPS") or Path(__file__).resolve().parent.parent / ".deps")
sys.path.insert(0, str(DEPS / "spark" / "python"))

from pyspark.sql import SparkSession, functions  # noqa: E402

NUMBERS = ("latitude", "longitude", "speed")
TEXTS = ("mmsi", "timestamp", "vessel_name", "vessel_type")
SCHEMA = ", ".join([f"`{name}` double" for name in NUMBERS] + [f"`{name}` string" for name in TEXTS])
VALID = ("mmsi IS NOT NULL AND ts IS NOT NULL AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 "
         "AND (speed IS NULL OR speed BETWEEN 0 AND 100)")


def open_session(folder):
    jars = ",".join(map(str, [*(DEPS / "spark" / "jars").glob("*.jar"), *(DEPS / "topics").glob("*.jar")]))
    settings = {"spark.jars": jars, "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "4g", "spark.sql.session.timeZone": "UTC",
                "spark.sql.shuffle.partitions": "2",
                "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
                "spark.sql.catalog.a": "org.apache.iceberg.spark.SparkCatalog", "spark.sql.catalog.a.type": "hadoop",
                "spark.sql.catalog.a.cache-enabled": "false", "spark.sql.catalog.a.warehouse": folder / "warehouse"}
    builder = SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, str(value))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def write(batch, _):
    batch = batch.persist()
    batch.selectExpr("CAST(value AS string) AS payload", "CAST(key AS string) AS key", "topic", "`partition` AS part", "offset",
                     "timestamp AS sent").writeTo("a.db.bronze").append()
    rows = batch.select(functions.from_json(functions.col("value").cast("string"), SCHEMA).alias("row")).select("row.*")
    rows = rows.withColumn("ts", functions.to_timestamp("timestamp")).where(VALID).dropDuplicates(["mmsi", "ts"])
    rows.select("mmsi", "ts", *NUMBERS, *TEXTS[2:]).sortWithinPartitions("ts").writeTo("a.db.silver").append()
    batch.unpersist()


def main():
    brokers, topic, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    session = open_session(folder)
    session.sql("CREATE TABLE a.db.bronze (payload string, key string, topic string, part int, offset bigint, sent timestamp) USING iceberg")
    session.sql("CREATE TABLE a.db.silver (mmsi string, ts timestamp, latitude double, longitude double, speed double, "
                "vessel_name string, vessel_type string) USING iceberg PARTITIONED BY (days(ts))")
    records = (session.readStream.format("kafka").option("kafka.bootstrap.servers", brokers).option("subscribe", topic)
               .option("startingOffsets", "earliest").load())
    begin = time.monotonic()
    records.writeStream.trigger(availableNow=True).option("checkpointLocation", str(folder / "checkpoint")).foreachBatch(write).start() \
        .awaitTermination()
    seconds = time.monotonic() - begin
    print(f"peer: {seconds:.1f} {session.table('a.db.bronze').count()} {session.table('a.db.silver').count()}")


if __name__ == "__main__":
    main()
