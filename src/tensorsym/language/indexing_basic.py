"""`Subtensor` and `IncSubtensor`: reading and writing by integers and slices, which give views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError, IndexingError, IndexStepError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Constant
from tensorsym.language.arithmetic import cast
from tensorsym.language.dtypes import is_complex, is_discrete
from tensorsym.language.indexing_pattern import (
    SliceEntry,
    fill_pattern,
    numpy_index,
    pattern_text,
    slice_length,
    static_length,
)
from tensorsym.language.shape import (
    MakeVector,
    Shape,
    constant_length,
    get_scalar_constant_value,
    see_through,
)
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage
    from tensorsym.language.indexing_pattern import (
        Pattern,
    )

__all__ = ["IncSubtensor", "Subtensor"]


class Subtensor(Op):
    """A view of a tensor: some dimensions fixed by an integer, others sliced.

    Parameters
    ----------
    idx_list : tuple of entries
        The pattern; the numbers in it are inputs after the tensor. Dimensions without an entry
        are kept whole.
    """

    __props__ = ("idx_list",)
    view_map = {0: [0]}  # noqa: RUF012

    def __init__(self, idx_list: Pattern) -> None:
        self.idx_list = idx_list

    def make_node(self, x: Any, *inputs: Any) -> Apply:
        """Return the application on a tensor and the pattern's numbers, 0-d integers."""
        x = as_tensor_variable(x)
        numbers = [as_tensor_variable(number) for number in inputs]
        shape = basic_static_shape(x, fill_pattern(self.idx_list, numbers))
        return Apply(self, [x, *numbers], [TensorType(x.type.dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return NumPy's view."""
        x, *numbers = inputs
        index = numpy_index(self.idx_list, numbers)
        with index_errors(node, x):
            output_storage[0][0] = np.asarray(x[index])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths of the slices."""
        items = fill_pattern(self.idx_list, node.inputs[1:])
        items += [slice(None)] * (len(shapes[0]) - len(items))
        static = iter(node.outputs[0].type.shape)
        lengths = []
        for length, item in zip(shapes[0], items, strict=True):
            if isinstance(item, slice):
                known = next(static)
                lengths.append(
                    slice_length(length, item)
                    if known is None
                    else as_tensor_variable(np.int64(known))
                )
        return [tuple(lengths)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the result depends on the tensor, not differentiably on the numbers."""
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros with the gradient added at the index."""
        x, *numbers = inputs
        disconnected = [FUNCTIONS["disconnected"]() for _ in numbers]
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x), *disconnected]
        zeros = FUNCTIONS["zeros_like"](x)
        return [IncSubtensor(self.idx_list)(zeros, output_grads[0], *numbers), *disconnected]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent at the index."""
        return [None if eval_points[0] is None else self(eval_points[0], *inputs[1:])]

    def __str__(self) -> str:
        return f"Subtensor{{{pattern_text(self.idx_list)}}}"


class IncSubtensor(Op):
    """A tensor with a value added, or put, at an index of integers and slices.

    Parameters
    ----------
    idx_list : tuple of entries
        The pattern, as in `Subtensor`.
    inplace : bool
        Whether the tensor is overwritten.
    set_instead_of_inc : bool
        Whether the value replaces what was there.
    destroyhandler_tolerate_aliased : sequence of pairs of int
        Kept for Theano programs.
    """

    __props__ = ("idx_list", "inplace", "set_instead_of_inc")

    def __init__(
        self,
        idx_list: Pattern,
        inplace: bool = False,
        set_instead_of_inc: bool = False,
        destroyhandler_tolerate_aliased: Sequence[Any] = (),
    ) -> None:
        self.idx_list = idx_list
        self.inplace = inplace
        self.set_instead_of_inc = set_instead_of_inc
        if inplace:
            self.destroy_map = {0: [0]}

    def make_node(self, x: Any, y: Any, *inputs: Any) -> Apply:
        """Return the application on tensor, value and the pattern's numbers."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        numbers = [as_tensor_variable(number) for number in inputs]
        target = basic_static_shape(x, fill_pattern(self.idx_list, numbers))
        y = checked_value(x, y, target, self.set_instead_of_inc)
        return Apply(self, [x, y, *numbers], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Write with NumPy."""
        x, y, *numbers = inputs
        out = x if self.inplace else x.copy()
        index = numpy_index(self.idx_list, numbers)
        with index_errors(node, x, y):
            if self.set_instead_of_inc:
                out[index] = y
            else:
                target = out[index if index else ...]
                # An index without slices gives a number, which can not be changed in place.
                if np.ndim(target):
                    np.add(target, y, out=target, casting="unsafe")
                else:
                    out[index] = target + y
        output_storage[0][0] = out

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the tensor's shape."""
        return [shapes[0]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the result depends on tensor and value."""
        return [[True], [True]] + [[False]] * (len(node.inputs) - 2)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient, 0 at the index if that was overwritten, and that at the index."""
        x, y, *numbers = inputs
        (g,) = output_grads
        disconnected = [FUNCTIONS["disconnected"]() for _ in numbers]
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x), FUNCTIONS["zero_gradient"](y), *disconnected]
        x_gradient = g
        if self.set_instead_of_inc:
            zero = as_tensor_variable(np.zeros((), g.type.dtype))
            x_gradient = IncSubtensor(self.idx_list, set_instead_of_inc=True)(g, zero, *numbers)
        y_gradient = summed_to(self.reader()(g, *numbers), y)
        return [x_gradient, y_gradient, *disconnected]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent of the tensor with that of the value written."""
        return [tangent_of_write(self.twin(), inputs, eval_points)]

    def reader(self) -> Subtensor:
        """Return the op that reads at the same index."""
        return Subtensor(self.idx_list)

    def twin(self) -> IncSubtensor:
        """Return this op without `inplace`."""
        return IncSubtensor(self.idx_list, set_instead_of_inc=self.set_instead_of_inc)

    def __str__(self) -> str:
        how = ("Inplace" if self.inplace else "") + ("Set" if self.set_instead_of_inc else "Inc")
        return f"IncSubtensor{{{how};{pattern_text(self.idx_list)}}}"


def basic_static_shape(x: Any, items: Sequence[Any]) -> list[int | None]:
    """Return what is known of the shape of `x` indexed by integers and slices."""
    if len(items) > x.type.ndim:
        raise IndexingError(
            "too many indices", got=f"{len(items)} indices", expected=f"at most {x.type.ndim}"
        )
    shape: list[int | None] = []
    for axis, item in enumerate(items):
        length = x.type.shape[axis]
        if isinstance(item, slice):
            shape.append(static_length(length, item))
            continue
        if item.type.ndim or not is_discrete(item.type.dtype):
            raise DTypeError("a basic index is a scalar integer", got=f"{item} of type {item.type}")
        value = None if length is None else constant_length(item)
        if value is not None and length is not None and not -length <= value < length:
            raise IndexingError(
                f"index {value} is out of range in dimension {axis}",
                got=f"{x} of shape {x.type.shape}",
                expected=f"at least {-length} and less than {length}",
                origin=x.origin,
            )
    return shape + list(x.type.shape[len(items) :])


def checked_value(x: Any, y: Any, target: Sequence[int | None], sets: bool) -> Any:
    """Return the value `y`, made ready to be written to a part of `x` of shape `target`.

    Raises
    ------
    TypeError
        If the value has more dimensions than the part, or a dtype that can not be written.
    ValueError
        If lengths are known to differ.
    """
    if y.type.ndim > len(target):
        what = "set" if sets else "increment"
        raise RankError(
            f"a value of {y.type.ndim} dimensions can not {what} a part of {len(target)}",
            got=f"part of shape {tuple(target)}, value {y} of shape {y.type.shape}",
            origin=y.origin,
        )
    own = x.type.dtype
    loses = is_complex(y.type.dtype) and not is_complex(own)
    if not sets and is_discrete(own) and not is_discrete(y.type.dtype):
        loses = True
    if loses:
        raise DTypeError(
            f"a value of {y.type.dtype} can not be written to {x} of {own}",
            got=f"{y} of {y.type.dtype}",
            expected=own,
            hint="cast the value, or the tensor, first",
        )
    pattern = list(y.type.broadcastable)
    offset = len(target) - y.type.ndim
    for axis, length in enumerate(y.type.shape):
        known = target[axis + offset]
        if known is not None and length is not None and length not in (1, known):
            raise ShapeError(
                "the value does not fit the part it is written to",
                got=f"value {y} of shape {y.type.shape}",
                expected=f"something that broadcasts to {tuple(target)}",
                origin=y.origin,
            )
        pattern[axis] = pattern[axis] or known == 1
    return cast(FUNCTIONS["patternbroadcast"](y, pattern), own)


def summed_to(g: Any, y: Any) -> Any:
    """Return the gradient of a value that was broadcast: summed over the dimensions it lacked."""
    new = g.type.ndim - y.type.ndim
    if new:
        g = FUNCTIONS["sum"](g, axis=list(range(new)))
    kept = [
        d
        for d, broadcasts in enumerate(y.type.broadcastable)
        if broadcasts and not g.type.broadcastable[d]
    ]
    return FUNCTIONS["sum"](g, axis=kept, keepdims=True) if kept else g


def tangent_of_write(op: Op, inputs: Any, eval_points: Any) -> Any:
    """Return the tangent of a write: that of the value written into that of the tensor."""
    x, y, *numbers = inputs
    if eval_points[0] is None and eval_points[1] is None:
        return None
    if is_discrete(x.type.dtype):
        return None
    tangents = [
        FUNCTIONS["zeros_like"](v) if t is None else t
        for v, t in zip((x, y), eval_points, strict=False)
    ]
    return op(*tangents, *numbers)


class index_errors:  # noqa: N801 - reads as a statement: `with index_errors(node, x)`
    """Turn NumPy's errors of indexing into errors that name the shapes and the user's line."""

    def __init__(self, node: Apply, *arrays: Any) -> None:
        self.node = node
        self.arrays = arrays

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None:
            return
        names = zip(self.node.inputs, self.arrays, strict=False)
        got = ", ".join(f"{v} of shape {np.shape(array)}" for v, array in names)
        if isinstance(error, IndexError):
            raise IndexingError(str(error), got=got, origin=self.node.origin) from error
        if isinstance(error, ValueError) and "step" in str(error):
            raise IndexStepError(
                "a slice's step can not be zero", got=got, origin=self.node.origin
            ) from error
        if isinstance(error, ValueError):
            raise ShapeError(str(error), got=got, origin=self.node.origin) from error


def _constant_element(node: Apply, elemwise: bool, depth: int) -> Any:
    """Return the value of an element of a shape, a vector of scalars, a constant or a join."""
    source = node.inputs[0]
    numbers = [get_scalar_constant_value(v, elemwise, False, depth) for v in node.inputs[1:]]
    pattern = node.op.idx_list  # type: ignore[attr-defined]
    if isinstance(source, Constant):
        taken = source.data[numpy_index(pattern, numbers)]
        return get_scalar_constant_value(as_tensor_variable(np.asarray(taken)))
    if source.owner is None or len(pattern) != 1:
        return _any_element(source, elemwise, depth)
    if isinstance(pattern[0], SliceEntry):
        return _any_element(source, elemwise, depth)
    place = int(numbers[0])
    seen = element_of(source, place)
    if seen is None:
        return _any_element(source, elemwise, depth)
    return (
        seen
        if isinstance(seen, np.ndarray)
        else get_scalar_constant_value(seen, elemwise, False, depth)
    )


def _any_element(source: Any, elemwise: bool, depth: int) -> Any:
    """Return the value all elements of the source have, if it is a fill."""
    return get_scalar_constant_value(source, elemwise, False, depth)


def element_of(vector: Any, place: int) -> Any:
    """Return element `place` of a vector expression, or None if it is not seen."""
    op = vector.owner.op
    if isinstance(op, MakeVector):
        return vector.owner.inputs[place]
    if isinstance(op, Shape):
        known = vector.owner.inputs[0].type.shape[place]
        return None if known is None else np.array(known, dtype="int64")
    finder = ELEMENT_FINDERS.get(type(op))
    return None if finder is None else finder(vector, place)


# Op class -> (vector, place) to the element's expression, or None; joins and slices add theirs.
ELEMENT_FINDERS: dict[type[Op], Any] = {}


def _element_of_slice(vector: Any, place: int) -> Any:
    """Return the element of a sliced vector."""
    node = vector.owner
    source = node.inputs[0]
    pattern = node.op.idx_list
    length = source.type.shape[0] if source.type.ndim == 1 else None
    if (
        source.owner is None
        or length is None
        or len(pattern) != 1
        or not isinstance(pattern[0], SliceEntry)
    ):
        return None
    numbers = [constant_length(v) for v in node.inputs[1:]]
    if any(number is None for number in numbers):
        return None
    (item,) = fill_pattern(pattern, numbers)
    return element_of(source, range(length)[item][place])


ELEMENT_FINDERS[Subtensor] = _element_of_slice
see_through(Subtensor, _constant_element)
