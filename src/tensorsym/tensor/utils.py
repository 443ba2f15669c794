"""Theano's helpers of tensors."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.table import FUNCTIONS
from tensorsym.runtime.function import function

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Variable

__all__ = ["hash_from_ndarray", "shape_of_variables"]


def hash_from_ndarray(data: np.ndarray[Any, Any]) -> str:
    """Return a text that tells arrays of other elements, shapes, strides or dtypes apart."""
    array = np.ascontiguousarray(data)
    described = f"{data.shape}{data.strides}{data.dtype.str}".encode()
    return hashlib.sha256(described + array.tobytes()).hexdigest()


def shape_of_variables(
    fgraph: FunctionGraph, input_shapes: Mapping[Variable, tuple[int, ...]]
) -> dict[Variable, tuple[int, ...]]:
    """Return the shape that each variable of a graph has for given shapes of its inputs.

    Parameters
    ----------
    fgraph : FunctionGraph
        The graph.
    input_shapes : dict of Variable to tuple of int
        A shape for each input.

    Raises
    ------
    ValueError
        If an input has no shape.
    """
    missing = [v for v in fgraph.inputs if v not in input_shapes]
    if missing:
        raise ValueError(f"no shape is given for {', '.join(map(str, missing))}")
    arrays = [np.zeros(input_shapes[v], dtype=v.type.dtype) for v in fgraph.inputs]
    wanted = [v for v in fgraph.variables if hasattr(v.type, "ndim")]
    shapes = [FUNCTIONS["shape"](v) for v in wanted]
    values = function(fgraph.inputs, shapes, on_unused_input="ignore")(*arrays)
    return {v: tuple(map(int, value)) for v, value in zip(wanted, values, strict=True)}
