#!/usr/bin/env python3
"""A refresh as plan, work and commit: seine tasks. Prints TAP.

Environment: SEINE_BIN, SEINE_TEST_PLACE.
"""
import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import fix, make_lake, write_fixes
from harness.program import equal, place, refused, run, seine, sql, sql_each
from harness.tap import main

FAST = """-- model: gold.fast
-- grain: one vessel of a day
-- inputs: silver.ais_segments(day), ref.vessels(all)
-- partition: dt
-- sort: mmsi
-- sink: events
-- key: key
-- setting: least_fixes 1 | fixes
-- column: key string required | mover and day
-- column: mmsi string required | vessel id
-- column: dt date required | day
-- column: fixes long required | how many
-- column: class string | of the vessel
SELECT mmsi || '/' || $day AS key, mmsi, $day AS dt, count(*) AS fixes, max(v.shiptype) AS class
FROM silver.ais_segments LEFT JOIN ref.vessels v ON v.ssvid = mmsi GROUP BY mmsi
HAVING count(*) >= $least_fixes
"""
COUNTED = """-- model: gold.counted
-- grain: all
-- inputs: gold.fast_history(all)
-- partition: none
-- sort: op
-- column: op string required | operation
-- column: rows long required | how many
SELECT op, count(*) AS rows FROM gold.fast_history GROUP BY op
"""
# What a run says of itself is not of its rows.
LOST = {"run_id", "made_at", "computed_at", "recorded_at", "version", "ingested_at", "snapshot_id"}


def lines(text):
    return [line for line in text.split("\n") if line]


def plan(folder, *words, lake="lake"):
    return lines(seine(folder, "tasks", "plan", "--lake", lake, *words))


def work(folder, tasks, lake="lake", **more):
    return lines(seine(folder, "tasks", "work", "--threads", 1, "--lake", lake, stdin="\n".join(tasks), **more))


def commit(folder, results, *words, lake="lake", **more):
    return seine(folder, "tasks", "commit", "--lake", lake, *words, stdin="\n".join(results), **more)


