"""A few kernels of each template, for compute-sanitizer to watch."""

import numpy as np

import tensorsym.tensor as T
from tensorsym import function


def main() -> None:
    """Run the kernels on small, odd and long shapes."""
    rng = np.random.default_rng(0)
    m, v = T.fmatrix("m"), T.fvector("v")
    outputs = [
        *(T.exp(m) * 2, m.T * 3, m[:, ::2] - 1, m + v),
        *(m.sum(axis=0), m.sum(axis=1), m.sum(), m.max(axis=1), (m * m).min()),
        *(T.dot(m, m.T), T.dot(m, v), T.dot(v, v), T.nnet.softmax(m), T.argmax(m, axis=1)),
    ]
    run = function([m, v], outputs, device="cuda")
    for rows, columns in ((37, 53), (1, 9), (3, 10_000)):
        run(rng.random((rows, columns), "float32"), rng.random(columns, "float32"))


if __name__ == "__main__":
    main()
