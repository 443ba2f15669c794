"""Convolutions as functions of variables: Theano's `T.nnet.conv2d` and its relatives."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from tensorsym.errors import RankError, ShapeError
from tensorsym.language.convolution import AbstractConv2d, AbstractConv3d
from tensorsym.language.convolution_shapes import get_conv_output_shape
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "causal_conv1d",
    "conv2d",
    "conv3d",
    "separable_conv2d",
    "separable_conv3d",
]


class ChannelsError(ShapeError, RankError):
    """An operand of a convolution over one axis is no (batch, channels, length)."""


@public("conv2d")
def conv2d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1),
    filter_flip: bool = True,
    image_shape: Any = None,
    filter_dilation: Sequence[int] = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
    **kwargs: Any,
) -> Any:
    """Return the convolution of a batch of images with filters.

    Parameters
    ----------
    input : tensor4
        Images, (batch, input channels, rows, columns).
    filters : tensor4, or tensor6 if unshared
        (output channels, input channels of a group, rows, columns); unshared: (output channels,
        output rows, output columns, input channels, rows, columns).
    input_shape, filter_shape : sequence of int or None, optional
        Declared shapes; checked only with `config.conv.assert_shape`.
    border_mode : str, int or tuple
        'valid': no padding. 'full': wherever filter and image overlap. 'half': half a filter of
        padding at each end. A number: so many zeros at all ends; a tuple: per axis a number, or the
        numbers before and after.
    subsample : pair of int
        Steps of the output.
    filter_flip : bool
        Whether filters are flipped, as the mathematical convolution does; if not, it is a
        correlation.
    image_shape : sequence, optional
        Older name of `input_shape`.
    filter_dilation : pair of int
        Steps inside the filter.
    num_groups : int
        Groups of channels that are convolved apart from each other.
    unshared : bool
        Whether each element of the output has filters of its own.
    **kwargs
        Older settings, ignored with a warning.

    Returns
    -------
    TensorVariable
        (batch, output channels, rows, columns), of the dtype of `input`.

    Raises
    ------
    ValueError
        For settings that mean nothing; at run time for shapes that do not fit.
    TypeError
        For operands of another rank.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.conv2d(T.ftensor4(), T.ftensor4(), border_mode="half").type
    TensorType(float32, 4D)
    """
    if "imshp_logical" in kwargs or "kshp_logical" in kwargs:
        raise ShapeError(
            "conv2d takes no imshp_logical or kshp_logical",
            hint="use conv2d_transpose, or filter_dilation",
        )
    if kwargs:
        warnings.warn(f"conv2d ignores {', '.join(kwargs)}", stacklevel=2)
    if image_shape is not None:
        warnings.warn("conv2d's image_shape is now called input_shape", stacklevel=2)
        if input_shape is not None:
            raise ShapeError("input_shape and image_shape are one setting: give only input_shape")
        input_shape = image_shape
    return AbstractConv2d(
        input_shape,
        filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )(input, filters)


@public("conv3d")
def conv3d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """Return the convolution of a batch of volumes with filters.

    Parameters
    ----------
    input : tensor5
        (batch, input channels, depth, rows, columns).
    filters : tensor5
        (output channels, input channels of a group, depth, rows, columns).
    input_shape, filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups
        As for `conv2d`, with three axes; padding is the same at both ends of an axis.

    Returns
    -------
    TensorVariable
        (batch, output channels, depth, rows, columns), of the dtype of `input`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.conv3d(T.ftensor5(), T.ftensor5()).ndim
    5
    """
    return AbstractConv3d(
        input_shape,
        filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
    )(input, filters)


def _check_length(lengths: Sequence[Any], rank: int, name: str) -> None:
    if len(lengths) != rank:
        raise ShapeError(f"{name} must have {rank} entries", got=str(tuple(lengths)))


def _separable(op: Any, pointwise: Any, operands: tuple[Any, Any, Any], shapes: Any) -> Any:
    """Return a convolution per channel, then one that mixes channels at each place."""
    input, depthwise_filters, pointwise_filters = operands
    input_shape, depthwise_shape, pointwise_shape = shapes
    between = None
    if input_shape is not None and depthwise_shape is not None:
        between = get_conv_output_shape(
            op.imshp, op.kshp, op.border_mode, op.subsample, op.filter_dilation
        )
    mix = pointwise(between, pointwise_shape, filter_flip=op.filter_flip)
    return mix(op(input, depthwise_filters), pointwise_filters)


@public("separable_conv2d")
def separable_conv2d(
    input: Any,
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1),
) -> Any:
    """Return a convolution of each channel by itself, then one that mixes the channels.

    Parameters
    ----------
    input : tensor4
        Images, (batch, channels, rows, columns).
    depthwise_filters : tensor4
        (depthwise channels, 1, rows, columns).
    pointwise_filters : tensor4
        (output channels, depthwise channels, 1, 1).
    num_channels : int
        Channels of the images.
    input_shape, depthwise_filter_shape, pointwise_filter_shape : sequence, optional
        Declared shapes.
    border_mode, subsample, filter_flip, filter_dilation
        Those of the first convolution, as for `conv2d`.

    Returns
    -------
    TensorVariable
        (batch, output channels, rows, columns).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.separable_conv2d(T.tensor4(), T.tensor4(), T.tensor4(), 3).ndim
    4
    """
    op = AbstractConv2d(
        input_shape,
        depthwise_filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_channels,
    )
    shapes = (input_shape, depthwise_filter_shape, pointwise_filter_shape)
    return _separable(op, AbstractConv2d, (input, depthwise_filters, pointwise_filters), shapes)


@public("separable_conv3d")
def separable_conv3d(
    input: Any,
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1, 1),
) -> Any:
    """Return a convolution of each channel by itself, then one that mixes the channels.

    Parameters
    ----------
    input : tensor5
        Volumes, (batch, channels, depth, rows, columns).
    depthwise_filters, pointwise_filters : tensor5
        (depthwise channels, 1, depth, rows, columns), (output channels, depthwise channels, 1, 1,
        1).
    num_channels, input_shape, depthwise_filter_shape, pointwise_filter_shape
        As for `separable_conv2d`.
    border_mode, subsample, filter_flip, filter_dilation
        Likewise, with three axes.

    Returns
    -------
    TensorVariable
        (batch, output channels, depth, rows, columns).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.separable_conv3d(T.tensor5(), T.tensor5(), T.tensor5(), 3).ndim
    5
    """
    op = AbstractConv3d(
        input_shape,
        depthwise_filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_channels,
    )
    shapes = (input_shape, depthwise_filter_shape, pointwise_filter_shape)
    return _separable(op, AbstractConv3d, (input, depthwise_filters, pointwise_filters), shapes)


@public("causal_conv1d")
def causal_conv1d(
    input: Any,
    filters: Any,
    filter_shape: Any,
    input_shape: Any = None,
    subsample: int = 1,
    filter_flip: bool = True,
    filter_dilation: int = 1,
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """Return a convolution over one axis that sees no later elements than the output's own.

    Parameters
    ----------
    input : tensor3
        Sequences, (batch, input channels, length).
    filters : tensor3
        (output channels, input channels, length).
    filter_shape : sequence of int or None
        Shape of the filters; the length must be known.
    input_shape : sequence of int or None, optional
        Declared shape of the sequences.
    subsample, filter_dilation : int
        Steps of the output and inside the filter.
    filter_flip, num_groups, unshared
        As for `conv2d`.

    Returns
    -------
    TensorVariable
        (batch, output channels, length).

    Raises
    ------
    ValueError
        If an operand has not three dimensions.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.causal_conv1d(T.tensor3(), T.tensor3(), (8, 4, 3)).ndim
    3
    """
    input, filters = as_tensor_variable(input), as_tensor_variable(filters)
    for name, v in (("Input", input), ("Filters", filters)):
        if v.type.ndim != 3:
            raise ChannelsError(f"{name} should be 3D for causal convolution", got=str(v.type))
    _check_length(filter_shape, 3, "filter_shape")
    past = filter_dilation * (filter_shape[2] - 1)
    output = AbstractConv2d(
        None if input_shape is None else (*input_shape, 1),
        (*filter_shape, 1),
        ((past, 0), 0),
        (subsample, 1),
        filter_flip,
        (filter_dilation, 1),
        num_groups,
        unshared,
    )(input.dimshuffle(0, 1, 2, "x"), filters.dimshuffle(0, 1, 2, "x"))
    return output[:, :, :, 0]
