#!/usr/bin/env python3
"""Ships of ids that several send under: a lake beside a model that shares no code with it, over made-up histories.

Environment: SEINE_BIN.
"""
import itertools
import random
import sys
import unittest.mock
from datetime import datetime, timedelta, timezone

sys.path.insert(0, sys.path[0] + "/..")
import ships_model
from harness.program import equal, seine, sql, write_csv
from harness.tap import main

IDS = 600
START = datetime(2024, 3, 1, tzinfo=timezone.utc)


class Mover:
    """One that sends under an id, on a straight way that changes now and then."""

    def __init__(self, chance):
        self.chance, self.lat, self.lon = chance, chance.uniform(-60, 60), chance.uniform(-170, 170)
        self.turn()

    def turn(self):
        self.course, self.knots = self.chance.choice([0, 90, 180, 270]), self.chance.choice([0.0, 0.1, 4.0, 12.0, 20.0])

    def go(self, seconds):
        if self.chance.random() < 0.05:
            self.turn()
        miles = self.knots * seconds / 3600
        self.lat = min(89.0, max(-89.0, self.lat + {0: miles, 180: -miles}.get(self.course, 0) / 60))
        self.lon += {90: miles, 270: -miles}.get(self.course, 0) / 60


def history(seed):
    """Messages of one id: up to three movers, near each other or not, at times silent; jumps, repeated and lacking values."""
    chance = random.Random(seed)
    movers = [Mover(chance) for _ in range(chance.choice([1, 2, 2, 3]))]
    for other in movers[1:]:
        if chance.random() < 0.5:
            other.lat, other.lon = movers[0].lat + chance.uniform(-1, 1), movers[0].lon + chance.uniform(-1, 1)
    time, rows, active = chance.randrange(86400), [], movers[0]
    for _ in range(chance.choice([30, 80, 200])):
        step = chance.choice([61, 300, 600, 1800] * 10 + [7 * 3600, 20 * 3600, 30 * 3600, 50 * 3600])
        time += step
        for mover in movers:
            mover.go(step)
        if chance.random() < 0.3:
            active = chance.choice(movers)
        row = {"MMSI": str(seed), "BaseDateTime": (START + timedelta(seconds=time)).strftime("%Y-%m-%dT%H:%M:%S"),
               "LAT": round(active.lat, 6), "LON": round(active.lon, 6), "SOG": active.knots, "COG": active.course}
        kind = chance.random()
        if kind < 0.05:
            row["LAT"], row["LON"] = row["LAT"] / 2, row["LON"] / 2
        elif kind < 0.1:
            row["SOG"] = ""
        elif kind < 0.15:
            row["COG"] = ""
        elif kind < 0.23 and rows:
            row.update({key: value for key, value in chance.choice(rows[-5:]).items() if key in ("LAT", "LON")})
        rows.append(row)
    return rows


def lake_of(folder, rows, parts):
    """A lake that gets its rows in parts, without order."""
    chance = random.Random(len(rows))
    seine(folder, "init", "--quiet", "lake")
    chance.shuffle(rows)
    for part in range(parts):
        write_csv(folder / f"part{part}.csv", rows[part::parts])
        seine(folder, "ingest", "--quiet", "--lake", "lake", f"part{part}.csv")
        seine(folder, "refresh", "--quiet", "--lake", "lake", "--from", "2030-01-01")  # jobs, no models


def told(folder):
    """@return the rows of each id that the model can tell, by time."""
    query = "SELECT mmsi, epoch_us(ts) // 1000000 AS timestamp, lat, lon, seg_id, noise, kind, ship_no FROM silver.ais_segments ORDER BY mmsi, ts"
    each = [list(rows) for _, rows in itertools.groupby(sql(folder, query), key=lambda row: row["mmsi"])]
    return [rows for rows in each if ships_model.can_tell(rows)]


def made_up_histories_have_the_ships_of_the_model(folder):
    """And would have others by other limits, each of which some history reaches."""
    lake_of(folder, list(itertools.chain.from_iterable(history(seed) for seed in range(1, IDS + 1))), 3)
    found = told(folder)
    several = 0
    for rows in found:
        wanted = ships_model.ships_of(rows)
        several += len(set(wanted) - {None}) > 1
        for row, number in zip(rows, wanted):
            equal(row["ship_no"], number, f"ship of {row}")
    assert len(found) > IDS / 3 and several > IDS / 10, (len(found), several)
    for limit, other in (("SHORT", 9), ("SHORT", 11), ("MAX_KNOTS", 20), ("BUFFER_HOURS", 0), ("VERY_SLOW_KNOTS", 25), ("MAX_HOURS", 6), ("DAY_S", 43200)):
        with unittest.mock.patch.object(ships_model, limit, other):
            same = all(ships_model.ships_of(rows) == [row["ship_no"] for row in rows] for rows in found)
        assert not same, f"{limit} {other}: the histories do not tell it from the real one"
    print(f"# {IDS} ids, {len(found)} that the model can tell, {several} of more than one ship")


if __name__ == "__main__":
    main([made_up_histories_have_the_ships_of_the_model])
