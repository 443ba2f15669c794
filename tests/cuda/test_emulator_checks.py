"""Check mode finds each class of planted bug, and nothing in kernels that are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.cuda.kernels import COPY, CORRECT, int32, ramp, run_copy

if TYPE_CHECKING:
    from tests.cuda.kernels import Device


SYNC = "__syncthreads();"
LOOP_SYNC = "+= s[t + w];\n    __syncthreads();"
# kernel, what is replaced, by what, which report it gives
BUGS = [
    ("copy", "i < n", "i <= n", "bounds"),
    ("copy", "z[i] = x[i]", "z[i] += x[i]", "uninitialised"),
    ("copy", "z[i] =", "z[0] =", "race"),
    ("sum", SYNC, "", "race"),
    ("sum", "part[32]", "part[2]", "bounds"),
    ("sum", "lane < blockDim.x >> 5 ? part[lane] : 0.0f", "part[lane]", "uninitialised"),
    ("sum", "0xffffffffu", "0x0000ffffu", "warp"),
    ("sum", f"{SYNC}\n  if (warp == 0) {{", f"if (warp == 0) {{ {SYNC}", "barrier"),
    ("sum", SYNC, f"if (warp) {SYNC} else\n{SYNC}", "barrier"),
    ("sum", SYNC, f"if (warp) {SYNC} else __syncwarp(1u << lane ^ 3u);", "warp"),
    ("sum", SYNC, "if (lane) __syncwarp();", "deadlock"),
    ("tree", SYNC, "", "race"),
    ("tree", LOOP_SYNC, "+= s[t + w];", "race"),
    ("tree", LOOP_SYNC, f"+= s[t + w];\nif (w > 32) {SYNC}", "race"),
    ("tree", "s[t + w]", "s[t + w + 1]", "bounds"),
    ("tree", "s[t] = x", "s[t + 1] = x", "bounds"),
    ("tree", "s[t] = x", "if (t != 3) s[t] = x", "uninitialised"),
    ("transpose", SYNC, "", "uninitialised"),
    ("transpose", "c < w && r < h", "r < h", "bounds"),
    ("transpose", "c < h && r < w", "r < w", "uninitialised"),
    ("transpose", "tile[16][17]", "tile[16][15]", "bounds"),
    ("histogram", "if (t < 8) count[t] = 0;", "", "uninitialised"),
    ("histogram", SYNC, "", "race"),
    ("histogram", "atomicAdd(&count[x[i]], 1)", "count[x[i]] += 1", "race"),
    ("histogram", "atomicAdd(&z[t], count[t])", "z[t] += count[t]", "race"),
    ("vector", "(x + 4 *", "(x + 1 + 4 *", "misaligned"),
    ("vector", "(x + 4 *", "(x + 8 *", "bounds"),
    ("last block", "__threadfence();", "", "race"),
]


@pytest.mark.parametrize("name", CORRECT)
@pytest.mark.parametrize("order", ["sequential", "reverse", "random:1"])
def test_correct_kernels_give_no_report(
    device: Device, emulator: Any, name: str, order: str
) -> None:
    run, text = CORRECT[name]
    with emulator.checking(order):
        run(device, text)
    assert emulator.reports() == []


@pytest.mark.parametrize(("name", "old", "new", "kind"), BUGS)
def test_a_planted_bug_is_reported(
    device: Device, emulator: Any, name: str, old: str, new: str, kind: str
) -> None:
    run, text = CORRECT[name]
    assert old in text
    with emulator.checking(), pytest.raises(device.driver.LaunchError):
        run(device, text.replace(old, new, 1))
    found = emulator.reports()
    assert kind in {report.kind for report in found}
    assert {report.kernel for report in found} == {"k"}


def test_a_report_names_the_line_and_both_threads(device: Device, emulator: Any) -> None:
    with emulator.checking(), pytest.raises(device.driver.LaunchError):
        run_copy(device, COPY.replace("z[i] =", "z[0] ="))
    (report,) = emulator.reports()
    assert report.line == 4
    assert "thread (1,0,0) of block (0,0,0) writes 4 bytes" in report.message
    assert "thread (0,0,0) of the same block wrote" in report.message


def test_memory_that_was_freed_is_known(device: Device, emulator: Any) -> None:
    with emulator.checking():
        x, z = device.to(ramp(100)), device.empty(400)
        address = np.intp(int(x))
        x.free()
        with pytest.raises(device.driver.LaunchError):
            device.run(COPY, int32(100), address, z, grid=2)
    assert {report.kind for report in emulator.reports()} == {"freed"}


def test_a_write_past_the_end_is_noticed_without_check_mode(device: Device, emulator: Any) -> None:
    z = device.empty(396)
    device.run(COPY, int32(100), device.to(ramp(100)), z, grid=2)
    z.free()
    assert [report.kind for report in emulator.reports()] == ["bounds"]
