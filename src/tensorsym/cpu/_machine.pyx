# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""The machine that runs a Plan: instructions over slots, without Python between them.

In comes a plan as numbers (see `build`), and for each call a list of arrays; out goes a list of new
arrays. The lock of the interpreter is released while instructions run; only host calls take it.
Calls from several threads, and calls from inside a host call, each have a frame of their own.
"""

cimport numpy as cnp
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.object cimport PyObject, PyTypeObject
from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.limits cimport INT_MAX
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

import warnings

from tensorsym._ops cimport RUN_BLOCK, RUN_HOT, RUN_OK, Program, join_tree_parts, now, run_short
from tensorsym._ops cimport run as run_program
from tensorsym._ops cimport workspace_bytes

cdef extern from "Python.h":
    void PyErr_Clear() noexcept
    Py_ssize_t Py_REFCNT(PyObject *) noexcept nogil
    PyTypeObject *Py_TYPE(PyObject *) noexcept nogil
    Py_ssize_t PY_SSIZE_T_MAX

cdef extern from "stdlib.h":
    int posix_memalign(void **, size_t, size_t) noexcept nogil

cdef extern from *:
    """
    #if defined(__linux__)
    #include <sys/mman.h>
    #endif
    /* Where the system has no such call, or refuses, pages stay small. */
    static inline void ts_want_huge_pages(void *memory, size_t size)
    {
    #if defined(MADV_HUGEPAGE)
        size_t offset = -(size_t)memory & 4095;
        madvise((char *)memory + offset, size - offset, MADV_HUGEPAGE);
    #else
        (void)memory, (void)size;
    #endif
    }
    """
    void ts_want_huge_pages(void *, size_t) noexcept nogil

cdef extern from "numpy/arrayobject.h":
    enum:
        NPY_INT8, NPY_INT16, NPY_INT32, NPY_INT64, NPY_UINT8, NPY_UINT16, NPY_UINT32, NPY_UINT64
        NPY_FLOAT16, NPY_FLOAT32, NPY_FLOAT64
        NPY_ARRAY_WRITEABLE, NPY_ARRAY_OWNDATA, NPY_ARRAY_ALIGNED, NPY_ARRAY_C_CONTIGUOUS
    ctypedef struct PyArray_Descr:
        pass
    ctypedef struct PyArrayObject_fields:
        PyObject *weakreflist
    object PyArray_New(
        PyTypeObject *, int, Py_ssize_t *, int, Py_ssize_t *, void *, int, int, object
    )
    PyObject *PyArray_NewFromDescr(
        PyTypeObject *, PyArray_Descr *, int, const Py_ssize_t *, const Py_ssize_t *, void *, int,
        PyObject *
    ) noexcept
    object PyArray_SimpleNew(int, Py_ssize_t *, int)
    int PyArray_SetBaseObject(cnp.ndarray, object) except -1
    void PyArray_ENABLEFLAGS(cnp.ndarray, int) noexcept
    void PyArray_CLEARFLAGS(cnp.ndarray, int) noexcept
    PyObject *PyArray_BASE(cnp.ndarray) noexcept
    PyArray_Descr *PyArray_DESCR(cnp.ndarray) noexcept
    PyObject *PyArray_HANDLER(cnp.ndarray) noexcept
    Py_ssize_t PyArray_NBYTES(cnp.ndarray) noexcept
    bint PyArray_CHKFLAGS(cnp.ndarray, int) noexcept
    bint PyArray_Check(object) noexcept
    bint PyArray_ISBEHAVED_RO(cnp.ndarray) noexcept
    int PyArray_TYPE(cnp.ndarray) noexcept
    int PyArray_NDIM(cnp.ndarray) noexcept
    void *PyArray_DATA(cnp.ndarray) noexcept
    Py_ssize_t *PyArray_DIMS(cnp.ndarray) noexcept
    Py_ssize_t *PyArray_STRIDES(cnp.ndarray) noexcept

cnp.import_array()

from tensorsym.schedule.hostcalls import copied

include "_structs.pxi"
include "_memory.pxi"
include "_kernel.pxi"
include "_threads.pxi"
include "_views.pxi"
include "_library.pxi"
include "_host.pxi"
include "_results.pxi"
include "_nested.pxi"
include "_loop.pxi"
include "_recycle.pxi"
include "_short.pxi"
include "_watch.pxi"
include "_bands.pxi"
include "_frame.pxi"


cdef int run_code(Frame *f, int index) noexcept nogil:
    """Run one instruction; return a Status."""
    cdef const Code *code = &f.plan.codes[index]
    if code.kind == KERNEL:
        return run_kernel(f, code)
    if code.kind == FREE:
        run_free(f, code)
        return OK
    if code.kind == DIMSHUFFLE:
        return run_dimshuffle(f, code)
    if code.kind == LIBRARY:
        return run_library(f, code)
    if code.kind == SLICE:
        return run_slice(f, code)
    if code.kind == RESHAPE:
        return run_reshape(f, code)
    if code.kind == SPECIFY:
        return run_specify(f, code)
    if code.kind == LENGTHS:
        return run_lengths(f, code)
    if code.kind == PACK:
        return run_pack(f, code)
    if code.kind == ALLOCATE:
        return run_allocate(f, code)
    if code.kind == FILL:
        return run_fill(f, code)
    if code.kind == COPY:
        return copy_into(f, <int>code.a[0], <int>code.a[1])
    if code.kind == HOST:
        return run_host(f, code)
    if code.kind == CHECK:
        return run_check(f, code)
    if code.kind == ALIAS:
        return run_alias(f, code)
    if code.kind == BRANCH:
        return run_branch(f, code, index)
    return run_loop(f, code, index)


cdef int run_codes(Frame *f) noexcept nogil:
    """Run all instructions of a frame's plan; on failure leave an exception in the frame."""
    cdef int index = 0, status
    cdef Py_ssize_t width
    if f.plan.watch != NULL:
        return run_watched(f)
    while index < f.plan.n_codes:
        width = 0
        if f.plan.codes[index].band != NULL:
            width = slab_width(f, &f.plan.codes[index])
        status = run_band(f, &index, width) if width else run_code(f, index)
        if status != OK:
            with gil:
                explain(f, index, status)
            return RAISED
        index += not width
    return OK


