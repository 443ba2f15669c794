# A Theano program, word for word: with tensorsym only its two import lines change.
import tensorsym as theano
import tensorsym.tensor as T
import numpy as np
X_train = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=theano.config.floatX)
y_train = np.array([0, 0, 0, 1], dtype=theano.config.floatX)
X = T.matrix('X')
y = T.vector('y')
w = theano.shared(np.random.randn(2), name='w')
b = theano.shared(0., name='b')
p_y_given_x = T.nnet.sigmoid(T.dot(X, w) + b)
prediction = p_y_given_x > 0.5
xent = -y * T.log(p_y_given_x) - (1 - y) * T.log(1 - p_y_given_x)
cost = xent.mean() + 0.01 * (w ** 2).sum()
gw, gb = T.grad(cost, [w, b])
updates = [(w, w - 0.1 * gw), (b, b - 0.1 * gb)]
train_model = theano.function(
    inputs=[X, y],
    outputs=cost,
    updates=updates,
    allow_input_downcast=True
)
predict = theano.function(
    inputs=[X],
    outputs=prediction,
    allow_input_downcast=True
)
for _ in range(100):
    train_model(X_train, y_train)
X_test = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=theano.config.floatX)
print(predict(X_test))
