"""Scalar text of kernels as CUDA C: what one step computes, by name and dtypes.

float16 values are single precision in registers and rounded after each step. Signed integers are
added and multiplied as unsigned ones, which wrap.
"""

from __future__ import annotations

import re

from tensorsym.language.elementwise import RECORDS
from tensorsym.language.reduction import REDUCTIONS

__all__ = [
    "DEVICE_TEXTS",
    "combining_text",
    "load",
    "neutral",
    "reason_without_kernel",
    "scalar_text",
    "storage_type",
    "store",
    "value_type",
]

LETTERS = {"bool": "b", "int": "i", "uint": "u", "float": "f", "complex": "c"}
WRAPPING = re.compile(r"x [-+*] [xy]|-x")

# CUDA's own functions, @ is f for single precision: where a record has no scalar text, and in
# single precision also where its text computes in double.
DEVICE_TEXTS = {
    "tan": "tan@(x)",
    "arcsin": "asin@(x)",
    "arccos": "acos@(x)",
    "arctan": "atan@(x)",
    "arctan2": "atan2@(x, y)",
    "sinh": "sinh@(x)",
    "cosh": "cosh@(x)",
    "arcsinh": "asinh@(x)",
    "arccosh": "acosh@(x)",
    "arctanh": "atanh@(x)",
    "erfc": "erfc@(x)",
    "gamma": "tgamma@(x)",
    "gammaln": "lgamma@(x)",
    "j0": "j0@(x)",
    "j1": "j1@(x)",
    "copysign": "copysign@(x, y)",
    "hypot": "hypot@(x, y)",
    "cbrt": "cbrt@(x)",
    "isfinite": "x - x == 0",
}
COMPLEX_TEXTS = {
    "real": "x.re",
    "imag": "x.im",
    "conj": "ts_make(x.re, -x.im)",
    "complex": "ts_make(x, y)",
    "inv": "ts_make($real(1), $real(0)) / x",
    "abs_": "ts_magnitude(x)",
    "isfinite": "x.re - x.re == 0 && x.im - x.im == 0",
}
OF_COMPLEX = frozenset(
    [
        "add",
        "sub",
        "mul",
        "true_div",
        "neg",
        "abs_",
        "eq",
        "neq",
        "switch",
        "second",
        "tensor_copy",
        "isnan",
        "sqr",
    ]
)

_UNARY_REASON = "CUDA has no function of this name; a series would be slower than the host's"
REASONS = {
    **dict.fromkeys(
        ("erfcx", "erfinv", "erfcinv", "i0", "i1", "iv", "jv", "psi", "tri_gamma", "polygamma"),
        _UNARY_REASON,
    ),
    **dict.fromkeys(
        ("chi2sf", "gammainc", "gammaincc", "gammau", "gammal"),
        "an incomplete gamma function: iterations of a length that differs by element",
    ),
    **dict.fromkeys(("deg2rad", "rad2deg", "sinc", "xlogx", "xlogy0"), "rarely used"),
    **dict.fromkeys(("log1mexp", "logaddexp", "signbit", "ultra_fast_sigmoid"), "rarely used"),
    **dict.fromkeys(("angle", "complex_from_polar"), "rarely used"),
}
"""Why a record has no kernel on the device; its nodes run on the host."""


def reason_without_kernel(name: str, dtypes: tuple[str, ...]) -> str:
    """Return why a record has no kernel for operands of some dtypes; empty if it has one.

    Examples
    --------
    >>> reason_without_kernel("exp", ("float32",))
    ''
    >>> reason_without_kernel("exp", ("complex64",))
    'transcendental functions of complex numbers are left to the host'
    """
    record = RECORDS[name]
    if "cast" in record.traits:
        return ""
    if any(dtype.startswith("complex") for dtype in dtypes) or name in (
        "complex",
        "complex_from_polar",
    ):
        if name in OF_COMPLEX or name in COMPLEX_TEXTS:
            return ""
        return REASONS.get(name, "transcendental functions of complex numbers are left to the host")
    if name in ("real", "imag", "conj"):
        return "of a real number it is no computation"
    if record.c or name in DEVICE_TEXTS:
        return ""
    return REASONS.get(name, "a record that a user added has no text for the device")


def scalar_text(name: str, *dtypes: str) -> tuple[str, str]:
    """Return the expression of x, y, z that a step computes, and the dtype of its result.

    Parameters
    ----------
    name : str
        An op record, or 'cast'.
    *dtypes : str
        Those of the operands; for 'cast' the one it takes and the one it makes.

    Examples
    --------
    >>> scalar_text("maximum", "float32", "float32")
    ('ts_max_f32(x, y)', 'float32')
    >>> scalar_text("add", "int32", "int32")
    ('(ts_i32)((ts_u32)x + (ts_u32)y)', 'int32')
    >>> scalar_text("exp", "float16")
    ('ts_round_f16(ts_exp_f32(x))', 'float16')
    """
    if name == "cast":
        return _cast(*dtypes), dtypes[1]
    record = RECORDS[name]
    _, made = record.rule(*dtypes)
    text = _text_of(name, record.c, dtypes[-1])
    if made == "bool" and not re.fullmatch(r"x [<>=!]=? y", text):
        text = f"({text}) != 0"
    if made == "float16":
        text = f"ts_round_f16({text})"
    return text, made


