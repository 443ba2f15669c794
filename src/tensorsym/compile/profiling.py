"""Theano's names of profiles."""

from tensorsym.runtime.profile import ProfileStats, print_profiles

__all__ = ["ProfileStats", "print_profiles"]
