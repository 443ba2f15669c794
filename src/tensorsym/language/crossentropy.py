"""Cross entropies: of distributions, of classes given by number, and of bits.

The ops on class numbers ("one hot") exist so that neither the softmax nor its logarithm is ever
taken of what underflows; rewriting puts them in place of log(softmax(x))[arange(n), y].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RankError, TensorSymError
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_discrete, is_float, to_real_float, upcast
from tensorsym.language.elementwise import elementwise
from tensorsym.language.functions import log
from tensorsym.language.nnet import sigmoid
from tensorsym.language.reduction import reduce_with
from tensorsym.language.softmax import SoftmaxGrad
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "CrossentropyCategorical1Hot",
    "CrossentropyCategorical1HotGrad",
    "CrossentropySoftmax1HotWithBiasDx",
    "CrossentropySoftmaxArgmax1HotWithBias",
]


class LabelError(TensorSymError, ValueError, IndexError):
    """A class number is negative or not below the number of classes."""


class OperandError(RankError, ValueError):
    """An operand has the wrong rank or dtype (a ValueError too, as in Theano)."""


def _check_operand(v: Any, what: str, ndim: int, ok: bool) -> None:
    if v.type.ndim != ndim or not ok:
        raise OperandError(what, got=f"{v} of type {v.type}", origin=v.origin)


def _matrix_and_labels(x: Any, labels: Any) -> tuple[Any, Any]:
    x, labels = as_tensor_variable(x), as_tensor_variable(labels)
    _check_operand(x, "the scores must be a matrix of floats", 2, is_float(x.type.dtype))
    discrete = is_discrete(labels.type.dtype)
    _check_operand(labels, "the class numbers must be a vector of integers", 1, discrete)
    return x, labels


def _check_labels(node: Apply, rows: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> None:
    """Raise where there are not as many labels as rows, or where one is no column."""
    if len(labels) != len(rows):
        raise OperandError(
            "there must be one class number per row",
            got=f"{len(labels)} class numbers, {len(rows)} rows",
            origin=node.origin,
        )
    if labels.size and not (labels.min() >= 0 and labels.max() < rows.shape[1]):
        raise LabelError(
            "a class number is out of bounds",
            got=f"numbers from {labels.min()} to {labels.max()}",
            expected=f"0 to {rows.shape[1] - 1}",
            origin=node.origin,
        )


class CrossentropySoftmaxArgmax1HotWithBias(Op):
    """Of x + b per row: -log(softmax) of the labelled column, softmax, largest column."""

    __props__ = ()

    def make_node(self, x: Any, b: Any, y_idx: Any) -> Apply:
        """Return the application on scores, biases and class numbers."""
        x, y_idx = _matrix_and_labels(x, y_idx)
        b = as_tensor_variable(b)
        _check_operand(b, "the bias must be a vector of floats", 1, is_float(b.type.dtype))
        outputs = [
            TensorType(x.type.dtype, shape=y_idx.type.shape)(),
            TensorType(x.type.dtype, shape=x.type.shape)(),
            TensorType(y_idx.type.dtype, shape=y_idx.type.shape)(),
        ]
        return Apply(self, [x, b, y_idx], outputs)

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy, shifted by each row's largest score; float16 in float32."""
        x, b, labels = inputs
        if b.shape[0] != x.shape[1]:
            got = f"{b.shape[0]} biases, {x.shape[1]} columns"
            raise OperandError("there must be one bias per column", got=got, origin=node.origin)
        _check_labels(node, x, labels)
        wide = "float32" if x.dtype == "float16" else x.dtype
        with np.errstate(all="ignore"):
            scores = np.asarray(x + b, dtype=wide)
            shifted = scores - scores.max(axis=1, keepdims=True) if scores.size else scores
            weights = np.exp(shifted)
            totals = weights.sum(axis=1)
            loss = np.log(totals) - shifted[np.arange(len(x)), labels.astype("int64")]
            output_storage[0][0] = loss.astype(x.dtype)
            output_storage[1][0] = (weights / totals[:, None]).astype(x.dtype)
        largest = scores.argmax(axis=1) if scores.size else np.zeros(len(x))
        output_storage[2][0] = largest.astype(labels.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return one loss and one column per row, and the scores' shape."""
        x, _, labels = shapes
        return [(x[0],), x, labels]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the losses and the softmax depend on the scores and biases."""
        return [[True, True, True], [True, True, True], [False, False, True]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the loss's gradient, dnll * (softmax - one hot), plus that of the softmax."""
        _x, _b, labels = inputs
        g_loss, g_softmax, g_largest = output_grads
        terms = []
        if not isinstance(g_loss.type, DisconnectedType):
            terms.append(CrossentropySoftmax1HotWithBiasDx()(g_loss, outputs[1], labels))
        if not isinstance(g_softmax.type, DisconnectedType):
            terms.append(SoftmaxGrad()(g_softmax, outputs[1]))
        nothing = FUNCTIONS["disconnected"]()
        if not terms:
            if isinstance(g_largest.type, DisconnectedType):
                return [nothing, nothing, nothing]
            return [FUNCTIONS["zero_gradient"](v) for v in inputs]
        total = terms[0] if len(terms) == 1 else terms[0] + terms[1]
        disconnected = isinstance(g_largest.type, DisconnectedType)
        g_labels = nothing if disconnected else FUNCTIONS["zero_gradient"](labels)
        return [total, reduce_with("sum", total, 0), g_labels]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangents of the losses and the softmax."""
        tangents = [t for t in eval_points[:2] if t is not None]
        if not tangents:
            return [None, None, None]
        _, sm, _ = self(*inputs)
        tangent = tangents[0] if len(tangents) == 1 else tangents[0] + tangents[1]
        if tangent.type.ndim == 1:
            tangent = FUNCTIONS["fill"](sm, tangent.dimshuffle("x", 0))
        per_row = reduce_with("sum", tangent * _softmax_minus_one_hot(sm, inputs[2]), 1)
        return [per_row, SoftmaxGrad()(tangent, sm), None]

    def __str__(self) -> str:
        return "CrossentropySoftmaxArgmax1HotWithBias"


def _softmax_minus_one_hot(sm: Any, labels: Any) -> Any:
    ones = FUNCTIONS["ones_like"](reduce_with("sum", sm, 1))
    return CrossentropySoftmax1HotWithBiasDx()(ones, sm, labels)


class CrossentropySoftmax1HotWithBiasDx(Op):
    """dy * (sm - one hot of y_idx), row by row: the gradient of the loss by the scores."""

    __props__ = ()

    def make_node(self, dy: Any, sm: Any, y_idx: Any) -> Apply:
        """Return the application on the losses' gradient, the softmax and the class numbers."""
        sm, y_idx = _matrix_and_labels(sm, y_idx)
        dy = as_tensor_variable(dy)
        _check_operand(dy, "dy must be a vector of floats", 1, is_float(dy.type.dtype))
        dtype = upcast(dy.type.dtype, sm.type.dtype)
        return Apply(self, [dy, sm, y_idx], [TensorType(dtype, shape=sm.type.shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        dy, sm, labels = inputs
        _check_labels(node, sm, labels)
        dtype = node.outputs[0].type.dtype
        result = np.array(sm, dtype=dtype)
        result[np.arange(len(sm)), labels.astype("int64")] -= 1
        with np.errstate(all="ignore"):
            result *= dy[:, None].astype(dtype, copy=False)
        output_storage[0][0] = result

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the softmax's shape."""
        return [shapes[1]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the class numbers are not connected."""
        return [[True], [True], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients of a product."""
        (dy, sm, labels), (g,) = inputs, output_grads
        g_dy = reduce_with("sum", g * _softmax_minus_one_hot(sm, labels), 1)
        return [g_dy, dy.dimshuffle(0, "x") * g, FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent of a product."""
        (dy, sm, labels), (t_dy, t_sm, _) = inputs, eval_points
        terms = [] if t_dy is None else [self(t_dy, sm, labels)]
        if t_sm is not None:
            terms.append(dy.dimshuffle(0, "x") * t_sm)
        return [None if not terms else terms[0] if len(terms) == 1 else terms[0] + terms[1]]

    def __str__(self) -> str:
        return "CrossentropySoftmax1HotWithBiasDx"


class CrossentropyCategorical1Hot(Op):
    """-log of the element of each row that a vector of column numbers picks."""

    __props__ = ()

    def make_node(self, coding_dist: Any, true_one_of_n: Any) -> Apply:
        """Return the application on distributions and class numbers."""
        x, labels = _matrix_and_labels(coding_dist, true_one_of_n)
        return Apply(self, [x, labels], [TensorType(x.type.dtype, shape=(x.type.shape[0],))()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        x, labels = inputs
        _check_labels(node, x, labels)
        with np.errstate(all="ignore"):
            output_storage[0][0] = -np.log(x[np.arange(len(x)), labels.astype("int64")])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the number of rows."""
        return [(shapes[0][0],)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the class numbers are not connected."""
        return [[True], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return -g / x in the labelled columns."""
        x, labels = inputs
        gradient = CrossentropyCategorical1HotGrad()(output_grads[0], x, labels)
        return [gradient, FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return -tangent / x of the labelled columns."""
        x, labels = inputs
        if eval_points[0] is None:
            return [None]
        ones = FUNCTIONS["ones_like"](self(x, labels))
        weights = CrossentropyCategorical1HotGrad()(ones, x, labels)
        return [reduce_with("sum", eval_points[0] * weights, 1)]

    def __str__(self) -> str:
        return "CrossentropyCategorical1Hot"


class CrossentropyCategorical1HotGrad(Op):
    """A matrix of zeros but for -g / x in the labelled column of each row."""

    __props__ = ()

    def make_node(self, g_y: Any, coding_dist: Any, true_one_of_n: Any) -> Apply:
        """Return the application on the losses' gradient, distributions and class numbers."""
        x, labels = _matrix_and_labels(coding_dist, true_one_of_n)
        g_y = as_tensor_variable(g_y)
        dtype = upcast(g_y.type.dtype, x.type.dtype)
        return Apply(self, [g_y, x, labels], [TensorType(dtype, shape=x.type.shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        g, x, labels = inputs
        _check_labels(node, x, labels)
        result = np.zeros(x.shape, dtype=node.outputs[0].type.dtype)
        where = np.arange(len(x)), labels.astype("int64")
        with np.errstate(all="ignore"):
            result[where] = -g / x[where]
        output_storage[0][0] = result

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the distributions' shape."""
        return [shapes[1]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the class numbers are not connected."""
        return [[True], [True], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients of -g / x."""
        (g_y, x, labels), (g,) = inputs, output_grads
        weights = self(FUNCTIONS["ones_like"](g_y), x, labels)
        # The derivative of -g/x is g/x**2, that is the squared weights times g.
        g_x = g_y.dimshuffle(0, "x") * FUNCTIONS["sqr"](weights) * g
        return [reduce_with("sum", g * weights, 1), g_x, FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent of -g / x."""
        (g_y, x, labels), (t_g, t_x, _) = inputs, eval_points
        terms = [] if t_g is None else [self(t_g, x, labels)]
        if t_x is not None:
            weights = self(FUNCTIONS["ones_like"](g_y), x, labels)
            terms.append(g_y.dimshuffle(0, "x") * FUNCTIONS["sqr"](weights) * t_x)
        return [None if not terms else terms[0] if len(terms) == 1 else terms[0] + terms[1]]

    def __str__(self) -> str:
        return "CrossentropyCategorical1HotGrad"


def _loss_of_logit(x: Any, t: Any) -> Any:
    magnitude = np.abs(x)
    return np.log1p(np.exp(-magnitude)) + x * ((x > 0) - t)


sigmoid_binary_crossentropy = elementwise(
    "sigmoid_binary_crossentropy", arity=2, numpy=_loss_of_logit, rule=to_real_float,
    c="ts_softplus(-ts_abs(x)) + x * ((x > 0) - y)", domain=((-3.0, 3.0), (0.0, 1.0)),
    partials=(lambda x, t, out: sigmoid(x) - t, lambda x, t, out: -x), points=(-800.0, 800.0),
    doc="Cross entropy of a target y in [0, 1] and sigmoid(x), right for any x. "
    "It is softplus(x) - x * y.",
)  # fmt: skip


@public("binary_crossentropy")
def binary_crossentropy(output: Any, target: Any) -> Any:
    """Return the cross entropy of bits, -(t * log(o) + (1 - t) * log(1 - o)).

    Parameters
    ----------
    output : tensor
        Probabilities, strictly between 0 and 1. Of a sigmoid the result is rewritten so that it is
        right where the sigmoid rounds to 0 or 1.
    target : tensor
        Targets from 0 to 1.

    Returns
    -------
    TensorVariable
        Elementwise losses, of the shape of the operands broadcast together.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.binary_crossentropy(T.vector(), T.vector()).ndim
    1
    """
    output, target = as_tensor_variable(output), as_tensor_variable(target)
    return -(target * log(output) + (1.0 - target) * log(1.0 - output))


@public("categorical_crossentropy")
def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Any:
    """Return the cross entropy of each row of two matrices, -sum(p * log(q)).

    Parameters
    ----------
    coding_dist : tensor
        q, distributions along the last axis. Of a softmax the result is rewritten so that it is
        right where the softmax underflows.
    true_dist : tensor
        p, of the same rank; or the numbers of the true classes, a vector of integers.

    Returns
    -------
    TensorVariable
        One dimension less than `coding_dist`.

    Raises
    ------
    TypeError
        If the ranks do not fit.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.categorical_crossentropy(T.matrix(), T.ivector()).ndim
    1
    """
    q, p = as_tensor_variable(coding_dist), as_tensor_variable(true_dist)
    if p.type.ndim == q.type.ndim:
        return -reduce_with("sum", p * log(q), q.type.ndim - 1)
    if p.type.ndim == q.type.ndim - 1:
        return CrossentropyCategorical1Hot()(q, p)
    raise RankError("the ranks of the distributions do not fit", got=f"{q.type} and {p.type}")


@public("crossentropy_categorical_1hot")
def crossentropy_categorical_1hot(coding_dist: Any, true_one_of_n: Any) -> Any:
    """Return -log of the element that each class number picks from its row.

    Parameters
    ----------
    coding_dist : tensor
        A matrix of floats.
    true_one_of_n : tensor
        A vector of integers, one per row.

    Returns
    -------
    TensorVariable
        The vector of losses, one per row.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.crossentropy_categorical_1hot(T.matrix(), T.ivector()).ndim
    1
    """
    return CrossentropyCategorical1Hot()(coding_dist, true_one_of_n)


@public("crossentropy_categorical_1hot_grad")
def crossentropy_categorical_1hot_grad(g_y: Any, coding_dist: Any, true_one_of_n: Any) -> Any:
    """Return the gradient of `crossentropy_categorical_1hot` with respect to the distributions.

    Parameters
    ----------
    g_y : tensor
        Gradient of the losses, a vector.
    coding_dist, true_one_of_n : tensor
        As there.

    Returns
    -------
    TensorVariable
        A matrix of the shape of `coding_dist`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x, y = T.matrix(), T.ivector()
    >>> T.nnet.crossentropy_categorical_1hot_grad(T.vector(), x, y).ndim
    2
    """
    return CrossentropyCategorical1HotGrad()(g_y, coding_dist, true_one_of_n)
