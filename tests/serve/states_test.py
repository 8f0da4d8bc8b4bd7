#!/usr/bin/env python3
"""States of the lake as the server shows them: ETags, time travel, commits while it runs, tables that are not there yet."""
import contextlib
import json
import sqlite3
import sys
import tarfile
import threading
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.bucket import BUCKET, Bucket, access
from harness.fishing import run_of
from harness.program import ROOT, equal, seine, sql, write_csv
from harness.server import serving
from harness.tap import Skip, main
from small_lake import make_lake, row, write_day

LATER = "2026-02-01T00:00:00Z"


def next_day(folder, day, count=48, mmsi="555000555"):
    rows = [row(mmsi, f"2025-01-{day:02d}T{k // 2:02d}:{k % 2 * 30:02d}:00", 10.0, 20 + k * 0.01, 5.0, "NEWCOMER") for k in range(count)]
    return write_day(folder, f"AIS_2025_01_{day:02d}.csv", rows)


def an_answer_that_did_not_change_is_304(folder):
    make_lake(folder)
    with serving(folder) as server:
        for target in ("/api/v1/vessels/current?limit=2", "/api/v1/events.csv", "/api/v1/tables", "/api/v1/vessels/222000222/track"):
            _, headers, _ = server.ask(target)
            tag = headers["etag"]
            assert tag.startswith('"') and not tag.startswith("W/"), f"{tag} is not strong"
            for header in (tag, f'"other", {tag}', f"W/{tag}", "*"):
                status, again, body = server.ask(target, If_None_Match=header)
                equal((status, body), (304, b""), f"{target} {header}")
            equal(again["etag"], tag, "etag of 304")
            equal(server.ask(target, If_None_Match='"other"')[0], 200, "another tag")
        one = server.ask("/api/v1/events")[1]["etag"]
        assert one != server.ask("/api/v1/events?limit=3")[1]["etag"], "parameters are part of the tag"
        assert one != server.ask("/api/v1/events.csv")[1]["etag"], "and so is the format"


def a_commit_is_seen_by_the_next_request(folder):
    """Of silver at once, which tracks of a lake that goes by mover read; what is derived after a refresh, so tracks of ships, too."""
    make_lake(folder)
    with serving(folder) as server:
        seine(folder, "ingest", "--quiet", "--lake", "lake", next_day(folder, 4), now=LATER)
        equal(server.json("/api/v1/vessels/555000555/track")["points_total"], 0, "by segment, before a refresh")
        seine(folder, "refresh", "--quiet", "--lake", "lake", now=LATER)
        equal(server.json("/api/v1/vessels/555000555/track")["points_total"], 48, "by segment, after it")
    seine(folder, "source", "rm", "--lake", "lake", "AIS_2025_01_04.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake", "--by", "mover")
    with serving(folder) as server:
        target, events = "/api/v1/vessels/555000555/track", "/api/v1/events"
        before = server.ask(target)
        equal(json.loads(before[2])["points_total"], 0, "not there")
        tag_of_events = server.ask(events)[1]["etag"]
        equal(server.ask(target, If_None_Match=before[1]["etag"])[0], 304, "the same so far")
        seine(folder, "ingest", "--quiet", "--lake", "lake", next_day(folder, 4), now=LATER)
        after = server.ask(target, If_None_Match=before[1]["etag"])
        equal((after[0], json.loads(after[2])["points_total"]), (200, 48), "seen at once")
        equal(server.ask(events)[1]["etag"] == tag_of_events, False, "the watermark moved, so open events may last longer")
        equal(server.json("/api/v1/vessels/current")["count"], 4, "gold is as it was before refresh")
        seine(folder, "refresh", "--quiet", "--lake", "lake", now=LATER)
        found = server.json("/api/v1/vessels/current")
        equal((found["count"], found["cached"], found["data"][0]["mmsi"]), (5, False, "555000555"), "and new after it")