cdef void explain(Frame *f, int index, int status) noexcept:
    """Put the exception that tells what went wrong into the frame."""
    cdef Machine machine = <Machine>f.plan.machine
    cdef object error = None
    cdef int i, d
    if f.error != NULL:
        error = <object>f.error
        Py_DECREF(error)
        f.error = NULL
    try:
        shapes = {}
        for slot in machine.slots_of(index):
            i = slot
            if f.plan.slots[i].kind != OBJECT and f.values[i].data != NULL:
                shapes[slot] = tuple([f.values[i].shape[d] for d in range(f.plan.slots[i].ndim)])
        error = machine.explain(index, status, f.detail, shapes, error)
    except BaseException as failure:  # noqa: B036 - reported in place of the first error
        error = failure
    Py_INCREF(error)
    f.error = <PyObject *>error


cdef class Machine:
    """A plan ready to run.

    Parameters
    ----------
    slots : sequence of tuple
        (kind, type number, item size, static lengths with -1 for unknown) per slot.
    codes : sequence of tuple
        (kind, numbers, object or None) per instruction.
    inputs, outputs, donated : sequence of int
        Slots of arguments and results, and positions of inputs that may be overwritten.
    constants : sequence of tuple
        (slot, value).
    explain : callable
        Makes an exception of (instruction, status, detail, shapes by slot, exception or None).
    slots_of : callable
        Gives the slots of an instruction, for `explain`.
    bands : sequence of tuple
        (first instruction, instruction behind the last, dim per instruction).
    """

    cdef Compiled plan
    cdef Frame *idle
    cdef Short *short               # NULL: no call of this plan is a short one
    cdef PyObject **kept            # REMEMBERED per output; NULL unless an output is recycled
    cdef unsigned char *donated
    cdef unsigned char *recycled
    cdef readonly object explain, slots_of
    cdef tuple keep
    cdef tuple constants
    cdef Py_ssize_t constant_elements
    cdef bint bounded
    cdef object observer
    cdef list observed

    def __cinit__(
        self, slots, codes, inputs, outputs, donated, constants, explain, slots_of, bands=()
    ):
        self.explain, self.slots_of = explain, slots_of
        self.constants = tuple(constants)
        self.plan.machine = <PyObject *>self
        self.plan.n_slots, self.plan.n_codes = len(slots), len(codes)
        self.plan.n_inputs, self.plan.n_outputs = len(inputs), len(outputs)
        self.plan.slots = <SlotInfo *>calloc(max(1, len(slots)), sizeof(SlotInfo))
        self.plan.codes = <Code *>calloc(max(1, len(codes)), sizeof(Code))
        self.plan.inputs = copied_ints(inputs)
        self.plan.outputs = copied_ints(outputs)
        self.donated = <unsigned char *>calloc(max(1, len(inputs)), 1)
        self.recycled = <unsigned char *>calloc(max(1, len(outputs)), 1)
        if (
            self.plan.slots == NULL or self.plan.codes == NULL or self.donated == NULL
            or self.recycled == NULL
        ):
            raise MemoryError()
        for position in donated:
            self.donated[<int>position] = 1
        self._take_slots(slots)
        self._take_codes(codes)
        for first, stop, dims in bands:
            self.plan.codes[<int>first].band = copied_sizes((stop, *dims))
        self.constant_elements = 1
        for _, value in constants:
            if isinstance(value, cnp.ndarray):
                self.constant_elements *= max(1, value.size)
                self.constant_elements = min(SHORT + 1, self.constant_elements)
        self.short = find_short(&self.plan, self.constants)

    def _take_slots(self, slots):
        cdef int i, d
        cdef SlotInfo *info
        for i, (kind, typenum, itemsize, lengths) in enumerate(slots):
            info = &self.plan.slots[i]
            info.kind, info.typenum = kind, typenum
            info.itemsize, info.ndim = itemsize, len(lengths)
            info.lengths = <Py_ssize_t *>malloc(max(1, len(lengths)) * sizeof(Py_ssize_t))
            if info.lengths == NULL:
                raise MemoryError()
            for d in range(info.ndim):
                info.lengths[d] = lengths[d]
            self.plan.n_dims += info.ndim

    def _take_codes(self, codes):
        cdef int i, j
        cdef Code *code
        self.keep = tuple([payload for _, _, payload in codes])
        self.bounded = True
        for i, (kind, numbers, payload) in enumerate(codes):
            code = &self.plan.codes[i]
            code.kind, code.n = kind, len(numbers)
            if kind not in (KERNEL, DIMSHUFFLE, FREE, ALIAS):
                self.bounded = False
            code.a = <Py_ssize_t *>malloc(max(1, len(numbers)) * sizeof(Py_ssize_t))
            if code.a == NULL:
                raise MemoryError()
            for j in range(code.n):
                code.a[j] = numbers[j]
            code.object = NULL if payload is None else <PyObject *>payload
            if kind == HOST:
                self.plan.calls_python = True
            if kind in (BRANCH, LOOP):
                for nested in payload if kind == BRANCH else (payload,):
                    if (<Machine>nested).plan.calls_python:
                        self.plan.calls_python = True
            if kind == KERNEL:
                code.weight = 1 + (<Program>payload).n_steps
                self.plan.most_rank = max(self.plan.most_rank, <int>code.a[0])
                self.plan.most_operands = max(self.plan.most_operands, <int>code.a[1])
                self.plan.workspace_bytes = max(
                    self.plan.workspace_bytes, workspace_bytes(<Program>payload)
                )

    def __dealloc__(self):
        cdef int i
        self.give_back()
        end_short(self.short)
        if self.plan.slots != NULL:
            for i in range(self.plan.n_slots):
                free(self.plan.slots[i].lengths)
        if self.plan.codes != NULL:
            for i in range(self.plan.n_codes):
                free(self.plan.codes[i].a)
                free(self.plan.codes[i].band)
        free(self.plan.slots)
        free(self.plan.codes)
        end_watch(self.plan.watch)
        free(self.plan.inputs)
        free(self.plan.outputs)
        free(self.donated)
        free(self.recycled)
        free(self.kept)

    def recycle(self, outputs):
        """Let results serve again once nobody else has them.

        Parameters
        ----------
        outputs : sequence of int
            Positions of the outputs for which that holds.
        """
        if not outputs:
            return
        self.kept = <PyObject **>calloc(REMEMBERED * self.plan.n_outputs, sizeof(PyObject *))
        if self.kept == NULL:
            raise MemoryError()
        for output in outputs:
            self.recycled[<int>output] = 1

    cpdef give_back(self):
        """Give back the memory that is kept between calls."""
        cdef Frame *frame
        forget_results(self)
        while self.idle != NULL:
            frame = self.idle
            self.idle = frame.next
            end_frame(frame)

    cdef Frame *frame(self) except NULL:
        """Return a frame that no other call uses."""
        cdef Frame *frame = self.idle
        if frame == NULL:
            return new_frame(&self.plan, self.constants)
        self.idle = frame.next
        return frame

    cdef bint is_short(self, list arrays) noexcept:
        """Tell whether a call takes less time than giving up the lock: 40 ns and more.

        A kernel's iteration space has no more elements than all its operands' multiplied.
        """
        cdef Py_ssize_t total = self.constant_elements
        cdef int i
        if not self.bounded:
            return False
        for i in range(self.plan.n_inputs):
            if PyArray_Check(arrays[i]):
                total *= max(1, cnp.PyArray_SIZE(<cnp.ndarray>arrays[i]))
            if total > SHORT:
                return False
        return True

    @property
    def direct(self):
        """A capsule with the address of a C function: (machine, list of arrays) to a list."""
        return PyCapsule_New(<void *>run_machine, "tensorsym.run", NULL)

    @property
    def short_call(self):
        """A capsule with the address of `run_short_call`, or None if no call is a short one."""
        if self.short == NULL:
            return None
        return PyCapsule_New(<void *>run_short_call, "tensorsym.short_call", NULL)

    @property
    def take_back(self):
        """A capsule with the address of a C function that keeps an array's memory; see there."""
        return PyCapsule_New(<void *>take_back, "tensorsym.take_back", NULL)

    @property
    def peak_bytes(self):
        """Bytes of blocks, results included, that the last call held at once."""
        return 0 if self.idle == NULL else self.idle.own.peak

    def watch(self, list slots, list observed=None, observer=None):
        """Book the runs, time and bytes of each instruction from now on.

        Parameters
        ----------
        slots : list of sequence of int
            Per instruction the slots whose bytes it moves.
        observed : list of (reads, writes), optional
            Per instruction what `observer` is shown.
        observer : callable, optional
            Called with (instruction, values by slot read) before, and (instruction, values by slot
            written) after each instruction that shows something.
        """
        if self.plan.watch != NULL:
            raise ValueError("the instructions are watched already")
        self.observer, self.observed = observer, observed
        self.plan.watch = new_watch(self.plan.n_codes, slots)
        if observer is not None:
            self.plan.watch.observer = <PyObject *>observer

    @property
    def booked(self):
        """Per instruction its runs, nanoseconds and bytes since it is watched."""
        cdef int i
        cdef const i64 *row
        if self.plan.watch == NULL:
            return []
        row = self.plan.watch.booked
        return [(row[3 * i], row[3 * i + 1], row[3 * i + 2]) for i in range(self.plan.n_codes)]

    def __call__(self, list arrays):
        """Return `run(arrays)`."""
        return run_machine(self, arrays)

    def run(self, list arrays):
        """Return the plan's results for a list of arguments, arrays of the inputs' types.

        The results share memory with nothing else.
        """
        return run_machine(self, arrays)

    cdef list _run(self, list arrays):
        cdef Frame *frame = self.frame()
        cdef int i, slot, status
        cdef list results
        frame.own.held = frame.own.peak = 0
        try:
            take_arguments(frame, arrays, self.donated)
            if self.kept != NULL:
                reclaim_results(self, frame)
            if self.is_short(arrays):
                status = run_codes(frame)
            else:
                with nogil:
                    status = run_codes(frame)
            if status != OK:
                raise_error(frame)
            results = PyList_New(self.plan.n_outputs)
            for i in range(self.plan.n_outputs):
                slot = self.plan.outputs[i]
                if self.plan.slots[slot].kind == OBJECT:
                    result = give_object(frame, slot, arrays)
                else:
                    result = give_result(frame, slot)
                Py_INCREF(result)
                PyList_SET_ITEM(results, i, result)
            if self.kept != NULL:
                keep_results(self, results)
        finally:
            clear_frame(frame)
            frame.next = self.idle
            self.idle = frame
        return results


