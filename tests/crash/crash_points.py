"""Which of a command's calls a crash test disturbs.

20 of them kill the command, spread evenly from the first to the last, and 6 meet a disk that fails, which needs no process
of its own to be tried anywhere (unit/test_*_nomem.c, test_io_*.c). SEINE_CRASH_STEP=K takes every K-th call instead, so
that 1 takes all.
"""
import os

KILLS, FAULTS = 20, 6


def may_be_over(call, calls):
    """@return whether a command of @p calls calls may end before @p call: beats of a lease go by the clock."""
    return call > calls * 9 // 10


def points(calls, most=KILLS):
    """@return the numbers of the calls, from 1 to @p calls, in order; @p most of them, or what the environment asks for."""
    step = os.environ.get("SEINE_CRASH_STEP")
    if step:
        return list(range(1, calls + 1, int(step)))
    wanted = min(calls, most)
    return [1 + index * (calls - 1) // max(wanted - 1, 1) for index in range(wanted)]


def failing(calls):
    """@return the cases of a disk that fails: what of it, and the calls with the error, and whether it is met only once."""
    some = points(calls, FAULTS)
    return (("disk full from a call on", [(at, "ENOSPC", False) for at in some[0::3]]),
            ("I/O error from a call on", [(at, "EIO", False) for at in some[1::3]]),
            ("one call fails", [(at, "EIO", True) for at in some[2::3]]),
            ("read-only folder", [(1, "EROFS", False)]))
