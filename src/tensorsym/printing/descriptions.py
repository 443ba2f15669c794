"""Short and reproducible descriptions of variables and arrays, for messages and caches."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from tensorsym.graph.variable import Variable
from tensorsym.printing.opnames import op_name

__all__ = [
    "hex_digest",
    "letters",
    "min_informative_str",
    "position_independent_str",
    "var_descriptor",
]


# Beyond this depth a line starts with its depth as a number.
DEEPEST_INDENT = 40


def letters(number: int) -> str:
    """Return A to Z, then BA, BB...: a number in letters as digits of base 26.

    Examples
    --------
    >>> from tensorsym.printing.descriptions import letters
    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'BA')
    """
    digits = ""
    while True:
        number, digit = divmod(number, 26)
        digits = chr(ord("A") + digit) + digits
        if not number:
            return digits


def min_informative_str(obj: Any, indent_level: int = 0) -> str:
    """Return as much of a graph as is needed to tell it in terms of constants and named variables.

    Parameters
    ----------
    obj : Variable or array
        What to describe.
    indent_level : int
        Number of spaces before the first line.

    Returns
    -------
    str
        One line per variable, each with a letter; `<B>` stands for what has been described as B.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing import min_informative_str
    >>> x = T.vector("x")
    >>> print(min_informative_str(T.exp(x) * x))
    A. Elemwise{mul,no_inplace}
     B. Elemwise{exp,no_inplace}
      C. x
     <C>
    """
    tags: dict[int, str] = {}
    lines = []
    stack: list[tuple[Any, int]] = [(obj, indent_level)]
    while stack:
        item, indent = stack.pop()
        if id(item) in tags:
            lines.append(f"{_indentation(indent)}<{tags[id(item)]}>")
            continue
        tag = tags[id(item)] = letters(len(tags))
        owner = getattr(item, "owner", None)
        if isinstance(item, np.ndarray):
            name = "<ndarray>"
        elif getattr(item, "name", None) is not None:
            name = item.name
        elif owner is not None:
            name = op_name(owner.op)
            stack.extend((v, indent + 1) for v in reversed(owner.inputs))
        else:
            name = str(item)
        lines.append(f"{_indentation(indent)}{tag}. {name}")
    return "\n".join(lines)


def _indentation(depth: int) -> str:
    """Return spaces, or the depth as a number where a chain of n nodes would take n**2 of them."""
    return " " * depth if depth <= DEEPEST_INDENT else f"({depth})".ljust(DEEPEST_INDENT)


def var_descriptor(obj: Any) -> str:
    """Return in one line how a variable is computed; nothing in it changes from run to run.

    Parameters
    ----------
    obj : Variable or array
        What to describe. Names count for inputs only.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing import var_descriptor
    >>> x = T.vector("x")
    >>> var_descriptor(T.exp(x) * x)
    'A=Elemwise{mul,no_inplace}(B=Elemwise{exp,no_inplace}(C=x),<C>)'
    """
    tags: dict[int, str] = {}
    parts: list[str] = []
    stack: list[Any] = [obj]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
        elif id(item) in tags:
            parts.append(f"<{tags[id(item)]}>")
        else:
            tag = tags[id(item)] = letters(len(tags))
            owner = getattr(item, "owner", None)
            if owner is None:
                parts.append(f"{tag}={_leaf_descriptor(item)}")
                continue
            parts.append(f"{tag}={op_name(owner.op)}(")
            stack.append(")")
            for position in range(len(owner.inputs) - 1, -1, -1):
                stack.append(owner.inputs[position])
                if position:
                    stack.append(",")
    return "".join(parts)


def _leaf_descriptor(item: Any) -> str:
    if isinstance(item, np.ndarray):
        strides = ",".join(map(str, item.strides))
        return f"<ndarray:strides=[{strides}],digest={hashlib.sha256(item.tobytes()).hexdigest()}>"
    if getattr(item, "name", None) is not None:
        return str(item.name)
    text = str(item)
    return position_independent_str(item) if " at 0x" in text else text


def position_independent_str(obj: Variable) -> str:
    """Return a text for a variable that does not hold its address.

    Raises
    ------
    NotImplementedError
        For other objects.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing import position_independent_str
    >>> position_independent_str(T.dvector())
    'theano_var{type=TensorType(float64, vector)}'
    """
    if not isinstance(obj, Variable):
        raise NotImplementedError(f"only variables have such a text, got {type(obj).__name__}")
    return f"theano_var{{type={obj.type}}}"


def hex_digest(x: np.ndarray[Any, Any]) -> str:
    """Return a hash of an array's bytes, with strides and shape.

    Examples
    --------
    >>> import numpy as np
    >>> from tensorsym.printing import hex_digest
    >>> hex_digest(np.zeros((2, 3)))[64:]
    '|strides=[24,8]|shape=[2,3]'
    """
    strides, shape = ",".join(map(str, x.strides)), ",".join(map(str, x.shape))
    return f"{hashlib.sha256(x.tobytes()).hexdigest()}|strides=[{strides}]|shape=[{shape}]"
