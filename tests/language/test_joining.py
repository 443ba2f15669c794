"""Joining, splitting, stacking, repeating and arranging, against NumPy."""

import numpy as np
import pytest
from tests.expressions import check_gradient, check_value, values

import tensorsym.tensor as T
from tensorsym.errors import AxisError, RankError, ShapeError
from tensorsym.graph.walk import graph_inputs

RNG = np.random.default_rng(3)
A, B = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3))
CUBE = RNG.normal(size=(2, 3, 4))
ROW = RNG.normal(size=(1, 3))


@pytest.mark.parametrize(
    ("build", "reference", "arrays"),
    [
        (lambda x, y: T.join(0, x, y), lambda a, b: np.concatenate([a, b]), (A, B)),
        (lambda x, y: T.join(-1, x.T, y.T), lambda a, b: np.concatenate([a.T, b.T], -1), (A, B)),
        (lambda x, y: T.concatenate([x, y, x]), lambda a, b: np.concatenate([a, b, a]), (A, B)),
        (
            lambda x, y: T.concatenate([x, y], axis=None),
            lambda a, b: np.concatenate([a, b], None),
            (A, B),
        ),
        (lambda x, y: T.join(0, x, y), lambda a, b: np.concatenate([a, b]), (A, ROW)),
        (lambda x: T.stack([x, x * 2], axis=1), lambda a: np.stack([a, a * 2], 1), (A,)),
        (lambda x: T.stack([x, x * 2], axis=-1), lambda a: np.stack([a, a * 2], -1), (A,)),
        (lambda x: T.stack(x, x, x), lambda a: np.stack([a, a, a]), (A,)),
        (lambda x: T.stack([x]), lambda a: np.stack([a]), (A,)),
        (lambda x: T.stack([x[0, 0], x[1, 1]]), lambda a: np.stack([a[0, 0], a[1, 1]]), (A,)),
        (lambda x: T.stacklists([[x, x], [x, -x]]), lambda a: np.array([[a, a], [a, -a]]), (A,)),
        (T.horizontal_stack, lambda a, b: np.hstack([a, b]), (A, A + 1)),
        (T.vertical_stack, lambda a, b: np.vstack([a, b]), (A, B)),
        (lambda x, y: T.vstack([x[0], y]), lambda a, b: np.vstack([a[0], b]), (A, B)),
        (lambda x: T.hstack([x[0], x[1]]), lambda a: np.hstack([a[0], a[1]]), (A,)),
        (lambda x: T.split(x, [1, 3], 2, axis=0)[1], lambda a: a[1:], (B,)),
        (lambda x: T.split(x, [1, 2, 0], 3, axis=1)[1], lambda a: a[:, 1:], (A,)),
        (lambda x: T.tile(x, (2, 3)), lambda a: np.tile(a, (2, 3)), (A,)),
        (lambda x: T.tile(x, 2), lambda a: np.tile(a, 2), (A,)),
        (lambda x: T.tile(x, (2, 1, 2)), lambda a: np.tile(a, (2, 1, 2)), (ROW,)),
        (lambda x: T.repeat(x, 2), lambda a: np.repeat(a, 2), (A,)),
        (lambda x: T.repeat(x, 2, axis=0), lambda a: np.repeat(a, 2, 0), (ROW,)),
        (lambda x: T.repeat(x, 3, axis=-1), lambda a: np.repeat(a, 3, -1), (CUBE,)),
        (lambda x: T.repeat(x, [1, 0, 2], axis=1), lambda a: np.repeat(a, [1, 0, 2], 1), (CUBE,)),
        (lambda x: T.repeat(x, [2], axis=1), lambda a: np.repeat(a, 2, 1), (CUBE,)),
        (lambda x: T.roll(x, 1), lambda a: np.roll(a, 1), (A,)),
        (lambda x: T.roll(x, -2, axis=1), lambda a: np.roll(a, -2, 1), (CUBE,)),
        (lambda x: T.roll(x, 11, axis=0), lambda a: np.roll(a, 11, 0), (CUBE,)),
        (lambda x: T.roll(x, (1, -1), axis=(0, 2)), lambda a: np.roll(a, (1, -1), (0, 2)), (CUBE,)),
        (T.squeeze, np.squeeze, (ROW,)),
        (lambda x: T.squeeze(x, 0), lambda a: a[0], (ROW,)),
        (lambda x: T.shape_padleft(x, 2), lambda a: a[None, None], (A,)),
        (lambda x: T.shape_padright(x, 2), lambda a: a[..., None, None], (A,)),
        (lambda x: T.shape_padaxis(x, 1), lambda a: a[:, None], (A,)),
        (lambda x: T.expand_dims(x, (0, -1)), lambda a: np.expand_dims(a, (0, -1)), (A,)),
        (T.flatten, np.ravel, (CUBE,)),
        (lambda x: T.flatten(x, 2), lambda a: a.reshape(2, -1), (CUBE,)),
        (lambda x: T.flatten(x[0, 0, 0]), lambda a: a[0, 0, :1], (CUBE,)),
        (lambda x: T.ravel(x, "F"), lambda a: a.ravel("F"), (CUBE,)),
        (lambda x: T.swapaxes(x, 0, -1), lambda a: np.swapaxes(a, 0, -1), (CUBE,)),
        (
            lambda x: T.moveaxis(x, (0, 1), (2, 0)),
            lambda a: np.moveaxis(a, (0, 1), (2, 0)),
            (CUBE,),
        ),
        (lambda x: T.broadcast_to(x, (2, 2, 3)), lambda a: np.broadcast_to(a, (2, 2, 3)), (ROW,)),
        (lambda x: T.atleast_3d(x[0]), lambda a: np.atleast_3d(a[0]), (A,)),
        (T.atleast_3d, np.atleast_3d, (A,)),
        (lambda x: T.atleast_2d(x[0]), lambda a: np.atleast_2d(a[0]), (A,)),
        (lambda x: T.atleast_1d(x[0, 0]), lambda a: np.atleast_1d(a[0, 0]), (A,)),
        (lambda x: x.reshape((3, -1)), lambda a: a.reshape(3, -1), (A,)),
    ],
)
def test_values_shapes_and_gradients(build, reference, arrays):
    check_value(build, reference, *arrays)
    check_gradient(build, *arrays)


