"""From a function graph to a Plan: what is fused, in which order it runs, how long memory lives.

In comes a `FunctionGraph` after rewriting, out goes a frozen `Plan`. Nothing is compiled or run
here.
"""
