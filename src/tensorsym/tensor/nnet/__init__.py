"""Activations, losses, convolutions and what neural networks need, Theano's `T.nnet`."""

from tensorsym.language.convolution_functions import (
    causal_conv1d,
    conv2d,
    conv3d,
    separable_conv2d,
    separable_conv3d,
)
from tensorsym.language.convolution_gradients import (
    conv2d_grad_wrt_inputs,
    conv2d_grad_wrt_weights,
    conv2d_transpose,
    conv3d_grad_wrt_inputs,
    conv3d_grad_wrt_weights,
)
from tensorsym.language.normalization import batch_normalization
from tensorsym.language.table import FUNCTIONS
from tensorsym.tensor.nnet import (
    abstract_conv,
    bn,
    conv,
    conv3d2d,
    corr,
    corr3d,
    ctc,
    neighbours,
    nnet,
    sigm,
)
from tensorsym.tensor.nnet.conv import ConvOp
from tensorsym.tensor.nnet.nnet import *  # noqa: F403 - what `nnet.nnet` has
from tensorsym.tensor.nnet.nnet import __all__ as _of_nnet
from tensorsym.tensor.nnet.sigm import *  # noqa: F403 - what `nnet.sigm` has
from tensorsym.tensor.nnet.sigm import __all__ as _of_sigm

h_softmax = FUNCTIONS["h_softmax"]
abstract_conv2d = conv2d

__all__ = [
    "ConvOp",
    "abstract_conv",
    "abstract_conv2d",
    "batch_normalization",
    "bn",
    "causal_conv1d",
    "conv",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv3d",
    "conv3d2d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "corr",
    "corr3d",
    "ctc",
    "h_softmax",
    "neighbours",
    "nnet",
    "separable_conv2d",
    "separable_conv3d",
    "sigm",
]
__all__ += list(_of_nnet) + list(_of_sigm)
