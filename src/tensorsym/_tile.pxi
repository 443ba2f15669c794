# The tile machine: a program's steps over an iteration space, a tile of elements at a time, so that
# intermediate values stay in the first-level cache. Dense operands are read and written where they
# lie; the others pass through tiles.

cdef enum Role:
    ROLE_IN = 0
    ROLE_OUT = 1
    ROLE_SUM = 2
    ROLE_PROD = 3
    ROLE_MAX = 4
    ROLE_MIN = 5
    ROLE_ANY = 6
    ROLE_ALL = 7

cdef enum Mode:
    MAP = 0         # no reduction, or one over dims of length 1: every output is stored as it is
    FOLD_ROWS = 1   # one reduced dim of at most a block, the innermost: a row is one result
    FOLD_BLOCKS = 2  # all tiles between two steps of the kept dims give one result
    FOLD_COLUMNS = 3  # the innermost dim is kept: a row of accumulators

cdef extern from *:
    ctypedef struct Slice "__Pyx_memviewslice":
        char *data
        Py_ssize_t shape[8]
        Py_ssize_t strides[8]

# A typed memoryview travels as this structure, by value; the machine makes them without asking any
# object for a buffer.
ctypedef void (*Kernel1)(Slice, Slice) noexcept nogil
ctypedef void (*Kernel2)(Slice, Slice, Slice) noexcept nogil
ctypedef void (*Kernel3)(Slice, Slice, Slice, Slice) noexcept nogil

cdef struct Loaded:     # the repeating block that an operand's tile holds
    char *source
    Py_ssize_t rows, cols

cdef struct Partial:    # a reduction under way
    Py_ssize_t count
    Py_ssize_t rows[6]
    char *state

cdef struct Machine:
    const Operand *operands
    const Step *steps
    int n_operands, n_steps, n_locations, n_reductions
    Py_ssize_t capacity, tile_bytes
    Mode mode
    int ndim, kept          # dims, and how many leading ones the reductions keep
    Py_ssize_t count        # the length all slices have now
    Py_ssize_t shape[MAX_DIMS]
    Py_ssize_t *strides     # operand * MAX_DIMS + dim
    char **cursor           # per operand: the first element of the subspace being walked
    char **block            # per operand: the first element of the tile
    Slice *slices           # per location
    char *tiles             # location * tile_bytes
    Loaded *loaded
    Partial *partials
    char *in_place          # per operand: an output that lies over an input
    const Native *native    # the compiled kernel to use, or NULL
    bint bare               # whether there is nothing to do but fold inputs where they lie
    bint direct             # whether that kernel reads and writes all operands where they lie
    char **place            # per operand: what the compiled kernel is told
    Py_ssize_t *step
    char *through_tile      # per operand: whether its tile has to be copied out
    char *values            # per reduction: AT_ONCE folded blocks

include "_tile_load.pxi"
include "_tile_reduce.pxi"
include "_tile_space.pxi"
include "_tile_native.pxi"


cdef Py_ssize_t workspace_bytes(Program p) noexcept nogil:
    """Return how many bytes of memory one run of a program needs."""
    cdef Py_ssize_t per_operand = (
        MAX_DIMS * sizeof(Py_ssize_t) + 4 * sizeof(void *) + sizeof(Loaded) + sizeof(Partial) + 2
    )
    return (
        p.n_locations * (sizeof(Slice) + p.tile_bytes) + p.n_operands * per_operand
        + p.n_reductions * 8 * AT_ONCE
        + p.n_reductions * LEVELS * p.tile_bytes + 11 * 64
    )


cdef inline char *carve(char **free, Py_ssize_t size) noexcept nogil:
    """Take `size` bytes, aligned to a cache line, off the workspace."""
    cdef char *taken = <char *>((<size_t>free[0] + 63) & ~<size_t>63)
    free[0] = taken + size
    return taken


cdef void prepare(Machine *m, Program p, char **data, void *workspace) noexcept nogil:
    """Lay out the workspace."""
    cdef char *free = <char *>workspace
    cdef char *states
    cdef int o, n = p.n_operands
    m.operands, m.steps = p.operands, p.steps
    m.n_operands, m.n_steps = n, p.n_steps
    m.n_locations, m.n_reductions = p.n_locations, p.n_reductions
    m.capacity, m.tile_bytes, m.count = p.capacity, p.tile_bytes, -1
    m.slices = <Slice *>carve(&free, m.n_locations * sizeof(Slice))
    m.strides = <Py_ssize_t *>carve(&free, n * MAX_DIMS * sizeof(Py_ssize_t))
    m.cursor = <char **>carve(&free, n * sizeof(char *))
    m.block = <char **>carve(&free, n * sizeof(char *))
    m.place = <char **>carve(&free, n * sizeof(char *))
    m.step = <Py_ssize_t *>carve(&free, n * sizeof(Py_ssize_t))
    m.values = carve(&free, m.n_reductions * 8 * AT_ONCE)
    m.loaded = <Loaded *>carve(&free, n * (sizeof(Loaded) + 2))
    m.in_place = <char *>(m.loaded + n)
    m.through_tile = m.in_place + n
    m.partials = <Partial *>carve(&free, n * sizeof(Partial))
    m.tiles = carve(&free, m.n_locations * m.tile_bytes)
    for o in range(m.n_locations):
        m.slices[o].data = m.tiles + o * m.tile_bytes
    for o in range(n):
        m.cursor[o] = data[o]
        m.loaded[o].source = NULL
    if m.n_reductions:
        states = carve(&free, m.n_reductions * LEVELS * m.tile_bytes)
        for o in range(n):
            memset(&m.partials[o], 0, sizeof(Partial))
            if m.operands[o].role >= ROLE_SUM:
                m.partials[o].state = states
                states += LEVELS * m.tile_bytes


