#!/usr/bin/env python3
"""Live: what is committed while clients are connected, who comes again, who is slow, who is one too many.

Environment: SEINE_BIN.
"""
import hashlib
import sys
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, sys.path[0] + "/..")
from harness.animals import make_animals
from harness.lakes import FIX_HEADER, write_day
from harness.live import Stream, following
from harness.program import FULL, PATIENCE_S, equal, seine, wait_for
from harness.server import serving
from harness.tap import Skip, main

SHIPS = range(3)


def name_of(ship):
    return str(367000000 + ship)


def lon_of(ship, minute):
    """Ship 2 crosses 180 degrees at minute 30."""
    lon = {0: -120, 1: 10, 2: 179.7}.get(ship, -40) + minute / 100
    return round(lon if lon <= 180 else lon - 360, 4)


def fixes(ship, minutes, day=1):
    return [f"{name_of(ship)},2025-01-{day:02}T{minute // 60:02}:{minute % 60:02}:00,{30 + ship % 50},{lon_of(ship, minute)},12.5,90,91,"
            for minute in minutes]


def commit(folder, name, minutes, ships=SHIPS, day=1):
    rows = [row for ship in ships for row in fixes(ship, minutes, day)]
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_day(folder, f"{name}.csv", rows, FIX_HEADER))


def begin(folder, minutes=range(10), buckets=2, ships=SHIPS):
    seine(folder, "init", "lake", "--quiet", "--buckets", buckets)
    commit(folder, "first", minutes, ships)


def minutes_of(rows):
    """By ship: the minute of the day of its position."""
    return {int(name) - 367000000: int(row["timestamp"][11:13]) * 60 + int(row["timestamp"][14:16])
            for name, row in rows.items()}


# ---- what is told ----

def positions_come_as_they_are_committed(folder):
    begin(folder)
    with serving(folder) as server, following(server) as stream:
        equal((stream.status, stream.headers["content-type"], stream.headers["cache-control"]),
              (200, "text/event-stream", "no-store"), "head")
        name, data = stream.event()
        equal((name, data["dataset"], data["newest"], data["more"]), ("reset", "ais", "2025-01-01T00:09:00Z", False), "first")
        equal(data["columns"], ["id", "timestamp", "longitude", "latitude", "speed", "course", "heading"], "columns")
        equal(data["units"], ["", "", "deg", "deg", "kn", "deg", "deg"], "units")
        equal(sorted(data["rows"]), [[name_of(ship), "2025-01-01T00:09:00Z", lon_of(ship, 9), 30.0 + ship, 12.5, 90.0, 91.0]
                                     for ship in SHIPS], "all last positions")
        first = stream.last_id
        commit(folder, "second", range(10, 13), [1])
        equal([(name, minutes_of(rows)) for name, rows in [stream.rows()]], [("positions", {1: 12})], "only who moved")
        assert stream.last_id != first, "the same id"
        equal(server.metric("seine_live_clients "), [1], "clients")


def a_lake_that_has_nothing_yet_is_followed(folder):
    seine(folder, "init", "lake", "--quiet")
    with serving(folder) as server, following(server) as stream:
        name, data = stream.event()
        equal((name, data["rows"], data["newest"], stream.last_id), ("reset", [], None, None), "nothing")
        commit(folder, "first", [1, 2])
        equal([(name, minutes_of(rows)) for name, rows in [stream.rows()]], [("positions", {0: 2, 1: 2, 2: 2})], "the first commit")


def what_is_not_newer_is_not_told_again(folder):
    begin(folder, range(0, 60, 2))
    with serving(folder) as server, following(server) as stream:
        equal(minutes_of(stream.rows()[1]), {0: 58, 1: 58, 2: 58}, "all")
        commit(folder, "late", [1, 3])                # files of other days and times appear, none of it newer
        commit(folder, "former", [1, 2], day=2)       # newer: a file of its own
        equal(minutes_of(stream.rows()[1]), {0: 2, 1: 2, 2: 2}, "another day")
        commit(folder, "old", range(5), day=1)
        seine(folder, "table", "compact", "--lake", "lake", "--quiet")
        commit(folder, "last", [100], [2], day=2)     # also merges: the partition is made anew with its rows
        equal(minutes_of(stream.rows()[1]), {2: 100}, "only the newest of the last commit")


def a_commit_is_read_once_for_all_clients(folder):
    begin(folder, buckets=1)
    for minute in range(20, 26):  # files of one partition, beside each other
        commit(folder, f"c{minute}", [minute], [1])
    with serving(folder) as server:
        streams = [Stream(server, f"?ids={name_of(ship)}") for ship in SHIPS]
        for stream in streams:
            stream.rows()
        equal(server.metric("seine_live_files_read_total "), [7], "all there are, once")
        for minute in (30, 31):
            commit(folder, f"c{minute}", [minute])
            for stream in streams:
                equal(set(minutes_of(stream.rows()[1]).values()), {minute}, "told")
        files = server.metric("seine_live_files_read_total ")
        equal(files, [9], "what each of the commits brought, and nothing else")
        for stream in streams:
            stream.close()


