"""Joining tensors along a dimension and splitting them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import AxisError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast
from tensorsym.language.dtypes import is_discrete, upcast
from tensorsym.language.indexing_basic import ELEMENT_FINDERS, element_of
from tensorsym.language.shape import MakeVector, constant_length, see_through, shape_entries
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage

__all__ = ["Join", "Split", "concatenate", "join", "split"]


def _axis_scalar(axis: Any, ndim: int) -> Any:
    """Return an axis as a scalar integer tensor, counted from the front if it is known."""
    scalar = as_tensor_variable(axis)
    if scalar.type.ndim or not is_discrete(scalar.type.dtype):
        raise RankError("an axis is a scalar integer", got=f"{scalar} of type {scalar.type}")
    known = constant_length(scalar)
    if known is None:
        return scalar
    if not -ndim <= known < ndim:
        raise AxisError(
            f"axis {known} is out of range",
            got=f"tensors of {ndim} dimensions",
            expected=f"an axis from {-ndim} to {ndim - 1}",
        )
    return constant(np.int8(known % ndim))


def _run_time_axis(axis: Any, ndim: int, node: Apply) -> int:
    if not -ndim <= int(axis) < ndim:
        raise AxisError(
            f"axis {int(axis)} is out of range for {ndim} dimensions", origin=node.origin
        )
    return int(axis) % ndim


def _along(axis: Any, d: int, ndim: int, there: Any, elsewhere: Any) -> Any:
    """Return one length where `d` is the axis, symbolic or not, another where it is not."""
    known = constant_length(axis)
    if known is not None:
        return there if known == d else elsewhere
    is_axis = FUNCTIONS["or_"](FUNCTIONS["eq"](axis, d), FUNCTIONS["eq"](axis, d - ndim))
    return FUNCTIONS["switch"](is_axis, there, elsewhere)


class Join(Op):
    """Tensors one after the other along a dimension; inputs are the axis and the tensors."""

    __props__ = ()

    def make_node(self, axis: Any, *tensors: Any) -> Apply:
        """Return the application on an axis, symbolic or not, and tensors of one rank."""
        if not tensors:
            raise ShapeError("there is nothing to join")
        variables = [as_tensor_variable(tensor) for tensor in tensors]
        ranks = {v.type.ndim for v in variables}
        if len(ranks) > 1 or 0 in ranks:
            raise RankError(
                "join takes tensors of one rank, of at least one dimension",
                got=", ".join(f"{v} of {v.type.ndim} dimensions" for v in variables),
                origin=tuple(place for v in variables for place in v.origin),
                hint="T.stack joins scalars and adds a dimension",
            )
        (ndim,) = ranks
        axis = _axis_scalar(axis, ndim)
        dtype = upcast(*[v.type.dtype for v in variables])
        shape = self._static_shape(constant_length(axis), variables)
        return Apply(self, [axis, *variables], [TensorType(dtype, shape=shape)()])

    @staticmethod
    def _static_shape(axis: int | None, variables: Sequence[Any]) -> list[int | None]:
        columns = list(zip(*[v.type.shape for v in variables], strict=True))
        if axis is None:
            return [None] * len(columns)
        shape: list[int | None] = []
        for d, lengths in enumerate(columns):
            known = [length for length in lengths if length is not None]
            if d == axis:
                shape.append(sum(known) if len(known) == len(lengths) else None)
                continue
            if len(set(known)) > 1:
                raise ShapeError(
                    f"join: lengths differ in dimension {d}",
                    got=", ".join(f"{v} of shape {v.type.shape}" for v in variables),
                    expected=f"equal lengths in all dimensions but {axis}",
                    origin=tuple(place for v in variables for place in v.origin),
                )
            shape.append(known[0] if known else None)
        return shape

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Join with NumPy."""
        axis, *arrays = inputs
        dtype = node.outputs[0].type.dtype
        place = _run_time_axis(axis, arrays[0].ndim, node)
        try:
            output_storage[0][0] = np.concatenate(
                [np.asarray(a, dtype=dtype) for a in arrays], axis=place
            )
        except ValueError as error:
            named = zip(node.inputs[1:], arrays, strict=True)
            raise ShapeError(
                "join: lengths differ in a dimension that is not joined",
                got=", ".join(f"{v} of shape {a.shape}" for v, a in named),
                expected=f"equal lengths in all dimensions but {place}",
                origin=node.origin,
            ) from error

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the sum of lengths along the axis, and the first tensor's other lengths."""
        _, first, *others = shapes
        lengths = []
        for d, length in enumerate(first):
            total = length
            for shape in others:
                total = total + shape[d]
            lengths.append(_along(node.inputs[0], d, len(first), total, length))
        return [tuple(lengths)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the tensors are connected, the axis is not."""
        return [[False]] + [[True]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient split."""
        axis, *tensors = inputs
        (g,) = output_grads
        none = FUNCTIONS["disconnected"]()
        if is_discrete(outputs[0].type.dtype):
            return [none, *[FUNCTIONS["zero_gradient"](v) for v in tensors]]
        if len(tensors) == 1:
            return [none, g]
        sizes = MakeVector("int64")(*[v.shape[axis] for v in tensors])
        parts = Split(len(tensors))(g, axis, sizes)
        return [none, *[_gradient_like(part, v) for part, v in zip(parts, tensors, strict=True)]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangents joined."""
        axis, *tensors = inputs
        tangents = eval_points[1:]
        if all(t is None for t in tangents):
            return [None]
        pairs = zip(tensors, tangents, strict=True)
        return [self(axis, *[FUNCTIONS["zeros_like"](v) if t is None else t for v, t in pairs])]

    def __str__(self) -> str:
        return "Join"


def _gradient_like(g: Any, x: Any) -> Any:
    """Return a part of a gradient with the dtype and broadcast pattern of its tensor."""
    if is_discrete(x.type.dtype):
        return FUNCTIONS["zero_gradient"](x)
    if upcast(x.type.dtype, g.type.dtype) == x.type.dtype or x.type.dtype[0] == g.type.dtype[0]:
        g = cast(g, x.type.dtype)
    return FUNCTIONS["patternbroadcast"](g, x.type.broadcastable)


class Split(Op):
    """Views of a tensor along a dimension; inputs are tensor, axis and lengths.

    Parameters
    ----------
    len_splits : int
        Number of parts.
    """

    __props__ = ("len_splits",)

    def __init__(self, len_splits: int) -> None:
        self.len_splits = int(len_splits)
        self.view_map = {part: [0] for part in range(self.len_splits)}

    def make_node(self, x: Any, axis: Any, splits: Any) -> Apply:
        """Return the application on a tensor, an axis and a vector of lengths."""
        x, splits = as_tensor_variable(x), as_tensor_variable(splits)
        if splits.type.ndim != 1 or not is_discrete(splits.type.dtype):
            raise RankError(
                "the lengths of the parts are a vector of integers", got=str(splits.type)
            )
        if x.type.ndim == 0:
            raise RankError(
                "a tensor without dimensions can not be split", got=str(x), origin=x.origin
            )
        axis = _axis_scalar(axis, x.type.ndim)
        place = constant_length(axis)
        known = splits.type.shape[0]
        if known is not None and known != self.len_splits:
            raise ShapeError(
                f"{known} lengths are given", expected=f"{self.len_splits}, one per part"
            )
        shapes: list[list[int | None]] = [[None] * x.type.ndim] * self.len_splits
        if place is not None:
            sizes = [constant_length(n) for n in shape_entries(splits, self.len_splits)]
            shapes = [
                [size if d == place else n for d, n in enumerate(x.type.shape)] for size in sizes
            ]
        return Apply(
            self, [x, axis, splits], [TensorType(x.type.dtype, shape=shape)() for shape in shapes]
        )

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return NumPy's views."""
        x, axis, splits = inputs
        place = _run_time_axis(axis, x.ndim, node)
        if len(splits) != self.len_splits or splits.sum() != x.shape[place] or (splits < 0).any():
            raise ShapeError(
                "split: the lengths of the parts do not fit",
                got=f"{[int(n) for n in splits]} for {node.inputs[0]} of shape {x.shape}",
                expected=f"{self.len_splits} lengths, none negative, that sum to {x.shape[place]}",
                origin=node.origin,
            )
        borders = np.cumsum(splits)[:-1]
        for cell, part in zip(output_storage, np.split(x, borders, axis=place), strict=True):
            cell[0] = part

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths along the axis, and the tensor's others."""
        _, axis, splits = node.inputs
        sizes = [cast(n, "int64") for n in shape_entries(splits, self.len_splits)]
        whole = shapes[0]
        return [
            tuple(_along(axis, d, len(whole), size, length) for d, length in enumerate(whole))
            for size in sizes
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the tensor is connected."""
        parts = self.len_splits
        return [[True] * parts, [False] * parts, [False] * parts]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients joined; parts that are not used count as 0."""
        x, axis, _ = inputs
        none = FUNCTIONS["disconnected"]
        if all(isinstance(g.type, DisconnectedType) for g in output_grads):
            return [none(), none(), none()]
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x), none(), none()]
        parts = [
            FUNCTIONS["zeros_like"](out) if isinstance(g.type, DisconnectedType) else g
            for g, out in zip(output_grads, outputs, strict=True)
        ]
        return [_gradient_like(Join()(axis, *parts), x), none(), none()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent split."""
        if eval_points[0] is None:
            return [None] * self.len_splits
        return self(eval_points[0], *inputs[1:], return_list=True)  # type: ignore[no-any-return]


def _element_of_join(vector: Any, place: int) -> Any:
    """Return the element of a join of vectors of known length."""
    for part in vector.owner.inputs[1:]:
        length = part.type.shape[0]
        if length is None:
            return None
        if place < 0 or place < length:
            break
        place -= length
    if place < 0 or part.owner is None:
        return constant(part.data[place]) if place >= 0 and hasattr(part, "data") else None
    return element_of(part, place)


def _value_of_join(node: Apply, elemwise: bool, depth: int) -> Any:
    """Return the value all parts have, if it is one and the same."""
    get_value = FUNCTIONS["get_scalar_constant_value"]
    first, *others = [get_value(v, elemwise, False, depth) for v in node.inputs[1:]]
    if any(other != first for other in others):
        return get_value(node.outputs[0], False, True)
    return first


def _value_of_vector(node: Apply, elemwise: bool, depth: int) -> Any:
    """Return the value all entries of a vector of scalars have, if it is one and the same."""
    get_value = FUNCTIONS["get_scalar_constant_value"]
    values = [get_value(v, elemwise, False, depth) for v in node.inputs]
    if not values or any(value != values[0] for value in values):
        return get_value(node.outputs[0], False, True)
    return values[0]


ELEMENT_FINDERS[Join] = _element_of_join
see_through(Join, _value_of_join)
see_through(MakeVector, _value_of_vector)


@public("join")
def join(axis: Any, *tensors_list: Any) -> Any:
    """Return tensors joined along a dimension; see `concatenate`.

    Parameters
    ----------
    axis : int or scalar
        The dimension; it may be symbolic.
    *tensors_list : tensor
        Tensors of one rank; other lengths must agree.

    Returns
    -------
    TensorVariable
        Of the smallest dtype that holds all.

    Raises
    ------
    TypeError
        If ranks differ, or are 0.
    ShapeError
        If lengths are known to differ, or the axis is out of range.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.join(0, T.fmatrix(), T.imatrix()).dtype
    'float64'
    """
    if len(tensors_list) == 1:
        return as_tensor_variable(tensors_list[0])
    return Join()(axis, *tensors_list)


@public("concatenate", numpy=("concatenate",))
def concatenate(tensor_list: Any, axis: Any = 0) -> Any:
    """Return tensors joined along a dimension.

    Parameters
    ----------
    tensor_list : list or tuple of tensor
        Tensors of one rank; lengths must agree but along the axis.
    axis : int or scalar
        The dimension; None joins the flattened tensors.

    Returns
    -------
    TensorVariable
        Of the smallest dtype that holds all.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.concatenate([T.row(), T.row()], axis=0).type.shape
    (2, None)
    """
    if not isinstance(tensor_list, list | tuple):
        raise TypeError(
            f"concatenate takes a list or tuple of tensors, got {tensor_list}: brackets missing?"
        )
    if axis is None:
        return join(
            0, *[FUNCTIONS["flatten"](as_tensor_variable(tensor)) for tensor in tensor_list]
        )
    return join(axis, *tensor_list)


@public("split")
def split(x: Any, splits_size: Any, n_splits: int, axis: Any = 0) -> Any:
    """Return the parts of a tensor, one after the other along a dimension.

    Parameters
    ----------
    x : tensor
        Any tensor.
    splits_size : int vector or list of int
        Lengths of the parts; they must sum to the length of the dimension.
    n_splits : int
        Number of parts.
    axis : int or scalar
        The dimension.

    Returns
    -------
    list of TensorVariable
        The parts (one tensor if there is one part).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> len(T.split(T.vector(), [1, 2], 2))
    2
    """
    if isinstance(splits_size, list | tuple):
        splits_size = FUNCTIONS["int_vector"](splits_size)
    return Split(n_splits)(x, axis, splits_size)
