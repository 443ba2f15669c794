# Loops: a plan run again and again, in a frame that belongs to the frame around.
#
# A state's values lie one after the other in the memory of its result, its ring: all of them, or as
# many as are needed, the oldest overwritten. A step reads its rows where they lie. Carried values
# stay in the body's frame between two steps; where they are meanwhile is noted in their result's
# slot, which nobody else reads before the loop ends.

cdef enum:
    FIRST_ROWS = 64         # of a ring, where nobody knows how many steps are done

cdef struct Loop:           # the numbers of a loop, taken apart
    Py_ssize_t n_steps
    int n_sequences, n_invariants, n_states, n_carried, done_slot
    int first_carried       # number of an argument of the body
    bint until
    const Py_ssize_t *sequences
    const Py_ssize_t *invariants
    const Py_ssize_t *carried
    const Py_ssize_t *states


cdef int run_loop(Frame *f, const Code *code, int index) noexcept nogil:
    """Run a plan again and again.

    The numbers: steps, counts of sequences, invariants, states and carried values, whether there is
    a condition, slot for the steps done; the slots of sequences and invariants; first and final
    slot of each carried value; then per state initial, how many values to keep, output, number of
    taps, taps.
    """
    cdef Loop loop
    cdef Frame *child = child_frame(f, code.object, 2 * index)
    cdef Py_ssize_t t = 0
    cdef int status
    cdef bint ended = False
    if child == NULL:
        return RAISED
    read_loop(f, code, &loop)
    status = check_loop(f, &loop)
    if status == OK:
        status = start_states(f, &loop)
    if status == OK:
        status = start_body(f, child, &loop)
    while status == OK and t < loop.n_steps and not ended:
        status = run_step(f, child, &loop, t, &ended)
        t += 1
    if status == OK:
        status = finish_states(f, &loop, t)
    if status == OK:
        status = finish_carried(f, child, &loop, t)
    clear_child(child)
    if loop.done_slot >= 0:
        f.values[loop.done_slot].data = f.values[loop.done_slot].inside
        (<i64 *>f.values[loop.done_slot].data)[0] = t
    return status


cdef void read_loop(Frame *f, const Code *code, Loop *loop) noexcept nogil:
    cdef const Py_ssize_t *state
    cdef int s
    loop.n_steps = <Py_ssize_t>integer_of(f, code.a[0])
    loop.n_sequences, loop.n_invariants = <int>code.a[1], <int>code.a[2]
    loop.n_states, loop.n_carried = <int>code.a[3], <int>code.a[4]
    loop.until, loop.done_slot = code.a[5], <int>code.a[6]
    loop.sequences = code.a + 7
    loop.invariants = loop.sequences + loop.n_sequences
    loop.carried = loop.invariants + loop.n_invariants
    loop.states = loop.carried + 2 * loop.n_carried
    loop.first_carried = loop.n_sequences
    state = loop.states
    for s in range(loop.n_states):
        loop.first_carried += <int>state[3]
        state += 4 + state[3]


cdef int check_loop(Frame *f, const Loop *loop) noexcept nogil:
    """Refuse a negative count, and sequences and states that are too short for the steps.

    The detail is the count; the number of the sequence; or -1 and below, that of the state.
    """
    cdef const Py_ssize_t *state = loop.states
    cdef int s
    if loop.n_steps < 0:
        f.detail = loop.n_steps
        return NEGATIVE_LENGTH
    for s in range(loop.n_sequences):
        if f.values[loop.sequences[s]].shape[0] < loop.n_steps:
            f.detail = s
            return LOOP_LENGTH
    for s in range(loop.n_states):
        if state[0] >= 0 and f.values[state[0]].shape[0] < reach_back(state):
            f.detail = -1 - s
            return LOOP_LENGTH
        state += 4 + state[3]
    return OK


