"""Which of a command's calls a crash test disturbs.

20 of them, spread evenly from the first to the last, three times as many with SEINE_FULL=1; SEINE_CRASH_STEP=K takes
every K-th call instead, so that 1 takes all.
"""
import os

POINTS = 20


def may_be_over(call, calls):
    """@return whether a command of @p calls calls may end before @p call: beats of a lease go by the clock."""
    return call > calls * 9 // 10


def points(calls, most=POINTS):
    """@return the numbers of the calls, from 1 to @p calls, in order; @p most of them, or what the environment asks for."""
    step = os.environ.get("SEINE_CRASH_STEP")
    if step:
        return list(range(1, calls + 1, int(step)))
    wanted = min(calls, most * (3 if os.environ.get("SEINE_FULL") == "1" else 1))
    return [1 + index * (calls - 1) // max(wanted - 1, 1) for index in range(wanted)]
