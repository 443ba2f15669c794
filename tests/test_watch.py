"""config.debug shows more the higher it is, and nothing at 0."""

import re

import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym.config import config
from tensorsym.extend import LISTENERS, announce


def compiled(level, capsys):
    """Return what is printed while a function is compiled at a level."""
    x = T.dvector("x")
    with config.scope(debug=level):
        tensorsym.function([x], T.log(1 + x), name="shown")
    return capsys.readouterr().err


def test_nothing_is_shown_at_level_0(capsys):
    assert compiled(0, capsys) == ""


def test_level_1_is_one_line_per_function(capsys):
    (line,) = compiled(1, capsys).splitlines()
    assert line.startswith("function 'shown': 3 -> 1 nodes")
    assert re.search(
        r" ms: collect [\d.]+, rewrite [\d.]+ \(canonicalize [\d.]+, .*, build [\d.]+$", line
    )


def test_level_3_shows_the_graph_around_each_phase(capsys):
    text = compiled(3, capsys)
    assert "stabilize, before:" in text
    after = text.partition("stabilize, after:")[2]
    assert "%1 = log1p(%0) : float64[?]" in after


def test_level_5_shows_every_rewrite_with_its_reason_and_place(capsys):
    text = compiled(5, capsys)
    (line,) = [line for line in text.splitlines() if line.startswith("stabilize: log1p: ")]
    assert "-> log1p(x)" in line
    assert "1 + x drops the low digits of x" in line
    assert "test_watch.py:" in line


def test_level_6_shows_births_deaths_takeovers_and_refusals(capsys):
    m = T.dmatrix("m")
    with config.scope(debug=6):
        tensorsym.function([m], T.tanh(T.dot(m, T.exp(m))))
    text = capsys.readouterr().err
    assert "birth    %1 float64[m.shape[0], m.shape[1]]: 8*m.shape[0]*m.shape[1] bytes" in text
    assert "refused  %1 over %0: it is not the call's own" in text
    assert "death    %1" in text
    assert "reuse    %3 float64[m.shape[0], m.shape[0]] lies over %2" in text


def test_level_2_tells_of_the_instructions_of_each_call(capsys):
    x = T.dvector("x")
    with config.scope(debug=2):
        f = tensorsym.function([x], T.exp(x), name="shown")
        capsys.readouterr()
        f([1.0, 2.0])
    head, line = capsys.readouterr().err.splitlines()
    assert head.startswith("function 'shown' called: ")
    assert re.search(
        r"kernel exp: [\d.]+ us, [\d.]+ GB/s, \d+% of peak  .*test_watch.py:\d+$", line
    )


@pytest.fixture
def heard():
    events = []
    LISTENERS.add("test", lambda event, payload: events.append((event, dict(payload))))
    yield events
    del LISTENERS._entries["test"]


def test_listeners_hear_of_phases_rewrites_and_functions_in_order(heard):
    x = T.dvector("x")
    tensorsym.function([x], T.log(1 + x))
    names = [event for event, _ in heard]
    assert names[0] == "phase"
    assert names[-1] == "compiled"
    assert "rewrite" in names
    moments = [payload["moment"] for event, payload in heard if event == "phase"]
    assert moments == ["before", "after"] * (len(moments) // 2)


def test_an_event_reaches_every_listener(heard):
    announce("news", value=3)
    assert heard == [("news", {"value": 3})]
