# Branches: plans inside a plan that run when a condition chooses them. Loops are in
# `_loop.pxi`.


cdef enum:
    KEPT = 1 << 30          # users of a block beyond those of slots: it is wanted after the run


cdef Frame *child_frame(Frame *f, PyObject *machine, int number) noexcept nogil:
    """Return the frame for a plan inside, made at first use; NULL leaves an exception in `f`."""
    if f.children[number] == NULL:
        with gil:
            try:
                f.children[number] = new_frame(
                    &(<Machine>machine).plan, (<Machine>machine).constants
                )
                f.children[number].tally = f.tally
            except BaseException as error:  # noqa: B036
                Py_INCREF(error)
                f.error = <PyObject *>error
    return f.children[number]


cdef void lend(Frame *f, int slot, Frame *child, int argument) noexcept nogil:
    """Let an argument of a plan inside be a slot's value, which outlives the plan's run."""
    cdef const Value *old = &f.values[slot]
    cdef int own = child.plan.inputs[argument], ndim = f.plan.slots[slot].ndim
    cdef Value *new = &child.values[own]
    new.data, new.block, new.base = old.data, -1, old.base if old.block < 0 else NULL
    new.object, new.owned = old.object, False
    memcpy(new.shape, old.shape, ndim * sizeof(Py_ssize_t))
    memcpy(new.strides, old.strides, ndim * sizeof(Py_ssize_t))


cdef int hand_over(Frame *child, int result, Frame *f, int slot) noexcept nogil:
    """Let a slot be a result of a plan inside: memory of its own moves, other is copied."""
    cdef int own, ndim = f.plan.slots[slot].ndim, b
    cdef Value *old = &child.values[child.plan.outputs[result]]
    cdef Value *new = &f.values[slot]
    if f.plan.slots[slot].kind == OBJECT:
        new.object, new.owned = old.object, True
        if old.owned:
            old.owned = False
        elif old.object != NULL:
            with gil:
                Py_INCREF(<object>old.object)
        return OK
    if f.plan.slots[slot].kind == SCALAR:
        new.data = new.inside
        memcpy(new.data, old.data, f.plan.slots[slot].itemsize)
        return OK
    memcpy(new.shape, old.shape, ndim * sizeof(Py_ssize_t))
    own = old.block
    if own >= 0 and child.blocks[own].users == 1 and not child.blocks[own].foreign:
        b = block_entry(f)
        if b < 0:
            return NO_MEMORY
        f.blocks[b] = child.blocks[old.block]
        memcpy(new.strides, old.strides, ndim * sizeof(Py_ssize_t))
        new.data, new.block, new.base = old.data, b, NULL
        child.blocks[old.block].users = 0
        old.block = -1
        return OK
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    copy_elements(
        new.data, new.strides, old.data, old.strides, old.shape, ndim, f.plan.slots[slot].itemsize
    )
    return OK


cdef void clear_child(Frame *child) noexcept nogil:
    """Let go of all that a run of a plan inside used, but for blocks that the next run takes over.

    Python is asked only where it has to be.
    """
    cdef int i, n_kept = 0
    cdef Block *block
    for i in range(child.plan.n_slots):
        if child.values[i].owned:
            drop_object(&child.values[i])
        child.values[i].block = -1
    for i in range(child.n_blocks):
        block = &child.blocks[i]
        if block.users >= KEPT:
            block.users //= KEPT
            n_kept = i + 1
        elif block.users:
            block.users = 0
            child.tally.held -= block.asked
            if block.keeper == NULL:
                keep_memory(child, block.data, block.size)
            else:
                with gil:
                    drop_keeper(child, block)
    child.n_blocks, child.first_free = n_kept, 0


cdef void drop_object(Value *value) noexcept with gil:
    """Let go of an object."""
    Py_DECREF(<object>value.object)
    value.object, value.owned = NULL, False


cdef int fail_with(Frame *f, Frame *child) noexcept nogil:
    """Pass on what went wrong inside."""
    f.error = child.error
    child.error = NULL
    clear_child(child)
    return RAISED


cdef inline bint is_true(const Frame *f, int slot) noexcept nogil:
    """Tell whether a scalar is not 0; -0.0 is 0, NaN is not."""
    cdef const char *data = f.values[slot].data
    cdef int typenum = f.plan.slots[slot].typenum, i
    if typenum == NPY_FLOAT64:
        return (<const double *>data)[0] != 0
    if typenum == NPY_FLOAT32:
        return (<const float *>data)[0] != 0
    if typenum == NPY_FLOAT16:
        return ((<const unsigned short *>data)[0] & 0x7FFF) != 0
    for i in range(f.plan.slots[slot].itemsize):
        if data[i] != 0:
            return True
    return False


cdef int run_branch(Frame *f, const Code *code, int index) noexcept nogil:
    """The numbers: condition, counts of outputs and both plans' inputs; inputs, outputs."""
    cdef int n_outputs = <int>code.a[1], n_yes = <int>code.a[2], n_no = <int>code.a[3], i, status
    cdef int chosen = 0 if is_true(f, <int>code.a[0]) else 1
    cdef const Py_ssize_t *inputs = code.a + 4 + (n_yes if chosen else 0)
    cdef const Py_ssize_t *outputs = code.a + 4 + n_yes + n_no
    cdef PyObject *machine = nested_machine(code, chosen)
    cdef Frame *child = child_frame(f, machine, 2 * index + chosen)
    if child == NULL:
        return RAISED
    for i in range(n_no if chosen else n_yes):
        lend(f, <int>inputs[i], child, i)
    if run_codes(child) != OK:
        return fail_with(f, child)
    for i in range(n_outputs):
        status = hand_over(child, i, f, <int>outputs[i])
        if status != OK:
            clear_child(child)
            return status
    clear_child(child)
    return OK


cdef extern from *:
    """
    #define ts_tuple_item(tuple, i) PyTuple_GET_ITEM(tuple, i)
    """
    PyObject *ts_tuple_item(PyObject *, Py_ssize_t) noexcept nogil


cdef inline PyObject *nested_machine(const Code *code, int number) noexcept nogil:
    """Return one of the machines that an instruction's tuple holds, borrowed."""
    return ts_tuple_item(code.object, number)
