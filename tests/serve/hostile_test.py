#!/usr/bin/env python3
"""What strangers may send: the server refuses it in words, leaks nothing, and goes on serving."""
import concurrent.futures
import hashlib
import http.client
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import PATIENCE_S, equal, preloaded, refused, run
from harness.server import Server, serving
from harness.tap import main
from small_lake import look_at

SERVE = ("serve", "--lake", "lake", "--port", "0")


def raw(server, data, timeout=PATIENCE_S):
    """Sends bytes on a connection of their own; what came back until the end or the first whole answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as one:
        one.sendall(data)
        answer = b""
        try:
            while b"\r\n\r\n" not in answer:
                piece = one.recv(65536)
                if not piece:
                    break
                answer += piece
        except ConnectionResetError:
            pass
        return answer


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None


def alive(server):
    equal(server.json("/health/live"), {"status": "live"}, "still serving")


def lake_and_page(folder):
    look_at(folder, refresh=False, ports=False)
    Path(folder, "web", "assets").mkdir(parents=True)
    Path(folder, "web", "index.html").write_text("<!doctype html><title>page</title>", encoding="utf-8")
    Path(folder, "web", "assets", "a.js").write_text("let page = 1;", encoding="utf-8")
    Path(folder, "web", ".hidden").write_text("hidden", encoding="utf-8")
    Path(folder, "secret.txt").write_text("secret", encoding="utf-8")
    os.symlink("/etc", Path(folder, "web", "assets", "etc"))


def files_outside_of_the_page_cannot_be_reached(folder):
    lake_and_page(folder)
    with serving(folder, "--web", "web") as server:
        status, headers, body = server.ask("/", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
        equal((status, headers["content-type"], b"page" in body), (200, "text/html; charset=utf-8", True), "the page")
        status, headers, body = server.ask("/assets/a.js")
        equal((status, headers["content-type"], body), (200, "text/javascript; charset=utf-8", b"let page = 1;"), "a file")
        equal(server.ask("/assets/a.js", If_None_Match=headers["etag"])[0], 304, "304")
        for target in ("/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt",
                       "/.hidden", "/%2ehidden", "//secret.txt", "/assets//a.js", "/assets/", "/assets", "/./index.html",
                       "/..\\secret.txt", "/assets/a.js%00.png", "/assets/a.js/", "/catalog.db", "/lake/catalog.db", "/assets/etc/hostname"):
            answer = raw(server, f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            assert status_of(answer) in (400, 404), f"{target}: {answer[:200]}"
            assert b"secret" not in answer.split(b"\r\n\r\n", 1)[-1].replace(b"secret.txt", b""), target
        alive(server)


def no_text_becomes_sql(folder):
    look_at(folder)
    with serving(folder, "--rate", "0") as server:
        for evil in ("'", "' OR '1'='1", "\"; DROP TABLE x; --", "1; COPY (SELECT 1) TO '/tmp/x'", "$1", "%", "\\", "\u0000", "]]>", "{{x}}",
                     "') UNION SELECT mmsi FROM silver.ais --", "\u202e", "x" * 100):
            from urllib.parse import quote
            text = quote(evil)
            status, _, body = server.ask(f"/api/v1/vessels?q={text}")
            assert status in (200, 400), f"{evil}: {status} {body[:200]}"
            if status == 200:
                equal(json.loads(body)["data"], [], evil)
            for target in (f"/api/v1/vessels/{text}", f"/api/v1/vessels/{text}/track", f"/api/v1/tables/{text}", f"/api/v1/events?mmsi={text}",
                           f"/api/v1/events?bbox={text}", f"/api/v1/events?cursor={text}", f"/api/v1/pairs?day={text}", f"/api/v1/vessels?as_of={text}"):
                status, _, body = server.ask(target)
                assert status in (400, 404), f"{target}: {status} {body[:200]}"
        alive(server)


def forged_cursors_are_values_not_statements(folder):
    import base64
    look_at(folder)
    with serving(folder, "--rate", "0") as server:
        for value in (["vessels_search", 1, "x' OR 1=1 --"], ["vessels_search", "1", "x"], ["vessels_search", 1], ["vessels_search", 1, "x", 2],
                      {"a": 1}, "x", ["vessels_search", 1e300, "x"], ["vessels_search", 1, 2]):
            cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
            status, _, body = server.ask(f"/api/v1/vessels?cursor={cursor}")
            expected = 200 if value == ["vessels_search", 1, "x' OR 1=1 --"] else 400
            equal(status, expected, f"{value}: {body[:200]}")
        # What has the shape of a cursor is only ever compared.
        for name, value in (("vessels?", ["vessels_search", None, None]), ("vessels?", ["vessels_search", 1, "\u0000"]), ("pairs?", ["pairs", 0, 0, "", ""]),
                            ("pairs?", ["pairs", 9221120237041090560, -719528, "'", "'"]), ("pairs?", ["pairs", None, 2**31 - 1, "", None]),
                            ("vessels/1/history?", ["vessel_history", -2**63]), ("vessels/1/history?", ["vessel_history", 2**63 - 1]),
                            ("events?", ["events", -2**63, ""]), ("events?", ["events", 2**63 - 1, ""])):
            cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
            equal(server.ask(f"/api/v1/{name}cursor={cursor}")[0], 200, f"{name}{value}")
        cursor = base64.urlsafe_b64encode(json.dumps(["pairs", 0, 2**31, "", ""]).encode()).decode().rstrip("=")
        equal(server.ask(f"/api/v1/pairs?cursor={cursor}")[0], 400, "no day")
        for text in ("A" * 6000, "====", "____", "\u00e9", "WyJ2"):
            from urllib.parse import quote
            equal(server.ask(f"/api/v1/vessels?cursor={quote(text)}")[0], 400, text[:20])


def malformed_and_huge_requests_are_refused(folder):
    look_at(folder, refresh=False, ports=False)
    with serving(folder, "--rate", "0", "--idle-timeout", "1") as server:
        cases = ((b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (414,)),
                 (b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (414, 413, 431, None)),
                 (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: " + b"b" * 200000 + b"\r\n\r\n", (413, 431, None)),
                 (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: y\r\n" % k for k in range(20000)) + b"\r\n", (413, 431, None)),
                 (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)), (b"GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)),
                 (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", (400,)), (b"GET /?a%00=b HTTP/1.1\r\nHost: localhost\r\n\r\n", (400, 200)),
                 (b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n", (405,)),
                 (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", (413,)),
                 (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", (413, 400)),
                 (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", (400, 413, None)),
                 (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400, None)), (b"\r\n\r\n\r\n\r\n", (400, None)),
                 (b"GET\r\n\r\n", (400, None)), (b"GET / HTTP/9.9\r\n\r\n", (400, 505, None)))
        # At once: many are only over when the server has waited for more in vain.
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            answers = pool.map(lambda case: raw_until_end(server, case[0]), cases)
            for (data, allowed), answer in zip(cases, answers):
                assert status_of(answer) in allowed, f"{data[:60]}: {answer[:200]}"
        alive(server)


def heads_that_can_be_read_in_two_ways_are_refused(folder):
    """A proxy before the server must never see one request where the server sees two: 400, and the connection ends."""
    look_at(folder, refresh=False, ports=False)
    begin = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
    second = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving(folder, "--rate", "0") as server:
        for head in (b"Content-Length: 0\r\nContent-Length: 5\r\n", b"Content-Length: 0\r\nContent-Length: 0\r\n", b"Content-Length: 0, 5\r\n",
                     b"Content-Length: +0\r\n", b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", b"Transfer-Encoding : chunked\r\n",
                     b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"Host: localhost\r\n", b"Host: other\r\n",
                     b"X-A: b\r\n c\r\n", b"Content-Length:\r\n 5\r\n", b"X-A: b\rc\r\n", b"X-A: b\rContent-Length: 5\r\n", b"X-A: b\nX-B: c\r\n",
                     b"X-A: b\0c\r\n", b"X\0A: b\r\n", b"X A: b\r\n", b"X-A : b\r\n", b": b\r\n", b"X\x01A: b\r\n", b"X-A: b\x01\r\n", b"nothing\r\n",
                     b"E:\r\nF:\r\nG:\r\nH:\r\nX-A: b\r\n c\r\n", b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"):
            answer = raw_until_end(server, begin + head + b"\r\n" + second)
            equal((status_of(answer), answer.count(b'{"status":"live"}')), (400, 0), head)
        for line in (b"GET  /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /health/live HTTP/1.1\nHost: localhost\n\n"):
            equal(status_of(raw_until_end(server, line)), 400, line)
        # What is only unusual is answered, in one piece or byte by byte, and the connection goes on.
        for head in (b"", b"X-A:b\r\n", b"X-A:  \tb \r\n", b"X-A:\r\nX-B: \r\n", b"X-A: " + b"a" * 9000 + b"\r\n", b"X-A: \xc3\xa9\r\n", b"Cookie: a=b\r\n"):
            whole = begin + head + b"\r\n"
            for pieces in ([whole], [whole[k:k + 1] for k in range(len(whole))]) if len(whole) < 200 else ([whole],):
                with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as one:
                    for piece in pieces:
                        one.sendall(piece)
                    one.sendall(second.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                    answer = b"".join(iter(lambda: one.recv(65536), b""))
                equal(answer.count(b'{"status":"live"}'), 2, head)


def raw_until_end(server, data):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as one:
        answer = b""
        try:
            one.sendall(data)
            while piece := one.recv(65536):
                answer += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return answer


def page_of_large_files(folder, count, size):
    Path(folder, "web", "assets").mkdir(parents=True)
    Path(folder, "web", "index.html").write_text("<!doctype html>", encoding="utf-8")
    for k in range(count):
        with open(Path(folder, "web", "assets", f"{k}.png"), "wb") as file:
            file.truncate(size)


def asking(server, target):
    """A connection with a small window on which the answer is not read."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(PATIENCE_S)
    one.connect(("127.0.0.1", server.port))
    one.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return one


