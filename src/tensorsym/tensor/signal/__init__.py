"""Theano's home of pooling and of convolutions without channels."""

from tensorsym.tensor.signal import conv, downsample, pool

__all__ = ["conv", "downsample", "pool"]
