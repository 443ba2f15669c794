# Kernels: the iteration space is found from the operands' shapes, results get memory, the tile
# machine runs.

# The tile machine's `run` under a type that takes a borrowed pointer: the program is kept alive by
# its Machine.
ctypedef int (*RunTiles)(
    PyObject *, int, const Py_ssize_t *, char **, const Py_ssize_t *, void *
) noexcept nogil

cdef RunTiles run_tiles = <RunTiles>run_program


cdef inline bint fixed(Py_ssize_t mask, int d) noexcept nogil:
    """Tell whether an operand stays in place along a dim."""
    return (mask >> d) & 1


cdef int common_shape(Frame *f, const Code *code, Py_ssize_t *shape) noexcept nogil:
    """Find the lengths of the iteration space; operands not broadcast along a dim must agree."""
    cdef int rank = <int>code.a[0], n = <int>code.a[1], d, o
    cdef const Py_ssize_t *row
    cdef Py_ssize_t length
    for d in range(rank):
        shape[d] = -1
    for o in range(n):
        row = code.a + 2 + 4 * o
        if row[1] > FROM_SHAPE:
            break
        for d in range(rank):
            if not fixed(row[2], d):
                length = f.values[row[0]].shape[d]
                if shape[d] != length:
                    if shape[d] >= 0:
                        f.detail = d
                        return LENGTHS_DIFFER
                    shape[d] = length
    for d in range(rank):
        if shape[d] < 0:
            shape[d] = 1
    return OK


cdef bint take_over(Frame *f, int giver, int slot) noexcept nogil:
    """Let a result lie over an operand that dies, if its memory is its own and without gaps."""
    cdef Value *old = &f.values[giver]
    cdef Value *new = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    if old.block < 0 or not is_sole_user(&f.blocks[old.block]):
        return False
    # An empty part of a tensor has no gaps either, and would keep all of it alive.
    if not is_dense(old, info.ndim, info.itemsize) or n_elements(old, info.ndim) == 0:
        return False
    memcpy(new.strides, old.strides, info.ndim * sizeof(Py_ssize_t))
    share(f, giver, slot)
    return True


cdef void like_operand(Frame *f, const Code *code, int slot) noexcept nogil:
    """Give a result Fortran order if the first operand with the whole space has it.

    Otherwise sums of transposed matrices would be walked against the grain, now and by their users.
    """
    cdef int rank = <int>code.a[0], o, d, first = -1
    cdef const Py_ssize_t *row
    cdef const Value *old
    cdef Value *new = &f.values[slot]
    cdef Py_ssize_t count = 1, size
    for o in range(<int>code.a[1]):
        row = code.a + 2 + 4 * o
        if row[1] == FROM_IN and row[2] == 0:
            first = <int>row[0]
            break
    if first < 0:
        return
    old, size = &f.values[first], f.plan.slots[first].itemsize
    for d in range(rank):
        if old.shape[d] == 0 or (old.shape[d] != 1 and old.strides[d] != count * size):
            return
        count *= old.shape[d]
    count = f.plan.slots[slot].itemsize
    for d in range(rank):
        new.strides[d] = count
        count *= new.shape[d]


cdef int prepare_result(
    Frame *f, const Code *code, const Py_ssize_t *row, const Py_ssize_t *shape
) noexcept nogil:
    """Set the shape of a kernel's result and give it memory."""
    cdef int rank = <int>code.a[0], slot = <int>row[0], d, own = 0, status
    cdef Value *value = &f.values[slot]
    for d in range(rank):
        if row[1] == TO_OUT or not fixed(row[2], d):
            value.shape[own] = shape[d]
            own += 1
        elif row[1] == TO_EXTREMUM and shape[d] == 0:
            return NO_ELEMENTS
    if row[3] >= 0 and take_over(f, <int>code.a[2 + 4 * row[3]], slot):
        return OK
    status = give_memory(f, slot)
    if status == OK and row[1] == TO_OUT and rank > 1:
        like_operand(f, code, slot)
    return status


cdef int prepare_kernel(Frame *f, const Code *code, Py_ssize_t *shape) noexcept nogil:
    """Find a kernel's iteration space and give its results memory.

    The numbers: rank, operands; then per operand its slot, role, mask of fixed dims, and the
    operand it may take over.
    """
    cdef int n = <int>code.a[1], o, status
    cdef const Py_ssize_t *row
    status = common_shape(f, code, shape)
    if status != OK:
        return status
    for o in range(n):
        row = code.a + 2 + 4 * o
        if row[1] >= TO_OUT:
            status = prepare_result(f, code, row, shape)
            if status != OK:
                f.detail = o
                return status
    return OK


cdef void start_kernel(
    Frame *f, const Code *code, const Py_ssize_t *shape, int along, Py_ssize_t start
) noexcept nogil:
    """Run a prepared kernel over `shape`, from `start` on in the dim `along` if that is one."""
    cdef int rank = <int>code.a[0], n = <int>code.a[1], o, d, own, used = 0
    cdef const Py_ssize_t *row
    cdef const Value *value
    cdef Py_ssize_t *strides = f.strides
    for o in range(n):
        row = code.a + 2 + 4 * o
        if row[1] == FROM_SHAPE:
            continue
        value = &f.values[row[0]]
        own = 0
        for d in range(rank):
            if row[1] == FROM_IN or row[1] == TO_OUT:
                strides[d] = 0 if fixed(row[2], d) else value.strides[d]
            elif fixed(row[2], d):
                strides[d] = 0
            else:
                strides[d] = value.strides[own]
                own += 1
        f.data[used] = value.data + (start * strides[along] if along >= 0 else 0)
        used += 1
        strides += rank
    if run_on_cores(f, code, used, shape) == RUN_HOT:
        with gil:
            report_spent(<Program>code.object)


cdef int run_kernel(Frame *f, const Code *code) noexcept nogil:
    """Run one kernel; for its numbers see `prepare_kernel`."""
    cdef Py_ssize_t shape[MAX_RANK]
    cdef int status = prepare_kernel(f, code, shape)
    if status == OK:
        start_kernel(f, code, shape, -1, 0)
    return status


cdef void report_spent(Program program) noexcept:
    """Tell whoever set a program's budget that it is spent."""
    try:
        program.on_spent(program)
    except Exception as error:
        warnings.warn(f"no faster build of a kernel: {error!r}", RuntimeWarning, stacklevel=1)
