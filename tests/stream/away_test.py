"""A lake that is away for a while, in the middle of a stream: its bucket or its catalog in PostgreSQL does not answer. The
stream says once what it waits for, stays a member of its group and goes on; what no waiting makes good ends it at once."""
import atexit
import contextlib
import json
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.bucket import Bucket, access
from harness.program import FULL, PATIENCE_S, environment, equal, seine, start, wait_for
from harness.proxy import Proxy
from harness.stack import stack
from harness.tap import main
from stream_test import DATASET, QUICK, SILVER, by_offset, ingest, record, rows

STOP_S = 10  # in which a stop ends it
S3_TRIES = 8  # of one request
PERMANENT = (((404, "NoSuchBucket"), "there is no such bucket"), ((403, "InvalidAccessKeyId"), "set AWS_ACCESS_KEY_ID"),
             ((403, "AccessDenied"), "no right to"))
BEFORE_CUT = 100  # messages of a commit: its lease is taken, nothing else is done
CUTS = 3 if FULL else 1
INIT = threading.Lock()  # two at once would both make the tables that lakes of a database share
POISON = (0, "k", "no json")


class Stream:
    """One process, whose batches and words are read as they come."""

    def __init__(self, folder, lake, cluster, env, *words):
        self.words, self.said, self.read = ("stream", "--lake", lake, "--brokers", cluster.address, "--topic", "t", "--dataset",
                                            DATASET, *QUICK, "--trigger", "1ms", "--json", *words), [], 0
        self.process = start(folder, *self.words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        atexit.register(self.process.kill)  # also where a case failed
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.listen, self.count)]
        for thread in self.threads:
            thread.start()

    def listen(self):
        for line in self.process.stderr:
            self.said.append(line.strip())

    def count(self):
        for line in self.process.stdout:
            self.read += json.loads(line)["read"]

    def told(self, text):
        return [line for line in self.said if text in line]

    def waits(self):
        wait_for(lambda: self.told("waits for the lake: "), "it to say what it waits for")

    def until(self, count):
        wait_for(lambda: self.read >= count or self.process.poll() is not None, "the records")
        equal((self.read, self.process.poll()), (count, None), self.said)

    def end(self, number=signal.SIGTERM):
        """@return its exit status, and how long it took."""
        begin = time.monotonic()
        if number:
            self.process.send_signal(number)
        self.process.wait(timeout=PATIENCE_S)
        for thread in self.threads:
            thread.join(PATIENCE_S)
        return self.process.returncode, time.monotonic() - begin


def positions(folder, lake, env):
    return sum(row["position"] for row in json.loads(seine(folder, "stream", "status", "--lake", lake, "--json", env=env)))


def proved(folder, lake, records, env):
    """Silver is what a file of the same rows makes, bronze has each record once, and the books are right."""
    def rows_of(query, where, env=None):
        return json.loads(seine(folder, "sql", "--lake", where, "--format", "json", query, env=env))
    ingest(folder, by_offset(records))
    silver = f"SELECT {SILVER} FROM silver.{DATASET} ORDER BY ALL"
    equal(rows_of(silver, lake, env), rows_of(silver, "file"), "silver")
    equal(rows_of(f"SELECT count(*) AS n, count(DISTINCT (topic_partition, topic_offset)) AS d FROM bronze.{DATASET}_raw", lake, env),
          [{"n": len(records), "d": len(records)}], "bronze")
    seine(folder, "verify", "--deep", "--quiet", "--lake", lake, env=env)


@contextlib.contextmanager
def bucket_lake(folder):
    """A lake in a bucket, its catalog in a file. @return the bucket, the lake, the environment."""
    with Bucket() as bucket:
        env = access(bucket.endpoint) | {"XDG_CACHE_HOME": str(folder), "SEINE_CACHE_SIZE": "0"}
        seine(folder, "init", "--quiet", "--catalog", "catalog.db", "s3://datalake/lake", env=env)
        yield bucket, "s3://datalake/lake", env


