"""The device of these tests: the emulator's, also where there is a GPU."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import build_pycuda
import pytest

from tensorsym.cuda import modules
from tensorsym.cuda.device import find_context
from tests.cuda import emulator as emulated
from tests.cuda.kernels import Device

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from tensorsym.cuda.context import Context


class Unpooled:
    """Memory from the driver, in the place of PyCUDA's pool.

    Check mode then knows where an array ends, that it was freed, and what was not written.
    """

    def allocate(self, nbytes: int) -> Any:
        import pycuda.driver

        return pycuda.driver.mem_alloc(nbytes)

    def free_held(self) -> None:
        """Nothing is held."""

    stop_holding = free_held


def no_compiler() -> str | None:
    """Return why NVIDIA's compiler is not here, or None."""
    if build_pycuda.nvcc():
        return None
    return "CUDA's compiler was not found (nvcc on PATH, CUDA_ROOT or CUDA_HOME)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave one of the tests that cannot run here, to skip with a line for all of them."""
    for fixture, missing in (("emulator", emulated.unavailable), ("nvcc", no_compiler)):
        needing = [item for item in items if fixture in getattr(item, "fixturenames", ())]
        if not needing or not (reason := missing()):
            continue
        needing[0].add_marker(pytest.mark.skip(reason=f"{len(needing)} tests, since {reason}"))
        config.hook.pytest_deselected(items=needing[1:])
        others = set(needing[1:])
        items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def emulator() -> ModuleType:
    """Return the emulator, at work in this process."""
    emulated.activate()
    return emulated


@pytest.fixture(autouse=True)
def no_reports(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a report of the emulator unread."""
    yield
    if "emulator" in request.fixturenames:
        assert emulated.reports() == []


@pytest.fixture
def checked(emulator: ModuleType) -> Iterator[ModuleType]:
    """Return the emulator in check mode."""
    with emulator.checking():
        yield emulator


@pytest.fixture(scope="module")
def device(emulator: ModuleType) -> Iterator[Device]:
    """Return a context of the emulator's device, for kernels by their text."""
    import pycuda.compiler
    import pycuda.driver

    pycuda.driver.init()
    context = pycuda.driver.Device(0).retain_primary_context()
    context.push()
    made = Device(pycuda.driver, pycuda.compiler)
    yield made
    made.modules.clear()
    pycuda.driver.Context.pop()


@pytest.fixture(scope="session")
def nvcc() -> Path:
    """Return NVIDIA's compiler."""
    compiler = build_pycuda.nvcc()
    assert compiler is not None
    return compiler


@pytest.fixture(scope="session")
def context(emulator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Return the emulator's device as functions use it."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules, "cache_directory", lambda part: folder / part)
        found = find_context("cuda")
        assert found is not None
        if os.environ.get("CUDA_EMULATOR_CHECK"):
            found.pool._pool = Unpooled()
        yield found
