#!/usr/bin/env python3
"""Messages of made-up vehicles, and the stand-in for their API: what it says, what it says wrongly on demand, and that it
ends well. Prints TAP.

Environment: SEINE_BIN; SEINE_SANITIZED, 1 when memory cannot be measured.
"""
import contextlib
import csv
import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import PATIENCE_S, SANITIZED, SEINE, environment, equal, refused, run, seine, start
from harness.server import serving
from harness.tap import main

AT = ("--at", "2025-01-31T12:00:00Z")
PATH = "/upstream/vehicle_messages"
FIELDS = ["vin", "manufacturer", "year", "model", "latitude", "longitude", "timestamp", "velocity", "frontLeftDoorState",
          "wipersState", "gearPosition", "driverSeatbeltState"]
MESSAGES = ("generate", "telematics")
PEAK_MIB = 192  # what the program and its libraries take, and a few blocks of rows


def stand_in(folder, *options, **more):
    return serving(folder, *options, words=(*MESSAGES, "--serve", "0"), **more)


# ---- files ----

def an_array_and_lines_hold_the_same_messages_packed_or_not(folder):
    for name in ("m.json", "m.ndjson", "m.jsonl.gz"):
        seine(folder, *MESSAGES, "--rows", 500, *AT, "-o", name)
    array = json.loads((folder / "m.json").read_text(encoding="utf-8"))
    lines = [json.loads(line) for line in (folder / "m.ndjson").read_text(encoding="utf-8").splitlines()]
    packed = [json.loads(line) for line in gzip.decompress((folder / "m.jsonl.gz").read_bytes()).splitlines()]
    equal((len(array), lines == array, packed == array), (500, True, True), "messages")
    equal({tuple(message) for message in array}, {tuple(FIELDS)}, "fields")
    equal(json.loads(seine(folder, *MESSAGES, "--rows", 500, *AT)), array, "standard output")
    equal(json.loads(seine(folder, *MESSAGES, "--rows", 500, *AT, "-o", "-", "--seed", 1)), array, "-")


def what_is_dropped_is_counted(folder):
    told = json.loads(seine(folder, *MESSAGES, "--rows", 20000, "--defects", 0.2, *AT, "-o", "m.json", "--json"))
    array = json.loads((folder / "m.json").read_text(encoding="utf-8"))

    def has_time(message):
        return isinstance(message["timestamp"], int) or str(message["timestamp"]).isdigit()

    def has_gear(message):
        with contextlib.suppress(ValueError):
            return message["gearPosition"] in ("NEUTRAL", "REVERSE") or float(message["gearPosition"] or "x") < 9
        return False

    timed = [message for message in array if has_time(message)]
    known = [message for message in timed if message["vin"]]
    geared = [message for message in known if has_gear(message)]
    slow = [message for message in geared if message["velocity"] is not None and 0 <= message["velocity"] <= 300]
    equal((told["rows"], told["no_time"], told["no_vin"], told["no_gear"], told["too_fast"]),
          (len(array), len(array) - len(timed), len(timed) - len(known), len(known) - len(geared), len(geared) - len(slow)),
          "counts")
    equal(told["bytes"], (folder / "m.json").stat().st_size, "bytes")


