"""Theano's home of elementwise ops, reductions and reordered dimensions."""

import typing
from typing import ClassVar

from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise as Elemwise
from tensorsym.language.reduction import Reduction as CAReduce

CAReduceDtype = CAReduce


class _Reductions(type):
    """Recognise the reductions of one name."""

    reduction: str

    def __instancecheck__(cls, op: typing.Any) -> bool:
        return isinstance(op, CAReduce) and op.name == cls.reduction


class Sum(metaclass=_Reductions):
    """The sum over dimensions: `Sum(axis=0)(x)`."""

    reduction: ClassVar[str] = "sum"

    def __new__(
        cls, axis: typing.Any = None, dtype: typing.Any = None, acc_dtype: typing.Any = None
    ) -> typing.Any:
        """Return the op."""
        return CAReduce(cls.reduction, axis, dtype, acc_dtype)


class Prod(metaclass=_Reductions):
    """The product over dimensions."""

    reduction: ClassVar[str] = "prod"

    def __new__(
        cls,
        axis: typing.Any = None,
        dtype: typing.Any = None,
        acc_dtype: typing.Any = None,
        no_zeros_in_input: typing.Any = False,
    ) -> typing.Any:
        """Return the op."""
        name = "prod_of_nonzeros" if no_zeros_in_input else cls.reduction
        return CAReduce(name, axis, dtype, acc_dtype)


class All(metaclass=_Reductions):
    """Whether all elements over dimensions are true."""

    reduction: ClassVar[str] = "all"

    def __new__(cls, axis: typing.Any = None) -> typing.Any:
        """Return the op."""
        return CAReduce(cls.reduction, axis)


class Any(metaclass=_Reductions):
    """Whether any element over dimensions is true."""

    reduction: ClassVar[str] = "any"

    def __new__(cls, axis: typing.Any = None) -> typing.Any:
        """Return the op."""
        return CAReduce(cls.reduction, axis)


__all__ = ["All", "Any", "CAReduce", "CAReduceDtype", "DimShuffle", "Elemwise", "Prod", "Sum"]
