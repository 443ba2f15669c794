"""`PPrinter`: expressions as one line of text, by printers that users can replace and add to.

No printer recurses over the graph: a walk prepares the texts of all operands first, so that a
printer that asks for an operand's text finds it. A part that is used several times and is long to
read gets a name and a line of its own, so that the text of a graph grows with its nodes, not with
its paths.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Variable
from tensorsym.graph.walk import toposort
from tensorsym.printing.opnames import op_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "DefaultPrinter",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PPrinter",
    "PatternPrinter",
    "Printer",
    "PrinterState",
]

# A part used twice is written twice up to this many characters: a name would be no shorter.
LONGEST_REPEATED = 60
# A part longer than this gets a line of its own even if used once; else a chain of n operations
# costs n**2.
LONGEST_LINE = 4000
LOOSEST = -1000.0
TIGHTEST = float("inf")
# Elements of a constant that a formula shows.
MOST_ELEMENTS_SHOWN = 16
# What an operand must bind tighter by where the operator does not associate.
STEP = 1e-6
WORD = re.compile(r"\w+")
GREEK = {name: f"\\{name}" for name in ("alpha", "beta", "gamma", "delta", "epsilon")}


class Printer(Protocol):
    """What turns a variable into text; `pstate.pprinter.process(operand, pstate)` does operands."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the text of `output`."""


Condition: TypeAlias = "Callable[[PrinterState, Variable], bool]"


class Term(str):
    """Text that ends in an operation of some precedence, and may need parentheses."""

    precedence: float
    __slots__ = ("precedence",)

    def __new__(cls, text: str, precedence: float) -> Term:
        """Return the text with its precedence."""
        term = super().__new__(cls, text)
        term.precedence = precedence
        return term


class PrinterState:
    """What printers share while one expression is printed; free attributes are theirs.

    Attributes
    ----------
    pprinter : PPrinter
        Who is printing.
    memo : dict
        Text per variable.
    precedence : float
        How tightly an operand must bind to go without parentheses.
    """

    def __init__(
        self, props: Mapping[str, Any] | PrinterState | None = None, **more_props: Any
    ) -> None:
        self.precedence: float | None = None
        self.pprinter: PPrinter
        known = props.__dict__ if isinstance(props, PrinterState) else props or {}
        self.__dict__.update(known)
        self.__dict__.update(more_props)
        self.memo: dict[Variable, str] = {}
        self.names: dict[Variable, str] = {}
        self.definitions: dict[str, str] = {}
        self.taken: Counter[str] = Counter()

    def text(self, variable: Variable, precedence: float) -> str:
        """Return an operand's text, in parentheses if it binds looser than `precedence`."""
        before = self.precedence
        self.precedence = precedence
        try:
            return self.pprinter.process(variable, self)
        finally:
            self.precedence = before


class LeafPrinter:
    """Print a variable by its own text, whatever computes it."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the variable's name or value."""
        return GREEK.get(output.name or "", str(output))


class PlainLeafPrinter(LeafPrinter):
    """Print constants as plain numbers."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the variable's name or value."""
        data = getattr(output, "data", None)
        if output.name is not None or not isinstance(data, np.ndarray):
            return super().process(output, pstate)
        if data.size == 1:
            number = str(data.reshape(())[()])
            return Term(number, 0) if number.startswith("-") else number
        if data.size <= MOST_ELEMENTS_SHOWN:
            return " ".join(np.array2string(data, separator=", ").split())
        return str(output)


class DefaultPrinter:
    """Print `op(operands)` with the op's name."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the application as text."""
        if output.owner is None:
            return leaf_printer.process(output, pstate)
        return f"{op_name(output.owner.op)}({_listed(output, pstate)})"


class FunctionPrinter:
    """Print `name(operands)`.

    Parameters
    ----------
    *names : str
        A name per output of the op.
    """

    def __init__(self, *names: str) -> None:
        self.names = names

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the application as text."""
        _inputs(output, "the function", self.names)
        return f"{self.names[output.index or 0]}({_listed(output, pstate)})"


class OperatorPrinter:
    """Print operands with an operator between them, or before a single one.

    Parameters
    ----------
    operator : str
        The symbol.
    precedence : float
        The larger, the tighter it binds.
    assoc : {'left', 'right', 'either', 'none'}
        On which side an operation of the same precedence goes without parentheses.
    """

    def __init__(self, operator: str, precedence: float, assoc: str = "left") -> None:
        if assoc not in ("left", "right", "either", "none"):
            raise ValueError(f"an operator associates left, right, either or none, got {assoc!r}")
        self.operator = operator
        self.precedence = precedence
        self.assoc = assoc

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the operation as text."""
        inputs = _inputs(output, "the operator", self.operator)
        last = len(inputs) - 1
        texts = []
        for position, variable in enumerate(inputs):
            strict = (
                self.assoc == "none"
                or (self.assoc == "left" and position != 0)
                or (self.assoc == "right" and position != last)
            )
            texts.append(pstate.text(variable, self.precedence + STEP * strict))
        text = self.operator + texts[0] if not last else f" {self.operator} ".join(texts)
        return Term(text, self.precedence) if pstate.pprinter.minimal else f"({text})"


