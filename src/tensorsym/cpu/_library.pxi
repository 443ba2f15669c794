# BLAS: row-major tensors of any strides for routines that think in columns.

ctypedef void (*Gemm64)(
    char *, char *, int *, int *, int *, double *, double *, int *, double *, int *, double *,
    double *, int *
) noexcept nogil
ctypedef void (*Gemm32)(
    char *, char *, int *, int *, int *, float *, float *, int *, float *, int *, float *, float *,
    int *
) noexcept nogil
ctypedef void (*Gemv64)(
    char *, int *, int *, double *, double *, int *, double *, int *, double *, double *, int *
) noexcept nogil
ctypedef void (*Gemv32)(
    char *, int *, int *, float *, float *, int *, float *, int *, float *, float *, int *
) noexcept nogil
ctypedef void (*Ger64)(
    int *, int *, double *, double *, int *, double *, int *, double *, int *
) noexcept nogil
ctypedef void (*Ger32)(
    int *, int *, float *, float *, int *, float *, int *, float *, int *
) noexcept nogil
ctypedef double (*Dot64)(int *, double *, int *, double *, int *) noexcept nogil
ctypedef float (*Dot32)(int *, float *, int *, float *, int *) noexcept nogil

cdef enum Routine:
    GEMM = 0
    GEMV = 1
    GER = 2
    DOT = 3

# Routine * 2 + (1 for float64); filled before the first machine that needs them is made.
cdef void *blas[8]


def set_routine(int number, object capsule):
    """Take over the address of a BLAS routine: number is 2 * routine + (1 for float64)."""
    blas[number] = PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule))


cdef extern from "ts_outer.h":
    void ts_add_outer_f32(
        Py_ssize_t, Py_ssize_t, float, const float *, Py_ssize_t, const float *, const float *,
        Py_ssize_t, float *
    ) noexcept nogil
    void ts_add_outer_f64(
        Py_ssize_t, Py_ssize_t, double, const double *, Py_ssize_t, const double *, const double *,
        Py_ssize_t, double *
    ) noexcept nogil

cdef extern from "ts_cpu.h":
    int ts_cpu_is_intel() noexcept nogil


def is_intel():
    """Tell whether Intel made the processor."""
    return bool(ts_cpu_is_intel())


# Seen as columns: element (i, j) lies at i + j * step, or at i * step + j if flipped.
cdef struct Matrix:
    char *data
    int step
    bint flipped
    int block               # a copy made for the call, or -1


