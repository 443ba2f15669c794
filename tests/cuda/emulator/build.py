"""Builds the emulator, once for its sources, outside the clone."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from build_pycuda import cuda_root

from tests.cuda.emulator.nvcc import CHECKED, COMPILER, PLAIN

HERE = Path(__file__).parent
SOURCES = ("driver.cpp", "machine.cpp", "memory.cpp", "module.cpp", "checks.cpp", "reports.cpp")
LIBRARY = "libcuda.so.1"


class EmulatorError(RuntimeError):
    """The emulator could not be built; the text ends in the compiler's words."""


def unavailable() -> str | None:
    """Return why the emulator cannot run here, in one line, or None."""
    if platform.machine() != "x86_64" or not sys.platform.startswith("linux"):
        return "the CUDA emulator runs on x86-64 Linux only"
    if not shutil.which("g++"):
        return "the CUDA emulator needs g++, which is not on PATH"
    if importlib.util.find_spec("pycuda") is None:
        return "PyCUDA is not installed (tools/build_pycuda.py builds it where CUDA's compiler is)"
    if cuda_root() is None:
        return "CUDA's headers were not found (CUDA_ROOT, CUDA_HOME or nvcc on PATH)"
    return None


def build() -> Path:
    """Return the folder of the built emulator: bin/nvcc and lib/libcuda.so.1.

    The folder's name is a hash of all that it is made from, so that a change builds anew.
    """
    root, pycuda = cuda_root(), _pycuda_library()
    digest = hashlib.sha256(f"{root} {sys.executable} {pycuda.stat()}".encode())
    compiler = subprocess.run(["g++", "--version"], capture_output=True, check=True).stdout
    digest.update(compiler)
    for path in sorted(HERE.rglob("*")):
        if path.suffix in {".cpp", ".h", ".py"}:
            digest.update(path.read_bytes())
    folder = _cache() / digest.hexdigest()[:16]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix="building-"))
        try:
            _build_in(made, root, pycuda)
            # Another process may have been faster: its folder is as good.
            if not folder.exists():
                made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return folder


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    try:
        (Path(base) / "tensorsym-emulator").mkdir(parents=True, exist_ok=True)
    except OSError:
        base = tempfile.gettempdir()
    return Path(base) / "tensorsym-emulator"


def _pycuda_library() -> Path:
    spec = importlib.util.find_spec("pycuda")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.glob("_driver*.so"))


def _run(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise EmulatorError(f"{' '.join(map(str, command))}\n{done.stderr[-4000:]}")
    return done.stdout


def _build_in(folder: Path, root: Path | None, pycuda: Path) -> None:
    for name in ("bin", "lib", "include"):
        (folder / name).mkdir()
    shutil.copy(HERE / "nvcc.py", folder)
    for header in (HERE / "include").iterdir():
        shutil.copy(header, folder / "include")
    # Compiled beforehand, once for each set of options: g++ takes the one that fits.
    precompiled = folder / "include/device.h.gch"
    precompiled.mkdir()
    for name, options in (("plain", PLAIN), ("checked", CHECKED)):
        source = ["-x", "c++-header", folder / "include/device.h", "-o", precompiled / name]
        _run(*COMPILER, *options, *source)
    script = folder / "bin" / "nvcc"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -IS "${{0%/bin/nvcc}}/nvcc.py" "$@"\n')
    script.chmod(0o755)
    stubs = folder / "stubs.c"
    names = _run("nm", "-D", "--undefined-only", pycuda).split()
    # 801 is CUDA_ERROR_NOT_SUPPORTED; the driver's own functions are not weak and win.
    stubs.write_text(
        "".join(
            f"__attribute__((weak)) int {name}(void) {{ return 801; }}\n"
            for name in names
            if name.startswith("cu")
        )
    )
    options = ["-O2", "-g1", "-std=c++17", "-fPIC", f"-I{root}/include", f"-I{HERE}"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(lambda name: _compile(folder, HERE / name, options), SOURCES))
    _run("gcc", "-O1", "-fPIC", "-c", stubs, "-o", folder / "stubs.o")
    _run(
        *("g++", "-shared", f"-Wl,-soname,{LIBRARY}", "-o", folder / "lib" / LIBRARY),
        *(*objects, folder / "stubs.o", "-ldl"),
    )


def _compile(folder: Path, source: Path, options: list[str]) -> Path:
    target = folder / f"{source.stem}.o"
    _run("g++", *options, "-c", source, "-o", target)
    return target
