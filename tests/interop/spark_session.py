"""A session of Spark: its settings are the first line of input, in JSON, each further line is a statement, and each line of
output is its rows or why there are none."""
import json
import sys

from pyspark.sql import SparkSession


def answer(**what):
    sys.stdout.write(json.dumps(what, default=str) + "\n")
    sys.stdout.flush()


def main():
    builder = SparkSession.builder.master("local[2]")
    for name, value in json.loads(sys.stdin.readline()).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    answer(rows=[])
    for line in sys.stdin:
        try:
            answer(rows=[list(row) for row in session.sql(json.loads(line)).collect()])
        except Exception as error:  # told to the test
            answer(error=str(error)[:4000])
    session.stop()


main()
