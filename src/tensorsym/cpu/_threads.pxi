# Kernels on several cores. An iteration space is cut along one dim, and the parts run like spaces
# of their own, so that the tile machine knows nothing of threads. The cuts change no bit:
#
#   kept dims       every result of a reduction is made by one part. A part has two rows at least
#                   and 64 columns: the machine orders and folds a shorter space in another way;
#   whole sums      of arrays without gaps, cut into parts of 2^k blocks. Each gives the value of
#                   one tree of the numeric contract; these hang in the next trees as blocks do.

cdef extern from "ts_pool.h":
    ctypedef void (*ts_part)(void *, long, int) noexcept nogil
    int ts_pool_run(ts_part, void *, long, int) noexcept nogil
    void ts_pool_enter() noexcept nogil
    void ts_pool_leave() noexcept nogil

cdef enum:
    SPLIT_OPERANDS = 64
    SPLIT_FROM = 1 << 17    # steps on elements: about 50 us, five times what waking a thread takes
    PARTS_PER_THREAD = 4    # so that a core that others use delays the end by one part
    NARROWEST = 64          # columns of a part: COLUMNS_AT_LEAST, and a cache line of bytes

# The tile machine's `join_parts` under a type that takes a borrowed pointer, as `RunTiles` is.
ctypedef void (*JoinParts)(
    PyObject *, int, char *, Py_ssize_t, Py_ssize_t, bint, char *
) noexcept nogil

cdef JoinParts join_parts = <JoinParts>join_tree_parts

# How many threads there may be, `config.threads`; the caller's own is one of them.
cdef int n_threads = 1

cdef struct Split:
    PyObject *program
    int threads
    int ndim, n
    int dim                 # that is cut
    Py_ssize_t parts
    Py_ssize_t length       # of a part of a whole reduction
    const Py_ssize_t *shape
    const Py_ssize_t *strides
    char **data
    char reduces[SPLIT_OPERANDS]    # whether an operand is a whole reduction
    char *values            # the parts' values of whole reductions: 8 bytes per part and operand
    char *workspaces
    Py_ssize_t workspace_bytes
    int code


def set_threads(int count):
    """Let kernels over large arrays, and products, run on so many threads."""
    global n_threads
    n_threads = max(1, count)


cdef void run_part(void *job, long part, int worker) noexcept nogil:
    """Run one part of a space, on the pool's thread number `worker`."""
    cdef Split *s = <Split *>job
    cdef Py_ssize_t shape[MAX_RANK]
    cdef char *data[SPLIT_OPERANDS]
    cdef Py_ssize_t length = s.shape[s.dim], start, stop
    cdef int o, code
    if s.values != NULL:
        start, stop = part * s.length, min(length, (part + 1) * s.length)
    else:
        start, stop = part * length // s.parts, (part + 1) * length // s.parts
    memcpy(shape, s.shape, s.ndim * sizeof(Py_ssize_t))
    shape[s.dim] = stop - start
    for o in range(s.n):
        data[o] = s.data[o] + start * s.strides[o * s.ndim + s.dim]
        if s.values != NULL and s.reduces[o]:
            data[o] = s.values + (part * s.n + o) * 8
    code = run_tiles(
        s.program, s.ndim, shape, data, s.strides, s.workspaces + worker * s.workspace_bytes
    )
    if code != RUN_OK:
        s.code = code


cdef int run_on_cores(Frame *f, const Code *code, int n, const Py_ssize_t *shape) noexcept nogil:
    """Run a kernel, whose operands lie in `f.data` and `f.strides`, on as many cores as pay."""
    cdef int rank = <int>code.a[0], d
    cdef Py_ssize_t steps[SPLIT_OPERANDS]
    cdef Py_ssize_t count = 1
    cdef Split s
    for d in range(rank):
        count *= shape[d]
    s.threads = n_threads
    if s.threads > 1 and count * code.weight >= SPLIT_FROM and n <= SPLIT_OPERANDS:
        s.program, s.ndim, s.n, s.code = code.object, rank, n, RUN_OK
        s.shape, s.strides, s.data, s.values = shape, f.strides, f.data, NULL
        s.workspace_bytes = (f.plan.workspace_bytes + 63) & ~<Py_ssize_t>63
        if choose_cut(&s, code) and run_parts(f, &s, 0):
            return s.code
        if choose_blocks(&s, code, &count, steps) and run_parts(f, &s, s.parts * n * 8):
            join_values(&s, count)
            return s.code
    return run_tiles(code.object, rank, shape, f.data, f.strides, f.workspace)


