"""Servers of tools/stack for one test program: in a folder of its own, ended with the program."""
import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from harness.program import DEPS, ROOT, environment, wait_for
from harness.tap import Skip, program_folder, skip_all


class Stack:
    """Starts servers by name when they are first asked for."""

    def __init__(self):
        self.folder = None

    def tool(self, *words):
        return subprocess.run([sys.executable, ROOT / "tools" / "stack", "--folder", self.folder, *words],
                              env=environment(SEINE_DEPS=str(DEPS)), capture_output=True, text=True, check=False)

    def env(self, name):
        """@return the variables by which a program reaches the server; skips the case where it is not installed."""
        if self.folder is None:
            self.folder = program_folder()
            atexit.register(self.tool, "stop")  # before the folder goes
        done = self.tool("start", "--no-sync", name)
        if "not installed" in done.stderr:
            raise Skip(done.stderr.strip())
        assert done.returncode == 0, done.stderr
        return self.running()[name]["env"]

    def require(self, name):
        """As env, for a whole program: all of its cases are skipped where the server is not installed."""
        try:
            return self.env(name)
        except Skip as reason:
            skip_all(reason)

    def running(self):
        return json.loads(self.tool("status", "--json").stdout)

    def stop(self, name):
        """Ends a server; env() starts it again, at the same address and over its data."""
        self.tool("stop", name)

    def kill(self, name):
        """Ends a server and its processes where they are, as a lack of memory does; env() starts it again."""
        pid = self.running()[name]["pid"]
        others = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        for one in (pid, *map(int, others)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        wait_for(lambda: name not in self.running(), f"{name} to be gone")


stack = Stack()
