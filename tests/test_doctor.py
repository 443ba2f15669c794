"""The doctor tells in plain lines what is there and what is not."""

import importlib

import pytest

from tensorsym import doctor
from tensorsym.config import config


def test_there_is_one_line_per_question(capsys):
    assert doctor.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(doctor.diagnosis())
    assert all(line.partition(":")[2].strip() for line in lines)


def test_a_missing_compiler_is_no_error(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.delenv("CC", raising=False)
    assert doctor.diagnosis()["C compiler"].startswith("none: the tile machine runs everything")


def test_a_compiler_may_have_a_launcher(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("CC", "ccache gcc")
    assert doctor.diagnosis()["C compiler"] == "/usr/bin/gcc"
    with config.scope(cxx="missing"):
        monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
        assert "config.cxx is 'missing', which is not found" in doctor.diagnosis()["C compiler"]


@pytest.mark.parametrize(
    ("features", "level"), [({}, "baseline"), ({"AVX2": True, "FMA3": True}, "x86-64-v3")]
)
def test_the_level_follows_the_cpu(monkeypatch, features, level):
    umath = importlib.import_module("numpy._core._multiarray_umath")
    monkeypatch.setattr(umath, "__cpu_features__", features)
    assert doctor.diagnosis()["CPU level"].startswith(level)


def test_the_cache_directory_is_that_of_config(tmp_path):
    with config.scope(cache=str(tmp_path / "kernels")):
        assert doctor.diagnosis()["cache"] == f"{tmp_path / 'kernels'}, writable, not made yet"


def test_the_blas_line_says_whose_kernels_are_asked_for():
    with config.scope(blas_core="Haswell"):
        assert "kernels for Haswell are asked for" in doctor.diagnosis()["BLAS"]
    with config.scope(blas_core=""):
        assert "OpenBLAS chooses its kernels" in doctor.diagnosis()["BLAS"]