def test_join_of_dtypes_gives_the_common_one_and_each_its_gradient():
    x, y, n = T.fvector("x"), T.vector("y"), T.ivector("n")
    out = T.join(0, x, y, n)
    assert out.dtype == "float64"
    g = T.grad((out**2).sum(), [x, y])
    assert [v.dtype for v in g] == ["float32", "float64"]
    given = {x: np.float32([1, 2]), y: [3.0], n: np.int32([4])}
    assert [v.tolist() for v in values(g, given)] == [[2, 4], [6]]
    assert T.join(0, T.TensorType("bool", (False,))(), n).dtype == "int32"


def test_join_and_split_along_a_symbolic_axis():
    x, axis = T.matrix("x"), T.lscalar("axis")
    out = T.join(axis, x, x)
    shape = out.owner.op.infer_shape(out.owner, [(), *[tuple(x.shape)] * 2])[0]
    parts = T.split(x, [1, 1], 2, axis=axis)
    for place in (0, 1, -1):
        given = {x: A[:, :2], axis: place}
        expected = np.concatenate([A[:, :2]] * 2, place)
        np.testing.assert_array_equal(values(out, given)[0], expected)
        assert tuple(values(list(shape), given)) == expected.shape
        for part, wanted in zip(values(parts, given), np.split(A[:, :2], 2, place), strict=True):
            np.testing.assert_array_equal(part, wanted)
    gradient = T.grad((out * T.join(axis, x, 2 * x)).sum(), x)
    np.testing.assert_allclose(values(gradient, {x: A, axis: 1})[0], 6 * A)


def test_parts_of_a_split_that_are_not_used_have_no_gradient():
    x = T.vector("x")
    _, middle, _ = T.split(x, [1, 2, 1], 3)
    g = T.grad((middle**2).sum(), x)
    assert values(g, {x: [1.0, 2, 3, 4]})[0].tolist() == [0, 4, 6, 0]


