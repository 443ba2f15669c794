"""Compiled kernels on disk: content-addressed, without locks, checked before they are loaded.

An entry is a shared library under the hash of all that made it, with a checksum at its end. Writers
use a temporary name and rename; readers refuse what others own or can write, and what is not whole.
A cache that can not be used costs speed only: every function here returns None or nothing where the
disk is read-only, full or foreign.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tensorsym.config import cache_directory as directory_of
from tensorsym.config import config

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Cache", "Entry", "cache_directory", "key_of", "seal", "unseal"]

MAGIC = b"tensorsym kernel"
TRAILER = 32 + len(MAGIC)
STALE = 3600.0  # seconds after which an unfinished file is nobody's
FRESH = 86400.0  # an entry used today needs no new time stamp


def key_of(*parts: str) -> str:
    """Return the name of what the parts make: 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def seal(library: bytes) -> bytes:
    """Return a library with its checksum behind it; loaders ignore what follows their sections."""
    return library + hashlib.sha256(library).digest() + MAGIC


def unseal(data: bytes) -> bytes | None:
    """Return the library, or None if a byte is missing or another."""
    library, digest, magic = data[:-TRAILER], data[-TRAILER : -len(MAGIC)], data[-len(MAGIC) :]
    if not library or magic != MAGIC or hashlib.sha256(library).digest() != digest:
        return None
    return library


def cache_directory() -> Path:
    """Return where kernels are kept."""
    return directory_of("kernels")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the cache.

    Attributes
    ----------
    path : Path
        Where it is.
    size : int
        Its bytes; kernels built together share them.
    used : float
        When it was last used, in seconds since 1970, to within a day.
    fault : str
        Why it is refused; empty if it is good.
    """

    path: Path
    size: int
    used: float
    fault: str


class Cache:
    """The kernels in a directory.

    Parameters
    ----------
    directory : Path
        Made when something is stored, for this user alone.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._stored = 0

    def fault(self) -> str:
        """Return why the directory is not used; empty if it is, or can be made."""
        try:
            found = os.lstat(self.directory)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return str(error)
        return "it is no directory" if not stat.S_ISDIR(found.st_mode) else _ownership_fault(found)

    def path(self, key: str) -> Path:
        """Return the file of a key."""
        return self.directory / f"{key}.so"

    def find(self, key: str) -> Path | None:
        """Return the file of a kernel that is there and good, and note that it was used."""
        path = self.path(key)
        if self.fault() or _file_fault(path):
            return None
        with contextlib.suppress(OSError):  # a read-only cache is as good
            if time.time() - path.stat().st_mtime > FRESH:
                os.utime(path)
        return path

    def store(self, keys: list[str], library: bytes) -> Path | None:
        """Store a library under the keys of its kernels; return a path, or None if it can not."""
        if self.fault():
            return None
        temporary = None
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=self.directory)
            temporary = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(seal(library))
            for key in keys[1:]:
                self._link(temporary, key)
            temporary.rename(self.path(keys[0]))
        except OSError:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    temporary.unlink()
            return None
        self._stored += 1
        if self._stored % 32 == 1:
            self.prune(int(config.cache_size) << 20)
        return self.path(keys[0])

    def _link(self, temporary: Path, key: str) -> None:
        """Give a file one more name; rename replaces what is there in one step, link does not."""
        other = temporary.with_name(f"{temporary.name}-{key}")
        try:
            other.hardlink_to(temporary)
        except OSError:  # a file system without links
            other.write_bytes(temporary.read_bytes())
            other.chmod(0o600)
        other.rename(self.path(key))

    def entries(self) -> list[Entry]:
        """Return all kernels, the longest unused first."""
        found = []
        for path in self._files("*.so"):
            with contextlib.suppress(OSError):  # somebody else may delete it meanwhile
                state = path.lstat()
                found.append(
                    Entry(
                        path,
                        state.st_size // max(1, state.st_nlink),
                        state.st_mtime,
                        _file_fault(path),
                    )
                )
        return sorted(found, key=lambda entry: (entry.used, entry.path))

    def prune(self, limit: int) -> int:
        """Delete the longest unused kernels until `limit` bytes are left; return how many went."""
        now = time.time()
        for path in self._files(".new-*"):
            with contextlib.suppress(OSError):
                if now - path.lstat().st_mtime > STALE:
                    path.unlink()
        sizes = []
        for path in self._files("*.so"):
            with contextlib.suppress(OSError):
                state = path.lstat()
                sizes.append((state.st_mtime, path, state.st_size // max(1, state.st_nlink)))
        total, gone = sum(size for _, _, size in sizes), 0
        for _, path, size in sorted(sizes):
            if total <= limit:
                break
            total -= size
            gone += self.remove([path])
        return gone

    def remove(self, paths: Iterable[Path]) -> int:
        """Delete files; return how many went."""
        gone = 0
        for path in paths:
            with contextlib.suppress(OSError):
                path.unlink()
                gone += 1
        return gone

    def clear(self) -> int:
        """Delete all kernels and unfinished files; return how many went."""
        return self.remove([*self._files("*.so"), *self._files(".new-*")])

    def _files(self, pattern: str) -> list[Path]:
        return [] if self.fault() else list(self.directory.glob(pattern))


def _ownership_fault(state: os.stat_result) -> str:
    if state.st_uid != os.geteuid():
        return "it belongs to another user"
    return "others may write to it" if state.st_mode & 0o022 else ""


def _file_fault(path: Path) -> str:
    """Return why a file is no good kernel; empty if it is."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                return "it is no file"
            return _ownership_fault(state) or ("" if unseal(file.read()) else "it is damaged")
    except OSError as error:
        return error.strerror or str(error)
