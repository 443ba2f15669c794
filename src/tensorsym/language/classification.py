"""Losses and tables of classifiers: softmax with cross entropy in one, confusion matrix."""

from __future__ import annotations

from typing import Any

from tensorsym.errors import RankError
from tensorsym.language.arithmetic import cast, eq, int_div, mod
from tensorsym.language.crossentropy import (
    CrossentropySoftmax1HotWithBiasDx,
    CrossentropySoftmaxArgmax1HotWithBias,
)
from tensorsym.language.reduction import reduce_with
from tensorsym.language.shape import ShapeOf
from tensorsym.language.softmax import Softmax, softmax
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

__all__: list[str] = []


@public("crossentropy_softmax_argmax_1hot_with_bias")
def crossentropy_softmax_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any) -> list[Any]:
    """Return, per row of x + b, the loss -log(softmax) of a class, the softmax, the argmax.

    Parameters
    ----------
    x : tensor
        Scores, a matrix of floats.
    b : tensor
        Biases, a vector with an element per column.
    y_idx : tensor
        The true classes, a vector of integers with an element per row.

    Returns
    -------
    list of TensorVariable
        Losses (vector), softmax (matrix), columns of the largest scores (vector of y_idx's dtype).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> ce = T.nnet.crossentropy_softmax_argmax_1hot_with_bias
    >>> [v.ndim for v in ce(T.matrix(), T.vector(), T.ivector())]
    [1, 2, 1]
    """
    outputs: list[Any] = CrossentropySoftmaxArgmax1HotWithBias()(x, b, y_idx)
    return outputs


@public("crossentropy_softmax_1hot_with_bias_dx")
def crossentropy_softmax_1hot_with_bias_dx(dy: Any, sm: Any, y_idx: Any) -> Any:
    """Return dy * (sm - one hot of y_idx): the gradient of the losses with respect to the scores.

    Parameters
    ----------
    dy : tensor
        Gradient of the losses, a vector.
    sm : tensor
        The softmax, a matrix.
    y_idx : tensor
        The true classes, a vector of integers.

    Returns
    -------
    TensorVariable
        A matrix of the shape of `sm`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> dx = T.nnet.crossentropy_softmax_1hot_with_bias_dx
    >>> dx(T.vector(), T.matrix(), T.ivector()).ndim
    2
    """
    return CrossentropySoftmax1HotWithBiasDx()(dy, sm, y_idx)


@public("crossentropy_softmax_1hot_with_bias")
def crossentropy_softmax_1hot_with_bias(x: Any, b: Any, y_idx: Any) -> list[Any]:
    """Return the losses and the softmax of x + b; see the version with argmax.

    Parameters
    ----------
    x, b, y_idx : tensor
        Scores, biases and true classes.

    Returns
    -------
    list of TensorVariable
        The vector of losses, and the softmax.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> ce = T.nnet.crossentropy_softmax_1hot_with_bias
    >>> [v.ndim for v in ce(T.matrix(), T.vector(), T.ivector())]
    [1, 2]
    """
    return crossentropy_softmax_argmax_1hot_with_bias(x, b, y_idx)[:2]


@public("crossentropy_softmax_1hot")
def crossentropy_softmax_1hot(x: Any, y_idx: Any) -> list[Any]:
    """Return the losses and the softmax of x.

    Parameters
    ----------
    x, y_idx : tensor
        Scores and true classes.

    Returns
    -------
    list of TensorVariable
        The vector of losses, and the softmax.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> [v.ndim for v in T.nnet.crossentropy_softmax_1hot(T.matrix(), T.ivector())]
    [1, 2]
    """
    return crossentropy_softmax_1hot_with_bias(x, _no_bias(x), y_idx)


def _no_bias(x: Any) -> Any:
    x = as_tensor_variable(x)
    if x.type.ndim != 2:
        raise RankError("the scores must be a matrix", got=str(x.type), origin=x.origin)
    return FUNCTIONS["zeros"]((ShapeOf(1)(x),), dtype=x.type.dtype)


@public("crossentropy_softmax_max_and_argmax_1hot_with_bias")
def crossentropy_softmax_max_and_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any) -> list[Any]:
    """Return losses, softmax, the largest probability per row and its column.

    Parameters
    ----------
    x, b, y_idx : tensor
        Scores, biases and true classes.

    Returns
    -------
    list of TensorVariable
        The losses, the softmax, and per row the largest probability and where it is.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> ce = T.nnet.crossentropy_softmax_max_and_argmax_1hot_with_bias
    >>> [v.ndim for v in ce(T.matrix(), T.vector(), T.ivector())]
    [1, 2, 1, 1]
    """
    losses, probabilities = crossentropy_softmax_1hot_with_bias(x, b, y_idx)
    return [losses, probabilities, *FUNCTIONS["max_and_argmax"](probabilities, axis=-1)]


@public("crossentropy_softmax_max_and_argmax_1hot")
def crossentropy_softmax_max_and_argmax_1hot(x: Any, y_idx: Any) -> list[Any]:
    """Return losses, softmax, the largest probability per row and its column.

    Parameters
    ----------
    x, y_idx : tensor
        Scores and true classes.

    Returns
    -------
    list of TensorVariable
        The losses, the softmax, and per row the largest probability and where it is.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> ce = T.nnet.crossentropy_softmax_max_and_argmax_1hot
    >>> [v.ndim for v in ce(T.matrix(), T.ivector())]
    [1, 2, 1, 1]
    """
    return crossentropy_softmax_max_and_argmax_1hot_with_bias(x, _no_bias(x), y_idx)


