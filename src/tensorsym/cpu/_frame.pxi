# Frames: what one run of a plan works in, made and ended.


cdef int *copied_ints(numbers) except NULL:
    cdef int *copy = <int *>malloc(max(1, len(numbers)) * sizeof(int))
    cdef int i
    if copy == NULL:
        raise MemoryError()
    for i in range(len(numbers)):
        copy[i] = numbers[i]
    return copy


cdef Py_ssize_t *copied_sizes(numbers) except NULL:
    cdef Py_ssize_t *copy = <Py_ssize_t *>malloc(max(1, len(numbers)) * sizeof(Py_ssize_t))
    cdef int i
    if copy == NULL:
        raise MemoryError()
    for i in range(len(numbers)):
        copy[i] = numbers[i]
    return copy


cdef Frame *new_frame(const Compiled *plan, tuple constants) except NULL:
    """Return a frame with its constants in place."""
    cdef Frame *f = <Frame *>calloc(1, sizeof(Frame))
    cdef int i
    cdef Py_ssize_t *dims
    if f == NULL:
        raise MemoryError()
    f.plan, f.tally = plan, &f.own
    f.values = <Value *>calloc(max(1, plan.n_slots), sizeof(Value))
    f.dims = <Py_ssize_t *>calloc(2 * plan.n_dims + 1, sizeof(Py_ssize_t))
    f.workspace = <char *>malloc(plan.workspace_bytes + 1)
    f.data = <char **>malloc((plan.most_operands + 1) * sizeof(char *))
    f.strides = <Py_ssize_t *>malloc((plan.most_operands * plan.most_rank + 1) * sizeof(Py_ssize_t))
    f.children = <Frame **>calloc(2 * plan.n_codes + 1, sizeof(Frame *))
    if (
        f.values == NULL or f.dims == NULL or f.workspace == NULL or f.data == NULL
        or f.strides == NULL or f.children == NULL
    ):
        end_frame(f)
        raise MemoryError()
    dims = f.dims
    for i in range(plan.n_slots):
        f.values[i].block = -1
        f.values[i].shape = dims
        f.values[i].strides = dims + plan.slots[i].ndim
        dims += 2 * plan.slots[i].ndim
    for slot, value in constants:
        i = slot
        if plan.slots[i].kind != OBJECT:
            check_array(&plan.slots[i], value)
            take_layout(&f.values[i], value, plan.slots[i].ndim)
        else:
            f.values[i].object = <PyObject *>value
    return f


cdef void end_frame(Frame *f) noexcept:
    """Give all memory of an idle frame back."""
    cdef int i
    for i in range(f.n_spares):
        free(f.spares[i].data)
    if f.children != NULL:
        for i in range(2 * f.plan.n_codes):
            if f.children[i] != NULL:
                end_frame(f.children[i])
    free(f.children)
    free(f.values)
    free(f.dims)
    free(f.blocks)
    free(f.workspace)
    free(f.cores)
    free(f.data)
    free(f.strides)
    free(f)
