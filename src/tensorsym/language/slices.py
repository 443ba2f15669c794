"""None and slices as values of variables: optional arguments and parts chosen while running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.op import Op
from tensorsym.graph.type import SingletonType
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Hashable

    from tensorsym.graph.op import Storage

__all__ = ["MakeSlice", "NoneConst", "NoneTypeT", "SliceConstant", "SliceType", "make_slice"]


class NoneTypeT(SingletonType):
    """The type of None."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return None, or raise TypeError for anything else."""
        if data is not None:
            raise TypeError(f"expected None, got {data!r}")
        return data

    def value_key(self, data: Any) -> Hashable:
        """Return None: there is one value."""
        return None


class SliceType(SingletonType):
    """Python slices of integers or None."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data`, or raise TypeError if it is no slice."""
        if not isinstance(data, slice):
            raise TypeError(f"expected a slice, got {data!r}")
        return data

    def value_key(self, data: Any) -> Hashable:
        """Return start, stop and step."""
        return tuple(None if v is None else int(v) for v in (data.start, data.stop, data.step))

    def __str__(self) -> str:
        return "slice"


NoneConst = Constant(NoneTypeT(), None, name="NoneConst")
SliceConstant = Constant


class MakeSlice(Op):
    """The slice of a start, a stop and a step."""

    __props__ = ()

    def make_node(self, start: Any, stop: Any = None, step: Any = None) -> Apply:
        """Return the application on integers or None, or on a Python slice of them."""
        if isinstance(start, slice):
            start, stop, step = start.start, start.stop, start.step
        return Apply(self, [_bound(v) for v in (start, stop, step)], [SliceType()()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Make the slice."""
        output_storage[0][0] = slice(*[None if v is None else int(v) for v in inputs])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that nothing flows back through positions."""
        return [[False] for _ in node.inputs]


def _bound(value: Any) -> Variable:
    if value is None:
        return NoneConst
    if isinstance(value, Variable) and isinstance(value.type, NoneTypeT):
        return value
    variable: Variable = as_tensor_variable(value)
    if variable.type.ndim or variable.type.dtype.startswith(("float", "complex")):
        raise TypeError(f"a bound of a slice is an integer, got {variable} of {variable.type}")
    return variable


make_slice = MakeSlice()
