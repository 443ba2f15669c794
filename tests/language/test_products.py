"""Products over dimensions: dot, matmul, tensordot, batches and einsum, against NumPy."""

import itertools

import numpy as np
import pytest
from tests.expressions import check_gradient, check_value, values

import tensorsym.tensor as T
from tensorsym.errors import RankError, ShapeError

RNG = np.random.default_rng(8)
SHAPES = {0: (), 1: (3,), 2: (3, 3), 3: (2, 3, 3), 4: (2, 2, 3, 3)}
ARRAYS = {rank: RNG.normal(size=shape) for rank, shape in SHAPES.items()}
PAIRS = list(itertools.product(range(4), repeat=2))
DTYPES = list(itertools.product(["float32", "float64", "int32", "complex64"], repeat=2))


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_dot_of_all_ranks(left, right):
    check_value(T.dot, np.dot, ARRAYS[left], ARRAYS[right])
    check_gradient(T.dot, ARRAYS[left], ARRAYS[right])


@pytest.mark.parametrize(("left", "right"), list(itertools.product(range(1, 5), repeat=2)))
def test_matmul_of_all_ranks(left, right):
    check_value(T.matmul, np.matmul, ARRAYS[left], ARRAYS[right])
    check_gradient(lambda x, y: x @ y, ARRAYS[left], ARRAYS[right])


def test_matmul_broadcasts_declared_batches():
    wide, single = RNG.normal(size=(4, 2, 3)), RNG.normal(size=(1, 3, 2))
    check_value(T.matmul, np.matmul, wide, single)
    check_gradient(T.matmul, wide, single)
    check_value(T.matmul, np.matmul, wide[:, None], single[None])
    check_gradient(T.matmul, wide[:, None], RNG.normal(size=(1, 2, 3, 2)))


@pytest.mark.parametrize("dtypes", DTYPES, ids=str)
def test_dtypes_of_products_and_of_their_gradients(dtypes):
    for rank_x, rank_y in ((1, 1), (1, 2), (2, 1), (2, 2), (3, 3)):
        arrays = [(ARRAYS[r] * 3).astype(d) for r, d in zip((rank_x, rank_y), dtypes, strict=True)]
        check_value(T.matmul, np.matmul, *arrays, rtol=1e-5)
        x, y = (
            T.TensorType(d, (False,) * r)() for d, r in zip(dtypes, (rank_x, rank_y), strict=True)
        )
        out = T.matmul(x, y)
        if out.dtype in ("float32", "float64"):
            for v, g in zip((x, y), T.grad(out.sum(), [x, y]), strict=True):
                assert g.dtype == (v.dtype if v.dtype != "int32" else "float64")


def test_gradients_of_complex_products_are_those_of_their_parts():
    a, b, c, d = (RNG.normal(size=(2, 2)) for _ in range(4))

    def cost(p, q, r, s):
        return T.real(T.dot(T.complex(p, q), T.complex(r, s)) ** 2)

    check_gradient(cost, a, b, c, d)


@pytest.mark.parametrize(
    ("shapes", "axes"),
    [
        (((2, 3, 4), (4, 5)), 1),
        (((2, 3, 4), (3, 4, 5)), 2),
        (((2, 3), (4,)), 0),
        (((2, 3, 4), (4, 3)), [[1, 2], [1, 0]]),
        (((2, 3, 4), (5, 3)), [1, 1]),
        (((2, 3, 4), (3, 2, 4)), [[0, 1, 2], [1, 0, 2]]),
        (((3,), (3,)), 1),
        (((1, 3), (3, 1)), [[-1], [0]]),
    ],
)
def test_tensordot(shapes, axes):
    arrays = [RNG.normal(size=shape) for shape in shapes]
    check_value(
        lambda x, y: T.tensordot(x, y, axes), lambda a, b: np.tensordot(a, b, axes), *arrays
    )
    check_gradient(lambda x, y: T.tensordot(x, y, axes), *arrays)


@pytest.mark.parametrize("axes", [3, [[3], [0]], [[0, 0], [0, 1]], [[0], [0, 1]], [[0]]], ids=str)
def test_tensordot_refuses_axes_that_do_not_fit(axes):
    with pytest.raises(ValueError):  # noqa: PT011 - each case has its own text
        T.tensordot(T.matrix(), T.tensor3(), axes)


@pytest.mark.parametrize(
    ("left", "right", "subscripts"),
    [
        ((2, 3), (2, 3), "bi,bi->b"),
        ((2, 3, 4), (2, 4), "bij,bj->bi"),
        ((2, 3), (2, 3, 4), "bi,bij->bj"),
        ((2, 3, 4), (2, 4, 5), "bij,bjk->bik"),
        ((2,), (2, 3), "b,bi->bi"),
        ((2, 3), (2,), "bi,b->bi"),
        ((2,), (2,), "b,b->b"),
        ((2, 3, 4, 5), (2, 5, 3), "bijk,bkl->bijl"),
        ((2, 3, 4), (2, 3, 4, 5), "bij,bkjl->bikl"),
    ],
)
def test_batched_dot(left, right, subscripts):
    arrays = RNG.normal(size=left), RNG.normal(size=right)
    check_value(T.batched_dot, lambda a, b: np.einsum(subscripts, a, b), *arrays)
    check_gradient(T.batched_dot, *arrays)


