"""Programs as they are written for Theano: unchanged but for the import.

Each trains on small data. What it computes is compared with the same steps in plain NumPy, with
differences, or with what must hold of any such program.
"""

import numpy as np
import pytest
from tests.numeric import difference_quotient

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.sandbox.rng_mrg import MRG_RandomStreams
from tensorsym.tensor.shared_randomstreams import RandomStreams

floatX = theano.config.floatX  # noqa: N816 - as programs name it


def blobs(rng, n=120, classes=3, width=4):
    """Return points around one centre per class, and their classes."""
    y = np.arange(n) % classes
    x = rng.normal(size=(n, width)) + 2 * np.eye(classes, width)[y]
    return x.astype(floatX), y.astype("int32")


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# logistic regression and multilayer perceptron, by minibatches of shared data


class LogisticRegression:
    def __init__(self, input, n_in, n_out, W=None):
        values = np.zeros((n_in, n_out), dtype=floatX) if W is None else W
        self.W = theano.shared(value=values, name="W", borrow=True)
        self.b = theano.shared(value=np.zeros((n_out,), dtype=floatX), name="b", borrow=True)
        self.p_y_given_x = T.nnet.softmax(T.dot(input, self.W) + self.b)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.params = [self.W, self.b]
        self.input = input

    def negative_log_likelihood(self, y):
        return -T.mean(T.log(self.p_y_given_x)[T.arange(y.shape[0]), y])

    def errors(self, y):
        if y.ndim != self.y_pred.ndim:
            raise TypeError("y should have the same shape as self.y_pred", ("y", y.type))
        return T.mean(T.neq(self.y_pred, y))


class HiddenLayer:
    def __init__(self, rng, input, n_in, n_out, activation=T.tanh):
        bound = np.sqrt(6.0 / (n_in + n_out))
        values = np.asarray(rng.uniform(low=-bound, high=bound, size=(n_in, n_out)), dtype=floatX)
        self.W = theano.shared(value=values, name="W", borrow=True)
        self.b = theano.shared(value=np.zeros((n_out,), dtype=floatX), name="b", borrow=True)
        self.output = activation(T.dot(input, self.W) + self.b)
        self.params = [self.W, self.b]


def shared_dataset(x, y):
    shared_x = theano.shared(np.asarray(x, dtype=floatX), borrow=True)
    shared_y = theano.shared(np.asarray(y, dtype=floatX), borrow=True)
    return shared_x, T.cast(shared_y, "int32")


def minibatch_functions(classifier, cost, x, y, data, batch_size, rate):
    """Return a training step and the share of errors, by the number of a minibatch."""
    index = T.lscalar()
    train_x, train_y = data
    givens = {
        x: train_x[index * batch_size : (index + 1) * batch_size],
        y: train_y[index * batch_size : (index + 1) * batch_size],
    }
    grads = [T.grad(cost=cost, wrt=param) for param in classifier.params]
    updates = [(p, p - rate * g) for p, g in zip(classifier.params, grads, strict=True)]
    train = theano.function(inputs=[index], outputs=cost, updates=updates, givens=givens)
    test = theano.function(inputs=[index], outputs=classifier.errors(y), givens=givens)
    return train, test


def test_logistic_sgd():
    points, labels = blobs(np.random.default_rng(1))
    x, y = T.matrix("x"), T.ivector("y")
    classifier = LogisticRegression(input=x, n_in=4, n_out=3)
    cost = classifier.negative_log_likelihood(y)
    train, test = minibatch_functions(
        classifier, cost, x, y, shared_dataset(points, labels), 40, 0.13
    )
    W, b, hot = np.zeros((4, 3)), np.zeros(3), np.eye(3)[labels]
    for step in range(30):
        part = slice(step % 3 * 40, (step % 3 + 1) * 40)
        p = softmax(points[part] @ W + b)
        loss = -np.log((p * hot[part]).sum(axis=1)).mean()
        np.testing.assert_allclose(train(step % 3), loss, rtol=1e-10)
        delta = (p - hot[part]) / 40
        W, b = W - 0.13 * points[part].T @ delta, b - 0.13 * delta.sum(axis=0)
    np.testing.assert_allclose(classifier.W.get_value(), W, rtol=1e-10)
    wrong = softmax(points @ W + b).argmax(axis=1) != labels
    np.testing.assert_allclose(np.mean([test(k) for k in range(3)]), wrong.mean())


