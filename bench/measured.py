"""A command at work: what it took and said."""
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def measured(*words, env=None):
    """Runs a command; wall seconds, processor seconds, peak MiB, output. env: variables beside those there are."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen([str(word) for word in words], stdout=output, stderr=subprocess.STDOUT, cwd=ROOT,
                                 env=os.environ | (env or {}))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - begin
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))[:200]} ended with {child.returncode}: {text[-1000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def median(runs, index):
    return statistics.median(run[index] for run in runs)


def figures(runs):
    return f"{median(runs, 0):.2f} s, CPU {median(runs, 1):.2f} s, {median(runs, 2):.0f} MiB"
