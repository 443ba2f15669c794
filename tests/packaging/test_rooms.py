"""What import-linter cannot see: the compiled leaf `_ops`, .pyx files and the package root."""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "tensorsym"
FILES = sorted(p for p in SOURCE.rglob("*") if p.suffix in {".py", ".pyx", ".pxd", ".pxi"})
# Where a room of tensorsym may be named by `from tensorsym import room`.
MODULES = {p.name.split(".")[0] for p in SOURCE.iterdir()}
LOWER = {
    *("_ops", "config", "errors", "extend", "graph", "language", "autodiff", "rewrite"),
    *("schedule", "codegen", "cpu", "cuda", "reference", "runtime"),
}
CYTHON_FROM = re.compile(
    r"^[ \t]*from[ \t]+(\S+)[ \t]+c?import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE
)
CYTHON_IMPORT = re.compile(r"^[ \t]*c?import[ \t]+([\w.]+)", re.MULTILINE)


def room(path: Path) -> str:
    """Return the first part of the module's name below tensorsym."""
    return path.relative_to(SOURCE).parts[0].split(".")[0]


def full_name(path: Path, module: str) -> str:
    """Return the absolute name of `module`, which may begin with dots, as imported by `path`."""
    name = module.lstrip(".")
    if name == module:
        return name
    parts = ("tensorsym", *path.relative_to(SOURCE).parts)
    return ".".join(filter(None, (*parts[: len(parts) - (len(module) - len(name))], name)))


def imported(path: Path) -> set[str]:
    """Return what a file imports; `from a import b` counts as a.b."""
    text = path.read_text()
    if path.suffix == ".py":
        nodes = list(ast.walk(ast.parse(text)))
        plain = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        pairs = [
            ("." * n.level + (n.module or ""), a.name)
            for n in nodes
            if isinstance(n, ast.ImportFrom)
            for a in n.names
        ]
    else:
        plain = CYTHON_IMPORT.findall(text)
        found = CYTHON_FROM.findall(text)
        pairs = [
            (m, word.split()[0]) for m, names in found for word in names.strip("()").split(",")
        ]
    return {*plain, *(f"{full_name(path, module)}.{name}" for module, name in pairs)}


def test_rooms_are_found() -> None:
    assert {"graph", "language", "runtime"} <= {room(p) for p in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_only_cpu_imports_the_compiled_loops(path: Path) -> None:
    if room(path) != "cpu" and not room(path).startswith("_ops"):
        assert [n for n in imported(path) if n.startswith("tensorsym._ops")] == []


@pytest.mark.parametrize(
    "path", [p for p in FILES if room(p) in LOWER], ids=lambda p: str(p.relative_to(SOURCE))
)
def test_no_lower_room_imports_the_face(path: Path) -> None:
    ours = {tuple(n.split(".")) for n in imported(path) if n.split(".")[0] == "tensorsym"}
    assert [n for n in ours if len(n) == 1 or n[1] not in MODULES] == []
