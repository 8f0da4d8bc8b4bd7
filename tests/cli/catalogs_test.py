"""A lake with its catalog in PostgreSQL: the same rows as with SQLite, whatever happens to the connection."""
import concurrent.futures
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.lakes import fix, write_fixes
from harness.program import FULL, PATIENCE_S, ROOT, environment, equal, refused, run, seine, sql_each, start, tool, wait_for
from harness.proxy import Proxy
from harness.server import serving
from harness.stack import stack
from harness.tap import functions, main

POINTS = 20 if FULL else 10  # cuts of a commit
LANES = 3  # lakes of which one commit each is cut at a time
KILLS = 5 if FULL else 3  # of the server in a commit


def server():
    """@return address and environment of the server, for commands that are to find it by themselves."""
    env = stack.env("postgres")
    return env["SEINE_CATALOG"], {"PGPASSWORD": env["PGPASSWORD"]}


def named(address, name):
    return f"{address}?catalog_name={name}"


def make(folder, name, env=None, days=()):
    """A lake with its catalog in PostgreSQL under a name of its own. @return its address and the environment."""
    address, own = server()
    seine(folder, "init", "--buckets", 2, "--catalog", named(address, name), "lake", env=own | (env or {}))
    for day in days:
        seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, day), env=own)
    return named(address, name), own


def write_day(folder, day):
    return write_fixes(Path(folder, f"AIS_2020_03_{day:02}.csv"),
                       *(fix(mover, day, hour) for mover in range(4) for hour in (0, 1, 11, 23)))


def psql(query, database="iceberg_catalog"):
    """@return what it printed."""
    address, env = server()
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", address.replace("iceberg_catalog", database), "-c", query],
                          env=environment(**env), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def rows_of(folder, query, env):
    return json.loads(seine(folder, "sql", "--lake", "lake", "--format", "json", query, env=env))


def dump(folder, env, lake="lake"):
    """Every row of every table, and what the ledger says of the sources."""
    names = [table["table"] for table in json.loads(seine(folder, "table", "ls", "--lake", lake, "--json", env=env))]
    assert len(names) > 20, names
    rows = sql_each(folder, {name: f"SELECT * FROM {name} ORDER BY ALL" for name in names}, lake, env)
    tables = {name: json.dumps(found) for name, found in rows.items()}
    status = json.loads(seine(folder, "status", "--lake", lake, "--json", env=env))["tables"]
    return tables | {"sources": seine(folder, "source", "ls", "--lake", lake, "--json", env=env),
                     "status": json.dumps([row | {"seconds": None} for row in status])}


def live(folder, env, lake="lake"):
    """A lake's life, from its first archive to its last care. @return all that is in it then."""
    files = [write_day(folder, day) for day in range(1, 4)]
    late = write_fixes(Path(folder, "late.csv"), fix(7, 2, 5), fix(1, 2, 6))
    for words in (("ingest", *files), ("refresh",), ("ingest", late), ("refresh",), ("source", "rm", "AIS_2020_03_03.csv"),
                  ("ref", "load", "ports"), ("refresh",), ("table", "expire", "--keep", 1, "--older-than", 0),
                  ("table", "orphans", "--remove", "--older-than", 0), ("verify", "--deep")):
        result = run(folder, *words, "--lake", lake, env=env)
        assert result.returncode == 0, f"{words}: {result.stdout}{result.stderr}"
    return dump(folder, env, lake)


def test_all_tables_are_the_same_as_with_sqlite(folder):
    ours, theirs = folder / "postgres" / "x", folder / "sqlite" / "x"
    ours.mkdir(parents=True)
    theirs.mkdir(parents=True)
    _, env = make(ours, "same")
    seine(theirs, "init", "--buckets", 2, "lake")
    assert not (ours / "lake" / "catalog.db").exists()
    found, expected = live(ours, env), live(theirs, {})
    equal(sorted(found), sorted(expected), "tables")
    for name, rows in expected.items():
        equal(found[name].replace("/postgres/", "/sqlite/"), rows, name)


def test_a_row_is_traced(folder):
    _, env = make(folder, "traced", days=[1])
    mover = rows_of(folder, "SELECT mmsi FROM silver.ais ORDER BY mmsi LIMIT 1", env)[0]["mmsi"]
    said = seine(folder, "trace", "--lake", "lake", "--mmsi", mover, "--ts", "2020-03-01T00:00:00Z", env=env)
    assert "AIS_2020_03_01.csv" in said, said