cdef object run_machine(Machine machine, list arrays):
    """Run a machine; its address is in `Machine.direct`."""
    return machine._run(arrays)


cdef void take_back(Machine machine, PyObject *array) noexcept:
    """Keep the memory of a result that nobody but the caller has, for the next call's results.

    Without it, each call that updates a shared matrix gives megabytes back to the system and takes
    fresh pages: 0.6 of the 0.8 ms of a perceptron's step on one example. Only arrays whose memory
    is this machine's kind qualify: those without a NumPy handler of their own.
    """
    cdef cnp.ndarray old
    if machine.idle == NULL or <PyObject *>Py_TYPE(array) != <PyObject *>cnp.ndarray:
        return
    if Py_REFCNT(array) != 1:
        return
    old = <cnp.ndarray>array
    if PyArray_HANDLER(old) != NULL or PyArray_NBYTES(old) < ALIGNED_FROM:
        return
    if PyArray_CHKFLAGS(old, NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE):
        PyArray_CLEARFLAGS(old, NPY_ARRAY_OWNDATA)
        keep_memory(machine.idle, <char *>PyArray_DATA(old), PyArray_NBYTES(old))


cdef raise_error(Frame *f):
    error = <object>f.error
    Py_DECREF(error)
    f.error = NULL
    raise error
