"""Older forms of convolution: of images without channels, with time as an axis, and CorrMM's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import RankError, ShapeError
from tensorsym.language.convolution import AbstractConv2d, AbstractConv3d
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["convolve_images", "convolve_stacks", "convolve_videos"]


def convolve_stacks(
    input: Any,
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: str = "valid",
    subsample: Sequence[int] = (1, 1),
    **kargs: Any,
) -> Any:
    """Return the convolution of stacks of images with stacks of filters: Theano's first `conv2d`.

    Parameters
    ----------
    input, filters : tensor4
        (batch, channels, rows, columns), (output channels, channels, rows, columns).
    image_shape, filter_shape : sequence of int or None, optional
        Declared shapes; numbers of channels that differ are refused.
    border_mode : {'valid', 'full'}
        Whether filters lie inside the image, or overlap it.
    subsample : pair of int
        Steps of the output.
    **kargs
        How Theano unrolled its loops; without meaning here.

    Returns
    -------
    TensorVariable
        (batch, output channels, rows, columns).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.tensor.nnet import conv
    >>> conv.conv2d(T.tensor4(), T.tensor4()).ndim
    4
    """
    if any(kargs.get(name) for name in ("imshp_logical", "kshp_logical")):
        raise ShapeError("images are not upsampled by a convolution", hint="use conv2d_transpose")
    op = AbstractConv2d(image_shape, filter_shape, border_mode, tuple(subsample))
    if None not in (op.imshp[1], op.kshp[1]) and op.imshp[1] != op.kshp[1]:
        raise ShapeError(
            "images and filters have other numbers of channels",
            got=f"image_shape {op.imshp}, filter_shape {op.kshp}",
        )
    return op(input, filters)


def convolve_images(
    input: Any,
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: str = "valid",
    subsample: Sequence[int] = (1, 1),
    **kargs: Any,
) -> Any:
    """Return the convolution of each of some images with each of some filters.

    Parameters
    ----------
    input, filters : matrix or tensor3
        An image, or (images, rows, columns); a filter, or (filters, rows, columns).
    image_shape, filter_shape : sequence of int, optional
        Kept for Theano programs.
    border_mode : {'valid', 'full'}
        Whether filters lie inside the image, or overlap it.
    subsample : pair of int
        Steps of the output.
    **kargs
        Kept for Theano programs.

    Returns
    -------
    TensorVariable
        (images, filters, rows, columns), without the dimensions the operands lack.

    Raises
    ------
    TypeError
        For operands of another rank.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.tensor.signal import conv
    >>> conv.conv2d(T.tensor3(), T.matrix()).ndim
    3
    """
    input, filters = as_tensor_variable(input), as_tensor_variable(filters)
    for v in (input, filters):
        if v.type.ndim not in (2, 3):
            raise RankError("images and filters have 2 or 3 dimensions", got=f"{v}: {v.type}")
    stacks = [
        dimshuffle(v, 0, "x", 1, 2) if v.type.ndim == 3 else dimshuffle(v, "x", "x", 0, 1)
        for v in (input, filters)
    ]
    output = AbstractConv2d(None, None, border_mode, tuple(subsample))(*stacks)
    kept = [axis for axis, v in enumerate((input, filters)) if v.type.ndim == 3]
    return dimshuffle(output, *kept, 2, 3)


def convolve_videos(
    signals: Any,
    filters: Any,
    signals_shape: Any = None,
    filters_shape: Any = None,
    border_mode: Any = "valid",
) -> Any:
    """Return the convolution of videos, (batch, time, channels, rows, columns), with filters.

    Parameters
    ----------
    signals, filters : tensor5
        (batch, time, channels, rows, columns), (output channels, time, channels, rows, columns).
    signals_shape, filters_shape : sequence of int, optional
        Kept for Theano programs.
    border_mode : str or tuple of three str
        'valid', 'full' or 'half', for all axes or for time, rows and columns, which are padded
        alike.

    Returns
    -------
    TensorVariable
        (batch, time, output channels, rows, columns).

    Notes
    -----
    Filters are flipped along all axes, time too, as in Theano.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.tensor.nnet import conv3d2d
    >>> conv3d2d.conv3d(T.tensor5(), T.tensor5()).ndim
    5
    """
    signals, filters = as_tensor_variable(signals), as_tensor_variable(filters)
    modes = (border_mode,) * 3 if isinstance(border_mode, str) else tuple(border_mode)
    if len(set(modes)) > 1:
        raise ShapeError("all axes have one border mode", got=str(modes))
    volumes, kernels = (dimshuffle(v, 0, 2, 1, 3, 4) for v in (signals, filters))
    output = AbstractConv3d(None, None, modes[0])(volumes, kernels)
    return dimshuffle(output, 0, 2, 1, 3, 4)
