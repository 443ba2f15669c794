# Views, shapes and fills: instructions that move no elements, or few.


cdef inline long long integer_of(const Frame *f, Py_ssize_t slot) noexcept nogil:
    """Return the integer that a scalar slot holds."""
    cdef const char *data = f.values[slot].data
    cdef int typenum = f.plan.slots[slot].typenum
    if typenum == NPY_INT64:
        return (<const long long *>data)[0]
    if typenum == NPY_INT32:
        return (<const int *>data)[0]
    if typenum == NPY_INT16:
        return (<const short *>data)[0]
    if typenum == NPY_INT8:
        return (<const signed char *>data)[0]
    if typenum == NPY_UINT64:
        # No index or length is that large: what does not fit is as far out of range as what does.
        return <long long>min(
            (<const unsigned long long *>data)[0], <unsigned long long>PY_SSIZE_T_MAX
        )
    if typenum == NPY_UINT32:
        return (<const unsigned int *>data)[0]
    if typenum == NPY_UINT16:
        return (<const unsigned short *>data)[0]
    return (<const unsigned char *>data)[0]


cdef int run_dimshuffle(Frame *f, const Code *code) noexcept nogil:
    """The numbers: input, output, then the input's dim of each output dim, -1 for a new one."""
    cdef const Value *old = &f.values[code.a[0]]
    cdef int slot = <int>code.a[1], ndim = f.plan.slots[slot].ndim, d
    cdef Value *new = &f.values[slot]
    cdef Py_ssize_t dim
    if f.plan.slots[slot].kind == SCALAR:
        memcpy(new.inside, old.data, f.plan.slots[slot].itemsize)
        new.data = new.inside
        return OK
    for d in range(ndim):
        dim = code.a[2 + d]
        new.shape[d] = 1 if dim < 0 else old.shape[dim]
        new.strides[d] = 0 if dim < 0 else old.strides[dim]
    share(f, <int>code.a[0], slot)
    return OK


cdef int bounded(
    Frame *f, const Py_ssize_t *entry, Py_ssize_t length, Py_ssize_t *first, Py_ssize_t *count,
    Py_ssize_t *step
) noexcept nogil:
    """Find what a slice takes of a dim.

    An entry has a flag and a value for start, stop and step: 0 none, 1 a number, 2 a slot.
    """
    cdef long long start, stop, by = 1, low, high
    if entry[4]:
        by = entry[5] if entry[4] == 1 else integer_of(f, entry[5])
    if by == 0:
        return ZERO_STEP
    if by < -PY_SSIZE_T_MAX:
        by = -PY_SSIZE_T_MAX
    low, high = (0, length) if by > 0 else (-1, length - 1)
    start = low if by > 0 else high
    stop = high if by > 0 else low
    if entry[0]:
        start = clipped(entry[1] if entry[0] == 1 else integer_of(f, entry[1]), length, low, high)
    if entry[2]:
        stop = clipped(entry[3] if entry[2] == 1 else integer_of(f, entry[3]), length, low, high)
    if by > 0:
        count[0] = 0 if stop <= start else (stop - start - 1) // by + 1
    else:
        count[0] = 0 if start <= stop else (start - stop - 1) // (-by) + 1
    first[0], step[0] = start, by
    return OK


cdef inline long long clipped(
    long long bound, long long length, long long low, long long high
) noexcept nogil:
    if bound < 0:
        bound += length
    return low if bound < low else high if bound > high else bound


