"""Build of the Cython extensions; everything else stands in pyproject.toml.

Comes in: the `.pyx` files of `EXTENSIONS` and what `tools/build_native.py` generates.
Goes out: one extension module per file, the compiled loops once per instruction set.
"""

import os
import platform
import sys
from copy import copy
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
# A PEP 517 build runs this file with neither its folder nor tools/ on sys.path.
sys.path.insert(0, str(ROOT / "tools"))

from build_native import write_loops  # noqa: E402

PACKAGE = "src/tensorsym"
X86_64 = platform.machine().lower() in {"x86_64", "amd64"}

COMMON_FLAGS = [
    "-O3",  # gcc 12 does not vectorize these loops at -O2
    "-ffp-contract=off",  # gcc contracts a*b+c where FMA exists: the bits would depend on the CPU
    "-fno-builtin",  # gcc folds pow(x, 2) to x*x and calls libm by itself: other bits again
    "-fwrapv",  # integers wrap, as NumPy's do; without it overflow is undefined
    "-fno-math-errno",  # lets floor, trunc and sqrt become instructions; nobody reads errno
]
# Never -march=native: a wheel or a shared home directory would carry it to another CPU.
LEVEL_FLAGS = {
    "v3": ["-mavx2", "-mfma", "-mf16c"],
    "v4": [
        *("-mavx2", "-mfma", "-mf16c"),
        *("-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq"),
        "-mprefer-vector-width=512",  # gcc prefers 256 bits even where 512 are there
    ],
}


def extension(name: str, level: str | None = None) -> Extension:
    """Return the extension `tensorsym.<name>`, for an instruction set above the baseline or not."""
    headers = sorted(str(p.relative_to(ROOT)) for p in (ROOT / PACKAGE).glob("native/*.h"))
    includes = sorted(str(p.relative_to(ROOT)) for p in (ROOT / PACKAGE).glob("**/*.px[id]"))
    return Extension(
        f"tensorsym.{name}",
        [f"{PACKAGE}/{name.replace('.', '/')}.pyx"],
        include_dirs=[PACKAGE, f"{PACKAGE}/native", numpy.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        extra_compile_args=COMMON_FLAGS + LEVEL_FLAGS.get(level or "", []),
        depends=[*headers, *includes],
    )


EXTENSIONS = [extension("_ops"), extension("cpu._machine"), extension("runtime._call")]
if X86_64:
    EXTENSIONS += [extension(f"_ops_{level}", level) for level in LEVEL_FLAGS]


class BuildExtensions(build_ext):
    """Generate and translate right before compiling, so that metadata and sdist stay instant."""

    def build_extensions(self) -> None:
        """Write the generated loops, translate every `.pyx` and compile, one job per core."""
        write_loops()
        translated = cythonize(
            [copy(e) for e in self.extensions],
            build_dir="build/cython",
            include_path=[PACKAGE],
            compiler_directives={"language_level": 3},
            # Worker processes re-import this file where fork is not the default.
            nthreads=(os.cpu_count() or 1) if sys.platform == "linux" else 0,
        )
        for own, new in zip(self.extensions, translated, strict=True):
            own.sources = new.sources
        self.parallel = self.parallel or os.cpu_count()
        super().build_extensions()


setup(ext_modules=EXTENSIONS, cmdclass={"build_ext": BuildExtensions})
