"""Forward mode: how outputs change when inputs do, by one walk from the inputs to the outputs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from tensorsym.autodiff.backward import backward, node_gradients
from tensorsym.autodiff.contract import checked_pattern
from tensorsym.autodiff.fitting import in_dtype_of, like_variable
from tensorsym.autodiff.reverse import ArgumentError, OptionError, as_list, in_kind
from tensorsym.errors import (
    BindingError,
    DisconnectedInputError,
    NullTypeGradError,
    OpGradientError,
    ShapeError,
)
from tensorsym.graph.collector import uncollected
from tensorsym.graph.op import Op
from tensorsym.graph.origin import from_origin
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Variable
from tensorsym.graph.walk import replace_in_graph, toposort
from tensorsym.language.arithmetic import second, tensor_copy
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.filling import zero_gradient, zeros_like
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tensorsym.graph.variable import Apply

__all__ = ["Rop"]

# None is a tangent of zeros; a DisconnectedType variable: not differentiable on any way.
Tangent = Variable | None


def Rop(
    f: Any,
    wrt: Any,
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> Any:
    """Return the Jacobian-vector product: the change of `f` when `wrt` changes along `eval_points`.

    Parameters
    ----------
    f : Variable, or list or tuple of Variable
        What is differentiated, of any shape.
    wrt : Variable, or sequence of Variable
        With respect to what.
    eval_points : Variable or array_like, or sequence of them
        The direction: one per element of `wrt`, of its shape.
    disconnected_outputs : {'raise', 'warn', 'ignore'}
        What happens if an element of `f` has no differentiable connection to anything.
    return_disconnected : {'zero', 'None', 'Disconnected'}
        What stands for its tangent.

    Returns
    -------
    Variable, or list or tuple of Variable
        As `f` is given. Each has the shape of its output.

    Raises
    ------
    ShapeError
        If a direction has another number of dimensions than its variable.
    DisconnectedInputError
        If an output is not connected, and `disconnected_outputs` is 'raise'.
    NullTypeGradError
        If an output's tangent is undefined.

    Notes
    -----
    An op without R_op is differentiated by two runs of its L_op: the gradient v of its outputs is
    linear in what arrives at them, and the derivative of v's product with the direction by that is
    the tangent.

    References
    ----------
    B. A. Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6(1), 1994,
    doi:10.1162/neco.1994.6.1.147. Theano 1.0.5.

    Examples
    --------
    >>> from tensorsym.autodiff.forward import Rop
    >>> from tensorsym.graph.evaluate import evaluate_graph
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> float(evaluate_graph([Rop(sqr(x), x, x)], {x: 3.0})[0])
    18.0
    """
    _check_options(disconnected_outputs, return_disconnected)
    outputs = as_list(f)
    tangents: dict[Variable, Tangent] = dict(_directions(as_list(wrt), as_list(eval_points)))
    shortened: set[Variable] = set()
    with uncollected():
        for node, pattern in _towards(outputs, tangents):
            _push(node, pattern, tangents, shortened)
    found = []
    for output in outputs:
        tangent = tangents.get(output)
        if tangent is not None and isinstance(tangent.type, NullType):
            raise NullTypeGradError(
                f"the derivative of {output} is undefined: {tangent.type.why_null}",
                origin=output.origin,
            )
        leaf = output.owner is None and output not in tangents
        if leaf or (tangent is not None and isinstance(tangent.type, DisconnectedType)):
            _report_disconnected(output, disconnected_outputs)
            found.append(_instead(output, return_disconnected.lower()))
        else:
            if tangent is None:
                tangent = _unmoved(output, tangents)
            elif output in shortened and isinstance(tangent.type, TensorType):
                tangent = second(output, tangent)
            found.append(tangent)
    return in_kind(f, found)


def _unmoved(output: Variable, tangents: Mapping[Variable, Tangent]) -> Variable:
    """Return a tangent of zeros; that of a flat op, such as floor, still lists the direction."""
    if not isinstance(output.type, TensorType):
        return DisconnectedType()()  # type: ignore[no-any-return]
    zeros: Variable = zero_gradient(output)
    node = output.owner
    if node is not None and isinstance(node.op, Elementwise):
        for tangent in map(tangents.get, node.inputs):
            if tangent is not None and isinstance(tangent.type, TensorType):
                zeros = second(tangent, zeros)
    return zeros


def _check_options(disconnected_outputs: str, return_disconnected: str) -> None:
    if disconnected_outputs not in {"raise", "warn", "ignore"}:
        raise OptionError(
            f"disconnected_outputs can not be {disconnected_outputs!r}",
            expected="ignore, raise, warn",
        )
    if return_disconnected.lower() not in {"zero", "none", "disconnected"}:
        raise OptionError(
            f"return_disconnected can not be {return_disconnected!r}",
            expected="Disconnected, None, zero",
        )


def _directions(wrt: Sequence[Any], points: Sequence[Any]) -> Mapping[Variable, Variable]:
    """Return each variable with its direction; of a variable given twice the first counts."""
    if len(wrt) != len(points):
        raise ArgumentError(
            "Rop needs an evaluation point for each variable",
            got=f"{len(points)} points, {len(wrt)} variables",
        )
    directions: dict[Variable, Variable] = {}
    for index, (variable, value) in enumerate(zip(wrt, points, strict=True)):
        if not isinstance(variable, Variable):
            raise BindingError("wrt holds something that is no variable", got=repr(variable))
        point = value if isinstance(value, Variable) else as_tensor_variable(value)
        ranks = [getattr(v.type, "ndim", None) for v in (variable, point)]
        if None not in ranks and ranks[0] != ranks[1]:
            raise ShapeError(
                f"evaluation point {index} has {ranks[1]} dimensions",
                expected=f"{ranks[0]}, as {variable} has",
            )
        directions.setdefault(variable, point)
    return directions


def _towards(
    outputs: Sequence[Variable], given: Collection[Variable]
) -> list[tuple[Apply, list[list[bool]]]]:
    """Return the nodes on differentiable ways to an output, in order, with their patterns."""
    needed = set(outputs)
    found = []
    for node in reversed(toposort(outputs, given)):
        columns = [column for column, output in enumerate(node.outputs) if output in needed]
        if columns:
            pattern = checked_pattern(node)
            found.append((node, pattern))
            rows = zip(node.inputs, pattern, strict=True)
            needed.update(v for v, row in rows if any([row[column] for column in columns]))
    return found[::-1]


def _push(
    node: Apply,
    pattern: list[list[bool]],
    tangents: dict[Variable, Tangent],
    shortened: set[Variable],
) -> None:
    """Let the tangents of a node's inputs flow to its outputs.

    Terms of zero and factors of one are left out. Theano writes them down, so that a tangent
    depends on all inputs of its output and a function of it may list them: `shortened` collects
    the outputs concerned.
    """
    incoming = [tangents.get(v) for v in node.inputs]
    results: Sequence[Tangent] = [None] * len(node.outputs)
    moving = [
        row
        for row, tangent in enumerate(incoming)
        if any(pattern[row])
        and tangent is not None
        and not isinstance(tangent.type, DisconnectedType)
    ]
    if moving:
        null = next((t for t in incoming if t is not None and isinstance(t.type, NullType)), None)
        left_out = any(t is None and any(row) for t, row in zip(incoming, pattern, strict=True))
        left_out = left_out or isinstance(node.op, Elementwise)
        if left_out or not shortened.isdisjoint(node.inputs):
            shortened.update(node.outputs)
        with from_origin(node.origin):
            results = (
                _tangents(node, incoming, moving) if null is None else [null] * len(node.outputs)
            )
    for column, (output, result) in enumerate(zip(node.outputs, results, strict=True)):
        if output in tangents:
            continue
        linked = [incoming[row] for row in range(len(incoming)) if pattern[row][column]]
        cut = all(t is not None and isinstance(t.type, DisconnectedType) for t in linked)
        disconnected = cut and bool(node.inputs)
        tangents[output] = DisconnectedType()() if disconnected else result


def _tangents(node: Apply, incoming: list[Tangent], moving: list[int]) -> list[Tangent]:
    """Return the tangents of the outputs, by R_op or by L_op twice."""
    along: list[Tangent] = [None] * len(incoming)
    for row in moving:
        tangent, variable = incoming[row], node.inputs[row]
        assert tangent is not None
        along[row] = like_variable(in_dtype_of(variable, tangent), variable)
    if type(node.op).R_op is Op.R_op:
        return _by_reverse_mode(node, along, moving)
    if not _is_ours(node.op):
        along = [_zeros(v) if t is None else t for v, t in zip(node.inputs, along, strict=True)]
    results: Any = node.op.R_op(list(node.inputs), list(along))
    right = isinstance(results, list | tuple) and len(results) == len(node.outputs)
    for result in results if right else ():
        right = right and (result is None or isinstance(result, Variable))
    if not right:
        raise OpGradientError(
            f"{node.op}.R_op returned {results!r}",
            expected=f"a list of {len(node.outputs)}, one variable or None per output",
            origin=node.origin,
        )
    return [
        None if result is None else like_variable(result, output)
        for result, output in zip(results, node.outputs, strict=True)
    ]


def _is_ours(op: Op) -> bool:
    """Tell whether an R_op takes None for zeros: ours do, those written for Theano need not."""
    return type(op).__module__.partition(".")[0] == __name__.partition(".")[0]


def _zeros(variable: Variable) -> Tangent:
    if not isinstance(variable.type, TensorType):
        return None
    zeros: Variable = zeros_like(variable)
    return zeros


def _by_reverse_mode(node: Apply, along: list[Tangent], moving: list[int]) -> list[Tangent]:
    """Return the tangents of an op that has no R_op."""
    seeds = [
        DisconnectedType()() if is_discrete(getattr(v.type, "dtype", "bool")) else v.type()
        for v in node.outputs
    ]
    terms = node_gradients(node, checked_pattern(node), seeds, moving)
    starts: dict[Variable, Variable] = {}
    for row in moving:
        term, tangent = terms[row], along[row]
        if term is None or tangent is None or isinstance(term.type, DisconnectedType):
            continue
        if isinstance(term.type, NullType):
            return [term] * len(node.outputs)
        # Copies, since one term may be a part of another and both start a walk.
        starts[tensor_copy(like_variable(term, node.inputs[row]))] = tangent
    # Neither walk may leave the node: its inputs, outputs and the directions are given.
    around = [*node.inputs, *node.outputs, *starts.values()]
    targets = [seed for seed in seeds if not isinstance(seed.type, DisconnectedType)]
    products = dict(zip(targets, backward(starts, targets, around), strict=True))
    values = {v: v for v in around} | {
        seed: zeros_like(output)
        for seed, output in zip(seeds, node.outputs, strict=True)
        if seed in products
    }
    tangents = [products.get(seed) for seed in seeds]
    return [
        None
        if t is None or isinstance(t.type, DisconnectedType)
        else replace_in_graph([t], values)[0]
        for t in tangents
    ]


def _report_disconnected(output: Variable, disconnected_outputs: str) -> None:
    what = f"{output} depends on no element of wrt, or only through ops without a derivative"
    if disconnected_outputs == "warn":
        warnings.warn(what, UserWarning, stacklevel=3)
    elif disconnected_outputs == "raise":
        raise DisconnectedInputError(
            what,
            got=f"{output} of type {output.type}",
            origin=output.origin,
            hint="leave it out, or ask for disconnected_outputs='ignore' to get zeros",
        )


def _instead(output: Variable, return_disconnected: str) -> Any:
    if return_disconnected == "zero":
        return zeros_like(output)
    return None if return_disconnected == "none" else DisconnectedType()()
