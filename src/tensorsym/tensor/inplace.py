"""Theano's ops that overwrite their operand: here plain ones, memory is the plan's affair."""

from tensorsym.language import load
from tensorsym.language.elementwise import RECORDS
from tensorsym.language.table import FUNCTIONS

load()

NAMES = {f"{name}_inplace": FUNCTIONS[name] for name in RECORDS if name in FUNCTIONS}
globals().update(NAMES)

__all__: list[str] = []
__all__ += list(NAMES)
