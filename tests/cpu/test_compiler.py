"""The C compiler: found by the settings, its failures told in its own words."""

from __future__ import annotations

import os
from pathlib import Path

import build_native
import pytest

from tensorsym import config
from tensorsym.cpu.compiler import FLAGS, LEVEL_FLAGS, Compiler, find_compiler
from tensorsym.errors import CompileError

SOURCE = "int answer(void) { return 42; }\n"


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_setting_comes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", script(tmp_path / "mine", "exit 0"))
    found = find_compiler()
    assert found is not None
    assert found.command == (str(tmp_path / "mine"),)
    with config.scope(cxx=script(tmp_path / "other", "exit 0") + " -g"):
        found = find_compiler()
        assert found is not None
        assert found.command == (str(tmp_path / "other"), "-g")


def test_who_names_a_compiler_gets_no_other():
    with config.scope(cxx="/no/such/compiler"):
        assert find_compiler() is None


def test_another_compiler_under_the_same_name_has_another_identity(tmp_path):
    name = script(tmp_path / "cc", "exit 0")
    before = Compiler((name,), "").identity, find_compiler.__doc__
    with config.scope(cxx=name):
        first = find_compiler()
    script(tmp_path / "cc2", "exit 1")
    with config.scope(cxx=str(tmp_path / "cc2")):
        second = find_compiler()
    assert before[0] == ""
    assert first is not None
    assert second is not None
    assert first.identity != second.identity


def test_levels_are_built_as_the_precompiled_loops_are():
    for level in ("v3", "v4"):
        assert LEVEL_FLAGS[level] == build_native.LEVEL_FLAGS[f"_ops_{level}"]
    numeric = [f for f in build_native.BASE_FLAGS if f.startswith(("-f", "-std"))]
    assert set(numeric) <= set(FLAGS)
    assert not any("native" in flag or "fast-math" in flag for flag in FLAGS)


def test_a_failure_keeps_command_words_and_source(tmp_path):
    broken = Compiler((script(tmp_path / "cc", "echo 'no space in brain' >&2; exit 3"),), "")
    with pytest.raises(CompileError, match="no space in brain") as caught:
        broken.build(SOURCE, "baseline")
    text = str(caught.value)
    assert "exit status 3" in text
    assert f"{tmp_path / 'cc'} -std=gnu11" in text
    kept = Path(text.partition("the source is kept: ")[2].partition(";")[0])
    assert kept.read_text() == SOURCE
    kept.unlink()
    kept.parent.rmdir()


def test_a_compiler_that_writes_nothing_is_a_failure(tmp_path):
    with pytest.raises(CompileError, match=r"kernels\.so"):
        Compiler((script(tmp_path / "cc", "exit 0"),), "").build(SOURCE, "baseline")


@pytest.mark.skipif(find_compiler() is None, reason="this machine has no C compiler")
def test_nothing_is_left_behind_and_level_7_shows_the_command(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    compiler = find_compiler()
    assert compiler is not None
    assert compiler.build(SOURCE, "baseline").startswith(b"\x7fELF")
    assert os.listdir(tmp_path) == []
    with config.scope(debug=7):
        compiler.build(SOURCE, "baseline")
    (folder,) = tmp_path.iterdir()
    assert (folder / "kernels.c").read_text() == SOURCE
    assert f"{folder}/kernels.c" in capfd.readouterr().err
