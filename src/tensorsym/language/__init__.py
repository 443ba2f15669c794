"""The user's language: tensor types and variables, op records by family, and the functions that build expressions.

In: symbols, arrays and numbers. Out: `Apply` graphs, typed at once. It rewrites, compiles and computes nothing,
but for each op's reference `perform`.
"""
