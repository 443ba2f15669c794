"""Compiled convolutions and pooling agree with their meaning in NumPy, whatever the blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorsym.tensor as T
from tensorsym.graph.op import evaluate
from tensorsym.language.convolution_base import RELATED
from tensorsym.language.pooling import Pool
from tensorsym.language.pooling_gradients import (
    AveragePoolGrad,
    DownsampleFactorMaxGradGrad,
    MaxPoolGrad,
)
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.hostcalls import COMPILED


def symbol(array):
    return TensorType(array.dtype.name, [None] * array.ndim)()


def compiled_and_meant(op, arrays):
    """Return a node's value by compiled code and by `perform`."""
    node = op(*[symbol(a) for a in arrays]).owner
    base = next(cls for cls in type(op).__mro__ if cls in COMPILED)
    return COMPILED[base](node)(arrays)[0], evaluate(node, arrays)[0]


def assert_agree(op, arrays, rtol):
    got, expected = compiled_and_meant(op, arrays)
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    scale = np.abs(expected).max() if expected.size else 1
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol * scale, err_msg=str(op))


def check_convolution(image, kernel, dtype, **attributes):
    """Compare the three ops of a form, where the shapes have an output."""
    n_axes, rng = len(image) - 2, np.random.default_rng(sum(image))
    x, w = (rng.normal(size=shape).astype(dtype) for shape in (image, kernel))
    ops = [RELATED[name, n_axes](**attributes) for name in ("output", "weights", "inputs")]
    rtol = 2e-4 if dtype == "float32" else 1e-10
    try:
        shape = compiled_and_meant(ops[0], [x, w])[1].shape
    except ValueError:
        return False
    assert_agree(ops[0], [x, w], rtol)
    top = rng.normal(size=shape).astype(dtype)
    assert_agree(ops[1], [x, top, np.array(kernel[2:])], rtol)
    assert_agree(ops[2], [w, top, np.array(image[2:])], rtol)
    return True


@st.composite
def forms(draw):
    n_axes, groups = draw(st.sampled_from([2, 2, 3])), draw(st.integers(1, 3))
    channels, filters = draw(st.sampled_from([1, 2, 20])), draw(st.integers(1, 3))
    per_axis = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(n_axes))  # noqa: E731
    pads = st.one_of(st.sampled_from(["valid", "half", "full"]), st.just(per_axis(0, 2)))
    image = (draw(st.integers(1, 5)), channels * groups, *per_axis(3, 10))
    kernel = (filters * groups, channels, *per_axis(1, 4))
    return (
        image,
        kernel,
        draw(st.sampled_from(["float32", "float64"])),
        {
            "border_mode": draw(pads),
            "subsample": per_axis(1, 3),
            "filter_dilation": per_axis(1, 2),
            "filter_flip": draw(st.booleans()),
            "num_groups": groups,
        },
    )


@settings(max_examples=60, deadline=None)
@given(forms())
def test_compiled_convolutions_are_those_of_numpy(form):
    image, kernel, dtype, attributes = form
    check_convolution(image, kernel, dtype, **attributes)


@pytest.mark.parametrize(
    ("image", "kernel", "steps"),
    [
        # several images in a block, the last one with fewer
        ((37, 3, 18, 18), (4, 3, 3, 3), (1, 1)),
        ((23, 40, 12, 9), (3, 40, 3, 3), (1, 1)),
        # some rows of an image in a block; rows stored by phase of the step
        ((2, 30, 60, 120), (2, 30, 5, 3), (1, 1)),
        ((1, 30, 90, 150), (2, 30, 4, 3), (3, 2)),
        ((1, 3, 150, 140), (2, 3, 5, 5), (2, 1)),
    ],
)
def test_blocks_meet_without_a_seam(image, kernel, steps):
    for mode in ("valid", "half"):
        assert check_convolution(image, kernel, "float64", border_mode=mode, subsample=steps)


def test_operands_of_any_layout_are_taken():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 6, 2, 3)).transpose(3, 2, 0, 1)[:, :, ::-1]
    w = rng.normal(size=(4, 2, 3, 6))[..., ::2]
    assert_agree(RELATED["output", 2](), [x, w], 1e-10)


@st.composite
def poolings(draw):
    n_axes, ignores = draw(st.integers(1, 3)), draw(st.booleans())
    per_axis = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(n_axes))  # noqa: E731
    shape = (*draw(st.lists(st.integers(1, 3), max_size=2)), *per_axis(1, 9))
    window = per_axis(1, 4)
    pad = tuple(draw(st.integers(0, w - 1)) if ignores else 0 for w in window)
    return shape, window, per_axis(1, 4), pad, ignores


@settings(max_examples=60, deadline=None)
@given(poolings(), st.sampled_from(["float32", "float64"]))
def test_compiled_pooling_is_that_of_numpy(form, dtype):
    shape, window, stride, pad, ignores = form
    rng = np.random.default_rng(sum(shape))
    x = rng.integers(0, 6, shape).astype(dtype)
    parameters = [np.array(v) for v in (window, stride, pad)]
    n_axes = len(window)
    for mode in ("max", "sum", "average_inc_pad", "average_exc_pad"):
        op = Pool(ignores, mode, n_axes)
        assert_agree(op, [x, *parameters], 1e-6)
        out = compiled_and_meant(op, [x, *parameters])[1]
        g, t = rng.normal(size=out.shape).astype(dtype), rng.normal(size=shape).astype(dtype)
        if mode == "max":
            assert_agree(MaxPoolGrad(ignores, n_axes), [x, out, g, *parameters], 1e-5)
            second = DownsampleFactorMaxGradGrad(ignores, ndim=n_axes)
            assert_agree(second, [x, out, t, *parameters], 1e-5)
        else:
            assert_agree(AveragePoolGrad(ignores, mode, n_axes), [x, g, *parameters], 1e-5)


def test_a_subclass_with_a_meaning_of_its_own_keeps_it():
    class Doubled(RELATED["output", 2]):
        def perform(self, node, inputs, output_storage):
            super().perform(node, inputs, output_storage)
            output_storage[0][0] *= 2

    x, w = T.dtensor4(), T.dtensor4()
    arrays = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    assert Doubled()(x, w).eval({x: arrays[0], w: arrays[1]}).max() == 8