def test_the_password_is_kept_and_shown_nowhere(folder):
    address, env = server()
    secret = env["PGPASSWORD"]
    whole = named(address.replace("lake@", f"lake:{secret}@"), "secret")
    said = [run(folder, "init", "--catalog", whole, "lake"),
            run(folder, "ingest", "--lake", "lake", write_day(folder, 1), env={"SEINE_CATALOG": whole}),
            run(folder, "refresh", "--lake", "lake", "--json", env={"SEINE_CATALOG": whole}),
            run(folder, "runs", "--lake", "lake", "--json", env={"SEINE_CATALOG": whole}),
            run(folder, "sql", "--lake", "lake", "FROM duckdb_settings()", env={"SEINE_CATALOG": whole}),
            run(folder, "status", "--lake", "lake", "--json", env={"SEINE_CATALOG": whole}),
            run(folder, "verify", "--deep", "--lake", "lake", env={"SEINE_CATALOG": whole})]
    equal([result.returncode for result in said], [0] * len(said), "exit codes")
    with serving(folder, env={"SEINE_CATALOG": whole}) as running:
        pages = [running.ask(target)[2] for target in ("/api/v1/overview", "/api/v1/tables", "/iceberg/v1/config", "/metrics",
                                                       "/iceberg/v1/namespaces/silver/tables/ais", "/openapi.json")]
        stack.stop("postgres")  # what it says of a server that is gone
        pages += [running.ask("/api/v1/overview")[2], running.ask("/health/ready")[2], running.errors().encode()]
        server()
    equal([page[:200] for page in pages if secret.encode() in page], [], "what the server tells")
    said.append(run(folder, "status", "--lake", "lake", env={"SEINE_CATALOG": whole.replace(address.rsplit(":", 1)[1].split("/")[0], "1")}))
    equal(said[-1].returncode, 1, "exit code without a server")
    for result in said:
        assert secret not in result.stdout + result.stderr, result
    equal((folder / "lake" / "catalog.url").read_text(), named(address, "secret") + "\n")
    for path in (folder / "lake").rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    assert secret not in psql("SELECT string_agg(manifest, '') FROM seine_secret.seine_run")


def test_several_lakes_and_tables_of_others_live_in_one_database(folder):
    address, env = server()
    psql("CREATE DATABASE shared")
    shared = address.replace("iceberg_catalog", "shared")
    # Of the older form, made by another program, with a row of its own.
    psql("CREATE TABLE iceberg_tables(catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL,"
         " table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),"
         " PRIMARY KEY (catalog_name, table_namespace, table_name));"
         " INSERT INTO iceberg_tables VALUES ('other', 'silver', 'ais', 's3://elsewhere/x', NULL);"
         " CREATE TABLE seine_setting(theirs int); CREATE TABLE other(n int)", "shared")
    for name in ("one", "two"):
        own = folder / name
        own.mkdir()
        seine(own, "init", "--buckets", 1, "--catalog", named(shared, name), "lake", env=env)
        seine(own, "ingest", "--quiet", "--lake", "lake", write_day(own, 1 if name == "one" else 2), env=env)
        seine(own, "refresh", "--quiet", "--lake", "lake", env=env)
    for name, day in (("one", 1), ("two", 2)):
        seine(folder / name, "verify", "--deep", "--lake", "lake", env=env)
        for more in ({}, {"SEINE_CATALOG": shared}):  # an address without a name is that of the server
            equal(rows_of(folder / name, "SELECT DISTINCT ts::DATE AS day FROM silver.ais", env | more), [{"day": f"2020-03-0{day}"}])
    equal(psql("SELECT metadata_location FROM iceberg_tables WHERE catalog_name = 'other'", "shared"), "s3://elsewhere/x")
    equal(psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "shared"), "4")


