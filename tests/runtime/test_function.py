"""Functions take arguments as Theano's do, and say what does not fit."""

import pickle
import threading
from collections import OrderedDict

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym import In, Out, function, shared
from tensorsym.errors import (
    BindingError,
    DTypeError,
    DuplicateInputError,
    MissingInputError,
    RankError,
    ShapeError,
    UnusedInputError,
)

MODES = ["reference", "auto"]


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


def test_outputs_come_back_in_the_form_they_were_asked(mode):
    x = T.dscalar("x")
    assert function([x], x + 1, mode=mode)(1.0) == 2.0
    assert function([x], [x + 1], mode=mode)(1.0) == [2.0]
    assert function([x], {"b": x + 1, "a": x}, mode=mode)(1.0) == {"a": 1.0, "b": 2.0}
    assert function([x], None, mode=mode, on_unused_input="ignore")(1.0) == []
    assert function([], [], mode=mode)() == []


def test_scalars_return_as_arrays_of_rank_0(mode):
    x = T.dscalar("x")
    result = function([x], x * 2, mode=mode)(1.5)
    assert isinstance(result, np.ndarray)
    assert result.shape == ()


def test_arguments_by_keyword_and_default(mode):
    x, y = T.dscalars("x", "y")
    f = function([x, In(y, value=10.0)], x - y, mode=mode)
    assert f(1.0) == -9.0
    assert f(1.0, y=2.0) == -1.0
    assert f(y=2.0, x=5.0) == 3.0
    assert f[y] == 10.0


def test_a_value_set_by_index_is_for_one_call_and_then_the_default_comes_back(mode):
    x, y = T.dscalars("x", "y")
    f = function([x, In(y, value=10.0)], x - y, mode=mode)
    f[y] = 4.0
    assert f.container["y"].value == 4.0
    assert f(1.0) == -3.0
    assert f(1.0) == -9.0
    f[y] = 4.0
    assert f(np.array(1.0), np.array(2.0)) == -1.0
    assert f(1.0) == -9.0


def test_a_default_survives_a_function_that_may_overwrite_its_input(mode):
    x = T.dvector("x")
    f = function([In(x, value=np.ones(3), mutable=True)], x + 1, mode=mode)
    for _ in range(3):
        np.testing.assert_array_equal(f(), [2, 2, 2])


def test_an_input_with_update_keeps_state(mode):
    x, s = T.dscalars("x", "s")
    f = function([x, In(s, value=0.0, update=s + x)], s, mode=mode)
    assert [float(f(2.0)) for _ in range(3)] == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda f: f(), BindingError, "misses argument 0, x"),
        (lambda f: f(np.ones(2), np.ones(2), np.ones(2)), BindingError, "too many arguments"),
        (lambda f: f(np.ones(2), np.ones(2), x=np.ones(2)), BindingError, "'x' twice"),
        (lambda f: f(np.ones(2), np.ones(2), q=1), BindingError, "no argument 'q'"),
        (lambda f: f(np.ones((2, 2)), np.ones(2)), RankError, r"argument 0 \(x\)"),
        (lambda f: f("text", np.ones(2)), DTypeError, r"argument 0 \(x\)"),
        (lambda f: f(np.array([object()]), np.ones(2)), DTypeError, "not numbers"),
        (lambda f: f(np.ones(2) * 1j, np.ones(2)), DTypeError, "lose digits"),
        (
            lambda f: f(np.ma.masked_array([1.0, 2.0], mask=[0, 1]), np.ones(2)),
            DTypeError,
            "masked",
        ),
        (lambda f: f(np.ones(2), np.ones(3)), ShapeError, "mismatch in dimension 0"),
        (lambda f: f(np.ones(1), np.ones(3)), ShapeError, "mismatch in dimension 0"),
    ],
)
def test_arguments_that_do_not_fit_are_named(call, error, text, mode):
    x, y = T.dvectors("x", "y")
    f = function([x, y], x + y, mode=mode, name="adder")
    with pytest.raises(error, match=text):
        call(f)
    np.testing.assert_array_equal(f(np.ones(2), np.ones(2)), [2, 2])


def test_arrays_of_any_layout_are_taken(mode):
    x = T.dmatrix("x")
    f = function([x], x * 2, mode=mode)
    base = np.arange(24.0).reshape(4, 6)
    readonly = base.copy()
    readonly.flags.writeable = False
    unaligned = (
        np.frombuffer(b"\0" + base.tobytes(), dtype=np.uint8)[1:].view("float64").reshape(4, 6)
    )
    swapped = base.astype(">f8")
    for value in (
        base,
        base.T,
        base[::-1, ::2],
        readonly,
        unaligned,
        swapped,
        base[:0],
        base.astype("float32"),
    ):
        np.testing.assert_array_equal(f(value), np.asarray(value, "float64") * 2)


