"""Theano's home of sigmoids."""

from tensorsym.language import load
from tensorsym.language.scalarops import scalar_op_of
from tensorsym.language.table import FUNCTIONS

load()

hard_sigmoid = FUNCTIONS["hard_sigmoid"]
sigmoid = sigmoid_inplace = FUNCTIONS["sigmoid"]
softplus = FUNCTIONS["softplus"]
ultra_fast_sigmoid = ultra_fast_sigmoid_inplace = FUNCTIONS["ultra_fast_sigmoid"]
scalar_sigmoid = scalar_op_of("sigmoid")
scalar_softplus = scalar_op_of("softplus")
ultra_fast_scalar_sigmoid = scalar_op_of("ultra_fast_sigmoid")
ScalarSigmoid = type(scalar_sigmoid)
ScalarSoftplus = type(scalar_softplus)
UltraFastScalarSigmoid = type(ultra_fast_scalar_sigmoid)

__all__ = [
    "ScalarSigmoid",
    "ScalarSoftplus",
    "UltraFastScalarSigmoid",
    "hard_sigmoid",
    "scalar_sigmoid",
    "scalar_softplus",
    "sigmoid",
    "sigmoid_inplace",
    "softplus",
    "ultra_fast_scalar_sigmoid",
    "ultra_fast_sigmoid",
    "ultra_fast_sigmoid_inplace",
]
