"""The table as text and Markdown, and the plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.targets import OURS, times

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["markdown", "plot", "text_row", "text_title"]

WIDTH = 14


def amount(value: float) -> str:
    """Return three digits."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def cell_text(cell: dict[str, Any] | None) -> str:
    """Return a time with its quartile range in percent; c: CPU time; !: not NumPy's result."""
    if cell is None or "us" not in cell:
        return "failed" if cell and "failed" in cell else "-"
    mark = ("c" if cell["clock"] == "cpu" else "") + ("!" if "mismatch" in cell else "")
    return f"{amount(cell['us'])}{mark} ±{50 * cell['spread']:.0f}%"


def verdict_text(row: dict[str, Any]) -> str:
    """Return what became of a row's targets."""
    words = []
    for verdict in row["verdicts"]:
        what = (
            amount(verdict["reached"])
            if verdict["text"].startswith("<=")
            else f"{verdict['reached']:.2f}x"
        )
        # The target names the peer itself, unless it is "best".
        peer = f" ({verdict['peer']})" if verdict["text"].endswith("best") else ""
        words.append(f"{'met' if verdict['met'] else 'MISSED'}: {what}{peer} of {verdict['text']}")
    return "; ".join(words)


def text_title(peers: list[str]) -> str:
    """Return the first line of the printed table."""
    return f"{'us unless said':<42}" + "".join(f"{peer:>{WIDTH}}" for peer in peers)


def text_row(row: dict[str, Any], peers: list[str]) -> str:
    """Return a line of the printed table."""
    unit = f" [{row['unit']}]" if row.get("unit") else ""
    cells = "".join(f"{cell_text(row['cells'].get(peer)):>{WIDTH}}" for peer in peers)
    return f"{row['name'] + unit:<42}{cells}  {verdict_text(row)}"


def markdown(report: dict[str, Any]) -> str:
    """Return the whole report as Markdown: machine, versions, one table per group."""
    machine, lines = report["machine"], []
    lines.append(
        f"{machine['processor']} ({machine['family']}; {', '.join(machine['flags'])}; "
        f"{', '.join(machine['caches'])}), {machine['cores']} cores, {machine['system']}; "
        f"{machine['date']}, load {machine['load']} at the start."
    )
    lines += ["", "Versions: " + "; ".join(versions_text(report)) + ".", ""]
    groups = dict.fromkeys(row["group"] for row in report["rows"])
    for group in groups:
        rows = [row for row in report["rows"] if row["group"] == group]
        peers = [p for p in report["peers"] if any("us" in row["cells"].get(p, {}) for row in rows)]
        lines += [f"### {group}", "", "| row | " + " | ".join(peers) + " | target |"]
        lines.append("|---|" + "---:|" * len(peers) + "---|")
        for row in rows:
            unit = f" [{row['unit']}]" if row.get("unit") else ""
            cells = [cell_text(row["cells"].get(peer)) for peer in peers]
            best = min(times(row).values(), default=0)
            cells = [
                f"**{text}**" if times(row).get(peer) == best else text
                for text, peer in zip(cells, peers, strict=True)
            ]
            title = row["name"].partition(":")[2]
            lines.append(f"| {title}{unit} | {' | '.join(cells)} | {verdict_text(row)} |")
        lines.append("")
    return "\n".join(lines)


def versions_text(report: dict[str, Any]) -> list[str]:
    """Return each peer's libraries, one text per peer that took part."""
    texts = []
    for peer, names in report["versions"].items():
        if names:
            texts.append(
                f"{peer}: " + ", ".join(f"{name} {number}" for name, number in names.items())
            )
    return texts


def plot(report: dict[str, Any], path: Path) -> str:
    """Draw each row's times as multiples of tensorsym's; return where, or why not."""
    try:
        from matplotlib import figure  # noqa: PLC0415 - an extra that need not be there
    except ImportError:
        return "no plot: matplotlib is not installed"
    rows = [row for row in report["rows"] if OURS in times(row) and len(times(row)) > 1]
    if not rows:
        return "no plot: no row has tensorsym and a peer"
    drawing = figure.Figure(figsize=(9, 1 + 0.19 * len(rows)), layout="constrained")
    axes = drawing.subplots()
    for place, peer in enumerate(report["peers"]):
        points = [
            (times(row)[peer] / times(row)[OURS], -number)
            for number, row in enumerate(rows)
            if peer in times(row)
        ]
        if points:
            shape = "osv^<>DPX*d"[place % 11]
            axes.plot(*zip(*points, strict=True), shape, markersize=4, label=peer)
    axes.axvline(1, color="black", linewidth=0.5)
    axes.set(xscale="log", xlabel="time, tensorsym = 1 (right: slower than tensorsym)")
    axes.set_yticks([-n for n in range(len(rows))], [row["name"] for row in rows], fontsize=6)
    axes.legend(fontsize=7)
    axes.grid(axis="x", linewidth=0.3)
    drawing.savefig(path)
    return f"plot: {path}"
