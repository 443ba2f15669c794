"""The kernels of a function in one translation unit, which is compiled when the first one runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.codegen.cuda import cuda_text, cuda_unit
from tensorsym.cuda.source import KernelSource

if TYPE_CHECKING:
    from tensorsym.codegen.cuda import CudaKernel
    from tensorsym.cuda.context import Context

__all__ = ["Unit"]


class Unit:
    """Kernels that are compiled together: a run of the compiler takes longer than a kernel more.

    Parameters
    ----------
    context : Context
        The device.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names: dict[CudaKernel, str] = {}
        self._texts: dict[int, str] = {}
        self._functions: dict[tuple[str, int], Any] = {}

    def add(self, kernel: CudaKernel) -> str:
        """Return the name of a kernel; equal ones have the same."""
        self._texts.clear()
        return self._names.setdefault(kernel, f"k{len(self._names)}")

    def text(self, bits: int = 32) -> str:
        """Return the translation unit for indices of 32 or 64 bits."""
        if bits not in self._texts:
            self._texts[bits] = cuda_unit(
                [cuda_text(kernel, name, bits) for kernel, name in self._names.items()]
            )
        return self._texts[bits]

    def function(self, name: str, bits: int) -> Any:
        """Return a loop of a kernel, such as `k0_flat`, ready to launch."""
        found = self._functions.get((name, bits))
        if found is None:
            source = KernelSource(name, self.text(bits))
            found = self._functions[name, bits] = self._context.modules.function(source)
        return found
