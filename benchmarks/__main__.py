"""Measure: `python -m benchmarks`, or parts of it by `--only`, `--peers` and `--quick`."""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.cases import all_cases
from benchmarks.fleet import PEERS, ROOT, Process
from benchmarks.machine import describe
from benchmarks.measurement import QUICK, Effort, measure
from benchmarks.report import markdown, plot, text_row, text_title
from benchmarks.startup import single_rows
from benchmarks.targets import judge

RESULTS = Path(__file__).parent / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
START, END = "<!-- measured -->", "<!-- end of measured -->"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", default="", help="rows whose name matches this regular expression"
    )
    parser.add_argument("--peers", default="", help="names joined by commas; all by default")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter samples")
    parser.add_argument(
        "--list", action="store_true", help="print the names of rows, measure nothing"
    )
    parser.add_argument(
        "--json", type=Path, help="where to write; an existing file keeps its other rows"
    )
    parser.add_argument("--page", action="store_true", help=f"write the table into {PAGE.name}")
    return parser.parse_args()


def start(names: set[str], cache: Path) -> list[Process]:
    """Start the peers; say which are absent, and why."""
    fleet = []
    for peer in PEERS:
        if peer.name not in names:
            continue
        process = Process(peer, cache)
        if process.absent:
            print(f"skipped {peer.name}: {process.absent}", flush=True)
        fleet.append(process)
    return fleet


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the old report with the cells that were measured anew."""
    rows = {row["name"]: row for row in old.get("rows", [])}
    for row in new["rows"]:
        before = rows.get(row["name"], {"cells": {}})
        row["cells"] = {**before["cells"], **row["cells"]}
        row["verdicts"] = judge(row)
        rows[row["name"]] = row
    order = [case.name for case in all_cases()]
    known = {name: place for place, name in enumerate(order)}
    listed = sorted(rows.values(), key=lambda row: known.get(row["name"], len(order)))
    versions = {**old.get("versions", {}), **new["versions"]}
    peers = [peer.name for peer in PEERS if peer.name in {*old.get("peers", []), *new["peers"]}]
    return {**new, "rows": listed, "versions": versions, "peers": peers}


def run(options: argparse.Namespace, names: set[str]) -> dict[str, Any]:
    """Measure all that is wanted; return the report."""
    pattern = re.compile(options.only)
    cases = [case for case in all_cases() if pattern.search(case.name)]
    report: dict[str, Any] = {
        "machine": describe(),
        "peers": [p.name for p in PEERS if p.name in names],
    }
    print(*(f"{key}: {value}" for key, value in report["machine"].items()), sep="\n")
    report["rows"], report["versions"] = [], {}
    # Peers' compiled code is kept between runs: compile time has rows of its own, without caches.
    cache = ROOT / "build" / "bench-cache"
    cache.mkdir(parents=True, exist_ok=True)
    fleet = start(names, cache) if cases else []
    try:
        report["versions"] = {
            p.peer.name: p.ask({"do": "versions"}, 60) for p in fleet if not p.absent
        }
        print(text_title(report["peers"]), flush=True)
        for case in cases:
            row = measure(case, fleet, QUICK if options.quick else Effort())
            report["rows"].append(row)
            print(text_row(row, report["peers"]), flush=True)
    finally:
        for process in fleet:
            process.stop()

    def wanted(group: str) -> bool:
        return not options.only or bool(pattern.search(group))

    with tempfile.TemporaryDirectory() as fresh:
        for row in single_rows(names, Path(fresh), wanted, options.quick):
            report["rows"].append(row)
            print(text_row(row, report["peers"]), flush=True)
    return report


def write(report: dict[str, Any], options: argparse.Namespace) -> None:
    """Write JSON, plot and page."""
    RESULTS.mkdir(exist_ok=True)
    path = options.json or RESULTS / f"{report['machine']['date'].replace(':', '')}.json"
    if path.exists():
        report = merged(json.loads(path.read_text()), report)
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(f"written: {path}")
    print(plot(report, path.with_suffix(".svg")))
    if options.page:
        before, _, rest = PAGE.read_text().partition(START)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{START}\n\n{markdown(report)}\n{END}{after}")
        print(f"written: {PAGE}")


def main() -> None:
    """Measure, print, write."""
    options = arguments()
    if options.list:
        print(*(case.name for case in all_cases()), "start:", "compile:", "memory:", sep="\n")
        return
    known = [peer.name for peer in PEERS]
    names = set(filter(None, options.peers.split(","))) or set(known)
    if names - set(known):
        raise SystemExit(f"no peers {sorted(names - set(known))}; there are {known}")
    write(run(options, names), options)


if __name__ == "__main__":
    main()
