"""Writing elements: set_subtensor and inc_subtensor in all their forms, against NumPy."""

import numpy as np
import pytest
from tests.expressions import check_gradient, check_value, values

import tensorsym.tensor as T
from tensorsym.errors import DTypeError, NotASubtensorError, RankError, ShapeError

MATRIX = np.random.default_rng(0).normal(size=(3, 4))


def written(array, index, value, *, adds):
    """Return a copy of an array after `array[index] = value`, or after adding without buffering."""
    out = array.copy()
    if adds:
        np.add.at(out, index, value)
    else:
        out[index] = value
    return out


FORMS = [
    (0, (4,)),
    (-1, ()),
    ((1, 2), ()),
    (slice(1, None), (2, 4)),
    (slice(1, None), (4,)),
    (slice(1, None), (1, 4)),
    (slice(1, None), (2, 1)),
    ((slice(None), slice(None, None, -2)), (3, 2)),
    ((Ellipsis, 1), (3,)),
    (slice(None), ()),
    ([0, 2], (2, 4)),
    ([0, 2], (4,)),
    ([0, 2], ()),
    (([0, 1], [2, 3]), (2,)),
    (([0, 1], slice(1, 3)), (2, 2)),
    ((slice(None), [1, 3]), (3, 2)),
    ((slice(None), [[1, 3]]), (3, 1, 2)),
    ([[0, 1]], (1, 2, 4)),
    (MATRIX > 0, ()),
    (MATRIX[:, 0] > 0, (4,)),
    (([0, 2], None, [1, 1]), (2, 1)),
]
# Elements named twice: increments add up; what is set last stays.
TWICE = [([0, 0, 2], (3, 4)), ([[0, 1], [2, 0]], (2, 2, 4)), (([1, 1], [2, 2]), (2,))]


@pytest.mark.parametrize("adds", [True, False], ids=["inc", "set"])
@pytest.mark.parametrize(("index", "shape"), FORMS + TWICE, ids=str)
def test_values_are_numpys(index, shape, adds):
    write = T.inc_subtensor if adds else T.set_subtensor
    value = np.random.default_rng(1).normal(size=shape)
    check_value(
        lambda x, y: write(x[index], y), lambda a, b: written(a, index, b, adds=adds), MATRIX, value
    )


@pytest.mark.parametrize(
    ("index", "shape", "adds"),
    [(*form, True) for form in FORMS + TWICE] + [(*form, False) for form in FORMS],
    ids=str,
)
def test_gradients_of_tensor_and_value(index, shape, adds):
    write = T.inc_subtensor if adds else T.set_subtensor
    value = np.random.default_rng(1).normal(size=shape)
    check_gradient(lambda x, y: write((x * 1)[index], y * y), MATRIX, value)


def test_a_dimshuffled_part_gives_the_result_dimshuffled():
    value = np.arange(8.0).reshape(4, 2)
    check_value(
        lambda x, y: T.set_subtensor(x[0:2].T, y),
        lambda a, b: written(a, slice(0, 2), b.T, adds=False).T,
        MATRIX,
        value,
    )
    check_value(
        lambda x, y: T.inc_subtensor(x[1:, :, None], y),
        lambda a, b: written(a, slice(1, None), b[:, :, 0], adds=True)[:, :, None],
        MATRIX,
        np.ones((2, 4, 1)),
    )


def test_a_reshaped_part_takes_the_value_reshaped():
    value = np.arange(4.0).reshape(2, 2)
    check_value(
        lambda x, y: T.inc_subtensor(x[0].reshape((2, 2)), y),
        lambda a, b: written(a, 0, b.reshape(-1), adds=True),
        MATRIX,
        value,
    )
    check_value(
        lambda x, y: T.set_subtensor(x[1:].flatten(), y[0, 0]),
        lambda a, b: written(a, slice(1, None), b[0, 0], adds=False),
        MATRIX,
        value,
    )


