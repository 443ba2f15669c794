"""Theano's other home of activations and losses."""

from tensorsym.language import load
from tensorsym.language.crossentropy import (
    CrossentropyCategorical1Hot,
    CrossentropyCategorical1HotGrad,
    CrossentropySoftmax1HotWithBiasDx,
    CrossentropySoftmaxArgmax1HotWithBias,
)
from tensorsym.language.functionop import op_class
from tensorsym.language.softmax import LogSoftmax, Softmax, SoftmaxGrad
from tensorsym.language.table import FUNCTIONS

load()

NAMES = (
    "binary_crossentropy",
    "categorical_crossentropy",
    "confusion_matrix",
    "crossentropy_categorical_1hot",
    "crossentropy_categorical_1hot_grad",
    "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias",
    "crossentropy_softmax_1hot_with_bias_dx",
    "crossentropy_softmax_argmax_1hot_with_bias",
    "crossentropy_softmax_max_and_argmax_1hot",
    "crossentropy_softmax_max_and_argmax_1hot_with_bias",
    "elu",
    "h_softmax",
    "logsoftmax",
    "logsoftmax_op",
    "prepend_0_to_each_row",
    "prepend_1_to_each_row",
    "prepend_scalar_to_each_row",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_binary_crossentropy",
    "softmax",
    "softmax_grad",
    "softmax_graph",
    "softmax_op",
    "softmax_with_bias",
    "softplus",
    "softsign",
)
globals().update({name: FUNCTIONS[name] for name in NAMES})


def _prepend_constant(mat, val=0):  # type: ignore[no-untyped-def]
    """Return a matrix with a column of a constant put before it."""
    return FUNCTIONS["prepend_scalar_to_each_row"](val, mat)


SoftmaxWithBias = op_class("SoftmaxWithBias", FUNCTIONS["softmax_with_bias"])
Prepend_scalar_to_each_row = op_class(
    "Prepend_scalar_to_each_row", FUNCTIONS["prepend_scalar_to_each_row"]
)
Prepend_scalar_constant_to_each_row = op_class(
    "Prepend_scalar_constant_to_each_row", _prepend_constant, "val"
)

__all__ = [
    "CrossentropyCategorical1Hot",
    "CrossentropyCategorical1HotGrad",
    "CrossentropySoftmax1HotWithBiasDx",
    "CrossentropySoftmaxArgmax1HotWithBias",
    "LogSoftmax",
    "Prepend_scalar_constant_to_each_row",
    "Prepend_scalar_to_each_row",
    "Softmax",
    "SoftmaxGrad",
    "SoftmaxWithBias",
]
__all__ += list(NAMES)
