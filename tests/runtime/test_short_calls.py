"""Calls on few elements: one kernel, straight from arguments to a new array."""

import threading

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym import config

LENGTHS = [0, 1, 2, 7, 511, 512, 513, 2000, 8192, 8193, 20_000]


@pytest.fixture(params=["tile", "wait"], autouse=True)
def tier(request):
    with config.scope(tier=request.param):
        yield


@pytest.mark.parametrize("n", LENGTHS)
def test_maps_are_numpys(n):
    x, y, s = T.dvector("x"), T.dvector("y"), T.dscalar("s")
    f = tensorsym.function([x, s, y], (x + 1) * s - y)
    a, b, c = np.arange(n) / 3, np.array(1.5), np.linspace(-1, 1, n)
    for _ in range(3):
        np.testing.assert_array_equal(f(a, b, c), (a + 1) * b - c)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int32", "int64", "float32"])
def test_dtypes_stay_what_they_are(dtype):
    x = T.TensorType(dtype, (False,))("x")
    f = tensorsym.function([x], T.eq(x, x) if dtype == "bool" else x * x)
    a = np.array([0, 1, 1], dtype)
    for _ in range(2):
        result = f(a)
        np.testing.assert_array_equal(result, [True] * 3 if dtype == "bool" else a * a)
    assert result.dtype == dtype


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 4), (3, 1), (2, 1, 3)])
def test_results_are_whole_arrays_of_the_callers(shape):
    x = T.TensorType("float64", (False,) * len(shape))("x")
    f = tensorsym.function([x], x + 1)
    a = np.ones(shape)
    first, second = f(a), f(a)
    assert first.shape == shape
    assert first.flags.owndata
    assert first.flags.writeable
    assert first.flags.aligned
    assert first.flags.c_contiguous
    assert first.base is None
    first[...] = 7
    np.testing.assert_array_equal(second, a + 1)


def odd_layouts():
    grid = np.arange(24.0).reshape(4, 6)
    readonly = np.ones((2, 3))
    readonly.flags.writeable = False
    unaligned = np.zeros(49, np.uint8)[1:].view(np.float64).reshape(2, 3)
    return {
        "transposed": grid.T,
        "every second": grid[:, ::2],
        "reversed": grid[::-1],
        "repeated": np.broadcast_to(np.arange(3.0), (2, 3)),
        "read only": readonly,
        "byte order": np.arange(6.0).reshape(2, 3).astype(">f8"),
        "unaligned": unaligned,
        "subclass": np.arange(6.0).reshape(2, 3).view(np.memmap),
    }


@pytest.mark.parametrize("name", odd_layouts())
def test_every_layout_is_accepted(name):
    x = T.dmatrix("x")
    f = tensorsym.function([x], x * 2)
    f(np.ones((2, 2)))
    a = odd_layouts()[name]
    np.testing.assert_array_equal(f(a), np.asarray(a) * 2)


@pytest.mark.parametrize("trusts", [False, True])
def test_what_does_not_fit_is_explained_as_ever(trusts):
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], x + y, trust_input=trusts)
    good = np.ones(3)
    f(good, good)
    for wrong in (np.ones(2), np.ones(4), np.ones((3, 1))):
        with pytest.raises((ValueError, TypeError)):
            f(good, wrong)
    for wrong in (np.ones(3, "c16"), None, "x"):
        with pytest.raises((TypeError, ValueError)):
            f(wrong, good)
    with pytest.raises((TypeError, ValueError)):
        f(good)
    np.testing.assert_array_equal(f(good, good), [2, 2, 2])


def test_known_lengths_are_checked():
    x = T.TensorType("float64", (3,))("x")
    f = tensorsym.function([x], x + 1)
    f(np.ones(3))
    with pytest.raises((ValueError, TypeError)):
        f(np.ones(4))


def test_lists_and_dicts_of_one_result():
    x = T.dvector("x")
    a = np.ones(2)
    in_list, in_dict = tensorsym.function([x], [x + 1]), tensorsym.function([x], {"y": x + 1})
    for _ in range(2):
        np.testing.assert_array_equal(in_list(a)[0], [2, 2])
        np.testing.assert_array_equal(in_dict(a)["y"], [2, 2])
    assert len(in_list(a)) == 1
    assert list(in_dict(a)) == ["y"]


def test_an_unused_or_repeated_argument_changes_nothing():
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], x * x + x, on_unused_input="ignore")
    for _ in range(2):
        np.testing.assert_array_equal(f(np.full(2, 3.0), np.ones(9)), [12, 12])


def test_few_and_many_elements_have_equal_bits():
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], T.exp(-((x - y) ** 2) / 2) * T.tanh(x) + T.log1p(T.exp(y)))
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=3000), rng.normal(size=3000)
    whole = f(a, b)
    for n in (1, 3, 17, 512, 700, 1500):
        parts = [f(a[i : i + n].copy(), b[i : i + n].copy()) for i in range(0, 3000, n)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_callers_at_once_have_workspaces_of_their_own():
    x, y = T.dvectors("x", "y")
    f = tensorsym.function([x, y], T.exp(x) * T.tanh(y) + x / (1 + y * y))
    rng, wrong = np.random.default_rng(7), []

    def work(n):
        a, b = rng.normal(size=n), rng.normal(size=n)
        expected = np.exp(a) * np.tanh(b) + a / (1 + b * b)
        for _ in range(300):
            if not np.allclose(f(a, b), expected):
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 500, 600, 2000, 8000, 8000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
