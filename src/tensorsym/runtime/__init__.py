"""Compiled functions: arguments, shared variables, updates, modes. Backends compute, this room decides with what.

In: the user's expressions and settings. Out: callables that take and return arrays.
"""
