# Kernels of the system's compiler. One takes the place of a program's steps and of the folding of
# its blocks; the space, the order of its tiles and the trees of blocks stay the tile machine's, and
# with them every bit. Dense operands are handed over where they lie, in rows as long as there are;
# what is not dense passes through tiles as ever.

cdef extern from *:
    """
    #include <time.h>
    static long long ts_now(void)
    {
      struct timespec t;
      clock_gettime(CLOCK_MONOTONIC, &t);
      return 1000000000LL * t.tv_sec + t.tv_nsec;
    }
    #define ts_take(place) __atomic_load_n(&(place), __ATOMIC_ACQUIRE)
    #define ts_publish(place, value) __atomic_store_n(&(place), value, __ATOMIC_RELEASE)
    """
    long long ts_now() noexcept nogil
    Native *ts_take(Native *) noexcept nogil
    void ts_publish(Native *, Native *) noexcept nogil


cdef long long now() noexcept nogil:
    """Return nanoseconds of a clock that only runs forwards."""
    return ts_now()

cdef enum:
    TIMED_FIRST = 16        # runs that are timed each; of the later ones every TIMED_EACH-th is
    TIMED_EACH = 16
    SHORT_ROW = 64          # shorter rows are strung together in tiles, where that can be done


cdef inline bint is_timed(Program p) noexcept nogil:
    """Tell whether this run's time is taken; two readings of the clock cost 50 ns."""
    p.runs += 1
    return p.budget_ns > 0 and (p.runs <= TIMED_FIRST or p.runs % TIMED_EACH == 0)


cdef inline bint is_spent(Program p, long long started) noexcept nogil:
    """Book the time since `started`; tell, once, whether the budget is spent."""
    cdef long long taken = ts_now() - started
    p.tile_ns += taken if p.runs <= TIMED_FIRST else taken * TIMED_EACH
    if p.tile_ns < p.budget_ns:
        return False
    p.budget_ns = 0
    return True


cdef inline bint run_dense(
    Program p, const Native *native, int ndim, const Py_ssize_t *shape, char **data,
    const Py_ssize_t *strides
) noexcept nogil:
    """Run the kernel on arrays in C order without gaps, if they all are: most calls on little data.

    Return whether that was so.
    """
    cdef Py_ssize_t count = 1
    cdef int o, d
    if p.n_reductions:
        return False
    for o in range(p.n_operands):
        if native.constant[o]:
            continue
        count = 1
        for d in range(ndim - 1, -1, -1):
            if shape[d] != 1 and strides[o * ndim + d] != count * p.operands[o].size:
                return False
            count *= shape[d]
    count = 1
    for d in range(ndim):
        count *= shape[d]
    if count:
        native.rows(1, count, data, native.no_steps, 0)
    return True


cdef void choose_native(Machine *m, Native *native) noexcept nogil:
    """Decide whether the compiled kernel serves this space, and whether straight from memory."""
    cdef int o, inner = m.ndim - 1
    m.native, m.direct = NULL, False
    if native == NULL or (m.mode == MAP and m.n_reductions):
        return
    if m.mode == FOLD_COLUMNS and native.columns == NULL:
        return
    m.native = native
    if m.mode == MAP and m.ndim > 1 and m.shape[inner] < SHORT_ROW:
        return
    if m.mode == FOLD_BLOCKS and m.kept < inner:
        return
    for o in range(m.n_operands):
        if native.constant[o] or m.operands[o].role >= ROLE_SUM or m.shape[inner] == 1:
            continue
        if m.strides[o * MAX_DIMS + inner] != m.operands[o].size:
            return
    m.direct = True
    m.capacity = <Py_ssize_t>1 << 62


