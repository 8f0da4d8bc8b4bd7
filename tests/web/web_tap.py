"""What the tests of the page share: where things are."""
import os
from pathlib import Path

ROOT = Path(os.environ.get("SEINE_SOURCE") or Path(__file__).resolve().parents[2])
WEB = ROOT / "web"


def without_modules():
    return not (WEB / "node_modules" / "vitest" / "package.json").exists()


def node():
    """The Node that tools/setup fetched where the system's is too old, else the system's."""
    fetched = Path(os.environ.get("SEINE_DEPS") or ROOT / ".deps") / "node" / "bin" / "node"
    return str(fetched) if fetched.exists() else "node"
