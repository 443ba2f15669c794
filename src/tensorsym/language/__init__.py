"""The user's language: tensor types, variables, op records by family, and what builds expressions.

In: symbols, arrays and numbers. Out: `Apply` graphs, typed at once. It rewrites, compiles and
computes nothing, but for each op's reference `perform`.
"""

import functools
import importlib
import pkgutil


@functools.cache
def load() -> None:
    """Import all families of ops: each publishes its functions when it is imported.

    Modules named `..._reference` hold formulas that need SciPy; a record imports them at its first
    use.
    """
    for module in pkgutil.iter_modules(__path__):
        if not module.name.endswith("_reference"):
            importlib.import_module(f"tensorsym.language.{module.name}")
