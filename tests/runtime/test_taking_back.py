"""Memory of old shared values serves again, but never while anybody can see it."""

import gc
import weakref

import numpy as np
import pytest

import tensorsym

N = 4000


def counter() -> tuple[object, object]:
    w = tensorsym.shared(np.zeros(N))
    return w, tensorsym.function([], [], updates=[(w, w + 1)])


def test_updates_use_two_buffers_in_turn() -> None:
    w, step = counter()
    addresses = []
    for _ in range(12):
        step()
        addresses.append(w.get_value(borrow=True).ctypes.data)
    # The first of all is the user's; after that, two are enough.
    assert len(set(addresses[2:])) == 2
    np.testing.assert_array_equal(w.get_value(), np.full(N, 12.0))


def test_borrowed_values_keep_what_they_held() -> None:
    w, step = counter()
    step()
    held = [w.get_value(borrow=True)]
    for _ in range(5):
        step()
        held.append(w.get_value(borrow=True))
    for number, value in enumerate(held, 1):
        np.testing.assert_array_equal(value, np.full(N, float(number)))


@pytest.mark.parametrize("look", [lambda a: a[::2], memoryview, lambda a: a.reshape(2, -1)[1]])
def test_views_of_borrowed_values_keep_what_they_held(look: object) -> None:
    w, step = counter()
    step()
    view = look(w.get_value(borrow=True))
    for _ in range(4):
        step()
    assert np.asarray(view).min() == np.asarray(view).max() == 1.0


def test_the_users_own_array_is_left_alone() -> None:
    mine = np.zeros(N)
    w = tensorsym.shared(mine, borrow=True)
    step = tensorsym.function([], [], updates=[(w, w + 1)])
    for _ in range(4):
        step()
    np.testing.assert_array_equal(mine, np.zeros(N))
    assert mine.flags.owndata


def test_an_output_that_is_the_old_value_stays() -> None:
    w = tensorsym.shared(np.zeros(N))
    step = tensorsym.function([], [w, w * 2], updates=[(w, w + 1)])
    results = [step() for _ in range(6)]
    for number, (old, double) in enumerate(results):
        np.testing.assert_array_equal(old, np.full(N, float(number)))
        np.testing.assert_array_equal(double, np.full(N, 2.0 * number))


def test_two_variables_of_one_value_do_not_lose_it() -> None:
    first = tensorsym.shared(np.zeros(N))
    step = tensorsym.function([], [], updates=[(first, first + 1)])
    step()
    second = tensorsym.shared(first.get_value(borrow=True), borrow=True)
    for _ in range(4):
        step()
    np.testing.assert_array_equal(second.get_value(), np.ones(N))


def test_exchanged_variables_exchange_values() -> None:
    a, b = tensorsym.shared(np.zeros(N)), tensorsym.shared(np.ones(N))
    swap = tensorsym.function([], [], updates=[(a, b), (b, a + 2)])
    for _ in range(4):
        swap()
    np.testing.assert_array_equal(a.get_value(), np.full(N, 4.0))
    np.testing.assert_array_equal(b.get_value(), np.full(N, 5.0))


def test_a_weak_reference_dies_with_the_value() -> None:
    w, step = counter()
    step()
    value = weakref.ref(w.get_value(borrow=True))
    step()
    gc.collect()
    assert value() is None