def the_guide_s_file_has_its_columns_and_rows(folder):
    told = json.loads(seine(folder, "generate", "ais", "--shape", "guide", "--rows", 30000, "-o", "ais_data.csv", "--json"))
    with open(folder / "ais_data.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    equal(list(rows[0]), ["mmsi", "timestamp", "latitude", "longitude", "speed", "vessel_name", "vessel_type"], "columns")
    equal((len(rows), told["rows"], told["bytes"]), (30000, 30000, (folder / "ais_data.csv").stat().st_size), "rows")
    equal({row["vessel_type"] for row in rows}, {"Cargo", "Tanker", "Passenger", "Fishing", "Tug"}, "types")
    equal({row["timestamp"][:10] for row in rows}, {"2025-01-01", "2025-01-02", "2025-01-03"}, "days")
    equal(len({row["mmsi"] for row in rows}), told["vessels"], "vessels")
    keys = {(row["mmsi"], row["timestamp"]) for row in rows}
    equal(len(rows) - len(keys), told["duplicates"], "repeated")


def options_that_do_not_go_together_are_refused(folder):
    guide = ("generate", "ais", "--shape", "guide")
    for text, *words in (("needs --out FILE", *guide), ("--vessels: is not for --shape guide", *guide, "-o", "x", "--vessels", 3),
                         ("--truth: is not for --shape guide", *guide, "-o", "x", "--truth", "y"),
                         ("--rows: is for --shape guide", "generate", "ais", "-o", "x", "--rows", 3),
                         ('"guid" is none of noaa, guide', "generate", "ais", "-o", "x", "--shape", "guid"),
                         ("--json", *guide, "-o", "-", "--json"),
                         ("--json needs --output FILE", *MESSAGES, "--json"),
                         ("--faults: is for --serve", *MESSAGES, "--faults", "cut"),
                         ("--rows: is not for --serve", *MESSAGES, "--serve", 0, "--rows", 3),
                         ('fault "late" is none of ok, 400 to 599, slow', *MESSAGES, "--serve", 0, "--faults", "cut,late"),
                         ('"noon" is not a time', *MESSAGES, "--at", "noon"),
                         ("times before 1970", *MESSAGES, "--at", "1970-01-01T00:30:00Z"),
                         ("the ending names no format", *MESSAGES, "-o", "m.zst"),
                         ("known are json, jsonl", *MESSAGES, "--format", "csv")):
        refused(folder, 2, text, *words)
    equal(sorted(folder.iterdir()), [], "nothing is made")
    equal(run(folder, *MESSAGES, "--rows", 1, "--format", "ndjson").stdout.count("\n"), 1, "ndjson")


def memory_does_not_grow_with_the_rows(folder):
    peaks = []
    for words in ((*MESSAGES, "--rows", "3000000", "-o", "m.ndjson.zst"),
                  ("generate", "ais", "--shape", "guide", "--rows", "5000000", "-o", "ais.csv.zst")):
        process = subprocess.Popen([SEINE, *words, "--threads", "2"], cwd=folder, env=environment(), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        equal(process.returncode, 0, words)
        peaks.append(usage.ru_maxrss >> 10)
    assert SANITIZED or max(peaks) < PEAK_MIB, f"{peaks} MiB"
    return f"{peaks} MiB at most"


def control_c_leaves_no_part_of_a_file(folder):
    process = start(folder, *MESSAGES, "--rows", "1000000000", "-o", "m.ndjson", "--hours", 100, stderr=subprocess.PIPE)
    until = time.monotonic() + PATIENCE_S
    while not any(path.stat().st_size > 1 << 20 for path in folder.iterdir()) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    equal((process.communicate(timeout=PATIENCE_S)[1].strip(), process.returncode),
          ("seine generate telematics: interrupted", 1), "end")
    equal(sorted(folder.iterdir()), [], "files")


# ---- the stand-in ----

def every_call_brings_messages_of_the_last_hour(folder):
    with stand_in(folder, *AT) as server:
        assert server.line.strip().endswith(PATH), server.line
        first, second = server.json(f"{PATH}?amount=1000"), server.json(f"{PATH}?amount=1000")
        equal((len(first), len(second), first == second), (1000, 1000, False), "messages")
        equal({tuple(message) for message in first}, {tuple(FIELDS)}, "fields")
        times = [message["timestamp"] for message in first if isinstance(message["timestamp"], int)]
        end = 1738324800000
        assert end - 3600000 <= min(times) and max(times) < end and times != sorted(times), (min(times), max(times))
        equal(server.json(f"{PATH}?amount=9&seed=4"), server.json(f"{PATH}?amount=9&seed=4"), "with a seed")
    with stand_in(folder, *AT) as server:
        equal(server.json(f"{PATH}?amount=1000"), first, "another server of the same seed and time")
    with stand_in(folder, "--json", now="2026-01-01T00:00:00Z") as server:
        equal(json.loads(server.line), {"serving": server.address + PATH}, "address")
        (message,) = server.json(f"{PATH}?amount=1&seed=2")
        assert 0 < 1767225600000 - int(message["timestamp"]) <= 3600000, message


def answers_go_wrong_as_the_script_or_the_address_says(folder):
    with stand_in(folder, "--faults", "500,429,cut,reset,page,ok") as server:
        equal(server.ask(PATH)[0], 500, "first")
        status, headers, _ = server.ask(PATH)
        equal((status, headers["retry-after"]), (429, "1"), "second")
        whole = len(server.ask(f"{PATH}?amount=100&seed=3&fault=ok")[2])
        for error, share in ((http.client.IncompleteRead, 0.5), (http.client.RemoteDisconnected, 0)):
            try:
                server.ask(f"{PATH}?amount=100&seed=3")
            except error as cut:
                came = len(getattr(cut, "partial", b"")) / whole
                assert share - 0.1 < came < share + 0.1, f"{came} of the body before {cut}"
                continue
            raise AssertionError(f"no {error}")
        equal(server.ask(PATH)[1]["content-type"], "text/html", "fifth")
        equal(len(server.json(PATH)), 100, "sixth")
        equal(server.ask(f"{PATH}?fault=503")[0], 503, "by its address")
        equal(len(server.json(PATH)), 100, "after all of them")


def only_get_of_the_one_address_is_answered(folder):
    with stand_in(folder) as server:
        equal(server.ask("/")[0], 404, "another address")
        equal(server.ask(PATH, method="POST")[0], 405, "POST")
        status, _, body = server.ask(PATH, method="HEAD")
        equal((status, body), (200, b""), "HEAD")
        equal(server.ask(f"{PATH}?amount=1000001")[0], 400, "too many")
        table = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
        equal({line[1] for line in table if line[1].endswith(f":{server.port:04X}") and line[3] == "0A"},
              {f"0100007F:{server.port:04X}"}, "this machine's own address alone")
        done = run(folder, *MESSAGES, "--serve", server.port)
        equal(done.returncode, 1, "a port that is taken")
        assert f"port {server.port}: taken by another program" in done.stderr, done.stderr


def a_million_messages_are_streamed(folder):
    with stand_in(folder) as server:
        connection = server.connection()
        connection.request("GET", f"{PATH}?amount=1000000")
        response, size = connection.getresponse(), 0
        while piece := response.read(1 << 20):
            size += len(piece)
        connection.close()
        assert size > 200 << 20, size
        peak = next(int(line.split()[1]) >> 10 for line in Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii").splitlines()
                    if line.startswith("VmHWM"))
        assert SANITIZED or peak < PEAK_MIB, f"{peak} MiB"
    return f"{size >> 20} MiB of messages, {peak} MiB at most"


def control_c_ends_it_while_clients_wait(folder):
    with stand_in(folder, "--wait", 3000) as server:
        sockets = []
        for target in ("?fault=slow", "?fault=stall", "?amount=1000000", ""):
            client = socket.create_connection(("127.0.0.1", server.port))
            client.sendall(f"GET {PATH}{target} HTTP/1.1\r\nHost: localhost\r\n{'' if not target else chr(13) + chr(10)}".encode())
            sockets.append(client)
        sockets[1].recv(1)
        sockets[2].recv(1)
        begin = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        equal(server.process.wait(timeout=PATIENCE_S), 0, "exit status")
        took = time.monotonic() - begin
        for client in sockets:
            client.close()
    return f"{took:.1f} s"


if __name__ == "__main__":
    main([an_array_and_lines_hold_the_same_messages_packed_or_not, what_is_dropped_is_counted,
          the_guide_s_file_has_its_columns_and_rows, options_that_do_not_go_together_are_refused,
          memory_does_not_grow_with_the_rows, control_c_leaves_no_part_of_a_file,
          every_call_brings_messages_of_the_last_hour, answers_go_wrong_as_the_script_or_the_address_says,
          only_get_of_the_one_address_is_answered, a_million_messages_are_streamed, control_c_ends_it_while_clients_wait])
