# cython: language_level=3, boundscheck=False, wraparound=False
# cython: initializedcheck=False, cdivision=True
"""Compiled loops over vectors, and the machine that runs programs made of them tile by tile.

A leaf: it knows dtypes, kernels and memory, and nothing of graphs. In come a program (operands,
steps, registers; plain data) and arrays; out go the arrays it filled. It allocates no result, casts
nothing and broadcasts by strides only: who plans a program decides all that. Kernels exist once per
instruction set; the best set that this machine runs is taken at import.
"""

import os

from cpython.buffer cimport PyBUF_RECORDS, PyBUF_RECORDS_RO, Py_buffer
from cpython.buffer cimport PyBuffer_Release, PyObject_GetBuffer
from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.string cimport memcpy  # no-cython-lint: the included files use it
from libc.string cimport memset

include "_dtypes.pxi"
include "_loops.pxi"
include "_loops_rare.pxi"
include "_names.pxi"

cdef extern from "ts_cpu.h":
    int ts_cpu_level() noexcept nogil

ROLES = ("in", "out", "sum", "prod", "max", "min", "any", "all")
LEVELS_BY_RANK = ("baseline", "v3", "v4")
_SIZES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "float32": 4, "int64": 8, "uint64": 8, "float64": 8,
}
_KINDS = {"?": "bool", "f": "float", "d": "float"}
_KINDS |= dict.fromkeys("bhilq", "int") | dict.fromkeys("BHILQ", "uint")

# Casts are told apart by the dtype they make, which their operands do not say.
_OPCODES = {
    (name, *operands) + ((out,) if name == "cast" else ()): index
    for index, (name, operands, out) in enumerate(_KERNELS)
}
_FOLDS = {key: len(_KERNELS) + 3 * index for index, key in enumerate(_REDUCTIONS)}

cdef void *_table[TABLE_SIZE]

include "_tile.pxi"

cdef str _level = "baseline"


cdef take_level(object module):
    """Replace the loops that `module` has too."""
    cdef void **better = <void **>PyCapsule_GetPointer(module.table(), "tensorsym.loops")
    cdef int i
    for i in range(TABLE_SIZE):
        if better[i] != NULL:
            _table[i] = better[i]


cdef str choose_level():
    """Fill the table with the best loops the machine runs and TENSORSYM_CPU_LEVEL allows."""
    wanted = os.environ.get("TENSORSYM_CPU_LEVEL", "v4")
    if wanted not in LEVELS_BY_RANK:
        levels = ", ".join(LEVELS_BY_RANK)
        raise ValueError(f"TENSORSYM_CPU_LEVEL is {wanted!r}; expected one of {levels}")
    rank = min(LEVELS_BY_RANK.index(wanted), ts_cpu_level())
    fill_common(_table)
    fill_rare(_table)
    if rank == 2:
        from tensorsym import _ops_v4 as best
    elif rank == 1:
        from tensorsym import _ops_v3 as best
    else:
        return "baseline"
    take_level(best)
    return LEVELS_BY_RANK[rank]


_level = choose_level()


def level():
    """Return the instruction set of the loops in use: ``'baseline'``, ``'v3'`` or ``'v4'``.

    Examples
    --------
    >>> level() in ("baseline", "v3", "v4")
    True
    """
    return _level


def opcode(str name, *dtypes):
    """Return the number of the kernel `name` for operands of `dtypes`, or None if there is none.

    For ``'cast'`` the dtypes are the one it takes and the one it makes.

    Examples
    --------
    >>> opcode("add", "float64", "float64") is not None
    True
    >>> opcode("exp", "int32") is None
    True
    """
    return _OPCODES.get((name, *dtypes))


def opcodes():
    """Return the kernels by opcode: tuples (name, dtypes of the operands, dtype of the result)."""
    return _KERNELS


def reductions():
    """Return the reductions there are: tuples (name, dtype)."""
    return _REDUCTIONS


