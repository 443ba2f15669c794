"""Builds for different instruction sets: those with FMA give equal bits."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tensorsym import _ops

SCRIPT = """
import sys
import numpy as np
from tensorsym import _ops

rng = np.random.default_rng(1)
results = {}
for index, (name, dtypes, out) in enumerate(_ops.opcodes()):
    arrays = []
    for dtype in dtypes:
        if dtype == "bool":
            x = rng.integers(0, 2, 3001).astype(bool)
        elif dtype.startswith("float"):
            x = (rng.normal(size=3001) * 10.0 ** rng.integers(-30, 30, 3001)).astype(dtype)
            x[::7] = rng.normal(size=x[::7].size)
            x[::101] = np.nan
            x[5::103] = np.inf
        else:
            info = np.iinfo(dtype)
            x = rng.integers(info.min, info.max, 3001, dtype=dtype, endpoint=True)
            x[::3] = rng.integers(0, 9, x[::3].size)
        arrays.append(x)
    n = len(dtypes)
    operands = [(d, "in") for d in dtypes] + [(out, "out", n)]
    result = np.empty(3001, out)
    _ops.execute(_ops.Program(operands, [(index, n, tuple(range(n)))], n + 1), [*arrays, result])
    if result.dtype.kind == "f":
        result[np.isnan(result)] = np.nan  # all NaNs count as equal
    results[str(index)] = result
for index, (role, dtype) in enumerate(_ops.reductions()):
    x = (rng.normal(size=(37, 1700)) * 5).astype(dtype)
    for axis, shape in enumerate([(1, 1700), (37, 1)]):
        result = np.empty(shape, dtype)
        _ops.execute(_ops.Program([(dtype, "in"), (dtype, role, 0)], [], 1), [x, result])
        results[f"{role} {dtype} {axis}"] = result
np.savez(sys.argv[1], level=_ops.level(), **results)
"""


CANCELLING = {"sigmoid_binary_crossentropy"}
"""Differences of two numbers of the size of 1, each right to its last digit."""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("levels")
    found = {}
    for level in ("baseline", "v3", "v4"):
        path = folder / f"{level}.npz"
        environment = os.environ | {"TENSORSYM_CPU_LEVEL": level}
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT, str(path)], check=True, env=environment
        )
        found[level] = dict(np.load(path))
    return found


def test_level_may_be_lowered_but_not_raised(results):
    assert str(results["baseline"]["level"]) == "baseline"
    ranks = ("baseline", "v3", "v4")
    assert str(results["v3"]["level"]) in ranks[:2]
    assert ranks.index(_ops.level()) <= ranks.index(str(results["v4"]["level"]))


def test_builds_with_fma_give_equal_bits(results):
    if str(results["v4"]["level"]) != "v4":
        pytest.skip("this processor has no AVX-512: there is one build with FMA only")
    for key in results["v4"].keys() - {"level"}:
        name = _ops.opcodes()[int(key)] if key.isdigit() else key
        assert results["v3"][key].tobytes() == results["v4"][key].tobytes(), name


def test_the_baseline_gives_the_same_values(results):
    for key, want in results["v4"].items():
        got = results["baseline"][key]
        if want.dtype.kind != "f":
            if key != "level":
                np.testing.assert_array_equal(got, want, err_msg=key)
            continue
        name = _ops.opcodes()[int(key)][0] if key.isdigit() else key
        eps = np.finfo(want.dtype).eps
        atol = 2 * eps if name in CANCELLING else 0
        np.testing.assert_allclose(got, want, rtol=8 * eps, atol=atol, err_msg=str(name))


def test_an_unknown_level_is_refused():
    environment = os.environ | {"TENSORSYM_CPU_LEVEL": "v9"}
    done = subprocess.run(
        [sys.executable, "-c", "import tensorsym._ops"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "TENSORSYM_CPU_LEVEL is 'v9'" in done.stderr
