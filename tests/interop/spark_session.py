"""A session of Spark: its settings are the first line of input, in JSON, each further line is a statement, and each line of
output is its rows or why there are none. A statement may also be {"pipe": command, "lines": […]}: each line is given to the
command by an executor, and the rows are the lines that it prints."""
import json
import os
import sys

from pyspark.sql import SparkSession


def answer(**what):
    sys.stdout.write(json.dumps(what, default=str) + "\n")
    sys.stdout.flush()


def rows_of(session, statement):
    if isinstance(statement, str):
        return [list(row) for row in session.sql(statement).collect()]
    lines = session.sparkContext.parallelize(statement["lines"], len(statement["lines"]))
    return lines.pipe(statement["pipe"], dict(os.environ), checkCode=True).collect()


def main():
    builder = SparkSession.builder.master("local[2]")
    for name, value in json.loads(sys.stdin.readline()).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    answer(rows=[])
    for line in sys.stdin:
        try:
            answer(rows=rows_of(session, json.loads(line)))
        except Exception as error:  # told to the test
            answer(error=str(error)[:4000])
    session.stop()


main()
