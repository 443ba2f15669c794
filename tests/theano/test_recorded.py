"""Theano 1.0.5's recorded answers, asked again of tensorsym.

`tests/data/*.json` hold small Theano programs and what Theano answered; the script
`tests/data/record_theano.py` made them and says how. Every group of questions is one test. Where
tensorsym answers otherwise on purpose, the program stands in one of the two tables below, with the
reason and our own answer.
"""

from __future__ import annotations

import importlib.util
import json
import pathlib

import numpy as np
import pytest
import tensorsym as theano
import tensorsym.tensor as T  # noqa: N812 -- the name every Theano program uses

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
FILES = [
    "elementwise_dtypes",
    "reductions",
    "constants",
    "shapes",
    "filtering",
    "errors",
    "values",
    "gradients",
    "functions",
]

# Theano refuses these programs; tensorsym accepts them, as NumPy or Python does.
SUPERSET = {
    **{
        f"x[{index}]": "an index may name fewer dimensions than there are, newaxis or not"
        for index in ("None", "0, None", "None, v")
    },
    "m[:, None]": "an index with newaxis need not cover every dimension",
    "x[True]": "a Python bool is a mask of rank 0, as in NumPy",
    "x[False]": "a Python bool is a mask of rank 0, as in NumPy",
    "x[None, True]": "a Python bool is a mask of rank 0, as in NumPy",
    "x[[True, False]]": "a list of bools is a mask, as in NumPy",
    "v @ v": "the matrix product has its operator since Python 3.5",
    "round(x)": "Python's rounding protocol",
    "T.grad(T.real(z), z)": "complex variables have gradients",
    "function([z], T.grad(T.real(z) ** 2, z))(1 + 2j)": "complex variables have gradients",
    "function([z], T.grad(abs(z), z))(3 + 4j)": "complex variables have gradients",
    "function([x, y], T.grad(T.real(T.complex(x, y) ** 2), [x, y]))(1, 2)": "so have their parts",
    **{
        f"function([v], T.grad(T.{name}(v).sum(), v))"
        "([-2.5, -1, -.5, -0., 0, .25, .5, 1, 1.5, 3])": "Theano has no gradient of it"
        for name in ("conj", "real", "tri_gamma", "nnet.ultra_fast_sigmoid")
    },
    **{
        f"function([v, w], theano.Rop(T.{name}(v), v, w))"
        "([-2.5, -1, -.5, -0., 0, .25, .5, 1, 1.5, 3], 2 * np.ones(10))": (
            "Theano has no gradient of it"
        )
        for name in ("conj", "tri_gamma", "nnet.ultra_fast_sigmoid")
    },
}
# Theano fails here by accident, with a class that says nothing; ours says what is wrong.
BETTER_ERRORS = {
    "f = function([x, y], x + y); f(None, 2)": ("TypeError", "None is no value of a tensor"),
    "f = function([v], v); f(np.array([1, None]))": ("TypeError", "an object array is no tensor"),
    "In(3)": ("TypeError", "an input must be a Variable"),
    "x.eval(3)": ("TypeError", "eval takes a dict of values"),
    "T.grad(3, x)": ("TypeError", "the cost must be a Variable"),
    "T.grad(T.zscalar(), x)": ("TypeError", "the cost must be real"),
    "T.grad('a', x)": ("TypeError", "the cost must be a Variable"),
    "T.grad(x, x, known_grads=[(x, y)])": ("TypeError", "known_grads must be a dict"),
}
# As arguments Theano refuses these with whatever class NumPy or int() happened to raise; ours is a TypeError like
# that of every other value that does not fit. Where conversion was allowed the numeric contract (N6) defines it.
ACCIDENTAL_VALUES = {
    "float('nan')": "int() raises ValueError",
    "1e300": "int() raises OverflowError",
    "np.array(['a'])": "a class that NumPy keeps private",
    "np.ma.array([1., 2.], mask=[0, 1])": "Theano reads what is masked; ours asks to fill it first",
    "object()": "bool(object()) is true for NumPy; an object is no tensor",
}