cdef inline void run_steps(Machine *m) noexcept nogil:
    """Run every step on the tile."""
    cdef Slice *at = m.slices
    cdef const Step *step = m.steps
    cdef int i
    for i in range(m.n_steps):
        if step.arity == 2:
            (<Kernel2>step.kernel)(at[step.sources[0]], at[step.sources[1]], at[step.target])
        elif step.arity == 1:
            (<Kernel1>step.kernel)(at[step.sources[0]], at[step.target])
        else:
            (<Kernel3>step.kernel)(
                at[step.sources[0]], at[step.sources[1]], at[step.sources[2]], at[step.target]
            )
        step += 1


cdef inline void reduce_tile(
    Machine *m, int o, char *value, Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t row_stride
) noexcept nogil:
    """Take a tile's value into reduction `o`."""
    cdef const Operand *operand = &m.operands[o]
    cdef Partial *partial = &m.partials[o]
    cdef Py_ssize_t width = cols * operand.size
    if m.mode == FOLD_ROWS:
        fold_to(operand, partial, value, m.block[o], rows, cols, width, row_stride)
    elif m.mode == FOLD_BLOCKS:
        push_block(operand, partial, value, rows * cols)
    else:
        push_rows(operand, partial, value, rows, cols, width, m.tile_bytes)


cdef void choose_bare(Machine *m) noexcept nogil:
    """Decide whether the inputs can be folded where they lie, with nothing done to them before."""
    cdef int o, inner = m.ndim - 1
    m.bare = False
    if m.native != NULL or m.n_steps or m.n_reductions == 0 or m.mode == MAP:
        return
    if m.mode == FOLD_BLOCKS and m.kept < inner:
        return
    for o in range(m.n_operands):
        if m.operands[o].role == ROLE_OUT:
            return
        if m.operands[o].role == ROLE_IN and m.strides[o * MAX_DIMS + inner] != m.operands[o].size:
            return
    m.bare = True
    m.capacity = <Py_ssize_t>1 << 62


cdef void run_bare(Machine *m, Py_ssize_t rows, Py_ssize_t cols, int row_dim) noexcept nogil:
    """Fold the block at `m.block`, whatever its size."""
    cdef const Operand *operand
    cdef Py_ssize_t row_stride
    cdef char *source
    cdef int o
    for o in range(m.n_operands):
        operand = &m.operands[o]
        if operand.role == ROLE_IN:
            continue
        source = m.block[operand.location]
        row_stride = m.strides[operand.location * MAX_DIMS + row_dim]
        if m.mode == FOLD_ROWS:
            fold_to(
                operand, &m.partials[o], source, m.block[o], rows, cols, row_stride,
                m.strides[o * MAX_DIMS + row_dim]
            )
        elif m.mode == FOLD_BLOCKS:
            push_blocks(operand, &m.partials[o], source, cols)
        else:
            push_rows(operand, &m.partials[o], source, rows, cols, row_stride, m.tile_bytes)


cdef void run_tile(
    Machine *m, Py_ssize_t rows, Py_ssize_t cols, int row_dim, int col_dim
) noexcept nogil:
    """Load, compute and store the tile whose first elements are at `m.block`."""
    cdef Py_ssize_t row_stride, col_stride
    cdef int o, size
    cdef char *tile
    if m.native != NULL:
        run_native(m, rows, cols, row_dim, col_dim)
        return
    if m.bare:
        run_bare(m, rows, cols, row_dim)
        return
    if m.count != rows * cols:
        m.count = rows * cols
        for o in range(m.n_locations):
            m.slices[o].shape[0] = m.count
    for o in range(m.n_operands):
        row_stride = m.strides[o * MAX_DIMS + row_dim]
        col_stride = m.strides[o * MAX_DIMS + col_dim]
        size, tile = m.operands[o].size, m.tiles + o * m.tile_bytes
        if m.operands[o].role == ROLE_IN:
            m.slices[o].data = load(
                &m.loaded[o], tile, m.block[o], rows, cols, row_stride, col_stride, size
            )
            continue
        m.slices[o].data = tile
        if m.operands[o].location == o and not m.in_place[o]:
            if is_dense(rows, cols, row_stride, col_stride, size):
                m.slices[o].data = m.block[o]
    run_steps(m)
    for o in range(m.n_operands):
        if m.operands[o].role == ROLE_IN:
            continue
        tile = m.slices[m.operands[o].location].data
        if m.operands[o].role >= ROLE_SUM and m.mode != MAP:
            reduce_tile(m, o, tile, rows, cols, m.strides[o * MAX_DIMS + row_dim])
        elif tile != m.block[o]:
            row_stride = m.strides[o * MAX_DIMS + row_dim]
            col_stride = m.strides[o * MAX_DIMS + col_dim]
            scatter_bytes(tile, m.block[o], rows, cols, row_stride, col_stride, m.operands[o].size)


