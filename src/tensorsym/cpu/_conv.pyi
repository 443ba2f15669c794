from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]

def set_gemm(sgemm: object, dgemm: object) -> None: ...
def output(
    image: Array,
    weights: Array,
    shapes: tuple[Shape, Shape, Shape],
    settings: tuple[Shape, Shape, Shape],
    groups: int,
    inner: int,
    out: Array,
) -> None: ...
def weight_gradient(
    image: Array,
    top: Array,
    shapes: tuple[Shape, Shape, Shape],
    settings: tuple[Shape, Shape, Shape],
    groups: int,
    inner: int,
    out: Array,
) -> None: ...
def image_gradient(
    weights: Array,
    top: Array,
    shapes: tuple[Shape, Shape, Shape],
    settings: tuple[Shape, Shape, Shape],
    groups: int,
    inner: int,
    out: Array,
) -> None: ...