def test_a_role_that_may_only_read_reads(folder):
    address, env = make(folder, "readable", days=[1])
    psql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'r';"
         " GRANT USAGE ON SCHEMA seine_readable TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA seine_readable TO reader;"
         " GRANT SELECT ON iceberg_tables, iceberg_namespace_properties TO reader")
    reader = {"SEINE_CATALOG": address.replace("lake@", "reader@"), "PGPASSWORD": "r"}
    equal(rows_of(folder, "SELECT count(*) AS n FROM silver.ais", reader), [{"n": 16}])
    seine(folder, "verify", "--lake", "lake", env=reader)
    with serving(folder, env=reader) as running:
        assert running.json("/api/v1/overview")
    refused(folder, 1, "permission", "ingest", "--lake", "lake", write_day(folder, 2), env=reader)
    refused(folder, 1, "permission", "table", "expire", "--lake", "lake", env=reader)


def test_a_later_schema_of_the_search_path_may_have_the_standard_tables(folder):
    address, env = server()
    psql("CREATE DATABASE paths")
    psql("CREATE SCHEMA early; CREATE SCHEMA late; CREATE TABLE late.iceberg_tables(catalog_name VARCHAR(255) NOT NULL,"
         " table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000),"
         " previous_metadata_location VARCHAR(1000), PRIMARY KEY (catalog_name, table_namespace, table_name))", "paths")
    path = address.replace("iceberg_catalog", "paths") + "?options=-csearch_path%3Dearly%2Clate"
    seine(folder, "init", "--buckets", 1, "--catalog", path, "lake", env=env)
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 1), env=env)
    found = psql("SELECT schemaname || '.' || tablename FROM pg_tables WHERE tablename LIKE 'iceberg%' ORDER BY 1", "paths")
    equal(found.split("\n"), ["early.iceberg_namespace_properties", "late.iceberg_tables"])
    assert int(psql("SELECT count(*) FROM late.iceberg_tables WHERE catalog_name = 'seine'", "paths")) > 10
    seine(folder, "verify", "--deep", "--lake", "lake", env=env)


def test_the_roles_of_the_docs_are_enough(folder):
    address, env = server()
    text = (ROOT / "docs" / "buckets.md").read_text(encoding="utf-8")
    writing, reading = (block.replace("'…'", "'w'").replace("lake", "writer").replace("iceberg_catalog", "roles")
                        for block in re.findall(r"```sql\n(.*?)```", text, re.S) if "CREATE ROLE" in block)
    psql("CREATE DATABASE roles")
    psql("REVOKE ALL ON SCHEMA public FROM public", "roles")
    psql(writing, "roles")
    own = address.replace("iceberg_catalog", "roles")
    writer = {"PGPASSWORD": "w"}
    seine(folder, "init", "--buckets", 1, "--catalog", own.replace("lake@", "writer@"), "lake", env=writer)
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 1), env=writer)
    psql(reading.replace("ROLE reader", "ROLE onlooker").replace("TO reader", "TO onlooker"), "roles")
    reader = {"SEINE_CATALOG": own.replace("lake@", "onlooker@"), "PGPASSWORD": "w"}
    seine(folder, "refresh", "--quiet", "--lake", "lake", env=writer)
    equal(rows_of(folder, "SELECT count(*) AS n FROM silver.ais", reader), [{"n": 16}])
    for words in (("status",), ("source", "ls"), ("runs",), ("table", "ls"), ("table", "orphans"), ("verify", "--deep")):
        seine(folder, *words, "--lake", "lake", env=reader)
    with serving(folder, env=reader) as running:
        assert running.json("/api/v1/overview")
    refused(folder, 1, "permission", "refresh", "--lake", "lake", env=reader)


def test_a_server_with_tls_is_checked_as_the_address_says(folder):
    address, env = server()
    data = stack.folder / "postgres" / "data"
    for name in ("server", "other"):
        subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"],
                       check=True, capture_output=True)
    for ending in ("key", "crt"):
        made = Path(shutil.copy(folder / f"server.{ending}", data))
        made.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(made, "postgres", "postgres")
    psql("ALTER SYSTEM SET ssl = on")
    psql("SELECT pg_reload_conf()")
    wait_for(lambda: psql("SHOW ssl") == "on", "TLS")
    checked = named(address, "secure") + f"&sslmode=verify-full&sslrootcert={folder}/"
    try:
        seine(folder, "init", "--buckets", 2, "--catalog", checked + "server.crt", "lake", env=env)
        for day in range(1, 4):
            seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, day), env=env)
        equal(rows_of(folder, "SELECT count(*) AS n FROM silver.ais", env), [{"n": 48}])
        refused(folder, 1, "certificate verify failed", "status", "--lake", "lake",
                env=env | {"SEINE_CATALOG": checked + "other.crt"})
    finally:
        psql("ALTER SYSTEM RESET ssl")
        psql("SELECT pg_reload_conf()")