cdef inline Py_ssize_t reach_back(const Py_ssize_t *state) noexcept nogil:
    """Return how many steps back the oldest tap of a state lies."""
    cdef Py_ssize_t oldest = 0
    cdef int i
    for i in range(<int>state[3]):
        oldest = max(oldest, -state[4 + i])
    return oldest


cdef Py_ssize_t ring_length(const Loop *loop, const Py_ssize_t *state) noexcept nogil:
    """Return how many values of a state are held at first: those of all steps, or what is needed.

    There is always a row for the next value beside those that the step reads, which its results may
    be views of.
    """
    if state[1] == 0:
        return reach_back(state) + (
            min(loop.n_steps, FIRST_ROWS) if loop.until else loop.n_steps
        )
    return max(reach_back(state), state[1]) + 1


cdef int start_states(Frame *f, const Loop *loop) noexcept nogil:
    """Give the states with first values their ring, and put those values in it."""
    cdef const Py_ssize_t *state = loop.states
    cdef const Value *old
    cdef Value *new
    cdef int s, d, ndim
    cdef Py_ssize_t back
    for s in range(loop.n_states):
        back = reach_back(state)
        f.values[state[2]].data = NULL
        if state[0] >= 0:
            old, new = &f.values[state[0]], &f.values[state[2]]
            ndim = f.plan.slots[state[2]].ndim
            for d in range(1, ndim):
                new.shape[d] = old.shape[d]
            new.shape[0] = ring_length(loop, state)
            if give_memory(f, <int>state[2]) != OK:
                return NO_MEMORY
            copy_rows(f, <int>state[2], old.data + (old.shape[0] - back) * old.strides[0],
                      old.strides, back)
        state += 4 + state[3]
    return OK


cdef void copy_rows(
    Frame *f, int slot, const char *source, const Py_ssize_t *strides, Py_ssize_t count
) noexcept nogil:
    """Fill the first rows of a ring."""
    cdef Value *ring = &f.values[slot]
    cdef Py_ssize_t length = ring.shape[0]
    ring.shape[0] = count
    copy_elements(
        ring.data, ring.strides, source, strides, ring.shape, f.plan.slots[slot].ndim,
        f.plan.slots[slot].itemsize
    )
    ring.shape[0] = length


cdef int start_body(Frame *f, Frame *child, const Loop *loop) noexcept nogil:
    """Lend the body what stays the same, the layout of rows, and the first carried values."""
    cdef const Py_ssize_t *state = loop.states
    cdef int i, s, argument = loop.n_sequences
    if child.plan.calls_python:
        with gil:
            try:
                for i in range(loop.n_sequences + loop.n_invariants):
                    if f.values[loop.sequences[i]].block >= 0:
                        ensure_keeper(&f.blocks[f.values[loop.sequences[i]].block])
            except BaseException as error:  # noqa: B036
                Py_INCREF(error)
                f.error = <PyObject *>error
                return RAISED
    for i in range(loop.n_sequences):
        lend_layout(f, <int>loop.sequences[i], child, i)
        child.values[child.plan.inputs[i]].base = base_of(f, <int>loop.sequences[i])
    for s in range(loop.n_states):
        for i in range(<int>state[3]):
            lend_layout(f, <int>state[2], child, argument)
            argument += 1
        state += 4 + state[3]
    for i in range(loop.n_carried):
        start_carried(f, <int>loop.carried[2 * i], <int>loop.carried[2 * i + 1])
    for i in range(loop.n_invariants):
        argument = loop.first_carried + loop.n_carried + i
        lend(f, <int>loop.invariants[i], child, argument)
        if f.plan.slots[loop.invariants[i]].kind == BUFFER:
            child.values[child.plan.inputs[argument]].base = base_of(f, <int>loop.invariants[i])
    return OK


cdef inline PyObject *base_of(Frame *f, int slot) noexcept nogil:
    """Return the object that a slot's memory belongs to, if it is one."""
    cdef const Value *value = &f.values[slot]
    return value.base if value.block < 0 else f.blocks[value.block].keeper


