"""Theano's random functions of a state."""

from tensorsym.language.random import (
    RandomFunction,
    RandomStateType,
    binomial,
    choice,
    multinomial,
    normal,
    permutation,
    poisson,
    random_function,
    random_integers,
    random_state_type,
    uniform,
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
