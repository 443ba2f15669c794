# Results that serve again once nobody else has them: opt-in, see the memory contract, M29.

cdef enum:
    REMEMBERED = 2          # results per output: `r = f(x)` has the last one while the next is made


cdef inline bint is_recyclable(PyObject *array) noexcept:
    """Tell whether an array that is kept here is nobody else's, and as it was when it was made."""
    cdef cnp.ndarray old
    if Py_REFCNT(array) != 1:
        return False
    old = <cnp.ndarray>array
    if (<PyArrayObject_fields *>array).weakreflist != NULL or PyArray_BASE(old) != NULL:
        return False
    return PyArray_CHKFLAGS(old, NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE)


cdef void keep_result(Machine machine, int output, PyObject *array) noexcept:
    """Remember a result; of as many as there is room for, the oldest is forgotten."""
    cdef PyObject **kept = machine.kept + REMEMBERED * output
    cdef PyObject *oldest = kept[0]
    cdef int i
    for i in range(REMEMBERED - 1):
        kept[i] = kept[i + 1]
    Py_INCREF(<object>array)
    kept[REMEMBERED - 1] = array
    if oldest != NULL:
        Py_DECREF(<object>oldest)


cdef void reclaim_results(Machine machine, Frame *f) noexcept:
    """Give the frame the memory of one result per output that nobody else has."""
    cdef PyObject *array
    cdef cnp.ndarray old
    cdef int i, k
    for i in range(machine.plan.n_outputs):
        for k in range(REMEMBERED):
            array = machine.kept[REMEMBERED * i + k]
            if array == NULL or not is_recyclable(array):
                continue
            machine.kept[REMEMBERED * i + k] = NULL
            old = <cnp.ndarray>array
            PyArray_CLEARFLAGS(old, NPY_ARRAY_OWNDATA)
            add_spare(f, <char *>PyArray_DATA(old), PyArray_NBYTES(old))
            Py_DECREF(<object>array)
            break


cdef void keep_results(Machine machine, list results) noexcept:
    """Remember the results of the outputs that may be recycled, if their memory is of our kind."""
    cdef PyObject *array
    cdef int i
    for i in range(machine.plan.n_outputs):
        array = <PyObject *>results[i]
        if not machine.recycled[i] or <PyObject *>Py_TYPE(array) != <PyObject *>cnp.ndarray:
            continue
        if PyArray_HANDLER(<cnp.ndarray>array) != NULL:
            continue
        if PyArray_CHKFLAGS(<cnp.ndarray>array, NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE):
            keep_result(machine, i, array)


cdef void forget_results(Machine machine) noexcept:
    """Let go of all results."""
    cdef PyObject *array
    cdef int i
    for i in range(REMEMBERED * machine.plan.n_outputs if machine.kept != NULL else 0):
        array = machine.kept[i]
        machine.kept[i] = NULL
        if array != NULL:
            Py_DECREF(<object>array)