def rounds(folder, *words, rng=None, lake="lake"):
    """Plans, works and commits until there is no task; with rng by two workers, in any order, some tasks twice.
    @return how many tasks each round had."""
    counts = []
    while tasks := plan(folder, *words, lake=lake):
        counts.append(len(tasks))
        assert len(counts) < 12, "it has no end"
        if rng:
            tasks += rng.sample(tasks, k=len(tasks) // 3)
            rng.shuffle(tasks)
            with ThreadPoolExecutor(2) as pool:
                halves = list(pool.map(lambda half: work(folder, half, lake), (tasks[::2], tasks[1::2])))
            results = halves[0] + halves[1]
            rng.shuffle(results)
        else:
            results = work(folder, tasks, lake)
        commit(folder, results, lake=lake)
    return counts


def tables_of(folder, lake="lake"):
    return [row["table"] for row in json.loads(seine(folder, "table", "ls", "--lake", lake, "--json")) if row["rows"]]


def dump(folder, names, lake="lake"):
    """@return all rows of these tables without what a run says of itself, in order."""
    rows = sql_each(folder, {name: f"FROM {name}" for name in names}, lake)
    return {name: sorted(json.dumps({key: value for key, value in row.items() if key not in LOST}, sort_keys=True) for row in rows[name])
            for name in names}


def days(folder):
    """Files of four days, the last of which are late pieces of the first: silences of more than six hours, two ships of
    one id, and a mover that comes back."""
    return [
        [write_fixes(folder / "a.csv", *(fix(mover, 1, hour, lat=10 + mover / 10) for mover in range(6) for hour in (0, 1, 9, 23)))],
        [write_fixes(folder / "c.csv", *(fix(mover, 3, hour, lat=10 + mover / 10) for mover in (0, 2, 4) for hour in (2, 3, 20)))],
        [write_fixes(folder / "b.csv", *(fix(mover, 2, hour, lat=10 + mover / 10) for mover in (0, 1, 5) for hour in (6, 7, 8)),
                     *(fix(0, 2, hour, minute=30, lat=40) for hour in (6, 7, 8)))],
        [write_fixes(folder / "late.csv", fix(1, 1, 5, lat=10.1), fix(3, 1, 12, lat=10.3))],
    ]


def with_models(folder, lake):
    models = folder / lake / "models"
    models.mkdir()
    (models / "fast.sql").write_text(FAST, encoding="utf-8")
    (models / "counted.sql").write_text(COUNTED, encoding="utf-8")


def vessels(folder, lake, kind):
    (folder / "vessels.csv").write_text(f"vessel_id,year,ssvid,shiptype\nv1,2020,366000001,{kind}\n", encoding="utf-8")
    seine(folder, "ref", "load", "--quiet", "--lake", lake, "vessels", "vessels.csv")


def same(folder, what):
    names = tables_of(folder)
    equal(tables_of(folder, "whole"), names, f"{what}: tables")
    mine, theirs = dump(folder, names), dump(folder, names, "whole")
    for name in names:
        equal(mine[name], theirs[name], f"{what}: {name}")


def it_ends_where_one_refresh_ends(folder):
    rng = random.Random(8)
    for lake in ("lake", "whole"):
        make_lake(folder, buckets=2, lake=lake)
        if place() is None:
            with_models(folder, lake)
    seine(folder, "refresh", "--quiet", "--lake", "whole", "--fishing", "rules", "gaps")
    for number, files in enumerate(days(folder)):
        for lake in ("lake", "whole"):
            seine(folder, "ingest", "--quiet", "--lake", lake, *files)
            if number == 2:
                vessels(folder, lake, "trawlers")
        words = ("--fishing", "rules") if number == 0 else ()
        counts = rounds(folder, *words, rng=rng)
        assert len(counts) >= 2, counts
        seine(folder, "refresh", "--quiet", "--lake", "whole", *words)
    same(folder, "all files")
    for lake in ("lake", "whole"):
        seine(folder, "source", "rm", "--quiet", "--lake", lake, "c.csv")
        vessels(folder, lake, "passenger")
    rounds(folder, rng=rng)
    seine(folder, "refresh", "--quiet", "--lake", "whole")
    same(folder, "a file taken away, another class")
    found = json.loads(seine(folder, "refresh", "--lake", "lake", "--json"))
    equal(found["committed"], False, "a refresh has nothing to do")
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def it_plans_what_is_asked_for_and_carries_its_settings(folder):
    make_lake(folder, *days(folder)[0], buckets=2)
    tasks = [json.loads(line) for line in plan(folder, "gaps", "--min-gap-length", 20)]
    equal({task["job"] for task in tasks}, {"ais_segments"}, "what gaps are made from")
    equal((tasks[0]["settings"]["min_gap_us"], tasks[0]["of"], [task["number"] for task in tasks]), (20 * 3600 * 10**6, 2, [0, 1]), "of a task")
    paths = [path for task in tasks for day in task["days"] for path in day["silver"]]
    assert paths and all(path.startswith("silver/ais/data/") for path in paths), paths
    rounds(folder, "gaps", "--min-gap-length", 20)
    gaps = sql(folder, "SELECT count(*) AS n FROM events.ais_gaps")
    seine(folder, "init", "--buckets", 2, "once")
    seine(folder, "ingest", "--quiet", "--lake", "once", "a.csv")
    seine(folder, "refresh", "--quiet", "--lake", "once", "--min-gap-length", 20, "gaps")
    equal(gaps, sql(folder, "SELECT count(*) AS n FROM events.ais_gaps", "once"), "gaps of 20 hours")
    equal(plan(folder, "gaps", "--min-gap-length", 20), [], "then")
    refused(folder, 2, "nothing of this name is made in the lake", "tasks", "plan", "--lake", "lake", "gabs")


def it_commits_a_job_as_a_whole(folder):
    make_lake(folder, *days(folder)[0], buckets=3)
    tasks = plan(folder, "gaps")
    results = work(folder, tasks)
    said = commit(folder, results[1:], code=2)
    assert "of 3 tasks of ais_segments 1 have no result" in said, said
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais_segments"), [{"n": 0}], "nothing")
    said = commit(folder, tasks, code=1)
    assert "line 1 is a task that has not been worked on" in said, said
    said = commit(folder, ["{", *results, "[1, 2]"], code=1)  # what is well is committed
    assert "result: byte" in said, said
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais_segments"), [{"n": 24}], "rows")
    said = commit(folder, results, code=1)
    assert "has changed since ais_segments was planned" in said, said
    said = run(folder, "tasks", "work", "--lake", "lake", stdin="\n".join([*tasks[:1], "so?", '{"task": "x"}']))
    equal((said.returncode, len(lines(said.stdout))), (1, 0), "work on what is no more, and on no tasks")
    assert "line 1: state.ais_segments has changed since" in said.stderr or "line 1: silver" in said.stderr or "line 1: state" in said.stderr, said.stderr
    assert "line 2: task: byte" in said.stderr and "line 3: this is no task" in said.stderr, said.stderr
    commit(folder, [])
    assert "all is well" in seine(folder, "verify", "--lake", "lake")


def it_takes_what_came_meanwhile_with_the_next_plan(folder):
    files = days(folder)
    make_lake(folder, *files[0], buckets=2, refresh=True)
    seine(folder, "ingest", "--quiet", "--lake", "lake", *files[1])
    tasks = plan(folder, "gaps")
    seine(folder, "ingest", "--quiet", "--lake", "lake", *files[2])
    results = work(folder, tasks)
    seine(folder, "ingest", "--quiet", "--lake", "lake", *files[3])
    commit(folder, results)
    rounds(folder)
    make_lake(folder, *(path for paths in files for path in paths), buckets=2, refresh=True, lake="whole")
    names = [name for name in tables_of(folder, "whole") if not name.endswith("_history")]
    mine, theirs = dump(folder, names), dump(folder, names, "whole")
    for name in names:
        if not name.startswith("bronze") and name != "silver.ais":
            equal(mine[name], theirs[name], name)
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def it_sees_that_what_it_was_planned_from_has_changed(folder):
    make_lake(folder, *days(folder)[0], buckets=2, refresh=True)
    seine(folder, "ingest", "--quiet", "--lake", "lake", *days(folder)[1])
    tasks = plan(folder, "enriched")
    results = work(folder, tasks)
    (folder / "ports.csv").write_text("id,name,lat,lon\na,Alpha,10,-20\n", encoding="utf-8")
    seine(folder, "ref", "load", "--quiet", "--lake", "lake", "ports", "ports.csv")
    for words, stdin in ((("tasks", "work"), tasks), (("tasks", "commit"), results)):
        said = run(folder, *words, "--lake", "lake", stdin="\n".join(stdin))
        equal(said.returncode, 1, words)
        assert "reference tables have changed since ais_enriched was planned" in said.stderr, said.stderr
    rounds(folder)
    tasks = plan(folder, "--set", "cell_resolution=8")
    assert tasks and all(json.loads(task)["settings"] == ["cell_resolution=8"] for task in tasks), tasks
    results = work(folder, tasks)
    seine(folder, "refresh", "--quiet", "--lake", "lake", "--set", "cell_resolution=8")
    said = run(folder, "tasks", "commit", "--lake", "lake", stdin="\n".join(results))
    assert said.returncode == 1 and "has changed since it was worked on" in said.stderr, said.stderr
    assert "up to date" not in said.stdout, said.stdout
    said = run(folder, "tasks", "work", "--lake", "lake", stdin="\n".join(tasks))
    assert said.returncode == 1 and "is not what it was planned from any more" in said.stderr, said.stderr
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def it_refuses_files_that_are_not_what_a_result_says(folder):
    make_lake(folder, *days(folder)[0], buckets=1)
    (result,) = work(folder, plan(folder, "segments"))
    added = json.loads(result)["states"]["added"][0]

    def with_file(**changed):
        other = json.loads(result)
        other["states"]["added"][0] |= changed
        return json.dumps(other)

    for changed, text in ((dict(path="../" + added["path"]), "is not the path of a file in the lake"),
                          (dict(path="/etc/hostname"), "is not the path of a file in the lake"),
                          (dict(path="silver/ais/data/x.parquet"), "is not a file of state.ais_segments"),
                          (dict(path=added["path"] + "x"), "is not there any more"),
                          (dict(bytes=added["bytes"] + 1), "is not there with"),
                          (dict(columns=added["columns"][1:]), "the table has"),
                          (dict(columns=[[1, 2, 3, "zz", "00"]] * len(added["columns"])), "has no counts and bounds"),
                          (dict(partition=["x"]), "its bytes, rows and partition are not told")):
        said = commit(folder, [with_file(**changed)], code=1)
        assert text in said, f"{changed}: {said}"
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais_segments"), [{"n": 0}], "nothing of it")
    commit(folder, [result])
    assert "all is well" in seine(folder, "verify", "--deep", "--lake", "lake")


def it_ends_with_a_status_whatever_lines_hold(folder):
    make_lake(folder, *days(folder)[0], buckets=1)
    rng = random.Random(3)
    tasks = plan(folder, "gaps")
    commit(folder, work(folder, tasks))
    tasks = plan(folder, "gaps")
    results = work(folder, tasks)
    spoilt = []
    for line in tasks * 20 + results * 20:
        at, cut = rng.randrange(len(line)), rng.randrange(1, 9)
        spoilt.append(line[:at] + rng.choice(["", "0", "-1", '"', "[]", "{", "null", "9e99", "\\ud800"]) + line[at + cut:])
    for words in (("tasks", "work", "--threads", 1), ("tasks", "commit")):
        said = run(folder, *words, "--lake", "lake", stdin="\n".join(spoilt))
        assert said.returncode in (0, 1, 2), f"{said.returncode}: {said.stderr[-500:]}"
    assert "all is well" in seine(folder, "verify", "--lake", "lake")


def a_day_that_fails_is_told_and_stays(folder):
    make_lake(folder, *days(folder)[0], *days(folder)[1], buckets=1)
    (folder / "lake/models").mkdir()
    (folder / "lake/models/odd.sql").write_text("""-- model: gold.odd
-- grain: day
-- inputs: silver.ais(day)
-- partition: dt
-- sort: dt
-- column: dt date required | day
-- column: n long required | fixes
SELECT $day AS dt, CASE WHEN $day = DATE '2020-03-01' THEN error('no such day') ELSE count(*) END AS n FROM silver.ais
""", encoding="utf-8")
    results = work(folder, plan(folder, "odd"))
    said = run(folder, "tasks", "commit", "--lake", "lake", stdin="\n".join(results))
    equal(said.returncode, 1, "the status")
    assert "seine tasks commit: gold.odd 2020-03-01 stays as it was" in said.stderr and "gold.odd: 1 of 2 days run" in said.stdout, said
    equal(sql(folder, "SELECT n FROM gold.odd"), [{"n": 9}], "the other day")
    equal(len(plan(folder, "odd")), 1, "it is tried again")


main([
    it_ends_where_one_refresh_ends,
    it_plans_what_is_asked_for_and_carries_its_settings,
    it_commits_a_job_as_a_whole,
    it_takes_what_came_meanwhile_with_the_next_plan,
    it_sees_that_what_it_was_planned_from_has_changed,
    it_refuses_files_that_are_not_what_a_result_says,
    it_ends_with_a_status_whatever_lines_hold,
    a_day_that_fails_is_told_and_stays,
])
