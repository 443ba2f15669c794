"""Activations, softmax and cross entropies: values, stability, gradients, errors."""

import numpy as np
import pytest
from scipy import special
from tests.numeric import check_derivatives, run

import tensorsym.tensor as T
from tensorsym.language.crossentropy import (
    CrossentropySoftmax1HotWithBiasDx,
    CrossentropySoftmaxArgmax1HotWithBias,
)
from tensorsym.language.softmax import LogSoftmax, Softmax, SoftmaxGrad
from tensorsym.language.table import FUNCTIONS as F

RNG = np.random.default_rng(7)
X = RNG.normal(size=(4, 3))
B = RNG.normal(size=3)
LABELS = np.array([0, 2, 1, 1], "int32")
WEIGHTS = RNG.normal(size=4)
FAR = np.array([[0.0, 1000.0, -1000.0], [-1e4, -1e4, -1e4], [0.0, -np.inf, 0.0]])


def test_softmax_neither_overflows_nor_loses_rows():
    x = T.dmatrix()
    np.testing.assert_allclose(run([x], F["softmax"](x), [FAR]), special.softmax(FAR, axis=1))
    np.testing.assert_allclose(
        run([x], F["logsoftmax"](x), [FAR]), special.log_softmax(FAR, axis=1)
    )


@pytest.mark.parametrize("op", [Softmax(), LogSoftmax()], ids=str)
def test_a_softmax_op_equals_its_expression(op):
    x = T.dmatrix()
    np.testing.assert_allclose(*run([x], [op(x), op.expression(x)], [X]), rtol=1e-14)


def test_softmax_grad_equals_its_expression():
    dy, sm = T.dmatrix(), T.dmatrix()
    both = [SoftmaxGrad()(dy, sm), SoftmaxGrad().expression(dy, sm)]
    np.testing.assert_allclose(*run([dy, sm], both, [X, special.softmax(X, axis=1)]), rtol=1e-13)


def test_softmax_takes_a_vector_for_one_row_and_any_rank_with_an_axis():
    v, t = T.dvector(), T.dtensor3()
    assert F["softmax"](v).broadcastable == (True, False)
    assert F["softmax"](v, axis=-1).ndim == 1
    array = RNG.normal(size=(2, 3, 4))
    np.testing.assert_allclose(
        run([t], F["softmax"](t, axis=1), [array]), special.softmax(array, 1)
    )
    with pytest.raises(ValueError, match="vector or matrix"):
        F["softmax"](t)
    with pytest.raises(ValueError, match="of floats"):
        F["logsoftmax"](T.imatrix())


def test_softmax_of_no_rows_and_of_no_columns_is_empty():
    x = T.dmatrix()
    for shape in ((0, 3), (3, 0)):
        assert run([x], F["softmax"](x), [np.empty(shape)]).shape == shape


def test_float16_rows_are_summed_in_float32():
    x = T.matrix(dtype="float16")
    found = run([x], F["softmax"](x), [np.zeros((1, 5000), "float16")])
    assert found.dtype == "float16"
    np.testing.assert_allclose(found, 1 / 5000, rtol=1e-3)


COSTS = {
    "softmax": lambda x: (F["softmax"](x) * X).sum(),
    "logsoftmax": lambda x: (F["logsoftmax"](x) * X).sum(),
    "relu": lambda x: (F["relu"](x) * X).sum(),
    "leaky relu": lambda x: (F["relu"](x, 0.3) * X).sum(),
    "elu": lambda x: (F["elu"](x, 0.7) * X).sum(),
    "selu": lambda x: (F["selu"](x) * X).sum(),
    "hard sigmoid": lambda x: (F["hard_sigmoid"](x) * X).sum(),
    "graph": lambda x: (F["softmax_graph"](x) * X).sum(),
}


@pytest.mark.parametrize("name", list(COSTS))
def test_derivatives_of_activations_equal_differences(name):
    x = T.dmatrix()
    check_derivatives(COSTS[name](x), [x], [X])


def test_relu_has_the_mean_slope_at_zero():
    x = T.dvector()
    at_zero = [T.grad(F["relu"](x, alpha).sum(), x) for alpha in (0, 0.5)]
    assert [g.tolist() for g in run([x], at_zero, [[0.0]])] == [[0.5], [0.75]]


def test_relu_and_elu_are_right_far_from_zero():
    x = T.dvector()
    found = run([x], [F["relu"](x), F["relu"](x, 0.1), F["elu"](x)], [[-np.inf, -800.0, 1e300]])
    np.testing.assert_array_equal(found[0], [0, 0, 1e300])
    np.testing.assert_array_equal(found[1], [-np.inf, -80.0, 1e300])
    np.testing.assert_array_equal(found[2], [-1, -1, 1e300])
    assert run([x], T.grad(F["elu"](x).sum(), x), [[1e300, -800.0]]).tolist() == [1, 0]


