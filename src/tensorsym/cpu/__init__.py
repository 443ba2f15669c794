"""Plans on the CPU: kernels by the tile machine, products by BLAS, the rest by calls of Python.

In comes a `Plan`, out goes an `Executable`: a list of arrays in, a list of arrays out.
"""
