#!/usr/bin/env python3
"""Answers that servers share in Redis: found by a server that never made them, never stale, and only slower without it.

Environment: SEINE_BIN. Skipped where there is no Redis (tools/setup --stack).
"""
import socket
import sys
import threading

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, refused, seine
from harness.server import serving
from harness.stack import stack
from harness.tap import main

LIST = "/api/v1/vessels?limit=200"
ADDRESS = "/api/v1/statistics/daily?target_date=2024-03-01"


def make(folder, name="lake"):
    (folder / "day.csv").write_text("MMSI,BaseDateTime,LAT,LON,SOG,COG\n" + "".join(f"{mmsi},2024-03-01T00:00:{mmsi:02},1,2,3,4\n" for mmsi in range(1, 60)),
                                    encoding="utf-8")
    seine(folder, "init", "--quiet", name)
    seine(folder, "ingest", "--quiet", "--lake", name, "day.csv")
    seine(folder, "refresh", "--quiet", "--lake", name)


def counts(server):
    names = ("hits", "misses", "failures")
    return tuple(int(server.metric(f"seine_shared_cache_{name}_total ")[0]) for name in names)


def a_second_server_has_the_answers_of_the_first(folder):
    env = stack.env("redis")
    make(folder)
    with serving(folder, env=env) as one, serving(folder, env=env) as two:
        status, headers, body = one.ask(LIST, accept_encoding="gzip")
        equal((status, counts(one)), (200, (0, 1, 0)), "made by the first")
        again = two.ask(LIST, accept_encoding="gzip")
        equal(counts(two), (1, 0, 0), "found by the second")
        equal((again[0], again[1]["content-type"], again[1]["content-encoding"]), (200, headers["content-type"], headers["content-encoding"]), "answer")
        equal(again[2], body, "its bytes")
        equal(two.ask(LIST, if_none_match=again[1]["etag"], accept_encoding="gzip")[0], 304, "its ETag holds")
        before = counts(two)
        two.ask(LIST, accept_encoding="gzip")
        equal(counts(two), before, "and is in memory from then on")


def a_commit_leaves_nothing_stale(folder):
    env = stack.env("redis")
    make(folder)
    with serving(folder, env=env) as one, serving(folder, env=env) as two:
        before = one.json("/api/v1/vessels?limit=200")
        equal(two.json("/api/v1/vessels?limit=200")["data"], before["data"], "as of one state")
        (folder / "more.csv").write_text("MMSI,BaseDateTime,LAT,LON,SOG,COG\n77,2024-03-01T01:00:00,1,2,3,4\n", encoding="utf-8")
        seine(folder, "ingest", "--quiet", "--lake", "lake", "more.csv")
        seine(folder, "refresh", "--quiet", "--lake", "lake")
        for server in (two, one):
            equal(len(server.json("/api/v1/vessels?limit=200")["data"]), len(before["data"]) + 1, "after the commit")


def lakes_do_not_meet(folder):
    env = stack.env("redis")
    for name in ("a", "b"):
        make(folder, name)
    with serving(folder, lake="a", env=env) as a, serving(folder, lake="b", env=env) as b:
        a.json(ADDRESS)
        b.json(ADDRESS)
        equal((counts(a), counts(b)), ((0, 1, 0), (0, 1, 0)), "each made its own")


def without_redis_answers_come_and_with_it_again_they_are_shared(folder):
    env = stack.env("redis")
    make(folder)
    with serving(folder, env=env) as server:
        equal(server.ask(ADDRESS)[0], 200, "with Redis")
        stack.kill("redis")
        for limit in range(1, 4):
            equal(server.ask(f"/api/v1/vessels?limit={limit}")[0], 200, "without")
        assert counts(server)[2] > 0 and server.metric("seine_shared_cache_up ") == [0], "the failure is told"
        equal(stack.env("redis"), env, "the same address")
        for limit in range(4, 400):
            server.ask(f"/api/v1/vessels?limit={limit}")
            if server.metric("seine_shared_cache_up ") == [1]:
                break
        equal(server.metric("seine_shared_cache_up "), [1], "it is asked again by itself")


def a_redis_that_never_answers_costs_a_tenth_of_a_second_at_first(folder):
    """It takes connections and commands and says nothing; and one that sends what is no answer."""
    make(folder)
    for word in (b"", b"-ERR no\r\n", b"$5\r\nhello\r\n", b"\x00\xff" * 50):
        silent = socket.create_server(("127.0.0.1", 0))
        held = []

        def serve(silent=silent, held=held, word=word):
            while True:
                try:
                    connection, _ = silent.accept()
                except OSError:
                    return
                held.append(connection)
                if word:
                    connection.recv(1000)
                    connection.sendall(word)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with serving(folder, "--cache", f"redis://127.0.0.1:{silent.getsockname()[1]}") as server:
            for limit in range(1, 5):
                equal(len(server.json(f"/api/v1/vessels?limit={limit}")["data"]), limit, f"an answer beside {word!r}")
        silent.shutdown(socket.SHUT_RDWR)
        silent.close()
        for connection in held:
            connection.close()
        thread.join()


def damaged_values_are_made_again(folder):
    env = stack.env("redis")
    make(folder)
    port = int(env["SEINE_CACHE"].rpartition(":")[2].partition("/")[0])
    password = env["SEINE_CACHE"].split(":")[2].partition("@")[0]

    def command(*words):
        with socket.create_connection(("127.0.0.1", port)) as link, link.makefile("rwb") as lines:
            for parts in ((b"AUTH", password.encode()), words):
                lines.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
                lines.flush()
                head = lines.readline()
            if head[:1] == b"$":
                return lines.read(int(head[1:]) + 2)[:-2]
            keys = [lines.readline() and lines.readline().strip() for _ in range(int(head[1:]))] if head[:1] == b"*" else []
            return keys or head

    command(b"FLUSHDB")
    with serving(folder, env=env) as server:
        wanted = server.json(ADDRESS)
    (key,) = command(b"KEYS", b"seine:*")
    value = command(b"GET", key)
    for bad in (b"", b"x", value[:-1], value[:40], bytes([value[0] + 1]) + value[1:], value[:60] + b"?" + value[61:], value + b"x"):
        command(b"SET", key, bad)
        with serving(folder, env=env) as server:
            equal(server.json(ADDRESS)["statistics"], wanted["statistics"], f"beside {len(bad)} bytes")
            equal(counts(server)[:2], (0, 1), "it was made")


def addresses_are_checked_and_passwords_not_told(folder):
    make(folder)
    for address, said in (("http://x", "not an address such as redis://"), ("redis://", "not an address"), ("redis://h:0", "not an address"),
                          ("redis://h:1/x", "not an address"), ("redis://se%zzcret@h", "not an address"), ("redis://u:se%zzcret@h", "not an address"),
                          ("redis://[::1", "not an address"), ("rediss://:secret@h", "TLS to Redis needs a tunnel")):
        refused(folder, 2, said, "serve", "--lake", "lake", "--port", 0, "--cache", address)
        assert "cret" not in seine(folder, "serve", "--lake", "lake", "--port", 0, "--cache", address, code=2)


if __name__ == "__main__":
    main([a_second_server_has_the_answers_of_the_first, a_commit_leaves_nothing_stale, lakes_do_not_meet,
          without_redis_answers_come_and_with_it_again_they_are_shared, a_redis_that_never_answers_costs_a_tenth_of_a_second_at_first,
          damaged_values_are_made_again, addresses_are_checked_and_passwords_not_told])
