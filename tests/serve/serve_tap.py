"""What the tests of seine serve share: a lake of generated days, the program on a free port, requests, TAP."""
import contextlib
import http.client
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
from explore_tap import NOW, ROOT, SEINE, SHARED, Skip, environment, equal, main, seine, sql  # noqa: E402, F401

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass"


def row(mmsi, time, lat, lon, sog=1.0, name="", kind="70", imo="", callsign=""):
    return f"{mmsi},{time},{lat},{lon},{sog},10,20,{name},{imo},{callsign},{kind},0,100,20,5,70,A"


def write_day(folder, name, rows):
    path = Path(folder, name)
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


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
    seine(folder, "init", "--buckets", "2", "lake")
    files = [write_day(folder, name, rows) for name, rows in (days or small_days()).items()]
    if files:
        seine(folder, "ingest", "--quiet", "--lake", "lake", *files)
    if ports:
        Path(folder, "ports.csv").write_text("id,name,lat,lon,country\nLA,Los Angeles,33.74,-118.26,US\nSU,Suva,-18.13,178.42,FJ\n",
                                             encoding="utf-8")
        seine(folder, "ref", "load", "ports", "--quiet", "--lake", "lake", "ports.csv")
    if refresh:
        seine(folder, "refresh", "--quiet", "--lake", "lake")


class Server:
    """The program on a free port."""

    def __init__(self, folder, *options, now=NOW, lake="lake"):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([SEINE, "serve", "--lake", lake, "--port", "0", *map(str, options)], cwd=folder,
                                        env=environment(now), stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        match = re.search(r":(\d+)\"?\}?\s*$", line)
        if not match:
            self.process.wait()
            raise AssertionError(f"no address: {line!r}: {self.errors()}")
        self.line = line
        self.port = int(match.group(1))

    def errors(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, target, method="GET", connection=None, **headers):
        """Status, headers (lower case) and body of one request."""
        own = connection or self.connection()
        own.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = own.getresponse()
        body = response.read()
        if connection is None:
            own.close()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body

    def json(self, target, status=200, **headers):
        found, _, body = self.ask(target, **headers)
        assert found == status, f"{target}: {found}: {body[:500]}"
        return json.loads(body)

    def metric(self, begin, connection=None):
        """The values of the lines of /metrics that begin so."""
        lines = self.ask("/metrics", connection=connection)[2].decode().splitlines()
        return [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(begin)]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code


@contextlib.contextmanager
def serving(folder, *options, **named):
    server = Server(folder, *options, **named)
    try:
        yield server
    except BaseException:
        sys.stderr.write(server.errors()[-3000:])
        raise
    finally:
        code = server.stop()
    assert code == 0, f"the server ended with {code}: {server.errors()[-3000:]}"


class Shared:
    """One lake for all tests of a file that only read."""

    def __init__(self):
        self.folder = None

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="seine-serve-")
        make_lake(self.folder)
        return self.folder

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
