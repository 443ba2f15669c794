from collections.abc import Callable, Sequence
from typing import Any

def set_routine(number: int, capsule: object) -> None: ...

class Machine:
    @property
    def explain(self) -> Callable[..., BaseException]: ...
    @property
    def slots_of(self) -> Callable[[int], Sequence[int]]: ...
    def __init__(
        self,
        slots: Sequence[tuple[int, int, int, Sequence[int]]],
        codes: Sequence[tuple[int, Sequence[int], object]],
        inputs: Sequence[int],
        outputs: Sequence[int],
        donated: Sequence[int],
        constants: Sequence[tuple[int, Any]],
        explain: Callable[..., BaseException],
        slots_of: Callable[[int], Sequence[int]],
    ) -> None: ...
    @property
    def direct(self) -> object: ...
    @property
    def take_back(self) -> object: ...
    def __call__(self, arrays: list[Any]) -> list[Any]: ...
    def run(self, arrays: list[Any]) -> list[Any]: ...
