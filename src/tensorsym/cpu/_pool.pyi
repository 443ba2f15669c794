from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
Settings = tuple[Shape, Shape, Shape]

def pool(
    x: Array, shape: Shape, output: Shape, settings: Settings, mode: str, out: Array
) -> None: ...
def max_gradient(
    x: Array,
    largest: Array,
    g: Array,
    shape: Shape,
    output: Shape,
    settings: Settings,
    out: Array,
) -> None: ...
def total_at_maximum(
    x: Array,
    largest: Array,
    t: Array,
    shape: Shape,
    output: Shape,
    settings: Settings,
    out: Array,
) -> None: ...
def spread(
    g: Array, shape: Shape, output: Shape, settings: Settings, mode: str, out: Array
) -> None: ...
