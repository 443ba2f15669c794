"""explain tells what becomes of an expression, and reads nothing but expressions."""

import subprocess
import sys

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym.errors import TensorSymError
from tensorsym.explain import ExpressionError, explain, read_expression, record_text, rules_text
from tensorsym.explain.__main__ import main
from tensorsym.explain.expression import type_named
from tensorsym.explain.unfused import unfused
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.text import graph_text
from tensorsym.language.elementwise import OPS
from tensorsym.language.reduction import REDUCTIONS
from tensorsym.printing import formula
from tensorsym.rewrite import REWRITES
from tensorsym.schedule.plan import Kernel

VALUES = {"x": np.array([0.3, -1.2, 2.0]), "y": np.array([1.5, 0.7, -0.4])}


@pytest.mark.parametrize(
    "text",
    [
        "x + y * 2 - x / 4",
        "-x ** 2",
        "x // 0.5 % 3",
        "exp(x) / (1 + exp(x))",
        "where(x < y, x, y)",
        "abs(x - y)",
        "(x > 0) & ~(y == x)",
        "maximum(x, y).sum()",
        "x[1:] * y[::2][0]",
        "sum(x * y, axis=0)",
        "x[None, :] + y[:, None]",
        "sqrt(abs(x)) != inf",
        "sin(pi * x)",
    ],
)
def test_an_expression_means_what_it_means_in_numpy(text):
    expression, symbols = read_expression(text)
    value = expression.eval({symbol: VALUES[name] for name, symbol in symbols.items()})
    names = ["exp", "where", "abs", "maximum", "sum", "sqrt", "sin", "inf", "pi"]
    functions = {name: getattr(np, name) for name in names}
    np.testing.assert_allclose(value, eval(text, functions, VALUES), rtol=1e-14)


@pytest.mark.parametrize(
    "text", ["T.exp(x)", "np.exp(x)", "tensor.exp(x)", "exp(x)", "theano.tensor.exp(x)"]
)
def test_modules_before_functions_are_left_out(text):
    expression, symbols = read_expression(text)
    assert graph_text(expression) == graph_text(T.exp(T.vector()))
    assert list(symbols) == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "().__class__.__bases__",
        "(lambda: 1)()",
        "[a for a in x]",
        "x := 3",
        "x = 3",
        "f'{x}'",
        "open('file')",
        "x.tofile('file')",
        "x if y else x",
        "x and y",
        "x < y < x",
        "exp(*x)",
        "exp(**x)",
        "x._as_index",
        "x.owner",
        "os.getcwd()",
        "9 ** 9 ** 9",
        "1 << 100000",
        "",
        "x +",
        "import os",
        "'text'.upper()",
    ],
)
def test_what_is_no_expression_is_refused_and_not_run(text):
    with pytest.raises(TensorSymError):
        read_expression(text)


def test_a_refusal_shows_the_part_that_is_not_understood():
    with pytest.raises(ExpressionError, match="there is no function 'expp'") as caught:
        read_expression("1 + expp(x)")
    assert "got:      expp(x)" in str(caught.value)


def test_deep_expressions_need_no_recursion():
    expression, _ = read_expression("x" + " + x" * 400)
    assert graph_text(expression).count("add") == 400


@pytest.mark.parametrize(
    ("name", "dtype", "pattern"),
    [
        ("fmatrix", "float32", (False, False)),
        ("lscalar", "int64", ()),
        ("zrow", "complex128", (True, False)),
    ],
)
def test_kinds_are_named_as_theanos_constructors(name, dtype, pattern):
    assert (type_named(name).dtype, type_named(name).broadcastable) == (dtype, pattern)
    assert type_named("vector", "int8").dtype == "int8"
    with pytest.raises(ExpressionError, match="no kind of tensor 'quaternion'"):
        type_named("quaternion")


def test_softplus_is_found_and_its_reasons_are_told():
    explanation = explain("log(1 + exp(x))")
    assert explanation.formulas == ("log(1 + exp(x))",)
    assert explanation.rewritten == ("softplus(x)",)
    fired = {firing.name: firing.why for firing in explanation.report.firings}
    assert "1 + x drops the low digits of x" in fired["log1p"]
    assert "overflows" in fired["softplus"]
    text = str(explanation)
    for title in (
        "Typed graph",
        "Rewrites",
        "After rewriting",
        "Plan",
        "Tile programs",
        "Not fused",
    ):
        assert f"\n{title}\n" in text
    assert "why: 1 + x drops the low digits of x" in text


def test_there_is_a_program_per_kernel():
    explanation = explain("exp(x - max(x)) / exp(x - max(x)).sum()")
    kernels = [i for i in explanation.plan.instructions if isinstance(i, Kernel)]
    assert len(explanation.programs) == len(kernels) > 1