def clients_that_do_not_read_hold_no_more_than_the_limit(folder):
    look_at(folder, refresh=False, ports=False)
    page_of_large_files(folder, 6, 24 << 20)
    with serving(folder, "--web", "web", "--rate", "0", "--send-mib", "70", "--cache-mib", "1", "--least-rate", "0") as server:
        # Each body is larger than what the system takes for a connection, and too large for the cache.
        held = [asking(server, f"/assets/{k}.png") for k in range(2)]
        for one in held:
            equal(one.recv(12), b"HTTP/1.1 200", "the first ones are sent")
        for k in range(2, 6):
            status, headers, body = server.ask(f"/assets/{k}.png")
            equal((status, headers["retry-after"]), (503, "1"), f"{k}: {body[:100]}")
        equal(server.ask("/api/v1/tables")[0], 200, "small answers go on")
        held[0].close()
        while server.ask("/assets/3.png")[0] != 200:  # when the server has noticed that one has gone
            pass
        held[1].close()


def clients_that_read_too_slowly_are_left(folder):
    look_at(folder, refresh=False, ports=False)
    page_of_large_files(folder, 1, 24 << 20)
    with serving(folder, "--web", "web", "--rate", "0", "--idle-timeout", "1", "--least-rate", "1000") as server:
        one = asking(server, "/assets/0.png")
        equal(one.recv(12), b"HTTP/1.1 200", "it is being sent")
        while server.metric("seine_connections ") != [1.0]:  # until only the one that asks is left
            one.recv(1)  # never silent, and never done
        one.close()
        status, _, body = server.ask("/assets/0.png")
        equal((status, len(body)), (200, 24 << 20), "who reads at once gets all")


