"""Compiled translation units of a device: by PyCUDA's `SourceModule`, once per text.

PyCUDA keeps binaries on disk; they lie in our cache directory, for this user alone.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from typing import TYPE_CHECKING, Any

from tensorsym.config import cache_directory
from tensorsym.errors import DeviceCompileError

if TYPE_CHECKING:
    from pathlib import Path

    from tensorsym.cuda.source import KernelSource

__all__ = ["OPTIONS", "Modules"]

# A product and a sum are two roundings, as the numeric contract says; fma() stays one.
OPTIONS = ("-fmad=false", "-std=c++17")


class Modules:
    """What is compiled for a device.

    Parameters
    ----------
    driver : module
        `pycuda.driver`.
    nvcc : str
        The compiler.
    """

    def __init__(self, driver: Any, nvcc: str) -> None:
        self._driver = driver
        self._nvcc = nvcc
        self._modules: dict[str, Any] = {}
        self._functions: dict[KernelSource, Any] = {}
        self._lock = threading.Lock()

    def function(self, source: KernelSource) -> Any:
        """Return a kernel, ready to launch."""
        found = self._functions.get(source)
        if found is None:
            with self._lock:
                module = self._modules.get(source.text)
                if module is None:
                    module = self._modules[source.text] = self._build(source.text)
                found = self._functions[source] = module.get_function(source.name)
        return found

    def _build(self, text: str) -> Any:
        import pycuda.compiler

        directory = private_directory(cache_directory("cuda"))
        try:
            return pycuda.compiler.SourceModule(
                text,
                nvcc=self._nvcc,
                options=list(OPTIONS),
                no_extern_c=True,
                cache_dir=False if directory is None else str(directory),
            )
        except self._driver.CompileError as error:
            raise _failure(text, error, directory) from error


def private_directory(directory: Path) -> Path | None:
    """Return the directory, made if it is not there, or None if others could write into it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = os.lstat(directory)
    except OSError:
        return None
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    writable = os.access(directory, os.W_OK)
    return directory if mine and writable and not found.st_mode & 0o022 else None


def _failure(text: str, error: Any, directory: Path | None) -> DeviceCompileError:
    """Return the error of a kernel that does not compile, with its source kept."""
    kept = "not kept: the cache directory can not be written"
    if directory is not None:
        path = directory / f"failed-{hashlib.sha256(text.encode()).hexdigest()[:16]}.cu"
        path.write_text(text)
        kept = str(path)
    command = getattr(error, "command_line", None) or ()
    words = [str(part) for part in (error.stdout, error.stderr) if part]
    return DeviceCompileError(
        "a GPU kernel does not compile",
        got="\n".join(words).strip() or str(error),
        expected=f"success of: {' '.join(command)}",
        hint=f"the source is {kept}",
    )