class PatternPrinter:
    """Print operands in the holes `%(0)s`, `%(1)s`... of a pattern.

    Parameters
    ----------
    *patterns : str or tuple
        Per output a pattern, or (pattern, precedence of operand 0, of operand 1, ...).
    """

    def __init__(self, *patterns: str | tuple[Any, ...]) -> None:
        self.patterns = [(p, ()) if isinstance(p, str) else (p[0], tuple(p[1:])) for p in patterns]

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the pattern with its holes filled."""
        inputs = _inputs(output, "the pattern", self.patterns)
        pattern, precedences = self.patterns[output.index or 0]
        padded = (*precedences, *[TIGHTEST] * len(inputs))
        texts = {
            str(i): pstate.text(v, p) for i, (v, p) in enumerate(zip(inputs, padded, strict=False))
        }
        filled: str = pattern % texts
        return filled


class IgnorePrinter:
    """Print an op as its first operand."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        """Return the first operand's text."""
        return pstate.pprinter.process(_inputs(output, "ignoring", "an op")[0], pstate)


def _inputs(output: Variable, what: str, which: object) -> list[Variable]:
    if output.owner is None:
        raise TypeError(
            f"{what} {which} can not print {output}: it is not the result of an operation"
        )
    return output.owner.inputs


def _listed(output: Variable, pstate: PrinterState) -> str:
    assert output.owner is not None
    return ", ".join(pstate.text(v, LOOSEST) for v in output.owner.inputs)


leaf_printer = LeafPrinter()
default_printer = DefaultPrinter()