def test_losses_of_labels_agree_with_scipy_and_their_derivatives_with_differences():
    x, b, y = T.dmatrix(), T.dvector(), T.ivector()
    outputs = F["crossentropy_softmax_argmax_1hot_with_bias"](x, b, y)
    loss, sm, largest = run([x, b, y], outputs, [X, B, LABELS])
    np.testing.assert_allclose(loss, -special.log_softmax(X + B, axis=1)[range(4), LABELS])
    np.testing.assert_allclose(sm, special.softmax(X + B, axis=1))
    np.testing.assert_array_equal(largest, (X + B).argmax(1))
    assert largest.dtype == "int32"
    cost = (outputs[0] * WEIGHTS).sum() + (outputs[1] * X).sum()
    check_derivatives(cost, [x, b, y], [X, B, LABELS])


def test_losses_stay_finite_where_the_softmax_underflows():
    x, y = T.dmatrix(), T.ivector()
    loss, _ = F["crossentropy_softmax_1hot"](x, y)
    given = [np.array([[0.0, 2000.0]]), np.array([0], "int32")]
    assert run([x, y], loss, given).tolist() == [2000.0]
    assert run([x, y], T.grad(loss.sum(), x), given).tolist() == [[-1.0, 1.0]]


def test_both_forms_of_categorical_cross_entropy_agree():
    q, p, y = T.dmatrix(), T.dmatrix(), T.ivector()
    rows = special.softmax(X, axis=1)
    dense, sparse = F["categorical_crossentropy"](q, p), F["categorical_crossentropy"](q, y)
    np.testing.assert_allclose(*run([q, p, y], [dense, sparse], [rows, np.eye(3)[LABELS], LABELS]))
    check_derivatives((sparse * WEIGHTS).sum(), [q, y], [rows, LABELS])
    check_derivatives((dense * WEIGHTS).sum(), [q, p], [rows, rows[::-1].copy()])
    with pytest.raises(TypeError, match="ranks"):
        F["categorical_crossentropy"](q, T.dscalar())


def test_binary_cross_entropies_agree_and_the_one_of_logits_is_stable():
    x, t = T.dvector(), T.dvector()
    of_logit = F["sigmoid_binary_crossentropy"](x, t)
    of_probability = F["binary_crossentropy"](F["sigmoid"](x), t)
    values = run([x, t], [of_logit, of_probability], [B, [0.0, 1.0, 0.3]])
    np.testing.assert_allclose(*values, rtol=1e-13)
    far = run([x, t], of_logit, [[-800.0, 800.0, 800.0], [1.0, 1.0, 0.0]])
    assert far.tolist() == [800.0, 0.0, 800.0]


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0]])
def test_labels_out_of_bounds_or_too_few_are_refused(labels):
    x, y = T.dmatrix(), T.ivector()
    given = [X[:2], np.array(labels, "int32")]
    for outputs in (F["crossentropy_softmax_1hot"](x, y)[0], F["categorical_crossentropy"](x, y)):
        with pytest.raises(ValueError, match="class number"):
            run([x, y], outputs, given)


def test_losses_refuse_scores_that_are_no_matrix_of_floats():
    with pytest.raises(ValueError, match="matrix of floats"):
        CrossentropySoftmaxArgmax1HotWithBias()(T.imatrix(), T.dvector(), T.ivector())
    with pytest.raises(ValueError, match="vector of integers"):
        CrossentropySoftmax1HotWithBiasDx()(T.dvector(), T.dmatrix(), T.dvector())


def test_maximum_and_its_place_come_with_the_losses():
    x, y = T.dmatrix(), T.ivector()
    outputs = F["crossentropy_softmax_max_and_argmax_1hot"](x, y)
    _, sm, most, place = run([x, y], outputs, [X, LABELS])
    np.testing.assert_array_equal(most, sm.max(1))
    np.testing.assert_array_equal(place, X.argmax(1))


def test_columns_are_put_in_front():
    m = T.dmatrix()
    zeros, ones = run([m], [F["prepend_0_to_each_row"](m), F["prepend_1_to_each_row"](m)], [X])
    np.testing.assert_array_equal(zeros, np.c_[np.zeros(4), X])
    np.testing.assert_array_equal(ones, np.c_[np.ones(4), X])


def test_confusion_matrix_counts_pairs_of_classes():
    a, p = T.ivector(), T.ivector()
    given = [np.array(v, "int32") for v in ([2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2])]
    counts, order = run([a, p], F["confusion_matrix"](a, p), given)
    assert counts.tolist() == [[2, 0, 0], [0, 0, 1], [1, 0, 2]]
    assert order.tolist() == [0, 1, 2]


def test_hierarchical_softmax_gives_a_distribution_and_picks_targets_from_it():
    x, y = T.dmatrix(), T.ivector()
    W1, b1, W2, b2 = (RNG.normal(size=s) for s in ((3, 2), (2,), (2, 3, 3), (2, 3)))
    every = F["h_softmax"](x, 4, 6, 2, 3, W1, b1, W2, b2)
    some = F["h_softmax"](x, 4, 6, 2, 3, W1, b1, W2, b2, y)
    targets = np.array([0, 5, 3, 2], "int32")
    table, picked = run([x, y], [every, some], [X, targets])
    np.testing.assert_allclose(table.sum(1), 1)
    np.testing.assert_allclose(picked, table[range(4), targets])
