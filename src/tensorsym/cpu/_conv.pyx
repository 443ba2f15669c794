# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Convolutions of float32 and float64 arrays as matrix products, a block at a time.

A block is some images and some rows of the output. Its columns (elements of the image that one
place of the output needs) are copied to where BLAS can read them: with all of the filter's rows,
or, for many channels, with one; then the columns of another row of the filter are the same memory,
moved by rows, and one product is added per row. So a 5 x 5 filter copies 5 values per value, not
25.

Arrays have five dimensions: batch, channels, depth, rows, columns. The interpreter's lock is
released; shapes were checked by the caller.
"""

from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer
from cython cimport floating
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

ctypedef void (*Gemm64)(
    char *, char *, int *, int *, int *, double *, double *, int *, double *, int *, double *,
    double *, int *
) noexcept nogil
ctypedef void (*Gemm32)(
    char *, char *, int *, int *, int *, float *, float *, int *, float *, int *, float *, float *,
    int *
) noexcept nogil

cdef Gemm32 gemm32 = NULL
cdef Gemm64 gemm64 = NULL

# Columns of a block: half of a usual second-level cache, so that the product finds them there.
cdef Py_ssize_t BLOCK_BYTES = 512 * 1024


def set_gemm(sgemm, dgemm):
    """Take over the addresses of BLAS's sgemm and dgemm, as capsules."""
    global gemm32, gemm64
    gemm32 = <Gemm32>PyCapsule_GetPointer(sgemm, PyCapsule_GetName(sgemm))
    gemm64 = <Gemm64>PyCapsule_GetPointer(dgemm, PyCapsule_GetName(dgemm))


cdef struct Form:
    # Lengths: images, channels and filters of a group, image, output, filter; then the settings.
    Py_ssize_t batch, groups, channels, filters
    Py_ssize_t image[3]
    Py_ssize_t output[3]
    Py_ssize_t kernel[3]
    Py_ssize_t pad[3]
    Py_ssize_t step[3]
    Py_ssize_t dilation[3]
    # How many rows of the filter are within a column: all, or one.
    Py_ssize_t inner
    # How a block is cut: images, rows of the output.
    Py_ssize_t images, rows


cdef Form new_form(shapes, settings, Py_ssize_t groups, Py_ssize_t inner, Py_ssize_t itemsize):
    """Return shapes and settings, and how to cut blocks."""
    cdef Form f
    cdef int d
    image, kernel, output = shapes
    pads, steps, dilation = settings
    f.batch, f.groups = image[0], groups
    f.channels, f.filters = kernel[1], kernel[0] // groups
    for d in range(3):
        f.image[d], f.output[d], f.kernel[d] = image[2 + d], output[2 + d], kernel[2 + d]
        f.pad[d], f.step[d], f.dilation[d] = pads[d], steps[d], dilation[d]
    f.inner = inner
    cut_blocks(&f, itemsize)
    return f


cdef inline Py_ssize_t rows_around(const Form *f) noexcept nogil:
    """Return how many stored rows a block has more than rows of the output."""
    if f.inner == f.kernel[1]:
        return 0
    return ((f.kernel[1] - 1) * f.dilation[1]) // f.step[1]


