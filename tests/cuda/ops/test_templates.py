"""Every template in check mode, with planted bugs, and through NVIDIA's compiler."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorsym.cuda
from tensorsym.codegen import templates
from tensorsym.cuda import scalars
from tensorsym.cuda.modules import OPTIONS
from tensorsym.language.creation import AllocEmpty, ARange
from tensorsym.language.crossentropy import (
    CrossentropyCategorical1Hot,
    CrossentropySoftmax1HotWithBiasDx,
    CrossentropySoftmaxArgmax1HotWithBias,
)
from tensorsym.language.cumulative import CumOp
from tensorsym.language.extremes import ArgExtreme
from tensorsym.language.hostops import DeepCopyOp
from tensorsym.language.indexing import Nonzero
from tensorsym.language.indexing_advanced import AdvancedIncSubtensor1, AdvancedSubtensor1
from tensorsym.language.joining import Join
from tensorsym.language.mrg import MRGUniform, substreams
from tensorsym.language.mrgchoice import ChoiceFromUniform, MultinomialFromUniform
from tensorsym.language.patterns import Eye
from tensorsym.language.reshape import Alloc
from tensorsym.language.softmax import LogSoftmax, Softmax, SoftmaxGrad
from tensorsym.language.tensortype import TensorType
from tests.cuda.nvcc import ARCHITECTURES, compile_texts
from tests.cuda.ops.checking import agrees

Example = Callable[[Any], None]


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(-9, 10, size=shape).astype(dtype)


ROWS = np.array([2, 0, -1, 2, 3])
STATES = substreams(np.array([12345, 23456, 34567, 45678, 56789, 67890], "int32"), 3)
UNIFORM = MRGUniform(TensorType("float32", shape=(None,)))
HALVES = np.full((2, 2), 0.5, "float32")
UNITS = np.array([0.3, 0.7, 0.9, 0.1], "float32")
LOSS = CrossentropySoftmaxArgmax1HotWithBias()


def example(op: Any, *arguments: Any, ulps: float = 0) -> Example:
    return lambda context: agrees(context, op, *arguments, ulps=ulps)


# template: what launches it, on few elements, in each of its forms
EXAMPLES: dict[str, list[Example]] = {
    "arg_extreme": [
        example(ArgExtreme("argmax", (1,)), numbers(3, 70)),
        example(ArgExtreme("argmax", (0,)), numbers(70, 3)),
        example(ArgExtreme("argmax"), numbers(9000)),
    ],
    "count": [example(ARange("float32"), 0, 300, 1)],
    "crossentropy": [
        example(LOSS, numbers(3, 70), numbers(70), np.array([0, 5, 69]), ulps=16),
        example(LOSS, numbers(2, 1100), numbers(1100), np.array([0, 1099]), ulps=16),
    ],
    "cumulate": [
        example(CumOp(1), numbers(2, 300)),
        example(CumOp(0), numbers(5, 3)),
    ],
    "diagonals": [example(Eye("float32"), 5, 7, 1)],
    "fill": [example(AllocEmpty("float32"), 5)],
    "indices": [example(AdvancedSubtensor1(), numbers(4, 3), ROWS)],
    "labelled": [
        example(CrossentropySoftmax1HotWithBiasDx(), numbers(3), numbers(3, 4), np.array([0, 3, 1]))
    ],
    "move": [
        example(Join(), 0, numbers(3, 2), numbers(3, 2)[::-1]),
        example(Alloc(), np.float32(2), 3, 5),
    ],
    "mrg": [example(UNIFORM, STATES, np.array([8]))],
    "multinomial": [
        example(MultinomialFromUniform(), HALVES, UNITS, 2),
        example(ChoiceFromUniform(), HALVES, UNITS, 2),
    ],
    "nonzero": [example(Nonzero(), numbers(700))],
    "picked": [
        example(CrossentropyCategorical1Hot(), HALVES, np.array([0, 1]), ulps=4),
    ],
    "scatter": [
        example(AdvancedIncSubtensor1(), numbers(4, 3), numbers(5, 3), ROWS),
        example(AdvancedIncSubtensor1(), numbers(4), numbers(600), np.arange(600) % 4),
        example(AdvancedIncSubtensor1(), numbers(4, 300), numbers(5, 300), ROWS),
    ],
    "softmax": [
        example(Softmax(), numbers(3, 70), ulps=8),
        example(LogSoftmax(), numbers(2, 1100), ulps=8),
        example(Softmax(), numbers(1, 9000), ulps=8),
    ],
    "softmax_gradient": [
        example(SoftmaxGrad(), numbers(3, 70), numbers(3, 70), ulps=400),
        example(SoftmaxGrad(), numbers(2, 1100), numbers(2, 1100), ulps=4000),
    ],
    "transpose": [
        example(DeepCopyOp(), numbers(40, 35).T),
        example(DeepCopyOp(), numbers(3, 9, 35).transpose(0, 2, 1)),
    ],
    "unravel": [example(Nonzero(), numbers(5, 6))],
}
# The reduction is a part of the templates of rows.
EXAMPLES["row_reduce"] = EXAMPLES["softmax"][1:2]

# Rows that fill the registers set aside for them.
LONG = {
    "crossentropy": [
        example(LOSS, numbers(1, n), numbers(n), np.array([5]), ulps=n) for n in (1000, 9000)
    ],
    "softmax": [example(Softmax(), numbers(1, 1000), ulps=8)],
    "softmax_gradient": [
        example(SoftmaxGrad(), numbers(1, n), numbers(1, n), ulps=9 * n) for n in (1000, 9000)
    ],
}

DOUBLE = [
    example(LOSS, numbers(1, n, dtype="float64"), numbers(n), np.array([5]), ulps=n)
    for n in (500, 9000)
] + [
    example(op, numbers(1, n, dtype="float64"), ulps=8)
    for n in (500, 9000)
    for op in (Softmax(), LogSoftmax())
]  # fmt: skip

# Templates of the Plan's kernels and products, which have tests of their own.
OF_THE_PLAN = {"complex", "flat", "gemm", "library", "reduce", "strided", "unit"}

# template, what is replaced, by what, the report that must come
BARRIER = "__syncthreads();"
BUGS = [
    ("move", "rest * space.to[d]", "(rest + 1) * space.to[d]", "bounds"),
    ("move", "i < n", "i <= n", "bounds"),
    ("transpose", BARRIER, "", "uninitialised race"),
    ("transpose", "if (x < columns)", "if (true)", "bounds"),
    ("transpose", "tile[32][33]", "tile[32][31]", "bounds"),
    ("fill", "i < n", "i <= n", "bounds"),
    ("count", "out[i] =", "out[0] =", "race"),
    ("diagonals", "i < n", "i <= n", "bounds"),
    ("indices", "places[i] =", "places[i + 1] =", "bounds uninitialised race"),
    ("indices", "if (threadIdx.x == 0)\n", "", "race"),
    ("nonzero", "if (threadIdx.x == 0)\n", "", "race"),
    ("nonzero", f"before[warp] = __popc(found);\n    {BARRIER}", "before[warp] = __popc(found);",
     "uninitialised race"),
    ("nonzero", "next + ahead", "next + ahead + 1", "bounds uninitialised"),
    ("unravel", "i < n", "i <= n", "bounds"),
    ("scatter", f"    {BARRIER}\n    const int here", "    const int here", "uninitialised race"),
    ("scatter", f"    {BARRIER}\n    if (first", "    if (first", "race"),
    ("scatter", "owner[k] != mine", "false", "race"),
    ("scatter", "column < space.columns", "true", "bounds race"),
    ("arg_extreme", f"places[threadIdx.x] = at;\n  {BARRIER}", "places[threadIdx.x] = at;",
     "uninitialised race"),
    ("arg_extreme", f"    }}\n    {BARRIER}", "    }", "race"),
    ("arg_extreme", "lane == 0 && result < results", "lane == 0", "bounds"),
    ("softmax", "if (row >= rows)", "if (false)", "bounds"),
    ("row_reduce", f"mine;\n  {BARRIER}\n  mine = parts[0]", "mine;\n  mine = parts[0]",
     "uninitialised race"),
    ("row_reduce", "parts[$warps]", "parts[$warps - 1]", "bounds"),
    ("softmax_gradient", "if (row >= rows)", "if (false)", "bounds"),
    ("crossentropy", "if (threadIdx.x == 0)\n    chosen", "chosen", "race"),
    ("crossentropy", f"  }}\n  {BARRIER}\n  for (int warp", "  }\n  for (int warp",
     "uninitialised race"),
    ("labelled", "i < n", "i <= n", "bounds"),
    ("picked", "row < rows", "row <= rows", "bounds"),
    ("cumulate", f"warps[warp] = running;\n    {BARRIER}", "warps[warp] = running;",
     "uninitialised race"),
    ("cumulate", f"      out[i] = $stored;\n    {BARRIER}", "      out[i] = $stored;", "race"),
    ("cumulate", "if (k < length)\n", "", "bounds race"),
    ("mrg", "stream >= streams", "false", "bounds race"),
    ("multinomial", "row < rows", "row <= rows", "bounds"),
]  # fmt: skip


def test_every_template_of_these_ops_has_an_example():
    folder = Path(tensorsym.cuda.__file__).parent / "templates"
    assert set(EXAMPLES) == {path.stem for path in folder.glob("*.cu")} - OF_THE_PLAN


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_template_gives_no_report(checked_context, emulator, name):
    for run in EXAMPLES[name]:
        run(checked_context)
    assert emulator.reports() == []


@pytest.mark.parametrize(("name", "old", "new", "kinds"), BUGS)
def test_a_planted_bug_is_reported(checked_context, emulator, monkeypatch, name, old, new, kinds):
    original = templates.template_text
    assert old in original(name)

    def changed(wanted: str) -> str:
        text = original(wanted)
        return text.replace(old, new) if wanted == name else text

    def run() -> None:
        for each in EXAMPLES[name]:
            each(checked_context)

    monkeypatch.setattr(templates, "template_text", changed)
    scalars.kernel.cache_clear()
    try:
        with pytest.raises(checked_context._driver.LaunchError):
            run()
    finally:
        scalars.kernel.cache_clear()
    assert {report.kind for report in emulator.reports()} & set(kinds.split())


# Where the reference computes with doubles, whatever the dtype.
IN_DOUBLE = {"multinomial"}


@pytest.mark.usefixtures("nvcc")
def test_nvidias_compiler_spills_nothing_and_needs_no_doubles(context, monkeypatch):
    sources: dict[str, list[tuple[str, str]]] = {"single": [], "double": []}
    function, group = context.modules.function, "single"

    def recorded(source: Any) -> Any:
        sources[group].append((source.name, source.text))
        return function(source)

    monkeypatch.setattr(context.modules, "function", recorded)
    for name, runs in EXAMPLES.items():
        group = "double" if name in IN_DOUBLE else "single"
        for run in (*runs, *LONG.get(name, ())):
            run(context)
    group = "double"
    for run in DOUBLE:
        run(context)
    single, double = (dict.fromkeys(found) for found in sources.values())
    texts = {pair: pair in single for pair in [*single, *double]}
    for architecture in ARCHITECTURES:
        compiled = compile_texts([text for _, text in texts], architecture, OPTIONS)
        pairs = list(zip(texts.items(), compiled, strict=True))
        assert [(name, found.spilled) for ((name, _), _), found in pairs if found.spilled] == []
        doubles = [
            (name, found.doubles[:3])
            for ((name, _), is_single), found in pairs
            if is_single and found.doubles
        ]
        assert doubles == []