cdef void walk(Machine *m, int first, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """Run all tiles of the dims from `first` on, in columns start..stop of the innermost one."""
    cdef Py_ssize_t index[MAX_DIMS]
    cdef int col_dim = m.ndim - 1, row_dim = m.ndim - 2 if m.ndim - 2 >= first else MAX_DIMS - 1
    cdef Py_ssize_t all_rows = m.shape[row_dim] if row_dim < col_dim else 1
    cdef Py_ssize_t row, col, rows, cols, step = 1
    cdef Py_ssize_t *strides
    cdef int d, o
    if stop - start <= m.capacity // 2:
        step = m.capacity // (stop - start)
    for d in range(first, row_dim if row_dim < col_dim else first):
        index[d] = 0
    while True:
        row = 0
        while row < all_rows:
            rows = min(step, all_rows - row)
            col = start
            while col < stop:
                cols = min(m.capacity, stop - col)
                for o in range(m.n_operands):
                    strides = m.strides + o * MAX_DIMS
                    m.block[o] = m.cursor[o] + row * strides[row_dim] + col * strides[col_dim]
                run_tile(m, rows, cols, row_dim, col_dim)
                col += m.capacity
            row += step
        d = row_dim - 1 if row_dim < col_dim else first - 1
        while d >= first and not advance(m, index, d):
            d -= 1
        if d < first:
            return


cdef inline bint advance(Machine *m, Py_ssize_t *index, int d) noexcept nogil:
    """Move all cursors a step along dim `d` or back to its start; return whether one was left."""
    cdef int o
    cdef Py_ssize_t steps = 1
    index[d] += 1
    if index[d] == m.shape[d]:
        steps = 1 - m.shape[d]
        index[d] = 0
    for o in range(m.n_operands):
        m.cursor[o] += steps * m.strides[o * MAX_DIMS + d]
    return steps == 1


cdef void walk_kept(Machine *m, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    """For each index of the kept dims walk the others, then store the finished reductions."""
    cdef Py_ssize_t index[MAX_DIMS]
    cdef int d, o
    cdef Py_ssize_t stride
    for d in range(m.kept):
        index[d] = 0
    while True:
        walk(m, m.kept, start, stop)
        for o in range(m.n_operands):
            if m.operands[o].role >= ROLE_SUM and m.mode == FOLD_BLOCKS:
                finish_blocks(&m.operands[o], &m.partials[o], m.cursor[o])
            elif m.operands[o].role >= ROLE_SUM:
                stride = m.strides[o * MAX_DIMS + m.ndim - 1]
                finish_rows(
                    &m.operands[o], &m.partials[o], m.cursor[o] + start * stride, stop - start,
                    stride, m.tile_bytes
                )
        d = m.kept - 1
        while d >= 0 and not advance(m, index, d):
            d -= 1
        if d < 0:
            return


cdef int run_space(
    Program program, int ndim, const Py_ssize_t *shape, char **data, const Py_ssize_t *strides,
    void *workspace, Native *native
) noexcept nogil:
    """Run a program over an iteration space, by its steps or by the compiled kernel."""
    cdef Machine m
    cdef Py_ssize_t start, width
    cdef int code
    prepare(&m, program, data, workspace)
    code = arrange(&m, ndim, shape, strides)
    if code != SPACE_READY:
        return fill_identities(&m) if code == SPACE_EMPTY else code
    choose_native(&m, native)
    choose_bare(&m)
    width = m.shape[m.ndim - 1]
    if m.mode == MAP or m.mode == FOLD_ROWS:
        walk(&m, 0, 0, width)
    elif m.mode == FOLD_BLOCKS:
        walk_kept(&m, 0, width)
    else:
        start = 0
        while start < width:
            walk_kept(&m, start, min(start + program.capacity, width))
            start += program.capacity
    return RUN_OK


cdef int run(
    Program program, int ndim, const Py_ssize_t *shape, char **data, const Py_ssize_t *strides,
    void *workspace
) noexcept nogil:
    """Run a program over an iteration space; see `_ops.pxd`."""
    cdef Native *native = ts_take(program.native)
    cdef long long started
    cdef int code
    if native != NULL:
        if run_dense(program, native, ndim, shape, data, strides):
            return RUN_OK
        return run_space(program, ndim, shape, data, strides, workspace, native)
    if not is_timed(program):
        return run_space(program, ndim, shape, data, strides, workspace, NULL)
    started = ts_now()
    code = run_space(program, ndim, shape, data, strides, workspace, NULL)
    return RUN_HOT if is_spent(program, started) and code == RUN_OK else code


include "_tile_short.pxi"
include "_tile_parts.pxi"
