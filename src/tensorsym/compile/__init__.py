"""Theano's names of compiling: modes, functions, inputs and outputs."""

from tensorsym.compile import (
    builders,
    debugmode,
    function_module,
    io,
    mode,
    monitormode,
    nanguardmode,
    ops,
    profiling,
    sharedvalue,
)
from tensorsym.compile.function import function
from tensorsym.compile.ops import (
    DeepCopyOp,
    FromFunctionOp,
    Rebroadcast,
    Shape,
    Shape_i,
    SpecifyShape,
    ViewOp,
    as_op,
    deep_copy_op,
    specify_shape,
    view_op,
)
from tensorsym.compile.pfunc import pfunc
from tensorsym.config import config
from tensorsym.errors import AliasedMemoryError, UnusedInputError
from tensorsym.language.opfromgraph import OpFromGraph
from tensorsym.rewrite.optdb import optdb
from tensorsym.runtime.function import Function, FunctionMaker
from tensorsym.runtime.io import In, Out, Param
from tensorsym.runtime.modes import (
    DebugMode,
    Mode,
    MonitorMode,
    NanGuardMode,
    get_default_mode,
    get_mode,
    register_mode,
)
from tensorsym.runtime.profile import ProfileStats
from tensorsym.runtime.shared import SharedVariable, shared, shared_constructor

__all__ = [
    "AliasedMemoryError",
    "DebugMode",
    "DeepCopyOp",
    "FromFunctionOp",
    "Function",
    "FunctionMaker",
    "In",
    "Mode",
    "MonitorMode",
    "NanGuardMode",
    "OpFromGraph",
    "Out",
    "Param",
    "ProfileStats",
    "Rebroadcast",
    "Shape",
    "Shape_i",
    "SharedVariable",
    "SpecifyShape",
    "UnusedInputError",
    "ViewOp",
    "as_op",
    "builders",
    "config",
    "debugmode",
    "deep_copy_op",
    "function",
    "function_module",
    "get_default_mode",
    "get_mode",
    "io",
    "mode",
    "monitormode",
    "nanguardmode",
    "ops",
    "optdb",
    "pfunc",
    "profiling",
    "register_mode",
    "shared",
    "shared_constructor",
    "sharedvalue",
    "specify_shape",
    "view_op",
]
