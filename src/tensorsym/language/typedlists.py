"""Lists of values of one type, and the ops that read them and make new ones.

No op changes a list or shares memory with one: what it takes from or puts into a list is copied.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.config import config
from tensorsym.graph.op import Op
from tensorsym.graph.type import Type
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.slices import SliceType, make_slice
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage

__all__ = [
    "Append",
    "Count",
    "Extend",
    "GetItem",
    "Index",
    "Insert",
    "Length",
    "MakeList",
    "Remove",
    "Reverse",
    "TypedListConstant",
    "TypedListOp",
    "TypedListType",
    "TypedListVariable",
    "append",
    "count",
    "extend",
    "getitem",
    "index_",
    "insert",
    "length",
    "make_list",
    "remove",
    "reverse",
]


class TypedListOperators:
    """What variables and constants that stand for lists can do."""

    type: Any
    # `[i]` alone would make Python iterate without end.
    __iter__ = None

    @property
    def ttype(self) -> Type:
        """The type of the elements."""
        elements: Type = self.type.ttype
        return elements

    @property
    def ndim(self) -> int:
        """The elements' number of dimensions and one more."""
        rank: int = self.type.ndim
        return rank

    def __getitem__(self, index: Any) -> Any:
        return getitem(self, index)

    def append(self, element: Any) -> Any:
        """Return the list with an element added at its end."""
        return append(self, element)

    def extend(self, other: Any) -> Any:
        """Return the list with the elements of another added at its end."""
        return extend(self, other)

    def insert(self, index: Any, element: Any) -> Any:
        """Return the list with an element put before the one at `index`."""
        return insert(self, index, element)

    def remove(self, element: Any) -> Any:
        """Return the list without the first element equal to `element`."""
        return remove(self, element)

    def reverse(self) -> Any:
        """Return the list from its end to its start."""
        return reverse(self)

    def count(self, element: Any) -> Any:
        """Return how many elements equal `element`."""
        return count(self, element)

    # Variables have an attribute `index` already.
    def ind(self, element: Any) -> Any:
        """Return the position of the first element equal to `element`."""
        return index_(self, element)


class TypedListVariable(TypedListOperators, Variable):
    """A symbolic list."""


class TypedListConstant(TypedListOperators, Constant):
    """A list known while the graph is built."""


class TypedListType(Type):
    """Lists of values of one type.

    Parameters
    ----------
    ttype : Type
        The type of the elements.
    depth : int
        How many lists lie between this one and the elements.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> from tensorsym.typed_list import TypedListType
    >>> vectors = TypedListType(T.dvector)("vectors")
    >>> tensorsym.function([vectors], vectors[-1])([[1.0], [2.0, 3.0]])
    array([2., 3.])
    """

    __props__ = ("ttype",)
    variable_class: ClassVar[Any] = TypedListVariable
    constant_class: ClassVar[Any] = TypedListConstant

    def __init__(self, ttype: Type, depth: int = 0) -> None:
        if depth < 0:
            raise ValueError(f"the depth of nested lists is not negative, got {depth}")
        if not isinstance(ttype, Type):
            raise TypeError(f"the elements of a typed list have a Type, got {ttype!r}")
        for _ in range(depth):
            ttype = TypedListType(ttype)
        self.ttype = ttype

    @property
    def ndim(self) -> int:
        """The elements' number of dimensions and one more."""
        rank: int = getattr(self.ttype, "ndim", 0)
        return rank + 1

    def get_depth(self) -> int:
        """Return how many lists lie between this one and the elements."""
        return self.ttype.get_depth() + 1 if isinstance(self.ttype, TypedListType) else 0

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return a list of elements filtered by their type, or raise TypeError."""
        if strict and not isinstance(data, list):
            raise TypeError(f"expected a list, got {type(data).__name__}")
        return [self.ttype.filter(element, strict, allow_downcast) for element in data]

    def values_eq(self, a: Any, b: Any) -> bool:
        """Tell whether two lists have equal elements in equal order."""
        return len(a) == len(b) and all(map(self.ttype.values_eq, a, b))

    def values_eq_approx(self, a: Any, b: Any) -> bool:
        """Tell whether two lists agree but for rounding."""
        return len(a) == len(b) and all(map(self.ttype.values_eq_approx, a, b))

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Tell whether some array of one list overlaps one of the other."""
        arrays = [x for x in _flat(a) if isinstance(x, np.ndarray)]
        others = [y for y in _flat(b) if isinstance(y, np.ndarray)]
        return a is b or any(np.may_share_memory(x, y) for x in arrays for y in others)

    def __str__(self) -> str:
        return f"TypedList <{self.ttype}>"


def _flat(value: Any) -> list[Any]:
    """Return the elements of nested lists."""
    if not isinstance(value, list):
        return [value]
    return [element for part in value for element in _flat(part)]


class TypedListOp(Op):
    """An op on lists."""

    __props__ = ()

    def __str__(self) -> str:
        return type(self).__name__


def _list(x: Any) -> Any:
    if not isinstance(x, Variable) or not isinstance(x.type, TypedListType):
        raise TypeError(f"expected a typed list, got {x!r}")
    return x


def _position(index: Any) -> Variable:
    variable: Variable = as_tensor_variable(index)
    if variable.type.ndim or not is_discrete(variable.type.dtype):
        raise TypeError(f"a position in a list is an integer, got {variable} of {variable.type}")
    return variable