def test_a_server_of_pages_sees_commits_and_a_restart(folder):
    _, env = make(folder, "served", days=[1])
    query = "/api/v1/overview"
    with serving(folder, env=env) as running:
        before = running.json(query)
        seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 2), env=env)
        wait_for(lambda: running.json(query) != before, "the commit to be seen")
        stack.stop("postgres")
        stack.env("postgres")
        between = running.json(query)
        seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 3), env=env)
        wait_for(lambda: running.json(query) != between, "the commit after the restart to be seen")


# ---- connections that are cut


class Cut:
    """A lake whose program reaches the server through a proxy."""

    def __init__(self, folder, name):
        self.folder, self.day = folder, 1
        self.address, self.env = make(folder, name, days=[1])
        port = int(self.address.rsplit(":", 1)[1].split("/")[0])
        self.proxy = Proxy(port)
        self.through = self.env | {"SEINE_CATALOG": self.address.replace(f":{port}/", f":{self.proxy.port}/")}

    def ingest(self, at, **how):
        """Takes one more day in, with a cut. @return its exit status, and whether the day is there."""
        self.proxy.cut(at, **how)
        result = self.run_ingest()
        return result, self.look(at)

    def run_ingest(self):
        self.day += 1
        return run(self.folder, "ingest", "--quiet", "--lake", "lake", write_day(self.folder, self.day), env=self.through)

    def look(self, at):
        """@return whether the day is there: of the table and of the ledger, or of neither."""
        rows = rows_of(self.folder, f"SELECT count(*) AS n FROM silver.ais WHERE ts::DATE = '2020-03-{self.day:02}'",
                       self.env)[0]["n"]
        names = [row["name"] for row in json.loads(seine(self.folder, "source", "ls", "--lake", "lake", "--json",
                                                         env=self.env))]
        assert rows in (0, 16), f"{at}: {rows} rows"
        equal(f"AIS_2020_03_{self.day:02}.csv" in names, rows == 16, f"{at}: the ledger and the table")
        return rows == 16


def cut_at(folder, name, count, points):
    """Cuts a commit of about @p count messages at each of the points: (its number, a message). @return the outcomes."""
    folder.mkdir()
    cut, outcomes = Cut(folder, name), set()
    for number, at in points:
        result, is_there = cut.ingest(at, lost=number % 2 == 1)
        # Beats of a lease go by the clock, so that the first run may have sent a little more.
        assert cut.proxy.was_cut or result.returncode == 0 and at > count * 9 // 10, f"message {at} of {count}"
        assert result.returncode != 0 or is_there, f"message {at}: it said that all is well"
        outcomes.add(is_there)
        seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, cut.day), env=cut.env)
        seine(folder, "verify", "--lake", "lake", env=cut.env)
    return outcomes


