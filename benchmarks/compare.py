"""Compare results: `python benchmarks/compare.py base.json head.json` exits 1 if head is slower.

A row is slower if tensorsym's median grew by more than the noise: `--noise` (10 %), or one and a
half times the larger quartile range where that is more. Rows that only one result has are named.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["compare", "main"]


def ours(report: dict[str, Any], peer: str) -> dict[str, dict[str, Any]]:
    """Return the cells of a peer by row."""
    return {
        row["name"]: row["cells"][peer]
        for row in report["rows"]
        if "us" in row["cells"].get(peer, {})
    }


def compare(
    base: dict[str, Any], head: dict[str, Any], noise: float = 0.10, peer: str = "tensorsym"
) -> tuple[list[str], bool]:
    """Return the lines of the table, and whether any row is slower beyond noise."""
    old, new = ours(base, peer), ours(head, peer)
    lines, slower = [f"{'row':<44}{'base':>12}{'head':>12}{'head/base':>11}{'noise':>8}"], False
    for name in [name for name in old if name in new]:
        ratio = new[name]["us"] / old[name]["us"]
        allowed = max(noise, 1.5 * max(old[name]["spread"], new[name]["spread"]))
        verdict = ""
        if ratio > 1 + allowed:
            verdict, slower = "SLOWER", True
        elif ratio < 1 / (1 + allowed):
            verdict = "faster"
        times = f"{old[name]['us']:>12.4g}{new[name]['us']:>12.4g}"
        lines.append(f"{name:<44}{times}{ratio:>11.2f}{allowed:>8.0%}  {verdict}".rstrip())
    lines += [f"{name}: only in base" for name in old if name not in new]
    lines += [f"{name}: only in head" for name in new if name not in old]
    return lines, slower


def main() -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path)
    parser.add_argument("head", type=Path)
    parser.add_argument("--noise", type=float, default=0.10)
    parser.add_argument("--peer", default="tensorsym")
    options = parser.parse_args()
    base, head = (json.loads(path.read_text()) for path in (options.base, options.head))
    lines, slower = compare(base, head, options.noise, options.peer)
    print(*lines, sep="\n")
    return int(slower)


if __name__ == "__main__":
    sys.exit(main())
