"""Random numbers: from a NumPy RandomState to the next state and the numbers.

A draw is a function of the state, hence pure: two equal draws from one state are one, and a program
that wants new numbers passes the new state on. Streams that do so by updates of shared states stand
in a higher room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.graph.variable import Variable
from tensorsym.language.dtypes import canonical_dtype, upcast
from tensorsym.language.randomstate import (
    RandomFunction,
    RandomStateType,
    random_state_type,
)
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.language.randomstate import (
        Draw,
    )

__all__ = [
    "RandomFunction",
    "RandomStateType",
    "binomial",
    "choice",
    "multinomial",
    "normal",
    "permutation",
    "poisson",
    "random_function",
    "random_integers",
    "random_state_type",
    "uniform",
]


def _lengths(
    size: Any, ndim: int | None, args: Sequence[Any]
) -> tuple[int, Any, tuple[int | None, ...]]:
    """Return (number of dimensions, vector of lengths, static shape) of a draw.

    Without a size it is the shape of the arguments broadcast together; a length of -1 is that of an
    argument.
    """
    if isinstance(size, int | np.integer):
        size = (size,)
    widest = max([arg.type.ndim for arg in args], default=0)
    if isinstance(size, list | tuple):
        if ndim is not None and ndim != len(size):
            raise ValueError(f"ndim is {ndim}, but the size {tuple(size)} has {len(size)} lengths")
        if widest > len(size):
            raise ValueError(f"arguments of {widest} dimensions do not fit {len(size)} lengths")
        entries = [_length_of(n, d - len(size), args) for d, n in enumerate(size)]
        static = tuple(n if isinstance(n, int) else None for n in entries)
        return len(size), FUNCTIONS["int_vector"](entries), static
    if size is None:
        rank = widest if ndim is None else ndim
        if rank < widest:
            raise ValueError(f"ndim is {ndim}, but an argument has {widest} dimensions")
        static = tuple(
            1 if all(_broadcasts(arg, d - rank) for arg in args) else None for d in range(rank)
        )
        return rank, FUNCTIONS["int_vector"]([]), static
    lengths = as_tensor_variable(size)
    known = lengths.type.shape[0] if lengths.type.ndim else None
    rank = ndim if ndim is not None else known
    if rank is None:
        raise ValueError(f"the number of dimensions of the size {size} is not known; give ndim")
    return rank, lengths, (None,) * rank


def _broadcasts(arg: Any, axis: int) -> bool:
    """Tell whether an argument broadcasts at an axis counted from the end."""
    return bool(-axis > arg.type.ndim or arg.type.broadcastable[axis])


def _length_of(n: Any, axis: int, args: Sequence[Any]) -> Any:
    if isinstance(n, Variable):
        return n
    n = int(n)
    if n >= 0:
        return n
    if n != -1:
        raise ValueError(f"a length can not be {n}")
    having = [arg for arg in args if -axis <= arg.type.ndim]
    if not having:
        raise ValueError("a length of -1 must be that of an argument")
    wide = [arg for arg in having if not arg.type.broadcastable[axis]]
    return wide[0].shape[wide[0].type.ndim + axis] if wide else 1


def random_function(
    fn: str | Draw, dtype: str, random_state: Any, size: Any, ndim: int | None, args: Sequence[Any]
) -> Any:
    """Return (new state, numbers) drawn by a method of RandomState that broadcasts its arguments.

    Parameters
    ----------
    fn : str or callable
        The method, or a function of (state, arguments..., size).
    dtype : str
        dtype of the numbers.
    random_state : Variable or numpy.random.RandomState
        The state.
    size : int, sequence, integer vector or None
        Lengths of the result.
    ndim : int, optional
        Their number, where it can not be seen.
    args : sequence of tensor
        Arguments of the distribution.
    """
    operands = [as_tensor_variable(arg) for arg in args]
    _, lengths, static = _lengths(size, ndim, operands)
    op = RandomFunction(fn, TensorType(dtype, shape=static))
    return op(random_state, lengths, *operands)


def _float_dtype(dtype: Any, *args: Any) -> str:
    if dtype is not None:
        return canonical_dtype(dtype)
    return upcast(config.floatX, *[as_tensor_variable(arg).type.dtype for arg in args])


def uniform(
    random_state: Any,
    size: Any = None,
    low: Any = 0.0,
    high: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Any:
    """Return (new state, numbers) uniform in [low, high).

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size : int, sequence, integer vector or None
        Lengths of the result; those of `low` and `high` if not given.
    low, high : tensor
        The interval.
    ndim : int, optional
        Number of dimensions, where it can not be seen from `size`.
    dtype : str, optional
        dtype of the numbers; floatX, or wider if the arguments are.

    Examples
    --------
    >>> from tensorsym.language.random import random_state_type, uniform
    >>> uniform(random_state_type(), size=(2, 3))[1].ndim
    2
    """
    dtype = _float_dtype(dtype, low, high)
    return random_function("uniform", dtype, random_state, size, ndim, [low, high])


def normal(
    random_state: Any,
    size: Any = None,
    avg: Any = 0.0,
    std: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = None,
) -> Any:
    """Return (new state, numbers) of normal distributions.

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size, ndim, dtype
        As for `uniform`.
    avg, std : tensor
        Mean and standard deviation.

    Examples
    --------
    >>> from tensorsym.language.random import normal, random_state_type
    >>> normal(random_state_type(), size=(3,))[1].dtype
    'float64'
    """
    dtype = _float_dtype(dtype, avg, std)
    return random_function("normal", dtype, random_state, size, ndim, [avg, std])


def binomial(
    random_state: Any,
    size: Any = None,
    n: Any = 1,
    p: Any = 0.5,
    ndim: int | None = None,
    dtype: Any = "int64",
    prob: Any = None,
) -> Any:
    """Return (new state, numbers of successes in n trials of probability p).

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size, ndim, dtype
        As for `uniform`.
    n, p : tensor
        Number of trials and probability of success.
    prob : tensor, optional
        Older name of `p`.

    Examples
    --------
    >>> from tensorsym.language.random import binomial, random_state_type
    >>> binomial(random_state_type(), size=(3,), p=0.3)[1].dtype
    'int64'
    """
    probability = p if prob is None else prob
    args = [n, probability]
    return random_function("binomial", canonical_dtype(dtype), random_state, size, ndim, args)


def poisson(
    random_state: Any,
    size: Any = None,
    lam: Any = 1.0,
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Any:
    """Return (new state, numbers) of Poisson distributions.

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size, ndim, dtype
        As for `uniform`.
    lam : tensor
        Expected value.

    Examples
    --------
    >>> from tensorsym.language.random import poisson, random_state_type
    >>> poisson(random_state_type(), size=(3,))[1].dtype
    'int64'
    """
    return random_function("poisson", canonical_dtype(dtype), random_state, size, ndim, [lam])


def _draw_integers(state: np.random.RandomState, low: Any, high: Any, size: Any) -> Any:
    """Draw from low to high, both included, element by element as Theano does."""
    shape = np.broadcast_shapes(np.shape(low), np.shape(high)) if size is None else size
    lows, highs = np.broadcast_to(low, shape), np.broadcast_to(high, shape)
    numbers = np.empty(shape, dtype="int64")
    for index in np.ndindex(*shape):
        numbers[index] = state.randint(int(lows[index]), int(highs[index]) + 1)
    return numbers


def random_integers(
    random_state: Any,
    size: Any = None,
    low: Any = 0,
    high: Any = 1,
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Any:
    """Return (new state, integers from low to high, both included).

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size, ndim, dtype
        As for `uniform`.
    low, high : tensor
        The bounds.

    Examples
    --------
    >>> from tensorsym.language.random import random_integers, random_state_type
    >>> random_integers(random_state_type(), size=(3,), high=5)[1].dtype
    'int64'
    """
    dtype = canonical_dtype(dtype)
    return random_function(_draw_integers, dtype, random_state, size, ndim, [low, high])


def _draw_choice(state: np.random.RandomState, a: Any, replace: Any, p: Any, size: Any) -> Any:
    if np.ndim(a) > 1:
        raise ValueError(f"choice takes an integer or a vector, got shape {np.shape(a)}")
    weights = None if np.ndim(p) == 0 else p
    return state.choice(a if np.ndim(a) else int(a), size=size, replace=bool(replace), p=weights)


def choice(
    random_state: Any,
    size: Any = None,
    a: Any = 2,
    replace: bool = True,
    p: Any = None,
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Any:
    """Return (new state, elements chosen from a vector, or from 0 to a - 1).

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size, ndim, dtype
        As for `uniform`; without a size one element is chosen.
    a : int or tensor
        The vector, or the number of choices.
    replace : bool
        Whether an element may be chosen again.
    p : tensor, optional
        Probabilities of the elements; equal ones if not given.

    Examples
    --------
    >>> from tensorsym.language.random import choice, random_state_type
    >>> choice(random_state_type(), size=(3,), a=5)[1].dtype
    'int64'
    """
    _, lengths, static = _lengths(() if size is None else size, ndim, [])
    op = RandomFunction(_draw_choice, TensorType(canonical_dtype(dtype), shape=static))
    # A probability of rank 0 stands for none given.
    return op(random_state, lengths, a, np.bool_(replace), np.float64(1) if p is None else p)


def _draw_permutations(state: np.random.RandomState, n: Any, size: Any) -> Any:
    shape = () if size is None else size
    rows = [state.permutation(int(n)) for _ in range(int(np.prod(shape)))]
    return np.array(rows, dtype="int64").reshape((*shape, int(n)))


def permutation(
    random_state: Any, size: Any = None, n: Any = 1, ndim: int | None = None, dtype: Any = "int64"
) -> Any:
    """Return (new state, permutations of 0, ..., n - 1 along the last dimension).

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size, ndim, dtype
        As for `uniform`; without a size one permutation is drawn.
    n : int or scalar
        What is permuted.

    Examples
    --------
    >>> from tensorsym.language.random import permutation, random_state_type
    >>> permutation(random_state_type(), n=5)[1].ndim
    1
    """
    _, lengths, static = _lengths(() if size is None else size, ndim, [])
    outtype = TensorType(canonical_dtype(dtype), shape=(*static, None))
    return RandomFunction(_draw_permutations, outtype, ndim_added=1)(random_state, lengths, n)


def _draw_multinomials(state: np.random.RandomState, n: Any, pvals: Any, size: Any) -> Any:
    """Draw one vector of counts per row of probabilities, broadcast against `n`."""
    rows = np.broadcast_shapes(np.shape(n), np.shape(pvals)[:-1])
    shape = rows if size is None else size
    trials = np.broadcast_to(n, shape)
    weights = np.broadcast_to(pvals, (*shape, np.shape(pvals)[-1])).astype("float64")
    counts = np.empty(weights.shape, dtype="int64")
    for index in np.ndindex(*shape):
        # NumPy refuses sums above 1; float32 probabilities may round to one.
        row = weights[index] / max(1.0, float(weights[index].sum()))
        counts[index] = state.multinomial(int(trials[index]), row)
    return counts


def multinomial(
    random_state: Any,
    size: Any = None,
    n: Any = 1,
    pvals: Any = (0.5, 0.5),
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Any:
    """Return (new state, counts of the outcomes of n trials along the last dimension).

    Parameters
    ----------
    random_state : Variable
        The state to draw from.
    size, ndim, dtype
        As for `uniform`, for all dimensions but the last.
    n : tensor
        Numbers of trials.
    pvals : tensor
        Probabilities of the outcomes, along the last dimension.

    Examples
    --------
    >>> from tensorsym.language.random import multinomial, random_state_type
    >>> multinomial(random_state_type(), size=(3,), n=10, pvals=[0.2, 0.8])[1].ndim
    2
    """
    n, pvals = (
        as_tensor_variable(n),
        as_tensor_variable(list(pvals) if isinstance(pvals, tuple) else pvals),
    )
    first_row = pvals[..., 0] if pvals.type.ndim > 1 else as_tensor_variable(0.0)
    _, lengths, static = _lengths(size, ndim, [n, first_row])
    outtype = TensorType(canonical_dtype(dtype), shape=(*static, pvals.type.shape[-1]))
    op = RandomFunction(_draw_multinomials, outtype, ndim_added=1)
    return op(random_state, lengths, n, pvals)
