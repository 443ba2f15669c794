"""Rules of canonicalize: ops that do nothing, inverse pairs, and choices that are made already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.dtypes import ALL, BOOL, COMPLEX, DISCRETE, FLOAT, INT, UINT
from tensorsym.rewrite.pattern import (
    abs_,
    and_,
    arccosh,
    arcsinh,
    arctanh,
    ceil,
    conj,
    cosh,
    deg2rad,
    eq,
    exp,
    floor,
    int_div,
    invert,
    log,
    max_,
    maximum,
    min_,
    minimum,
    mod,
    neg,
    neq,
    or_,
    rad2deg,
    sgn,
    sinh,
    sqr,
    sqrt,
    switch,
    tanh,
    tensor_copy,
    trunc,
    xor,
)
from tensorsym.rewrite.rules import PHASES, Rule, algorithm, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.pattern import (
        Pattern,
    )
    from tensorsym.rewrite.rules import Replacement

__all__ = ["bits", "choices", "inverses", "magnitudes", "powers", "useless"]

INTEGERS = INT + UINT


@rules(*PHASES, domain=(0.2, 3.0))
def useless(x: Pattern) -> Iterator[Rule]:
    """Ops that change nothing."""
    yield Rule(
        "pow_1", x**1, x, dtypes=ALL, theano=("local_pow_specialize",), why="the exponent is 1"
    )
    yield Rule(
        "pow_0",
        x**0,
        1,
        dtypes=ALL,
        theano=("local_pow_specialize",),
        why="the exponent is 0, also of NaN and 0",
    )
    yield Rule("div_by_one", x / 1, x, theano=("local_intdiv_by_one",), why="the divisor is 1")
    yield Rule(
        "int_div_by_one",
        int_div(x, 1),
        x,
        dtypes=DISCRETE,
        theano=("local_intdiv_by_one",),
        why="the divisor is 1",
    )
    yield Rule(
        "mod_one",
        mod(x, 1),
        0,
        dtypes=DISCRETE,
        theano=("local_useless_elemwise",),
        why="integers leave no remainder",
    )
    yield Rule(
        "copy",
        tensor_copy(x),
        x,
        dtypes=ALL,
        theano=("remove_tensor_copy", "local_view_op"),
        why="results own their memory anyway",
    )
    for name, rounding in (("ceil", ceil), ("floor", floor), ("trunc", trunc)):
        yield Rule(
            f"{name}_{name}", rounding(rounding(x)), rounding(x), why="the first has rounded"
        )


@rules(*PHASES, domain=(-3.0, 3.0))
def inverses(x: Pattern) -> Iterator[Rule]:
    """Functions that undo each other."""
    theano = ("local_func_inv",)
    yield Rule(
        "neg_neg",
        neg(neg(x)),
        x,
        dtypes=INTEGERS + FLOAT + COMPLEX,
        theano=("local_neg_neg", *theano),
        why="two signs cancel",
    )
    yield Rule(
        "invert_invert",
        invert(invert(x)),
        x,
        dtypes=DISCRETE,
        theano=theano,
        why="two complements cancel",
    )
    yield Rule(
        "conj_conj", conj(conj(x)), x, dtypes=COMPLEX, theano=theano, why="two conjugates cancel"
    )
    yield Rule(
        "conj_real",
        conj(x),
        x,
        dtypes=DISCRETE + FLOAT,
        theano=theano,
        why="a real number is its conjugate",
    )
    for outer, inner, domain in (
        (deg2rad, rad2deg, (-3.0, 3.0)), (rad2deg, deg2rad, (-3.0, 3.0)),
        (sinh, arcsinh, (-3.0, 3.0)),
        (arcsinh, sinh, (-3.0, 3.0)), (tanh, arctanh, (-0.9, 0.9)), (arctanh, tanh, (-1.5, 1.5)),
        (cosh, arccosh, (1.1, 3.0)), (exp, log, (0.2, 3.0)),
    ):  # fmt: skip
        yield Rule(
            f"{outer.__name__}_{inner.__name__}", outer(inner(x)), x, exactness="stabilising",
            theano=theano,
            why="the functions undo each other",
            differs="outside of the inner one's domain, or where it overflows",
            domain=(domain,),
        )  # fmt: skip


@rules(*PHASES, domain=(-3.0, 3.0))
def magnitudes(x: Pattern, y: Pattern, axis: Pattern) -> Iterator[Rule]:
    """Absolute values, squares and extrema."""
    yield Rule(
        "abs_abs",
        abs_(abs_(x)),
        abs_(x),
        dtypes=INTEGERS + FLOAT,
        theano=("local_abs_lift",),
        why="the first has no sign",
    )
    yield Rule(
        "abs_neg",
        abs_(-x),
        abs_(x),
        dtypes=INT + FLOAT + COMPLEX,
        theano=("local_abs_lift",),
        why="the sign does not count",
    )
    yield Rule(
        "sqr_neg", sqr(-x), sqr(x), dtypes=INTEGERS + FLOAT + COMPLEX, why="the sign does not count"
    )
    yield Rule(
        "sqr_abs", sqr(abs_(x)), sqr(x), dtypes=INTEGERS + FLOAT, why="the sign does not count"
    )
    yield Rule(
        "sqr_sqrt",
        sqr(sqrt(x)),
        x,
        exactness="stabilising",
        why="the functions undo each other",
        differs="x < 0",
        domain=((0.2, 3.0),),
    )
    yield Rule("abs_of_sqr", abs_(sqr(x)), sqr(x), why="a square has no sign")
    yield Rule(
        "sgn_sgn",
        sgn(sgn(x)),
        sgn(x),
        dtypes=INTEGERS + FLOAT,
        why="the sign of a sign is the sign",
    )
    yield Rule("maximum_same", maximum(x, x), x, dtypes=DISCRETE + FLOAT, why="both are the same")
    yield Rule("minimum_same", minimum(x, x), x, dtypes=DISCRETE + FLOAT, why="both are the same")
    yield Rule(
        "max_to_min", -max_(-x, axis=axis), min_(x, axis=axis), dtypes=FLOAT,
        theano=("local_max_to_min",),
        why="the negative is not computed",
    )  # fmt: skip


@rules(*PHASES, domain=(0.0, 2.0))
def bits(x: Pattern) -> Iterator[Rule]:
    """Bitwise operations with themselves and with constants."""
    theano = ("local_useless_elemwise",)
    yield Rule("and_same", and_(x, x), x, dtypes=DISCRETE, theano=theano, why="both are the same")
    yield Rule("or_same", or_(x, x), x, dtypes=DISCRETE, theano=theano, why="both are the same")
    yield Rule(
        "xor_same", xor(x, x), 0, dtypes=DISCRETE, theano=theano, why="equal bits differ nowhere"
    )
    yield Rule("and_zero", and_(x, 0), 0, dtypes=DISCRETE, theano=theano, why="no bit is left")
    yield Rule("or_zero", or_(x, 0), x, dtypes=DISCRETE, theano=theano, why="no bit is added")
    yield Rule("xor_zero", xor(x, 0), x, dtypes=DISCRETE, theano=theano, why="no bit is changed")
    yield Rule("and_true", and_(x, 1), x, dtypes=BOOL, theano=theano, why="true changes nothing")
    yield Rule("or_true", or_(x, 1), 1, dtypes=BOOL, theano=theano, why="true or anything is true")
    yield Rule("eq_same", eq(x, x), 1, dtypes=DISCRETE, theano=theano, why="both are the same")
    yield Rule("neq_same", neq(x, x), 0, dtypes=DISCRETE, theano=theano, why="both are the same")


@rules(*PHASES, domain=(-3.0, 3.0))
def choices(c: Pattern, x: Pattern, y: Pattern, z: Pattern) -> Iterator[Rule]:
    """Choices between equal things, or by the same condition twice."""
    yield Rule(
        "switch_same",
        switch(c, x, x),
        x,
        dtypes=ALL,
        theano=("local_useless_switch",),
        why="both branches are the same",
    )
    yield Rule(
        "switch_twice_true", switch(c, switch(c, x, y), z), switch(c, x, z), dtypes=ALL,
        theano=("local_merge_switch_same_cond",), why="the condition has been decided",
    )  # fmt: skip
    yield Rule(
        "switch_twice_false", switch(c, x, switch(c, y, z)), switch(c, x, z), dtypes=ALL,
        theano=("local_merge_switch_same_cond",), why="the condition has been decided",
    )  # fmt: skip


@rules("canonicalize", "stabilize", domain=(0.3, 2.0), constants="a b")
def powers(x: Pattern, a: Pattern, b: Pattern) -> Iterator[Rule]:
    """Powers of powers and of exponentials."""
    yield Rule(
        "pow_pow", (x**a) ** b, x ** (a * b), condition=lambda a, b: _is_whole(a) and _is_whole(b),
        exactness="reassociating", theano=("local_pow_canonicalize",),
        why="one power in place of two",
        differs="the inner power overflows or underflows",
    )  # fmt: skip
    yield Rule(
        "pow_exp", exp(x) ** a, exp(a * x), exactness="reassociating",
        why="one exponential in place of a power",
        differs="exp(x) overflows or underflows",
    )  # fmt: skip


def _is_whole(value: Any) -> bool:
    return bool(np.isreal(value) and value == np.round(value))


@algorithm(
    "useless_switch", *PHASES, roots=("switch",), theano=("local_useless_switch",),
    why="the condition is constant",
)  # fmt: skip
def useless_switch(node: Apply, context: Context) -> Replacement:
    """Replace a choice by a constant condition by the branch taken."""
    value = context.value_of(node.inputs[0])
    if value is None:
        return None
    return context.fit(node.inputs[1] if value else node.inputs[2], node.outputs[0])


@algorithm(
    "single_operand", *PHASES, roots=("add", "mul", "maximum", "minimum"),
    theano=("local_useless_elemwise",),
    why="a sum or product of one operand is the operand",
)  # fmt: skip
def single_operand(node: Apply, context: Context) -> Replacement:
    """Drop a variadic op that has one operand."""
    if len(node.inputs) != 1:
        return None
    return context.fit(node.inputs[0], node.outputs[0])
