#!/usr/bin/env python3
"""Golden tests of the program `seine`, and of how it behaves at a terminal.

Usage: tests/cli/run.py [--update] [NAME…]

golden/NAME.txt holds command lines (`$ …`, run by bash in a folder of their own) and what they print, errors and
results together as a terminal shows them; `? N` follows when the exit status is not 0. --update writes what the
program says now, into the pages docs/cli.md and docs/configuration.md too: read the difference before committing it.
Environment: SEINE_BIN, the program (default build/release/bin/seine).
"""
import functools
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.program import ROOT, SEINE
from harness.tap import main, own_folder

HERE = Path(__file__).resolve().parent
PAGES = {"docs/cli.md": "--markdown", "docs/configuration.md": "--settings"}
TIMEOUT_S = 300


def environment():
    """That of somebody at a terminal: the clock runs, messages are English."""
    return program.environment(now=None, LC_ALL="C")


def run_lines(lines, folder):
    """@return the text of a golden file: every command line with what it prints."""
    version = subprocess.run([SEINE, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    text = ""
    for line in lines:
        result = subprocess.run(["bash", "-c", line], cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
        output = result.stdout.decode("utf-8", "replace").replace(version, "{VERSION}").replace(str(folder), "{FOLDER}")
        text += f"$ {line}\n{output}"
        if output and not output.endswith("\n"):
            text += "\n(no line end)\n"
        if result.returncode:
            text += f"? {result.returncode}\n"
    return text


def golden(path, update):
    expected = path.read_text(encoding="utf-8")
    comments = "".join(line + "\n" for line in expected.split("\n") if line.startswith("# ")
                       and expected.startswith("# ") and expected.index(line) < expected.index("$ "))
    with own_folder() as folder:
        found = comments + run_lines([line[2:] for line in expected.split("\n") if line.startswith("$ ")], folder)
    if update:
        path.write_text(found, encoding="utf-8")
        return
    same(expected, found)


def page(name, update):
    found = subprocess.run([SEINE, "help", PAGES[name]], capture_output=True, check=True, env=environment()).stdout
    if update:
        (ROOT / name).write_bytes(found)
        return
    same((ROOT / name).read_text(encoding="utf-8"), found.decode())


def same(expected, found):
    if expected == found:
        return
    lines = zip(expected.split("\n") + [""], found.split("\n") + [""])
    for number, (one, other) in enumerate(lines, 1):
        if one != other:
            raise AssertionError(f"line {number}: expected {one!r}, found {other!r}")
    raise AssertionError("one text goes on where the other ends")


# ---- at a terminal ----

def pieces(descriptor):
    """Yields what comes from a terminal until its other end is closed."""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other end is closed
            return
        if not piece:
            return
        yield piece


def on_terminal(words, folder, stdout=None, on_bar=None, **extra):
    """Runs with a terminal as standard error and, if there is no other, standard output. @return exit status, what the
    terminal got, in the order it came."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([SEINE, *words], cwd=folder, env={**environment(), "TERM": "xterm", **extra},
                               stdin=subprocess.DEVNULL, stdout=theirs if stdout is None else stdout, stderr=theirs)
    os.close(theirs)
    seen = b""
    for piece in pieces(ours):
        if on_bar and b"%" in piece and b"%" not in seen:
            on_bar(process)
        seen += piece
    os.close(ours)
    return process.wait(timeout=TIMEOUT_S), seen


def at_terminal(words, folder, **how):
    """Runs with a terminal as standard error alone. @return exit status, what the terminal got."""
    status, seen = on_terminal(words, folder, subprocess.DEVNULL, **how)
    return status, seen.decode()


SMALL = ("generate", "ais", "--out", "days", "--days", "1", "--vessels", "50")


def progress_is_drawn_on_a_terminal_and_wiped_at_the_end(folder):
    status, seen = at_terminal(SMALL, folder)
    assert status == 0, seen
    assert re.search(r"\rgenerate  \[#*\.*\] +\d+%  \d+/\d+", seen), seen
    assert seen.endswith("\r\x1b[K"), seen


def progress_is_not_drawn_when_quiet_or_for_machines_or_on_a_dumb_terminal(folder):
    for words, extra in (((*SMALL, "--quiet"), {}), ((*SMALL, "--json"), {}), (SMALL, {"TERM": "dumb"})):
        status, seen = at_terminal(words, folder, **extra)
        assert (status, seen) == (0, ""), (words, status, seen)


def interrupt_ends_cleanly_and_leaves_no_part_of_a_file(folder):
    words = ("generate", "ais", "--out", "days", "--days", "366", "--vessels", "2000")
    status, seen = at_terminal(words, folder, on_bar=lambda process: process.send_signal(signal.SIGINT))
    assert status == 1, (status, seen)
    assert seen.endswith("seine generate ais: interrupted; whole files stay\r\n"), seen
    left = sorted(path.name for path in Path(folder, "days").iterdir())
    assert len(left) < 366 and all(re.fullmatch(r"ais-2025-\d\d-\d\d\.csv\.zst", name) for name in left), left


def closed_pipe_ends_without_a_word(folder):
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run([SEINE, "help", "--markdown"], cwd=folder, env=environment(), stdout=writing,
                            stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (result.returncode, result.stderr) == (-signal.SIGPIPE, b""), result


def printed_on_terminal(words, folder):
    """@return what a terminal gets of standard output and of errors."""
    _, seen = on_terminal(words, folder)
    return seen.replace(b"\r\n", b"\n")


def control_characters_of_data_are_shown_on_a_terminal_and_not_sent(folder):
    subprocess.run([SEINE, "init", "lake", "--quiet"], cwd=folder, env=environment(), check=True, capture_output=True)
    hostile = "a\x1b[31m\x07\x7f\u009b2J\u202e\u2066z\u00e9"
    escaped = "a\\x1b[31m\\x07\\x7f\\x9b2J\\u202e\\u2066z\u00e9"
    query = "SELECT '" + hostile + "' AS \"" + hostile + "\""
    sql = ["sql", "--lake", "lake", query]
    line = "-" * len(escaped)
    assert printed_on_terminal(sql, folder).decode() == f"{escaped}\n{line}\n{escaped}\n(1 row)\n"
    for words in (["sql", "--lake", "lake", "SELECT \"" + hostile + "\""], ["ingest", "--lake", "lake", hostile], [hostile]):
        seen = printed_on_terminal(words, folder)
        assert escaped.encode() in seen, (words, seen)
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", seen), (words, seen)
    csv = f'{hostile}\n{hostile}\n'
    assert printed_on_terminal([*sql, "--format", "csv"], folder).decode() == csv, "a data format is not changed"
    piped = subprocess.run([SEINE, *sql], cwd=folder, env=environment(), check=True, capture_output=True).stdout
    assert piped.decode() == f"{hostile}\n{'-' * len(hostile)}\n{hostile}\n(1 row)\n", "a pipe gets what there is"


TERMINAL = [control_characters_of_data_are_shown_on_a_terminal_and_not_sent,
            progress_is_drawn_on_a_terminal_and_wiped_at_the_end,
            progress_is_not_drawn_when_quiet_or_for_machines_or_on_a_dumb_terminal,
            interrupt_ends_cleanly_and_leaves_no_part_of_a_file,
            closed_pipe_ends_without_a_word]


if __name__ == "__main__":
    update = "--update" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--update"]
    main([(f"golden {path.stem}", functools.partial(golden, path, update)) for path in sorted((HERE / "golden").glob("*.txt"))] +
         [(f"page {name} is what the program says", functools.partial(page, name, update)) for name in PAGES] +
         ([] if update else TERMINAL))
