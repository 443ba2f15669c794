"""A convolutional network as the deep learning tutorials write it, against the same by NumPy."""

import numpy as np

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.tensor.nnet import conv2d
from tensorsym.tensor.signal import pool

RATE = 0.1


class LeNetConvPoolLayer:
    def __init__(self, rng, input, filter_shape, image_shape, poolsize=(2, 2)):
        assert image_shape[1] == filter_shape[1]
        fan_in = np.prod(filter_shape[1:])
        fan_out = filter_shape[0] * np.prod(filter_shape[2:]) // np.prod(poolsize)
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        values = rng.uniform(low=-bound, high=bound, size=filter_shape)
        self.W = theano.shared(np.asarray(values, dtype=theano.config.floatX), borrow=True)
        b_values = np.zeros((filter_shape[0],), dtype=theano.config.floatX)
        self.b = theano.shared(value=b_values, borrow=True)
        conv_out = conv2d(
            input=input, filters=self.W, filter_shape=filter_shape, input_shape=image_shape
        )
        pooled_out = pool.pool_2d(input=conv_out, ws=poolsize, ignore_border=True)
        self.output = T.tanh(pooled_out + self.b.dimshuffle("x", 0, "x", "x"))
        self.params = [self.W, self.b]


def network(rng, batch_size, nkerns, n_hidden, n_out):
    """Return the inputs, the cost, the errors and the parameters, first layer first."""
    x, y = T.matrix("x"), T.ivector("y")
    image = x.reshape((batch_size, 1, 14, 14))
    layer0 = LeNetConvPoolLayer(rng, image, (nkerns[0], 1, 3, 3), (batch_size, 1, 14, 14))
    layer1 = LeNetConvPoolLayer(
        rng, layer0.output, (nkerns[1], nkerns[0], 3, 3), (batch_size, nkerns[0], 6, 6)
    )
    features = layer1.output.flatten(2)
    hidden_w = theano.shared(rng.normal(0, 0.3, (nkerns[1] * 4, n_hidden)))
    hidden_b = theano.shared(np.zeros(n_hidden))
    hidden = T.tanh(T.dot(features, hidden_w) + hidden_b)
    top_w, top_b = theano.shared(np.zeros((n_hidden, n_out))), theano.shared(np.zeros(n_out))
    p = T.nnet.softmax(T.dot(hidden, top_w) + top_b)
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    errors = T.mean(T.neq(T.argmax(p, axis=1), y))
    params = [*layer0.params, *layer1.params, hidden_w, hidden_b, top_w, top_b]
    return x, y, cost, errors, params


# the same in NumPy: what each layer does, and its gradient by hand


def convolved(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("bcijuv,mcuv->bmij", windows, w[:, :, ::-1, ::-1])


def convolution_gradients(x, w, g):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    of_w = np.einsum("bcijuv,bmij->mcuv", windows, g)[:, :, ::-1, ::-1]
    rows, columns = w.shape[2] - 1, w.shape[3] - 1
    padded = np.pad(g, ((0, 0), (0, 0), (rows, rows), (columns, columns)))
    wide = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    return np.einsum("bmijuv,mcuv->bcij", wide, w), of_w


def blocks(x):
    b, c, h, v = x.shape
    return x.reshape(b, c, h // 2, 2, v // 2, 2)


def conv_pool_tanh(x, w, b):
    raw = convolved(x, w)
    largest = blocks(raw).max(axis=(3, 5))
    return raw, largest, np.tanh(largest + b[:, None, None])


def conv_pool_tanh_gradients(x, w, raw, largest, out, g):
    inner = g * (1 - out**2)
    parts = blocks(raw) == largest[:, :, :, None, :, None]
    back = (parts * inner[:, :, :, None, :, None]).reshape(raw.shape)
    of_x, of_w = convolution_gradients(x, w, back)
    return of_x, of_w, inner.sum(axis=(0, 2, 3))


def numpy_step(x, y, params):
    """Train one step; return the cost."""
    w0, b0, w1, b1, v, c, u, d = params
    image = x.reshape(-1, 1, 14, 14)
    raw0, largest0, out0 = conv_pool_tanh(image, w0, b0)
    raw1, largest1, out1 = conv_pool_tanh(out0, w1, b1)
    features = out1.reshape(len(x), -1)
    hidden = np.tanh(features @ v + c)
    scores = hidden @ u + d
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    cost = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    delta = p / len(x)
    back = (delta @ u.T) * (1 - hidden**2)
    to_features = (back @ v.T).reshape(out1.shape)
    to_out0, g_w1, g_b1 = conv_pool_tanh_gradients(out0, w1, raw1, largest1, out1, to_features)
    _, g_w0, g_b0 = conv_pool_tanh_gradients(image, w0, raw0, largest0, out0, to_out0)
    gradients = [
        g_w0,
        g_b0,
        g_w1,
        g_b1,
        features.T @ back,
        back.sum(0),
        hidden.T @ delta,
        delta.sum(0),
    ]
    for value, gradient in zip(params, gradients, strict=True):
        np.subtract(value, RATE * gradient, out=value)
    return cost


def examples(rng, n):
    """Return images with a bar in one of three places, noisy, and which."""
    y = np.arange(n) % 3
    images = rng.normal(0, 0.3, (n, 14, 14))
    for image, place in zip(images, y, strict=True):
        image[2 + 4 * place : 5 + 4 * place, 3:11] += 1
    return images.reshape(n, -1), y.astype("int32")


def test_lenet_trains_as_its_numpy_twin_and_learns():
    rng = np.random.RandomState(23455)
    batch_size = 30
    x, y, cost, errors, params = network(rng, batch_size, (3, 4), 10, 3)
    grads = T.grad(cost, params)
    updates = [(p, p - RATE * g) for p, g in zip(params, grads, strict=True)]
    data_x, data_y = examples(rng, 3 * batch_size)
    shared_x, shared_y = theano.shared(data_x, borrow=True), theano.shared(data_y, borrow=True)
    index = T.lscalar()
    batch = slice(index * batch_size, (index + 1) * batch_size)
    givens = {x: shared_x[batch], y: shared_y[batch]}
    train = theano.function([index], cost, updates=updates, givens=givens)
    test = theano.function([index], errors, givens=givens)
    twin = [np.array(p.get_value()) for p in params]
    before = test(0)
    for epoch in range(30):
        for i in range(3):
            part = slice(i * batch_size, (i + 1) * batch_size)
            wanted = numpy_step(data_x[part], data_y[part], twin)
            np.testing.assert_allclose(train(i), wanted, rtol=1e-7, err_msg=f"epoch {epoch}")
    for mine, theirs in zip(params, twin, strict=True):
        np.testing.assert_allclose(mine.get_value(), theirs, rtol=1e-6, atol=1e-8)
    assert before > 0.5
    assert max(test(i) for i in range(3)) < 0.05
