"""What was found of a GPU and what drives it, one plain line each, and whether it is used."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import subprocess
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.cuda.cublas import candidates
from tensorsym.cuda.device import find_context, find_driver, find_nvcc, parse_device
from tensorsym.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["findings", "use"]


def findings() -> dict[str, str]:
    """Return what is found, by what was looked for.

    Examples
    --------
    >>> sorted(findings())
    ['PyCUDA', 'cuBLAS', 'device', 'driver', 'nvcc', 'use']
    """
    lines: dict[str, Callable[[], str]] = {
        "PyCUDA": _pycuda,
        "driver": _driver,
        "device": _device,
        "nvcc": _nvcc,
        "cuBLAS": _cublas,
        "use": use,
    }
    found = {}
    for name, look in lines.items():
        try:
            found[name] = look()
        except DeviceError as error:
            found[name] = f"none: {error.what}"
    return found


def _pycuda() -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("pycuda")
    return 'not installed: pip install "tensorsym[cuda]"'


def _driver() -> str:
    driver: Any = find_driver()
    version = driver.get_driver_version()
    return f"for CUDA {version // 1000}.{version % 1000 // 10}"


def _device() -> str:
    driver: Any = find_driver()
    names = []
    for ordinal in range(driver.Device.count()):
        device = driver.Device(ordinal)
        major, minor = device.compute_capability()
        memory = device.total_memory() / 2**30
        names.append(f"cuda:{ordinal} {device.name()} ({major}.{minor}, {memory:.1f} GiB)")
    return "; ".join(names)


def _nvcc() -> str:
    path = find_nvcc()
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    release = [line for line in text.splitlines() if "release" in line]
    return f"{path}, {release[0].strip() if release else 'of unknown version'}"


def _cublas() -> str:
    files = [path for path in candidates() if os.path.exists(path)]
    return files[0] if files else "not found: products are computed by kernels of our own"


def use() -> str:
    """Return whether functions run on a GPU by default, and why or why not.

    Examples
    --------
    >>> use()
    'no: config.device is cpu'
    """
    wanted = config.device
    if parse_device(wanted)[0] == "cpu":
        return "no: config.device is cpu"
    try:
        context = find_context("cuda" if wanted == "auto" else wanted)
    except DeviceError as error:
        return f"no: config.device is {wanted}, but {error.what}"
    assert context is not None
    return f"yes: config.device is {wanted}, which is {context.name}"
