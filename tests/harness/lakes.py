"""Files of fixes and lakes made of them."""
import functools
import shutil
from pathlib import Path

from harness.program import seine
from harness.tap import program_folder

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,VesselName"
FIX_HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName"
# Every column of an archive of the years from 2018 on.
WHOLE_HEADER = ("MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,"
                "Draft,Cargo,TransceiverClass")


def write_day(folder, name, rows, header=HEADER):
    """A day file of rows given as CSV text without line ends. @return its path."""
    path = Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def fix(mover, day, hour, minute=0, lat=10.5):
    """A row of write_fixes: a mover from 0 to 9 in March 2020."""
    return f"36600000{mover},2020-03-{day:02}T{hour:02}:{minute:02}:00,{lat},-20.25,1.0,90.0,90,NAME"


def write_fixes(path, *fixes):
    return write_day(path.parent, path.name, fixes, FIX_HEADER)


def make_lake(folder, *files, buckets=None, refresh=False, lake="lake"):
    """A lake that has taken the files in; with refresh, also what follows from them."""
    seine(folder, "init", *(() if buckets is None else ("--buckets", buckets)), lake)
    if files:
        seine(folder, "ingest", "--quiet", "--lake", lake, *files)
    if refresh:
        seine(folder, "refresh", "--quiet", "--lake", lake)


def lake_of(folder, days):
    """A lake of the given day files: {name: rows}."""
    make_lake(folder, *(write_day(folder, name, rows) for name, rows in days.items()))


@functools.cache
def made_once(days, refresh):
    folder = program_folder()
    make_lake(folder, *(write_day(folder, name, rows) for name, rows in days), refresh=refresh)
    return folder


def look_at(folder, days, refresh=False):
    """As lake_of, for a case that only reads: the lake is made once for all of a program that name these days."""
    made = made_once(tuple((name, tuple(rows)) for name, rows in days.items()), refresh)
    Path(folder, "lake").symlink_to(made / "lake")


class Kept:
    """A folder with a lake, which cases may change: it is made once, and is as it was made for each of them, in the
    same place, since a lake knows where it lies."""

    def __init__(self, folder, make):
        self.folder, self.copy = Path(folder, "now"), Path(folder, "made")
        self.folder.mkdir(parents=True)
        make(self.folder)
        shutil.copytree(self.folder, self.copy, symlinks=True)
        self.is_as_made = True

    def __enter__(self):
        if not self.is_as_made:
            shutil.rmtree(self.folder)
            shutil.copytree(self.copy, self.folder, symlinks=True)
        self.is_as_made = False
        return self.folder

    def __exit__(self, *_):
        pass
