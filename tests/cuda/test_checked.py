"""The templates in check mode: nothing is found in them, and every bug planted in one is."""

import contextlib

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.codegen import templates
from tensorsym.cuda import products
from tensorsym.cuda.executable import build
from tensorsym.cuda.target import cuda_target
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.schedule.build import schedule
from tests.cuda.conftest import Unpooled

rng = np.random.default_rng(2)
MATRIX = rng.normal(size=(37, 53)).astype("float32")
LONG = rng.normal(size=(3, 9000)).astype("float32")
m, v = T.fmatrix("m"), T.fvector("v")

# Expressions by name, and an argument: each runs one template.
CASES = {
    "flat": (T.exp(m) * 2, MATRIX),
    "strided": (m.T * 2 + m.T[0], MATRIX),
    "rows": (m.sum(axis=1), MATRIX),
    "long rows": (m.max(axis=1), LONG),
    "columns": (m.sum(axis=0), MATRIX),
    "partial results": (m.sum(), LONG),
    "copy": (T.exp(m)[:, ::2].flatten(), MATRIX),
    "product": (T.dot(m, m.T), MATRIX),
}

SYNC = "__syncthreads();"
# case, template, what is replaced, by what
BUGS = [
    ("flat", "flat", "i < packs", "i <= packs"),
    ("flat", "flat", "i < n", "i <= n"),
    ("flat", "flat", "= packs * $width + first", "= packs * $width + first / 2"),
    ("strided", "strided", "i < s.columns", "i <= s.columns"),
    ("strided", "strided", "row < s.rows", "row <= s.rows"),
    ("rows", "reduce", "i < end", "i <= end"),
    ("rows", "reduce", "lane == 0 && o < s.outputs", "lane == 0"),
    ("rows", "reduce", "lane == 0 && o < s.outputs", "o < s.outputs"),
    ("long rows", "reduce", SYNC, ""),
    ("long rows", "reduce", "threadIdx.x % 32 == 0", "threadIdx.x % 32 < 2"),
    ("long rows", "reduce", "w < lanes / 32", "w <= lanes / 32"),
    ("columns", "reduce", f"$share\n    {SYNC}", "$share"),
    ("columns", "reduce", f"$fold_shared\n      }}\n      {SYNC}", "$fold_shared\n      }"),
    ("columns", "reduce", "lane < half", "lane <= half"),
    ("columns", "reduce", "lane < half", f"lane < half) {{ {SYNC} }}\n if (lane < half"),
    ("product", "gemm", f"{SYNC}\n#pragma", "#pragma"),
    ("product", "gemm", f"    {SYNC}\n  }}", "  }"),
    ("product", "gemm", "row < s.m && a < s.k", "a < s.k"),
    ("product", "gemm", "row < s.m && column < s.n", "row < s.m"),
    ("product", "gemm", "right[16][17]", "right[15][17]"),
]


@pytest.fixture
def run(context, emulator, monkeypatch):
    """Return what runs a case in check mode, and gives what the emulator reports."""
    monkeypatch.setattr(context.pool, "_pool", Unpooled())
    products._source.cache_clear()

    def checked(case, order="sequential"):
        output, array = CASES[case]
        plan = schedule(FunctionGraph([m], [output]), target=cuda_target())
        emulator.reports()
        with emulator.checking(order), contextlib.suppress(context._driver.Error):
            build(context, plan)([array])
        return [report.kind for report in emulator.reports()]

    yield checked
    products._source.cache_clear()


@pytest.mark.parametrize("order", ["sequential", "reverse", "random:1"])
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_found_in_a_template(case, order, run):
    assert run(case, order) == []


@pytest.mark.parametrize(("case", "name", "old", "new"), BUGS)
def test_a_planted_bug_is_found(case, name, old, new, run, monkeypatch):
    text = templates.template_text(name)
    assert old in text
    changed = text.replace(old, new, 1)
    read = templates.template_text
    monkeypatch.setattr(
        templates, "template_text", lambda wanted: changed if wanted == name else read(wanted)
    )
    assert run(case) != []
