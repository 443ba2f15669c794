"""From a function graph to a Plan: what is fused, in which order it runs, and which memory lives how long.

In comes a `FunctionGraph` after rewriting, out goes a frozen `Plan`. Nothing is compiled or run here.
"""
