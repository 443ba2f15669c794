# A program on elements that lie one after the other: no space to arrange, no rows to walk.


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
    run_tiles_in_a_row(p, count, data, fixed, workspace)
    return RUN_HOT if timed and is_spent(p, started) else RUN_OK


cdef inline void run_tiles_in_a_row(
    Program p, Py_ssize_t count, char **data, const char *fixed, void *workspace
) noexcept nogil:
    """Run the steps tile by tile on operands where they lie; single elements are repeated."""
    cdef Machine m
    cdef char *room = <char *>workspace
    cdef Slice *slices = <Slice *>carve(&room, p.n_locations * sizeof(Slice))
    cdef char *tiles = carve(&room, p.n_locations * p.tile_bytes)
    cdef Py_ssize_t taken = min(count, p.capacity), done = 0
    cdef int o, location
    m.slices, m.steps, m.n_steps = slices, p.steps, p.n_steps
    for o in range(p.n_locations):
        slices[o].data = tiles + o * p.tile_bytes
        if o < p.n_operands and fixed[o] and count == 1:
            slices[o].data = data[o]
        elif o < p.n_operands and fixed[o]:
            gather_bytes(slices[o].data, data[o], 1, taken, 0, 0, p.operands[o].size)
    while done < count:
        taken = min(count - done, p.capacity)
        for o in range(p.n_locations):
            slices[o].shape[0] = taken
            if o < p.n_operands and not fixed[o]:
                slices[o].data = data[o] + done * p.operands[o].size
        run_steps(&m)
        for o in range(p.n_operands):
            location = p.operands[o].location
            if location != o:
                memcpy(
                    data[o] + done * p.operands[o].size, slices[location].data,
                    taken * p.operands[o].size
                )
        done += taken
