"""Theano's correlations by matrix products over three axes: convolutions that are not flipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.convolution_base import RELATED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Corr3dMM", "Corr3dMM_gradInputs", "Corr3dMM_gradWeights"]


def Corr3dMM(
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1, 1),
    filter_dilation: Sequence[int] = (1, 1, 1),
    num_groups: int = 1,
    openmp: bool | None = None,
) -> Any:
    """Return the op that correlates images with filters.

    Parameters
    ----------
    border_mode, subsample, filter_dilation, num_groups
        As for `conv3d`.
    openmp : bool, optional
        Kept for Theano programs.

    Returns
    -------
    Op
        The convolution's op, with `filter_flip=False`.

    Examples
    --------
    >>> from tensorsym.tensor.nnet.corr3d import Corr3dMM
    >>> Corr3dMM(border_mode="half").filter_flip
    False
    """
    return RELATED["output", 3](
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=False,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
    )


def Corr3dMM_gradWeights(
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1, 1),
    filter_dilation: Sequence[int] = (1, 1, 1),
    num_groups: int = 1,
    openmp: bool | None = None,
) -> Any:
    """Return the op that gives its gradient with respect to the filters.

    Parameters
    ----------
    border_mode, subsample, filter_dilation, num_groups
        As for `conv3d`.
    openmp : bool, optional
        Kept for Theano programs.

    Returns
    -------
    Op
        The convolution's op, with `filter_flip=False`.

    Examples
    --------
    >>> from tensorsym.tensor.nnet.corr3d import Corr3dMM_gradWeights
    >>> Corr3dMM_gradWeights(border_mode="half").filter_flip
    False
    """
    return RELATED["weights", 3](
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=False,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
    )


def Corr3dMM_gradInputs(
    border_mode: Any = "valid",
    subsample: Sequence[int] = (1, 1, 1),
    filter_dilation: Sequence[int] = (1, 1, 1),
    num_groups: int = 1,
    openmp: bool | None = None,
) -> Any:
    """Return the op that gives its gradient with respect to the images.

    Parameters
    ----------
    border_mode, subsample, filter_dilation, num_groups
        As for `conv3d`.
    openmp : bool, optional
        Kept for Theano programs.

    Returns
    -------
    Op
        The convolution's op, with `filter_flip=False`.

    Examples
    --------
    >>> from tensorsym.tensor.nnet.corr3d import Corr3dMM_gradInputs
    >>> Corr3dMM_gradInputs(border_mode="half").filter_flip
    False
    """
    return RELATED["inputs", 3](
        border_mode=border_mode,
        subsample=subsample,
        filter_flip=False,
        filter_dilation=filter_dilation,
        num_groups=num_groups,
    )
