"""Draws from discrete distributions, one row of probabilities each, out of uniform numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.errors import ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["ChoiceFromUniform", "MultinomialFromUniform"]


class _FromUniform(Op):
    """What draws from rows of probabilities have in common.

    Parameters
    ----------
    odtype : str
        dtype of the result; 'auto' is the op's own choice.
    """

    __props__: ClassVar[tuple[str, ...]] = ("odtype",)

    def __init__(self, odtype: str = "auto") -> None:
        self.odtype = odtype

    def make_node(self, pvals: Any, unis: Any, n: Any = 1) -> Apply:
        """Return the application on probabilities, uniform numbers and the number of draws."""
        pvals, unis, n = (as_tensor_variable(x) for x in (pvals, unis, n))
        if (pvals.type.ndim, unis.type.ndim, n.type.ndim) != (2, 1, 0):
            raise TypeError(
                "draws take a matrix of probabilities, a vector of uniform numbers and a scalar, "
                f"got {pvals.type}, {unis.type} and {n.type}"
            )
        if not is_discrete(n.type.dtype):
            raise TypeError(f"the number of draws is an integer, got {n.type}")
        dtype = self.odtype if self.odtype != "auto" else self._own_dtype(pvals.type.dtype)
        return Apply(self, [pvals, unis, n], [self._type(dtype, pvals.type)()])

    def _own_dtype(self, dtype: str) -> str:
        return dtype

    def _type(self, dtype: str, pvals: TensorType) -> TensorType:
        return TensorType(dtype, pvals.broadcastable)

    @staticmethod
    def _check(pvals: Any, unis: Any, draws: int) -> None:
        if len(unis) != len(pvals) * draws:
            raise ShapeError(
                "unis.shape[0] != pvals.shape[0] * n_samples",
                got=f"{len(unis)} uniform numbers for {draws} draws from {len(pvals)} rows",
            )

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros: a small change of the probabilities changes no draw."""
        return [FUNCTIONS["zero_gradient"](x) for x in inputs]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that the draws do not change."""
        return [None]


class MultinomialFromUniform(_FromUniform):
    """How often each outcome comes: a row of counts per row of probabilities."""

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Take, for each number, the first outcome up to which the probabilities exceed it."""
        pvals, unis, draws = inputs[0], inputs[1], int(inputs[2])
        self._check(pvals, unis, draws)
        counts = np.zeros(pvals.shape, dtype=node.outputs[0].type.dtype)
        bounds = np.cumsum(pvals, axis=1, dtype="float64")
        for row, numbers in enumerate(np.reshape(unis, (draws, -1)).T):
            chosen = np.searchsorted(np.maximum.accumulate(bounds[row]), numbers, side="right")
            np.add.at(counts[row], chosen[chosen < pvals.shape[1]], 1)
        output_storage[0][0] = counts

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the probabilities."""
        return [shapes[0]]


class ChoiceFromUniform(_FromUniform):
    """Which outcomes come: a row of their numbers per row of probabilities, none twice.

    Parameters
    ----------
    odtype : str
        dtype of the result.
    replace : bool
        Whether an outcome may come again.
    """

    __props__: ClassVar[tuple[str, ...]] = ("odtype", "replace")

    def __init__(self, odtype: str = "auto", replace: bool = False) -> None:
        super().__init__(odtype)
        self.replace = replace

    def _own_dtype(self, dtype: str) -> str:
        return "int64"

    def _type(self, dtype: str, pvals: TensorType) -> TensorType:
        return TensorType(dtype, (pvals.broadcastable[0], False))

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Draw one after the other; what is drawn has probability 0 from then on."""
        pvals, unis, draws = inputs[0].copy(), inputs[1], int(inputs[2])
        if draws > pvals.shape[1] and not self.replace:
            raise ShapeError(
                "Cannot sample without replacement n samples bigger than the size of the "
                "distribution.",
                got=f"{draws} draws from {pvals.shape[1]} outcomes",
            )
        self._check(pvals, unis, draws)
        chosen = np.full((len(pvals), draws), -1, dtype=node.outputs[0].type.dtype)
        for draw, numbers in enumerate(np.reshape(unis, (draws, -1))):
            bounds = np.cumsum(pvals, axis=1, dtype="float64")
            exceed = bounds > numbers[:, None]
            rows = np.flatnonzero(exceed.any(axis=1))
            columns = exceed.argmax(axis=1)[rows]
            chosen[rows, draw] = columns
            if not self.replace:
                pvals[rows, columns] = 0
                totals = np.cumsum(pvals[rows], axis=1, dtype="float64")[:, -1:]
                with np.errstate(divide="ignore", invalid="ignore"):
                    pvals[rows] = pvals[rows] / totals
        output_storage[0][0] = chosen

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return one row per row of probabilities, one column per draw."""
        draws = FUNCTIONS["cast"](node.inputs[2], "int64")
        return [(shapes[0][0], draws)]