cdef void run_native(
    Machine *m, Py_ssize_t rows, Py_ssize_t cols, int row_dim, int col_dim
) noexcept nogil:
    """Do as `run_tile`, by the compiled kernel."""
    cdef Py_ssize_t row_stride, col_stride
    cdef int o, size
    for o in range(m.n_operands):
        row_stride = m.strides[o * MAX_DIMS + row_dim]
        m.place[o], m.step[o], m.through_tile[o] = m.block[o], row_stride, False
        if m.direct or m.native.constant[o] or m.operands[o].role >= ROLE_SUM:
            continue
        col_stride, size = m.strides[o * MAX_DIMS + col_dim], m.operands[o].size
        m.step[o] = cols * size
        if m.operands[o].role == ROLE_IN:
            m.place[o] = load(
                &m.loaded[o], m.tiles + o * m.tile_bytes, m.block[o], rows, cols, row_stride,
                col_stride, size
            )
        elif m.in_place[o] or not is_dense(rows, cols, row_stride, col_stride, size):
            m.place[o], m.through_tile[o] = m.tiles + o * m.tile_bytes, True
    if m.mode == MAP and not m.direct:
        m.native.rows(1, rows * cols, m.place, m.step, 0)
    elif m.mode == MAP or m.mode == FOLD_ROWS:
        m.native.rows(rows, cols, m.place, m.step, 0)
    elif m.mode == FOLD_BLOCKS:
        fold_blocks(m, rows * cols)
    else:
        fold_columns(m, rows, cols)
    if m.direct:
        return
    for o in range(m.n_operands):
        if m.operands[o].role != ROLE_OUT or not m.through_tile[o]:
            continue
        row_stride = m.strides[o * MAX_DIMS + row_dim]
        col_stride = m.strides[o * MAX_DIMS + col_dim]
        scatter_bytes(
            m.tiles + o * m.tile_bytes, m.block[o], rows, cols, row_stride, col_stride,
            m.operands[o].size
        )


cdef void fold_blocks(Machine *m, Py_ssize_t count) noexcept nogil:
    """Fold `count` elements that lie one after the other, in blocks; hang these into the trees."""
    cdef char *values = m.values
    cdef const Partial *partial = NULL
    cdef Py_ssize_t blocks, taken
    cdef int o
    for o in range(m.n_operands):
        if m.operands[o].role >= ROLE_SUM:
            m.place[o], m.step[o], partial = values, m.operands[o].size, &m.partials[o]
            values += 8 * AT_ONCE
        else:
            m.step[o] = 0 if m.native.constant[o] else BLOCK * m.operands[o].size
    while count > 0:
        blocks = blocks_at_once(partial, count)
        taken = min(count, blocks * BLOCK)
        m.native.rows(blocks, taken // blocks, m.place, m.step, 0)
        for o in range(m.n_operands):
            if m.operands[o].role < ROLE_SUM:
                if not m.native.constant[o]:
                    m.place[o] += taken * m.operands[o].size
            elif blocks == AT_ONCE:
                hang_blocks(&m.operands[o], &m.partials[o], m.place[o])
            else:
                hang_tree(&m.operands[o], &m.partials[o], m.place[o], 0)
        count -= taken


cdef void fold_columns(Machine *m, Py_ssize_t rows, Py_ssize_t cols) noexcept nogil:
    """Add rows to the sums of their columns; all reductions of a program take as many rows."""
    cdef Py_ssize_t taken, held = 0
    cdef int o
    for o in range(m.n_operands):
        if m.operands[o].role >= ROLE_SUM:
            m.place[o], m.step[o] = m.partials[o].state, 0
            held = m.partials[o].rows[0]
    while rows > 0:
        taken = min(rows, FAN - held)
        m.native.columns(taken, cols, m.place, m.step, held == 0)
        for o in range(m.n_operands):
            if m.operands[o].role >= ROLE_SUM:
                m.partials[o].rows[0] += taken
                carry_rows(&m.operands[o], &m.partials[o], cols, m.tile_bytes)
                held = m.partials[o].rows[0]
            else:
                m.place[o] += taken * m.step[o]
        rows -= taken
