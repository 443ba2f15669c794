"""The differ: expressions run by plan and by reference, node by node, must agree.

`assert_agree` compares on given arrays; `expressions` draws random graphs with arrays to run them
on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import tensorsym.tensor as T
from tensorsym.cpu.build import build
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.tensortype import TensorType
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.schedule.build import schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.cpu.build import Executable

# Relative to the largest value on the way to a result: differences cancel. The narrowest dtype on
# the way counts.
TOLERANCE = {
    "float16": 2e-2,
    "float32": 2e-4,
    "float64": 1e-9,
    "complex64": 2e-4,
    "complex128": 1e-9,
}


def executables(
    inputs: Sequence[Any], outputs: Sequence[Any], donated: Sequence[int] = ()
) -> tuple[Executable, ReferenceExecutable]:
    """Return what runs the expressions by plan, and by reference."""
    graph = FunctionGraph(inputs, outputs)
    return build(schedule(graph, donated)), ReferenceExecutable(graph)


@dataclass
class Precision:
    """How exact a value can be: largest magnitude and widest tolerance on the way to it."""

    scale: float = 0.0
    tolerance: float = 0.0

    def with_values(self, values: Any) -> Precision:
        """Return what holds for something that `values` took part in."""
        if not isinstance(values, np.ndarray | np.generic) or values.dtype.kind not in "fciub":
            return self
        finite = np.abs(values[np.isfinite(values)].astype(complex))
        scale = max(self.scale, float(finite.max()) if finite.size else 0.0)
        return Precision(scale, max(self.tolerance, TOLERANCE.get(values.dtype.name, 0.0)))

    def with_others(self, others: Sequence[Precision]) -> Precision:
        """Return the worst of several."""
        return Precision(
            max([self.scale, *[o.scale for o in others]]),
            max([self.tolerance, *[o.tolerance for o in others]]),
        )


def assert_equal_values(
    got: Any, expected: Any, text: str = "", precision: Precision | None = None
) -> None:
    """Compare dtype, shape and elements: floats but for rounding, all others exactly."""
    if not isinstance(expected, np.ndarray | np.generic):
        assert got is expected or got == expected, text
        return
    assert isinstance(got, np.ndarray), text
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape), text
    if expected.dtype.name not in TOLERANCE:
        np.testing.assert_array_equal(got, expected, err_msg=text)
        return
    precision = (precision or Precision()).with_values(expected)
    absolute = precision.tolerance * precision.scale
    np.testing.assert_allclose(got, expected, rtol=precision.tolerance, atol=absolute, err_msg=text)


def reference_values(
    reference: ReferenceExecutable, arrays: Sequence[Any]
) -> tuple[list[Any], list[Precision]]:
    """Return the reference's results and how exact each can be."""
    graph = reference.function_graph
    known = {v: Precision().with_values(a) for v, a in zip(graph.inputs, arrays, strict=True)}

    def after(node: Any, values: Sequence[Any]) -> None:
        met = [
            known.get(v) or Precision().with_values(getattr(v, "data", None)) for v in node.inputs
        ]
        for output, value in zip(node.outputs, values, strict=True):
            known[output] = Precision().with_values(value).with_others(met)

    reference.after = after
    results = reference(list(arrays))
    return results, [known.get(v, Precision()) for v in graph.outputs]


def assert_agree(inputs: Sequence[Any], outputs: Sequence[Any], arrays: Sequence[Any]) -> list[Any]:
    """Check that plan and reference give equal values, or errors of one class; return values.

    The plan runs twice, so that memory it kept is used again; its arguments must stay as they were.
    """
    executable, reference = executables(inputs, outputs)
    before = [a.copy() if isinstance(a, np.ndarray) else a for a in arrays]
    expected, precisions, error = _outcome(reference, arrays)
    if error is not None:
        for _ in range(2):
            raised = _exception(executable, arrays)
            assert type(raised) is type(error), (
                f"{raised!r} instead of {error!r}\n{executable.plan}"
            )
        return []
    results = []
    for _ in range(2):
        results = executable(list(arrays))
        for got, wanted, precision in zip(results, expected, precisions, strict=True):
            assert_equal_values(got, wanted, str(executable.plan), precision)
        assert_no_sharing(results, arrays)
        for array, copy in zip(arrays, before, strict=True):
            if isinstance(array, np.ndarray):
                np.testing.assert_array_equal(array, copy, err_msg="an argument changed")
    return results


def _outcome(reference: ReferenceExecutable, arrays: Sequence[Any]) -> tuple[Any, Any, Any]:
    try:
        return *reference_values(reference, arrays), None
    except Exception as error:
        return [], [], error


def _exception(executable: Executable, arrays: Sequence[Any]) -> BaseException | None:
    try:
        executable(list(arrays))
    except Exception as error:
        return error
    return None


