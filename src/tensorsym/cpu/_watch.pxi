# Instructions that are watched: their time and bytes are booked, and Python may look at what they
# read and write. Machines that nobody watches never come here.

cdef extern from *:
    """
    #define ts_book(place, value) __atomic_fetch_add(&(place), value, __ATOMIC_RELAXED)
    """
    void ts_book(i64, i64) noexcept nogil


cdef Watch *new_watch(int n_codes, list slots) except NULL:
    """Return accounts for the instructions, at 0."""
    cdef Watch *watch = <Watch *>calloc(1, sizeof(Watch))
    cdef int i, at = 0
    if watch == NULL:
        raise MemoryError()
    watch.booked = <i64 *>calloc(3 * n_codes + 1, sizeof(i64))
    watch.first = <int *>calloc(n_codes + 1, sizeof(int))
    watch.slots = <int *>calloc(sum(map(len, slots)) + 1, sizeof(int))
    if watch.booked == NULL or watch.first == NULL or watch.slots == NULL:
        end_watch(watch)
        raise MemoryError()
    for i in range(n_codes):
        watch.first[i] = at
        for slot in slots[i]:
            watch.slots[at] = slot
            at += 1
    watch.first[n_codes] = at
    return watch


cdef void end_watch(Watch *watch) noexcept:
    if watch != NULL:
        free(watch.booked)
        free(watch.first)
        free(watch.slots)
        free(watch)


cdef int run_watched(Frame *f) noexcept nogil:
    """Run all instructions as `run_codes` does, and book each."""
    cdef Watch *watch = f.plan.watch
    cdef int index, status
    cdef long long started
    for index in range(f.plan.n_codes):
        status = OK if watch.observer == NULL else observe(f, index, 0)
        if status == OK:
            started = now()
            status = run_code(f, index)
            book(f, index, now() - started)
        if status == OK and watch.observer != NULL:
            status = observe(f, index, 1)
        if status != OK:
            with gil:
                explain(f, index, status)
            return RAISED
    return OK


cdef void book(Frame *f, int index, long long taken) noexcept nogil:
    cdef Watch *watch = f.plan.watch
    cdef i64 moved = 0
    cdef int i, slot
    for i in range(watch.first[index], watch.first[index + 1]):
        slot = watch.slots[i]
        if f.plan.slots[slot].kind == BUFFER:
            moved += n_elements(&f.values[slot], f.plan.slots[slot].ndim) * (
                f.plan.slots[slot].itemsize
            )
    ts_book(watch.booked[3 * index], 1)
    ts_book(watch.booked[3 * index + 1], taken)
    ts_book(watch.booked[3 * index + 2], moved)


cdef int observe(Frame *f, int index, int moment) noexcept with gil:
    """Show the observer what an instruction reads, or what it has written."""
    cdef Machine machine = <Machine>f.plan.machine
    try:
        slots = machine.observed[index][moment]
        if slots:
            machine.observer(index, {slot: as_object(f, slot, False) for slot in slots}, moment)
    except BaseException as error:  # noqa: B036 - it is raised again when the machine has let go of all memory
        Py_INCREF(error)
        f.error = <PyObject *>error
        return RAISED
    return OK
