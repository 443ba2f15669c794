"""Clones are expressions on new nodes; what they depend on is shared unless asked otherwise."""

import copy

import pytest

import tensorsym.tensor as T
from tensorsym import Out, clone, function, shared
from tensorsym.graph.walk import graph_inputs


def test_replacements_reach_inputs_and_expressions_in_between():
    x, y = T.dscalars("x", "y")
    total = x + y
    assert clone(total, {x: y}).eval({y: 3.0}) == 6.0
    assert clone(total * 2, [(total, y)]).eval({y: 3.0}) == 6.0
    copies = clone([total, x], {x: y})
    assert copies[0].eval({y: 3.0}) == 6.0
    assert copies[1] is y


def test_nodes_are_new_and_leaves_are_shared_or_copied_as_asked():
    x, state = T.dscalar("x"), shared(2.0, name="state")
    total = x + state
    twin = clone(total)
    assert twin.owner is not total.owner
    assert twin.owner.inputs == [x, state]
    alone = clone(total, share_inputs=False)
    leaf, other_state = graph_inputs([alone])
    assert leaf is not x
    assert other_state is not state
    state.set_value(5.0)
    assert alone.eval({leaf: 1.0}) == 6.0


def test_the_form_and_borrowing_of_outputs_are_kept():
    x = T.dscalar("x")
    copy = clone(Out(x * 2, borrow=True))
    assert isinstance(copy, Out)
    assert copy.borrow
    assert isinstance(clone([x * 2]), list)


def test_types_are_kept_strictly_and_found_anew_otherwise():
    x, single = T.dscalar("x"), T.fscalar("single")
    with pytest.raises(TypeError, match="can not convert single"):
        clone(x * 2, {x: single})
    assert clone(x * 2, {x: single}, strict=False).dtype == "float32"


@pytest.mark.parametrize(
    ("arguments", "error"), [((3,), TypeError), (({},), TypeError), ((T.dscalar(), 3), ValueError)]
)
def test_what_is_no_expression_is_refused(arguments, error):
    with pytest.raises(error):
        clone(*arguments)


def counter():
    """Return a state that is not an output itself, and a function that adds to it."""
    state, x = shared(1.0, name="state"), T.dscalar("x")
    return state, function([x], state * 2, updates=[(state, state + x)])


def test_a_copy_of_a_function_updates_the_same_state():
    state, add = counter()
    copy.copy(add)(3.0)
    assert state.get_value() == 4.0


def test_a_deep_copy_of_a_function_has_a_state_of_its_own():
    state, add = counter()
    add(1.0)
    twin = copy.deepcopy(add)
    assert [float(twin(3.0)), float(twin(0.0))] == [4.0, 10.0]
    assert state.get_value() == 2.0


def test_a_deep_copy_of_an_expression_has_shared_variables_with_values_and_tags():
    state = shared(2.0, name="state")
    state.tag.note = ["kept"]
    twin = copy.deepcopy(state + 1)
    state.set_value(5.0)
    assert twin.eval() == 3.0
    (leaf,) = (v for v in graph_inputs([twin]) if v.name == "state")
    assert leaf.tag.note == ["kept"]
    assert leaf.tag.note is not state.tag.note
