"""Where tensorsym answers otherwise than Theano 1.0.5 on purpose: which programs, why, and how.

A row names programs by a regular expression that the whole program matches. It is asked only where
the answers really differ, and the replay demands our documented answer in its place. The first row
that fits counts, so rows about one program stand before rows about a class of answers.
"""

# ruff: noqa: E501
# (a regular expression for a program is one line, however long)

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

__all__ = ["DIFFERENCES", "Difference"]

# A refusal is one of these; other classes say that something inside broke.
DOCUMENTED = frozenset(("TensorSymError", "TypeError", "ValueError", "IndexError", "OverflowError"))
ACCEPTED, REFUSED, AS_NUMPY = "accepted", "refused", "as NumPy"


@dataclass(frozen=True)
class Difference:
    """A kind of program that is answered otherwise.

    Attributes
    ----------
    code : str
        Regular expression for the program.
    theano : str
        Theano's answer: names of error classes joined by '|', 'accepted', or '*' for any.
    ours : str, dict, int or callable
        Ours: names of error classes joined by '|'; 'accepted'; 'refused' for any documented error;
        'as NumPy' for an index that is accepted if NumPy accepts it; the recorded form of a value,
        or what makes it from the program; or how many elements of an array may differ.
    why : str
        The reason.
    variables : str
        Regular expression for the declarations of the program's variables.
    """

    code: str
    theano: str
    ours: Any
    why: str
    variables: str = ".*"

    def applies(self, case: dict[str, Any], answer: Any) -> bool:
        """Tell whether the row is about a program and Theano's answer to it."""
        error = error_of(answer)
        if self.theano != "*" and (error or ACCEPTED) not in self.theano.split("|"):
            return False
        return bool(
            re.fullmatch(self.code, case["code"], re.DOTALL)
            and re.fullmatch(self.variables, case.get("vars", ""))
        )

    def is_met_by(self, got: Any, numpy_refuses: bool) -> bool:
        """Tell whether `got` is our documented answer; values are compared by the caller."""
        raised = (
            {got["error"], *got["bases"]} if isinstance(got, dict) and "error" in got else set()
        )
        if self.ours == AS_NUMPY:
            return not raised or numpy_refuses
        if not raised:
            return ACCEPTED in self.ours.split("|")
        if self.ours == REFUSED:
            return bool(raised & DOCUMENTED)
        return bool(raised & set(self.ours.split("|")))


def error_of(answer: Any) -> str | None:
    """Return the class of a recorded error, or None; in a sweep an answer is one word."""
    if isinstance(answer, dict) and "error" in answer:
        return str(answer["error"])
    words = ("Error", "Exception", "MethodNotDefined")
    return answer if isinstance(answer, str) and answer.endswith(words) else None


def array(dtype: str, *values: Any, shape: list[int] | None = None) -> dict[str, Any]:
    """Return the recorded form of an array; without `shape` one of rank 0."""
    return {"dtype": dtype, "shape": shape or [], "values": list(values)}


POINTS = r"\(\[-2\.5, -1, -\.5, -0\., 0, \.25, \.5, 1, 1\.5, 3\]"
NO_ORDER = (
    r"x (//|%|<|<=|>|>=) .*|.* (//|%|<|<=|>|>=) x|T\.(arctan2|chi2sf|floor_div|int_div|mod|maximum|minimum|ge|gt"
    r"|le|lt|gamma(inc|incc|l|u)|[ij]v|[ij][01]|tri_gamma|max|argmax|max_and_argmax)\(.*|x\.(max|argmax)\(\)"
    r"|T\.nnet\.(ultra_fast_sigmoid|relu|elu|selu)\(.*"
)

