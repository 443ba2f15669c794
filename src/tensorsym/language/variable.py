"""Tensor variables and constants, and the conversion of Python values to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.errors import (
    AsTensorError,
    EmptyConstantError,
    NotScalarConstantError,
    ShapeError,
)
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.language.dtypes import ALL, autocast, canonical_dtype
from tensorsym.language.operators import TensorOperators
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType, tensor_type

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TensorConstant", "TensorVariable", "as_tensor_variable", "constant"]


# A constant's text stands inside expressions; Theano's length.
LONGEST_CONSTANT = 20


class TensorVariable(TensorOperators, Variable):
    """A symbolic array; it has NumPy's operators and methods."""

    __slots__ = ()


class TensorConstant(TensorOperators, Constant):
    """An array known while the graph is built."""

    __slots__ = ()

    def __init__(self, type: TensorType, data: Any, name: str | None = None) -> None:
        super().__init__(type, data, name)

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.data.ndim and (value := self.unique_value) is not None:
            text = f"{self.data.shape} of {value}"
        else:
            text = " ".join(str(self.data).split())
        if len(text) > LONGEST_CONSTANT:
            text = f"{text[:10]}..{text[-10:]}"
        return f"TensorConstant{{{text}}}"

    @property
    def unique_value(self) -> np.ndarray[Any, Any] | None:
        """The one value all elements have, or None."""
        flat = self.data.reshape(-1)
        if flat.size and (flat == flat[0]).all():
            return np.asarray(flat[0])
        return None


TensorType.variable_class = TensorVariable
TensorType.constant_class = TensorConstant


@public("constant")
def constant(
    x: Any, name: str | None = None, ndim: int | None = None, dtype: Any = None
) -> TensorConstant:
    """Return a value as a constant tensor.

    Parameters
    ----------
    x : array_like
        The value. Python numbers take the smallest dtype that holds them (see the cast policy).
    name : str, optional
        Name of the constant.
    ndim : int, optional
        Number of dimensions to pad to, with dimensions of length 1 on the left.
    dtype : str, optional
        The dtype instead of the one found.

    Returns
    -------
    TensorConstant
        Its type knows the shape; dimensions of length 1 are broadcastable.

    Raises
    ------
    AsTensorError
        If the value is not numeric.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.constant([1.5, 2.5]).type.dtype
    'float64'
    """
    array = _as_numeric_array(x, dtype)
    if ndim is not None and array.ndim != ndim:
        if array.ndim > ndim:
            raise ValueError(f"a constant of {array.ndim} dimensions can not have ndim={ndim}")
        array = array.reshape((1,) * (ndim - array.ndim) + array.shape)
    return TensorConstant(tensor_type(array.dtype.name, array.shape), array, name)


def _as_numeric_array(x: Any, dtype: Any) -> np.ndarray[Any, Any]:
    value = autocast(x) if dtype is None else x
    if np.ma.is_masked(value):
        raise AsTensorError(
            "masked elements have no value",
            got=f"{type(x).__name__} {x!r}",
            hint="fill them first: x.filled(0)",
        )
    try:
        array = np.array(value, dtype=None if dtype is None else canonical_dtype(dtype))
    except (ValueError, TypeError, OverflowError) as error:
        raise AsTensorError(
            "the value can not become a constant tensor",
            got=f"{type(x).__name__} {x!r}",
            hint=str(error),
        ) from error
    if array.dtype.newbyteorder("=").name not in ALL:
        raise AsTensorError(
            "the value is not numeric, or of a dtype without tensors",
            got=f"{type(x).__name__} {x!r}",
            expected=f"one of {', '.join(ALL)}",
        )
    if dtype is None and isinstance(x, list | tuple) and array.size == 0:
        array = array.astype(config.floatX)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array


@public("as_tensor_variable", "as_tensor", "_as_tensor_variable")
def as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None) -> Any:
    """Return `x` as a tensor expression.

    Parameters
    ----------
    x : Variable, Apply, array_like, or nested lists that may contain variables
        What to convert. A list with variables is stacked.
    name : str, optional
        Name given to a new constant.
    ndim : int, optional
        Number of dimensions wanted: dimensions of length 1 are added or dropped on the left.

    Returns
    -------
    TensorVariable
        `x` itself if it is one.

    Raises
    ------
    AsTensorError
        If `x` can not become a tensor.
    ShapeError
        If a dimension that may be longer than 1 would have to be dropped.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.as_tensor_variable([1, 2]).ndim
    1
    """
    if isinstance(x, TensorOperators) and (ndim is None or x.type.ndim == ndim):
        return x
    if hasattr(x, "_as_TensorVariable"):
        return x._as_TensorVariable()
    if isinstance(x, Apply):
        x = x.default_output()
    if isinstance(x, Variable):
        if not isinstance(x.type, TensorType):
            raise AsTensorError(f"{x} is not a tensor", got=f"a variable of type {x.type}")
        return x if ndim is None else _with_rank(x, ndim)
    if isinstance(x, list | tuple) and _contains_variable(x):
        return FUNCTIONS["stacklists"](list(x))
    return constant(x, name=name, ndim=ndim)


def _contains_variable(items: Sequence[Any]) -> bool:
    stack = list(items)
    while stack:
        item = stack.pop()
        if isinstance(item, Variable):
            return True
        if isinstance(item, list | tuple):
            stack.extend(item)
    return False


def _with_rank(x: Any, ndim: int) -> Any:
    missing = ndim - x.type.ndim
    if missing >= 0:
        return x if not missing else FUNCTIONS["shape_padleft"](x, missing)
    if not all(x.type.broadcastable[:-missing]):
        raise ShapeError(
            f"{x} has too many dimensions, and not all are known to have length 1",
            got=str(x.type),
            expected=f"{ndim} dimensions",
            origin=x.origin,
        )
    return x.dimshuffle(*range(-missing, x.type.ndim))


def scalar_value(x: Any) -> np.ndarray[Any, Any]:
    """Return the 0-d value of a constant whose elements are all equal.

    Raises
    ------
    NotScalarConstantError
        If `x` is no such constant (EmptyConstantError if it has no elements).
    """
    if isinstance(x, TensorConstant):
        if x.data.size == 0:
            raise EmptyConstantError(f"{x} has no elements")
        if (value := x.unique_value) is not None or x.data.size == 1:
            return np.asarray(x.data.reshape(-1)[0]) if value is None else value
    elif not isinstance(x, Variable):
        return np.asarray(autocast(x))
    raise NotScalarConstantError(f"{x} is not a constant with one value")