def test_multilayer_perceptron():
    rng = np.random.RandomState(1234)
    points, labels = blobs(np.random.default_rng(2))
    x, y = T.matrix("x"), T.ivector("y")
    hidden = HiddenLayer(rng, x, 4, 6)
    output = LogisticRegression(input=hidden.output, n_in=6, n_out=3)
    output.params = hidden.params + output.params
    L1 = abs(hidden.W).sum() + abs(output.W).sum()
    L2_sqr = (hidden.W**2).sum() + (output.W**2).sum()
    cost = output.negative_log_likelihood(y) + 0.001 * L1 + 0.0001 * L2_sqr
    data = shared_dataset(points, labels)
    train, test = minibatch_functions(output, cost, x, y, data, 60, 0.5)
    W, b, V, c = [p.get_value() for p in output.params]
    hot = np.eye(3)[labels]
    for step in range(20):
        part = slice(step % 2 * 60, (step % 2 + 1) * 60)
        h = np.tanh(points[part] @ W + b)
        p = softmax(h @ V + c)
        penalty = 0.001 * (abs(W).sum() + abs(V).sum()) + 0.0001 * ((W**2).sum() + (V**2).sum())
        loss = -np.log((p * hot[part]).sum(axis=1)).mean() + penalty
        np.testing.assert_allclose(train(step % 2), loss, rtol=1e-9)
        delta = (p - hot[part]) / 60
        back = delta @ V.T * (1 - h**2)
        V, c = (
            V - 0.5 * (h.T @ delta + 0.001 * np.sign(V) + 0.0002 * V),
            c - 0.5 * delta.sum(axis=0),
        )
        W = W - 0.5 * (points[part].T @ back + 0.001 * np.sign(W) + 0.0002 * W)
        b = b - 0.5 * back.sum(axis=0)
    for got, wanted in zip(output.params, (W, b, V, c), strict=True):
        np.testing.assert_allclose(got.get_value(), wanted, rtol=1e-9, atol=1e-12)
    assert np.mean([test(0), test(1)]) < 0.2


# denoising autoencoder


class DenoisingAutoencoder:
    def __init__(self, numpy_rng, theano_rng, n_visible, n_hidden):
        self.theano_rng = theano_rng
        bound = 4 * np.sqrt(6.0 / (n_hidden + n_visible))
        initial = np.asarray(
            numpy_rng.uniform(low=-bound, high=bound, size=(n_visible, n_hidden)), dtype=floatX
        )
        self.W = theano.shared(value=initial, name="W", borrow=True)
        self.b = theano.shared(value=np.zeros(n_hidden, dtype=floatX), name="b", borrow=True)
        self.b_prime = theano.shared(value=np.zeros(n_visible, dtype=floatX), name="b'")
        self.W_prime = self.W.T
        self.x = T.dmatrix(name="input")
        self.params = [self.W, self.b, self.b_prime]

    def get_corrupted_input(self, input, corruption_level):
        return (
            self.theano_rng.binomial(size=input.shape, n=1, p=1 - corruption_level, dtype=floatX)
            * input
        )

    def get_cost_updates(self, corruption_level, learning_rate):
        tilde_x = self.get_corrupted_input(self.x, corruption_level)
        y = T.nnet.sigmoid(T.dot(tilde_x, self.W) + self.b)
        z = T.nnet.sigmoid(T.dot(y, self.W_prime) + self.b_prime)
        L = -T.sum(self.x * T.log(z) + (1 - self.x) * T.log(1 - z), axis=1)
        cost = T.mean(L)
        gparams = T.grad(cost, self.params)
        return cost, [(p, p - learning_rate * g) for p, g in zip(self.params, gparams, strict=True)]


