"""Pooling: the largest element, sum or average of windows over the last axes of a tensor.

Windows may overlap and may be padded; sizes, steps and padding are inputs of the ops, so that they
may be computed. The gradients stand in `pooling_gradients`.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from tensorsym.errors import DTypeError, RankError, ShapeError
from tensorsym.extend import Registry
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.convolution_shapes import spatial_lengths
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.pooling_values import Windows, maximum_of, pooled
from tensorsym.language.shape import constant_length, shape_entries
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage

__all__ = ["GRADIENTS", "MODES", "Pool", "Pooling", "pool_2d", "pool_3d"]

MODES = ("max", "sum", "average_inc_pad", "average_exc_pad")

# Name -> op class of a derivative of Pool.
GRADIENTS: Registry[str, Any] = Registry("gradients of pooling")


class PoolingError(ShapeError, NotImplementedError):
    """Padding of a pooling is given without ignore_border, or as large as a window.

    Cure: pool with `ignore_border=True`, and pad by less than the window's size.
    """


def output_length(length: Any, window: Any, stride: Any, pad: Any, ignore_border: bool) -> Any:
    """Return how many windows there are along an axis, of ints or scalar expressions."""
    total = length + 2 * pad
    numbers = all(isinstance(n, int) for n in (total, window, stride))
    largest = max if numbers else FUNCTIONS["maximum"]
    if ignore_border:
        return largest((total - window) // stride + 1, 0)
    # The last window may be partial, but begins inside.
    apart = (total - 1) // stride + 1
    overlapping = largest((total - 1 - window) // stride + 1, 0) + 1
    if numbers:
        return apart if stride >= window else overlapping
    return FUNCTIONS["switch"](FUNCTIONS["ge"](stride, window), apart, overlapping)


class Pooling(Op):
    """What pooling and its gradients have in common.

    Parameters
    ----------
    ignore_border : bool
        Whether windows that do not fit at the end are dropped; they are partial windows if not.
    mode : {'max', 'sum', 'average_inc_pad', 'average_exc_pad'}
        What is taken of a window; the averages count padding or do not.
    ndim : int
        Number of last axes that are pooled.
    openmp : bool, optional
        Kept for Theano programs.
    """

    __props__ = ("ignore_border", "mode", "ndim")

    def __init__(
        self,
        ignore_border: bool = False,
        mode: str = "max",
        ndim: int = 2,
        openmp: bool | None = None,
    ) -> None:
        mode = "max" if mode == "max_deterministic" else mode
        if mode not in MODES:
            raise ShapeError(
                f"there is no pooling by {mode!r}", expected=", ".join(map(repr, MODES))
            )
        self.ignore_border = bool(ignore_border)
        self.mode = mode
        self.ndim = int(ndim)

    def parameters(self, ws: Any, stride: Any, pad: Any) -> list[Any]:
        """Return sizes, steps and padding as vectors, checked as far as they are known."""
        n_axes = self.ndim
        stride = ws if stride is None else stride
        pad = (0,) * n_axes if pad is None else pad
        if isinstance(pad, tuple | list):
            self._check_padding(pad, ws if isinstance(ws, tuple | list) else None)
        vectors = [as_tensor_variable(v) for v in (ws, stride, pad)]
        for name, v in zip(("window's size", "stride", "padding"), vectors, strict=True):
            if v.type.ndim != 1:
                raise RankError(f"the {name} must be a vector", got=f"{v} of type {v.type}")
            if v.type.dtype == "bool" or not is_discrete(v.type.dtype):
                raise DTypeError(f"the {name} must be of integers", got=f"{v} of type {v.type}")
        return vectors

    def _check_padding(self, pad: Sequence[Any], ws: Sequence[Any] | None) -> None:
        known = [p for p in pad if isinstance(p, int)]
        if known and max(known) > 0 and not self.ignore_border:
            raise PoolingError("padding works only with ignore_border=True", got=str(tuple(pad)))
        for p, w in zip(pad, ws or (), strict=False):
            if isinstance(p, int) and isinstance(w, int) and p >= w:
                raise PoolingError(
                    "padding must be smaller than the window", got=f"pad={pad}, ws={ws}"
                )

    def check_rank(self, *operands: Any) -> None:
        """Raise unless the tensors have one rank, at least the number of pooled axes."""
        ranks = {v.type.ndim for v in operands}
        if len(ranks) > 1 or min(ranks) < self.ndim:
            raise RankError(
                f"pooling needs tensors of at least {self.ndim} dimensions, all of one rank",
                got=", ".join(str(v.type) for v in operands),
            )

    def windows(
        self, node: Apply, shape: tuple[int, ...], ws: Any, stride: Any, pad: Any
    ) -> Windows:
        """Return the windows over an array of a shape, or raise a ShapeError."""
        lengths = shape[len(shape) - self.ndim :]
        settings = [tuple([int(n) for n in v]) for v in (ws, stride, pad)]
        if any(len(v) != self.ndim for v in settings):
            raise ShapeError(
                f"{self.ndim} window sizes, strides and paddings are needed", got=str(settings)
            )
        window, steps, margins = settings
        wrong = min(window) < 1 or min(steps) < 1 or min(margins) < 0
        wrong = wrong or any(p >= w for p, w in zip(margins, window, strict=True))
        if not self.ignore_border:
            wrong = wrong or max(margins) > 0 or min(lengths) < 1
        if wrong:
            raise ShapeError(
                "these windows can not pool this array",
                got=f"an array of shape {shape}, windows {window}, stride {steps}, pad {margins}, "
                f"ignore_border={self.ignore_border}",
                origin=node.origin,
            )
        per_axis = zip(lengths, window, steps, margins, strict=True)
        output = tuple([self._output_length(one) for one in per_axis])
        return Windows(lengths, output, window, steps, margins)

    def _output_length(self, of_axis: tuple[Any, Any, Any, Any]) -> Any:
        length, window, stride, pad = of_axis
        return output_length(length, window, stride, pad, self.ignore_border)

    def output_shape(self, shape: Any, parameters: Sequence[Any]) -> tuple[Any, ...]:
        """Return the shape after pooling, of ints or expressions and the three vectors."""
        entries = [shape_entries(v, self.ndim) for v in parameters]
        leading = tuple(shape)[: len(shape) - self.ndim]
        per_axis: Any = zip(tuple(shape)[len(leading) :], *entries, strict=True)
        return (*leading, *[self._output_length(one) for one in per_axis])

    def pooled_type(self, x: Any, parameters: Sequence[Any]) -> TensorType:
        """Return the type after pooling `x`."""
        leading = x.type.shape[: x.type.ndim - self.ndim]
        known = [[constant_length(n) for n in shape_entries(v, self.ndim)] for v in parameters]
        per_axis: Any = list(zip(x.type.shape[len(leading) :], *known, strict=True))
        lengths = [None if None in one else self._output_length(one) for one in per_axis]
        return TensorType(x.type.dtype, shape=[*leading, *spatial_lengths(lengths)])

    def disconnected(self) -> list[Any]:
        """Return the gradients with respect to sizes, steps and padding."""
        return [FUNCTIONS["disconnected"]() for _ in range(3)]


class Pool(Pooling):
    """The largest element, sum or average of windows over the last axes."""

    def make_node(self, x: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        """Return the application on a tensor, and vectors of sizes, steps and padding."""
        x = as_tensor_variable(x)
        self.check_rank(x)
        parameters = self.parameters(ws, stride, pad)
        return Apply(self, [x, *parameters], [self.pooled_type(x, parameters)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Pool with NumPy."""
        x, *parameters = inputs
        windows = self.windows(node, x.shape, *parameters)
        output_storage[0][0] = (
            maximum_of(x, windows) if self.mode == "max" else pooled(x, windows, self.mode)
        )

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape after pooling."""
        return [self.output_shape(shapes[0], node.inputs[1:])]

    @staticmethod
    def out_shape(
        imgshape: Any,
        ws: Any = None,
        ignore_border: bool = False,
        stride: Any = None,
        pad: Any = None,
        ndim: int = 2,
    ) -> list[Any]:
        """Return the shape after pooling a tensor of shape `imgshape`, as Theano's method does."""
        if ws is None:
            raise ShapeError("the window's size is needed")
        stride = ws if stride is None else stride
        pad = (0,) * ndim if pad is None else pad
        leading = list(imgshape[: len(imgshape) - ndim])
        per_axis = zip(imgshape[len(leading) :], ws, stride, pad, strict=True)
        return leading + [output_length(*one, ignore_border=ignore_border) for one in per_axis]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that only the tensor is connected."""
        return [[True], [False], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient's op: to the largest elements, or to all of a window."""
        (x, *parameters), (g,) = inputs, output_grads
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x), *self.disconnected()]
        if self.mode == "max":
            op = GRADIENTS["max"](self.ignore_border, self.ndim)
            return [op(x, outputs[0], g, *parameters), *self.disconnected()]
        op = GRADIENTS["average"](self.ignore_border, self.mode, self.ndim)
        return [op(x, g, *parameters), *self.disconnected()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent pooled, or, of the largest elements, summed."""
        (x, *parameters), (tangent, *_) = inputs, eval_points
        if tangent is None:
            return [None]
        if self.mode != "max":
            return [self(tangent, *parameters)]
        op = GRADIENTS["at_maximum"](self.ignore_border, ndim=self.ndim)
        return [op(x, self(*inputs), tangent, *parameters)]


def _pool(input: Any, n_axes: int, settings: dict[str, Any], older: dict[str, Any]) -> Any:
    """Return a pooling; `older` names of settings stand in for the settings, with a warning."""
    zeros = (0,) * n_axes
    for old, new, unset in (("ds", "ws", None), ("st", "stride", None), ("padding", "pad", zeros)):
        if older[old] is None:
            continue
        if settings[new] is not None and settings[new] != unset:
            raise ShapeError(f"{new} and {old} are one setting: give only {new}")
        warnings.warn(f"pool_{n_axes}d's {old} is now called {new}", stacklevel=3)
        settings[new] = older[old]
    if settings["ws"] is None:
        raise ShapeError("pooling needs the window's size, ws")
    input = as_tensor_variable(input)
    if input.type.ndim < n_axes:
        raise PoolingError(
            f"pool_{n_axes}d requires at least {n_axes} dimensions", got=str(input.type)
        )
    if settings["ignore_border"] is None:
        warnings.warn(
            f"pool_{n_axes}d without ignore_border keeps partial windows: say ignore_border=False, "
            "or True to drop them",
            stacklevel=3,
        )
    op = Pool(bool(settings["ignore_border"]), settings["mode"], n_axes)
    return op(input, settings["ws"], settings["stride"], settings["pad"])


@public("pool_2d")
def pool_2d(
    input: Any,
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Any:
    """Return the largest element, sum or average of windows over the last two axes.

    Parameters
    ----------
    input : tensor
        Of at least two dimensions.
    ws : pair of int, or vector of integers
        Size of a window.
    ignore_border : bool, optional
        Whether windows that do not fit at the end are dropped. If not, they are partial windows;
        that is the default, with a warning.
    stride : pair of int, or vector, optional
        Step from window to window, `ws` if not given.
    pad : pair of int, or vector
        Zeros at both ends of an axis; 'max' and 'sum' take no notice of them.
    mode : {'max', 'sum', 'average_inc_pad', 'average_exc_pad'}
        What is taken of a window; the averages count padding or do not.
    ds, st, padding : optional
        Older names of `ws`, `stride` and `pad`.

    Returns
    -------
    TensorVariable
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        For settings that mean nothing; at run time for windows that do not fit.
    NotImplementedError
        For padding without `ignore_border`, or as large as a window, and for vectors.

    Notes
    -----
    The gradient of 'max' goes to every element that equals the largest, as in Theano.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.pool_2d(T.ftensor4(), (2, 2), ignore_border=True).type
    TensorType(float32, 4D)
    """
    settings = {
        "ws": ws,
        "ignore_border": ignore_border,
        "stride": stride,
        "pad": pad,
        "mode": mode,
    }
    return _pool(input, 2, settings, {"ds": ds, "st": st, "padding": padding})


@public("pool_3d")
def pool_3d(
    input: Any,
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Any:
    """Return the largest element, sum or average of windows over the last three axes.

    Parameters
    ----------
    input : tensor
        Of at least three dimensions.
    ws, ignore_border, stride, pad, mode, ds, st, padding
        As for `pool_2d`, with three axes.

    Returns
    -------
    TensorVariable
        Of the dtype of `input`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.pool_3d(T.ftensor5(), (2, 2, 2), ignore_border=True).ndim
    5
    """
    settings = {
        "ws": ws,
        "ignore_border": ignore_border,
        "stride": stride,
        "pad": pad,
        "mode": mode,
    }
    return _pool(input, 3, settings, {"ds": ds, "st": st, "padding": padding})