cdef void lend_layout(Frame *f, int slot, Frame *child, int argument) noexcept nogil:
    """Let an argument of the body have the layout of one element along the first dim."""
    cdef const Value *old = &f.values[slot]
    cdef Value *new = &child.values[child.plan.inputs[argument]]
    cdef int d
    new.block, new.base = -1, NULL
    for d in range(f.plan.slots[slot].ndim - 1):
        new.shape[d], new.strides[d] = old.shape[1 + d], old.strides[1 + d]


cdef void start_carried(Frame *f, int initial, int final) noexcept nogil:
    """Note where a carried value is before the first step."""
    cdef const Value *old = &f.values[initial]
    cdef Value *note = &f.values[final]
    cdef int ndim = f.plan.slots[final].ndim
    note.block = -1
    if f.plan.slots[final].kind == OBJECT:
        note.object, note.owned = old.object, False
    elif f.plan.slots[final].kind == SCALAR:
        note.data = note.inside
        memcpy(note.inside, old.data, f.plan.slots[final].itemsize)
    else:
        note.data, note.base = old.data, base_of(f, initial)
        memcpy(note.shape, old.shape, ndim * sizeof(Py_ssize_t))
        memcpy(note.strides, old.strides, ndim * sizeof(Py_ssize_t))


cdef int run_step(
    Frame *f, Frame *child, const Loop *loop, Py_ssize_t t, bint *ended
) noexcept nogil:
    """Run the body once: lend it rows and carried values, keep what it makes."""
    cdef const Py_ssize_t *state
    cdef int s, status
    status = lend_rows(f, child, loop, t)
    if status != OK:
        return status
    for s in range(loop.n_carried):
        lend_carried(&f.values[loop.carried[2 * s + 1]], child, loop.first_carried + s)
    if run_codes(child) != OK:
        return fail_with(f, child)
    state = loop.states
    for s in range(loop.n_states):
        status = keep_row(f, child, s, loop, state, t)
        if status != OK:
            return status
        state += 4 + state[3]
    if loop.until:
        ended[0] = is_true(child, child.plan.outputs[loop.n_states + loop.n_carried])
    for s in range(loop.n_carried):
        status = keep_carried(&f.values[loop.carried[2 * s + 1]], child, loop.n_states + s)
        if status != OK:
            return status
    clear_child(child)
    return OK


cdef int lend_rows(Frame *f, Frame *child, const Loop *loop, Py_ssize_t t) noexcept nogil:
    """Let the body's arguments lie in the rows of this step; make room for the next ones."""
    cdef const Py_ssize_t *state = loop.states
    cdef const Value *stack
    cdef Py_ssize_t back, row
    cdef int s, i, argument = 0
    for s in range(loop.n_sequences):
        stack = &f.values[loop.sequences[s]]
        child.values[child.plan.inputs[argument]].data = stack.data + t * stack.strides[0]
        argument += 1
    for s in range(loop.n_states):
        stack, back = &f.values[state[2]], reach_back(state)
        if loop.until and state[1] == 0 and stack.data != NULL and t + back == stack.shape[0]:
            if lengthen(f, <int>state[2], back + loop.n_steps) != OK:
                return NO_MEMORY
        for i in range(<int>state[3]):
            row = t + back + state[4 + i]
            if row >= stack.shape[0]:
                row %= stack.shape[0]
            child.values[child.plan.inputs[argument]].data = stack.data + row * stack.strides[0]
            argument += 1
        state += 4 + state[3]
    return OK


cdef int lengthen(Frame *f, int slot, Py_ssize_t most) noexcept nogil:
    """Give a ring that is full twice as many rows."""
    cdef Value *ring = &f.values[slot]
    cdef const char *data = ring.data
    cdef Py_ssize_t length = ring.shape[0]
    cdef int block = ring.block
    ring.shape[0] = min(2 * length, most)
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    copy_rows(f, slot, data, ring.strides, length)
    release_block(f, block)
    return OK