def test_static_lengths_are_known():
    assert T.concatenate([T.constant(A), T.constant(B)]).type.shape == (6, 3)
    assert T.concatenate([T.row(), T.row()], axis=1).broadcastable == (True, False)
    assert T.tile(T.constant(A), (2, 2)).type.shape == (4, 6)
    assert T.stack([T.row(), T.matrix()]).broadcastable == (False, True, False)
    assert [v.type.shape for v in T.split(T.matrix(), [1, 2], 2)] == [(1, None), (2, None)]
    assert T.get_vector_length(T.join(0, T.constant([1, 2]), T.stack([T.iscalar()]))) == 3
    assert T.is_flat(T.vector())
    assert not T.is_flat(T.matrix())


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: T.join(0, T.matrix(), T.vector()), RankError),
        (lambda: T.join(0, T.scalar(), T.scalar()), RankError),
        (lambda: T.join(0), ShapeError),
        (lambda: T.join(2, T.matrix(), T.matrix()), ValueError),
        (lambda: T.join(0, T.constant(A), T.constant(A.T)), ShapeError),
        (lambda: T.concatenate(T.matrix()), TypeError),
        (lambda: T.stack([]), ShapeError),
        (lambda: T.stack([T.matrix(), T.matrix()], axis=3), IndexError),
        (lambda: T.stack(T.matrix(), axis=0), TypeError),
        (lambda: T.horizontal_stack(T.vector(), T.vector()), RankError),
        (lambda: T.split(T.vector(), [1.0], 1), TypeError),
        (lambda: T.split(T.vector(), [1, 2], 3), ShapeError),
        (lambda: T.tile(T.matrix(), T.ivector()), ValueError),
        (lambda: T.tile(T.matrix(), (2.0, 1)), ValueError),
        (lambda: T.tile(T.matrix(), 2, ndim=1), ValueError),
        (lambda: T.repeat(T.matrix(), T.imatrix()), ValueError),
        (lambda: T.repeat(T.matrix(), T.fscalar()), TypeError),
        (lambda: T.repeat(T.matrix(), 2, axis=2), AxisError),
        (lambda: T.roll(T.matrix(), 0.5, axis=0), TypeError),
        (lambda: T.shape_padaxis(T.matrix(), 5), IndexError),
        (lambda: T.flatten(T.matrix(), 3), ValueError),
        (lambda: T.flatten(T.matrix(), 0), ValueError),
        (lambda: T.moveaxis(T.matrix(), (0, 0), (0, 1)), ValueError),
        (lambda: T.get_vector_length(T.vector()), ValueError),
        (lambda: T.get_vector_length(T.matrix()), TypeError),
    ],
)
def test_what_does_not_fit_is_refused_while_building(build, error):
    with pytest.raises(error):
        build()


@pytest.mark.parametrize(
    "build",
    [
        lambda x, y: T.join(0, x, y.T),
        lambda x, y: T.split(x, [1, 3], 2)[0],
        lambda x, y: T.split(x, T.stack([3, T.iscalar("n") - 1]), 2)[0],
        lambda x, y: T.repeat(x, [1, 2, 3, 4], axis=0),
        lambda x, y: T.repeat(x, [1, -2], axis=0),
        lambda x, y: T.squeeze(x, 0),
        lambda x, y: x.reshape(T.stack([T.iscalar("n") * 0 + 5, 2])),
    ],
)
def test_what_does_not_fit_at_run_time_names_the_users_line(build):
    x, y = T.matrix("x"), T.matrix("y")
    out = build(x, y)
    leaves = [v for v in graph_inputs([out]) if v.name == "n"]
    with pytest.raises(ValueError, match=r"built at: .*test_joining.py:"):
        values(out, {x: A, y: B} | dict.fromkeys(leaves, 0))


def test_numpys_functions_build_graphs():
    x = T.matrix("x")
    given = {x: A}
    pairs = [
        (np.concatenate([x, x]), np.concatenate([A, A])),
        (np.stack([x, x], axis=1), np.stack([A, A], axis=1)),
        (np.tile(x, 2), np.tile(A, 2)),
        (np.roll(x, 1), np.roll(A, 1)),
        (np.squeeze(x), A),
        (np.moveaxis(x, 0, 1), A.T),
        (np.tensordot(x, x.T, 1), A @ A.T),
        (np.matmul(x, x.T), A @ A.T),
        (x @ A.T, A @ A.T),
        (A @ x.T, A @ A.T),
        (np.einsum("ij,kj->ik", x, x), A @ A.T),
        (np.sort(x, axis=0), np.sort(A, axis=0)),
        (np.trace(x), np.trace(A)),
    ]
    for out, expected in pairs:
        np.testing.assert_allclose(values(out, given)[0], expected)
