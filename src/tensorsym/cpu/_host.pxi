# Slots as Python objects, and calls of Python code.


cdef object as_object(Frame *f, int slot, bint writable):
    """Return a slot's value as Python sees it: an object, or an array on the slot's memory.

    The array keeps the memory alive by itself, and is read-only unless somebody made the slot to be
    overwritten.
    """
    cdef Value *value = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    cdef PyObject *base
    cdef cnp.ndarray array
    if info.kind == OBJECT:
        return <object>value.object
    if value.block >= 0:
        ensure_keeper(&f.blocks[value.block])
        base = f.blocks[value.block].keeper
    else:
        base = value.base
    if base == NULL:
        return copied_array(f, slot)
    array = PyArray_New(
        <PyTypeObject *>cnp.ndarray, info.ndim, value.shape, info.typenum, value.strides,
        value.data, 0,
        NPY_ARRAY_WRITEABLE if writable else 0, <object>NULL
    )
    Py_INCREF(<object>base)
    if PyArray_SetBaseObject(array, <object>base) < 0:
        raise RuntimeError("an array refuses its base")
    return array


cdef cnp.ndarray copied_array(Frame *f, int slot):
    """Return a slot's value as a new array."""
    cdef Value *value = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    cdef cnp.ndarray array = PyArray_SimpleNew(info.ndim, value.shape, info.typenum)
    copy_elements(
        <char *>PyArray_DATA(array), PyArray_STRIDES(array), value.data, value.strides, value.shape,
        info.ndim, info.itemsize
    )
    return array


cdef int take_object(Frame *f, int slot, object result) except -1:
    """Let a slot be what Python code returned: an object, or an array of dtype and rank."""
    cdef Value *value = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    cdef cnp.ndarray array
    cdef int b
    if info.kind == OBJECT:
        Py_INCREF(result)
        value.object, value.owned = <PyObject *>result, True
        return 0
    check_array(info, result)
    array = <cnp.ndarray>result
    if info.kind == SCALAR:
        value.data = value.inside
        memcpy(value.data, PyArray_DATA(array), info.itemsize)
        return 0
    b = block_entry(f)
    if b < 0:
        raise MemoryError()
    Py_INCREF(result)
    f.blocks[b].data, f.blocks[b].size, f.blocks[b].users = <char *>PyArray_DATA(array), 0, 1
    f.blocks[b].keeper, f.blocks[b].foreign = <PyObject *>result, 1
    f.blocks[b].asked = 0
    if PyArray_CHKFLAGS(array, NPY_ARRAY_OWNDATA):
        f.blocks[b].asked = PyArray_NBYTES(array)
    count_held(f, f.blocks[b].asked)
    take_layout(value, array, info.ndim)
    value.block = b
    return 0


cdef inline void take_layout(Value *value, cnp.ndarray array, int ndim) noexcept:
    value.data = <char *>PyArray_DATA(array)
    memcpy(value.shape, PyArray_DIMS(array), ndim * sizeof(Py_ssize_t))
    memcpy(value.strides, PyArray_STRIDES(array), ndim * sizeof(Py_ssize_t))
    value.base = <PyObject *>array


cdef int check_array(const SlotInfo *info, object value) except -1:
    """Refuse what compiled code could not read safely."""
    cdef int d
    cdef cnp.ndarray array
    if not PyArray_Check(value):
        raise TypeError(f"expected an array, got {type(value).__name__}")
    array = <cnp.ndarray>value
    if (
        PyArray_TYPE(array) != info.typenum or PyArray_NDIM(array) != info.ndim
        or not PyArray_ISBEHAVED_RO(array)
    ):
        raise TypeError(
            f"expected an aligned array of {cnp.PyArray_DescrFromType(info.typenum)} "
            f"with {info.ndim} dimensions, "
            f"got one of {array.dtype} with {array.ndim}"
        )
    for d in range(info.ndim):
        if info.lengths[d] >= 0 and info.lengths[d] != PyArray_DIMS(array)[d]:
            raise ValueError(
                f"expected length {info.lengths[d]} in dimension {d}, "
                f"got an array of shape {value.shape}"
            )
    return 0


cdef int run_host(Frame *f, const Code *code) noexcept with gil:
    """Call Python. The numbers: counts, a slot and a flag (writable) per input, outputs."""
    cdef int i, n_inputs = <int>code.a[0], n_outputs = <int>code.a[1]
    try:
        arguments = [
            as_object(f, <int>code.a[2 + 2 * i], code.a[3 + 2 * i]) for i in range(n_inputs)
        ]
        results = (<object>code.object)(arguments)
        if len(results) != n_outputs:
            raise ValueError(f"{n_outputs} results expected, {len(results)} returned")
        for i in range(n_outputs):
            take_object(f, <int>code.a[2 + 2 * n_inputs + i], results[i])
    except BaseException as error:  # noqa: B036 - it is raised again when the machine has let go of all memory
        Py_INCREF(error)
        f.error = <PyObject *>error
        return RAISED
    return OK
