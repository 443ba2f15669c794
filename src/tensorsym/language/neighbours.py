"""Neighbourhoods of images as rows of a matrix, and images from such rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.reshape import reshape
from tensorsym.language.shape import MakeVector, ShapeOf, shape_entries
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Images2Neibs", "Neibs2Images", "images2neibs", "neibs2images"]

MODES = ("valid", "half", "full", "wrap_centered", "ignore_borders")


class NeighbourModeError(ShapeError, NotImplementedError):
    """There is no such way to treat borders.

    Cure: 'valid', 'half', 'full', 'wrap_centered' or 'ignore_borders'; back to images 'valid' or
    'ignore_borders'.
    """


class NeighbourhoodError(RankError, ShapeError):
    """Neighbourhoods, their steps and the image's size do not fit (a TypeError, as in Theano)."""


def _margin(size: Any, mode: str) -> Any:
    """Return the zeros before the image."""
    return {"half": size // 2, "full": size - 1}.get(mode, 0)


def _count(length: Any, size: Any, step: Any, mode: str) -> Any:
    """Return how many neighbourhoods there are along an axis."""
    if mode == "wrap_centered":
        return (length + step - 1) // step
    return (length + 2 * _margin(size, mode) - size) // step + 1


def _places(length: int, size: int, step: int, mode: str) -> np.ndarray[Any, Any]:
    """Return (neighbourhood, place in it) -> place in the image, or `length` for padding."""
    if size <= 0 or step <= 0:
        raise ShapeError(
            "sizes and steps of neighbourhoods are positive", got=f"size {size}, step {step}"
        )
    wraps = mode == "wrap_centered"
    rest = (length + 2 * _margin(size, mode) - size) % step
    loose = mode in ("wrap_centered", "ignore_borders")
    if (length < size and mode != "ignore_borders") or (rest and not loose):
        raise NeighbourhoodError(
            f"neighbourhoods of {size} by steps of {step} do not fit into {length} elements",
            got=f"mode {mode!r}",
        )
    if wraps and size % 2 == 0:
        raise NeighbourhoodError("mode 'wrap_centered' needs odd sizes", got=str(size))
    starts = np.arange(max(0, _count(length, size, step, mode))) * step
    before = size // 2 if wraps else _margin(size, mode)
    places = starts[:, None] + np.arange(size) - before
    if wraps:
        return places % length
    return np.where((places < 0) | (places >= length), length, places)


class _Neighbourhoods(Op):
    """What the op and its gradient have in common."""

    __props__ = ("mode",)

    def __init__(self, mode: str = "valid") -> None:
        if mode not in MODES:
            raise NeighbourModeError(f"there is no mode {mode!r}", expected=", ".join(MODES))
        self.mode = mode

    def _vector(self, v: Any, name: str) -> Any:
        if isinstance(v, tuple | list):
            v = MakeVector()(*[FUNCTIONS["cast"](n, "int64") for n in v])
        v = as_tensor_variable(v)
        if v.type.ndim != 1 or not is_discrete(v.type.dtype):
            raise RankError(f"{name} must be a vector of integers", got=f"{v} of type {v.type}")
        return v

    def _grid(self, lengths: Any, shape: Any, step: Any) -> list[np.ndarray[Any, Any]]:
        if len(shape) != 2 or len(step) != 2:
            raise ShapeError("neighbourhoods have rows and columns", got=f"{shape}, {step}")
        axes = zip(lengths, shape, step, strict=True)
        return [_places(int(n), int(size), int(by), self.mode) for n, size, by in axes]


class Images2Neibs(_Neighbourhoods):
    """Each neighbourhood of each image as a row."""

    def make_node(self, ten4: Any, neib_shape: Any, neib_step: Any = None) -> Apply:
        """Return the application on images, sizes, and steps (the sizes if not given)."""
        ten4, neib_shape = as_tensor_variable(ten4), self._vector(neib_shape, "neib_shape")
        neib_step = neib_shape if neib_step is None else self._vector(neib_step, "neib_step")
        if ten4.type.ndim != 4:
            raise RankError("images are a tensor of four dimensions", got=f"{ten4}: {ten4.type}")
        out = TensorType(ten4.type.dtype, shape=(None, None))
        return Apply(self, [ten4, neib_shape, neib_step], [out()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Gather with NumPy."""
        images, shape, step = inputs
        rows, columns = self._grid(images.shape[2:], shape, step)
        padded = np.pad(images, ((0, 0), (0, 0), (0, 1), (0, 1)))
        found = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
        n_neighbourhoods = int(np.prod(found.shape[:4]))
        output_storage[0][0] = found.reshape(n_neighbourhoods, found.shape[4] * found.shape[5])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the number of neighbourhoods and their size."""
        batch, channels, *lengths = shapes[0]
        sizes, steps = (shape_entries(v, 2) for v in node.inputs[1:])
        n_rows, n_columns = (
            _count(*one, self.mode) for one in zip(lengths, sizes, steps, strict=True)
        )
        return [(batch * channels * n_rows * n_columns, sizes[0] * sizes[1])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that sizes and steps are not connected."""
        return [[True], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the images that the gradient's rows add up to."""
        images, shape, step = inputs
        nothing = [FUNCTIONS["disconnected"]() for _ in range(2)]
        if is_discrete(images.type.dtype):
            return [FUNCTIONS["zero_gradient"](images), *nothing]
        lengths = MakeVector()(*[ShapeOf(d)(images) for d in range(4)])
        back = Neibs2Images(self.mode)(output_grads[0], shape, step, lengths)
        return [FUNCTIONS["patternbroadcast"](back, images.type.broadcastable), *nothing]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent's neighbourhoods."""
        tangent = eval_points[0]
        return [None if tangent is None else self(tangent, *inputs[1:])]


class Neibs2Images(_Neighbourhoods):
    """Images to which each row of a matrix adds one neighbourhood: the transpose of the above."""

    def make_node(self, neibs: Any, neib_shape: Any, neib_step: Any, image_shape: Any) -> Apply:
        """Return the application on rows, sizes, steps and the shape of the images."""
        vectors = [self._vector(v, "a shape") for v in (neib_shape, neib_step, image_shape)]
        neibs = as_tensor_variable(neibs)
        out = TensorType(neibs.type.dtype, shape=(None,) * 4)
        return Apply(self, [neibs, *vectors], [out()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Add up with NumPy, one place of the neighbourhoods after the other."""
        neibs, shape, step, lengths = inputs
        batch, channels, n_rows, n_columns = (int(n) for n in lengths)
        rows, columns = self._grid((n_rows, n_columns), shape, step)
        parts = neibs.reshape(batch, channels, len(rows), len(columns), *[int(n) for n in shape])
        padded = np.zeros((batch, channels, n_rows + 1, n_columns + 1), dtype=neibs.dtype)
        for i, j in np.ndindex(*parts.shape[4:]):
            padded[:, :, rows[:, None, i], columns[None, :, j]] += parts[..., i, j]
        output_storage[0][0] = np.ascontiguousarray(padded[:, :, :n_rows, :n_columns])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the images."""
        return [tuple(shape_entries(node.inputs[3], 4))]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that only the rows are connected."""
        return [[True], [False], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient's neighbourhoods."""
        _, shape, step, _ = inputs
        back = Images2Neibs(self.mode)(output_grads[0], shape, step)
        return [back, *[FUNCTIONS["disconnected"]() for _ in range(3)]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the images of the tangent."""
        tangent = eval_points[0]
        return [None if tangent is None else self(tangent, *inputs[1:])]


@public("images2neibs")
def images2neibs(ten4: Any, neib_shape: Any, neib_step: Any = None, mode: str = "valid") -> Any:
    """Return the neighbourhoods of images as rows of a matrix.

    Parameters
    ----------
    ten4 : tensor4
        Images, (batch, channels, rows, columns).
    neib_shape, neib_step : pair of int, or vector of integers
        Size of a neighbourhood, and the step to the next one; by default the size.
    mode : {'valid', 'ignore_borders', 'half', 'full', 'wrap_centered'}
        'valid': neighbourhoods must fit. 'ignore_borders': what is left over is dropped. 'half',
        'full': zeros around, half a neighbourhood or one less than a whole one. 'wrap_centered':
        one around each element, beginning again on the other side.

    Returns
    -------
    TensorVariable
        A matrix: a row per neighbourhood, of all images and channels in turn.

    Raises
    ------
    TypeError
        At run time, for neighbourhoods that do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorsym.tensor as T
    >>> T.images2neibs(np.arange(8.0).reshape(1, 1, 2, 4), (2, 2)).eval()
    array([[0., 1., 4., 5.],
           [2., 3., 6., 7.]])
    """
    return Images2Neibs(mode)(ten4, neib_shape, neib_step)


@public("neibs2images")
def neibs2images(neibs: Any, neib_shape: Any, original_shape: Any, mode: str = "valid") -> Any:
    """Return the images whose neighbourhoods, side by side, are the rows of a matrix.

    Parameters
    ----------
    neibs : matrix
        What `images2neibs` gives without `neib_step`.
    neib_shape : pair of int, or vector of integers
        Size of a neighbourhood.
    original_shape : sequence, or vector of integers
        Shape of the images.
    mode : {'valid', 'ignore_borders'}
        What `images2neibs` was told; borders it ignored are 0.

    Returns
    -------
    TensorVariable
        Images, (batch, channels, rows, columns).

    Raises
    ------
    NotImplementedError
        For another mode.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.neibs2images(T.matrix(), (2, 2), (1, 1, 4, 4)).ndim
    4
    """
    if mode not in ("valid", "ignore_borders"):
        raise NeighbourModeError(f"neibs2images does not support mode {mode!r}")
    neibs = as_tensor_variable(neibs)
    rows, columns = shape_entries(as_tensor_variable(neib_shape), 2)
    batch, channels, *lengths = shape_entries(as_tensor_variable(original_shape), 4)
    down, along = (n // size for n, size in zip(lengths, (rows, columns), strict=True))
    parts = reshape(neibs, (batch, channels, down, along, rows, columns), ndim=6)
    filled = (batch, channels, down * rows, along * columns)
    whole = filled if mode == "ignore_borders" else (batch, channels, *lengths)
    images = reshape(dimshuffle(parts, 0, 1, 2, 4, 3, 5), whole, ndim=4)
    if mode == "valid":
        return images
    zeros = FUNCTIONS["zeros"]((batch, channels, *lengths), dtype=neibs.type.dtype)
    return FUNCTIONS["set_subtensor"](zeros[:, :, : filled[2], : filled[3]], images)
