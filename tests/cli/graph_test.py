#!/usr/bin/env python3
"""`seine graph`: what is made from what, what is stale and why. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD.
"""
import json
import re
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import fix, make_lake, write_fixes
from harness.program import equal, refused, seine
from harness.tap import main

MODEL = """-- model: gold.mine
-- grain: one
-- inputs: events.ais_gaps(all), gold.ais_hourly_h3(all)
-- partition: none
-- sort: n
-- column: n long required | gaps
SELECT count(*) AS n FROM events.ais_gaps
"""


def graph(folder, *words):
    tables = json.loads(seine(folder, "graph", "--lake", "lake", "--json", *words))["tables"]
    return {row["table"]: row for row in tables}, [row["table"] for row in tables]


def stale(nodes):
    return {name: row["why"] for name, row in nodes.items() if row["stale"]}


def it_tells_who_makes_what_of_what(folder):
    make_lake(folder, write_fixes(folder / "a.csv", fix(1, 1, 1), fix(1, 1, 23)), buckets=1)
    (folder / "lake/models").mkdir()
    (folder / "lake/models/mine.sql").write_text(MODEL, encoding="utf-8")
    nodes, order = graph(folder)
    for name, row in nodes.items():
        for read in row["inputs"]:
            assert order.index(read["table"]) < order.index(name), f"{name} stands before {read['table']}"
    equal((nodes["silver.ais"]["kind"], nodes["silver.ais"]["maker"], nodes["silver.ais"]["rows"]), ("source", "ingest", 2), "silver")
    gaps = nodes["events.ais_gaps"]
    equal((gaps["kind"], gaps["maker"], [read["table"] for read in gaps["inputs"]]), ("job", "ais_gaps", ["silver.ais_segments"]), "gaps")
    equal([read["table"] for read in nodes["silver.ais_segments"]["inputs"]], ["silver.ais"], "segments")
    equal(gaps["beside"], ["events.ais_gaps_history", "state.ais_gaps", "state.ais_gaps_head"], "beside gaps")
    equal([read["table"] for read in nodes["silver.ais_enriched"]["inputs"]], ["silver.ais", "ref.ports", "ref.weather"], "enriched")
    mine = nodes["gold.mine"]
    equal((mine["kind"], mine["inputs"]), ("model", [{"table": "events.ais_gaps", "window": "all"}, {"table": "gold.ais_hourly_h3", "window": "all"}]), "mine")
    assert mine["maker"].endswith("mine.sql"), mine
    pairs = {read["table"]: read["window"] for read in nodes["gold.ais_pairs_daily"]["inputs"]}
    equal(pairs, {"gold.ais_hourly_h3": "same day"}, "pairs")
    text = seine(folder, "graph", "--lake", "lake")
    assert re.search(r"^gold\.mine\n    by    \S*mine\.sql\n    from  events\.ais_gaps, gold\.ais_hourly_h3\n    is    stale, 1 of 1: ", text, re.M), text
    dot = seine(folder, "graph", "--lake", "lake", "--dot")
    edges = set(re.findall(r'^    "(\S+)" -> "(\S+)";$', dot, re.M))
    equal(edges, {(read["table"], name) for name, row in nodes.items() for read in row["inputs"]}, "edges for Graphviz")
    refused(folder, 2, "either --dot or --json", "graph", "--lake", "lake", "--dot", "--json")


def it_tells_why(folder):
    make_lake(folder, write_fixes(folder / "a.csv", fix(1, 1, 1), fix(1, 1, 23)), buckets=1)
    nodes, _ = graph(folder)
    equal(nodes["events.ais_gaps"]["why"], "it was not made yet, or with other parameters, or by another version", "never refreshed")
    equal(nodes["gold.ais_vessel_days"]["why"], "what it reads, its text or its settings have changed", "a model")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    equal(stale(graph(folder)[0]), {}, "after a refresh")
    equal(stale(graph(folder, "--min-gap-length", 30)[0])["events.ais_gaps"], "other parameters, or another version", "other parameters")
    seine(folder, "ingest", "--quiet", "--lake", "lake", write_fixes(folder / "b.csv", fix(2, 2, 1)))
    late = stale(graph(folder)[0])
    equal((late["silver.ais_segments"], late["silver.ais_enriched"]), ("what it reads has changed",) * 2, "a late file")
    equal(late["events.ais_gaps"], "silver.ais_segments will be made anew", "a job of a job")
    equal(late["gold.ais_daily_statistics"], "silver.ais_enriched will be made anew", "what follows")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    (folder / "ports.csv").write_text("id,name,lat,lon\na,Alpha,10,-20\n", encoding="utf-8")
    seine(folder, "ref", "load", "--quiet", "--lake", "lake", "ports", "ports.csv")
    ports = stale(graph(folder)[0])
    assert "silver.ais_enriched" in ports and "events.ais_gaps" not in ports, ports
    higher = set(stale(graph(folder, "--set", "cell_resolution=8")[0])) - set(ports)
    assert "gold.ais_hourly_h3" in higher and "gold.ais_pairs_daily" in higher, higher


main([it_tells_who_makes_what_of_what, it_tells_why])
