"""`map`, `reduce`, `foldl`, `foldr` and `scan_checkpoints`: the common forms of `scan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.table import FUNCTIONS
from tensorsym.language.variable import as_tensor_variable
from tensorsym.runtime.scan import scan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.runtime.updates import OrderedUpdates

__all__ = ["foldl", "foldr", "map", "reduce", "scan_checkpoints"]


def map(
    fn: Callable[..., Any],
    sequences: Any,
    non_sequences: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Return a function of each element of sequences, stacked, and updates; see `scan`.

    Parameters
    ----------
    fn : callable
        Takes an element of each sequence, then the non-sequences.
    sequences : tensor or list of tensor
        Looped over along the first dimension.
    non_sequences : tensor or list of tensor, optional
        Given to each call as they are.
    truncate_gradient, go_backwards, mode, name : optional
        As for `scan`.

    Returns
    -------
    tuple
        The results stacked, one tensor per result of `fn`, and the updates of shared variables.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dvector("x")
    >>> squares, updates = tensorsym.map(lambda x_t: x_t**2, x)
    >>> squares.eval({x: [1.0, 2.0, 3.0]}).tolist()
    [1.0, 4.0, 9.0]
    """
    return scan(
        fn,
        sequences=sequences,
        outputs_info=[],
        non_sequences=non_sequences,
        truncate_gradient=truncate_gradient,
        go_backwards=go_backwards,
        mode=mode,
        name=name,
    )


def reduce(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Return the last values of a loop over sequences, and updates; see `scan`.

    Parameters
    ----------
    fn : callable
        Takes an element of each sequence, then the values so far, then the non-sequences.
    sequences : tensor or list of tensor
        Looped over along the first dimension.
    outputs_info : tensor or list of tensor
        The values before the first step.
    non_sequences : tensor or list of tensor, optional
        Given to each call as they are.
    go_backwards, mode, name : optional
        As for `scan`.

    Returns
    -------
    tuple
        The values after the last step, and the updates of shared variables.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dvector("x")
    >>> product, updates = tensorsym.reduce(lambda x_t, p: p * x_t, x, T.ones(()))
    >>> float(product.eval({x: [2.0, 3.0, 4.0]}))
    24.0
    """
    values, updates = scan(
        fn,
        sequences=sequences,
        outputs_info=outputs_info,
        non_sequences=non_sequences,
        go_backwards=go_backwards,
        mode=mode,
        name=name,
    )
    return ([v[-1] for v in values] if isinstance(values, list) else values[-1]), updates


def foldl(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Return what `reduce` does, from the first element to the last.

    Parameters
    ----------
    fn, sequences, outputs_info, non_sequences, mode, name
        As for `reduce`.

    Returns
    -------
    tuple
        The values after the last step, and the updates of shared variables.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dvector("x")
    >>> number, updates = tensorsym.foldl(lambda x_t, n: 10 * n + x_t, x, T.zeros(()))
    >>> float(number.eval({x: [1.0, 2.0, 3.0]}))
    123.0
    """
    return reduce(fn, sequences, outputs_info, non_sequences, False, mode, name)


def foldr(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, OrderedUpdates]:
    """Return what `reduce` does, from the last element to the first.

    Parameters
    ----------
    fn, sequences, outputs_info, non_sequences, mode, name
        As for `reduce`.

    Returns
    -------
    tuple
        The values after the last step, and the updates of shared variables.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dvector("x")
    >>> number, updates = tensorsym.foldr(lambda x_t, n: 10 * n + x_t, x, T.zeros(()))
    >>> float(number.eval({x: [1.0, 2.0, 3.0]}))
    321.0
    """
    return reduce(fn, sequences, outputs_info, non_sequences, True, mode, name)


def scan_checkpoints(
    fn: Callable[..., Any],
    sequences: Any = (),
    outputs_info: Any = None,
    non_sequences: Any = (),
    name: str = "checkpointscan_fn",
    n_steps: Any = None,
    save_every_N: int = 10,
    padding: bool = True,
) -> tuple[Any, OrderedUpdates]:
    """Return every N-th value of a loop that keeps no others: gradients compute them again.

    Parameters
    ----------
    fn : callable
        One step, as for `scan`; each output is a state read by the next step.
    sequences : tensor or list of tensor
        Looped over along the first dimension, all of one length.
    outputs_info : tensor or list of tensor
        The values before the first step.
    non_sequences : tensor or list of tensor
        Given to each call as they are.
    name : str
        Name for printing.
    n_steps : int or scalar, optional
        Number of steps, a multiple of `save_every_N` unless the sequences are padded.
    save_every_N : int
        How many steps lie between two values that are kept.
    padding : bool
        Whether sequences are made longer by zeros up to a multiple of `save_every_N`.

    Returns
    -------
    outputs : TensorVariable or list of TensorVariable
        The values after every N-th step.
    updates : OrderedUpdates
        As for `scan`.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dvector("x")
    >>> sums, updates = tensorsym.scan_checkpoints(
    ...     lambda x_t, total: total + x_t, [x], [T.zeros(())], save_every_N=2
    ... )
    >>> sums.eval({x: [1.0, 2.0, 3.0, 4.0]}).tolist()
    [3.0, 10.0]
    """
    stacks = [as_tensor_variable(s) for s in _listed(sequences)]
    states, others = _listed(outputs_info), _listed(non_sequences)
    if any(state is None or isinstance(state, dict) for state in states) or not states:
        raise RuntimeError(
            "a loop with checkpoints has states that the next step reads, and no taps"
        )
    total = stacks[0].shape[0] if n_steps is None and stacks else n_steps
    if padding:
        stacks = [_padded(s, save_every_N) for s in stacks]
    chunks = [
        FUNCTIONS["reshape"](
            s, [s.shape[0] // save_every_N, save_every_N, *[s.shape[d] for d in range(1, s.ndim)]]
        )
        for s in stacks
    ]
    count = (total + save_every_N - 1) // save_every_N if padding else total // save_every_N

    def many_steps(*arguments: Any) -> Any:
        parts = list(arguments[: len(chunks)])
        values = list(arguments[len(chunks) : len(chunks) + len(states)])
        found, updates = scan(
            fn, parts, values, others, n_steps=save_every_N, name=name, return_list=True
        )
        return [v[-1] for v in found], updates

    return scan(many_steps, chunks, states, others, n_steps=count, name=name)


def _padded(stack: Any, count: int) -> Any:
    """Return a stack with zeros added up to a multiple of `count` elements."""
    missing = (-stack.shape[0]) % count
    lengths = [stack.shape[d] for d in range(1, stack.ndim)]
    zeros = FUNCTIONS["zeros"]([missing, *lengths], dtype=stack.type.dtype)
    return FUNCTIONS["join"](0, stack, FUNCTIONS["unbroadcast"](zeros, 0))


def _listed(items: Any) -> list[Any]:
    if items is None:
        return []
    return list(items) if isinstance(items, list | tuple) else [items]
