"""Theano's home of parts of tensors."""

from tensorsym.errors import AdvancedIndexingError
from tensorsym.language.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.table import FUNCTIONS

inc_subtensor = FUNCTIONS["inc_subtensor"]
set_subtensor = FUNCTIONS["set_subtensor"]
take = FUNCTIONS["take"]

__all__ = [
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedIndexingError",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "IncSubtensor",
    "Subtensor",
    "inc_subtensor",
    "set_subtensor",
    "take",
]
