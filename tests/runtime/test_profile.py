"""Profiles: what calls cost, per line and instruction, as text, dict and plot."""

import io
import subprocess
import sys
import threading

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym.config import config
from tensorsym.errors import PlotError
from tensorsym.runtime import profile as profiles
from tensorsym.runtime.profile import ProfileStats

m = T.dmatrix("m")
x = T.dvector("x")


@pytest.fixture(autouse=True)
def nothing_printed_at_the_end():
    yield
    profiles.PROFILES.clear()


def softmax():
    e = T.exp(m - m.max(axis=1, keepdims=True))
    return T.dot(e / e.sum(axis=1, keepdims=True), m.T)


def test_a_function_has_no_profile_unless_asked():
    assert tensorsym.function([x], x + 1).profile is None
    assert tensorsym.function([x], x + 1, profile=False).profile is None
    with config.scope(profile=True):
        assert tensorsym.function([x], x + 1, profile=False).profile is None


def test_calls_are_counted_and_timed():
    f = tensorsym.function([m], softmax(), profile=True, name="scores")
    for _ in range(3):
        f(np.ones((50, 40)))
    assert f.profile.fct_callcount == 3
    assert f.profile.message == "scores"
    total = sum(row.seconds for row in f.profile.rows)
    assert 0 < total <= f.profile.fct_call_time
    assert f.profile.compile_time >= f.profile.optimizer_time + f.profile.linker_time > 0
    assert f.profile.nb_nodes == len(f.maker.fgraph.toposort())


def test_results_are_those_of_a_function_without_profile():
    a = np.random.default_rng(1).normal(size=(20, 30))
    plain = tensorsym.function([m], softmax())(a)
    np.testing.assert_array_equal(tensorsym.function([m], softmax(), profile=True)(a), plain)


def test_updates_and_errors_pass_through_a_profile():
    s = tensorsym.shared(np.zeros(3), "s")
    f = tensorsym.function([x], [], updates=[(s, s + x)], profile=True)
    f(np.ones(3))
    with pytest.raises(ValueError, match="mismatch"):
        f(np.ones(4))
    np.testing.assert_array_equal(s.get_value(), np.ones(3))


def test_bytes_are_those_of_what_instructions_read_and_write():
    f = tensorsym.function([m, x], [T.exp(m) + x, T.dot(m, x)], profile=True)
    for _ in range(2):
        f(np.ones((30, 20)), np.ones(20))
    by_text = {row.text: row for row in f.profile.rows if row.bytes}
    assert by_text["kernel exp, add"].bytes == 2 * 8 * (600 + 20 + 600)
    assert by_text["gemv"].bytes == 2 * 8 * (600 + 20 + 30)


def test_a_line_gets_its_part_of_a_fused_kernel():
    a = T.exp(x)
    b = T.tanh(a)
    f = tensorsym.function([x], b, profile=True)
    f(np.ones(1000))
    lines = f.profile.lines
    assert [line.source for line in lines] == ["a = T.exp(x)", "b = T.tanh(a)"]
    assert lines[0].seconds == lines[1].seconds
    assert sum(line.seconds for line in lines) == pytest.approx(f.profile.rows[0].seconds)


def test_instructions_inside_loops_are_booked_once_per_step():
    states, _ = tensorsym.scan(
        lambda row, s: T.tanh(row + s), sequences=m, outputs_info=T.zeros_like(m[0])
    )
    f = tensorsym.function([m], states, profile=True)
    f(np.ones((25, 10)))
    runs = {row.text: row.runs for row in f.profile.rows}
    assert runs["kernel add, tanh"] == 25
    assert runs["loop"] == 1
    assert sum(row.seconds for row in f.profile.rows) <= f.profile.fct_call_time


def test_nodes_are_timed_where_a_function_runs_node_by_node():
    f = tensorsym.function([x], T.exp(x) * 2, mode="FAST_COMPILE", profile=True)
    f(np.ones(10))
    rows = {row.text: row for row in f.profile.rows}
    assert rows["Elemwise{exp,no_inplace}"].runs == 1
    assert rows["Elemwise{exp,no_inplace}"].bytes == 160


