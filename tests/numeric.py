"""Gradients of compiled costs against central differences, orders 1 and 2, and forward mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import tensorsym.tensor as T
from tensorsym import function
from tensorsym.gradient import Rop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEP = 1e-6


def run(inputs: Sequence[Any], outputs: Any, arrays: Sequence[Any], mode: str = "reference") -> Any:
    """Return the values of `outputs`."""
    return function(list(inputs), outputs, on_unused_input="ignore", mode=mode)(*arrays)


def difference_quotient(cost: Callable[..., Any], arrays: Sequence[Any], k: int) -> Any:
    """Return the central differences of a scalar function by each element of argument `k`."""
    gradient = np.zeros_like(arrays[k])
    for index in np.ndindex(arrays[k].shape):
        values = []
        for sign in (1, -1):
            moved = [np.array(a) for a in arrays]
            moved[k][index] += sign * STEP
            values.append(cost(*moved))
        gradient[index] = (values[0] - values[1]) / (2 * STEP)
    return gradient


def check_derivatives(
    cost: Any, inputs: Sequence[Any], arrays: Sequence[Any], order: int = 2
) -> None:
    """Compare gradients of `cost` by every float input, of orders up to `order`, and Rop."""
    rng = np.random.default_rng(0)
    arrays = [np.asarray(a) for a in arrays]
    for k, x in enumerate(inputs):
        if arrays[k].dtype.kind != "f":
            continue
        derived, current = cost, None
        for _ in range(order):
            current = T.grad(derived, x, disconnected_inputs="ignore")
            wanted = difference_quotient(lambda *a, d=derived: run(inputs, d, a), arrays, k)
            np.testing.assert_allclose(run(inputs, current, arrays), wanted, rtol=2e-4, atol=2e-6)
            if derived is cost:
                t, value = x.type(), rng.normal(size=arrays[k].shape)
                tangent = run([*inputs, t], Rop(cost, x, t), [*arrays, value])
                np.testing.assert_allclose(tangent, (wanted * value).sum(), rtol=1e-5, atol=1e-7)
            derived = T.sum(current * current)
