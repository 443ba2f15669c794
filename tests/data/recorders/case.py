"""How questions are written down: one line or one block of Theano code is one case."""

# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations


def lines(text, declared="", **flags):
    """Return one case per line of `text`, each over the variables `declared`."""
    found = [line.strip() for line in text.strip().splitlines()]
    return [case(line, declared, **flags) for line in found if line]


def blocks(text, declared="", **flags):
    """Return one case per block of `text`; blank lines separate blocks."""
    found = text.strip("\n").split("\n\n")
    return [case(block.strip("\n"), declared, **flags) for block in found]


def case(code, declared="", values=None, **flags):
    """Return one case: code, declared variables, argument values, configuration flags."""
    made = {"code": code}
    if declared:
        made["vars"] = declared
    if values is not None:
        made["values"] = values
    if flags:
        made["flags"] = flags
    return made


def sweep(code, declared, **flags):
    """Return a case asked once per dtype: ``*`` in `declared` stands for the dtype."""
    assert "*" in declared
    return case(code, declared, **flags)
