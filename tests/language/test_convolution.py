"""Convolutions: values against loops, gradients against the bilinear form, shapes, errors."""

import itertools

import numpy as np
import pytest
from scipy import signal
from tests.numeric import check_derivatives, run

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.language.convolution import AbstractConv2d
from tensorsym.tensor.nnet import abstract_conv, corr

RNG = np.random.default_rng(3)


def correlated(image, kernel, pads, steps, dilation, groups):
    """Return the correlation by loops over the output, each element a sum of products."""
    padded = np.pad(image, ((0, 0), (0, 0), *pads))
    n_axes = len(pads)
    spans = [(n - 1) * d + 1 for n, d in zip(kernel.shape[-n_axes:], dilation, strict=True)]
    lengths = [
        (n - span) // step + 1 for n, span, step in zip(padded.shape[2:], spans, steps, strict=True)
    ]
    out = np.zeros((image.shape[0], kernel.shape[0], *lengths))
    per_group = kernel.shape[0] // groups
    for n, m, *place in np.ndindex(*out.shape):
        group = m // per_group
        channels = slice(group * kernel.shape[1], (group + 1) * kernel.shape[1])
        window = [
            slice(at * step, at * step + span, d)
            for at, step, span, d in zip(place, steps, spans, dilation, strict=True)
        ]
        out[(n, m, *place)] = (padded[(n, channels, *window)] * kernel[m]).sum()
    return out


def padding(mode, kernel, dilation):
    """Return the zeros before and after each axis under a border mode."""
    spans = [(n - 1) * d + 1 for n, d in zip(kernel, dilation, strict=True)]
    if isinstance(mode, str):
        return [
            ((span - 1) * (mode == "full") or span // 2 * (mode == "half"),) * 2 for span in spans
        ]
    modes = mode if isinstance(mode, tuple) else (mode,) * len(kernel)
    return [m if isinstance(m, tuple) else (m, m) for m in modes]


def convolved(image, kernel, mode, steps, dilation, groups=1, flip=True):
    """Return what conv2d and conv3d mean."""
    n_axes = image.ndim - 2
    if flip:
        kernel = kernel[(..., *[slice(None, None, -1)] * n_axes)]
    pads = padding(mode, kernel.shape[-n_axes:], dilation)
    return correlated(image, kernel, pads, steps, dilation, groups)


CASES = [
    (mode, steps, dilation, 1 + (steps == (1, 1)), dilation == (1, 1))
    for mode, steps, dilation in itertools.product(
        ("valid", "half", "full", 2, (1, 0), ((2, 1), (0, 3))),
        ((1, 1), (2, 3)),
        ((1, 1), (2, 1)),
    )
]


@pytest.mark.parametrize("mode_of_run", ["reference", None], ids=["reference", "compiled"])
@pytest.mark.parametrize(("mode", "steps", "dilation", "groups", "flip"), CASES)
def test_conv2d_equals_loops(mode, steps, dilation, groups, flip, mode_of_run):
    image = RNG.normal(size=(2, 2 * groups, 7, 8))
    kernel = RNG.normal(size=(2 * groups, 2, 3, 2))
    x, w = T.dtensor4(), T.dtensor4()
    out = T.nnet.conv2d(
        x, w, None, None, mode, steps, flip, filter_dilation=dilation, num_groups=groups
    )
    expected = convolved(image, kernel, mode, steps, dilation, groups, flip)
    got, shape = theano.function([x, w], [out, out.shape], mode=mode_of_run)(image, kernel)
    np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-11)
    assert tuple(shape) == expected.shape


@pytest.mark.parametrize("mode_of_run", ["reference", None], ids=["reference", "compiled"])
@pytest.mark.parametrize(("mode", "steps", "dilation", "groups", "flip"), CASES[::2])
def test_gradients_belong_to_the_bilinear_form_of_loops(
    mode, steps, dilation, groups, flip, mode_of_run
):
    image = RNG.normal(size=(2, 2 * groups, 7, 8))
    kernel = RNG.normal(size=(2 * groups, 2, 3, 2))
    x, w, g = T.dtensor4(), T.dtensor4(), T.dtensor4()
    out = T.nnet.conv2d(
        x, w, None, None, mode, steps, flip, filter_dilation=dilation, num_groups=groups
    )
    settings = (mode, steps, dilation, groups, flip)
    top = RNG.normal(size=convolved(image, kernel, *settings).shape)
    derive = theano.function([x, w, g], T.Lop(out, [x, w], g), mode=mode_of_run)
    of_image, of_kernel = derive(image, kernel, top)
    for _ in range(2):
        v, u = RNG.normal(size=image.shape), RNG.normal(size=kernel.shape)
        wanted = (convolved(v, kernel, *settings) * top).sum()
        np.testing.assert_allclose((of_image * v).sum(), wanted, rtol=1e-9)
        wanted = (convolved(image, u, *settings) * top).sum()
        np.testing.assert_allclose((of_kernel * u).sum(), wanted, rtol=1e-9)


