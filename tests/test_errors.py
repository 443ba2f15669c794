"""Errors speak the user's language, and the pages made from them are up to date."""

import pickle

import numpy as np
import pytest
import write_docs

import tensorsym.tensor as T
from tensorsym import errors, function
from tensorsym.errors import DTypeError, ShapeError, TensorSymError

CLASSES = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_answers_the_same_questions_in_the_same_order(cls):
    error = cls("it is wrong", got="a", expected="b", origin=(("model.py", 41),), hint="do c")
    assert str(error).splitlines() == [
        "it is wrong",
        "  got:      a",
        "  expected: b",
        "  built at: model.py:41",
        "  hint:     do c",
        f"  docs:     docs/errors.md#{cls.__name__.lower()}",
    ]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_is_a_tensorsym_error_and_pickles(cls):
    error = pickle.loads(pickle.dumps(cls("it is wrong", hint="do c")))
    assert isinstance(error, TensorSymError)
    assert type(error) is cls
    assert "do c" in str(error)


@pytest.mark.parametrize("page", write_docs.PAGES)
def test_pages_made_from_the_package_are_up_to_date(page):
    assert (write_docs.DOCS / page).read_text() == write_docs.PAGES[page]()


def test_a_dtype_error_names_the_operand():
    z = T.zmatrix("z")
    with pytest.raises(DTypeError, match="z of complex128"):
        T.invert(z)


def test_a_build_time_shape_error_shows_operands_and_the_users_line():
    a = T.tensor("float64", shape=(3,), name="a")
    b = T.tensor("float64", shape=(4,), name="b")
    with pytest.raises(ShapeError, match=r"a of shape \(3,\), b of shape \(4,\)"):
        a + b


def test_a_run_time_error_shows_the_line_that_built_the_expression():
    x, y = T.dvectors("x", "y")
    total = x * y  # this line is shown
    f = function([x, y], total)
    with pytest.raises(ShapeError, match=r"total = x \* y  # this line is shown"):
        f(np.ones(2), np.ones(3))
