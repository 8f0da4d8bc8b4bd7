#!/usr/bin/env python3
"""Load while days are committed: no failed answer, and memory that stops growing."""
import os
import random
import sys
import threading
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL, SHARED, equal, seine, sql
from harness.server import serving
from harness.tap import Skip, main
from small_lake import make_lake, row, write_day

TARGETS = ["/api/v1/vessels/current?limit=5", "/api/v1/vessels/222000222/history?days={n}", "/api/v1/vessels/555000555/track?tolerance_m={n}",
           "/api/v1/events?limit={n}", "/api/v1/events.csv?min_hours={n}", "/api/v1/vessels?q={n}", "/api/v1/overview", "/api/v1/timeline",
           "/api/v1/tables", "/tiles/traffic/5/{n}/12", "/tiles/gaps/2/1/1", "/api/v1/pairs?limit={n}", "/api/v1/events.parquet?limit={n}"]
COMMITS = 12


def resident_mib(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


def load_while_commits_come_fails_nothing(folder):
    make_lake(folder)
    faults, answers, stop = [], [0], threading.Event()

    def ask(server, seed):
        chance = random.Random(seed)
        connection = server.connection()
        while not stop.is_set():
            target = chance.choice(TARGETS).format(n=chance.randint(1, 30))
            status, _, body = server.ask(target, connection=connection)
            answers[0] += 1
            if status != 200:
                faults.append((target, status, body[:300]))
                return
        connection.close()

    with serving(folder, "--rate", "0", "--cache-mib", "1") as server:
        threads = [threading.Thread(target=ask, args=(server, seed)) for seed in range(4)]
        for thread in threads:
            thread.start()
        sizes = []
        for day in range(COMMITS):
            rows = [row("555000555", f"2025-01-{day + 4:02d}T{k // 2:02d}:{k % 2 * 30:02d}:00", 10.0, 20 + k * 0.01) for k in range(48)]
            seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, f"AIS_2025_01_{day + 4:02d}.csv", rows))
            if day % 3 == 2:
                seine(folder, "refresh", "--quiet", "--lake", "lake")
            sizes.append(resident_mib(server.process.pid))
        stop.set()
        for thread in threads:
            thread.join()
        equal(faults, [], "failed answers")
        assert answers[0] > 50, f"only {answers[0]} answers"
        # A sanitizer keeps freed memory, so the sizes say nothing there.
        if os.environ.get("SEINE_SANITIZED") != "1":
            assert sizes[-1] < sizes[COMMITS // 2] * 1.3 + 40, f"memory in MiB after each commit: {sizes}"


def real_days_agree_with_sql(folder):
    files = sorted((SHARED / "data" / "noaa_days").glob("*2018*"))[:None if FULL else 2]
    if not files:
        raise Skip("the days of NOAA are not here")
    seine(folder, "init", "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", *files)
    seine(folder, "ref", "load", "ports", "--quiet", "--lake", "lake")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    with serving(folder, "--rate", "0") as server:
        (total,) = sql(folder, "SELECT count(*) AS n, count(DISTINCT mmsi) AS vessels FROM silver.ais")
        found = server.json("/api/v1/overview")
        equal((found["fixes"], found["vessels"]), (total["n"], total["vessels"]), "totals")
        equal(sum(server.json("/api/v1/timeline")["counts"]), total["n"], "timeline")
        (ships,) = sql(folder, "SELECT count(DISTINCT (mmsi, ship_no)) AS n FROM silver.ais_segments WHERE ship_no IS NOT NULL")
        equal(server.json("/api/v1/vessels/current?limit=50000")["count"], ships["n"], "one row per ship")
        gaps = sql(folder, "SELECT count(*) AS n FROM events.ais_gaps")[0]["n"]
        seen, target = set(), "/api/v1/events?limit=100"
        while target:
            page = server.json(target)
            seen |= {one["event_id"] for one in page["data"]}
            target = page["next"]
        equal(len(seen), gaps, "events of all pages")
        counts = {row["mmsi"]: (row["n"], row["drawn"]) for row in
                  sql(folder, "SELECT mmsi, count(*) AS n, count(ship_no) AS drawn FROM silver.ais_segments GROUP BY mmsi")}
        for vessel in server.json("/api/v1/vessels?limit=20")["data"]:
            track = server.json(f"/api/v1/vessels/{vessel['mmsi']}/track")
            equal((vessel["fixes"], track["points_total"]), counts[vessel["mmsi"]], f"fixes, and those of a ship, {vessel['mmsi']}")


if __name__ == "__main__":
    main([load_while_commits_come_fails_nothing, real_days_agree_with_sql])
