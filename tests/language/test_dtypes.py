"""dtypes of every elementwise op and reduction are Theano's, but where stated here."""

import importlib.util
import json
import pathlib

import numpy as np
import pytest

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.config import config
from tensorsym.errors import DTypeError
from tensorsym.language.dtypes import autocast, literals, upcast

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"


def loaded(name):
    """Import a module of tests/data/recorders by its path."""
    spec = importlib.util.spec_from_file_location(name, DATA / "recorders" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


outcome = loaded("outcome")
NAMES = outcome.namespace(theano, T)


def sweeps(file):
    """Return the sweeps over dtypes of a file, by group."""
    content = json.loads((DATA / f"{file}.json").read_text())
    found = {}
    for name, group in content["groups"].items():
        cases = [{**group["common"], **case} for case in group["cases"]]
        kept = [case for case in cases if outcome.is_sweep(case)]
        if kept:
            found[name] = kept
    return found


SWEEPS = {(f, g): c for f in ("elementwise_dtypes", "reductions") for g, c in sweeps(f).items()}

# Theano builds these of complex numbers, and of pairs without a common integer, but computes an
# order that complex numbers do not have, or fails when it runs; tensorsym refuses at once.
REFUSED = (
    "ComplexError",
    "DTypeError",
)
# Theano refuses these programs, tensorsym accepts them as NumPy does.
ACCEPTED = {
    "True": "a Python bool is a number, int8 as a constant",
    " & ": "bits of a bool and an integer combine",
    " | ": "bits of a bool and an integer combine",
    " ^ ": "bits of a bool and an integer combine",
    "bitwise_": "bits of a bool and an integer combine",
    "and_": "bits of a bool and an integer combine",
    "or_": "bits of a bool and an integer combine",
    "xor": "bits of a bool and an integer combine",
    "round": "integers can be rounded",
    "norm(0)": "the number of elements that are not 0",
    "constant(0)": "an axis may be a constant expression",
}
# Theano accumulates float32 in float64; ours are summed in a fixed tree (numeric contract, N23).
ACCUMULATORS = "op.acc_dtype"


def fault(single, word):
    """Return how one answer differs from Theano's, empty where it agrees or differs on purpose."""
    got = outcome.observe(single, NAMES)
    answer = outcome.word(got)
    raised = [got["error"], *got["bases"]] if isinstance(got, dict) and "error" in got else []
    if word == answer or word in raised:
        return ""
    code = single["code"]
    wanted_error = word.endswith("Error")
    if wanted_error and not raised and any(text in code for text in ACCEPTED):
        return ""
    if raised and wanted_error and "True" in code:
        return ""
    complex_or_mixed = "complex" in single["vars"] or "uint64" in single["vars"]
    if not wanted_error and complex_or_mixed and any(name in raised for name in REFUSED):
        return ""
    if ACCUMULATORS in code and (word, answer) in {("f8", "f4"), ("c16", "c8")}:
        return ""
    return f"{single['vars']} {code} {single.get('flags', '')}: expected {word}, got {answer}"


@pytest.mark.parametrize(
    ("file", "group"), list(SWEEPS), ids=[f"{f}-{g}".replace(" ", "_") for f, g in SWEEPS]
)
def test_result_dtypes_are_those_recorded_from_theano(file, group):
    wrong = []
    for case in SWEEPS[file, group]:
        singles, words = outcome.singles(case, {}), case["out"].split()
        assert len(singles) == len(words)
        wrong += [text for text in map(fault, singles, words) if text]
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(0, "int8"), (-129, "int16"), (2**31, "int64"), (2**63, "uint64"), (0.5, "float32"),
     (0.1, "float64"), (1e300, "float64"), (float("inf"), "float32"), (float("nan"), "float64"),
     (1j, "complex128"), (True, "int8")],
)  # fmt: skip
def test_python_numbers_take_the_smallest_dtype_that_holds_them(value, dtype):
    assert autocast(value).dtype == dtype


def test_floats_take_floatx_where_it_is_smaller():
    with config.scope(floatX="float32"):
        assert autocast(0.1).dtype == "float32"


def test_an_integer_beyond_64_bits_is_refused_as_theano_does():
    with pytest.raises(OverflowError, match="does not fit any dtype"):
        autocast(2**64)
    with pytest.raises(DTypeError):
        autocast(-(2**63) - 1)


def test_floats_in_a_derivative_take_the_dtype_derived():
    with literals("complex64"):
        assert autocast(0.1).dtype == np.float32
    assert autocast(0.1).dtype == np.float64


def test_promotion_goes_pair_by_pair():
    assert upcast("int8", "uint16", "float32") == "float64"
    assert np.result_type("i1", "u2", "f4") == np.float32


def test_promotion_stays_at_floatx_if_asked():
    with config.scope(floatX="float32", cast_policy="numpy+floatX"):
        assert upcast("int64", "float32") == "float32"
        assert upcast("int64", "float64") == "float64"
    assert upcast("int64", "float32") == "float64"
