"""Activations, losses and what neural networks need, Theano's `T.nnet`."""

from tensorsym.language.table import FUNCTIONS
from tensorsym.tensor.nnet import nnet, sigm
from tensorsym.tensor.nnet.nnet import *  # noqa: F403 - what `nnet.nnet` has
from tensorsym.tensor.nnet.nnet import __all__ as _of_nnet
from tensorsym.tensor.nnet.sigm import *  # noqa: F403 - what `nnet.sigm` has
from tensorsym.tensor.nnet.sigm import __all__ as _of_sigm

h_softmax = FUNCTIONS["h_softmax"]

__all__ = ["h_softmax", "nnet", "sigm"]
__all__ += list(_of_nnet) + list(_of_sigm)
