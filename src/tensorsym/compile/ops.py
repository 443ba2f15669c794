"""Theano's home of ops that hand on, copy, check shapes or wrap a function."""

from tensorsym.language.hostops import DeepCopyOp, FromFunctionOp, ViewOp, as_op
from tensorsym.language.rebroadcast import Rebroadcast
from tensorsym.language.reshape import SpecifyShape
from tensorsym.language.shape import Shape
from tensorsym.language.shape import ShapeOf as Shape_i
from tensorsym.language.table import FUNCTIONS

deep_copy_op = DeepCopyOp()
view_op = ViewOp()
shape = FUNCTIONS["shape"]
specify_shape = FUNCTIONS["specify_shape"]

__all__ = [
    "DeepCopyOp",
    "FromFunctionOp",
    "Rebroadcast",
    "Shape",
    "Shape_i",
    "SpecifyShape",
    "ViewOp",
    "as_op",
    "deep_copy_op",
    "shape",
    "specify_shape",
    "view_op",
]
