"""The way of a call: without Python between entry and machine, and with or without the lock."""

import threading

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T

# A call on so few elements keeps the interpreter's lock, one on more gives it up.
SHORT, LONG = 3, 5000


@pytest.mark.parametrize("n", [SHORT, LONG])
def test_call_and_executable_give_the_same(n: int) -> None:
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], [x + y, T.exp(x)])
    a, b = np.arange(n) / n, np.ones(n)
    for results in (f(a, b), f.executable([a, b]), f.executable.run([a, b])):
        np.testing.assert_array_equal(results[0], a + b)
        np.testing.assert_allclose(results[1], np.exp(a), rtol=1e-15)


@pytest.mark.parametrize("n", [SHORT, LONG])
def test_lengths_that_differ_are_explained(n: int) -> None:
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], x + y)
    with pytest.raises(ValueError, match=f"{n}"):
        f(np.zeros(n), np.zeros(n + 1))
    np.testing.assert_array_equal(f(np.ones(n), np.ones(n)), np.full(n, 2.0))


def test_an_outer_sum_of_short_vectors_is_right() -> None:
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], x.dimshuffle(0, "x") + y)
    a, b = np.arange(40.0), np.arange(50.0)
    np.testing.assert_array_equal(f(a, b), a[:, None] + b)


def test_shared_values_follow_the_arguments() -> None:
    x = T.dvector("x")
    w = tensorsym.shared(np.array([1.0, 2.0]))
    f = tensorsym.function([x], w * x, updates=[(w, w + x)])
    np.testing.assert_array_equal(f(np.array([3.0, 4.0])), [3.0, 8.0])
    np.testing.assert_array_equal(f([1, 1]), [4.0, 6.0])  # a list goes through `bind`
    np.testing.assert_array_equal(w.get_value(), [5.0, 7.0])


def test_calls_with_too_few_inputs_for_the_machine_are_refused() -> None:
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], x + y)
    with pytest.raises(TypeError, match="2 arguments expected, 1 given"):
        f.executable([np.zeros(2)])


@pytest.mark.parametrize("n", [SHORT, LONG])
def test_eight_threads_get_their_own_results(n: int) -> None:
    x = T.dvector("x")
    f = tensorsym.function([x], T.tanh(x) * 2 + x)
    wrong: list[int] = []

    def work(number: int) -> None:
        value = np.full(n, float(number))
        expected = np.tanh(value) * 2 + value
        for _ in range(300):
            if not np.allclose(f(value), expected, rtol=1e-14):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
