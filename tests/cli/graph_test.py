#!/usr/bin/env python3
"""`seine graph`: what is made from what, what is stale and why; and what `seine refresh WORD` makes. Prints TAP.

Environment: SEINE_BIN, SEINE_BUILD.
"""
import json
import re
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import fix, make_lake, write_fixes
from harness.program import equal, refused, seine, sql_each
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


def made(folder, *words):
    """@return the tables that a refresh of these words looked at, jobs by their names."""
    report = json.loads(seine(folder, "refresh", "--lake", "lake", "--json", *words))
    return {row["job"] for row in report["jobs"]} | {row["table"] for row in report["models"]}


def makers(nodes, tables):
    """What `made` tells of these tables and of all that they are made from."""
    found, waiting = set(), list(tables)
    while waiting:
        name = waiting.pop()
        name = name if name in nodes else next(table for table, row in nodes.items() if name in row["beside"])
        waiting += [read["table"] for read in nodes[name]["inputs"]] if name not in found else []
        found.add(name)
    return {nodes[name]["maker"] if nodes[name]["kind"] == "job" else name for name in found
            if nodes[name]["kind"] in ("job", "model")}


def what_is_named_is_made_with_what_it_is_made_from(folder):
    days = [write_fixes(folder / "a.csv", fix(1, 1, 1), fix(2, 1, 1, 5), fix(1, 1, 23)), write_fixes(folder / "b.csv", fix(2, 2, 1))]
    make_lake(folder, *days, buckets=1)
    (folder / "lake/models").mkdir()
    (folder / "lake/models/mine.sql").write_text(MODEL.replace("events.ais_gaps", "events.ais_gaps_history"), encoding="utf-8")
    nodes, order = graph(folder)
    derived = [name for name in order if nodes[name]["kind"] in ("job", "model")]
    before = set(stale(nodes))
    refused(folder, 2, "gap: nothing of this name is made in the lake; did you mean gaps?", "refresh", "--lake", "lake", "pairs", "gap")
    refused(folder, 2, "xyzzyx: nothing of this name is made in the lake; seine graph shows what is", "refresh", "--lake", "lake", "xyzzyx")
    equal(set(stale(graph(folder)[0])), before, "stale after a word that means nothing")
    equal(made(folder, "gaps"), {"ais_segments", "ais_gaps"}, "gaps")
    equal(set(stale(graph(folder)[0])), before - {"silver.ais_segments", "events.ais_gaps"}, "stale when gaps are made")
    equal(made(folder, "mine"), {"ais_segments", "ais_gaps", "gold.ais_hourly_h3", "gold.mine"}, "a model of the user's, of a log")
    for word, tables in (("pairs", ["gold.ais_pairs_daily", "gold.ais_pairs_total"]), ("ais_gaps", ["events.ais_gaps"]),
                         ("enriched", ["silver.ais_enriched"]), ("segments", ["gold.ais_segments", "gold.ais_segments_daily"])):
        equal(made(folder, word), makers(nodes, tables), word)
    for table in reversed(derived):  # what is made last comes first
        equal(made(folder, table), makers(nodes, [table]), table)
    equal(stale(graph(folder)[0]), {}, "when each was named")
    equal(json.loads(seine(folder, "refresh", "--lake", "lake", "--json"))["committed"], False, "then all")
    equal(json.loads(seine(folder, "verify", "--deep", "--lake", "lake", "--json"))["findings"], [], "verify")
    make_lake(folder, *days, buckets=1, refresh=True, lake="once")
    queries = {name: f"SELECT * FROM {name} ORDER BY ALL" for name in derived
               if name != "gold.mine" and not name.startswith("silver.")}
    equal(sql_each(folder, queries), sql_each(folder, queries, lake="once"), "rows of one refresh")
    equal(made(folder, "--by", "mover", "gaps"), {"ais_gaps"}, "by mover")


def fishing_is_all_its_tables(folder):
    make_lake(folder, write_fixes(folder / "a.csv", fix(1, 1, 1), fix(1, 1, 2)), buckets=1)
    refused(folder, 2, "fishing: nothing of this name", "refresh", "--lake", "lake", "fishing")
    first = made(folder, "--fishing", "rules", "fishing")
    nodes, _ = graph(folder)
    tables = [name for name in nodes if name.split(".")[1].startswith("ais_fishing")]
    assert {"events.ais_fishing", "gold.ais_fishing_events", "events.ais_fishing_events"} <= set(tables), tables
    equal((first, made(folder, "fishing")), (makers(nodes, tables),) * 2, "fishing")


main([it_tells_who_makes_what_of_what, it_tells_why, what_is_named_is_made_with_what_it_is_made_from, fishing_is_all_its_tables])
