"""Lakes in buckets: the same commands, the same rows as in a folder, also when requests fail or the program is killed;
no secret anywhere; one clear line for what is wrong."""
import base64
import contextlib
import hashlib
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness.bucket import BUCKET, KEY, SECRET, Bucket, Objects, access, versitygw  # noqa: E402
from harness.lakes import fix, write_fixes  # noqa: E402
from harness.program import FULL, NOW, equal, run, seine, sql_each, start, tool  # noqa: E402
from harness.s3_request import empty, send  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.tap import Skip, main  # noqa: E402

LAKE = f"s3://{BUCKET}/seas/lake"
SHOWN = 2000  # characters of an output
KILLS = 20 if FULL else 4  # of one command
TABLES = ("silver.ais", "silver.ais_rejects", "silver.ais_enriched", "events.ais_gaps", "events.ais_gaps_history",
          "gold.ais_hourly_h3", "gold.ais_daily_statistics", "gold.ais_last_state", "gold.ais_vessels")

WITHOUT_PLACES = tuple(name for name in TABLES if name not in ("silver.ais", "silver.ais_rejects"))  # these name their file


class Place:
    """A lake and the variables by which it is reached."""

    def __init__(self, folder, lake, endpoint=None, env=None):
        self.folder, self.lake = folder, lake
        self.env = {"TMPDIR": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
        if endpoint:
            (folder / "cache").mkdir(exist_ok=True)
            self.env |= env or access(endpoint)

    def run(self, *words, **more):
        return run(self.folder, *words, "--lake", self.lake, env=self.env, **more)

    def seine(self, *words, **more):
        return seine(self.folder, *words, "--lake", self.lake, env=self.env, **more)

    def init(self):
        words = ("--create-bucket", "--catalog", "catalog.db") if str(self.lake).startswith("s3:") else ()
        seine(self.folder, "init", "--buckets", 2, *words, self.lake, env=self.env)

    def tables(self, names=TABLES):
        """@return the rows of these tables by name: asked for by one command."""
        return sql_each(self.folder, {name: f"SELECT * FROM {name} ORDER BY ALL" for name in names}, self.lake, self.env)

    def rows(self, table):
        return self.seine("sql", "--format", "csv", f"SELECT * FROM {table} ORDER BY ALL")


def write_days(folder):
    """Three files: two days, one of them twice, with a late fix and a row that is refused."""
    for day in (1, 2):
        write_fixes(folder / f"day{day}.csv", *(fix(mover, day, hour) for mover in range(6) for hour in (0, 1, 9, 20)))
    write_fixes(folder / "late.csv", fix(1, 1, 12), fix(2, 2, 3, lat=99.0), fix(1, 1, 0))


REFRESHES = 20  # that may be needed where requests fail: each gets further


def refresh(place):
    """A day that the SQL engine could not read after some tries stays as it was, which the next refresh mends."""
    for _ in range(REFRESHES):
        done = place.run("refresh", "--quiet")
        if done.returncode == 0:
            return
        assert "the next refresh tries again" in done.stderr, done.stderr
    raise AssertionError(f"no refresh of {REFRESHES} went well: {done.stderr}")


def filled(folder, bucket, *files):
    """@return a new lake in the bucket that has taken these in."""
    place = Place(folder, LAKE, bucket.endpoint)
    write_days(folder)
    place.init()
    place.seine("ingest", *files)
    return place


def history(place):
    """What a lake goes through."""
    place.init()
    place.seine("ingest", "day1.csv", "day2.csv")
    refresh(place)
    place.seine("ingest", "late.csv")
    place.seine("source", "rm", "day2.csv")
    refresh(place)
    place.seine("ingest", "day2.csv")
    refresh(place)


def status(place):
    """Its lines without the seconds of the last runs."""
    return [line.split()[:-1] for line in place.seine("status", "--all").splitlines()]


def compare(folder, endpoint, lake=LAKE, env=None):
    write_days(folder)
    ours, theirs = Place(folder, folder / "lake"), Place(folder, lake, endpoint, env)
    history(ours)
    history(theirs)
    expected = ours.tables()
    for table, rows in theirs.tables().items():
        equal(rows, expected[table], table)
    assert "all is well" in theirs.seine("verify")
    assert "all is well" in theirs.seine("verify", "--deep")
    equal(status(theirs), status(ours))
    found = theirs.seine("trace", "--mmsi", "366000001", "--ts", "2020-03-01T12:00:00Z")
    assert "late.csv" in found, found
    equal(theirs.seine("table", "orphans", "--older-than", 0), "", "orphans")
    equal([path.name for path in folder.glob("seine-scratch-*")], [], "scratch")


def a_bucket_holds_the_same_rows_as_a_folder(folder):
    with Bucket(made=False, page=7) as bucket:
        compare(folder, bucket.endpoint)
        equal(bucket.uploads, {}, "uploads")
        assert not any(".tmp-" in key or key.endswith("/") for key in bucket.objects), list(bucket.objects)


def so_does_one_of_another_server(folder):
    with versitygw(folder) as endpoint:
        if not endpoint:
            raise Skip("versitygw is not installed: tools/setup --stack")
        compare(folder, endpoint)


def what_goes_in_parts_is_whole_there(folder):
    """A data file of more than a part, and an archive: their sums are compared by a server that is not ours."""
    with versitygw(folder) as endpoint:
        if not endpoint:
            raise Skip("versitygw is not installed: tools/setup --stack")
        seine(folder, "generate", "ais", "--quiet", "-o", "days", "--days", 1, "--vessels", 2600, "--interval", 160)
        place = Place(folder, LAKE, endpoint)
        seine(folder, "init", "--buckets", 1, "--create-bucket", "--catalog", "catalog.db", LAKE, env=place.env)
        place.seine("ingest", "--quiet", "days")
        greatest = max(file.stat().st_size for file in (folder / "data" / BUCKET).rglob("*.parquet"))
        assert greatest > 16 << 20, greatest
        assert "all is well" in place.seine("verify")
        assert '"rows":1399776' in place.seine("sql", "--format", "jsonl", "SELECT count(*) AS rows, sum(lat) FROM silver.ais")


def names_may_hold_what_is_no_pattern(folder):
    with Bucket() as bucket:
        write_days(folder)
        lake = LAKE + "/a %41+b&c=d;é'(x)~!@,$"
        place = Place(folder, lake, bucket.endpoint)
        seine(folder, "init", "--catalog", "c.db", lake, env=place.env)
        place.seine("ingest", "day1.csv")
        place.seine("refresh", "--quiet")
        equal(len(place.rows("gold.ais_vessels").splitlines()), 7, "rows")
        assert "all is well" in place.seine("verify", "--deep")
        assert all(key.startswith(lake.partition("/seas")[2].replace("/lake", "seas/lake", 1)) for key in bucket.objects), bucket.objects.keys()


def so_does_one_that_the_user_has(folder):
    """Any server, by SEINE_TEST_S3_ENDPOINT and the usual variables for the key: MinIO, Amazon's. A bucket is made and
    removed."""
    endpoint = os.environ.get("SEINE_TEST_S3_ENDPOINT")
    if not endpoint:
        raise Skip("SEINE_TEST_S3_ENDPOINT names no server")
    known = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")
    env = {name: os.environ[name] for name in known if name in os.environ} | {"AWS_ENDPOINT_URL_S3": endpoint}
    bucket = f"seine-test-{os.urandom(6).hex()}"
    try:
        compare(folder, endpoint, f"s3://{bucket}/lake", env)
    finally:
        empty(env, bucket)


def versions_and_locks_do_no_harm(folder):
    """What is removed stays as an older version, and cannot be removed for good."""
    (folder / "versions").mkdir()
    with versitygw(folder, "--versioning-dir", folder / "versions") as endpoint:
        if not endpoint:
            raise Skip("versitygw is not installed: tools/setup --stack")
        made = send(access(endpoint), "PUT", f"/{BUCKET}", x_amz_bucket_object_lock_enabled="true")
        equal(made[0], 200, made)
        rule = (b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
                b"<Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>")
        checked = base64.b64encode(hashlib.md5(rule).digest()).decode()
        locked = send(access(endpoint), "PUT", f"/{BUCKET}", "object-lock=", rule, content_md5=checked)
        equal(locked[0], 200, locked)
        place = Place(folder, LAKE, endpoint)
        write_days(folder)
        history(place)
        rows = place.tables()
        place.seine("table", "expire", "--older-than", 0, "--keep", 1, now="2026-02-01T00:00:00Z")
        place.seine("table", "orphans", "--older-than", 0, "--remove")
        equal(place.tables(), rows, "rows")
        assert "all is well" in place.seine("verify", "--deep")
        kept = send(access(endpoint), "GET", f"/{BUCKET}", "versions=")[1].decode()
        assert "<DeleteMarker>" in kept, "nothing was ever removed"


def files_of_others_are_left_alone(folder):
    """In the same bucket, and also below the lake's own name."""
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        names = ("readme.txt", "seas/", "seas/lake/", "seas/lake/notes.txt", "seas/lake-of-others/silver/x.parquet",
                 "seas/lake/silver/ais/data/", "a b%20c/ü+&.bin")
        theirs = {name: (name.encode(), '"t"', {}, "2025-06-01T00:00:00.000Z") for name in names}
        bucket.objects |= theirs
        write_days(folder)
        history(place)
        assert "all is well" in place.seine("verify", "--deep")
        equal(place.seine("table", "orphans", "--older-than", 0, "--remove"), "", "orphans")
        equal({name: bucket.objects.get(name) for name in names}, theirs, "objects of others")


def zips_are_read_where_they_are(folder):
    """An archive in bronze, whose library reads it in places: verify and trace read it from the bucket."""
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        write_days(folder)
        with zipfile.ZipFile(folder / "day1.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(folder / "day1.csv", "day1.csv")
        place.init()
        place.seine("ingest", "day1.zip")
        for cache in (64, 0):
            assert "all is well" in place.seine("verify", "--deep", "--cache-size", cache)
            found = place.seine("trace", "--mmsi", "366000001", "--ts", "2020-03-01T09:00:00Z", "--cache-size", cache)
            assert "day1.zip" in found, found


def kinds_of(requests):
    """@return how many requests there are of each method, and of each kind of object."""
    counts = {}
    for method, key, query in requests:
        kind = ("list" if method == "GET" and not key else "upload" if "upload" in query else key.rpartition(".")[2]
                if "." in key else "other")
        counts[f"{method} {kind}"] = counts.get(f"{method} {kind}", 0) + 1
    return dict(sorted(counts.items()))


PER_FILE, CONSTANT = 3, 50  # requests of a command …
PER_TABLE, LAKE_TABLES = 5, 28  # … and of a refresh, which may commit to each table and makes some: two manifests, metadata, hint


def requests_are_few(folder):
    """Of an ingest and of a refresh: at most three for each data file, and a constant."""
    told = []
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        write_days(folder)
        write_fixes(folder / "wide.csv", *(fix(mover, 5, hour) for mover in range(10) for hour in range(24)))
        place.init()
        for words in (["ingest", "day1.csv"], ["ingest", "wide.csv"], ["refresh"], ["ingest", "late.csv"], ["refresh"],
                      ["refresh"], ["status"]):
            before, at = set(bucket.objects), len(bucket.requests)
            place.seine(*words)
            files = [key for key in set(bucket.objects) - before if "/data/" in key]
            made = bucket.requests[at:]
            told.append(f"{' '.join(words)}: {len(made)} for {len(files)} files: {kinds_of(made)}")
            most = PER_FILE * len(files) + CONSTANT + (PER_TABLE * LAKE_TABLES if words[0] == "refresh" else 0)
            assert len(made) <= most, f"{told[-1]}, at most {most}"
        at = len(bucket.requests)
        place.seine("ingest", "day1.csv")
        told.append(f"ingest again: {kinds_of(bucket.requests[at:])}")
    return "; ".join(told)


def rows_of_pyiceberg(server, settings):
    """@return how many rows of silver another reader finds, with nothing but the address and these settings."""
    try:
        from pyiceberg.catalog.rest import RestCatalog
    except ImportError:
        raise Skip("PyIceberg is not installed: tools/setup --tests") from None
    catalog = RestCatalog("lake", uri=f"{server.address}/iceberg", **settings)
    return catalog.load_table("silver.ais").scan().to_arrow().num_rows


def a_catalog_tells_where_the_bucket_is(folder):
    """The Iceberg catalog of serve: endpoint and region to all, keys only when that is allowed, and in no log."""
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv")
        where = {"s3.endpoint": bucket.endpoint, "s3.region": "us-east-1", "client.region": "us-east-1",
                 "s3.path-style-access": "true"}
        keys = {"s3.access-key-id": KEY, "s3.secret-access-key": SECRET}
        for options, config in (((), {}), (("--iceberg-share-credentials",), where | keys)):
            log = folder / "log"
            server = Server(folder, *options, "--access-log", log, lake=LAKE, env=place.env)
            try:
                equal(server.json("/iceberg/v1/config?warehouse=seine")["defaults"], where, "defaults")
                status, headers, body = server.ask("/iceberg/v1/namespaces/silver/tables/ais")
                equal((status, json.loads(body)["config"]), (200, config), options)
                equal("etag" in headers, not options, "what holds keys has no tag, and is not kept")
                if options:
                    equal(headers.get("cache-control"), "no-store", headers)
                equal(rows_of_pyiceberg(server, {} if options else keys), 24, "rows that PyIceberg reads")
                for target in ("/iceberg/v1/namespaces/silver/tables/none", "/metrics", "/api/v1/tables"):
                    assert SECRET.encode() not in server.ask(target)[2], target
            finally:
                equal(server.stop(), 0, server.errors())
            assert SECRET not in server.errors() + log.read_text(encoding="utf-8")


class Site(http.server.BaseHTTPRequestHandler):
    """A web site: a page for whatever is asked."""

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", "15")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"<html><p></html")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def site(certificate=None):
    """@return the port of a web site; with a certificate, by TLS."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # the client goes away: that is what is tested
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def what_is_no_store_is_said_in_one_line(folder):
    certificate = folder / "site.pem"
    subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
                    "/CN=localhost", "-out", certificate, "-keyout", certificate.with_suffix(".key")], check=True,
                   capture_output=True)
    place = Place(folder, LAKE, "http://unused")
    with site() as plain, site(certificate) as secure:
        for endpoint, text in ((f"http://127.0.0.1:{plain}", "a web page): set AWS_ENDPOINT_URL_S3"),
                               (f"https://127.0.0.1:{secure}", "CURL_CA_BUNDLE"),
                               (f"https://127.0.0.1:{plain}", "does the server speak TLS on this port?")):
            tries_again = endpoint.startswith("https") and "TLS" in text  # which takes some seconds
            for words in [["status", "--lake", LAKE], *([] if tries_again else [
                    ["init", LAKE, "--catalog", "c.db"], ["init", LAKE, "--create-bucket", "--catalog", "c.db"]])]:
                done = run(folder, *words, env=place.env | {"AWS_ENDPOINT_URL_S3": endpoint})
                equal((done.returncode, text in done.stderr), (1, True), f"{endpoint} {words}: {done.stderr}")
                equal(len(done.stderr.strip().splitlines()), 1, done.stderr)
                assert not (folder / "c.db").exists(), "half made"


def what_the_server_refuses_is_said_in_one_line(folder):
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv")
        before = set(bucket.objects)
        for code, name, text in ((403, "RequestTimeTooSkewed", "the clock of this machine is"),
                                 (400, "AuthorizationHeaderMalformed", "set AWS_REGION to"),
                                 (301, "PermanentRedirect", "set AWS_REGION to"),
                                 (403, "AccessDenied", "no right to"), (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
                                 (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"), (400, "ExpiredToken", "sign in again"),
                                 (404, "NoSuchBucket", "no such bucket")):
            bucket.fault = lambda method, key, number, code=code, name=name: (code, name)
            for words in (["status"], ["ingest", "day2.csv"]):
                done = place.run(*words)
                equal((done.returncode, text in done.stderr), (1, True), f"{name} {words}: {done.stderr}")
                equal(len(done.stderr.strip().splitlines()), 1, done.stderr)
        bucket.fault = None
        equal(set(bucket.objects), before, "objects")
        place.seine("ingest", "day2.csv")


def it_is_served(folder):
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv", "day2.csv")
        place.seine("refresh", "--quiet")
        server = Server(folder, lake=LAKE, env=place.env)
        try:
            track = "/api/v1/vessels/366000001/track?start=2020-03-01&end=2020-03-02"
            points = server.json(track)["points_total"]
            equal(points, 4, "points")
            before = len([1 for _, key, _ in bucket.requests if key.endswith(".parquet")])
            equal(server.json(track + "T00:00:00Z")["points_total"], 4, "points")
            after = len([1 for _, key, _ in bucket.requests if key.endswith(".parquet")])
            equal(after - before, 0, "requests for data that is in the cache")
            place.seine("ingest", write_fixes(folder / "more.csv", fix(1, 1, 15)))
            place.seine("refresh", "--quiet")  # tracks are of ships
            equal(server.json(track)["points_total"], 5, "points after an ingest")
        finally:
            equal(server.stop(), 0, server.errors())


def data_requests(bucket, since):
    """@return the requests since one of them for each data file that was read: all of them look whether what they add is
    there."""
    asked = [(method, key) for method, key, _ in bucket.requests[since:] if key.endswith(".parquet")]
    return {key: [method for method, one in asked if one == key] for method, key in asked if method == "GET"}


def data_is_asked_for_whole_and_by_who_wrote_it_never(folder):
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv", "day2.csv")
        refresh(place)
        place.seine("ingest", "late.csv")  # into partitions that are there
        equal(data_requests(bucket, 0), {}, "requests for data of a machine that wrote it")
        shutil.rmtree(folder / "cache")
        since = len(bucket.requests)
        refresh(place)
        asked = data_requests(bucket, since)
        assert asked, "nothing was read"
        # Two threads that miss a copy at the same moment both ask.
        equal({key: methods for key, methods in asked.items() if methods not in (["GET"], ["GET", "GET"])}, {},
              "asked for otherwise than whole")
        equal([path.name for path in folder.glob("cache/seine/*/pins-*")], [], "pins")


def a_statement_opens_the_tables_it_names(folder):
    """And no others, however many a lake has; what asks for all of them sees all."""
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv", "day2.csv")
        refresh(place)

        def asked(statement, status=0):
            shutil.rmtree(folder / "cache")
            since = len(bucket.requests)
            done = place.run("sql", "--format", "jsonl", statement)
            equal(done.returncode, status, done.stderr)
            tables = {"/".join(key.split("/")[2:4]) for _, key, _ in bucket.requests[since:] if key.count("/") > 3}
            return tables, done

        count = "SELECT count(*) AS n FROM"
        gaps = {"events/ais_gaps", "state/ais_gaps"}  # a name without a schema may be of each
        for name, tables in (("events.ais_gaps", gaps), ("AIS_Gaps", gaps), ('"events"."ais_gaps"', gaps),
                             ("gold.ais_vessels\t,events.ais_gaps", gaps | {"gold/ais_vessels"}), ("ais", {"silver/ais"})):
            equal(asked(f"{count} {name}")[0], tables, name)
        for statement in ("SHOW TABLES", f"{count} information_schema.tables", f"{count} duckdb_views() WHERE NOT internal",
                          f"{count} events.ais_gaps_history, pragma_table_info('silver.' || 'ais')", "SELECT 1"):
            tables, done = asked(statement)
            assert len(tables) > 15, f"{statement}: {tables}"
        for statement in ("FROM events.ais_gaps JOIN gold.ais_vesels USING (x)", "FROM gold.ais_vesels"):
            tables, done = asked(statement, 1)
            assert 'Did you mean "ais_vessels"' in done.stderr, done.stderr


FAULTS = (503, 500, "drop", "lied", "cut", "corrupt", 429, "damaged", "late", "twice")


def faults_of(kinds):
    """Of the requests that differ, each third fails when it is sent first, in one way after the other: whatever its
    threads do at once, a program that tries once more is not hindered."""
    known = set()

    def fault(method, key, _):
        if (method, key) in known:
            return None
        known.add((method, key))
        return kinds[len(known) // 3 % len(kinds)] if len(known) % 3 == 0 else None
    return fault


def requests_that_fail_change_nothing(folder):
    """All ways to fail in turn; with SEINE_FULL in other turns, too, so that the same request fails in several ways."""
    write_days(folder)
    ours = Place(folder, folder / "lake")
    history(ours)
    expected = ours.tables(WITHOUT_PLACES)
    for first in (0, 2, 4) if FULL else (0,):
        kind = FAULTS[first:] + FAULTS[:first]
        with Bucket() as bucket, tempfile.TemporaryDirectory(dir=folder) as name:
            for day in folder.glob("*.csv"):
                shutil.copy(day, name)
            place = Place(Path(name), LAKE, bucket.endpoint)
            bucket.fault = faults_of(kind)
            history(place)
            bucket.fault = None
            for table, rows in place.tables(WITHOUT_PLACES).items():
                equal(rows, expected[table], f"{kind}: {table}")
            assert "all is well" in place.seine("verify"), kind


def a_list_that_is_behind_harms_nothing(folder):
    """What lists do not show yet, or show still, is neither taken for lost nor brought back."""
    write_days(folder)
    (folder / "lake").mkdir()
    ours = Place(folder / "lake", folder / "lake" / "lake")
    write_days(folder / "lake")
    history(ours)
    care = (("table", "expire", "--keep", 1, "--older-than", 0), ("table", "orphans", "--remove", "--older-than", 0))
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        bucket.fault = lambda *_: "stale"
        history(place)
        for _ in range(2):
            for words in care:
                place.seine(*words)
        expected = ours.tables(WITHOUT_PLACES)
        for table, rows in place.tables(WITHOUT_PLACES).items():
            equal(rows, expected[table], table)
        assert "all is well" in place.seine("verify", "--deep")
        bucket.fault = None
        equal(place.seine("table", "orphans", "--older-than", 0), "", "orphans")


def large_objects_survive_what_fails(folder):
    """An archive is put at once, under the sum of the ledger. Where that breaks off it goes in parts: requests fail, are
    answered wrongly and are delivered twice."""
    write_fixes(folder / "day1.csv", *(fix(mover, 1, hour) for mover in range(6) for hour in (0, 1)))
    with open(folder / "day1.csv", "a", encoding="utf-8") as file:
        for number in range(18):  # rows that nobody can read, each of a MiB
            file.write(f"{number}," + "x" * (1 << 20) + "\n")
    whole = (folder / "day1.csv").read_bytes()
    cases = (((), 1), (("twice",), 2), (("drop",), 2), (("damaged",), 8), ((503, "twice", "lied"), 7))
    for kinds, least in (*cases, *(((FAULTS, 2), (("lied",), 7)) if FULL else ())):
        with Bucket() as bucket, tempfile.TemporaryDirectory(dir=folder) as name:
            shutil.copy(folder / "day1.csv", name)
            place, seen = Place(Path(name), LAKE, bucket.endpoint), []
            place.init()

            def fault(method, key, number, seen=seen, kinds=kinds):
                """The first that sends the archive, and of what follows the second of each two."""
                if "bronze" not in key or (not seen and method == "HEAD"):
                    return None
                seen.append(method)
                return kinds[len(seen) // 2 % len(kinds)] if kinds and len(seen) % 2 else None

            bucket.fault = fault
            place.seine("ingest", "day1.csv")
            bucket.fault = None
            assert seen[0] == "PUT" and len(seen) >= least and (kinds or len(seen) == 1), (kinds, seen)
            ((body, _, about, _),) = [held for key, held in bucket.objects.items() if "bronze" in key and len(held[0]) > 1000]
            equal(body, whole, "archive")
            equal(about["x-amz-meta-seine-sum"], hashlib.sha256(whole).hexdigest(), "sum")
            assert "all is well" in place.seine("verify")
            place.seine("table", "orphans", "--remove", "--older-than", 0)


def the_engine_has_patience_too(folder):
    """Without a cache it reads the bucket itself. Files that it cannot open for a moment are no failure; what never answers
    is asked for a few seconds only."""
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv")
        place.seine("refresh", "--quiet")
        rows = place.rows("gold.ais_hourly_h3")
        place.seine("ingest", "late.csv")
        looks = []

        def fault(method, key, number):
            is_look = method == "HEAD" and key.endswith(".parquet") and "duckdb" in bucket.agent
            looks.extend([key] if is_look else [])
            return "drop" if is_look and len(looks) <= most else None

        most, bucket.fault = 10**9, fault
        done = place.run("refresh", "--quiet", "--cache-size", 0)
        equal(done.returncode, 1, done.stderr)
        assert "the next refresh tries again" in done.stderr, done.stderr
        bucket.fault = None
        equal(place.rows("gold.ais_hourly_h3"), rows, "rows")
        looks.clear()
        most, bucket.fault = 3, fault
        place.seine("refresh", "--quiet", "--cache-size", 0)
        assert len(looks) > most, looks
        assert place.rows("gold.ais_hourly_h3") != rows


def a_server_that_is_gone_ends_the_command(folder):
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv")
        rows = place.rows("silver.ais")
        bucket.fault = lambda method, key, number: 503 if method == "PUT" else None
        done = place.run("ingest", "day2.csv")
        equal(done.returncode, 1, done.stderr)
        assert "try again later" in done.stderr, done.stderr
        bucket.fault = None
        equal(place.rows("silver.ais"), rows, "rows")
        place.seine("ingest", "day2.csv")
        assert "all is well" in place.seine("verify")


def the_program_may_be_killed_at_any_request(folder):
    """Killed at some requests of an ingest, then run again."""
    with Bucket() as bucket:
        place = filled(folder, bucket, "day1.csv")
        before, catalog = dict(bucket.objects), (folder / "catalog.db").read_bytes()
        first = len(bucket.requests)
        place.seine("ingest", "late.csv")
        total, expected = len(bucket.requests) - first, place.rows("silver.ais")
        for at in range(0, total, -(-total // KILLS)):
            bucket.objects, bucket.uploads = Objects(before), {}
            for path in folder.glob("catalog.db*"):
                path.unlink()
            (folder / "catalog.db").write_bytes(catalog)
            shutil.rmtree(folder / "cache", ignore_errors=True)
            base = len(bucket.requests)
            process = start(folder, "ingest", "late.csv", "--lake", LAKE, env=place.env, stdout=-3, stderr=-3)

            def kill(method, key, number, process=process, until=base + at + 1):
                if number == until:
                    process.kill()
                    return "drop"
                return None

            bucket.fault = kill
            process.wait()
            bucket.fault = None
            # The killed one's lease lasts on by the clock.
            later = "2026-01-01T02:00:00Z"
            place.seine("ingest", "late.csv", now=later)
            equal(len(place.rows("silver.ais").splitlines()), len(expected.splitlines()), f"rows, killed at request {at}")
            assert "all is well" in place.seine("verify"), at
    return f"{total} requests"


def half_an_upload_is_found_and_removed(folder):
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        place.init()
        data = "seas/lake/silver/ais/data/x.parquet"
        bucket.uploads["half"] = (data, {}, {1: b"part"}, "2025-06-01T00:00:00.000Z")
        bucket.uploads["young"] = (data, {}, {}, NOW.replace("Z", ".000Z"))
        bucket.objects["seas/lake/silver/ais/data/left.parquet"] = (b"x", '"t"', {}, "2025-06-01T00:00:00.000Z")
        bucket.objects["other/data/left.parquet"] = (b"x", '"t"', {}, "2025-06-01T00:00:00.000Z")
        found = place.seine("table", "orphans", "silver.ais")
        equal(found.splitlines(), [f"{LAKE}/silver/ais/data/left.parquet", f"s3://{BUCKET}/{data}?uploadId=half"], "found")
        place.seine("table", "orphans", "silver.ais", "--remove")
        equal(list(bucket.uploads), ["young"], "uploads")
        assert "seas/lake/silver/ais/data/left.parquet" not in bucket.objects
        assert "other/data/left.parquet" in bucket.objects


def no_secret_is_written_anywhere(folder):
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        write_days(folder)
        texts = []
        place.init()
        for words in (["ingest", "day1.csv"], ["refresh"], ["status", "--json"], ["verify", "--deep"], ["runs"],
                      ["sql", "FROM duckdb_settings()"], ["sql", "FROM duckdb_logs()"], ["sql", "FROM read_parquet('s3://other/x')"],
                      ["sql", "FROM duckdb_secrets()"], ["sql", "SELECT * FROM silver.ais"]):
            done = place.run(*words)
            texts.append(done.stdout + done.stderr)
        bucket.fault = lambda method, key, number: 500 if key.endswith(".parquet") else None
        shutil.rmtree(folder / "cache")
        for words in (["sql", "SELECT * FROM silver.ais"], ["refresh"], ["ingest", "day2.csv"]):
            done = place.run(*words)
            texts.append(done.stdout + done.stderr)
        for secret in (SECRET, KEY):
            told = [text[:SHOWN] for text in texts if secret in text]
            found = [str(path) for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
            sent = [key for key, (body, _, headers, _) in bucket.objects.items()
                    if secret in f"{key}{headers}" or secret.encode() in body]
            equal((told, found, sent), ([], [], []), "where a secret is")


def what_is_wrong_is_said_in_one_line(folder):
    with Bucket(made=False) as bucket:
        env = Place(folder, LAKE, bucket.endpoint).env
        cases = [(["init", LAKE, "--catalog", "c.db"], {}, "no such bucket"),
                 (["init", LAKE], {}, "by --catalog"),
                 (["init", "s3://UP/x", "--catalog", "c.db"], {}, "no name of a bucket"),
                 (["init", f"{LAKE} [1]", "--catalog", "c.db"], {}, "because of the '['"),
                 (["init", f"{LAKE}*", "--catalog", "c.db"], {}, "because of the '*'"),
                 (["init", LAKE, "--catalog", "c.db"], {"AWS_SECRET_ACCESS_KEY": "x"}, "AWS_SECRET_ACCESS_KEY"),
                 (["init", LAKE, "--catalog", "c.db"], {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, "is the server up"),
                 (["init", LAKE, "--catalog", "c.db"], {"AWS_ENDPOINT_URL_S3": "nonsense"}, "AWS_ENDPOINT_URL_S3"),
                 (["init", LAKE, "--catalog", "c.db"],
                  {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"},
                  "AWS_ACCESS_KEY_ID"),
                 (["init", "lake", "--create-bucket"], {}, "--create-bucket")]
        for words, more, text in cases:
            done = run(folder, *words, env=env | more)
            assert done.returncode in (1, 2) and text in done.stderr, f"{words} {more}: {done.stderr}"
            assert len(done.stderr.strip().splitlines()) <= 2, done.stderr
        equal([path.name for path in folder.iterdir()], ["cache"], "nothing half made")
        equal(bucket.objects, {}, "nothing half made")
        place = Place(folder, LAKE, bucket.endpoint)
        done = place.run("status")
        equal((done.returncode, "no such bucket" in done.stderr), (1, True), done.stderr)
        place.init()
        (folder / "catalog.db").rename(folder / "gone.db")
        done = place.run("status")
        equal(done.returncode, 1, done.stderr)
        done = run(folder, "status", "--lake", LAKE, env=place.env | {"SEINE_CATALOG": str(folder / "gone.db")})
        equal(done.returncode, 0, done.stderr)
        done = run(folder, "status", "--lake", f"s3://{BUCKET}/none", env=place.env)
        equal((done.returncode, "there is no lake at" in done.stderr), (1, True), done.stderr)


if __name__ == "__main__":
    main([a_bucket_holds_the_same_rows_as_a_folder, so_does_one_of_another_server, so_does_one_that_the_user_has,
          versions_and_locks_do_no_harm, files_of_others_are_left_alone, zips_are_read_where_they_are, requests_are_few,
          a_statement_opens_the_tables_it_names, data_is_asked_for_whole_and_by_who_wrote_it_never, it_is_served, a_catalog_tells_where_the_bucket_is, what_is_no_store_is_said_in_one_line,
          what_the_server_refuses_is_said_in_one_line,
          requests_that_fail_change_nothing, a_list_that_is_behind_harms_nothing,
          large_objects_survive_what_fails, what_goes_in_parts_is_whole_there, names_may_hold_what_is_no_pattern, the_engine_has_patience_too, a_server_that_is_gone_ends_the_command,
          the_program_may_be_killed_at_any_request, half_an_upload_is_found_and_removed, no_secret_is_written_anywhere,
          what_is_wrong_is_said_in_one_line])