cdef Py_ssize_t reach_of(const Split *s, int d) noexcept nogil:
    """Return how far one step along a dim moves all operands together."""
    cdef Py_ssize_t total = 0, stride
    cdef int o
    for o in range(s.n):
        stride = s.strides[o * s.ndim + d]
        total += stride if stride >= 0 else -stride
    return total


cdef bint reduced_dims(const Code *code, Py_ssize_t *mask) noexcept nogil:
    """Find the mask of the dims that are reduced; return whether it is one for all reductions."""
    cdef const Py_ssize_t *row
    cdef bint found = False
    cdef int o
    mask[0] = 0
    for o in range(<int>code.a[1]):
        row = code.a + 2 + 4 * o
        if row[1] < TO_REDUCTION:
            continue
        if found and row[2] != mask[0]:
            return False
        mask[0], found = row[2], True
    return True


cdef bint choose_cut(Split *s, const Code *code) noexcept nogil:
    """Choose the kept dim with the longest steps of those that make a part for each thread."""
    cdef Py_ssize_t reduced, reach, innermost = PY_SSIZE_T_MAX, best = -1, parts, wanted
    cdef int d
    if not reduced_dims(code, &reduced):
        return False
    for d in range(s.ndim):
        if s.shape[d] > 1:
            innermost = min(innermost, reach_of(s, d))
    for d in range(s.ndim):
        reach = reach_of(s, d)
        parts = s.shape[d] // (NARROWEST if reach <= innermost else 2)
        # Narrow columns of long rows are read in pieces too short for the memory's liking.
        wanted = s.threads if reduced and reach <= innermost else PARTS_PER_THREAD * s.threads
        if not fixed(reduced, d) and parts >= s.threads and reach > best:
            best, s.dim, s.parts = reach, d, min(parts, wanted)
    return best >= 0


cdef bint choose_blocks(
    Split *s, const Code *code, Py_ssize_t *count, Py_ssize_t *steps
) noexcept nogil:
    """Cut a whole reduction of arrays without gaps, as one long row, into parts of 2^k blocks."""
    cdef const Py_ssize_t *row
    cdef Py_ssize_t reduced
    cdef int o, used = 0
    if s.ndim == 0 or not reduced_dims(code, &reduced):
        return False
    if reduced != (<Py_ssize_t>1 << s.ndim) - 1:
        return False
    for o in range(<int>code.a[1]):
        row = code.a + 2 + 4 * o
        if row[1] != FROM_SHAPE:
            s.reduces[used] = row[1] >= TO_REDUCTION
            used += 1
    if not lie_in_a_row(s, steps, False) and not lie_in_a_row(s, steps, True):
        return False
    s.length = RUN_BLOCK
    while s.length * PARTS_PER_THREAD * s.threads < count[0]:
        s.length *= 2
    s.parts = (count[0] + s.length - 1) // s.length
    s.ndim, s.dim, s.shape, s.strides = 1, 0, count, steps
    return s.parts > 1


cdef bint lie_in_a_row(const Split *s, Py_ssize_t *steps, bint first_fastest) noexcept nogil:
    """Tell whether each operand's elements, in one order of dims, have one distance, or are one."""
    cdef Py_ssize_t expected, stride
    cdef int o, i, d
    cdef bint found
    for o in range(s.n):
        steps[o], expected, found = 0, 0, False
        for i in range(s.ndim):
            d = i if first_fastest else s.ndim - 1 - i
            if s.shape[d] == 1:
                continue
            stride = s.strides[o * s.ndim + d]
            if not found:
                steps[o], expected, found = stride, stride, True
            elif stride != expected:
                return False
            expected *= s.shape[d]
    return True


cdef bint run_parts(Frame *f, Split *s, Py_ssize_t value_bytes) noexcept nogil:
    """Run all parts; return False, with nothing done, if that is not possible now."""
    cdef Py_ssize_t size = s.threads * s.workspace_bytes + value_bytes
    cdef char *memory
    if size > f.cores_bytes:
        memory = <char *>realloc(f.cores, size)
        if memory == NULL:
            return False
        f.cores, f.cores_bytes = memory, size
    s.workspaces = f.cores
    s.values = f.cores + s.threads * s.workspace_bytes if value_bytes else NULL
    return ts_pool_run(run_part, s, s.parts, s.threads)


cdef void join_values(Split *s, Py_ssize_t count) noexcept nogil:
    """Join the values of a whole reduction's parts."""
    cdef int o
    for o in range(s.n):
        if s.reduces[o]:
            join_parts(
                s.program, o, s.values + 8 * o, 8 * s.n, s.parts, count % s.length != 0, s.data[o]
            )
