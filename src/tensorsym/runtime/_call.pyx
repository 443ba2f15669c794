# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""`Entry`: the compiled call. Checks arguments, reads shared values, runs, publishes updates.

An ordinary call (positional arrays of the declared dtype and rank) runs no Python code of ours;
everything else goes through `bind`, a method of the Python subclass that converts, fills in
defaults and explains what does not fit.
"""

cimport numpy as cnp
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_GetPointer
from cpython.ref cimport Py_DECREF, Py_INCREF

import numpy as np

from tensorsym.runtime.container import host_value

cnp.import_array()

cdef extern from "Python.h":
    ctypedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *)
    ctypedef struct PyTypeObject:
        Py_ssize_t tp_vectorcall_offset
        unsigned long tp_flags
        PyObject *(*tp_call)(PyObject *, PyObject *, PyObject *)
    unsigned long Py_TPFLAGS_HAVE_VECTORCALL
    PyObject *PyVectorcall_Call(PyObject *, PyObject *, PyObject *)
    Py_ssize_t PyVectorcall_NARGS(size_t)

# What an executable of the compiled backend offers beside being callable.
ctypedef object (*Direct)(object, list)
ctypedef void (*TakeBack)(object, PyObject *) noexcept
ctypedef PyObject *(*ShortCall)(PyObject *, PyObject *const *) noexcept

cdef struct InputCheck:
    int is_array      # 0: the value goes through bind
    int typenum
    int ndim
    Py_ssize_t *lengths  # -1 where the type does not know


cdef class Entry:
    """The callable core of a function; see `tensorsym.runtime.function.Function` for the rest.

    Parameters
    ----------
    executable : callable
        Takes the list of all inputs (arguments, then shared values), returns outputs, then new
        shared values.
        Shared values that lie on another device are brought to the host for it, unless it has a
        true attribute `takes_device_arrays`. If it has an attribute `direct`, a capsule
        "tensorsym.run", that C function is called; its `short_call`, if any, is tried first.
    checks : list of (dtype, shape) or None
        Per argument what an array must be to be taken as it is; None sends it through `bind`.
    shared_cells : list of list
        Storage cells read at the start of a call.
    update_cells : list of list
        Storage cells written at its end, one per update.
    locks : list
        Locks held during the call, in order.
    result : tuple
        ("list" | "one" | "none" | "dict", keys).
    """

    cdef vectorcallfunc vectorcall
    cdef InputCheck *checks
    cdef Py_ssize_t n_inputs, n_outputs
    cdef readonly object executable
    cdef Direct direct
    cdef TakeBack take_back
    cdef ShortCall short_call   # NULL where arguments need a look, or shared values take part
    cdef bint on_host
    cdef list shared_cells, update_cells, locks
    cdef int form
    cdef tuple keys
    cdef public bint trust_input
    cdef dict __dict__
    cdef object __weakref__

    def __cinit__(self, *args, **kwargs):
        self.vectorcall = <vectorcallfunc> call_entry
        self.checks = NULL

    def connect(
        self, executable, list checks, list shared_cells, list update_cells, list locks, str form,
        tuple keys, Py_ssize_t n_outputs
    ):
        """Set what a call needs; see the class."""
        cdef Py_ssize_t i, d
        self.executable = executable
        self.on_host = not getattr(executable, "takes_device_arrays", False)
        self.direct, self.take_back, self.short_call = NULL, NULL, NULL
        capsule = getattr(executable, "direct", None)
        if capsule is not None:
            self.direct = <Direct> PyCapsule_GetPointer(capsule, "tensorsym.run")
            capsule = executable.take_back
            self.take_back = <TakeBack> PyCapsule_GetPointer(capsule, "tensorsym.take_back")
            capsule = executable.short_call
            if capsule is not None and not shared_cells and not update_cells and all(checks):
                self.short_call = <ShortCall> PyCapsule_GetPointer(
                    capsule, "tensorsym.short_call"
                )
        self.shared_cells = shared_cells
        self.update_cells = update_cells
        self.locks = locks
        self.form = ("list", "one", "none", "dict").index(form)
        self.keys = keys
        self.n_outputs = n_outputs
        self.release_checks()
        self.n_inputs = len(checks)
        self.checks = <InputCheck *> PyMem_Malloc(max(1, self.n_inputs) * sizeof(InputCheck))
        if self.checks == NULL:
            raise MemoryError()
        for i in range(self.n_inputs):
            self.checks[i].is_array = 0
            self.checks[i].lengths = NULL
        for i, check in enumerate(checks):
            if check is None:
                continue
            dtype, shape = check
            self.checks[i].typenum = (<cnp.dtype> np.dtype(dtype)).type_num
            self.checks[i].ndim = len(shape)
            if any(length is not None for length in shape):
                size = len(shape) * sizeof(Py_ssize_t)
                self.checks[i].lengths = <Py_ssize_t *> PyMem_Malloc(size)
                if self.checks[i].lengths == NULL:
                    raise MemoryError()
                for d in range(len(shape)):
                    self.checks[i].lengths[d] = -1 if shape[d] is None else shape[d]
            self.checks[i].is_array = 1

    cdef void release_checks(self):
        cdef Py_ssize_t i
        if self.checks != NULL:
            for i in range(self.n_inputs):
                PyMem_Free(self.checks[i].lengths)
            PyMem_Free(self.checks)
            self.checks = NULL

    def __dealloc__(self):
        self.release_checks()

    cdef inline bint fits(self, Py_ssize_t i, object value):
        """Tell whether an argument is taken as it is."""
        cdef InputCheck *check = &self.checks[i]
        cdef cnp.ndarray array
        cdef int d
        if not check.is_array or type(value) is not cnp.ndarray:
            return False
        array = <cnp.ndarray> value
        if cnp.PyArray_TYPE(array) != check.typenum or cnp.PyArray_NDIM(array) != check.ndim:
            return False
        if not cnp.PyArray_ISALIGNED(array) or not cnp.PyArray_ISNOTSWAPPED(array):
            return False
        if check.lengths != NULL:
            for d in range(check.ndim):
                if check.lengths[d] >= 0 and check.lengths[d] != cnp.PyArray_DIM(array, d):
                    return False
        return True

    cdef object run(self, list values):
        """Run on argument values that fit, followed by room for shared values; publish updates.

        Return the result in the function's form.
        """
        cdef list cell
        cdef Py_ssize_t i = self.n_inputs
        cdef list results
        for cell in self.shared_cells:
            value = cell[0]
            if self.on_host and type(value) is not cnp.ndarray:
                value = host_value(value)
            values[i] = value
            i += 1
        value = None  # what this name holds could not be taken back
        if self.direct != NULL:
            results = self.direct(self.executable, values)
        else:
            results = self.executable(values)
        if self.update_cells:
            # The list has references to old values, which could not be taken back while it has.
            values.clear()
            self.publish(results)
        if self.form == 1:
            return results[0]
        if self.form == 2:
            return []
        if self.update_cells:
            results = results[: self.n_outputs]
        return results if self.form == 0 else dict(zip(self.keys, results))

    cdef inline object in_form(self, PyObject *only):
        """Return the one result, a reference that ends here, in the function's form."""
        result = <object> only
        Py_DECREF(result)
        if self.form == 1:
            return result
        return [result] if self.form == 0 else {self.keys[0]: result}

    cdef publish(self, list results):
        """Let the update cells hold their new values; hand old ones that nobody else has back."""
        cdef Py_ssize_t i
        cdef list cell
        for i in range(len(self.update_cells)):
            cell = self.update_cells[i]
            old = cell[0]
            cell[0] = results[self.n_outputs + i]
            if self.take_back != NULL:
                self.take_back(self.executable, <PyObject *> old)

    cdef object run_locked(self, list values):
        cdef Py_ssize_t taken = 0
        try:
            for lock in self.locks:
                lock.acquire()
                taken += 1
            return self.run(values)
        finally:
            while taken:
                taken -= 1
                self.locks[taken].release()

    def run_bound(self, list values):
        """Run on values that `bind` has made fit."""
        values = values + [None] * len(self.shared_cells)
        return self.run_locked(values) if self.locks else self.run(values)