def test_lists_and_lossless_arrays_are_converted_and_lossy_ones_refused(mode):
    x = T.fvector("x")
    f = function([x], x * 2, mode=mode)
    assert f([1, 2]).dtype == "float32"
    assert f(np.array([1, 2], "int8")).dtype == "float32"
    with pytest.raises(TypeError, match="lose digits"):
        f(np.array([0.1]))
    lossy = function([x], x * 2, mode=mode, allow_input_downcast=True)
    np.testing.assert_allclose(lossy(np.array([0.1])), np.float32([0.2]))


def test_inputs_are_checked_when_the_function_is_made():
    x, y = T.dvectors("x", "y")
    with pytest.raises(UnusedInputError, match="input 1"):
        function([x, y], x + 1)
    with pytest.raises(DuplicateInputError):
        function([x, x], x + 1)
    with pytest.raises(MissingInputError, match="needs the value of y"):
        function([x], x + y)
    with pytest.raises(TypeError, match="shared variable"):
        function([shared(1.0)], x)
    with pytest.raises(TypeError, match="are a list"):
        function(x, x)
    with pytest.warns(UserWarning, match="not used"):
        function([x, y], x + 1, on_unused_input="warn")
    function([x, y], x + 1, on_unused_input="ignore")


def test_updates_are_computed_from_the_old_values_together(mode):
    a, b = shared(1.0, name="a"), shared(2.0, name="b")
    f = function([], [a, b], updates=[(a, b), (b, a)], mode=mode)
    assert f() == [1.0, 2.0]
    assert (float(a.get_value()), float(b.get_value())) == (2.0, 1.0)


def test_updates_that_do_not_fit_are_refused():
    a = shared(np.zeros(2, "float32"), name="a")
    x = T.dvector("x")
    with pytest.raises(TypeError, match="same type as the original shared variable"):
        function([x], updates=[(a, a + x)])
    with pytest.raises(TypeError, match="only shared variables"):
        function([x], updates=[(x, x + 1)])
    with pytest.raises(ValueError, match="two updates"):
        function([], updates=[(a, a + 1), (a, a + 2)])


def test_a_failing_call_changes_no_shared_value(mode):
    a = shared(np.zeros(2), name="a")
    x = T.dvector("x")
    f = function([x], (a + x).sum(), updates=OrderedDict([(a, a + 1)]), mode=mode)
    with pytest.raises(ShapeError):
        f(np.ones(3))
    np.testing.assert_array_equal(a.get_value(), [0, 0])


def test_default_updates_happen_unless_switched_off(mode):
    counter = shared(0, name="counter")
    counter.default_update = counter + 1
    f = function([], counter, mode=mode)
    assert [int(f()), int(f())] == [0, 1]
    g = function([], counter, no_default_updates=True, mode=mode)
    assert [int(g()), int(g())] == [2, 2]
    h = function([], counter, updates=[(counter, counter * 10)], mode=mode)
    h()
    assert int(counter.get_value()) == 20


def test_givens_substitute_before_compiling(mode):
    x, y = T.dscalars("x", "y")
    state = shared(3.0, name="state")
    assert function([y], x * 2, givens={x: y + 1}, mode=mode)(1.0) == 4.0
    assert function([], x * 2, givens=[(x, state)], mode=mode)() == 6.0
    with pytest.raises(TypeError, match="givens"):
        function([], x * 2, givens={x: shared(np.zeros(2))})


def test_givens_of_a_dtype_that_the_other_holds_are_cast(mode):
    x, single, double = T.dscalar("x"), T.fscalar("single"), T.zscalar("double")
    result = function([single], x * 2, givens={x: single}, mode=mode)(np.float32(1.5))
    assert (result.dtype, float(result)) == ("float64", 3.0)
    with pytest.raises(TypeError, match="givens"):
        function([double], x * 2, givens={x: double}, mode=mode)


def test_results_share_no_memory_with_arguments_or_shared_values(mode):
    x = T.dmatrix("x")
    w = shared(np.arange(4.0).reshape(2, 2), name="w")
    f = function([x], [x, x.T, w, w.T, x], mode=mode)
    value = np.ones((2, 2))
    results = f(value)
    for i, result in enumerate(results):
        assert not np.shares_memory(result, value)
        assert not np.shares_memory(result, w.get_value(borrow=True))
        assert not any(np.shares_memory(result, other) for other in results[:i])
        assert result.flags.writeable


