"""What the targets of a row say, and whether they are met.

A target is a tuple: ("most", unit, limit), ("best", least ratio to the fastest peer), ("ratio",
peer, least ratio), ("loop", least ratio to the C loop). Ratios are a peer's time by tensorsym's.
"""

from __future__ import annotations

from typing import Any

__all__ = ["OURS", "judge", "times"]

OURS = "tensorsym"
LOOPS = ("c", "c kept")


def times(row: dict[str, Any]) -> dict[str, float]:
    """Return the measured peers' times of a row, in microseconds."""
    return {peer: cell["us"] for peer, cell in row["cells"].items() if "us" in cell}


def rivals(row: dict[str, Any]) -> dict[str, float]:
    """Return the times of the peers that are libraries; C loops are ceilings."""
    return {p: t for p, t in times(row).items() if p not in LOOPS and not p.startswith(OURS)}


def judge(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return per target of a row its text, what was reached, and whether it is met."""
    measured = times(row)
    if OURS not in measured:
        return []
    verdicts = []
    for target in row["targets"]:
        verdict = verdict_of(target, measured, rivals(row))
        if verdict is not None:
            verdicts.append(verdict)
    return verdicts


def verdict_of(
    target: list[Any], measured: dict[str, float], others: dict[str, float]
) -> dict[str, Any] | None:
    """Return what became of one target; None if what it compares with was not measured."""
    kind, least = target[0], target[-1]
    ours = measured[OURS]
    if kind == "most":
        return {"text": f"<= {least:g} {target[1]}", "reached": ours, "met": ours <= least}
    if kind == "best":
        if not others:
            return None
        peer = min(others, key=lambda name: others[name])
    elif kind == "loop":
        peer = next((name for name in LOOPS if name in measured), "")
    else:
        peer = target[1]
    if peer not in measured:
        return None
    ratio = measured[peer] / ours
    text = f">= {least:g}x {'best' if kind == 'best' else peer}"
    return {"text": text, "reached": ratio, "met": ratio >= least, "peer": peer}
