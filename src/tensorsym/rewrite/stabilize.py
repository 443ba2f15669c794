"""Rules that keep digits: logarithms of sums, the logistic function, complements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.rewrite.pattern import (
    abs_,
    erf,
    erfc,
    exp,
    expm1,
    log,
    log1p,
    logsoftmax,
    rest,
    sigmoid,
    softmax,
    softplus,
    sqr,
    sqrt,
)
from tensorsym.rewrite.rules import Rule, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorsym.rewrite.pattern import (
        Pattern,
    )

__all__ = ["complements", "logarithms", "logistic", "normalised"]


@rules("stabilize", domain=(0.1, 3.0))
def logarithms(x: Pattern) -> Iterator[Rule]:
    """Logarithms and exponentials of sums and of each other."""
    yield Rule(
        "log1p", log(1 + rest(x)), log1p(x), exactness="stabilising", theano=("local_log1p",),
        why="1 + x drops the low digits of x", differs="|x| < 1e-3",
    )  # fmt: skip
    yield Rule(
        "log1p_minus", log(1 - x), log1p(-x), exactness="stabilising", theano=("local_log1p",),
        domain=((-3.0, 0.9),),
        why="1 - x drops the low digits of x", differs="|x| < 1e-3",
    )  # fmt: skip
    yield Rule(
        "expm1", exp(x) - 1, expm1(x), exactness="stabilising", theano=("local_expm1",),
        why="exp(x) - 1 cancels near 0", differs="|x| < 1e-3",
    )  # fmt: skip
    yield Rule(
        "expm1_added", exp(x) + -1, expm1(x), exactness="stabilising", theano=("local_expm1",),
        why="exp(x) - 1 cancels near 0", differs="|x| < 1e-3",
    )  # fmt: skip
    yield Rule(
        "one_minus_exp", 1 - exp(x), -expm1(x), exactness="stabilising", theano=("local_expm1",),
        why="1 - exp(x) cancels near 0", differs="|x| < 1e-3",
    )  # fmt: skip
    yield Rule(
        "log_exp", log(exp(x)), x, exactness="stabilising", theano=("local_log_exp",),
        why="exp overflows above x = 709.8", differs="x > 709.8 or x < -745.1",
    )  # fmt: skip
    yield Rule(
        "log_sqrt", log(sqrt(x)), 0.5 * log(x), exactness="reassociating",
        theano=("local_log_pow",),
        why="a product costs less than a root",
    )  # fmt: skip
    yield Rule(
        "log1p_expm1", log1p(expm1(x)), x, exactness="stabilising",
        why="expm1 overflows above x = 709.8",
        differs="|x| > 709.8",
    )  # fmt: skip
    yield Rule(
        "expm1_log1p", expm1(log1p(x)), x, exactness="stabilising",
        why="the functions undo each other",
        differs="x < -1",
    )  # fmt: skip


@rules("stabilize", domain=(-3.0, 3.0))
def logistic(x: Pattern) -> Iterator[Rule]:
    """Yield rules about the logistic function and its logarithm, softplus."""
    yield Rule(
        "softplus", log1p(exp(x)), softplus(x), exactness="stabilising",
        theano=("log1pexp_to_softplus",),
        why="exp overflows above x = 709.8", differs="|x| > 700",
    )  # fmt: skip
    yield Rule(
        "log_sigmoid", log(sigmoid(x)), -softplus(-x), exactness="stabilising",
        theano=("logsigm_to_softplus",),
        why="sigmoid underflows below x = -709", differs="x < -36 or x > 36",
    )  # fmt: skip
    yield Rule(
        "log1p_minus_sigmoid", log1p(-sigmoid(x)), -softplus(x), exactness="stabilising",
        theano=("log1msigm_to_softplus", "log1p_neg_sigmoid"),
        why="1 - sigmoid(x) cancels for large x",
        differs="x > 36",
    )  # fmt: skip
    yield Rule(
        "one_minus_sigmoid", 1 - sigmoid(x), sigmoid(-x), exactness="stabilising",
        theano=("local_1msigmoid",),
        why="1 - sigmoid(x) cancels for large x", differs="x > 20",
    )  # fmt: skip
    yield Rule(
        "exp_minus_softplus", exp(-softplus(x)), sigmoid(-x), exactness="stabilising",
        why="one function in place of three",
    )  # fmt: skip


@rules("stabilize", domain=(-1.5, 1.5))
def complements(x: Pattern) -> Iterator[Rule]:
    """Error functions and their complements; roots of squares."""
    yield Rule(
        "one_minus_erf", 1 - erf(x), erfc(x), exactness="stabilising",
        theano=("local_one_minus_erf", "local_one_minus_erf2"),
        why="1 - erf(x) cancels for large x", differs="x > 1",
    )  # fmt: skip
    yield Rule(
        "one_minus_erfc", 1 - erfc(x), erf(x), exactness="stabilising",
        theano=("local_one_minus_erfc", "local_one_minus_erfc2", "local_one_minus_erfc3",
                "local_one_add_neg_erfc"),
        why="1 - erfc(x) cancels near 0", differs="|x| < 1e-3",
    )  # fmt: skip
    yield Rule(
        "erf_minus_one", erf(x) - 1, -erfc(x), exactness="stabilising",
        theano=("local_erf_minus_one", "local_erf_neg_minus_one", "local_erf_neg_minus_one2"),
        why="erf(x) - 1 cancels for large x", differs="x > 1",
    )  # fmt: skip
    yield Rule(
        "one_plus_erf", 1 + erf(x), erfc(-x), exactness="stabilising",
        theano=("local_one_plus_erf", "local_one_plus_neg_erf"),
        why="1 + erf(x) cancels for x < -1", differs="x < -1",
    )  # fmt: skip
    yield Rule(
        "sqrt_sqr", sqrt(sqr(x)), abs_(x), exactness="stabilising",
        why="sqr overflows above |x| = 1.3e154",
        differs="|x| > 1.3e154 or |x| < 1.5e-154",
    )  # fmt: skip


@rules("stabilize", "specialize", domain=(-3.0, 3.0))
def normalised(x: Pattern) -> Iterator[Rule]:
    """Logarithms of softmax."""
    yield Rule(
        "log_softmax", log(softmax(x)), logsoftmax(x), exactness="stabilising",
        theano=("local_logsoftmax", "local_log_softmax"),
        why="softmax underflows where its logarithm is an ordinary number",
        differs="softmax(x) < 1e-300",
    )  # fmt: skip
