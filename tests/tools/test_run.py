#!/usr/bin/env python3
"""tests/run counts single cases, shows of a failed program what failed, and names the slowest."""
import contextlib
import importlib.machinery
import importlib.util
import io
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import ROOT
from harness.tap import main

sys.dont_write_bytecode = True
LOADER = importlib.machinery.SourceFileLoader("seine_run", str(ROOT / "tests" / "run"))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("seine_run", LOADER))
LOADER.exec_module(run)


def a_failed_case_is_shown_with_its_remarks_alone():
    output = "1..3\nok 1 - a\n" + "noise\n" * 1000 + "# what was wanted\nnot ok 2 - b\n# what was found\nok 3 - c\n"
    assert run.excerpt(output).split("\n") == ["    # what was wanted", "    not ok 2 - b", "    # what was found"]


def a_program_that_dies_is_shown_by_its_end():
    output = "\n".join(f"line {number}" for number in range(5000))
    shown = run.excerpt(output).split("\n")
    assert len(shown) == run.SHOWN_LINES and shown[-1] == "    line 4999"


def many_failures_are_cut():
    shown = run.excerpt("not ok 1 - x\n" * 500).split("\n")
    assert len(shown) == run.SHOWN_LINES + 1 and shown[-1] == f"    … and {500 - run.SHOWN_LINES} more lines"


def the_ten_slowest_come_before_the_count():
    tally = run.Tally()
    tally.times = [(float(seconds), f"release/t{seconds}") for seconds in range(30)]
    tally.add_output("release/t1", "1..2\nok 1 - a\nok 2 # SKIP b\n", "passed")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        run.report_all(tally)
    lines = said.getvalue().splitlines()
    assert [line.split("/")[1] for line in lines[1:11]] == [f"t{seconds}" for seconds in range(29, 19, -1)]
    assert lines[-1] == "1 passed, 0 failed, 1 skipped"


def programs(*runs):
    """In the place of ctest: what each run of it finds."""
    left = list(runs)

    def found(preset, *words):
        one = left.pop(0)
        assert ("-R" in words) == (len(left) < len(runs) - 1), words
        return {name: (output, "failed" if "not ok" in output else "passed", 1.0) for name, output in one.items()}
    run.run_programs = found


def counted(*runs):
    programs(*runs)
    tally = run.Tally()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        run.ctest("release", tally)
        run.report_all(tally)
    return said.getvalue().splitlines()


GOOD, BAD = "ok 1 - a\nok 2 - b\n", "ok 1 - a\nnot ok 2 - b\n"


def what_fails_by_chance_is_told_and_what_fails_again_is_a_failure():
    lines = counted({"t": BAD, "u": GOOD}, {"t": GOOD})
    assert lines[-2:] == ["UNSTEADY: release/t: b: failed, and passed alone", "4 passed, 0 failed, 0 skipped"], lines
    lines = counted({"t": BAD, "u": GOOD}, {"t": BAD})
    assert lines[-2:] == ["FAILED: release/t: b", "3 passed, 1 failed, 0 skipped"], lines
    lines = counted({"t": BAD, "u": GOOD}, {})  # it gives no report
    assert lines[-1] == "3 passed, 1 failed, 0 skipped", lines


def many_that_fail_are_not_run_again():
    lines = counted({f"t{number}": BAD for number in range(4)})
    assert lines[-1] == "4 passed, 4 failed, 0 skipped", lines


if __name__ == "__main__":
    main([a_failed_case_is_shown_with_its_remarks_alone, a_program_that_dies_is_shown_by_its_end, many_failures_are_cut,
          the_ten_slowest_come_before_the_count, what_fails_by_chance_is_told_and_what_fails_again_is_a_failure,
          many_that_fail_are_not_run_again])
