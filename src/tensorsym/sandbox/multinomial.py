"""Theano's names of draws from discrete distributions."""

from tensorsym.language.mrgchoice import ChoiceFromUniform, MultinomialFromUniform

__all__ = ["ChoiceFromUniform", "MultinomialFromUniform"]
