"""Theano's home of pooling."""

from tensorsym.language.pooling import Pool, pool_2d, pool_3d
from tensorsym.language.pooling_gradients import (
    AveragePoolGrad,
    DownsampleFactorMaxGradGrad,
    MaxPoolGrad,
    PoolGrad,
    max_pool_2d_same_size,
)

__all__ = [
    "AveragePoolGrad",
    "DownsampleFactorMaxGradGrad",
    "MaxPoolGrad",
    "Pool",
    "PoolGrad",
    "max_pool_2d_same_size",
    "pool_2d",
    "pool_3d",
]
