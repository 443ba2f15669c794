"""`python -m tensorsym.cuda`: what was found, and why the GPU is or is not used."""

from __future__ import annotations

import sys

from tensorsym.cuda.report import findings

__all__ = ["main"]


def main() -> int:
    """Print the findings; return the exit status."""
    found = findings()
    width = max(map(len, found)) + 2
    for name, text in found.items():
        print(f"{name + ':':<{width}}{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
