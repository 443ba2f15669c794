# Whole reductions in parts, each of as many blocks as a tree has. Who runs them, and where, is the
# caller's affair; here their values are joined as the blocks of one run are.


cdef void join_tree_parts(
    Program p, int o, char *values, Py_ssize_t stride, Py_ssize_t count, bint has_rest,
    char *target
) noexcept nogil:
    """Join the values that parts gave for reduction `o`; see `_ops.pxd`."""
    cdef const Operand *operand = &p.operands[o]
    cdef Partial trees
    cdef char state[8 * 64]
    cdef char value[8]
    cdef char *last = values + (count - 1) * stride if has_rest else NULL
    cdef Py_ssize_t i
    trees.count, trees.state = 0, state
    for i in range(count - has_rest):
        memcpy(value, values + i * stride, operand.size)
        hang_tree(operand, &trees, value, 0)
    join_trees(operand, &trees, last, target)
