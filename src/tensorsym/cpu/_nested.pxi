# Plans inside plans: a choice runs one of two, a loop runs one again and again. Their frames belong
# to the frame around.


cdef Frame *child_frame(Frame *f, PyObject *machine, int number) noexcept nogil:
    """Return the frame for a plan inside, made at first use; NULL leaves an exception in `f`."""
    if f.children[number] == NULL:
        with gil:
            try:
                f.children[number] = new_frame(
                    &(<Machine>machine).plan, (<Machine>machine).constants
                )
            except BaseException as error:  # noqa: B036
                Py_INCREF(error)
                f.error = <PyObject *>error
    return f.children[number]


cdef void lend(Frame *f, int slot, Frame *child, int argument) noexcept nogil:
    """Let an argument of a plan inside be a slot's value, which outlives the plan's run."""
    cdef const Value *old = &f.values[slot]
    cdef int own = child.plan.inputs[argument], ndim = f.plan.slots[slot].ndim
    cdef Value *new = &child.values[own]
    new.data, new.block, new.base = old.data, -1, old.base if old.block < 0 else NULL
    new.object, new.owned = old.object, False
    memcpy(new.shape, old.shape, ndim * sizeof(Py_ssize_t))
    memcpy(new.strides, old.strides, ndim * sizeof(Py_ssize_t))


cdef int hand_over(Frame *child, int result, Frame *f, int slot) noexcept nogil:
    """Let a slot be a result of a plan inside: memory of its own moves, other is copied."""
    cdef int own, ndim = f.plan.slots[slot].ndim, b
    cdef Value *old = &child.values[child.plan.outputs[result]]
    cdef Value *new = &f.values[slot]
    if f.plan.slots[slot].kind == OBJECT:
        new.object, new.owned = old.object, True
        if old.owned:
            old.owned = False
        elif old.object != NULL:
            with gil:
                Py_INCREF(<object>old.object)
        return OK
    if f.plan.slots[slot].kind == SCALAR:
        new.data = new.inside
        memcpy(new.data, old.data, f.plan.slots[slot].itemsize)
        return OK
    memcpy(new.shape, old.shape, ndim * sizeof(Py_ssize_t))
    own = old.block
    if own >= 0 and child.blocks[own].users == 1 and not child.blocks[own].foreign:
        b = block_entry(f)
        if b < 0:
            return NO_MEMORY
        f.blocks[b] = child.blocks[old.block]
        memcpy(new.strides, old.strides, ndim * sizeof(Py_ssize_t))
        new.data, new.block, new.base = old.data, b, NULL
        child.blocks[old.block].users = 0
        old.block = -1
        return OK
    if give_memory(f, slot) != OK:
        return NO_MEMORY
    copy_elements(
        new.data, new.strides, old.data, old.strides, old.shape, ndim, f.plan.slots[slot].itemsize
    )
    return OK


cdef void clear_child(Frame *child) noexcept nogil:
    """Let go of all that a run of a plan inside used; Python is asked only if it has to be."""
    cdef bint python = False
    cdef int i
    for i in range(child.plan.n_slots):
        python = python or child.values[i].owned
        child.values[i].block = -1
    for i in range(child.n_blocks):
        python = python or (child.blocks[i].users and child.blocks[i].keeper != NULL)
    if python:
        with gil:
            clear_frame(child)
        return
    for i in range(child.n_blocks):
        if child.blocks[i].users:
            keep_memory(child, child.blocks[i].data, child.blocks[i].size)
            child.blocks[i].users = 0
    child.n_blocks = child.first_free = 0


cdef int fail_with(Frame *f, Frame *child) noexcept nogil:
    """Pass on what went wrong inside."""
    f.error = child.error
    child.error = NULL
    clear_child(child)
    return RAISED


cdef inline bint is_true(const Frame *f, int slot) noexcept nogil:
    """Tell whether a scalar is not 0; -0.0 is 0, NaN is not."""
    cdef const char *data = f.values[slot].data
    cdef int typenum = f.plan.slots[slot].typenum, i
    if typenum == NPY_FLOAT64:
        return (<const double *>data)[0] != 0
    if typenum == NPY_FLOAT32:
        return (<const float *>data)[0] != 0
    if typenum == NPY_FLOAT16:
        return ((<const unsigned short *>data)[0] & 0x7FFF) != 0
    for i in range(f.plan.slots[slot].itemsize):
        if data[i] != 0:
            return True
    return False


cdef int run_branch(Frame *f, const Code *code, int index) noexcept nogil:
    """The numbers: condition, counts of outputs and both plans' inputs; inputs, outputs."""
    cdef int n_outputs = <int>code.a[1], n_yes = <int>code.a[2], n_no = <int>code.a[3], i, status
    cdef int chosen = 0 if is_true(f, <int>code.a[0]) else 1
    cdef const Py_ssize_t *inputs = code.a + 4 + (n_yes if chosen else 0)
    cdef const Py_ssize_t *outputs = code.a + 4 + n_yes + n_no
    cdef PyObject *machine = nested_machine(code, chosen)
    cdef Frame *child = child_frame(f, machine, 2 * index + chosen)
    if child == NULL:
        return RAISED
    for i in range(n_no if chosen else n_yes):
        lend(f, <int>inputs[i], child, i)
    if run_codes(child) != OK:
        return fail_with(f, child)
    for i in range(n_outputs):
        status = hand_over(child, i, f, <int>outputs[i])
        if status != OK:
            clear_child(child)
            return status
    clear_child(child)
    return OK


cdef extern from *:
    """
    #define ts_tuple_item(tuple, i) PyTuple_GET_ITEM(tuple, i)
    """
    PyObject *ts_tuple_item(PyObject *, Py_ssize_t) noexcept nogil


cdef inline PyObject *nested_machine(const Code *code, int number) noexcept nogil:
    """Return one of the machines that an instruction's tuple holds, borrowed."""
    return ts_tuple_item(code.object, number)


cdef struct Loop:           # the numbers of a loop, taken apart
    Py_ssize_t n_steps      # steps planned
    Py_ssize_t done         # steps done
    int n_sequences, n_invariants, n_states
    bint until              # whether the body says when to stop
    bint stop
    bint objects            # whether a state is an object
    const Py_ssize_t *sequences
    const Py_ssize_t *invariants
    const Py_ssize_t *states


cdef int run_loop(Frame *f, const Code *code, int index) noexcept nogil:
    """Run a plan again and again.

    The numbers: steps, counts of sequences, invariants and states, whether the body says when to
    stop, the slot for the steps done; the slots of sequences and invariants; then per state
    initial, how many values to keep, output, number of taps, taps.
    """
    cdef Loop loop
    cdef Frame *child = child_frame(f, code.object, 2 * index)
    cdef int status = OK, done = <int>code.a[5]
    if child == NULL:
        return RAISED
    loop.n_steps = <Py_ssize_t>integer_of(f, code.a[0])
    loop.n_sequences, loop.n_invariants = <int>code.a[1], <int>code.a[2]
    loop.n_states, loop.until = <int>code.a[3], code.a[4]
    loop.sequences = code.a + 6
    loop.invariants = loop.sequences + loop.n_sequences
    loop.states = loop.invariants + loop.n_invariants
    if loop.n_steps < 0:
        return NEGATIVE_LENGTH
    loop.stop, loop.objects, loop.done = False, False, 0
    status = start_states(f, &loop)
    while status == OK and not loop.stop and loop.done < loop.n_steps:
        status = run_step(f, child, &loop, loop.done)
        loop.done += 1
    if status == OK:
        status = finish_states(f, child, &loop)
    if status == OK and done >= 0:
        f.values[done].data = f.values[done].inside
        (<i64 *>f.values[done].data)[0] = loop.done
    return status


cdef inline Py_ssize_t reach_back(const Py_ssize_t *state) noexcept nogil:
    """Return how many steps back the oldest tap of a state lies."""
    cdef Py_ssize_t oldest = 0
    cdef int i
    for i in range(<int>state[3]):
        oldest = max(oldest, -state[4 + i])
    return oldest


cdef inline Py_ssize_t ring_length(const Loop *loop, const Py_ssize_t *state) noexcept nogil:
    """Return how many values of a state are held: those of all steps, or as many as needed.

    There is always a row for the next value beside those that the step reads, which its results may
    be views of.
    """
    if state[1] == 0:
        return reach_back(state) + loop.n_steps
    return max(reach_back(state), state[1]) + 1


cdef int start_states(Frame *f, Loop *loop) noexcept nogil:
    """Give the states with first values their ring, and put those values in it."""
    cdef const Py_ssize_t *state = loop.states
    cdef const Value *old
    cdef Value *new
    cdef int s, d, ndim, status
    cdef Py_ssize_t back
    for s in range(loop.n_states):
        back = reach_back(state)
        f.values[state[2]].data = NULL
        if f.plan.slots[state[2]].kind == OBJECT:
            # Lent for now: nobody counts it until a step has made another.
            f.values[state[2]].object, f.values[state[2]].owned = f.values[state[0]].object, False
            loop.objects = True
        elif state[0] >= 0:
            old, new = &f.values[state[0]], &f.values[state[2]]
            ndim = f.plan.slots[state[2]].ndim
            if old.shape[0] < back:
                return LOOP_LENGTH
            for d in range(1, ndim):
                new.shape[d] = old.shape[d]
            status = make_ring(f, loop, state)
            if status != OK:
                return status
            copy_elements(
                new.data, new.strides, old.data + (old.shape[0] - back) * old.strides[0],
                old.strides,
                ring_part(new, back, ndim), ndim, f.plan.slots[state[2]].itemsize
            )
            new.shape[0] = ring_length(loop, state)
        state += 4 + state[3]
    return OK


cdef inline const Py_ssize_t *ring_part(Value *ring, Py_ssize_t length, int ndim) noexcept nogil:
    """Return a ring's shape with another first length; the caller puts the right one back."""
    ring.shape[0] = length
    return ring.shape


cdef int make_ring(Frame *f, Loop *loop, const Py_ssize_t *state) noexcept nogil:
    f.values[state[2]].shape[0] = ring_length(loop, state)
    return give_memory(f, <int>state[2])


