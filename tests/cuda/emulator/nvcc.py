"""A stand-in for nvcc: compiles CUDA C by g++ against device.h, for this processor.

What it calls a cubin is a shared object that the emulator's driver loads. It takes the options that
PyCUDA passes, and -o. With CUDA_EMULATOR_CHECK=1 the object carries the hooks of check mode.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGETS = ("cubin", "ptx", "fatbin", "preprocess")
WITH_VALUE = (
    "-arch",
    "-code",
    "-gencode",
    "-std",
    "-Xptxas",
    "-maxrregcount",
    "--compiler-options",
)
COMPILER = ["g++", "-std=gnu++17", "-w", "-fPIC", "-g1", "-fwrapv"]
COMPILER += ["-fno-strict-aliasing", "-ffp-contract=off"]
PLAIN = ["-O2"]
CHECKED = ["-O1", "-DEMULATOR_CHECK", "-fno-omit-frame-pointer", "-fno-tree-sra"]
CHECKED += ["-fsanitize=thread,alignment,bounds,integer-divide-by-zero"]
# g++ would link its own sanitizers' libraries; the emulator stands in for them.
LINKER = ["-shared", "-Wl,-Bsymbolic", "-nodefaultlibs", "-lm", "-lc", "-lgcc"]

# What may stand before a kernel's name, or hide one.
NOISE = re.compile(r"/\*.*?\*/|//[^\n]*|__launch_bounds__\s*\([^)]*\)", re.S)
DYNAMIC_SHARED = re.compile(
    r"extern\s+(?:(?:__shared__|__align__\s*\(\s*\d+\s*\))\s+)+(?P<type>[\w:<>\s]+?)\s+(?P<name>\w+)"
    r"\s*\[\s*\]\s*;"
)
KERNEL = re.compile(r"__global__\s[\s\w]*?(\w+)\s*\(")


def kernel_names(text: str) -> list[str]:
    return list(dict.fromkeys(KERNEL.findall(NOISE.sub(" ", text))))


def translate(text: str, command: str) -> str:
    """Return the C++ of a CUDA text, line by line the same."""
    body = DYNAMIC_SHARED.sub(r"\g<type> *\g<name> = (\g<type> *)emulator_dynamic_shared();", text)
    kernels = "".join(f"EMULATOR_KERNEL({name})\n" for name in kernel_names(text))
    return (
        f'#include "device.h"\n#line 1 "kernel.cu"\n{body}\n{kernels}'
        f'EMULATOR_FILE(R"emulator({text})emulator", R"emulator({command})emulator")\n'
    )


def parse(arguments: list[str]) -> tuple[str, str, str | None, list[str]]:
    """Return the target, the source, the wanted output and the options that g++ shares."""
    target, source, output, shared = "cubin", "", None, []
    rest = iter(arguments)
    for argument in rest:
        if argument.lstrip("-") in TARGETS:
            target = argument.lstrip("-")
        elif argument == "-o":
            output = next(rest)
        elif argument.startswith(("-I", "-D")):
            shared.append(argument)
        elif argument in WITH_VALUE:
            next(rest)
        elif not argument.startswith("-"):
            source = argument
    return target, source, output, shared


def main(arguments: list[str]) -> int:
    if "--version" in arguments:
        print("a stand-in for nvcc, of tensorsym's CUDA emulator,", HERE.name)
        return 0
    if "--dryrun" in arguments:
        print("a stand-in has no toolkit to show", file=sys.stderr)
        return 1
    target, source, output, shared = parse(arguments)
    includes = [f"-I{HERE / 'include'}", *shared]
    if target == "preprocess":
        return subprocess.call([*COMPILER, *includes, "-E", "-P", "-x", "c++", source])
    command = shlex.join([str(HERE / "bin" / "nvcc"), "--cubin", *shared])
    checked = os.environ.get("CUDA_EMULATOR_CHECK", "0") not in {"", "0"}
    translated = translate(Path(source).read_text(), command)
    if checked:
        translated += 'extern "C" { extern const int emulator_instrumented = 1; }\n'
    return subprocess.run(
        [
            *COMPILER,
            *(CHECKED if checked else PLAIN),
            *includes,
            *(
                "-x",
                "c++",
                "-",
                *LINKER,
                "-o",
                output or str(Path(source).with_suffix(f".{target}")),
            ),
        ],
        input=translated,
        text=True,
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
