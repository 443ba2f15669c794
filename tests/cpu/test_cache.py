"""The cache of compiled kernels: nothing wrong is ever loaded, nothing fatal ever happens."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from tensorsym import cache as window
from tensorsym import config
from tensorsym.cpu import cache as module
from tensorsym.cpu.cache import Cache, cache_directory, key_of, seal, unseal

LIBRARY = bytes(range(256)) * 40
KEY, OTHER = key_of("one"), key_of("other")


@pytest.fixture
def store(tmp_path):
    return Cache(tmp_path / "a" / "kernels")


def test_what_is_stored_is_found_under_every_key(store):
    assert store.find(KEY) is None
    assert store.store([KEY, OTHER], LIBRARY) == store.path(KEY)
    for key in (KEY, OTHER):
        path = store.find(key)
        assert path is not None
        assert unseal(path.read_bytes()) == LIBRARY
    assert len(list(store.directory.iterdir())) == 2


def test_directory_and_files_are_the_users_alone(store):
    store.store([KEY], LIBRARY)
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.path(KEY).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
        lambda data: data + b"x",
        lambda data: data[:-60],
    ],
    ids=["one byte", "half", "empty", "flipped", "longer", "no trailer"],
)
def test_truncated_and_tampered_files_are_refused_and_replaced(store, damage):
    store.store([KEY], LIBRARY)
    path = store.path(KEY)
    path.write_bytes(damage(path.read_bytes()))
    assert store.find(KEY) is None
    assert store.entries()[0].fault == "it is damaged"
    assert store.store([KEY], LIBRARY) is not None
    assert store.find(KEY) == path


def test_a_file_that_others_could_have_written_is_refused(store):
    store.store([KEY], LIBRARY)
    for mode in (0o620, 0o602):
        store.path(KEY).chmod(mode)
        assert store.find(KEY) is None


def test_a_link_is_refused(store, tmp_path):
    store.store([OTHER], LIBRARY)
    elsewhere = tmp_path / "elsewhere.so"
    elsewhere.write_bytes(seal(LIBRARY))
    store.path(KEY).symlink_to(elsewhere)
    assert store.find(KEY) is None


def test_a_directory_that_others_can_write_is_not_used(store):
    store.store([KEY], LIBRARY)
    store.directory.chmod(0o770)
    assert store.find(KEY) is None
    assert store.store([OTHER], LIBRARY) is None
    assert store.fault() == "others may write to it"
    assert store.clear() == 0


def test_what_belongs_to_another_user_is_not_used(store, monkeypatch):
    store.store([KEY], LIBRARY)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert store.find(KEY) is None
    assert store.store([OTHER], LIBRARY) is None
    assert store.fault() == "it belongs to another user"


def test_a_disk_that_refuses_everything_costs_nothing_but_speed():
    store = Cache(module.Path("/proc/no place for files"))
    assert store.store([KEY], LIBRARY) is None
    assert store.find(KEY) is None
    assert store.entries() == []


def test_a_full_disk_leaves_no_rubbish(store, monkeypatch):
    store.store([KEY], LIBRARY)

    def full(library):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "seal", full)
    assert store.store([OTHER], LIBRARY) is None
    assert [path.name for path in store.directory.iterdir()] == [f"{KEY}.so"]


KILLED = """
import os, pathlib, signal, sys
from tensorsym.cpu.cache import Cache
pathlib.Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Cache(pathlib.Path(sys.argv[1])).store(sys.argv[2:], b"half a library")
"""


def test_a_writer_killed_before_it_renames_harms_nobody(store):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", KILLED, str(store.directory), KEY]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    (left,) = store.directory.iterdir()
    assert store.find(KEY) is None
    store.store([KEY], LIBRARY)
    assert store.find(KEY) is not None
    assert left.exists(), "another writer may still be at it"
    os.utime(left, (0, 0))
    store.prune(1 << 20)
    assert not left.exists()


def test_the_longest_unused_kernels_go_first(store):
    keys = [key_of(str(n)) for n in range(5)]
    for age, key in enumerate(keys):
        store.store([key], LIBRARY)
        then = time.time() - 10 * 86400 * (5 - age)
        os.utime(store.path(key), (then, then))
    assert store.find(keys[0]) is not None  # a use makes it young
    assert store.prune(3 * len(seal(LIBRARY))) == 2
    assert [store.find(key) is not None for key in keys] == [True, False, False, True, True]


def test_kernels_built_together_count_once(store):
    store.store([key_of(str(n)) for n in range(10)], LIBRARY)
    assert sum(entry.size for entry in store.entries()) <= len(seal(LIBRARY))


def test_the_directory_is_the_settings_or_the_users(monkeypatch, tmp_path):
    with config.scope(cache=str(tmp_path)):
        assert cache_directory() == tmp_path / "kernels"
    with config.scope(cache=""):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert cache_directory() == tmp_path / "xdg" / "tensorsym" / "kernels"
        monkeypatch.setenv("XDG_CACHE_HOME", "not absolute")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert cache_directory() == tmp_path / ".cache" / "tensorsym" / "kernels"


def test_the_window_lists_checks_and_clears(store, capsys):
    store.store([KEY], LIBRARY)
    store.store([OTHER], LIBRARY)
    where = ["--directory", str(store.directory)]
    assert window.main(["list", *where]) == 0
    assert KEY in capsys.readouterr().out
    assert window.main(["check", *where]) == 0
    store.path(OTHER).write_bytes(b"rubbish")
    assert window.main(["check", *where]) == 1
    out = capsys.readouterr().out
    assert f"{OTHER}.so" in out
    assert "refused: it is damaged" in out
    assert window.main(["clear", *where]) == 0
    assert store.entries() == []
