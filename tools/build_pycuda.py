"""Build PyCUDA where CUDA's compiler is, once, and print the wheel's path.

PyCUDA's wheel belongs to one CUDA and one Python, so there is none to download. This one is kept
outside the clone, by version, Python and CUDA's root. No driver is needed: PyCUDA is linked against
an empty libcuda.so.1, which the true one replaces at run time.

    python tools/build_pycuda.py            # for the Python that runs it

Exit status 1, with one line on standard error: there is no CUDA compiler, or the build failed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

VERSION = "2026.1"


class BuildError(Exception):
    """PyCUDA cannot be built; the text is one line."""


def compiler_root(nvcc: Path) -> Path | None:
    """Return the toolkit that `nvcc` belongs to, by its dry run: it may be a link or a script."""
    if not os.access(nvcc, os.X_OK):
        return None
    dry = [nvcc, "--dryrun", "-x", "cu", os.devnull]
    told = subprocess.run(dry, capture_output=True, text=True, check=False).stderr
    for line in told.splitlines():
        root = line.partition("TOP=")[2].strip()
        if root and (Path(root) / "include/cuda.h").exists():
            return Path(root).resolve()
    return None


def cuda_root() -> Path | None:
    """Return the folder of CUDA's toolkit: CUDA_ROOT, CUDA_HOME, that of nvcc, the usual one."""
    for name in ("CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"):
        root = os.environ.get(name)
        if root and (Path(root) / "include/cuda.h").exists():
            return Path(root)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if root := compiler_root(Path(folder) / "nvcc"):
            return root
    usual = Path("/usr/local/cuda")
    return usual if (usual / "include/cuda.h").exists() else None


def nvcc() -> Path | None:
    """Return NVIDIA's own compiler; a stand-in on PATH is none."""
    root = cuda_root()
    found = root / "bin/nvcc" if root else None
    return found if found and compiler_root(found) else None


def cache_folder(root: Path) -> Path:
    """Return where the wheel for this Python and the CUDA at `root` is kept."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = f"{VERSION} {sys.version} {sysconfig.get_platform()} {root.resolve()}"
    return base / "tensorsym-ci" / f"pycuda-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def run(command: list[str], log: Path, **settings: object) -> None:
    """Run a step of the build; a failure names the log's last line."""
    with log.open("ab") as out:
        done = subprocess.run(command, stdout=out, stderr=out, check=False, **settings)  # type: ignore[call-overload]
    if done.returncode:
        lines = log.read_text(errors="replace").strip().splitlines() or ["no output"]
        raise BuildError(f"{' '.join(command[:4])} failed: {lines[-1].strip()}")


def build(root: Path, work: Path) -> Path:
    """Build the wheel in `work`."""
    log = work / "log"
    run([sys.executable, "-m", "venv", str(work / "env")], log)
    python = str(work / "env/bin/python")
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run([*pip, "install", "setuptools", "wheel", "numpy>=2"], log)
    source = f"pycuda=={VERSION}"
    download = [*pip, "download", "--no-deps", "--no-binary=:all:", "--no-build-isolation"]
    run([*download, source], log, cwd=work)
    with tarfile.open(next(work.glob("pycuda-*.tar.gz"))) as archive:
        archive.extractall(work, filter="data")
    tree = next(path for path in work.glob("pycuda-*") if path.is_dir())
    stub = work / "stub"
    stub.mkdir()
    library = ["g++", "-shared", "-Wl,-soname,libcuda.so.1", "-o", str(stub / "libcuda.so")]
    run([*library, "-x", "c++", os.devnull], log)
    configure = [python, "configure.py", f"--cuda-root={root}", "--no-cuda-enable-curand"]
    run([*configure, f"--cudadrv-lib-dir={stub}", "--cxxflags=-O1", "--ldflags=-s"], log, cwd=tree)
    # An empty library is kept as needed only if the linker is told so before it meets it.
    environment = os.environ | {"LDFLAGS": "-Wl,--no-as-needed", "CUDA_ROOT": str(root)}
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={work}/made", "."]
    run(wheel, log, cwd=tree, env=environment)
    return next((work / "made").glob("*.whl"))


def wheel() -> Path:
    """Return the wheel, built if it was not kept."""
    root = cuda_root()
    if root is None or nvcc() is None:
        raise BuildError("CUDA's compiler was not found (nvcc on PATH, CUDA_ROOT or CUDA_HOME)")
    if not shutil.which("g++"):
        raise BuildError("g++ was not found")
    kept = cache_folder(root)
    for found in kept.glob("*.whl"):
        return found
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-pycuda-") as work:
        made = build(root, Path(work))
        # Under a name of its own first: another build may be at the same place.
        part = kept / f"{os.getpid()}.part"
        shutil.copy(made, part)
        return part.rename(kept / made.name)


if __name__ == "__main__":
    try:
        print(wheel())
    except (BuildError, OSError) as error:
        print(f"PyCUDA is not built: {error}", file=sys.stderr)
        sys.exit(1)
