# Blocks of memory: who uses them, and what is kept for the next one.

cdef enum:
    ALIGNED_FROM = 4096     # larger blocks start at a cache line
    HUGE_FROM = 1 << 22     # larger blocks ask for huge pages, as NumPy's do
    HUGE_PAGE = 1 << 21
    MAPPED_FROM = 1 << 25   # glibc maps larger blocks anew: these may begin at such a page

# Memory a frame keeps between calls. Fresh pages cost 6-8 ms per 80 MB, more than most kernels that
# fill them.
cdef size_t MOST_SPARE_BYTES = <size_t>1 << 28


cdef char *new_memory(size_t size) noexcept nogil:
    """Return memory that free() takes back, or NULL."""
    cdef void *memory = NULL
    if size < ALIGNED_FROM:
        return <char *>malloc(size if size else 1)
    # A wide alignment leaves so much at the ends that glibc would map smaller blocks anew, too: the
    # pages of an 8 MB result, made and given back by each call, cost as much as its exponentials.
    if posix_memalign(&memory, HUGE_PAGE if size >= MAPPED_FROM else 64, size) != 0:
        return NULL
    if size >= HUGE_FROM:
        # 80 MB of small pages cost 35 ms to touch first, more than most kernels that fill them.
        ts_want_huge_pages(memory, size)
    return <char *>memory


cdef int new_block(Frame *f, size_t size) noexcept nogil:
    """Return the number of a block of at least `size` bytes with one user, or -1."""
    cdef int i, best = -1, b
    cdef char *data
    cdef size_t asked = size
    for i in range(f.n_spares):
        if size <= f.spares[i].size <= size + size // 4 + 64:
            if best < 0 or f.spares[i].size < f.spares[best].size:
                best = i
    if best >= 0:
        data, size = f.spares[best].data, f.spares[best].size
        f.n_spares -= 1
        f.spare_bytes -= size
        f.spares[best] = f.spares[f.n_spares]
    else:
        data = new_memory(size)
        if data == NULL:
            return -1
    b = block_entry(f)
    if b < 0:
        free(data)
        return -1
    f.blocks[b].data, f.blocks[b].size = data, size
    f.blocks[b].users, f.blocks[b].keeper, f.blocks[b].foreign = 1, NULL, 0
    f.blocks[b].asked = asked
    count_held(f, asked)
    return b


cdef inline void count_held(Frame *f, size_t size) noexcept nogil:
    """Book memory that a call holds from now on."""
    f.tally.held += size
    f.tally.peak = max(f.tally.peak, f.tally.held)


cdef int block_entry(Frame *f) noexcept nogil:
    """Return the number of an unused entry of the table of blocks, or -1."""
    cdef int room
    cdef Block *table
    while f.first_free < f.n_blocks:
        if f.blocks[f.first_free].users == 0:
            f.first_free += 1
            return f.first_free - 1
        f.first_free += 1
    if f.n_blocks == f.n_room:
        room = 2 * f.n_room + 8
        table = <Block *>realloc(f.blocks, room * sizeof(Block))
        if table == NULL:
            return -1
        f.blocks, f.n_room = table, room
    f.n_blocks += 1
    f.first_free = f.n_blocks
    return f.n_blocks - 1


cdef void keep_memory(Frame *f, char *data, size_t size) noexcept nogil:
    """Keep memory for later blocks, or give it back to the system."""
    cdef Spare oldest
    if size > MOST_SPARE_BYTES // 2:
        free(data)
        return
    while f.n_spares and (f.n_spares == SPARES or f.spare_bytes + size > MOST_SPARE_BYTES):
        f.n_spares -= 1
        oldest = f.spares[0]
        f.spares[0] = f.spares[f.n_spares]
        f.spare_bytes -= oldest.size
        free(oldest.data)
    add_spare(f, data, size)


cdef void add_spare(Frame *f, char *data, size_t size) noexcept nogil:
    """Keep memory for the next blocks, however much it is, if there is an entry for it."""
    if f.n_spares == SPARES:
        free(data)
        return
    f.spares[f.n_spares].data, f.spares[f.n_spares].size = data, size
    f.n_spares += 1
    f.spare_bytes += size


cdef void release_block(Frame *f, int b) noexcept nogil:
    """Take one user off a block; the last one ends it."""
    cdef Block *block = &f.blocks[b]
    block.users -= 1
    if block.users:
        return
    f.tally.held -= block.asked
    if b < f.first_free:
        f.first_free = b
    if block.keeper == NULL:
        keep_memory(f, block.data, block.size)
    else:
        with gil:
            drop_keeper(f, block)


cdef void drop_keeper(Frame *f, Block *block) noexcept:
    """Let go of the owner of memory; take the memory back if nobody else has the owner."""
    cdef PyObject *keeper = block.keeper
    block.keeper = NULL
    if not block.foreign and Py_REFCNT(keeper) == 1:
        (<Memory>keeper).data = NULL
        keep_memory(f, block.data, block.size)
    Py_DECREF(<object>keeper)


