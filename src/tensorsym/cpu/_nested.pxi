# Plans inside plans: a choice runs one of two, a loop runs one again and again.


cdef int run_branch(Frame *f, const Code *code, int index) noexcept nogil:
    return OK


cdef int run_loop(Frame *f, const Code *code, int index) noexcept nogil:
    return OK
