# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True
"""Pooling of float32 and float64 arrays over three axes, and its gradients.

Arrays are (leading, depth, rows, columns). A window's rows are combined first, over whole rows,
then the columns of the combined row. Windows are cut at the borders: padding takes no part. The
interpreter's lock is released; settings were checked by the caller.
"""

from cython cimport floating
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #include <stdint.h>
    /* A value or 0 by its bits: a compiler makes a branch of anything else, which costs four times
       the whole loop where it is mispredicted. */
    static inline float ts_kept_f32(int keep, float value)
    {
        union { float value; uint32_t bits; } both = {value};
        both.bits &= -(uint32_t)keep;
        return both.value;
    }
    static inline double ts_kept_f64(int keep, double value)
    {
        union { double value; uint64_t bits; } both = {value};
        both.bits &= -(uint64_t)keep;
        return both.value;
    }
    """
    float ts_kept_f32(bint, float) noexcept nogil
    double ts_kept_f64(bint, double) noexcept nogil

cdef struct Windows:
    Py_ssize_t leading
    Py_ssize_t length[3]
    Py_ssize_t output[3]
    Py_ssize_t window[3]
    Py_ssize_t stride[3]
    Py_ssize_t pad[3]


cdef Windows new_windows(shape, output, settings):
    """Return the windows over an array of a shape of four lengths."""
    cdef Windows w
    cdef int d
    window, stride, pad = settings
    w.leading = shape[0]
    for d in range(3):
        w.length[d], w.output[d] = shape[1 + d], output[1 + d]
        w.window[d], w.stride[d], w.pad[d] = window[d], stride[d], pad[d]
    return w


cdef inline Py_ssize_t first_of(const Windows *w, int d, Py_ssize_t at) noexcept nogil:
    """Return where window `at` begins along an axis, inside the array."""
    return max(0, at * w.stride[d] - w.pad[d])


cdef inline Py_ssize_t end_of(const Windows *w, int d, Py_ssize_t at) noexcept nogil:
    """Return where window `at` ends along an axis, inside the array."""
    return min(w.length[d], at * w.stride[d] - w.pad[d] + w.window[d])


cdef inline Py_ssize_t counted(const Windows *w, int d, Py_ssize_t at, bint padding) noexcept nogil:
    """Return how many elements window `at` counts along an axis."""
    cdef Py_ssize_t start = at * w.stride[d]
    if padding:
        return min(start + w.window[d], w.length[d] + 2 * w.pad[d]) - start
    return end_of(w, d, at) - first_of(w, d, at)


cdef struct Span:
    Py_ssize_t low, high, source


cdef inline void span_of(const Windows *w, Py_ssize_t k, Span *s) noexcept nogil:
    """Find the windows whose column `k` is inside the array, and where it is for the first."""
    cdef Py_ssize_t moved = k - w.pad[2], step = w.stride[2]
    s.low = 0 if moved >= 0 else min(w.output[2], (-moved + step - 1) // step)
    s.high = 0
    if moved < w.length[2]:
        s.high = min(w.output[2], (w.length[2] - moved - 1) // step + 1)
    s.high = max(s.low, s.high)
    s.source = moved + s.low * step


cdef inline floating larger(floating a, floating b) noexcept nogil:
    """The larger of two numbers; NaN is larger than all. Without a branch: 5 times as fast."""
    return a if (a > b) | (a != a) else b


cdef inline floating where_equal(floating a, floating b, floating value) noexcept nogil:
    """A value where two numbers are equal, else 0."""
    if floating is float:
        return ts_kept_f32(a == b, value)
    else:
        return ts_kept_f64(a == b, value)


cdef void combine_rows(
    const Windows *w, const floating *x, floating *row, Py_ssize_t d, Py_ssize_t r, bint sums
) noexcept nogil:
    """Write the largest (or the sums) of a window's rows, for all columns, to `row`."""
    cdef Py_ssize_t i, k, h, n = w.length[2]
    cdef const floating *line
    cdef bint started = False
    for k in range(first_of(w, 0, d), end_of(w, 0, d)):
        for h in range(first_of(w, 1, r), end_of(w, 1, r)):
            line = x + (k * w.length[1] + h) * n
            if not started:
                for i in range(n):
                    row[i] = line[i]
            elif sums:
                for i in range(n):
                    row[i] += line[i]
            else:
                for i in range(n):
                    row[i] = larger(row[i], line[i])
            started = True


