"""Every public name says what it is, what it takes and gives, and shows an example."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym import gradient
from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

FACES = (tensorsym, T, T.nnet, gradient)
NAMES = {name: value for name, value in FUNCTIONS.items()} | {
    f"{face.__name__}.{name}": getattr(face, name) for face in FACES for name in face.__all__
}
# One test per object: aliases share a docstring. Symbols' constructors show their class's.
OBJECTS = {id(value): (name, value) for name, value in reversed(NAMES.items())}.values()
CLASSES = {name: value for name, value in OBJECTS if inspect.isclass(value)}
FUNCTIONS_PROPER = {name: value for name, value in OBJECTS if inspect.isfunction(value)}
OPS = {name: value for name, value in OBJECTS if isinstance(value, T.Elemwise)}
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """Return the numpydoc sections of a docstring by title."""
    _, *parts = SECTION.split(inspect.cleandoc(text))
    return dict(zip(parts[::2], parts[1::2], strict=True))


def documented(section: str) -> list[str]:
    """Return the names that a Parameters section describes."""
    heads = re.findall(r"^(?![\s>])([^:\n]+?)(?: :.*)?$", section, re.MULTILINE)
    return [name.strip("* ") for head in heads for name in head.split(",")]


def taken(function: Callable[..., Any]) -> tuple[set[str], bool]:
    """Return the names of a function's parameters, and whether it takes other keywords too."""
    parameters = inspect.signature(function).parameters.values()
    names = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD}
    return names, len(names) < len(parameters)


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS_PROPER, *OPS])
def test_first_line_is_a_sentence(name: str) -> None:
    text = inspect.cleandoc({**CLASSES, **FUNCTIONS_PROPER, **OPS}[name].__doc__)
    first, *rest = text.split("\n")
    assert first.endswith(".")
    assert len(first.split()) > 1
    assert rest[:1] in ([], [""])


@pytest.mark.parametrize("name", FUNCTIONS_PROPER)
def test_parameters_are_those_of_the_signature(name: str) -> None:
    function = FUNCTIONS_PROPER[name]
    names, open_ended = taken(function)
    described = set(documented(sections(function.__doc__).get("Parameters", "")))
    assert described >= names if open_ended else described == names


@pytest.mark.parametrize("name", OPS)
def test_parameters_are_the_operands(name: str) -> None:
    described = documented(sections(OPS[name].__doc__)["Parameters"])
    assert len(described) == OPS[name].record.arity


@pytest.mark.parametrize("name", [*FUNCTIONS_PROPER, *OPS])
def test_says_what_comes_back(name: str) -> None:
    function = {**FUNCTIONS_PROPER, **OPS}[name]
    nothing = inspect.isfunction(function) and function.__annotations__["return"] == "None"
    assert nothing or {"Returns", "Yields"} & set(sections(function.__doc__))


@pytest.mark.parametrize("name", [*FUNCTIONS_PROPER, *OPS])
def test_has_an_example(name: str) -> None:
    assert ">>> " in sections({**FUNCTIONS_PROPER, **OPS}[name].__doc__)["Examples"]
