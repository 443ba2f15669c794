"""Settings, read once from the environment and changed at run time by attribute or `scope`.

In: TENSORSYM_FLAGS (and THEANO_FLAGS for old programs) as "name=value,section.name=value".
Out: `config.floatX`, `config.traceback.limit`. This room probes nothing: no compiler, no GPU.
"""

from __future__ import annotations

import contextlib
import functools
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["OPTIONS", "Config", "Option", "cache_directory", "config"]


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: dotted name, default, accepted values (empty: any of its type), doc."""

    name: str
    default: Any
    choices: tuple[Any, ...]
    doc: str

    def parse(self, text: Any) -> Any:
        """Return the value that `text` (a string from the environment, or a value) stands for."""
        value = text
        if isinstance(text, str) and not isinstance(self.default, str):
            if isinstance(self.default, bool):
                value = {"true": True, "1": True, "yes": True, "false": False, "0": False}.get(
                    text.strip().lower(), text
                )
            elif isinstance(self.default, int | float):
                value = type(self.default)(text)
            elif text == "None":
                value = None
        if self.choices and value not in self.choices:
            accepted = ", ".join(map(repr, self.choices))
            raise ValueError(f"config.{self.name} can not be {text!r}; accepted: {accepted}")
        return value


OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option("floatX", "float64", ("float16", "float32", "float64"),
               "dtype of `T.matrix()` and of constants."),
        Option("cast_policy", "custom", ("custom", "numpy+floatX"),
               "How Python numbers get their dtype."),
        Option("int_division", "int", ("int", "raise", "floatX"), "What `/` does to two integers."),
        Option("mode", "auto", (),
               "Default mode of `function`: auto, reference, or a Theano name."),
        Option("optimizer", "fast_run", (), "Default rewrites: fast_run, fast_compile, None."),
        Option("optimizer_excluding", "", (), "Rewrites switched off, joined by ':'."),
        Option("optimizer_including", "", (), "Rewrites switched on, joined by ':'."),
        Option("linker", "auto", (), "Kept for Theano programs; the engine chooses by itself."),
        Option("device", "cpu", (), "cpu, cuda, cuda:N, or auto: a GPU if one can be used."),
        Option("on_unused_input", "raise", ("raise", "warn", "ignore"),
               "Unused inputs of `function`."),
        Option("on_opt_error", "warn", ("warn", "raise", "ignore"), "What a failing rewrite does."),
        Option("on_shape_error", "warn", ("warn", "raise"), "What a failing shape inference does."),
        Option("warn_float64", "ignore", ("ignore", "warn", "raise", "pdb"),
               "New float64 expressions."),
        Option("compute_test_value", "off", ("off", "warn", "raise", "ignore", "pdb"),
               "What is done about nodes whose inputs have no test value; off: none are run."),
        Option("compute_test_value_opt", "off", ("off", "warn", "raise", "ignore", "pdb"),
               "Kept for Theano programs."),
        Option("print_test_value", False, (), "Whether a variable's repr shows its test value."),
        Option("exception_verbosity", "low", ("low", "high"), "How much a run-time error tells."),
        Option("profile", False, (), "Functions take down what their calls cost, see profile=."),
        Option("profiling.destination", "stderr", (),
               "Where profiles are printed at the end: stderr, stdout, or a file."),
        Option("profiling.n_ops", 20, (), "Source lines that a profile shows."),
        Option("profiling.n_apply", 20, (), "Instructions that a profile shows."),
        Option("allow_gc", True, (), "Free intermediate buffers during a call."),
        Option("openmp", False, (), "Kept for Theano programs; see threads."),
        Option("threads", 1, (),
               "Cores that kernels over large arrays and products may use; 0: all of them."),
        Option("blas_core", "auto", (),
               "Processor whose kernels SciPy's OpenBLAS is loaded for, as in OPENBLAS_CORETYPE; "
               "auto: SkylakeX where it may not know one with AVX-512; empty: its own choice."),
        Option("cxx", "", (), "The C compiler; empty: found when first needed."),
        Option("tier", "auto", ("auto", "tile", "wait"),
               "C kernels: built when they will pay, never, or at once."),
        Option("debug", 0, tuple(range(8)), "What is shown while compiling, see docs."),
        Option("check", False, (), "Check graphs after each phase, and kernels against NumPy."),
        Option("cache", "", (),
               "Directory of compiled kernels; empty: the user's cache directory."),
        Option("cache_size", 64, (),
               "Megabytes of compiled kernels kept; the longest unused go first."),
        Option("numpy.seterr_all", "ignore", (),
               "NumPy's floating point warnings in the reference."),
        Option("traceback.limit", 8, (), "Lines kept of where an expression was built."),
        Option("warn.ignore_bug_before", "0.9", (), "Kept for Theano programs."),
        Option("unittests.rseed", 666, (), "Seed used by `verify_grad`."),
        Option("scan.allow_gc", False, (), "Free buffers inside loops."),
        Option("conv.assert_shape", False, (),
               "Check the shapes that convolutions were told in each call."),
        Option("reoptimize_unpickled_function", True, (), "Kept: unpickled functions are rebuilt."),
        Option("pickle_test_value", True, (), "Whether pickles of variables keep test values."),
        Option("NanGuardMode.nan_is_error", True, (), "Whether NanGuardMode refuses NaN."),
        Option("NanGuardMode.inf_is_error", True, (), "Whether NanGuardMode refuses infinities."),
        Option("NanGuardMode.big_is_error", True, (), "Whether NanGuardMode refuses beyond 1e10."),
        Option("DebugMode.check_finite", True, (), "Whether DebugMode refuses NaN and infinities."),
    )
}  # fmt: skip

# What Theano has settings for and tensorsym does not: kept, so that programs can set and read them.
UNUSED: dict[str, Any] = {
    "assert_no_cpu_op": "ignore", "base_compiledir": "", "cache_optimizations": False,
    "check_input": True, "check_stack_trace": "off", "compiledir": "", "compiledir_format": "",
    "contexts": "", "cycle_detection": "regular", "deterministic": "default", "force_device": False,
    "init_gpu_device": "", "nocleanup": False, "openmp_elemwise_minsize": 200000,
    "optimizer_requiring": "", "optimizer_verbose": False, "print_active_device": True,
    "print_global_stats": False, "profile_memory": False, "profile_optimizer": False,
    "unpickle_function": True, "DebugMode.check_c": True, "DebugMode.check_finite": True,
    "DebugMode.check_preallocated_output": "", "DebugMode.check_preallocated_output_ndim": 4,
    "DebugMode.check_py": True, "DebugMode.check_strides": 0, "DebugMode.patience": 10,
    "DebugMode.warn_input_not_reused": True, "NanGuardMode.action": "raise",
    "blas.check_openmp": True, "blas.ldflags": "", "cmodule.age_thresh_use": 2073600,
    "cmodule.compilation_warning": False, "cmodule.debug": False, "cmodule.preload_cache": False,
    "cmodule.remove_gxx_opt": False, "cmodule.warn_no_version": False, "compile.timeout": 120,
    "compile.wait": 5, "conv.assert_shape": False, "ctc.root": "", "cuda.include_path": "",
    "cuda.root": "", "dnn.base_path": "", "dnn.bin_path": "", "dnn.conv.algo_bwd": "",
    "dnn.conv.algo_bwd_data": "none", "dnn.conv.algo_bwd_filter": "none",
    "dnn.conv.algo_fwd": "small", "dnn.conv.precision": "as_input_f32", "dnn.conv.workmem": "",
    "dnn.conv.workmem_bwd": "", "dnn.enabled": "auto", "dnn.include_path": "",
    "dnn.library_path": "", "experimental.local_alloc_elemwise": True,
    "experimental.local_alloc_elemwise_assert": True, "experimental.unpickle_gpu_on_cpu": False,
    "gcc.cxxflags": "", "gpu.local_elemwise_fusion": True, "gpuarray.cache_path": "",
    "gpuarray.preallocate": 0.0, "gpuarray.sched": "default", "gpuarray.single_stream": True,
    "gpuarray.sync": False, "gpuelemwise.sync": True, "lib.amdlibm": False, "lib.cnmem": 0.0,
    "magma.enabled": False, "magma.include_path": "", "magma.library_path": "",
    "metaopt.optimizer_excluding": "", "metaopt.optimizer_including": "", "metaopt.verbose": 0,
    "nvcc.fastmath": False, "nvcc.flags": "", "optdb.max_use_ratio": 8.0,
    "optdb.position_cutoff": float("inf"), "profiling.debugprint": False,
    "profiling.destination": "stderr", "profiling.ignore_first_call": False,
    "profiling.min_memory_size": 1024, "profiling.min_peak_memory": False, "profiling.n_apply": 20,
    "profiling.n_ops": 20, "profiling.output_line_width": 512, "profiling.time_thunks": True,
    "scan.allow_output_prealloc": True, "scan.debug": False, "tensor.cmp_sloppy": 0,
    "tensor.insert_inplace_optimizer_validate_nb": -1, "tensor.local_elemwise_fusion": True,
    "traceback.compile_limit": 0, "vm.lazy": None,
    **{f"numpy.seterr_{kind}": "None" for kind in ("divide", "invalid", "over", "under")},
    **{f"warn.{name}": False for name in (
        "argmax_pushdown_bug", "gpu_set_subtensor1", "gpusum_01_011_0111_bug",
        "identify_1pexp_bug", "inc_set_subtensor1", "inc_subtensor1_opt", "reduce_join", "round",
        "signal_conv2d_interface", "subtensor_merge_bug", "sum_div_dimshuffle_bug", "sum_sum_bug",
        "vm_gc_bug",
    )},
}  # fmt: skip

ALIASES = {
    "float32": "float32",
    "o1": "fast_compile",
    "o2": "fast_run",
    "o3": "fast_run",
    "o4": "fast_run",
}


class Section:
    """The settings that share a prefix: `config.traceback` holds `traceback.limit`."""

    def __init__(self, prefix: str) -> None:
        self.__dict__["_prefix"] = prefix

    def __setattr__(self, name: str, value: Any) -> None:
        full = f"{self._prefix}.{name}"
        self.__dict__[name] = _parse(full, value) if full in OPTIONS else value

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"config has no setting {self._prefix}.{name}")


def _parse(name: str, value: Any) -> Any:
    if name == "optimizer" and isinstance(value, str):
        value = ALIASES.get(value, value)
    return OPTIONS[name].parse(value)


class Config:
    """All settings as attributes; `config.scope(floatX='float32')` changes them for a block.

    Examples
    --------
    >>> from tensorsym import config
    >>> with config.scope(floatX="float32"):
    ...     config.floatX
    'float32'
    """

    floatX: str  # noqa: N815 - Theano's name
    cast_policy: str
    mode: Any
    debug: int
    check: bool
    compute_test_value: str
    blas_core: str
    threads: int
    _listeners: dict[str, list[Callable[[], None]]]
    on_unused_input: str

    def __init__(self) -> None:
        self.__dict__["_listeners"] = {}
        for name, value in UNUSED.items():
            self.set(name, value)
        for name, option in OPTIONS.items():
            self.set(name, option.default)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = _parse(name, value) if name in OPTIONS else value
        for listener in self._listeners.get(name, ()):
            listener()

    def on_change(self, name: str, listener: Callable[[], None]) -> None:
        """Call `listener` now, and whenever the setting of this name, which has no dot, is set."""
        self._listeners.setdefault(name, []).append(listener)
        listener()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"config has no setting {name!r}")

    def set(self, name: str, value: Any) -> None:
        """Set the option of a dotted name, creating its sections."""
        *prefixes, leaf = name.split(".")
        holder: Any = self
        for depth, prefix in enumerate(prefixes):
            if prefix not in holder.__dict__:
                holder.__dict__[prefix] = Section(".".join(prefixes[: depth + 1]))
            holder = holder.__dict__[prefix]
        setattr(holder, leaf, value)

    def get(self, name: str) -> Any:
        """Return the value of a dotted name."""
        return functools.reduce(getattr, name.split("."), self)

    @contextlib.contextmanager
    def scope(self, **changes: Any) -> Iterator[Config]:
        """Change settings for a block; a dot in a name is written as two underscores.

        Parameters
        ----------
        **changes
            New values, `floatX="float32"` or `traceback__limit=1`.
        """
        names = {key.replace("__", "."): value for key, value in changes.items()}
        before = {name: self.get(name) for name in names}
        try:
            for name, value in names.items():
                self.set(name, value)
            yield self
        finally:
            for name, value in before.items():
                self.set(name, value)

    def change_flags(self, changes: dict[str, Any] | None = None, **more: Any) -> ChangeFlags:
        """Return a context manager and decorator that changes settings (Theano's `scope`)."""
        return ChangeFlags(changes, **more)

    def read_environment(self, text: str, source: str) -> None:
        """Apply "name=value,section.name=value"; unknown names warn and are kept as text."""
        for pair in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = pair.partition("=")
            if not equals:
                raise ValueError(f"{source}: {pair!r} is not of the form name=value")
            if name not in OPTIONS and name not in UNUSED and source == "TENSORSYM_FLAGS":
                warnings.warn(f"{source}: unknown setting {name!r}", stacklevel=2)
            self.set(name, value)

    def __str__(self) -> str:
        return "\n".join(
            f"{name} ({option.doc})\n    Value: {self.get(name)}"
            for name, option in OPTIONS.items()
        )


class ChangeFlags:
    """`change_flags(floatX='float32')`: a context manager and decorator over `Config.scope`."""

    def __init__(self, changes: dict[str, Any] | None = None, **more: Any) -> None:
        self.changes = {
            key.replace(".", "__"): value for key, value in {**(changes or {}), **more}.items()
        }
        self.stack: list[Any] = []

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function` run under the changed settings."""

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with config.scope(**self.changes):
                return function(*args, **kwargs)

        return wrapped

    def __enter__(self) -> Config:
        scope = config.scope(**self.changes)
        self.stack.append(scope)
        return scope.__enter__()

    def __exit__(self, *details: Any) -> None:
        self.stack.pop().__exit__(*details)


config = Config()


def cache_directory(part: str) -> Path:
    """Return where compiled things are kept: in `config.cache`, else in the user's cache directory.

    Parameters
    ----------
    part : str
        What is kept: each kind has a directory below.
    """
    chosen = config.get("cache")
    if chosen:
        return Path(chosen).expanduser() / part
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(base) if base.startswith("/") else Path("~/.cache").expanduser()
    return home / "tensorsym" / part


for variable in ("THEANO_FLAGS", "TENSORSYM_FLAGS"):
    config.read_environment(os.environ.get(variable, ""), variable)
for name in ("debug", "check", "cache", "threads"):
    if value := os.environ.get(f"TENSORSYM_{name.upper()}"):
        config.set(name, value)