SUPERSETS = [
    Difference(r"function\(\[x\], T\.grad\(.*pad=\(1, 2\), mode='average_exc_pad'.*",
               "NotImplementedError", ACCEPTED, "averages without padding have a gradient"),
    Difference(r"x\[(None|0, None|None, v)\]|m\[:, None\]", "*", AS_NUMPY,
               "an index may name fewer dimensions than there are, newaxis or not"),
    Difference(r"v @ v", "TypeError", ACCEPTED, "the matrix product has its operator"),
    Difference(r"x @ y",
               "TypeError", "ShapeError", "the matrix product has its operator, no scalars"),
    Difference(r"round\(x\)", "TypeError", ACCEPTED, "Python's rounding protocol"),
    Difference(r"n (<<|>>) 1", "TypeError", ACCEPTED, "shifts have their operators"),
    Difference(r"T\.exp\(v, name='e'\)\.name", "TypeError", ACCEPTED, "results can be named"),
    Difference(r"x [&|^] True|True [&|^] x", "AsTensorError", "DTypeError",
               "bit operators are for bools and integers, and uint64 has none in common with int8",
               r"x=(float|complex|uint64).*"),
    Difference(r"x (<|>=) True|True (//|%|<|>=) x", "AsTensorError", "ComplexError",
               "complex numbers have no order", r"x=complex.*"),
    Difference(r".* True|True .*|.*\((True|False)\)\)?", "TypeError|AsTensorError", ACCEPTED,
               "Python bools are constants: int8, as other small Python integers are"),
    Difference(r"x [&|^] 1|1 [&|^] x",
               "TypeError", ACCEPTED, "bools and integers mix", "x=bool:.*"),
    Difference(r"T\.(and_|or_|xor|bitwise_\w+)\(x, y\)|x [&|^] y", "TypeError", ACCEPTED,
               "bools and integers mix"),
    Difference(r"T\.(i?round|round_half_\w+)\(x\)|x\.round\(\)", "TypeError", ACCEPTED,
               "integers are rounded to themselves, as floats"),
    Difference(r"T\.(sgn|deg2rad|rad2deg|gammaln)\(x\)", "TypeError", ACCEPTED,
               "defined for complex numbers", "x=complex.*"),
    Difference(r".*np\.(arange\(3, dtype='>i4'\)|ma\.array\(\[1, 2\]\)|matrix\(\[\[1, 2\]\]\)).*",
               "*", ACCEPTED,
               "arrays of another byte order, without masked elements, or of a subclass are arrays"),
    Difference(r"shared\(\(np\.bool_\(1\)\)\)", ACCEPTED, ACCEPTED, "a NumPy bool is a number"),
    Difference(r"T\.(constant|as_tensor_variable)\(.*, ndim=\d\)", "TypeError|AsTensorError",
               ACCEPTED, "dimensions of length 1 are added on the left"),
    Difference(r"T\.dscalar\(\)\.astype\(.*\)|T\.vector\(dtype=.*\)",
               "KeyError|TypeError", ACCEPTED,
               "a dtype may be given as NumPy takes it"),
    Difference(r"T\.(ones|zeros)\(.*\)|T\.[mo]grid\[.*\]", "TypeError", ACCEPTED,
               "one length, or one range, needs no tuple"),
    Difference(r".*\.take\(i, mode='(clip|wrap)'\).*|T\.take\(x, .*, mode='(clip|wrap)'\).*",
               "ValueError", ACCEPTED, "all modes work on vectors too"),
    Difference(r"theano\.gradient\.jacobian\(v, v\)", "UnusedInputError", ACCEPTED,
               "the Jacobian of a variable by itself is the identity"),
    Difference(r"T\.grad\(T\.real\(z\), z\)|function\(\[.*\], T\.grad\((T\.real\(|abs\(z\)).*", "*",
               ACCEPTED, "complex variables have gradients, and so have their parts"),
    Difference(r"function\(\[v\], T\.grad\(T\.(conj|real|tri_gamma|nnet\.ultra_fast_sigmoid)\(v\).*"
               + POINTS + r"\)", "*", ACCEPTED, "Theano has no gradient of it"),
    Difference(r"function\(\[v, w\], theano\.Rop\(T\.(conj|tri_gamma|nnet\.ultra_fast_sigmoid)\(v\).*",
               "*", ACCEPTED, "Theano has no gradient of it"),
    Difference(r"g = function\(\[f?\], x \* 2, givens=\{x: (T\.constant\(3\.\)|f)\}\); g\(1?\)",
               "TypeError", ACCEPTED,
               "a given of a dtype that the other holds is cast"),
    Difference(r".*output_subset=\[(0|1|'b')?\].*", "TypeError", ACCEPTED,
               "subsets of outputs can be asked whatever runs the function"),
]  # fmt: skip

