"""One check for expressions of tensors: values, types, shapes and derivatives, against NumPy.

Symbols are built from arrays, with the lengths unknown; a dimension of length 1 is declared
broadcastable.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.autodiff.forward import Rop
from tensorsym.autodiff.reverse import grad
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.variable import Constant
from tensorsym.graph.walk import toposort
from tensorsym.language import load
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

load()


def symbols(arrays: Sequence[Any]) -> list[Any]:
    """Return a symbol for each array."""
    names = iter("xyzuvw")
    return [
        TensorType(a.dtype.name, [n == 1 for n in a.shape])(next(names))
        for a in map(np.asarray, arrays)
    ]


def values(outputs: Any, given: dict[Any, Any]) -> list[Any]:
    """Return the values of expressions, of one or of a list."""
    listed = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    return evaluate_graph([as_tensor_variable(v) for v in listed], given)


def check_value(
    build: Callable[..., Any], reference: Callable[..., Any], *arrays: Any, rtol: float = 1e-12
) -> list[Any]:
    """Check values, static shapes and inferred shapes of an expression against NumPy's answer."""
    inputs = symbols(arrays)
    given = dict(zip(inputs, arrays, strict=True))
    built = build(*inputs)
    outputs = list(built) if isinstance(built, list | tuple) else [built]
    expected = reference(*arrays)
    expected = list(expected) if isinstance(built, list | tuple) else [expected]
    results = values(outputs, given)
    assert len(results) == len(expected)
    for out, result, wanted in zip(outputs, results, expected, strict=True):
        assert result.dtype.name == out.type.dtype
        np.testing.assert_allclose(result, wanted, rtol=rtol, atol=1e-12)
        assert result.shape == np.shape(wanted)
        known = zip(out.type.shape, result.shape, strict=True)
        assert all(n is None or n == actual for n, actual in known)
    check_shapes(outputs, given)
    return results


def check_shapes(outputs: Sequence[Any], given: dict[Any, Any]) -> None:
    """Check `infer_shape` of every node on the way from the inputs to the outputs."""
    shapes: dict[Any, Any] = {}

    def shape_of(v: Any) -> Any:
        if v not in shapes:
            if isinstance(v, Constant):
                shapes[v] = tuple(as_tensor_variable(np.int64(n)) for n in v.data.shape)
            else:
                shapes[v] = tuple(ShapeOf(d)(v) for d in range(v.type.ndim))
        return shapes[v]

    for node in toposort(outputs):
        inferred = node.op.infer_shape(node, [shape_of(v) for v in node.inputs])
        for out, shape in zip(node.outputs, inferred, strict=True):
            if shape is not None:
                shapes[out] = tuple(shape)
    for out in outputs:
        inferred = [int(n) for n in values(list(shape_of(out)), given)] if out.type.ndim else []
        assert inferred == list(values(out, given)[0].shape)


def check_gradient(build: Callable[..., Any], *arrays: Any, rtol: float = 1e-6) -> None:
    """Check the reverse and the forward derivative of an expression against differences."""
    inputs = symbols(arrays)
    given = {v: np.asarray(array) for v, array in zip(inputs, arrays, strict=True)}
    floats = [v for v in inputs if v.type.dtype in ("float64", "complex128")]
    out = build(*inputs)
    rng = np.random.default_rng(7)
    weight = rng.normal(size=values(out, given)[0].shape)
    weights = TensorType("float64", out.type.broadcastable)("weights")
    cost = FUNCTIONS["sum"](out * weights)
    given[weights] = weight
    gradients = grad(cost, floats, disconnected_inputs="ignore")
    exact = values(list(gradients), given)
    for v, gradient in zip(floats, exact, strict=True):
        assert gradient.shape == given[v].shape
        np.testing.assert_allclose(
            gradient, _differences(cost, v, given), rtol=rtol, atol=1e-7, err_msg=f"gradient of {v}"
        )
    check_tangent(out, floats, given, rtol)


def _differences(cost: Any, v: Any, given: dict[Any, Any], step: float = 1e-6) -> Any:
    """Return the central differences of a cost, element by element."""
    at = given[v]
    slopes = np.zeros(at.shape)
    for place in itertools.product(*map(range, at.shape)):
        ends = []
        for sign in (1, -1):
            moved = np.array(at)
            moved[place] += sign * step
            ends.append(values(cost, {**given, v: moved})[0])
        slopes[place] = (ends[0] - ends[1]) / (2 * step)
    return slopes


def check_tangent(out: Any, floats: Sequence[Any], given: dict[Any, Any], rtol: float) -> None:
    """Check the forward derivative along a random direction against differences."""
    rng = np.random.default_rng(11)
    directions = {v: rng.normal(size=given[v].shape) for v in floats}
    symbolic = [v.type(f"d{v.name}") for v in floats]
    tangent = Rop(out, list(floats), symbolic)
    fully_given = {**given, **dict(zip(symbolic, directions.values(), strict=True))}
    ends = []
    for sign in (1, -1):
        moved = {v: given[v] + sign * 1e-6 * directions[v] for v in floats}
        ends.append(values(out, {**given, **moved})[0])
    expected = (ends[0] - ends[1]) / 2e-6
    np.testing.assert_allclose(
        values(tangent, fully_given)[0], expected, rtol=rtol * 10, atol=1e-6, err_msg="tangent"
    )