def the_past_is_told_by_snapshot_and_by_time(folder):
    make_lake(folder)
    with serving(folder, now=LATER) as server:
        snapshot = server.json("/api/v1/tables/gold.ais_last_state")["snapshot_id"]
        committed = server.json("/api/v1/tables/gold.ais_last_state")["committed_at"]
        before = server.json("/api/v1/vessels/current")["data"]
        seine(folder, "ingest", "--quiet", "--lake", "lake", next_day(folder, 4), now=LATER)
        seine(folder, "refresh", "--quiet", "--lake", "lake", now=LATER)
        status, headers, body = server.ask(f"/api/v1/vessels/current?as_of={snapshot}")
        equal(json.loads(body)["data"], before, "by snapshot")
        assert "immutable" in headers["cache-control"], headers
        status, again, _ = server.ask(f"/api/v1/vessels/current?as_of={snapshot}", If_None_Match=headers["etag"])
        equal((status, again["etag"]), (304, headers["etag"]), "304 of the past")
        status, headers, body = server.ask(f"/api/v1/vessels/current?as_of={committed.replace('.000000', '')}".replace("Z", ".999Z"))
        equal(json.loads(body)["data"], before, "by time")
        assert "immutable" not in headers["cache-control"], headers
        equal(server.json(f"/api/v1/vessels/222000222/history?days=0&as_of={snapshot}")["count"], 48, "days count back from then")
        found = server.json(f"/api/v1/overview?as_of={snapshot}")
        equal((found["fixes"], sum(one["count"] for one in found["speeds"])), (488, 488), "rows of then")
        equal(found["sources"], None, "the ledger does not tell the sources of then")
        equal(server.json("/api/v1/overview")["sources"]["count"], 4, "but those of now")
        equal(len(server.json(f"/api/v1/timeline?as_of={snapshot}")["counts"]), 72, "hours of then")
        equal(server.json("/api/v1/vessels/current?as_of=2030-01-01T00:00:00Z")["count"], 5, "a time to come is now")
        error = server.json("/api/v1/vessels/current?as_of=2000-01-01T00:00:00Z", status=404)["error"]
        assert "of that time" in error["message"], error
        server.json("/api/v1/vessels/current?as_of=12345", status=404)


def tables_that_are_not_there_name_the_command(folder):
    seine(folder, "init", "lake")
    reading = ("vessels/current", "vessels", "vessels/1", "statistics/daily", "events", "pairs", "timeline", "vessels/1/history", "tracks?mmsi=1",
               "vessels/1/companions", "tracks/top", "vessels/1/track")
    with serving(folder, lake=f"{folder}/lake") as server:
        for target in reading:
            error = server.json(f"/api/v1/{target}", status=404)["error"]
            equal(error["message"], "the lake has no data yet", target)
            assert "seine ingest" in error["hint"] and "seine refresh" in error["hint"], f"{target}: {error}"
            assert str(folder) not in json.dumps(error), f"{target}: a path of the machine: {error}"
        error = server.json("/api/v1/ports", status=404)["error"]
        assert "seine ref load ports" in error["hint"] and str(folder) not in json.dumps(error), error
        found = server.json("/api/v1/overview")
        equal((found["watermark"], found["fixes"], found["days"]), (None, None, []), "an empty lake has an overview")
        seine(folder, "ingest", "--quiet", "--lake", "lake", next_day(folder, 1))
        equal(server.json("/api/v1/vessels/555000555/history")["count"], 48, "positions without ports are better than none")
        error = server.json("/api/v1/events", status=404)["error"]
        equal((error["message"], "seine refresh" in error["hint"]), ("the lake has no events.ais_gaps yet", True), "what is missing now")
        seine(folder, "refresh", "--quiet", "--lake", "lake")
        equal(server.json("/api/v1/events")["data"], [], "made, and empty")
        equal(server.json("/api/v1/vessels/555000555/companions")["companions"], [], "made, and empty")


