"""Where the page lies, and the server that serves it: for the tests of the page and tools/make_screenshot."""
from harness.program import ROOT
from harness.server import serving

WEB = ROOT / "web"
PAGE = ROOT / "build" / "web"


def without_modules():
    return not (WEB / "node_modules" / "vitest" / "package.json").exists()


def served(lake, *options):
    """The server of a lake with the page, by the clock of the machine."""
    return serving(None, "--web", PAGE, *options, now=None, lake=lake)
