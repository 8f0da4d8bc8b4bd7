"""The lake most tests of `seine serve` look at: three generated days of four vessels, and two ports."""
import functools
from pathlib import Path

from harness import lakes
from harness.lakes import WHOLE_HEADER
from harness.program import seine
from harness.tap import program_folder


def row(mmsi, time, lat, lon, sog=1.0, name="", kind="70", imo="", callsign=""):
    return f"{mmsi},{time},{lat},{lon},{sog},10,20,{name},{imo},{callsign},{kind},0,100,20,5,70,A"


def write_day(folder, name, rows):
    return lakes.write_day(folder, name, rows, WHOLE_HEADER)


# Three days around 180 degrees and off Los Angeles: a vessel with a long silence, two that travel together.
def small_days():
    days = {}
    for day in (1, 2, 3):
        rows = []
        for minute in range(0, 1440, 30):
            time = f"2025-01-0{day}T{minute // 60:02d}:{minute % 60:02d}:00"
            step = (day - 1) * 48 + minute // 30
            lon = 179.0 + step * 0.02
            rows.append(row("111000111", time, -17.0, round(lon if lon <= 180 else lon - 360, 5), 8.0, "PACIFIC ROVER", "30"))
            rows.append(row("222000222", time, round(33.0 + step * 0.01, 5), -118.5, 12.5, "MORNING STAR", "70", "IMO9074729", "WDA1"))
            rows.append(row("333000333", time, round(33.001 + step * 0.01, 5), -118.5, 12.5, "MORNING SUN", "80"))
            if minute < 120 or day == 3:
                rows.append(row("444000444", time, 34.0, -119.0, 0.0, "SILENT ONE", "52"))
        days[f"AIS_2025_01_0{day}.csv"] = rows
    return days


def make_lake(folder, days=None, refresh=True, ports=True):
    files = [write_day(folder, name, rows) for name, rows in (days or small_days()).items()]
    lakes.make_lake(folder, *files, buckets=2)
    if ports:
        Path(folder, "ports.csv").write_text("id,name,lat,lon,country\nLA,Los Angeles,33.74,-118.26,US\nSU,Suva,-18.13,178.42,FJ\n",
                                             encoding="utf-8")
        seine(folder, "ref", "load", "ports", "--quiet", "--lake", "lake", "ports.csv")
    if refresh:
        seine(folder, "refresh", "--quiet", "--lake", "lake")


@functools.cache
def made_once(refresh=True, ports=True):
    """The folder of such a lake for all cases of a program that only read."""
    folder = program_folder()
    make_lake(folder, refresh=refresh, ports=ports)
    return folder


def look_at(folder, refresh=True, ports=True):
    """As make_lake, for a case that only reads."""
    Path(folder, "lake").symlink_to(made_once(refresh, ports) / "lake")
