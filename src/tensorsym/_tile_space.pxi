# The iteration space: dims in the order memory likes, as few of them as the strides allow.

cdef enum:
    SPACE_READY = -1
    SPACE_EMPTY = -2


cdef int arrange(
    Machine *m, int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides
) noexcept nogil:
    """Take over shape and strides, order the dims, choose the mode; return a SPACE or RUN code."""
    cdef int d, o
    cdef bint empty = False
    if ndim > MAX_DIMS - 2:
        return RUN_DIMS
    m.ndim, m.kept, m.mode = 0, 0, MAP
    for d in range(ndim):
        empty = empty or shape[d] == 0
    for d in range(ndim):
        if shape[d] == 1:
            continue
        m.shape[m.ndim] = shape[d]
        for o in range(m.n_operands):
            m.strides[o * MAX_DIMS + m.ndim] = strides[o * ndim + d]
        m.ndim += 1
    if empty:
        return SPACE_EMPTY
    if m.ndim > 1:
        sort_dims(m)
    if m.n_reductions and m.ndim > 0:
        if not order_reduction(m):
            return RUN_DIMS
    if m.ndim > 1:
        merge_dims(m)
    if m.mode == FOLD_BLOCKS and m.kept == m.ndim - 1 and m.shape[m.ndim - 1] <= BLOCK:
        m.mode = FOLD_ROWS
    if m.ndim == 0:
        m.ndim, m.shape[0] = 1, 1
    for o in range(m.n_operands):
        m.strides[o * MAX_DIMS + MAX_DIMS - 1] = 0  # the row stride of a space without rows
        if m.ndim == 1 and m.shape[0] == 1:
            m.strides[o * MAX_DIMS] = 0
    find_overlaps(m)
    return SPACE_READY


cdef void swap_dims(Machine *m, int a, int b) noexcept nogil:
    cdef int o
    cdef Py_ssize_t kept = m.shape[a]
    m.shape[a], m.shape[b] = m.shape[b], kept
    for o in range(m.n_operands):
        kept = m.strides[o * MAX_DIMS + a]
        m.strides[o * MAX_DIMS + a] = m.strides[o * MAX_DIMS + b]
        m.strides[o * MAX_DIMS + b] = kept


cdef Py_ssize_t reach(Machine *m, int d) noexcept nogil:
    """Return how far one step along a dim moves all operands together."""
    cdef int o
    cdef Py_ssize_t total = 0, stride
    for o in range(m.n_operands):
        stride = m.strides[o * MAX_DIMS + d]
        total += stride if stride >= 0 else -stride
    return total


cdef void sort_dims(Machine *m) noexcept nogil:
    """Put the dims with the longest steps outside; those of equal steps keep their order."""
    cdef int i, j
    for i in range(1, m.ndim):
        j = i
        while j > 0 and reach(m, j - 1) < reach(m, j):
            swap_dims(m, j - 1, j)
            j -= 1


cdef bint order_reduction(Machine *m) noexcept nogil:
    """Choose the mode and put the reduced dims inside the kept ones.

    Return whether all reductions reduce the same dims.
    """
    cdef bint reduced[MAX_DIMS]
    cdef int d, o, i, movable = m.ndim, n_reduced = 0
    cdef int first = -1
    for o in range(m.n_operands):
        if m.operands[o].role < ROLE_SUM:
            continue
        for d in range(m.ndim):
            if first < 0:
                reduced[d] = m.strides[o * MAX_DIMS + d] == 0
            elif reduced[d] != (m.strides[o * MAX_DIMS + d] == 0):
                return False
        first = o
    for d in range(m.ndim):
        n_reduced += reduced[d]
    if n_reduced == 0:
        return True
    m.mode = FOLD_BLOCKS
    if not reduced[m.ndim - 1] and m.shape[m.ndim - 1] >= COLUMNS_AT_LEAST:
        m.mode = FOLD_COLUMNS
        movable -= 1
    m.kept = movable - n_reduced
    for i in range(movable):  # a stable partition by bubbling: there are few dims
        for d in range(movable - 1):
            if reduced[d] and not reduced[d + 1]:
                swap_dims(m, d, d + 1)
                reduced[d], reduced[d + 1] = False, True
    return True


cdef void merge_dims(Machine *m) noexcept nogil:
    """Make one dim of neighbours with one stride in every operand; kept and reduced stay apart."""
    cdef int d, o, last = 0, kept = 0
    cdef Py_ssize_t stride
    cdef bint same
    for d in range(1, m.ndim):
        same = d != m.kept or m.mode == MAP
        if m.mode == FOLD_COLUMNS and d == m.ndim - 1:
            same = False
        for o in range(m.n_operands):
            stride = m.strides[o * MAX_DIMS + d]
            same = same and m.strides[o * MAX_DIMS + last] == stride * m.shape[d]
        if same:
            m.shape[last] *= m.shape[d]
        else:
            if d <= m.kept:
                kept += 1
            last += 1
            m.shape[last] = m.shape[d]
        for o in range(m.n_operands):
            m.strides[o * MAX_DIMS + last] = m.strides[o * MAX_DIMS + d]
    if m.kept > 0 and m.mode != MAP:
        m.kept = kept
    m.ndim = last + 1


cdef void find_overlaps(Machine *m) noexcept nogil:
    """Mark the outputs that lie over an input: they wait until the tile's steps have read it."""
    cdef int o, i
    for o in range(m.n_operands):
        m.in_place[o] = 0
        if m.operands[o].role != ROLE_OUT:
            continue
        for i in range(m.n_operands):
            if m.operands[i].role != ROLE_IN:
                continue
            if lowest(m, o) < highest(m, i) and lowest(m, i) < highest(m, o):
                m.in_place[o] = 1
                break


cdef char *lowest(Machine *m, int o) noexcept nogil:
    """Return the lowest address an operand touches."""
    cdef char *address = m.cursor[o]
    cdef int d
    for d in range(m.ndim):
        if m.strides[o * MAX_DIMS + d] < 0:
            address += m.strides[o * MAX_DIMS + d] * (m.shape[d] - 1)
    return address


cdef char *highest(Machine *m, int o) noexcept nogil:
    """Return the address behind the highest element an operand touches."""
    cdef char *address = m.cursor[o] + m.operands[o].size
    cdef int d
    for d in range(m.ndim):
        if m.strides[o * MAX_DIMS + d] > 0:
            address += m.strides[o * MAX_DIMS + d] * (m.shape[d] - 1)
    return address