cdef void lend_carried(Value *note, Frame *child, int argument) noexcept nogil:
    """Let an argument of the body be a carried value; the body has it alone then."""
    cdef int own = child.plan.inputs[argument], ndim = child.plan.slots[own].ndim
    cdef Value *new = &child.values[own]
    if child.plan.slots[own].kind == OBJECT:
        new.object, new.owned, note.owned = note.object, note.owned, False
    elif child.plan.slots[own].kind == SCALAR:
        new.data = new.inside
        memcpy(new.inside, note.inside, INLINE)
    else:
        new.data, new.block, new.base = note.data, note.block, note.base
        memcpy(new.shape, note.shape, ndim * sizeof(Py_ssize_t))
        memcpy(new.strides, note.strides, ndim * sizeof(Py_ssize_t))


cdef int keep_row(
    Frame *f, Frame *child, int s, const Loop *loop, const Py_ssize_t *state, Py_ssize_t t
) noexcept nogil:
    """Put a result of the body into its ring."""
    cdef const Value *made = &child.values[child.plan.outputs[s]]
    cdef Value *ring = &f.values[state[2]]
    cdef int d, ndim = f.plan.slots[state[2]].ndim - 1
    cdef Py_ssize_t row = t + reach_back(state)
    if ring.data == NULL:
        for d in range(ndim):
            ring.shape[1 + d] = made.shape[d]
        ring.shape[0] = ring_length(loop, state)
        if give_memory(f, <int>state[2]) != OK:
            return NO_MEMORY
    for d in range(ndim):
        if ring.shape[1 + d] != made.shape[d]:
            return LOOP_SHAPE
    if row >= ring.shape[0]:
        row %= ring.shape[0]
    copy_elements(
        ring.data + row * ring.strides[0], ring.strides + 1, made.data, made.strides, made.shape,
        ndim,
        f.plan.slots[state[2]].itemsize
    )
    return OK


cdef int keep_carried(Value *note, Frame *child, int result) noexcept nogil:
    """Note where a result of the body is that the next step gets; its block is kept for it."""
    cdef int slot = child.plan.outputs[result], ndim = child.plan.slots[slot].ndim
    cdef const Value *made = &child.values[slot]
    cdef Py_ssize_t itemsize = child.plan.slots[slot].itemsize
    if child.plan.slots[slot].kind == OBJECT:
        note.object, note.owned = made.object, True
        with gil:
            Py_INCREF(<object>made.object)
        return OK
    if child.plan.slots[slot].kind == SCALAR:
        memcpy(note.inside, made.data, itemsize)
        return OK
    memcpy(note.shape, made.shape, ndim * sizeof(Py_ssize_t))
    note.block, note.base = made.block, NULL
    if made.block >= 0:
        note.data = made.data
        memcpy(note.strides, made.strides, ndim * sizeof(Py_ssize_t))
        child.blocks[note.block].users += KEPT
        return OK
    dense_strides(note, ndim, itemsize)
    note.block = new_block(child, n_elements(note, ndim) * itemsize)
    if note.block < 0:
        return NO_MEMORY
    child.blocks[note.block].users = KEPT
    note.data = child.blocks[note.block].data
    copy_elements(
        note.data, note.strides, made.data, made.strides, made.shape, ndim, itemsize
    )
    return OK