def test_a_commit_that_is_cut_anywhere_is_old_or_new(folder):
    """In several lakes at once: what is cut waits for some seconds until it gives up."""
    cut = Cut(folder, "cut")
    cut.ingest(None)
    count = cut.proxy.count
    assert count > 30, count
    points = list(enumerate(range(1, count + 1, max(1, count // POINTS))))
    with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
        lanes = [pool.submit(cut_at, folder / str(lane), f"cut{lane}", count, points[lane::LANES]) for lane in range(LANES)]
    equal(set().union(*(lane.result() for lane in lanes)), {False, True}, "outcomes")
    return f"{len(points)} of {count} messages"


def test_a_commit_whose_answer_is_lost_is_looked_up(folder):
    cut = Cut(folder, "lost")
    # The first COMMIT is that of the lease, the second that of the tables and the ledger.
    result, is_there = cut.ingest(2, lost=True, text=b"COMMIT\0")
    equal((is_there, result.returncode, result.stderr, cut.proxy.was_cut), (True, 0, "", True), "its answer was lost")
    result, is_there = cut.ingest(2, lost=False, text=b"COMMIT\0")
    equal((is_there, result.returncode, cut.proxy.was_cut), (False, 1, True), "it was never sent")
    assert len(result.stderr.splitlines()) == 1, result.stderr
    seine(folder, "verify", "--deep", "--lake", "lake", env=cut.env)


# ---- a server that takes everything and answers nothing


def test_pages_answer_while_the_database_does_not(folder):
    cut = Cut(folder, "silent")
    target = "/api/v1/overview"
    with serving(folder, env=cut.through) as running:
        before = running.json(target)
        cut.proxy.stall()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            asked = [pool.submit(running.ask, target) for _ in range(16)]
            for page in ("/health/live", "/openapi.json", "/metrics"):
                equal(running.ask(page)[0], 200, page)
            for answer in asked:
                status, headers, body = answer.result()
                assert status == 503 and "retry-after" in headers and b"the lake's catalog does not answer" in body, body
        status, _, body = running.ask("/health/ready")
        assert status == 503 and b"the lake's catalog does not answer" in body, body
        equal(running.ask(target, If_None_Match="*")[0], 503, "nothing is said to be as it was")
        cut.proxy.resume()
        wait_for(lambda: running.ask(target)[0] == 200, "the database to be found again")
        equal(running.json(target)["fixes"], before["fixes"])
        seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 2), env=cut.env)
        equal(running.json(target)["fixes"], 32, "the next request sees a commit")
        cut.proxy.stall()  # and it ends all the same


def test_a_lake_that_took_the_place_of_another_is_served(folder):
    address, env = make(folder, "heir", days=[1])
    with serving(folder, env=env) as running:
        equal(running.json("/api/v1/overview")["fixes"], 16)
        # As if both had been in a bucket: the file that names the catalog is the same one.
        name = (folder / "lake" / "catalog.url").rename(folder / "catalog.url")
        shutil.rmtree(folder / "lake")
        psql("DROP SCHEMA seine_heir CASCADE; DELETE FROM iceberg_tables WHERE catalog_name = 'heir'")
        make(folder, "heir", days=[1, 2])
        (folder / "lake" / "catalog.url").unlink()
        name.rename(folder / "lake" / "catalog.url")

        def fixes():
            """Of the lake that it has; until it looks again, which takes a moment, that is the former one."""
            status, _, body = running.ask("/api/v1/overview")
            return json.loads(body)["fixes"] if status == 200 else None
        wait_for(lambda: fixes() == 32, "the other lake")


def test_a_database_that_does_not_answer_is_given_up(folder):
    cut = Cut(folder, "mute")
    address = cut.through["SEINE_CATALOG"]
    cut.proxy.stall()
    said = seine(folder, "status", "--lake", "lake", code=1, env=cut.through | {"SEINE_CATALOG": address + "&connect_timeout=2"})
    assert "does not answer" in said and len(said.splitlines()) == 1, said
    cut.proxy.resume()
    cut.proxy.stall(b"LOCK TABLE seine_writer")
    said = seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 2), code=1,
                 env=cut.through | {"SEINE_CATALOG": address + "&options=-cstatement_timeout%3D1000&connect_timeout=2"})
    assert "does not answer" in said and len(said.splitlines()) == 1, said
    cut.proxy.resume()
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 2), env=cut.through)
    equal(rows_of(folder, "SELECT count(*) AS n FROM silver.ais", cut.env), [{"n": 32}])


def test_ctrl_c_ends_a_wait_for_the_database(folder):
    cut = Cut(folder, "asked")
    for text in (None, b"LOCK TABLE seine_writer", b"seine_source"):
        cut.proxy.stall(text)
        process = start(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 2), env=cut.through,
                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert cut.proxy.is_waited_for.wait(PATIENCE_S), text
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE_S)[1]
        equal((process.returncode, len(said.splitlines())), (1, 1), said)
        assert "stopped while catalog" in said, said
        cut.proxy.resume()
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 2), env=cut.through)
    seine(folder, "verify", "--deep", "--lake", "lake", env=cut.env)


