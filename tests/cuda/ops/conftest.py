"""The device of these tests, with every op that it has a function for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tensorsym.cuda import ops
from tensorsym.cuda.memory import Pool
from tensorsym.cuda.modules import Modules
from tests.cuda.conftest import Unpooled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tensorsym.cuda.context import Context


@pytest.fixture(scope="session")
def context(context: Context) -> Context:
    ops.load()
    return context


@pytest.fixture(scope="session")
def checked_modules(context: Context) -> Modules:
    """What is compiled for check mode."""
    return Modules(context._driver, context.modules._nvcc)


@pytest.fixture
def checked_context(
    context: Context,
    emulator: ModuleType,
    checked_modules: Modules,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Context]:
    """Return the device in check mode: a launch with a report fails."""
    driver = context._driver
    monkeypatch.setattr(context, "pool", Pool(Unpooled(), driver.MemoryError))
    monkeypatch.setattr(context, "modules", checked_modules)
    emulator.reports()
    with emulator.checking():
        yield context