def test_get_and_set_value_copy_unless_borrowed():
    value = np.zeros(2)
    a = shared(value)
    value[0] = 9
    np.testing.assert_array_equal(a.get_value(), [0, 0])
    a.get_value()[0] = 9
    np.testing.assert_array_equal(a.get_value(), [0, 0])
    kept = a.get_value(borrow=True)
    function([], updates=[(a, a + 1)])()
    np.testing.assert_array_equal(kept, [0, 0])
    with pytest.raises(TypeError):
        a.set_value(np.zeros((2, 2)))


def test_a_function_is_right_from_8_threads_at_once(mode):
    x = T.dvector("x")
    f = function([x], T.tanh(x * 2) + x.sum(), mode=mode)
    wrong = []

    def work(seed):
        value = np.random.default_rng(seed).normal(size=257)
        expected = np.tanh(value * 2) + value.sum()
        for _ in range(50):
            if not np.allclose(f(value), expected, rtol=1e-12):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_concurrent_updates_lose_no_step(mode):
    total = shared(0, name="total")
    step = function([], updates=[(total, total + 1)], mode=mode)
    threads = [threading.Thread(target=lambda: [step() for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert int(total.get_value()) == 800


def test_functions_pickle_by_recipe(mode):
    x = T.dscalar("x")
    f = pickle.loads(pickle.dumps(function([In(x, value=2.0)], T.exp(x), mode=mode, name="f")))
    np.testing.assert_allclose(f(), np.exp(2.0))
    assert f.name == "f"


def test_a_copy_may_swap_shared_variables(mode):
    a, b = shared(1.0, name="a"), shared(10.0, name="b")
    f = function([], a * 2, updates=[(a, a + 1)], mode=mode)
    g = f.copy(swap={a: b})
    assert g() == 20.0
    assert (float(a.get_value()), float(b.get_value())) == (1.0, 11.0)
    assert f.copy(delete_updates=True)() == 2.0
    assert float(a.get_value()) == 1.0


def test_a_copy_without_updates_keeps_the_inputs_that_only_they_used(mode):
    a, x = shared(1.0, name="a"), T.dscalar("x")
    f = function([x], a * 2, updates=[(a, a + x)], mode=mode).copy(delete_updates=True)
    assert f(5.0) == 2.0
    assert float(a.get_value()) == 1.0


def test_eval_computes_with_the_values_given():
    x = T.dscalar("x")
    y = x * 2
    assert y.eval({x: 3.0}) == 6.0
    assert y.eval({x: 4.0}) == 8.0
    with pytest.raises(MissingInputError):
        y.eval()
    with pytest.raises(UnusedInputError):
        y.eval({x: 1.0, T.dscalar("z"): 1.0})


def test_outputs_may_be_borrowed(mode):
    x = T.dvector("x")
    np.testing.assert_array_equal(function([x], Out(x * 2, borrow=True), mode=mode)([1.0]), [2.0])


def test_subsets_of_outputs_can_be_asked():
    x = T.dscalar("x")
    f = function([x], {"a": x, "b": x + 1})
    assert f(1.0, output_subset=["b"]) == {"b": 2.0}
    assert function([x], [x, x + 1])(1.0, output_subset=[1]) == [2.0]
    with pytest.raises(BindingError, match="no such outputs"):
        f(1.0, output_subset=["c"])
    with pytest.raises(BindingError, match="no such outputs"):
        function([x], [x, x + 1])(1.0, output_subset=[2])


def test_the_old_name_of_a_shared_value_says_what_to_use():
    assert not hasattr(shared(1.0), "value")
    with pytest.raises(AttributeError, match=r"get_value\(\)"):
        getattr(shared(1.0), "val" + "ue")
    with pytest.raises(AttributeError, match="set_value"):
        shared(1.0).value = 2.0


def test_masked_elements_are_not_shared():
    np.testing.assert_array_equal(shared(np.ma.array([1.0, 2.0])).get_value(), [1, 2])
    with pytest.raises(DTypeError, match="masked"):
        shared(np.ma.array([1.0, 2.0], mask=[0, 1]))


def test_unknown_modes_are_refused_by_name():
    with pytest.raises(ValueError, match="there is no mode 'FAST'"):
        function([], [], mode="FAST")
    assert tensorsym.Mode(linker="py").runs_reference
