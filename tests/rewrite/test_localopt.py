"""Users' local optimizers, patterns and passes in Theano's forms really run."""

import numpy as np
import pytest

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym import gof
from tensorsym.gof.opt import EquilibriumOptimizer, OpRemove, OpSub, in2out, out2in
from tensorsym.rewrite.passes import PASSES
from tensorsym.rewrite.rules import REWRITES
from tensorsym.tensor.opt import register_canonicalize, register_specialize

V = np.array([0.5, 1.5])


@pytest.fixture
def registries():
    """Take away what a test registers."""
    before = [(registry, dict(registry._entries)) for registry in (REWRITES, PASSES)]
    yield
    for registry, entries in before:
        registry._entries.clear()
        registry._entries.update(entries)
        registry.version += 1


def ops(graph):
    return [str(node.op) for node in graph.toposort()]


@gof.local_optimizer([T.exp])
def local_sine_for_exp(node):
    return [T.sin(node.inputs[0])]


def test_a_registered_local_optimizer_runs_and_can_be_excluded(registries):
    register_canonicalize(local_sine_for_exp)
    v = T.dvector()
    np.testing.assert_allclose(theano.function([v], T.exp(v))(V), np.sin(V))
    mode = theano.compile.get_default_mode().excluding("local_sine_for_exp")
    np.testing.assert_allclose(theano.function([v], T.exp(v), mode=mode)(V), np.exp(V))


def test_tags_stand_before_the_decorated(registries):
    @register_specialize("mine")
    @gof.local_optimizer([T.exp])
    def local_cosine_for_exp(node):
        return [T.cos(node.inputs[0])]

    v = T.dvector()
    np.testing.assert_allclose(theano.function([v], T.exp(v))(V), np.cos(V))
    mode = theano.compile.get_default_mode().excluding("mine")
    np.testing.assert_allclose(theano.function([v], T.exp(v), mode=mode)(V), np.exp(V))


def test_without_fast_run_it_waits_to_be_included(registries):
    theano.compile.optdb["canonicalize"].register("sine", local_sine_for_exp)
    v = T.dvector()
    np.testing.assert_allclose(theano.function([v], T.exp(v))(V), np.exp(V))
    mode = theano.compile.get_default_mode().including("sine")
    np.testing.assert_allclose(theano.function([v], T.exp(v), mode=mode)(V), np.sin(V))


def test_passes_run_in_the_order_of_their_positions(registries):
    second = out2in(gof.PatternSub((T.cos, "x"), (T.tanh, "x")))
    first = out2in(gof.PatternSub((T.exp, "x"), (T.cos, "x")))
    theano.compile.optdb.register("second", second, 80, "fast_run")
    theano.compile.optdb.register("first", first, 70, "fast_run")
    v = T.dvector()
    np.testing.assert_allclose(theano.function([v], T.exp(v))(V), np.tanh(V))


def test_tracks_are_ops_or_classes():
    seen = []

    @gof.local_optimizer([T.Elemwise])
    def look(node):
        seen.append(str(node.op))
        return False

    v = T.dvector()
    in2out(look).optimize(gof.FunctionGraph([v], [T.exp(v).sum()]))
    assert seen == ["Elemwise{exp,no_inplace}"]


def test_a_local_optimizer_sees_the_graph_and_the_users_of_its_variables():
    @gof.local_optimizer([T.exp])
    def look(node):
        assert node.fgraph is graph
        assert [user.op for user, _ in node.outputs[0].clients] == [T.sin]

    v = T.dvector()
    graph = gof.FunctionGraph([v], [T.sin(T.exp(v))])
    out2in(look).optimize(graph)


def test_a_dict_replaces_variables_elsewhere():
    v = T.dvector("v")
    both = gof.FunctionGraph([v], [T.exp(v), T.cos(v)])

    @gof.local_optimizer([T.exp])
    def elsewhere(node):
        return {both.outputs[1]: T.sin(node.inputs[0])}

    out2in(elsewhere).optimize(both)
    assert [out.owner.op for out in both.outputs] == [T.exp, T.sin]


