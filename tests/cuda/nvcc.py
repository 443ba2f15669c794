"""What NVIDIA's own compiler makes of kernels: spills, double arithmetic, width of loads.

Many texts are compiled as one file, each in a namespace of its own, since a run of nvcc costs most
of a second whatever it is given. No GPU is needed.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from build_pycuda import nvcc

if TYPE_CHECKING:
    from collections.abc import Sequence

ARCHITECTURES = ("sm_80", "sm_90")
# What PyCUDA's caller passes beside the architecture; a test may say otherwise.
OPTIONS = ("-std=c++17",)

INCLUDE = re.compile(r"^\s*#include.*$", re.M)
C_LINKAGE = re.compile(r'extern\s+"C"\s+(?!\{)')
UNIT = re.compile(r"9unit_(\d{4})")  # mangled: its length, then the name
FUNCTION = re.compile(r"^\.(?:visible |weak |func |entry ).*?^\}", re.M | re.S)
PROPERTIES = re.compile(
    r"Function properties for (?P<name>\S+)\s+(?P<stack>\d+) bytes stack frame, "
    r"(?P<stores>\d+) bytes spill stores, (?P<loads>\d+) bytes spill loads"
)
DOUBLE = re.compile(r"^.*\.f64\b.*$", re.M)


class KernelError(AssertionError):
    """The compiler refused a text; its own words."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One text for one architecture: its PTX, and bytes spilled to local memory."""

    architecture: str
    ptx: str
    spilled: int

    @property
    def doubles(self) -> list[str]:
        """The instructions on double numbers."""
        return [line.strip() for line in DOUBLE.findall(self.ptx)]

    def loads(self, width: int) -> int:
        """Return how many loads from global memory take `width` numbers at once."""
        return len(re.findall(rf"\bld\.global(?:\.\w+)*?\.v{width}\b", self.ptx))

    def stores(self, width: int) -> int:
        """Return how many stores to global memory take `width` numbers at once."""
        return len(re.findall(rf"\bst\.global(?:\.\w+)*?\.v{width}\b", self.ptx))


def compile_texts(
    texts: Sequence[str], architecture: str, options: Sequence[str] = OPTIONS
) -> list[Compiled]:
    """Return what becomes of each text; kernels in it may have the names of those in others."""
    compiler = nvcc()
    assert compiler is not None
    with tempfile.TemporaryDirectory(prefix="nvcc-") as folder:
        source, ptx = Path(folder) / "all.cu", Path(folder) / "all.ptx"
        source.write_text(_together(texts))
        _run(compiler, f"-arch={architecture}", *options, "-ptx", "-o", ptx, source)
        told = _run(
            compiler.with_name("ptxas"),
            *("-v", f"-arch={architecture}", "-o", Path(folder) / "all.cubin", ptx),
        )
        functions = _by_unit(FUNCTION.findall(ptx.read_text()), len(texts))
    spilled = [0] * len(texts)
    for found in PROPERTIES.finditer(told):
        if unit := UNIT.search(found["name"]):
            spilled[int(unit[1])] += int(found["stores"]) + int(found["loads"])
    return [
        Compiled(architecture, "\n".join(parts), spill)
        for parts, spill in zip(functions, spilled, strict=True)
    ]


def _together(texts: Sequence[str]) -> str:
    includes = dict.fromkeys(line.strip() for text in texts for line in INCLUDE.findall(text))
    units = (
        f"namespace unit_{i:04} {{\n{C_LINKAGE.sub('', INCLUDE.sub('', text))}\n}}\n"
        for i, text in enumerate(texts)
    )
    return "\n".join([*includes, *units])


def _by_unit(functions: list[str], count: int) -> list[list[str]]:
    parts: list[list[str]] = [[] for _ in range(count)]
    for function in functions:
        # The first name is the function's own.
        if unit := UNIT.search(function):
            parts[int(unit[1])].append(function)
    return parts


def _run(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise KernelError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr
