"""What happens once in a process: `python -m benchmarks.once TASK MODULE SETTING JSON`.

first    from the start of the process to the first result of a train step
chain    function() on a chain of tanh, forward or with its gradient
memory   how far the first call raises the peak of resident memory above what was there
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from typing import Any

from benchmarks.calls import Absent


def cpu_seconds() -> float:
    """Return the CPU time of this process since its start, compilers it ran included."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def first(peer: Any, setting: str, case: dict[str, Any]) -> dict[str, Any]:
    """Build a step and run it."""
    if hasattr(peer, "require"):
        peer.require(setting)
    imported = cpu_seconds()
    call = peer.build(case, setting)
    built = cpu_seconds()
    call.value()
    total = cpu_seconds()
    return {"import_s": imported, "build_s": built - imported, "call_s": total - built,
            "total_s": total, "function_s": call.compile_s}  # fmt: skip


def chain(peer: Any, setting: str, case: dict[str, Any]) -> dict[str, Any]:
    """Build, compile and call a chain of tanh."""
    lib = peer.Library(setting)
    started = cpu_seconds()
    made = peer.tanh_chain(lib, case["length"], case["gradient"])
    compiled = cpu_seconds()
    made([0.5, 0.25])
    return {"build_s": compiled - started - lib.compile_s, "function_s": lib.compile_s,
            "call_s": cpu_seconds() - compiled}  # fmt: skip


def resident(key: str) -> int:
    """Return a line of this process's status in bytes."""
    with open("/proc/self/status") as lines:
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith(key + ":"))


def memory(peer: Any, setting: str, case: dict[str, Any]) -> dict[str, Any]:
    """Run the first call with the peak counted from here."""
    call = peer.build(case, setting)
    before = resident("VmRSS")
    # Linux lets a process forget its peak.
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")
    names = dict(call.names)
    exec(f"result = {call.statement}", names)
    return {"bytes": resident("VmHWM") - before}


def main() -> None:
    """Do the task in the arguments."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    task, module, setting, case = sys.argv[1:5]
    try:
        peer = importlib.import_module(f"benchmarks.peers.{module}")
        result = {"first": first, "chain": chain, "memory": memory}[task](
            peer, setting, json.loads(case)
        )
    except (Absent, ImportError) as reason:
        result = {"absent": str(reason)}
    except (Exception, RecursionError) as error:
        result = {"failed": f"{type(error).__name__}: {str(error)[:120]}"}
    channel.write(json.dumps(result) + "\n")
    channel.flush()
    # Threads of a library may keep the process at its end.
    os._exit(0)


if __name__ == "__main__":
    main()
