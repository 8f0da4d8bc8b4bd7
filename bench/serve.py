#!/usr/bin/env python3
"""The HTTP API beside its peers: nginx for a cached answer, DuckDB for a look-up; tiles, tracks, and load while days come.

Prints one line of JSON per row of the table. Needs nginx and wrk for the first one.
"""
import argparse
import http.client
import json
import math
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path


def tell(what, ours, peer, ratio, goal):
    print(json.dumps({"what": what, "ours": ours, "peer": peer, "ratio": ratio, "goal": goal}), flush=True)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Server:
    def __init__(self, seine, folder, lake, *more):
        self.process = subprocess.Popen([seine, "serve", "--lake", lake, "--port", "0", "--rate", "0", *more], cwd=folder, text=True,
                                        stdout=subprocess.PIPE)
        self.port = int(re.search(r":(\d+)\s*$", self.process.stdout.readline()).group(1))
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, target, connection=None):
        own = connection or self.connection
        try:
            own.request("GET", target)
            answer = own.getresponse()
        except http.client.RemoteDisconnected:  # it was idle for too long
            own.close()
            own.request("GET", target)
            answer = own.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{target}: {answer.status}: {body[:300]}")
        return body

    def timed(self, target):
        begin = time.perf_counter()
        self.get(target)
        return (time.perf_counter() - begin) * 1000

    def resident_mib(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()


def make_lake(seine, folder, name, days, vessels):
    def run(*words):
        subprocess.run([seine, *map(str, words)], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run("generate", "ais", "--quiet", "--out", f"{name}-days", "--days", days, "--vessels", vessels, "--interval", 160)
    run("init", name)
    run("ingest", "--quiet", "--lake", name, *sorted(Path(folder, f"{name}-days").glob("*.csv.zst")))
    run("ref", "load", "ports", "--quiet", "--lake", name)
    run("refresh", "--quiet", "--lake", name)
    shutil.rmtree(Path(folder, f"{name}-days"))


def wrk(port, target, seconds):
    out = subprocess.run(["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}{target}"], capture_output=True,
                         text=True, check=True).stdout
    if "Non-2xx" in out:
        raise RuntimeError(out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), re.search(r"99%\s+(\S+)", out).group(1)


def cached(server, folder, rounds, seconds):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not (Path(nginx).exists() and shutil.which("wrk")):
        return
    target = "/api/v1/vessels/current?limit=1"
    server.get(target)
    Path(folder, "html").mkdir()
    Path(folder, "html", "current.json").write_bytes(server.get(target))
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    temp = "".join(f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    Path(folder, "nginx.conf").write_text(
        # Its workers give up root, and then may not read a folder of root's.
        f"{'user root; ' if os.geteuid() == 0 else ''}worker_processes {os.cpu_count()}; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\nevents {{ }}\n"
        f"http {{ access_log off; sendfile on; keepalive_requests 1000000000; {temp}\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/html; }} }}\n", encoding="utf-8")
    proxy = subprocess.Popen([nginx, "-p", folder, "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if proxy.poll() is not None:
                    raise RuntimeError("nginx did not start") from None
        ours, its = [], []
        for _ in range(rounds):  # in turn, so that both meet the same machine
            its.append(wrk(port, "/current.json", seconds))
            ours.append(wrk(server.port, target, seconds))
    finally:
        proxy.terminate()
        proxy.wait()
    mine, peer = sorted(ours)[len(ours) // 2], sorted(its)[len(its) // 2]
    tell("serve: cached current?limit=1, wrk -c32", f"{mine[0]:.0f} requests/s, p99 {mine[1]}", f"nginx, a file: {peer[0]:.0f} requests/s, p99 {peer[1]}",
         f"{mine[0] / peer[0]:.2f} x", ">= 0.5 x")


def look_ups(server, folder, lake, count):
    import duckdb
    ids = [line.split(",")[0] for line in server.get("/api/v1/vessels.csv?limit=10000").decode().splitlines()[1:]]
    random.Random(1).shuffle(ids)
    rows = json.loads(server.get("/api/v1/overview"))["fixes"]
    ours = [server.timed(f"/api/v1/vessels/{one}/track") for one in ids[:count]]
    histories = [server.timed(f"/api/v1/vessels/{one}/history?days=1") for one in ids[:count]]
    files = f"{Path(folder, lake)}/silver/ais/data/*/*.parquet"
    engine = duckdb.connect(config={"threads": os.cpu_count()})
    engine.execute("SET TimeZone = 'UTC'")
    its = []
    for one in ids[:max(20, count // 10)]:
        begin = time.perf_counter()
        engine.execute(f"SELECT epoch_ms(ts), lon, lat, sog FROM read_parquet('{files}') WHERE mmsi = ? ORDER BY ts", [one]).fetchall()
        its.append((time.perf_counter() - begin) * 1000)
    tell(f"serve: one vessel-day of {rows:,} rows, not cached", f"p50 {percentile(ours, .5):.1f} ms, p99 {percentile(ours, .99):.1f} ms",
         f"DuckDB over the same files: p50 {percentile(its, .5):.1f} ms, p99 {percentile(its, .99):.1f} ms",
         f"{percentile(its, .5) / percentile(ours, .5):.1f} x", "p50 < 10 ms, p99 < 50 ms")
    tell("serve: the same as a history with ports, not cached", f"p50 {percentile(histories, .5):.1f} ms, p99 {percentile(histories, .99):.1f} ms", "-",
         "-", "p50 < 10 ms, p99 < 50 ms")


def tile_of(lon, lat, zoom):
    side = 2 ** zoom
    y = 0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)
    return int((lon + 180) / 360 * side), int(y * side)


def tiles(server, count):
    places = [line.split(",") for line in server.get("/api/v1/vessels/current.csv?limit=5000").decode().splitlines()[1:]]
    chance, seen = random.Random(2), set()
    for _ in range(count * 2):  # a small lake has fewer
        place, zoom = chance.choice(places), chance.randint(0, 14)
        if len(seen) < count:
            seen.add((zoom, *tile_of(float(place[3]), float(place[2]), zoom)))
    times = [server.timed(f"/tiles/traffic/{z}/{x}/{y}") for z, x, y in sorted(seen)]
    tell(f"serve: {len(times)} traffic tiles, zoom 0 to 14, not cached", f"p50 {percentile(times, .5):.1f} ms, p95 {percentile(times, .95):.1f} ms", "-", "-",
         "p95 < 100 ms")


def long_tracks(server, days):
    ids = [line.split(",")[0] for line in server.get("/api/v1/vessels.csv?limit=50").decode().splitlines()[1:]]
    times = [server.timed(f"/api/v1/vessels/{one}/track?tolerance_m=50") for one in ids]
    tell(f"serve: track of one vessel over {days} days", f"p50 {percentile(times, .5):.1f} ms, greatest {max(times):.1f} ms", "-", "-", "< 150 ms")


def soak(seine, server, folder, lake, seconds):
    """Load from four clients while an archive is taken in every few seconds."""
    targets = ["/api/v1/vessels/current?limit=5", "/api/v1/events?limit={n}", "/tiles/traffic/5/{n}/12", "/api/v1/vessels/{id}/history?days=1",
               "/api/v1/overview", "/api/v1/vessels?q={n}"]
    ids = [line.split(",")[0] for line in server.get("/api/v1/vessels.csv?limit=500").decode().splitlines()[1:]]
    faults, answers, stop = [], [0] * 4, threading.Event()

    def ask(number):
        chance = random.Random(number)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not stop.is_set():
            try:
                server.get(chance.choice(targets).format(n=chance.randint(1, 31), id=chance.choice(ids)), connection)
                answers[number] += 1
            except (RuntimeError, OSError) as fault:
                faults.append(str(fault))
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    begin, commits, sizes = time.monotonic(), 0, []

    def watch():
        while not stop.wait(0.2):
            sizes.append((time.monotonic() - begin, server.resident_mib()))
    threads.append(threading.Thread(target=watch))
    threads[-1].start()
    while time.monotonic() - begin < seconds:
        path = Path(folder, f"late_{commits}.csv")
        path.write_text("MMSI,BaseDateTime,LAT,LON,SOG\n" + "".join(f"{900000000 + commits},2025-01-01T{h:02d}:00:00,10,{h},5\n" for h in range(24)),
                        encoding="utf-8")
        subprocess.run([seine, "ingest", "--quiet", "--lake", lake, path], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        commits += 1
        stop.wait(2)
    stop.set()
    for thread in threads:
        thread.join()
    early = max(size for at, size in sizes if 0.2 * seconds <= at < 0.4 * seconds)
    last = max(size for at, size in sizes if at >= 0.8 * seconds)
    tell(f"serve: {seconds} s of load, {commits} commits meanwhile", f"{sum(answers):,} answers, {len(faults)} failed; at most {early:.0f} MiB in the second fifth, {last:.0f} MiB in "
         f"the last: {(last / early - 1) * 100:+.1f} %",
         "-", "-", "none failed, <= 5 %")
    if faults:
        raise RuntimeError(faults[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seine", type=Path, required=True)
    parser.add_argument("--vessels", type=int, default=15500)
    parser.add_argument("--track-days", type=int, default=30)
    parser.add_argument("--track-vessels", type=int, default=300)
    parser.add_argument("--count", type=int, default=300, help="look-ups and tiles")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--wrk-seconds", type=int, default=5)
    parser.add_argument("--soak-seconds", type=int, default=60)
    parser.add_argument("--lake", type=Path, help="a day's lake that is there already")
    options = parser.parse_args()
    seine = options.seine.resolve()
    with tempfile.TemporaryDirectory(prefix="seine-bench-serve-") as folder:
        lake = str(options.lake.resolve()) if options.lake else "day"
        if not options.lake:
            make_lake(seine, folder, lake, 1, options.vessels)
        make_lake(seine, folder, "month", options.track_days, options.track_vessels)
        server = Server(seine, folder, lake)
        try:
            cached(server, folder, options.rounds, options.wrk_seconds)
            look_ups(server, folder, lake, options.count)
            tiles(server, options.count)
        finally:
            server.stop()
        server = Server(seine, folder, "month")
        try:
            long_tracks(server, options.track_days)
            soak(seine, server, folder, "month", options.soak_seconds)
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
