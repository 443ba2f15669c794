"""Typed lists against Python's lists."""

import numpy as np
import pytest

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym import typed_list
from tensorsym.typed_list import TypedListType

VECTORS = TypedListType(T.dvector)
A, B, C = np.array([1.0, 2.0]), np.array([3.0]), np.array([1.0, 2.0, 5.0])

items = VECTORS("items")
other = VECTORS("other")
v = T.dvector("v")
i = T.lscalar("i")


@pytest.fixture(params=["reference", "FAST_RUN"])
def call(request):
    def compute(out, **given):
        symbols = {"items": items, "other": other, "v": v, "i": i}
        inputs = [symbols[name] for name in given]
        return theano.function(inputs, out, mode=request.param)(*given.values())

    return compute


def assert_same(got, exact):
    assert isinstance(got, list)
    assert len(got) == len(exact)
    for value, wanted in zip(got, exact, strict=True):
        np.testing.assert_array_equal(value, wanted)


def test_a_list_is_indexed_by_numbers(call):
    np.testing.assert_array_equal(call(items[-1], items=[A, B, C]), C)
    np.testing.assert_array_equal(call(items[i], items=[A, B, C], i=1), B)


def test_a_position_beyond_the_list_raises_index_error(call):
    with pytest.raises(IndexError):
        call(items[i], items=[A], i=1)


def test_a_list_is_indexed_by_slices(call):
    assert_same(call(items[1:], items=[A, B, C]), [B, C])
    assert_same(call(items[::-2], items=[A, B, C]), [C, A])
    assert_same(call(items[:i], items=[A, B, C], i=2), [A, B])


def test_append_adds_an_element(call):
    assert_same(call(items.append(v), items=[A], v=B), [A, B])


def test_extend_adds_a_list(call):
    assert_same(call(items.extend(other), items=[A], other=[B, C]), [A, B, C])


@pytest.mark.parametrize("position", [0, 1, -1, 9])
def test_insert_puts_an_element_where_python_does(call, position):
    exact = [A, B]
    exact.insert(position, C)
    assert_same(call(items.insert(position, v), items=[A, B], v=C), exact)


def test_remove_takes_the_first_equal_element_only(call):
    assert_same(call(items.remove(v), items=[B, A, B], v=B), [A, B])


def test_remove_of_an_absent_element_changes_nothing(call):
    assert_same(call(items.remove(v), items=[A], v=C), [A])


def test_reverse_turns_the_list_around(call):
    assert_same(call(items.reverse(), items=[A, B, C]), [C, B, A])


def test_positions_and_counts_are_floats_as_in_theano(call):
    for out, exact in [(items.ind(v), 1), (items.count(v), 2)]:
        got = call(out, items=[A, B, C, B], v=B)
        assert got == exact
        assert got.dtype == theano.config.floatX


def test_the_position_of_an_absent_element_raises_value_error(call):
    with pytest.raises(ValueError, match="not in the list"):
        call(items.ind(v), items=[A], v=B)


def test_the_length_is_an_int64(call):
    got = call(typed_list.length(items), items=[A, B, C])
    assert got == 3
    assert got.dtype == "int64"


def test_make_list_gathers_variables_of_one_type(call):
    made = typed_list.make_list([v, v * 2])
    assert made.type == VECTORS
    assert_same(call(made, v=B), [B, 2 * B])
    with pytest.raises(TypeError, match="have one type"):
        typed_list.make_list([v, i])


def test_elements_take_part_in_expressions(call):
    np.testing.assert_array_equal(call(items[0] * 2 + items[1].sum(), items=[A, B]), 2 * A + 3)


@pytest.mark.parametrize(
    "out",
    [items, items[:], items.append(items[0]), items.reverse(), items.remove(np.array([9.0]))],
    ids=["list", "slice", "append", "reverse", "remove"],
)
def test_a_result_shares_memory_with_no_argument(call, out):
    given, kept = [A.copy(), B.copy()], [A, B]
    for element in call(out, items=given):
        element[...] = 0
    assert_same(given, kept)


def test_an_element_shares_memory_with_no_argument(call):
    given = [A.copy()]
    call(items[0], items=given)[...] = 0
    assert_same(given, [A])


def test_a_constant_list_is_a_value(call):
    constant = VECTORS.make_constant([A, B])
    assert isinstance(constant, typed_list.TypedListConstant)
    assert_same(call(constant.append(C)), [A, B, C])


def test_ops_refuse_what_is_no_list_or_no_element():
    for build in [
        lambda: typed_list.length(v),
        lambda: items.append(i),
        lambda: items.extend(TypedListType(T.dmatrix)()),
        lambda: items[v],
        lambda: items.insert(0.5, v),
        lambda: list(items),
    ]:
        with pytest.raises(TypeError):
            build()


def test_filter_converts_elements_and_refuses_others():
    assert_same(VECTORS.filter((np.array([1, 2], "int8"), A)), [A, A])
    for wrong in ([4.0], 4.0, [np.zeros((2, 2))]):
        with pytest.raises(TypeError):
            VECTORS.filter(wrong)
    with pytest.raises(TypeError, match="expected a list"):
        VECTORS.filter((A,), strict=True)


def test_types_are_equal_if_their_elements_types_are():
    assert TypedListType(T.dvector) == VECTORS
    assert hash(TypedListType(T.dvector)) == hash(VECTORS)
    assert TypedListType(T.dmatrix) != VECTORS
    assert TypedListType(VECTORS) != VECTORS


def test_depth_counts_the_lists_in_between():
    nested = TypedListType(T.dvector, depth=2)
    assert nested == TypedListType(TypedListType(VECTORS))
    assert (VECTORS.get_depth(), nested.get_depth()) == (0, 2)
    assert (VECTORS.ndim, nested.ndim) == (2, 4)
    with pytest.raises(ValueError, match="not negative"):
        TypedListType(T.dvector, depth=-1)
    with pytest.raises(TypeError, match="have a Type"):
        TypedListType(None)


def test_nested_lists_hold_lists(call):
    nested = typed_list.make_list([items, items.reverse()])
    assert_same(call(nested[1], items=[A, B]), [B, A])
    assert call(nested.count(items), items=[A, B]) == 1


def test_values_are_equal_element_by_element():
    assert VECTORS.values_eq([A, B], [A.copy(), B.copy()])
    assert not VECTORS.values_eq([A, B], [B, A])
    assert not VECTORS.values_eq([A], [A, A])
    assert VECTORS.values_eq_approx([A], [A * (1 + 1e-12)])
    assert not VECTORS.values_eq([A], [A * (1 + 1e-12)])


def test_lists_share_memory_if_their_arrays_do():
    assert VECTORS.may_share_memory([A, B], [C, B[:1]])
    assert not VECTORS.may_share_memory([A], [A.copy()])
