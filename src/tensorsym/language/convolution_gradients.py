"""Gradients of convolutions as functions of variables, and the transposed convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import ShapeError
from tensorsym.language.convolution_base import RELATED
from tensorsym.language.shape import constant_length
from tensorsym.language.table import public

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
]


def _declared(lengths: Sequence[Any]) -> list[int | None]:
    """Return the lengths that are known while the graph is built."""
    return [None if n is None else constant_length(n) for n in lengths]


def _gradient(
    of: str, n_axes: int, operands: tuple[Any, Any], shape: Sequence[Any], **settings: Any
) -> Any:
    """Return the gradient of a convolution over `n_axes` axes; `shape` is that of the result."""
    name = {"inputs": "input_shape", "weights": "filter_shape"}[of]
    own = n_axes if settings.get("unshared") and of == "weights" else 0
    if len(shape) != 2 + n_axes + own:
        raise ShapeError(f"{name} must have {2 + n_axes + own} entries", got=str(tuple(shape)))
    lengths = tuple(shape)[-n_axes:]
    if any(n is None for n in lengths):
        raise ShapeError(f"the last {n_axes} entries of {name} must be known", got=str(shape))
    return RELATED[of, n_axes](**settings)(*operands, lengths)


@public("conv2d_grad_wrt_inputs")
def conv2d_grad_wrt_inputs(
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """Return the gradient of `conv2d` with respect to its images.

    Parameters
    ----------
    output_grad : tensor4
        Gradient with respect to the output.
    filters : tensor4, or tensor6 if unshared
        The filters.
    input_shape : sequence
        Shape of the images: ints or None, the last two ints or scalar variables.
    filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        As for `conv2d`.

    Returns
    -------
    TensorVariable
        Of the shape of the images.

    Raises
    ------
    ValueError
        If `input_shape` has no lengths; at run time if shapes do not fit.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> g = T.nnet.conv2d_grad_wrt_inputs(T.tensor4(), T.tensor4(), (None, None, 28, 28))
    >>> g.ndim
    4
    """
    return _gradient(
        "inputs",
        2,
        (filters, output_grad),
        input_shape,
        imshp=_declared(input_shape),
        kshp=filter_shape,
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=filter_flip,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
        unshared=unshared,
    )


@public("conv2d_grad_wrt_weights")
def conv2d_grad_wrt_weights(
    input: Any,
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """Return the gradient of `conv2d` with respect to its filters.

    Parameters
    ----------
    input : tensor4
        The images.
    output_grad : tensor4
        Gradient with respect to the output.
    filter_shape : sequence
        Shape of the filters: ints or None, the last two ints or scalar variables.
    input_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        As for `conv2d`.

    Returns
    -------
    TensorVariable
        Of the shape of the filters.

    Raises
    ------
    ValueError
        If `filter_shape` has no lengths; at run time if shapes do not fit.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.conv2d_grad_wrt_weights(T.tensor4(), T.tensor4(), (None, None, 5, 5)).ndim
    4
    """
    return _gradient(
        "weights",
        2,
        (input, output_grad),
        filter_shape,
        imshp=input_shape,
        kshp=_declared(filter_shape),
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=filter_flip,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
        unshared=unshared,
    )


@public("conv3d_grad_wrt_inputs")
def conv3d_grad_wrt_inputs(
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """Return the gradient of `conv3d` with respect to its volumes.

    Parameters
    ----------
    output_grad, filters : tensor5
        Gradient with respect to the output, and the filters.
    input_shape : sequence
        Shape of the volumes; the last three are ints or scalar variables.
    filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups
        As for `conv3d`.

    Returns
    -------
    TensorVariable
        Of the shape of the volumes.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> shape = (None, None, 9, 9, 9)
    >>> T.nnet.conv3d_grad_wrt_inputs(T.tensor5(), T.tensor5(), shape).ndim
    5
    """
    return _gradient(
        "inputs",
        3,
        (filters, output_grad),
        input_shape,
        imshp=_declared(input_shape),
        kshp=filter_shape,
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=filter_flip,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
    )


@public("conv3d_grad_wrt_weights")
def conv3d_grad_wrt_weights(
    input: Any,
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """Return the gradient of `conv3d` with respect to its filters.

    Parameters
    ----------
    input, output_grad : tensor5
        The volumes, and the gradient with respect to the output.
    filter_shape : sequence
        Shape of the filters; the last three are ints or scalar variables.
    input_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups
        As for `conv3d`.

    Returns
    -------
    TensorVariable
        Of the shape of the filters.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> shape = (None, None, 3, 3, 3)
    >>> T.nnet.conv3d_grad_wrt_weights(T.tensor5(), T.tensor5(), shape).ndim
    5
    """
    return _gradient(
        "weights",
        3,
        (input, output_grad),
        filter_shape,
        imshp=input_shape,
        kshp=_declared(filter_shape),
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=filter_flip,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
    )


@public("conv2d_transpose")
def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    input_dilation: Sequence[int] = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Sequence[int] = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """Return the transposed convolution: what a convolution of a larger image would come from.

    Parameters
    ----------
    input : tensor4
        Images, (batch, input channels, rows, columns).
    filters : tensor4
        (input channels, output channels, rows, columns): the other way round than for `conv2d`.
    output_shape : sequence
        Shape of the result: ints or None, the last two ints or scalar variables.
    filter_shape, border_mode, filter_flip, filter_dilation, num_groups, unshared
        Those of the convolution that is transposed, as for `conv2d`.
    input_dilation : pair of int
        Steps of that convolution's output.

    Returns
    -------
    TensorVariable
        Of `output_shape`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> shape = (None, None, 9, 9)
    >>> T.nnet.conv2d_transpose(T.tensor4(), T.tensor4(), shape, input_dilation=(2, 2)).ndim
    4
    """
    return conv2d_grad_wrt_inputs(
        input,
        filters,
        output_shape,
        filter_shape,
        border_mode,
        input_dilation,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )
