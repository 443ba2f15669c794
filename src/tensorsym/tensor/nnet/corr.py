"""Theano's correlations by matrix products over two axes: convolutions that are not flipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.convolution_base import RELATED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CorrMM", "CorrMM_gradInputs", "CorrMM_gradWeights"]


def CorrMM(
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1),
    filter_dilation: Sequence[int] = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
    openmp: bool | None = None,
) -> Any:
    """Return the op that correlates images with filters.

    Parameters
    ----------
    border_mode, subsample, filter_dilation, num_groups, unshared
        As for `conv2d`.
    openmp : bool, optional
        Kept for Theano programs.

    Returns
    -------
    Op
        The convolution's op, with `filter_flip=False`.

    Examples
    --------
    >>> from tensorsym.tensor.nnet.corr import CorrMM
    >>> CorrMM(border_mode="half").filter_flip
    False
    """
    return RELATED["output", 2](
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=False,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
        unshared=unshared,
    )


def CorrMM_gradWeights(
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1),
    filter_dilation: Sequence[int] = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
    openmp: bool | None = None,
) -> Any:
    """Return the op that gives its gradient with respect to the filters.

    Parameters
    ----------
    border_mode, subsample, filter_dilation, num_groups, unshared
        As for `conv2d`.
    openmp : bool, optional
        Kept for Theano programs.

    Returns
    -------
    Op
        The convolution's op, with `filter_flip=False`.

    Examples
    --------
    >>> from tensorsym.tensor.nnet.corr import CorrMM_gradWeights
    >>> CorrMM_gradWeights(border_mode="half").filter_flip
    False
    """
    return RELATED["weights", 2](
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=False,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
        unshared=unshared,
    )


def CorrMM_gradInputs(
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1),
    filter_dilation: Sequence[int] = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
    openmp: bool | None = None,
) -> Any:
    """Return the op that gives its gradient with respect to the images.

    Parameters
    ----------
    border_mode, subsample, filter_dilation, num_groups, unshared
        As for `conv2d`.
    openmp : bool, optional
        Kept for Theano programs.

    Returns
    -------
    Op
        The convolution's op, with `filter_flip=False`.

    Examples
    --------
    >>> from tensorsym.tensor.nnet.corr import CorrMM_gradInputs
    >>> CorrMM_gradInputs(border_mode="half").filter_flip
    False
    """
    return RELATED["inputs", 2](
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=False,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
        unshared=unshared,
    )
