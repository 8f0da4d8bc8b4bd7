"""Commands that are killed, or find a disk that fails, at one of their calls (crash/shim.c), many at a time."""
import concurrent.futures
import json
import queue
import subprocess

from harness.program import preloaded

SHOWN = 5  # of the places where something went wrong


def shim(folder, at=0, mode=None, once=False, **files):
    """@return for env: calls that change something below a folder are counted, and number @p at ends as mode says.

    mode: "kill" or the name of an error, for good or once. files: count=PATH is where the number of calls is written.
    """
    settings = {"folder": f"{folder}/", "at": at, "mode": mode, "once": int(once), **files}
    return preloaded("shim", **{f"SEINE_SHIM_{name.upper()}": str(value) for name, value in settings.items()
                                if value or name == "at"})


def disturb_all(grounds, cases):
    """Calls disturb(*case) of the first free ground for each case, on all grounds at once; fails with what went wrong.

    A ground is what a case works on, alone: it has disturb, which fails by an AssertionError.
    """
    free = queue.Queue()
    for ground in grounds:
        free.put(ground)

    def one(case):
        ground = free.get()
        try:
            ground.disturb(*case)
            return None
        except (AssertionError, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
            return f"{case}: {error}"
        finally:
            free.put(ground)

    with concurrent.futures.ThreadPoolExecutor(len(grounds)) as pool:
        problems = [text for text in pool.map(one, cases) if text]
    assert not problems, "\n".join(problems[:SHOWN])
