"""tensorsym: a symbolic tensor compiler that speaks Theano's language.

`import tensorsym as theano` and `import tensorsym.tensor as T` run Theano programs.

Examples
--------
>>> import tensorsym
>>> import tensorsym.tensor as T
>>> x = T.dvector("x")
>>> f = tensorsym.function([x], (x**2).sum())
>>> float(f([1.0, 2.0]))
5.0
"""

from tensorsym.attach import attach_methods
from tensorsym.config import config
from tensorsym.errors import (
    DisconnectedInputError,
    GradientError,
    InconsistencyError,
    MissingInputError,
    NullTypeGradError,
    TensorSymError,
    UnusedInputError,
)
from tensorsym.graph.op import Op
from tensorsym.graph.type import Generic, Type, generic
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.language.hostops import as_op
from tensorsym.language.indexing import sparse_grad
from tensorsym.language.opfromgraph import OpFromGraph
from tensorsym.runtime.cloning import clone
from tensorsym.runtime.function import Function, FunctionMaker, function
from tensorsym.runtime.io import In, Out, Param
from tensorsym.runtime.modes import Mode
from tensorsym.runtime.profile import ProfileStats
from tensorsym.runtime.scan import scan
from tensorsym.runtime.scanforms import foldl, foldr, map, reduce, scan_checkpoints
from tensorsym.runtime.shared import SharedVariable, shared, shared_constructor
from tensorsym.runtime.updates import OrderedUpdates

attach_methods()

from tensorsym import (  # noqa: E402 - the table of methods comes first
    compile,
    configdefaults,
    configparser,
    gof,
    gradient,
    misc,
    printing,
    raise_op,
    sandbox,
    scalar,
    scan_module,
    sparse,
    tensor,
    typed_list,
    updates,
    watch,
)
from tensorsym.configparser import change_flags  # noqa: E402
from tensorsym.gradient import Lop, Rop, grad, subgraph_grad  # noqa: E402
from tensorsym.misc.safe_asarray import _asarray  # noqa: E402
from tensorsym.printing import pp, pprint  # noqa: E402
from tensorsym.tensor import dot  # type: ignore[attr-defined] # noqa: E402

__version__ = "0.1.0"

__all__ = [
    "Apply",
    "Constant",
    "DisconnectedInputError",
    "Function",
    "FunctionMaker",
    "Generic",
    "GradientError",
    "In",
    "InconsistencyError",
    "Lop",
    "MissingInputError",
    "Mode",
    "NullTypeGradError",
    "Op",
    "OpFromGraph",
    "OrderedUpdates",
    "Out",
    "Param",
    "ProfileStats",
    "Rop",
    "SharedVariable",
    "TensorSymError",
    "Type",
    "UnusedInputError",
    "Variable",
    "__version__",
    "_asarray",
    "as_op",
    "change_flags",
    "clone",
    "compile",
    "config",
    "configdefaults",
    "configparser",
    "dot",
    "foldl",
    "foldr",
    "function",
    "generic",
    "gof",
    "grad",
    "gradient",
    "map",
    "misc",
    "pp",
    "pprint",
    "printing",
    "raise_op",
    "reduce",
    "sandbox",
    "scalar",
    "scan",
    "scan_checkpoints",
    "scan_module",
    "shared",
    "shared_constructor",
    "sparse",
    "sparse_grad",
    "subgraph_grad",
    "tensor",
    "typed_list",
    "updates",
    "watch",
]