def test_symbolic_indices_and_masks():
    x, i, rows = T.matrix("x"), T.lscalar("i"), T.lvector("rows")
    given = {x: MATRIX, i: 2, rows: [1, 1]}
    pairs = [
        (T.set_subtensor(x[i, 1:i], 0.0), written(MATRIX, (2, slice(1, 2)), 0, adds=False)),
        (T.inc_subtensor(x[rows], 1.0), written(MATRIX, [1, 1], 1, adds=True)),
        (T.inc_subtensor(x[rows, i], 1.0), written(MATRIX, ([1, 1], 2), 1, adds=True)),
        (T.set_subtensor(x[x > 0], -1.0), np.where(MATRIX > 0, -1, MATRIX)),
        (T.inc_subtensor(x[i], 1.0, set_instead_of_inc=True), written(MATRIX, 2, 1, adds=False)),
    ]
    for out, expected in pairs:
        np.testing.assert_array_equal(values(out, given)[0], expected)


def test_written_values_take_the_dtype_of_the_tensor():
    x, v = T.imatrix("x"), T.vector("v")
    out = T.set_subtensor(x[0], v)
    assert out.dtype == "int32"
    np.testing.assert_array_equal(
        values(out, {x: np.zeros((2, 2), "int32"), v: [1.7, -1.7]})[0], [[1, -1], [0, 0]]
    )
    assert T.inc_subtensor(T.fmatrix()[0], v).dtype == "float32"


def test_a_dimension_of_length_one_is_checked_when_it_is_written():
    x, y = T.row("x"), T.matrix("y")
    out = T.set_subtensor(x[0:1], y)
    assert values(out, {x: np.zeros((1, 2)), y: [[3, 4]]})[0].tolist() == [[3, 4]]
    with pytest.raises(ShapeError, match="declared broadcastable"):
        values(out, {x: np.zeros((1, 2)), y: np.ones((2, 2))})


def test_inplace_writes_into_its_input():
    x = T.vector("x")
    node = T.set_subtensor(x[1:], 5.0, inplace=True).owner
    array = np.zeros(3)
    storage = [[None]]
    node.op.perform(node, [array, *values(node.inputs[1:], {})], storage)
    assert node.op.destroy_map == {0: [0]}
    assert storage[0][0] is array
    assert array.tolist() == [0, 5, 5]


@pytest.mark.parametrize(
    ("part", "value", "error", "words"),
    [
        (lambda x: x, 1.0, NotASubtensorError, "must be a part of a tensor"),
        (lambda x: x + 1, 1.0, NotASubtensorError, "must be a part of a tensor"),
        (lambda x: np.ones(3), 1.0, NotASubtensorError, "must be a part of a tensor"),
        (lambda x: x[0], np.ones((2, 2)), RankError, "value of 2 dimensions"),
        (lambda x: x[[0]], np.ones((2, 2, 2)), RankError, "value of 3 dimensions"),
        (lambda x: x[0], 1j, DTypeError, "can not be written"),
        (lambda x: T.imatrix()[0], 0.5, None, ""),
        (lambda x: x[:2], np.ones((3, 4)), ShapeError, "does not fit"),
        (lambda x: x[[0, 1]], np.ones((3, 4)), ShapeError, "does not fit"),
    ],
)
def test_what_can_not_be_written_is_refused(part, value, error, words):
    x = T.constant(MATRIX)
    if error is None:
        with pytest.raises(DTypeError, match="can not be written"):
            T.inc_subtensor(part(x), value)
        return
    with pytest.raises(error, match=words):
        T.set_subtensor(part(x), value)


def test_lengths_that_do_not_fit_at_run_time_name_the_users_line():
    x, y, rows = T.matrix("x"), T.matrix("y"), T.lvector("rows")
    for part in (x[:2], x[rows]):
        out = T.set_subtensor(part, y)
        with pytest.raises(ValueError, match=r"built at: .*test_indexing_assignment.py:"):
            values(out, {x: MATRIX, y: np.ones((3, 4)), rows: [0, 1]})
