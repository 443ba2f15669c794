"""Graphs as text and pictures: `pprint` in one line, `debugprint` as a tree, `pydotprint` as DOT.

In: variables, nodes, function graphs and compiled functions. Out: text. Nothing is changed.
"""

from tensorsym.errors import DotError
from tensorsym.language.hostops import Print
from tensorsym.printing.descriptions import (
    hex_digest,
    min_informative_str,
    position_independent_str,
    var_descriptor,
)
from tensorsym.printing.dot import default_colorCodes, pydotprint
from tensorsym.printing.notation import formula, pp, pprint
from tensorsym.printing.pprinter import (
    DefaultPrinter,
    FunctionPrinter,
    IgnorePrinter,
    LeafPrinter,
    OperatorPrinter,
    PatternPrinter,
    PPrinter,
    PrinterState,
    default_printer,
    leaf_printer,
)
from tensorsym.printing.tree import debugprint

__all__ = [
    "DefaultPrinter",
    "DotError",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PPrinter",
    "PatternPrinter",
    "Print",
    "PrinterState",
    "debugprint",
    "default_colorCodes",
    "default_printer",
    "formula",
    "hex_digest",
    "leaf_printer",
    "min_informative_str",
    "position_independent_str",
    "pp",
    "pprint",
    "pydotprint",
    "var_descriptor",
]
