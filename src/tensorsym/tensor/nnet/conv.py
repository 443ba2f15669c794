"""Theano's first home of convolutions: `conv2d` without padding by numbers, and its op."""

from __future__ import annotations

from typing import Any

from tensorsym.language.convolution import AbstractConv2d
from tensorsym.language.flatconvolution import convolve_stacks as conv2d

__all__ = ["ConvOp", "conv2d"]


class ConvOp(AbstractConv2d):
    """The op under its older name and settings; those that only tuned Theano's code are ignored.

    Parameters
    ----------
    imshp : sequence of int, optional
        Declared channels, rows and columns of images.
    kshp : sequence of int, optional
        Declared rows and columns of filters.
    nkern, bsize : int, optional
        Declared numbers of filters and images.
    dx, dy : int
        Steps of the output.
    output_mode : {'valid', 'full'}
        Border mode.
    **tuning
        Without meaning here.
    """

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        nkern: int | None = None,
        bsize: int | None = None,
        dx: int = 1,
        dy: int = 1,
        output_mode: str = "valid",
        **tuning: Any,
    ) -> None:
        images = None if imshp is None else (bsize, *(None,) * (3 - len(imshp)), *imshp)
        filters = None if kshp is None else (nkern, None, *kshp)
        super().__init__(images, filters, output_mode, (dx, dy))