def test_a_server_that_is_killed_in_a_commit_has_the_old_state_or_the_new_one(folder):
    cut = Cut(folder, "crash")
    cut.ingest(None)
    total, outcomes, points = cut.proxy.count, set(), KILLS
    for number in range(1, points + 1):
        at, numbers, killing = number * (total - 3) // points, itertools.count(1), threading.Lock()

        def kill(last=at + (number % 2 == 0), numbers=numbers, killing=killing):
            """Message number at is the last one that the server gets, or the first one that it does not."""
            with killing:
                if next(numbers) == last:
                    stack.kill("postgres")
            return False

        cut.proxy.on_message = kill
        result = cut.run_ingest()
        cut.proxy.on_message = None
        with killing:  # the client may have ended before its server
            server()
        is_there = cut.look(at)
        assert result.returncode != 0 or is_there, f"message {at} of {total}: it said that all is well"
        assert len(result.stderr.splitlines()) <= 1, result.stderr
        outcomes.add(is_there)
        seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, cut.day), env=cut.env)
        seine(folder, "verify", "--deep", "--lake", "lake", env=cut.env)
    equal(outcomes, {False, True}, "outcomes")
    return f"{points} of {total} messages"


def test_a_server_that_is_stopped_loses_nothing_that_was_told(folder):
    _, env = make(folder, "killed", days=[1])
    stack.tool("stop", "postgres")
    refused(folder, 1, "onnection refused", "ingest", "--lake", "lake", write_day(folder, 2), env=env)
    server()
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, 2), env=env)
    equal(rows_of(folder, "SELECT count(*) AS n FROM silver.ais", env), [{"n": 32}])


def test_writers_at_once_wait_or_are_refused_and_lose_nothing(folder):
    _, env = make(folder, "busy")
    files = [write_day(folder, day) for day in range(1, 9)]

    def ingest(path):
        for _ in range(200):
            result = run(folder, "ingest", "--quiet", "--lake", "lake", path, env=env)
            if result.returncode == 0:
                return
            assert "is held by" in result.stderr, result.stderr
        raise AssertionError("never had a turn")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(ingest, files))
    equal(rows_of(folder, "SELECT count(*) AS n, count(DISTINCT (mmsi, ts)) AS once FROM silver.ais", env),
          [{"n": 128, "once": 128}])
    seine(folder, "verify", "--deep", "--lake", "lake", env=env)


# ---- bad input


def is_untouched(folder):
    return not (folder / "lake").exists()


