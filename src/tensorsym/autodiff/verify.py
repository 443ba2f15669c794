"""Tests of gradients: symbolic ones against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorsym.autodiff.reverse import ArgumentError, grad
from tensorsym.errors import BindingError, DTypeError, GradientError, ShapeError
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.variable import Variable
from tensorsym.language.tensortype import TensorType
from tensorsym.language.totals import sum as sum_

__all__ = ["numeric_grad", "verify_grad"]

Array = np.ndarray[Any, Any]
# What `verify_grad` compiles its expressions with: (inputs, outputs) to a function of arrays.
Compile = Callable[[Sequence[Variable], Sequence[Variable]], Callable[..., Any]]

# Steps and relative tolerances per dtype are Theano's: about the square root of the dtype's
# epsilon, and what the error of a one-sided difference of that step leaves.
STEPS = {"float64": 1e-7, "float32": 3e-4, "float16": 1e-1}
TOLERANCES = {"float64": 1e-4, "float32": 1e-2, "float16": 5e-2}


class numeric_grad:  # noqa: N801 - Theano's name
    """The gradient of a function of arrays by one-sided differences.

    Parameters
    ----------
    f : callable
        Takes arrays and returns a number.
    pt : numpy.ndarray, or list or tuple of numpy.ndarray
        Where: float arrays, one per argument.
    eps : float, optional
        The step; by default that of the widest step among the dtypes (1e-7 for float64, 3e-4 for
        float32).
    out_type : str, optional
        dtype of the derivatives if complex.

    Attributes
    ----------
    gf : numpy.ndarray or list of numpy.ndarray
        The gradient, as `pt` is given.

    Examples
    --------
    >>> import numpy as np
    >>> from tensorsym.autodiff.verify import numeric_grad
    >>> numeric_grad(lambda a: (a**2).sum(), np.ones(2)).gf.round(4)
    array([2., 2.])
    """

    type_eps = STEPS

    def __init__(
        self,
        f: Callable[..., Any],
        pt: Any,
        eps: float | None = None,
        out_type: str | None = None,
    ) -> None:
        single = not isinstance(pt, list | tuple)
        points = [np.array(p) for p in ([pt] if single else pt)]
        names = [p.dtype.name for p in points]
        # All arguments move in the dtype of the smallest step, as in Theano.
        working = min(names, key=lambda name: STEPS[name])
        step = max(STEPS[name] for name in names) if eps is None else eps
        points = [p.astype(working) for p in points]
        dtype = out_type if out_type is not None and out_type.startswith("complex") else working
        gradients = [np.empty(p.shape, dtype) for p in points]
        here = f(*[p.copy() for p in points])
        for point, gradient in zip(points, gradients, strict=True):
            for place in np.ndindex(point.shape):
                kept = point[place]
                point[place] += step
                gradient[place] = (f(*[p.copy() for p in points]) - here) / step
                point[place] = kept
        self.gf: Any = gradients[0] if single else gradients

    @staticmethod
    def abs_rel_err(a: Array, b: Array) -> tuple[Array, Array]:
        """Return the absolute and the relative difference of two arrays, element by element.

        Parameters
        ----------
        a, b : numpy.ndarray
            Of one shape.

        Returns
        -------
        tuple of numpy.ndarray
            |a - b|, and |a - b| / max(|a| + |b|, 1e-8).

        Examples
        --------
        >>> import numpy as np
        >>> from tensorsym.autodiff.verify import numeric_grad
        >>> [float(e) for e in numeric_grad.abs_rel_err(np.array(1.0), np.array(3.0))]
        [2.0, 0.5]
        """
        difference = np.asarray(abs(a - b))
        return difference, np.asarray(difference / np.maximum(abs(a) + abs(b), 1e-8))

    def abs_rel_errors(self, g_pt: Sequence[Array]) -> list[tuple[Array, Array]]:
        """Return `abs_rel_err` of each array in `g_pt` and the gradient found here.

        Parameters
        ----------
        g_pt : list of numpy.ndarray
            As `gf`.

        Raises
        ------
        ShapeError
            If number or shapes differ.

        Examples
        --------
        >>> import numpy as np
        >>> from tensorsym.autodiff.verify import numeric_grad
        >>> found = numeric_grad(lambda a: a.sum(), [np.ones(2)])
        >>> len(found.abs_rel_errors([np.ones(2)]))
        1
        """
        if len(g_pt) != len(self.gf):
            raise ShapeError(
                "wrong number of gradients", got=str(len(g_pt)), expected=str(len(self.gf))
            )
        for index, (given, found) in enumerate(zip(g_pt, self.gf, strict=True)):
            if given.shape != found.shape:
                raise ShapeError(
                    f"gradient {index} has the wrong shape",
                    got=str(given.shape),
                    expected=str(found.shape),
                )
        return [self.abs_rel_err(a, b) for a, b in zip(g_pt, self.gf, strict=True)]

    def max_err(
        self, g_pt: Sequence[Array], abs_tol: float, rel_tol: float
    ) -> tuple[int, int, float, float]:
        """Return where `g_pt` violates the tolerances most, and by how much.

        Parameters
        ----------
        g_pt : list of numpy.ndarray
            As `gf`.
        abs_tol, rel_tol : float
            An element is judged by the better of its two errors, each in units of its tolerance.

        Returns
        -------
        tuple
            Number of the argument, position in its flat order, absolute and relative error there.

        Raises
        ------
        GradientError
            If an error is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> from tensorsym.autodiff.verify import numeric_grad
        >>> found = numeric_grad(lambda a: a.sum(), [np.ones(2)])
        >>> found.max_err([np.array([1.0, 3.0])], 1e-4, 1e-4)[:2]
        (0, 1)
        """
        worst: list[tuple[float, int, int, float, float]] = []
        for index, (absolute, relative) in enumerate(self.abs_rel_errors(g_pt)):
            if not (np.isfinite(absolute).all() and np.isfinite(relative).all()):
                raise NotFiniteError(
                    f"a derivative by argument {index} is not finite", got=repr(g_pt[index])
                )
            if absolute.size:
                scaled = np.minimum(absolute / abs_tol, relative / rel_tol).reshape(-1)
                place = int(scaled.argmax())
                errors = (float(absolute.flat[place]), float(relative.flat[place]))
                worst.append((float(scaled[place]), index, place, *errors))
        if not worst:
            return 0, 0, 0.0, 0.0
        return max(worst, key=lambda item: item[0])[1:]


class NotFiniteError(GradientError, ValueError):
    """A derivative to be tested is infinite or NaN (a ValueError, as in Theano)."""


def verify_grad(
    fun: Callable[..., Any],
    pt: Sequence[Any],
    n_tests: int = 2,
    rng: Any = None,
    eps: float | None = None,
    out_type: str | None = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: Any = None,
    cast_to_output_type: bool = False,
    no_debug_ref: bool = True,
) -> None:
    """Test the gradient of a function against finite differences, along random directions.

    Parameters
    ----------
    fun : callable
        Takes symbolic tensors and returns one: an op, or any function of expressions.
    pt : list of array_like of float
        Where: one array per argument.
    n_tests : int
        Number of random directions.
    rng : numpy.random.RandomState or numpy.random.Generator
        Where the directions come from.
    eps : float, optional
        The step of the differences, by dtype if not given.
    out_type : str, optional
        dtype of the derivatives if complex.
    abs_tol, rel_tol : float, optional
        An element fails if it is off by more than both. By default 1e-4 for float64, 1e-2 for
        float32.
    mode : callable, optional
        Compiles (inputs, outputs) to a function of arrays; a mode's name counts where `function` is
        known. By default each op's reference computes.
    cast_to_output_type : bool
        Whether the directions of float32 outputs are float32.
    no_debug_ref : bool
        Kept for Theano programs.

    Raises
    ------
    GradientError
        If a derivative is off; it says which, where, and by how much.
    DTypeError
        If an array is no float array.
    BindingError
        If `pt` is no list, `rng` is missing, or `fun` returns several outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from tensorsym.autodiff.verify import verify_grad
    >>> from tensorsym.language.functions import tanh
    >>> verify_grad(tanh, [np.array([0.5, -1.0])], rng=np.random.default_rng(1))
    """
    points = _points(pt)
    if rng is None:
        raise BindingError(
            "verify_grad needs random numbers", expected="rng=numpy.random.RandomState(seed)"
        )
    names = [p.dtype.name for p in points]
    tolerance = max((TOLERANCES[name] for name in names), default=0.0)
    limits = tuple(tolerance if given is None else given for given in (abs_tol, rel_tol))
    inputs = [
        TensorType(p.dtype.name, [n == 1 for n in p.shape])(f"input {i}")
        for i, p in enumerate(points)
    ]
    output = _single_output(fun, inputs)
    build: Compile = mode if callable(mode) else _by_reference
    shape = np.shape(build(inputs, [output])(*points)[0])
    narrow = cast_to_output_type and output.type.dtype == "float32"
    direction = TensorType("float32" if narrow else "float64", output.type.broadcastable)(
        "random projection"
    )
    cost = sum_(direction * output)
    cost_of = build([*inputs, direction], [cost])
    gradient_of = build([*inputs, direction], grad(cost, inputs, disconnected_inputs="ignore"))
    for _ in range(n_tests):
        along = _direction(rng, shape).astype(direction.type.dtype)
        try:
            numeric = numeric_grad(lambda *a, d=along: cost_of(*a, d)[0], points, eps, out_type)
            _compare(numeric, gradient_of(*points, along), *limits)
        except Exception as error:
            error.add_note(f"inputs: {points}\nstep: {eps}, output dtype: {out_type}")
            raise


def _points(pt: Any) -> list[Array]:
    if not isinstance(pt, list | tuple):
        raise ArgumentError("verify_grad takes a list of arrays", got=type(pt).__name__)
    points = [np.array(p) for p in pt]
    for index, point in enumerate(points):
        if point.dtype.name not in TOLERANCES:
            raise DTypeError(
                f"verify_grad works with floats, input {index} is not",
                got=point.dtype.name,
                expected=", ".join(TOLERANCES),
            )
    return points


def _single_output(fun: Callable[..., Any], inputs: list[Any]) -> Any:
    output = fun(*inputs)
    if not isinstance(output, Variable):
        raise BindingError(
            "verify_grad tests functions with one output",
            got=type(output).__name__,
            hint="test the sum of the outputs, or each by itself",
        )
    return output


def _by_reference(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> Callable[..., Any]:
    types: list[Any] = [v.type for v in inputs]

    def run(*arrays: Any) -> list[Any]:
        typed = [np.asarray(a, t.dtype) for a, t in zip(arrays, types, strict=True)]
        return evaluate_graph(outputs, dict(zip(inputs, typed, strict=True)))

    return run


def _direction(rng: Any, shape: tuple[int, ...]) -> Array:
    """Return random numbers in [0.5, 1.5): no element's gradient is weighted away."""
    drawn = rng.rand(*shape) if hasattr(rng, "rand") else rng.random(shape)
    return np.asarray(drawn + 0.5)


