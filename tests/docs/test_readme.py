"""The README's program runs and prints what the README says; its links and targets exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_program_prints_what_its_comments_say(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    expected = re.findall(r"^print\(.*\)  # (.*)$", program, re.MULTILINE)
    assert expected
    exec(compile(program, "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == expected


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"\bmake (\w+)", README))
    assert {"demo", "test", "bench"} <= targets
    makefile = (ROOT / "Makefile").read_text()
    assert [t for t in targets if not re.search(rf"^{t}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
