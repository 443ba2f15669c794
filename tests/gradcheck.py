"""Gradients of an op against numeric ones: orders 1 and 2, both modes, from its record alone.

First derivatives are compared with SciPy's of the op's NumPy reference; second ones with
SciPy's derivatives of the symbolic first, which have been compared by then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.differentiate import derivative
from scipy.optimize import check_grad

from tensorsym.autodiff.forward import Rop
from tensorsym.autodiff.reverse import Lop, grad
from tensorsym.errors import NullTypeGradError
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.language.complexparts import imag, real
from tensorsym.language.elementwise import OPS, RECORDS
from tensorsym.language.filling import ones_like
from tensorsym.language.reduction import REDUCTIONS, reduce_with
from tensorsym.language.tensortype import TensorType
from tensorsym.language.totals import sum as sum_

POINTS = 6
# SciPy estimates its own error; this is what is left beside it, relative to the derivative.
RTOL = 1e-7
# The step of differences of functions rounded to less than float64, where noise is eps / step.
COARSE_STEP = 0.05


class OperandTable:
    """One elementwise record with symbols and numbers for its operands."""

    def __init__(self, name: str) -> None:
        self.record, self.op = RECORDS[name], OPS[name]
        rng = np.random.default_rng(sum(map(ord, name)))
        self.dtypes = ["float64"] * self.record.arity
        try:
            self.record.rule(*self.dtypes)
        except TypeError:
            self.dtypes = ["int64"] * self.record.arity
        self.symbols = [
            TensorType(dtype, (False,))(letter)
            for dtype, letter in zip(self.dtypes, "xyzuvw", strict=False)
        ]
        self.arrays = [
            rng.uniform(low, high, POINTS).astype(dtype)
            for (low, high), dtype in zip(self.record.domain, self.dtypes, strict=True)
        ]
        self.out = self.op(*self.symbols)

    @property
    def is_discrete(self) -> bool:
        """Whether the result is bool or integer, so that all derivatives are zero."""
        return np.dtype(self.out.dtype).kind in "biu"

    def outputs(self) -> list[tuple[Any, Any]]:
        """Return real outputs, each with its reference: the parts of a complex one."""
        reference, casts = self.record.reference(), self.record.rule(*self.dtypes)[0]

        def compute(*operands: Any) -> Any:
            with np.errstate(all="ignore"):
                typed = [np.asarray(a, d) for a, d in zip(operands, casts, strict=True)]
                return np.asarray(reference(*typed), self.out.dtype)

        if np.dtype(self.out.dtype).kind != "c":
            return [(self.out, compute)]
        parts = [(real, np.real), (imag, np.imag)]
        return [(take(self.out), lambda *a, t=part: t(compute(*a))) for take, part in parts]

    def evaluate(self, expression: Any, *arrays: Any) -> Any:
        """Return the value of an expression of the operands, for arrays of one shape."""
        shape = np.broadcast_shapes(*map(np.shape, arrays))
        flat = [np.broadcast_to(a, shape).reshape(-1) for a in arrays]
        given = dict(zip(self.symbols, flat, strict=True))
        return evaluate_graph([expression], given)[0].reshape(shape)

    def numeric(self, function: Any, k: int, precision: str = "float64") -> tuple[Any, Any]:
        """Return SciPy's derivative of a function by operand `k`, and its tolerance."""

        def along(x: Any, *others: Any) -> Any:
            return np.asarray(function(*others[:k], x, *others[k:]), "float64")

        others = tuple(a for i, a in enumerate(self.arrays) if i != k)
        eps = np.finfo(precision).eps
        wide = precision == "float64"
        step = 1e-3 if wide else COARSE_STEP
        more = {} if wide else {"maxiter": 1, "order": 2}
        found = derivative(along, self.arrays[k], args=others, initial_step=step, **more)
        noise = 1e3 * eps if wide else 8 * eps / step + step**2
        assert np.isfinite(found.df).all(), f"{self.record.name}: no numeric derivative"
        tolerance = noise + 10 * (found.error if wide else 0) + RTOL * np.abs(found.df)
        return found.df, tolerance

    def both_modes(self, expression: Any, k: int) -> list[Any]:
        """Return the derivative of an expression by operand `k` in reverse and in forward mode."""
        x = self.symbols[k]
        # Gradients are floats, also those of integers.
        dtype = expression.dtype if expression.dtype.startswith("float") else "float64"
        ones = ones_like(expression, dtype=dtype)
        backward = Lop(expression, x, ones, disconnected_inputs="ignore")
        forward = Rop(expression, x, ones_like(x, dtype="float64"), disconnected_outputs="ignore")
        return [backward, forward]


