"""Arrays handed to other packages and taken from them, on the same memory."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import function
from tensorsym.cuda.interop import adopted, from_dlpack
from tensorsym.errors import DTypeError, ForeignDeviceError, RankError


class Foreign:
    """Another package's array: it only has the interface."""

    def __init__(self, array, **changes):
        self.array = array
        self.__cuda_array_interface__ = {**array.__cuda_array_interface__, **changes}


class Capsule:
    """Another package's array: it only speaks DLPack."""

    def __init__(self, array, device=(2, 0)):
        self.array, self.device = array, device

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, stream=None):
        return self.array.__dlpack__()


@pytest.fixture
def array(context):
    return context.from_host(np.arange(12.0).reshape(3, 4))


def test_the_interface_describes_memory_layout(array):
    view = array.view((4, 3), (8, 32))
    interface = view.__cuda_array_interface__
    assert interface["version"] == 3
    assert interface["data"] == (array.pointer, False)
    assert (interface["shape"], interface["strides"]) == ((4, 3), (8, 32))
    assert array.__cuda_array_interface__["strides"] is None


@pytest.mark.parametrize("wrap", [Foreign, Capsule])
def test_foreign_arrays_are_taken_without_a_copy(wrap, array, context):
    view = array.view((4, 3), (8, 32))
    taken = adopted(context, wrap(view))
    assert (taken.pointer, taken.shape, taken.strides) == (view.pointer, (4, 3), (8, 32))
    np.testing.assert_array_equal(taken.to_host(), np.arange(12.0).reshape(3, 4).T)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "complex64"])
def test_dlpack_round_trips_dtypes(dtype, context):
    values = np.array([1, 0, 1]).astype(dtype)
    taken = from_dlpack(context, context.from_host(values))
    assert taken.dtype == dtype
    np.testing.assert_array_equal(taken.to_host(), values)


def test_a_capsule_keeps_its_array_alive(context):
    capsule = Capsule(context.from_host(np.arange(5.0)))
    taken = adopted(context, capsule)
    del capsule
    others = [context.from_host(np.zeros(5)) for _ in range(4)]
    np.testing.assert_array_equal(taken.to_host(), np.arange(5.0))
    del others


@pytest.mark.parametrize("wrap", [Foreign, Capsule, lambda array: array])
def test_functions_take_arrays_of_the_device(wrap, array):
    x = T.dmatrix("x")
    run = function([x], T.exp(x).sum(axis=0), device="cuda")
    np.testing.assert_allclose(run(wrap(array)), np.exp(array.to_host()).sum(axis=0))


def test_an_array_of_another_dtype_or_rank_is_refused(array):
    with pytest.raises(DTypeError, match="another dtype"):
        function([(x := T.fmatrix())], x + 1, device="cuda")(array)
    with pytest.raises(RankError, match="another shape"):
        function([(x := T.dvector())], x + 1, device="cuda")(array)


def test_an_array_of_another_device_is_refused(array, context):
    with pytest.raises(ForeignDeviceError, match="another device than the function runs on"):
        adopted(context, Capsule(array, device=(2, 1)))
    with pytest.raises(ForeignDeviceError, match="DLPack device"):
        from_dlpack(context, Capsule(array, device=(10, 0)))
