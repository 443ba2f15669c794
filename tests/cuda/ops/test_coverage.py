"""Every op of the language has a home on a device, or a reason why it has none."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

import tensorsym.autodiff
import tensorsym.language
from tensorsym.cuda import ops
from tensorsym.cuda.ops.host import HOST_OPS
from tensorsym.graph.op import Op
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.ifelse import IfElse
from tensorsym.language.reduction import Reduction
from tensorsym.schedule.lowering import LOWERINGS

# Parts of kernels, and branches of the Plan.
OF_THE_PLAN = (Elementwise, Reduction, IfElse)


def all_ops() -> list[type[Any]]:
    """Return the classes of ops in language/ and autodiff/ that nodes can have."""
    for package in (tensorsym.language, tensorsym.autodiff):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    ops.load()
    found, stack = [], list(Op.__subclasses__())
    while stack:
        cls = stack.pop()
        stack += cls.__subclasses__()
        rooms = ("tensorsym.language.", "tensorsym.autodiff.")
        # A class that others share has no nodes of its own.
        if cls.__module__.startswith(rooms) and not cls.__subclasses__():
            found.append(cls)
    return sorted(set(found), key=lambda cls: cls.__name__)


@pytest.mark.parametrize("cls", all_ops(), ids=lambda cls: cls.__name__)
def test_an_op_has_a_kernel_or_an_instruction_or_a_reason(cls):
    homes = [cls in ops.DEVICE_OPS, any(base in HOST_OPS for base in cls.__mro__)]
    assert any(homes) or cls in LOWERINGS or issubclass(cls, OF_THE_PLAN)
    assert not all(homes)


def test_every_reason_is_a_line():
    assert all(reason and "\n" not in reason for reason in HOST_OPS.values())