def letters(cluster):
    return sorted((int(told["partition"]), int(told["offset"])) for _, _, told in cluster.headers("dead"))


def test_a_bucket_that_is_away_is_waited_for(folder):
    """Also by refused records, each of which is sent once for all that."""
    records = [*rows(31, 300), POISON]
    with kafka.cluster() as cluster, bucket_lake(folder) as (bucket, lake, env):
        cluster.make("t", 3)
        cluster.make("dead")
        cluster.put("t", records[:100])
        stream = Stream(folder, lake, cluster, env, "--dead-letter", "dead", "--kafka", "max.poll.interval.ms=10000")
        stream.until(100)
        bucket.fault = lambda method, *_: 503 if method in ("PUT", "POST") else None
        sent = len(letters(cluster))
        cluster.put("t", records[100:])
        stream.waits()
        tries = len(bucket.requests)
        wait_for(lambda: len(bucket.requests) > tries + S3_TRIES, "it to be tried once more")
        equal((positions(folder, lake, env), stream.read), (100, 100), "nothing was committed meanwhile")
        bucket.fault = None
        stream.until(301)
        equal(stream.end()[0], 0, stream.said)
        equal([len(stream.told(text)) for text in ("waits for the lake: ", "the lake is back, after", "to others")], [1, 1, 0], stream.said)
        assert "the store does not take part (HTTP 503 SlowDown)" in stream.told("waits for")[0], stream.said
        found = letters(cluster)
        assert len(found) > sent and len(set(found)) == len(found), found
        proved(folder, lake, records, env)


def test_a_stop_ends_the_wait(folder):
    with kafka.cluster() as cluster, bucket_lake(folder) as (bucket, lake, env):
        cluster.make("t")
        stream = Stream(folder, lake, cluster, env)
        cluster.put("t", [(0, "k", record(1, 1))])
        stream.until(1)
        bucket.fault = lambda *_: "drop"
        cluster.put("t", [(0, "k", record(1, 2))])
        stream.waits()
        status, seconds = stream.end()
        bucket.fault = None
        equal((status, seconds < STOP_S, positions(folder, lake, env)), (0, True, 1), f"{seconds:.1f} s")


def test_what_no_waiting_makes_good_ends_it(folder):
    with kafka.cluster() as cluster, bucket_lake(folder) as (bucket, lake, env):
        cluster.make("t")
        for number, (fault, text) in enumerate(PERMANENT if FULL else PERMANENT[:1]):
            stream = Stream(folder, lake, cluster, env)
            cluster.put("t", [(0, "k", record(1, 2 * number))])
            stream.until(1)
            bucket.fault = lambda *_, fault=fault: fault
            cluster.put("t", [(0, "k", record(1, 2 * number + 1))])
            equal(stream.end(None)[0], 1, stream.said)
            bucket.fault = None
            equal((len(stream.said), positions(folder, lake, env)), (1, 2 * number + 1), stream.said)
            assert text in stream.said[0], stream.said
            seine(folder, *stream.words, "--until-idle", "0s", env=env)


def test_a_bucket_that_is_away_at_first_is_told(folder):
    """As a broker is: for ten seconds it is waited for."""
    with kafka.cluster() as cluster, bucket_lake(folder) as (bucket, lake, env):
        cluster.make("t")
        cluster.put("t", [(0, "k", record(1, 1))])
        bucket.fault = lambda *_: 503
        stream = Stream(folder, lake, cluster, env)
        stream.waits()
        bucket.fault = None
        stream.until(1)
        equal(stream.end()[0], 0, stream.said)
        if not FULL:
            return
        bucket.fault = lambda *_: 503
        stream = Stream(folder, lake, cluster, env)
        equal(stream.end(None)[0], 1, stream.said)
        assert "the store does not take part" in stream.said[-1], stream.said


# ---- the catalog