cdef void combine_columns(
    const Windows *w, const floating *row, floating *out, bint sums
) noexcept nogil:
    """Write the largest (or the sums) of the windows' columns to `out`."""
    cdef Py_ssize_t i, k, begin, step = w.stride[2]
    if sums:
        for i in range(w.output[2]):
            begin = first_of(w, 2, i)
            out[i] = row[begin]
            for k in range(begin + 1, end_of(w, 2, i)):
                out[i] += row[k]
    elif w.window[2] == 2 and w.pad[2] == 0 and w.output[2] * step <= w.length[2] and step >= 2:
        for i in range(w.output[2]):
            out[i] = larger(row[i * step], row[i * step + 1])
    else:
        for i in range(w.output[2]):
            begin = first_of(w, 2, i)
            out[i] = row[begin]
            for k in range(begin + 1, end_of(w, 2, i)):
                out[i] = larger(out[i], row[k])


cdef int run_pool(
    const Windows *w, const floating *x, floating *out, bint sums, bint averages, bint padding
) noexcept nogil:
    """Pool everything. Nonzero: no memory."""
    cdef Py_ssize_t n, d, r, i, rows
    cdef Py_ssize_t size = w.length[0] * w.length[1] * w.length[2]
    cdef floating *row = <floating *>malloc((w.length[2] + 1) * sizeof(floating))
    if row == NULL:
        return 1
    for n in range(w.leading):
        for d in range(w.output[0]):
            for r in range(w.output[1]):
                combine_rows(w, x + n * size, row, d, r, sums)
                combine_columns(w, row, out, sums)
                if averages:
                    rows = counted(w, 0, d, padding) * counted(w, 1, r, padding)
                    for i in range(w.output[2]):
                        out[i] /= rows * counted(w, 2, i, padding)
                out += w.output[2]
    free(row)
    return 0


cdef void add_at_maximum(
    const Windows *w, const floating *x, const floating *largest, const floating *g, floating *out,
    Py_ssize_t d, Py_ssize_t r
) noexcept nogil:
    """Add a row of gradients to the elements that equal their window's largest."""
    cdef Py_ssize_t k, h, c, i, at, step = w.stride[2]
    cdef Span s
    for k in range(first_of(w, 0, d), end_of(w, 0, d)):
        for h in range(first_of(w, 1, r), end_of(w, 1, r)):
            for c in range(w.window[2]):
                span_of(w, c, &s)
                at = (k * w.length[1] + h) * w.length[2] + s.source
                for i in range(s.high - s.low):
                    out[at + i * step] += where_equal(
                        x[at + i * step], largest[s.low + i], g[s.low + i]
                    )


cdef void sum_at_maximum(
    const Windows *w, const floating *x, const floating *largest, const floating *t, floating *out,
    Py_ssize_t d, Py_ssize_t r
) noexcept nogil:
    """Write a row of sums of `t` over the elements that equal their window's largest."""
    cdef Py_ssize_t k, h, c, i, at, step = w.stride[2]
    cdef Span s
    for i in range(w.output[2]):
        out[i] = 0
    for k in range(first_of(w, 0, d), end_of(w, 0, d)):
        for h in range(first_of(w, 1, r), end_of(w, 1, r)):
            for c in range(w.window[2]):
                span_of(w, c, &s)
                at = (k * w.length[1] + h) * w.length[2] + s.source
                for i in range(s.high - s.low):
                    out[s.low + i] += where_equal(
                        x[at + i * step], largest[s.low + i], t[at + i * step]
                    )


cdef void add_to_all(
    const Windows *w, const floating *g, floating *out, Py_ssize_t d, Py_ssize_t r
) noexcept nogil:
    """Add a row of gradients to all elements of their windows."""
    cdef Py_ssize_t k, h, c, i, at, step = w.stride[2]
    cdef Span s
    for k in range(first_of(w, 0, d), end_of(w, 0, d)):
        for h in range(first_of(w, 1, r), end_of(w, 1, r)):
            for c in range(w.window[2]):
                span_of(w, c, &s)
                at = (k * w.length[1] + h) * w.length[2] + s.source
                for i in range(s.high - s.low):
                    out[at + i * step] += g[s.low + i]


