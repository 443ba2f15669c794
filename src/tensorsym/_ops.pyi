"""Types of the compiled module `_ops`; its text is in `_ops.pyx`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

ROLES: tuple[str, ...]
LEVELS_BY_RANK: tuple[str, ...]

Operand = tuple[str, str] | tuple[str, str, int]
Step = tuple[int, int, tuple[int, ...]]

def level() -> str: ...
def opcode(name: str, *dtypes: str) -> int | None: ...
def opcodes() -> tuple[tuple[str, tuple[str, ...], str], ...]: ...
def reductions() -> tuple[tuple[str, str], ...]: ...

class Program:
    def __init__(
        self, operands: Sequence[Operand], steps: Sequence[Step], n_registers: int
    ) -> None: ...

def execute(program: Program, arrays: Sequence[npt.NDArray[np.generic[Any]]]) -> None: ...