def assert_no_sharing(results: Sequence[Any], arrays: Sequence[Any]) -> None:
    """Check that results are writeable and share memory with nothing."""
    tensors = [r for r in results if isinstance(r, np.ndarray)]
    given = [a for a in arrays if isinstance(a, np.ndarray)]
    for index, result in enumerate(tensors):
        assert result.flags.writeable
        assert result.flags.aligned
        for other in [*given, *tensors[:index]]:
            assert not np.shares_memory(result, other)


@dataclass
class Drawing:
    """A random graph being drawn: values known so far, and the arrays of its inputs."""

    draw: Callable[..., Any]
    inputs: list[Any] = field(default_factory=list)
    arrays: list[Any] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    dtypes: Sequence[str] = ()

    def pick(self, accept: Callable[[Any], bool] = lambda v: True) -> Any:
        """Return one of the values, or None if none is acceptable."""
        fitting = [v for v in self.values if accept(v)]
        if not fitting:
            return None
        return self.draw(st.sampled_from(fitting[-2:] if self.draw(st.booleans()) else fitting))

    def keep(self, value: Any) -> None:
        """Add a value; those that grow out of hand are cut down."""
        self.values.append(value)


DTYPES = (
    "float64",
    "float64",
    "float32",
    "int64",
    "int32",
    "int8",
    "uint8",
    "bool",
    "float16",
    "complex128",
)
LENGTHS = (0, 1, 2, 3, 5)
SMOOTH = ("tanh", "sin", "cos", "sqr", "neg", "abs_", "exp", "sigmoid", "log1p", "sqrt")
ANY_REAL = ("neg", "abs_", "sqr")
BINARY = ("add", "sub", "mul", "maximum", "minimum")
COMPARE = ("lt", "ge", "eq", "neq")
REDUCTIONS = ("sum", "prod", "max", "min", "any", "all")


def new_input(drawing: Drawing) -> None:
    """Add an input of a random type with an array in a random layout."""
    draw = drawing.draw
    dtype = draw(st.sampled_from(drawing.dtypes))
    shape = tuple(draw(st.lists(st.sampled_from(LENGTHS), min_size=0, max_size=3)))
    if drawing.arrays and draw(st.integers(0, 2)):
        shape = draw(st.sampled_from(drawing.arrays)).shape
    # A length of 1 that the type does not know of must not broadcast.
    pattern = [n == 1 and draw(st.integers(0, 3)) > 0 for n in shape]
    variable = TensorType(dtype, pattern)(f"x{len(drawing.inputs)}")
    drawing.inputs.append(variable)
    drawing.arrays.append(array_of(draw, dtype, shape))
    drawing.values.append(variable)


