#!/usr/bin/env python3
"""Whole programs whose threads meet, for the build with ThreadSanitizer (preset tsan): a race that it sees is told on
standard error, and changes the exit code. What the commands do is tested elsewhere. Prints TAP.

Environment: SEINE_BIN.
"""
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path[:0] = [f"{sys.path[0]}/../{folder}" for folder in (".", "serve", "fetch")]
from harness.live import following
from harness.program import equal, run, start, wait_for
from harness.server import serving
from harness.tap import main
from publisher import Publisher, cut, status
from small_lake import row, write_day

REPORT = "ThreadSanitizer"
DAYS = 3
LAKE = ("--lake", "lake")
FOUR = ("--threads", "4")
ASKED = ["/api/v1/vessels/current?limit=5", "/api/v1/vessels/555000555/track?tolerance_m={n}", "/api/v1/events?limit={n}",
         "/api/v1/events.parquet?limit={n}", "/api/v1/vessels?q={n}", "/api/v1/overview", "/api/v1/timeline", "/api/v1/tables",
         "/tiles/traffic/5/{n}/12", "/api/v1/pairs?limit={n}", "/metrics", "/"]


def clean(result, code, words):
    assert REPORT not in result.stderr, f"{words}: {result.stderr[:6000]}"
    equal(result.returncode, code, f"{words}: {result.stderr[-2000:]}")


def seine(folder, *words, code=0):
    """Runs the program; on a race, its report fails the test."""
    result = run(folder, *words)
    clean(result, code, words)
    return result.stdout


def stopped(folder, seconds, *words):
    """As seine, for a command that gets Ctrl-C after a while, when it may be done already."""
    process = start(folder, *words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=600)
    result = subprocess.CompletedProcess(words, process.returncode, "", errors)
    clean(result, 0 if process.returncode == 0 else 1, words)


def make_lake(folder):
    seine(folder, "generate", "ais", "--out", "days", "--days", DAYS, "--vessels", 40, "--interval", 900, "--start",
          "2025-01-01", "--style", "2025", *FOUR)
    seine(folder, "init", "--buckets", 4, "lake")


def lakes_are_filled_and_brought_up_to_date_by_threads(folder):
    make_lake(folder)
    stopped(folder, 0.5, "ingest", *LAKE, *FOUR, "--commit-rows", 1, "days")
    seine(folder, "ingest", *LAKE, *FOUR, "--commit-rows", 1, "days")
    seine(folder, "ref", "load", "ports", *LAKE)
    stopped(folder, 0.7, "refresh", *LAKE, *FOUR)
    seine(folder, "refresh", *LAKE, *FOUR)
    late = [row("555000555", f"2025-01-01T{hour:02}:10:00", 10.0, 20 + hour * 0.01) for hour in range(0, 24, 7)]
    seine(folder, "ingest", *LAKE, *FOUR, write_day(folder, "late.csv", late))
    seine(folder, "refresh", *LAKE, *FOUR)
    seine(folder, "verify", *LAKE, *FOUR)
    query = "SELECT ssvid: mmsi, timestamp: CAST(epoch(ts) AS BIGINT), lat, lon, receiver_type: 'x' FROM silver.ais_enriched"
    seine(folder, "sql", *LAKE, *FOUR, "-o", "messages.parquet", query)
    stopped(folder, 0.4, "sql", *LAKE, *FOUR, "SELECT count(*) FROM range(100000000000)")
    seine(folder, "detect", "gaps", "-i", "messages.parquet", "-o", "gaps.parquet")
    seine(folder, "export", "tracks", *LAKE, *FOUR, "--start", "2025-01-01", "--stop", "2025-01-02", "--mmsi", "555000555",
          "-o", "tracks.gpkg")
    seine(folder, "table", "expire", *LAKE)


def archives_are_fetched_by_several_at_once(folder):
    make_lake(folder)
    names = sorted(path.name for path in Path(folder, "days").glob("*.zst"))
    with Publisher() as publisher:
        for name in names:
            publisher.publish(name, Path(folder, "days", name).read_bytes(), etag="md5")
        publisher.fail("GET", names[0], cut(5000), status(503))
        fetch = ("noaa", *LAKE, "--from", "2025-01-01", "--to", f"2025-01-{DAYS:02}", "--base-url", publisher.url, "--jobs",
                 4, "--backoff", 0.01)
        stopped(folder, 0.3, "fetch", *fetch)
        seine(folder, "fetch", *fetch)
        seine(folder, "run", *fetch, *FOUR)
        seine(folder, "fetch", *fetch[:-4], "--jobs", 4, "--backoff", 0.01, "--dry-run")


