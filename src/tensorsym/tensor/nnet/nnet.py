"""Theano's other home of activations and losses."""

from tensorsym.language import load
from tensorsym.language.nnet import Softmax
from tensorsym.language.table import FUNCTIONS

load()

NAMES = (
    "binary_crossentropy",
    "categorical_crossentropy",
    "crossentropy_categorical_1hot",
    "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias",
    "elu",
    "logsoftmax",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_binary_crossentropy",
    "softmax",
    "softmax_with_bias",
    "softplus",
    "softsign",
)
globals().update({name: FUNCTIONS[name] for name in NAMES})

__all__ = ["Softmax"]
__all__ += list(NAMES)
