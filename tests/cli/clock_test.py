#!/usr/bin/env python3
"""The clock is set back by an hour in mid-work (preload_clock.c): nobody waits for an hour, and what took no time took no
time. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

sys.path[:0] = [sys.path[0] + "/..", sys.path[0] + "/../fetch"]
from harness import program
from harness.lakes import fix, write_fixes as write
from harness.program import equal, preloaded, seine, wait_for
from harness.tap import main
from publisher import Publisher, status

SOON_S = 300  # on a busy machine; the wait that must not be is one of an hour


def start(folder, back, *words):
    return program.start(folder, *words, now=None, env=preloaded("preload_clock", SEINE_CLOCK_BACK=str(back)),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finished(folder, back, *words):
    """Standard output of a command that succeeds soon."""
    process = start(folder, back, *words)
    output, errors = process.communicate(timeout=SOON_S)
    equal(process.returncode, 0, f"{words}: {errors}")
    return output


def make_lake(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--lake", "lake", write(folder / "a.csv", fix(1, 1, 1), fix(1, 1, 9)))


def a_server_watches_on(folder):
    make_lake(folder)
    server = start(folder, folder / "back", "serve", "--lake", "lake", "--port", 0, "--idle-timeout", 1)
    try:
        port = int(re.search(r":(\d+)\"?\}?\s*$", server.stdout.readline())[1])
        with socket.create_connection(("127.0.0.1", port), timeout=SOON_S) as slow:
            (folder / "back").touch()
            slow.sendall(b"GET /api/v1/tables HTTP/1.1\r\nHost: localhost\r\n")  # and no more: the watcher ends it
            slow.recv(1000)
    finally:
        server.send_signal(signal.SIGTERM)
        _, errors = server.communicate(timeout=SOON_S)
    equal(server.returncode, 0, errors)


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def control_c_reaches_a_query(folder):
    make_lake(folder)
    query = start(folder, folder / "back", "sql", "--lake", "lake", "SELECT sum(a.range * b.range) FROM range(100000000) a, range(1000000) b")
    wait_for(lambda: cpu_seconds(query) > 1, "the query to be under way")
    (folder / "back").touch()
    query.send_signal(signal.SIGINT)
    _, errors = query.communicate(timeout=SOON_S)
    equal(query.returncode, 1, errors)


def work_goes_on_and_takes_no_hour(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    for back in (1, 2, 3, 5, 8):
        path = write(folder / f"{back}.csv", fix(1, back, 1), fix(1, back, 9))
        told = finished(folder, back, "ingest", "--lake", "lake", path) + finished(folder, back, "refresh", "--lake", "lake")
        spans = [float(span) for span in re.findall(r"(-?[\d.]+) s\b", told)]
        assert spans and all(0 <= span < SOON_S for span in spans), f"{back}: {told}"
    seine(folder, "verify", "--lake", "lake")


def a_fetch_comes_back_after_its_pause(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    archive = folder / "ais-2020-03-01.csv.zst"
    subprocess.run(["zstd", "-q", write(folder / "a.csv", fix(1, 1, 1)), "-o", archive], check=True)
    with Publisher() as publisher:
        publisher.publish(archive.name, archive.read_bytes())
        publisher.files = {path.replace("/2025/", "/2020/"): file for path, file in publisher.files.items()}
        publisher.faults[("GET", f"/2020/{archive.name}")] = [status(503), status(503)]
        finished(folder, 4, "fetch", "noaa", "--lake", "lake", "--from", "2020-03-01", "--to", "2020-03-01", "--base-url",
                 publisher.url, "--backoff", 0.1)
    equal(json.loads(seine(folder, "source", "ls", "--lake", "lake", "--json"))[0]["state"], "fetched", "state")


if __name__ == "__main__":
    main([a_server_watches_on, control_c_reaches_a_query, work_goes_on_and_takes_no_hour,
          a_fetch_comes_back_after_its_pause])
