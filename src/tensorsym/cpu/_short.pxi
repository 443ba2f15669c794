# Short calls: plans of one kernel whose operands lie densely and are few elements. No slot or block
# is filled for them; whatever does not fit goes the ordinary way, which also explains it.

cdef enum:
    SHORT_OPERANDS = 32
    SHORT_BYTES = 1 << 16   # of the result: beyond, the ways differ by less than a hundredth

# The tile machine's `run_short` under a type that takes a borrowed pointer, as `RunTiles` is.
ctypedef int (*RunShort)(PyObject *, Py_ssize_t, char **, const char *, void *) noexcept nogil

cdef RunShort run_few = <RunShort>run_short

cdef struct Short:
    PyObject *program
    int n, rank
    PyObject *result        # the descr of the result
    Py_ssize_t size         # bytes of its elements
    int output              # the result's operand
    int argument[SHORT_OPERANDS]        # per operand the input it is, or -1
    PyObject *descr[SHORT_OPERANDS]     # per operand, if it is an input
    int ndim[SHORT_OPERANDS]
    const Py_ssize_t *lengths[SHORT_OPERANDS]
    char fixed[SHORT_OPERANDS]          # whether it is one element in every run
    char *data[SHORT_OPERANDS]          # where constants lie


cdef void end_short(Short *short) noexcept:
    """Free what `find_short` made."""
    cdef int o
    if short == NULL:
        return
    for o in range(short.n):
        if short.descr[o] != NULL:
            Py_DECREF(<object>short.descr[o])
    if short.result != NULL:
        Py_DECREF(<object>short.result)
    free(short)


cdef inline PyObject *descr_of(int typenum) except NULL:
    """Return a reference to the one object of a native dtype."""
    cdef object descr = cnp.PyArray_DescrFromType(typenum)
    Py_INCREF(descr)
    return <PyObject *>descr


cdef Short *find_short(const Compiled *plan, tuple constants) except? NULL:
    """Return how a plan serves short calls, or NULL where it does not."""
    cdef const Code *kernel = NULL
    cdef Short *short
    cdef dict sources = {plan.inputs[i]: i for i in range(plan.n_inputs)}
    cdef int i
    for i in range(plan.n_codes):
        if plan.codes[i].kind == KERNEL and kernel == NULL:
            kernel = &plan.codes[i]
        elif plan.codes[i].kind == DIMSHUFFLE and plan.slots[plan.codes[i].a[0]].ndim == 0:
            if plan.codes[i].a[0] in sources:
                sources[plan.codes[i].a[1]] = sources[plan.codes[i].a[0]]
        elif plan.codes[i].kind != FREE:
            return NULL
    if kernel == NULL or kernel.a[1] > SHORT_OPERANDS or plan.n_outputs != 1:
        return NULL
    short = <Short *>calloc(1, sizeof(Short))
    if short == NULL:
        raise MemoryError()
    if fill_short(short, plan, kernel, sources, dict(constants)):
        return short
    end_short(short)
    return NULL


cdef bint fill_short(
    Short *short, const Compiled *plan, const Code *kernel, dict sources, dict constants
) except -1:
    """Describe the kernel's operands; return whether all of them suit short calls."""
    cdef const Py_ssize_t *row
    cdef const SlotInfo *info
    cdef cnp.ndarray value
    cdef int o, slot
    cdef bint found = False
    short.program, short.rank, short.n = <PyObject *>kernel.object, <int>kernel.a[0], 0
    used = set()
    for o in range(<int>kernel.a[1]):
        row = kernel.a + 2 + 4 * o
        slot = <int>row[0]
        info = &plan.slots[slot]
        short.n, short.argument[o] = o + 1, -1
        short.fixed[o] = row[1] == FROM_IN and row[2] == ((<Py_ssize_t>1 << short.rank) - 1)
        if row[2] != 0 and not short.fixed[o]:
            return False
        if row[1] == TO_OUT and not found and slot == plan.outputs[0]:
            found = True
            short.output, short.size = o, info.itemsize
            short.result = descr_of(info.typenum)
        elif row[1] != FROM_IN:
            return False
        elif slot in sources:
            short.argument[o] = sources[slot]
            info = &plan.slots[plan.inputs[short.argument[o]]]
            short.descr[o], short.ndim[o] = descr_of(info.typenum), info.ndim
            short.lengths[o] = info.lengths
            used.add(short.argument[o])
        elif slot in constants and short.fixed[o]:
            value = constants[slot]
            short.data[o] = <char *>PyArray_DATA(value)
        else:
            return False
    return found and len(used) == plan.n_inputs