cdef int run_slice(Frame *f, const Code *code) noexcept nogil:
    """The numbers: input, output, entries; per entry whether it is an index, and three pairs."""
    cdef const Value *old = &f.values[code.a[0]]
    cdef int source = <int>code.a[0], slot = <int>code.a[1], d, own = 0, status
    cdef int n_entries = <int>code.a[2]
    cdef Value *new = &f.values[slot]
    cdef const Py_ssize_t *entry
    cdef Py_ssize_t first, count, step
    cdef Py_ssize_t shape[MAX_RANK]
    cdef Py_ssize_t strides[MAX_RANK]
    cdef Py_ssize_t offset = 0
    cdef bint empty = False
    for d in range(f.plan.slots[source].ndim):
        if d >= n_entries:
            shape[own], strides[own] = old.shape[d], old.strides[d]
            own += 1
            continue
        entry = code.a + 3 + 7 * d
        if entry[0]:
            first = entry[2] if entry[1] == 1 else integer_of(f, entry[2])
            if first < -old.shape[d] or first >= old.shape[d]:
                f.detail = d
                return OUT_OF_RANGE
            offset += (first + old.shape[d] if first < 0 else first) * old.strides[d]
            continue
        status = bounded(f, entry + 1, old.shape[d], &first, &count, &step)
        if status != OK:
            f.detail = d
            return status
        # An empty slice may start behind the last element: no pointer is formed to there.
        if count:
            offset += first * old.strides[d]
        shape[own], strides[own] = count, old.strides[d] * (step if count > 1 else 1)
        own += 1
    for d in range(own):
        empty = empty or shape[d] == 0
    if f.plan.slots[slot].kind == SCALAR:
        memcpy(new.inside, old.data + offset, f.plan.slots[slot].itemsize)
        new.data = new.inside
        return OK
    for d in range(own):
        new.shape[d], new.strides[d] = shape[d], strides[d]
    share(f, source, slot)
    if not empty:
        new.data = old.data + offset
    return OK


cdef int run_reshape(Frame *f, const Code *code) noexcept nogil:
    """The numbers: input, output, slot of the lengths. A tensor with gaps is copied."""
    cdef Value *old = &f.values[code.a[0]]
    cdef const Value *lengths = &f.values[code.a[2]]
    cdef int source = <int>code.a[0], slot = <int>code.a[1], ndim = f.plan.slots[slot].ndim
    cdef int d, unknown = -1
    cdef const SlotInfo *info = &f.plan.slots[source]
    cdef Value *new = &f.values[slot]
    cdef Py_ssize_t total = 1, size = n_elements(old, info.ndim), length
    cdef char *data
    cdef Py_ssize_t strides[MAX_RANK]
    if lengths.shape[0] != ndim:
        return WRONG_SIZE
    for d in range(ndim):
        length = <Py_ssize_t>(<const long long *>(lengths.data + d * lengths.strides[0]))[0]
        if length < -1 or (length == -1 and unknown >= 0):
            return NEGATIVE_LENGTH
        if length == -1:
            unknown = d
        elif length != 0 and total > PY_SSIZE_T_MAX // length:
            return WRONG_SIZE
        else:
            total *= length
        if f.plan.slots[slot].kind != SCALAR:
            new.shape[d] = length
    if unknown >= 0:
        if total == 0 or size % total:
            return WRONG_SIZE
        new.shape[unknown] = size // total
        total = size
    if total != size:
        return WRONG_SIZE
    if f.plan.slots[slot].kind == SCALAR:
        memcpy(new.inside, old.data, info.itemsize)
        new.data = new.inside
        return OK
    if is_dense(old, info.ndim, info.itemsize):
        dense_strides(new, ndim, info.itemsize)
        share(f, source, slot)
        return OK
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    # The copy has the input's shape in C order, whatever the output's is.
    length = info.itemsize
    for d in range(info.ndim - 1, -1, -1):
        strides[d] = length
        length *= old.shape[d]
    data = new.data
    copy_elements(data, strides, old.data, old.strides, old.shape, info.ndim, info.itemsize)
    return OK


cdef int run_specify(Frame *f, const Code *code) noexcept nogil:
    """The numbers: input, output, then the length of each dim, -1 for any."""
    cdef const Value *old = &f.values[code.a[0]]
    cdef int slot = <int>code.a[1], d
    for d in range(f.plan.slots[slot].ndim):
        if code.a[2 + d] >= 0 and code.a[2 + d] != old.shape[d]:
            f.detail = d
            return OTHER_LENGTH
    return run_alias(f, code)


cdef int run_alias(Frame *f, const Code *code) noexcept nogil:
    """The numbers: input, output, which becomes the same tensor."""
    cdef const Value *old = &f.values[code.a[0]]
    cdef int slot = <int>code.a[1], ndim = f.plan.slots[slot].ndim
    cdef Value *new = &f.values[slot]
    if f.plan.slots[slot].kind == SCALAR:
        memcpy(new.inside, old.data, f.plan.slots[slot].itemsize)
        new.data = new.inside
        return OK
    memcpy(new.shape, old.shape, ndim * sizeof(Py_ssize_t))
    memcpy(new.strides, old.strides, ndim * sizeof(Py_ssize_t))
    share(f, <int>code.a[0], slot)
    return OK