@pytest.mark.parametrize("streams", [RandomStreams, MRG_RandomStreams])
def test_denoising_autoencoder(streams):
    numpy_rng = np.random.RandomState(123)
    stream = streams(numpy_rng.randint(2**30))
    da = DenoisingAutoencoder(numpy_rng, stream, n_visible=12, n_hidden=5)
    cost, updates = da.get_cost_updates(corruption_level=0.3, learning_rate=0.1)
    train = theano.function([da.x], cost, updates=updates)
    # The twin draws the same masks: from a stream of the same seed, in the same order of calls.
    masks = streams(stream.default_instance_seed)
    draw = theano.function([da.x], masks.binomial(size=da.x.shape, n=1, p=0.7, dtype=floatX))
    W, b, c = (p.get_value() for p in da.params)
    patterns = (np.random.default_rng(3).random((20, 12)) > 0.5).astype(floatX)
    losses = []
    for _ in range(40):
        noisy = draw(patterns) * patterns
        h = 1 / (1 + np.exp(-(noisy @ W + b)))
        z = 1 / (1 + np.exp(-(h @ W.T + c)))
        loss = -(patterns * np.log(z) + (1 - patterns) * np.log(1 - z)).sum(axis=1).mean()
        losses.append(train(patterns))
        np.testing.assert_allclose(losses[-1], loss, rtol=1e-9)
        out = (z - patterns) / 20
        back = out @ W * h * (1 - h)
        W = W - 0.1 * (noisy.T @ back + out.T @ h)
        b, c = b - 0.1 * back.sum(axis=0), c - 0.1 * out.sum(axis=0)
    np.testing.assert_allclose(da.W.get_value(), W, rtol=1e-8, atol=1e-10)
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


# recurrent networks


class RecurrentTagger:
    """A network with word embeddings: a window of words in, a label per word out."""

    def __init__(self, nh, nc, ne, de, cs, seed=0):
        rng = np.random.RandomState(seed)
        make = lambda name, *shape: theano.shared(  # noqa: E731 - as the tutorial has it
            name=name, value=0.2 * rng.uniform(-1.0, 1.0, shape).astype(floatX)
        )
        self.emb = make("embeddings", ne + 1, de)
        self.wx, self.wh, self.w = make("wx", de * cs, nh), make("wh", nh, nh), make("w", nh, nc)
        self.bh, self.b, self.h0 = make("bh", nh), make("b", nc), make("h0", nh)
        self.params = [self.emb, self.wx, self.wh, self.w, self.bh, self.b, self.h0]
        self.idxs = T.imatrix()
        x = self.emb[self.idxs].reshape((self.idxs.shape[0], de * cs))
        self.y = T.ivector("y_sentence")

        def recurrence(x_t, h_tm1):
            h_t = T.nnet.sigmoid(T.dot(x_t, self.wx) + T.dot(h_tm1, self.wh) + self.bh)
            s_t = T.nnet.softmax(T.dot(h_t, self.w) + self.b)
            return [h_t, s_t]

        [_, s], _ = theano.scan(
            fn=recurrence, sequences=x, outputs_info=[self.h0, None], n_steps=x.shape[0]
        )
        p_y = s[:, 0, :]
        self.nll = -T.mean(T.log(p_y)[T.arange(x.shape[0]), self.y])
        lr = T.scalar("lr")
        grads = T.grad(self.nll, self.params)
        updates = [(p, p - lr * g) for p, g in zip(self.params, grads, strict=True)]
        self.classify = theano.function([self.idxs], T.argmax(p_y, axis=1))
        self.train = theano.function([self.idxs, self.y, lr], self.nll, updates=updates)
        normed = self.emb / T.sqrt((self.emb**2).sum(axis=1)).dimshuffle(0, "x")
        self.normalize = theano.function(inputs=[], updates={self.emb: normed})


