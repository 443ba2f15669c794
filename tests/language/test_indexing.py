"""Reading elements: integers, slices, new axes, arrays and masks, against NumPy."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.expressions import check_gradient, check_value, values

import tensorsym.tensor as T
from tensorsym import sparse_grad
from tensorsym.errors import AxisError, DTypeError, IndexingError, IndexStepError, ShapeError
from tensorsym.language.shape import ShapeOf

CUBE = np.arange(24.0).reshape(2, 3, 4)
MATRIX = np.random.default_rng(0).normal(size=(3, 4))

BASIC = [
    0,
    -1,
    (1, 2),
    (0, 1, 2),
    slice(1, None),
    slice(None, None, -1),
    (slice(None), slice(2, 0, -1)),
    (Ellipsis, 1),
    (0, Ellipsis, slice(1, 3)),
    None,
    (slice(None), None),
    (None, 1, None),
    (Ellipsis, None, 0),
    (),
    Ellipsis,
    (slice(5, None), slice(-9, 9), slice(3, 1)),
]
ADVANCED = [
    [0, 1],
    [],
    [[0, 1], [1, 0]],
    ([0, 1, 1], [2, 0, 1]),
    (slice(None), [2, 0]),
    (slice(None), slice(None), [3, -1]),
    ([0, 1], slice(None), [3, 0]),
    (0, slice(None), [3, 0]),
    ([1, 0], slice(1, None)),
    (slice(None), [[0], [2]], [1, 3]),
    ([0, 1], None, [1, 2]),
    (slice(None), None, [1, 2]),
    (slice(None), [1, 2], None),
    (None, [0, 0, 1]),
    (Ellipsis, [0, 3]),
    CUBE[:, 0, 0] > 3,
    CUBE > 7,
    (slice(None), CUBE[0] > 5),
    (0, CUBE[0] > 5),
    (CUBE[:, :, 0] > 3, slice(1, 3)),
    (np.array([True, False]), [0, 2]),
    np.array(True),
    np.array(False),
    (np.array([[True, True, False], [False, True, True]]), 1),
    np.array(1),
    (np.int8(1), np.uint64(2)),
]


@pytest.mark.parametrize("index", BASIC + ADVANCED, ids=str)
def test_value_and_shape_are_numpys(index):
    check_value(lambda x: x[index], lambda a: a[index], CUBE)


@pytest.mark.parametrize("index", BASIC + ADVANCED, ids=str)
def test_gradient_goes_to_the_elements_read(index):
    check_gradient(lambda x: x[index], CUBE)


@settings(max_examples=60, deadline=None)
@given(
    bounds=st.tuples(
        *[st.none() | st.integers(-6, 6)] * 2, st.none() | st.integers(-3, 3).filter(bool)
    ),
    length=st.integers(0, 5),
    symbolic=st.booleans(),
)
def test_length_of_a_slice_is_pythons(bounds, length, symbolic):
    v = T.vector("v")
    known = dict(zip((T.lscalar(n) for n in "abc"), bounds, strict=True))
    parts = [None if b is None else s for s, b in known.items()] if symbolic else list(bounds)
    out = v[slice(*parts)]
    (shape,) = out.owner.op.infer_shape(out.owner, [(ShapeOf(0)(v),)])
    array = np.arange(float(length))
    given_ = {v: array} | ({s: b for s, b in known.items() if b is not None} if symbolic else {})
    expected = array[slice(*bounds)]
    np.testing.assert_array_equal(values(out, given_)[0], expected)
    assert values(shape[0], given_)[0] == len(expected)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_drawn_indices_agree_with_numpy(data):
    entry = st.one_of(
        st.integers(-2, 1),
        st.none(),
        st.builds(slice, st.none() | st.integers(-3, 3), st.none() | st.integers(-3, 3)),
        st.lists(st.integers(-2, 1), min_size=2, max_size=2),
    )
    index = tuple(data.draw(st.lists(entry, max_size=4)))
    used = sum(item is not None for item in index)
    array = np.arange(16.0).reshape(2, 2, 2, 2)[..., : data.draw(st.integers(1, 2))]
    if used == 4:
        index = tuple(slice(None) if item == 1 else item for item in index)
    try:
        expected = array[index]
    except IndexError:
        with pytest.raises(IndexError):
            check_value(lambda x: x[index], lambda a: a, array)
        return
    check_value(lambda x: x[index], lambda a: expected, array)


def test_symbolic_integers_bounds_arrays_and_masks():
    x, i, rows = T.matrix("x"), T.iscalar("i"), T.lmatrix("rows")
    mask, flags = T.TensorType("bool", (False,))("mask"), T.TensorType("bool", (False, False))("f")
    chosen = np.array([True, False, True])
    given_ = {x: MATRIX, i: -2, rows: [[0, 2]], mask: chosen, flags: MATRIX > 0}
    pairs = [
        (x[i], MATRIX[-2]),
        (x[:, i:], MATRIX[:, -2:]),
        (x[::i], MATRIX[::-2]),
        (x[rows], MATRIX[[[0, 2]]]),
        (x[mask], MATRIX[chosen]),
        (x[mask, i], MATRIX[chosen, -2]),
        (x[flags], MATRIX[MATRIX > 0]),
        (x[T.constant(1)], MATRIX[1]),
        (x[rows, [[1]]], MATRIX[[[0, 2]], [[1]]]),
    ]
    for out, expected in pairs:
        np.testing.assert_array_equal(values(out, given_)[0], expected)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint32", "uint64"])
def test_indices_of_every_integer_dtype(dtype):
    rows = np.array([2, 0], dtype)
    check_value(lambda x, r: x[r], lambda a, r: a[r.astype("int64")], MATRIX, rows)
    check_value(lambda x, r: x[r[0]], lambda a, r: a[int(r[0])], MATRIX, rows)
    check_value(
        lambda x, r: x[r, r], lambda a, r: a[r.astype("int64"), r.astype("int64")], MATRIX, rows
    )


def test_static_shape_is_known_where_bounds_are():
    assert T.constant(CUBE)[:, 1:, ::-2].type.shape == (2, 2, 2)
    assert T.row()[:, None].broadcastable == (True, True, False)
    assert T.row()[0].broadcastable == (False,)
    assert T.matrix()[3:1].type.shape == (0, None)
    assert T.matrix().shape[1:].type.shape == (1,)
    assert T.tensor3()[[0, 1], :, [2, 3]].type.shape == (2, None)


def test_constant_elements_are_seen_through():
    x = T.matrix()
    cases = [
        (T.constant([1, 2, 3])[1], 2),
        (T.stack([T.iscalar(), T.constant(5)])[1], 5),
        (T.row().shape[0], 1),
        (T.join(0, T.constant([1, 2]), T.constant([3]))[2], 3),
        (T.constant([[1, 2], [3, 4]])[1, 0], 3),
        (T.constant(CUBE).shape[1:][0], 3),
        (T.alloc(7.0, x.shape[0])[0], 7),
    ]
    for expression, expected in cases:
        assert T.get_scalar_constant_value(expression) == expected
    with pytest.raises(T.NotScalarConstantError):
        T.get_scalar_constant_value(x.shape[0])


@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        ((0, 0, 0), IndexingError, "too many indices"),
        ((Ellipsis, Ellipsis), IndexingError, "only one Ellipsis"),
        (1.0, DTypeError, "must be integers or a boolean mask"),
        ("a", DTypeError, "must be integers or a boolean mask"),
        (True, DTypeError, "Python bools"),
        ([True, False], DTypeError, "Python bools"),
        (slice(0.5), DTypeError, "bound must be an integer"),
        ([0, slice(None)], DTypeError, "use a tuple"),
        (2**70, DTypeError, "does not fit int64"),
        (slice(None, None, 0), IndexStepError, "step can not be zero"),
        (([0, 1], [0, 1, 2]), IndexingError, "do not broadcast"),
    ],
    ids=str,
)
def test_what_does_not_index_is_refused(index, error, words):
    with pytest.raises(error, match=words):
        T.matrix("x")[index]


def test_indices_out_of_range_name_the_users_line():
    x, i, rows = T.matrix("x"), T.lscalar("i"), T.lvector("rows")
    for out in (
        x[i],
        x[rows],
        x[rows, i],
        T.inc_subtensor(x[i], 1.0),
        T.set_subtensor(x[rows], 1.0),
    ):
        with pytest.raises(
            IndexError, match=r"out of bounds(.|\n)*x of shape(.|\n)*test_indexing.py:"
        ):
            values(out, {x: MATRIX, i: 7, rows: [7]})
    with pytest.raises(IndexError, match="out of range in dimension 1"):
        T.constant(MATRIX)[0, 4]
    with pytest.raises(IndexError, match="mask"):
        T.constant(MATRIX)[np.array([True, False])]
    with pytest.raises(IndexError):
        values(x[np.array([True, False])], {x: MATRIX})
    with pytest.raises(ValueError, match="step can not be zero"):
        values(x[::i], {x: MATRIX, i: 0})


def test_iteration_and_length_are_those_of_the_shape():
    x = T.matrix("x")
    assert len(list(x.shape)) == 2
    rows, columns = x.shape
    assert values([rows, columns], {x: MATRIX}) == [3, 4]
    with pytest.raises(TypeError):
        list(x)
    with pytest.raises(TypeError):
        len(x)


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("mode", ["wrap", "clip"])
def test_take_with_modes(axis, mode):
    places = np.array([[0, 9], [-1, 2]])
    check_value(
        lambda x, p: T.take(x, p, axis, mode),
        lambda a, p: np.take(a, p, axis, mode=mode),
        MATRIX,
        places,
    )


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("places", [1, [0, 2, 2], [[0, -1]]], ids=str)
def test_take_gathers_and_its_gradient_scatters(axis, places):
    check_value(lambda x: T.take(x, places, axis), lambda a: np.take(a, places, axis), MATRIX)
    check_gradient(lambda x: T.take(x, places, axis), MATRIX)


def test_take_refuses_other_modes_axes_and_floats():
    with pytest.raises(ValueError, match="mode"):
        T.take(T.vector(), [0], mode="other")
    with pytest.raises(AxisError):
        T.take(T.vector(), [0], axis=1)
    with pytest.raises(TypeError, match="must be integers"):
        T.take(T.vector(), T.fvector())


def test_choose_broadcasts_and_passes_gradients():
    numbers = np.array([[0, 1, 1], [1, 0, 0]])
    first, second = np.arange(3.0), np.arange(6.0).reshape(2, 3) - 4
    check_value(
        lambda n, x, y: T.choose(n, [x, x * 2]),
        lambda n, a, b: np.choose(n, [a, a * 2]),
        numbers,
        first,
        second,
    )
    check_value(
        lambda n, y: T.choose(n, T.stack([y, -y])),
        lambda n, b: np.choose(n, [b, -b]),
        numbers,
        second,
    )
    check_gradient(lambda n, y: T.choose(n, [y, y**2]), numbers, second)
    for mode in ("wrap", "clip"):
        check_value(
            lambda n, y, m=mode: T.choose(n, [y, -y], mode=m),
            lambda n, b, m=mode: np.choose(n, [b, -b], mode=m),
            numbers * 3 - 2,
            second,
        )
    for wrong in (2, -1):
        with pytest.raises(ValueError, match="no choice of this number"):
            check_value(
                lambda n, y: T.choose(n, [y, y]), lambda n, b: b, numbers * 0 + wrong, second
            )


def test_nonzero_and_its_relatives():
    array = np.array([[0.0, 2, 0], [3, 0, 4]])
    check_value(T.nonzero, np.nonzero, array)
    check_value(
        lambda x: T.nonzero(x, return_matrix=True), lambda a: np.stack(np.nonzero(a)), array
    )
    check_value(T.flatnonzero, np.flatnonzero, array)
    check_value(T.nonzero_values, lambda a: a[a != 0], array)
    check_value(lambda x: x[x.nonzero()], lambda a: a[a.nonzero()], array)
    check_gradient(lambda x: T.nonzero_values(x * (x > 2.5)), array)
    check_value(lambda x: T.compress([True, False, True], x, axis=1), lambda a: a[:, [0, 2]], array)
    for function in (T.nonzero, T.flatnonzero, T.nonzero_values):
        with pytest.raises(ValueError, match="at least one dimension"):
            function(T.scalar())


@pytest.mark.parametrize("axis", [0, 1, None])
def test_take_along_axis(axis):
    order = np.argsort(MATRIX, axis=axis)
    check_value(
        lambda x, p: T.take_along_axis(x, p, axis),
        lambda a, p: np.take_along_axis(a, p, axis),
        MATRIX,
        order,
    )
    check_gradient(lambda x, p: T.take_along_axis(x, p, axis), MATRIX, order)


def test_masks_of_all_ranks_have_their_gradient():
    for rank in range(4):
        mask = np.ones(CUBE.shape[:rank], bool)
        mask.reshape(-1)[:1] = False
        check_value(lambda x, m=mask: x[m], lambda a, m=mask: a[m], CUBE)
        check_gradient(lambda x, m=mask: x[m] ** 2, CUBE / 24)


def test_equal_indices_are_equal_ops():
    x = T.matrix()
    pairs = itertools.product(
        (lambda: x[1:, 0], lambda: x[[0, 1], 1:], lambda: T.set_subtensor(x[2], 0.0)), repeat=2
    )
    for left, right in pairs:
        assert (left().owner.op == right().owner.op) == (left is right)


def test_a_shape_error_is_a_value_error():
    assert issubclass(ShapeError, ValueError)
    assert issubclass(AxisError, IndexError)


def test_sparse_grad_gives_rows_and_refuses_all_else():
    check_gradient(lambda x: sparse_grad(x[[1, 0, 1]]) ** 2, CUBE / 24)
    with pytest.raises(TypeError, match="rows that a vector names"):
        sparse_grad(T.matrix()[1:])
