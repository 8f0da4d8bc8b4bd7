#!/usr/bin/env python3
"""Fetch of one large archive from this machine's own address, against curl writing the same file.

A small server sends the file straight from the page cache. Both clients take turns; each fetch goes into a fresh lake
and ends with the archive durable in bronze, hashed, and its ledger row committed, which curl does not do. Prints one
JSON object: median seconds, ratio (goal: at least 0.5 of curl's speed), peak memory (goal: at most 64 MiB).

Usage: fetch.py [--mb 300] [--repeats 5] [--seine build/release/bin/seine]
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
NAME = "ais-2025-01-01.csv.zst"


def make_handler(path):
    size = path.stat().st_size

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def head(self):
            found = self.path == f"/2025/{NAME}"
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(size if found else 0))
            self.send_header("ETag", '"bench"')
            self.end_headers()
            return found

        def do_HEAD(self):
            self.head()

        def do_GET(self):
            if self.head():
                self.wfile.flush()
                with open(path, "rb") as file:
                    self.connection.sendfile(file)

        def log_message(self, *words):
            pass

    return Handler


def measure(words, folder):
    """Seconds and peak resident KiB of one program."""
    begin = time.perf_counter()
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        sys.exit(f"{words}: {errors.decode()[-1000:]}")
    return seconds, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mb", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seine", default=str(ROOT / "build" / "release" / "bin" / "seine"))
    options = parser.parse_args()
    seine = str(Path(options.seine).resolve())
    if not shutil.which("curl"):
        sys.exit("curl is not installed")
    ours, theirs, peak = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive"
        with open(archive, "wb") as file:
            for _ in range(options.mb):
                file.write(os.urandom(1_000_000))
            file.seek(0)
            file.write(ZSTD_MAGIC)  # what begins otherwise is no archive to seine
        server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(archive))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/<year>/"
        for turn in range(options.repeats):
            seconds, _ = measure(["curl", "-sfo", "copy", f"{base.replace('<year>', '2025')}{NAME}"], folder)
            theirs.append(seconds)
            os.remove(Path(folder) / "copy")
            lake = f"lake{turn}"
            measure([seine, "init", lake], folder)
            seconds, memory = measure([seine, "fetch", "noaa", "--lake", lake, "--from", "2025-01-01", "--to",
                                       "2025-01-01", "--base-url", base], folder)
            ours.append(seconds)
            peak = max(peak, memory)
            (kept,) = (Path(folder) / lake / "bronze").rglob(NAME)
            if kept.stat().st_size != archive.stat().st_size:
                sys.exit(f"{kept} has {kept.stat().st_size} bytes")
            shutil.rmtree(Path(folder) / lake)
        server.shutdown()
    version = re.search(r"\S+ \S+", subprocess.run(["curl", "--version"], capture_output=True, text=True,
                                                   check=True).stdout).group(0)
    ours_median, theirs_median = statistics.median(ours), statistics.median(theirs)
    print(json.dumps({"bench": "fetch", "mb": options.mb, "repeats": options.repeats,
                      "seconds": round(ours_median, 3), "mb_per_s": round(options.mb / ours_median),
                      "peer": version, "peer_seconds": round(theirs_median, 3),
                      "ratio": round(theirs_median / ours_median, 2), "peak_mib": round(peak / 1024, 1)}))


if __name__ == "__main__":
    main()