cdef void cut_blocks(Form *f, Py_ssize_t itemsize) noexcept:
    """Take as many rows as fit, and if all rows of an image do, as many images."""
    cdef Py_ssize_t line = f.channels * f.inner * f.kernel[2] * f.output[2] * itemsize
    cdef Py_ssize_t extra = rows_around(f), lines = BLOCK_BYTES // max(1, line)
    if f.inner != f.kernel[1]:
        lines = lines // f.step[1] - extra
    # The rows around a block are copied for it alone: at least as many of its own.
    f.rows = min(f.output[1], max(lines, extra, 1))
    f.images = 1
    if f.rows == f.output[1]:
        f.images = max(1, min(f.batch, (lines + extra) // (f.rows + extra)))


cdef inline Py_ssize_t line_of(const Form *f) noexcept nogil:
    """Return how many values of columns lie between two rows of a block."""
    return f.images * f.output[2]


cdef inline Py_ssize_t width_of(const Form *f) noexcept nogil:
    """Return the number of values of one column entry over a block."""
    if f.inner == f.kernel[1]:
        return f.rows * line_of(f)
    return f.step[1] * (f.rows + rows_around(f)) * line_of(f)


cdef inline Py_ssize_t height_of(const Form *f) noexcept nogil:
    """Return the number of entries of a column."""
    return f.channels * f.inner * f.kernel[2]


cdef inline Py_ssize_t start_of(const Form *f, Py_ssize_t tap) noexcept nogil:
    """Return where the columns of a row of the filter begin."""
    cdef Py_ssize_t moved = tap * f.dilation[1]
    if f.inner == f.kernel[1]:
        return 0
    return (
        (moved % f.step[1]) * (f.rows + rows_around(f)) + moved // f.step[1]
    ) * line_of(f)


cdef inline Py_ssize_t row_of(const Form *f, Py_ssize_t first, Py_ssize_t r) noexcept nogil:
    """Return where stored row `r` begins in the image; the output's rows begin at `first`.

    With one row of the filter in a column, rows are stored by phase of the step.
    """
    cdef Py_ssize_t stored = f.rows + rows_around(f)
    return (first + r % stored) * f.step[1] + r // stored - f.pad[1]


cdef struct Span:
    Py_ssize_t low, high, source


cdef inline void span_of(const Form *f, Py_ssize_t kw, Span *s) noexcept nogil:
    """Find the columns of the output for which the filter's column `kw` is inside the image."""
    cdef Py_ssize_t moved = kw * f.dilation[2] - f.pad[2], step = f.step[2]
    s.low = 0 if moved >= 0 else min(f.output[2], (-moved + step - 1) // step)
    s.high = 0 if moved >= f.image[2] else min(f.output[2], (f.image[2] - moved - 1) // step + 1)
    s.high = max(s.low, s.high)
    s.source = moved + s.low * step


cdef void gather(
    const Form *f, const floating *image, floating *columns, Py_ssize_t first, Py_ssize_t stride
) noexcept nogil:
    """Copy the columns of a block; `image` is the depth plane of its first image and channel."""
    cdef Py_ssize_t c, k, kw, r, b, i, row
    cdef Py_ssize_t n_rows = width_of(f) // line_of(f), width = f.output[2], step = f.step[2]
    cdef Py_ssize_t plane = f.image[0] * f.image[1] * f.image[2]
    cdef Span s
    cdef const floating *source
    cdef floating *target = columns
    for c in range(f.channels):
        for k in range(f.inner):
            for kw in range(f.kernel[2]):
                span_of(f, kw, &s)
                for r in range(n_rows):
                    row = row_of(f, first, r) + k * f.dilation[1]
                    for b in range(f.images):
                        if row < 0 or row >= f.image[1]:
                            for i in range(width):
                                target[i] = 0
                        else:
                            source = image + b * stride + c * plane + row * f.image[2] + s.source
                            for i in range(s.low):
                                target[i] = 0
                            if step == 1:
                                for i in range(s.high - s.low):
                                    target[s.low + i] = source[i]
                            else:
                                for i in range(s.high - s.low):
                                    target[s.low + i] = source[i * step]
                            for i in range(s.high, width):
                                target[i] = 0
                        target += width


cdef void scatter(
    const Form *f, floating *image, const floating *columns, Py_ssize_t first, Py_ssize_t stride
) noexcept nogil:
    """Add the columns of a block to the image that `gather` would copy them from."""
    cdef Py_ssize_t c, k, kw, r, b, i, row
    cdef Py_ssize_t n_rows = width_of(f) // line_of(f), width = f.output[2], step = f.step[2]
    cdef Py_ssize_t plane = f.image[0] * f.image[1] * f.image[2]
    cdef Span s
    cdef floating *target
    cdef const floating *source = columns
    for c in range(f.channels):
        for k in range(f.inner):
            for kw in range(f.kernel[2]):
                span_of(f, kw, &s)
                for r in range(n_rows):
                    row = row_of(f, first, r) + k * f.dilation[1]
                    if row < 0 or row >= f.image[1]:
                        source += line_of(f)
                        continue
                    for b in range(f.images):
                        target = image + b * stride + c * plane + row * f.image[2] + s.source
                        if step == 1:
                            for i in range(s.high - s.low):
                                target[i] += source[s.low + i]
                        else:
                            for i in range(s.high - s.low):
                                target[i * step] += source[s.low + i]
                        source += width


cdef void move_output(
    const Form *f, floating *output, floating *block, bint to_block
) noexcept nogil:
    """Copy a block, filters by rows by images, to its part of the output, or back."""
    cdef Py_ssize_t m, r, b, width = f.output[2]
    cdef Py_ssize_t plane = f.output[0] * f.output[1] * width
    cdef Py_ssize_t stride = f.groups * f.filters * plane
    cdef floating *at = block
    cdef floating *other
    for m in range(f.filters):
        for r in range(f.rows):
            for b in range(f.images):
                other = output + b * stride + m * plane + r * width
                if to_block:
                    memcpy(at, other, width * sizeof(floating))
                else:
                    memcpy(other, at, width * sizeof(floating))
                at += width


cdef inline void gemm(
    bint left, bint right, Py_ssize_t m, Py_ssize_t n, Py_ssize_t k, const floating *a,
    Py_ssize_t lda, const floating *b, Py_ssize_t ldb, floating beta, floating *c, Py_ssize_t ldc
) noexcept nogil:
    """BLAS's product of matrices by columns; `left` and `right` tell which is transposed."""
    cdef char left_ = b"T" if left else b"N", right_ = b"T" if right else b"N"
    cdef int m_ = <int>m, n_ = <int>n, k_ = <int>k
    cdef int lda_ = <int>lda, ldb_ = <int>ldb, ldc_ = <int>ldc
    cdef floating one = 1
    if floating is float:
        gemm32(
            &left_, &right_, &m_, &n_, &k_, &one, <float *>a, &lda_, <float *>b, &ldb_, &beta, c,
            &ldc_
        )
    else:
        gemm64(
            &left_, &right_, &m_, &n_, &k_, &one, <double *>a, &lda_, <double *>b, &ldb_, &beta, c,
            &ldc_
        )


cdef enum Wanted:
    OUTPUT = 0
    WEIGHTS = 1
    IMAGE = 2


cdef void products(
    const Form *f, Wanted wanted, floating *columns, floating *weights, floating *block,
    Py_ssize_t ld, bint first
) noexcept nogil:
    """Multiply a block: columns, weights by row of the filter, and its part of the output.

    `ld` is the number of values between two filters of the block's output. Products are added to
    what is wanted; to an output only from the second on.
    """
    cdef Py_ssize_t tap, m = f.filters, k = height_of(f), width = width_of(f)
    cdef Py_ssize_t n = f.rows * line_of(f)
    cdef floating one = 1, zero = 0, beta
    cdef floating *c
    cdef floating *w
    for tap in range(f.kernel[1] // f.inner):
        c, w = columns + start_of(f, tap), weights + tap * m * k
        if wanted == OUTPUT:
            beta = zero if first and tap == 0 else one
            gemm(False, False, n, m, k, c, width, w, k, beta, block, ld)
        elif wanted == WEIGHTS:
            gemm(True, False, k, m, n, c, width, block, ld, one, w, k)
        else:
            gemm(False, True, n, k, m, block, ld, w, k, one, c, width)


cdef void run_block(
    const Form *f, Wanted wanted, floating *image, floating *weights, floating *output,
    floating *columns, floating *copy, Py_ssize_t depth, Py_ssize_t first
) noexcept nogil:
    """Compute a block's part: rows from `first` on of the output's plane `depth`.

    `image` and `output` are the first image's and group's, `weights` the group's. One image's part
    of the output is a matrix as it lies; several are copied.
    """
    cdef Py_ssize_t rows = f.image[1] * f.image[2], k, plane
    cdef Py_ssize_t stride = f.groups * f.channels * f.image[0] * rows
    cdef Py_ssize_t taps = f.kernel[1] // f.inner * f.filters * height_of(f)
    cdef Py_ssize_t size = height_of(f) * width_of(f), ld = f.rows * line_of(f)
    cdef floating *block = copy
    cdef bint started = False
    output += (depth * f.output[1] + first) * f.output[2]
    if f.images == 1:
        block, ld = output, f.output[0] * f.output[1] * f.output[2]
    elif wanted != OUTPUT:
        move_output(f, output, block, True)
    for k in range(f.kernel[0]):
        plane = depth * f.step[0] + k * f.dilation[0] - f.pad[0]
        if plane < 0 or plane >= f.image[0]:
            continue
        if wanted == IMAGE:
            memset(columns, 0, size * sizeof(floating))
        else:
            gather(f, image + plane * rows, columns, first, stride)
        products(f, wanted, columns, weights + k * taps, block, ld, not started)
        started = True
        if wanted == IMAGE:
            scatter(f, image + plane * rows, columns, first, stride)
    if wanted != OUTPUT:
        return
    if not started:
        # The whole depth of the filter lies in the padding.
        block = copy
        memset(copy, 0, f.filters * f.rows * line_of(f) * sizeof(floating))
    if block == copy:
        move_output(f, output, block, False)


cdef int run_blocks(
    Form f, Wanted wanted, floating *image, floating *weights, floating *output
) noexcept nogil:
    """Go through all blocks; weights are (group, depth, row, filter, ...). Nonzero: no memory."""
    cdef Py_ssize_t in_plane = f.channels * f.image[0] * f.image[1] * f.image[2]
    cdef Py_ssize_t out_plane = f.filters * f.output[0] * f.output[1] * f.output[2]
    cdef Py_ssize_t of_group = f.kernel[0] * (f.kernel[1] // f.inner) * f.filters * height_of(&f)
    cdef Py_ssize_t images = f.images, rows = f.rows, g, b, d, r, start
    cdef floating *columns = <floating *>malloc(height_of(&f) * width_of(&f) * sizeof(floating))
    cdef floating *copy = <floating *>malloc(f.filters * rows * line_of(&f) * sizeof(floating))
    if columns == NULL or copy == NULL:
        free(columns)
        free(copy)
        return 1
    for b in range((f.batch + images - 1) // images):
        f.images = min(images, f.batch - b * images)
        for g in range(f.groups):
            start = b * images * f.groups + g
            for d in range(f.output[0]):
                for r in range((f.output[1] + rows - 1) // rows):
                    f.rows = min(rows, f.output[1] - r * rows)
                    run_block(
                        &f, wanted, image + start * in_plane, weights + g * of_group,
                        output + start * out_plane, columns, copy, d, r * rows
                    )
    free(columns)
    free(copy)
    return 0


cdef int check_sizes(shapes, Py_ssize_t image, Py_ssize_t weights, Py_ssize_t output) except -1:
    """Refuse arrays that are not as large as the shapes say."""
    for shape, size in zip(shapes, (image, weights, output)):
        product = 1
        for length in shape:
            product *= length
        if product != size or size == 0:
            raise ValueError(f"an array of shape {shape} was expected, got {size} elements")
    return 0


def output(
    const floating[::1] image, const floating[::1] weights, shapes, settings, groups, inner,
    floating[::1] out,
):
    """Write the output of a convolution to `out`. All arrays are flat.

    Parameters
    ----------
    image, weights : memoryview
        (batch, channels, depth, rows, columns) and (group, depth, rows outside a column, filters of
        a group, channels of a group, `inner` rows, columns).
    shapes : tuple
        Shapes of images, filters and output, of five lengths each.
    settings : tuple
        Zeros before each of the three axes, steps, steps inside the filter.
    groups, inner : int
        Groups of channels; how many rows of the filter a column holds, all or 1.
    out : memoryview
        The result.
    """
    check_sizes(shapes, image.shape[0], weights.shape[0], out.shape[0])
    cdef Form f = new_form(shapes, settings, groups, inner, sizeof(floating))
    cdef int status
    with nogil:
        status = run_blocks(
            f, OUTPUT, <floating *>&image[0], <floating *>&weights[0], &out[0]
        )
    if status:
        raise MemoryError()


def weight_gradient(
    const floating[::1] image, const floating[::1] top, shapes, settings, groups, inner,
    floating[::1] out,
):
    """Add the gradient with respect to the filters to `out`; arguments are those of `output`."""
    check_sizes(shapes, image.shape[0], out.shape[0], top.shape[0])
    cdef Form f = new_form(shapes, settings, groups, inner, sizeof(floating))
    cdef int status
    with nogil:
        status = run_blocks(f, WEIGHTS, <floating *>&image[0], &out[0], <floating *>&top[0])
    if status:
        raise MemoryError()


def image_gradient(
    const floating[::1] weights, const floating[::1] top, shapes, settings, groups, inner,
    floating[::1] out,
):
    """Add the gradient with respect to the images to `out`; arguments are those of `output`."""
    check_sizes(shapes, out.shape[0], weights.shape[0], top.shape[0])
    cdef Form f = new_form(shapes, settings, groups, inner, sizeof(floating))
    cdef int status
    with nogil:
        status = run_blocks(f, IMAGE, &out[0], <floating *>&weights[0], <floating *>&top[0])
    if status:
        raise MemoryError()