cdef object call_entry(Entry self, PyObject *const *args, size_t nargsf, PyObject *kwnames):
    """The vectorcall of `Entry`."""
    cdef Py_ssize_t i, n = PyVectorcall_NARGS(nargsf)
    cdef list values
    cdef PyObject *quick
    if n == self.n_inputs and kwnames == NULL:
        if self.short_call != NULL:
            quick = self.short_call(<PyObject *> self.executable, args)
            if quick != NULL:
                return self.in_form(quick)
        # Every place is filled at once: a list with holes must not be seen by anybody.
        values = PyList_New(n + len(self.shared_cells))
        for i in range(n, n + len(self.shared_cells)):
            Py_INCREF(None)
            PyList_SET_ITEM(values, i, None)
        for i in range(n):
            value = <object> args[i]
            Py_INCREF(value)
            PyList_SET_ITEM(values, i, value)
        for i in range(n):
            if not self.trust_input and not self.fits(i, <object> args[i]):
                break
        else:
            return self.run_locked(values) if self.locks else self.run(values)
    positional = [<object> args[i] for i in range(n)]
    keywords = {}
    if kwnames != NULL:
        for i, name in enumerate(<tuple> kwnames):
            keywords[name] = <object> args[n + i]
    return self.bind(positional, keywords)


def enable_vectorcall(type cls):
    """Let instances of a subclass be called by vectorcall: Python 3.11 loses the flag."""
    (<PyTypeObject *> cls).tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL


cdef void install_vectorcall():
    cdef Entry sample = Entry.__new__(Entry)
    cdef PyTypeObject *cls = <PyTypeObject *> Entry
    cls.tp_vectorcall_offset = <char *> &sample.vectorcall - <char *> <PyObject *> sample
    cls.tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL
    cls.tp_call = PyVectorcall_Call


install_vectorcall()