def folders_of_killed_servers_are_swept(folder):
    look_at(folder, refresh=False, ports=False)
    temp = Path(folder, "temp")
    temp.mkdir()
    found = lambda: {one.name for one in temp.iterdir()}
    os.environ["TMPDIR"] = str(temp)
    try:
        killed = Server(folder)
        killed.process.kill()
        killed.stop()
        (left,) = found()
        with serving(folder):
            (living,) = found()
            assert living != left, "that of the killed one is gone"
            Path(temp, "seine-serve-foreign").mkdir()  # no lock: not known to be over
            os.symlink(folder, Path(temp, "seine-serve-link"))
            with serving(folder) as server:
                assert living in found() and len(found()) == 4, "that of a living one stays"
                equal(server.ask("/api/v1/vessels/1/history.parquet")[0], 200, "and is used")
        equal(found(), {"seine-serve-foreign", "seine-serve-link"}, "none is left behind")
        assert Path(folder, "lake", "catalog.db").exists(), "nothing behind a link was touched"
    finally:
        del os.environ["TMPDIR"]


def the_end_does_not_wait_for_idle_connections(folder):
    """Half a head, and silence after an answer: the server ends with neither of their timeouts."""
    look_at(folder, refresh=False, ports=False)
    server = Server(folder, "--rate", "0", "--idle-timeout", "3600")
    half = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    half[0].sendall(b"GET /health/live HTTP/1.1\r\nHost: local")
    half[1].sendall(b"GE")
    kept = server.connection()
    equal(server.ask("/health/live", connection=kept)[0], 200, "a kept connection")
    while server.metric("seine_requests_active ") != [2.0]:  # the half one has begun
        pass
    server.process.send_signal(signal.SIGTERM)
    equal(server.process.wait(timeout=PATIENCE_S), 0, "status")
    server.stop()
    for one in (*half, kept):
        one.close()


