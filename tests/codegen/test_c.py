"""The C text of kernels: stable, readable, free of libc."""

from __future__ import annotations

import re

import pytest

import tensorsym.tensor as T
from tensorsym._ops import scalar_text
from tensorsym.codegen.c import c_kernel, c_text, c_unit, neutral
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import Kernel


def texts(inputs, outputs):
    """Return the C text of every kernel of a plan."""
    plan = schedule(FunctionGraph(inputs, outputs))
    kernels = [i for i in plan.instructions if isinstance(i, Kernel)]
    return [c_text(c_kernel(kernel), "f", scalar_text) for kernel in kernels]


MAP = """\
void f_rows(ts_size rows, ts_size cols, char **data, const ts_size *step, int fresh)
{
  const ts_f32 v2 = *(const ts_f32 *)data[2];
  for (ts_size row = 0; row < rows; row++) {
    const ts_f32 *a0 = (const ts_f32 *)(data[0] + row * step[0]);
    const ts_i8 *a1 = (const ts_i8 *)(data[1] + row * step[1]);
    ts_f32 *a3 = (ts_f32 *)(data[3] + row * step[3]);
    TS_LANES
    for (ts_size i = 0; i < cols; i++) {
      const ts_f32 v0 = a0[i];
      const ts_i8 v1 = a1[i];
      const ts_f32 v3 = ts_cast_i8_f32(v1);
      const ts_f32 v4 = v0 * v3;
      const ts_f32 v5 = ts_max_f32(v4, v2);
      a3[i] = v5;
    }
  }
}
"""

FOLD = """\
void f_rows(ts_size rows, ts_size cols, char **data, const ts_size *step, int fresh)
{
  for (ts_size row = 0; row < rows; row++) {
    const ts_f64 *a0 = (const ts_f64 *)(data[0] + row * step[0]);
    ts_f64 s1[32], t1[32];
    for (int j = 0; j < 32; j++)
      s1[j] = -0.0;
    ts_size i = 0;
    for (; i + 32 <= cols; i += 32) {
      ts_ahead(a0 + i, 32 * sizeof *a0);
      TS_LANES
      for (int j = 0; j < 32; j++) {
        const ts_f64 v0 = a0[i + j];
        const ts_f64 v1 = v0 * v0;
        s1[j] = s1[j] + v1;
      }
    }
    const int rest = (int)(cols - i);
    TS_LANES
    for (int j = 0; j < rest; j++) {
      const ts_f64 v0 = a0[i + j];
      const ts_f64 v1 = v0 * v0;
      t1[j] = v1;
    }
    if (i == 0) {
      s1[0] = t1[0];
      for (int j = 1; j < rest; j++)
        s1[0] = s1[0] + t1[j];
    } else {
      for (int j = 0; j < rest; j++)
        s1[j] = s1[j] + t1[j];
      for (int half = 16; half > 0; half /= 2)
        for (int j = 0; j < half; j++)
          s1[j] = s1[j] + s1[j + half];
    }
    *(ts_f64 *)(data[1] + row * step[1]) = s1[0];
  }
}
"""

COLUMNS = """
void f_columns(ts_size rows, ts_size cols, char **data, const ts_size *step, int fresh)
{
  ts_f64 *s1 = (ts_f64 *)data[1];
  if (fresh) {
    for (ts_size i = 0; i < cols; i++)
      s1[i] = -0.0;
  }
  for (ts_size row = 0; row < rows; row++) {
    const ts_f64 *a0 = (const ts_f64 *)(data[0] + row * step[0]);
    TS_LANES
    for (ts_size i = 0; i < cols; i++) {
      const ts_f64 v0 = a0[i];
      const ts_f64 v1 = v0 * v0;
      s1[i] = s1[i] + v1;
    }
  }
}
"""


def test_a_chain_is_one_loop_with_typed_values():
    x, n, a = T.fvector("x"), T.bvector("n"), T.fscalar("a")
    assert texts([x, n, a], [T.maximum(x * n, a)]) == [MAP]


def test_a_whole_reduction_has_lanes_and_no_columns():
    x = T.dmatrix("x")
    assert texts([x], [T.sqr(x).sum()]) == [FOLD]


def test_a_reduction_that_keeps_a_dimension_may_run_down_columns():
    x = T.dmatrix("x")
    assert texts([x], [T.sqr(x).sum(axis=0)]) == [FOLD + COLUMNS]


def test_equal_kernels_have_equal_text_and_scalars_are_told_apart():
    x, y, a = T.dvector("x"), T.dvector("y"), T.dscalar("a")
    assert texts([x, y], [x * y]) == texts([y, x], [y * x])
    assert texts([x, y], [x * y]) != texts([x, a], [x * a])


def test_a_unit_includes_only_the_packages_headers():
    plain, with_functions = c_unit(["x = a + b;"]), c_unit(["x = ts_exp_f64(a);"])
    assert re.findall("#include.*", plain) == ['#include "ts_types.h"']
    assert re.findall("#include.*", with_functions) == ['#include "ts_scalar.h"']


@pytest.mark.parametrize(
    ("role", "dtype", "text"),
    [
        ("sum", "float32", "-0.0"),
        ("sum", "int8", "0"),
        ("prod", "float64", "1"),
        ("max", "float32", "-__builtin_inf()"),
        ("min", "bool", "1"),
        ("max", "bool", "0"),
        ("max", "int64", "-0x7fffffffffffffffLL - 1"),
        ("min", "uint64", "18446744073709551615ULL"),
        ("max", "int16", "-32768"),
    ],
)
def test_neutral_values_are_exact(role, dtype, text):
    assert neutral(role, dtype) == text
