"""Cases that tell their result in TAP, one line each, as tests/run counts them.

A case is a function, or a pair of a name and a function. It passes when it returns, and fails by any exception. What it
needs and does not find it says with Skip. A text that it returns stands behind its name.
"""
import atexit
import concurrent.futures
import contextlib
import inspect
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

SKIPPED = 77  # the exit status that ctest takes for skipped
SAYING = threading.Lock()


class Skip(Exception):
    """What a case needs and this machine has not."""


def say(text):
    """One line or several, in one piece also where cases run at once: print() would write its end of line by itself."""
    with SAYING:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def skip_all(reason):
    """Ends the program: none of its cases can run here."""
    say(f"1..1\nok 1 - all of {Path(sys.argv[0]).name} # SKIP {reason}")
    sys.exit(SKIPPED)


@contextlib.contextmanager
def own_folder():
    """An empty folder for one case, which other users may look into."""
    with tempfile.TemporaryDirectory(prefix=f"seine-{Path(sys.argv[0]).stem}-") as name:
        os.chmod(name, 0o755)
        yield Path(name).resolve()


def program_folder():
    """@return an empty folder that lasts as long as this program."""
    name = tempfile.mkdtemp(prefix=f"seine-{Path(sys.argv[0]).stem}-")
    atexit.register(shutil.rmtree, name, ignore_errors=True)
    os.chmod(name, 0o755)
    return Path(name).resolve()


def named(case):
    return case if isinstance(case, tuple) else (case.__name__.removeprefix("test_").replace("_", " "), case)


def chosen(cases, words):
    """Yields the cases whose name holds one of the words of the command line, or all, with their numbers."""
    words = [word.replace("_", " ") for word in words]
    number = 0
    for name, case in map(named, cases):
        if not words or any(word in name.replace("_", " ") for word in words):
            number += 1
            yield number, name, case


def call(case, given):
    """Runs one case with what is given, if it takes an argument."""
    if all(parameter.default is not parameter.empty for parameter in inspect.signature(case).parameters.values()):
        return case()
    with given() as argument:
        return case(argument)


def tell(number, name, case, given):
    """Runs one case and tells its result. @return whether it did not fail."""
    started = time.monotonic()
    try:
        remark = call(case, given)
        told = f"{name}: {remark}" if remark else name
        say(f"ok {number} - {told} # {time.monotonic() - started:.1f} s")
    except Skip as reason:
        say(f"ok {number} - {name} # SKIP {reason}")
    except Exception as problem:  # a case that breaks has failed
        text = str(problem) if isinstance(problem, AssertionError) and str(problem) else traceback.format_exc()
        say("\n".join([f"not ok {number} - {name}", *(f"# {line}" for line in text.splitlines())]))
        return False
    return True


def main(cases, given=own_folder, at_once=1):
    """Runs the cases that the command line names, or all, and ends the program.

    given() is a context whose value is the argument of each case that takes one: by default a folder of its own. Cases
    may also come from a generator, which makes the next one when the last one is over. Cases that mostly wait may run
    at_once of a list.
    """
    if os.environ.get("SEINE_TEST_PLACE"):
        from harness import elsewhere  # which knows of skips, too
        cases = elsewhere.chosen(cases)
    wanted = chosen(cases, sys.argv[1:])
    if isinstance(cases, (list, tuple)):
        wanted = list(wanted)
        say(f"1..{len(wanted)}")
    if isinstance(cases, (list, tuple)) and at_once > 1:
        with concurrent.futures.ThreadPoolExecutor(at_once) as crew:
            results = list(crew.map(lambda case: tell(*case, given), wanted))
    else:
        results = [tell(*case, given) for case in wanted]
    if not isinstance(cases, (list, tuple)):
        say(f"1..{len(results)}")
    sys.exit(0 if all(results) else 1)


def shared(value):
    """For main(given=…): the same value for every case."""
    return lambda: contextlib.nullcontext(value)


def functions(namespace):
    """The functions test_… of a module, by their place in the file."""
    found = [value for name, value in namespace.items() if name.startswith("test_")]
    return sorted(found, key=lambda test: test.__code__.co_firstlineno)
