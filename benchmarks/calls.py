"""`Call`: a statement to be timed, as timeit has it, and the loop that times it."""

from __future__ import annotations

import time
from itertools import repeat
from typing import Any, Callable, Dict, NamedTuple, Tuple


class Absent(Exception):  # noqa: N818 - an answer, not an error
    """A peer can not do a case's work; the text says why."""


class Call(NamedTuple):
    """A statement, the names it uses, and what it computes.

    Attributes
    ----------
    statement : str
        What is timed, without a lambda around it: a call of a lambda costs 30 ns.
    names : dict
        What the statement's names stand for.
    value : callable
        Runs once and returns what the work gives, as NumPy array, for the check against the others.
    times : int
        How often one run of the statement does the work: C loops repeat themselves.
    compile_s : float
        CPU seconds of the peer's own `function` or like call, 0 if there is none.
    """

    statement: str
    names: Dict[str, Any]
    value: Callable[[], Any]
    times: int = 1
    compile_s: float = 0.0


LOOP = """
def loop(n, clock, cpu, repeat):
    cpu_before = cpu()
    before = clock()
    for _ in repeat(None, n):
        {statement}
    wall = clock() - before
    return wall, cpu() - cpu_before
"""


class Loop:
    """The statement of a call, ready to be timed."""

    def __init__(self, call: Call) -> None:
        names = dict(call.names)
        exec(compile(LOOP.format(statement=call.statement), call.statement, "exec"), names)
        self.body = names["loop"]
        self.times = call.times

    def seconds(self, n: int) -> Tuple[float, float]:
        """Return wall and CPU seconds of one piece of work, averaged over `n` runs in a row.

        CPU seconds are those of all threads of the process.
        """
        wall, cpu = self.body(n, time.perf_counter, time.process_time, repeat)
        return wall / (n * self.times), cpu / (n * self.times)
