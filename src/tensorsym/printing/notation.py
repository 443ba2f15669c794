"""How each op is written: in Theano's notation for `pprint`, in Python's for `formula`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.graph.variable import Constant, Variable
from tensorsym.language import load
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import OPS, Elementwise
from tensorsym.language.indexing_advanced import AdvancedSubtensor, AdvancedSubtensor1
from tensorsym.language.indexing_basic import Subtensor
from tensorsym.language.indexing_pattern import fill_pattern
from tensorsym.language.joining import Join
from tensorsym.language.products import Dot
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc, Reshape
from tensorsym.language.shape import MakeVector, Shape, ShapeOf
from tensorsym.language.softmax import LogSoftmax, Softmax
from tensorsym.printing.pprinter import (
    LOOSEST,
    TIGHTEST,
    FunctionPrinter,
    IgnorePrinter,
    OperatorPrinter,
    PatternPrinter,
    PlainLeafPrinter,
    PPrinter,
)

if TYPE_CHECKING:
    from tensorsym.printing.pprinter import (
        Printer,
        PrinterState,
    )

__all__ = ["formula", "pp", "pprint"]

# The tables below name ops of all families.
load()

# Operators by how tightly they bind, with the side on which they associate.
THEANO_OPERATORS = {
    "add": ("+", -2, "either"),
    "sub": ("-", -2, "left"),
    "mul": ("*", -1, "either"),
    "true_div": ("/", -1, "left"),
    "int_div": ("//", -1, "left"),
    "neg": ("-", 0, "either"),
    "pow": ("**", 1, "right"),
}
# Python's precedences. A sum is summed from the left, so its right operand keeps its parentheses.
PYTHON_OPERATORS = {
    **{
        name: (OPS[name].record.symbol, -7, "none")
        for name in ("lt", "le", "gt", "ge", "eq", "neq")
    },
    "or_": ("|", -6, "left"),
    "xor": ("^", -5, "left"),
    "and_": ("&", -4, "left"),
    "left_shift": ("<<", -3, "left"),
    "right_shift": (">>", -3, "left"),
    "add": ("+", -2, "left"),
    "sub": ("-", -2, "left"),
    "mul": ("*", -1, "left"),
    "true_div": ("/", -1, "left"),
    "int_div": ("//", -1, "left"),
    "mod": ("%", -1, "left"),
    "neg": ("-", 0, "either"),
    "invert": ("~", 0, "either"),
    "pow": ("**", 1, "right"),
}


class ElementwisePrinter:
    """Print an elementwise op as a function of its name."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return `name(operands)`."""
        assert output.owner is not None
        name = output.owner.op.record.name.removeprefix("cast_")  # type: ignore[attr-defined]
        return FunctionPrinter({"second": "fill"}.get(name, name)).process(output, pstate)


class DimShufflePrinter:
    """Print a DimShuffle; dimensions added on the left go without saying: all broadcast."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return `x`, `x.T` or `DimShuffle{...}(x)`."""
        assert output.owner is not None
        op, (x,) = output.owner.op, output.owner.inputs
        assert isinstance(op, DimShuffle)
        order = list(op.new_order)
        while order and order[0] == "x":
            order.pop(0)
        kept = list(range(len(op.input_broadcastable)))
        if order == kept:
            return pstate.pprinter.process(x, pstate)
        if order == kept[::-1]:
            return f"{pstate.text(x, TIGHTEST)}.T"
        if pstate.pprinter.minimal:
            return f"{pstate.text(x, TIGHTEST)}.dimshuffle({', '.join(map(repr, op.new_order))})"
        return f"DimShuffle{{{', '.join(map(str, order))}}}({pstate.text(x, LOOSEST)})"


class SubtensorPrinter:
    """Print an index as it was written."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return `x[1:, 0]`."""
        assert output.owner is not None
        op, (x, *numbers) = output.owner.op, output.owner.inputs
        assert isinstance(op, Subtensor | AdvancedSubtensor)
        items = fill_pattern(op.idx_list, numbers)
        return (
            f"{pstate.text(x, TIGHTEST)}[{', '.join(self._item(item, pstate) for item in items)}]"
        )

    def _item(self, item: object, pstate: PrinterState) -> str:
        if isinstance(item, slice):
            start, stop, step = [
                "" if bound is None else self._item(bound, pstate)
                for bound in (item.start, item.stop, item.step)
            ]
            return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
        if isinstance(item, Constant) and item.data.ndim == 0:
            return str(item.data)
        return pstate.text(item, LOOSEST) if isinstance(item, Variable) else "None"


