"""Graphs pickle and deep-copy as graphs, without recursion."""

import copy
import os
import pickle
import subprocess
import sys

import numpy as np

import tensorsym.tensor as T
from tensorsym.graph.walk import same_computations, toposort


def chain(length):
    x = T.dvector("x")
    y = x
    for _ in range(length):
        y = T.tanh(y)
    return x, y


def test_a_chain_of_100000_ops_pickles_and_copies_at_the_default_recursion_limit():
    assert sys.getrecursionlimit() <= 1000
    _, y = chain(100_000)
    for twin in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        assert len(toposort([twin])) == 100_000


def test_variables_of_one_graph_stay_one_graph():
    x = T.dvector("x")
    y = T.exp(x)
    z = y + x
    x2, y2, z2 = pickle.loads(pickle.dumps([x, y, z]))
    assert z2.owner.inputs == [y2, x2]
    assert y2.owner.inputs == [x2]


def test_names_attributes_and_tags_travel():
    x = T.dvector("x")
    y = T.exp(x)
    y.name, y.note, y.tag.test_value = "y", "kept", np.ones(2)
    twin = pickle.loads(pickle.dumps(y))
    assert (twin.name, twin.note) == ("y", "kept")
    np.testing.assert_array_equal(twin.tag.test_value, np.ones(2))


def test_a_deep_copy_shares_no_node():
    x = T.dvector("x")
    y = T.exp(x) + 1.5
    twin = copy.deepcopy(y)
    assert not set(toposort([y])) & set(toposort([twin]))
    assert same_computations([y], [twin], {x: twin.owner.inputs[0].owner.inputs[0]})


def test_elementwise_ops_unpickle_to_themselves():
    assert pickle.loads(pickle.dumps(T.exp)) is T.exp
    assert copy.deepcopy(T.exp) is T.exp


def test_types_and_ops_unpickle_with_the_hashes_of_their_new_process():
    x = T.matrix("x")
    y = x.T.sum(axis=0)
    program = (
        "import pickle, sys; import tensorsym.tensor as T; y = pickle.load(sys.stdin.buffer);"
        "x = T.matrix(); z = x.T.sum(axis=0); assert hash(y.type) == hash(z.type);"
        "assert hash(y.owner.op) == hash(z.owner.op)"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=pickle.dumps(y),
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