@public("softmax_with_bias")
def softmax_with_bias(x: Any, b: Any) -> Any:
    """Return the softmax of each row of x + b.

    Parameters
    ----------
    x : tensor
        A matrix of floats.
    b : tensor
        A vector with an element per column.

    Returns
    -------
    TensorVariable
        A matrix whose rows sum to 1.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.softmax_with_bias(T.matrix(), T.vector()).ndim
    2
    """
    x, b = as_tensor_variable(x), as_tensor_variable(b)
    if x.type.ndim != 2 or b.type.ndim != 1:
        raise ValueError(f"softmax_with_bias takes a matrix and a vector, got {x.type}, {b.type}")
    return Softmax()(x + b)


@public("prepend_scalar_to_each_row")
def prepend_scalar_to_each_row(val: Any, mat: Any) -> Any:
    """Return a matrix with a column of `val` put in front.

    Parameters
    ----------
    val : scalar
        The value.
    mat : tensor
        A matrix.

    Returns
    -------
    TensorVariable
        A matrix with one column more.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.prepend_scalar_to_each_row(0, T.matrix()).ndim
    2
    """
    mat, val = as_tensor_variable(mat), as_tensor_variable(val)
    if mat.type.ndim != 2 or val.type.ndim != 0:
        raise TypeError(f"expected a scalar and a matrix, got {val.type} and {mat.type}")
    column = FUNCTIONS["alloc"](cast(val, mat.type.dtype), ShapeOf(0)(mat), 1)
    return FUNCTIONS["join"](1, column, mat)


@public("prepend_0_to_each_row")
def prepend_0_to_each_row(mat: Any) -> Any:
    """Return a matrix with a column of zeros put in front.

    Parameters
    ----------
    mat : tensor
        A matrix.

    Returns
    -------
    TensorVariable
        A matrix with one column more.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.prepend_0_to_each_row(T.matrix()).ndim
    2
    """
    return prepend_scalar_to_each_row(0, mat)


@public("prepend_1_to_each_row")
def prepend_1_to_each_row(mat: Any) -> Any:
    """Return a matrix with a column of ones put in front.

    Parameters
    ----------
    mat : tensor
        A matrix.

    Returns
    -------
    TensorVariable
        A matrix with one column more.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.prepend_1_to_each_row(T.matrix()).ndim
    2
    """
    return prepend_scalar_to_each_row(1, mat)


@public("confusion_matrix")
def confusion_matrix(actual: Any, pred: Any) -> list[Any]:
    """Return how often each actual class was predicted as each class.

    Parameters
    ----------
    actual, pred : tensor
        Vectors of equal length: the true classes and the predicted ones.

    Returns
    -------
    list of TensorVariable
        The counts, actual classes by rows and predicted ones by columns; and the classes in order.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> [v.ndim for v in T.nnet.confusion_matrix(T.ivector(), T.ivector())]
    [2, 1]
    """
    actual, pred = as_tensor_variable(actual), as_tensor_variable(pred)
    for v in (actual, pred):
        if v.type.ndim != 1:
            raise ValueError(f"the classes must be a vector, got {v} of type {v.type}")
    order = FUNCTIONS["unique"](FUNCTIONS["concatenate"]([actual, pred]))
    of_actual, of_pred = (cast(eq(v.dimshuffle(0, "x"), order), "int64") for v in (actual, pred))
    return [FUNCTIONS["dot"](of_actual.T, of_pred), order]


@public("h_softmax")
def h_softmax(
    x: Any,
    batch_size: Any,
    n_outputs: Any,
    n_classes: Any,
    n_outputs_per_class: Any,
    W1: Any,
    b1: Any,
    W2: Any,
    b2: Any,
    target: Any = None,
) -> Any:
    """Return the two-level hierarchical softmax: of the class, then of the output inside the class.

    Parameters
    ----------
    x : tensor
        Inputs, of shape (batch_size, number of features).
    batch_size, n_outputs, n_classes, n_outputs_per_class : int or scalar
        Sizes; n_classes * n_outputs_per_class is at least n_outputs.
    W1, b1 : tensor
        Weights (features, n_classes) and biases (n_classes) of the first level.
    W2, b2 : tensor
        Weights (n_classes, features, n_outputs_per_class) and biases (n_classes,
        n_outputs_per_class) of the second.
    target : tensor, optional
        The outputs wanted, one per input; without it all are computed.

    Returns
    -------
    TensorVariable
        Probabilities: of the targets (batch_size,), or of all outputs (batch_size, n_outputs).

    References
    ----------
    Goodman, Classes for Fast Maximum Entropy Training, ICASSP 2001, arXiv:cs/0108006.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> W1, b1, W2, b2 = T.matrix(), T.vector(), T.tensor3(), T.matrix()
    >>> T.nnet.h_softmax(T.matrix(), 5, 6, 2, 3, W1, b1, W2, b2).ndim
    2
    """
    x, W2, b2 = as_tensor_variable(x), as_tensor_variable(W2), as_tensor_variable(b2)
    of_class = softmax(FUNCTIONS["dot"](x, W1) + b1)
    if target is None:
        scores = FUNCTIONS["tensordot"](x, W2, [[1], [1]]) + b2
        inside = softmax(scores, axis=-1)
        both = (of_class.dimshuffle(0, 1, "x") * inside).reshape((batch_size, -1))
        return both[:, :n_outputs]
    target = as_tensor_variable(target).flatten()
    its_class, place = int_div(target, n_outputs_per_class), mod(target, n_outputs_per_class)
    scores = reduce_with("sum", x.dimshuffle(0, 1, "x") * W2[its_class], 1) + b2[its_class]
    rows = FUNCTIONS["arange"](batch_size)
    return of_class[rows, its_class] * softmax(scores)[rows, place]