cdef int finish_states(Frame *f, const Loop *loop, Py_ssize_t done) noexcept nogil:
    """Make results of the rings: the values of all steps, or the last ones, oldest first."""
    cdef const Py_ssize_t *state = loop.states
    cdef Value *ring
    cdef int s, d, status = OK
    cdef Py_ssize_t total, length, first
    for s in range(loop.n_states):
        ring = &f.values[state[2]]
        total = reach_back(state) + done
        length = ring.shape[0]
        if ring.data == NULL:  # nothing was made: what is not known of the shape is 0
            for d in range(f.plan.slots[state[2]].ndim):
                ring.shape[d] = max(0, f.plan.slots[state[2]].lengths[d]) if d else 0
            status = give_memory(f, <int>state[2])
        elif state[1] == 0:
            ring.data += reach_back(state) * ring.strides[0]
            ring.shape[0] = done
        else:
            first = max(0, total - state[1])
            status = unroll(f, <int>state[2], first % length, total - first, length)
        if status != OK:
            return status
        state += 4 + state[3]
    return OK


cdef int finish_carried(
    Frame *f, Frame *child, const Loop *loop, Py_ssize_t done
) noexcept nogil:
    """Make results of the carried values: they move from the body's frame."""
    cdef int i, initial, final, status
    for i in range(loop.n_carried):
        initial, final = <int>loop.carried[2 * i], <int>loop.carried[2 * i + 1]
        if f.plan.slots[final].kind == OBJECT:
            status = finish_object(f, initial, final)
        elif f.plan.slots[final].kind == SCALAR:
            status = OK
        elif done == 0:
            share(f, initial, final)
            status = OK
        else:
            status = move_block(child, f, final)
        if status != OK:
            return status
    return OK


cdef int move_block(Frame *child, Frame *f, int slot) noexcept nogil:
    """Let a slot, whose value lies in a block of the body's, have the block, or else a copy."""
    cdef Value *value = &f.values[slot]
    cdef Block *old = &child.blocks[value.block]
    cdef const char *data = value.data
    cdef const SlotInfo *info = &f.plan.slots[slot]
    cdef Py_ssize_t strides[MAX_RANK]
    old.users -= 1
    if old.users == 0:
        value.block = block_entry(f)
        if value.block < 0:
            old.users = 1  # it is let go of with the body's frame
            return NO_MEMORY
        f.blocks[value.block] = old[0]
        f.blocks[value.block].users = 1
        return OK
    memcpy(strides, value.strides, info.ndim * sizeof(Py_ssize_t))
    value.block = -1
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    copy_elements(
        value.data, value.strides, data, strides, value.shape, info.ndim, info.itemsize
    )
    return OK


cdef int finish_object(Frame *f, int initial, int final) noexcept with gil:
    """Let the final object be another one than the first."""
    cdef Value *value = &f.values[final]
    if value.object != f.values[initial].object:
        return OK
    try:
        result = copied(<object>value.object)
    except BaseException as error:  # noqa: B036
        Py_INCREF(error)
        f.error = <PyObject *>error
        return RAISED
    if value.owned:
        Py_DECREF(<object>value.object)
    Py_INCREF(result)
    value.object, value.owned = <PyObject *>result, True
    return OK


cdef int unroll(
    Frame *f, int slot, Py_ssize_t first, Py_ssize_t count, Py_ssize_t length
) noexcept nogil:
    """Let a slot that holds a ring hold `count` of its rows in order, from row `first` on."""
    cdef Value *ring = &f.values[slot]
    cdef int b, ndim = f.plan.slots[slot].ndim
    cdef Py_ssize_t row = ring.strides[0], before = min(count, length - first)
    cdef char *data
    if first + count <= length:
        ring.data += first * row
        ring.shape[0] = count
        return OK
    b = new_block(f, count * row)
    if b < 0:
        return NO_MEMORY
    data = f.blocks[b].data
    ring.shape[0] = before
    copy_elements(
        data, ring.strides, ring.data + first * row, ring.strides, ring.shape, ndim,
        f.plan.slots[slot].itemsize
    )
    ring.shape[0] = count - before
    copy_elements(
        data + before * row, ring.strides, ring.data, ring.strides, ring.shape, ndim,
        f.plan.slots[slot].itemsize
    )
    release_block(f, ring.block)
    ring.data, ring.block, ring.shape[0] = data, b, count
    return OK
