"""The error classes of every room: one class per cause, each under `TensorSymError` and a builtin.

A message answers five questions in a fixed order: what is wrong, what was got, what was expected,
where the expression was built, and what to do about it.
"""

from __future__ import annotations

__all__ = [
    "AdvancedIndexingError",
    "AliasedMemoryError",
    "AsTensorError",
    "AssertionFailedError",
    "BindingError",
    "ComplexError",
    "DTypeError",
    "DisconnectedInputError",
    "DuplicateInputError",
    "EmptyConstantError",
    "GradientError",
    "InconsistencyError",
    "IndexingError",
    "IndexStepError",
    "IntegerDivisionError",
    "MethodNotDefined",
    "MissingInputError",
    "NotASubtensorError",
    "NotScalarConstantError",
    "NullTypeGradError",
    "RangeError",
    "RankError",
    "ShapeError",
    "TensorSymError",
    "UndefinedGradientError",
    "UnusedInputError",
    "UpdateError",
]

Origin = tuple[tuple[str, int], ...]


def origin_text(origin: Origin) -> str:
    """Return `file.py:41, other.py:7` for the places where an expression was built."""
    return ", ".join(f"{filename}:{line}" for filename, line in origin)


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
    """An operand has a dtype for which the operation is not defined."""


class RankError(TensorSymError, TypeError):
    """A value or expression has the wrong number of dimensions."""


class ShapeError(TensorSymError, ValueError):
    """Lengths of dimensions contradict each other."""


class BindingError(TensorSymError, TypeError):
    """A call's arguments do not fit the inputs of the function."""


class AsTensorError(TensorSymError, TypeError):
    """A Python value can not become a tensor expression."""


class UnusedInputError(TensorSymError):
    """An input of `function` is not needed by its outputs or updates."""


class DuplicateInputError(UnusedInputError, ValueError):
    """The same variable is listed twice among the inputs of `function`."""


class MissingInputError(TensorSymError):
    """An expression needs a variable that is neither an input nor shared."""


class UpdateError(TensorSymError, TypeError):
    """A shared variable's update has another type, or is given twice."""


class InconsistencyError(TensorSymError):
    """A change of a function graph was refused because it breaks the graph's rules."""


class AliasedMemoryError(TensorSymError):
    """Two arguments share memory although one of them may be overwritten."""


class MethodNotDefined(TensorSymError):  # noqa: N818 - Theano's name, caught by programs
    """An op was asked for something its class does not define."""


class NotScalarConstantError(TensorSymError):
    """An expression is not a constant with one element."""


class EmptyConstantError(NotScalarConstantError):
    """A constant with no element was asked for its element."""


class IndexingError(TensorSymError, IndexError):
    """An index does not fit the tensor: out of range, too many, or of a shape that does not broadcast."""


class NotASubtensorError(TensorSymError, TypeError):
    """Something that is no part of a tensor was to be set or increased."""


class AssertionFailedError(TensorSymError, AssertionError):
    """A condition that was to hold at run time does not hold."""


class RangeError(TensorSymError, ValueError):
    """A value lies outside of what an operation allows."""


class IndexStepError(TensorSymError, ValueError):
    """A slice has a step of zero."""


class AdvancedIndexingError(TensorSymError, TypeError):
    """A basic indexing operation was given an advanced index."""


class IntegerDivisionError(TensorSymError):
    """Integers are divided by `/` while `config.int_division` is 'raise'."""


class ComplexError(TensorSymError, TypeError):
    """Complex numbers were given to an operation that orders or rounds."""


class DisconnectedInputError(TensorSymError, ValueError):
    """A gradient is asked with respect to a variable that the cost does not depend on."""


class NullTypeGradError(TensorSymError, TypeError):
    """A gradient is needed that is undefined or not known."""


class UndefinedGradientError(NullTypeGradError):
    """The gradient is mathematically undefined at this input."""


class GradientError(TensorSymError):
    """A symbolic gradient disagrees with finite differences."""
