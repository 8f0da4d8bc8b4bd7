"""A dataset of the tests' own: collared animals, with blanks and slashes in their ids, positions in degrees and minutes, one
fix a day, of which one animal misses four."""
from pathlib import Path

from harness.program import seine

NAMES = ("cow 1", "goat / 7", "Čapí")
DAYS = 20
ANIMALS = """\
name: animals
doc: Collared animals of an alp
word: animal
id: {name: animal, names: [tag]}
time: {names: [seen], format: "%d.%m.%Y"}
position:
  format: dms
  lat: {name: north, names: [where_ns]}
  lon: {name: east, names: [where_ew]}
measures:
  temperature: {unit: C, doc: of the collar}
  height: {unit: m}
columns:
  kind: {doc: what it is}
  id: {type: int, doc: number of the collar}
gap_hours: 36
"""


def silent(animal, day):
    return animal == 1 and 8 <= day <= 11


def lat_of(animal, day):
    return 46 + animal + day / 60


def lon_of(day):
    return -(2 + day / 60)


def rows():
    """The animals from west to east and from south to north."""
    for animal, name in enumerate(NAMES):
        for day in range(1, DAYS + 1):
            if not silent(animal, day):
                # The collar is told on the first days only; heights are beyond what a mean of four digits can hold.
                yield (f"{name},{day:02}.03.2024,{46 + animal}°{day:02}'00\"N,2°{day:02}'00\"W,{38 + animal / 8},"
                       f"{12000 + day},{'cow' if animal == 0 else ''},{100 + animal if day < 5 else ''}")


def make_animals(folder, *more, lake="lake", is_new=True):
    """An alp, and what refresh makes of it. more: lines of the description."""
    Path(folder, "animals.yaml").write_text(ANIMALS + "".join(f"{line}\n" for line in more), encoding="utf-8")
    Path(folder, "animals.csv").write_text("tag,seen,where_ns,where_ew,temperature,height,kind,id\n" + "\n".join(rows()) + "\n",
                                           encoding="utf-8")
    if is_new:
        seine(folder, "init", lake, "--buckets", 2)
    seine(folder, "ingest", "--quiet", "--lake", lake, "--dataset", "animals.yaml", "animals.csv")
    seine(folder, "refresh", "--quiet", "--lake", lake)
