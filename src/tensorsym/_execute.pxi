# Running a program on arrays from Python, with every check that memory safety needs.


cdef class _Buffers:
    """The buffers of all operands, released with this object."""

    cdef Py_buffer *views
    cdef int count

    def __cinit__(self, int room):
        self.views = <Py_buffer *>PyMem_Malloc(max(1, room) * sizeof(Py_buffer))
        if self.views == NULL:
            raise MemoryError()

    def __dealloc__(self):
        cdef int o
        for o in range(self.count):
            PyBuffer_Release(&self.views[o])
        PyMem_Free(self.views)

    cdef take(self, object array, str dtype, bint writable):
        """Acquire the next operand's buffer; refuse other dtypes or byte orders, unaligned data."""
        cdef int o = self.count, d
        cdef Py_buffer *view = &self.views[o]
        cdef bint aligned
        try:
            PyObject_GetBuffer(array, view, PyBUF_RECORDS if writable else PyBUF_RECORDS_RO)
        except (BufferError, ValueError) as error:
            raise ValueError(f"operand {o}: {error}") from None
        self.count += 1
        letter = view.format.decode().removeprefix("=")  # NumPy's mark of native but unaligned data
        found = _KINDS.get(letter, letter) + ("" if letter == "?" else str(8 * view.itemsize))
        if found != dtype:
            raise TypeError(f"operand {o} is {found}, the program says {dtype}")
        aligned = <size_t>view.buf % view.itemsize == 0
        for d in range(view.ndim):
            aligned = aligned and (view.shape[d] <= 1 or view.strides[d] % view.itemsize == 0)
        if not aligned:
            raise ValueError(f"operand {o} is not aligned to its dtype")


cdef list _space(_Buffers buffers, tuple roles):
    """Return the shape of the iteration space; refuse operands that do not fit into it."""
    cdef int o, d, ndim = buffers.views[0].ndim
    for o in range(buffers.count):
        if buffers.views[o].ndim != ndim:
            raise ValueError(f"operand {o} has {buffers.views[o].ndim} dims, operand 0 has {ndim}")
    if ndim > MAX_DIMS - 2:
        raise ValueError(f"{ndim} dims are more than {MAX_DIMS - 2}")
    shape = []
    for d in range(ndim):
        lengths = {buffers.views[o].shape[d] for o in range(buffers.count)} - {1}
        if len(lengths) > 1:
            raise ValueError(f"dim {d} has lengths {', '.join(map(str, sorted(lengths)))}")
        shape.append(lengths.pop() if lengths else 1)
    for o in range(buffers.count):
        if roles[o] == "out" and [buffers.views[o].shape[d] for d in range(ndim)] != shape:
            raise ValueError(f"output {o} has not the shape {tuple(shape)} of the iteration space")
    return shape


cdef tuple _extent(Py_buffer *view):
    """Return the addresses of the first byte and behind the last byte of a view."""
    low, high = <size_t>view.buf, <size_t>view.buf + view.itemsize
    for d in range(view.ndim):
        if view.shape[d] == 0:
            return low, low
        if view.strides[d] < 0:
            low += view.strides[d] * (view.shape[d] - 1)
        else:
            high += view.strides[d] * (view.shape[d] - 1)
    return low, high


cdef tuple _layout_of(Py_buffer *view):
    """Return what tells one view of memory from another: address, strides, shape."""
    strides = [view.strides[d] for d in range(view.ndim)]
    return <size_t>view.buf, strides, [view.shape[d] for d in range(view.ndim)]


cdef _check_overlaps(_Buffers buffers, tuple roles):
    """Refuse a written operand that overlaps itself or another, save an equal input."""
    cdef int o, i
    cdef Py_buffer *out
    extents = [_extent(&buffers.views[o]) for o in range(buffers.count)]
    layouts = [_layout_of(&buffers.views[o]) for o in range(buffers.count)]
    for o in range(buffers.count):
        if roles[o] == "in":
            continue
        out = &buffers.views[o]
        span = out.itemsize
        for stride, length in sorted((abs(out.strides[d]), out.shape[d]) for d in range(out.ndim)):
            if length > 1 and stride < span:
                raise ValueError(f"operand {o} is written and overlaps itself")
            span += stride * max(0, length - 1)
        for i in range(buffers.count):
            if i == o or (roles[i] == "in" and roles[o] == "out" and layouts[i] == layouts[o]):
                continue
            if extents[i][0] < extents[o][1] and extents[o][0] < extents[i][1]:
                raise ValueError(f"operand {o} is written and overlaps operand {i}")


def execute(Program program not None, arrays):
    """Run `program` on `arrays`, one per operand; results are written into them.

    Parameters
    ----------
    program : Program
    arrays : sequence of ndarray
        All of the same ndim. Dims of length 1 broadcast in inputs and are reduced in reductions;
        outputs have the whole shape.

    Raises
    ------
    TypeError
        If an array's dtype is not its operand's.
    ValueError
        If shapes do not fit, a written array is read-only or overlaps another one, data are not
        aligned, or a maximum or minimum has no elements.

    Notes
    -----
    Any number of threads may run one program at once; the interpreter lock is released meanwhile.
    """
    cdef _Buffers buffers
    cdef int o, d, ndim, code, n = program.n_operands
    cdef Py_ssize_t *strides
    cdef Py_ssize_t space[MAX_DIMS]
    cdef char **data
    cdef void *memory
    cdef bint broadcast
    arrays = tuple(arrays)
    if len(arrays) != n:
        raise ValueError(f"the program has {n} operands, got {len(arrays)} arrays")
    if n == 0:
        return
    buffers = _Buffers(n)
    for array, dtype, role in zip(arrays, program.operand_dtypes, program.operand_roles):
        buffers.take(array, dtype, role != "in")
    shape = _space(buffers, program.operand_roles)
    _check_overlaps(buffers, program.operand_roles)
    ndim = len(shape)
    memory = PyMem_Malloc(
        n * (sizeof(char *) + MAX_DIMS * sizeof(Py_ssize_t)) + workspace_bytes(program)
    )
    if memory == NULL:
        raise MemoryError()
    data = <char **>memory
    strides = <Py_ssize_t *>(data + n)
    for d in range(ndim):
        space[d] = shape[d]
    for o in range(n):
        data[o] = <char *>buffers.views[o].buf
        for d in range(ndim):
            broadcast = buffers.views[o].shape[d] == 1
            strides[o * ndim + d] = 0 if broadcast else buffers.views[o].strides[d]
    with nogil:
        code = run(program, ndim, space, data, strides, strides + n * MAX_DIMS)
    PyMem_Free(memory)
    if code == RUN_EMPTY:
        raise ValueError("the maximum or minimum of no elements has no value")
    if code == RUN_DIMS:
        raise ValueError("all reductions of a program reduce the same dims")