cdef int as_matrix(Frame *f, int slot, Matrix *m) noexcept nogil:
    """Describe a matrix for BLAS; without adjacent elements along a dim it is copied."""
    cdef const Value *value = &f.values[slot]
    cdef Py_ssize_t size = f.plan.slots[slot].itemsize
    cdef Py_ssize_t rows = value.shape[0], cols = value.shape[1]
    cdef Py_ssize_t down = value.strides[0], along = value.strides[1]
    cdef Py_ssize_t packed[2]
    m.data, m.block = value.data, -1
    if (cols <= 1 or along == size) and (rows <= 1 or (down % size == 0 and down >= cols * size)):
        m.flipped = True
        m.step = <int>(max(1, cols) if rows <= 1 else down // size)
        return OK
    if (rows <= 1 or down == size) and (cols <= 1 or (along % size == 0 and along >= rows * size)):
        m.flipped = False
        m.step = <int>(max(1, rows) if cols <= 1 else along // size)
        return OK
    m.block = new_block(f, rows * cols * size)
    if m.block < 0:
        return NO_MEMORY
    m.data = f.blocks[m.block].data
    packed[0], packed[1] = cols * size, size
    copy_elements(m.data, packed, value.data, value.strides, value.shape, 2, size)
    m.flipped, m.step = True, <int>max(1, cols)
    return OK


cdef struct Vector:
    char *data
    int step
    int block


cdef int as_vector(Frame *f, int slot, Vector *v) noexcept nogil:
    """Describe a vector for BLAS; one with strides that are not whole elements, or 0, is copied."""
    cdef const Value *value = &f.values[slot]
    cdef Py_ssize_t size = f.plan.slots[slot].itemsize
    cdef Py_ssize_t stride = value.strides[0], length = value.shape[0]
    v.data, v.block, v.step = value.data, -1, 1
    if length <= 1 or stride == size:
        return OK
    if stride > 0 and stride % size == 0 and stride // size <= INT_MAX:
        v.step = <int>(stride // size)
        return OK
    v.block = new_block(f, length * size)
    if v.block < 0:
        return NO_MEMORY
    v.data = f.blocks[v.block].data
    copy_elements(v.data, &size, value.data, value.strides, value.shape, 1, size)
    return OK


cdef inline void end_copy(Frame *f, int block) noexcept nogil:
    if block >= 0:
        release_block(f, block)


cdef struct Scale:
    double alpha64, beta64
    float alpha32, beta32
    bint adds


cdef inline double real_of(const char *data, bint double_) noexcept nogil:
    return (<const double *>data)[0] if double_ else (<const float *>data)[0]


cdef void read_scales(Frame *f, const Code *code, Scale *s) noexcept nogil:
    """Find alpha and beta; without a summand beta is 0, and what lies in the result is not read."""
    cdef bint double_ = code.a[1] != 0
    s.alpha64, s.beta64 = 1, 1
    if code.a[5] >= 0:
        s.alpha64 = real_of(f.values[code.a[5]].data, double_)
    if code.a[6] >= 0:
        s.beta64 = real_of(f.values[code.a[6]].data, double_)
    if code.a[4] < 0:
        s.beta64 = 0
    s.adds = s.beta64 != 0
    s.alpha32, s.beta32 = <float>s.alpha64, <float>s.beta64


cdef int place_result(Frame *f, const Code *code) noexcept nogil:
    """Give the result memory: that of the summand, if it may have that."""
    cdef int slot = <int>code.a[7], z = <int>code.a[4], ndim = f.plan.slots[slot].ndim, d
    cdef Value *new = &f.values[slot]
    if z >= 0:
        for d in range(ndim):
            if f.values[z].shape[d] != new.shape[d]:
                f.detail = d
                return LENGTHS_DIFFER
        if code.a[8] and take_over(f, z, slot):
            return OK
    return give_memory(f, slot)


cdef void put_summand(Frame *f, const Code *code, const Scale *s) noexcept nogil:
    """Copy the summand to the result, if it counts and does not lie there."""
    cdef int slot = <int>code.a[7]
    cdef const Value *z
    cdef Value *new = &f.values[slot]
    if not s.adds:
        return
    z = &f.values[code.a[4]]
    if z.data != new.data:
        copy_elements(
            new.data, new.strides, z.data, z.strides, new.shape, f.plan.slots[slot].ndim,
            f.plan.slots[slot].itemsize
        )


cdef int start_result(Frame *f, const Code *code, const Scale *s) noexcept nogil:
    """Give the result memory; if the summand counts, put it there."""
    cdef int status = place_result(f, code)
    if status == OK:
        put_summand(f, code, s)
    return status


cdef bint add_outer(
    Frame *f, const Code *code, const char *x, int by, const char *y, int y_by, const Scale *s
) noexcept nogil:
    """Write z + alpha outer(x, y), if y and the rows of z have no gaps; tell whether they have."""
    cdef const Value *z
    cdef Value *out = &f.values[code.a[7]]
    cdef Py_ssize_t m = out.shape[0], n = out.shape[1], size = f.plan.slots[code.a[7]].itemsize
    if not s.adds or s.beta64 != 1:
        return False
    z = &f.values[code.a[4]]
    if (n > 1 and (z.strides[1] != size or y_by != 1)) or (m > 1 and z.strides[0] % size):
        return False
    if code.a[1]:
        ts_add_outer_f64(
            m, n, s.alpha64, <const double *>x, by, <const double *>y, <const double *>z.data,
            z.strides[0] // size, <double *>out.data
        )
    else:
        ts_add_outer_f32(
            m, n, s.alpha32, <const float *>x, by, <const float *>y, <const float *>z.data,
            z.strides[0] // size, <float *>out.data
        )
    return True


cdef bint too_long(const Frame *f, int slot) noexcept nogil:
    cdef int d
    for d in range(f.plan.slots[slot].ndim):
        if f.values[slot].shape[d] > INT_MAX:
            return True
        if f.values[slot].strides[d] // f.plan.slots[slot].itemsize > INT_MAX:
            return True
    return False


cdef int run_library(Frame *f, const Code *code) noexcept nogil:
    """The numbers: routine, whether float64, x, y, z, alpha, beta (-1: none), output, reuse."""
    cdef bint alone = n_threads > 1
    cdef int status
    if too_long(f, <int>code.a[2]) or too_long(f, <int>code.a[3]):
        return TOO_LONG
    if alone:
        ts_pool_enter()  # the library's threads and ours do not run at once
    status = call_routine(f, code)
    if alone:
        ts_pool_leave()
    return status


cdef int call_routine(Frame *f, const Code *code) noexcept nogil:
    if code.a[0] == GEMM:
        return run_gemm(f, code)
    if code.a[0] == GEMV:
        return run_gemv(f, code)
    if code.a[0] == GER:
        return run_ger(f, code)
    return run_dot(f, code)


cdef int run_gemm(Frame *f, const Code *code) noexcept nogil:
    """alpha x @ y + beta z. In columns that is the transposed result: y.T @ x.T."""
    cdef const Value *x = &f.values[code.a[2]]
    cdef const Value *y = &f.values[code.a[3]]
    cdef Value *out = &f.values[code.a[7]]
    cdef Matrix left, right
    cdef Scale s
    cdef int m, n, k, status
    if x.shape[1] != y.shape[0]:
        return INNER_LENGTHS
    read_scales(f, code, &s)
    out.shape[0], out.shape[1] = x.shape[0], y.shape[1]
    status = place_result(f, code)
    if status != OK:
        return status
    m, n, k = <int>out.shape[0], <int>out.shape[1], <int>x.shape[1]
    if m == 0 or n == 0:
        return OK
    if k == 0:
        put_summand(f, code, &s)
        return scale_result(f, code, &s)
    left.block = right.block = -1
    if as_matrix(f, <int>code.a[2], &left) != OK or as_matrix(f, <int>code.a[3], &right) != OK:
        end_copy(f, left.block)
        return NO_MEMORY
    if k != 1 or not add_outer(
        f, code, left.data, left.step if left.flipped else 1, right.data,
        1 if right.flipped else right.step, &s
    ):
        put_summand(f, code, &s)
        if m == 1 or n == 1:
            run_thin(code.a[1] != 0, m, n, k, &left, &right, &s, out.data)
        else:
            call_gemm(code.a[1] != 0, m, n, k, &left, &right, &s, out.data)
    end_copy(f, left.block)
    end_copy(f, right.block)
    return OK


cdef void call_gemm(
    bint double_, int m, int n, int k, Matrix *left, Matrix *right, Scale *s, char *out
) noexcept nogil:
    cdef int ld = max(1, n)
    cdef char t_left, t_right
    t_left, t_right = b"N" if left.flipped else b"T", b"N" if right.flipped else b"T"
    if double_:
        (<Gemm64>blas[2 * GEMM + 1])(
            &t_right, &t_left, &n, &m, &k, &s.alpha64, <double *>right.data, &right.step,
            <double *>left.data, &left.step, &s.beta64, <double *>out, &ld
        )
    else:
        (<Gemm32>blas[2 * GEMM])(
            &t_right, &t_left, &n, &m, &k, &s.alpha32, <float *>right.data, &right.step,
            <float *>left.data, &left.step, &s.beta32, <float *>out, &ld
        )


cdef void run_thin(
    bint double_, int m, int n, int k, Matrix *left, Matrix *right, Scale *s, char *out
) noexcept nogil:
    """Multiply a row, or by a column, without gemm.

    gemm packs the whole matrix first: 784 x 500 took four times as long as gemv.
    """
    cdef Matrix *matrix = right if m == 1 else left
    cdef Matrix *vector = left if m == 1 else right
    cdef int rows = n if m == 1 else m, cols = k, one = 1, by
    cdef char t = b"N"
    # In columns: a flipped matrix is its transpose. A row is multiplied by the transpose.
    if matrix.flipped != (m == 1):
        t = b"T"
        rows, cols = cols, rows
    by = 1 if vector.flipped == (m == 1) else vector.step
    if double_:
        (<Gemv64>blas[2 * GEMV + 1])(
            &t, &rows, &cols, &s.alpha64, <double *>matrix.data, &matrix.step,
            <double *>vector.data, &by, &s.beta64, <double *>out, &one
        )
    else:
        (<Gemv32>blas[2 * GEMV])(
            &t, &rows, &cols, &s.alpha32, <float *>matrix.data, &matrix.step,
            <float *>vector.data, &by, &s.beta32, <float *>out, &one
        )


cdef int run_gemv(Frame *f, const Code *code) noexcept nogil:
    """alpha x @ y + beta z of a matrix x and a vector y."""
    cdef const Value *x = &f.values[code.a[2]]
    cdef const Value *y = &f.values[code.a[3]]
    cdef Value *out = &f.values[code.a[7]]
    cdef Matrix left
    cdef Vector right
    cdef Scale s
    cdef int m, n, one = 1, status
    cdef char t
    if x.shape[1] != y.shape[0]:
        return INNER_LENGTHS
    read_scales(f, code, &s)
    out.shape[0] = x.shape[0]
    status = start_result(f, code, &s)
    if status != OK:
        return status
    if x.shape[0] == 0:
        return OK
    if x.shape[1] == 0:
        return scale_result(f, code, &s)
    left.block = right.block = -1
    if as_matrix(f, <int>code.a[2], &left) != OK or as_vector(f, <int>code.a[3], &right) != OK:
        end_copy(f, left.block)
        return NO_MEMORY
    t = b"T" if left.flipped else b"N"
    m = <int>(x.shape[1] if left.flipped else x.shape[0])
    n = <int>(x.shape[0] if left.flipped else x.shape[1])
    if code.a[1]:
        (<Gemv64>blas[2 * GEMV + 1])(
            &t, &m, &n, &s.alpha64, <double *>left.data, &left.step, <double *>right.data,
            &right.step, &s.beta64,
            <double *>out.data, &one
        )
    else:
        (<Gemv32>blas[2 * GEMV])(
            &t, &m, &n, &s.alpha32, <float *>left.data, &left.step, <float *>right.data,
            &right.step, &s.beta32,
            <float *>out.data, &one
        )
    end_copy(f, left.block)
    end_copy(f, right.block)
    return OK


cdef int scale_result(Frame *f, const Code *code, const Scale *s) noexcept nogil:
    """Write beta z, all that is left of a product over no elements; BLAS would return early."""
    cdef Value *out = &f.values[code.a[7]]
    cdef Py_ssize_t i
    for i in range(n_elements(out, f.plan.slots[code.a[7]].ndim)):
        if code.a[1]:
            (<double *>out.data)[i] = (<double *>out.data)[i] * s.beta64 if s.adds else 0
        else:
            (<float *>out.data)[i] = (<float *>out.data)[i] * s.beta32 if s.adds else 0
    return OK


cdef int run_ger(Frame *f, const Code *code) noexcept nogil:
    """z + alpha outer(x, y)."""
    cdef const Value *x = &f.values[code.a[2]]
    cdef const Value *y = &f.values[code.a[3]]
    cdef Value *out = &f.values[code.a[7]]
    cdef Vector left, right
    cdef Scale s
    cdef int m, n, status
    read_scales(f, code, &s)
    out.shape[0], out.shape[1] = x.shape[0], y.shape[0]
    status = place_result(f, code)
    if status != OK:
        return status
    m, n = <int>out.shape[0], <int>out.shape[1]
    if m == 0 or n == 0:
        return OK
    left.block = right.block = -1
    if as_vector(f, <int>code.a[2], &left) != OK or as_vector(f, <int>code.a[3], &right) != OK:
        end_copy(f, left.block)
        return NO_MEMORY
    if not add_outer(f, code, left.data, left.step, right.data, right.step, &s):
        put_summand(f, code, &s)
        if not s.adds:
            memset(out.data, 0, <size_t>m * n * f.plan.slots[code.a[7]].itemsize)
        call_ger(code.a[1] != 0, m, n, &left, &right, &s, out.data)
    end_copy(f, left.block)
    end_copy(f, right.block)
    return OK


cdef void call_ger(
    bint double_, int m, int n, Vector *left, Vector *right, Scale *s, char *out
) noexcept nogil:
    """Add the outer product; in columns the transposed result, outer(y, x)."""
    if double_:
        (<Ger64>blas[2 * GER + 1])(
            &n, &m, &s.alpha64, <double *>right.data, &right.step, <double *>left.data, &left.step,
            <double *>out, &n
        )
    else:
        (<Ger32>blas[2 * GER])(
            &n, &m, &s.alpha32, <float *>right.data, &right.step, <float *>left.data, &left.step,
            <float *>out, &n
        )


cdef int run_dot(Frame *f, const Code *code) noexcept nogil:
    """The inner product of two vectors."""
    cdef const Value *x = &f.values[code.a[2]]
    cdef const Value *y = &f.values[code.a[3]]
    cdef Value *out = &f.values[code.a[7]]
    cdef Vector left, right
    cdef int n
    if x.shape[0] != y.shape[0]:
        return INNER_LENGTHS
    left.block = right.block = -1
    if as_vector(f, <int>code.a[2], &left) != OK or as_vector(f, <int>code.a[3], &right) != OK:
        end_copy(f, left.block)
        return NO_MEMORY
    n = <int>x.shape[0]
    out.data = out.inside
    if code.a[1]:
        (<double *>out.data)[0] = (<Dot64>blas[2 * DOT + 1])(
            &n, <double *>left.data, &left.step, <double *>right.data, &right.step
        )
    else:
        (<float *>out.data)[0] = (<Dot32>blas[2 * DOT])(
            &n, <float *>left.data, &left.step, <float *>right.data, &right.step
        )
    end_copy(f, left.block)
    end_copy(f, right.block)
    return OK
