"""Planted bugs: each kernel that a case compiles is broken in small ways, one at a time.

`mutants` makes them from CUDA text by rules; `hunt` runs the case on each, in check mode, and says
what gave it away: a report of the emulator, a result that the case refuses, or nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.cuda import emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
KERNEL = re.compile(
    r"__global__\s[^(]*?(?:__launch_bounds__\s*\([^)]*\)\s*)?\b((?!__launch_bounds__)\w+)\s*\("
)
SHARED = re.compile(r"__shared__\s[^;]*?(\w+)\s*(?:\[[^\]]*\]\s*)+;")

STATEMENT = r"\s*(?:\{|return|continue|[\w*(]+[^;]*;)"
Rule = tuple[str, str, str]

# rule, what it looks for, what it puts there. Barriers and fences are dropped, a shuffle asks
# another lane or for fewer lanes, an atomic becomes a plain update.
ANYWHERE = (
    ("no barrier", r"__syncthreads\(\);", ";"),
    ("no fence", r"__threadfence\(\);", ";"),
    ("other lane", r"(__shfl_(?:down|xor|up)_sync\([^;]*?, )(\w+)\)", r"\1\2 + 1)"),
    ("fewer lanes", r"\b0xffffffffu?\b", "0x7fffffffu"),
    ("no atomic", r"\batomicAdd\(([^;]*?), ([^;,]*)\);", r"*(\1) += \2;"),
)
# In kernels only, since scalar functions compare too: a bound is one too far, a guard is dropped.
IN_KERNELS = (
    ("one too far", r"(?<=[\w\])]) < (?=[\w(])", " <= "),
    (
        "no guard",
        r"\bif \((?!true)[^;{}]*?\)(?=\s*(?:\{|return|continue|[\w*(]+[^;]*;))",
        "if (true)",
    ),
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


def mutants(text: str, kernel: str = "") -> Iterator[Mutant]:
    """Yield the text with each bug that a rule can plant.

    Only kernels with `kernel` in their names are broken, and functions beside them; what several
    kernels share is broken once.
    """
    comments = [match.span() for match in COMMENT.finditer(text)]
    spans = [(name, *span) for name, span in _kernel_spans(text)]
    seen: Counter[object] = Counter()
    for rules, inside in (((*ANYWHERE, *_without_stores(text)), False), (IN_KERNELS, True)):
        for rule, match, replacement in _matches(rules, text):
            start, end = match.span()
            at = next((name for name, first, last in spans if first <= start < last), None)
            if kernel not in (at or kernel) or (inside and at is None):
                continue
            if any(first <= start < last for first, last in comments):
                continue
            line = text.count("\n", 0, start) + 1
            was = text.splitlines()[line - 1]
            place = rule, was, start - text.rfind("\n", 0, start)
            seen[at, *place] += 1
            repeated = "repeated", *place, seen[at, *place]
            if repeated not in seen:
                seen[repeated] += 1
                broken = text[:start] + match.expand(replacement) + text[end:]
                yield Mutant(rule, line, was.strip(), broken)


def _matches(rules: Iterable[Rule], text: str) -> Iterator[tuple[str, re.Match[str], str]]:
    for rule, pattern, replacement in rules:
        for match in re.finditer(pattern, text):
            yield rule, match, replacement


def _kernel_spans(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the name of each kernel and where its body stands."""
    for match in KERNEL.finditer(text):
        depth, place = 0, text.index("{", match.end())
        for brace in re.finditer("[{}]", text[place:]):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                yield match[1], (place, place + brace.end())
                break


def _without_stores(text: str) -> Iterator[Rule]:
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
        Only kernels with this in their names are broken.
    """
    outcomes = [
        Outcome(mutant, _trial(case, text, mutant))
        for text in texts_of(case)
        for mutant in mutants(text, kernel)
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
