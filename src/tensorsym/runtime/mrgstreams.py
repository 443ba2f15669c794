"""`MRG_RandomStreams`: random numbers of parallel streams, equal to Theano's for equal seeds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.autodiff.passthrough import undefined_grad
from tensorsym.config import config
from tensorsym.errors import RangeError
from tensorsym.graph.variable import Variable
from tensorsym.language.dtypes import upcast
from tensorsym.language.mrg import M1, M2, MRGUniform, jumped, substreams
from tensorsym.language.mrgchoice import ChoiceFromUniform, MultinomialFromUniform
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.variable import as_tensor_variable
from tensorsym.runtime.shared import shared

if TYPE_CHECKING:
    from tensorsym.runtime.shared import SharedVariable

__all__ = ["MRG_RandomStreams", "guess_n_streams"]

# Theano's: the most streams a draw has, and how many numbers each gives where there are fewer.
MOST_STREAMS = 60 * 256
NUMBERS_PER_STREAM = 6
# The standard deviation of a normal variable cut at 2 (SciPy: truncnorm.std(-2, 2)).
TRUNCATED_STD = 0.87962566103423978


def guess_n_streams(size: Any, warn: bool = False) -> int:
    """Return how many streams a draw gets: as many as in Theano, since its numbers depend on it.

    Parameters
    ----------
    size : tuple or list of int, or other
        Lengths; where they are symbolic, the number is the greatest.
    warn : bool
        Kept for Theano programs.
    """
    if not isinstance(size, tuple | list) or not all(isinstance(n, int) for n in size):
        return MOST_STREAMS
    count = math.prod(size)
    return min(count // NUMBERS_PER_STREAM if count > NUMBERS_PER_STREAM else count, MOST_STREAMS)


class MRG_RandomStreams:  # noqa: N801 - Theano's name
    """A source of random variables drawn by MRG31k3p, each with streams of its own.

    A function draws new numbers in every call, because the states have the states after the
    draw as their default
    update.

    Parameters
    ----------
    seed : int or list of six int
        Where the first stream begins; equal seeds give equal numbers, those of Theano. One int
        stands for six equal ones; the first three are below 2147483647, the others below
        2147462579, neither three all 0.

    Examples
    --------
    >>> import tensorsym
    >>> from tensorsym.sandbox.rng_mrg import MRG_RandomStreams
    >>> draw = tensorsym.function([], MRG_RandomStreams(seed=12345).uniform((2,), dtype="float64"))
    >>> draw().round(6).tolist()
    [0.735324, 0.258569]
    """

    def __init__(self, seed: Any = 12345) -> None:
        self.state_updates: list[tuple[SharedVariable, Variable, Any, int | None]] = []
        self.default_instance_seed = seed
        self.set_rstate(seed)

    def updates(self) -> list[tuple[SharedVariable, Variable, Any, int | None]]:
        """Return (states, states after, size, number of streams) of all draws made so far."""
        return list(self.state_updates)

    def set_rstate(self, seed: Any) -> None:
        """Begin the next draw's streams where a seed says.

        Raises
        ------
        ValueError
            If a number is too large, or three are 0.
        TypeError
            If the seed is neither one integer nor six.
        """
        if isinstance(seed, int | np.integer):
            if not 0 < seed < M2:
                raise RangeError("the seed of streams lies between 0 and 2147462579", got=str(seed))
            self.rstate = np.array([seed] * 6, dtype="int32")
            return
        numbers = list(seed)
        if len(numbers) != 6:
            raise TypeError("seed should be 1 integer or 6 integers")
        for part, bound in ((numbers[:3], M1), (numbers[3:], M2)):
            if not any(part) or not all(0 <= n < bound for n in part):
                raise RangeError(
                    f"three numbers of a seed are not all 0 and lie below {bound}", got=str(numbers)
                )
        self.rstate = np.array(numbers, dtype="int32")

    def seed(self, seed: Any = None) -> None:
        """Begin all streams made so far anew.

        Parameters
        ----------
        seed : int or list of six int, optional
            That of the constructor if not given.
        """
        self.set_rstate(self.default_instance_seed if seed is None else seed)
        for states, _, size, nstreams in self.state_updates:
            count = self.n_streams(size) if nstreams is None else nstreams
            states.set_value(self.get_substream_rstates(count, ""), borrow=True)

    def inc_rstate(self) -> None:
        """Go on to where the next draw's streams begin."""
        self.rstate = jumped(self.rstate)

    def get_substream_rstates(
        self, n_streams: int, dtype: str, inc_rstate: bool = True
    ) -> np.ndarray[Any, Any]:
        """Return the states of new streams, a matrix of int32 with a row per stream.

        Parameters
        ----------
        n_streams : int
            How many.
        dtype : str
            Kept for Theano programs.
        inc_rstate : bool
            Whether the next draw gets others.
        """
        states = substreams(self.rstate, n_streams)
        if inc_rstate:
            self.inc_rstate()
        return states

    def n_streams(self, size: Any) -> int:
        """Return how many streams a draw of a size gets."""
        return guess_n_streams(size)

    def pretty_return(
        self, node_rstate: Any, new_rstate: Any, sample: Any, size: Any, nstreams: int | None
    ) -> Any:
        """Return numbers with their states noted, as `rstate`, `update` and the default update."""
        sample.rstate = node_rstate
        sample.update = (node_rstate, new_rstate)
        self.state_updates.append((node_rstate, new_rstate, size, nstreams))
        node_rstate.default_update = new_rstate
        return sample

    def uniform(
        self,
        size: Any,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return numbers between `low` and `high`, both excluded, all equally likely."""
        _refuse_unknown(kwargs)
        low, high = as_tensor_variable(low), as_tensor_variable(high)
        dtype = dtype or upcast(config.floatX, low.type.dtype, high.type.dtype)
        low, high = (undefined_grad(FUNCTIONS["cast"](bound, dtype)) for bound in (low, high))
        _check_lengths(size)
        count = self.n_streams(size) if nstreams is None else nstreams
        states = shared(self.get_substream_rstates(count, dtype))
        drawn = MRGUniform.new(states, ndim, dtype, size)
        after, sample = drawn
        numbers = self.pretty_return(states, after, sample, size=size, nstreams=nstreams)
        result = numbers * (high - low) + low
        if result.type.broadcastable != numbers.type.broadcastable:
            raise NotImplementedError(
                "Increase the size to match the broadcasting pattern of `low` and `high` arguments"
            )
        return result

    def binomial(
        self,
        size: Any = None,
        n: int = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return 1 with probability `p`, else 0; only one trial can be made."""
        if n != 1:
            raise NotImplementedError("MRG_RandomStreams.binomial with n > 1")
        chance = undefined_grad(as_tensor_variable(p))
        numbers = self.uniform(size, ndim=ndim, nstreams=nstreams, **kwargs)
        return FUNCTIONS["cast"](FUNCTIONS["lt"](numbers, chance), dtype)

    def multinomial(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return how often each outcome comes in `n` trials, for every row of `pvals`."""
        if pvals is None:
            raise TypeError("You have to specify pvals")
        if size is not None or ndim is not None:
            raise RangeError(
                "the size of multinomial draws is that of pvals; size and ndim are None"
            )
        pvals = undefined_grad(_probabilities(pvals, "multinomial"))
        numbers = self.uniform(pvals[:, 0].shape * n, ndim=1, nstreams=nstreams, **kwargs)
        return MultinomialFromUniform(dtype)(pvals, numbers, n)

    def choice(
        self,
        size: Any = 1,
        a: Any = None,
        replace: bool = True,
        p: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return `size` different outcomes for every row of `p`; `replace` must be False."""
        if replace:
            raise NotImplementedError(
                "MRG_RandomStreams.choice only works without replacement for now."
            )
        if a is not None or p is None:
            raise TypeError("MRG_RandomStreams.choice takes p, the probabilities, and no a")
        if ndim is not None:
            raise RangeError("ndim argument to MRG_RandomStreams.choice is not used")
        p = undefined_grad(_probabilities(p, "choice"))
        numbers = self.uniform(p[:, 0].shape * size, ndim=1, nstreams=nstreams, **kwargs)
        return ChoiceFromUniform(dtype)(p, numbers, size)

    def multinomial_wo_replacement(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return what `choice` does: `n` different outcomes for every row of `pvals`."""
        return self.choice(n, None, False, pvals, ndim, dtype, nstreams, **kwargs)

    def normal(
        self,
        size: Any,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
        truncate: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return normal numbers; if `truncate`, none further than 2 `std` from `avg`."""
        lengths = _lengths(size)
        avg, std = (undefined_grad(as_tensor_variable(v)) for v in (avg, std))
        dtype = dtype or upcast(config.floatX, avg.type.dtype, std.type.dtype)
        total = FUNCTIONS["prod"](lengths, dtype="int64")
        even = total + total % 2
        draws = dict(ndim=1, dtype=dtype, nstreams=nstreams, **kwargs)
        numbers = self.uniform((even,), **draws)
        radius = FUNCTIONS["sqrt"](-2.0 * FUNCTIONS["log"](numbers[: even // 2]))
        angle = np.array(2.0 * np.pi, dtype=dtype) * numbers[even // 2 :]
        waves = FUNCTIONS["cos"](angle), FUNCTIONS["sin"](angle)
        if truncate:
            samples = self._truncated(radius, waves, draws)
        else:
            samples = FUNCTIONS["join"](0, radius * waves[0], radius * waves[1])
        samples = FUNCTIONS["reshape"](samples[:total], lengths, ndim=ndim)
        scaled = samples * FUNCTIONS["cast"](std, dtype)
        return scaled + FUNCTIONS["cast"](avg, dtype)

    def _truncated(self, radius: Any, waves: tuple[Any, Any], draws: dict[str, Any]) -> Any:
        """Return numbers of which those beyond 2 are made again, with a radius below 2."""
        plain = [radius * wave for wave in waves]
        beyond = [
            FUNCTIONS["or_"](FUNCTIONS["lt"](z, -2.0), FUNCTIONS["gt"](z, 2.0)) for z in plain
        ]
        good = [
            z[FUNCTIONS["nonzero"](FUNCTIONS["invert"](b))]
            for z, b in zip(plain, beyond, strict=True)
        ]
        again = [FUNCTIONS["nonzero"](b)[0] for b in beyond]
        least = FUNCTIONS["constant"](1.0 / np.e**2, dtype=draws["dtype"])
        numbers = self.uniform((again[0].size + again[1].size,), low=least, high=1.0, **draws)
        smaller = FUNCTIONS["sqrt"](-2.0 * FUNCTIONS["log"](numbers))
        parts = smaller[: again[0].size], smaller[again[0].size :]
        made = [r * wave[i] for r, wave, i in zip(parts, waves, again, strict=True)]
        return FUNCTIONS["join"](0, good[0], made[0], good[1], made[1])

    def truncated_normal(
        self,
        size: Any,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return normal numbers cut at about 2.3 `std` from `avg`, of standard deviation `std`."""
        wider = as_tensor_variable(std) / FUNCTIONS["constant"](TRUNCATED_STD)
        return self.normal(size, avg, wider, ndim, dtype, nstreams, truncate=True, **kwargs)


def _refuse_unknown(kwargs: dict[str, Any]) -> None:
    unknown = set(kwargs) - {"target"}
    if unknown:
        raise TypeError(f"uniform() got unexpected keyword arguments {sorted(unknown)}")


def _check_lengths(size: Any) -> None:
    """Refuse a size that is neither a tuple of positive lengths nor a symbolic vector."""
    if isinstance(size, tuple | list):
        for length in size:
            if not isinstance(length, int | np.integer | Variable):
                raise AssertionError("size must be a tuple of int or a Theano variable")
            if not isinstance(length, Variable) and length <= 0:
                raise RangeError("a draw has no length of 0 or less", got=f"size={size}")
    elif not (isinstance(size, Variable) and getattr(size.type, "ndim", None) == 1):
        raise TypeError(f"size must be a tuple of int or a vector of integers, got {size!r}")


def _lengths(size: Any) -> Any:
    """Return a size, in any of the forms that `normal` takes, as a vector."""
    if isinstance(size, Variable):
        rank = getattr(size.type, "ndim", None)
        if rank not in (0, 1):
            raise RangeError(
                "a symbolic size is a vector or a scalar", got=f"{size} of {size.type}"
            )
        return size if rank else FUNCTIONS["int_vector"]([size])
    if isinstance(size, int | np.integer):
        size = (int(size),)
    if not isinstance(size, tuple | list):
        raise RangeError("Size must be a int, tuple, list or Theano variable.", got=f"{size!r}")
    for length in size:
        scalar = isinstance(length, Variable) and getattr(length.type, "ndim", None) == 0
        if not scalar and not (isinstance(length, int | np.integer) and length > 0):
            raise RangeError("the lengths of a draw are positive", got=f"size={size}")
    return FUNCTIONS["int_vector"](list(size))


def _probabilities(pvals: Any, what: str) -> Any:
    pvals = as_tensor_variable(pvals)
    if pvals.type.ndim != 2:
        raise NotImplementedError(f"MRG_RandomStreams.{what} only implemented for pvals.ndim = 2")
    return pvals
