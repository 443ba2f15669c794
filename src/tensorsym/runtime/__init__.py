"""Compiled functions: arguments, shared variables, updates, modes. What backends compute with.

In: the user's expressions and settings. Out: callables that take and return arrays.
"""