def test_one_channel_is_what_scipy_computes():
    image, kernel = RNG.normal(size=(6, 7)), RNG.normal(size=(3, 2))
    x, w = T.dmatrix(), T.dmatrix()
    for mode in ("valid", "full"):
        out = T.signal.conv.conv2d(x, w, border_mode=mode)
        expected = signal.convolve2d(image, kernel, mode=mode)
        np.testing.assert_allclose(run([x, w], out, [image, kernel]), expected, rtol=1e-11)


@pytest.mark.parametrize("mode", ["valid", "half", (2, 0, 1)])
def test_conv3d_equals_loops(mode):
    image, kernel = RNG.normal(size=(2, 2, 5, 4, 6)), RNG.normal(size=(3, 2, 2, 3, 2))
    x, w = T.dtensor5(), T.dtensor5()
    out = T.nnet.conv3d(x, w, border_mode=mode, subsample=(1, 2, 2), filter_dilation=(2, 1, 1))
    expected = convolved(image, kernel, mode, (1, 2, 2), (2, 1, 1))
    np.testing.assert_allclose(theano.function([x, w], out)(image, kernel), expected, rtol=1e-10)


def test_derivatives_of_first_and_second_order_and_forward_mode():
    x, w = T.dtensor4(), T.dtensor4()
    out = T.nnet.conv2d(x, w, border_mode=(1, 0), subsample=(2, 1), filter_dilation=(1, 2))
    arrays = [RNG.normal(size=(1, 2, 4, 4)), RNG.normal(size=(2, 2, 2, 2))]
    check_derivatives(T.sum(T.tanh(out)), [x, w], arrays)


@pytest.mark.parametrize("of", ["inputs", "weights"])
def test_gradients_have_derivatives_themselves(of):
    a, b = T.dtensor4(), T.dtensor4()
    shapes = {"inputs": ((2, 1, 2, 2), (1, 2, 3, 3)), "weights": ((1, 1, 4, 4), (1, 2, 3, 3))}[of]
    if of == "inputs":
        out = T.nnet.conv2d_grad_wrt_inputs(b, a, (None, None, 4, 4))
    else:
        out = T.nnet.conv2d_grad_wrt_weights(a, b, (None, None, 2, 2))
    arrays = [RNG.normal(size=shape) for shape in shapes]
    check_derivatives(T.sum(T.sin(out)), [a, b], arrays, order=1)


def test_unshared_filters_are_the_shared_ones_where_all_are_alike():
    image, kernel = RNG.normal(size=(2, 3, 5, 6)), RNG.normal(size=(4, 3, 2, 3))
    x, w, own = T.dtensor4(), T.dtensor4(), T.TensorType("float64", (False,) * 6)()
    alike = np.broadcast_to(kernel[:, None, None], (4, 4, 4, 3, 2, 3))
    outs = [T.nnet.conv2d(x, w), T.nnet.conv2d(x, own, unshared=True)]
    costs = [T.grad(T.sum(out**2), [x, f]) for out, f in zip(outs, (w, own), strict=True)]
    f = theano.function([x, w, own], [*outs, *costs[0], *costs[1]])
    shared, single, gx, gw, hx, hw = f(image, kernel, alike)
    np.testing.assert_allclose(single, shared, rtol=1e-11)
    np.testing.assert_allclose(hx, gx, rtol=1e-10)
    np.testing.assert_allclose(hw.sum(axis=(1, 2)), gw, rtol=1e-10)


