"""How an instruction says that it failed, by the numbers that `schedule.failures` explains."""

from __future__ import annotations

__all__ = ["InstructionError"]


class InstructionError(Exception):
    """An instruction failed.

    Attributes
    ----------
    status, detail : int
        The account of it: a status of `schedule.failures`, and its number.
    """

    def __init__(self, status: int, detail: int = 0) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
