"""The system's C compiler: found when first needed, run as a child process, not always there.

In: a translation unit as text. Out: the bytes of a shared library, or CompileError with the
command, the compiler's words and the path of the kept source. Nothing here knows kernels, and
nothing decides when to build.
"""

from __future__ import annotations

import atexit
import functools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from tensorsym.config import config
from tensorsym.errors import CompileError

__all__ = ["LEVEL_FLAGS", "Compiler", "find_compiler"]

HEADERS = Path(__file__).resolve().parent.parent / "native"
TIMEOUT = 60.0  # seconds; a unit of 20 kernels takes 0.15

# The numeric contract (N19), and what lets loops vectorize; docs/building.md gives the reason of
# each.
FLAGS = shlex.split(
    "-std=gnu11 -fPIC -shared -w -fwrapv -ffp-contract=off -fno-builtin -fno-math-errno"
    " -fno-trapping-math -fno-strict-aliasing -fno-asynchronous-unwind-tables"
)
# gcc 12 vectorizes nothing of this at plain -O2; -O3 takes twice as long for large units and gains
# 5 to 15 %.
GCC_FLAGS = shlex.split(
    "-O2 -ftree-loop-vectorize -fvect-cost-model=dynamic --param vect-epilogues-nomask=0"
)
CLANG_FLAGS = ["-O2"]
# As the precompiled loops of each level are built (tools/build_native.py); a test compares them.
LEVEL_FLAGS = {
    "baseline": [],
    "v3": ["-mavx2", "-mfma", "-mbmi", "-mbmi2"],
    "v4": shlex.split(
        "-mavx2 -mfma -mbmi -mbmi2 -mavx512f -mavx512dq -mavx512bw -mavx512vl"
        " -mprefer-vector-width=512"
    ),
}


@dataclass(frozen=True, slots=True)
class Compiler:
    """A command that compiles C.

    Attributes
    ----------
    command : tuple of str
        Its words; the last ones may be flags.
    identity : str
        Changes when one of the programs among them does: path, size and time. It stands for the
        version, which would cost a process to ask for.
    """

    command: tuple[str, ...]
    identity: str

    def build(self, source: str, level: str) -> bytes:
        """Return the shared library of a translation unit.

        Parameters
        ----------
        source : str
            C text; it may include the package's own headers.
        level : str
            The instruction set, as `_ops.level` names it.

        Raises
        ------
        CompileError
            If the compiler can not be run, refuses the text, or needs more than a minute.
        """
        folder = Path(tempfile.mkdtemp(prefix="tensorsym-"))
        _scratch.add(folder)
        keep = config.debug >= 7
        try:
            text, library = folder / "kernels.c", folder / "kernels.so"
            text.write_text(source)
            command = [
                *self.command,
                *self.flags(level),
                f"-I{HEADERS}",
                "-o",
                str(library),
                str(text),
            ]
            if keep:
                print(f"compile: {shlex.join(command)}", file=sys.stderr)
            try:
                _run(command)
                return library.read_bytes()
            except (OSError, subprocess.SubprocessError) as error:
                keep = not _stopping.is_set()
                raise _compile_error(command, text, error) from None
        finally:
            _scratch.discard(folder)
            if not keep:
                shutil.rmtree(folder, ignore_errors=True)

    def flags(self, level: str) -> list[str]:
        """Return the flags for a level."""
        kind = CLANG_FLAGS if _is_clang(self) else GCC_FLAGS
        alone = ["-nostdlib"] if sys.platform == "linux" else []
        return [*FLAGS, *kind, *alone, *LEVEL_FLAGS[level]]


def find_compiler() -> Compiler | None:
    """Return the compiler that `config.cxx` or CC names, else cc, gcc or clang, or None.

    Who names one gets that one or none.
    """
    return _find(str(config.cxx or os.environ.get("CC", "")), os.environ.get("PATH", ""))


@functools.cache
def _find(wanted: str, path: str) -> Compiler | None:
    for text in [wanted] if wanted.strip() else ["cc", "gcc", "clang"]:
        command = tuple(shlex.split(text))
        if shutil.which(command[0], path=path):
            programs = [
                os.path.realpath(found)
                for word in command
                if (found := shutil.which(word, path=path))
            ]
            states = [(program, os.stat(program)) for program in programs]
            identity = " ".join(f"{program}:{s.st_size}:{s.st_mtime_ns}" for program, s in states)
            return Compiler(command, f"{text} {identity}")
    return None


@functools.cache
def _is_clang(compiler: Compiler) -> bool:
    try:
        return b"clang" in _run([*compiler.command, "--version"])
    except (OSError, subprocess.SubprocessError):
        return False  # the build itself will tell what is wrong


# What has to be ended or deleted when the interpreter ends.
_stopping = threading.Event()
_scratch: set[Path] = set()
_running: set[subprocess.Popen[bytes]] = set()


def _run(command: list[str]) -> bytes:
    """Return what a command prints; it can be ended by `_stop`."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        _running.add(process)
        try:
            output, _ = process.communicate(timeout=TIMEOUT)
        except BaseException:
            process.kill()
            raise
        finally:
            _running.discard(process)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return output


def _compile_error(command: list[str], source: Path, error: Exception) -> CompileError:
    words = str(error)
    if isinstance(error, subprocess.CalledProcessError):
        output = error.output.decode(errors="replace").strip()
        words = f"exit status {error.returncode}" + (
            f"\n{output}" if output else ", without a word"
        )
    return CompileError(
        "the C compiler did not build a kernel",
        got=words.replace("\n", "\n            "),
        expected=f"a library from {shlex.join(command)}",
        hint=f"the source is kept: {source}; name another compiler in config.cxx, or set"
        " config.tier to 'tile'",
    )


def _stop() -> None:
    """End what runs, at the end of the interpreter: nobody waits for it any more."""
    _stopping.set()
    for process in list(_running):
        process.kill()
    for folder in list(_scratch):
        shutil.rmtree(folder, ignore_errors=True)


def _forget() -> None:
    """In a forked child: what runs is the parent's."""
    _running.clear()
    _scratch.clear()


atexit.register(_stop)
os.register_at_fork(after_in_child=_forget)
