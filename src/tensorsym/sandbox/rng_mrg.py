"""Theano's names of the generator MRG31k3p."""

from tensorsym.language.mrg import M1, M2, MRGUniform
from tensorsym.runtime.mrgstreams import MRG_RandomStreams, guess_n_streams

__all__ = ["M1", "M2", "MRG_RandomStream", "MRG_RandomStreams", "guess_n_streams", "mrg_uniform"]

MRG_RandomStream = MRG_RandomStreams
mrg_uniform = MRGUniform
