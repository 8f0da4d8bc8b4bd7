"""Lakes in buckets: the same commands, the same rows as in a folder, also when requests fail or the program is killed;
no secret anywhere; one clear line for what is wrong."""
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness.bucket import BUCKET, KEY, SECRET, Bucket, access, versitygw  # noqa: E402
from harness.lakes import fix, write_fixes  # noqa: E402
from harness.program import FULL, NOW, equal, run, seine, start  # noqa: E402
from harness.server import Server  # noqa: E402
from harness.tap import Skip, main  # noqa: E402

LAKE = f"s3://{BUCKET}/seas/lake"
SHOWN = 2000  # characters of an output
TABLES = ("silver.ais", "silver.ais_rejects", "silver.ais_enriched", "events.ais_gaps", "events.ais_gaps_history",
          "gold.ais_hourly_h3", "gold.ais_daily_statistics", "gold.ais_last_state", "gold.ais_vessels")


class Place:
    """A lake and the variables by which it is reached."""

    def __init__(self, folder, lake, endpoint=None):
        self.folder, self.lake = folder, lake
        self.env = {"TMPDIR": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
        if endpoint:
            (folder / "cache").mkdir(exist_ok=True)
            self.env |= access(endpoint)

    def run(self, *words, **more):
        return run(self.folder, *words, "--lake", self.lake, env=self.env, **more)

    def seine(self, *words, **more):
        return seine(self.folder, *words, "--lake", self.lake, env=self.env, **more)

    def init(self):
        words = ("--create-bucket", "--catalog", "catalog.db") if self.lake == LAKE else ()
        seine(self.folder, "init", "--buckets", 2, *words, self.lake, env=self.env)

    def rows(self, table):
        return self.seine("sql", "--format", "csv", f"SELECT * FROM {table} ORDER BY ALL")


def write_days(folder):
    """Three files: two days, one of them twice, with a late fix and a row that is refused."""
    for day in (1, 2):
        write_fixes(folder / f"day{day}.csv", *(fix(mover, day, hour) for mover in range(6) for hour in (0, 1, 9, 20)))
    write_fixes(folder / "late.csv", fix(1, 1, 12), fix(2, 2, 3, lat=99.0), fix(1, 1, 0))


REFRESHES = 8  # that may be needed where requests fail


def refresh(place):
    """A day that the SQL engine could not read after some tries stays as it was, which the next refresh mends."""
    for _ in range(REFRESHES):
        done = place.run("refresh", "--quiet")
        if done.returncode == 0:
            return
        assert "the next refresh tries again" in done.stderr, done.stderr
    raise AssertionError(f"no refresh of {REFRESHES} went well: {done.stderr}")


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


def compare(folder, endpoint):
    write_days(folder)
    ours, theirs = Place(folder, folder / "lake"), Place(folder, LAKE, endpoint)
    history(ours)
    history(theirs)
    for table in TABLES:
        equal(theirs.rows(table), ours.rows(table), table)
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


def it_is_served(folder):
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        write_days(folder)
        place.init()
        place.seine("ingest", "day1.csv", "day2.csv")
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
            equal(server.json(track)["points_total"], 5, "points after an ingest")
        finally:
            equal(server.stop(), 0, server.errors())


def data_requests(bucket, since):
    """@return the requests since one of them for each data file that was read: all of them look whether what they add is
    there."""
    asked = [(method, key) for method, key, _ in bucket.requests[since:] if key.endswith(".parquet")]
    return {key: [method for method, one in asked if one == key] for method, key in asked if method == "GET"}


def data_is_asked_for_once_and_by_who_wrote_it_never(folder):
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        write_days(folder)
        place.init()
        place.seine("ingest", "day1.csv", "day2.csv")
        refresh(place)
        place.seine("ingest", "late.csv")  # into partitions that are there
        equal(data_requests(bucket, 0), {}, "requests for data of a machine that wrote it")
        shutil.rmtree(folder / "cache")
        since = len(bucket.requests)
        refresh(place)
        asked = data_requests(bucket, since)
        assert asked, "nothing was read"
        equal({key: methods for key, methods in asked.items() if methods != ["GET"]}, {}, "asked for otherwise than once")
        equal([path.name for path in folder.glob("cache/seine/*/pins-*")], [], "pins")


FAULTS = (503, 500, "drop", "lied", "cut", "corrupt", 429)


def faults_of(kinds):
    """Each third request fails, in one way after the other."""
    return lambda method, key, number: kinds[number // 3 % len(kinds)] if number % 3 == 0 else None


def requests_that_fail_change_nothing(folder):
    """All ways to fail in turn; with SEINE_FULL also each alone."""
    write_days(folder)
    ours = Place(folder, folder / "lake")
    history(ours)
    expected = {table: ours.rows(table) for table in TABLES}
    for kind in [FAULTS, *([(fault,) for fault in FAULTS] if FULL else [])]:
        with Bucket() as bucket, tempfile.TemporaryDirectory(dir=folder) as name:
            for day in folder.glob("*.csv"):
                shutil.copy(day, name)
            place = Place(Path(name), LAKE, bucket.endpoint)
            bucket.fault = faults_of(kind)
            history(place)
            bucket.fault = None
            for table in TABLES:
                if table not in ("silver.ais", "silver.ais_rejects"):  # these name where their file came from
                    equal(place.rows(table), expected[table], f"{kind}: {table}")
            assert "all is well" in place.seine("verify"), kind


def a_server_that_is_gone_ends_the_command(folder):
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        write_days(folder)
        place.init()
        place.seine("ingest", "day1.csv")
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
    """Killed at each request of an ingest (a few of them, all with SEINE_FULL), then run again."""
    write_days(folder)
    with Bucket() as bucket:
        place = Place(folder, LAKE, bucket.endpoint)
        place.init()
        place.seine("ingest", "day1.csv")
        before, catalog = dict(bucket.objects), (folder / "catalog.db").read_bytes()
        first = len(bucket.requests)
        place.seine("ingest", "late.csv")
        total, expected = len(bucket.requests) - first, place.rows("silver.ais")
        for at in range(0, total, 1 if FULL else 9):
            bucket.objects, bucket.uploads = dict(before), {}
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
    main([a_bucket_holds_the_same_rows_as_a_folder, so_does_one_of_another_server, it_is_served,
          data_is_asked_for_once_and_by_who_wrote_it_never,
          requests_that_fail_change_nothing, a_server_that_is_gone_ends_the_command,
          the_program_may_be_killed_at_any_request, half_an_upload_is_found_and_removed, no_secret_is_written_anywhere,
          what_is_wrong_is_said_in_one_line])
