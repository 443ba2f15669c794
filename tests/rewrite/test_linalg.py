"""Products with scale and summand become one BLAS op, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.rewrite.evaluation import evaluate, op_names, rewritten, values_before_and_after

import tensorsym.tensor as T
from tensorsym.errors import DTypeError, RankError, ShapeError
from tensorsym.language.blas import Gemm, Gemv, Ger, ScaledDot
from tensorsym.rewrite import Query

RNG = np.random.default_rng(8)
SHAPES = {"a": (3, 4), "b": (4, 5), "c": (3, 5), "v": (4,), "w": (3,), "s": ()}


def operands(dtype: str) -> dict[str, Any]:
    return {name: T.TensorType(dtype, (None,) * len(shape))(name) for name, shape in SHAPES.items()}


ROWS: dict[str, tuple[Any, str]] = {
    "c - lr*ab": (lambda a, b, c, v, w, s: c - 0.125 * T.dot(a, b), "Gemm"),
    "s*c + 2*ab": (lambda a, b, c, v, w, s: s * c + T.dot(a, b) * 2, "Gemm"),
    "ab - c": (lambda a, b, c, v, w, s: T.dot(a, b) - c, "Gemm"),
    "c/s + ab/s": (lambda a, b, c, v, w, s: c / s + T.dot(a, b) / s, "Gemm"),
    "c + (b'a')'": (lambda a, b, c, v, w, s: c + T.dot(b.T, a.T).T, "Gemm"),
    "s*ab": (lambda a, b, c, v, w, s: s * T.dot(a, b), "ScaledDot"),
    "-ab/s": (lambda a, b, c, v, w, s: -T.dot(a, b) / s, "ScaledDot"),
    "w - s*av": (lambda a, b, c, v, w, s: w - s * T.dot(a, v), "Gemv"),
    "wa + 2*v": (lambda a, b, c, v, w, s: T.dot(w, a) + 2 * v, "Gemv"),
    "c + s*w o b": (
        lambda a, b, c, v, w, s: c + s * T.dot(w.dimshuffle(0, "x"), b[0].dimshuffle("x", 0)),
        "Ger",
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ROWS)
def test_one_call(name: str, dtype: str) -> None:
    build, op = ROWS[name]
    symbols = operands(dtype)
    arrays = [np.asarray(RNG.normal(size=shape)).astype(dtype) for shape in SHAPES.values()]
    output = T.cast(build(**symbols), dtype)
    before, after, graph = values_before_and_after(list(symbols.values()), [output], arrays)
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(before[0], after[0], rtol=tolerance, atol=tolerance)
    assert [type(node.op).__name__ for node in graph.toposort()].count(op) == 1
    assert "dot" not in op_names(graph)


def test_two_products_are_two_calls() -> None:
    symbols = operands("float64")
    a, b, c = symbols["a"], symbols["b"], symbols["c"]
    graph, _ = rewritten([a, b, c], [c + T.dot(a, b) + T.dot(a, 2 * b)])
    assert [type(node.op) for node in graph.toposort()].count(Gemm) == 2


@pytest.mark.parametrize("dtype", ["int32", "float16", "complex128"])
def test_other_dtypes_keep_their_dot(dtype: str) -> None:
    symbols = operands(dtype)
    a, b, c = symbols["a"], symbols["b"], symbols["c"]
    graph, _ = rewritten([a, b, c], [c + T.dot(a, b)])
    assert not any(isinstance(node.op, Gemm) for node in graph.toposort())


def test_shared_product_is_computed_once() -> None:
    symbols = operands("float64")
    a, b, c = symbols["a"], symbols["b"], symbols["c"]
    product = T.dot(a, b)
    graph, _ = rewritten([a, b, c], [c + product, T.exp(product)])
    assert not any(isinstance(node.op, Gemm) for node in graph.toposort())


def test_broadcast_summand_is_not_filled() -> None:
    symbols = operands("float64")
    a, b, row = symbols["a"], symbols["b"], T.dvector("row")
    graph, _ = rewritten([a, b, row], [T.dot(a, b) + row])
    assert sorted(op_names(graph)) == ["DimShuffle", "Dot", "add"]


def test_excluding_blas_keeps_dot() -> None:
    symbols = operands("float64")
    a, b, c = symbols["a"], symbols["b"], symbols["c"]
    from_mode = T.dot(a, b) + c
    for name in ("BlasOpt", "gemm", "gemm_optimizer", "linear_algebra"):
        graph, _ = rewritten([a, b, c], [from_mode], Query.of("fast_run").excluding(name))
        assert "Dot" in op_names(graph)


def test_summand_is_not_read_where_beta_is_zero() -> None:
    z, alpha, x, y, beta = T.dmatrix(), T.dscalar(), T.dmatrix(), T.dmatrix(), T.dscalar()
    values = [np.full((2, 2), np.nan), np.array(2.0), np.eye(2), np.eye(2), np.array(0.0)]
    symbols = [z, alpha, x, y, beta]
    (result,) = evaluate([Gemm()(*symbols)], dict(zip(symbols, values, strict=True)))
    np.testing.assert_array_equal(result, 2 * np.eye(2))


def test_shapes_of_blas_ops_need_no_product() -> None:
    z, s, x, y = T.dmatrix("z"), T.dscalar("s"), T.dmatrix("x"), T.dmatrix("y")
    v, w = T.dvector("v"), T.dvector("w")
    outputs = [
        Gemm()(z, s, x, y, s).shape, Gemv()(w, s, x, v, s).shape, Ger()(z, s, v, w).shape,
        ScaledDot()(s, x, y).shape,
    ]  # fmt: skip
    graph, _ = rewritten([z, s, x, y, v, w], outputs)
    assert set(op_names(graph)) == {"ShapeOf", "MakeVector"}


def test_operands_that_do_not_fit_are_refused() -> None:
    x, v, s = T.dmatrix("x"), T.dvector("v"), T.dscalar("s")
    with pytest.raises(RankError, match="y has 1 dimensions"):
        ScaledDot()(s, x, v)
    with pytest.raises(DTypeError, match="float32, float64"):
        ScaledDot()(s, x, T.fmatrix())
    product = ScaledDot()(s, x, x)
    with pytest.raises(ShapeError, match="inner lengths differ"):
        evaluate([product], {x: np.ones((2, 3)), s: np.array(1.0)})
    z = T.dmatrix("z")
    with pytest.raises(ShapeError, match="another shape"):
        evaluate([Gemm()(z, s, x, x, s)], {x: np.eye(2), s: np.array(1.0), z: np.eye(3)})
