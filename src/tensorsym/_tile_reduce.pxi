# Reductions. Their order is part of the numeric contract and depends on the reduced shape and the
# layout only:
#
#   along rows      blocks of at most BLOCK elements, each folded by its kernel (32 lanes), then a
#                   binary tree of blocks: two trees of equal height join as soon as both exist, the
#                   rest join at the end, small to large;
#   down columns    64 rows one after the other, 64 such sums one after the other, and so on through
#                   six levels, the last unbounded; at the end the levels join, low to high.
#
# Either keeps the error of a long float32 sum at a few ulp.

cdef enum:
    BLOCK = RUN_BLOCK
    FAN = 64
    LEVELS = 6
    COLUMNS_AT_LEAST = 8    # fewer adjacent columns than this are gathered and reduced one by one


cdef inline void accumulate(
    const Operand *operand, char *source, char *target, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """Combine rows of `cols` elements, one after the other, into those of `target`."""
    cdef Slice x, out
    x.data, x.shape[0] = source, rows * cols
    out.data, out.shape[0] = target, cols
    (<Kernel1>operand.accumulate)(x, out)


cdef inline void fold(
    const Operand *operand, char *source, char *target, Py_ssize_t rows, Py_ssize_t cols
) noexcept nogil:
    """Reduce each row, of at most a block, to one element."""
    cdef Slice x, out
    x.data, x.shape[0] = source, rows * cols
    out.data, out.shape[0] = target, rows
    (<Kernel1>operand.fold)(x, out)


cdef void push_block(
    const Operand *operand, Partial *partial, char *source, Py_ssize_t count
) noexcept nogil:
    """Fold a block and hang it into the trees."""
    cdef char value[8]
    fold(operand, source, value, 1, count)
    hang_block(operand, partial, value)


cdef inline void hang_block(const Operand *operand, Partial *partial, char *value) noexcept nogil:
    """Hang a folded block into the trees; tree k, of 2^k blocks, lies 8 k bytes in."""
    cdef int k = 0
    while (partial.count >> k) & 1:
        accumulate(operand, value, partial.state + 8 * k, 1, 1)
        memcpy(value, partial.state + 8 * k, operand.size)
        k += 1
    memcpy(partial.state + 8 * k, value, operand.size)
    partial.count += 1


cdef void finish_blocks(const Operand *operand, Partial *partial, char *target) noexcept nogil:
    """Join what trees there are, small to large, and store the result."""
    join_trees(operand, partial, NULL, target)


cdef void join_trees(
    const Operand *operand, Partial *partial, char *value, char *target
) noexcept nogil:
    """Join a value, unless it is NULL, with all trees, small to large, and store the result."""
    cdef char *tree
    cdef int k = 0
    while partial.count >> k:
        if (partial.count >> k) & 1:
            tree = partial.state + 8 * k
            if value != NULL:
                accumulate(operand, value, tree, 1, 1)
            value = tree
        k += 1
    memcpy(target, value, operand.size)
    partial.count = 0


cdef void push_rows(
    const Operand *operand, Partial *partial, char *source, Py_ssize_t rows, Py_ssize_t cols,
    Py_ssize_t tile_bytes
) noexcept nogil:
    """Add rows to the sums of their columns; level k sums up to FAN sums of level k - 1."""
    cdef Py_ssize_t taken
    while rows > 0:
        taken = min(rows, FAN - partial.rows[0])
        push_level(operand, partial, 0, source, taken, cols, tile_bytes)
        source += taken * cols * operand.size
        rows -= taken
        carry_rows(operand, partial, cols, tile_bytes)


cdef inline void carry_rows(
    const Operand *operand, Partial *partial, Py_ssize_t cols, Py_ssize_t tile_bytes
) noexcept nogil:
    """Move full levels up."""
    cdef int k = 0
    while partial.rows[k] == FAN and k < LEVELS - 1:
        partial.rows[k] = 0
        push_level(operand, partial, k + 1, partial.state + k * tile_bytes, 1, cols, tile_bytes)
        k += 1


cdef inline void push_level(
    const Operand *operand, Partial *partial, int k, char *source, Py_ssize_t rows, Py_ssize_t cols,
    Py_ssize_t tile_bytes
) noexcept nogil:
    """Add rows to level `k`, whose first row is copied: no identity is added to anything."""
    cdef char *level = partial.state + k * tile_bytes
    cdef Py_ssize_t copied = 0
    if partial.rows[k] == 0:
        memcpy(level, source, cols * operand.size)
        copied = 1
    if rows > copied:
        accumulate(operand, source + copied * cols * operand.size, level, rows - copied, cols)
    partial.rows[k] += rows


cdef void finish_rows(
    const Operand *operand, Partial *partial, char *target, Py_ssize_t cols, Py_ssize_t col_stride,
    Py_ssize_t tile_bytes
) noexcept nogil:
    """Join the levels, low to high, and store one element per column."""
    cdef char *value = NULL
    cdef char *level
    cdef int k
    for k in range(LEVELS):
        if partial.rows[k] == 0:
            continue
        level = partial.state + k * tile_bytes
        if value != NULL:
            accumulate(operand, value, level, 1, cols)
        value = level
        partial.rows[k] = 0
    scatter_bytes(value, target, 1, cols, 0, col_stride, operand.size)


cdef int fill_identities(Machine *m) noexcept nogil:
    """Store the result over no elements into every element of every reduction's output."""
    cdef Py_ssize_t index[MAX_DIMS]
    cdef Py_ssize_t cells = 1
    cdef char value[8]
    cdef char *target
    cdef Slice out
    cdef int d, o
    out.data, out.shape[0] = value, 1
    for o in range(m.n_operands):
        if m.operands[o].role < ROLE_SUM:
            continue
        cells = 1
        for d in range(m.ndim):
            if m.strides[o * MAX_DIMS + d] != 0:
                cells *= m.shape[d]
            index[d] = 0
        if cells == 0:
            continue
        if m.operands[o].role == ROLE_MAX or m.operands[o].role == ROLE_MIN:
            return RUN_EMPTY
        (<Kernel1>m.operands[o].identity)(out, out)
        target = m.cursor[o]
        while True:
            memcpy(target, value, m.operands[o].size)
            d = m.ndim - 1
            while d >= 0:
                if m.strides[o * MAX_DIMS + d] != 0:
                    index[d] += 1
                    target += m.strides[o * MAX_DIMS + d]
                    if index[d] < m.shape[d]:
                        break
                    target -= index[d] * m.strides[o * MAX_DIMS + d]
                    index[d] = 0
                d -= 1
            if d < 0:
                break
    return RUN_OK