def slow_senders_do_not_keep_their_connections(folder):
    look_at(folder, refresh=False, ports=False)
    with serving(folder, "--rate", "0", "--idle-timeout", "1", "--connections", "60") as server:
        slow = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) for _ in range(40)]
        for one in slow:
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        ended = set()
        while len(ended) < len(slow):  # ends when the server has closed all; each byte shows that they are not silent
            for one in slow:
                if one in ended:
                    continue
                try:
                    one.sendall(b"a")
                    one.settimeout(0.01)
                    if one.recv(1000) == b"":
                        ended.add(one)
                except TimeoutError:
                    pass
                except OSError:
                    ended.add(one)
        alive(server)
        for one in slow:
            one.close()


def a_client_that_asks_too_often_is_told_to_wait(folder):
    look_at(folder, refresh=False, ports=False)
    with serving(folder, "--rate", "0.001") as server:  # so that no pause between the two is long enough
        first, second = server.ask("/health/live"), server.ask("/health/live")
        equal(first[0], 200, "the first")
        equal((second[0], second[1]["retry-after"]), (429, "1"), "the second")
        equal(json.loads(second[2])["error"]["status"], 429, "in words")


def other_hosts_need_tokens(folder):
    look_at(folder, refresh=False, ports=False)
    refused(folder, 2, "--token-file", *SERVE, "--host", "0.0.0.0")
    for text in ("", "nothex", "# remark only"):
        Path(folder, "bad").write_text(text + "\n", encoding="utf-8")
        refused(folder, 2, "bad", *SERVE, "--token-file", "bad")


def names_of_other_machines_are_not_answered(folder):
    lake_and_page(folder)

    def asked(server, host):
        head = f"Host: {host}\r\n" if host is not None else ""
        version = "1.1" if host is not None else "1.0"
        return int(raw(server, f"GET /api/v1/tables HTTP/{version}\r\n{head}Connection: close\r\n\r\n".encode()).split()[1])

    with serving(folder, "--web", "web") as server:
        for host in (None, "localhost", "localhost:8000", "LOCALHOST", "LocalHost:80", "localhost.", "localhost.:8000", "127.0.0.1:8000", "127.0.0.1.",
                     "127.1.2.3", "[::1]", "[::1]:8000", " localhost "):
            equal(asked(server, host), 200, f"Host {host}")
        for host in ("example.org", "example.org:8000", "127.0.0.1.example.org", "localhost.example.org", "10.0.0.1", "", "[::2]:80",
                     "localhost:80@example.org", "localhost@example.org", "localhost..", "localhost,example.org", "[::1", "[::1]x", "::1", "[]"):
            equal(asked(server, host), 421, f"Host {host}")
        alive(server)


