#!/usr/bin/env python3
"""seine sql without a statement on a terminal: a shell. Every step waits for the prompt, so nothing depends on time."""
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import fcntl
import sys
import termios
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import lake_of
from harness.program import SEINE, environment, equal
from harness.tap import main

DAYS = {"AIS_2025_01_01.csv": ["111,2025-01-01T00:00:00,10.5,20.5,1,ONE", "222,2025-01-01T12:00:00,-5,1,1,TWO"]}
PROMPT, MORE = b"seine> ", b"   ..> "
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\([B0]|\x0f")
WAIT_S = 120  # until a test is given up


class Shell:
    """A `seine sql` at a terminal of its own."""

    def __init__(self, folder, *words, columns=80, rows=24, **extra):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        settings = {**environment(), "TERM": "xterm", "HOME": str(folder), "PAGER": "", "LC_ALL": "C.UTF-8", **extra}
        settings.pop("XDG_STATE_HOME", None)
        self.process = subprocess.Popen([SEINE, "sql", "--lake", "lake", *words], cwd=folder, env=settings, stdin=theirs,
                                        stdout=theirs, stderr=theirs, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        self.seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)

    def read(self):
        """@return whether there was more."""
        if not select.select([self.ours], [], [], WAIT_S)[0]:
            raise AssertionError(f"nothing more after {self.seen[-2000:]!r}")
        try:
            piece = os.read(self.ours, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen += piece
        return piece != b""

    def until(self, text):
        """@return what came, without escape sequences, up to and with @p text, which is taken."""
        while True:
            shown = ESCAPES.sub(b"", self.seen).replace(b"\r\n", b"\n")
            at = shown.find(text)
            if at >= 0:
                self.seen = shown[at + len(text):]
                return shown[:at + len(text)].decode()
            assert self.read(), f"the shell ended before {text!r}: {self.seen[-2000:]!r}"

    def ask(self, line, end=PROMPT):
        """Types a line, @return what is printed until the prompt."""
        os.write(self.ours, line.encode() + b"\n")
        self.until(b"\n")
        return self.until(end)[:-len(end)]

    def close(self):
        os.write(self.ours, b"\x04")
        while self.read():
            pass
        return self.process.wait(timeout=WAIT_S)


def statements_go_over_lines_and_are_answered(folder):
    lake_of(folder, DAYS)
    with Shell(folder) as shell:
        assert ".help" in shell.until(PROMPT)
        equal(shell.ask("SELECT 1 AS one; SELECT 2 AS two;"), "one\n---\n  1\n(1 row)\ntwo\n---\n  2\n(1 row)\n", "two at once")
        equal(shell.ask("SELECT mmsi -- a comment; with a semicolon", MORE), "", "goes on")
        equal(shell.ask("FROM silver.ais WHERE name <> 'a;", MORE), "", "in a text")
        equal(shell.ask("b' ORDER BY 1;"), "mmsi\n----\n111\n222\n(2 rows)\n", "the answer")
        assert "nosuch" in shell.ask("SELECT nosuch FROM silver.ais;"), "an error is told"
        assert "more than read" in shell.ask("DROP TABLE silver.ais;"), "nothing can be changed"
        equal(shell.ask("SELECT chr(27) || '[31m' AS x;"), "x\n--------\n\\x1b[31m\n(1 row)\n", "control characters")
        equal(shell.close(), 0, "status after Ctrl-D")


def dot_commands_do_what_help_says(folder):
    lake_of(folder, DAYS)
    Path(folder, "two.sql").write_text(".mode csv\nSELECT 1 AS a,\n 2 AS b;\nSELECT 3 AS c", encoding="utf-8")
    Path(folder, "wrong.sql").write_text("SELECT nosuch;\nSELECT 'not reached' AS n;\n", encoding="utf-8")
    Path(folder, "again.sql").write_text(".read again.sql\n", encoding="utf-8")
    with Shell(folder) as shell:
        shell.until(PROMPT)
        help_text = shell.ask(".help")
        for name in (".limit", ".mode", ".quit", ".read", ".schema", ".tables", ".timer"):
            assert name in help_text, help_text
        assert "silver.ais\n" in shell.ask(".tables") and "silver" not in shell.ask(".tables gaps")
        assert "    mmsi VARCHAR" in shell.ask(".schema silver.ais") and "no such table" in shell.ask(".schema x")
        equal(shell.ask(".read two.sql"), "a,b\n1,2\nc\n3\n", "a file")
        equal(shell.ask("SELECT 'a,b' AS t;"), "t\n\"a,b\"\n", "the mode stays")
        shell.ask(".mode jsonl")
        equal(shell.ask("SELECT [1] AS l;"), "{\"l\":[1]}\n", "JSON Lines")
        shell.ask(".mode line")
        equal(shell.ask("SELECT 1 AS a, 'x' AS bc;"), "-[ 1 ]-\n a | 1\nbc | x\n(1 row)\n", "downwards")
        equal(shell.ask(".mode"), "line\n", "the mode")
        shell.ask(".mode table")
        assert "not reached" not in shell.ask(".read wrong.sql"), "a file ends at its first failure"
        assert "deeper" in shell.ask(".read again.sql")
        assert "no such file" in shell.ask(".read none.sql").lower()
        shell.ask(".limit 1")
        assert "(first 1 row; .limit 0" in shell.ask("FROM range(3);")
        shell.ask(".timer on")
        assert re.search(r"\nTime: \d+\.\d{3} s\n$", shell.ask("SELECT 1;"))
        assert "no such command" in shell.ask(".nosuch")
        os.write(shell.ours, b".quit\n")
        while shell.read():
            pass
        equal(shell.process.wait(timeout=WAIT_S), 0, "status after .quit")


def a_result_fits_the_screen(folder):
    lake_of(folder, DAYS)
    with Shell(folder, columns=40) as shell:
        shell.until(PROMPT)
        shown = shell.ask("SELECT repeat('a', 60) AS wide, 12 AS n;")
        table = shown[shown.index("wide  "):].split("\n") # behind the line that was typed, which the screen breaks
        assert all(len(line) <= 40 for line in table) and "\u2026 | 12" in table[2], table
        down = shell.ask("SELECT " + ", ".join(f"'value {i} of many' AS c{i}" for i in range(6)) + ";")
        assert "-[ 1 ]-\nc0 | value 0 of many\n" in down, down


def a_long_result_is_paged(folder):
    lake_of(folder, DAYS)
    with Shell(folder, rows=10, PAGER="sed 's/^/page: /'") as shell:
        shell.until(PROMPT)
        assert "page: " not in shell.ask("FROM range(3);")
        equal(shell.ask("FROM range(20);").count("page: "), 23, "lines through the pager")
    with Shell(folder, rows=10, PAGER="true") as shell:
        shell.until(PROMPT)
        shell.ask("FROM range(500);")
        equal(shell.ask("SELECT 1 AS still;"), "still\n-----\n    1\n(1 row)\n", "a pager that is left early")


def ctrl_c_ends_the_statement_and_not_the_shell(folder):
    lake_of(folder, DAYS)
    with Shell(folder) as shell:
        shell.until(PROMPT)
        os.write(shell.ours, b"SELECT max(a.range * b.range) FROM range(10000000) a, range(10000000) b;\n")
        shell.until(b"b;\n")
        os.kill(shell.process.pid, signal.SIGINT)
        assert "interrupted" in shell.until(PROMPT)
        shell.ask("SELECT 1 AS", MORE)
        os.write(shell.ours, b"\x03")
        shell.until(PROMPT)
        os.write(shell.ours, b"half a line\x03")
        shell.until(PROMPT)
        equal(shell.ask("SELECT 2 AS two;"), "two\n---\n  2\n(1 row)\n", "what was typed before is gone")
        equal(shell.close(), 0, "status")


def names_are_completed_and_statements_kept(folder):
    lake_of(folder, DAYS)
    with Shell(folder) as shell:
        shell.until(PROMPT)
        equal(shell.ask("SELEC\t count(*) AS n FROM silver.ais_enr\t;").split("\n")[0].strip(), "n", "keyword and table")
        equal(shell.ask("SELECT a.mms\t FROM silver.ais AS a LIMIT 1;").split("\n")[0].strip(), "mmsi", "a column")
        assert "silver.ais\n" in shell.ask(".tab\t"), "a dot command"
        os.write(shell.ours, b"FROM silver.\t\t")
        assert "silver.ais " in shell.until(b"silver.ais_rejects")
        shell.until(b"seine> FROM silver.ais") # typed anew below the list
        os.write(shell.ours, b"\x03")
        shell.until(PROMPT)
        shell.ask("SELECT 'kept' AS word;")
        equal(shell.close(), 0, "status")
    history = Path(folder, ".local", "state", "seine", "sql_history")
    equal(stat.S_IMODE(history.stat().st_mode), 0o600, "rights of the history")
    with Shell(folder) as shell:
        shell.until(PROMPT)
        os.write(shell.ours, b"\x1b[A\n")
        shell.until(b"word\n----\nkept\n(1 row)\n")


def without_a_terminal_the_statement_is_read_from_standard_input(folder):
    lake_of(folder, DAYS)
    result = subprocess.run([SEINE, "sql", "--lake", "lake", "--format", "csv"], cwd=folder, env=environment(), text=True,
                            input="SELECT count(*) AS n\nFROM silver.ais", capture_output=True, check=False)
    equal((result.returncode, result.stdout), (0, "n\n2\n"), result.stderr)


main([statements_go_over_lines_and_are_answered, dot_commands_do_what_help_says, a_result_fits_the_screen,
      a_long_result_is_paged, ctrl_c_ends_the_statement_and_not_the_shell, names_are_completed_and_statements_kept,
      without_a_terminal_the_statement_is_read_from_standard_input])
