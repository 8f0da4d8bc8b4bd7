#!/usr/bin/env python3
"""Topics of a real broker on this machine's own processors: rows into it, all of it into a lake, a steady flow with what
is derived, and what a day of small commits leaves behind.

Prints one line of JSON per row of the table. SEINE_BROKERS says where the broker is.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from measured import ROOT, measured, median

DATASET = "maritime_guide"
TOPIC = f"bench_{os.getpid()}"
ONE, REPEATS = min(os.sched_getaffinity(0)), 3  # processor of producers that are compared, and how often each is at work
EXAMPLE, HEADERS = Path("/usr/share/doc/librdkafka-dev/examples/rdkafka_performance.c"), "/usr/include/librdkafka"
# What the example takes from headers of librdkafka's own tree, which are not installed.
OF_ITS_TREE = """#ifndef RD_H
#define RD_H
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
typedef int64_t rd_ts_t;
#define rd_snprintf snprintf
#define RD_MAX(a, b) ((a) > (b) ? (a) : (b))
#define RD_MIN(a, b) ((a) < (b) ? (a) : (b))
static inline rd_ts_t rd_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (rd_ts_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
#endif
"""
DEPS = Path(os.environ.get("SEINE_DEPS") or ROOT / ".deps")


def tell(what, ours, peer, ratio, goal):
    print(json.dumps({"what": what, "ours": ours, "peer": peer, "ratio": ratio, "goal": goal}), flush=True)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def resident_mib(pid):
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def spark(options, folder):
    """Seconds that it takes for the same; None: it is not here (tools/setup --full)."""
    if options.alone or not (DEPS / "topics").exists() or not (DEPS / "spark" / "jars").exists():
        return None
    told = measured(sys.executable, ROOT / "bench" / "streams_peer.py", os.environ["SEINE_BROKERS"], TOPIC + "_whole", folder / "spark")[3]
    seconds, bronze, _ = re.search(r"peer: (\S+) (\d+) (\d+)$", told, re.MULTILINE).groups()
    if int(bronze) != options.rows:
        raise RuntimeError(f"the peer has {bronze} of {options.rows} records")
    return float(seconds)


def performance_example(folder):
    """librdkafka's own performance example, made of the source that comes with its headers; None: it is not here."""
    compiler = shutil.which("cc")
    if compiler is None or not EXAMPLE.exists():
        return None
    for name, text in (("rd.h", OF_ITS_TREE), ("rdtime.h", "")):
        (folder / "src").mkdir(exist_ok=True)
        (folder / "src" / name).write_text(text, encoding="ascii")
    (folder / "examples").mkdir()
    shutil.copy(EXAMPLE, folder / "examples")
    measured(compiler, "-O2", "-w", folder / "examples" / EXAMPLE.name, "-I", folder / "src", "-I", HEADERS, "-lrdkafka", "-lm", "-o",
             folder / "performance")
    return folder / "performance"


def of_one(options, folder, topic, words):
    """A producer on one processor. @return rows and bytes a second, and processor seconds for a million rows."""
    measured(options.seine, "produce", folder / "one.csv", "--topic", topic, "--create", "--partitions", 3, "--dataset", DATASET, "--quiet")
    _, processor, _, text = measured("taskset", "-c", ONE, *words)
    return *rate_of(text), processor * 1e6 / options.produced


def rate_of(text):
    """@return rows and bytes a second, as the producer counts them: from the first row to the last acknowledgement."""
    if text.lstrip().startswith("{"):
        told = json.loads(text)
        return told["acknowledged"] / told["seconds"], told["bytes"] / told["seconds"]
    sent, size, delivered, milliseconds = map(int, re.search(r"(\d+) messages produced \((\d+) bytes\), (\d+) delivered .* in (\d+)ms:", text).groups())
    if sent != delivered:
        raise RuntimeError(text[-500:])
    return sent * 1e3 / milliseconds, size * 1e3 / milliseconds


def producers(options, folder):
    """Rows of CSV as records of JSON, with key and header, beside records of that size that are all the same and in memory."""
    measured(options.seine, "generate", "ais", "--quiet", "--shape", "guide", "--rows", options.produced, "-o", folder / "rows_of_one.csv")
    lines = (folder / "rows_of_one.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "one.csv").write_text("".join(lines[:2]), encoding="utf-8")
    example = None if options.alone else performance_example(folder)
    ours, peers = [], []
    for number in range(1 if options.alone else REPEATS):
        topic = f"{TOPIC}_ours{number}"
        ours.append(of_one(options, folder, topic, (options.seine, "produce", folder / "rows_of_one.csv", "--topic", topic, "--dataset",
                                                    DATASET, "--json")))
        size, topic = round(ours[0][1] / ours[0][0]), f"{TOPIC}_peer{number}"
        if example is not None:
            peers.append(of_one(options, folder, topic, (example, "-P", "-t", topic, "-s", size, "-c", options.produced, "-a", "-1", "-b",
                                                         os.environ["SEINE_BROKERS"], "-X", "enable.idempotence=true", "-q")))

    def shown(runs):
        rows, size, processor = (median(runs, index) for index in range(3))
        return f"{rows / 1e3:.0f} k/s, {size / 1e6:.0f} MB/s, CPU {processor:.2f} s a million"
    tell(f"produce on one processor: {options.produced:,} rows of CSV as JSON of {size} bytes", shown(ours),
         "–" if not peers else f"rdkafka_performance {shown(peers)}",
         "–" if not peers else f"{median(ours, 0) / median(peers, 0):.2f}×", "0.7×")


def taken_whole(options, lake):
    """@return wall seconds, processor seconds, peak MiB of the topic on its way into a new lake."""
    measured(options.seine, "init", lake, "--quiet")
    os.sync()  # what the broker took is not written beside what is measured
    return measured(options.seine, "stream", "--lake", lake, "--topic", TOPIC + "_whole", "--dataset", DATASET, "--until-idle", "0s",
                    "--quiet")[:3]


def at_once(options, folder):
    """A topic filled as fast as it goes, then taken in whole: before the peer, while its broker is new to it, and behind it."""
    measured(options.seine, "generate", "ais", "--quiet", "--shape", "guide", "--rows", options.rows, "-o", folder / "rows.csv")
    words = (options.seine, "produce", folder / "rows.csv", "--topic", TOPIC + "_whole", "--create", "--partitions", 3, "--dataset",
             DATASET, "--quiet")
    seconds = measured(*words)[0]
    tell(f"{options.rows:,} rows of CSV into a topic of 3 partitions, acknowledged", f"{seconds:.1f} s, {options.rows / seconds / 1e3:.0f} k/s",
         "–", "–", "–")
    before = taken_whole(options, folder / "before")
    os.sync()
    peer = spark(options, folder)
    runs = [before, taken_whole(options, folder / "behind")]
    wall, processor, peak = (statistics.mean(run[index] for run in runs) for index in range(3))
    tell(f"topic of {options.rows:,} records to bronze + silver, all committed, mean of a run before the peer and one behind it",
         f"{wall:.1f} s, CPU {processor:.1f} s, {peak:.0f} MiB, {options.rows / wall / 1e3:.0f} k/s",
         "–" if peer is None else f"Spark {peer:.1f} s", "–" if peer is None else f"{peer / wall:.1f}×", "10×, 300 k/s")


class Flow:
    """A stream at work, with what it told of each batch and how much memory it took."""

    def __init__(self, options, folder):
        self.lags, self.resident = [], []
        self.process = subprocess.Popen([options.seine, "stream", "--lake", folder / "flow", "--topic", TOPIC + "_flow", "--dataset", DATASET,
                                         "--refresh-every", "30s", "--json"], stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            batch = json.loads(line)
            if batch["read"] > 0:
                self.lags.append(batch["lag_s"])
                self.resident.append(resident_mib(self.process.pid))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.reader.join()
        if self.process.wait() != 0:
            raise RuntimeError("the stream failed")


def steady(options, folder):
    """So many records a second. Rows come in the order of the file, with the times that they have there."""
    count = options.rate * options.seconds
    measured(options.seine, "generate", "ais", "--quiet", "--shape", "guide", "--rows", count, "-o", folder / "flow.csv")
    measured(options.seine, "init", folder / "flow", "--quiet")
    words = [options.seine, "produce", folder / "flow.csv", "--topic", TOPIC + "_flow", "--create", "--partitions", "3", "--dataset", DATASET,
             "--rate", str(options.rate), "--quiet"]
    with subprocess.Popen(list(map(str, words))) as producer:
        time.sleep(2)  # the topic has to be there
        flow = Flow(options, folder)
        if producer.wait() != 0:
            raise RuntimeError("the producer failed")
    flow.end()
    refreshes = [run["seconds"] for run in json.loads(measured(options.seine, "runs", "--lake", folder / "flow", "--json")[3])
                 if run["command"] == "stream refresh"]
    half = max(1, len(flow.resident) // 2)
    tell(f"{options.rate:,} records/s for {options.seconds} s, refreshed every 30 s: lag to bronze and silver",
         f"p50 {percentile(flow.lags, 0.5):.1f} s, p99 {percentile(flow.lags, 0.99):.1f} s", "–", "–", "p99 < 10 s")
    tell("the same: a refresh takes", f"at most {max(refreshes, default=0):.1f} s, of {len(refreshes)} jobs", "–", "–",
         "lag to events < 90 s")
    tell("the same: resident memory", f"{max(flow.resident[:half], default=0):.0f} MiB in the first half, {max(flow.resident[half:], default=0):.0f} MiB in the second",
         "–", "–", "512 MiB, flat")


def small_commits(options, folder):
    told = measured(options.seine.parent / "bench_stream_commits", folder / "commits", options.commits)[3].splitlines()
    for line in (told[0], told[-1]):
        count, rest = line.split(" commits: ")
        tell(f"after {int(count):,} commits of 300 records, five seconds apart", rest, "–", "–", "bounded")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seine", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--produced", type=int, default=1_000_000)
    parser.add_argument("--alone", action="store_true", help="without others, of which Spark takes half a minute to begin")
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--commits", type=int, default=17_280)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seine-bench-streams-") as folder:
        if "SEINE_BROKERS" in os.environ:
            producers(options, Path(folder))
            at_once(options, Path(folder))
            steady(options, Path(folder))
        small_commits(options, Path(folder))


if __name__ == "__main__":
    main()