def answers_are_given_while_others_commit(folder):
    make_lake(folder)
    seine(folder, "ingest", *LAKE, "days")
    seine(folder, "refresh", *LAKE)
    faults, answers, is_over, is_away = [], [0], threading.Event(), threading.Event()

    def ask(server, seed):
        chance = random.Random(seed)
        connection = server.connection()
        while not is_over.is_set():
            target, was_away = chance.choice(ASKED).format(n=chance.randint(1, 30)), is_away.is_set()
            found, _, body = server.ask(target, connection=connection)
            answers[0] += 1
            if found not in (200, 404) and not was_away and not is_away.is_set():
                faults.append((target, found, body[:300]))
        connection.close()

    with serving(folder, *FOUR, "--rate", 100000, "--cache-mib", 1, "--idle-timeout", 1, "--access-log", "log") as server:
        threads = [threading.Thread(target=ask, args=(server, seed)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for day in (4, 5):
            rows = [row("555000555", f"2025-01-{day:02}T{hour:02}:30:00", 10.0, 20 + hour * 0.01) for hour in range(24)]
            seine(folder, "ingest", *LAKE, write_day(folder, f"AIS_2025_01_{day:02}.csv", rows))
            seine(folder, "refresh", *LAKE)
        is_away.set()
        os.rename(f"{folder}/lake", f"{folder}/away")
        wait_for(lambda: server.ask("/health/ready")[0] == 503, "the watcher to see it")
        os.rename(f"{folder}/away", f"{folder}/lake")
        wait_for(lambda: server.ask("/health/ready")[0] == 200, "the lake to be found again")
        is_away.clear()
        seen = answers[0]
        wait_for(lambda: answers[0] > seen + len(threads), "answers of the lake that is back")
        is_over.set()
        for thread in threads:
            thread.join()
        last = [threading.Thread(target=ask_once, args=(server,)) for _ in range(4)]
        for thread in last:
            thread.start()
        server.stop()  # drains, with what is being answered
        for thread in last:
            thread.join()
        assert REPORT not in server.errors(), server.errors()[:6000]
    assert answers[0] > 20, f"only {answers[0]} answers"
    equal(faults, [], "failed answers")


def live_is_followed_while_others_commit_and_clients_come_and_go(folder):
    make_lake(folder)
    seine(folder, "ingest", *LAKE, "days")
    is_over, faults = threading.Event(), []

    def come_and_go(server, seed):
        chance, last = random.Random(seed), ""
        while not is_over.is_set():
            with following(server, chance.choice(["", "?bbox=-180,-90,0,90", "?ids=555000555"]), Last_Event_ID=last) as stream:
                name, _ = stream.rows()
                if chance.random() < 0.5:  # others never read to their end
                    last = stream.last_id or last
                if not last and name != "reset":
                    faults.append(name)

    with serving(folder, *FOUR, "--rate", 100000) as server, following(server) as stays:
        threads = [threading.Thread(target=come_and_go, args=(server, seed), daemon=True) for seed in range(4)]
        stays.rows()
        for thread in threads:
            thread.start()
        for minute in range(10):
            rows = [row("555000555", f"2025-01-04T00:{minute:02}:00", 10.0, -20 + minute * 0.01)]
            seine(folder, "ingest", *LAKE, write_day(folder, f"live{minute}.csv", rows))
            equal(stays.rows()[1]["555000555"]["timestamp"], f"2025-01-04T00:{minute:02}:00Z", "told")
        is_over.set()
        write_day(folder, "last.csv", [row("555000555", "2025-01-04T01:00:00", 10.0, -20)])
        seine(folder, "ingest", *LAKE, "last.csv")  # who waits for something to happen
        for thread in threads:
            thread.join()
        server.stop()  # with one who follows
        assert REPORT not in server.errors(), server.errors()[:6000]
    equal(faults, [], "a stream that nobody can go on from")


def ask_once(server):
    try:
        server.ask("/api/v1/events.csv?min_hours=1")
    except OSError:
        pass  # it was going down already


if __name__ == "__main__":
    main([lakes_are_filled_and_brought_up_to_date_by_threads, archives_are_fetched_by_several_at_once,
          answers_are_given_while_others_commit, live_is_followed_while_others_commit_and_clients_come_and_go])
