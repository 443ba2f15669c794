"""Theano's home of None and slices as values."""

from tensorsym.language.slices import (
    MakeSlice,
    NoneConst,
    NoneTypeT,
    SliceConstant,
    SliceType,
    make_slice,
)

slicetype = SliceType()
none_type_t = NoneTypeT()

__all__ = [
    "MakeSlice",
    "NoneConst",
    "NoneTypeT",
    "SliceConstant",
    "SliceType",
    "make_slice",
    "none_type_t",
    "slicetype",
]