def test_batched_tensordot():
    a, b = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 4, 3))
    check_value(
        lambda x, y: T.batched_tensordot(x, y, [[1, 2], [2, 1]]),
        lambda p, q: np.einsum("bij,bji->b", p, q),
        a,
        b,
    )
    check_value(
        lambda x, y: T.batched_tensordot(x, y, [[1], [2]]),
        lambda p, q: np.einsum("bij,bki->bjk", p, q),
        a,
        b,
    )
    check_gradient(lambda x, y: T.batched_tensordot(x, y, 1), a, b)
    with pytest.raises(ValueError, match="no different dimensions"):
        T.batched_tensordot(T.tensor3(), T.tensor3(), [[0], [0]])


EINSUMS = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("ii->i", [(3, 3)]),
    ("ii", [(3, 3)]),
    ("iij->ij", [(3, 3, 2)]),
    ("iii->i", [(3, 3, 3)]),
    ("ij->ji", [(2, 3)]),
    ("ba", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("i,j->ij", [(2,), (3,)]),
    ("i,i->i", [(3,), (3,)]),
    ("i,i", [(3,), (3,)]),
    (",i->i", [(), (3,)]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
    ("bij,bkj->kib", [(2, 3, 4), (2, 5, 4)]),
    ("ijk,jil->kl", [(2, 3, 4), (3, 2, 5)]),
    ("ij,ij,ij->", [(2, 3)] * 3),
    ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
    ("...ij,...jk->...ik", [(5, 2, 3), (5, 3, 4)]),
    ("...ij,jk->...ik", [(5, 2, 3), (3, 4)]),
    ("...,...", [(2, 3), (3,)]),
    ("i...->...", [(2, 3, 4)]),
    ("...i", [(2, 3)]),
    ("ijkl,kl->ij", [(2, 3, 4, 2), (4, 2)]),
    ("abc,cd,b->ad", [(2, 3, 4), (4, 2), (3,)]),
    ("ij,kl->il", [(2, 3), (4, 5)]),
    ("bij,bij->b", [(2, 3, 4)] * 2),
    ("ij,jk->ik", [(2, 1), (1, 4)]),
]


@pytest.mark.parametrize(("subscripts", "shapes"), EINSUMS, ids=str)
def test_einsum(subscripts, shapes):
    arrays = [RNG.normal(size=shape) for shape in shapes]
    check_value(lambda *v: T.einsum(subscripts, *v), lambda *a: np.einsum(subscripts, *a), *arrays)
    check_gradient(lambda *v: T.einsum(subscripts, *v), *arrays)


@pytest.mark.parametrize(
    "subscripts", ["ij,jk->ik", "ijk->i", "i->i", "ij->kk", "ij->k", "i j->ij,"]
)
def test_einsum_refuses_what_does_not_describe_the_operands(subscripts):
    with pytest.raises(ShapeError, match="einsum"):
        T.einsum(subscripts, T.matrix())


def test_outer_and_kron():
    a, b = RNG.normal(size=3), RNG.normal(size=(2, 2))
    check_value(T.outer, np.outer, a, b)
    check_gradient(T.outer, a, b[0])
    check_value(T.kron, np.kron, b, RNG.normal(size=(3, 1)))
    check_value(T.kron, np.kron, a, b)
    check_gradient(T.kron, a, b)


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: T.dot(T.constant(np.ones((2, 3))), T.constant(np.ones((2, 3)))), ShapeError),
        (lambda: T.matmul(T.scalar(), T.vector()), ShapeError),
        (
            lambda: T.matmul(T.constant(np.ones((2, 2, 3))), T.constant(np.ones((2, 2, 3)))),
            ShapeError,
        ),
        (
            lambda: T.matmul(T.constant(np.ones((2, 2, 3))), T.constant(np.ones((3, 3, 3)))),
            ShapeError,
        ),
        (lambda: T.batched_dot(T.scalar(), T.vector()), RankError),
    ],
)
def test_products_that_can_not_be_are_refused_while_building(build, error):
    with pytest.raises(error):
        build()


def test_lengths_that_differ_at_run_time_name_the_users_line():
    x, y, m = T.tensor3("x"), T.tensor3("y"), T.matrix("m")
    for out in (T.matmul(x, y), T.dot(m, m)):
        with pytest.raises(
            ValueError, match=r"inner lengths differ(.|\n)*built at: .*test_products.py:"
        ):
            values(out, {x: np.ones((2, 2, 3)), y: np.ones((2, 2, 3)), m: np.ones((2, 3))})
    with pytest.raises(ValueError, match="batches differ"):
        values(T.matmul(x, y), {x: np.ones((2, 3, 3)), y: np.ones((1, 3, 3))})
