"""Theano's conversions between tensors of rank 0 and single numbers, which are one type here."""

from __future__ import annotations

from typing import Any

from tensorsym.errors import NotScalarConstantError, RankError
from tensorsym.language.hostops import ViewOp
from tensorsym.language.shape import see_through, value_of_first
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.variable import as_tensor_variable

__all__ = [
    "ScalarFromTensor",
    "TensorFromScalar",
    "extract_constant",
    "scalar_from_tensor",
    "tensor_from_scalar",
]


class _Conversion(ViewOp):
    """A number handed on."""

    identity = True

    def make_node(self, x: Any) -> Any:
        """Return the application on a tensor of rank 0."""
        x = as_tensor_variable(x)
        if x.type.ndim:
            raise RankError(f"expected one number, got {x}", got=str(x.type))
        return super().make_node(x)


class ScalarFromTensor(_Conversion):
    """The number of a tensor of rank 0."""


class TensorFromScalar(_Conversion):
    """The tensor of rank 0 of a number."""


for _class in (ScalarFromTensor, TensorFromScalar):
    see_through(_class, value_of_first)
scalar_from_tensor = ScalarFromTensor()
tensor_from_scalar = TensorFromScalar()


def extract_constant(x: Any, elemwise: bool = True, only_process_constants: bool = False) -> Any:
    """Return the value of a constant scalar expression, or `x` itself where it is none.

    Parameters
    ----------
    x : variable or number
        What may be constant.
    elemwise, only_process_constants : bool
        As for `get_scalar_constant_value`.

    Returns
    -------
    numpy.ndarray or Variable
        The value, of rank 0, or `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> int(T.extract_constant(T.constant(2) + 1))
    3
    """
    try:
        return FUNCTIONS["get_scalar_constant_value"](x, elemwise, only_process_constants)
    except NotScalarConstantError:
        node = getattr(x, "owner", None)
        return node.inputs[0] if node is not None and isinstance(node.op, _Conversion) else x
