"""A lake of which nothing lies in a folder: its objects in a bucket, its catalog in PostgreSQL. The same rows as in a folder;
whenever the program is killed, the lake has the state of before or the one of after."""
import contextlib
import json
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from catalogs_test import Cut, live, named, server, write_day
from harness.bucket import BUCKET, Bucket, access
from harness.program import FULL, equal, run, seine, start
from harness.proxy import Proxy
from harness.tap import functions, main

MOMENTS = 20 if FULL else 5  # in which the program is killed


class Far:
    """A lake in a bucket, with its catalog behind a proxy; both count what the program sends."""

    def __init__(self, folder, name):
        self.folder, self.lake, self.bucket = folder, f"s3://{BUCKET}/seas/{name}", Bucket()
        address, env = server()
        (folder / "cache").mkdir()
        self.env = env | access(self.bucket.endpoint) | {"XDG_CACHE_HOME": str(folder / "cache")}
        port = int(address.rsplit(":", 1)[1].split("/")[0])
        self.proxy = Proxy(port)
        self.through = self.env | {"SEINE_CATALOG": address.replace(f":{port}/", f":{self.proxy.port}/")}
        self.seine("init", "--buckets", 2, "--catalog", named(address, name), self.lake)

    def seine(self, *words):
        lake = () if words[0] == "init" else ("--lake", self.lake)
        return seine(self.folder, *words, *lake, env=self.env)

    def rows(self, query):
        return json.loads(self.seine("sql", "--format", "json", query))

    def watch(self, look):
        """Calls look(server) for each request and each message; it says whether the server gets it."""
        self.bucket.fault = lambda *_: None if look("bucket") else "drop"
        self.proxy.on_message = lambda: not look("database")

    @contextlib.contextmanager
    def watched(self, look):
        self.watch(look)
        yield
        self.bucket.fault = self.proxy.on_message = None


class Killer:
    """Kills the program at what it sends as number at, before a server gets that or as it gets it."""

    def __init__(self, at, is_heard):
        self.at, self.is_heard, self.seen, self.lock = at, is_heard, 0, threading.Lock()
        self.process, self.has_process = None, threading.Event()

    def aim(self, process):
        self.process = process
        self.has_process.set()

    def look(self, _):
        with self.lock:
            self.seen += 1
            if self.seen < self.at:
                return True
            self.has_process.wait()
            self.process.kill()
            return self.is_heard and self.seen == self.at


def test_all_tables_are_those_of_a_folder(folder):
    ours, theirs = folder / "bucket" / "x", folder / "folder" / "x"
    ours.mkdir(parents=True)
    theirs.mkdir(parents=True)
    far = Far(ours, "same")
    seine(theirs, "init", "--buckets", 2, "lake")
    found, expected = live(ours, far.env, far.lake), live(theirs, {})
    equal(sorted(found), sorted(expected), "tables")
    for name, rows in expected.items():
        equal(found[name].replace("/bucket/", "/folder/"), rows, name)
    equal(sorted(path.name for path in ours.iterdir() if path.suffix != ".csv"), ["cache"], "what lies in the folder")


def test_the_program_may_be_killed_at_all_that_it_sends(folder):
    far, sent = Far(folder, "killed"), []
    with far.watched(lambda server: sent.append(server) or True):
        run(folder, "ingest", "--quiet", "--lake", far.lake, write_day(folder, 1), env=far.through)
    equal(set(sent), {"bucket", "database"}, "who was asked")
    outcomes = set()
    for number in range(MOMENTS):
        at, day = 1 + number * len(sent) // MOMENTS, number + 2
        killer = Killer(at, number % 2 == 1)
        with far.watched(killer.look):
            process = start(folder, "ingest", "--quiet", "--lake", far.lake, write_day(folder, day), env=far.through,
                            stdout=-3, stderr=-3)
            killer.aim(process)
            code = process.wait()
            # Beats of a lease go by the clock, so that the first run may have sent a little more.
            assert code == -9 or code == 0 and at > len(sent) * 9 // 10, f"at {at} of {len(sent)}: {code}"
        query = f"SELECT count(*) AS n FROM silver.ais WHERE ts::DATE = '2020-03-{day:02}'"
        (rows,), listed = far.rows(query), json.loads(far.seine("source", "ls", "--json"))
        is_there = any(f"_{day:02}.csv" in row["name"] for row in listed)
        equal(rows["n"], 16 if is_there else 0, f"rows, killed at {at} of {len(sent)}")
        outcomes.add(is_there)
        far.seine("ingest", "--quiet", write_day(folder, day))
        equal(far.rows(query), [{"n": 16}], f"rows after a repetition, killed at {at}")
        far.seine("verify")
    far.seine("verify", "--deep")
    far.seine("table", "orphans", "--remove", "--older-than", 0)
    far.seine("verify", "--deep")
    return f"{MOMENTS} of {len(sent)}, {'new and old' if len(outcomes) == 2 else outcomes} states"


if __name__ == "__main__":
    main(functions(globals()))
