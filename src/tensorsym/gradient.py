"""Theano's names of derivatives."""

import tensorsym.autodiff.inner  # noqa: F401 - enters the derivatives of inner graphs
from tensorsym.autodiff.forward import Rop
from tensorsym.autodiff.jacobian import hessian, jacobian
from tensorsym.autodiff.passthrough import (
    ConsiderConstant,
    DisconnectedGrad,
    GradClip,
    GradScale,
    UndefinedGrad,
    ZeroGrad,
    consider_constant,
    disconnected_grad,
    grad_clip,
    grad_not_implemented,
    grad_scale,
    grad_undefined,
    undefined_grad,
    zero_grad,
)
from tensorsym.autodiff.reverse import Lop, grad, subgraph_grad
from tensorsym.autodiff.verify import numeric_grad, verify_grad
from tensorsym.errors import DisconnectedInputError, GradientError, NullTypeGradError
from tensorsym.graph.type import DisconnectedType, NullType

consider_constant_ = ConsiderConstant()
disconnected_grad_ = DisconnectedGrad()
zero_grad_ = ZeroGrad()

__all__ = [
    "ConsiderConstant",
    "DisconnectedGrad",
    "DisconnectedInputError",
    "DisconnectedType",
    "GradClip",
    "GradScale",
    "GradientError",
    "Lop",
    "NullType",
    "NullTypeGradError",
    "Rop",
    "UndefinedGrad",
    "ZeroGrad",
    "consider_constant",
    "consider_constant_",
    "disconnected_grad",
    "disconnected_grad_",
    "grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "hessian",
    "jacobian",
    "numeric_grad",
    "subgraph_grad",
    "undefined_grad",
    "verify_grad",
    "zero_grad",
    "zero_grad_",
]
