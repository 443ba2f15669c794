"""The error classes of every room: one class per cause, each under `TensorSymError` and a builtin.

A message answers five questions in a fixed order: what is wrong, what was got, what was expected,
where the expression was built, and what to do about it.
"""

from __future__ import annotations

import linecache

__all__ = [
    "AdvancedIndexingError",
    "AliasedMemoryError",
    "AsTensorError",
    "AssertionFailedError",
    "AxisError",
    "BadDestroyMap",
    "BadOptimization",
    "BadThunkOutput",
    "BadViewMap",
    "BindingError",
    "CompileError",
    "ComplexError",
    "ConversionError",
    "DTypeError",
    "DebugModeError",
    "DeviceCompileError",
    "DeviceError",
    "DeviceMemoryError",
    "DisconnectedInputError",
    "DotError",
    "DuplicateInputError",
    "EmptyConstantError",
    "ExpressionError",
    "ForeignDeviceError",
    "ForkedDeviceError",
    "GradientError",
    "InconsistencyError",
    "IndexStepError",
    "IndexingError",
    "IntegerDivisionError",
    "IntegerRangeError",
    "InvalidValueError",
    "LengthError",
    "LoopStateError",
    "MethodNotDefined",
    "MissingInputError",
    "NoDeviceError",
    "NoDriverError",
    "NotASubtensorError",
    "NotFiniteError",
    "NotScalarConstantError",
    "NullTypeGradError",
    "OpGradientError",
    "PlanError",
    "PlotError",
    "RangeError",
    "RankError",
    "ShapeError",
    "SpecifiedShapeError",
    "StaticShapeError",
    "StochasticOrder",
    "TensorSymError",
    "TestTypeError",
    "TestValueError",
    "UndefinedGradientError",
    "UnusedInputError",
    "UpdateError",
]

Origin = tuple[tuple[str, int], ...]


def origin_text(origin: Origin) -> str:
    """Return `model.py:41  y = T.erf(z)`, one line per place where an expression was built."""
    places = []
    for filename, line in origin:
        source = linecache.getline(filename, line).strip()
        places.append(f"{filename}:{line}  {source}".rstrip())
    return "\n            ".join(places)


class TensorSymError(Exception):
    """Base of all errors that tensorsym raises by itself.

    Parameters
    ----------
    what : str
        What is wrong, in the user's words; the first line of the message.
    got, expected, hint : str, optional
        What was met, what would have been right, and what to do.
    origin : tuple of (filename, line), optional
        Where the user built the expression.
    """

    def __init__(
        self,
        what: str = "",
        *,
        got: str | None = None,
        expected: str | None = None,
        origin: Origin = (),
        hint: str | None = None,
    ) -> None:
        answers = {
            "got": got,
            "expected": expected,
            "built at": origin_text(origin) or None,
            "hint": hint,
            "docs": f"docs/errors.md#{type(self).__name__.lower()}",
        }
        lines = [what] + [f"  {label + ':':<10}{text}" for label, text in answers.items() if text]
        super().__init__("\n".join(lines))
        self.what = what

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by message: keyword arguments are already part of the text."""
        return _rebuild_error, (type(self), self.args, self.what)


def _rebuild_error(cls: type[TensorSymError], args: tuple[str, ...], what: str) -> TensorSymError:
    error = cls.__new__(cls)
    error.args = args
    error.what = what
    return error


class DTypeError(TensorSymError, TypeError):
    """An operand or argument has a dtype for which the operation is not defined.

    Cure: cast it (`x.astype("float32")`), or allow conversion of arguments with
    `allow_input_downcast=True`.
    """


class RankError(TensorSymError, TypeError):
    """A value or expression has the wrong number of dimensions.

    Cure: add dimensions with `x[:, None]` or `dimshuffle`, or drop those of length 1 with
    `squeeze`.
    """


class ShapeError(TensorSymError, ValueError):
    """Lengths of dimensions contradict each other.

    Raised while the expression is built where lengths are known, at run time otherwise. A run-time
    length of 1 broadcasts only where the type says so. Cure: `T.addbroadcast(x, axis)`, `T.row`,
    `T.col`, or `keepdims=True`.
    """


class ConversionError(DTypeError, ValueError):
    """A value is no array of numbers.

    Cure: rectangular lists of numbers, and arrays of bool, int, float or complex dtype, are taken.
    """


class IntegerRangeError(DTypeError, OverflowError):
    """A Python integer fits no dtype.

    Cure: tensors hold integers of at most 64 bits; use a float where digits may be lost.
    """


class StaticShapeError(ShapeError, TypeError):
    """A value's length differs from the length that its type promises."""


