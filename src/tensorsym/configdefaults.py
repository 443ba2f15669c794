"""Theano's other home of `config`."""

import struct

from tensorsym.config import config

__all__ = ["config", "local_bitwidth", "python_int_bitwidth"]


def local_bitwidth() -> int:
    """Return the number of bits of an address."""
    return struct.calcsize("P") * 8


def python_int_bitwidth() -> int:
    """Return the number of bits of a C long."""
    return struct.calcsize("l") * 8
