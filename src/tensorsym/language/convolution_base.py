"""What fixes a convolution: axes, padding, steps, groups, and the checks of shapes.

In come the settings a program gives, in any of the forms Theano takes; out goes an op's canonical
attributes, and for shapes of arrays the padding and the output's shape, or an error.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from tensorsym.errors import NotScalarConstantError, RankError, ShapeError
from tensorsym.extend import Registry
from tensorsym.graph.op import Op
from tensorsym.language.convolution_shapes import border_mode_to_pad, get_conv_output_shape
from tensorsym.language.convolution_values import Geometry
from tensorsym.language.shape import get_scalar_constant_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.variable import Apply

__all__ = ["RELATED", "BaseAbstractConv"]

# (which member of the form an op computes, number of axes) -> op class.
RELATED: Registry[tuple[str, int], Any] = Registry("convolutions")


class BorderModeError(ShapeError, NotImplementedError):
    """A border mode that is not defined for this number of axes.

    Cure: give each axis one number, or pad the image yourself.
    """


def _border_mode(mode: Any, n_axes: int) -> Any:
    """Return a border mode in its canonical form: a name, or a tuple of numbers and pairs."""
    if isinstance(mode, str):
        if mode not in ("valid", "full", "half"):
            raise _invalid(mode, n_axes)
        return mode
    modes = tuple(mode) if isinstance(mode, tuple | list) else (mode,) * n_axes
    if len(modes) != n_axes:
        raise _invalid(mode, n_axes)
    entries = tuple([_margin(entry, mode, n_axes) for entry in modes])
    return "valid" if all(entry == 0 for entry in entries) else entries


def _margin(entry: Any, mode: Any, n_axes: int) -> Any:
    pair = tuple(entry) if isinstance(entry, tuple | list) else (entry, entry)
    try:
        numbers = tuple([operator.index(n) for n in pair])
    except TypeError:
        raise _invalid(mode, n_axes) from None
    if len(numbers) != 2 or min(numbers) < 0:
        raise _invalid(mode, n_axes)
    if numbers[0] == numbers[1]:
        return numbers[0]
    if n_axes != 2:
        raise BorderModeError(f"asymmetric padding is not defined for {n_axes}D", got=str(mode))
    return numbers


def _invalid(mode: Any, n_axes: int) -> ShapeError:
    return ShapeError(
        f"invalid border_mode {mode!r}",
        expected=f"'valid', 'full', 'half', an int, or a tuple of {n_axes} ints or pairs of ints "
        "that are not negative",
    )


def _declared(shape: Any, name: str, rank: int) -> tuple[int | None, ...]:
    """Return the lengths a user declared, None where unknown."""
    if not shape:
        return (None,) * rank
    lengths: list[int | None] = []
    for entry in shape:
        if entry is None:
            lengths.append(None)
            continue
        try:
            value = get_scalar_constant_value(entry, only_process_constants=True)
        except NotScalarConstantError:
            raise ShapeError(
                f"{name} should be None or a tuple of constant int values", got=str(shape)
            ) from None
        lengths.append(int(value))
    return tuple(lengths)


def _steps(steps: Any, name: str, n_axes: int) -> tuple[int, ...]:
    if len(steps) != n_axes:
        raise ShapeError(f"{name} must have {n_axes} elements", got=str(steps))
    numbers = tuple([operator.index(n) for n in steps])
    if min(numbers) < 1:
        raise ShapeError(f"{name} must be positive", got=str(steps))
    return numbers


class UnsharedError(ShapeError, NotImplementedError):
    """Filters of their own for each place are defined for two axes only."""


class BaseAbstractConv(Op):
    """What fixes the bilinear form: number of axes, padding, steps, groups.

    Parameters
    ----------
    convdim : int
        Number of axes, 2 or 3.
    imshp, kshp : sequence of int or None, optional
        Declared shapes of images and filters; checked only with `config.conv.assert_shape`.
    border_mode : str, int or tuple
        'valid', 'full', 'half', or zeros added to both ends of an axis: one number for all, or a
        number (or a pair: before and after) for each.
    subsample, filter_dilation : sequence of int, optional
        Steps of the output and inside the filter.
    filter_flip : bool
        Whether filters are flipped, as the mathematical convolution does.
    num_groups : int
        Groups of channels that are convolved apart from each other.
    unshared : bool
        Whether each element of the output has filters of its own: (filters, *output, channels,
        *kernel).
    """

    __props__ = (
        "convdim",
        "border_mode",
        "subsample",
        "filter_flip",
        "imshp",
        "kshp",
        "filter_dilation",
        "num_groups",
        "unshared",
    )

    def __init__(
        self,
        convdim: int,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Sequence[int] | None = None,
        filter_flip: bool = True,
        filter_dilation: Sequence[int] | None = None,
        num_groups: int = 1,
        unshared: bool = False,
    ) -> None:
        if convdim not in (2, 3):
            raise ShapeError("convolutions have 2 or 3 axes", got=f"convdim={convdim}")
        self.convdim = convdim
        self.border_mode = _border_mode(border_mode, convdim)
        ones = (1,) * convdim
        self.subsample = _steps(subsample or ones, "subsample", convdim)
        self.filter_dilation = _steps(filter_dilation or ones, "filter_dilation", convdim)
        if num_groups < 1:
            raise ShapeError("num_groups must have value greater than zero", got=str(num_groups))
        if unshared and convdim != 2:
            raise UnsharedError(f"unshared convolution is not defined for {convdim}D")
        self.filter_flip = bool(filter_flip)
        self.num_groups = int(num_groups)
        self.unshared = bool(unshared)
        self.imshp = _declared(imshp, "imshp", 2 + convdim)
        self.kshp = _declared(kshp, "kshp", self.kernel_rank)

    @property
    def kernel_rank(self) -> int:
        """Number of dimensions of the filters."""
        return 2 + self.convdim * (2 if self.unshared else 1)

    def related(self, name: str) -> Any:
        """Return the op that computes another member of the same form."""
        settings = {key: getattr(self, key) for key in self.__props__ if key != "convdim"}
        return RELATED[name, self.convdim](**settings)

    def check_rank(self, v: Any, name: str, rank: int) -> None:
        """Raise unless a variable has `rank` dimensions."""
        if v.type.ndim != rank:
            raise RankError(
                f"{name} must be {rank}D tensor", got=f"{v} of type {v.type}", origin=v.origin
            )

    def geometry(self, kernel_shape: tuple[int, ...]) -> Geometry:
        """Return padding and steps for filters of a shape."""
        pairs = zip(kernel_shape[-self.convdim :], self.filter_dilation, strict=True)
        spans = [(int(n) - 1) * step + 1 for n, step in pairs]
        pads = border_mode_to_pad(self.border_mode, self.convdim, spans)
        return Geometry(pads, self.subsample, self.filter_dilation, self.num_groups, self.unshared)

    def checked_output(
        self, node: Apply, image_shape: tuple[int, ...], kernel_shape: tuple[int, ...]
    ) -> tuple[int, ...]:
        """Return the output's shape for shapes of arrays, or raise a ShapeError."""
        groups, n_axes = self.num_groups, self.convdim
        channels, filters = image_shape[1], kernel_shape[0]
        output = get_conv_output_shape(
            image_shape, kernel_shape, self.border_mode, self.subsample, self.filter_dilation
        )
        wrong = None
        if channels % groups:
            wrong = "number of input channels must be divisible by num_groups"
        elif filters % groups:
            wrong = "number of filters must be divisible by num_groups"
        elif channels // groups != kernel_shape[-n_axes - 1]:
            wrong = "the filters have another number of channels than a group of the image"
        elif min(output[2:]) <= 0 or min(kernel_shape[-n_axes:]) <= 0:
            wrong = "the convolution has no output: the filters do not fit into the image"
        elif self.unshared and kernel_shape[1 : 1 + n_axes] != output[2:]:
            wrong = "unshared filters are not as many as the output has elements"
        if wrong:
            raise ShapeError(
                wrong,
                got=f"images of shape {image_shape}, filters of shape {kernel_shape}, "
                f"num_groups={groups}",
                origin=node.origin,
            )
        return output

    def flipped(self, kernel: Any) -> Any:
        """Return filters as a correlation takes them."""
        if not self.filter_flip:
            return kernel
        backwards: tuple[Any, ...] = (..., *[slice(None, None, -1)] * self.convdim)
        return kernel[backwards]
