"""A look at the compiled kernels on disk: `python -m tensorsym.cache list`, `check` or `clear`.

In: a directory, or the one in use. Out: lines of text, and with `check` an exit status of 1 if a
file is refused.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tensorsym.cpu.cache import Cache, cache_directory

__all__ = ["main", "report"]


def report(cache: Cache, only_faults: bool = False) -> list[str]:
    """Return a line per kernel, the longest unused first, and one about all.

    Parameters
    ----------
    cache : Cache
        The kernels.
    only_faults : bool
        Leave out what is good.

    Examples
    --------
    >>> from pathlib import Path
    >>> report(Cache(Path("no such directory")))
    ['no such directory: 0 kernels, 0.0 MB']
    """
    entries = cache.entries()
    lines = []
    for entry in entries:
        if only_faults and not entry.fault:
            continue
        day = time.strftime("%Y-%m-%d", time.localtime(entry.used))
        state = f"  refused: {entry.fault}" if entry.fault else ""
        lines.append(f"{entry.path.name}  {entry.size / 1e3:8.1f} kB  used {day}{state}")
    total = sum(entry.size for entry in entries)
    refused = sum(bool(entry.fault) for entry in entries)
    tail = f", {refused} refused" if refused else ""
    fault = cache.fault()
    whole = f"{cache.directory}: {len(entries)} kernels, {total / 1e6:.1f} MB{tail}"
    return [*lines, f"{whole}; not used: {fault}" if fault else whole]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status.

    Parameters
    ----------
    arguments : list of str, optional
        The command's words; by default those of the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tensorsym.cache", description="Compiled kernels on disk."
    )
    parser.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=("list", "check", "clear"),
        help="show all kernels, show those that are refused, or delete all",
    )
    parser.add_argument("--directory", type=Path, help="another directory than the one in use")
    options = parser.parse_args(arguments)
    cache = Cache(options.directory or cache_directory())
    if options.action == "clear":
        print(f"{cache.directory}: {cache.clear()} files deleted")
        return 0
    lines = report(cache, only_faults=options.action == "check")
    print("\n".join(lines))
    refused = bool(cache.fault()) or any(entry.fault for entry in cache.entries())
    return int(options.action == "check" and refused)


if __name__ == "__main__":
    raise SystemExit(main())