STRICTER = [
    Difference(NO_ORDER, ACCEPTED, "ComplexError",
               "complex numbers have no order; Theano builds it, and NumPy orders by parts or fails", ".*complex.*"),
    Difference(r"T\.(and_|or_|xor|bitwise_\w+)\(x, y\)|x [&|^] [y1]|1 [&|^] x",
               ACCEPTED, "DTypeError",
               "no integer dtype holds uint64 and a signed one; Theano takes float64, which has no bits"),
    Difference(r"T\.zscalar\(\) (<|//) 1",
               ACCEPTED, "ComplexError", "complex numbers have no order"),
    Difference(r"function\(\[In\(x, allow_downcast=True\)\], x\)\((1j|'a'|\['a'\]|\[\[1\], \[2, 3\]\])\)\.dtype\.name",
               ACCEPTED, "DTypeError", "bool() of anything is no conversion of a number", "x=bool:.*"),
    Difference(r".*\(object\(\)\)\.dtype\.name", "*", "TypeError", "an object is no number"),
    Difference(r".*np\.ma\.array\(\[1\., 2\.\], mask=\[0, 1\]\).*", "*", "TypeError",
               "masked elements have no value; Theano reads what the mask hides"),
    Difference(r"function\(\[v, w\], v \+ w\)\(\[\], \[1\]\)", ACCEPTED, "ShapeError",
               "a length of 1 broadcasts only where the type says so; Theano leaves it to NumPy here"),
    Difference(r"function\(\[v, n\], v\.reshape\(\(n, 1\)\)\)\(np\.ones\(4\), -2\)",
               ACCEPTED, "ShapeError",
               "only -1 stands for the length that is left; NumPy 1.19 took any negative number"),
    Difference(r"function\(\[m, i\], T\.nnet\.categorical_crossentropy\(m, i\)\).*\[0, -1\]\)",
               ACCEPTED, "LabelError", "a class number is not negative"),
    Difference(r"theano\.compile\.mode\.get_mode\(3\)", ACCEPTED, "ValueError", "3 is no mode"),
]  # fmt: skip

OTHER_VALUES = [
    Difference(r"function\(\[f, x\], f // x\)\(1, 0\)", ACCEPTED, array("f8", "inf"),
               "floor(1/0) is inf since NumPy 1.20"),
    Difference(r"function\(\[x, y\], x \*\* y\)\([02], -1\)", "ValueError", array("i4", 0),
               "a negative integer power is the real power truncated (N4)"),
    Difference(r"function\(\[x, y\], T\.grad\(x % y, \[x, y\], .*\)\)\(\*\(1\., 0\.\)\)", ACCEPTED,
               {"list": [array("f8", 1), array("f8", "-inf")]}, "floor(1/0) is inf since NumPy 1.20"),
    Difference(r"function\(\[v\], T\.grad\(T\.gamma\(v\)\.sum\(\), v\)\).*", ACCEPTED, 1,
               "gamma(-0.0) is -inf in newer SciPy and in C"),
    Difference(r"function\(\[v, w\], theano\.Rop\(T\.gamma\(v\), v, w\)\).*", ACCEPTED, 1,
               "gamma(-0.0) is -inf in newer SciPy and in C"),
    Difference(r"function\(\[v, w\], theano\.Rop\(T\.real\(v\), v, w\)\).*", ACCEPTED, ACCEPTED,
               "the tangent of a real vector is real; Theano's is complex"),
    Difference(r".*T\.grad\(T\.nnet\.(binary_crossentropy\(T\.nnet\.sigmoid\(v\), w\)|sigmoid_binary_"
               r"crossentropy\(v, w\))\.mean\(\), v\)\).*", ACCEPTED,
               array("f8", 1.4161180850971963e-18, -1 / 6, 1 / 3, shape=[3]),
               "sigmoid(-40) is 4.2e-18; Theano cuts it to 0"),
    Difference(r"function\(\[v\], T\.grad\(T\.switch\(v > 0, T\.log\(v\), 0\)\.sum\(\), v\)\).*",
               ACCEPTED,
               array("f8", "nan", 0.5, "-0.0", shape=[3]), "0 / -1 is a negative zero"),
    Difference(r".*\.copy\(.*", ACCEPTED, ACCEPTED,
               "a copy returns its outputs in the form of the original; Theano's in a list"),
    Difference(r"g = function\(\[In\(x, value=2\.\)\], x\); \[g\(\), g\(None\)\]", ACCEPTED,
               {"list": [array("f8", 2), array("f8", 2)]}, "None asks for the default"),
    Difference(r"a = np\.ones\(2\); r = .*Out\(v, borrow=True\)\)\(a\); r is a", ACCEPTED, ACCEPTED,
               "borrow permits sharing and never requires it (M6)"),
    Difference(r"Out\(3\)|str\(x \+ 1\)",
               ACCEPTED, ACCEPTED, "names of classes and nodes are our own"),
]  # fmt: skip

