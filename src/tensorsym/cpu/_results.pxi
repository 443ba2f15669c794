# Arguments into slots, slots into results.


cdef int take_arguments(Frame *f, list arrays, const unsigned char *donated) except -1:
    """Let the input slots be the arrays of a call."""
    cdef int i, slot, b
    cdef Value *value
    cdef object array
    if len(arrays) != f.plan.n_inputs:
        raise TypeError(f"{f.plan.n_inputs} arguments expected, {len(arrays)} given")
    for i in range(f.plan.n_inputs):
        slot, array = f.plan.inputs[i], arrays[i]
        value = &f.values[slot]
        value.block = -1
        if f.plan.slots[slot].kind == OBJECT:
            value.object, value.owned = <PyObject *>array, False
            continue
        check_array(&f.plan.slots[slot], array)
        take_layout(value, <cnp.ndarray>array, f.plan.slots[slot].ndim)
        if donated[i] and PyArray_CHKFLAGS(
            <cnp.ndarray>array, NPY_ARRAY_WRITEABLE | NPY_ARRAY_OWNDATA
        ):
            b = block_entry(f)
            if b < 0:
                raise MemoryError()
            Py_INCREF(array)
            f.blocks[b].data, f.blocks[b].size, f.blocks[b].users = value.data, 0, 1
            f.blocks[b].keeper, f.blocks[b].foreign = <PyObject *>array, 2
            f.blocks[b].asked = 0
            value.block = b
    return 0


cdef object give_object(Frame *f, int slot, list arguments):
    """Return an object; an argument or a constant is copied."""
    cdef object value = <object>f.values[slot].object
    if not f.values[slot].owned:
        return copied(value)
    for argument in arguments:
        if argument is value:
            return copied(value)
    return value


cdef object give_result(Frame *f, int slot):
    """Return a slot's value as an array that shares memory with nothing, copied if need be."""
    cdef Value *value = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    cdef Block *block
    # A block without users: an output before this one took the memory.
    if value.block < 0 or f.blocks[value.block].users == 0:
        return copied_result(f, slot)
    block = &f.blocks[value.block]
    if block.foreign:
        return foreign_result(f, slot, block)
    if block.keeper != NULL:
        if Py_REFCNT(block.keeper) > 1:
            return copied_result(f, slot)
        (<Memory>block.keeper).data = NULL
        Py_DECREF(<object>block.keeper)
        block.keeper = NULL
    if n_elements(value, info.ndim) * info.itemsize * 2 < <Py_ssize_t>block.asked:
        return copied_result(f, slot)  # a small part must not keep a large block alive
    return own_array(f, slot, block)


cdef object copied_result(Frame *f, int slot):
    """Return a slot's value as a new array, which counts as held by the call."""
    cdef const SlotInfo *info = &f.plan.slots[slot]
    if info.kind == BUFFER:
        count_held(f, n_elements(&f.values[slot], info.ndim) * info.itemsize)
    return copied_array(f, slot)


cdef object own_array(Frame *f, int slot, Block *block):
    """Return an array that frees the block's memory when it dies; the slot no longer has any."""
    cdef Value *value = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    cdef bint whole = value.data == block.data
    cdef cnp.ndarray array
    if not whole:
        ensure_keeper(block)
    array = PyArray_New(
        <PyTypeObject *>cnp.ndarray, info.ndim, value.shape, info.typenum, value.strides,
        value.data, 0,
        NPY_ARRAY_WRITEABLE, <object>NULL
    )
    if whole:
        PyArray_ENABLEFLAGS(array, NPY_ARRAY_OWNDATA)
    elif PyArray_SetBaseObject(array, <object>block.keeper) < 0:
        raise RuntimeError("an array refuses its base")
    # The reference that the block had went to the array; later outputs that lie here are copied.
    block.users, block.keeper, block.foreign = 0, NULL, 0
    if value.block < f.first_free:
        f.first_free = value.block
    value.block = -1
    return array


cdef object foreign_result(Frame *f, int slot, Block *block):
    """Return an array from outside: itself if nobody else has it, or if it was donated."""
    cdef Value *value = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    cdef cnp.ndarray array = <cnp.ndarray>block.keeper
    cdef bint same = value.data == PyArray_DATA(array) and PyArray_NDIM(array) == info.ndim
    same = same and PyArray_TYPE(array) == info.typenum
    same = same and not memcmp(value.shape, PyArray_DIMS(array), info.ndim * sizeof(Py_ssize_t))
    same = same and not memcmp(
        value.strides, PyArray_STRIDES(array), info.ndim * sizeof(Py_ssize_t)
    )
    same = same and PyArray_CHKFLAGS(array, NPY_ARRAY_OWNDATA | NPY_ARRAY_WRITEABLE)
    same = same and type(array) is cnp.ndarray
    # Two references are the block's and the local one here.
    if same and (block.foreign == 2 or Py_REFCNT(block.keeper) <= 2):
        value.block = -1
        block.users = 0
        block.keeper = NULL
        Py_DECREF(array)
        return array
    return copied_result(f, slot)


cdef void clear_frame(Frame *f) noexcept:
    """Let go of all that a call used; memory stays for the next call."""
    cdef int i
    cdef Value *value
    for i in range(f.plan.n_slots):
        value = &f.values[i]
        if value.owned:
            Py_DECREF(<object>value.object)
            value.object, value.owned = NULL, False
        value.block = -1
    for i in range(f.n_blocks):
        if f.blocks[i].users:
            f.blocks[i].users = 0
            if f.blocks[i].keeper != NULL:
                drop_keeper(f, &f.blocks[i])
            else:
                keep_memory(f, f.blocks[i].data, f.blocks[i].size)
    f.n_blocks = f.first_free = 0
