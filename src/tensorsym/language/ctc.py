"""Connectionist temporal classification: the loss of a sequence of labels of unknown alignment.

All sequences of a batch take each step together, forwards and backwards, in logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError, RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Apply
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["ConnectionistTemporalClassification", "ctc"]

Array = np.ndarray[Any, Any]
BLANK = 0


class OperandRankError(RankError, ShapeError):
    """An operand has the wrong number of dimensions (a ValueError too, as in Theano)."""


@dataclass(frozen=True, slots=True)
class _Targets:
    """Labels with blanks around them: what an alignment passes through, in order.

    Attributes
    ----------
    symbols : ndarray
        (sequences, places): blank, label, blank, ..., blank; blanks behind the end.
    ends : ndarray
        Last place of each sequence.
    skips : ndarray
        Whether a place may be reached from two places before: at a label unlike the one before.
    """

    symbols: Array
    ends: Array
    skips: Array

    @classmethod
    def of(cls, labels: Array) -> _Targets:
        """Return the targets of rows of labels, of which negative ones do not count."""
        counts = (labels >= 0).sum(axis=1)
        symbols = np.full((len(labels), 2 * labels.shape[1] + 1), BLANK)
        for row, line in zip(symbols, labels, strict=True):
            kept = line[line >= 0]
            row[1 : 2 * len(kept) : 2] = kept
        skips = np.zeros(symbols.shape, dtype=bool)
        skips[:, 2:] = symbols[:, 2:] != symbols[:, :-2]
        return cls(symbols, 2 * counts, skips)


def _moved(scores: Array, by: int) -> Array:
    """Return scores moved by places, with nothing (the logarithm of 0) where they came from."""
    moved = np.full_like(scores, -np.inf)
    if by > 0:
        moved[:, by:] = scores[:, : max(0, scores.shape[1] - by)]
    else:
        moved[:, :by] = scores[:, -by:]
    return moved


def _forwards(emitted: Array, targets: _Targets) -> Array:
    """Return logarithms of the probability of all beginnings, (time, sequence, place)."""
    scores = np.full(emitted.shape, -np.inf, dtype=emitted.dtype)
    scores[0, :, :1] = emitted[0, :, :1]
    started = targets.ends > 0
    scores[0, started, 1:2] = emitted[0, started, 1:2]
    for t in range(1, len(emitted)):
        last = scores[t - 1]
        jumped = np.where(targets.skips, _moved(last, 2), -np.inf)
        reached = np.logaddexp(np.logaddexp(last, _moved(last, 1)), jumped)
        scores[t] = reached + emitted[t]
    return scores


def _backwards(emitted: Array, targets: _Targets, lengths: Array) -> Array:
    """Return logarithms of the probability of all endings, this step's symbol included."""
    scores = np.full(emitted.shape, -np.inf, dtype=emitted.dtype)
    places = np.arange(emitted.shape[2])
    is_end = (places == targets.ends[:, None]) | (places == targets.ends[:, None] - 1)
    after = np.full(emitted.shape[1:], -np.inf, dtype=emitted.dtype)
    for t in reversed(range(len(emitted))):
        jumped = _moved(np.where(targets.skips, after, -np.inf), -2)
        going = np.logaddexp(np.logaddexp(after, _moved(after, -1)), jumped)
        here = np.where(np.equal(lengths, t + 1)[:, None], np.where(is_end, 0.0, -np.inf), going)
        after = np.where(np.greater(lengths, t)[:, None], here + emitted[t], -np.inf)
        scores[t] = after
    return scores


