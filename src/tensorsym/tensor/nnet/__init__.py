"""Activations, losses and what neural networks need, Theano's `T.nnet`."""

from tensorsym.language import load
from tensorsym.language.table import FUNCTIONS

load()

__all__ = [
    name
    for name in (
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
        "hard_sigmoid",
        "logsoftmax",
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
        "softmax_with_bias",
        "softplus",
        "softsign",
        "ultra_fast_sigmoid",
    )
    if name in FUNCTIONS
]
globals().update({name: FUNCTIONS[name] for name in __all__})

from tensorsym.language.nnet import Softmax  # noqa: E402 - the class beside the functions
from tensorsym.tensor.nnet import nnet, sigm  # noqa: E402

__all__ += ["Softmax", "nnet", "sigm"]