def tokens_open_and_wrong_ones_do_not(folder):
    lake_and_page(folder)
    Path(folder, "tokens").write_text("# two people\n" + hashlib.sha256(b"first").hexdigest() + "  ann\n"
                                      + hashlib.sha256(b"second token").hexdigest().upper() + "\n", encoding="utf-8")
    with serving(folder, "--token-file", "tokens", "--rate", "0", "--web", "web") as server:
        for target in ("/api/v1/tables", "/metrics", "/api/v1/vessels/x", "/tiles/traffic/0/0/0", "/api/v1/tables?token=first"):
            for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "first"}, {"Authorization": "Bearer "},
                           {"Authorization": "Basic Zmlyc3Q="}, {"Authorization": "Bearer " + hashlib.sha256(b"first").hexdigest()}):
                status, headers, _ = server.ask(target, **header)
                equal((status, headers["www-authenticate"]), (401, 'Bearer realm="seine"'), f"{target} {header}")
        for token in ("first", "second token"):
            equal(server.ask("/api/v1/tables", Authorization=f"Bearer {token}")[0], 200, token)
        equal(server.ask("/health/live")[0], 200, "health is open")
        # What holds no data is open, so that the page and the documents can ask for the token themselves.
        for target in ("/", "/openapi.json", "/docs", "/docs/start.js", "/redoc", "/assets/a.js"):
            equal(server.ask(target, Accept="text/html,*/*;q=0.8")[0], 200, target)
        equal(server.json("/openapi.json")["security"], [{"token": []}], "the document tells that routes need one")
        error = server.json("/api/v1/overview", status=401)["error"]
        equal((error["status"], "Authorization: Bearer" in error["hint"]), (401, True), "in words that a page can read")
        assert "private" in server.ask("/api/v1/tables", Authorization="bearer first")[1]["cache-control"], "not for shared caches"


def answers_carry_security_headers_and_cors_only_when_set(folder):
    look_at(folder, refresh=False, ports=False)
    with serving(folder, "--rate", "0") as server:
        for target in ("/", "/api/v1/tables", "/nix"):
            headers = server.ask(target, Origin="https://other.example")[1]
            equal((headers["x-content-type-options"], headers["referrer-policy"]), ("nosniff", "no-referrer"), target)
            assert "frame-ancestors 'none'" in headers["content-security-policy"], target
            assert "access-control-allow-origin" not in headers, target
    with serving(folder, "--rate", "0", "--cors", "https://map.example") as server:
        equal(server.ask("/api/v1/tables")[1]["access-control-allow-origin"], "https://map.example", "cors")
        headers = server.ask("/api/v1/tables", method="OPTIONS")[1]
        equal(headers["access-control-allow-methods"], "GET, HEAD, OPTIONS", "preflight")