def loaded(name):
    """Import a module of tests/data/recorders by its path."""
    spec = importlib.util.spec_from_file_location(name, DATA / "recorders" / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recorded(file):
    """Return the header's lists and the groups of one file, every case complete."""
    content = json.loads((DATA / (file + ".json")).read_text())
    groups = {
        name: [{**group["common"], **case} for case in group["cases"]]
        for name, group in content["groups"].items()
    }
    return content["header"].get("lists", {}), groups


outcome = loaded("outcome")
NAMES = outcome.namespace(theano, T)
RECORDS = {file: recorded(file) for file in FILES}
GROUPS = [(file, group) for file in FILES for group in RECORDS[file][1]]
CASES = [case for _, groups in RECORDS.values() for cases in groups.values() for case in cases]


@pytest.mark.parametrize(
    ("file", "group"), GROUPS, ids=[(f + "-" + g).replace(" ", "_") for f, g in GROUPS]
)
def test_answers_are_those_recorded_from_theano(file, group):
    lists, groups = RECORDS[file]
    wrong = [said(case, text) for case in groups[group] for text in faults(case, lists) if text]
    assert not wrong, f"{len(wrong)} answers differ\n" + "\n".join(wrong[:25])


@pytest.mark.parametrize("code", [*SUPERSET, *BETTER_ERRORS])
def test_every_deliberate_difference_was_an_error_in_theano(code):
    answers = [case["expect"] for case in CASES if case["code"] == code]
    assert any(isinstance(answer, dict) and "error" in answer for answer in answers)


def said(case, text):
    """Write one disagreement down so that the program can be pasted and run."""
    where = " ".join(f"{name}={value}" for name, value in case.get("flags", {}).items())
    return f"[{case.get('vars', '')} {where}] {case['code']}\n    {text}"


def faults(case, lists):
    """Return how the answers to a case differ from those recorded; empty texts where they agree."""
    if outcome.is_sweep(case):
        singles, words = outcome.singles(case, lists), case["out"].split()
        assert len(singles) == len(words)
        return list(map(fault_of_word, singles, words))
    got = outcome.observe(case, NAMES)
    if case["code"] in BETTER_ERRORS:
        expected = {"error": BETTER_ERRORS[case["code"]][0], "message": "ours"}
        return [outcome.difference(expected, got)]
    if case["code"] in SUPERSET and "error" in case["expect"]:
        return [fault_of_superset(case, got)]
    # where only one of Theano's ways dies, the other is the answer
    others = [also for also in case.get("also", {}).values() if not died(also)]
    answers = [case["expect"], *others]
    texts = [outcome.difference(answer, got) for answer in answers]
    return [texts[0] if all(texts) else ""]


def died(answer):
    """Tell whether Theano's process was killed by the program."""
    return isinstance(answer, dict) and answer.get("error") == "crash"


def fault_of_word(single, word):
    """Compare one answer of a sweep with its recorded word."""
    got = outcome.observe(single, NAMES)
    raised = [got["error"], *got["bases"]] if isinstance(got, dict) and "error" in got else []
    if any(f"({value})" in single["code"] for value in ACCIDENTAL_VALUES):
        allowed = "allow_downcast=True" in single["code"]
        return "" if "TypeError" in raised or allowed else f"{single['code']}: got {got}"
    if word == outcome.word(got) or word in raised:
        return ""
    return f"{single.get('vars')} {single['code']}: expected {word}, got {got}"


def fault_of_superset(case, got):
    """Demand that a program Theano refuses is accepted, unless NumPy refuses its index too."""
    if not (isinstance(got, dict) and "error" in got) or numpy_refuses(case):
        return ""
    return f"expected to be accepted, got {got}"


def numpy_refuses(case):
    """Tell whether NumPy has no meaning for the index expression of a case."""
    scope = {}
    for part in case["vars"].split():
        name, spec = part.split("=")
        dtype, pattern = outcome.type_of(spec)
        scope[name] = np.ones([1 if flag else 2 for flag in pattern], dtype)
    try:
        eval(case["code"], scope)
    except (IndexError, TypeError):
        return True
    return False
