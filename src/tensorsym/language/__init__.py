"""The user's language: tensor types and variables, op records by family, and the functions that build expressions.

In: symbols, arrays and numbers. Out: `Apply` graphs, typed at once. It rewrites, compiles and computes nothing,
but for each op's reference `perform`.
"""

import importlib

# Every family publishes its functions when it is imported.
FAMILIES = (
    "constructors", "arithmetic", "functions", "reduction", "dimshuffle", "shape", "reshape", "filling", "products",
)  # fmt: skip


def load() -> None:
    """Import all families, so that the table of public functions is complete."""
    for family in FAMILIES:
        importlib.import_module(f"tensorsym.language.{family}")
