"""`Raise`: an op that only raises, to mark what must not be computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Raise"]


class Raise(Op):
    """An op that raises an exception when it is computed.

    Parameters
    ----------
    msg : str
        The exception's text.
    exc : type of Exception
        Its class.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.raise_op import Raise
    >>> Raise("not here", ValueError)(T.vector()).ndim
    1
    """

    __props__ = ("msg", "exc")
    pure = False

    def __init__(self, msg: str = "", exc: type[Exception] = NotImplementedError) -> None:
        self.msg = msg
        self.exc = exc

    def make_node(self, x: Any) -> Apply:
        """Return the application on a variable, whose type the result has."""
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Raise."""
        raise self.exc(self.msg)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that nothing depends on the operand."""
        return [[False]]
