# What other compiled modules of the package see: a program, the memory one run of it needs, and the
# run itself.

cdef struct Operand:
    int role            # an index into ROLES
    int size            # bytes of an element
    int location        # where the value to store lies: the operand itself if a step writes there
    void *fold          # reductions: a block to one element
    void *accumulate    # reductions: one vector into another
    void *identity      # reductions: the result over no elements

cdef struct Step:
    void *kernel
    int arity
    int target          # a location
    int sources[3]

# A kernel of the system's compiler: rows, columns, then per operand where it lies and the bytes
# from row to row; elements of a row lie one after the other. The last argument is for reductions
# down columns: whether their sums begin here.
ctypedef void (*NativeKernel)(
    Py_ssize_t, Py_ssize_t, char **, const Py_ssize_t *, int
) noexcept nogil

cdef struct Native:
    NativeKernel rows       # stores every row, or folds every row, at most a block, to an element
    NativeKernel columns    # adds rows to sums of columns, or NULL
    char *constant          # per operand: whether it is one element, which the kernel reads once
    Py_ssize_t *no_steps    # zeros

cdef class Program:
    cdef Operand *operands
    cdef Step *steps
    cdef int n_operands, n_steps, n_locations, n_reductions
    cdef Py_ssize_t capacity, tile_bytes
    cdef tuple operand_dtypes, operand_roles
    cdef Native *native             # set once, then used by every run
    cdef unsigned long long runs    # by the steps, and the time they took
    cdef long long tile_ns, budget_ns
    cdef object on_spent
    cdef object library

cdef Py_ssize_t workspace_bytes(Program program) noexcept nogil

# Nanoseconds of a clock that only runs forwards.
cdef long long now() noexcept nogil

# `strides` holds n_operands * ndim byte strides. Data are aligned to their dtype; a reduction's
# strides are 0 along the dims it reduces, the same dims for every reduction of a program. An output
# may be an input with the same strides, or must not overlap it. Returns 0, or one of the codes
# below. Needs no GIL; calls at the same time need a workspace each.
cdef int run(
    Program program, int ndim, const Py_ssize_t *shape, char **data, const Py_ssize_t *strides,
    void *workspace
) noexcept nogil

# The same for a program without reductions on `count` elements: `data` are the first ones of
# operands that lie densely, or, where `fixed`, the only one. Outputs lie apart from inputs.
cdef int run_short(
    Program program, Py_ssize_t count, char **data, const char *fixed, void *workspace
) noexcept nogil

# What a run over all of a dense row stores in reduction number `operand`, from what runs over its
# parts store: `count` values, `stride` bytes apart, of 2^k * RUN_BLOCK elements each, save the last
# one where there is a rest. The values may be overwritten.
cdef void join_tree_parts(
    Program program, int operand, char *values, Py_ssize_t stride, Py_ssize_t count, bint has_rest,
    char *target
) noexcept nogil

cdef enum:
    RUN_BLOCK = 1024    # elements that reductions fold at a time
    RUN_OK = 0
    RUN_EMPTY = 1       # max or min over no elements
    RUN_DIMS = 2        # reductions over different dims, or more than MAX_DIMS of them
    RUN_HOT = 3         # all is well, and the program has just spent its budget; said once
    MAX_DIMS = 32
