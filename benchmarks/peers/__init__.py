"""How each peer is asked to do a case's work: `build(case)` of a module returns a Call.

A module imports its library on top, and is itself imported in that peer's process only.
"""