def tables_of_an_earlier_release_name_the_command(folder):
    with tarfile.open(ROOT / "tests" / "data" / "lakes" / "format_1.tar.xz") as tar:
        tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    seine(folder, "relocate", "lake")
    (vessel,) = sql(folder, "SELECT min(mmsi) AS mmsi FROM silver.ais")
    renamed = ("timeline", "statistics/daily", "vessels?q=", f"vessels/{vessel['mmsi']}", f"vessels/{vessel['mmsi']}/companions")
    with serving(folder, "--rate", "0") as server:
        for target in renamed:
            error = server.json(f"/api/v1/{target}", status=404)["error"]
            assert "earlier release" in error["message"] and "seine refresh" in error["hint"], f"{target}: {error}"
        for target in ("vessels/current", "pairs", "events", "overview", f"vessels/{vessel['mmsi']}/days", "tracks/top"):
            equal(server.ask(f"/api/v1/{target}")[0], 200, target)
        seine(folder, "refresh", "--quiet", "--lake", "lake")
        for target in renamed:
            equal(server.ask(f"/api/v1/{target}")[0], 200, f"{target} after refresh")


def a_table_that_cannot_be_read_is_named_and_harms_no_other(folder):
    make_lake(folder)
    with contextlib.closing(sqlite3.connect(Path(folder, "lake/catalog.db"))) as catalog, catalog:
        catalog.execute("UPDATE iceberg_tables SET metadata_location = replace(metadata_location, '/metadata/', '/metadata/no') "
                        "WHERE table_namespace = 'silver' AND table_name = 'ais'")
    with serving(folder) as server:
        error = server.json("/api/v1/tracks?mmsi=1", status=503)["error"]
        equal(error["message"], "silver.ais cannot be read", error)
        assert server.json("/api/v1/vessels/current")["data"], "other tables"


def an_answer_is_of_one_state_never_of_two(folder):
    """Two servers, many requests, commits in between: a track and its vessel's count always fit together."""
    make_lake(folder, refresh=False, ports=False)
    days = 6
    valid = {k * 48 for k in range(days + 1)}
    faults, seen, stop = [], [set(), set()], threading.Event()

    def ask(server, found):
        connection = server.connection()
        while not stop.is_set():
            status, _, body = server.ask("/api/v1/tracks?mmsi=555000555,666000666&start=2025-01-01T00:00:00Z&end=2026-01-01T00:00:00Z",
                                         connection=connection)
            if status != 200:
                faults.append((status, body[:300]))
                return
            counts = sorted(one["points_total"] for one in json.loads(body)["tracks"])
            # Both vessels come with the same day's commit, so a state has as many positions of the one as of the other.
            if counts and (len(counts) != 2 or counts[0] != counts[1] or counts[0] not in valid):
                faults.append(counts)
                return
            found.add(counts[0] if counts else 0)
        connection.close()

    with serving(folder, "--rate", "0") as one, serving(folder, "--rate", "0", "--threads", "1") as two:
        threads = [threading.Thread(target=ask, args=(server, seen[k % 2])) for k, server in enumerate((one, two, one, two))]
        for thread in threads:
            thread.start()
        for day in range(days):
            rows = [row(mmsi, f"2025-01-{day + 4:02d}T{k // 2:02d}:{k % 2 * 30:02d}:00", 10.0, 20.0) for k in range(48)
                    for mmsi in ("555000555", "666000666")]
            seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, f"AIS_2025_01_{day + 4:02d}.csv", rows))
        stop.set()
        for thread in threads:
            thread.join()
        equal(faults, [], "mixed or failed answers")
        for server in (one, two):
            found = server.json("/api/v1/tracks?mmsi=555000555&start=2025-01-01T00:00:00Z")["tracks"]
            equal(found[0]["points_total"], days * 48, "the last state")
    assert all(seen), "nobody asked"


