"""What the tests of the page and tools/make_screenshot share: where things are, the program, a running server."""
import os
import re
import selectors
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(os.environ.get("SEINE_SOURCE") or Path(__file__).resolve().parents[2])
WEB = ROOT / "web"
PAGE = ROOT / "build" / "web"
SEINE = Path(os.environ.get("SEINE_BIN") or ROOT / "build" / "release" / "bin" / "seine").resolve()
START_SECONDS = 60


def without_modules():
    return not (WEB / "node_modules" / "vitest" / "package.json").exists()


def node():
    """The Node that tools/setup fetched where the system's is too old, else the system's."""
    fetched = Path(os.environ.get("SEINE_DEPS") or ROOT / ".deps") / "node" / "bin" / "node"
    return str(fetched) if fetched.exists() else "node"


def seine(*words):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEINE_")}
    result = subprocess.run([SEINE, *map(str, words)], text=True, capture_output=True, env=kept, check=False)
    if result.returncode:
        raise RuntimeError(f"seine {words[0]}: {result.stderr[-2000:]}")
    return result.stdout


class Server:
    """`seine serve` on a free port; its address is what it prints."""

    def __init__(self, work, lake, *options):
        self.log = (work / f"serve-{lake.name}{len(options)}.log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen([SEINE, "serve", "--lake", lake, "--port", "0", "--web", PAGE, *options], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log)

    def __enter__(self):
        reader = selectors.DefaultSelector()
        reader.register(self.process.stdout, selectors.EVENT_READ)
        end = time.monotonic() + START_SECONDS
        while reader.select(max(0, end - time.monotonic())):
            line = self.process.stdout.readline()
            found = re.search(r"http://[^\s/]+", line)
            if found:
                return found.group(0)
            if not line:
                break
        self.stop()
        raise RuntimeError(f"seine serve did not start: {self.errors()}")

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def errors(self):
        self.log.seek(0)
        return self.log.read()[-2000:]
