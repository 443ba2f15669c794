"""Theano's home of connectionist temporal classification; here it needs no other library."""

from tensorsym.language.ctc import ConnectionistTemporalClassification, ctc

__all__ = ["ConnectionistTemporalClassification", "ctc", "ctc_available"]


def ctc_available() -> bool:
    """Return True: the loss is part of tensorsym.

    Examples
    --------
    >>> from tensorsym.tensor.nnet.ctc import ctc_available
    >>> ctc_available()
    True
    """
    return True
