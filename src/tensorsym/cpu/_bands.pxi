# Bands: kernels one after the other that all keep one dim, run over a slab of it at a time, so that
# what one of them stores or has read is in the second-level cache when the next one reads it. No
# bit changes: a slab cuts dims that are kept.

cdef enum:
    SLAB_BYTES = 128 * 1024     # of the first kernel's operands; those of later ones are as many
    SLABS_PER_THREAD = 8        # at once on several cores: a smaller space is not worth waking them
    SLAB_STEP = 8               # at least so many: the order of sums may ask for 8 columns or fewer
    SLAB_COLUMNS = 64           # at least so many neighbours in memory
    ALL_AT_ONCE = -1            # the dim of a kernel that is the same for all slabs


cdef Py_ssize_t slab_width(Frame *f, const Code *code) noexcept nogil:
    """Return how many indices make a slab, or 0 where one instruction after the other will do."""
    cdef Py_ssize_t shape[MAX_RANK]
    cdef int rank = <int>code.a[0], n = <int>code.a[1], along = <int>code.band[1], o, d
    cdef const Py_ssize_t *row
    cdef Py_ssize_t bytes = 0, size, width, least = SLAB_STEP
    if common_shape(f, code, shape) != OK:
        return 0
    for o in range(n):
        row = code.a + 2 + 4 * o
        if row[1] != FROM_IN or fixed(row[2], along):
            continue
        size = f.plan.slots[row[0]].itemsize
        if f.values[row[0]].strides[along] == size:
            least = SLAB_COLUMNS
        for d in range(rank):
            if d != along and not fixed(row[2], d):
                size *= shape[d]
        bytes += size
    width = SLAB_BYTES // max(1, bytes)
    if n_threads > 1:
        width *= SLABS_PER_THREAD * n_threads
    if least == SLAB_COLUMNS and width < least:
        return 0
    width = max(least, width - width % SLAB_STEP)
    return width if 2 * width <= shape[along] else 0


cdef int run_band(Frame *f, int *first, Py_ssize_t width) noexcept nogil:
    """Run the band that begins at instruction `first`; leave there where it failed or ended.

    First all slots get shapes and memory, which needs no elements; then the slabs are run. Memory
    that is free in between stays until the end.
    """
    cdef Py_ssize_t shape[MAX_RANK]
    cdef const Code *codes = f.plan.codes
    cdef const Py_ssize_t *dims = codes[first[0]].band + 1
    cdef int begin = first[0], stop = <int>codes[begin].band[0], along, status = OK
    cdef Py_ssize_t length = 0, start = 0, count
    while first[0] < stop:
        along = <int>dims[first[0] - begin]
        if codes[first[0]].kind == KERNEL:
            status = prepare_kernel(f, &codes[first[0]], shape)
            if status == OK and along == ALL_AT_ONCE:
                start_kernel(f, &codes[first[0]], shape, -1, 0)
            if first[0] == begin:
                length = shape[along]
        elif codes[first[0]].kind != FREE:
            status = run_code(f, first[0])
        if status != OK:
            return status
        first[0] += 1
    while start < length:
        count = width if length - start >= width + SLAB_STEP else length - start
        run_slab(f, begin, stop, start, count)
        start += count
    for along in range(begin, stop):
        if codes[along].kind == FREE:
            run_free(f, &codes[along])
    return OK


cdef void run_slab(
    Frame *f, int begin, int stop, Py_ssize_t start, Py_ssize_t count
) noexcept nogil:
    """Run a band's kernels over some indices of the dim that they share."""
    cdef Py_ssize_t shape[MAX_RANK]
    cdef const Code *codes = f.plan.codes
    cdef int index, along
    for index in range(begin, stop):
        along = <int>codes[begin].band[1 + index - begin]
        if codes[index].kind == KERNEL and along != ALL_AT_ONCE:
            common_shape(f, &codes[index], shape)
            shape[along] = count
            start_kernel(f, &codes[index], shape, along, start)
