# Reductions. Their order is part of the numeric contract and depends on the reduced shape and the
# layout only:
#
#   along rows      blocks of at most BLOCK elements, each folded by its kernel (32 lanes), then a
#                   binary tree of blocks: two trees of equal height join as soon as both exist, the
#                   rest join at the end, small to large. AT_ONCE blocks that begin at a multiple of
#                   so many are folded by one call, and are one tree of that height;
#   down columns    64 rows one after the other, 64 such sums one after the other, and so on through
#                   six levels, the last unbounded; at the end the levels join, low to high.
#
# Either keeps the error of a long float32 sum at a few ulp.

cdef enum:
    BLOCK = RUN_BLOCK
    FAN = 64
    LEVELS = 6
    COLUMNS_AT_LEAST = 8    # fewer adjacent columns than this are gathered and reduced one by one
    AT_ONCE = 16
    HEIGHT = 4              # of a tree of AT_ONCE blocks


cdef inline void accumulate(
    const Operand *operand, char *source, char *target, Py_ssize_t rows, Py_ssize_t cols,
    Py_ssize_t row_stride
) noexcept nogil:
    """Combine rows of `cols` elements, one after the other, into those of `target`."""
    cdef Slice x, out
    x.data, x.shape[0], x.shape[1], x.strides[0] = source, rows, cols, row_stride
    out.data, out.shape[0] = target, cols
    (<Kernel1>operand.accumulate)(x, out)


cdef inline void fold(
    const Operand *operand, char *source, char *target, Py_ssize_t rows, Py_ssize_t cols,
    Py_ssize_t row_stride
) noexcept nogil:
    """Reduce each row, of at most a block, to one element."""
    cdef Slice x, out
    x.data, x.shape[0], x.shape[1], x.strides[0] = source, rows, cols, row_stride
    out.data, out.shape[0] = target, rows
    (<Kernel1>operand.fold)(x, out)


cdef inline void fold_to(
    const Operand *operand, Partial *partial, char *source, char *target, Py_ssize_t rows,
    Py_ssize_t cols, Py_ssize_t row_stride, Py_ssize_t target_stride
) noexcept nogil:
    """Reduce each row, of at most a block, to one element, wherever these lie."""
    cdef Py_ssize_t taken
    if rows == 1 or target_stride == operand.size:
        fold(operand, source, target, rows, cols, row_stride)
        return
    while rows > 0:
        taken = min(rows, BLOCK)
        fold(operand, source, partial.state, taken, cols, row_stride)
        scatter_bytes(partial.state, target, 1, taken, 0, target_stride, operand.size)
        source += taken * row_stride
        target += taken * target_stride
        rows -= taken


cdef void push_block(
    const Operand *operand, Partial *partial, char *source, Py_ssize_t count
) noexcept nogil:
    """Fold a block and hang it into the trees."""
    cdef char value[8]
    fold(operand, source, value, 1, count, count * operand.size)
    hang_tree(operand, partial, value, 0)


cdef void push_blocks(
    const Operand *operand, Partial *partial, char *source, Py_ssize_t count
) noexcept nogil:
    """Fold elements that lie one after the other, block by block, and hang the blocks."""
    cdef char values[8 * AT_ONCE]
    cdef Py_ssize_t taken, size = operand.size
    if operand.role != ROLE_SUM and operand.role != ROLE_PROD:  # the order is of no consequence
        push_block(operand, partial, source, count)
        return
    while count > 0:
        taken = blocks_at_once(partial, count)
        if taken == AT_ONCE:
            fold(operand, source, values, AT_ONCE, BLOCK, BLOCK * size)
            hang_blocks(operand, partial, values)
            taken *= BLOCK
        else:
            taken = min(count, BLOCK)
            push_block(operand, partial, source, taken)
        source += taken * size
        count -= taken


cdef inline Py_ssize_t blocks_at_once(const Partial *partial, Py_ssize_t count) noexcept nogil:
    """Return AT_ONCE where so many whole blocks are left and make one tree, else 1."""
    return AT_ONCE if count >= AT_ONCE * BLOCK and partial.count % AT_ONCE == 0 else 1


cdef inline void hang_blocks(const Operand *operand, Partial *partial, char *values) noexcept nogil:
    """Join AT_ONCE folded blocks, neighbours first, and hang their tree into the others."""
    cdef int n = AT_ONCE // 2
    while n > 0:
        fold(operand, values, values, n, 2, 2 * operand.size)
        n //= 2
    hang_tree(operand, partial, values, HEIGHT)


cdef inline void hang_tree(
    const Operand *operand, Partial *partial, char *value, int k
) noexcept nogil:
    """Hang the value of a tree of 2^k blocks; the one of such height lies 8 k bytes in."""
    cdef Py_ssize_t blocks = <Py_ssize_t>1 << k
    while (partial.count >> k) & 1:
        accumulate(operand, value, partial.state + 8 * k, 1, 1, operand.size)
        memcpy(value, partial.state + 8 * k, operand.size)
        k += 1
    memcpy(partial.state + 8 * k, value, operand.size)
    partial.count += blocks


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
                accumulate(operand, value, tree, 1, 1, operand.size)
            value = tree
        k += 1
    memcpy(target, value, operand.size)
    partial.count = 0


cdef void push_rows(
    const Operand *operand, Partial *partial, char *source, Py_ssize_t rows, Py_ssize_t cols,
    Py_ssize_t row_stride, Py_ssize_t tile_bytes
) noexcept nogil:
    """Add rows to the sums of their columns; level k sums up to FAN sums of level k - 1."""
    cdef Py_ssize_t taken
    while rows > 0:
        taken = min(rows, FAN - partial.rows[0])
        push_level(operand, partial, 0, source, taken, cols, row_stride, tile_bytes)
        source += taken * row_stride
        rows -= taken
        carry_rows(operand, partial, cols, tile_bytes)


cdef inline void carry_rows(
    const Operand *operand, Partial *partial, Py_ssize_t cols, Py_ssize_t tile_bytes
) noexcept nogil:
    """Move full levels up."""
    cdef int k = 0
    while partial.rows[k] == FAN and k < LEVELS - 1:
        partial.rows[k] = 0
        push_level(operand, partial, k + 1, partial.state + k * tile_bytes, 1, cols, 0, tile_bytes)
        k += 1


cdef inline void push_level(
    const Operand *operand, Partial *partial, int k, char *source, Py_ssize_t rows, Py_ssize_t cols,
    Py_ssize_t row_stride, Py_ssize_t tile_bytes
) noexcept nogil:
    """Add rows to level `k`, whose first row is copied: no identity is added to anything."""
    cdef char *level = partial.state + k * tile_bytes
    cdef Py_ssize_t copied = 0
    if partial.rows[k] == 0:
        memcpy(level, source, cols * operand.size)
        copied = 1
    if rows > copied:
        accumulate(operand, source + copied * row_stride, level, rows - copied, cols, row_stride)
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
            accumulate(operand, value, level, 1, cols, 0)
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
