"""Where our types of shapes, indices and reductions are others than Theano's, and why.

`knows_more` is the general rule: a length that is known to be 1 is a True in our broadcast pattern
also where Theano says False, as for `T.arange(1)`, `T.eye(1)` or the shape of a vector.
"""

# ruff: noqa: E501
# (a regular expression for a program is one line, however long)

from __future__ import annotations

from typing import Any

import numpy as np
from tests.data.recorders import outcome
from tests.theano.differences import ACCEPTED, AS_NUMPY, Difference

import tensorsym

__all__ = ["DIFFERENCES_OF_TYPES", "knows_more", "wrong_lengths"]


def knows_more(theanos: Any, ours: Any) -> bool:
    """Tell whether recorded types differ only by dimensions of length 1 that ours knows of."""
    his, mine = _types(theanos), _types(ours)
    return bool(his) and len(his) == len(mine) and all(map(_is_narrower, his, mine))


def _types(answer: Any) -> list[str]:
    if not isinstance(answer, dict):
        return []
    items = answer.get("list", [answer])
    return [item.get("type", "") if isinstance(item, dict) else "" for item in items]


def _is_narrower(theanos: str, ours: str) -> bool:
    (dtype, _, pattern), (our_dtype, _, our_pattern) = theanos.partition(":"), ours.partition(":")
    if dtype != our_dtype or not dtype or len(pattern) != len(our_pattern):
        return False
    return all(mine in (his, "T") for his, mine in zip(pattern, our_pattern, strict=True))


def wrong_lengths(single: dict[str, Any], names: dict[str, Any]) -> str:
    """Run a program, and say which dimension that its type calls broadcastable is not of length 1."""
    variables = outcome.declare(single["vars"], names["T"])
    with outcome.quiet():
        made = outcome.execute(single["code"], dict(names, **variables))
        results = made if isinstance(made, list) else [made]
        function = tensorsym.function(list(variables.values()), results, on_unused_input="ignore")
        try:
            values = function(*[_example(v.type) for v in variables.values()])
        except IndexError:  # the program names an element 1 of a dimension of length 1
            return ""
    for variable, value in zip(results, values, strict=True):
        for d, is_one in enumerate(variable.type.broadcastable):
            if is_one and value.shape[d] != 1:
                return f"dimension {d} of {variable.type} has length {value.shape[d]}"
    return ""


def _example(type_: Any) -> Any:
    """Return an array of a type: positions are 0, other lengths 2."""
    shape = [1 if is_one else 2 for is_one in type_.broadcastable]
    return np.zeros(shape, type_.dtype) if type_.dtype != "bool" else np.ones(shape, "bool")


SUPERSETS = [
    Difference(r"x\.norm\(0\)", "NotImplementedError", ACCEPTED, "counting what is not 0 is a norm too"),
    Difference(r"T\.(arg)?topk\(x, 2.*", "NotImplementedError", ACCEPTED,
               "Theano has it in C code only", r"x=int32:[TF].*"),
    Difference(r"T\.\w+\(x, axis=T\.constant\(0\)\)", "TypeError", ACCEPTED,
               "a constant is an axis for max; here it is for every reduction", r"x=\w+:[TF]+"),
    Difference(r"T\.mean\(x, axis=True\)", "TypeError", ACCEPTED, "True is 1, as for T.sum"),
    Difference(r"x\[(None, :|:, None)\]|T\.(set|inc)_subtensor\(x\[(None, :|None, \.\.\.|:, None|\.\.\., None)\], [0y]\)",
               "ValueError|TypeError", ACCEPTED, "an index with newaxis need not cover every dimension, and can be written to"),
    Difference(r"x\[(b|bm|:, b|bm?, 0|b, :|b, v)\]", "IndexError", AS_NUMPY,
               "a mask may have the length of a dimension of length 1"),
    Difference(r"T\.choose\(k, \(x, y\)\)", "TypeError", ACCEPTED, "choices of several dtypes are cast to one"),
    Difference(r"x\.dimshuffle\(-1\)", "ValueError", ACCEPTED, "negative dimensions count from the end"),
    Difference(r"x\.reshape\((-1|n)\)", "TypeError", ACCEPTED, "one length needs no tuple"),
    Difference(r"list\(x\)|\[e for e in x\[:2\]\]", "TypeError", ACCEPTED,
               "a dimension of length 1 can be iterated over", r"x=int32:T.*"),
    Difference(r"T\.roll\(x, 1\)", "IndexError", ACCEPTED, "a scalar rolls as in NumPy"),
]  # fmt: skip