def array_of(draw: Callable[..., Any], dtype: str, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return a random array: dense, transposed, with gaps, reversed, or repeated by stride 0."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    layout = draw(st.sampled_from(("dense", "dense", "fortran", "gaps", "reversed", "repeated")))
    made = tuple(2 * n for n in shape) if layout == "gaps" else shape
    values = rng.normal(size=made) * 1.5 if dtype[0] in "fc" else rng.integers(0, 4, size=made)
    array = np.asarray(values).astype(dtype)
    if layout == "fortran" and shape:
        return np.asfortranarray(array)
    if layout == "gaps":
        return array[tuple(slice(None, None, 2) for _ in shape)] if shape else array
    if layout == "reversed":
        return array[tuple(slice(None, None, -1) for _ in shape)] if shape else array
    if layout == "repeated" and shape and shape[0]:
        return np.broadcast_to(array[:1], shape)
    return array


def is_real(v: Any) -> bool:
    """Tell whether a value is no complex number."""
    return not v.type.dtype.startswith("complex")


def is_numeric(v: Any) -> bool:
    """Tell whether a value can be negated and subtracted."""
    return bool(v.type.dtype != "bool")


def is_discrete(v: Any) -> bool:
    """Tell whether a value is exact: whether it is 0 does not depend on rounding."""
    return v.type.dtype == "bool" or "int" in v.type.dtype


def elementwise(drawing: Drawing) -> Any:
    """Apply an elementwise op to one value or two."""
    draw = drawing.draw
    kind = draw(st.integers(0, 5))
    if kind <= 1:
        x = drawing.pick(lambda v: is_real(v) and v.type.dtype in ("float32", "float64"))
        if x is not None:
            name = draw(st.sampled_from(SMOOTH))
            guarded = (
                T.abs_(x) + 0.25 if name in ("log1p", "sqrt") else T.tanh(x) if name == "exp" else x
            )
            return getattr(T, name)(guarded)
    x = drawing.pick(lambda v: is_real(v) and is_numeric(v))
    if x is None:
        return None
    if kind == 2:
        return getattr(T, draw(st.sampled_from(ANY_REAL)))(x)
    y = drawing.pick(lambda v: is_real(v) and is_numeric(v) and v.type.ndim == x.type.ndim)
    if kind == 3:
        constant = draw(st.sampled_from((2, 0.5, np.float32(1.5), np.int8(3))))
        return getattr(T, draw(st.sampled_from(BINARY)))(x, constant)
    if kind == 4:
        # A threshold that no computed float meets but for rounding.
        threshold = T.zeros_like(x) if is_discrete(x) else T.constant(0.3217)
        return T.switch(getattr(T, draw(st.sampled_from(COMPARE)))(x, threshold), x, y)
    return getattr(T, draw(st.sampled_from(BINARY)))(x, y)


def cast(drawing: Drawing) -> Any:
    """Cast to another dtype, floats first cut to a range that every integer holds."""
    x = drawing.pick(is_real)
    dtype = drawing.draw(st.sampled_from(DTYPES))
    if x is None or (dtype == "bool" and not is_discrete(x)):
        return None
    if x.type.dtype.startswith("float") and not dtype.startswith(("float", "complex")):
        low = 0 if dtype == "uint8" else -3
        x = T.round(T.clip(x, low, 3) * 4) / 8 + 0.03  # far from where rounding decides
    return T.cast(x, dtype)


def reduction(drawing: Drawing) -> Any:
    """Reduce over any subset of dimensions."""
    name = drawing.draw(st.sampled_from(REDUCTIONS))
    x = drawing.pick(is_discrete if name in ("any", "all") else is_real)
    if x is None:
        return None
    axes = [d for d in range(x.type.ndim) if drawing.draw(st.booleans())]
    return getattr(T, name)(x, axis=axes, keepdims=drawing.draw(st.booleans()))


def dimshuffle(drawing: Drawing) -> Any:
    """Permute dimensions, drop broadcastable ones and add new ones."""
    x = drawing.pick()
    kept = [d for d, b in enumerate(x.type.broadcastable) if not b or drawing.draw(st.booleans())]
    order = drawing.draw(st.permutations(kept))
    if len(order) < 4 and drawing.draw(st.booleans()):
        order = [*order[:1], "x", *order[1:]]
    return x.dimshuffle(*order)


def dot(drawing: Drawing) -> Any:
    """Multiply two matrices or vectors."""
    x = drawing.pick(lambda v: v.type.ndim in (1, 2) and is_numeric(v))
    y = drawing.pick(lambda v: v.type.ndim in (1, 2) and is_numeric(v))
    if x is None or y is None:
        return None
    if drawing.draw(st.booleans()) and x.type.ndim == 2:
        y = x.T
    return T.dot(x, y)


def subtensor(drawing: Drawing) -> Any:
    """Index with integers and slices, constant and symbolic."""
    x = drawing.pick(lambda v: v.type.ndim > 0)
    if x is None:
        return None
    draw = drawing.draw
    bound = st.one_of(st.none(), st.integers(-6, 6))
    index: list[Any] = []
    for _ in range(draw(st.integers(1, x.type.ndim))):
        if draw(st.booleans()):
            step = draw(st.sampled_from((None, 1, 2, -1, -2)))
            index.append(slice(draw(bound), draw(bound), step))
        elif draw(st.booleans()):
            index.append(draw(st.integers(-3, 2)))
        else:
            index.append(T.cast(x.shape[0], "int32") - draw(st.integers(1, 3)))
    return x[tuple(index)]


def reshaped(drawing: Drawing) -> Any:
    """Flatten, or split off a dimension."""
    x = drawing.pick()
    return x.reshape((-1,)) if drawing.draw(st.booleans()) else x.reshape((x.size, 1), ndim=2)


def shape_arithmetic(drawing: Drawing) -> Any:
    """Compute with lengths, and fill tensors of lengths known at run time only."""
    x = drawing.pick(lambda v: v.type.ndim > 0)
    if x is None:
        return None
    kind = drawing.draw(st.integers(0, 2))
    if kind == 0:
        return x.shape
    if kind == 1:
        return T.alloc(T.constant(1.5), x.shape[0], 2)
    return T.cast(x.shape[0], "float64") * 0.5


STEPS = (elementwise,) * 6 + (
    cast,
    reduction,
    reduction,
    dimshuffle,
    dimshuffle,
    dot,
    subtensor,
    reshaped,
    shape_arithmetic,
)


@st.composite
def expressions(draw: Callable[..., Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """Draw a random graph: its inputs, outputs, and arrays to run it on.

    Shapes fit often, not always: both sides must then raise the same error.
    """
    # Half of the graphs are of floats only: there, kernels grow long.
    drawing = Drawing(draw, dtypes=draw(st.sampled_from((DTYPES, DTYPES[:2]))))
    for _ in range(draw(st.integers(1, 4))):
        new_input(drawing)
    for _ in range(draw(st.integers(2, 20))):
        try:
            value = draw(st.sampled_from(STEPS))(drawing)
        except (TypeError, ValueError, IndexError):
            continue  # static shapes or dtypes do not fit: told while building
        if value is not None and value.type.ndim <= 4:
            drawing.keep(value)
    outputs = drawing.values[-1:] + [v for v in drawing.values[:-1] if draw(st.integers(0, 4)) == 0]
    return drawing.inputs, outputs, drawing.arrays