def check_elementwise(name: str) -> int:
    """Compare all first and second derivatives of an elementwise op; return how many there were."""
    table = OperandTable(name)
    compared = 0
    if table.is_discrete:
        return _check_zeros(table)
    for out, reference in table.outputs():
        for k in range(table.record.arity):
            try:
                backward, forward = table.both_modes(out, k)
            except NullTypeGradError:
                continue
            if "surrogate_gradient" in table.record.traits:
                _agree(table, [forward], table.evaluate(backward, *table.arrays), 1e-12, f"d{k}")
                compared += 1
                continue
            expected, tolerance = table.numeric(reference, k, out.dtype)
            _agree(table, [backward, forward], expected, tolerance, f"d{k}")
            compared += 1 + _check_second(table, backward, k)
    return compared


def _check_second(table: OperandTable, first: Any, k: int) -> int:
    """Compare the derivatives of a first derivative with differences of it."""
    if first.dtype != "float64":
        return 0
    compared = 0
    for j in range(table.record.arity):
        try:
            seconds = table.both_modes(first, j)
        except NullTypeGradError:
            continue
        expected, tolerance = table.numeric(lambda *a: table.evaluate(first, *a), j)
        _agree(table, seconds, expected, tolerance, f"d{k}d{j}")
        compared += 1
    return compared


def _check_zeros(table: OperandTable) -> int:
    for k in range(table.record.arity):
        for found in table.both_modes(table.out, k):
            values = table.evaluate(found, *table.arrays)
            assert not values.any(), f"{table.record.name} returns integers, d{k} is not zero"
            assert values.shape == (POINTS,)
    return table.record.arity


def _agree(
    table: OperandTable, found: list[Any], expected: Any, tolerance: Any, which: str
) -> None:
    for mode, expression in zip(("reverse", "forward"), found, strict=False):
        values = table.evaluate(expression, *table.arrays)
        wrong = ~(np.abs(values - expected) <= tolerance)
        assert not wrong.any(), (
            f"{table.record.name}, {which}, {mode} mode: got {values[wrong]}, expected "
            f"{np.asarray(expected)[wrong]}, at {[a[wrong] for a in table.arrays]}"
        )


def check_reduction(name: str, shape: tuple[int, ...], axis: Any) -> None:
    """Compare first and second derivatives of a reduction over `axis` with SciPy's differences."""
    assert REDUCTIONS[name].gradient is not None
    rng = np.random.default_rng(len(name))
    kind = TensorType("float64", (False,) * len(shape))
    x, direction = kind("x"), kind("direction")
    start = rng.uniform(0.5, 2.0, shape)
    out = reduce_with(name, x, axis)
    weights = rng.uniform(0.5, 1.5, np.empty(shape).sum(axis=axis).shape)
    cost = sum_(out * weights)
    first = grad(cost, x)
    second = grad(sum_(first * direction), x, disconnected_inputs="ignore")
    along = rng.normal(size=shape)

    def run(expression: Any, flat: Any) -> Any:
        given = {x: flat.reshape(shape), direction: along}
        return evaluate_graph([expression], given)[0]

    for function, derivative_ in ((cost, first), (sum_(first * direction), second)):
        error = check_grad(
            lambda flat, f=function: float(run(f, flat)),
            lambda flat, d=derivative_: run(d, flat).ravel(),
            start.ravel(),
        )
        scale = 1 + np.abs(run(derivative_, start.ravel())).max()
        assert error < 1e-5 * scale, f"{name} over {axis} of {shape}: off by {error}"
    for function, derivative_ in ((cost, first), (first, second)):
        forward = run(sum_(Rop(function, x, direction)), start.ravel())
        backward = run(derivative_, start.ravel())
        expected = (backward * along).sum() if function is cost else backward.sum()
        np.testing.assert_allclose(forward, expected, rtol=1e-10, atol=1e-12)
