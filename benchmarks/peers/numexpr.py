"""numexpr on one thread; no gradients, no products, no reductions fused with what feeds them."""

from __future__ import annotations

from typing import Any

import numexpr

from benchmarks.calls import Absent, Call
from benchmarks.expressions import EXPRESSIONS, arrays

numexpr.set_num_threads(1)


def versions(setting: str) -> dict[str, str]:
    return {"numexpr": numexpr.__version__}


def build(case: dict[str, Any], setting: str) -> Call:
    if case["work"] == "ten scalars":
        names = {f"x{i}": float(i) for i in range(10)}
        text = "+".join(names)
    elif case["work"] in EXPRESSIONS and EXPRESSIONS[case["work"]].text is not None:
        expression = EXPRESSIONS[case["work"]]
        names = dict(zip(expression.names, arrays(expression.names, case["shape"], case["dtype"])))
        text = expression.text or ""
    else:
        raise Absent("numexpr has no such function")
    call = numexpr.evaluate
    return Call(
        "evaluate(text, names)",
        {"evaluate": call, "text": text, "names": names},
        lambda: call(text, names),
    )