# Theano fails here by accident, or with a class that says nothing; ours says what is wrong.
BETTER_ERRORS = [
    Difference(r"T\.grad\(T\.zscalar\(\), x\)", "*", "TypeError", "the cost must be real"),
    Difference(r"x\.eval\(3\)|T\.grad\((3|'a'), x\)|T\.grad\(x, x, known_grads=\[.*\]\)|In\(3\)",
               "*",
               "TypeError", "the argument is no variable, or no dict of them"),
    Difference(r"f = function\(\[(v|x, y)\], (v|x \+ y)\); f\((None, 2|np\.array\(\[1, None\]\))\)",
               "*",
               "TypeError", "None is no value of a tensor"),
    Difference(r".*np\.datetime64\('2000'\).*|.*np\.zeros\(2, 'i4,f8'\).*",
               "UFuncTypeError|ValueError",
               "AsTensorError", "dates and records are no numbers"),
    Difference(r".*output_subset=\[(5|'c')\].*", "TypeError|ValueError", "BindingError",
               "there is no such output"),
    Difference(r"theano\.grad\(T\.(gammainc\(x, y\), x|chi2sf\(x, y\), y)\)", "MethodNotDefined",
               "NullTypeGradError", "the derivative by one operand is known, by the other it is not"),
    Difference(r"theano\.grad\(T\.nonzero\(v\)\[0\]\.sum\(\), v\)", "NullTypeGradError",
               "DisconnectedInputError", "positions are integers: nothing flows back through them"),
    Difference(r"function\(\[m, i\], T\.nnet\.categorical_crossentropy\(m, i\)\).*\[0\]\)",
               "IndexError",
               "ValueError", "there must be a class number per row"),
    Difference(r"s = .*updates=\[\(s, 'a'\)\]\)", "ValueError", "TypeError",
               "an update must have the type of the shared variable"),
    Difference(r"s = shared\(1\.\); s\.value", "Exception", "AttributeError",
               "the message names get_value and set_value; hasattr works"),
    Difference(r"function\(\[In\(x, allow_downcast=True\)\], x\)\((float\('nan'\)|1e300)\).*",
               "ValueError|OverflowError", ACCEPTED, "NaN is cast to 0, and large values to the bound (N6)",
               r"x=\w+:"),
    Difference(r"function\(\[In\(x, allow_downcast=\w+\)\], x\)\((float\('nan'\)|1e300|np\.array\(\['a'\]\))\).*",
               "ValueError|OverflowError|_UFuncNoLoopError|UFuncTypeError", "TypeError",
               "the value does not fit the type, as others do not; int() fails with classes of its own"),
    Difference(r"T\.nnet\.abstract_conv\.conv2d_grad_wrt_inputs\(x, w, \(2, 3, 4\)\)", "IndexError",
               "ValueError", "a shape of three lengths is none of an image"),
    Difference(r".*", "AsTensorError", "TypeError",
               "a TypeError as Theano's class is; Python's own where another operand may know better"),
    Difference(r".*", "AssertionError|Exception|KeyError|RecursionError|UFuncTypeError", REFUSED,
               "a failed assert, a lookup in a dict and the like say nothing about the program"),
]  # fmt: skip

DIFFERENCES = (*SUPERSETS, *STRICTER, *OTHER_VALUES, *BETTER_ERRORS)