def test_patterns_bind_names_and_ask_constraints():
    x, y = T.dvectors("x", "y")
    sub = gof.PatternSub((T.add, "x", "x"), (T.mul, "x", 2.0))
    graph = gof.FunctionGraph([x, y], [x + x, x + y])
    out2in(sub).optimize(graph)
    assert [out.owner.op for out in graph.outputs] == [T.mul, T.add]
    wanted = {"pattern": "x", "constraint": lambda v: v.type.ndim == 1}
    graph = gof.FunctionGraph([x], [T.exp(x), T.exp(x.dimshuffle("x", 0))])
    out2in(gof.PatternSub((T.exp, wanted), (T.sin, "x"))).optimize(graph)
    assert [out.owner.op for out in graph.outputs] == [T.sin, T.exp]


def test_an_inner_node_with_other_users_stays():
    x = T.dvector("x")
    inner = T.exp(x)
    graph = gof.FunctionGraph([x], [T.log(inner), inner])
    out2in(gof.PatternSub((T.log, (T.exp, "x")), "x")).optimize(graph)
    assert graph.outputs[0].owner.op == T.log
    out2in(gof.PatternSub((T.log, (T.exp, "x")), "x", True)).optimize(graph)
    assert graph.outputs[0] is graph.inputs[0]


def test_ops_are_exchanged_and_removed():
    x = T.dvector("x")
    graph = gof.FunctionGraph([x], [T.sin(T.exp(x))])
    out2in(OpSub(T.sin, T.cos)).optimize(graph)
    out2in(OpRemove(T.exp)).optimize(graph)
    assert ops(graph) == ["Elemwise{cos,no_inplace}"]


def test_equilibrium_repeats_until_nothing_changes():
    x = T.dvector("x")
    graph = gof.FunctionGraph([x], [T.exp(T.exp(T.exp(x)))])
    EquilibriumOptimizer([gof.PatternSub((T.exp, (T.exp, "x")), (T.exp, "x"), True)]).optimize(
        graph
    )
    assert ops(graph) == ["Elemwise{exp,no_inplace}"]


def test_equilibrium_without_end_says_so():
    x = T.dvector("x")
    graph = gof.FunctionGraph([x], [T.exp(x)])
    endless = [OpSub(T.exp, T.sin), OpSub(T.sin, T.exp)]
    with pytest.raises(gof.InconsistencyError, match="end"):
        EquilibriumOptimizer(endless).optimize(graph)


def test_what_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match="expected an optimizer"):
        theano.compile.optdb.register("nothing", 3)
    with pytest.raises(KeyError, match="no database"):
        theano.compile.optdb["nowhere"]


def test_a_query_chooses_rewrites_by_tags():
    x = T.dvector("x")
    fast_run = theano.compile.optdb.query(gof.Query(include=["fast_run"]))
    graph = gof.FunctionGraph([x], [T.log(1 + x)])
    fast_run.optimize(graph)
    assert ops(graph) == ["Elemwise{log1p,no_inplace}"]
    query = gof.Query(include=["fast_run"], exclude=["local_log1p"])
    f = theano.function([x], T.log(1 + x), mode=theano.Mode("py", query))
    assert "Elemwise{log1p,no_inplace}" not in ops(f.maker.fgraph)


def test_a_query_stops_at_a_position():
    query = gof.Query(include=["fast_run"])
    query.position_cutoff = 1.51
    assert theano.compile.optdb.query(query).query.phases == ("canonicalize", "stabilize")
    assert theano.compile.optdb.query("+canonicalize", "-inplace").query.phases == ("canonicalize",)


def test_a_mode_takes_a_linker_and_attributes_of_its_own():
    x = T.dvector("x")
    mode = theano.Mode(gof.PerformLinker(), "fast_run")
    mode.check_isfinite = False
    np.testing.assert_allclose(theano.function([x], T.exp(x), mode=mode)(V), np.exp(V))
    call = gof.PerformLinker().accept(gof.FunctionGraph([x], [T.exp(x)])).make_function()
    np.testing.assert_allclose(call(V), np.exp(V))
    with pytest.raises(ValueError, match="accept"):
        gof.CLinker().make_function()