def psql(query):
    env = stack.env("postgres")
    done = subprocess.run(["psql", "-XAtq", "-d", env["SEINE_CATALOG"], "-c", query], env=environment(PGPASSWORD=env["PGPASSWORD"]),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Catalog:
    """A lake with its catalog in PostgreSQL, which a stream reaches through a proxy."""

    def __init__(self, folder, name):
        given = stack.env("postgres")
        self.env = {"PGPASSWORD": given["PGPASSWORD"]}
        address = f"{given['SEINE_CATALOG']}?catalog_name={name}"
        port = int(address.rsplit(":", 1)[1].split("/")[0])
        with INIT:
            seine(folder, "init", "--quiet", "--catalog", address, "lake", env=self.env)
        self.proxy = Proxy(port)
        self.through = self.env | {"SEINE_CATALOG": address.replace(f":{port}/", f":{self.proxy.port}/")}

    def goes(self, messages=0):
        """After so many more messages of the stream."""
        left = iter(range(messages))
        self.proxy.on_message = lambda: next(left, None) is None

    def comes(self):
        self.proxy.on_message = None


def test_a_catalog_that_is_away_is_waited_for(folder):
    """Another process joins meanwhile: where its partitions begin, the first one asks when the catalog is back."""
    records = list(rows(32, 400))
    with kafka.cluster() as cluster:
        catalog = Catalog(folder, "away")
        cluster.make("t", 3)
        stream = Stream(folder, "lake", cluster, catalog.through)
        cluster.put("t", records[:100])
        stream.until(100)
        catalog.goes()
        cluster.put("t", records[100:200])
        stream.waits()
        equal(positions(folder, "lake", catalog.env), 100, "nothing was committed meanwhile")
        other = Stream(folder, "lake", cluster, catalog.env)
        wait_for(lambda: other.read > 0, "the other one to have partitions")
        catalog.comes()
        cluster.put("t", records[200:])
        wait_for(lambda: stream.read + other.read >= 400, "all records")
        wait_for(lambda: stream.told("the lake is back, after"), "it to see that the catalog is back")
        equal((stream.end()[0], other.end()[0]), (0, 0), stream.said)
        equal(stream.read + other.read, 400, "records read")
        equal(len(stream.told("waits for the lake: ")), 1, stream.said)
        proved(folder, "lake", records, catalog.env)


def test_a_commit_that_was_cut_goes_on_at_once(folder):
    """What held the dataset for this process was not given back, because the catalog was away: it does not wait for itself."""
    with kafka.cluster() as cluster:
        catalog = Catalog(folder, "cut")
        cluster.make("t")
        stream = Stream(folder, "lake", cluster, catalog.through)
        for number in range(CUTS):
            cluster.put("t", [(0, "k", record(1, 2 * number))])
            stream.until(2 * number + 1)
            catalog.goes(messages=BEFORE_CUT + 3 * number)
            cluster.put("t", [(0, "k", record(1, 2 * number + 1))])
            wait_for(lambda: len(stream.told("waits for the lake")) > number, "it to wait")
            catalog.comes()
            begin = time.monotonic()
            stream.until(2 * number + 2)
            assert time.monotonic() - begin < 20, "it waited for its own lease"
        equal(stream.end()[0], 0, stream.said)
        equal(positions(folder, "lake", catalog.env), 2 * CUTS)


def test_a_catalog_that_refuses_ends_it(folder):
    with kafka.cluster() as cluster:
        catalog = Catalog(folder, "refuses")
        psql("CREATE ROLE writer LOGIN SUPERUSER PASSWORD 'hidden'")
        catalog.through = {"SEINE_CATALOG": catalog.through["SEINE_CATALOG"].replace("lake@", "writer@"), "PGPASSWORD": "hidden"}
        cluster.make("t")
        stream = Stream(folder, "lake", cluster, catalog.through)
        cluster.put("t", [(0, "k", record(1, 1))])
        stream.until(1)
        psql("ALTER ROLE writer PASSWORD 'another'")
        cluster.put("t", [(0, "k", record(1, 2))])
        equal(stream.end(None)[0], 1, stream.said)
        equal(len(stream.said), 1, stream.said)
        assert "password authentication failed for user" in stream.said[0], stream.said
        equal(positions(folder, "lake", catalog.env), 1)


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)