def _copies(elements: list[Any]) -> list[Any]:
    """Return the elements copied one by one: an array that is there twice becomes two."""
    return [copy.deepcopy(element) for element in elements]


def _matches(node: Apply, elements: list[Any], wanted: Any) -> list[int]:
    """Return the positions of elements equal to `wanted`, as their type compares them."""
    equal = node.inputs[0].type.ttype.values_eq
    return [position for position, element in enumerate(elements) if equal(element, wanted)]


class GetItem(TypedListOp):
    """An element of a list by its position, or the list of some by a slice."""

    def make_node(self, x: Any, index: Any) -> Apply:
        """Return the application on a list and an integer or slice, symbolic or not."""
        x = _list(x)
        if isinstance(index, slice):
            index = make_slice(index)
        if isinstance(index, Variable) and isinstance(index.type, SliceType):
            return Apply(self, [x, index], [x.type()])
        return Apply(self, [x, _position(index)], [x.type.ttype()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy the element, or the elements."""
        x, index = inputs
        if isinstance(index, slice):
            output_storage[0][0] = _copies(x[index])
        else:
            output_storage[0][0] = copy.deepcopy(x[int(index)])


class Append(TypedListOp):
    """A list with an element added at its end."""

    def make_node(self, x: Any, element: Any) -> Apply:
        """Return the application on a list and an element."""
        x = _list(x)
        return Apply(self, [x, x.type.ttype.filter_variable(element)], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy the elements."""
        x, element = inputs
        output_storage[0][0] = _copies([*x, element])


class Extend(TypedListOp):
    """A list with the elements of another added at its end."""

    def make_node(self, x: Any, other: Any) -> Apply:
        """Return the application on two lists."""
        x = _list(x)
        return Apply(self, [x, x.type.filter_variable(other)], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy the elements of both."""
        x, other = inputs
        output_storage[0][0] = _copies([*x, *other])


class Insert(TypedListOp):
    """A list with an element put before the one at a position."""

    def make_node(self, x: Any, index: Any, element: Any) -> Apply:
        """Return the application on a list, an integer and an element."""
        x = _list(x)
        element = x.type.ttype.filter_variable(element)
        return Apply(self, [x, _position(index), element], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Insert as Python does: positions beyond an end mean that end."""
        x, index, element = inputs
        changed = list(x)
        changed.insert(int(index), element)
        output_storage[0][0] = _copies(changed)


class Remove(TypedListOp):
    """A list without the first element that equals another; the same if there is none."""

    def make_node(self, x: Any, element: Any) -> Apply:
        """Return the application on a list and an element."""
        x = _list(x)
        return Apply(self, [x, x.type.ttype.filter_variable(element)], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy the other elements."""
        x, element = inputs
        found = _matches(node, x, element)[:1]
        kept = [value for position, value in enumerate(x) if position not in found]
        output_storage[0][0] = _copies(kept)


class Reverse(TypedListOp):
    """A list from its end to its start."""

    def make_node(self, x: Any) -> Apply:
        """Return the application on a list."""
        x = _list(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy the elements."""
        output_storage[0][0] = _copies(inputs[0][::-1])


class Index(TypedListOp):
    """The position of the first element that equals another, in floatX as in Theano."""

    def make_node(self, x: Any, element: Any) -> Apply:
        """Return the application on a list and an element."""
        x = _list(x)
        element = x.type.ttype.filter_variable(element)
        return Apply(self, [x, element], [TensorType(config.floatX, ())()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Search from the start; raise ValueError if there is none."""
        found = _matches(node, *inputs)
        if not found:
            raise ValueError("the element is not in the list")
        output_storage[0][0] = np.asarray(found[0], node.outputs[0].type.dtype)


class Count(TypedListOp):
    """How many elements equal another, in floatX as in Theano."""

    def make_node(self, x: Any, element: Any) -> Apply:
        """Return the application on a list and an element."""
        x = _list(x)
        element = x.type.ttype.filter_variable(element)
        return Apply(self, [x, element], [TensorType(config.floatX, ())()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compare with each element."""
        found = _matches(node, *inputs)
        output_storage[0][0] = np.asarray(len(found), node.outputs[0].type.dtype)


class Length(TypedListOp):
    """The number of elements, of dtype int64."""

    def make_node(self, x: Any) -> Apply:
        """Return the application on a list."""
        return Apply(self, [_list(x)], [TensorType("int64", ())()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Ask the list."""
        output_storage[0][0] = np.asarray(len(inputs[0]), "int64")


class MakeList(TypedListOp):
    """The list of some variables of one type."""

    def make_node(self, elements: Sequence[Any]) -> Apply:
        """Return the application on variables, or values that become tensors."""
        if not isinstance(elements, list | tuple) or not elements:
            raise TypeError(f"expected a list of one element or more, got {elements!r}")
        inputs = [x if isinstance(x, Variable) else as_tensor_variable(x) for x in elements]
        kinds = [x.type for x in inputs]
        if any(kind != kinds[0] for kind in kinds):
            raise TypeError(f"the elements of a list have one type, got {kinds}")
        return Apply(self, inputs, [TypedListType(kinds[0])()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy the elements."""
        output_storage[0][0] = _copies(inputs)


getitem = GetItem()
append = Append()
extend = Extend()
insert = Insert()
remove = Remove()
reverse = Reverse()
index_ = Index()
count = Count()
length = Length()
make_list = MakeList()
