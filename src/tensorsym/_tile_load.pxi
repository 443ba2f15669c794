# Moving operands between memory and tiles: two-dimensional blocks of rows and columns, elements of
# 1, 2, 4 or 8 bytes.

cdef enum:
    LONG_FILL = 512         # bytes; a call costs more than shorter fills gain

ctypedef fused element:
    u8
    u16
    u32
    u64


cdef inline void gather(
    element *tile, const char *source, Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t row_stride,
    Py_ssize_t col_stride
) noexcept nogil:
    """Copy a strided block into a tile, rows one after the other."""
    cdef Py_ssize_t i, j
    cdef const char *row
    cdef element value
    for i in range(rows):
        row = source + i * row_stride
        if col_stride == 0:
            value = (<const element *>row)[0]
            for j in range(cols):
                tile[j] = value
        elif col_stride == sizeof(element):
            for j in range(cols):
                tile[j] = (<const element *>row)[j]
        else:
            for j in range(cols):
                tile[j] = (<const element *>(row + j * col_stride))[0]
        tile += cols


cdef inline void scatter(
    const element *tile, char *target, Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t row_stride,
    Py_ssize_t col_stride
) noexcept nogil:
    """Copy a tile's rows out into a strided block."""
    cdef Py_ssize_t i, j
    cdef char *row
    for i in range(rows):
        row = target + i * row_stride
        for j in range(cols):
            (<element *>(row + j * col_stride))[0] = tile[j]
        tile += cols


cdef void repeat(
    char *tile, char *source, Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t row_stride, int size
) noexcept nogil:
    """Fill each of a tile's long rows with one element, in the widest vectors there are."""
    cdef Slice x, out
    cdef Py_ssize_t i
    cdef int kind = 3 if size == 8 else 2 if size == 4 else 1 if size == 2 else 0
    for i in range(rows):
        x.data, x.shape[0] = source + i * row_stride, 1
        out.data, out.shape[0] = tile + i * cols * size, cols
        (<Kernel1>_table[FILLS + kind])(x, out)


cdef void gather_bytes(
    char *tile, char *source, Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t row_stride,
    Py_ssize_t col_stride, int size
) noexcept nogil:
    if col_stride == 0 and cols * size >= LONG_FILL:
        repeat(tile, source, rows, cols, row_stride, size)
    elif size == 8:
        gather(<u64 *>tile, source, rows, cols, row_stride, col_stride)
    elif size == 4:
        gather(<u32 *>tile, source, rows, cols, row_stride, col_stride)
    elif size == 2:
        gather(<u16 *>tile, source, rows, cols, row_stride, col_stride)
    else:
        gather(<u8 *>tile, source, rows, cols, row_stride, col_stride)


cdef void scatter_bytes(
    const char *tile, char *target, Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t row_stride,
    Py_ssize_t col_stride, int size
) noexcept nogil:
    if is_dense(rows, cols, row_stride, col_stride, size):
        memcpy(target, tile, rows * cols * size)
    elif size == 8:
        scatter(<const u64 *>tile, target, rows, cols, row_stride, col_stride)
    elif size == 4:
        scatter(<const u32 *>tile, target, rows, cols, row_stride, col_stride)
    elif size == 2:
        scatter(<const u16 *>tile, target, rows, cols, row_stride, col_stride)
    else:
        scatter(<const u8 *>tile, target, rows, cols, row_stride, col_stride)


cdef inline bint is_dense(
    Py_ssize_t rows, Py_ssize_t cols, Py_ssize_t row_stride, Py_ssize_t col_stride, int size
) noexcept nogil:
    """Return whether a block's elements lie one after the other in memory, as in a tile."""
    return (cols == 1 or col_stride == size) and (rows == 1 or row_stride == cols * size)


cdef inline char *load(
    Loaded *loaded, char *tile, char *source, Py_ssize_t rows, Py_ssize_t cols,
    Py_ssize_t row_stride, Py_ssize_t col_stride, int size
) noexcept nogil:
    """Return where a block's elements lie one after the other: in memory, or copied, in `tile`.

    A block that repeats one row or one element is copied once: `loaded` remembers what the tile
    holds.
    """
    cdef bint constant
    if is_dense(rows, cols, row_stride, col_stride, size):
        return source
    if row_stride == 0 or rows == 1:
        if loaded.source == source and loaded.rows >= rows:
            constant = col_stride == 0 and loaded.rows * loaded.cols >= rows * cols
            if constant or loaded.cols == cols:
                return tile
        loaded.source, loaded.rows, loaded.cols = source, rows, cols
    else:
        loaded.source = NULL
    gather_bytes(tile, source, rows, cols, row_stride, col_stride, size)
    return tile