class BindingError(TensorSymError, TypeError):
    """A call's arguments do not fit the inputs of the function.

    There are too many or too few of them, or a keyword is unknown or given twice.
    """


class AsTensorError(TensorSymError, TypeError):
    """A Python value can not become a tensor expression.

    Lists must be rectangular and numeric; strings, None and objects have no tensor type.
    """


class UnusedInputError(TensorSymError):
    """An input of `function` is not needed by its outputs or updates.

    Cure: take it out of the inputs, or pass `on_unused_input="ignore"`.
    """


class DuplicateInputError(UnusedInputError, ValueError):
    """The same variable is listed twice among the inputs of `function`.

    Cure: list it once; a second argument of the same type needs a symbol of its own.
    """


class MissingInputError(TensorSymError):
    """An expression needs a variable that is neither an input nor shared.

    Cure: add it to the inputs, or give it a value with `givens` or `shared`.
    """


class LengthError(TensorSymError, TypeError, ValueError):
    """The length of a symbolic tensor is needed while the expression is built, and is not known.

    Cure: give the length in the type (`T.tensor(dtype, shape=(3,))`, `T.specify_shape`), or loop
    with scan.
    """


class UpdateError(TensorSymError, TypeError):
    """A shared variable's update has another type, or is given twice.

    Cure: cast the update to the dtype of the shared variable.
    """


class LoopStateError(TensorSymError, ValueError, TypeError):
    """What a loop's function returns for a state can not be the state of the next step.

    Cure: give the initial value the dtype and rank of the result
    (`outputs_info=T.zeros(n, dtype=...)`), or
    cast the result.
    """


class InconsistencyError(TensorSymError):
    """A change of a function graph was refused because it breaks the graph's rules."""


class AliasedMemoryError(TensorSymError):
    """Two arguments share memory although one of them may be overwritten.

    Cure: pass a copy of one of them.
    """


class MethodNotDefined(TensorSymError):  # noqa: N818 - Theano's name, caught by programs
    """An op was asked for something its class does not define."""


class NotScalarConstantError(TensorSymError):
    """An expression is not a constant with one element."""


class EmptyConstantError(NotScalarConstantError):
    """A constant with no element was asked for its element."""


class IndexingError(TensorSymError, IndexError):
    """An index does not fit the tensor: out of range, too many, or not broadcasting.

    An IndexError too. Where lengths are known it is raised while the expression is built.
    """


class NotASubtensorError(TensorSymError, TypeError):
    """Something that is no part of a tensor was to be set or increased.

    Cure: give `set_subtensor` and `inc_subtensor` an indexing expression, `a[index]`.
    """


class AssertionFailedError(TensorSymError, AssertionError):
    """A condition that was to hold at run time does not hold."""


class RangeError(TensorSymError, ValueError):
    """A value lies outside of what an operation allows.

    A ValueError too, as in Theano and NumPy.
    """


class AxisError(TensorSymError, ValueError, IndexError):
    """A dimension is named that a tensor does not have.

    A ValueError and an IndexError, as NumPy's AxisError.
    """


class SpecifiedShapeError(ShapeError, AssertionError):
    """A tensor has another shape than `specify_shape` said."""


class IndexStepError(TensorSymError, ValueError, ZeroDivisionError):
    """A slice or range has a step of zero.

    A ValueError, as slices raise in Python, and a ZeroDivisionError, as ranges raise in NumPy.
    """


class AdvancedIndexingError(TensorSymError, TypeError):
    """A basic indexing operation was given an advanced index."""


class IntegerDivisionError(TensorSymError):
    """Integers are divided by `/` while `config.int_division` is 'raise'.

    Cure: use `//`, or cast one operand to a float.
    """


class CompileError(TensorSymError, RuntimeError):
    """The system's C compiler could not build a kernel.

    Programs run all the same, by the precompiled loops: only speed is lost. The message has the
    command, the compiler's words and the source, which is kept. Cure: repair the compiler, name
    another in `config.cxx`, or set `config.tier = "tile"`.
    """


class ComplexError(TensorSymError, TypeError, NotImplementedError):
    """Complex numbers were given to an operation that orders or rounds.

    A NotImplementedError too, which is what Theano raises. Cure: take `abs`, `real` or `imag`
    first.
    """


class DisconnectedInputError(TensorSymError, ValueError):
    """A gradient is asked with respect to a variable that the cost does not depend on.

    Cure: check the expression, or pass `disconnected_inputs="ignore"` to get zeros.
    """