def test_a_transposed_convolution_undoes_the_shape_of_a_strided_one():
    x, w = T.dtensor4(), T.dtensor4()
    out = T.nnet.conv2d_transpose(
        x, w, (None, None, 9, 8), border_mode="half", input_dilation=(2, 2)
    )
    image, kernel = RNG.normal(size=(2, 3, 5, 4)), RNG.normal(size=(3, 4, 3, 3))
    back = theano.function([x, w], out)(image, kernel)
    assert back.shape == (2, 4, 9, 8)
    # the transpose of a map: <A v, image> = <v, A' image>
    v = RNG.normal(size=back.shape)
    forward = convolved(v, kernel, "half", (2, 2), (1, 1))
    np.testing.assert_allclose((forward * image).sum(), (back * v).sum(), rtol=1e-10)


def test_lengths_of_a_gradient_may_be_computed():
    x, w, n = T.dtensor4(), T.dtensor4(), T.lscalar()
    out = T.nnet.conv2d_grad_wrt_inputs(x, w, (None, None, n, n + 1))
    f = theano.function([x, w, n], [out, out.shape])
    got, shape = f(RNG.normal(size=(1, 2, 3, 4)), RNG.normal(size=(2, 3, 2, 2)), 4)
    assert got.shape == tuple(shape) == (1, 3, 4, 5)


@pytest.mark.parametrize("dtype", ["float16", "int8", "uint8", "int64"])
def test_other_dtypes_run_by_numpy(dtype):
    x, w = T.tensor4(dtype=dtype), T.tensor4(dtype=dtype)
    image = RNG.integers(0, 3, (2, 2, 5, 5)).astype(dtype)
    kernel = RNG.integers(0, 3, (1, 2, 3, 3)).astype(dtype)
    got = theano.function([x, w], T.nnet.conv2d(x, w))(image, kernel)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, convolved(image, kernel, "valid", (1, 1), (1, 1)))


def test_a_separable_convolution_is_two():
    x, d, p = T.dtensor4(), T.dtensor4(), T.dtensor4()
    out = T.nnet.separable_conv2d(x, d, p, 3, border_mode="half", subsample=(2, 1))
    image, depth = RNG.normal(size=(2, 3, 5, 6)), RNG.normal(size=(6, 1, 3, 3))
    points = RNG.normal(size=(4, 6, 1, 1))
    between = convolved(image, depth, "half", (2, 1), (1, 1), groups=3)
    expected = np.einsum("bchw,mc->bmhw", between, points[:, :, 0, 0])
    np.testing.assert_allclose(theano.function([x, d, p], out)(image, depth, points), expected)


def test_a_causal_convolution_sees_no_future():
    x, w = T.dtensor3(), T.dtensor3()
    out = T.nnet.causal_conv1d(x, w, (2, 3, 4), filter_dilation=2)
    f = theano.function([x, w], out)
    sequence, kernel = RNG.normal(size=(1, 3, 9)), RNG.normal(size=(2, 3, 4))
    changed = sequence.copy()
    changed[..., 5:] += 1
    before, after = f(sequence, kernel), f(changed, kernel)
    assert before.shape == (1, 2, 9)
    np.testing.assert_array_equal(before[..., :5], after[..., :5])
    assert (before[..., 5:] != after[..., 5:]).all()


def test_correlations_of_corr_are_convolutions_not_flipped():
    x, w = T.dtensor4(), T.dtensor4()
    image, kernel = RNG.normal(size=(1, 2, 5, 5)), RNG.normal(size=(2, 2, 3, 3))
    out = corr.CorrMM("half", (2, 1))(x, w)
    back = corr.CorrMM_gradInputs()(w, x)
    expected = convolved(image, kernel, "half", (2, 1), (1, 1), flip=False)
    np.testing.assert_allclose(theano.function([x, w], out)(image, kernel), expected)
    assert theano.function([x, w], back)(image, kernel).shape == (1, 2, 7, 7)
    with pytest.raises(ValueError, match="not determined"):
        corr.CorrMM_gradInputs(subsample=(2, 2))(w, x)


def test_videos_have_time_before_channels():
    x, w = T.dtensor5(), T.dtensor5()
    video, kernel = RNG.normal(size=(1, 4, 2, 5, 5)), RNG.normal(size=(3, 2, 2, 3, 3))
    out = theano.function([x, w], T.nnet.conv3d2d.conv3d(x, w))(video, kernel)
    swapped = [v.transpose(0, 2, 1, 3, 4) for v in (video, kernel)]
    expected = convolved(*swapped, "valid", (1, 1, 1), (1, 1, 1))
    np.testing.assert_allclose(out, expected.transpose(0, 2, 1, 3, 4))


