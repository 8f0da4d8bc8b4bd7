"""seine copy: a lake in another place, whatever either is made of; killed, disturbed and refused; and lakes whose objects
were moved by other means."""
import contextlib
import functools
import hashlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness.bucket import BUCKET, SECRET, Bucket, access, versitygw  # noqa: E402
from harness.faults import shim  # noqa: E402
from harness.lakes import fix, write_fixes  # noqa: E402
from harness.program import FULL, equal, refused, run, seine, start  # noqa: E402
from harness.stack import stack  # noqa: E402
from harness.tap import Skip, functions, main, program_folder  # noqa: E402

TARGET = f"s3://{BUCKET}/moved/lake"
KILLS = 20 if FULL else 6  # of one command


GROWN = (["ingest", "day1.csv", "day2.csv"], ["refresh"], ["ingest", "late.csv"], ["source", "rm", "day2.csv"], ["refresh"],
         ["ingest", "day2.csv"], ["refresh"], ["table", "expire", "silver.ais", "--keep", 3, "--older-than", 0])
SMALL = (["ingest", "day1.csv"], ["ingest", "late.csv"])


class Source:
    """A lake in a folder for all cases, which only read it."""

    def __init__(self, history):
        self.folder = program_folder()
        self.lake = self.folder / "grown"
        for day in (1, 2):
            write_fixes(self.folder / f"day{day}.csv",
                        *(fix(mover, day, hour) for mover in range(6) for hour in (0, 1, 9, 20)))
        write_fixes(self.folder / "late.csv", fix(1, 1, 12), fix(2, 2, 3, lat=99.0), fix(1, 1, 0))
        seine(self.folder, "init", "--buckets", 2, self.lake, now="2025-12-30T00:00:00Z")
        for hour, words in enumerate(history):
            seine(self.folder, *words, "--quiet", "--lake", self.lake, now=f"2025-12-31T0{hour}:00:00Z")
        (self.lake / "models" / "notes").mkdir(parents=True)
        (self.lake / "models" / "notes" / "read me.txt").write_text("of the user\n")
        with (self.lake / "seine.yaml").open("a") as settings:
            settings.write("min-gap-length: 5\n")
        self.before = tree(self.lake)
        self.seen = seen(self.folder, self.lake)

    def check_untouched(self):
        equal(tree(self.lake), self.before, "the source")


def tree(lake, but=("catalog.db-wal", "catalog.db-shm")):
    """Name and bytes of every file; not those that readers of SQLite write."""
    return {str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(Path(lake).rglob("*")) if path.is_file() and path.name not in but}


def seen(folder, lake, env=None):
    """What a lake says of itself: every table's rows, its history, sources, runs, and what is up to date."""
    def ask(*words):
        return seine(folder, *words, "--lake", lake, env=env)

    names = [row["table"] for row in json.loads(ask("table", "ls", "--json"))]
    sums = " UNION ALL ".join(f"SELECT '{name}' AS t, count(*), sum(hash(t)) FROM {name} t" for name in names)
    history = ask("table", "history", "silver.ais", "--json")
    oldest = str(json.loads(history)[0]["snapshot_id"])
    return {"rows": ask("sql", "--format", "csv", sums), "history": history,
            "old": ask("sql", "--format", "csv", "--at", oldest, "SELECT count(*), sum(hash(t)) FROM silver.ais t"),
            "sources": ask("source", "ls", "--json"), "runs": ask("runs", "--json"),
            "trace": ask("trace", "--mmsi", "366000001", "--ts", "2020-03-01T12:00:00Z")}


