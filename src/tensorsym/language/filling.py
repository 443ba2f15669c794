"""Tensors filled with one value, and tensors like another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.graph.type import DisconnectedType
from tensorsym.language.arithmetic import cast, second
from tensorsym.language.dtypes import canonical_dtype, is_complex, is_discrete
from tensorsym.language.reshape import Alloc, lengths_of
from tensorsym.language.shape import MakeVector, ShapeOf
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["alloc", "ones", "ones_like", "zeros", "zeros_like"]


@public("alloc")
def alloc(value: Any, *shape: Any) -> Any:
    """Return a new tensor of the given shape, filled by broadcasting `value`.

    Parameters
    ----------
    value : tensor or number
        The value.
    *shape : int or scalar
        Lengths, each an argument.

    Returns
    -------
    TensorVariable
        Of the given shape and the dtype of `value`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.alloc(0.0, 2, 3).type.shape
    (2, 3)
    """
    lengths = (
        lengths_of(shape[0]) if len(shape) == 1 and isinstance(shape[0], list | tuple) else shape
    )
    return Alloc()(value, *lengths)


@public("zeros")
def zeros(shape: Any, dtype: Any = None) -> Any:
    """Return a tensor of zeros.

    Parameters
    ----------
    shape : int, sequence of int or scalar, or vector of known length
        The lengths.
    dtype : str, optional
        floatX if not given.

    Returns
    -------
    TensorVariable
        Of the given shape and dtype.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.zeros((2, 3)).dtype
    'float64'
    """
    return _filled(0, shape, dtype)


@public("ones")
def ones(shape: Any, dtype: Any = None) -> Any:
    """Return a tensor of ones.

    Parameters
    ----------
    shape : int, sequence of int or scalar, or vector of known length
        The lengths.
    dtype : str, optional
        floatX if not given.

    Returns
    -------
    TensorVariable
        Of the given shape and dtype.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.ones(3, dtype="int8").dtype
    'int8'
    """
    return _filled(1, shape, dtype)


def _filled(value: int, shape: Any, dtype: Any) -> Any:
    name = canonical_dtype(config.floatX if dtype is None else dtype)
    return Alloc()(constant(np.array(value, dtype=name)), *lengths_of(shape))


@public("zeros_like", numpy=("zeros_like",))
def zeros_like(model: Any, dtype: Any = None, opt: bool = False) -> Any:
    """Return zeros in the shape of `model`.

    Parameters
    ----------
    model : tensor
        Any tensor.
    dtype : str, optional
        The model's if not given.
    opt : bool
        Whether the result may be a plain constant that does not depend on `model`, where it is 0-d.

    Returns
    -------
    TensorVariable
        Of the shape of `model`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.zeros_like(T.row()).broadcastable
    (True, False)
    """
    return _like(0, model, dtype, opt)


@public("ones_like", numpy=("ones_like",))
def ones_like(model: Any, dtype: Any = None, opt: bool = False) -> Any:
    """Return ones in the shape of `model`.

    Parameters
    ----------
    model : tensor
        Any tensor.
    dtype : str, optional
        The model's if not given.
    opt : bool
        Whether the result may be a plain constant that does not depend on `model`, where it is 0-d.

    Returns
    -------
    TensorVariable
        Of the shape of `model`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.ones_like(T.vector(), dtype="int8").dtype
    'int8'
    """
    return _like(1, model, dtype, opt)


def _like(value: int, model: Any, dtype: Any, opt: bool) -> Any:
    model = as_tensor_variable(model)
    name = model.type.dtype if dtype is None else canonical_dtype(dtype)
    filler = constant(np.array(value, dtype=name))
    # A scalar is filled too: programs list among a function's inputs what a gradient depends on.
    return filler if opt and not model.type.ndim else second(model, filler)


@public("zero_gradient")
def zero_gradient(x: Any) -> Any:
    """Return the zero gradient of `x`: floatX for integers, else the dtype of `x`.

    Parameters
    ----------
    x : tensor
        The variable whose gradient is 0.

    Returns
    -------
    TensorVariable
        Zeros of the shape of `x`, floats if `x` is discrete.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.zero_gradient(T.ivector()).dtype
    'float64'
    """
    return zeros_like(x, dtype=config.floatX if is_discrete(x.type.dtype) else None)


@public("disconnected")
def disconnected() -> Any:
    """Return the gradient of a cost with respect to an input it does not depend on.

    Returns
    -------
    Variable
        Of DisconnectedType.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.disconnected().type
    DisconnectedType
    """
    return DisconnectedType()()


@public("int_vector")
def int_vector(entries: Sequence[Any]) -> Any:
    """Return integers and scalar integer expressions as a vector of int64.

    Parameters
    ----------
    entries : sequence of int or scalar
        The elements.

    Returns
    -------
    TensorVariable
        A vector of int64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.int_vector([1, T.iscalar()]).dtype
    'int64'
    """
    if all(isinstance(entry, int | np.integer) for entry in entries):
        return constant(np.array([int(entry) for entry in entries], dtype="int64"))
    scalars = [as_tensor_variable(entry) for entry in entries]
    for scalar in scalars:
        if not is_discrete(scalar.type.dtype) or is_complex(scalar.type.dtype):
            raise TypeError(f"a length must be an integer, got {scalar} of {scalar.type.dtype}")
    return MakeVector("int64")(*[cast(scalar, "int64") for scalar in scalars])


@public("size", numpy=("size",))
def size(x: Any) -> Any:
    """Return the number of elements, a scalar of int64.

    Parameters
    ----------
    x : tensor
        Any tensor.

    Returns
    -------
    TensorVariable
        A scalar of int64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.size(T.matrix()).dtype
    'int64'
    """
    x = as_tensor_variable(x)
    total: Any = constant(np.int64(1))
    for d in range(x.type.ndim):
        total = total * ShapeOf(d)(x)
    return total