class PPrinter:
    """Print expressions by a table of printers.

    Parameters
    ----------
    minimal : bool
        Whether parentheses stand only where precedence asks for them; otherwise around every
        operation, as in Theano.
    leaf : Printer, optional
        What prints variables that nothing computes.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing import FunctionPrinter, pprint
    >>> x, y = T.matrices("x", "y")
    >>> pprint(x * y + T.exp(x))
    '((x * y) + exp(x))'
    >>> pprint.clone_assign(T.exp, FunctionPrinter("e"))(T.exp(x))
    'e(x)'
    """

    def __init__(self, *, minimal: bool = False, leaf: Printer = leaf_printer) -> None:
        self.minimal = minimal
        self.leaf = leaf
        self.printers: list[tuple[Condition, Printer]] = []
        self.printers_dict: dict[Op | type, Printer] = {}
        # Tells what is printed as a leaf, whatever computes it.
        self._overriding: Condition | None = None

    def assign(self, condition: Op | type | Condition, printer: Printer) -> None:
        """Let `printer` print results of an op or class of ops, or what fulfils a condition.

        Parameters
        ----------
        condition : Op, type, or callable of (pstate, variable)
            Ops come before classes, these before conditions, of which the last assigned comes
            first.
        printer : Printer
            Has `process(output, pstate)`.
        """
        if isinstance(condition, Op | type):
            self.printers_dict[condition] = printer
        else:
            self.printers.insert(0, (condition, printer))

    def clone(self) -> PPrinter:
        """Return a printer with a table of its own."""
        twin = copy.copy(self)
        twin.printers = list(self.printers)
        twin.printers_dict = dict(self.printers_dict)
        return twin

    def clone_assign(self, condition: Op | type | Condition, printer: Printer) -> PPrinter:
        """Return a clone in which `printer` is assigned to `condition`."""
        twin = self.clone()
        twin.assign(condition, printer)
        return twin

    def process(self, r: Variable, pstate: PrinterState | Mapping[str, Any] | None = None) -> str:
        """Return the text of a variable.

        Parameters
        ----------
        r : Variable
            What to print.
        pstate : PrinterState or mapping, optional
            The state of a text that is being written, passed on by printers; or attributes for a
            new one.

        Returns
        -------
        str
            The expression; where parts are used often, or would make too long a line, first a line
            `name = expression` for each.
        """
        if isinstance(pstate, PrinterState):
            if r not in pstate.memo:
                self._prepare(r, pstate)
            return self._operand(r, pstate)
        state = PrinterState(pstate, pprinter=self)
        self._prepare(r, state)
        return "\n".join([*_needed(state.definitions, state.memo[r]), state.memo[r]])

    def printer_of(self, r: Variable, pstate: PrinterState) -> Printer:
        """Return what prints `r`."""
        if self._overriding is not None and self._overriding(pstate, r):
            return leaf_printer
        if r.owner is not None:
            op: Op = r.owner.op
            keys: list[Op | type] = [op, *type(op).__mro__]
            for key in keys:
                found = self.printers_dict.get(key)
                if found is not None:
                    return found
        for condition, printer in self.printers:
            if condition(pstate, r):
                return printer
        return self.leaf if r.owner is None else default_printer

    @staticmethod
    def _operand(r: Variable, pstate: PrinterState) -> str:
        if r in pstate.names:
            return pstate.names[r]
        text = pstate.memo[r]
        outer = LOOSEST if pstate.precedence is None else pstate.precedence
        return f"({text})" if isinstance(text, Term) and text.precedence < outer else text

    def _prepare(self, root: Variable, pstate: PrinterState) -> None:
        """Write the texts of all that `root` needs, operands first."""
        chosen: dict[Variable, Printer] = {}
        uses: dict[Variable, int] = {}
        stack = [root]
        while stack:
            variable = stack.pop()
            if variable in chosen or variable in pstate.memo:
                continue
            chosen[variable] = self.printer_of(variable, pstate)
            if variable.name:
                pstate.taken[variable.name] += 1
            if variable.owner is not None and not isinstance(chosen[variable], LeafPrinter):
                for needed in variable.owner.inputs:
                    uses[needed] = uses.get(needed, 0) + 1
                    stack.append(needed)
        for variable in _operands_first(root, chosen):
            text = chosen[variable].process(variable, pstate)
            pstate.memo[variable] = text
            repeated = uses.get(variable, 0) > 1 and len(text) > LONGEST_REPEATED
            if variable is not root and (repeated or len(text) > LONGEST_LINE):
                _define(variable, text, pstate)

    def process_graph(
        self,
        inputs: Variable | Sequence[Variable],
        outputs: Variable | Sequence[Variable],
        updates: Mapping[Variable, Variable] | None = None,
        display_inputs: bool = False,
    ) -> str:
        """Return a graph as a program: named variables, then the outputs, then the updates.

        Parameters
        ----------
        inputs, outputs : Variable or sequence of Variable
            Ends of the graph.
        updates : mapping of Variable to Variable, optional
            New values of shared variables, written `shared <- expression`.
        display_inputs : bool
            Whether a first line lists the inputs.
        """
        given = [inputs] if isinstance(inputs, Variable) else list(inputs)
        wanted = [outputs] if isinstance(outputs, Variable) else list(outputs)
        updates = updates or {}
        lines = [f"inputs: {', '.join(map(str, [*given, *updates]))}"] if display_inputs else []
        ends = {*wanted, *updates.values()}
        for node in toposort([*wanted, *updates.values()], set(given)):
            named = [v for v in node.outputs if v.name is not None and v not in ends]
            lines += [f"{v.name} = {self._up_to_names(v)}" for v in named]
        for index, output in enumerate(wanted):
            head = "return " if len(wanted) == 1 else f"{output.name or f'out[{index}]'} = "
            lines.append(head + self._up_to_names(output))
        lines += [f"{target} <- {self._up_to_names(new)}" for target, new in updates.items()]
        return "\n".join(lines)

    def _up_to_names(self, current: Variable) -> str:
        """Return the text of a variable in terms of those that have a name."""
        twin = self.clone()
        twin._overriding = lambda pstate, r: r.name is not None and r is not current
        return twin.process(current)

    def __call__(self, *args: Any) -> str:
        """Print `(variable)`, `(variable, pstate)`, or `(inputs, outputs, updates...)`."""
        if len(args) == 1 or (len(args) == 2 and isinstance(args[1], PrinterState | dict)):
            return self.process(*args)
        if len(args) < 2:
            raise TypeError("pprint takes a variable, or the inputs and outputs of a graph")
        return self.process_graph(*args)


def _operands_first(root: Variable, chosen: Mapping[Variable, Printer]) -> Iterable[Variable]:
    """Return the variables to print, each after what it is computed from."""
    leaves = [
        v for v, printer in chosen.items() if v.owner is None or isinstance(printer, LeafPrinter)
    ]
    nodes = toposort([root], set(leaves))
    return [*leaves, *(v for node in nodes for v in node.outputs if v in chosen)]


def _define(variable: Variable, text: str, pstate: PrinterState) -> None:
    """Give a part a name: its own if nothing else is called so, else a number."""
    name = variable.name or ""
    if not name.isidentifier() or pstate.taken[name] != 1:
        number = len(pstate.names) + 1
        while pstate.taken[f"t{number}"]:
            number += 1
        name = f"t{number}"
        pstate.taken[name] += 1
    pstate.names[variable] = name
    pstate.definitions[name] = text


def _needed(definitions: Mapping[str, str], text: str) -> list[str]:
    """Return a line per named part that `text` leads to, in order."""
    words = set(WORD.findall(text))
    lines = []
    for name, definition in reversed(list(definitions.items())):
        # A printer may leave an operand out, and then nothing asks for its parts.
        if name in words:
            lines.append(f"{name} = {definition}")
            words.update(WORD.findall(definition))
    return lines[::-1]