def test_calls_of_threads_are_all_counted():
    f = tensorsym.function([x], T.exp(x), profile=True)
    threads = [
        threading.Thread(target=lambda: [f(np.ones(50_000)) for _ in range(50)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert f.profile.fct_callcount == 200
    assert f.profile.rows[0].runs == 200
    assert f.profile.rows[0].bytes == 200 * 800_000


def test_the_summary_names_lines_instructions_and_memory():
    f = tensorsym.function([m], softmax(), profile="scores")
    f(np.ones((50, 40)))
    out = io.StringIO()
    f.profile.summary(out)
    text = out.getvalue()
    assert "Message: scores" in text
    assert "Time in 1 calls to Function.__call__: " in text
    assert "Number of Apply nodes: " in text
    assert f"Memory at most: {f.memory().formula} bytes" in text
    assert "return T.dot(e / e.sum(axis=1, keepdims=True), m.T)" in text
    assert "gemm" in text
    f.profile.summary(short := io.StringIO(), n_apply_to_print=1)
    assert "more" in short.getvalue()


def test_the_dict_is_plain_and_has_rates():
    f = tensorsym.function([x], T.exp(x), profile="plain")
    f(np.ones(1000))
    found = f.profile.as_dict()
    (instruction,) = [row for row in found["instructions"] if row["bytes"]]
    assert instruction["bytes"] == 16_000
    rate = instruction["bytes"] / instruction["seconds"]
    assert instruction["bytes_per_second"] == pytest.approx(rate)
    assert instruction["share_of_peak"] > 0
    assert found["lines"][0]["runs"] == 1
    assert found["lines"][0]["source"] == 'f = tensorsym.function([x], T.exp(x), profile="plain")'
    assert (found["name"], found["calls"]) == ("plain", 1)


def test_reset_forgets_the_calls_so_far():
    f = tensorsym.function([x], T.exp(x), profile=True)
    f(np.ones(5))
    f.profile.reset()
    assert f.profile.rows == []
    f(np.ones(5))
    assert (f.profile.fct_callcount, f.profile.rows[0].runs) == (1, 1)


def test_theanos_fields_are_there():
    f = tensorsym.function([x], T.exp(x), profile=ProfileStats(atexit_print=False))
    f(np.ones(5))
    stats = f.profile
    assert stats.vm_call_time == stats.fct_call_time
    assert sum(stats.apply_time.values()) == pytest.approx(sum(stats.op_time.values()))
    assert sum(stats.apply_callcount.values()) == sum(stats.op_callcount.values())
    assert stats not in profiles.PROFILES
    assert tensorsym.compile.profiling.ProfileStats is tensorsym.ProfileStats is ProfileStats


def test_a_plot_is_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib draws the plot")
    f = tensorsym.function([m], softmax(), profile=True)
    f(np.ones((50, 40)))
    f.profile.plot(tmp_path / "profile.png")
    assert (tmp_path / "profile.png").read_bytes().startswith(b"\x89PNG")


def test_a_plot_without_matplotlib_names_the_remedy(monkeypatch, tmp_path):
    f = tensorsym.function([x], T.exp(x), profile=True)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PlotError, match="pip install matplotlib"):
        f.profile.plot(tmp_path / "profile.png")


def test_profiles_are_printed_when_the_program_ends():
    program = (
        "import tensorsym, tensorsym.tensor as T\n"
        "x = T.dvector('x')\n"
        "f = tensorsym.function([x], T.exp(x), name='printed')\n"
        "g = tensorsym.function([x], T.exp(x), name='never called')\n"
        "f([1.0])\n"
    )
    command = [sys.executable, "-c", program]
    flags = {"TENSORSYM_FLAGS": "profile=True"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=flags)
    assert "Message: printed" in done.stderr
    assert "never called" not in done.stderr
    assert done.stdout == ""


def test_a_copy_has_a_profile_of_its_own():
    f = tensorsym.function([x], T.exp(x), profile=True)
    g = f.copy(profile=True)
    f([1.0])
    assert (f.profile.fct_callcount, g.profile.fct_callcount) == (1, 0)
    assert f.copy().profile is None