def _text_of(name: str, text: str, dtype: str) -> str:
    if dtype.startswith("complex"):
        text = COMPLEX_TEXTS.get(name, text)
        text = text.replace("$real", "float" if dtype == "complex64" else "double")
    elif name == "complex":
        text = COMPLEX_TEXTS[name]
    elif name in DEVICE_TEXTS and not (text and dtype == "float64"):
        text = DEVICE_TEXTS[name].replace("@", "" if dtype == "float64" else "f")
    return _bound(text, dtype)


def _bound(text: str, dtype: str) -> str:
    """Return a text whose functions have the suffix of a dtype."""
    if dtype in ("int32", "int64") and WRAPPING.fullmatch(text):
        unsigned = re.sub(r"\b([xy])\b", rf"({_c_name('u' + dtype)})\1", text)
        if text == "-x":
            unsigned = f"0 - ({_c_name('u' + dtype)})x"
        return f"({_c_name(dtype)})({unsigned})"
    suffix = _suffix("float32" if dtype == "float16" else dtype)
    return re.sub(r"\b(ts_(?!make\b|magnitude\b)[a-z0-9_]+)\(", rf"\1_{suffix}(", text)


def _cast(old: str, new: str) -> str:
    if old == new:
        return "x"
    if new.startswith("complex"):
        real = "float" if new == "complex64" else "double"
        if old.startswith("complex"):
            return f"ts_make<{real}>(({real})x.re, ({real})x.im)"
        return f"ts_make<{real}>({_cast(old, 'float32' if real == 'float' else 'float64')}, 0)"
    if old.startswith("complex"):
        if new == "bool":
            return "(x.re != 0) | (x.im != 0)"
        inner = "float32" if old == "complex64" else "float64"
        return re.sub(r"\bx\b", "x.re", _cast(inner, new))
    if new == "float16":
        wide = "ts_odd_f32(x)" if old == "float64" else _cast(old, "float32")
        return f"ts_round_f16({wide})"
    if old == "float16":
        return _cast("float32", new)
    return f"ts_cast_{_suffix(old)}_{_suffix(new)}(x)"


def combining_text(role: str, dtype: str) -> str:
    """Return how two partial results of a reduction combine, as an expression of x and y.

    Examples
    --------
    >>> combining_text("max", "float64")
    'ts_max_f64(x, y)'
    """
    if role == "prod" and dtype.startswith("complex"):
        return "ts_product(x, y)"
    text = _bound(REDUCTIONS[role].combine, dtype)
    return f"ts_round_f16({text})" if dtype == "float16" else text


def neutral(role: str, dtype: str) -> str:
    """Return what changes nothing when combined: for sums of floats -0.0, not 0.0."""
    if dtype.startswith("complex"):
        real = "float" if dtype == "complex64" else "double"
        return f"ts_make<{real}>(1, 0)" if role == "prod" else f"ts_make<{real}>(-0.0f, -0.0f)"
    floating = dtype.startswith("float")
    if role == "sum":
        return "-0.0f" if floating else "0"
    if role in ("prod", "all"):
        return "1"
    if role == "any" or dtype == "bool":
        return "0" if role in ("any", "max") else "1"
    if floating:
        infinity = f"ts_inf_{'f64' if dtype == 'float64' else 'f32'}()"
        return f"-{infinity}" if role == "max" else infinity
    bits = int(dtype.lstrip("uint"))
    signed = dtype.startswith("int")
    low = f"(-{2 ** (bits - 1) - 1}LL - 1)" if signed else "0"
    high = f"{2 ** (bits - signed) - 1}{'LL' if signed else 'ULL'}"
    return f"({_c_name(dtype)}){low if role == 'max' else high}"


def _suffix(dtype: str) -> str:
    name = dtype.rstrip("0123456789")
    return LETTERS[name] + dtype[len(name) :]


def _c_name(dtype: str) -> str:
    return f"ts_{_suffix(dtype)}"


def storage_type(dtype: str) -> str:
    """Return the type of a dtype in memory.

    Examples
    --------
    >>> storage_type("float16"), storage_type("complex64")
    ('ts_f16', 'ts_c64')
    """
    return _c_name(dtype)


def value_type(dtype: str) -> str:
    """Return the type of a dtype in a register: half precision is single there."""
    return "ts_f32" if dtype == "float16" else _c_name(dtype)


def load(text: str, dtype: str) -> str:
    """Return the value of something in memory."""
    return f"ts_load_f16({text})" if dtype == "float16" else text


def store(text: str, dtype: str) -> str:
    """Return what a value is in memory."""
    return f"ts_store_f16({text})" if dtype == "float16" else text