def test_the_gradient_is_explained_instead_where_asked_for():
    explanation = explain("x ** 3", rank="scalar", wrt="x")
    x = T.scalar("x")
    rebuilt, symbols = read_expression(explanation.rewritten[0], default=type_named("scalar"))
    assert float(rebuilt.eval({symbols["x"]: 2.0})) == pytest.approx(12.0)
    assert explain(T.exp(x), wrt=x).rewritten == ("exp(x)",)
    with pytest.raises(ExpressionError, match="no symbol 'y'"):
        explain("x ** 3", wrt="y")


def test_types_of_symbols_can_be_declared():
    explanation = explain("x + y", ranks={"x": "fmatrix"}, dtype="int8", rank="row")
    assert "%0 = input : float32[?,?]  # x" in explanation.graph
    assert "%1 = input : int8[1,?]  # y" in explanation.graph


def test_a_compiled_function_is_explained_with_its_updates_and_mode():
    x, s = T.dvector("x"), tensorsym.shared(np.zeros(3), "s")
    make = {"outputs": T.log(1 + x), "updates": {s: s + x}, "inputs": [x]}
    explanation = explain(tensorsym.function(**make))
    assert len(explanation.formulas) == 2
    assert explanation.report.fired("log1p")
    assert not explain(tensorsym.function(mode="reference", **make)).report.fired("log1p")


def graph(make, *inputs):
    return FunctionGraph(list(inputs), [make(*inputs)])


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda x: T.exp(x - T.exp(x).sum()), "needs all elements before the first result"),
        (lambda x: T.exp(T.dot(x, x)), "an instruction of its own"),
        (lambda x: T.exp(x[::2]), "a view, which moves no data"),
        (lambda x: T.cast(x, "complex64") * 2, "kernels do not compute in complex64"),
    ],
)
def test_what_is_not_fused_is_told_with_its_reason(make, why):
    assert any(why in border.why for border in unfused(graph(make, T.dvector("x"))))


def test_a_full_kernel_says_so():
    def long(x):
        for _ in range(100):
            x = T.tanh(x)
        return x

    assert any(
        "the kernel is full" in border.why for border in unfused(graph(long, T.dvector("x")))
    )


def test_one_kernel_leaves_nothing_to_tell():
    assert unfused(graph(lambda x: T.exp(x) * x + 1, T.dscalar("x"))) == ()


@pytest.mark.parametrize("name", [*OPS, *REDUCTIONS])
def test_every_record_prints(name):
    text = record_text(name)
    assert text.startswith(f"{name}: ")
    assert "NumPy:" in text


def test_a_record_is_found_by_its_alias_and_shows_its_derivatives():
    assert record_text("reciprocal").startswith("inv: ")
    lines = record_text("mul").splitlines()
    assert [line.split()[-1] for line in lines if "d/d" in line] == ["y", "x"]
    with pytest.raises(ExpressionError, match="no elementwise op or reduction 'exponential'"):
        record_text("exponential")


def test_every_rewrite_stands_in_the_table():
    table = rules_text()
    for name in REWRITES:
        assert f"{name}: " in table


def test_rules_are_found_by_phase_tag_and_theanos_name():
    assert "log1p" in rules_text("stabilize")
    assert rules_text("local_log1p").startswith("log1p: ")
    with pytest.raises(ExpressionError, match="no rewrite has the phase"):
        rules_text("nothing")


def test_the_command_prints_what_the_function_returns(capsys):
    assert (
        main(
            ["log(1 + exp(x))", "--rank", "x:fmatrix", "--rank", "scalar", "--mode", "FAST_COMPILE"]
        )
        == 0
    )
    printed = capsys.readouterr().out
    expected = explain(
        "log(1 + exp(x))", ranks={"x": "fmatrix"}, rank="scalar", mode="FAST_COMPILE"
    )
    assert printed == f"{expected}\n"


def test_the_command_prints_records_and_rules(capsys):
    assert main(["--op", "erf", "--rules", "stabilize"]) == 0
    assert capsys.readouterr().out == f"{record_text('erf')}\n{rules_text('stabilize')}\n"


def test_the_command_says_in_words_what_it_can_not_read(capsys):
    assert main(["exp(x) if x else 1"]) == 2
    assert capsys.readouterr().err.startswith("ExpressionError: IfExp is no part of an expression")


def test_the_command_runs_as_a_module():
    command = [sys.executable, "-m", "tensorsym.explain", "exp(log(x))"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert done.stdout.startswith("Expression\n  exp(log(x))\n")


def test_a_formula_of_the_graph_can_be_read_again():
    text = "log(x + y) * exp(-x ** 2) + sum(x / (y + 1))"
    assert formula(read_expression(text)[0]) == text


def test_a_plan_for_a_gpu_shows_what_moves():
    plan = str(explain("exp(x) + sort(x)", device="cuda").plan)
    assert plan.count("transfer") == 3
    assert "to cuda" in plan
    assert "transfer" not in str(explain("exp(x) + sort(x)").plan)
