"""Fourier transforms against NumPy's, their gradients against differences."""

import numpy as np
import pytest
from tests.numeric import check_derivatives, run

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.tensor.fft import irfft, irfft_op, rfft, rfft_op

RNG = np.random.default_rng(5)
# Even, odd, short, and several transformed lengths.
SHAPES = [(2, 6), (2, 5), (3, 1), (1, 2), (2, 3, 4), (2, 4, 3), (1, 2, 3, 5)]


def symbol(value, name):
    return T.TensorType(value.dtype, (False,) * value.ndim)(name)


def transform(build, value):
    x = symbol(value, "x")
    return theano.function([x], build(x))(value)


def as_complex(pairs):
    return pairs[..., 0] + 1j * pairs[..., 1]


def as_pairs(spectrum):
    return np.stack([spectrum.real, spectrum.imag], axis=-1)


def axes(value):
    return tuple(range(1, value.ndim))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("norm", "numpys"), [(None, "backward"), ("ortho", "ortho"), ("no_norm", "backward")]
)
def test_rfft_is_numpys_in_pairs(shape, norm, numpys):
    x = RNG.normal(size=shape)
    got = transform(lambda v: rfft(v, norm), x)
    np.testing.assert_allclose(
        as_complex(got), np.fft.rfftn(x, axes=axes(x), norm=numpys), atol=1e-13
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("norm", "numpys"), [(None, "backward"), ("ortho", "ortho"), ("no_norm", "forward")]
)
def test_irfft_is_numpys_of_pairs(shape, norm, numpys):
    spectrum = np.fft.rfftn(RNG.normal(size=shape), axes=range(1, len(shape)))
    got = transform(lambda v: irfft(v, norm, is_odd=shape[-1] % 2 == 1), as_pairs(spectrum))
    exact = np.fft.irfftn(spectrum, shape[1:], range(1, len(shape)), norm=numpys)
    np.testing.assert_allclose(got, exact, atol=1e-12)


@pytest.mark.parametrize("norm", [None, "ortho"])
def test_irfft_undoes_rfft(norm):
    x = RNG.normal(size=(2, 4, 6))
    np.testing.assert_allclose(transform(lambda v: irfft(rfft(v, norm), norm), x), x, atol=1e-14)


def test_results_have_the_dtype_of_the_operand():
    x = RNG.normal(size=(2, 6)).astype("float32")
    assert transform(rfft, x).dtype == "float32"
    assert transform(lambda v: irfft(rfft(v)), x).dtype == "float32"


@pytest.mark.parametrize("shape", [(2, 4), (1, 5), (1, 2, 4), (1, 3, 3)])
@pytest.mark.parametrize("norm", [None, "ortho"])
def test_derivatives_of_rfft_are_numeric_ones(shape, norm):
    value = RNG.normal(size=shape)
    x = symbol(value, "x")
    weights = RNG.normal(size=transform(rfft, value).shape)
    check_derivatives(T.sum(rfft(x, norm) ** 2 * weights), [x], [value])


@pytest.mark.parametrize("shape", [(2, 3, 2), (1, 2, 3, 2)])
@pytest.mark.parametrize("is_odd", [False, True])
def test_derivatives_of_irfft_are_numeric_ones(shape, is_odd):
    value = RNG.normal(size=shape)
    x = symbol(value, "x")
    weights = RNG.normal(size=transform(lambda v: irfft(v, is_odd=is_odd), value).shape)
    check_derivatives(T.sum(irfft(x, is_odd=is_odd) ** 2 * weights), [x], [value])


@pytest.mark.parametrize("length", [3, 4, 8])
def test_given_lengths_cut_or_pad_as_numpys(length):
    value = RNG.normal(size=(2, 5))
    x = symbol(value, "x")
    got = rfft_op(x, [length])
    exact = np.fft.rfft(value, length)
    np.testing.assert_allclose(as_complex(run([x], got, [value])), exact, atol=1e-14)
    check_derivatives(T.sum(got**2), [x], [value], order=1)


def test_a_wrong_last_length_of_a_spectrum_is_refused():
    with pytest.raises(ValueError, match="real and the imaginary part"):
        transform(irfft, np.ones((2, 3, 3)))


def test_lengths_below_one_are_refused():
    with pytest.raises(ValueError, match="Invalid number of FFT data points"):
        transform(lambda v: rfft_op(v, [0]), np.ones((2, 3)))


def test_operands_that_can_not_be_transformed_are_refused():
    for build, error in [
        (lambda: rfft(T.dvector()), TypeError),
        (lambda: irfft(T.dmatrix()), TypeError),
        (lambda: rfft(T.lmatrix()), TypeError),
        (lambda: rfft(T.zmatrix()), TypeError),
        (lambda: rfft_op(T.dmatrix(), [2.5]), TypeError),
        (lambda: irfft_op(T.dtensor3(), 4), TypeError),
        (lambda: rfft(T.dmatrix(), "none"), ValueError),
        (lambda: irfft(T.dtensor3(), is_odd=2), ValueError),
    ]:
        with pytest.raises(error):
            build()