cdef class Memory:
    """Memory of a block that arrays outside of the machine look at; freed with the last of them."""

    cdef char *data

    def __dealloc__(self):
        free(self.data)


cdef int ensure_keeper(Block *block) except -1:
    """Give a block's memory to a Python object, so that arrays can share it."""
    cdef Memory memory
    if block.keeper == NULL:
        memory = Memory()
        memory.data = block.data
        Py_INCREF(memory)
        block.keeper = <PyObject *>memory
    return 0


cdef inline bint is_sole_user(const Block *block) noexcept nogil:
    """Tell whether a block may be overwritten: no other slot or array looks at it."""
    if block.users != 1:
        return False
    if block.foreign == 2 or block.keeper == NULL:
        return True
    return not block.foreign and Py_REFCNT(block.keeper) == 1


cdef inline void leave(Frame *f, Value *value) noexcept nogil:
    """End a slot's use of its memory."""
    if value.block >= 0:
        release_block(f, value.block)
        value.block = -1
    value.data = NULL


cdef inline Py_ssize_t n_elements(const Value *value, int ndim) noexcept nogil:
    cdef Py_ssize_t total = 1
    cdef int d
    for d in range(ndim):
        total *= value.shape[d]
    return total


cdef inline void dense_strides(Value *value, int ndim, Py_ssize_t itemsize) noexcept nogil:
    """Set C-order strides; those of empty arrays are never 0."""
    cdef Py_ssize_t stride = itemsize
    cdef int d
    for d in range(ndim - 1, -1, -1):
        value.strides[d] = stride
        stride *= max(1, value.shape[d])


cdef inline bint is_dense(const Value *value, int ndim, Py_ssize_t itemsize) noexcept nogil:
    """Tell whether the elements lie in C order without gaps."""
    cdef int d
    for d in range(ndim - 1, -1, -1):
        if value.shape[d] == 0:
            return True
        if value.shape[d] != 1 and value.strides[d] != itemsize:
            return False
        itemsize *= value.shape[d]
    return True


cdef int give_memory(Frame *f, int slot) noexcept nogil:
    """Give a slot, whose shape is set, memory of its own in C order."""
    cdef Value *value = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    if info.kind == SCALAR:
        value.data, value.block = value.inside, -1
        return OK
    dense_strides(value, info.ndim, info.itemsize)
    value.block = new_block(f, n_elements(value, info.ndim) * info.itemsize)
    if value.block < 0:
        return NO_MEMORY
    value.data = f.blocks[value.block].data
    value.base = NULL
    return OK


cdef void copy_elements(
    char *target, const Py_ssize_t *to, const char *source, const Py_ssize_t *by,
    const Py_ssize_t *shape, int ndim,
    Py_ssize_t itemsize
) noexcept nogil:
    """Copy a strided array onto another of the same shape; they do not overlap."""
    cdef Py_ssize_t index[MAX_RANK]
    cdef Py_ssize_t i, length, step_to, step_by
    cdef int d, inner = ndim - 1
    for d in range(ndim):
        if shape[d] == 0:
            return
        index[d] = 0
    if ndim == 0:
        memcpy(target, source, itemsize)
        return
    length, step_to, step_by = shape[inner], to[inner], by[inner]
    while True:
        if step_to == itemsize and step_by == itemsize:
            memcpy(target, source, length * itemsize)
        elif itemsize == 8:
            for i in range(length):
                (<i64 *>(target + i * step_to))[0] = (<const i64 *>(source + i * step_by))[0]
        elif itemsize == 4:
            for i in range(length):
                (<int *>(target + i * step_to))[0] = (<const int *>(source + i * step_by))[0]
        else:
            for i in range(length):
                memcpy(target + i * step_to, source + i * step_by, itemsize)
        d = inner - 1
        while d >= 0:
            index[d] += 1
            target += to[d]
            source += by[d]
            if index[d] < shape[d]:
                break
            target -= index[d] * to[d]
            source -= index[d] * by[d]
            index[d] = 0
            d -= 1
        if d < 0:
            return


cdef int copy_into(Frame *f, int source, int slot) noexcept nogil:
    """Give a slot a copy of another one in memory of its own."""
    cdef Value *old = &f.values[source]
    cdef Value *new = &f.values[slot]
    cdef const SlotInfo *info = &f.plan.slots[slot]
    memcpy(new.shape, old.shape, info.ndim * sizeof(Py_ssize_t))
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    copy_elements(new.data, new.strides, old.data, old.strides, old.shape, info.ndim, info.itemsize)
    return OK


cdef inline void share(Frame *f, int source, int slot) noexcept nogil:
    """Let a slot lie in the memory of another; shape and strides are the caller's."""
    cdef Value *old = &f.values[source]
    cdef Value *new = &f.values[slot]
    new.data, new.block, new.base = old.data, old.block, old.base
    if old.block >= 0:
        f.blocks[old.block].users += 1