# Theano builds these, and what it builds fails when run or means something else.
STRICTER = [
    Difference(r"T\.(sum|prod|mean)\(x, dtype='\w+'\)", ACCEPTED, "DTypeError",
               "a sum of complex numbers is not real; Theano drops the imaginary part", "x=complex.*"),
    Difference(r"T\.cum(sum|prod)\(x, axis=1\.0\)", ACCEPTED, "ValueError", "an axis is an integer"),
    Difference(r"x\[(5|np\.int8\(1\))\]", ACCEPTED, "IndexError", "a dimension of length 1 has no such element",
               r"x=float64:T.*"),
    Difference(r"x\.shape\[0\]", ACCEPTED, "IndexError", "a scalar has no length 0", r"x=int32: .*"),
    Difference(r"T\.join\(0\.5, x, x\)", ACCEPTED, "TypeError", "an axis is an integer"),
    Difference(r"T\.join\(0, \[x, x\]\)", ACCEPTED, {"type": "float64:FF"},
               "one argument is one tensor: a list is stacked, where Theano returns the list"),
    Difference(r"x\.reshape\(\(2, 3\), ndim=3\)", ACCEPTED, "ShapeError", "ndim disagrees with the shape"),
    Difference(r"x\.reshape\(\(-1, -1\)\)", ACCEPTED, "ShapeError", "only one length can be left open"),
    Difference(r"x\.reshape\(.*\)", ACCEPTED, "ShapeError", "one element does not fill the shape", r"x=int32:T? .*"),
    Difference(r"T\.take\(x, v, mode='other'\)", ACCEPTED, "ValueError", "there is no such mode"),
    Difference(r"T\.identity_like\(x\)", ACCEPTED, "TypeError", "only a matrix has an identity", r"x=int32:[TF]? .*"),
    Difference(r"T\.argsort\(x, axis=5\)|T\.stack\(\[x, x\], axis=[15]\)|T\.split\(x, \[1, 1\], 2, axis=1\)",
               ACCEPTED, "ValueError|TypeError", "there is no such axis", r"x=int32:([TF]* .*)"),
    Difference(r"T\.split\(x, .*\)|x\.(arg)?sort\(.*\)|T\.sort\(x, 0\)|T\.tri[lu]\(x.*\)", ACCEPTED, "RankError",
               "a scalar has no dimension", r"x=int32: .*"),
    Difference(r"T\.split\(x, \[1, 1\], n_splits=1\)", ACCEPTED, "ShapeError", "there are as many parts as lengths"),
    Difference(r"T\.specify_shape\(x, \(2.*\)\)", ACCEPTED, "SpecifiedShapeError", "a length of 1 is not 2 or 3"),
    Difference(r"T\.set_subtensor\(x\[0\], c\)|T\.inc_subtensor\(w\[[0v]\], 1\.5\)", ACCEPTED, "DTypeError",
               "what is written must fit the dtype; Theano drops parts and fractions, NumPy refuses"),
]  # fmt: skip

OTHER = [
    Difference(r"T\.split\(x, v, 2, axis=0\)", ACCEPTED,
               lambda single: {"list": [{"type": single["vars"].split()[0][2:].replace(":T", ":F")}] * 2},
               "parts of a dimension of length 1 may be empty; Theano calls them broadcastable", r"x=int32:T.*"),
    Difference(r"T\.(sum|prod)\(x\)\.owner\.op\.acc_dtype", ACCEPTED,
               lambda single: single["vars"].split("=")[1].split(":")[0],
               "sums go by blocks and a tree, and keep their digits in their own dtype (N26)"),
    Difference(r"x\[(1\.0|f|\[0\.5\]|fv|x)\]", "IndexError", "TypeError",
               "neither is a float an index, nor has a scalar an element", r"x=float64: .*"),
    Difference(r"x\.dimshuffle\(-1\)", "IndexError", "ValueError", "a scalar has no dimension", r"x=int32: .*"),
    Difference(r"T\.(max|sum)\(x, axis=T\.constant\(0\)\)", "TypeError", "ValueError",
               "a scalar has no axis", "x=float64:"),
    Difference(r"(x\.|T\.)take\(.*\)", "TypeError", "AxisError", "a scalar has no axis", r"x=int32: .*"),
    Difference(r"x\.reshape\(\(x\.shape\[0\], -1\)\)", "ValueError", "IndexError",
               "a scalar has no length 0", r"x=int32: .*"),
    Difference(r"T\.(arg)?topk\(x, 2.*", "NotImplementedError", "RankError", "a scalar has no dimension", r"x=int32: .*"),
    Difference(r"T\.extra_ops\.diff\(x\)", ACCEPTED, "RankError", "a scalar has no neighbours", r"x=int32: .*"),
    Difference(r"T\.extra_ops\.diff\(x\)", ACCEPTED,
               lambda single: {"type": single["vars"].split()[0][2:-1] + "F"},
               "one element has no difference: the length is 0; Theano calls it broadcastable", r"x=int32:\w*T .*"),
    Difference(r"T\.extra_ops\.to_one_hot\(x, 4\)", "ValueError", "TypeError", "a scalar has no length 0",
               r"x=int32: .*"),
    Difference(r"T\.extra_ops\.searchsorted\(x, \[1\]\)", ACCEPTED, "RangeError",
               "a scalar is no sorted vector", r"x=int32: .*"),
    Difference(r"T\.nnet\.softmax\(x\)", "IndexError", "SoftmaxOperandError", "a scalar is no vector or matrix",
               r"x=int32: .*"),
    Difference(r"T\.(set|inc)_subtensor\(x\[None\], [0y]\)", "ValueError", "NotASubtensorError",
               "only dimensions are added: it is no part of x"),
    Difference(r"T\.inc_subtensor\(x\[0\]\.dimshuffle\('x', 0\), 1\)", "TypeError", "ShapeError",
               "the reversed dimshuffle drops a dimension that is not known to have length 1"),
]  # fmt: skip

DIFFERENCES_OF_TYPES = (*SUPERSETS, *STRICTER, *OTHER)
