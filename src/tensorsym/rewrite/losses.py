"""Cross entropies of a softmax and class numbers, computed from its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.crossentropy import (
    CrossentropyCategorical1Hot,
    CrossentropyCategorical1HotGrad,
    CrossentropySoftmax1HotWithBiasDx,
    CrossentropySoftmaxArgmax1HotWithBias,
)
from tensorsym.language.reshape import Alloc
from tensorsym.language.softmax import Softmax, SoftmaxGrad
from tensorsym.rewrite.context import call, literal
from tensorsym.rewrite.rules import algorithm

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["gradient_of_softmax_loss", "loss_of_softmax"]

PHASES = ("stabilize", "specialize")


@algorithm(
    "loss_of_softmax", *PHASES, roots=(CrossentropyCategorical1Hot,), inputs=(Softmax,),
    theano=("crossentropy_to_crossentropy_with_softmax",
            "crossentropy_to_crossentropy_with_softmax_with_bias"),
    why="softmax underflows where its logarithm is an ordinary number",
    differs="softmax(x) < 1e-300",
)  # fmt: skip
def loss_of_softmax(node: Apply, context: Context) -> Replacement:
    """Replace the cross entropy of a softmax and class numbers by that of the scores."""
    softmax: Any = node.inputs[0]
    labels = node.inputs[1]
    if not _is_softmax(softmax):
        return None
    (scores,) = softmax.owner.inputs
    columns = context.shapes.lengths(scores)[1]
    bias = call(Alloc(), literal(0, scores.type.dtype), columns)
    op = CrossentropySoftmaxArgmax1HotWithBias()
    return context.fit(op.make_node(scores, bias, labels).outputs[0], node.outputs[0])


@algorithm(
    "gradient_of_softmax_loss", *PHASES, roots=(SoftmaxGrad,),
    inputs=(CrossentropyCategorical1HotGrad,),
    theano=("local_softmax_grad_to_crossentropy_with_softmax_grad",),
    why="the softmax that the loss's gradient divides by cancels, and may be 0",
    differs="softmax(x) < 1e-300",
)  # fmt: skip
def gradient_of_softmax_loss(node: Apply, context: Context) -> Replacement:
    """Replace the gradient of a cross entropy taken back through a softmax by sm - one hot."""
    cotangent, softmax = node.inputs
    owner = cotangent.owner
    if owner is None or type(owner.op) is not CrossentropyCategorical1HotGrad:
        return None
    g, distribution, labels = owner.inputs
    if distribution is not softmax or not _is_softmax(softmax):
        return None
    dx = call(CrossentropySoftmax1HotWithBiasDx(), g, softmax, labels)
    return context.fit(dx, node.outputs[0])


def _is_softmax(v: Any) -> bool:
    return v.owner is not None and type(v.owner.op) is Softmax