cdef int run_lengths(Frame *f, const Code *code) noexcept nogil:
    """The numbers: input, output, dim (-1 for all)."""
    cdef const Value *old = &f.values[code.a[0]]
    cdef int slot = <int>code.a[1], ndim = f.plan.slots[code.a[0]].ndim, d
    cdef Value *new = &f.values[slot]
    if f.plan.slots[slot].kind == SCALAR:
        new.data = new.inside
        (<long long *>new.data)[0] = old.shape[code.a[2]]
        return OK
    new.shape[0] = ndim
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    for d in range(ndim):
        (<long long *>new.data)[d] = old.shape[d]
    return OK


cdef int run_pack(Frame *f, const Code *code) noexcept nogil:
    """The numbers: output, then scalars."""
    cdef int slot = <int>code.a[0], i, size = f.plan.slots[slot].itemsize
    cdef Value *new = &f.values[slot]
    new.shape[0] = code.n - 1
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    for i in range(code.n - 1):
        memcpy(new.data + i * size, f.values[code.a[1 + i]].data, size)
    return OK


cdef int set_lengths(Frame *f, int slot, const Py_ssize_t *slots, int n) noexcept nogil:
    """Give a slot memory of a shape that scalar slots hold."""
    cdef Value *new = &f.values[slot]
    cdef Py_ssize_t total = f.plan.slots[slot].itemsize
    cdef int d
    for d in range(n):
        new.shape[d] = <Py_ssize_t>integer_of(f, slots[d])
        if new.shape[d] < 0:
            f.detail = d
            return NEGATIVE_LENGTH
        if new.shape[d] and total > PY_SSIZE_T_MAX // new.shape[d]:
            return NO_MEMORY
        total *= new.shape[d]
    return give_memory(f, slot)


cdef int run_allocate(Frame *f, const Code *code) noexcept nogil:
    """The numbers: output, then lengths."""
    return set_lengths(f, <int>code.a[0], code.a + 1, code.n - 1)


cdef int run_fill(Frame *f, const Code *code) noexcept nogil:
    """The numbers: output, value, then lengths."""
    cdef int slot = <int>code.a[0], ndim = code.n - 2, status, d, own, old_ndim
    cdef const Value *old = &f.values[code.a[1]]
    cdef Value *new = &f.values[slot]
    cdef Py_ssize_t strides[MAX_RANK]
    status = set_lengths(f, slot, code.a + 2, ndim)
    if status != OK:
        return status
    old_ndim = f.plan.slots[code.a[1]].ndim
    for d in range(ndim):
        own = d - (ndim - old_ndim)
        strides[d] = 0
        if own >= 0 and old.shape[own] != 1:
            if old.shape[own] != new.shape[d]:
                f.detail = d
                return LENGTHS_DIFFER
            strides[d] = old.strides[own]
    copy_elements(
        new.data, new.strides, old.data, strides, new.shape, ndim, f.plan.slots[slot].itemsize
    )
    return OK


cdef int run_check(Frame *f, const Code *code) noexcept nogil:
    """The numbers: input, output, then conditions: scalars, all of which must be true."""
    cdef int i, j
    cdef const Value *condition
    cdef bint holds
    for i in range(2, code.n):
        condition = &f.values[code.a[i]]
        holds = False
        for j in range(f.plan.slots[code.a[i]].itemsize):
            holds = holds or condition.data[j] != 0
        if not holds:
            f.detail = i - 2
            return NOT_TRUE
    return run_alias(f, code)


cdef inline void run_free(Frame *f, const Code *code) noexcept nogil:
    """The numbers: slots."""
    cdef int i
    cdef Value *value
    for i in range(code.n):
        value = &f.values[code.a[i]]
        if f.plan.slots[code.a[i]].kind == OBJECT:
            if value.owned:
                with gil:
                    Py_DECREF(<object>value.object)
                value.object, value.owned = NULL, False
        else:
            leave(f, value)