def _compare(
    numeric: numeric_grad, symbolic: Sequence[Array], abs_tol: float, rel_tol: float
) -> None:
    """Raise GradientError if the worst derivative is off by more than both tolerances."""
    arg, place, absolute, relative = numeric.max_err(symbolic, abs_tol, rel_tol)
    if not (absolute > abs_tol and relative > rel_tol):
        return
    shape = symbolic[arg].shape
    values = symbolic[arg].flat[place], numeric.gf[arg].flat[place]
    where = tuple(int(i) for i in np.unravel_index(place, shape))
    error = GradientError(
        f"the gradient by argument {arg} is wrong at position {where} of shape {shape}",
        got=f"symbolic {values[0]:.9g}",
        expected=f"numeric {values[1]:.9g}: off by {absolute:.3g} (tolerance {abs_tol:.3g}), "
        f"relatively {relative:.3g} (tolerance {rel_tol:.3g})",
        hint="check the op's grad or partial derivatives; a larger eps tells rounding from errors",
    )
    error.arg, error.err_pos, error.shape = arg, place, shape
    error.val1, error.val2 = values
    error.abs_err, error.rel_err, error.abs_tol, error.rel_tol = (
        absolute,
        relative,
        abs_tol,
        rel_tol,
    )
    raise error


# Theano programs catch it under this name too.
verify_grad.E_grad = GradientError  # type: ignore[attr-defined]
