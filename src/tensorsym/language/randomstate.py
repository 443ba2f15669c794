"""`RandomFunction`: numbers drawn from a NumPy RandomState, and the type of these states."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.type import NullType, SingletonType
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.shape import shape_entries
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Hashable

    from tensorsym.graph.op import Storage
    from tensorsym.language.tensortype import TensorType

__all__ = ["Draw", "RandomFunction", "RandomStateType", "random_state_type"]

Draw = Callable[..., Any]


class RandomStateType(SingletonType):
    """NumPy RandomStates."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` if it is a RandomState, or raise TypeError."""
        if not isinstance(data, np.random.RandomState):
            raise TypeError(f"expected a numpy.random.RandomState, got {type(data).__name__}")
        return data

    def values_eq(self, a: Any, b: Any) -> bool:
        """Tell whether two states will draw the same numbers."""
        return self.value_key(a) == self.value_key(b)

    def value_key(self, data: Any) -> Hashable:
        """Return the contents of a state."""
        kind, key, *rest = data.get_state()
        return (kind, key.tobytes(), *rest)

    def __str__(self) -> str:
        return "RandomStateType"


random_state_type = RandomStateType()


class RandomFunction(Op):
    """Draw numbers with a method of RandomState, or a function of (state, arguments..., size).

    Parameters
    ----------
    fn : str or callable
        The method's name, or the function.
    outtype : TensorType
        Type of the numbers.
    inplace : bool
        Whether the state given is advanced itself, in place of a copy.
    ndim_added : int
        How many dimensions one draw has.
    """

    __props__ = ("fn", "outtype", "inplace", "ndim_added")

    def __init__(
        self, fn: str | Draw, outtype: TensorType, inplace: bool = False, ndim_added: int = 0
    ) -> None:
        self.fn = fn
        self.outtype = outtype
        self.inplace = inplace
        self.ndim_added = ndim_added
        if inplace:
            self.destroy_map = {0: [0]}

    def make_node(self, r: Any, shape: Any, *args: Any) -> Apply:
        """Return the application on a state, a vector of lengths, and further arguments."""
        r = random_state_type.filter_variable(r)
        lengths = shape if isinstance(shape, Variable) else FUNCTIONS["int_vector"](list(shape))
        lengths = as_tensor_variable(lengths)
        if lengths.type.ndim != 1 or not is_discrete(lengths.type.dtype):
            raise TypeError(f"the size of a draw is a vector of integers, got {lengths.type}")
        operands = [as_tensor_variable(arg) for arg in args]
        return Apply(self, [r, lengths, *operands], [random_state_type(), self.outtype()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Draw with NumPy; an empty size means that of the arguments."""
        state, lengths, *args = inputs
        size = tuple(int(n) for n in lengths) or None
        if not self.inplace:
            state = copy.deepcopy(state)
        draw = getattr(np.random.RandomState, self.fn) if isinstance(self.fn, str) else self.fn
        numbers = np.asarray(draw(state, *args, size), dtype=self.outtype.dtype)
        if size is None and numbers.ndim < self.outtype.ndim:
            numbers = numbers.reshape((1,) * (self.outtype.ndim - numbers.ndim) + numbers.shape)
        expected = None if size is None else numbers.shape[: len(size)]
        if numbers.ndim != self.outtype.ndim or (size is not None and expected != size):
            raise ShapeError(
                f"{self} drew numbers of another shape than promised",
                got=f"shape {numbers.shape}, size {size}",
                expected=f"{self.outtype.ndim} dimensions",
                origin=node.origin,
            )
        output_storage[0][0] = state
        output_storage[1][0] = numbers

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths given, if one draw is a number and they are given."""
        lengths = node.inputs[1]
        known = lengths.type.shape[0]
        if self.ndim_added or known != self.outtype.ndim:
            return [None, None]
        entries = shape_entries(lengths, known)
        return [None, tuple(FUNCTIONS["cast"](n, "int64") for n in entries)]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that there is no gradient through a draw."""
        why = f"{self} draws random numbers: they have no gradient by its operands"
        return [NullType(why)() for _ in inputs]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that the numbers do not change."""
        return [None, None]

    def __str__(self) -> str:
        name = self.fn if isinstance(self.fn, str) else self.fn.__name__
        return f"RandomFunction{{{name}}}"