class ReductionPrinter:
    """Print a reduction as the call that makes it."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return `sum(x, axis=0)`."""
        assert output.owner is not None
        op, (x,) = output.owner.op, output.owner.inputs
        assert isinstance(op, Reduction)
        axis = "" if op.axis is None else f", axis={op.axis[0] if len(op.axis) == 1 else op.axis}"
        return f"{op.name}({pstate.text(x, LOOSEST)}{axis})"


class MakeVectorPrinter:
    """Print a vector of scalars as a list."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return `[a, b]`."""
        assert output.owner is not None
        return f"[{', '.join(pstate.text(v, LOOSEST) for v in output.owner.inputs)}]"


class LengthPrinter:
    """Print the length of a dimension as an item of the shape."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return `x.shape[0]`."""
        assert output.owner is not None
        op, (x,) = output.owner.op, output.owner.inputs
        assert isinstance(op, ShapeOf)
        return f"{pstate.text(x, TIGHTEST)}.shape[{op.i}]"


def _assign_common(printer: PPrinter) -> None:
    table: dict[type, Printer] = {
        Elementwise: ElementwisePrinter(),
        DimShuffle: DimShufflePrinter(),
        Subtensor: SubtensorPrinter(),
        MakeVector: MakeVectorPrinter(),
        Alloc: FunctionPrinter("alloc"),
        Join: FunctionPrinter("join"),
    }
    for op_class, found in table.items():
        printer.assign(op_class, found)
    printer.assign(OPS["tensor_copy"], IgnorePrinter())


def _theano_printer() -> PPrinter:
    printer = PPrinter()
    _assign_common(printer)
    for name, (symbol, precedence, assoc) in THEANO_OPERATORS.items():
        printer.assign(OPS[name], OperatorPrinter(symbol, precedence, assoc))
    printer.assign(OPS["abs_"], PatternPrinter(("|%(0)s|", LOOSEST)))
    printer.assign(Dot, OperatorPrinter("\\dot", -1, "left"))
    return printer


def _python_printer() -> PPrinter:
    printer = PPrinter(minimal=True, leaf=PlainLeafPrinter())
    _assign_common(printer)
    for name, (symbol, precedence, assoc) in PYTHON_OPERATORS.items():
        printer.assign(OPS[name], OperatorPrinter(symbol, precedence, assoc))
    printer.assign(OPS["abs_"], FunctionPrinter("abs"))
    printer.assign(Dot, OperatorPrinter("@", -1, "left"))
    printer.assign(Reduction, ReductionPrinter())
    printer.assign(AdvancedSubtensor, SubtensorPrinter())
    printer.assign(AdvancedSubtensor1, PatternPrinter(("%(0)s[%(1)s]", TIGHTEST, LOOSEST)))
    printer.assign(Shape, PatternPrinter("%(0)s.shape"))
    printer.assign(ShapeOf, LengthPrinter())
    printer.assign(Reshape, PatternPrinter(("%(0)s.reshape(%(1)s)", TIGHTEST, LOOSEST)))
    printer.assign(Softmax, FunctionPrinter("softmax"))
    printer.assign(LogSoftmax, FunctionPrinter("logsoftmax"))
    return printer


pprint = _theano_printer()
pp = pprint
_python = _python_printer()


def formula(variable: Variable) -> str:
    """Return an expression as a user would type it, with as few parentheses as Python needs.

    Parameters
    ----------
    variable : Variable
        What to print.

    Returns
    -------
    str
        The expression; long parts that are used several times come first, as lines `name =
        expression`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing import formula
    >>> x, w = T.matrices("x", "w")
    >>> formula(T.log(1 + T.exp(-T.dot(x, w))) * 2)
    'log(1 + exp(-(x @ w))) * 2'
    """
    return _python.process(variable)