def ledger(path):
    """Every row of a catalog in SQLite, but for those that tell of the place, of commits and of leases."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        rows = {name: sorted(map(repr, db.execute(f"SELECT * FROM {name}"))) for name in names
                if name not in ("seine_seal", "seine_lease", "seine_commit")}
    rows["seine_setting"] = [row for row in rows["seine_setting"] if not row.startswith(("('path'", "('lake_id'"))]
    return rows


@functools.cache
def grown():
    """Days, a late file, one that was removed and came back, refused rows, events, gold, snapshots that expired."""
    return Source(GROWN)


@functools.cache
def small():
    """Two snapshots of silver."""
    return Source(SMALL)


def env_of(folder, endpoint):
    (folder / "cache").mkdir(exist_ok=True)
    return {"TMPDIR": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)} | access(endpoint)


@contextlib.contextmanager
def hidden(path):
    """The place is gone meanwhile: whoever needs it fails."""
    away = path.with_name(path.name + " away")
    path.rename(away)
    try:
        yield
    finally:
        away.rename(path)


def check_whole(folder, lake, env=None, expected=None, deep=False):
    expected = expected or grown().seen
    for what, told in seen(folder, lake, env).items():
        equal(told, expected[what], f"{what} of {lake}")
    check_books(folder, lake, env, deep)


def check_books(folder, lake, env=None, deep=False):
    assert "all is well" in seine(folder, "verify", *(["--deep"] if deep else []), "--lake", lake, env=env)


def is_no_lake(folder, lake, env=None):
    done = run(folder, "status", "--lake", lake, env=env)
    assert done.returncode == 1 and "there is no lake at" in done.stderr, done.stdout + done.stderr


# ---- places


def test_there_and_back_every_byte_is_the_same(folder):
    g = grown()
    with Bucket(made=False, page=50) as bucket:
        env = env_of(folder, bucket.endpoint)
        told = json.loads(seine(folder, "copy", g.lake, TARGET, "--create-bucket", "--catalog", "there.db", "--json", env=env))
        equal((told["to"], told["there"], told["files"] > 100), (TARGET, 0, True), told)
        g.check_untouched()
        equal([key for key in bucket.objects if str(g.lake) in key or "copy.from" in key], [], "names")
        with hidden(g.lake):
            check_whole(folder, TARGET, env, deep=True)
            equal(bucket.uploads, {}, "uploads")
            since = len(bucket.requests)
            seine(folder, "copy", TARGET, g.lake, env=env)
            equal({method for method, *_ in bucket.requests[since:]} - {"GET", "HEAD"}, set(), "requests to the source")
            try:
                check_whole(folder, g.lake)
                back, there = tree(g.lake), {name: sum for name, sum in g.before.items() if name in tree(g.lake)}
                equal({name: sum for name, sum in back.items() if name != "catalog.db"},
                      {name: sum for name, sum in there.items() if name != "catalog.db"}, "files that came back")
                left = [name for name in g.before if name not in back]
                assert all("/metadata/" in name or "/data/" in name for name in left), left
                found, expected = ledger(g.lake / "catalog.db"), ledger(g.folder / "grown away" / "catalog.db")
                for name, rows in expected.items():
                    equal(found[name], rows, name)
            finally:
                shutil.rmtree(g.lake)
    return f"{told['files']} files"


def test_a_folder_is_copied_to_a_folder_and_lives_on(folder):
    g = grown()
    seine(folder, "copy", g.lake, "a b/lake")
    g.check_untouched()
    with hidden(g.lake):
        check_whole(folder, "a b/lake")
        equal("nothing to do" in seine(folder, "refresh", "--lake", "a b/lake", "--min-gap-length", 6), True, "refresh")
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint)
        seine(folder, "copy", "a b/lake", TARGET, "--catalog", "there.db", env=env)
        more = write_fixes(folder / "day3.csv", *(fix(mover, 3, hour) for mover in range(7) for hour in (3, 13)))
        rows = []
        for lake in ("a b/lake", TARGET):
            for words in (["ingest", more], ["refresh"], ["table", "expire", "--keep", 1, "--older-than", 0],
                          ["table", "orphans", "--remove", "--older-than", 0], ["verify", "--deep"]):
                seine(folder, *words, "--lake", lake, env=env)
            rows.append(seine(folder, "sql", "--lake", lake, "--format", "csv",
                              "SELECT (SELECT sum(hash(t)) FROM silver.ais_enriched t), (SELECT sum(hash(t)) FROM"
                              " gold.ais_daily_statistics t), (SELECT count(*) FROM events.ais_gaps)", env=env))
        equal(rows[1], rows[0], "rows after more days")


def test_a_server_of_another_kind_takes_it(folder):
    with versitygw(folder) as endpoint:
        if not endpoint:
            raise Skip("versitygw is not installed: tools/setup --stack")
        env = env_of(folder, endpoint)
        seine(folder, "copy", grown().lake, TARGET, "--create-bucket", "--catalog", "there.db", env=env)
        check_whole(folder, TARGET, env)


def psql(env, query):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", env["SEINE_CATALOG"], "-c", query],
                          env=env | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_catalogs_go_from_one_database_to_the_other(folder):
    """A folder and SQLite → a bucket and PostgreSQL → another name in both → a folder and SQLite."""
    g, server = grown(), stack.env("postgres")
    address, secret = server["SEINE_CATALOG"], server["PGPASSWORD"]
    one, two = f"{address}?catalog_name=copy_one", f"{address}?catalog_name=copy_two"
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint) | {"PGPASSWORD": secret}
        seine(folder, "copy", g.lake, TARGET, "--catalog", one, env=env)
        with hidden(g.lake):
            check_whole(folder, TARGET, env)
            seine(folder, "copy", TARGET, TARGET + "2", "--catalog", two.replace("lake@", f"lake:{secret}@"), env=env)
            check_whole(folder, TARGET + "2", env)
            assert not any(secret.encode() in body for body, *_ in bucket.objects.values())
            refused(folder, 1, "has a lake copy_one already, in " + TARGET, "copy", TARGET, TARGET + "3", "--catalog", one,
                    env=env)
            assert not any("lake3" in key for key in bucket.objects)
            for lake in (TARGET, TARGET + "2"):
                seine(folder, "ingest", "--quiet", "--lake", lake,
                      write_fixes(folder / "day4.csv", fix(1, 4, 1)), env=env)
            seine(folder, "source", "rm", "day4.csv", "--lake", TARGET, env=env)
        own = env | {"PGPASSWORD": "", "SEINE_CATALOG": two.replace("lake@", f"lake:{secret}@")}
        seine(folder, "copy", TARGET + "2", "back", env=own)
        check_books(folder, "back", deep=True)
    seine(folder, "copy", g.lake, "direct")
    seine(folder, "ingest", "--quiet", "--lake", "direct", folder / "day4.csv")
    found, expected = ledger(folder / "back" / "catalog.db"), ledger(folder / "direct" / "catalog.db")
    for name in ("seine_source", "seine_source_day", "seine_partition", "seine_job", "seine_progress", "seine_migration"):
        equal(found[name], expected[name], name)


def test_killed_behind_the_commit_of_postgres_it_is_completed(folder):
    server = stack.env("postgres")
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint) | {"PGPASSWORD": server["PGPASSWORD"]}
        words = ("copy", small().lake, TARGET, "--catalog", server["SEINE_CATALOG"] + "?catalog_name=copy_killed")
        process = start(folder, *words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def kill(method, key, number):
            if method != "PUT" or not key.endswith("catalog.url"):
                return None
            process.kill()
            return "drop"

        bucket.fault = kill
        equal(process.wait(), -signal.SIGKILL, "exit status")
        bucket.fault = None
        is_no_lake(folder, TARGET, env)
        assert "Nothing was left to do" in seine(folder, *words, env=env)
        check_whole(folder, TARGET, env, small().seen)
        assert "moved/lake/copy.from" not in bucket.objects


def test_roles_without_rights_stop_it_before_anything_is_sent(folder):
    server = stack.env("postgres")
    address = server["SEINE_CATALOG"]
    psql(server, "DROP ROLE IF EXISTS copier; CREATE ROLE copier LOGIN PASSWORD 'c'")
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint) | {"PGPASSWORD": "c"}
        done = run(folder, "copy", grown().lake, TARGET, "--catalog",
                   address.replace("lake@", "copier@") + "?catalog_name=denied", env=env)
        equal((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
        assert "permission denied" in done.stderr, done.stderr
        equal(bucket.objects, {}, "objects")


# ---- disturbed


def puts(bucket, since):
    return [key for method, key, query in bucket.requests[since:] if method == "PUT" and "partNumber" not in query]


def copy_to(folder, env, **more):
    return run(folder, "copy", small().lake, TARGET, "--catalog", "there.db", "--threads", 2, env=env, **more)


def bodies(bucket):
    return {key: body for key, (body, *_) in bucket.objects.items()}


def test_a_source_of_an_earlier_release_stays_as_it_is(folder):
    shutil.copytree(small().lake, folder / "grown")
    seine(folder, "relocate", "grown")
    with sqlite3.connect(folder / "grown" / "catalog.db") as database:
        ((version,),) = database.execute("PRAGMA user_version").fetchall()
        database.execute(f"PRAGMA user_version = {version - 1}")
    database.close()
    before = tree(folder / "grown")
    refused(folder, 2, "seine status --lake", "copy", "grown", "there")
    equal(tree(folder / "grown"), before, "the source")
    equal((folder / "there").exists(), False, "a target")


def test_killed_at_any_request_the_same_command_goes_on(folder):
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint)
        equal(copy_to(folder, env).returncode, 0, "copy")
        total, expected = len(bucket.requests), bodies(bucket)
        points = sorted({*range(3, total - 6, -(-total // KILLS)), *range(total - 6, total, 2)})
        for at in points:
            for path in folder.glob("there.db*"):
                path.unlink()
            bucket.objects, base = {}, len(bucket.requests)
            process = start(folder, "copy", small().lake, TARGET, "--catalog", "there.db", "--threads", 2, env=env,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

            def kill(method, key, number, process=process, until=base + at):
                if number == until:
                    process.kill()
                return "drop" if number >= until else None

            bucket.fault = kill
            process.wait()
            bucket.fault = None
            is_over = "moved/lake/catalog.url" in bucket.objects
            if not is_over:
                is_no_lake(folder, TARGET, env)
            there, since = set(bucket.objects), len(bucket.requests)
            done = copy_to(folder, env)
            equal(done.returncode, 0, f"killed at request {at}: {done.stderr}")
            equal([key for key in puts(bucket, since) if key in there and not key.endswith("/copy.from")], [], f"killed at request {at}: sent again")
            found = bodies(bucket)
            equal(sorted(found), sorted(expected), f"killed at request {at}: names")
            equal([key for key in found if found[key] != expected[key]], [], f"killed at request {at}: bytes")
        check_whole(folder, TARGET, env, small().seen)
    return f"{len(points)} of {total} requests"


def test_killed_at_any_write_in_a_folder_it_goes_on(folder):
    g, target = small(), folder / "at" / "lake"
    target.parent.mkdir()
    words = ("copy", g.lake, target, "--threads", 1)
    seine(folder, *words, env=shim(target.parent, count=folder / "count"))
    expected, calls = tree(target), int((folder / "count").read_text())
    points = sorted({*range(2, calls, -(-calls // KILLS)), *range(calls - 12, calls, 4)})
    for at in points:
        shutil.rmtree(target)
        done = run(folder, *words, env=shim(target.parent, at, "kill"))
        assert done.returncode in (0, -signal.SIGKILL), f"call {at}: {done.returncode}: {done.stderr}"
        if not (target / "catalog.db").exists():
            is_no_lake(folder, target)
        seine(folder, *words)
        found = tree(target)
        equal([name for name in {*found, *expected} if found.get(name) != expected.get(name) and name != "catalog.db"], [],
              f"killed at call {at}")
    for at, error in ((calls // 3, "ENOSPC"), (calls // 2, "EIO")):
        shutil.rmtree(target)
        done = run(folder, *words, env=shim(target.parent, at, error))
        equal((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
        is_no_lake(folder, target)
    seine(folder, *words)
    check_whole(folder, target, None, g.seen)
    g.check_untouched()
    return f"{len(points)} of {calls} calls"


def test_requests_that_fail_change_nothing(folder):
    kinds = (503, 500, "drop", "lied", "cut", "corrupt", 429)
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint)
        equal(copy_to(folder, env).returncode, 0, "copy")
        expected = bodies(bucket)
        (folder / "there.db").unlink()
        bucket.objects = {}
        bucket.fault = lambda method, key, number: kinds[number // 5 % len(kinds)] if number % 5 == 0 else None
        done = copy_to(folder, env)
        equal(done.returncode, 0, done.stderr)
        equal(bodies(bucket) == expected, True, "objects")
        bucket.fault = lambda method, key, number: kinds[number // 5 % len(kinds)] if number % 5 == 0 else None
        seine(folder, "copy", TARGET, "back", env=env)
        bucket.fault = None
        check_whole(folder, "back", None, small().seen)


def test_ctrl_c_is_heard_and_the_rest_is_brought_later(folder):
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint)
        process = start(folder, "copy", small().lake, TARGET, "--catalog", "there.db", env=env, stderr=subprocess.PIPE)

        def interrupt(method, key, number):
            if number == 30:
                process.send_signal(signal.SIGINT)

        bucket.fault = interrupt
        said = process.communicate()[1]
        equal((process.returncode, said), (1, "seine copy: interrupted; the same command goes on where it was\n"), "said")
        is_no_lake(folder, TARGET, env)
        there, since = set(bucket.objects), len(bucket.requests)
        equal(copy_to(folder, env).returncode, 0, "again")
        equal([key for key in puts(bucket, since) if key in there and not key.endswith("/copy.from")], [], "sent again")
        check_whole(folder, TARGET, env, small().seen)


def test_what_is_committed_meanwhile_is_not_in_the_copy(folder):
    """An ingest at one request; then one that also removes what the copy still needs."""
    seine(folder, "copy", grown().lake, "source")
    expected = seen(folder, "source")
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint)
        more = write_fixes(folder / "more.csv", *(fix(mover, 1, 15) for mover in range(9)))
        ran = []

        def meanwhile(*commands):
            def once(method, key, number):
                if method == "PUT" and "/metadata/" in key and not ran:
                    ran.extend(seine(folder, *words, "--lake", "source") for words in commands)
            return once

        bucket.fault = meanwhile(["ingest", more], ["refresh"])
        seine(folder, "copy", "source", TARGET, "--catalog", "there.db", env=env)
        equal(len(ran), 2, "commands meanwhile")
        check_whole(folder, TARGET, env, expected)
        refused(folder, 1, "is a lake already", "copy", "source", TARGET, "--catalog", "there.db", env=env)
        ran.clear()
        bucket.fault = meanwhile(["ingest", write_fixes(folder / "most.csv", *(fix(mover, 1, 16) for mover in range(9)))],
                                 ["table", "expire", "silver.ais", "--keep", 1, "--older-than", 0])
        done = run(folder, "copy", "source", TARGET + "2", "--catalog", "two.db", "--threads", 1, env=env)
        if done.returncode != 0:
            assert "run the command again" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
            is_no_lake(folder, TARGET + "2", env)
            bucket.fault = None
            seine(folder, "copy", "source", TARGET + "2", "--catalog", "two.db", env=env)
        bucket.fault = None
        check_books(folder, TARGET + "2", env)
        equal(len(ran), 2, "commands meanwhile")


def test_of_two_runs_the_later_one_goes_on(folder):
    """The earlier one ends before it removes or publishes anything: at its first file, and when all of them are there."""
    for when in ("/silver/ais/data/", "/bronze/"):
        with Bucket() as bucket:
            env = env_of(folder, bucket.endpoint)

            def take(method, key, number, when=when, bucket=bucket):
                mark = bucket.objects.get("moved/lake/copy.from")
                if method == "PUT" and when in key and mark:
                    other = b"\n".join([*mark[0].split(b"\n")[:2], b"another run", b""])
                    bucket.objects["moved/lake/copy.from"] = (other, '"t"', {}, bucket.now())

            bucket.fault = take
            done = run(folder, "copy", small().lake, TARGET, "--catalog", "there.db", env=env)
            equal((done.returncode, "another run of the same copy" in done.stderr), (1, True), done.stderr)
            bucket.fault = None
            is_no_lake(folder, TARGET, env)
            seine(folder, "copy", small().lake, TARGET, "--catalog", "there.db", env=env)
            check_books(folder, TARGET, env)
            (folder / "there.db").unlink()


def test_names_in_a_foreign_catalog_are_no_statements(folder):
    seine(folder, "init", "source")
    with contextlib.closing(sqlite3.connect(folder / "source" / "catalog.db")) as catalog:
        catalog.execute('CREATE TABLE "seine_x; DROP TABLE seine_setting; --"(key TEXT PRIMARY KEY)')
    refused(folder, 1, "none of Seine's", "copy", "source", "target")
    is_no_lake(folder, "target")


def test_a_large_object_that_is_there_is_not_even_read_again(folder):
    """Sent in parts, it bears the checksum that the ledger has."""
    seine(folder, "init", "--buckets", 1, "source")
    rows = (fix(n % 10, 1 + n % 28, n // 28 % 24, n // 700 % 60, 1 + n % 80 + n % 1000 / 1e6) for n in range(270000))
    seine(folder, "ingest", "--quiet", "--lake", "source", write_fixes(folder / "large.csv", *rows))
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint)
        seine(folder, "copy", "source", TARGET, "--catalog", "there.db", env=env)
        large, (body, _, headers, _) = next(pair for pair in bucket.objects.items() if pair[0].endswith("large.csv"))
        assert len(body) > 16 << 20, len(body)
        equal([value for name, value in headers.items() if name.lower() == "x-amz-meta-seine-sum"],
              [hashlib.sha256(body).hexdigest()], "what it bears")
        (folder / "there.db").unlink()
        del bucket.objects["moved/lake/catalog.url"]
        source = str(folder / "source")
        bucket.objects["moved/lake/copy.from"] = (f"{source}\n{folder}/there.db\n".encode(), '"t"', {}, bucket.now())
        bucket.objects["moved/lake/silver/left.parquet"] = (b"of another state", '"t"', {}, bucket.now())
        other = next(key for key in bucket.objects if "/silver/ais/data/" in key)
        data = bucket.objects[other][0]
        bucket.objects[other] = (data[:-1] + b"?", '"t"', {}, bucket.now())  # as large, and not the same
        bucket.uploads["half"] = ("moved/lake/bronze/x", {}, {1: b"part"}, bucket.now())
        since = len(bucket.requests)
        told = json.loads(seine(folder, "copy", "source", TARGET, "--catalog", "there.db", "--json", env=env))
        equal((told["there"], bucket.objects[other][0] == data), (told["files"] - 1, True), "files that were there")
        equal([method for method, key, _ in bucket.requests[since:] if key == large], ["HEAD"], "requests for it")
        equal((bucket.uploads, "moved/lake/silver/left.parquet" in bucket.objects), ({}, False), "what was left")
        check_books(folder, TARGET, env)


def test_bytes_that_are_not_those_of_the_ledger_are_refused(folder):
    seine(folder, "copy", small().lake, "source")

    def fails(text):
        refused(folder, 1, text, "copy", "source", "target")
        is_no_lake(folder, "target")
        shutil.rmtree(folder / "target")  # else what went well is there

    for pattern in ("silver/ais/data/**/*.parquet", "bronze/**/day1.csv"):
        path = next((folder / "source").glob(pattern))
        kept = path.read_bytes()
        path.write_bytes(kept[:-9] + bytes([kept[-9] ^ 1]) + kept[-8:])
        fails("other bytes than were written")
        path.write_bytes(kept + b"x")
        fails("bytes, not")
        path.unlink()
        fails("seine verify tells what is missing")
        path.write_bytes(kept)
    seine(folder, "copy", "source", "target")
    check_whole(folder, "target", None, small().seen)


# ---- refused


def test_what_cannot_be_is_said_in_one_line_and_leaves_nothing(folder):
    g = small()
    seine(folder, "init", "taken")
    (folder / "full").mkdir()
    (folder / "full" / "thesis.tex").write_text("x")
    (folder / "link").symlink_to(g.lake)
    (folder / "file").write_text("x")
    shutil.copy(g.lake / "catalog.db", folder / "used.db")
    before = tree(folder)
    with Bucket(made=False) as bucket:
        env = env_of(folder, bucket.endpoint)
        cases = [((g.lake, "taken"), {}, 1, "taken is a lake already"), ((g.lake, "full"), {}, 1, "is not empty (thesis.tex)"),
                 ((g.lake, g.lake), {}, 2, "is the lake itself"), ((g.lake, "link"), {}, 2, "is the lake itself"),
                 ((g.lake, "link/copy"), {}, 2, "lie in one another"), ((g.lake, g.lake / "copy"), {}, 2, "lie in one another"),
                 ((g.lake, g.lake.parent), {}, 2, "lie in one another"), ((g.lake, "file"), {}, 2, "is a file"),
                 ((g.lake, "a#b"), {}, 2, "'#'"), (("none", "target"), {}, 1, "there is no lake at"),
                 ((g.lake, "target", "--catalog", "used.db"), {}, 2, "is there already"),
                 ((g.lake, "target", "--catalog", "mysql://x/y"), {}, 2, "postgresql://USER@HOST"),
                 ((g.lake, "target", "--catalog", "postgresql://lake@127.0.0.1:1/x"), {}, 1, "onnection refused"),
                 ((g.lake, "target", "--create-bucket"), {}, 2, "--create-bucket"),
                 ((g.lake, TARGET), {}, 2, "by --catalog"), ((g.lake, TARGET, "--catalog", "c.db"), {}, 1, "no such bucket"),
                 ((g.lake, TARGET, "--catalog", "c.db"), {"AWS_SECRET_ACCESS_KEY": "x"}, 1, "AWS_SECRET_ACCESS_KEY"),
                 ((g.lake, TARGET, "--catalog", "c.db"), {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, 1, "is the server up"),
                 ((TARGET, "target"), {}, 1, "no such bucket"), ((g.lake,), {}, 2, "needs LAKE TARGET")]
        for words, more, code, text in cases:
            done = run(folder, "copy", *words, env=env | more)
            equal(done.returncode, code, f"{words}: {done.stderr}")
            assert text in done.stderr and len(done.stderr.strip().splitlines()) <= 2, f"{words}: {done.stderr}"
            assert SECRET not in done.stdout + done.stderr
        equal((tree(folder), bucket.objects), (before, {}), "nothing half made")
        equal([path.name for path in folder.iterdir() if path.name in ("target", "c.db", "a#b")], [], "nothing half made")
    g.check_untouched()


def test_half_a_copy_of_another_lake_is_refused(folder):
    g = small()
    seine(folder, "init", "other")
    (folder / "target").mkdir()
    (folder / "target" / "copy.from").write_text(f"{folder}/other\n\n")
    refused(folder, 1, "half a copy of another lake", "copy", g.lake, "target")
    equal(list(tree(folder / "target")), ["copy.from"], "target")
    seine(folder, "copy", "other", "target")
    refused(folder, 1, "is a lake already", "copy", "other", "target")
    (folder / "target" / "copy.from").write_text(f"{folder}/other\n\n")  # as if killed at its last step
    assert "Nothing was left to do" in seine(folder, "copy", "other", "target")
    assert not (folder / "target" / "copy.from").exists()


# ---- moved by other means


def test_a_bucket_whose_objects_were_moved_is_relocated(folder):
    with Bucket() as bucket:
        env = env_of(folder, bucket.endpoint)
        seine(folder, "copy", small().lake, TARGET, "--catalog", "there.db", env=env)
        for key in list(bucket.objects):
            bucket.objects[key.replace("moved/lake", "third/place")] = bucket.objects[key]
        third = f"s3://{BUCKET}/third/place"
        refused(folder, 2, "run seine relocate", "status", "--lake", third, env=env)
        refused(folder, 2, "is still there", "relocate", third, env=env)
        for key in [key for key in bucket.objects if key.startswith("moved/")]:
            del bucket.objects[key]
        seine(folder, "relocate", third, env=env)
        check_books(folder, third, env=env)
        equal(seen(folder, third, env)["rows"], small().seen["rows"], "rows")
        for key, (body, *_) in list(bucket.objects.items()):  # down to a folder, as `aws s3 sync` does
            path = folder / "synced" / key.removeprefix("third/place/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        bucket.objects = {}
        seine(folder, "relocate", "synced", env=env)
        check_books(folder, "synced")
        for path in (folder / "synced").rglob("*"):  # and up again
            if path.is_file():
                bucket.objects[f"up/{path.relative_to(folder / 'synced')}"] = (path.read_bytes(), '"t"', {}, bucket.now())
        shutil.rmtree(folder / "synced")
        seine(folder, "relocate", f"s3://{BUCKET}/up", env=env)
        check_books(folder, f"s3://{BUCKET}/up", env=env)


if __name__ == "__main__":
    main(functions(globals()))
