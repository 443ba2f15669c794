# The scalar types of the loops, as their C headers name them, and a view of a vector that no Python
# object owns.

cdef extern from "ts_scalar.h":
    ctypedef unsigned char b "ts_b"
    ctypedef signed char i8 "ts_i8"
    ctypedef short i16 "ts_i16"
    ctypedef int i32 "ts_i32"
    ctypedef long long i64 "ts_i64"
    ctypedef unsigned char u8 "ts_u8"
    ctypedef unsigned short u16 "ts_u16"
    ctypedef unsigned int u32 "ts_u32"
    ctypedef unsigned long long u64 "ts_u64"
    ctypedef float f32 "ts_f32"
    ctypedef double f64 "ts_f64"
