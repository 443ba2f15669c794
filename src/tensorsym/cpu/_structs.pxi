# What the machine works on: the fixed description of a plan (Code, SlotInfo), and what one call
# needs (Frame, Value, Block).

cdef enum:
    MAX_RANK = 62           # dims of an operand are bits of a mask
    SPARES = 64             # blocks of memory a frame keeps for later
    INLINE = 16             # bytes of the widest scalar
    SHORT = 512             # elements below which a call keeps the interpreter's lock

ctypedef long long i64

cdef enum SlotKind:
    BUFFER = 0
    SCALAR = 1
    OBJECT = 2

cdef enum Kind:
    KERNEL = 0
    DIMSHUFFLE = 1
    SLICE = 2
    RESHAPE = 3
    SPECIFY = 4
    LENGTHS = 5
    PACK = 6
    ALLOCATE = 7
    FILL = 8
    COPY = 9
    FREE = 10
    LIBRARY = 11
    HOST = 12
    CHECK = 13
    ALIAS = 14
    BRANCH = 15
    LOOP = 16

cdef enum OperandRole:
    FROM_IN = 0
    FROM_SHAPE = 1
    TO_OUT = 2
    TO_REDUCTION = 3
    TO_EXTREMUM = 4         # a reduction that has no value over no elements

# What stops a call. `detail` says more: a dim, or the number of an operand.
cdef enum Status:
    OK = 0
    NO_MEMORY = 1
    LENGTHS_DIFFER = 2
    NO_ELEMENTS = 3
    OTHER_LENGTH = 4        # a specified length is another one
    WRONG_SIZE = 5          # reshape
    NEGATIVE_LENGTH = 6
    OUT_OF_RANGE = 7        # an index
    ZERO_STEP = 8
    INNER_LENGTHS = 9       # of a product
    NOT_TRUE = 10           # a check
    RAISED = 11             # Python code; the exception is in the frame
    TOO_LONG = 12           # for the library's 32-bit lengths
    LOOP_LENGTH = 13        # a sequence or state is too short
    LOOP_SHAPE = 14         # a state changes its shape

cdef struct SlotInfo:
    int kind
    int typenum
    int itemsize
    int ndim
    Py_ssize_t *lengths     # static lengths, -1 where unknown

cdef struct Code:
    int kind
    int n
    Py_ssize_t *a           # what the instruction says, as numbers
    PyObject *object        # a Program, a callable, or nested machines
    int weight              # of a kernel: what it does to an element, in steps
    Py_ssize_t *band        # where a band begins: where it ends, then per instruction its dim

cdef struct Block:
    char *data
    size_t size
    size_t asked            # bytes that somebody wanted; 0 of an argument's
    Py_ssize_t users        # slots that lie in it
    PyObject *keeper        # the Python object that the memory belongs to, or NULL: it is malloc's
    int foreign             # the keeper is an ndarray that came from outside; 2: donated

cdef struct Value:
    char *data
    Py_ssize_t *shape
    Py_ssize_t *strides
    int block               # -1: the memory outlives the call
    PyObject *base          # borrowed: the array that such memory belongs to, if any
    PyObject *object        # of object slots
    bint owned              # whether `object` is a reference of ours
    char inside[INLINE]     # the memory of scalars

cdef struct Spare:
    char *data
    size_t size

cdef struct Tally:          # what one call holds in blocks, plans inside included
    size_t held
    size_t peak

cdef struct Watch:          # what is booked per instruction
    i64 *booked             # runs, nanoseconds, bytes of each instruction
    int *first              # where the slots of an instruction begin; one more at the end
    int *slots              # whose bytes an instruction moves
    PyObject *observer      # called before and after instructions, or NULL

cdef struct Compiled:
    int n_slots
    int n_codes
    int n_inputs
    int n_outputs
    int n_constants
    int n_dims              # of all slots together
    int most_operands
    int most_rank
    Py_ssize_t workspace_bytes
    bint calls_python       # host calls, in plans inside too
    SlotInfo *slots
    Code *codes
    int *inputs
    int *outputs
    PyObject *machine       # the Machine this belongs to
    Watch *watch            # NULL: instructions are not watched

cdef struct Frame:
    const Compiled *plan
    Value *values
    Py_ssize_t *dims
    Block *blocks
    int n_blocks
    int n_room              # blocks there is memory for
    int first_free          # blocks below are all in use
    Spare spares[SPARES]
    int n_spares
    size_t spare_bytes
    char *workspace
    char *cores             # workspaces of a kernel on several cores
    Py_ssize_t cores_bytes
    char **data             # per operand of a kernel
    Py_ssize_t *strides     # per operand and dim of a kernel
    Tally own               # of the outermost frame
    Tally *tally
    Py_ssize_t detail
    PyObject *error
    Frame **children        # per instruction: the frames of nested plans, made at first use
    Frame *next             # in the list of idle frames
