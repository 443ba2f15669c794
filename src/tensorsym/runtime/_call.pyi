from typing import Any

class Entry:
    executable: Any
    trust_input: bool
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def connect(
        self,
        executable: Any,
        checks: list[Any],
        shared_cells: list[list[Any]],
        update_cells: list[list[Any]],
        locks: list[Any],
        form: str,
        keys: tuple[str, ...],
        n_outputs: int,
    ) -> None: ...
    def run_bound(self, values: list[Any]) -> Any: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

def enable_vectorcall(cls: type) -> None: ...
