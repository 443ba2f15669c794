"""Lengths in convolutions: of outputs, of inputs and filters given the others, and of padding.

Lengths are ints, scalar expressions or None (unknown), as in Theano, whose names these are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import NotScalarConstantError, ShapeError
from tensorsym.language.assertion import Assert
from tensorsym.language.shape import get_scalar_constant_value
from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "assert_conv_shape",
    "assert_shape",
    "border_mode_to_pad",
    "check_conv_gradinputs_shape",
    "get_conv_gradinputs_shape",
    "get_conv_gradinputs_shape_1axis",
    "get_conv_gradweights_shape",
    "get_conv_gradweights_shape_1axis",
    "get_conv_output_shape",
    "get_conv_shape_1axis",
    "spatial_lengths",
]


def spatial_lengths(lengths: Sequence[Any]) -> list[int | None]:
    """Return the known lengths of images; as in Theano, none is declared to broadcast."""
    return [n if isinstance(n, int) and n > 1 else None for n in lengths]


def _dilated(kernel_length: Any, dilation: int) -> Any:
    """Return how many elements of the image a filter spans."""
    return (kernel_length - 1) * dilation + 1


def _margins(mode: Any, span: Any) -> tuple[Any, Any]:
    """Return the zeros added before and after an axis under its border mode."""
    if isinstance(mode, str):
        margin = {"valid": 0, "half": span // 2, "full": span - 1}[mode]
        return margin, margin
    before, after = mode if isinstance(mode, tuple) else (mode, mode)
    if before < 0 or after < 0:
        raise ShapeError("border_mode must be >= 0", got=str(mode))
    return before, after


def _modes(border_mode: Any, n_axes: int) -> Sequence[Any]:
    return border_mode if isinstance(border_mode, tuple) else (border_mode,) * n_axes


def get_conv_shape_1axis(
    image_shape: Any, kernel_shape: Any, border_mode: Any, subsample: Any, dilation: Any = 1
) -> Any:
    """Return the length of a convolution's output along one axis, None if an argument is None.

    Parameters
    ----------
    image_shape, kernel_shape : int, scalar or None
        Lengths of image and filter.
    border_mode : str, int or pair of int
        'valid', 'half', 'full', or the zeros added at both ends.
    subsample, dilation : int
        Steps of the output and inside the filter.

    Returns
    -------
    int, scalar or None
        `(image + padding - span) // subsample + 1`.

    Raises
    ------
    ValueError
        If the padding is negative.

    Examples
    --------
    >>> get_conv_shape_1axis(28, 5, "valid", 1)
    24
    """
    if any(v is None for v in (image_shape, kernel_shape, border_mode, subsample, dilation)):
        return None
    span = _dilated(kernel_shape, dilation)
    length = image_shape - span
    for margin in _margins(border_mode, span):
        if not isinstance(margin, int) or margin != 0:
            length = length + margin
    return (length if subsample == 1 else length // subsample) + 1


def get_conv_output_shape(
    image_shape: Any,
    kernel_shape: Any,
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
) -> tuple[Any, ...]:
    """Return the shape of a convolution's output.

    Parameters
    ----------
    image_shape : sequence of int, scalar or None
        Batch, channels, then the lengths of the image.
    kernel_shape : sequence of int, scalar or None
        Output channels first, the filter's lengths last.
    border_mode : str, int or tuple
        Padding, as `conv2d` takes it.
    subsample, filter_dilation : sequence of int
        Steps of the output and inside the filter, per axis.

    Returns
    -------
    tuple
        Batch, output channels and lengths; None where they are not known.

    Examples
    --------
    >>> get_conv_output_shape((500, 1, 28, 28), (20, 1, 5, 5), "valid", (1, 1))
    (500, 20, 24, 24)
    """
    n_axes = len(image_shape) - 2
    lengths = _along_axes(
        get_conv_shape_1axis,
        (tuple(image_shape)[2:], tuple(kernel_shape)[-n_axes:]),
        border_mode,
        subsample,
        filter_dilation,
    )
    return (image_shape[0], kernel_shape[0], *lengths)


def _along_axes(
    length_of: Any, lengths: tuple[Any, Any], border_mode: Any, subsample: Any, dilation: Any
) -> tuple[Any, ...]:
    """Return a function of lengths and settings of one axis for each axis."""
    n_axes = len(subsample)
    settings = (_modes(border_mode, n_axes), subsample, dilation or (1,) * n_axes)
    return tuple([length_of(*one) for one in zip(*lengths, *settings, strict=True)])


def get_conv_gradweights_shape_1axis(
    image_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """Return the length of a filter, given those of image and output, or None if not determined.

    It is determined without subsampling and for other border modes than 'half'. Arguments are those
    of `get_conv_shape_1axis`, with the output's length in place of the filter's.

    Examples
    --------
    >>> get_conv_gradweights_shape_1axis(28, 24, "valid", 1, 1)
    5
    """
    if any(v is None for v in (image_shape, top_shape, border_mode, subsample, dilation)):
        return None
    if subsample != 1 or border_mode == "half":
        return None
    if border_mode == "full":
        return (top_shape - image_shape) // dilation + 1
    before, after = _margins(border_mode, 0)
    return (image_shape + before + after - top_shape) // dilation + 1


def get_conv_gradweights_shape(
    image_shape: Any,
    top_shape: Any,
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
    num_groups: int = 1,
    unshared: bool = False,
) -> tuple[Any, ...]:
    """Return the shape of the filters, given those of image and output, None where not determined.

    Arguments are those of `get_conv_output_shape`, with the output's shape in place of the
    filters'; `num_groups` and `unshared` as for `conv2d`.

    Examples
    --------
    >>> get_conv_gradweights_shape((9, 1, 28, 28), (9, 20, 24, 24), "valid", (1, 1))
    (20, 1, 5, 5)
    """
    image_shape, top_shape = tuple(image_shape), tuple(top_shape)
    lengths = _along_axes(
        get_conv_gradweights_shape_1axis,
        (image_shape[2:], top_shape[2:]),
        border_mode,
        subsample,
        filter_dilation,
    )
    channels = image_shape[1]
    if num_groups > 1 and channels is not None:
        channels = channels // num_groups
    if unshared:
        return (top_shape[1], *top_shape[2:], channels, *lengths)
    return (top_shape[1], channels, *lengths)


def get_conv_gradinputs_shape_1axis(
    kernel_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """Return the length of an image, given those of filter and output, or None if not determined.

    It is determined without subsampling. Arguments are those of `get_conv_shape_1axis`, with the
    output's length in place of the image's.

    Examples
    --------
    >>> get_conv_gradinputs_shape_1axis(5, 24, "valid", 1, 1)
    28
    """
    if any(v is None for v in (kernel_shape, top_shape, border_mode, subsample, dilation)):
        return None
    if subsample != 1:
        return None
    span = _dilated(kernel_shape, dilation)
    before, after = _margins(border_mode, span)
    return top_shape + span - 1 - before - after


def get_conv_gradinputs_shape(
    kernel_shape: Any,
    top_shape: Any,
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
    num_groups: int = 1,
) -> tuple[Any, ...]:
    """Return the shape of the image, given those of filters and output, None where not determined.

    Arguments are those of `get_conv_output_shape`, with the output's shape in place of the image's;
    `num_groups` as for `conv2d`.

    Examples
    --------
    >>> get_conv_gradinputs_shape((20, 1, 5, 5), (9, 20, 24, 24), "valid", (1, 1))
    (9, 1, 28, 28)
    """
    kernel_shape, top_shape = tuple(kernel_shape), tuple(top_shape)
    n_axes = len(top_shape) - 2
    lengths = _along_axes(
        get_conv_gradinputs_shape_1axis,
        (kernel_shape[-n_axes:], top_shape[2:]),
        border_mode,
        subsample,
        filter_dilation,
    )
    channels = kernel_shape[-n_axes - 1]
    if num_groups > 1 and channels is not None:
        channels = channels * num_groups
    return (top_shape[0], channels, *lengths)


def check_conv_gradinputs_shape(
    image_shape: Any,
    kernel_shape: Any,
    output_shape: Any,
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
) -> bool:
    """Tell whether a convolution of these shapes could have this output; unknown lengths may.

    Examples
    --------
    >>> shapes = (9, 1, 28, 28), (20, 1, 5, 5), (9, 20, 24, 24)
    >>> check_conv_gradinputs_shape(*shapes, "valid", (1, 1))
    True
    """
    ranks = {len(image_shape), len(kernel_shape), len(output_shape), len(subsample) + 2}
    if filter_dilation is not None:
        ranks.add(len(filter_dilation) + 2)
    if len(ranks) > 1:
        return False
    computed = get_conv_output_shape(
        image_shape, kernel_shape, border_mode, subsample, filter_dilation
    )
    return all(_may_agree(*pair) for pair in zip(output_shape, computed, strict=True))


def _may_agree(given: Any, computed: Any) -> bool:
    if given is None or computed is None:
        return True
    try:
        pair = get_scalar_constant_value(given), get_scalar_constant_value(computed)
    except NotScalarConstantError:
        return True
    return int(pair[0]) == int(pair[1])


def assert_conv_shape(shape: Sequence[Any]) -> tuple[Any, ...]:
    """Return a shape checked to be one of a convolution: lengths after the first two are over 0.

    Parameters
    ----------
    shape : sequence of int or scalar
        Constants are checked at once; other lengths when they are computed.

    Returns
    -------
    tuple
        The lengths.

    Raises
    ------
    ValueError
        If a constant is out of range.

    Examples
    --------
    >>> assert_conv_shape((9, 20, 24, 24))
    (9, 20, 24, 24)
    """
    checked = []
    for axis, length in enumerate(shape):
        least = 0 if axis < 2 else 1
        bound = f"{'<' if axis < 2 else '<='} 0"
        what = "The convolution would produce an invalid shape"
        try:
            known = get_scalar_constant_value(length)
        except NotScalarConstantError:
            holds = FUNCTIONS["ge"](length, least)
            checked.append(Assert(f"{what} (dim[{axis}] {bound}).")(length, holds))
            continue
        if known < least:
            raise ShapeError(f"{what} (dim[{axis}]: {int(known)} {bound}).", got=str(tuple(shape)))
        checked.append(length)
    return tuple(checked)


def assert_shape(x: Any, expected_shape: Any, msg: str = "Unexpected shape.") -> Any:
    """Return `x`, checked for the expected lengths in each call if `config.conv.assert_shape`.

    Parameters
    ----------
    x : tensor
        The value passed on.
    expected_shape : sequence of int or None, optional
        Lengths; None is not checked.
    msg : str
        Text of the AssertionError.

    Returns
    -------
    TensorVariable
        `x`, with or without checks.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> assert_shape(T.matrix(), (3, None)).ndim
    2
    """
    if expected_shape is None or not config.get("conv.assert_shape"):
        return x
    pairs = zip(x.shape, expected_shape, strict=False) if x.type.ndim else ()
    conditions = [FUNCTIONS["eq"](length, n) for length, n in pairs if n is not None]
    return Assert(msg)(x, *conditions) if conditions else x


def border_mode_to_pad(mode: Any, convdim: int, kshp: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return the zeros added before and after each axis.

    Parameters
    ----------
    mode : str or tuple
        'valid', 'half', 'full', or per axis an int or a pair of int.
    convdim : int
        Number of axes.
    kshp : sequence of int
        Lengths that the filter spans, dilation included.

    Returns
    -------
    tuple of pair of int
        Zeros before and after, per axis.

    Raises
    ------
    ValueError
        If the mode is none of these.

    Examples
    --------
    >>> border_mode_to_pad("half", 2, (5, 3))
    ((2, 2), (1, 1))
    """
    if isinstance(mode, str) and mode not in ("valid", "half", "full"):
        raise ShapeError(
            f"invalid border_mode {mode}", expected="'valid', 'half', 'full', an int or a tuple"
        )
    modes = _modes(mode, convdim)
    if len(modes) != convdim:
        raise ShapeError(f"invalid border_mode {mode}", expected=f"a tuple of length {convdim}")
    return tuple([_margins(one, int(n)) for one, n in zip(modes, kshp, strict=True)])
