"""Theano's home of batch normalization."""

from tensorsym.language.batchnorm import (
    batch_normalization,
    batch_normalization_test,
    batch_normalization_train,
)

__all__ = ["batch_normalization", "batch_normalization_test", "batch_normalization_train"]
