"""Benchmarks: tensorsym beside NumPy, numexpr, PyTensor, JAX, PyTorch, Theano and plain C loops.

`python -m benchmarks` measures, prints a table, writes JSON and a plot. Each peer runs in a process
of its own, on one thread, in rounds that take turns. The files that peers import (worker,
expressions, steps, peers/) also run on the Python 3.8 that Theano 1.0.5 needs.
"""
