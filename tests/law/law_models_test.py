#!/usr/bin/env python3
"""The executable models of incremental work: each holds over its random histories, and no longer without one of its rules.
Then the program lives the histories of the model of jobs, one file and one removal after the other, beside it.

Environment: SEINE_BIN.
"""
import random
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
import graph_sim
import spine_sim
import stream_sim
from harness.program import equal, seine, sql
from harness.tap import main

HERE = Path(__file__).parent
HISTORIES = 500
LAKES = 3
START = 1_700_006_400  # a midnight

# What a rule says in a model, and the same without it.
RULES = {
    "1 a loser stays in its file": ("graph_sim.py", "                    del holder[key]\n", ""),
    "2 a day goes stale by its rows only": ("graph_sim.py", "if rows.get(place) != self.fed.get(place):",
                                            "if rows.get(place, [0])[0] != self.fed.get(place, [1])[0]:"),
    "2 the stale day alone is fed": ("graph_sim.py", "running = state != stored", "running = False"),
    "3 the watermark goes forward only": ("graph_sim.py", "low, high = sorted((self.watermark, watermark))",
                                          "low, high = self.watermark, max(self.watermark, watermark)"),
    "3 all are due as those of class A": ("graph_sim.py", "return state[0] + THRESHOLD[state[1]] + 1", "return state[0] + 6 * HOUR + 1"),
    "5 an id belongs to its partition": ("graph_sim.py", 'op = "retract" if event not in now else',
                                         'op = "retract" if event not in now or self.rows.get(event) else'),
    "the first state is any older one": ("spine_sim.py", "self.states[(mover, max(older))] if older", "self.states[(mover, min(older))] if older"),
    "a day without rows keeps its state": ("spine_sim.py", "table.pop(key, None)", "pass"),
}


def failures(model, trials):
    """@return how many histories of a model fail: spine tells by False, the others by a text."""
    return sum(found is False or isinstance(found, str) for found in map(model.trial, range(trials)))


def is_broken(name, trials):
    """@return whether a history fails, or ends in an exception, once a rule is left out of the model."""
    file, rule, instead = RULES[name]
    text = (HERE / file).read_text(encoding="utf-8")
    assert text.count(rule) >= 1, f"{file} has no {rule!r}"
    model = {"__name__": "without_a_rule"}
    exec(compile(text.replace(rule, instead), file, "exec"), model)  # noqa: S102
    for seed in range(trials):
        try:
            found = model["trial"](seed)
        except (AssertionError, KeyError):
            return True
        if found is False or isinstance(found, str):
            return True
    return False


def the_models_hold(_):
    for model in (spine_sim, graph_sim, stream_sim):
        equal(failures(model, HISTORIES), 0, model.__name__)


def no_rule_can_be_left_out(_):
    equal([name for name in RULES if not is_broken(name, HISTORIES)], [])
    for rule in range(1, 5):
        stream_sim.BROKEN = rule
        try:
            assert failures(stream_sim, HISTORIES), f"rule {rule} of streams"
        finally:
            stream_sim.BROKEN = 0


# ---- the program beside the model ----

MOVERS = """\
name: movers
doc: Movers of the models
id: {name: mover, names: [mover]}
time: {names: [t], format: unix_s}
position:
  lat: {name: lat, names: [lat]}
  lon: {name: lon, names: [lon]}
gap_hours: 6
"""
# Of the user: a sink with days, which only makes those anew that have changed.
HELD = """\
-- model: gold.held
-- grain: one gap
-- inputs: events.movers_gaps(day)
-- partition: produced_day
-- sort: mover
-- sink: events
-- key: event_id
-- column: event_id string required | of the gap
-- column: mover string required | id
-- column: start_ts timestamptz required | start
-- column: end_ts timestamptz | end, null while open
-- column: produced_day date | day that closed it
SELECT event_id, mover, start_ts, end_ts, produced_day FROM events.movers_gaps
"""


def expected_gaps(silver):
    """What one pass over the winners of the model's sources makes: (mover, start, end or None), times in seconds."""
    times = {}
    for rows in silver.winners(silver.sources).values():
        for mover, t in rows:
            times.setdefault(mover, []).append(t)
    watermark, out = max((t for known in times.values() for t in known), default=0), []
    for mover, known in times.items():
        state, events = graph_sim.gap_step(None, sorted(known), ["A"] * len(known))
        out += [(mover, start, end) for start, end, _ in events + graph_sim.gap_advance(state, watermark)]
    return sorted(out, key=repr)


def gaps_of(rows):
    return sorted(((int(r["mover"]), r["start"] - START, None if r["end"] is None else r["end"] - START) for r in rows), key=repr)


def replayed(log):
    """@return the events that stand when the log has been followed to its end."""
    standing = {}
    for row in log:
        standing.pop(row["event_id"], None)
        if row["op"] != "retract":
            standing[row["event_id"]] = row
    return standing.values()


def compare(folder, silver, what):
    seine(folder, "refresh", "--quiet")
    columns = "mover, epoch(start_ts)::BIGINT AS start, epoch(end_ts)::BIGINT AS end"
    for table in ("events.movers_gaps", "gold.held"):
        equal(gaps_of(sql(folder, f"SELECT {columns} FROM {table}", lake=".")), expected_gaps(silver), f"{what}: {table}")
        log = sql(folder, f"SELECT op, event_id, {columns} FROM {table}_history ORDER BY version", lake=".")
        equal(gaps_of(replayed(log)), expected_gaps(silver), f"{what}: {table}, by the log")


def change(folder, silver, rnd, number):
    """One change of the model's lake and the same of the program's. @return what it was."""
    choice = rnd.random()
    if choice < 0.6 or not silver.sources:
        name, rows = f"s{number:03}.csv", graph_sim.some_rows(rnd)
        silver.add(name, rows)
        lines = "".join(f"{mover},{START + t},10.5,{20 + cell}\n" for mover, t, cell in rows)
        Path(folder, name).write_text(f"mover,t,lat,lon\n{lines}", encoding="utf-8")
        seine(folder, "ingest", "--quiet", "--dataset", "movers.yaml", name)
        return f"{name} added"
    if choice < 0.85:
        name = rnd.choice(sorted(silver.sources))
        silver.rebuild(name, None)
        seine(folder, "source", "rm", "--quiet", "--dataset", "movers", name)
        return f"{name} removed"
    seine(folder, "table", "compact", "--quiet", "--dataset", "movers")
    return "compacted"


def the_program_lives_the_same_histories(folder):
    Path(folder, "movers.yaml").write_text(MOVERS, encoding="utf-8")
    for seed in range(LAKES):
        rnd, silver, lake = random.Random(seed), graph_sim.Silver(), folder / f"lake{seed}"
        seine(folder, "init", "--quiet", "--buckets", 1 + seed % 3, lake.name)
        (lake / "movers.yaml").write_text(MOVERS, encoding="utf-8")
        (lake / "models").mkdir()
        (lake / "models" / "held.sql").write_text(HELD, encoding="utf-8")
        for number in range(rnd.randint(8, 14)):
            what = change(lake, silver, rnd, number)
            if number == 0 or rnd.random() < 0.6:
                compare(lake, silver, f"history {seed}, after {number} ({what})")
        compare(lake, silver, f"history {seed}, at its end")


main([the_models_hold, no_rule_can_be_left_out, the_program_lives_the_same_histories])