def a_full_queue_and_a_late_answer_are_told(folder):
    look_at(folder)
    with serving(folder, "--rate", "0", "--threads", "1", "--queue", "1") as server:
        statuses, lock = [], threading.Lock()

        def ask(k):
            status, headers, _ = server.ask(f"/api/v1/vessels/222000222/history?days={k}")
            with lock:
                statuses.append((status, headers.get("retry-after")))
        threads = [threading.Thread(target=ask, args=(k,)) for k in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(set(statuses) - {(200, None), (503, "1")}, set(), "answers")
        assert (200, None) in statuses, statuses
        alive(server)


def running_requests_are_answered_when_the_server_ends(folder):
    look_at(folder)
    for signum in (signal.SIGTERM, signal.SIGINT):
        server = Server(folder, "--rate", "0")
        results = []

        def ask():
            try:
                results.append(server.ask("/api/v1/overview")[0])
            except OSError as fault:
                results.append(fault)
        kept = server.connection()
        equal(server.ask("/health/live", connection=kept)[0], 200, "a kept connection")
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        # All have begun: those that ended, and then those that are being answered without the one that asks. Asked over one
        # connection, where a request begins when the one before it is over, so that it counts no other one of its own.
        while True:
            ended = sum(server.metric('seine_http_requests_total{route="overview"', kept))
            (active,) = server.metric("seine_requests_active ", kept)
            if ended + active - 1 >= len(threads):
                break
        server.process.send_signal(signum)
        for thread in threads:
            thread.join()
        equal(set(results), {200}, "every request that had begun")
        equal(server.process.wait(timeout=PATIENCE_S), 0, f"status after {signum}")
        server.stop()
        kept.close()


def clients_that_come_at_the_end_do_not_break_it(folder):
    look_at(folder, refresh=False, ports=False)
    # Two who take the listening socket out of the server's epoll set at once would meet there.
    server = Server(folder, "--rate", "0", env=preloaded("preload_late_leave"))
    answered = threading.Event()

    def ask():
        try:
            while True:
                server.ask("/health/live")
                answered.set()
        except (OSError, http.client.HTTPException):
            pass  # the server has ended
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert answered.wait(PATIENCE_S), "no answer"
    equal(server.stop(), 0, server.errors())
    for thread in threads:
        thread.join()


def one_line_of_json_per_request(folder):
    look_at(folder, refresh=False, ports=False)
    with serving(folder, "--rate", "0", "--access-log", "log") as server:
        kept = server.connection()  # of two connections the lines may come in either order
        server.ask("/api/v1/tables", connection=kept)
        server.ask("/%22quoted%22?a=%0a", connection=kept)
        kept.close()
    lines = [json.loads(line) for line in Path(folder, "log").read_text(encoding="utf-8").splitlines()]
    equal([(one["method"], one["target"], one["route"], one["status"], one["client"]) for one in lines],
          [("GET", "/api/v1/tables", "tables", 200, "127.0.0.1"), ("GET", "/%22quoted%22?a=%0a", "none", 404, "127.0.0.1")], "lines")
    assert all(one["ms"] >= 0 and one["bytes"] > 0 and one["time"].startswith("2026-01-01") for one in lines), lines


def the_address_is_printed_and_a_taken_port_is_told(folder):
    look_at(folder, refresh=False, ports=False)
    with serving(folder, "--json") as server:
        equal(json.loads(server.line), {"serving": f"http://127.0.0.1:{server.port}"}, "line")
        refused(folder, 1, f"--port {server.port}: taken", *SERVE[:-1], server.port)
    refused(folder, 1, "--port 0: this user may not listen", *SERVE, "--host", "127.0.0.1", env=preloaded("preload_bind"))
    for words in (["--host", "nix"], ["--web", "nowhere"], ["--access-log", "no/folder/log"]):
        result = run(folder, *SERVE, *words)
        equal((result.returncode in (1, 2), words[0] in result.stderr), (True, True), result.stderr)


TESTS = [files_outside_of_the_page_cannot_be_reached, no_text_becomes_sql, forged_cursors_are_values_not_statements,
         malformed_and_huge_requests_are_refused, heads_that_can_be_read_in_two_ways_are_refused,
         clients_that_do_not_read_hold_no_more_than_the_limit, clients_that_read_too_slowly_are_left, folders_of_killed_servers_are_swept, the_end_does_not_wait_for_idle_connections,
         slow_senders_do_not_keep_their_connections, a_client_that_asks_too_often_is_told_to_wait,
         other_hosts_need_tokens, names_of_other_machines_are_not_answered, tokens_open_and_wrong_ones_do_not, answers_carry_security_headers_and_cors_only_when_set,
         a_full_queue_and_a_late_answer_are_told, running_requests_are_answered_when_the_server_ends,
         clients_that_come_at_the_end_do_not_break_it, one_line_of_json_per_request,
         the_address_is_printed_and_a_taken_port_is_told]

if __name__ == "__main__":
    main(TESTS)
