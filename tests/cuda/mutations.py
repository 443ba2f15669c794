"""Planted bugs: each kernel that a case compiles is broken in small ways, one at a time.

`mutants` makes them from CUDA text by rules; `hunt` runs the case on each, in check mode, and says
what gave it away: a report of the emulator, a result that the case refuses, or nothing.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.cuda import emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
SHARED = re.compile(r"__shared__\s[^;]*?(\w+)\s*(?:\[[^\]]*\]\s*)+;")

# rule, what it looks for, what it puts there. Barriers and guards are dropped; a bound is one too
# far; a shuffle asks another lane or for fewer lanes; an atomic becomes a plain update.
RULES = (
    ("no barrier", r"__syncthreads\(\);", ";"),
    ("no fence", r"__threadfence\(\);", ";"),
    ("one too far", r"(?<=[\w\])]) < (?=[\w(])", " <= "),
    (
        "no guard",
        r"\bif \((?!true)[^;{}]*?\)(?=\s*(?:\{|return|continue|[\w*]+[^;]*;))",
        "if (true)",
    ),
    ("other lane", r"(__shfl_(?:down|xor|up)_sync\([^;]*?, )(\w+)\)", r"\1\2 + 1)"),
    ("fewer lanes", r"\b0xffffffffu?\b", "0x7fffffffu"),
    ("no atomic", r"\batomicAdd\(([^;]*?), ([^;,]*)\);", r"*(\1) += \2;"),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one bug: by which rule, in which line, and what the line was."""

    rule: str
    line: int
    was: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant; `found` is empty if nothing noticed it."""

    mutant: Mutant
    found: str

    def __str__(self) -> str:
        mutant = self.mutant
        return f"{mutant.rule}, line {mutant.line} ({mutant.was}): {self.found or 'NOT FOUND'}"


def mutants(text: str) -> Iterator[Mutant]:
    """Yield the text with each bug that a rule can plant in it."""
    comments = [match.span() for match in COMMENT.finditer(text)]
    for rule, pattern, replacement in (*RULES, *_without_stores(text)):
        for match in re.finditer(pattern, text):
            start, end = match.span()
            if any(first <= start < last for first, last in comments):
                continue
            line = text.count("\n", 0, start) + 1
            broken = text[:start] + match.expand(replacement) + text[end:]
            yield Mutant(rule, line, text.splitlines()[line - 1].strip(), broken)


def _without_stores(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield a rule for each shared array, which drops a store to it."""
    for name in dict.fromkeys(SHARED.findall(text)):
        yield "no store", rf"\b{name}(?:\[[^;=]*?\])+ = [^;]*;", ";"


@contextmanager
def replaced_texts(change: Mapping[str, str], seen: list[str] | None = None) -> Iterator[None]:
    """Let PyCUDA compile `change[text]` in the place of a text; those asked for go to `seen`."""
    import pycuda.compiler

    original = pycuda.compiler.SourceModule

    def compile_changed(text: str, *arguments: Any, **options: Any) -> Any:
        if seen is not None and text not in seen:
            seen.append(text)
        return original(change.get(text, text), *arguments, **options)

    pycuda.compiler.SourceModule = compile_changed
    try:
        yield
    finally:
        pycuda.compiler.SourceModule = original


def texts_of(case: Callable[[], None]) -> list[str]:
    """Return what a case compiles; it must compile anew each time it runs."""
    texts: list[str] = []
    with replaced_texts({}, texts):
        case()
    return texts


def hunt(case: Callable[[], None], kernel: str = "") -> list[Outcome]:
    """Run a case on every mutant of the texts that it compiles.

    Parameters
    ----------
    case : callable
        Compiles its kernels anew, runs them, and raises if a result is wrong.
    kernel : str
        Only texts with this in them are broken.
    """
    outcomes = [
        Outcome(mutant, _trial(case, text, mutant))
        for text in texts_of(case)
        if kernel in text
        for mutant in mutants(text)
    ]
    assert outcomes, "the case compiled nothing that a rule can break"
    return outcomes


def _trial(case: Callable[[], None], text: str, mutant: Mutant) -> str:
    import pycuda.driver

    emulator.reports()
    refused = ""
    with emulator.checking(), replaced_texts({text: mutant.text}):
        try:
            case()
        except pycuda.driver.CompileError:
            raise
        except Exception as error:  # whatever a broken kernel leads to
            refused = type(error).__name__
    reports = emulator.reports()
    return reports[0].kind if reports else refused