def scalar_text(str name, *dtypes):
    """Return the C expression of x, y, z that a kernel computes, and the dtype of its result.

    Parameters
    ----------
    name : str
        A kernel, or a reduction, whose text combines x and y.
    *dtypes : str
        As for `opcode`; for a reduction its dtype.

    Examples
    --------
    >>> scalar_text("maximum", "float32", "float32")
    ('ts_max_f32(x, y)', 'float32')
    >>> scalar_text("sum", "float64")
    ('x + y', 'float64')
    """
    code = _OPCODES.get((name, *dtypes))
    if code is not None:
        return _TEXTS[code], _KERNELS[code][2]
    return _COMBINING_TEXTS[_REDUCTIONS.index((name, *dtypes))], dtypes[0]


cdef class Program:
    """A straight line of elementwise steps, with what it reads and what becomes of its results.

    Parameters
    ----------
    operands : sequence of tuple
        ``(dtype, 'in')``, or ``(dtype, role, register)`` with a role of ``ROLES``: 'out' stores the
        register, the others reduce it along the dims in which the operand's strides are 0. Input
        number k is register k.
    steps : sequence of tuple
        ``(opcode, target register, source registers)``. A register may be written again, with
        another dtype.
    n_registers : int
        How many registers there are. What a register holds after the last step is what is stored.

    Raises
    ------
    ValueError
        If a register is read before it is written or does not exist, or there is no such kernel or
        role.
    TypeError
        If a kernel's dtypes are not those of the registers.

    Examples
    --------
    >>> exp = opcode("exp", "float64")
    >>> program = Program([("float64", "in"), ("float64", "sum", 1)], [(exp, 1, (0,))], 2)
    """

    def __cinit__(self, operands, steps, int n_registers):
        operands, steps = tuple(operands), tuple(steps)
        self.n_operands, self.n_steps = len(operands), len(steps)
        self.operands = <Operand *>PyMem_Malloc(max(1, self.n_operands) * sizeof(Operand))
        self.steps = <Step *>PyMem_Malloc(max(1, self.n_steps) * sizeof(Step))
        if self.operands == NULL or self.steps == NULL:
            raise MemoryError()
        layout = _Layout(operands, n_registers)
        layout.claim_outputs(steps)
        self.operand_dtypes, self.operand_roles = layout.dtypes, layout.roles
        self._take_steps(layout, steps)
        self._take_operands(layout)
        self.n_locations = layout.n_locations
        self.n_reductions = sum(role not in ("in", "out") for role in layout.roles)
        # About 4 KB a register; blocks of reductions have one length whatever the dtypes are.
        widest = max([_SIZES[d] for d in layout.seen], default=8)
        self.capacity = BLOCK if self.n_reductions else max(512, min(2048, 4096 // widest))
        # Not a multiple of 4096: addresses that far apart collide in the cache.
        self.tile_bytes = self.capacity * widest + 192

    def __dealloc__(self):
        PyMem_Free(self.operands)
        PyMem_Free(self.steps)
        PyMem_Free(self.native)

    def watch(self, double milliseconds, on_spent):
        """Call ``on_spent(program)`` once, when the steps have run for so long from now on."""
        self.on_spent = on_spent
        self.tile_ns = 0
        self.budget_ns = <long long>(1e6 * milliseconds)

    def install(self, size_t rows, size_t columns, constants, library):
        """Let compiled kernels do what the steps do, from the next run on; the first ones stay.

        Parameters
        ----------
        rows, columns : int
            Addresses of the two forms of the kernel, see `_ops.pxd`; the second may be 0.
        constants : sequence of bool
            Which operands are one element in every run.
        library : object
            What keeps the code in memory.
        """
        cdef Native *native
        cdef int o
        if self.native != NULL:
            return
        if rows == 0 or len(constants) != self.n_operands:
            raise ValueError("an address, and a flag for each operand, are needed")
        native = <Native *>PyMem_Calloc(
            1, sizeof(Native) + self.n_operands * (sizeof(Py_ssize_t) + 1)
        )
        if native == NULL:
            raise MemoryError()
        native.rows, native.columns = <NativeKernel>rows, <NativeKernel>columns
        native.no_steps = <Py_ssize_t *>(native + 1)
        native.constant = <char *>(native.no_steps + self.n_operands)
        for o in range(self.n_operands):
            native.constant[o] = bool(constants[o])
        self.library = library
        self.budget_ns = 0
        ts_publish(self.native, native)

    @property
    def compiled(self):
        """Whether a compiled kernel is in use."""
        return self.native != NULL

    @property
    def seconds(self):
        """How long the steps have run since `watch`, about."""
        return 1e-9 * self.tile_ns

    def _take_steps(self, layout, steps):
        cdef int i, j
        for i, (code, target, sources) in enumerate(steps):
            if not 0 <= code < len(_KERNELS):
                raise ValueError(f"step {i}: there is no kernel number {code}")
            name, dtypes, out = _KERNELS[code]
            found = tuple(layout.dtype_of(i, r) for r in sources)
            if found != dtypes:
                takes, holds = ", ".join(dtypes), ", ".join(found)
                raise TypeError(f"step {i}: {name} takes {takes}, its registers hold {holds}")
            self.steps[i].kernel = _table[<int>code]
            self.steps[i].arity = len(sources)
            for j, register in enumerate(sources):
                self.steps[i].sources[j] = layout.location[register]
            self.steps[i].target = layout.place(i, target, out)

    def _take_operands(self, layout):
        cdef int o, fold
        for o, (dtype, role, register) in enumerate(layout.operands):
            self.operands[o].role = ROLES.index(role)
            self.operands[o].size = _SIZES[dtype]
            self.operands[o].location = o
            if role == "in":
                continue
            if layout.dtype_of("the end", register) != dtype:
                holds = layout.dtype[register]
                raise TypeError(f"operand {o} is {dtype}, its register holds {holds}")
            self.operands[o].location = layout.location[register]
            if role != "out":
                if (role, dtype) not in _FOLDS:
                    raise TypeError(f"operand {o}: there is no {role} of {dtype}")
                fold = _FOLDS[role, dtype]
                self.operands[o].fold = _table[fold]
                self.operands[o].accumulate = _table[fold + 1]
                self.operands[o].identity = _table[fold + 2]


class _Layout:
    """Where registers lie: operands first, then as many buffers as are alive at once."""

    def __init__(self, operands, n_registers):
        self.n_registers = n_registers
        self.operands = [(*spec, None) if len(spec) == 2 else tuple(spec) for spec in operands]
        self.dtypes = tuple(operand[0] for operand in self.operands)
        self.roles = tuple(operand[1] for operand in self.operands)
        for o, (dtype, role, register) in enumerate(self.operands):
            if dtype not in _SIZES:
                raise TypeError(f"operand {o}: there are no kernels of dtype {dtype!r}")
            if role not in ROLES:
                roles = ", ".join(ROLES)
                raise ValueError(f"operand {o}: {role!r} is no role; expected one of {roles}")
            if (role == "in") != (register is None):
                raise ValueError(f"operand {o}: inputs name no register, all others name one")
        inputs = [o for o, role in enumerate(self.roles) if role == "in"]
        if n_registers < len(inputs):
            raise ValueError(f"{len(inputs)} inputs need as many registers, got {n_registers}")
        self.location = dict(enumerate(inputs))
        self.dtype = {r: self.dtypes[o] for r, o in enumerate(inputs)}
        self.seen = set(self.dtypes)
        self.n_locations = len(self.operands)
        self.free = []
        self.claims = {}

    def claim_outputs(self, steps):
        """Let the last step that writes an output's register write the output itself."""
        last = {target: i for i, (_, target, _) in enumerate(steps)}
        for o, (_, role, register) in enumerate(self.operands):
            if role == "out" and register in last:
                self.claims.setdefault(last[register], o)

    def dtype_of(self, place, register):
        """Return the dtype that `register` holds now."""
        if register not in self.dtype:
            raise ValueError(f"step {place}: register {register} holds nothing yet")
        return self.dtype[register]

    def place(self, i, register, dtype):
        """Return the location that step `i` writes: never one that it reads."""
        if not 0 <= register < self.n_registers:
            raise ValueError(f"step {i}: there is no register {register}")
        if i in self.claims:
            new = self.claims[i]
        elif self.free:
            new = self.free.pop()
        else:
            new, self.n_locations = self.n_locations, self.n_locations + 1
        old = self.location.get(register, -1)
        if old >= len(self.operands):
            self.free.append(old)
        self.location[register], self.dtype[register] = new, dtype
        self.seen.add(dtype)
        return new


include "_execute.pxi"
