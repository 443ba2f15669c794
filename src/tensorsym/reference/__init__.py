"""The reference backend: one node at a time with NumPy, by each op's own `perform`.

It defines what every faster tier must compute. In: a function graph. Out: an executable on lists of
arrays.
"""
