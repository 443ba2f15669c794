"""`python -m tensorsym.explain`: the command line of explain."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from tensorsym.errors import TensorSymError
from tensorsym.explain.explanation import explain
from tensorsym.explain.tables import record_text, rules_text

if TYPE_CHECKING:
    from collections.abc import Sequence


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tensorsym.explain",
        description="Show what becomes of an expression, from its graph to its programs.",
    )
    parser.add_argument(
        "expression", nargs="?", help='such as "log(1 + exp(x))"; names are symbols'
    )
    parser.add_argument("--dtype", help="dtype of the symbols; floatX if not given")
    parser.add_argument(
        "--rank",
        action="append",
        default=[],
        metavar="KIND",
        help="kind of the symbols (scalar, vector...), or of one: x:fmatrix; several times",
    )
    parser.add_argument(
        "--grad", metavar="SYMBOL", help="explain the gradient with respect to a symbol"
    )
    parser.add_argument("--mode", help="which rewrites: a mode's name")
    parser.add_argument("--device", help="where the plan is to run: cpu or cuda (needs no GPU)")
    parser.add_argument(
        "--op", metavar="NAME", help="print the record of an elementwise op or reduction"
    )
    parser.add_argument(
        "--rules",
        metavar="WHICH",
        nargs="?",
        const="",
        help="print the rules of a phase, tag or name",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 if it was asked something it can not answer."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.expression is None and options.op is None and options.rules is None:
        parser.error("give an expression, --op or --rules")
    ranks = dict(kind.split(":", 1) for kind in options.rank if ":" in kind)
    rank = next((kind for kind in reversed(options.rank) if ":" not in kind), "vector")
    try:
        if options.op is not None:
            print(record_text(options.op))
        if options.rules is not None:
            print(rules_text(options.rules))
        if options.expression is not None:
            print(
                explain(
                    options.expression,
                    dtype=options.dtype,
                    ranks=ranks,
                    rank=rank,
                    wrt=options.grad,
                    mode=options.mode,
                    device=options.device,
                )
            )
    except (TensorSymError, TypeError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
