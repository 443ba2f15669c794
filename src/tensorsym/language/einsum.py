"""`einsum`: sums of products written with letters, by matrix products pair by pair."""

from __future__ import annotations

from typing import Any

from tensorsym.errors import ShapeError
from tensorsym.language.contraction import BatchedDot
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.rebroadcast import patternbroadcast
from tensorsym.language.reshape import reshape
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

__all__ = ["einsum"]

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@public("einsum", numpy=("einsum",))
def einsum(subscripts: str, *operands: Any) -> Any:
    """Return a sum of products by Einstein's notation.

    Parameters
    ----------
    subscripts : str
        For each operand a letter per dimension, separated by commas, then "->" and the letters of
        the result. Without the arrow, the letters that occur once, in alphabetical order. "..."
        stands for further dimensions, which broadcast where declared.
    *operands : tensor
        The operands; dimensions of equal letters have equal lengths.

    Returns
    -------
    TensorVariable
        Operands are contracted from left to right.

    Raises
    ------
    ValueError
        If letters and dimensions do not fit.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.einsum("bij,bjk->bik", T.tensor3(), T.tensor3()).ndim
    3
    """
    tensors = [as_tensor_variable(operand) for operand in operands]
    terms, result = _parsed(subscripts, tensors)
    parts = [_without_repeats(x, term) for x, term in zip(tensors, terms, strict=True)]
    total, term = parts[0]
    for place, (x, other) in enumerate(parts[1:], start=1):
        needed = set(result).union(*[t for _, t in parts[place + 1 :]])
        total, term = _product(total, term, x, other, needed)
    total, term = _summed(total, term, set(result))
    return dimshuffle(total, *[term.index(letter) for letter in result])