def positions_of_long_ago_are_not_told(folder):
    begin(folder)
    commit(folder, "later", [5], [1], day=5)
    with serving(folder) as server, following(server) as stream:
        equal(minutes_of(stream.rows()[1]), {1: 5}, "a day before the newest is the limit")
        commit(folder, "old", [700], [2], day=2)
        commit(folder, "new", [6], [0], day=5)
        equal(minutes_of(stream.rows()[1]), {0: 6}, "not what came three days too late")


# ---- who wants what ----

def a_box_and_ids_choose(folder):
    begin(folder)
    with serving(folder) as server:
        queries = {"": {0, 1, 2}, "?bbox=-121,29,-119,31": {0}, "?bbox=170,-90,-170,90": {2}, "?bbox=170,40,-170,90": set(),
                   f"?ids={name_of(1)},00{name_of(2)}": {1, 2}, f"?bbox=0,0,20,50&ids={name_of(1)}": {1}, "?ids=7": set(),
                   "?dataset=ais&bbox=-180,-90,180,90": {0, 1, 2}}
        streams = {query: Stream(server, query) for query in queries}
        for query, ships in queries.items():
            equal(set(minutes_of(streams[query].rows()[1])), ships, query)
        commit(folder, "second", range(10, 50))  # ship 2 is at 179.7 + 0.49: beyond 180 degrees
        for query, ships in queries.items():
            if ships:
                name, rows = streams[query].rows()
                equal((name, minutes_of(rows)), ("positions", {ship: 49 for ship in ships}), query)
            streams[query].close()
        equal(rows[name_of(2)]["longitude"], -179.81, "on the other side")


def any_dataset_is_followed(folder):
    make_animals(folder)
    with serving(folder) as server, following(server, f"?dataset=animals&ids={quote('goat / 7,Čapí')}") as stream:
        name, data = stream.event()
        equal((name, data["columns"][4:], data["units"][4:]), ("reset", ["temperature", "height"], ["C", "m"]), "measures")
        equal(sorted((row[0], row[1]) for row in data["rows"]),
              [("goat / 7", "2024-03-20T00:00:00Z"), ("Čapí", "2024-03-20T00:00:00Z")], "rows")


def what_is_asked_wrongly_is_told(folder):
    begin(folder)
    with serving(folder, "--rate", "0") as server:
        for query, status, message in (("?dataset=cattle", 404, "the lake has no dataset cattle"),
                                       ("?bbox=1,2,3", 400, "bbox: give four numbers: west,south,east,north"),
                                       (f"?ids={'1,' * 200}", 400, "ids: at most 200 ids"),
                                       ("?mover=1", 400, 'unknown parameter "mover"'),
                                       ("?ids=1&ids=2", 400, "ids: given twice")):
            equal(server.json(f"/api/v1/live{query}", status)["error"]["message"], message, query)
        for last in ("", "x", "-", "1-", "-1-5", "1-0", "9" * 40 + "-1", "1-1", "\u00ff" * 5):
            with following(server, Last_Event_ID=last) as stream:
                equal(stream.rows()[0], "reset", f"{last!r} is no id of an event")
        equal(server.ask("/api/v1/live", method="HEAD")[0], 200, "HEAD ends")
        wait_for(lambda: server.metric("seine_live_clients ") == [0], "all of them to have gone")


# ---- who comes again ----

def who_comes_again_goes_on(folder):
    begin(folder)
    with serving(folder) as server:
        with following(server) as stream:
            stream.rows()
            first = stream.last_id
            commit(folder, "second", [10], [0])
            stream.rows()
            second = stream.last_id
        commit(folder, "third", [11, 12], [1])
        with following(server, Last_Event_ID=second) as stream:
            equal([(name, minutes_of(rows)) for name, rows in [stream.rows()]], [("positions", {1: 12})], "what came meanwhile")
        with following(server, Last_Event_ID=first) as stream:
            equal([(name, minutes_of(rows)) for name, rows in [stream.rows()]], [("positions", {0: 10, 1: 12})], "since the first")
        sequence, snapshot = first.split("-")
        for other in (f"{sequence}-{int(snapshot) - 1}", f"{int(sequence) + 9}-{snapshot}"):
            with following(server, Last_Event_ID=other) as stream:
                equal(stream.rows()[0], "reset", f"{other} is not known")
    with serving(folder) as server, following(server, Last_Event_ID=first) as stream:
        name, rows = stream.rows()
        assert name == "positions" and minutes_of(rows) | {2: 9} == {0: 10, 1: 12, 2: 9}, f"of another server: {name} {rows}"


