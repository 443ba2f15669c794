"""Theano's names of compiling: modes, functions, inputs and outputs."""

from tensorsym.compile import mode
from tensorsym.errors import AliasedMemoryError, UnusedInputError
from tensorsym.runtime.function import Function, FunctionMaker, function
from tensorsym.runtime.io import In, Out, Param
from tensorsym.runtime.modes import Mode, MonitorMode, get_default_mode, get_mode, register_mode
from tensorsym.runtime.shared import SharedVariable, shared, shared_constructor

__all__ = [
    "AliasedMemoryError",
    "Function",
    "FunctionMaker",
    "In",
    "Mode",
    "MonitorMode",
    "Out",
    "Param",
    "SharedVariable",
    "UnusedInputError",
    "function",
    "get_default_mode",
    "get_mode",
    "mode",
    "register_mode",
    "shared",
    "shared_constructor",
]
