"""The scalar functions of kernels as CUDA C: only those a text needs, without any `#include`.

In: the native headers, which define every function once for all backends, and `library.cu`, which
has CUDA's types, what only CUDA C++ can say (half, complex), and single precision forms of the few
functions that the CPU computes by way of double. Out: definitions, in order.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from tensorsym.codegen.templates import template_text

__all__ = ["library_for"]

NATIVE = Path(__file__).parent.parent / "native"
HEADERS = ("ts_math.h", "ts_math_inverse.h", "ts_math_f32.h", "ts_scalar.h")

NAME = re.compile(r"\b(?:TS|ts|TSI)_\w+")
DIRECTIVE = re.compile(r"^\s*#\s*(\w+)\s*(.*)$")
# What CUDA calls otherwise.
SPELLINGS = (
    (re.compile(r"\bstatic __attribute__\(\(noinline, unused\)\)"), "TSN"),
    (re.compile(r"__builtin_(fabs|copysign|sqrt)(f?)\("), r"\1\2("),
    (re.compile(r"__builtin_clzll\("), "ts_clz_u64("),
)


def library_for(text: str) -> str:
    """Return definitions of all that a text names, and of what those need.

    Parameters
    ----------
    text : str
        CUDA C that calls `ts_` functions and names `ts_` types.

    Examples
    --------
    >>> print(library_for("ts_f32 y = ts_neg_i8(x)").splitlines()[-1])
    TSI ts_i8 ts_neg_i8(ts_i8 x) { return (ts_i8)(ts_u8)(0 - (ts_u8)x); }
    """
    parts = _parts()
    needed: set[str] = set()
    stack = [name for name in set(NAME.findall(text)) if name in parts]
    while stack:
        name = stack.pop()
        if name not in needed:
            needed.add(name)
            stack.extend([n for n in _needs()[name] if n not in needed])
    bodies = dict.fromkeys(body for name, body in parts.items() if name in needed)
    extra = [template_text("complex")] if re.search(r"\bts_c(64|128)\b", text) else []
    return "\n".join([_preamble(), *bodies, *extra])


@functools.lru_cache(maxsize=1)
def _preamble() -> str:
    """Return the types and markers at the head of the library, up to its first function."""
    return template_text("library").partition("// ----")[0].rstrip()


@functools.lru_cache(maxsize=1)
def _parts() -> dict[str, str]:
    """Return every definition by its name; those of `library.cu` stand in for the headers'."""
    parts: dict[str, str] = {}
    own = _definitions(template_text("library").partition("// ----")[2])
    for header in HEADERS:
        text = (NATIVE / header).read_text()
        for pattern, replacement in SPELLINGS:
            text = pattern.sub(replacement, text)
        parts.update(_definitions(text))
    ahead = {name: body for name, body in own.items() if name not in parts}
    return {**ahead, **parts, **{name: own[name] for name in own if name in parts}}


@functools.lru_cache(maxsize=1)
def _needs() -> dict[str, list[str]]:
    parts = _parts()
    return {
        name: [n for n in set(NAME.findall(body)) if n != name and n in parts]
        for name, body in parts.items()
    }


def _definitions(text: str) -> dict[str, str]:
    """Return the top-level definitions of a header, with its families of functions written out."""
    macros: dict[str, tuple[list[str], str]] = {}
    constants: dict[str, str] = {}
    code = _conditions(_logical_lines(text), macros, constants)
    while True:
        grown = _expand(code, macros)
        if grown == code:
            break
        code = grown
    definitions = {name: f"#define {name} {value}" for name, value in constants.items()}
    for item in _top_level(code):
        definitions[_name_of(item)] = item
    return definitions


def _logical_lines(text: str) -> list[str]:
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r"\\\n", " ", text).split("\n")


def _conditions(
    lines: list[str], macros: dict[str, tuple[list[str], str]], constants: dict[str, str]
) -> str:
    """Return the lines that count where there is an FMA instruction; take macros down."""
    kept: list[str] = []
    taken: list[bool] = []
    for line in lines:
        match = DIRECTIVE.match(line)
        if match is None:
            if all(taken):
                kept.append(line)
            continue
        word, rest = match.groups()
        if word in ("if", "ifdef", "ifndef"):
            taken.append(word != "ifdef")  # guards, and TS_HAS_FMA
        elif word == "else":
            taken[-1] = not taken[-1]
        elif word == "endif":
            taken.pop()
        elif word == "define" and all(taken):
            _take_macro(rest, macros, constants)
    return "\n".join(kept)


def _take_macro(
    text: str, macros: dict[str, tuple[list[str], str]], constants: dict[str, str]
) -> None:
    match = re.match(r"(\w+)\(([^)]*)\)\s*(.*)$", text, flags=re.DOTALL)
    if match:
        macros[match[1]] = [p.strip() for p in match[2].split(",")], match[3]
        return
    name, _, value = text.strip().partition(" ")
    if value.strip():
        constants[name] = value.strip()


def _expand(code: str, macros: dict[str, tuple[list[str], str]]) -> str:
    """Return the code with one level of macros written out."""
    out: list[str] = []
    position = 0
    for match in re.finditer(r"\b(TS_\w+)\(", code):
        if match.start() < position or match[1] not in macros:
            continue
        end = _closing(code, match.end() - 1)
        arguments = [a.strip() for a in _split(code[match.end() : end])]
        parameters, body = macros[match[1]]
        values = dict(zip(parameters, arguments, strict=True))
        text = re.sub(r"\b\w+\b", lambda m, v=values: v.get(m[0], m[0]), body)  # type: ignore[misc]
        out += [code[position : match.start()], re.sub(r"\s*##\s*", "", text)]
        position = end + 1
    return "".join([*out, code[position:]])


def _closing(code: str, start: int) -> int:
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] == "(") - (code[i] == ")")
        if depth == 0:
            return i
    raise AssertionError("a bracket is open")


def _split(text: str) -> list[str]:
    """Return what commas outside of brackets separate."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _top_level(code: str) -> list[str]:
    """Return functions and typedefs, one string each."""
    items, start, depth = [], 0, 0
    for i, letter in enumerate(code):
        depth += (letter == "{") - (letter == "}")
        is_type = code[start:i].lstrip().startswith("typedef")
        ends = letter == ";" or (letter == "}" and not is_type)
        if depth == 0 and ends:
            item = code[start : i + 1].strip()
            if item != ";":
                items.append(re.sub(r"[ \t]{2,}", " ", item) if "\n" not in item else item)
            start = i + 1
    return items


def _name_of(item: str) -> str:
    if item.startswith("typedef"):
        return str(re.findall(r"\w+", item)[-1])
    head = item.partition("{")[0]
    found = re.search(r"(\w+)\s*\(", head)
    assert found is not None, head
    return str(found[1])