def another_lake_at_the_path_begins_anew(folder):
    begin(folder)
    seine(folder, "init", "other", "--quiet", "--buckets", 2)
    for minute in (3, 4, 5):  # its table is further than the first one's
        rows = fixes(7, [minute])
        seine(folder, "ingest", "--quiet", "--lake", "other", write_day(folder, f"o{minute}.csv", rows, FIX_HEADER))
    with serving(folder) as server, following(server) as stream:
        equal(set(minutes_of(stream.rows()[1])), set(SHIPS), "the first")
        Path(folder, "lake").rename(Path(folder, "away"))
        Path(folder, "other").rename(Path(folder, "lake"))
        seine(folder, "relocate", "lake")
        name, rows = stream.rows()
        while name == "reset" and not rows:  # when it was looked at before it was whole
            name, rows = stream.rows()
        equal((name, minutes_of(rows)), ("reset", {7: 5}), "nothing of the former stays")


# ---- limits ----

def a_slow_client_is_told_the_newest_only(folder):
    ships, commits = range(4000), 30
    begin(folder, [0], buckets=1, ships=ships)
    with serving(folder) as server, following(server) as quick, following(server, room=4096) as slow:
        quick.rows()
        for minute in range(1, commits + 1):
            commit(folder, f"c{minute}", [minute], ships)
            equal(set(minutes_of(quick.rows()[1]).values()), {minute}, "the quick one gets each commit")
        told, last, count = {}, None, 0
        while set(told.values()) != {commits} or len(told) != len(ships):
            name, data = slow.event()
            equal(name == "reset", last is None, "one reset")
            last = name
            assert len(data["rows"]) <= 1000, "an event has its limit"
            now = minutes_of({row[0]: dict(zip(data["columns"], row)) for row in data["rows"]})
            assert all(minute > told.get(ship, -1) for ship, minute in now.items()), "a position is told once, and in order"
            told |= now
            count += len(now)
    assert count < len(ships) * commits * 2 / 3, f"{count} rows: nothing was left out for the slow one"


def one_too_many_is_told_to_come_back(folder):
    begin(folder)
    with serving(folder, "--live-clients", "1") as server:
        with following(server) as stream:
            stream.rows()
            status, headers, body = server.ask("/api/v1/live")
            equal((status, "retry-after" in headers), (503, True), "too many")
            assert b"1 clients follow live already" in body, body
            equal(server.json("/api/v1/movers")["data"][0]["dataset"], "ais", "other routes answer")

        def has_place():
            with following(server) as stream:
                return stream.status == 200
        wait_for(has_place, "the place of the one who left")


def a_stop_ends_streams(folder):
    begin(folder)
    with serving(folder) as server:
        streams = [Stream(server), Stream(server, room=4096)]
        streams[0].rows()
        started = time.monotonic()
        equal(server.stop(), 0, "stopped")
        assert time.monotonic() - started < 10, "streams hold the end up"
        equal([stream.event() for stream in streams[:1]], [None], "the stream ends as one should")
        for stream in streams:
            stream.close()


def a_token_is_needed_where_there_are_some(folder):
    begin(folder)
    Path(folder, "tokens").write_text(hashlib.sha256(b"open").hexdigest() + "\n", encoding="utf-8")
    with serving(folder, "--token-file", "tokens") as server:
        equal(server.json("/api/v1/live", 401)["error"]["message"], "a token is needed", "none")
        equal(server.ask("/api/v1/live", Authorization="Bearer no")[0], 401, "a wrong one")
        with following(server, Authorization="Bearer open") as stream:
            equal(stream.rows()[0], "reset", "the right one")


def silence_is_broken_every_15_seconds(folder):
    if not FULL:
        raise Skip("takes 20 s: SEINE_FULL=1")
    begin(folder)
    with serving(folder, "--idle-timeout", "5", "--least-rate", "1000") as server, following(server, f"?ids={name_of(0)}") as stream:
        stream.rows()
        first, started = stream.last_id, time.monotonic()
        commit(folder, "second", [10], [1])
        while b"\n\n" not in stream.text:
            stream.text += stream.chunk()
        assert 10 < time.monotonic() - started < PATIENCE_S, "neither at once nor never"
        equal((stream.text[:6], first in stream.text.decode()), (b":\nid: ", False), "it tells how far the client is")
        commit(folder, "third", [11], [0])
        equal(minutes_of(stream.rows()[1]), {0: 11}, "and goes on, whatever the times of other answers")


if __name__ == "__main__":
    main([silence_is_broken_every_15_seconds, positions_come_as_they_are_committed, a_lake_that_has_nothing_yet_is_followed,
          what_is_not_newer_is_not_told_again,
          a_commit_is_read_once_for_all_clients, positions_of_long_ago_are_not_told, a_box_and_ids_choose,
          any_dataset_is_followed, what_is_asked_wrongly_is_told, who_comes_again_goes_on, another_lake_at_the_path_begins_anew,
          a_slow_client_is_told_the_newest_only, one_too_many_is_told_to_come_back, a_stop_ends_streams,
          a_token_is_needed_where_there_are_some], at_once=3)