def tagger_loss(values, words, labels):
    emb, wx, wh, w, bh, b, h = values
    x, total = emb[words].reshape(len(words), -1), 0.0
    for row, label in zip(x, labels, strict=True):
        h = 1 / (1 + np.exp(-(row @ wx + h @ wh + bh)))
        total -= np.log(softmax((h @ w + b)[None])[0, label])
    return total / len(words)


def test_recurrent_tagger_with_word_embeddings():
    net = RecurrentTagger(nh=5, nc=3, ne=7, de=2, cs=3)
    words = np.random.RandomState(1).randint(0, 8, (6, 3)).astype("int32")
    labels = np.array([0, 1, 2, 0, 1, 2], dtype="int32")
    values = [p.get_value() for p in net.params]
    slopes = [
        difference_quotient(lambda *v: tagger_loss(v, words, labels), values, k)
        for k in range(len(values))
    ]
    loss = net.train(words, labels, 0.5)
    np.testing.assert_allclose(loss, tagger_loss(values, words, labels), rtol=1e-12)
    for param, before, slope in zip(net.params, values, slopes, strict=True):
        np.testing.assert_allclose((before - param.get_value()) / 0.5, slope, rtol=1e-5, atol=1e-8)
    net.normalize()
    np.testing.assert_allclose((net.emb.get_value() ** 2).sum(axis=1), 1)
    for _ in range(300):
        last = net.train(words, labels, 0.5)
    assert last < 0.2 * loss
    np.testing.assert_array_equal(net.classify(words), labels)


def ortho(rng, n):
    return np.linalg.svd(rng.randn(n, n))[0].astype(floatX)


def lstm_layer(tparams, state_below, mask, dim):
    def _slice(_x, n, dim):
        if _x.ndim == 3:
            return _x[:, :, n * dim : (n + 1) * dim]
        return _x[:, n * dim : (n + 1) * dim]

    def _step(m_, x_, h_, c_):
        preact = T.dot(h_, tparams["U"]) + x_
        i = T.nnet.sigmoid(_slice(preact, 0, dim))
        f = T.nnet.sigmoid(_slice(preact, 1, dim))
        o = T.nnet.sigmoid(_slice(preact, 2, dim))
        c = f * c_ + i * T.tanh(_slice(preact, 3, dim))
        c = m_[:, None] * c + (1.0 - m_)[:, None] * c_
        h = o * T.tanh(c)
        return m_[:, None] * h + (1.0 - m_)[:, None] * h_, c

    n_samples = state_below.shape[1]
    below = T.dot(state_below, tparams["W"]) + tparams["b"]
    zero = np.asarray(0.0, dtype=floatX)
    rval, _ = theano.scan(
        _step,
        sequences=[mask, below],
        outputs_info=[T.alloc(zero, n_samples, dim), T.alloc(zero, n_samples, dim)],
        name="lstm_layers",
        n_steps=state_below.shape[0],
    )
    return rval[0]


def lstm_loss(values, x, mask, target):
    W, U, b = values
    h = c = np.zeros((x.shape[1], U.shape[0]))
    for x_t, m in zip(x, mask[..., None], strict=True):
        i, f, o, g = np.split(h @ U + x_t @ W + b, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-a)) for a in (i, f, o))
        new_c = m * (f * c + i * np.tanh(g)) + (1 - m) * c
        h, c = m * (o * np.tanh(new_c)) + (1 - m) * h, new_c
    return ((h.sum(axis=1) - target) ** 2).mean()


