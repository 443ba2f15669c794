"""The text around scalar programs: `.cu` files with named holes, `$name`, read once."""

from __future__ import annotations

import functools
from pathlib import Path
from string import Template

__all__ = ["fill_template", "template_text"]

FOLDER = Path(__file__).parent.parent / "cuda" / "templates"


@functools.cache
def template_text(name: str) -> str:
    """Return a template as it is."""
    return (FOLDER / f"{name}.cu").read_text()


def fill_template(name: str, /, **holes: object) -> str:
    """Return a template with all its holes filled; a missing one is an error.

    Examples
    --------
    >>> fill_template("fill", index="int", type="float").count("$")
    0
    """
    return Template(template_text(name)).substitute(holes)