class NullTypeGradError(TensorSymError, TypeError):
    """A gradient is needed that is undefined or not known.

    Cure: keep the op out of the cost with `disconnected_grad`, or define its gradient.
    """


class UndefinedGradientError(NullTypeGradError):
    """The gradient is mathematically undefined at this input."""


class GradientError(TensorSymError):
    """A symbolic gradient disagrees with finite differences.

    Attributes
    ----------
    arg, err_pos : int
        Which argument, and where in its flat order, the two differ most.
    shape : tuple of int
        Shape of that argument.
    val1, val2 : float
        The symbolic and the numeric derivative there.
    abs_err, rel_err, abs_tol, rel_tol : float
        How far they differ, and how far they may.
    """

    arg: int
    err_pos: int
    shape: tuple[int, ...]
    val1: float
    val2: float
    abs_err: float
    rel_err: float
    abs_tol: float
    rel_tol: float


class OpGradientError(TensorSymError, TypeError, ValueError):
    """What an op's grad, L_op, R_op or connection_pattern returned breaks the op protocol."""


class ExpressionError(TensorSymError, ValueError):
    """A text given to `explain` is no expression of the language, or names what does not exist."""


class PlanError(TensorSymError, TypeError):
    """Something was asked of a function's plan, and the function has none: it runs node by node.

    Cure: compile it with the default mode.
    """


class PlotError(TensorSymError, ImportError):
    """A plot was asked for, and the library that draws it is not installed.

    Cure: `pip install matplotlib`. The numbers are there without it, as text and as a dict.
    """


class NotFiniteError(TensorSymError, AssertionError):
    """NanGuardMode met NaN, an infinity or a big value.

    An AssertionError, as in Theano. The node named is the first that read or made such a value.
    """


class DebugModeError(TensorSymError):
    """Base of what DebugMode and `config.check` find."""


class BadOptimization(DebugModeError):  # noqa: N818 - Theano's name, as those below
    """A graph computes something else after it was rewritten.

    Cure: switch the rewrites named off, `mode.excluding(name)`, and report the program.
    """


class BadThunkOutput(DebugModeError):  # noqa: N818
    """A compiled instruction computes something else than NumPy.

    Cure: `mode="FAST_COMPILE"` does without compiled instructions; report the program.
    """


class BadDestroyMap(DebugModeError):  # noqa: N818
    """An op's `perform` changed an input that its `destroy_map` does not list."""


class BadViewMap(DebugModeError):  # noqa: N818
    """An op's `perform` returned memory of an input that its `view_map` does not list."""


class StochasticOrder(DebugModeError):  # noqa: N818
    """Two compilations of one graph differ. Kept for Theano programs; ours never do."""


class InvalidValueError(DebugModeError):
    """An op's `perform` returned what its output's type does not allow, or something not finite."""


class TestValueError(TensorSymError, ValueError, AttributeError):
    """A test value is needed that a variable does not have.

    A ValueError where a node is built, an AttributeError where it is asked for, as in Theano. Cure:
    set `x.tag.test_value`, or `config.compute_test_value` to 'warn' or 'off'.
    """

    __test__ = False  # no test of pytest's


class TestTypeError(TensorSymError, TypeError):
    """A test value has another dtype or rank than its variable."""

    __test__ = False


class DotError(TensorSymError, RuntimeError):
    """The program `dot` of Graphviz is missing, or failed."""


class DeviceError(TensorSymError, RuntimeError):
    """Something is wrong with a GPU or its use; the subclasses say what."""


class NoDriverError(DeviceError):
    """A GPU was asked for, and what drives one is missing: the driver, PyCUDA, or nvcc.

    `python -m tensorsym.cuda` says what was found. Cure: install what is missing
    (`pip install "tensorsym[cuda]"` brings PyCUDA), or set `device=auto`, which falls back to the
    CPU.
    """


class NoDeviceError(DeviceError, ValueError):
    """There is no GPU, or none of that number, or a device's name is not understood."""


class DeviceMemoryError(DeviceError, MemoryError):
    """A GPU has no memory left.

    The message names the largest live buffers and where the user built them. Shared values are as
    they were, and the function can be called again.
    """


class ForkedDeviceError(DeviceError):
    """A forked process uses a GPU that its parent used before: CUDA does not allow it."""


class ForeignDeviceError(DeviceError, ValueError):
    """An array lies on another device than the function runs on.

    Cure: move it to the host or to the function's device first; nothing is moved silently.
    """


class DeviceCompileError(DeviceError):
    """CUDA's compiler refused a kernel.

    The message has the compiler's words, the command, and the path of the source, which is kept.
    """