def adadelta(lr, tparams, grads, x, mask, y, cost):
    """Return the two functions of the tutorial's optimizer: gradients into memory, then a step."""
    zero = lambda p, k: theano.shared(p.get_value() * np.asarray(0.0, floatX), name=k)  # noqa: E731
    zipped = [zero(p, f"{k}_grad") for k, p in tparams.items()]
    running_up2 = [zero(p, f"{k}_rup2") for k, p in tparams.items()]
    running_grads2 = [zero(p, f"{k}_rgrad2") for k, p in tparams.items()]
    zgup = [(zg, g) for zg, g in zip(zipped, grads, strict=True)]
    rg2up = [
        (rg2, 0.95 * rg2 + 0.05 * (g**2)) for rg2, g in zip(running_grads2, grads, strict=True)
    ]
    f_grad_shared = theano.function([x, mask, y], cost, updates=zgup + rg2up, name="f_grad_shared")
    updir = [
        -T.sqrt(ru2 + 1e-6) / T.sqrt(rg2 + 1e-6) * zg
        for zg, ru2, rg2 in zip(zipped, running_up2, running_grads2, strict=True)
    ]
    ru2up = [(ru2, 0.95 * ru2 + 0.05 * (ud**2)) for ru2, ud in zip(running_up2, updir, strict=True)]
    param_up = [(p, p + ud) for p, ud in zip(tparams.values(), updir, strict=True)]
    f_update = theano.function(
        [lr], [], updates=ru2up + param_up, on_unused_input="ignore", name="f_update"
    )
    return f_grad_shared, f_update


def test_lstm_with_masks_and_adadelta():
    rng, dim, width, steps, batch = np.random.RandomState(5), 3, 2, 5, 4
    arrays = {
        "W": rng.randn(width, 4 * dim).astype(floatX),
        "U": np.concatenate([ortho(rng, dim) for _ in range(4)], axis=1),
        "b": np.zeros(4 * dim, dtype=floatX),
    }
    tparams = {name: theano.shared(value, name=name) for name, value in arrays.items()}
    x, mask, y = T.tensor3("x", dtype=floatX), T.matrix("mask", dtype=floatX), T.vector("y")
    last = lstm_layer(tparams, x, mask, dim)[-1]
    cost = T.mean((last.sum(axis=1) - y) ** 2)
    grads = T.grad(cost, wrt=list(tparams.values()))
    data = [rng.randn(steps, batch, width), (rng.rand(steps, batch) > 0.3) * 1.0, rng.randn(batch)]
    found = theano.function([x, mask, y], [cost, *grads])(*data)
    values = list(arrays.values())
    np.testing.assert_allclose(found[0], lstm_loss(values, *data), rtol=1e-12)
    for k, gradient in enumerate(found[1:]):
        slopes = difference_quotient(lambda *v: lstm_loss(v, *data), values, k)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-8)
    f_grad_shared, f_update = adadelta(T.scalar("lr"), tparams, grads, x, mask, y, cost)
    costs = []
    for _ in range(150):
        costs.append(f_grad_shared(*data))
        f_update(0.01)
    assert costs[-1] < 0.5 * costs[0]
    final = [p.get_value() for p in tparams.values()]
    np.testing.assert_allclose(f_grad_shared(*data), lstm_loss(final, *data), rtol=1e-10)


# word vectors, of which a step changes the rows it has seen


def test_embeddings_change_only_where_words_occur():
    rng = np.random.RandomState(8)
    table = theano.shared(rng.randn(10, 4).astype(floatX), name="table")
    centre, context, noise = T.lvectors("centre", "context", "noise")
    picked = [table[i] for i in (centre, context, noise)]
    score = (picked[0] * picked[1]).sum(axis=1)
    wrong = (picked[0] * picked[2]).sum(axis=1)
    cost = -T.mean(T.log(T.nnet.sigmoid(score)) + T.log(T.nnet.sigmoid(-wrong)))
    rows = T.grad(cost, picked)
    new = table
    for index, gradient in zip((centre, context, noise), rows, strict=True):
        new = T.inc_subtensor(new[index], -0.5 * gradient)
    train = theano.function([centre, context, noise], cost, updates=[(table, new)])
    words = [np.array([1, 2, 1]), np.array([2, 3, 4]), np.array([5, 6, 5])]
    before = table.get_value()

    def loss(values):
        a, b, c = (values[w] for w in words)
        one, two = (a * b).sum(axis=1), (a * c).sum(axis=1)
        return (np.log1p(np.exp(-one)) + np.log1p(np.exp(two))).mean()

    np.testing.assert_allclose(train(*words), loss(before), rtol=1e-12)
    wanted = before - 0.5 * difference_quotient(loss, [before], 0)
    np.testing.assert_allclose(table.get_value(), wanted, rtol=1e-6, atol=1e-8)
    unseen = [0, 7, 8, 9]
    np.testing.assert_array_equal(table.get_value()[unseen], before[unseen])