def _parsed(subscripts: str, tensors: list[Any]) -> tuple[list[str], str]:
    """Return the letters of each operand and of the result, with letters in place of the dots."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise ShapeError(
            f"einsum: {subscripts!r} describes {len(terms)} operands",
            got=f"{len(tensors)} operands",
        )
    counts = [
        x.type.ndim - len(term.replace("...", "")) if "..." in term else 0
        for x, term in zip(tensors, terms, strict=True)
    ]
    spare = [letter for letter in LETTERS if letter not in text][: max(counts)]
    if min(counts) < 0 or len(spare) < max(counts):
        raise ShapeError(f"einsum: {subscripts!r} has more letters than an operand has dimensions")
    full = [
        term.replace("...", "".join(spare[len(spare) - count :]))
        for term, count in zip(terms, counts, strict=True)
    ]
    for x, term in zip(tensors, full, strict=True):
        if len(term) != x.type.ndim or any(letter not in LETTERS for letter in term):
            raise ShapeError(
                f"einsum: {subscripts!r} does not describe the operands",
                got=f"{x} of {x.type.ndim} dimensions",
                expected=f"{len(term)} dimensions, one per letter",
                origin=x.origin,
            )
    if not arrow:
        once = sorted(
            letter for letter in set("".join(terms)) - {"."} if "".join(terms).count(letter) == 1
        )
        right = "..." + "".join(once)
    result = right.replace("...", "".join(spare))
    if len(set(result)) != len(result) or not set(result) <= set("".join(full)):
        raise ShapeError(
            f"einsum: the result of {subscripts!r} repeats a letter, or has one of no operand"
        )
    return full, result


def _without_repeats(x: Any, term: str) -> tuple[Any, str]:
    """Return an operand with repeated letters replaced by the diagonal."""
    for letter in dict.fromkeys(term):
        while term.count(letter) > 1:
            first = term.index(letter)
            second = term.index(letter, first + 1)
            x = FUNCTIONS["diagonal"](x, 0, first, second)
            term = "".join(c for d, c in enumerate(term) if d not in (first, second)) + letter
    return x, term


def _summed(x: Any, term: str, needed: set[str]) -> tuple[Any, str]:
    """Return an operand summed over the letters that nobody needs any more."""
    axes = [d for d, letter in enumerate(term) if letter not in needed]
    if not axes:
        return x, term
    total = FUNCTIONS["sum"](x, axis=axes, dtype=x.type.dtype)
    return total, "".join(letter for letter in term if letter in needed)


def _product(x: Any, of_x: str, y: Any, of_y: str, needed: set[str]) -> tuple[Any, str]:
    """Return the product of two operands, summed over the letters that only they have."""
    x, of_x = _summed(x, of_x, needed | set(of_y))
    y, of_y = _summed(y, of_y, needed | set(of_x))
    x, of_x, y, of_y = _without_broadcast_sums(x, of_x, y, of_y, needed)
    shared = [letter for letter in of_x if letter in of_y]
    batch = [letter for letter in shared if letter in needed]
    inner = [letter for letter in shared if letter not in needed]
    left = [letter for letter in of_x if letter not in of_y]
    right = [letter for letter in of_y if letter not in of_x]
    if not inner:
        aligned = [_aligned(v, term, [*batch, *left, *right]) for v, term in ((x, of_x), (y, of_y))]
        return aligned[0] * aligned[1], "".join([*batch, *left, *right])
    groups = [left, inner], [inner, right]
    a, b = (
        _as_batches(v, term, batch, *group)
        for v, term, group in zip((x, y), (of_x, of_y), groups, strict=True)
    )
    product = BatchedDot()(_batch_last_rank(a, len(batch)), _batch_last_rank(b, len(batch)))
    lengths = [ShapeOf(d + (not batch))(product) for d in range(len(batch))]
    static = list(product.type.shape[: len(batch)])
    for v, term, letters in ((x, of_x, left), (y, of_y, right)):
        lengths += [ShapeOf(term.index(letter))(v) for letter in letters]
        static += [v.type.shape[term.index(letter)] for letter in letters]
    out = reshape(product, lengths, ndim=len(lengths))
    return patternbroadcast(out, [n == 1 for n in static]), "".join([*batch, *left, *right])


def _batch_last_rank(x: Any, batches: int) -> Any:
    """Return matrices with at least one dimension of batches."""
    return x if batches else FUNCTIONS["shape_padleft"](x)


def _without_broadcast_sums(
    x: Any, of_x: str, y: Any, of_y: str, needed: set[str]
) -> tuple[Any, str, Any, str]:
    """Drop dimensions of length 1 that would broadcast against a dimension that is summed over."""
    for letter in [c for c in of_x if c in of_y and c not in needed]:
        d, e = of_x.index(letter), of_y.index(letter)
        if x.type.broadcastable[d] == y.type.broadcastable[e]:
            continue
        if x.type.broadcastable[d]:
            x, of_x = FUNCTIONS["squeeze"](x, axis=d), of_x.replace(letter, "")
        else:
            y, of_y = FUNCTIONS["squeeze"](y, axis=e), of_y.replace(letter, "")
    x, of_x = _summed(x, of_x, needed | set(of_y))
    y, of_y = _summed(y, of_y, needed | set(of_x))
    return x, of_x, y, of_y


def _aligned(x: Any, term: str, letters: list[str]) -> Any:
    """Return an operand with a dimension per letter, of length 1 where it has none."""
    return dimshuffle(x, *[term.index(letter) if letter in term else "x" for letter in letters])


def _as_batches(x: Any, term: str, batch: list[str], rows: list[str], columns: list[str]) -> Any:
    """Return an operand as matrices: batch letters, one dimension of rows and one of columns."""
    ordered = dimshuffle(x, *[term.index(letter) for letter in [*batch, *rows, *columns]])
    lengths = [ShapeOf(d)(ordered) for d in range(len(batch))]
    first = len(batch)
    for group in (rows, columns):
        product: Any = 1
        for d in range(first, first + len(group)):
            product = ShapeOf(d)(ordered) if d == first else product * ShapeOf(d)(ordered)
        lengths.append(product)
        first += len(group)
    pattern = [ordered.type.broadcastable[d] for d in range(len(batch))]
    shaped = reshape(ordered, lengths, ndim=len(lengths))
    return patternbroadcast(shaped, [*pattern, *shaped.type.broadcastable[len(batch) :]])
