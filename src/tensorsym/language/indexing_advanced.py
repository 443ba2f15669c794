"""Reading and writing by arrays of integers and boolean masks, which copy.

`AdvancedSubtensor1` is the common case, a vector of rows; `AdvancedSubtensor` takes any mixture of
arrays, masks, integers, slices and new axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.errors import DTypeError, IndexingError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.indexing_basic import (
    checked_value,
    index_errors,
    summed_to,
    tangent_of_write,
)
from tensorsym.language.indexing_pattern import (
    fill_pattern,
    numpy_index,
    pattern_text,
    slice_length,
    static_length,
)
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage
    from tensorsym.language.indexing_pattern import (
        Pattern,
    )

__all__ = [
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
]


class AdvancedSubtensor1(Op):
    """The parts of a tensor along its first dimension that a vector of integers names."""

    __props__ = ()

    def make_node(self, x: Any, rows: Any) -> Apply:
        """Return the application on a tensor and a vector of integers."""
        x, rows = as_tensor_variable(x), as_tensor_variable(rows)
        check_rows(x, rows)
        shape = (rows.type.shape[0], *x.type.shape[1:])
        return Apply(self, [x, rows], [TensorType(x.type.dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Take with NumPy."""
        x, rows = inputs
        with index_errors(node, x, rows):
            output_storage[0][0] = x.take(_as_intp(rows), axis=0)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the number of rows, and the other lengths."""
        return [(shapes[1][0], *shapes[0][1:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the rows' numbers are not differentiable."""
        return [[True], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros with the gradient added to the rows; rows named twice get both."""
        x, rows = inputs
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x), FUNCTIONS["disconnected"]()]
        zeros = FUNCTIONS["zeros_like"](x)
        gradient = AdvancedIncSubtensor1()(zeros, output_grads[0], rows)
        return [gradient, FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent's rows."""
        return [None if eval_points[0] is None else self(eval_points[0], inputs[1])]


class Write(Op):
    """What ops share that write a value at an advanced index: inputs are tensor, value, index."""

    __props__: ClassVar[tuple[str, ...] | None] = ("inplace", "set_instead_of_inc")

    def __init__(self, inplace: bool = False, set_instead_of_inc: bool = False) -> None:
        self.inplace = inplace
        self.set_instead_of_inc = set_instead_of_inc
        if inplace:
            self.destroy_map = {0: [0]}

    def index(self, arrays: Sequence[Any]) -> Any:
        """Return the index for NumPy."""
        raise TypeError("a subclass defines index")

    def reader(self) -> Op:
        """Return the op that reads at the same index."""
        raise TypeError("a subclass defines reader")

    def writer(self, *, sets: bool) -> Write:
        """Return the op, not in place, that sets or increments at the same index."""
        return type(self)(set_instead_of_inc=sets)

    def make_node(self, x: Any, y: Any, *index: Any) -> Apply:
        """Return the application on tensor, value and index."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        part = self.reader().make_node(x, *index)
        target = part.outputs[0].type.shape
        y = checked_value(x, y, target, self.set_instead_of_inc)
        return Apply(self, [x, y, *part.inputs[1:]], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Write with NumPy; places named twice are incremented twice, or set to the last value."""
        x, y, *arrays = inputs
        out = x if self.inplace else x.copy()
        with index_errors(node, x, y, *arrays):
            if self.set_instead_of_inc:
                out[self.index(arrays)] = y
            else:
                np.add.at(out, self.index(arrays), y)
        output_storage[0][0] = out

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the tensor's shape."""
        return [shapes[0]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the result depends on tensor and value."""
        return [[True], [True]] + [[False]] * (len(node.inputs) - 2)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient, 0 at the index if that was overwritten, and that at the index."""
        x, y, *index = inputs
        (g,) = output_grads
        disconnected = [FUNCTIONS["disconnected"]() for _ in index]
        if is_discrete(x.type.dtype):
            zeros = [FUNCTIONS["zero_gradient"](x), FUNCTIONS["zero_gradient"](y)]
            return [*zeros, *disconnected]
        x_gradient = g
        if self.set_instead_of_inc:
            zero = constant(np.zeros((), g.type.dtype))
            x_gradient = self.writer(sets=True)(g, zero, *index)
        return [x_gradient, summed_to(self.reader()(g, *index), y), *disconnected]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent of the tensor with that of the value written."""
        return [tangent_of_write(self.writer(sets=self.set_instead_of_inc), inputs, eval_points)]


class AdvancedIncSubtensor1(Write):
    """A tensor with a value added to, or put in place of, the parts that a vector names.

    Parameters
    ----------
    inplace : bool
        Whether the tensor is overwritten.
    set_instead_of_inc : bool
        Whether the value replaces what was there.
    """

    def index(self, arrays: Sequence[Any]) -> Any:
        """Return the vector of rows."""
        return _as_intp(arrays[0])

    def reader(self) -> Op:
        """Return the op that reads the rows."""
        return AdvancedSubtensor1()

    def __str__(self) -> str:
        place = "inplace" if self.inplace else "no_inplace"
        return f"AdvancedIncSubtensor1{{{place},{'set' if self.set_instead_of_inc else 'inc'}}}"


class AdvancedSubtensor(Op):
    """The elements of a tensor that arrays and masks name, mixed with slices and new axes.

    Parameters
    ----------
    idx_list : tuple of entries
        The pattern; its arrays and numbers are inputs after the tensor.
    """

    __props__ = ("idx_list",)

    def __init__(self, idx_list: Pattern) -> None:
        self.idx_list = idx_list

    def make_node(self, x: Any, *inputs: Any) -> Apply:
        """Return the application on a tensor and the pattern's arrays and numbers."""
        x = as_tensor_variable(x)
        arrays = [as_tensor_variable(array) for array in inputs]
        shape = _static_shape(x, fill_pattern(self.idx_list, arrays))
        return Apply(self, [x, *arrays], [TensorType(x.type.dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Index with NumPy."""
        x, *arrays = inputs
        with index_errors(node, x, *arrays):
            output_storage[0][0] = np.asarray(x[numpy_index(self.idx_list, arrays)])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths of slices, and of the indices' broadcast shape."""
        items = fill_pattern(self.idx_list, node.inputs[1:])
        of_arrays = dict(zip(node.inputs[1:], shapes[1:], strict=True))
        layout = _layout(items, shapes[0], slice_length, constant(np.int64(1)))
        index_shapes = [_index_shape(item, of_arrays[item]) for item in layout.indices]
        common = _broadcast_lengths(layout.indices, index_shapes)
        return [tuple(layout.before) + tuple(common) + tuple(layout.after)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the indices are not differentiable."""
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros with the gradient added at the index; elements named twice get both."""
        x, *arrays = inputs
        disconnected = [FUNCTIONS["disconnected"]() for _ in arrays]
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x), *disconnected]
        zeros = FUNCTIONS["zeros_like"](x)
        return [AdvancedIncSubtensor(self.idx_list)(zeros, output_grads[0], *arrays), *disconnected]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent's elements."""
        return [None if eval_points[0] is None else self(eval_points[0], *inputs[1:])]

    def __str__(self) -> str:
        return f"AdvancedSubtensor{{{pattern_text(self.idx_list)}}}"


class AdvancedIncSubtensor(Write):
    """A tensor with a value added to, or put in place of, the elements that arrays and masks name.

    Parameters
    ----------
    idx_list : tuple of entries
        The pattern, as in `AdvancedSubtensor`.
    inplace : bool
        Whether the tensor is overwritten.
    set_instead_of_inc : bool
        Whether the value replaces what was there.
    """

    __props__ = ("idx_list", "inplace", "set_instead_of_inc")

    def __init__(
        self, idx_list: Pattern, inplace: bool = False, set_instead_of_inc: bool = False
    ) -> None:
        super().__init__(inplace, set_instead_of_inc)
        self.idx_list = idx_list

    def index(self, arrays: Sequence[Any]) -> Any:
        """Return the pattern with the arrays in place."""
        return numpy_index(self.idx_list, arrays)

    def reader(self) -> Op:
        """Return the op that reads the elements."""
        return AdvancedSubtensor(self.idx_list)

    def writer(self, *, sets: bool) -> Write:
        """Return the op, not in place, that sets or increments the elements."""
        return AdvancedIncSubtensor(self.idx_list, set_instead_of_inc=sets)

    def __str__(self) -> str:
        how = ("Inplace" if self.inplace else "") + ("Set" if self.set_instead_of_inc else "Inc")
        return f"AdvancedIncSubtensor{{{how};{pattern_text(self.idx_list)}}}"


def check_rows(x: Any, rows: Any) -> None:
    """Raise unless `rows` is a vector of integers and `x` has a first dimension they can name."""
    if x.type.ndim == 0:
        raise IndexingError(
            "a tensor without dimensions can not be indexed", got=str(x), origin=x.origin
        )
    if rows.type.ndim != 1 or rows.type.dtype == "bool" or not is_discrete(rows.type.dtype):
        raise DTypeError(
            "rows are named by a vector of integers", got=f"{rows} of type {rows.type}"
        )


def _as_intp(rows: Any) -> Any:
    # NumPy does not take uint64 here; values above the largest int64 are out of range anyhow.
    if rows.dtype == np.uint64:
        return np.minimum(rows, np.uint64(np.iinfo("int64").max)).astype(np.int64)
    return rows


class _Layout:
    """The dimensions of an indexed tensor: lengths before and after those of the indices."""

    def __init__(self) -> None:
        self.before: list[Any] = []
        self.after: list[Any] = []
        self.indices: list[Any] = []


def _layout(
    items: Sequence[Any], lengths: Sequence[Any], length_of_slice: Any, one: Any
) -> _Layout:
    """Return the layout of an indexed tensor; the dimensions of separated indices come first."""
    layout = _Layout()
    axis = 0
    separated = False
    for item in items:
        if item is None or isinstance(item, slice):
            (layout.after if layout.indices else layout.before).append(
                one if item is None else length_of_slice(lengths[axis], item)
            )
            axis += item is not None
            continue
        separated = separated or bool(layout.indices and layout.after)
        layout.indices.append(item)
        axis += item.type.ndim if item.type.dtype == "bool" else 1
    layout.after += lengths[axis:]
    if separated:
        layout.before, layout.after = [], layout.before + layout.after
    return layout


def _index_shape(item: Any, shape: Any) -> tuple[Any, ...]:
    """Return the shape an index has in the result; a mask is the vector of where it holds."""
    if item.type.dtype != "bool":
        return tuple(shape)
    return (FUNCTIONS["sum"](item, dtype="int64"),)


def _static_shape(x: Any, items: Sequence[Any]) -> list[int | None]:
    _check_masks(x, items)
    layout = _layout(items, x.type.shape, static_length, 1)
    shapes = [(None,) if v.type.dtype == "bool" else v.type.shape for v in layout.indices]
    rank = max(len(shape) for shape in shapes)
    common: list[int | None] = []
    for axis in range(-rank, 0):
        present = [shape[axis] for shape in shapes if len(shape) >= -axis]
        known = {length for length in present if length not in (None, 1)}
        if len(known) > 1:
            raise IndexingError(
                "the shapes of the indices do not broadcast",
                got=", ".join(f"{v} of shape {v.type.shape}" for v in layout.indices),
                origin=x.origin,
            )
        common.append(known.pop() if known else None if None in present else 1)
    return [*layout.before, *common, *layout.after]


def _check_masks(x: Any, items: Sequence[Any]) -> None:
    axis = 0
    for item in items:
        if item is None or isinstance(item, slice):
            axis += item is not None
            continue
        if not is_discrete(item.type.dtype):
            raise DTypeError(
                "an index must be integers or a boolean mask", got=f"{item} of type {item.type}"
            )
        taken = x.type.shape[axis : axis + item.type.ndim] if item.type.dtype == "bool" else ()
        if any(
            None not in pair and pair[0] != pair[1]
            for pair in zip(taken, item.type.shape, strict=False)
        ):
            raise IndexingError(
                "a mask has other lengths than the dimensions it selects from",
                got=f"mask {item} of shape {item.type.shape}",
                expected=f"shape {taken}, of {x}",
                origin=x.origin,
            )
        axis += item.type.ndim if item.type.dtype == "bool" else 1


def _broadcast_lengths(indices: Sequence[Any], shapes: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return the broadcast shape of indices; unlike elsewhere run-time lengths of 1 broadcast."""
    common = []
    for axis in range(-max(len(shape) for shape in shapes), 0):
        result: Any = None
        for item, shape in zip(indices, shapes, strict=True):
            static = (
                item.type.shape[axis] if item.type.dtype != "bool" and len(shape) >= -axis else None
            )
            if len(shape) < -axis or static == 1:
                continue
            if static is not None:
                result = constant(np.int64(static))
                break
            length = shape[axis]
            result = (
                length
                if result is None
                else FUNCTIONS["switch"](FUNCTIONS["eq"](result, 1), length, result)
            )
        common.append(constant(np.int64(1)) if result is None else result)
    return common
