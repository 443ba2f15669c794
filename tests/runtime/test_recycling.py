"""Results serve again if the user allows it, and never while anybody has them (M29)."""

import gc
import pickle
import threading
import weakref

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T

# Few elements take a way of their own, many have memory that starts at a cache line or a huge page.
SIZES = [3, 5000, 1_000_000]


def adder(**how):
    x = T.dvector("x")
    return tensorsym.function([x], tensorsym.Out(x + 1, recycle=True), **how)


def addresses_of(f, n, times=8):
    """Return where the results of a loop lie that holds the last one while the next is made."""
    found = []
    for i in range(times):
        result = f(np.full(n, float(i)))
        np.testing.assert_array_equal(result, np.full(n, i + 1.0))
        found.append(result.ctypes.data)
    return found


@pytest.mark.parametrize("n", SIZES)
def test_two_results_take_turns_in_a_loop(n):
    assert len(set(addresses_of(adder(), n)[1:])) == 2


@pytest.mark.parametrize("n", SIZES)
def test_results_that_are_held_keep_what_they_have(n):
    f = adder()
    held = [f(np.full(n, float(i))) for i in range(6)]
    for i, result in enumerate(held):
        assert result[0] == result[-1] == i + 1


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(
    "look", [lambda a: a[1:2], memoryview, lambda a: a.T, lambda a: np.asarray(a.data)[:2]]
)
def test_views_hold_their_array(n, look):
    f = adder()
    views = [look(f(np.full(n, float(i)))) for i in range(5)]
    for i, view in enumerate(views):
        assert np.asarray(view).min() == np.asarray(view).max() == i + 1


@pytest.mark.parametrize("n", SIZES)
def test_a_result_with_a_weak_reference_is_left_alone(n):
    f = adder()
    weak = []
    for i in range(5):
        result = f(np.full(n, float(i)))
        weak.append(weakref.ref(result))
        assert result[0] == i + 1
    for i, reference in enumerate(weak):
        assert reference() is None or reference()[0] == i + 1


def reshape(a):
    a.shape = (1, -1)


def retype(a):
    a.dtype = "int64"


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("change", [reshape, retype, lambda a: a.setflags(write=False)])
def test_a_changed_result_does_not_come_back_changed(n, change):
    f = adder()
    for i in range(6):
        result = f(np.full(n, float(i)))
        assert result.shape == (n,)
        assert result.dtype == "float64"
        assert result.flags.writeable
        np.testing.assert_array_equal(result, np.full(n, i + 1.0))
        change(result)


@pytest.mark.parametrize("n", SIZES)
def test_a_result_may_be_the_next_argument(n):
    f = adder()
    value = np.zeros(n)
    for _ in range(7):
        value = f(f(value))
    np.testing.assert_array_equal(value, np.full(n, 14.0))


def test_lengths_may_change():
    f = adder()
    for n in (3, 5000, 4, 5000, 3, 0, 1, 6000, 4500):
        np.testing.assert_array_equal(f(np.arange(float(n))), np.arange(float(n)) + 1)


def test_only_outputs_that_ask_for_it_are_recycled():
    x = T.dvector("x")
    f = tensorsym.function([x], [tensorsym.Out(x + 1, recycle=True), x * 2])
    kept, weak = [], []
    for i in range(5):
        first, second = f(np.full(5000, float(i)))
        weak.append(weakref.ref(second))
        kept.append(first)
        del second
        assert weak[-1]() is None
    assert [a[0] for a in kept] == [1, 2, 3, 4, 5]


def test_an_output_that_is_an_argument_or_a_shared_value_is_not_ours_to_recycle():
    x = T.dvector("x")
    w = tensorsym.shared(np.zeros(5000))
    f = tensorsym.function(
        [x],
        [tensorsym.Out(x, recycle=True), tensorsym.Out(w, recycle=True)],
        updates=[(w, w + x)],
    )
    mine = np.ones(5000)
    for i in range(5):
        same, old = f(mine)
        assert same[0] == 1
        assert old[0] == i
    np.testing.assert_array_equal(mine, np.ones(5000))
    np.testing.assert_array_equal(w.get_value(), np.full(5000, 5.0))


def test_an_argument_given_away_stays_the_callers_while_he_has_it():
    x = T.dvector("x")
    f = tensorsym.function([tensorsym.In(x, mutable=True)], tensorsym.Out(x * 2, recycle=True))
    arrays = [np.full(5000, float(i)) for i in range(5)]
    results = [f(a) for a in arrays]
    for i, result in enumerate(results):
        np.testing.assert_array_equal(result, np.full(5000, 2.0 * i))


@pytest.mark.parametrize("n", [3, 20_000])
def test_threads_do_not_see_each_others_results(n):
    f = adder()
    wrong = []

    def work(number):
        for i in range(200):
            value = float(1000 * number + i)
            result = f(np.full(n, value))
            if not (result == value + 1).all():
                wrong.append(value)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_function_lets_go_of_what_it_keeps():
    f = adder()
    for _ in range(3):
        f(np.ones(5000))
    f.free()
    np.testing.assert_array_equal(f(np.ones(5000)), np.full(5000, 2.0))
    result = weakref.ref(f(np.ones(3)))
    del f
    gc.collect()
    assert result() is None


def test_copies_recycle_too():
    f = adder()
    for twin in (f.copy(), pickle.loads(pickle.dumps(f))):
        assert len(set(addresses_of(twin, 5000)[1:])) == 2


def test_a_function_that_does_not_recycle_keeps_nothing():
    x = T.dvector("x")
    f = tensorsym.function([x], x + 1)
    for n in SIZES:
        result = weakref.ref(f(np.ones(n)))
        assert result() is None


def test_the_reference_has_results_of_its_own():
    f = adder(mode="reference")
    held = [f(np.full(3, float(i))) for i in range(3)]
    assert [a[0] for a in held] == [1, 2, 3]
