"""Buses of a city as a dataset of one's own, and lakes of datasets: for tests of what any mover goes through."""
import json
import random

from harness.program import equal, run, seine, sql

BUSES = """name: buses
doc: buses of a city
word: bus
id: {name: bus, names: [bus, vehicle]}
time: {names: [t], format: unix_s}
position: {lat: {name: lat}, lon: {name: lon}}
measures:
  speed: {unit: km/h, least: 0, most: 120, doc: speed}
columns:
  line: {doc: line}
  doors_open: {type: boolean, doc: whether the doors are open}
"""


def lake(folder, name="lake", buckets=2):
    seine(folder, "init", "--quiet", "--buckets", buckets, name)


def ingest(folder, dataset, *files, lake="lake", options=(), code=0, env=None):
    done = run(folder, "ingest", "--lake", lake, "--json", "--dataset", dataset, *options, *files, env=env, now=None)
    equal(done.returncode, code, f"status of {files}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def whole(folder, lake="lake"):
    report = json.loads(seine(folder, "verify", "--deep", "--json", "--lake", lake))
    equal(report["findings"], [], "verify --deep")
    return report


def bus_rows(seed, count, day=19000):
    chance = random.Random(seed)
    return [(f"b{chance.randrange(12)}", day * 86400 + chance.randrange(2 * 86400), chance.randrange(130), chance.choice("AB"),
             chance.choice(["true", "false", ""])) for _ in range(count)]


def write_buses(path, rows):
    path.write_text("vehicle;t;lat;lon;speed;line;doors_open\n" +
                    "".join(f"{bus};{t};48,5;7,25;{speed};{line};{doors}\n" for bus, t, speed, line, doors in rows))
    return path.name


def declare(folder, text=BUSES):
    (folder / "buses.yaml").write_text(text + "csv: {decimal: \",\"}\n")
    return "buses.yaml"


def dump(folder, name, dataset="buses"):
    return sql(folder, f"SELECT * EXCLUDE (ingested_at, source_url) FROM silver.{dataset} ORDER BY ALL", lake=name)
