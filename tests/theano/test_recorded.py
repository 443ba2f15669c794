"""Theano 1.0.5's recorded answers, asked again of tensorsym.

`tests/data/*.json` hold small Theano programs and what Theano answered; the script
`tests/data/record_theano.py` made them and says how. Every group of questions is one test. Where
tensorsym answers otherwise on purpose, `differences.py` has a row with the reason and our answer.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import pathlib

import numpy as np
import pytest
from tests.theano.differences import AS_NUMPY, DIFFERENCES
from tests.theano.differences_of_types import DIFFERENCES_OF_TYPES, knows_more, wrong_lengths
from tests.theano.differences_of_values import DIFFERENCES_OF_VALUES

import tensorsym as theano
import tensorsym.tensor as T

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
    "convolution",
    "checks",
]


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
LISTS = {file: recorded(file)[0] for file in FILES}
RECORDS = {file: recorded(file)[1] for file in FILES}
ROWS = (*DIFFERENCES_OF_VALUES, *DIFFERENCES_OF_TYPES, *DIFFERENCES)
GROUPS = [(file, group) for file in FILES for group in RECORDS[file]]


@pytest.mark.parametrize(
    ("file", "group"), GROUPS, ids=[(f + "-" + g).replace(" ", "_") for f, g in GROUPS]
)
def test_answers_are_those_recorded_from_theano(file, group):
    cases, lists = RECORDS[file][group], LISTS[file]
    wrong = [said(case, text) for case in cases for text in faults(case, lists) if text]
    assert not wrong, f"{len(wrong)} answers differ\n" + "\n".join(wrong[:25])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.why.replace(" ", "_")[:60])
def test_every_deliberate_difference_is_one(row):
    assert any(
        row_of(single, answers[0]) is row and differs(single, answers)
        for single, answers in questions(row)
    )


def questions(row):
    """Yield the programs, with Theano's answers, that a row could be about."""
    for file, groups in RECORDS.items():
        lists = LISTS[file]
        for case in itertools.chain.from_iterable(groups.values()):
            for single, answers in asked(case, lists):
                if row.applies(single, answers[0]):
                    yield single, answers


def asked(case, lists):
    """Return the single programs of a case, each with the answers Theano gives in its ways."""
    if outcome.is_sweep(case):
        singles, words = outcome.singles(case, lists), case["out"].split()
        return [(single, [word]) for single, word in zip(singles, words, strict=True)]
    # where only one of Theano's ways dies, the other is the answer
    others = [also for also in case.get("also", {}).values() if not died(also)]
    return [(case, [case["expect"], *others])]


def differs(single, answers):
    """Tell whether ours is none of Theano's answers."""
    return all(disagreement(answer, outcome.observe(single, NAMES)) for answer in answers)


def said(case, text):
    """Write one disagreement down so that the program can be pasted and run."""
    where = " ".join(f"{name}={value}" for name, value in case.get("flags", {}).items())
    return f"[{case.get('vars', '')} {where}] {case['code']}\n    {text}"


def faults(case, lists):
    """Return how the answers to a case differ from those wanted; empty texts where they agree."""
    return [fault(single, answers) for single, answers in asked(case, lists)]


def fault(single, answers):
    """Compare our answer with Theano's, or with our own where a row says that it is another."""
    got = outcome.observe(single, NAMES)
    texts = [disagreement(answer, got) for answer in answers]
    if not all(texts):
        return ""
    if knows_more(answers[0], got):
        return wrong_lengths(single, NAMES)
    row = row_of(single, answers[0])
    if row is None:
        return f"{single['vars']} {single['code']}: {texts[0]}" if "*" in single else texts[0]
    if isinstance(row.ours, int):
        count = min(elements_that_differ(answer, got) for answer in answers)
        return "" if count <= row.ours else f"{count} elements differ, {row.ours} may: {texts[0]}"
    if not isinstance(row.ours, str):
        return outcome.difference(row.ours(single) if callable(row.ours) else row.ours, got)
    if row.is_met_by(got, row.ours == AS_NUMPY and numpy_refuses(single)):
        return ""
    return f"expected {row.ours} ({row.why}), got {got}"


def elements_that_differ(answer, got):
    """Count the elements of two arrays that differ; infinite where dtype or shape do."""
    if not isinstance(got, dict) or any(
        answer.get(key) != got.get(key) for key in ("dtype", "shape")
    ):
        return float("inf")
    one = {"dtype": answer["dtype"], "shape": []}
    pairs = zip(answer["values"], got["values"], strict=True)
    return sum(
        bool(outcome.difference({**one, "values": [theirs]}, {**one, "values": [ours]}))
        for theirs, ours in pairs
    )


def row_of(single, answer):
    """Return the first row about a program and Theano's answer to it, or None."""
    return next((row for row in ROWS if row.applies(single, answer)), None)


def disagreement(answer, got):
    """Say how our answer differs from one of Theano's; in a sweep that is a word."""
    if not isinstance(answer, str) or answer == got:
        return outcome.difference(answer, got)
    raised = [got["error"], *got["bases"]] if isinstance(got, dict) and "error" in got else []
    return (
        "" if answer == outcome.word(got) or answer in raised else f"expected {answer}, got {got}"
    )


def died(answer):
    """Tell whether Theano's process was killed by the program."""
    return isinstance(answer, dict) and answer.get("error") == "crash"


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