cdef void lend_row(Frame *f, int slot, Py_ssize_t row, Frame *child, int argument) noexcept nogil:
    """Let an argument of the body be one element of a tensor along its first dim."""
    cdef const Value *old = &f.values[slot]
    cdef Value *new = &child.values[child.plan.inputs[argument]]
    cdef int d, ndim = f.plan.slots[slot].ndim - 1
    new.data, new.block, new.base = old.data + row * old.strides[0], -1, NULL
    for d in range(ndim):
        new.shape[d], new.strides[d] = old.shape[1 + d], old.strides[1 + d]


cdef int run_step(Frame *f, Frame *child, Loop *loop, Py_ssize_t t) noexcept nogil:
    """Run the body once: lend it rows and invariants, put what it makes into the rings."""
    cdef const Py_ssize_t *state = loop.states
    cdef int s, i, argument = 0, status = OK
    for s in range(loop.n_sequences):
        if t >= f.values[loop.sequences[s]].shape[0]:
            return LOOP_LENGTH
        lend_row(f, <int>loop.sequences[s], t, child, argument)
        argument += 1
    for s in range(loop.n_states):
        if f.plan.slots[state[2]].kind == OBJECT:
            lend(f, <int>state[2], child, argument)
            argument += 1
            state += 4 + state[3]
            continue
        for i in range(<int>state[3]):
            lend_row(
                f, <int>state[2],
                (t + reach_back(state) + state[4 + i]) % ring_length(loop, state), child, argument
            )
            argument += 1
        state += 4 + state[3]
    for s in range(loop.n_invariants):
        lend(f, <int>loop.invariants[s], child, argument)
        argument += 1
    if run_codes(child) != OK:
        return fail_with(f, child)
    state = loop.states
    for s in range(loop.n_states):
        if status == OK and f.plan.slots[state[2]].kind != OBJECT:
            status = keep_state(f, child, s, loop, state, t)
        state += 4 + state[3]
    if loop.objects:
        keep_objects(f, child, loop)
    if loop.until:
        loop.stop = is_true(child, child.plan.outputs[loop.n_states])
    clear_child(child)
    return status


cdef void keep_objects(Frame *f, Frame *child, Loop *loop) noexcept with gil:
    """Let the states that are objects be those that the body made."""
    cdef const Py_ssize_t *state = loop.states
    cdef Value *value
    cdef int s
    # All new ones are held before an old one is let go: one state's new object may be another's old.
    made = [
        <object>child.values[child.plan.outputs[s]].object
        if child.plan.slots[child.plan.outputs[s]].kind == OBJECT else None
        for s in range(loop.n_states)
    ]
    for s in range(loop.n_states):
        value = &f.values[state[2]]
        if f.plan.slots[state[2]].kind == OBJECT:
            Py_INCREF(made[s])
            if value.owned:
                Py_DECREF(<object>value.object)
            value.object, value.owned = <PyObject *>made[s], True
        state += 4 + state[3]


cdef int keep_state(
    Frame *f, Frame *child, int s, Loop *loop, const Py_ssize_t *state, Py_ssize_t t
) noexcept nogil:
    """Put a result of the body into its ring."""
    cdef const Value *made = &child.values[child.plan.outputs[s]]
    cdef Value *ring = &f.values[state[2]]
    cdef int d, ndim = f.plan.slots[state[2]].ndim - 1, status
    cdef Py_ssize_t row = (t + reach_back(state)) % ring_length(loop, state)
    if ring.data == NULL:
        for d in range(ndim):
            ring.shape[1 + d] = made.shape[d]
        status = make_ring(f, loop, state)
        if status != OK:
            return status
    for d in range(ndim):
        if ring.shape[1 + d] != made.shape[d]:
            return LOOP_SHAPE
    copy_elements(
        ring.data + row * ring.strides[0], ring.strides + 1, made.data, made.strides, made.shape,
        ndim,
        f.plan.slots[state[2]].itemsize
    )
    return OK


cdef int finish_states(Frame *f, Frame *child, Loop *loop) noexcept nogil:
    """Make results of the rings: the values of all steps, or the last ones, oldest first."""
    cdef const Py_ssize_t *state = loop.states
    cdef Value *ring
    cdef int s, d, status = OK
    cdef Py_ssize_t total, length, first
    for s in range(loop.n_states):
        ring = &f.values[state[2]]
        total = reach_back(state) + loop.done
        length = ring_length(loop, state)
        if f.plan.slots[state[2]].kind == OBJECT:
            state += 4 + state[3]
            continue
        if ring.data == NULL:  # nothing was made: what is not known of the shape is 0
            for d in range(f.plan.slots[state[2]].ndim):
                ring.shape[d] = max(0, f.plan.slots[state[2]].lengths[d]) if d else 0
            status = give_memory(f, <int>state[2])
        elif state[1] == 0:
            ring.data += reach_back(state) * ring.strides[0]
            ring.shape[0] = loop.done
        else:
            first = max(0, total - state[1])
            status = unroll(f, <int>state[2], first % length, total - first, length)
        if status != OK:
            return status
        state += 4 + state[3]
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
