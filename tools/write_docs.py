"""Writes the pages of docs/ that are derived from the package: settings, errors.

Run `python tools/write_docs.py`; with --check it only says whether the pages are up to date, by its
exit status.
"""

import inspect
import sys
from pathlib import Path

from tensorsym import errors
from tensorsym.config import OPTIONS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def settings_page() -> str:
    """Return the table of settings."""
    rows = [
        f"| `{o.name}` | `{o.default!r}` | {', '.join(map(str, o.choices)) or '-'} | {o.doc} |"
        for o in OPTIONS.values()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "`tensorsym.config.NAME`, a block `with config.scope(NAME=value)`, or the environment:",
            "`TENSORSYM_FLAGS=name=value,section.name=value` (`THEANO_FLAGS` is read too). Debug,",
            "check, cache and threads have a variable of their own, such as `TENSORSYM_DEBUG=1`.",
            "Generated from `config.py`.",
            "",
            "| name | default | accepted | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def error_classes() -> list[type[Exception]]:
    """Return the error classes in order of their names."""
    return [getattr(errors, name) for name in sorted(errors.__all__)]


def errors_page() -> str:
    """Return one section per error class."""
    sections = []
    for cls in error_classes():
        bases = ", ".join(base.__name__ for base in cls.__bases__)
        text = inspect.cleandoc(cls.__doc__ or "").partition("\n\nParameters")[0]
        sections.append(f"## {cls.__name__}\n\n{text}\n\nIs a {bases}.\n")
    head = (
        "# Errors\n\nA message says what is wrong, what was got and expected, where the expression "
        "was built, and what to do.\nGenerated from `errors.py`.\n\n"
    )
    return head + "\n".join(sections)


PAGES = {"settings.md": settings_page, "errors.md": errors_page}


def main() -> int:
    """Write the pages, or check them."""
    stale = [
        name
        for name, page in PAGES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text() != page()
    ]
    if "--check" not in sys.argv:
        for name in stale:
            (DOCS / name).write_text(PAGES[name]())
        return 0
    for name in stale:
        print(f"docs/{name} is stale: run python tools/write_docs.py")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
