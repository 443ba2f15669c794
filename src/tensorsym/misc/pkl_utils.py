"""Theano's functions that write objects to files and read them again."""

from __future__ import annotations

import pickle
from typing import IO, Any

__all__ = ["dump", "load"]


def dump(obj: Any, file_handler: IO[bytes], protocol: int = pickle.HIGHEST_PROTOCOL) -> None:
    """Write an object, such as shared variables and functions, to a binary file.

    Parameters
    ----------
    obj : object
        Anything that can be pickled.
    file_handler : file
        Open for writing.
    protocol : int
        Of pickle.

    Examples
    --------
    >>> import io
    >>> import tensorsym
    >>> from tensorsym.misc.pkl_utils import dump, load
    >>> file = io.BytesIO()
    >>> dump(tensorsym.shared(1.5), file)
    >>> float(load(io.BytesIO(file.getvalue())).get_value())
    1.5
    """
    pickle.dump(obj, file_handler, protocol=protocol)


def load(f: IO[bytes]) -> Any:
    """Read an object that `dump` wrote; only from files whose origin is trusted.

    Parameters
    ----------
    f : file
        Open for reading.
    """
    return pickle.load(f)
