# A program on few elements that lie one after the other: no space to arrange, no tiles to walk.

cdef int run_short(
    Program p, Py_ssize_t count, char **data, const char *fixed, void *workspace
) noexcept nogil:
    """Run a program without reductions on `count` elements; see `_ops.pxd`."""
    cdef const Native *native = ts_take(p.native)
    cdef long long started = 0
    cdef bint timed
    if native != NULL:
        native.rows(1, count, data, native.no_steps, 0)
        return RUN_OK
    timed = is_timed(p)
    if timed:
        started = ts_now()
    run_one_tile(p, count, data, fixed, workspace)
    return RUN_HOT if timed and is_spent(p, started) else RUN_OK


cdef inline void run_one_tile(
    Program p, Py_ssize_t count, char **data, const char *fixed, void *workspace
) noexcept nogil:
    """Run the steps on operands where they lie; inputs of one element are repeated in tiles."""
    cdef Machine m
    cdef char *room = <char *>workspace
    cdef Slice *slices = <Slice *>carve(&room, p.n_locations * sizeof(Slice))
    cdef char *tiles = carve(&room, p.n_locations * p.tile_bytes)
    cdef int o, location
    m.slices, m.steps, m.n_steps = slices, p.steps, p.n_steps
    for o in range(p.n_locations):
        slices[o].data, slices[o].shape[0] = tiles + o * p.tile_bytes, count
    for o in range(p.n_operands):
        if fixed[o] and count > 1:
            gather_bytes(slices[o].data, data[o], 1, count, 0, 0, p.operands[o].size)
        else:
            slices[o].data = data[o]
    run_steps(&m)
    for o in range(p.n_operands):
        location = p.operands[o].location
        if location != o:
            memcpy(data[o], slices[location].data, count * p.operands[o].size)
