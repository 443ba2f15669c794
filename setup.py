"""Build of the Cython extensions; everything else stands in pyproject.toml.

Comes in: the compiled loops as `tools/build_native.py` lists them, and the `.pyx` files of rooms.
Goes out: one extension module per file. The flags and their reasons are in docs/building.md.
"""

import os
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

from build_native import BASE_FLAGS, extensions  # noqa: E402

PACKAGE = "src/tensorsym"


def room_extension(name: str) -> Extension:
    """Return the extension `tensorsym.<name>`, built for every CPU of the architecture."""
    depends = (ROOT / PACKAGE).glob("**/*.px[di]"), (ROOT / PACKAGE).glob("native/*.h")
    return Extension(
        f"tensorsym.{name}",
        [f"{PACKAGE}/{name.replace('.', '/')}.pyx"],
        include_dirs=[f"{PACKAGE}/native", numpy.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        extra_compile_args=BASE_FLAGS,
        depends=sorted(str(p.relative_to(ROOT)) for paths in depends for p in paths),
    )


class BuildExtensions(build_ext):
    """Translate right before compiling, so that metadata and sdist stay instant."""

    def build_extensions(self) -> None:
        """Translate every `.pyx` and compile, one job per core."""
        translated = cythonize(
            [copy(e) for e in self.extensions],
            build_dir="build/cython",
            include_path=[PACKAGE],
            # Worker processes re-import this file where fork is not the default.
            nthreads=(os.cpu_count() or 1) if sys.platform == "linux" else 0,
        )
        for own, new in zip(self.extensions, translated, strict=True):
            own.sources = new.sources
        self.parallel = self.parallel or os.cpu_count()
        super().build_extensions()


setup(
    ext_modules=[
        *extensions(),
        room_extension("cpu._conv"),
        room_extension("cpu._machine"),
        room_extension("cpu._pool"),
        room_extension("runtime._call"),
    ],
    cmdclass={"build_ext": BuildExtensions},
)
