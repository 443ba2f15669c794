"""Which device runs a function: names, what was found and why not, one `Context` per device.

Nothing is probed before the first function needs to know.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import threading
from typing import TYPE_CHECKING, Any

from tensorsym.cuda.context import Context
from tensorsym.cuda.cublas import find_library
from tensorsym.errors import DeviceError, NoDeviceError, NoDriverError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["fallback_reason", "find_context", "find_driver", "find_nvcc", "parse_device"]

# Theano's spellings: gpu and cuda, with or without a number.
SPELLING = re.compile(r"(?:cuda|gpu):?(\d+)?")

_contexts: dict[int, Context] = {}
_reasons: list[str] = []
_lock = threading.RLock()


def parse_device(name: str) -> tuple[str, int]:
    """Return 'cpu', 'auto' or 'cuda', and the number of the device.

    Raises
    ------
    NoDeviceError
        If the name says none of these.

    Examples
    --------
    >>> parse_device("cuda:1"), parse_device("gpu"), parse_device("cpu")
    (('cuda', 1), ('cuda', 0), ('cpu', 0))
    """
    text = name.strip().lower()
    if text in ("cpu", "auto"):
        return text, 0
    match = SPELLING.fullmatch(text)
    if match is None:
        raise NoDeviceError(
            "the name of a device is not understood",
            got=f"device={name!r}",
            expected="auto, cpu, cuda, or cuda:N (also Theano's gpu, gpuN, cudaN)",
        )
    return "cuda", int(match[1] or 0)


def find_driver() -> ModuleType:
    """Return `pycuda.driver`, initialised.

    Raises
    ------
    NoDriverError, NoDeviceError
        If PyCUDA or the driver is missing, or there is no device.
    """
    if importlib.util.find_spec("pycuda") is None:
        raise NoDriverError(
            "PyCUDA is not installed", hint='pip install "tensorsym[cuda]" installs it'
        )
    try:
        from pycuda import driver
    except ImportError as error:
        raise NoDriverError("NVIDIA's driver is not found", got=str(error)) from error
    try:
        driver.init()
        count = driver.Device.count()
    except driver.Error as error:
        raise NoDeviceError("there is no usable GPU", got=str(error)) from error
    if count == 0:
        raise NoDeviceError("there is no GPU")
    found: ModuleType = driver
    return found


def find_nvcc() -> str:
    """Return the path of CUDA's compiler.

    Raises
    ------
    NoDriverError
        If it is neither on PATH nor below CUDA_HOME.
    """
    homes = [os.environ.get(name) for name in ("CUDA_HOME", "CUDA_ROOT", "CUDA_PATH")]
    places = [os.path.join(home, "bin") for home in homes if home]
    found = shutil.which("nvcc") or shutil.which("nvcc", path=os.pathsep.join(places) or os.devnull)
    if found is None:
        raise NoDriverError(
            "CUDA's compiler is not found",
            got="no nvcc on PATH or in CUDA_HOME",
            hint="install the CUDA toolkit, or put its bin directory on PATH",
        )
    return found


def find_context(name: str) -> Context | None:
    """Return the device of a name, or None for the CPU.

    `auto` never raises: it is the CPU where no GPU can be used, and `fallback_reason` says why.
    """
    kind, ordinal = parse_device(name)
    if kind == "cpu":
        return None
    with _lock:
        try:
            return _contexts.get(ordinal) or _open(ordinal)
        except DeviceError as error:
            if kind != "auto":
                raise
            _reasons[:] = [_one_line(error)]
            return None


def _open(ordinal: int) -> Context:
    driver: Any = find_driver()
    count = driver.Device.count()
    if ordinal >= count:
        raise NoDeviceError(
            f"there is no device cuda:{ordinal}", got=f"{count} devices: cuda:0 to cuda:{count - 1}"
        )
    context = Context(driver, ordinal, find_nvcc())
    with context:
        context.library = find_library()
    _contexts[ordinal] = context
    return context


def _one_line(error: DeviceError) -> str:
    detail = re.search(r"got: +(.*)", str(error))
    return error.what + (f": {detail[1]}" if detail else "")


def fallback_reason() -> str:
    """Return why `auto` chose the CPU, in one line; empty if it did not, or was not asked yet."""
    return _reasons[0] if _reasons else ""