cdef PyObject *run_short_call(Machine machine, PyObject *const *arguments) noexcept:
    """Return the result of a short call, a new reference, or NULL if this is none.

    No exception is set: the ordinary way meets what went wrong too.
    """
    cdef const Short *short = machine.short
    cdef char *data[SHORT_OPERANDS]
    cdef const Py_ssize_t *shape = NULL
    cdef const Py_ssize_t *dims
    cdef PyObject *array
    cdef PyObject *result
    cdef Py_ssize_t count = 1
    cdef int o, d
    if machine.idle == NULL:
        return NULL
    for o in range(short.n):
        if short.argument[o] < 0:
            data[o] = short.data[o]
            continue
        array = arguments[short.argument[o]]
        if not is_plain(array, short.descr[o], short.ndim[o]):
            return NULL
        data[o] = <char *>PyArray_DATA(<cnp.ndarray>array)
        dims = PyArray_DIMS(<cnp.ndarray>array)
        for d in range(short.ndim[o]):
            if short.lengths[o][d] >= 0 and short.lengths[o][d] != dims[d]:
                return NULL
        if not short.fixed[o] and shape == NULL:
            shape = dims
            for d in range(short.rank):
                count *= dims[d]
        elif not short.fixed[o]:
            for d in range(short.rank):
                if shape[d] != dims[d]:
                    return NULL
    if not 0 < count * short.size <= SHORT_BYTES or (shape == NULL and short.rank > 0):
        return NULL
    result = short_result(machine, short, <Py_ssize_t *>shape, count)
    if result == NULL:
        return NULL
    data[short.output] = <char *>PyArray_DATA(<cnp.ndarray>result)
    if run_short_kernel(machine, count, data):
        return result
    Py_DECREF(<object>result)
    return NULL


cdef inline bint run_short_kernel(Machine machine, Py_ssize_t count, char **data) noexcept:
    """Run the kernel in the workspace of an idle frame; return False if there is none any more."""
    cdef const Short *short = machine.short
    cdef Frame *frame = machine.idle
    cdef int code
    if frame == NULL:
        return False
    if count <= SHORT:
        code = run_few(short.program, count, data, short.fixed, frame.workspace)
    else:
        machine.idle = frame.next
        with nogil:
            code = run_few(short.program, count, data, short.fixed, frame.workspace)
        frame.next = machine.idle
        machine.idle = frame
    if code == RUN_HOT:
        report_spent(<Program>short.program)
    return True


cdef inline bint is_plain(PyObject *value, PyObject *descr, int ndim) noexcept:
    """Tell whether a value is an array of a dtype and rank, aligned and in C order."""
    if <PyObject *>Py_TYPE(value) != <PyObject *>cnp.ndarray:
        return False
    if <PyObject *>PyArray_DESCR(<cnp.ndarray>value) != descr:
        return False
    if PyArray_NDIM(<cnp.ndarray>value) != ndim:
        return False
    return PyArray_CHKFLAGS(<cnp.ndarray>value, NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED)


cdef inline PyObject *short_result(
    Machine machine, const Short *short, Py_ssize_t *shape, Py_ssize_t count
) noexcept:
    """Return an array for the result; making it is the dearest part of a short call.

    malloc is faster than NumPy's handler of memory, which is looked up in a context variable.
    """
    cdef void *memory
    cdef PyObject *array
    if machine.kept != NULL:
        array = kept_result(machine, short, shape)
        if array != NULL:
            return array
    memory = new_memory(count * short.size)
    if memory == NULL:
        return NULL
    Py_INCREF(<object>short.result)
    array = PyArray_NewFromDescr(
        <PyTypeObject *>cnp.ndarray, <PyArray_Descr *>short.result, short.rank, shape, NULL,
        memory, NPY_ARRAY_WRITEABLE | NPY_ARRAY_ALIGNED | NPY_ARRAY_C_CONTIGUOUS, NULL
    )
    if array == NULL:
        free(memory)
        PyErr_Clear()
        return NULL
    PyArray_ENABLEFLAGS(<cnp.ndarray>array, NPY_ARRAY_OWNDATA)
    if machine.kept != NULL:
        keep_result(machine, 0, array)
    return array


cdef inline PyObject *kept_result(
    Machine machine, const Short *short, const Py_ssize_t *shape
) noexcept:
    """Return a result of before that nobody else has and that fits, or NULL."""
    cdef PyObject *array
    cdef int i
    for i in range(REMEMBERED):
        array = machine.kept[i]
        if array == NULL or not is_recyclable(array):
            continue
        if not is_plain(array, short.result, short.rank):
            continue
        if memcmp(shape, PyArray_DIMS(<cnp.ndarray>array), short.rank * sizeof(Py_ssize_t)) == 0:
            Py_INCREF(<object>array)
            return array
    return NULL