# optimizers


def sgd_momentum(cost, params, lr=0.05, momentum=0.9):
    updates = []
    for param in params:
        velocity = theano.shared(param.get_value() * 0.0, broadcastable=param.broadcastable)
        step = momentum * velocity - lr * T.grad(cost, param)
        updates += [(velocity, step), (param, param + step)]
    return updates


def rmsprop(cost, params, lr=0.002, rho=0.9, epsilon=1e-6):
    updates = []
    for p, g in zip(params, T.grad(cost=cost, wrt=params), strict=True):
        acc = theano.shared(p.get_value() * 0.0)
        acc_new = rho * acc + (1 - rho) * g**2
        g = g / T.sqrt(acc_new + epsilon)  # noqa: PLW2901 - as programs have it
        updates.append((acc, acc_new))
        updates.append((p, p - lr * g))
    return updates


def adam(cost, params, lr=0.02, b1=0.1, b2=0.001, e=1e-8):
    updates = []
    grads = T.grad(cost, params)
    i = theano.shared(np.asarray(0.0, dtype=floatX))
    i_t = i + 1.0
    lr_t = lr * (T.sqrt(1.0 - (1.0 - b2) ** i_t) / (1.0 - (1.0 - b1) ** i_t))
    for p, g in zip(params, grads, strict=True):
        m, v = theano.shared(p.get_value() * 0.0), theano.shared(p.get_value() * 0.0)
        m_t = (b1 * g) + ((1.0 - b1) * m)
        v_t = (b2 * T.sqr(g)) + ((1.0 - b2) * v)
        updates += [(m, m_t), (v, v_t), (p, p - lr_t * (m_t / (T.sqrt(v_t) + e)))]
    updates.append((i, i_t))
    return updates


def numpy_momentum(w, g, state, t):
    state["v"] = 0.9 * state["v"] - 0.05 * g
    return w + state["v"]


def numpy_rmsprop(w, g, state, t):
    state["v"] = 0.9 * state["v"] + 0.1 * g**2
    return w - 0.002 * g / np.sqrt(state["v"] + 1e-6)


def numpy_adam(w, g, state, t):
    state["m"] = 0.9 * state["m"] + 0.1 * g
    state["v"] = 0.999 * state["v"] + 0.001 * g**2
    rate = 0.02 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return w - rate * state["m"] / (np.sqrt(state["v"]) + 1e-8)


@pytest.mark.parametrize(
    ("optimizer", "twin"),
    [(sgd_momentum, numpy_momentum), (rmsprop, numpy_rmsprop), (adam, numpy_adam)],
)
def test_optimizers_take_the_steps_of_their_formulas(optimizer, twin):
    rng = np.random.RandomState(4)
    A, target = rng.randn(20, 3), rng.randn(20)
    w = theano.shared(np.zeros(3), name="w")
    x, y = T.dmatrix("x"), T.dvector("y")
    cost = T.mean(T.sqr(T.dot(x, w) - y))
    train = theano.function([x, y], cost, updates=optimizer(cost, [w]))
    value, state = np.zeros(3), {"m": np.zeros(3), "v": np.zeros(3)}
    first = train(A, target)
    for t in range(1, 61):
        value = twin(value, 2 * A.T @ (A @ value - target) / 20, state, t)
        np.testing.assert_allclose(w.get_value(), value, rtol=1e-8, atol=1e-12)
        last = train(A, target)
    assert last < first