def test_ops_with_equal_settings_are_equal_however_they_were_written():
    assert AbstractConv2d(border_mode=1) == AbstractConv2d(border_mode=((1, 1), 1))
    assert AbstractConv2d(border_mode=(0, (0, 0))) == AbstractConv2d(None, (None,) * 4)
    assert AbstractConv2d(subsample=(2, 1)) != AbstractConv2d()


def test_declared_shapes_are_checked_when_asked_for():
    x, w = T.dtensor4(), T.dtensor4()
    arrays = np.ones((2, 1, 5, 5)), np.ones((1, 1, 3, 3))
    out = T.nnet.conv2d(x, w, input_shape=(3, 1, 5, 5))
    assert theano.function([x, w], out)(*arrays).shape == (2, 1, 3, 3)
    with theano.change_flags(**{"conv.assert_shape": True}):
        out = T.nnet.conv2d(x, w, input_shape=(3, 1, 5, 5))
        with pytest.raises(AssertionError, match="imshp"):
            theano.function([x, w], out)(*arrays)


@pytest.mark.parametrize(
    ("image", "kernel", "groups", "text"),
    [
        ((1, 3, 4, 4), (1, 2, 2, 2), 1, "number of channels"),
        ((1, 2, 4, 4), (1, 2, 5, 2), 1, "no output"),
        ((1, 3, 4, 4), (2, 1, 2, 2), 2, "divisible"),
        ((1, 4, 4, 4), (3, 2, 2, 2), 2, "divisible"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_by_name(image, kernel, groups, text):
    x, w = T.dtensor4(), T.dtensor4()
    f = theano.function([x, w], T.nnet.conv2d(x, w, num_groups=groups))
    with pytest.raises(ValueError, match=text):
        f(np.ones(image), np.ones(kernel))


def test_a_gradient_of_another_shape_than_the_output_is_refused():
    x, w = T.dtensor4(), T.dtensor4()
    f = theano.function([x, w], T.nnet.conv2d_grad_wrt_inputs(x, w, (None, None, 9, 9)))
    with pytest.raises(ValueError, match="another shape than the output"):
        f(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)))


def test_no_images_give_no_output_and_gradients_of_zeros():
    x, w = T.dtensor4(), T.dtensor4()
    out = T.nnet.conv2d(x, w)
    f = theano.function([x, w], [out, *T.grad(T.sum(out), [x, w])])
    got, of_image, of_kernel = f(np.ones((0, 2, 4, 4)), np.ones((3, 2, 2, 2)))
    assert got.shape == (0, 3, 3, 3)
    assert of_image.shape == (0, 2, 4, 4)
    np.testing.assert_array_equal(of_kernel, np.zeros((3, 2, 2, 2)))


def test_shape_arithmetic_takes_expressions():
    n = T.lscalar()
    shape = abstract_conv.get_conv_output_shape((1, 1, n, 8), (1, 1, 3, 3), "half", (2, 1))
    assert shape[2].eval({n: 9}) == 5
    checked = abstract_conv.assert_conv_shape((1, 1, n - 5, 4))
    assert checked[2].eval({n: 9}) == 4
    with pytest.raises(AssertionError, match="invalid shape"):
        checked[2].eval({n: 5})
    with pytest.raises(ValueError, match="invalid shape"):
        abstract_conv.assert_conv_shape((1, 1, 0, 4))


@pytest.mark.parametrize("ratio", [2, 3, (3, 2), ((5, 3), (4, 1))])
def test_bilinear_upsampling_is_linear_interpolation_along_both_axes(ratio):
    image = RNG.normal(size=(2, 1, 4, 5))
    x = T.dtensor4()
    if isinstance(ratio, int):
        out = abstract_conv.bilinear_upsampling(x, ratio)
        pairs = [(ratio, 1)] * 2
    else:
        out = abstract_conv.bilinear_upsampling(x, frac_ratio=ratio, use_1D_kernel=False)
        pairs = ratio if isinstance(ratio[0], tuple) else [ratio] * 2
    expected = image
    for axis, (p, q) in zip((2, 3), pairs, strict=True):
        length = image.shape[axis]
        at = (np.arange((length * p - 1) // q + 1) * q - (p - 1) // 2) / p
        expected = np.apply_along_axis(
            lambda line, at=at, n=length: np.interp(at, np.arange(n), line), axis, expected
        )
    np.testing.assert_allclose(theano.function([x], out)(image), expected, atol=1e-12)