cdef int run_spread(
    const Windows *w, const floating *g, floating *out, bint averages, bint padding
) noexcept nogil:
    """Add all gradients of sums or averages. Nonzero: no memory."""
    cdef Py_ssize_t n, d, r, i, rows
    cdef Py_ssize_t size = w.length[0] * w.length[1] * w.length[2]
    cdef floating *row = <floating *>malloc((w.output[2] + 1) * sizeof(floating))
    if row == NULL:
        return 1
    for n in range(w.leading):
        for d in range(w.output[0]):
            for r in range(w.output[1]):
                for i in range(w.output[2]):
                    row[i] = g[i]
                if averages:
                    rows = counted(w, 0, d, padding) * counted(w, 1, r, padding)
                    for i in range(w.output[2]):
                        row[i] /= rows * counted(w, 2, i, padding)
                add_to_all(w, row, out + n * size, d, r)
                g += w.output[2]
    free(row)
    return 0


cdef int check_sizes(shape, output, Py_ssize_t whole, Py_ssize_t pooled) except -1:
    """Refuse arrays that are not as large as the shapes say."""
    for lengths, size in ((shape, whole), (output, pooled)):
        product = 1
        for length in lengths:
            product *= length
        if product != size or size == 0:
            raise ValueError(f"an array of shape {lengths} was expected, got {size} elements")
    return 0


def pool(const floating[::1] x, shape, output, settings, mode, floating[::1] out):
    """Write windows' largest elements, sums or averages to `out`. All arrays are flat.

    Parameters
    ----------
    x, out : memoryview
        The array and the result.
    shape, output : tuple
        Their shapes, (leading, depth, rows, columns).
    settings : tuple
        Size, step and padding of the windows per axis.
    mode : str
        'max', 'sum', 'average_inc_pad' or 'average_exc_pad'.
    """
    check_sizes(shape, output, x.shape[0], out.shape[0])
    cdef Windows w = new_windows(shape, output, settings)
    cdef bint sums = mode != "max", averages = mode.startswith("average")
    cdef bint padding = mode == "average_inc_pad"
    cdef int status
    with nogil:
        status = run_pool(&w, &x[0], &out[0], sums, averages, padding)
    if status:
        raise MemoryError()


def max_gradient(
    const floating[::1] x, const floating[::1] largest, const floating[::1] g, shape, output,
    settings, floating[::1] out,
):
    """Add gradients of windows' largest elements to `out`; arguments are those of `pool`."""
    check_sizes(shape, output, x.shape[0], largest.shape[0])
    check_sizes(shape, output, out.shape[0], g.shape[0])
    cdef Windows w = new_windows(shape, output, settings)
    cdef Py_ssize_t n, d, r, at = 0, size = w.length[0] * w.length[1] * w.length[2]
    with nogil:
        for n in range(w.leading):
            for d in range(w.output[0]):
                for r in range(w.output[1]):
                    add_at_maximum(
                        &w, &x[n * size], &largest[at], &g[at], &out[n * size], d, r
                    )
                    at += w.output[2]


def total_at_maximum(
    const floating[::1] x, const floating[::1] largest, const floating[::1] t, shape, output,
    settings, floating[::1] out,
):
    """Write sums of `t` at windows' largest elements to `out`; arguments are those of `pool`."""
    check_sizes(shape, output, x.shape[0], largest.shape[0])
    check_sizes(shape, output, t.shape[0], out.shape[0])
    cdef Windows w = new_windows(shape, output, settings)
    cdef Py_ssize_t n, d, r, at = 0, size = w.length[0] * w.length[1] * w.length[2]
    with nogil:
        for n in range(w.leading):
            for d in range(w.output[0]):
                for r in range(w.output[1]):
                    sum_at_maximum(
                        &w, &x[n * size], &largest[at], &t[n * size], &out[at], d, r
                    )
                    at += w.output[2]


def spread(const floating[::1] g, shape, output, settings, mode, floating[::1] out):
    """Add gradients of windows' sums or averages to `out`; arguments are those of `pool`."""
    check_sizes(shape, output, out.shape[0], g.shape[0])
    cdef Windows w = new_windows(shape, output, settings)
    cdef bint averages = mode.startswith("average"), padding = mode == "average_inc_pad"
    cdef int status
    with nogil:
        status = run_spread(&w, &g[0], &out[0], averages, padding)
    if status:
        raise MemoryError()
