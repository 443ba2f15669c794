"""Where a tensor should be: a wish that the scheduler grants, and no computation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["TransferTo", "transfer"]


class TransferTo(Op):
    """The same tensor in the memory of a device, `cpu` or `cuda`."""

    __props__ = ("target",)
    view_map = {0: [0]}  # noqa: RUF012 - the op protocol's name
    may_raise = False

    def __init__(self, target: str) -> None:
        self.target = target

    def make_node(self, x: Any) -> Apply:
        """Return the application."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the input itself."""
        output_storage[0][0] = inputs[0]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the input's shape."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient as it is."""
        return [output_grads[0]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent as it is."""
        return [eval_points[0]]


@public()
def transfer(x: Any, target: str) -> Any:
    """Return a tensor that functions keep in the memory of a device.

    Parameters
    ----------
    x : tensor
        The tensor.
    target : str
        `cpu`, or `cuda` (also `gpu`) for the device that the function runs on. Functions on the CPU
        have one memory only, and pay no heed.

    Returns
    -------
    TensorVariable
        The same values.

    Raises
    ------
    ValueError
        If it is another name.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.vector("x")
    >>> x.transfer("cpu").eval({x: [1.0, 2.0]})
    array([1., 2.])
    """
    name = target.strip().lower().rstrip("0123456789").rstrip(":")
    if name not in ("cpu", "cuda", "gpu"):
        raise ValueError(f"a tensor can be on cpu or cuda, not on {target!r}")
    return TransferTo("cpu" if name == "cpu" else "cuda")(x)
