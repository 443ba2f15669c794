"""Fourier transforms of real tensors over all dimensions but the first, by NumPy.

Complex numbers are pairs of reals in a last dimension of length 2, as in Theano.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.errors import DTypeError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.indexing_assignment import inc_subtensor, set_subtensor
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["InverseRealFFT", "RealFFT", "irfft", "irfft_op", "rfft", "rfft_op"]


class FourierOp(Op):
    """A linear transform of a tensor over its last dimensions, of given lengths."""

    __props__ = ()
    least_rank: ClassVar[int]
    added_rank: ClassVar[int]

    def make_node(self, a: Any, s: Any = None) -> Apply:
        """Return the application on a tensor and the real side's lengths, if they are not its own.

        Raises
        ------
        TypeError
            If the tensor is not of real floats or has too few dimensions, or the lengths are no
            vector of integers.
        """
        a = as_tensor_variable(a)
        rank, dtype = a.type.ndim, a.type.dtype
        if not dtype.startswith("float"):
            raise DTypeError("a transform takes real floats", got=f"{a} of type {a.type}")
        if rank < self.least_rank:
            raise RankError(
                "the first dimension is not transformed, others must follow",
                got=f"{rank} dimensions",
                expected=f"at least {self.least_rank}",
            )
        if s is None:
            s = a.shape[1:] if self.added_rank > 0 else _real_lengths(a, is_odd=False)
        s = as_tensor_variable(s)
        if s.type.ndim != 1 or not is_discrete(s.type.dtype):
            raise DTypeError("lengths are a vector of integers", got=f"{s} of type {s.type}")
        return Apply(self, [a, s], [TensorType(dtype, (False,) * (rank + self.added_rank))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the lengths are not connected."""
        return [[True], [False]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the transform of the tangent."""
        return [None if eval_points[0] is None else self(eval_points[0], inputs[1])]


class RealFFT(FourierOp):
    """The half of the spectrum of real numbers that says all: pairs of reals, not scaled."""

    least_rank = 2
    added_rank = 1

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Transform with NumPy."""
        a, s = inputs
        spectrum = np.fft.rfftn(a, tuple(s), tuple(range(-len(s), 0)))
        pairs = np.stack([spectrum.real, spectrum.imag], axis=-1)
        output_storage[0][0] = pairs.astype(a.dtype, copy=False)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the inverse transform, in which the inner frequencies would count twice."""
        x, s = inputs
        found = irfft_op(_weighted(output_grads[0], s, 0.5), s)
        return [_fitted(found, x), FUNCTIONS["disconnected"]()]


class InverseRealFFT(FourierOp):
    """Real numbers from half of their spectrum, not scaled."""

    least_rank = 3
    added_rank = -1

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Transform with NumPy."""
        a, s = inputs
        if a.shape[-1] != 2:
            raise ShapeError(
                "the last dimension holds the real and the imaginary part",
                got=f"shape {a.shape}",
                expected="a last length of 2",
                origin=node.origin,
            )
        spectrum = a[..., 0] + 1j * a[..., 1]
        found = np.fft.irfftn(spectrum, tuple(s), tuple(range(-len(s), 0)), norm="forward")
        output_storage[0][0] = found.astype(a.dtype, copy=False)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the transform, with the inner frequencies doubled: each stands for two."""
        x, s = inputs
        found = _weighted(rfft_op(output_grads[0], s), s, 2.0)
        return [_fitted(found, x), FUNCTIONS["disconnected"]()]


rfft_op = RealFFT()
irfft_op = InverseRealFFT()


def _weighted(pairs: Any, s: Any, weight: float) -> Any:
    """Return a half spectrum with the frequencies scaled that have a mirror image."""
    # The first has none, and the last has none if the length is even.
    inner = pairs[..., 1 : (s[-1] + 1) // 2, :]
    return set_subtensor(inner, inner * np.asarray(weight, pairs.type.dtype))


def _fitted(gradient: Any, x: Any) -> Any:
    """Return a gradient in the shape of `x`: NumPy cuts what is too long and appends zeros."""
    own = tuple(slice(None, gradient.shape[axis]) for axis in range(x.type.ndim))
    cut = tuple(slice(None, x.shape[axis]) for axis in range(x.type.ndim))
    return inc_subtensor(FUNCTIONS["zeros_like"](x)[own], gradient[cut])


def _real_lengths(a: Any, is_odd: bool) -> Any:
    lengths = a.shape[1:-1]
    return set_subtensor(lengths[-1], (lengths[-1] - 1) * 2 + int(is_odd))


def _scaled(x: Any, s: Any, norm: str | None, by_default: bool) -> Any:
    """Return a transform over the lengths `s`, normalised."""
    if norm not in (None, "ortho", "no_norm"):
        raise ValueError(f"norm is None, 'ortho' or 'no_norm', got {norm!r}")
    count = s.prod().astype(x.type.dtype)
    if norm == "ortho":
        return x / FUNCTIONS["sqrt"](count)
    return x / count if norm is None and by_default else x


def rfft(inp: Any, norm: str | None = None) -> Any:
    """Return the discrete Fourier transform over all dimensions but the first.

    Parameters
    ----------
    inp : tensor
        (batch, ..., n) of real floats.
    norm : {None, 'ortho', 'no_norm'}
        'ortho' divides by the square root of the number of elements in a batch; otherwise the
        transform is not scaled.

    Returns
    -------
    TensorVariable
        (batch, ..., n // 2 + 1, 2): real and imaginary parts of the half of the spectrum that has
        no mirror image.

    Raises
    ------
    TypeError
        For other dtypes, and fewer than 2 dimensions.
    ValueError
        For other `norm`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.tensor.fft import rfft
    >>> rfft(T.constant([[1.0, 2.0, 4.0]])).eval().round(3)
    array([[[ 7.   ,  0.   ],
            [-2.   ,  1.732]]])
    """
    inp = as_tensor_variable(inp)
    spectrum = rfft_op(inp)
    return _scaled(spectrum, spectrum.owner.inputs[1], norm, by_default=False)


def irfft(inp: Any, norm: str | None = None, is_odd: bool = False) -> Any:
    """Return the real numbers whose discrete Fourier transform is given.

    Parameters
    ----------
    inp : tensor
        (batch, ..., n // 2 + 1, 2) of real floats, as `rfft` returns.
    norm : {None, 'ortho', 'no_norm'}
        None divides by the number of elements in a batch, 'ortho' by its square root; 'no_norm'
        does not scale.
    is_odd : bool
        Whether n is odd.

    Returns
    -------
    TensorVariable
        (batch, ..., n).

    Raises
    ------
    TypeError
        For other dtypes, and fewer than 3 dimensions.
    ValueError
        For other `norm` and other `is_odd`; at run time for a last length other than 2.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.tensor.fft import irfft, rfft
    >>> irfft(rfft(T.constant([[1.0, 2.0, 4.0]])), is_odd=True).eval().round(9)
    array([[1., 2., 4.]])
    """
    if is_odd not in (True, False):
        raise ValueError(f"is_odd is True or False, got {is_odd!r}")
    inp = as_tensor_variable(inp)
    numbers = irfft_op(inp, _real_lengths(inp, is_odd) if inp.type.ndim > 2 else None)
    return _scaled(numbers, numbers.owner.inputs[1], norm, by_default=True)