def test_what_cannot_be_is_said_in_one_line_and_leaves_nothing(folder):
    address, env = server()
    port = address.rsplit(":", 1)[1].split("/")[0]
    psql("CREATE DATABASE alien")
    psql("CREATE TABLE iceberg_tables(n int)", "alien")
    cases = [
        (address.replace("iceberg_catalog", "alien"), env, 1, "iceberg_tables that is no Iceberg catalog's"),
        (address, {"PGPASSWORD": "wrong"}, 1, 'password authentication failed for user "lake"; give the password by PGPASSWORD'),
        (address, {}, 1, "PGPASSWORD"),
        (address.replace(port, "1"), env, 1, "onnection refused"),
        (address.replace("iceberg_catalog", "nowhere"), env, 1, 'database "nowhere" does not exist'),
        (address + "?sslmode=require", env, 1, "SSL"),
        ("mysql://x/y", env, 2, "postgresql://USER@HOST:PORT/DATABASE"),
        (named(address, "No-Name"), env, 2, "cannot be one"),
    ]
    for given, own, code, text in cases:
        result = run(folder, "init", "--catalog", given, "lake", env=own)
        said = result.stderr.strip()
        equal(result.returncode, code, f"{given}: {said}")
        assert text in said and len(said.splitlines()) == 1, f"{given}: {said}"
        assert is_untouched(folder), given
    equal(psql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'seine%'", "alien"), "0")


def test_every_command_says_in_one_line_what_is_wrong_with_the_database(folder):
    address, env = make(folder, "wrong", days=[1])
    port = address.rsplit(":", 1)[1].split("/")[0]
    cases = [(address, {"PGPASSWORD": "wrong"}, "password authentication failed"),
             (address.replace(port, "1"), env, "onnection refused"),
             (address.replace("iceberg_catalog", "nowhere"), env, 'database "nowhere" does not exist'),
             (address.replace("iceberg_catalog", "postgres"), env, "has no catalog wrong of Seine's"),
             (address.replace("127.0.0.1", "no-such-host.invalid"), env, "could not translate host name")]
    for given, own, text in cases:
        for words in (("status",), ("ingest", write_day(folder, 2)), ("serve", "--port", 0)):
            result = run(folder, *words, "--lake", "lake", env=own | {"SEINE_CATALOG": given})
            equal(result.returncode, 1, f"{words}: {result.stderr}")
            assert text in result.stderr and len(result.stderr.splitlines()) == 1, f"{words}: {result.stderr}"


def test_a_name_that_is_taken_is_refused_and_the_lake_that_has_it_is_named(folder):
    address, env = make(folder, "taken", days=[1])
    said = run(folder, "init", "--catalog", address, "other", env=env)
    equal(said.returncode, 1)
    assert f"has a lake taken already, in {folder}/lake" in said.stderr and len(said.stderr.splitlines()) == 1, said.stderr
    assert not (folder / "other").exists()
    again = seine(folder, "init", "--catalog", address, "lake", env=env)
    assert "Nothing to do" in again, again
    # Interrupted behind its commit: the next attempt completes it.
    (folder / "lake" / "catalog.url").unlink()
    assert "Nothing to do" in seine(folder, "init", "--catalog", address, "lake", env=env)
    seine(folder, "verify", "--deep", "--lake", "lake", env=env)


def test_other_formats_and_other_ledgers_are_refused(folder):
    address, env = make(folder, "formats", days=[1])
    psql("INSERT INTO seine_formats.seine_migration VALUES (99, 'x', 0)")
    refused(folder, 1, "newer version of Seine", "status", "--lake", "lake", env=env)
    psql("DELETE FROM seine_formats.seine_migration WHERE format = 99")
    seine(folder, "verify", "--lake", "lake", env=env)
    refused(folder, 1, "has no catalog elsewhere of Seine's", "status", "--lake", "lake",
            env=env | {"SEINE_CATALOG": address.replace("formats", "elsewhere")})
    psql("UPDATE seine_formats.seine_source SET rows = rows + 1")
    said = run(folder, "verify", "--lake", "lake", env=env)
    equal(said.returncode, 1)
    assert "the 1 rows of seine_source are not those that were written" in said.stdout + said.stderr, said


SINK = """-- model: gold.fast
-- grain: one vessel
-- inputs: silver.ais(all)
-- partition: none
-- sort: mmsi
-- sink: events
-- key: mmsi
-- column: mmsi string required | vessel id
-- column: fixes long required | so many
SELECT mmsi, count(*) AS fixes FROM silver.ais GROUP BY mmsi
"""


def test_a_lake_of_the_format_before_keeps_what_its_jobs_made(folder):
    """Once more is made only what has no parts: that of sinks."""
    _, env = make(folder, "before", days=[1])
    (folder / "lake" / "models").mkdir()
    (folder / "lake" / "models" / "fast.sql").write_text(SINK, encoding="utf-8")
    seine(folder, "refresh", "--quiet", "--lake", "lake", env=env)
    jobs = "SELECT job, key, fingerprint FROM seine_before.seine_job ORDER BY 1, 2"
    known = psql(jobs)
    assert "gold.fast" in known, known
    psql("ALTER TABLE seine_before.seine_job DROP COLUMN parts; DELETE FROM seine_before.seine_migration WHERE format >= 5")
    report = json.loads(seine(folder, "refresh", "--lake", "lake", "--json", env=env))
    equal([model["table"] for model in report["models"] if model["run"]], ["gold.fast"], "what was made once more")
    equal(psql(jobs), known, "jobs")
    equal(psql("SELECT job FROM seine_before.seine_job WHERE parts IS NOT NULL"), "gold.fast", "with parts")
    equal(psql("SELECT max(format) >= 5 FROM seine_before.seine_migration"), "t", "format")
    equal([row["cause"] for row in rows_of(folder, "SELECT DISTINCT cause FROM gold.fast_history", env)], ["model"], "causes")
    seine(folder, "verify", "--deep", "--lake", "lake", env=env)


def test_a_lake_may_move_and_its_copy_is_refused(folder):
    _, env = make(folder, "moved", days=[1])
    shutil.copytree(folder / "lake", folder / "copy")
    refused(folder, 2, "copy of the lake", "relocate", "copy", env=env)
    shutil.rmtree(folder / "copy")
    (folder / "lake").rename(folder / "there")
    seine(folder, "relocate", "there", env=env)
    seine(folder, "verify", "--deep", "--lake", "there", env=env)


if __name__ == "__main__":
    main(functions(globals()))