def losses_and_gradients(activations: Array, labels: Array, lengths: Array) -> tuple[Array, Array]:
    """Return the losses, and their gradients with respect to activations."""
    shifted = activations - activations.max(axis=2, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    targets = _Targets.of(labels)
    sequences = np.arange(len(labels))
    emitted = logs[:, sequences[:, None], targets.symbols]
    forwards = _forwards(emitted, targets)
    backwards = _backwards(emitted, targets, lengths)
    last = forwards[lengths - 1, sequences]
    ends = last[sequences, targets.ends]
    before = np.where(targets.ends > 0, last[sequences, targets.ends - 1], -np.inf)
    total = np.logaddexp(ends, before)
    gradients = np.exp(logs)
    shares = np.exp(forwards + backwards - emitted - total[:, None])
    for place in range(shares.shape[2]):
        gradients[:, sequences, targets.symbols[:, place]] -= shares[:, :, place]
    counted = (np.arange(len(activations))[:, None] < lengths) & np.isfinite(total)
    return -total, np.where(counted[:, :, None], gradients, 0)


class ConnectionistTemporalClassification(Op):
    """Losses of sequences of labels, and their gradients with respect to activations."""

    __props__ = ("compute_grad",)
    default_output = 0

    def __init__(self, compute_grad: bool = True, openmp: bool | None = None) -> None:
        self.compute_grad = bool(compute_grad)

    def make_node(self, activations: Any, labels: Any, input_lengths: Any) -> Apply:
        """Return the application on activations, labels, and the numbers of steps."""
        operands = [as_tensor_variable(v) for v in (activations, labels, input_lengths)]
        names = ("activations", "labels", "input_lengths")
        for name, v, rank in zip(names, operands, (3, 2, 1), strict=True):
            if name == "activations":
                fits = v.type.dtype in ("float32", "float64")
            else:
                fits = is_discrete(v.type.dtype)
            if not fits:
                raise DTypeError(f"{name} have the wrong dtype", got=f"{v} of type {v.type}")
            if v.type.ndim != rank:
                raise OperandRankError(f"{name} must have {rank} dimensions", got=str(v.type))
        kind = operands[0].type
        outputs = [TensorType(kind.dtype, shape=kind.shape[1:2])()]
        if self.compute_grad:
            outputs.append(TensorType(kind.dtype, shape=kind.shape)())
        return Apply(self, operands, outputs)

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Go through all alignments with NumPy."""
        activations, labels, lengths = inputs
        steps, batch, symbols = activations.shape
        wrong = len(labels) != batch or len(lengths) != batch or symbols < 1
        wrong = wrong or (batch and (lengths.min() < 1 or lengths.max() > steps))
        if wrong or (labels.size and labels.max() >= symbols):
            raise ShapeError(
                "activations, labels and lengths do not fit",
                got=f"shapes {activations.shape}, {labels.shape}, {lengths.shape}",
                expected="a row of labels below the number of symbols, and 1 to all steps, each",
                origin=node.origin,
            )
        found = np.zeros(batch), np.zeros(activations.shape)
        if activations.size:
            with np.errstate(all="ignore"):
                found = losses_and_gradients(activations, labels, lengths.astype("int64"))
        for cell, value in zip(output_storage, found, strict=False):
            cell[0] = value.astype(activations.dtype, copy=False)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return a loss per sequence, and the shape of the activations."""
        return [(shapes[0][1],), shapes[0]][: len(node.outputs)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that labels and lengths are not connected."""
        n_outputs = len(node.outputs)
        return [[True] * n_outputs, [False] * n_outputs, [False] * n_outputs]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients that `perform` computed beside the losses, weighted."""
        if len(outputs) < 2 or not isinstance(output_grads[1].type, DisconnectedType):
            nothing = NullType("the gradient of this loss has no derivative")()
            return [nothing, FUNCTIONS["disconnected"](), FUNCTIONS["disconnected"]()]
        weighted = dimshuffle(output_grads[0], "x", 0, "x") * outputs[1]
        return [weighted, FUNCTIONS["disconnected"](), FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the losses' change along a tangent of the activations."""
        tangent = eval_points[0]
        if tangent is None:
            return [None] * (1 + self.compute_grad)
        gradients = type(self)().make_node(*inputs).outputs[1]
        change = FUNCTIONS["sum"](gradients * tangent, axis=[0, 2])
        return [change, None][: 1 + self.compute_grad]


@public("ctc")
def ctc(activations: Any, labels: Any, input_lengths: Any) -> Any:
    """Return the losses of connectionist temporal classification.

    Parameters
    ----------
    activations : tensor3
        (time, sequences, symbols) of float32 or float64; a softmax over symbols is taken of them.
        Symbol 0 is the blank.
    labels : matrix of integers
        A row of labels per sequence; negative ones do not count.
    input_lengths : vector of integers
        Number of time steps of each sequence.

    Returns
    -------
    TensorVariable
        A vector: minus the logarithm of the probability of each row of labels, summed over all
        alignments; infinite where the time is too short for any.

    Raises
    ------
    TypeError
        For other dtypes.
    ValueError
        For other ranks; at run time for labels that are no symbols, and lengths beyond the time.

    References
    ----------
    Graves, Fernandez, Gomez and Schmidhuber, Connectionist Temporal Classification (2006).

    Examples
    --------
    >>> import numpy as np
    >>> import tensorsym.tensor as T
    >>> scores = np.zeros((2, 1, 3), "float32")
    >>> loss = T.ctc(scores, np.array([[1, -1]], "int32"), np.array([2], "int32"))
    >>> np.exp(-loss.eval()) * 9
    array([3.], dtype=float32)
    """
    return ConnectionistTemporalClassification()(activations, labels, input_lengths)
