"""What the numbers depend on beside the code: processor, system, load."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["describe"]

SHOWN_FLAGS = ("avx2", "fma", "avx512f", "avx512dq", "avx512bw", "avx512vl")


def cpuinfo(key: str) -> str:
    """Return the first value of a key of /proc/cpuinfo, empty where there is none."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def caches() -> list[str]:
    """Return the sizes of the first core's caches."""
    places = sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"))
    texts = []
    for place in places:
        level, kind, size = ((place / n).read_text().strip() for n in ("level", "type", "size"))
        texts.append(f"L{level} {kind.lower()} {size}")
    return texts


def describe() -> dict[str, Any]:
    """Return the machine as it is now."""
    flags = set(cpuinfo("flags").split())
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": cpuinfo("model name") or platform.processor() or platform.machine(),
        "family": f"{cpuinfo('cpu family')}/{cpuinfo('model')}".strip("/"),
        "flags": [flag for flag in SHOWN_FLAGS if flag in flags],
        "caches": caches(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "load": round(os.getloadavg()[0], 2),
    }