def expired_snapshots_are_no_failure(folder):
    make_lake(folder, refresh=False, ports=False)
    with serving(folder) as server:
        equal(server.json("/api/v1/vessels/222000222/track")["points_total"], 144, "before")
        seine(folder, "source", "rm", "--lake", "lake", "AIS_2025_01_02.csv", now=LATER)
        seine(folder, "table", "expire", "--lake", "lake", "--keep", "1", "--older-than", "0", "silver.ais", now="2027-01-01T00:00:00Z")
        equal(server.json("/api/v1/vessels/222000222/track")["points_total"], 96, "after")


def a_past_that_was_forgotten_is_not_found(folder):
    make_lake(folder, refresh=False, ports=False)
    with serving(folder, "--rate", "0") as server:
        snapshot = server.json("/api/v1/tables/silver.ais")["snapshot_id"]
        seine(folder, "source", "rm", "--lake", "lake", "AIS_2025_01_02.csv", now=LATER)
        track = "/api/v1/vessels/222000222/track?start=2025-01-01T00:00:00Z&as_of="
        moments = ("2026-01-20T00:00:00Z", str(snapshot))
        for moment in moments:
            equal(server.json(track + moment)["points_total"], 144, f"as of {moment}")
        seine(folder, "table", "expire", "--lake", "lake", "--keep", "1", "--older-than", "0", "silver.ais", now="2027-01-01T00:00:00Z")
        for moment, text in zip(moments, ("the lake has no silver.ais of that time", f"no table has the snapshot {snapshot}")):
            for target in (track, track.replace("01-01", "01-02")):  # one that was answered before, and one that was not
                error = server.json(target + moment, status=404)["error"]
                assert text in error["message"] and str(folder) not in json.dumps(error), error
        equal(server.json("/api/v1/vessels/222000222/track")["points_total"], 96, "the present")


def a_past_that_goes_while_it_is_read_is_not_found(folder):
    """The first file that is read of it waits until its snapshots are expired."""
    with Bucket() as bucket:
        env, lake = access(bucket.endpoint) | {"SEINE_CACHE_SIZE": "0"}, f"s3://{BUCKET}/lake"
        seine(folder, "init", lake, "--catalog", f"{folder}/catalog.db", env=env)
        seine(folder, "ingest", "--quiet", "--lake", lake, next_day(folder, 1), next_day(folder, 2), env=env)
        for name in ("LA", "SU"):
            Path(folder, f"{name}.csv").write_text(f"id,name,lat,lon,country\n{name},A port,1,1,US\n", encoding="utf-8")
        seine(folder, "ref", "load", "ports", "--quiet", "--lake", lake, "LA.csv", env=env)

        def expire():
            bucket.fault = None
            seine(folder, "table", "expire", "--lake", lake, "--keep", "1", "--older-than", "0", now="2026-03-01T00:00:00Z", env=env)
        with serving(folder, "--rate", "0", lake=lake, env=env) as server:
            snapshot, time = server.json("/api/v1/tables/ref.ports")["snapshot_id"], "2026-01-20T00:00:00Z"
            # by our own reader and a time, by the engine and a snapshot
            for target, moment, text, *words in (
                    ("vessels/555000555/track", time, "the lake has no silver.ais of that time", "source", "rm", "AIS_2025_01_02.csv"),
                    ("ports", snapshot, f"as_of: no table has the snapshot {snapshot} (expired?)", "ref", "load", "ports", "--quiet", "SU.csv")):
                seine(folder, *words, "--lake", lake, now=LATER, env=env)
                bucket.fault = lambda method, key, _: expire if method == "GET" and key.endswith(".parquet") else None
                error = server.json(f"/api/v1/{target}?as_of={moment}", status=404)["error"]
                equal((bucket.fault, error["message"]), (None, text), target)
                equal(server.ask(f"/api/v1/{target}")[0], 200, "the present")


