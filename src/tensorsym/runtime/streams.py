"""`RandomStreams`: random numbers, new in every call by default updates of shared states."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.language import random
from tensorsym.language.random import random_state_type
from tensorsym.language.table import FUNCTIONS
from tensorsym.runtime.shared import SharedVariable, shared_constructor

if TYPE_CHECKING:
    from tensorsym.graph.variable import Variable

__all__ = ["RandomStateSharedVariable", "RandomStreams"]

# Seeds of streams are drawn below this bound, Theano's; the numbers of a seed are then Theano's
# too.
SEED_BOUND = 2**30


class RandomStateSharedVariable(SharedVariable):
    """A shared NumPy RandomState."""

    __slots__ = ()


@shared_constructor
def random_state_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
) -> SharedVariable:
    """Share a RandomState."""
    if not isinstance(value, np.random.RandomState):
        raise TypeError("not a RandomState")
    state = value if borrow else copy.deepcopy(value)
    return RandomStateSharedVariable(name, random_state_type, state, strict, allow_downcast)


class RandomStreams:
    """A source of random variables, each with a state of its own.

    A function draws new numbers in every call, because a variable's state has the state after the
    draw as its default update.

    Parameters
    ----------
    seed : int, optional
        Where the streams' seeds come from; equal seeds give equal numbers, those of Theano.

    Examples
    --------
    >>> import tensorsym
    >>> from tensorsym.tensor.shared_randomstreams import RandomStreams
    >>> draw = tensorsym.function([], RandomStreams(seed=1).uniform((2,)))
    >>> bool((draw() == draw()).all())
    False
    """

    def __init__(self, seed: int | None = None) -> None:
        self.state_updates: list[tuple[SharedVariable, Variable]] = []
        self.default_instance_seed = seed
        self.gen_seedgen = np.random.RandomState(seed)

    def updates(self) -> list[tuple[SharedVariable, Variable]]:
        """Return the pairs (state, state after the draw) of all variables made so far."""
        return list(self.state_updates)

    def seed(self, seed: int | None = None) -> None:
        """Give all states made so far new seeds.

        Parameters
        ----------
        seed : int, optional
            The seed of the seeds; that of the constructor if not given.
        """
        source = np.random.RandomState(self.default_instance_seed if seed is None else seed)
        for state, _ in self.state_updates:
            state.set_value(np.random.RandomState(int(source.randint(SEED_BOUND))), borrow=True)

    def __getitem__(self, item: Any) -> Any:
        """Return the container of the state that a variable is drawn from."""
        for state, _ in self.state_updates:
            if item is state:
                return state.container.value
        raise KeyError(item)

    def __setitem__(self, item: Any, value: Any) -> None:
        """Set the state that a variable is drawn from."""
        for state, _ in self.state_updates:
            if item is state:
                state.set_value(value, borrow=True)
                return
        raise KeyError(item)

    def gen(self, op: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a random variable drawn by `op(state, *args, **kwargs)`.

        Parameters
        ----------
        op : callable
            A function of `tensor.raw_random`; it returns the state after the draw, and the numbers.
        *args, **kwargs
            Its arguments after the state.

        Returns
        -------
        TensorVariable
            With attributes `rng` (the state) and `update` (the pair of the state and the state
            after).
        """
        start = np.random.RandomState(int(self.gen_seedgen.randint(SEED_BOUND)))
        state = RandomStateSharedVariable(None, random_state_type, start)
        after, numbers = op(state, *args, **kwargs)
        state.default_update = after
        numbers.rng = state
        numbers.update = (state, after)
        self.state_updates.append(numbers.update)
        return numbers

    def uniform(self, size: Any = None, low: Any = 0.0, high: Any = 1.0, ndim: int | None = None,
                dtype: Any = None) -> Any:  # fmt: skip
        """Return numbers between `low` and `high`, all equally likely."""
        return self.gen(random.uniform, size, low, high, ndim=ndim, dtype=dtype or config.floatX)

    def normal(self, size: Any = None, avg: Any = 0.0, std: Any = 1.0, ndim: int | None = None,
               dtype: Any = None) -> Any:  # fmt: skip
        """Return normally distributed numbers of mean `avg` and standard deviation `std`."""
        return self.gen(random.normal, size, avg, std, ndim=ndim, dtype=dtype or config.floatX)

    def binomial(self, size: Any = None, n: Any = 1, p: Any = 0.5, ndim: int | None = None,
                 dtype: Any = "int64", prob: Any = None) -> Any:  # fmt: skip
        """Return numbers of successes in `n` trials, each successful with probability `p`."""
        return self.gen(
            random.binomial, size, n, p if prob is None else prob, ndim=ndim, dtype=dtype
        )

    def poisson(self, size: Any = None, lam: Any = 1.0, ndim: int | None = None,
                dtype: Any = "int64") -> Any:  # fmt: skip
        """Return numbers of events of which `lam` are expected."""
        return self.gen(random.poisson, size, lam, ndim=ndim, dtype=dtype)

    def random_integers(self, size: Any = None, low: Any = 0, high: Any = 1,
                        ndim: int | None = None, dtype: Any = "int64") -> Any:  # fmt: skip
        """Return integers from `low` to `high`, both included."""
        return self.gen(random.random_integers, size, low, high, ndim=ndim, dtype=dtype)

    def choice(self, size: Any = None, a: Any = 2, replace: bool = True, p: Any = None,
               ndim: int | None = None, dtype: Any = "int64") -> Any:  # fmt: skip
        """Return elements of `a` (or integers below it), drawn with or without replacement."""
        return self.gen(random.choice, size, a, replace, p, ndim=ndim, dtype=dtype)

    def permutation(self, size: Any = None, n: Any = 1, ndim: int | None = None,
                    dtype: Any = "int64") -> Any:  # fmt: skip
        """Return the integers below `n` in random order."""
        return self.gen(random.permutation, size, n, ndim=ndim, dtype=dtype)

    def multinomial(self, size: Any = None, n: Any = 1, pvals: Any = (0.5, 0.5),
                    ndim: int | None = None, dtype: Any = "int64") -> Any:  # fmt: skip
        """Return how often each outcome comes in `n` trials with probabilities `pvals`."""
        return self.gen(random.multinomial, size, n, pvals, ndim=ndim, dtype=dtype)

    def shuffle_row_elements(self, input: Any) -> Any:
        """Return a matrix with the elements of each row in random order, the same in all rows."""
        order = self.permutation(size=input.shape[:-1], n=input.shape[-1], ndim=input.type.ndim - 1)
        return FUNCTIONS["permute_row_elements"](input, order)