def a_tile_that_was_cut_says_so(folder):
    rows = [row(300000000 + k, "2025-01-01T10:00:00", round(33 + k % 100 * 0.001, 5), round(-118.5 + k // 100 * 0.0005, 5)) for k in range(10050)]
    make_lake(folder, {"AIS_2025_01_01.csv": rows}, ports=False)
    with serving(folder, "--rate", "0") as server:
        for target, cut in (("/tiles/traffic/9/87/206", "10000"), ("/tiles/traffic/0/0/0", None), ("/tiles/traffic/14/2798/6598", None)):
            for _ in range(2):  # made, and from memory
                status, headers, body = server.ask(target)
                equal((status, headers.get("seine-cut")), (200, cut), target)
            assert body, target
        tile = server.json("/openapi.json")["paths"]["/tiles/{layer}/{z}/{x}/{y}"]["get"]["responses"]["200"]
        assert "Seine-Cut" in tile["headers"], tile


def what_is_immutable_stays_after_every_commit(folder):
    """Byte for byte; and what may change says that it has to be asked for."""
    make_lake(folder)
    with serving(folder, "--rate", "0", now=LATER) as server:
        tables = {one["name"]: one["snapshot_id"] for one in server.json("/api/v1/tables")["tables"] if one["snapshot_id"]}
        targets = [path.replace("{mmsi}", "222000222").replace("{name}", "silver.ais").replace("/{layer}/{z}/{x}/{y}", "/traffic/0/0/0")
                   for path, item in server.json("/openapi.json")["paths"].items() if any(one["name"] == "as_of" for one in item.get("get", {}).get("parameters", []))]
        targets = [target + ("?mmsi=222000222" if target == "/api/v1/tracks" else "?") for target in targets]

        def immutable():
            answers = {f"{target}&as_of={snapshot}": server.ask(f"{target}&as_of={snapshot}") for target in targets for snapshot in tables.values()}
            return {target: body for target, (status, headers, body) in answers.items() if "immutable" in headers.get("cache-control", "")}

        def told(answers):  # whether it came from the cache is of the answer's way, not of its content
            return {target: body.replace(b'"cached":true', b'"cached":false') for target, body in answers.items()}
        before = immutable()
        kinds = {target.split("?")[0] for target in before}
        assert "/api/v1/vessels/current" in kinds and "/api/v1/overview" not in kinds and "/api/v1/tables" not in kinds, kinds
        seine(folder, "ingest", "--quiet", "--lake", "lake", next_day(folder, 4), now=LATER)
        equal(told(immutable()), told(before), "after an ingest")
        seine(folder, "refresh", "--quiet", "--lake", "lake", now=LATER)
        Path(folder, "more.csv").write_text("id,name,lat,lon,country\nXX,Elsewhere,1,1,US\n", encoding="utf-8")
        seine(folder, "ref", "load", "ports", "--quiet", "--lake", "lake", "more.csv", now=LATER)
        equal(told(immutable()), told(before), "after a refresh and other ports")


def another_lake_at_the_path_is_noticed(folder):
    make_lake(folder)
    Path(folder, "other").mkdir()
    make_lake(Path(folder, "other"), {"AIS_2025_01_01.csv": [row("555000555", "2025-01-01T00:00:00", 1, 1)]}, ports=False)
    with serving(folder, "--rate", "0", lake=f"{folder}/lake") as server:
        equal(server.json("/api/v1/vessels/current")["count"], 4, "the first lake")
        Path(folder, "lake").rename(Path(folder, "away"))
        while server.ask("/health/ready")[0] == 200:
            pass
        for target in ("/health/ready", "/api/v1/vessels/current", "/api/v1/vessels/222000222/track", "/api/v1/tables?as_of=2025-01-01T00:00:00Z"):
            error = server.json(target, status=503)["error"]
            assert "was moved" in error["message"] and str(folder) not in json.dumps(error), f"{target}: {error}"
        Path(folder, "other", "lake").rename(Path(folder, "lake"))  # its paths are still those of the other place
        for _ in range(20):
            equal(server.ask("/api/v1/vessels/current")[0], 503, "a lake that was moved and not told so")
        seine(folder, "relocate", "lake")
        while server.ask("/health/ready")[0] != 200:
            pass
        equal([one["mmsi"] for one in server.json("/api/v1/vessels/current")["data"]], ["555000555"], "the lake that is there now")
        equal(server.json("/api/v1/vessels/222000222/track")["points_total"], 0, "and nothing of the former one")


def a_table_that_cannot_be_read_harms_only_its_routes(folder):
    make_lake(folder)
    newest = {}
    for table in ("gold.ais_pairs_daily", "events.ais_gaps"):
        (newest[table],) = [Path(folder, "lake", *table.split("."), "metadata", name) for name in
                            [Path(folder, "lake", *table.split("."), "metadata", "version-hint.text").read_text(encoding="utf-8") + ".metadata.json"]]
    kept = {table: path.read_bytes() for table, path in newest.items()}
    for path in newest.values():
        path.write_bytes(b"nothing that can be read")
    with serving(folder, "--rate", "0") as server:
        for target in ("/api/v1/vessels/current", "/api/v1/vessels/222000222/history", "/api/v1/tables", "/api/v1/vessels/444000444", "/api/v1/overview",
                       "/tiles/traffic/0/0/0", "/health/ready"):
            equal(server.ask(target)[0], 200, target)
        for target, table in (("/api/v1/pairs", "gold.ais_pairs_daily"), ("/api/v1/events", "events.ais_gaps"), ("/tiles/gaps/0/0/0", "events.ais_gaps")):
            error = server.json(target, status=503)["error"]
            equal((error["message"], "seine verify" in error["hint"]), (f"{table} cannot be read", True), target)
            assert str(folder) not in json.dumps(error), error
        for table, path in newest.items():
            path.write_bytes(kept[table])


# Sort keys that are hard to put into text: without a shortest form, not a number, nothing at all, and many times the same.
HARD = (0.1, 0.1, 1 / 3, 0.1 + 0.2, 0.3, 5e-324, 1e-17, 0.0, -0.0, float("nan"), float("nan"), None, None, 1.0, 0.12345678901234567)
HARD_TEXTS = ("", "", "a", "a", "\u00e9", "a\u0000b", "a\u0000", "'", "%", None, None, "x" * 2000, "x" * 2000 + "y")


def with_hard_keys(folder, table, column, values):
    """The table's files with these values in a column, over and over."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise Skip("pyarrow is not installed") from error
    for path in sorted(Path(folder, "lake", *table.split("."), "data").rglob("*.parquet")):
        rows = pq.ParquetFile(path).read()
        at = rows.schema.get_field_index(column)
        field = rows.schema.field(at)
        made = pa.array([values[k % len(values)] for k in range(rows.num_rows)], field.type, from_pandas=False)
        pq.write_table(rows.set_column(at, field.with_nullable(True), made), path)


def lake_of_ties(folder):
    vessels = [f"{k}00{k}00".rjust(9, "1") for k in range(1, 8)]
    days = {f"AIS_2025_01_0{day}.csv": [row(mmsi, f"2025-01-0{day}T{hour:02d}:00:00", 33 + (day * 24 + hour) * 0.01, -118.5, 12.5, f"V{k}",
                                            ("30", "52", "60", "70")[k % 4]) for hour in range(24) for k, mmsi in enumerate(vessels) if k < 6 or hour in (0, 23)]
            for day in (1, 2)}
    make_lake(folder, days, refresh=False, ports=False)
    Path(folder, "ports.csv").write_text("id,name,lat,lon,country\n" + "".join(f"P{k},Port,{k},{k},US\n" for k in range(40)), encoding="utf-8")
    seine(folder, "ref", "load", "ports", "--quiet", "--lake", "lake", "ports.csv")
    Path(folder, "calls.jsonl").write_text("".join(  # several at one moment
        json.dumps({"event_id": f"E{k}", "timestamp": f"2025-01-01T{k // 5:02d}:00:00", "mmsi": vessels[k % 3], "event_type": "PORT_ENTRY"}) + "\n"
        for k in range(20)), encoding="utf-8")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "port_events", "calls.jsonl")
    write_csv(folder / "scored.csv", [one for k in range(8) for one in run_of(vessels[k % 4], f"2025-01-0{1 + k // 4}T00:00:00", lat=k)])
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "ais_scored", "scored.csv")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    for table, column, values in (("gold.ais_pairs_daily", "gtj", HARD), ("gold.ais_companions", "score", HARD), ("ref.ports", "port_name", HARD_TEXTS),
                                  ("gold.ais_vessels", "fixes", (3, 3, 9007199254740993, 9007199254740992)),
                                  ("gold.ais_daily_statistics", "vessel_type", ("", None, "a", "b"))):
        with_hard_keys(folder, table, column, values)
    return vessels[0]


def every_list_gives_each_row_once_whatever_the_limit(folder):
    mmsi = lake_of_ties(folder)
    with serving(folder, "--rate", "0") as server:
        lists = {}
        for path, item in server.json("/openapi.json")["paths"].items():
            (operation,) = item.values()
            content = operation["responses"].get("200", {}).get("content", {})
            names = {one["name"] for one in operation["parameters"]}
            schema = content.get("application/json", {}).get("schema", {}).get("properties", {})
            equal("cursor" in names, "next" in schema, f"{path}: pages are promised where they are, and only there")
            if "cursor" in names:
                (rows,) = [name for name, one in schema.items() if one.get("type") == "array" and "items" in one]
                asked = path.replace("{mmsi}", mmsi).replace("{dataset}", "ais_scored" if "fishing" in path else "ais").replace("{id}", mmsi)
                lists[asked] = ("n" if "n" in names else "limit", rows)
        equal(len(lists), 17, sorted(lists))
        for path, (limit, name) in lists.items():
            whole = server.json(f"{path}?{limit}=200")
            equal(whole["next"], None, f"{path}: one page")
            assert len(whole[name]) > 1, f"{path}: {whole}"
            for size in (1, 2, 7, 100):
                target, rows, pages = f"{path}?{limit}={size}", [], 0
                while target:
                    page = server.json(target)
                    assert len(page[name]) <= size, f"{target}: {len(page[name])} rows"
                    rows += page[name]
                    target = page["next"]
                    pages += 1
                    assert pages <= len(whole[name]) + 1, f"{path} by {size}: pages without end"
                equal(rows, whole[name], f"{path} by {size}")


def every_format_names_the_next_page(folder):
    make_lake(folder)
    with serving(folder, "--rate", "0") as server:
        for suffix in (".csv", ".ndjson", ".geojson", ".parquet", ".json"):
            status, headers, _ = server.ask(f"/api/v1/vessels/current{suffix}?limit=3")
            target, _, rel = headers["link"].partition(">")
            equal((status, target[0], rel, target[1:].split("?")[0]), (200, "<", '; rel="next"', f"/api/v1/vessels/current{suffix}"), suffix)
            status, last, _ = server.ask(target[1:])
            equal((status, last["content-type"], "link" in last), (200, headers["content-type"], False), f"{suffix}: the last page")
            equal(server.ask(f"/api/v1/vessels/current{suffix}?limit=3")[1]["link"], headers["link"], "from memory, too")


TESTS = [every_list_gives_each_row_once_whatever_the_limit, every_format_names_the_next_page, a_tile_that_was_cut_says_so,
         what_is_immutable_stays_after_every_commit, another_lake_at_the_path_is_noticed, a_table_that_cannot_be_read_harms_only_its_routes,
         an_answer_that_did_not_change_is_304, a_commit_is_seen_by_the_next_request, the_past_is_told_by_snapshot_and_by_time,
         tables_that_are_not_there_name_the_command, tables_of_an_earlier_release_name_the_command,
         a_table_that_cannot_be_read_is_named_and_harms_no_other,
         an_answer_is_of_one_state_never_of_two, expired_snapshots_are_no_failure, a_past_that_was_forgotten_is_not_found,
         a_past_that_goes_while_it_is_read_is_not_found]

if __name__ == "__main__":
    main(TESTS)
